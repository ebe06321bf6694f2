"""The checker must pass what is right, and name what is wrong, for every seed."""

import warnings

import numpy as np
import pytest

from backprop_course.gradcheck import (
    NotComplexSafe,
    check_gradients,
    check_pair,
    complex_step_gradient,
    directional_derivative,
    numerical_gradient,
    relative_error,
)

SEEDS = range(40)


def relu(Z):
    return np.where(Z.real > 0, Z, 0)


def network(D=5, H=6, C=3, N=4, seed=0):
    """Return a two-layer network: its loss, its arrays and its right gradients."""
    rng = np.random.default_rng(seed)
    X, y = rng.normal(size=(N, D)), rng.integers(C, size=N)
    arrays = {
        "W1": rng.normal(size=(D, H)),
        "b1": rng.normal(size=H),
        "W2": rng.normal(size=(H, C)) / np.sqrt(H),
        "b2": rng.normal(size=C),
    }

    def loss(W1, b1, W2, b2):
        Z = relu(X @ W1 + b1) @ W2 + b2
        Z = Z - Z.max(axis=1, keepdims=True)
        return np.mean(np.log(np.sum(np.exp(Z), axis=1)) - Z[np.arange(N), y])

    Z1 = X @ arrays["W1"] + arrays["b1"]
    A1 = relu(Z1)
    E = np.exp(A1 @ arrays["W2"] + arrays["b2"])
    dZ2 = (E / E.sum(axis=1, keepdims=True) - np.eye(C)[y]) / N
    dZ1 = dZ2 @ arrays["W2"].T * (Z1 > 0)
    gradients = {"W1": X.T @ dZ1, "b1": dZ1.sum(0), "W2": A1.T @ dZ2, "b2": dZ2.sum(0)}
    return loss, arrays, gradients


def check_one(loss, x, gradient, **options):
    """Check a loss of one array and return its record."""
    (tensor,) = check_gradients(loss, {"x": x}, {"x": gradient}, **options).tensors
    return tensor


def quadratic(x):
    return np.sum(x**3)


# ---- slopes and gradients ------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (2, 1, 4), (0, 3)])
@pytest.mark.parametrize("method", [numerical_gradient, complex_step_gradient])
def test_gradient_of_any_shape(method, shape):
    x = np.random.default_rng(0).normal(size=shape)
    before = x.copy()
    gradient = method(quadratic, x)
    assert gradient.shape == shape
    assert np.allclose(gradient, 3 * x**2, rtol=1e-7, atol=1e-9)
    assert np.array_equal(x, before)


def test_the_complex_step_keeps_all_digits_and_central_differences_ten():
    x = np.random.default_rng(1).normal(size=20)
    truth = 3 * x**2
    assert relative_error(complex_step_gradient(quadratic, x), truth) < 1e-15
    assert 1e-13 < relative_error(numerical_gradient(quadratic, x), truth) < 1e-7


def test_numerical_gradient_is_central_and_uses_h():
    # For x cubed the central difference is exactly 3 x^2 + h^2, the one-sided one 3 x^2 + 3 x h.
    gradient = numerical_gradient(quadratic, np.array([2.0]), h=0.5)
    assert gradient == pytest.approx(12.25, abs=1e-12)


def test_a_function_that_returns_a_view_of_its_input_is_measured_rightly():
    x = np.array([[3.0, 4.0]])
    for method in (numerical_gradient, complex_step_gradient):
        assert np.allclose(method(lambda x: x[0, 1:], x), [[0.0, 1.0]])
        assert np.allclose(method(lambda x: x.reshape(-1)[0], x), [[1.0, 0.0]])
    assert np.allclose(numerical_gradient(lambda x: x, np.array([3.0])), [1.0])


def test_a_function_that_writes_into_its_input_does_no_harm():
    def f(x):
        x *= 2
        return np.sum(x**2)

    x = np.array([1.0, 2.0])
    for method in (numerical_gradient, complex_step_gradient):
        assert np.allclose(method(f, x), [8.0, 16.0])
    assert np.allclose(directional_derivative(f, x, np.array([1.0, 1.0])), 24.0)
    assert np.array_equal(x, [1.0, 2.0])


@pytest.mark.parametrize("method", [numerical_gradient, complex_step_gradient])
@pytest.mark.parametrize("x", [np.arange(3), 3, [1, 2], np.array([True]), np.array([1j])])
def test_integers_are_refused(method, x):
    with pytest.raises(TypeError, match=r"x is (int|bool|complex).*float64"):
        method(np.sum, x)


def test_numerical_gradient_keeps_float32_for_the_lesson_on_rounding():
    gradient = numerical_gradient(quadratic, np.array([1.0, 2.0], np.float32), h=1e-2)
    assert gradient.dtype == np.float32
    assert relative_error(gradient, np.array([3.0, 12.0])) > 1e-5


def test_a_function_that_returns_an_array_is_refused():
    with pytest.raises(ValueError, match=r"one number, not an array of shape \(3,\)"):
        numerical_gradient(lambda x: x, np.ones(3))


def into_float_buffer(x):
    buffer = np.zeros(x.shape)
    buffer[...] = x**2
    return buffer.sum()


def refuses_complex(x):
    return np.sum(np.logaddexp(0, x))


def overflows(x):
    """tanh of x, by a way that is inf / inf for complex numbers whose real part is large."""
    if np.iscomplexobj(x):
        x = x * 1e6
    return np.sum(np.sinh(x) / np.cosh(x))


# Each with its right gradient at a point without zeros, and what complex input does.
NOT_COMPLEX_SAFE = {
    "abs": (lambda x: np.sum(np.abs(x)), np.sign, "came back real"),
    "norm": (lambda x: np.linalg.norm(x), lambda x: x / np.linalg.norm(x), "came back real"),
    "var": (lambda x: np.var(x), lambda x: 2 * (x - x.mean()) / x.size, "came back real"),
    "float": (lambda x: float(2 * x[1]), lambda x: np.array([0.0, 2.0, 0.0]), "raised "),
    "buffer": (into_float_buffer, lambda x: 2 * x, "raised ComplexWarning"),
    "raises": (refuses_complex, lambda x: 1 / (1 + np.exp(-x)), "raised TypeError"),
    "overflow": (overflows, lambda x: np.cosh(x) ** -2, "gave a number that is not finite"),
}
POINT = np.array([1.0, -2.0, 0.5])


@pytest.mark.parametrize("name", NOT_COMPLEX_SAFE)
def test_complex_step_gradient_refuses_what_is_not_complex_safe(name):
    f, _, reason = NOT_COMPLEX_SAFE[name]
    with pytest.raises(NotComplexSafe, match=f"complex input {reason}"):
        complex_step_gradient(f, POINT)


@pytest.mark.parametrize("f", [quadratic, lambda x: np.sum(x.real**3)])
def test_directional_derivative_is_the_sum_of_v_times_gradient(f):
    rng = np.random.default_rng(2)
    x, v = rng.normal(size=(2, 3)), rng.normal(size=(2, 3))
    assert directional_derivative(f, x, v) == pytest.approx(np.sum(3 * x**2 * v), rel=1e-7)
    assert directional_derivative(f, x, 0 * v) == 0
    with pytest.raises(ValueError, match=r"\(2, 3\), but v has \(3,\)"):
        directional_derivative(f, x, v[0])


@pytest.mark.parametrize(
    ("a", "b", "error"),
    [
        (0.0, 0.0, 0.0),
        (1.0, 0.0, 1.0),
        (-1.0, 1.0, 2.0),
        ([1.0, 0.0, 8.0], [1.0, 0.0, 10.0], 0.2),
        ([1e-20], [3e-20], 2 / 3),
        ([], [], 0.0),
        (np.arange(3), np.arange(3), 0.0),
        (np.uint8(3), np.uint8(4), 0.25),
    ],
)
def test_relative_error(a, b, error):
    result = relative_error(np.array(a), np.array(b))
    assert isinstance(result, float)
    assert result == pytest.approx(error)


def test_relative_error_of_nan_is_nan_and_shapes_must_be_equal():
    for bad in (np.nan, np.inf):
        assert np.isnan(relative_error(np.array([1.0, bad]), np.array([1.0, 1.0])))
    with pytest.raises(ValueError, match=r"\(3,\), but b has shape \(1, 3\)"):
        relative_error(np.ones(3), np.ones((1, 3)))


# ---- check_gradients: what is right passes -------------------------------------------------------


def test_right_gradients_agree_to_thirteen_digits_for_every_seed():
    for seed in SEEDS:
        loss, arrays, gradients = network(seed=seed)
        report = check_gradients(loss, arrays, gradients, seed=seed)
        assert report and report.ok
        assert [tensor.name for tensor in report.tensors] == list(arrays)
        for tensor in report.tensors:
            assert tensor.shape == arrays[tensor.name].shape
            assert tensor.method == "complex step"
            assert tensor.relative_error < 1e-13
            assert tensor.entry is tensor.got is tensor.expected is None


def test_one_call_of_the_loss_an_array_and_few_more_to_name_one_entry_of_ten_thousand():
    loss, arrays, gradients = network(D=64, H=132, C=10, N=16)
    calls = []

    def counted(**tensors):
        calls.append(1)
        return loss(**tensors)

    assert sum(array.size for array in arrays.values()) == 9910
    assert check_gradients(counted, arrays, gradients)
    assert len(calls) == 4
    gradients["W1"][3, 7] += 1e-3
    assert not check_gradients(counted, arrays, gradients)
    assert len(calls) < 60


def test_the_direction_depends_on_the_seed_and_no_entry_of_it_is_small():
    seen = []

    def loss(x):
        seen.append(x.imag / 1e-30)
        return np.sum(x)

    for seed in (0, 0, 1):
        assert check_one(loss, np.ones((20, 30)), np.ones((20, 30)), seed=seed).ok
    first, again, other = seen
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    assert np.all((np.abs(first) >= 0.49) & (np.abs(first) <= 1.51))
    assert 0.4 < np.mean(first > 0) < 0.6


def test_arrays_stay_as_they_are_even_if_the_loss_writes_into_them():
    loss, arrays, gradients = network()

    def careless(**tensors):
        value = loss(**tensors)
        for array in tensors.values():
            array *= 0
        return value

    before = {name: array.copy() for name, array in arrays.items()}
    assert check_gradients(careless, arrays, gradients)
    assert not check_gradients(careless, arrays, {**gradients, "W1": gradients["W1"] + 1})
    assert all(np.array_equal(arrays[name], before[name]) for name in arrays)


def test_extra_gradients_are_no_matter():
    loss, arrays, gradients = network()
    frozen = {name: arrays[name] for name in ("W2", "b2")}
    assert check_gradients(
        lambda W2, b2: loss(arrays["W1"], arrays["b1"], W2, b2), frozen, gradients
    )


def test_numbers_count_as_arrays_without_axes():
    def loss(x, W, b, y):
        return (x * W + b - y) ** 2 / 2

    arrays = {"x": 2.0, "W": 3.0, "b": 1.0, "y": 10.0}
    gradients = {"x": -9.0, "W": -6.0, "b": -3.0, "y": 3.0}
    assert check_gradients(loss, arrays, gradients)
    report = check_gradients(loss, arrays, {**gradients, "W": 6.0})
    assert not report
    assert (report.tensors[1].got, report.tensors[1].expected) == (6.0, -6.0)


def test_arrays_that_share_memory_are_checked_apart():
    memory = np.arange(1.0, 6.0)
    arrays = {"a": memory[:3], "b": memory[2:], "c": memory[::-2]}
    gradients = {"a": arrays["b"] * arrays["c"], "b": arrays["a"] * arrays["c"]}
    gradients["c"] = arrays["a"] * arrays["b"]
    assert check_gradients(lambda a, b, c: np.sum(a * b * c), arrays, gradients)
    assert np.array_equal(memory, np.arange(1.0, 6.0))


def test_a_gradient_that_is_the_array_itself_is_compared_and_not_fooled():
    x = np.array([1.0, 2.0, 3.0])
    assert check_one(lambda x: np.sum(x**2) / 2, x, x).ok
    assert not check_one(lambda x: np.sum(x**2), x, x).ok
    assert check_one(lambda x: x[1:2], x, np.array([0.0, 1.0, 0.0])).ok


def test_zero_over_zero_agrees_and_is_called_zero():
    x = np.array([1.0, 2.0])
    for loss in (lambda x: 0 * np.sum(x), lambda x: 7.0, lambda x: np.sum(0 * x) + 5):
        tensor = check_one(loss, x, np.zeros(2))
        assert tensor.ok
        assert tensor.relative_error == 0
    assert check_one(lambda x: 0 * np.sum(x), x, np.zeros(2)).note.startswith("every entry is 0")
    assert check_one(lambda x: np.sum(x), np.zeros((0, 3)), np.zeros((0, 3))).ok


def test_rounding_where_the_true_gradient_is_zero_is_no_mistake():
    rng = np.random.default_rng(3)
    for seed in SEEDS:
        Z = rng.normal(size=(6, 4))
        weights = rng.normal(size=(6, 4))

        def loss(x, Z=Z, weights=weights):  # a bias before a mean is subtracted: no slope at all
            out = Z + x
            return np.sum(weights * (out - out.mean(axis=0)) ** 3)

        tensor = check_one(loss, rng.normal(size=4), rng.normal(size=4) * 1e-16, seed=seed)
        assert tensor.ok
        assert "up to rounding" in tensor.note


@pytest.mark.parametrize("size_of_loss", [1e-12, 1.0, 1e12])
@pytest.mark.parametrize("size_of_x", [1e-6, 1.0, 1e6])
def test_units_do_not_matter(size_of_loss, size_of_x):
    x = size_of_x * np.random.default_rng(4).normal(size=(6, 5))

    def loss(x):
        return size_of_loss * np.sum((x / size_of_x) ** 3)

    gradient = size_of_loss * 3 * (x / size_of_x) ** 2 / size_of_x
    assert check_one(loss, x, gradient).relative_error < 1e-13
    gradient[2, 3] *= 1 + 1e-6
    assert check_one(loss, x, gradient).entry == (2, 3)


# ---- check_gradients: what is wrong is caught, and named -----------------------------------------


def test_one_entry_of_ten_thousand_off_by_a_ten_thousandth_is_named():
    loss, arrays, gradients = network(D=64, H=132, C=10, N=16)
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        rows, columns = np.nonzero(gradients["W1"])
        pick = rng.integers(rows.size)
        entry = int(rows[pick]), int(columns[pick])
        wrong = gradients["W1"].copy()
        wrong[entry] *= 1 + 1e-4
        report = check_gradients(loss, arrays, {**gradients, "W1": wrong}, seed=seed)
        first, *others = report.tensors
        assert not report
        assert (first.ok, first.entry) == (False, entry)
        assert first.got == wrong[entry]
        assert first.expected == pytest.approx(gradients["W1"][entry], rel=1e-12)
        assert first.relative_error == pytest.approx(1e-4, rel=1e-3)
        assert first.note == "no other entry is wrong"
        assert all(tensor.ok for tensor in others)


def zeroed_row(gradient, rng):
    row = rng.integers(len(gradient))
    wrong = gradient.copy()
    wrong[row] = 0
    return wrong, f"all wrong entries are in row {row}"


def zeroed_column(gradient, rng):
    column = rng.integers(gradient.shape[1])
    wrong = gradient.copy()
    wrong[:, column] = 0
    return wrong, f"all wrong entries are in column {column}"


def a_thousandth_too_large(gradient, rng):
    return gradient * 1.001, "every entry is 1.001 times the right one"


def sign(gradient, rng):
    return -gradient, "every entry is -1 times the right one"


def divided_by_four(gradient, rng):
    return gradient / 4, "every entry is 0.25 times the right one"


def zero(gradient, rng):
    return 0 * gradient, "every entry is 0 times the right one"


def transposed(gradient, rng):
    return gradient.T.copy(), ""


def one_entry(gradient, rng):
    entry = tuple(rng.integers(gradient.shape))
    wrong = gradient.copy()
    wrong[entry] += 1e-4 * np.abs(gradient).max()
    return wrong, "no other entry is wrong"


def constant_added(gradient, rng):
    return gradient + 1e-4 * np.abs(gradient).max(), ""


PLANTED = [
    zeroed_row,
    zeroed_column,
    a_thousandth_too_large,
    sign,
    divided_by_four,
    zero,
    transposed,
    one_entry,
    constant_added,
]


@pytest.mark.parametrize("plant", PLANTED)
@pytest.mark.parametrize("method", ["complex step", "central differences"])
def test_planted_mistakes_are_caught_and_named_for_every_seed(plant, method):
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        X, W, dout = (rng.normal(size=shape) for shape in [(4, 5), (5, 5), (4, 5)])

        def loss(x, X=X, dout=dout):
            if method == "central differences":
                x = x.astype(float)  # drops the imaginary part
            return np.sum(dout * np.tanh(X @ x))

        right = X.T @ (dout * (1 - np.tanh(X @ W) ** 2))
        assert check_one(loss, W, right, seed=seed).ok
        wrong, note = plant(right, rng)
        tensor = check_one(loss, W, wrong, seed=seed)
        assert not tensor.ok
        assert tensor.method == method
        assert wrong[tensor.entry] != right[tensor.entry]
        assert tensor.got == wrong[tensor.entry]
        assert tensor.expected == pytest.approx(right[tensor.entry], rel=1e-5, abs=1e-9)
        assert tensor.relative_error == pytest.approx(
            relative_error(tensor.got, tensor.expected), rel=1e-12
        )
        if method == "complex step":
            assert tensor.note == note


@pytest.mark.parametrize("shape", [(), (7,), (1, 6), (6, 1), (2, 3, 4), (2, 2, 3, 3)])
def test_the_entry_is_named_in_any_shape(shape):
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        x, entry = rng.normal(size=shape), tuple(int(rng.integers(size)) for size in shape)
        gradient = np.array(3 * x**2)
        gradient[entry] += 0.01
        tensor = check_one(quadratic, x, gradient, seed=seed)
        assert tensor.entry == entry
        assert tensor.got == gradient[entry]


def test_the_shape_of_a_gradient_is_compared_in_words():
    loss, arrays, gradients = network()
    gradients["b1"] = gradients["b1"][None, :]
    gradients["W2"] = gradients["W2"].T
    report = check_gradients(loss, arrays, gradients)
    assert [tensor.ok for tensor in report.tensors] == [True, False, False, True]
    assert report.tensors[1].note == "its shape is (1, 6), but b1 has shape (6,)"
    assert "its shape is (3, 6), but W2 has shape (6, 3)" in str(report)


def test_a_missing_gradient_is_said_to_be_missing():
    loss, arrays, gradients = network()
    del gradients["W1"]
    gradients["b2"] = None
    report = check_gradients(loss, arrays, gradients)
    assert [tensor.ok for tensor in report.tensors] == [False, True, True, False]
    assert {report.tensors[i].note for i in (0, 3)} == {"the gradient is missing"}


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_nan_and_infinity_in_a_gradient_are_named(bad):
    loss, arrays, gradients = network()
    gradients["W2"][4, 1] = bad
    tensor = check_gradients(loss, arrays, gradients).tensors[2]
    assert (tensor.ok, tensor.entry) == (False, (4, 1))
    assert f"at [4, 1]: got {bad}, expected " in tensor.verdict()
    assert np.isfinite(tensor.expected) and tensor.expected != 0


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_loss_that_is_not_finite_is_named(bad):
    tensor = check_one(lambda x: np.sum(x) * bad, np.ones(3), np.ones(3))
    assert not tensor.ok
    assert tensor.note.startswith(f"the loss is {bad}")


@pytest.mark.parametrize("dtype", [int, np.float32, np.float16, complex, bool])
def test_only_float64_is_accepted(dtype):
    loss, arrays, gradients = network()
    kind = np.dtype(dtype).name
    with pytest.raises(TypeError, match=f"^W2 is {kind}, .*float64"):
        check_gradients(loss, {**arrays, "W2": arrays["W2"].astype(dtype)}, gradients)
    with pytest.raises(TypeError, match=f"^dW2 is {kind}, .*float64"):
        check_gradients(loss, arrays, {**gradients, "W2": gradients["W2"].astype(dtype)})


def test_nothing_to_check_is_an_error_and_not_a_pass():
    with pytest.raises(ValueError, match="nothing to check"):
        check_gradients(lambda: 0.0, {}, {})


def test_a_mistake_in_the_loss_itself_comes_through():
    with pytest.raises(KeyError, match="no such"):
        check_one(lambda x: {}["no such"], np.ones(3), np.ones(3))
    with pytest.raises(ValueError, match=r"one number, not an array of shape \(3,\)"):
        check_one(lambda x: x**2, np.ones(3), np.ones(3))


# ---- functions that are not complex-safe ---------------------------------------------------------


@pytest.mark.parametrize("name", NOT_COMPLEX_SAFE)
def test_central_differences_step_in_and_the_report_says_so(name):
    loss, gradient, reason = NOT_COMPLEX_SAFE[name]
    for seed in SEEDS:
        tensor = check_one(loss, POINT, gradient(POINT), seed=seed)
        assert tensor.ok
        assert tensor.method == "central differences"
        assert tensor.note.startswith(f"by central differences: complex input {reason}")
        wrong = gradient(POINT) + np.array([0.0, 0.0, 1e-3])
        tensor = check_one(loss, POINT, wrong, seed=seed)
        assert (tensor.ok, tensor.entry) == (False, (2,))
        assert tensor.method == "central differences"


def silently_unsafe(x):
    return np.sum(x**2) + 0.1 * np.sum(np.abs(x))


def test_a_loss_that_loses_a_part_of_its_slope_silently_is_found_out():
    for seed in SEEDS:
        x = np.random.default_rng(seed).normal(size=(4, 5))
        gradient = 2 * x + 0.1 * np.sign(x)
        tensor = check_one(silently_unsafe, x, gradient, seed=seed)
        assert tensor.ok
        assert tensor.method == "central differences"
        assert tensor.note == "by central differences: the complex step gives another slope"
        gradient[1, 2] *= 1.01
        tensor = check_one(silently_unsafe, x, gradient, seed=seed)
        assert (tensor.ok, tensor.entry) == (False, (1, 2))


def test_the_step_of_central_differences_fits_large_entries_and_many_entries():
    large = 1e8 * np.array([1.0, -2.0, 0.5])
    many = np.full(10_000, 1e-5)
    for seed in SEEDS:
        tensor = check_one(lambda x: np.sum(np.abs(x) ** 2), large, 2 * large, seed=seed)
        assert (tensor.ok, tensor.method) == (True, "central differences")
        slope = np.full(10_000, 5 * np.cos(0.5))
        tensor = check_one(lambda x: np.abs(np.sin(5 * np.sum(x))), many, slope, seed=seed)
        assert (tensor.ok, tensor.method) == (True, "central differences")


def test_the_rulers_are_not_said_to_differ_where_only_rounding_does():
    rng = np.random.default_rng(0)
    for seed in SEEDS:
        weights = rng.normal(size=30)
        x = rng.normal(size=30)
        x -= weights * (weights @ x) / (weights @ weights)  # the loss is 0, its terms are not
        tensor = check_one(lambda x, w=weights: np.sum(w * x), x, np.zeros(30), seed=seed)
        assert (tensor.ok, tensor.method) == (False, "complex step")


def test_warnings_of_the_complex_probe_stay_inside():
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert check_one(into_float_buffer, POINT, 2 * POINT).ok
    assert not caught


# ---- kinks ---------------------------------------------------------------------------------------


def xor_at_the_kink(activation):
    """Return loss, arrays, gradients of XOR with zero biases: the row (0, 0) is on the kink."""
    rng = np.random.default_rng(0)
    X, target = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]), rng.normal(size=(4, 1))
    arrays = {"W": rng.normal(size=(2, 6)), "b": np.zeros(6), "V": rng.normal(size=(6, 1))}

    def loss(W, b, V):
        return np.sum((activation(X @ W + b) @ V - target) ** 2) / 2

    Z = X @ arrays["W"]
    A = relu(Z)
    dout = A @ arrays["V"] - target
    dZ = dout @ arrays["V"].T * (Z > 0)
    return loss, arrays, {"W": X.T @ dZ, "b": dZ.sum(axis=0), "V": A.T @ dout}


def test_relu_at_exactly_zero_agrees_if_it_decides_by_the_real_part():
    loss, arrays, gradients = xor_at_the_kink(relu)
    for seed in SEEDS:
        report = check_gradients(loss, arrays, gradients, seed=seed)
        assert report
        assert all(tensor.method == "complex step" for tensor in report.tensors)
    central = numerical_gradient(lambda b: loss(**{**arrays, "b": b}), arrays["b"])
    assert relative_error(central, gradients["b"]) > 0.1


def test_a_wrong_gradient_at_a_kink_is_not_excused():
    loss, arrays, gradients = xor_at_the_kink(relu)
    for seed in SEEDS:
        wrong = {**gradients, "b": gradients["b"] + np.eye(6)[2]}
        tensor = check_gradients(loss, arrays, wrong, seed=seed).tensors[1]
        assert (tensor.ok, tensor.method, tensor.entry) == (False, "complex step", (2,))


def test_a_kink_that_the_gradient_takes_otherwise_is_pointed_out():
    loss, arrays, gradients = xor_at_the_kink(lambda Z: np.maximum(Z, 0))
    report = check_gradients(loss, arrays, gradients)
    assert not report
    assert report.tensors[1].note == "the loss has a kink here: check at a point beside it"


# ---- randomness ----------------------------------------------------------------------------------


def test_numpys_global_generator_is_frozen_and_left_as_it_was():
    def loss(x):
        return np.sum(x**2 * np.random.random(x.shape))  # noqa: NPY002

    x = np.arange(1.0, 9.0)
    for seed in SEEDS:
        np.random.seed(seed)  # noqa: NPY002
        mask = np.random.random(x.shape)  # noqa: NPY002
        np.random.seed(seed)  # noqa: NPY002
        assert check_one(loss, x, 2 * x * mask, seed=seed).ok
        tensor = check_one(loss, x, 2 * x * mask + np.eye(8)[5], seed=seed)
        assert (tensor.ok, tensor.entry) == (False, (5,))
        assert np.array_equal(np.random.random(x.shape), mask)  # noqa: NPY002


def test_the_global_generator_is_left_as_it_was_when_the_loss_fails():
    def loss(x):
        np.random.random()  # noqa: NPY002
        raise KeyError("late")

    np.random.seed(1)  # noqa: NPY002
    after = np.random.random()  # noqa: NPY002
    np.random.seed(1)  # noqa: NPY002
    with pytest.raises(KeyError):
        check_one(loss, np.ones(2), np.ones(2))
    assert np.random.random() == after  # noqa: NPY002


def test_a_loss_that_changes_from_call_to_call_is_named():
    rng = np.random.default_rng(0)
    x = np.ones(5)
    tensor = check_one(lambda x: np.sum(x * rng.random(5)), x, np.full(5, 0.5))
    assert not tensor.ok
    assert tensor.note == "the loss changes from call to call: its random numbers must be fixed"


# ---- the report ----------------------------------------------------------------------------------


def test_the_report_is_a_small_table_without_rounding_noise():
    texts = set()
    for seed in range(5):
        loss, arrays, gradients = network()
        gradients["W1"] *= 4
        del gradients["b2"]
        report = check_gradients(loss, arrays, gradients)
        texts.add(str(report))
        assert repr(report) == str(report)
        lines = str(check_gradients(loss, arrays, network()[2], seed=seed)).splitlines()
        assert lines == [
            "Gradient check passed: 4 of 4 agree.",
            "  dW1  (5, 6)  agrees (below 1e-12)",
            "  db1  (6,)    agrees (below 1e-12)",
            "  dW2  (6, 3)  agrees (below 1e-12)",
            "  db2  (3,)    agrees (below 1e-12)",
        ]
    (text,) = texts
    head, first, note, *middle, last, missing = text.splitlines()
    assert head == "Gradient check failed: 2 of 4 agree."
    assert first.startswith("  dW1  (5, 6)  WRONG at [")
    assert note == "               every entry is 4 times the right one"
    assert [line[:15] for line in middle] == ["  db1  (6,)    ", "  dW2  (6, 3)  "]
    assert last == "  db2  (3,)    WRONG"
    assert missing == "               the gradient is missing"
    assert max(map(len, text.splitlines())) < 100


def test_what_should_be_zero_is_printed_as_zero():
    tensor = check_one(
        lambda x: (
            np.sum((x - x.mean()) ** 0) + 0 * np.sum(x) + np.sin(x[0]) - np.sin(x[0] + 2 * np.pi)
        ),
        np.array([1.0, 2.0]),
        np.array([0.5, 0.0]),
    )
    assert tensor.verdict() == "WRONG at [0]: got 0.5, expected 0"


def test_the_tolerance_can_be_chosen():
    x = np.array([1.0, 2.0])
    gradient = 3 * x**2 * (1 + 1e-6)
    assert not check_one(quadratic, x, gradient).ok
    tensor = check_one(quadratic, x, gradient, tolerance=1e-4)
    assert tensor.ok
    assert tensor.verdict() == "agrees (below 1e-06)"


def test_a_factor_that_rounds_to_one_is_not_printed():
    x = np.array([1.0, 2.0, 3.0])
    tensor = check_one(quadratic, x, 3 * x**2 * (1 + 1e-7))
    assert (tensor.ok, tensor.note) == (False, "")


# ---- check_pair ----------------------------------------------------------------------------------


def linear_forward(X, W, b):
    return X @ W + b, (X, W)


def linear_backward(dout, cache):
    X, W = cache
    return dout @ W.T, X.T @ dout, dout.sum(axis=0)


def squared_error_forward(A, target):
    return np.mean(np.sum((A - target) ** 2, axis=1)) / 2, (A, target)


def squared_error_backward(dout, cache):
    A, target = cache
    return dout * (A - target) / len(A)


def cross_entropy_forward(Z, y, *, scale=1.0):
    Z = Z - Z.max(axis=1, keepdims=True)
    logP = Z - np.log(np.exp(Z).sum(axis=1, keepdims=True))
    return -scale * np.mean(logP[np.arange(len(y)), y]), (logP, y, scale)


def cross_entropy_backward(dout, cache):
    logP, y, scale = cache
    return dout * scale * (np.exp(logP) - np.eye(logP.shape[1])[y]) / len(y)


def embedding_forward(indices, W):
    return W[indices], (indices, W.shape)


def embedding_backward(dout, cache):
    indices, shape = cache
    dW = np.zeros(shape)
    np.add.at(dW, indices, dout)
    return dW


def dropout_forward(X, *, rng):
    mask = rng.random(X.shape) < 0.5
    return X * mask, mask


def dropout_backward(dout, mask):
    return dout * mask


def normals(*shapes, seed=0):
    rng = np.random.default_rng(seed)
    return [rng.normal(size=shape) for shape in shapes]


LINEAR = [(5, 4), (4, 3), (3,)]


def test_right_pairs_pass_for_every_seed():
    y = np.array([0, 2, 1, 2, 2])
    for seed in SEEDS:
        X, W, b, target = normals(*LINEAR, (5, 4), seed=seed)
        reports = [
            check_pair(linear_forward, linear_backward, X, W, b, seed=seed),
            check_pair(squared_error_forward, squared_error_backward, X, target, seed=seed),
            check_pair(cross_entropy_forward, cross_entropy_backward, X, y, seed=seed, scale=3.0),
            check_pair(embedding_forward, embedding_backward, y, X, seed=seed),
        ]
        assert all(reports)
        names = [[tensor.name for tensor in report.tensors] for report in reports]
        assert names == [["X", "W", "b"], ["A"], ["Z"], ["W"]]
        for report in reports:
            assert all(tensor.relative_error < 1e-13 for tensor in report.tensors)
            assert all(tensor.method == "complex step" for tensor in report.tensors)


def without_upstream(dout, cache):
    return linear_backward(np.ones_like(dout), cache)


def divided_by_upstream(dout, cache):
    return linear_backward(1 / dout, cache)


def bias_averaged(dout, cache):
    dX, dW, db = linear_backward(dout, cache)
    return dX, dW, db / len(dout)


def bias_not_summed(dout, cache):
    dX, dW, _ = linear_backward(dout, cache)
    return dX, dW, dout


def bias_keeps_its_row(dout, cache):
    dX, dW, db = linear_backward(dout, cache)
    return dX, dW, db[None, :]


def bias_forgotten(dout, cache):
    return linear_backward(dout, cache)[:2]


def weights_are_none(dout, cache):
    dX, _, db = linear_backward(dout, cache)
    return dX, None, db


def order_exchanged(dout, cache):
    dX, dW, db = linear_backward(dout, cache)
    return dW, dX, db


@pytest.mark.parametrize(
    ("backward", "wrong", "words"),
    [
        (without_upstream, "X W b", "backward ignores dout"),
        (divided_by_upstream, "X W b", "does not give twice as much"),
        (bias_averaged, "b", "every entry is 0.2 times the right one"),
        (bias_not_summed, "b", "its shape is (5, 3), but b has shape (3,)"),
        (bias_keeps_its_row, "b", "its shape is (1, 3), but b has shape (3,)"),
        (bias_forgotten, "b", "the gradient is missing"),
        (weights_are_none, "W", "the gradient is missing"),
        (order_exchanged, "X W", "its shape is (4, 3), but X has shape (5, 4)"),
    ],
)
def test_wrong_backward_functions_are_caught_for_every_seed(backward, wrong, words):
    for seed in SEEDS:
        report = check_pair(linear_forward, backward, *normals(*LINEAR, seed=seed), seed=seed)
        assert not report
        assert [tensor.name for tensor in report.tensors if not tensor.ok] == wrong.split()
        assert words in str(report)


def test_transposed_square_weights_are_caught_for_every_seed():
    for seed in SEEDS:
        X, W, b = normals((5, 4), (4, 4), (4,), seed=seed)

        def backward(dout, cache):
            dX, dW, db = linear_backward(dout, cache)
            return dX, dW.T, db

        report = check_pair(linear_forward, backward, X, W, b, seed=seed)
        tensor = report.tensors[1]
        assert [t.ok for t in report.tensors] == [True, False, True]
        assert tensor.entry[0] != tensor.entry[1]


def test_a_scalar_loss_that_ignores_dout_is_caught():
    def backward(dout, cache):
        return squared_error_backward(1.0, cache)

    for seed in SEEDS:
        A, target = normals((5, 4), (5, 4), seed=seed)
        report = check_pair(squared_error_forward, backward, A, target, seed=seed)
        assert not report.tensors[0].ok
        assert "backward ignores dout" in str(report)


def relu_forward(Z):
    return relu(Z), Z


def masks_dout_in_place(dout, Z):
    dout[Z <= 0] = 0
    return dout


def writes_into_the_cached_input(dout, cache):
    grads = linear_backward(dout, cache)
    cache[0][:] = 0
    return grads


def forward_writes(X, W, b):
    X -= X.mean()
    return linear_forward(X, W, b)


def test_writing_into_what_was_passed_in_is_caught_and_does_no_harm():
    X, W, b = normals(*LINEAR)
    before = X.copy()
    report = check_pair(relu_forward, masks_dout_in_place, X)
    assert not report
    assert report.problems == ["backward writes into dout"]
    assert report.tensors[0].ok
    report = check_pair(linear_forward, writes_into_the_cached_input, X, W, b)
    assert not report
    assert "backward writes into X" in report.problems
    assert all(tensor.ok for tensor in report.tensors)
    report = check_pair(forward_writes, linear_backward, X, W, b)
    assert not report
    assert report.problems == ["forward writes into X"]
    assert "but forward writes into X" in str(report)
    assert np.array_equal(X, before)


def test_an_integer_argument_that_is_written_to_is_caught_too():
    def forward(indices, W):
        out = embedding_forward(indices.copy(), W)
        indices[0] = 0
        return out

    indices = np.array([2, 1])
    report = check_pair(forward, embedding_backward, indices, *normals((3, 4)))
    assert report.problems == ["forward writes into indices"]
    assert report.tensors[0].ok
    assert np.array_equal(indices, [2, 1])


def test_a_nan_in_an_input_is_not_taken_for_a_change():
    def forward(X, weights):
        return X * np.nan_to_num(weights), weights

    def backward(dout, weights):
        return dout * np.nan_to_num(weights)

    assert check_pair(forward, backward, *normals((3,)), np.array([1.0, np.nan, 2.0]))


def test_a_backward_that_spoils_its_cache_is_caught():
    def backward(dout, cache):
        logP, y, _ = cache
        logP[np.arange(len(y)), y] += 1  # right the first time, wrong the second
        return dout * (np.exp(logP - np.eye(logP.shape[1])[y]) - np.eye(logP.shape[1])[y]) / len(y)

    report = check_pair(
        cross_entropy_forward, backward, *normals((5, 4)), np.array([0, 2, 1, 2, 2])
    )
    assert report.tensors[0].ok
    assert not report
    assert "does not give twice as much" in str(report)


def test_random_generators_among_the_settings_start_afresh_in_each_call():
    X = normals((6, 5))[0]
    rng = np.random.default_rng(7)
    for seed in SEEDS:
        assert check_pair(dropout_forward, dropout_backward, X, seed=seed, rng=rng)
    assert rng.random() == np.random.default_rng(7).random()
    assert not check_pair(dropout_forward, lambda dout, mask: dout, X, rng=rng)


def test_a_pair_that_draws_from_the_global_generator_is_frozen():
    def forward(X):
        mask = np.random.random(X.shape) < 0.5  # noqa: NPY002
        return X * mask, mask

    X = normals((6, 5))[0]
    np.random.seed(3)  # noqa: NPY002
    after = np.random.random()  # noqa: NPY002
    np.random.seed(3)  # noqa: NPY002
    assert check_pair(forward, dropout_backward, X)
    assert np.random.random() == after  # noqa: NPY002


def test_a_backward_that_uses_one_buffer_again_is_right():
    buffer = np.empty((4, 3))

    def backward(dout, Z):
        return np.multiply(dout, Z > 0, out=buffer)

    assert check_pair(relu_forward, backward, *normals((4, 3)))


def test_outputs_may_be_several():
    def forward(x, y):
        return (x * y, np.sum(x)), (x, y)

    def backward(dout, cache):
        (dproduct, dsum), (x, y) = dout, cache
        return dproduct * y + dsum, dproduct * x

    def one_path_lost(dout, cache):
        (dproduct, _), (x, y) = dout, cache
        return dproduct * y, dproduct * x

    def writes(dout, cache):
        answer = backward(dout, cache)
        dout[0][:] = 0
        return answer

    for seed in SEEDS:
        x, y = normals((4,), (4,), seed=seed)
        assert check_pair(forward, backward, x, y, seed=seed)
        report = check_pair(forward, one_path_lost, x, y, seed=seed)
        assert [tensor.ok for tensor in report.tensors] == [False, True]
        assert check_pair(forward, writes, x, y).problems == ["backward writes into dout"]


def test_outputs_may_be_views_and_arguments_the_same_array():
    X = normals((4, 4))[0]
    assert check_pair(lambda X: (X.T, None), lambda dout, cache: dout.T, X)
    assert check_pair(lambda X: (X, None), lambda dout, cache: dout, X)

    def product_backward(dout, cache):
        A, B = cache
        return dout @ B.T, A.T @ dout

    assert check_pair(lambda A, B: (A @ B, (A, B)), product_backward, X, X)


def test_plain_numbers_are_arguments_too():
    def forward(x, w, b):
        return np.tanh(x * w + b), (x, w, b)

    def backward(dout, cache):
        x, w, b = cache
        dz = dout * (1 - np.tanh(x * w + b) ** 2)
        return dz * w, dz * x, dz

    assert check_pair(forward, backward, 0.5, -1.5, 0.25)


def test_a_pair_refuses_what_it_cannot_check():
    X, W, b = normals(*LINEAR)
    with pytest.raises(TypeError, match=r"^W is float32, .*float64"):
        check_pair(linear_forward, linear_backward, X, W.astype(np.float32), b)
    with pytest.raises(TypeError, match="3 gradients, but the float64 arguments are W, b"):
        check_pair(linear_forward, linear_backward, np.ones((5, 4), int), W, b)
    with pytest.raises(TypeError, match="float64 arguments are none"):
        check_pair(relu_forward, lambda dout, Z: dout, np.array([1, -2]))
    with pytest.raises(TypeError, match="returns two things: out, cache"):
        check_pair(lambda X: relu(X), lambda dout, Z: dout, X)
    with pytest.raises(TypeError, match=r"^dZ is float32"):
        check_pair(relu_forward, lambda dout, Z: dout.astype(np.float32), X)


def test_lists_and_other_things_may_be_arguments():
    def forward(X, shifts, mode):
        assert mode == "sum"
        return X + sum(shifts), None

    shifts = [np.ones(2), 1.0]
    assert check_pair(forward, lambda dout, cache: dout, *normals((3, 2)), shifts, "sum")


def test_arguments_without_names_are_numbered():
    def forward(*tensors):
        return sum(tensors), None

    report = check_pair(forward, lambda dout, cache: (dout, dout), *normals((3,), (3,)))
    assert report
    assert [tensor.name for tensor in report.tensors] == ["tensors", "argument1"]
