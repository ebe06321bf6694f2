r"""To check every entry of a gradient takes two calls of `f` for each entry. A random direction
takes two calls in all, and a wrong entry anywhere shifts its slope.

1. Direction: `v = rng.normal(size=x.shape)`, divided by its length $\sqrt{\sum v^2}$.
2. Measured slope along $v$: the central difference $(f(x + hv) - f(x - hv)) / 2h$ with
   $h = 10^{-5}$.
3. Predicted slope: the sum of all entries of `grad` times `v`.

Return the relative difference of the two, $|m - p| / \max(|m|, |p|)$, as one number; 0 if both
slopes are 0. `x` and `grad` have one shape, any, and stay as they are.

For $f(x) = \sum x^2$, `x = [1., 2.]` and the wrong `grad = [4., 8.]` the answer is 0.5, whatever
the direction: every predicted slope is twice the measured one. With `[2., 4.]` it is below 1e-8.
"""

import numpy as np

from backprop_course.exercises.record import Case, Exercise

exercise = Exercise(
    title="One random direction",
    number=6,
    points=2,
    minutes=15,
    level=3,
    outputs=("difference",),
    # Two ways to write the same central difference agree to about nine digits.
    tolerance=1e-5,
    hints=(
        "Three numbers in a row: the length of the drawn v, the measured slope, the predicted "
        "slope. Print them for the example in the text before you combine them.",
        "For a matrix, the sum of all products of entries is not a matrix product. And the last "
        "division is the one of relative_error: what if both slopes are 0?",
        "np.sqrt(np.sum(v**2)) is the length, for any shape. The predicted slope is np.sum of an "
        "entry-wise product. Divide the absolute difference of the slopes by the larger of their "
        "absolute values, unless that is 0.",
    ),
)


@exercise.solution
def directional_check(f, grad, x, rng):
    """Return how far a gradient is from the measured slope along one random direction.

    Parameters
    ----------
    f : function
        Takes an array of the shape of ``x``, returns one number.
    grad : ndarray of the shape of ``x``
        The gradient to be checked.
    x : ndarray of float, any shape
    rng : numpy.random.Generator
        Draws the direction.

    Returns
    -------
    difference : float
        From 0 (the slopes agree) to 2 (opposite signs).
    """
    # BEGIN SOLUTION
    h = 1e-5
    v = rng.normal(size=x.shape)
    v = v / np.sqrt(np.sum(v**2))
    measured = (f(x + h * v) - f(x - h * v)) / (2 * h)
    predicted = np.sum(grad * v)
    larger = max(abs(measured), abs(predicted))
    return float(abs(measured - predicted) / larger) if larger > 0 else 0.0
    # END SOLUTION


# What is measured. Each function stands on its own, knows only NumPy, and takes complex numbers.


def growth(x):
    return np.sum(np.exp(x))


def faint_growth(x):
    return 0.01 * growth(x)


def nothing(x):
    return 0 * np.sum(x) + 3.0


@exercise.cases
def cases(rng):
    # The first case is asked twice, so it should be one whose answer depends on the direction.
    x, v, draw = _point(rng, (3, 2))
    grad = np.exp(x)
    grad.flat[np.argmin(v)] = 0.0
    yield Case((growth, grad, x, draw), note="one entry of the gradient is lost")
    x, _, draw = _point(rng, (2, 3))
    yield Case((growth, np.exp(x), x, draw), note="a right gradient")
    x, _, draw = _point(rng, (5,), downhill=True)
    yield Case((growth, 2 * np.exp(x), x, draw), note="a gradient twice too large")
    x, _, draw = _point(rng, (2, 2, 2))
    yield Case((growth, np.flip(np.exp(x)), x, draw), note="entries have changed places")
    x, _, draw = _point(rng, (3,), downhill=True)
    faint = 0.005 * np.exp(x)
    yield Case((faint_growth, faint, x, draw), note="a faint slope, a gradient half as large")
    x, _, draw = _point(rng, (4,))
    yield Case((nothing, np.zeros(4), x, draw), note="f does not depend on x")


def _point(rng, shape, downhill=False):
    """Draw x, and a generator whose direction v sees the slope of growth at x well.

    The slope is no accident of cancellation, and the curve bends enough to tell a one-sided
    difference from a central one. Some entry of v is well below 0. Uphill or downhill decides
    whether a gradient too large predicts more or less than what is measured.
    """
    while True:
        x, seed = rng.uniform(-1.0, 1.0, shape), int(rng.integers(1000, 1_000_000))
        v = np.random.default_rng(seed).normal(size=shape)
        v = v / np.linalg.norm(v)
        grad = np.exp(x)
        slope, bend = np.sum(grad * v) * (-1 if downhill else 1), np.sum(grad * v**2)
        if 0.2 * np.linalg.norm(grad) < slope < 2 * bend and v.min() < -0.2:
            return x, v, np.random.default_rng(seed)


@exercise.observe
def observe(result, f, grad, x, rng):
    """The difference, where what is as small as the rounding of the slopes counts as 0."""
    difference = float(result)
    return {"difference": 0.0 if abs(difference) < 2e-8 else difference}


@exercise.right
def by_the_complex_step(f, grad, x, rng):
    v = rng.standard_normal(x.shape)
    v /= np.linalg.norm(v)
    measured, predicted = np.imag(f(x + 1e-30j * v)) / 1e-30, np.vdot(grad, v)
    if measured == predicted:
        return 0.0
    return abs(measured - predicted) / max(abs(measured), abs(predicted))


@exercise.right
def along_a_line(f, grad, x, rng):
    v = rng.normal(size=x.size).reshape(x.shape)
    v = v / np.sum(v * v) ** 0.5

    def F(t):
        return f(x + t * v)

    slopes = np.array([(F(1e-5) - F(-1e-5)) / 2e-5, grad.ravel() @ v.ravel()])
    size = np.abs(slopes).max()
    return np.abs(np.diff(slopes))[0] / (size or 1.0)


def unit(rng, shape):
    v = rng.normal(size=shape)
    return v / np.linalg.norm(v)


def slope(f, x, v, h=1e-5):
    return (f(x + h * v) - f(x - h * v)) / (2 * h)


def apart(measured, predicted):
    larger = max(abs(measured), abs(predicted))
    return abs(measured - predicted) / larger if larger > 0 else 0.0


def along(f, grad, x, v):
    return apart(slope(f, x, v), np.sum(grad * v))


@exercise.wrong(
    "ones-for-random",
    "Your direction is all ones. Along it only the sum of the gradient's entries counts: entries "
    "in the wrong places, or errors that cancel, go unseen. Draw the direction.",
)
def ones_for_random(f, grad, x, rng):
    v = np.ones(x.shape)
    return along(f, grad, x, v / np.linalg.norm(v))


@exercise.wrong(
    "along-the-gradient",
    "Your direction is the gradient that is to be checked. It shows only what it claims itself: "
    "where it has lost an entry, its own direction never moves that entry, and the check agrees. "
    "Let rng draw the direction.",
)
def along_the_gradient(f, grad, x, rng):
    length = np.linalg.norm(grad)
    return along(f, grad, x, grad / length) if length > 0 else 0.0


own_seed = exercise.wrong(
    "fixed-seed",
    "Your direction does not come from the rng that you were given but from one of your own, with "
    "a fixed seed: it is the same at every call, so a second check would add nothing. Draw from "
    "the caller's rng, which goes on from call to call.",
)
for seed in (0, 1, 42):
    own_seed(
        lambda f, grad, x, rng, seed=seed: along(
            f, grad, x, unit(np.random.default_rng(seed), x.shape)
        )
    )


@exercise.wrong(
    "positive-only",
    "All entries of your direction are positive: you draw them from 0 to 1. It leans toward "
    "all ones, so errors of opposite sign tend to cancel. The text draws with rng.normal, "
    "which prefers no direction.",
)
def positive_only(f, grad, x, rng):
    v = rng.random(x.shape)
    return along(f, grad, x, v / np.linalg.norm(v))


@exercise.wrong(
    "uniform-drawn",
    "You draw the entries evenly from -1 to 1. That would do as a check, but it is another draw "
    "than the one in the text, so the numbers cannot be compared; rng.normal has the added "
    "virtue that it prefers no direction at all.",
)
def uniform_drawn(f, grad, x, rng):
    v = rng.uniform(-1, 1, x.shape)
    return along(f, grad, x, v / np.linalg.norm(v))


@exercise.wrong(
    "one-entry-only",
    "You move a single entry of x, drawn at random. That checks this entry and no other: one lost "
    "entry among 6,400 would be found once in 6,400 calls. Move all entries, each by its own "
    "random share.",
)
def one_entry_only(f, grad, x, rng):
    v = np.zeros(x.shape)
    v.flat[rng.integers(x.size)] = 1.0
    return along(f, grad, x, v)


@exercise.wrong(
    "absolute-difference",
    "You return the difference of the two slopes, without anything to compare it with. Whether "
    "0.01 is much depends on how steep f is: divide by the larger of the two slopes.",
)
def absolute_difference(f, grad, x, rng):
    v = unit(rng, x.shape)
    return abs(slope(f, x, v) - np.sum(grad * v))


@exercise.wrong(
    "divided-by-measured",
    "You divide by the measured slope alone. A gradient twice too large would get 1 instead of "
    "0.5, and where f is flat you divide by 0. The larger of the two is asked for.",
)
def divided_by_measured(f, grad, x, rng):
    v = unit(rng, x.shape)
    measured = slope(f, x, v)
    return abs(measured - np.sum(grad * v)) / abs(measured) if measured else 0.0


@exercise.wrong(
    "summed-denominator",
    "You divide by the sum of the two sizes. Some courses do; here the larger of them is asked "
    "for, so that a lost gradient gives 1 and an opposite one 2.",
)
def summed_denominator(f, grad, x, rng):
    v = unit(rng, x.shape)
    measured, predicted = slope(f, x, v), np.sum(grad * v)
    total = abs(measured) + abs(predicted)
    return abs(measured - predicted) / total if total else 0.0


signed = exercise.wrong(
    "signed",
    "Your difference can be negative, and whoever asks whether it is below a limit lets every "
    "negative one pass. How far apart the slopes are has no sign.",
)


@signed
def signed_measured_first(f, grad, x, rng):
    v = unit(rng, x.shape)
    measured, predicted = slope(f, x, v), np.sum(grad * v)
    return (measured - predicted) / (max(abs(measured), abs(predicted)) or 1.0)


@signed
def signed_predicted_first(f, grad, x, rng):
    return -signed_measured_first(f, grad, x, rng)


@exercise.wrong(
    "sizes-signed",
    "You divide by the larger of the two slopes where their sizes are asked for. Downhill both are "
    "negative, and your difference with them: whoever asks whether it is below a limit lets every "
    "downhill direction pass.",
)
def sizes_signed(f, grad, x, rng):
    v = unit(rng, x.shape)
    measured, predicted = slope(f, x, v), np.sum(grad * v)
    return abs(measured - predicted) / (max(measured, predicted) or 1.0)


@exercise.wrong(
    "zero-by-zero",
    "Where f does not depend on x both slopes are 0, and 0/0 is nan. They agree, so the answer "
    "there is 0.",
)
def zero_by_zero(f, grad, x, rng):
    v = unit(rng, x.shape)
    measured, predicted = slope(f, x, v), np.sum(grad * v)
    return np.abs(measured - predicted) / np.maximum(np.abs(measured), np.abs(predicted))


@exercise.wrong(
    "factor-two",
    "Your measured slope is twice too large, so a right gradient gets 0.5 and one that is twice "
    "too large passes. How far are the two points apart?",
)
def factor_two(f, grad, x, rng):
    v = unit(rng, x.shape)
    return apart(2 * slope(f, x, v), np.sum(grad * v))


@exercise.wrong(
    "not-divided",
    "You compare the difference of f itself with the predicted slope. It has to be divided by the "
    "distance of the two points first; as it is, everything seems to be about 100 % off.",
)
def not_divided(f, grad, x, rng):
    v = unit(rng, x.shape)
    return apart(2e-5 * slope(f, x, v), np.sum(grad * v))


one_sided = exercise.wrong(
    "one-sided",
    "A right gradient is off by some 1e-6 in your check: you measure on one side only, and the "
    "curve bends. Then a limit tight enough to catch small mistakes would also catch right "
    "gradients. Step to both sides.",
)


@one_sided
def one_sided_above(f, grad, x, rng):
    v = unit(rng, x.shape)
    return apart((f(x + 1e-5 * v) - f(x)) / 1e-5, np.sum(grad * v))


@one_sided
def one_sided_below(f, grad, x, rng):
    v = unit(rng, x.shape)
    return apart((f(x) - f(x - 1e-5 * v)) / 1e-5, np.sum(grad * v))


@exercise.wrong(
    "length-mixed",
    "One of your slopes uses the direction before it was divided by its length, the other one "
    "after. Even a right gradient disagrees then. Use the same v in both.",
)
def length_mixed(f, grad, x, rng):
    v = rng.normal(size=x.shape)
    return apart(slope(f, x, v / np.linalg.norm(v)), np.sum(grad * v))


@exercise.wrong(
    "steepest-predicted",
    "You compare the slope along v with the length of the gradient. That is the slope along the "
    "steepest direction; along v the prediction is the sum of all products of entries.",
)
def steepest_predicted(f, grad, x, rng):
    return apart(slope(f, x, unit(rng, x.shape)), np.linalg.norm(grad))


@exercise.wrong(
    "direction-forgotten",
    "Your prediction is the sum of the gradient's entries. That is the slope along all ones; along "
    "v each entry counts as much as v moves it.",
)
def direction_forgotten(f, grad, x, rng):
    return apart(slope(f, x, unit(rng, x.shape)), np.sum(grad))


@exercise.wrong(
    "matrix-product",
    "For the predicted slope you multiply grad and v as matrices. With one axis that happens to be "
    "the sum of products; with more it is another thing, or does not fit at all.",
)
def matrix_product(f, grad, x, rng):
    v = unit(rng, x.shape)
    return apart(slope(f, x, v), grad @ v)


@exercise.wrong(
    "verdict-returned",
    "You return True or False. Return the number and let the caller judge it: 1e-10, 1e-4 and 0.5 "
    "tell three different stories, rounding, a kink or a coarse step, and a mistake.",
)
def verdict_returned(f, grad, x, rng):
    return bool(along(f, grad, x, unit(rng, x.shape)) < 1e-6)


moved = exercise.wrong(
    "input-modified",
    "The number is right, but x is no longer what it was: you moved the caller's array itself. To "
    "move it back does not help, since each step rounds. Make a new array for each of the two "
    "points.",
)


def walk(f, grad, x, rng):
    """Measure while x itself walks, and return the difference and the direction."""
    v = unit(rng, x.shape)
    x += 1e-5 * v
    above = f(x)
    x -= 2e-5 * v
    return apart((above - f(x)) / 2e-5, np.sum(grad * v)), v


@moved
def moved_away(f, grad, x, rng):
    difference, _ = walk(f, grad, x, rng)
    return difference


@moved
def moved_away_and_back(f, grad, x, rng):
    difference, v = walk(f, grad, x, rng)
    x += 1e-5 * v
    return difference
