r"""Measure the gradient of `f` at `x`, one entry at a time. If $e_i$ is 1 at entry $i$ and 0
elsewhere, entry $i$ of the gradient is about

$$\frac{f(x + h\,e_i) - f(x - h\,e_i)}{2h}.$$

- `f` takes one array with the shape of `x` and returns one number. It may return a *view* of what
  it was given, which changes when that array changes.
- `x` may have any shape, also `()`; the gradient has the same.
- `x` is as before when you return, to the last bit.
- Whole numbers take no small step: if `x` holds integers, raise a `TypeError`.

For $f(x) = \sum x^3$, `x = [[1., 2.]]` and `h = 0.1` the answer is `[[3.01, 12.01]]`: the true
slopes are 3 and 12, and so wide a step costs 0.01.
"""

import numpy as np

from backprop_course.exercises.record import Case, Exercise

exercise = Exercise(
    title="Measure a gradient",
    number=2,
    points=2,
    minutes=20,
    level=2,
    outputs=("grad",),
    # Room for the rounding of a difference, 1e-16 / h, which depends on how the step is made.
    tolerance=1e-6,
    hints=(
        "One entry of the gradient takes two calls of f. In each of them only one entry of x "
        "differs from the original. np.ndindex(x.shape) yields the index of each entry, for every "
        "shape.",
        "Three slips are common: x is left changed, or brought back by adding and subtracting, "
        "which rounds; the step is divided once where the two points lie 2h apart; an array of "
        "integers swallows the step.",
        "First look at x.dtype: np.issubdtype(x.dtype, np.floating) tells whether small steps are "
        "possible. Make an array of zeros for the answer. For each index make a copy of x for each "
        "side, move that one entry by h up or down, call f on both, and divide the difference by "
        "the distance of the two points.",
    ),
)


@exercise.solution
def numerical_gradient(f, x, h=1e-5):
    """Return the gradient of f at x by central differences.

    Parameters
    ----------
    f : function
        Takes an array of the shape of ``x``, returns one number.
    x : ndarray of float, any shape
    h : float
        The step.

    Returns
    -------
    grad : ndarray of the shape of ``x``

    Raises
    ------
    TypeError
        If ``x`` does not hold floating-point numbers.
    """
    # BEGIN SOLUTION
    if not np.issubdtype(x.dtype, np.floating):
        raise TypeError(f"x holds {x.dtype}, which takes no small step")
    grad = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        above, below = x.copy(), x.copy()
        above[index] += h
        below[index] -= h
        grad[index] = (f(above) - f(below)) / (2 * h)
    return grad
    # END SOLUTION


# What is measured. Each function stands on its own and knows only NumPy.


def growth(x):
    return np.sum(np.exp(x)) * np.sum(x**2)


def cubes(x):
    return np.sum(np.array([1.0, -2.0, 1.5, -0.5]) * x**3) + x[0] * x[2]


def one_entry(x):
    # With the dots this is no number but a view, which lives in the memory of x.
    return x[1, 0, 2, ...]


@exercise.cases
def cases(rng):
    x = rng.uniform(0.4, 1.3, (2, 3))
    # From 0.6, a step up, two down and one up again do not lead back to 0.6: they round.
    x[0, 1] = 0.6
    yield Case((growth, x, 1e-5), sizes={"rows": 2, "columns": 3})
    x = rng.uniform(0.7, 1.3, 4)
    yield Case((cubes, x, 0.1), sizes={"entries": 4}, note="a wide step, h = 0.1")
    x = rng.normal(size=(2, 2, 3))
    yield Case((one_entry, x, 1e-5), note="f returns a view of one entry, and x has three axes")
    x = rng.uniform(0.4, 1.3, 5)
    yield Case((growth, x), sizes={"entries": 5}, note="h is not given, so 1e-5")
    x = np.array(rng.uniform(0.4, 1.3))
    yield Case((growth, x, 1e-5), note="x is a single number, of shape ()")
    x = rng.integers(1, 5, (3, 2))
    yield Case((growth, x, 1e-5), note="x holds integers", raises=TypeError)


def refuse_integers(x):
    if x.dtype.kind != "f":
        raise TypeError("x must be float")


@exercise.right
def with_unit_arrays(f, x, h=1e-5):
    refuse_integers(x)
    units = np.eye(x.size).reshape(x.size, *x.shape)
    slopes = [(f(x + h * e) - f(x - h * e)) / (2 * h) for e in units]
    return np.array(slopes).reshape(x.shape)


@exercise.right
def in_place_on_a_copy(f, x, h=1e-5):
    if not isinstance(x.flat[0], np.floating):
        raise TypeError
    point = x.copy()
    grad = np.empty(point.shape)
    for index, old in np.ndenumerate(x):
        point[index] = old + h
        above = float(f(point))
        point[index] = old - h
        below = float(f(point))
        point[index] = old
        grad[index] = (above - below) / h / 2
    return grad


@exercise.right
def along_a_flat_copy(f, x, h=1e-5):
    refuse_integers(x)
    grad = []
    for i in range(x.size):
        values = []
        for step in (h, -h):
            flat = x.flatten()
            flat[i] += step
            values.append(f(flat.reshape(x.shape)))
        grad.append((values[0] - values[1]) / (2 * h))
    return np.reshape(grad, x.shape)


def measure(f, x, slope):
    """Return ``slope(F, t)`` for each entry t, where F is f as a function of this entry alone."""
    refuse_integers(x)
    grad = np.zeros(x.shape)
    for index in np.ndindex(x.shape):

        def along(t, index=index):
            point = x.copy()
            point[index] = t
            return float(f(point))

        grad[index] = slope(along, x[index])
    return grad


one_sided = exercise.wrong(
    "one-sided",
    "You measure on one side only: the error shrinks with h, not with h squared. At h = 1e-5 that "
    "costs half of the digits that a check lives on; with the wide step you can see it. Step to "
    "both sides.",
)


@one_sided
def one_sided_above(f, x, h=1e-5):
    return measure(f, x, lambda F, t: (F(t + h) - F(t)) / h)


@one_sided
def one_sided_below(f, x, h=1e-5):
    return measure(f, x, lambda F, t: (F(t) - F(t - h)) / h)


@exercise.wrong(
    "factor-two",
    "Every entry is exactly twice too large. The two points lie on both sides of x: how far are "
    "they apart?",
)
def factor_two(f, x, h=1e-5):
    return 2 * numerical_gradient(f, x, h)


halved = exercise.wrong(
    "one-sided-halved",
    "Your entries are about half of the right ones. You go from x to one side only, which is a "
    "distance of h, and divide by 2h.",
)


@halved
def halved_above(f, x, h=1e-5):
    return measure(f, x, lambda F, t: (F(t + h) - F(t)) / (2 * h))


@halved
def halved_below(f, x, h=1e-5):
    return measure(f, x, lambda F, t: (F(t) - F(t - h)) / (2 * h))


@exercise.wrong(
    "parentheses-missing",
    "Your entries are far too small. Python works from left to right: dividing by 2 and then "
    "multiplying by h is what you get without parentheses around the distance 2h.",
)
def parentheses_missing(f, x, h=1e-5):
    return measure(f, x, lambda F, t: (F(t + h) - F(t - h)) / 2 * h)


@exercise.wrong(
    "not-divided",
    "You return the differences of f. A slope is a difference divided by the distance of the two "
    "points.",
)
def not_divided(f, x, h=1e-5):
    return measure(f, x, lambda F, t: F(t + h) - F(t - h))


@exercise.wrong(
    "sign",
    "Every entry has the wrong sign: you subtract the value above from the value below.",
)
def sign(f, x, h=1e-5):
    return -numerical_gradient(f, x, h)


@exercise.wrong(
    "all-moved-at-once",
    "All your entries are equal: you moved all of x at once. That measures the sum of all slopes. "
    "For one entry of the gradient, one entry of x moves and the others stay.",
)
def all_moved_at_once(f, x, h=1e-5):
    refuse_integers(x)
    return np.full(x.shape, (f(x + h) - f(x - h)) / (2 * h))


@exercise.wrong(
    "rows-moved",
    "Your loop runs over the first axis alone. For a matrix each step moves a whole row, and all "
    "entries of a row get the sum of their slopes; an array of shape () has no first axis at all. "
    "Go through every index of every axis.",
)
def rows_moved(f, x, h=1e-5):
    refuse_integers(x)
    grad = np.zeros(x.shape)
    for i in range(len(x)):
        above, below = x.copy(), x.copy()
        above[i] += h
        below[i] -= h
        grad[i] = (f(above) - f(below)) / (2 * h)
    return grad


@exercise.wrong(
    "two-axes-assumed",
    "Your loops expect a matrix. The same function should measure a bias with one axis and a "
    "kernel with four: np.ndindex goes through the indices of any shape.",
)
def two_axes_assumed(f, x, h=1e-5):
    refuse_integers(x)
    grad = np.zeros(x.shape)
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            above, below = x.copy(), x.copy()
            above[i, j] += h
            below[i, j] -= h
            grad[i, j] = (f(above) - f(below)) / (2 * h)
    return grad


@exercise.wrong(
    "flattened",
    "The numbers are right, but they stand in one long row. A gradient has the shape of its array, "
    "so that it can be subtracted from it.",
)
def flattened(f, x, h=1e-5):
    return numerical_gradient(f, x, h).reshape(-1)


@exercise.wrong(
    "memory-shared",
    "Where f returns a view, your gradient is 0. Both values of f live in the memory of the array "
    "that you moved, so at the end you compare that memory with itself. Give each call its own "
    "copy, or turn the value into a plain number at once.",
)
def memory_shared(f, x, h=1e-5):
    refuse_integers(x)
    grad, point = np.zeros(x.shape), x.copy()
    for index in np.ndindex(x.shape):
        old = x[index]
        point[index] = old + h
        above = f(point)
        point[index] = old - h
        below = f(point)
        point[index] = old
        grad[index] = (above - below) / (2 * h)
    return grad


@exercise.wrong(
    "not-moved-back",
    "You move the entries of the caller's x and do not move them back. Every later entry is "
    "measured at a point that is no longer x, and so is all that the caller does next.",
)
def not_moved_back(f, x, h=1e-5):
    refuse_integers(x)
    grad = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        x[index] += h
        above = float(f(x))
        x[index] -= 2 * h
        grad[index] = (above - float(f(x))) / (2 * h)
    return grad


@exercise.wrong(
    "moved-back-by-arithmetic",
    "The slopes are right, but x is not quite what it was. You brought it back by adding what you "
    "had subtracted, and each step rounds: 0.6 comes back as 0.5999999999999999. Keep the old "
    "value, or work on a copy.",
)
def moved_back_by_arithmetic(f, x, h=1e-5):
    refuse_integers(x)
    grad = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        x[index] += h
        above = float(f(x))
        x[index] -= 2 * h
        grad[index] = (above - float(f(x))) / (2 * h)
        x[index] += h
    return grad


accepted = exercise.wrong(
    "integers-accepted",
    "You return something for an x of integers. Such an array cuts off all that stands behind the "
    "point: a step of 0.00001 is lost or turns 3 into 2, and the slope comes out as 0 or as tens "
    "of thousands. Even if you turn x into floats first, whoever calls you does not learn that "
    "their x can take no small step in training either. Refuse.",
)


@accepted
def integers_cut_off(f, x, h=1e-5):
    grad = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        above, below = x.copy(), x.copy()
        above[index] = x[index] + h
        below[index] = x[index] - h
        grad[index] = (f(above) - f(below)) / (2 * h)
    return grad


@exercise.wrong(
    "step-ignored",
    "Right for h = 1e-5, but not for h = 0.1: there this formula is visibly off, the text says by "
    "how much, and you do not reproduce it. Is a step of your own written in your code, or another "
    "formula? Use the h that you are given.",
)
def step_ignored(f, x, h=1e-5):
    return numerical_gradient(f, x, 1e-5)


@exercise.wrong(
    "step-scaled",
    "You move each entry by h times its own size, and divide by 2h all the same. Divide by the "
    "distance that you really moved; here the step is plain h.",
)
def step_scaled(f, x, h=1e-5):
    return measure(f, x, lambda F, t: (F(t + h * t) - F(t - h * t)) / (2 * h))
