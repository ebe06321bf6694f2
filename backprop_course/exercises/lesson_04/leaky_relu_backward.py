r"""Leaky ReLU leaves a small slope $s$ below 0, so that a closed unit still learns a little:

$$a = \begin{cases} z & z > 0 \\ s z & z \le 0 \end{cases}$$

Given `dout`, the gradient of the loss with respect to $A$, return `dZ`.

| argument | what it is |
|---|---|
| `dout`, `Z` | arrays of shape `(N, H)`, and so is `dZ` |
| `slope` | the number $s$, between 0 and 1 |

At exactly 0 the graph has a corner; the course counts it to the left side, with slope $s$.

For `Z = [[-2., 0., 3.]]`, `dout = [[10., 20., -30.]]` and `slope = 0.1` the answer is
`dZ = [[1., 2., -30.]]`.
"""

import numpy as np

from backprop_course.exercises.lesson_04.relu_backward import draw
from backprop_course.exercises.record import Case, Exercise

exercise = Exercise(
    title="Back through leaky ReLU",
    number=3,
    points=1,
    minutes=5,
    level=1,
    outputs=("dZ",),
    hints=(
        "The graph consists of two straight lines. Write down the slope of each, and which entries "
        "of Z lie on which line.",
        "Both slopes are numbers that do not contain Z. Every entry of dout is multiplied by one "
        "of them, on the left side as well as on the right.",
        "np.where takes a condition on Z and two arrays: what belongs in the open entries, and "
        "what in the others. Both arrays contain dout, the second one times slope.",
    ),
)


@exercise.solution
def leaky_relu_backward(dout, Z, slope=0.01):
    """Return the gradient of the loss with respect to the input of leaky ReLU.

    Parameters
    ----------
    dout : ndarray of shape (N, H)
        Gradient of the loss with respect to the output of leaky ReLU.
    Z : ndarray of shape (N, H)
        Input of leaky ReLU.
    slope : float
        Slope where Z is 0 or negative.

    Returns
    -------
    dZ : ndarray of shape (N, H)
    """
    # BEGIN SOLUTION
    return np.where(Z > 0, dout, slope * dout)
    # END SOLUTION


@exercise.cases
def cases(rng):
    for N, H, slope, note in ((5, 4, 0.2, ""), (1, 6, 0.3, "a batch of one row")):
        yield Case((*draw(rng, N, H), slope), sizes={"N": N, "H": H}, note=note)
    yield Case(draw(rng, 3, 3), sizes={"N": 3, "H": 3}, note="the slope is not given, so 0.01")
    yield Case(
        (*draw(rng, 4, 6, zeros=True), 0.1),
        sizes={"N": 4, "H": 6},
        note="two entries of Z are exactly 0",
    )


@exercise.right
def with_a_table_of_slopes(dout, Z, slope=0.01):
    slopes = np.full(Z.shape, slope)
    slopes[Z > 0] = 1
    return dout * slopes


@exercise.right
def as_two_parts(dout, Z, slope=0.01):
    is_open = Z > 0
    return dout * is_open + slope * dout * ~is_open


@exercise.right
def entry_by_entry(dout, Z, slope=0.01):
    N, H = Z.shape
    return np.array(
        [[dout[n, h] * (1 if Z[n, h] > 0 else slope) for h in range(H)] for n in range(N)]
    )


@exercise.wrong(
    "slope-missing",
    "Right where Z is positive, but your closed units send nothing back: that is plain ReLU. The "
    "leak works in both directions, so a part of dout returns through it.",
)
def slope_missing(dout, Z, slope=0.01):
    return dout * (Z > 0)


@exercise.wrong(
    "mask-missing",
    "You hand dout on as it came, as if the slope were 1 everywhere. Right where Z is positive; "
    "below 0 the graph is flatter, and you did not use that.",
)
def mask_missing(dout, Z, slope=0.01):
    return dout.copy()


@exercise.wrong(
    "slope-on-the-wrong-side",
    "You shrink what passes an open unit and let a closed one pass in full: the two sides have "
    "changed places. On which side of 0 is the graph flat?",
)
def slope_on_the_wrong_side(dout, Z, slope=0.01):
    return np.where(Z > 0, slope * dout, dout)


@exercise.wrong(
    "slope-on-both-sides",
    "Below 0 you are right; where Z is positive, your answer is too large by the factor 1 + slope. "
    "The small slope is added everywhere, but an entry lies on one line only.",
)
def slope_on_both_sides(dout, Z, slope=0.01):
    return dout * ((Z > 0) + slope)


@exercise.wrong(
    "slope-fixed",
    "Your answer is right for slope = 0.01 and for no other: you wrote the number down instead of "
    "using the argument.",
)
def slope_fixed(dout, Z, slope=0.01):
    return np.where(Z > 0, dout, 0.01 * dout)


@exercise.wrong(
    "slope-sign",
    "Below 0 the sign is wrong. The left line rises as well, only more slowly: a nudge of Z "
    "upwards still moves the output upwards.",
)
def slope_sign(dout, Z, slope=0.01):
    return np.where(Z > 0, dout, -slope * dout)


@exercise.wrong(
    "mask-from-dout",
    "You shrink the entries where dout is negative. The side of the corner was decided on the way "
    "out; dout did not exist then. Which array did leaky ReLU look at?",
)
def mask_from_dout(dout, Z, slope=0.01):
    return np.where(dout > 0, dout, slope * dout)


@exercise.wrong(
    "value-as-derivative",
    "You multiply dout by the value of leaky ReLU where its slope belongs. Differentiate both "
    "lines: no z is left in either.",
)
def value_as_derivative(dout, Z, slope=0.01):
    return dout * np.where(Z > 0, Z, slope * Z)


@exercise.wrong(
    "left-line-not-differentiated",
    "Open entries are right. In the others you multiply by slope and by Z: that is the value of "
    "the left line. Its derivative with respect to z has no z in it.",
)
def left_line_not_differentiated(dout, Z, slope=0.01):
    return np.where(Z > 0, dout, dout * slope * Z)


@exercise.wrong(
    "upstream-ignored",
    "Your answer holds the two slopes and does not change when dout does. A slope is one factor of "
    "the chain rule; the gradient that arrives is the other.",
)
def upstream_ignored(dout, Z, slope=0.01):
    return np.where(Z > 0, 1.0, slope)


@exercise.wrong(
    "upstream-lost-on-the-left",
    "Open entries are right. All others hold the same number, the slope itself: there you dropped "
    "dout. It arrives on both sides of the corner.",
)
def upstream_lost_on_the_left(dout, Z, slope=0.01):
    return np.where(Z > 0, dout, slope)


@exercise.wrong(
    "upstream-lost-on-the-right",
    "Closed entries are right. The open ones all hold the number 1: there you dropped dout. It "
    "arrives on both sides of the corner.",
)
def upstream_lost_on_the_right(dout, Z, slope=0.01):
    return np.where(Z > 0, 1.0, slope * dout)


@exercise.wrong(
    "leaky-relu-at-zero",
    "Everything agrees except where Z is exactly 0. The corner has slope 1 on its right and the "
    "small slope on its left, and this course counts it to the left.",
)
def leaky_relu_at_zero(dout, Z, slope=0.01):
    return np.where(Z >= 0, dout, slope * dout)


@exercise.wrong(
    "nothing-at-zero",
    "Everything agrees except where Z is exactly 0: your entries are 0 there, because neither of "
    "your two conditions covers them. The left line, slope included, begins at 0.",
)
def nothing_at_zero(dout, Z, slope=0.01):
    return dout * (Z > 0) + slope * dout * (Z < 0)


@exercise.wrong(
    "forward-again",
    "This is leaky ReLU of Z: the way out once more, and dout plays no part in it. The way back "
    "starts from dout and uses Z only to choose between two slopes.",
)
def forward_again(dout, Z, slope=0.01):
    return np.where(Z > 0, Z, slope * Z)
