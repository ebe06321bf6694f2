"""Each signature knows its mistake, and is silent as soon as one entry is off by a thousandth."""

from dataclasses import replace

import numpy as np
import pytest

from backprop_course.grading import signatures, slopes
from backprop_course.grading.signatures import INVARIANTS, SIGNATURES, Look

# Three cases with sizes all different, in which no size stands for another.
SIZES = ({"N": 5, "D": 4, "M": 3}, {"N": 7, "D": 3, "M": 6}, {"N": 4, "D": 6, "M": 5})


def inputs_of(sizes, rng):
    N, D, M = sizes.values()
    return {
        "dout": rng.normal(size=(N, M)),
        "Z": rng.normal(size=(N, M)),
        "X": rng.normal(size=(N, D)),
        "W": rng.normal(size=(D, D)),
        "scale": float(rng.uniform(0.2, 0.8)),
    }


def looks_of(right, wrong, seed=0):
    """Return the looks at an answer: right and wrong are functions of the inputs."""
    rng = np.random.default_rng(seed)
    looks = []
    for sizes in SIZES:
        inputs = inputs_of(sizes, rng)

        def solve(inputs=inputs, **other):
            if not other.keys() <= inputs.keys():
                raise KeyError("no such argument")
            return np.asarray(right(**(inputs | other)))

        got = np.asarray(wrong(**inputs))
        looks.append(Look("dA", got, solve(), inputs, sizes, 1e-7, solve))
    return looks


def first_fit(looks):
    """Return the name that the table gives, signatures before laws."""
    for signature in SIGNATURES + INVARIANTS:
        evidence = signature(looks)
        if evidence:
            return signature.__name__, evidence
    return None, None


def find(name):
    return getattr(signatures, name, None) or getattr(slopes, name)


def relu(dout, Z, **_):
    return dout * (Z > 0)


def tanh_slope(dout, Z, **_):
    return dout * (1 - np.tanh(Z) ** 2)


def weights(dout, X, **_):
    return X.T @ dout


def square(dout, Z, **_):
    return dout.T @ Z


def bias(dout, **_):
    return dout.sum(axis=0)


def per_row(dout, Z, **_):
    return (dout * Z).sum(axis=1)


def softmax(dout, Z, **_):
    P = np.exp(Z) / np.exp(Z).sum(axis=1, keepdims=True)
    return P * (dout - (dout * P).sum(axis=1, keepdims=True))


def softmax_bent(dout, Z, **_):
    P = np.exp(Z) / np.exp(Z).sum(axis=1, keepdims=True)
    return dout * P * (1 - P**2)


def normalised(Z, **_):
    return Z - Z.mean(axis=1, keepdims=True)


def outer(dout, X, **_):
    return X[:, :, None] * dout[:, None, :]


def shifted(Z, X, **_):
    return X[:, :1] + Z[0]


def log_probabilities(Z, **_):
    Z = 20 * Z
    return Z - np.logaddexp.reduce(Z, axis=1, keepdims=True)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def leaky(dout, Z, scale, **_):
    return dout * np.where(Z > 0, 1, scale)


# signature: the right function, the wrong one, and the mistake's name
EXAMPLES = {
    "all_zeros": (weights, lambda dout, X, **_: np.zeros((X.T @ dout).shape), "all-zeros"),
    "input_returned": (relu, lambda dout, **_: dout, "input-returned"),
    "upstream_ignored": (tanh_slope, lambda Z, **_: 1 - np.tanh(Z) ** 2, "upstream-ignored"),
    "upstream_twice": (
        tanh_slope,
        lambda dout, Z, **_: dout**2 * (1 - np.tanh(Z) ** 2),
        "upstream-twice",
    ),
    "upstream_divided": (
        tanh_slope,
        lambda dout, Z, **_: (1 - np.tanh(Z) ** 2) / dout,
        "upstream-divided",
    ),
    "input_ignored": (leaky, lambda dout, Z, **_: dout * (Z > 0), "input-ignored"),
    "wrong_input_used": (relu, lambda dout, **_: dout * (dout > 0), "wrong-input-used"),
    "averaged": (bias, lambda dout, **_: dout.mean(axis=0), "averaged"),
    "wrong_axis": (bias, lambda dout, **_: dout.sum(axis=1), "wrong-axis"),
    "transposed": (weights, lambda dout, X, **_: dout.T @ X, "transposed"),
    "in_another_order_of_axes": (
        outer,
        lambda dout, X, **_: outer(dout, X).transpose(1, 0, 2),
        "axes-exchanged",
    ),
    "wrong_shape": (weights, lambda dout, X, **_: (X.T @ dout)[None], "wrong-shape"),
    "not_summed": (per_row, lambda dout, Z, **_: dout * Z, "not-summed"),
    "summed_too_much": (per_row, lambda dout, Z, **_: (dout * Z).sum(), "summed-too-much"),
    "spread_over_pairs": (
        lambda dout, Z, **_: dout[:, 0] - Z[:, 0],
        lambda dout, Z, **_: dout[:, 0] - Z[:, :1],
        "spread-over-pairs",
    ),
    "in_reverse": (weights, lambda dout, X, **_: (X.T @ dout)[::-1], "reversed"),
    "reordered": (
        weights,
        lambda dout, X, **_: (X.T @ dout).T.reshape((X.T @ dout).shape),
        "reordered",
    ),
    "wrong_sign": (weights, lambda dout, X, **_: -X.T @ dout, "sign"),
    "constant_factor": (weights, lambda dout, X, **_: X.T @ dout * len(X), "factor-batch-size"),
    "wrong_zeros": (
        relu,
        lambda dout, Z, **_: dout * (Z > 0.3),
        "zeros-extra",
    ),
    "some_signs": (weights, lambda dout, X, **_: np.abs(X.T @ dout), "some-signs"),
    "input_negated": (
        lambda dout, Z, **_: Z + 2 * dout,
        lambda dout, Z, **_: 2 * dout - Z,
        "input-negated",
    ),
    "input_as_factor": (relu, lambda dout, Z, **_: dout * Z * (Z > 0), "factor-z"),
    "constant_offset": (weights, lambda dout, X, **_: X.T @ dout + 0.25, "constant-offset"),
    "integer_result": (
        lambda dout, X, **_: 10 * X.T @ dout,
        lambda dout, X, **_: (10 * X.T @ dout).astype(int),
        "integer-result",
    ),
    "another_slope": (
        tanh_slope,
        lambda dout, Z, **_: dout * sigmoid(Z) * sigmoid(-Z),
        "slope-of-sigmoid",
    ),
    "slope_as_factor": (
        relu,
        lambda dout, Z, **_: dout * (Z > 0) * (1 - np.tanh(Z) ** 2),
        "factor-slope-of-tanh",
    ),
    "function_of_an_input": (tanh_slope, lambda Z, **_: np.tanh(Z), "tanh-returned"),
    "function_of_the_right": (
        weights,
        lambda dout, X, **_: np.exp(X.T @ dout),
        "exp-of-result",
    ),
    "function_first": (softmax, lambda dout, Z, **_: softmax(dout, np.tanh(Z)), "tanh-first"),
    "input_clipped": (
        lambda Z, **_: 30 * Z @ np.ones(Z.shape[1]),
        lambda Z, **_: 30 * np.clip(Z, -1, 1) @ np.ones(Z.shape[1]),
        "input-clipped",
    ),
    "input_scaled": (shifted, lambda Z, X, **_: shifted(len(X) * Z, X), "input-times-batch-size"),
    "input_transposed": (
        lambda W, **_: W @ W @ W.T,
        lambda W, **_: W.T @ W.T @ W,
        "input-transposed",
    ),
    "one_example_alone": (
        weights,
        lambda dout, X, **_: np.outer(X[0], dout[0]),
        "first-row-only",
    ),
    "rows_mixed": (
        weights,
        lambda dout, X, **_: np.outer(X.sum(axis=0), dout.sum(axis=0)),
        "rows-added-first",
    ),
    "input_left_out_in_part": (
        lambda X, Z, **_: X[:, :1] + Z,
        lambda X, Z, **_: X[:, :1] + Z * (np.arange(len(Z)) % 2)[:, None],
        "input-ignored-in-part",
    ),
    "running_total": (
        weights,
        lambda dout, X, **_: np.cumsum(X.T @ dout, axis=1),
        "running-total",
    ),
    "repeated": (
        weights,
        lambda dout, X, **_: np.full((X.T @ dout).shape, (X.T @ dout).mean(axis=0)),
        "mean-repeated",
    ),
    "ceiling": (
        log_probabilities,
        lambda Z, **_: np.log(np.exp(log_probabilities(Z)) + 1e-4),
        "ceiling",
    ),
    "rows_not_zero": (softmax, softmax_bent, "rows-not-zero"),
}


def test_every_signature_has_an_example():
    assert list(EXAMPLES) == [one.__name__ for one in SIGNATURES + INVARIANTS]
    assert all(one.__doc__ for one in SIGNATURES + INVARIANTS)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("name", EXAMPLES)
def test_a_signature_knows_its_mistake(name, seed):
    right, wrong, mistake = EXAMPLES[name]
    fitting, evidence = first_fit(looks_of(right, wrong, seed))
    assert (fitting, evidence[0]) == (name, mistake)


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_signature_is_silent_if_one_entry_differs(name):
    right, wrong, _ = EXAMPLES[name]
    looks = looks_of(right, wrong)
    for place in range(len(looks)):
        got = np.array(looks[place].got, dtype=float)
        entry = np.argmax(np.abs(got)) if got.flat[0] == 0 else 0
        got.flat[entry] += 1e-3 * max(1.0, np.abs(got).max())
        near = [*looks[:place], replace(looks[place], got=got), *looks[place + 1 :]]
        signature = find(name)
        if signature in INVARIANTS:
            continue
        assert signature(near) is None


def test_a_law_is_silent_if_it_is_kept():
    def shifted(dout, Z, **_):
        return np.roll(softmax(dout, Z), 1, axis=1)

    assert signatures.rows_not_zero(looks_of(softmax, shifted)) is None
    # Here the right rows do not sum to zero, so there is no law to break.
    assert signatures.rows_not_zero(looks_of(tanh_slope, softmax)) is None


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_signature_is_silent_on_noise(name):
    right, _, _ = EXAMPLES[name]
    noise = np.random.default_rng(1)

    def wrong(**inputs):
        return right(**inputs) * noise.uniform(0.5, 1.5, np.shape(right(**inputs)))

    looks = looks_of(right, wrong)
    if find(name) in SIGNATURES:
        assert find(name)(looks) is None


# Factors.


@pytest.mark.parametrize(
    "factor, mistake, words",
    [
        (
            lambda s, k: s["N"],
            "factor-batch-size",
            "exactly 5 times too large, and your batch has 5",
        ),
        (lambda s, k: 1 / s["N"], "divided-by-batch-size", "exactly 5 times too small"),
        (lambda s, k: 1 / s["D"], "divided-by-d", "4 times too small, and D is 4"),
        (lambda s, k: s["M"], "factor-m", "3 times too large, and M is 3"),
        (lambda s, k: 2.0, "factor-two", "2 times too large"),
        (lambda s, k: 0.5, "factor-half", "2 times too small"),
        (lambda s, k: 1 / (s["N"] * s["M"]), "divided-by-batch-size-and-m", "N times M is 15"),
        (lambda s, k: s["M"] / s["N"], "factor-m-over-batch-size", "M over N"),
        (
            lambda s, k: s["N"] ** 2,
            "factor-batch-size-squared",
            "25 times too large, and N times N",
        ),
        (lambda s, k: k, "factor-scale", "and scale is"),
        (lambda s, k: k * k, "factor-scale-squared", "scale times scale is"),
        (lambda s, k: 0.3, "constant-factor", "3.333 times too small in every entry."),
        (lambda s, k: -3.5, "constant-factor", "-3.5 times the right values"),
    ],
)
def test_a_factor_is_named(factor, mistake, words):
    def wrong(dout, X, scale, **_):
        (N, M), D = dout.shape, X.shape[1]
        return X.T @ dout * factor({"N": N, "D": D, "M": M}, scale)

    name, sentence = signatures.constant_factor(looks_of(weights, wrong))
    assert name == mistake
    assert words in sentence


def test_a_factor_that_may_be_two_things_is_not_explained():
    looks = looks_of(weights, lambda dout, X, **_: X.T @ dout * len(X))
    looks = [replace(look, sizes=look.sizes | {"C": look.sizes["N"]}) for look in looks]
    name, sentence = signatures.constant_factor(looks)
    assert name == "constant-factor"
    assert "batch" not in sentence


def test_one_number_proves_no_factor():
    def loss(dout, **_):
        return (dout**2).sum()

    looks = looks_of(loss, lambda dout, **_: 0.3 * (dout**2).sum())
    # In three cases the same factor: enough. In one alone any number is a multiple of another.
    assert signatures.constant_factor(looks)[0] == "constant-factor"
    assert signatures.constant_factor(looks[:1]) is None


# Zeros, axes and laws in their variants.


def test_zeros_in_all_three_ways():
    def named(wrong):
        return signatures.wrong_zeros(looks_of(relu, wrong))[0]

    assert named(lambda dout, Z, **_: dout) == "zeros-missing"
    assert named(lambda dout, Z, **_: dout * (Z > 0.3)) == "zeros-extra"
    assert named(lambda dout, Z, **_: dout * (np.abs(Z) < 0.8)) == "wrong-zeros"


def test_softmax_down_the_columns():
    def columns(Z, **_):
        return Z - Z.mean(axis=0)

    looks = [
        replace(look, inputs={"Z": look.inputs["Z"]}) for look in looks_of(normalised, columns)
    ]
    assert signatures.wrong_axis(looks)[0] == "wrong-axis"


def test_a_mean_that_is_missing():
    def mean(dout, Z, **_):
        return (dout * Z).mean(axis=1)

    assert signatures.not_summed(looks_of(mean, lambda dout, Z, **_: dout * Z))[0] == "not-averaged"


def test_columns_that_should_sum_to_zero():
    def centred(dout, **_):
        return dout - dout.mean(axis=0)

    looks = looks_of(centred, lambda dout, **_: np.tanh(dout))
    name, sentence = signatures.rows_not_zero(looks)
    assert name == "columns-not-zero"
    assert sentence.startswith("Each column of the right dA sums to 0; column ")


def test_a_prediction_that_makes_no_sense_is_no_evidence():
    looks = looks_of(weights, bias)

    def nonsense(look):
        raise ZeroDivisionError

    assert not signatures.always(looks, nonsense)
    assert not signatures.always(looks, lambda look: look.inputs["nothing"])
    assert not signatures.always(looks, lambda look: look.solve(nothing=1))
