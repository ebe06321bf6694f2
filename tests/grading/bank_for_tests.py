"""Small exercises in the form of the bank, for the tests of the judge."""

import numpy as np

from backprop_course.exercises.record import Case, Exercise, Formula, Question


def _made(name, points=4, hints=("look here", "this kind", "nearly"), **more):
    exercise = Exercise(
        title=name, number=1, points=points, minutes=5, level=1, hints=hints, **more
    )
    exercise.name = name
    return exercise


# Three arrays, as in a linear layer, with two listed wrong answers.

linear = _made("small_linear", outputs=("dX", "dW", "db"))


@linear.solution
def small_linear(dout, X, W):
    return dout @ W.T, X.T @ dout, dout.sum(axis=0)


@linear.cases
def linear_cases(rng):
    for N, D, M, note in ((5, 4, 3, ""), (3, 4, 4, "W is square"), (1, 2, 3, "one row")):
        yield Case(
            (rng.normal(size=(N, M)), rng.normal(size=(N, D)), rng.normal(size=(D, M))),
            sizes={"N": N, "D": D, "M": M},
            note=note,
        )


@linear.wrong("bias-averaged", "Your db is a mean, exactly {N} times too small.")
def bias_averaged(dout, X, W):
    dX, dW, _ = small_linear(dout, X, W)
    return dX, dW, dout.mean(axis=0)


@linear.wrong("weights-not-transposed", "W was not transposed on the way to dX.")
def weights_not_transposed(dout, X, W):
    _, dW, db = small_linear(dout, X, W)
    return dout @ W, dW, db


@linear.wrong("input-for-dout", "You used X where dout belongs.")
def input_for_dout(dout, X, W):
    dX, _, _ = small_linear(dout, X, W)
    return dX, X.T @ X, X.sum(axis=0)


# Numbers, one of them tiny.

scalar = _made("small_scalar", outputs=("loss", "dx"))


@scalar.solution
def small_scalar(x, w):
    return w * np.exp(-x), -w * np.exp(-x)


@scalar.cases
def scalar_cases(rng):
    for x in (0.5, 2.0, 140.0):
        yield Case((x, float(rng.uniform(1, 2))), note="far out" if x > 100 else "")


# A dict, a list of arrays, a list of dicts.

structures = _made("small_structures", outputs=("loss", "grads", "layers"))


@structures.solution
def small_structures(params, caches):
    grads = {name: 2 * value for name, value in params.items()}
    return 1.5, grads, [cache["Z"] + 1 for cache in caches]


@structures.cases
def structures_cases(rng):
    params = {"W1": rng.normal(size=(2, 3)), "b1": rng.normal(size=3)}
    caches = [{"Z": rng.normal(size=(2, 3))}, {"Z": rng.normal(size=(3, 4))}]
    yield Case((params, caches), sizes={"N": 2})


# A dict whose keys differ from case to case.

many = _made("small_many", outputs=("d",))


@many.solution
def small_many(values):
    return {name: 2 * value for name, value in values.items()}


@many.cases
def many_cases(rng):
    for names in ("abc", "pqrstuvw"):
        yield Case(({name: float(rng.uniform(1, 2)) for name in names},), sizes={"N": len(names)})


# A result that has many right forms, seen through observe.

order = _made("small_order", outputs=("order",))


@order.solution
def small_order(n, rng):
    yield from (int(i) for i in rng.permutation(n))


@order.cases
def order_cases(rng):
    for n in (5, 8):
        yield Case((n, np.random.default_rng(rng.integers(100))), sizes={"N": n})


@order.observe
def observe(result, n, rng):
    return {"numbers": sorted(result), "how many": len(result)}


# An input that must be refused.

refusing = _made("small_refusing", outputs=("y",))


@refusing.solution
def small_refusing(x):
    if x.dtype.kind != "f":
        raise TypeError("floats only")
    return 2 * x


@refusing.cases
def refusing_cases(rng):
    yield Case((rng.normal(size=4),))
    yield Case((np.arange(3),), raises=TypeError, note="x holds integers")


# float32 comes in.

single = _made("small_single", outputs=("y",))


@single.solution
def small_single(x):
    return np.tanh(x)


@single.cases
def single_cases(rng):
    yield Case((rng.normal(size=(4, 3)),), sizes={"N": 4})
    yield Case((rng.normal(size=(4, 3)).astype(np.float32),), sizes={"N": 4}, note="float32")


# A softmax, for laws and for nan.

softmax = _made("small_softmax", outputs=("P",))


@softmax.solution
def small_softmax(Z):
    odds = np.exp(Z - Z.max(axis=1, keepdims=True))
    return odds / odds.sum(axis=1, keepdims=True)


@softmax.cases
def softmax_cases(rng):
    yield Case((rng.normal(size=(4, 3)),), sizes={"N": 4, "C": 3})
    yield Case((rng.normal(size=(2, 5)) + 900,), sizes={"N": 2, "C": 5}, note="large logits")


# An argument with a default, which one case leaves out.

slope = _made("small_slope", outputs=("dZ",))


@slope.solution
def small_slope(dout, Z, slope=0.01):
    return dout * np.where(Z > 0, 1, slope)


@slope.cases
def slope_cases(rng):
    yield Case((rng.normal(size=(4, 3)), rng.normal(size=(4, 3))), sizes={"N": 4})
    yield Case((rng.normal(size=(3, 5)), rng.normal(size=(3, 5)), 0.2), sizes={"N": 3})


# An exercise that cannot be solved.

broken = _made("small_broken", outputs=("y",))


@broken.solution
def small_broken(x):
    raise RuntimeError("no solution")


@broken.cases
def broken_cases(rng):
    yield Case((1.0,))


# A formula and two questions.

formula = Formula(
    title="dW",
    number=2,
    points=1,
    minutes=3,
    level=1,
    hints=("shapes",),
    symbol="dW",
    answer="X.T @ dout",
)


@formula.cases
def formula_cases(rng):
    for N, D, M in ((5, 4, 3), (3, 4, 4)):
        names = {"X": rng.normal(size=(N, D)), "dout": rng.normal(size=(N, M))}
        yield Case((names,), sizes={"N": N, "D": D, "M": M})


formula.wrong("factor-batch-size", "X.T @ dout / N", "Exactly {N} times too small.")
formula.wrong("not-transposed", "X @ dout", "X needs its other side in front.")

choice = Question(
    title="sign",
    number=3,
    points=1,
    minutes=1,
    level=1,
    hints=("think",),
    choices={"a": "up", "b": "down", "c": "neither"},
    answer="b",
    because="It goes down.",
)
choice.name = "09.q1"
choice.wrong("sign", "a", "The other way.")
choice.wrong("no-effect", "c", "Something moves.")

amount = Question(
    title="slope",
    number=4,
    points=2,
    minutes=1,
    level=1,
    hints=("think",),
    answer=-6.0,
    because="Three factors.",
)
amount.name = "09.q2"
amount.wrong("sign", 6, "The sign is turned.")
