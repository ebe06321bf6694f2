r"""The hyperbolic tangent squeezes every number between -1 and 1, entry by entry:

$$a = \tanh z = \frac{e^z - e^{-z}}{e^z + e^{-z}}$$

You get `dout`, the gradient of the loss with respect to $A$, and `A`, the **output** of tanh.
Return `dZ`, the gradient with respect to its input.

| array | shape |
|---|---|
| `dout`, `A`, `dZ` | `(N, H)` |

As with the sigmoid, the slope can be written in terms of $a$ alone. Find it with the quotient rule
and look at both ends: where $a$ is near $-1$ or near $1$ the curve is flat.

For `A = [[0., 0.8]]` and `dout = [[3., -2.]]` the answer is `dZ = [[3., -0.72]]`.
"""

import numpy as np

from backprop_course.exercises.lesson_04.sigmoid_backward import draw_dout
from backprop_course.exercises.record import Case, Exercise

exercise = Exercise(
    title="Back through tanh",
    number=6,
    points=1,
    minutes=8,
    level=1,
    outputs=("dZ",),
    hints=(
        "Call the numerator u and the denominator v. What are the derivatives of u and of v with "
        "respect to z? They are old friends.",
        "The quotient rule gives (v v - u u) / (v v): two fractions, the first of which is 1. What "
        "is the second in terms of a = u / v?",
        "At a = 0 the slope is 1, at a = 0.8 it is 0.36, at a = -1 and a = 1 it is 0: one, less "
        "the square of the output. Multiply it by dout, entry by entry, and mind the brackets.",
    ),
)


@exercise.solution
def tanh_backward(dout, A):
    """Return the gradient of the loss with respect to the input of tanh.

    Parameters
    ----------
    dout : ndarray of shape (N, H)
        Gradient of the loss with respect to the output.
    A : ndarray of shape (N, H)
        Output of tanh.

    Returns
    -------
    dZ : ndarray of shape (N, H)
    """
    # BEGIN SOLUTION
    return dout * (1 - A**2)
    # END SOLUTION


def draw_output(rng, N, H, lowest, highest):
    """Return outputs of both signs whose sizes lie between two numbers."""
    signs = 1.0 - 2.0 * (rng.permutation(N * H) % 2)
    return (signs * rng.uniform(lowest, highest, size=N * H)).reshape(N, H)


@exercise.cases
def cases(rng):
    for N, H, lowest, highest, note in (
        (5, 4, 0.1, 0.9, ""),
        (3, 3, 0.1, 0.9, "as many examples as units"),
        (1, 6, 0.1, 0.9, "a batch of one row"),
        (4, 2, 0.999, 0.99999, "all units saturated near -1 or 1"),
    ):
        A = draw_output(rng, N, H, lowest, highest)
        yield Case((draw_dout(rng, N, H), A), sizes={"N": N, "H": H}, note=note)


@exercise.right
def as_a_product(dout, A):
    return dout * (1 - A) * (1 + A)


@exercise.right
def through_z(dout, A):
    return dout / np.cosh(np.arctanh(A)) ** 2


@exercise.right
def entry_by_entry(dout, A):
    dZ = np.zeros(A.shape)
    for place, a in np.ndenumerate(A):
        dZ[place] = dout[place] - dout[place] * a * a
    return dZ


@exercise.wrong(
    "square-lost",
    "Yours is the right gradient divided by 1 + a, in every entry: the output is not squared. "
    "Where a is near -1 the curve is flat, and your slope there is nearly 2.",
)
def square_lost(dout, A):
    return dout * (1 - A)


@exercise.wrong(
    "square-of-the-bracket",
    "You square the whole bracket; only the output is squared. Where a is near -1 the curve is "
    "flat, and your slope there is nearly 4.",
)
def square_of_the_bracket(dout, A):
    return dout * (1 - A) ** 2


@exercise.wrong(
    "doubled-for-squared",
    "You double the output where it must be squared. A single * in place of two does this. At "
    "a = 0.8 your slope is -0.6, and tanh never falls.",
)
def doubled_for_squared(dout, A):
    return dout * (1 - A * 2)


@exercise.wrong(
    "derivative-missing",
    "You hand dout on as it came. The slope of tanh is 1 only at a = 0; towards both ends the "
    "curve becomes flat and less and less comes back.",
)
def derivative_missing(dout, A):
    return dout.copy()


@exercise.wrong(
    "value-as-derivative",
    "You multiply by the value of tanh where its slope belongs. Where the output is negative, your "
    "gradient has the wrong sign; and at a = 0, where the curve is steepest, yours is 0.",
)
def value_as_derivative(dout, A):
    return dout * A


@exercise.wrong(
    "tanh-applied-twice",
    "You take tanh of A, or 1/cosh of A, and so the slope at the point a. But A is already an "
    "output of tanh; the slope belongs to the point z. Yours never falls below 0.41, however "
    "saturated the unit is.",
)
def tanh_applied_twice(dout, A):
    return dout * (1 - np.tanh(A) ** 2)


@exercise.wrong(
    "sigmoid-derivative",
    "This is the slope of the sigmoid, whose outputs lie between 0 and 1. An output of tanh may be "
    "negative, and then your slope is negative too, for a curve that only rises.",
)
def sigmoid_derivative(dout, A):
    return dout * A * (1 - A)


@exercise.wrong(
    "sign",
    "Every entry has the right size and the wrong sign. Tanh rises everywhere, so dZ has the signs "
    "of dout. Which of the two terms is the larger?",
)
def sign(dout, A):
    return dout * (A**2 - 1)


@exercise.wrong(
    "sign-between-the-terms",
    "You add the square where it must be subtracted: your slope is at least 1 and grows towards "
    "both ends, where the curve is flat. (That is the slope of the ordinary tangent.)",
)
def sign_between_the_terms(dout, A):
    return dout * (1 + A**2)


@exercise.wrong(
    "upstream-ignored",
    "Your answer is the slope alone; it does not change when dout does. It would be right if every "
    "entry of dout were 1.",
)
def upstream_ignored(dout, A):
    return 1 - A**2


@exercise.wrong(
    "upstream-divided",
    "Your slope is right, and then you divide it by dout where the chain rule multiplies. With a "
    "dout of all ones nobody would notice.",
)
def upstream_divided(dout, A):
    return (1 - A**2) / dout


@exercise.wrong(
    "upstream-on-one-term",
    "Only the 1 of the slope is multiplied by dout, the square is not: brackets are missing. The "
    "gradient that arrives is a factor of the whole slope.",
)
def upstream_on_one_term(dout, A):
    return dout - A**2


@exercise.wrong(
    "differentiated-twice",
    "You differentiated the slope once more: this is the second derivative of tanh, up to the "
    "factor that the chain rule brings. Once is enough.",
)
def differentiated_twice(dout, A):
    return dout * -2 * A


@exercise.wrong(
    "forward-again",
    "This is tanh of A: the way out once more, and dout plays no part in it. The way back starts "
    "from dout and multiplies it by a slope.",
)
def forward_again(dout, A):
    return np.tanh(A)
