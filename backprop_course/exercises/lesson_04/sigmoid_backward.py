r"""The sigmoid squeezes every number between 0 and 1, entry by entry:

$$a = \sigma(z) = \frac{1}{1 + e^{-z}}$$

You get `dout`, the gradient of the loss with respect to $A$, and `A` itself, the **output** of the
sigmoid. Return `dZ`, the gradient with respect to its input.

| array | shape |
|---|---|
| `dout`, `A`, `dZ` | `(N, H)` |

You are not given $Z$ and do not need it: differentiate $\sigma$, and then write what you found in
terms of $a$ alone. No exponential is left, which is why our layer remembers its output.

For `A = [[0.5, 0.8]]` and `dout = [[2., -1.]]` the answer is `dZ = [[0.5, -0.16]]`.
"""

import numpy as np

from backprop_course.exercises.record import Case, Exercise

exercise = Exercise(
    title="Back through the sigmoid",
    number=4,
    points=1,
    minutes=8,
    level=1,
    outputs=("dZ",),
    hints=(
        "Read the sigmoid as a power, the bracket 1 + exp(-z) to the power -1, and differentiate "
        "it by the chain rule. Mind the two minus signs.",
        "You get exp(-z) over the square of the bracket. One factor 1 over the bracket is a. What "
        "is the other factor, exp(-z) over the bracket, in terms of a?",
        "The slope is the output times what the output lacks to 1. Look at the numbers of the "
        "text: at a = 0.8 it is 0.16. Each entry of dout is multiplied by its own slope.",
    ),
)


@exercise.solution
def sigmoid_backward(dout, A):
    """Return the gradient of the loss with respect to the input of the sigmoid.

    Parameters
    ----------
    dout : ndarray of shape (N, H)
        Gradient of the loss with respect to the output.
    A : ndarray of shape (N, H)
        Output of the sigmoid.

    Returns
    -------
    dZ : ndarray of shape (N, H)
    """
    # BEGIN SOLUTION
    return dout * A * (1 - A)
    # END SOLUTION


def draw_dout(rng, N, H):
    """Return an upstream gradient with both signs and no entry near 0."""
    signs = 1.0 - 2.0 * (rng.permutation(N * H) % 2)
    return (signs * rng.uniform(0.3, 2.0, size=N * H)).reshape(N, H)


@exercise.cases
def cases(rng):
    for N, H, lowest, highest, note in (
        (5, 4, 0.1, 0.9, ""),
        (3, 3, 0.1, 0.9, "as many examples as units"),
        (1, 6, 0.1, 0.9, "a batch of one row"),
        (4, 2, 0.999, 0.99999, "all units saturated near 1"),
    ):
        A = rng.uniform(lowest, highest, size=(N, H))
        yield Case((draw_dout(rng, N, H), A), sizes={"N": N, "H": H}, note=note)


@exercise.right
def as_a_difference(dout, A):
    return dout * (A - A**2)


@exercise.right
def through_z(dout, A):
    Z = np.log(A / (1 - A))
    return np.exp(-Z) / (1 + np.exp(-Z)) ** 2 * dout


@exercise.right
def entry_by_entry(dout, A):
    dZ = np.zeros(A.shape)
    for place, a in np.ndenumerate(A):
        dZ[place] = (a - a * a) * dout[place]
    return dZ


@exercise.right
def in_place_on_a_copy(dout, A):
    dZ = np.array(dout)
    dZ *= A
    dZ *= 1.0 - A
    return dZ


@exercise.wrong(
    "derivative-missing",
    "You hand dout on as it came. The sigmoid is flat at both ends and never steeper than 1/4, so "
    "your gradient is at least 4 times too large in every entry.",
)
def derivative_missing(dout, A):
    return dout.copy()


@exercise.wrong(
    "value-as-derivative",
    "You multiply by the value of the sigmoid where its slope belongs. The slope must be small at "
    "both ends: at a = 0.99 the curve is nearly flat, and yours would be nearly 1.",
)
def value_as_derivative(dout, A):
    return dout * A


@exercise.wrong(
    "one-factor-lost",
    "Your answer is off by exactly the factor a: one factor of the slope is missing. Test it at "
    "a = 0.01, where the curve is nearly flat. Your slope there is 0.99.",
)
def one_factor_lost(dout, A):
    return dout * (1 - A)


@exercise.wrong(
    "sigmoid-applied-twice",
    "You take the sigmoid of A and then the slope there. But A is already an output of the "
    "sigmoid, so yours is the slope at the point a, not at z. It has the right sign everywhere and "
    "never falls below 0.19, however saturated the unit is.",
)
def sigmoid_applied_twice(dout, A):
    again = 1 / (1 + np.exp(-A))
    return dout * again * (1 - again)


@exercise.wrong(
    "derivative-twice",
    "The slope of the sigmoid is in your answer twice. The chain passes each sigmoid "
    "once; at most 1/4 has become at most 1/16.",
)
def derivative_twice(dout, A):
    return dout * (A * (1 - A)) ** 2


@exercise.wrong(
    "tanh-derivative",
    "This is the slope of tanh. The outputs of tanh reach from -1 to 1, those of the sigmoid from "
    "0 to 1: at a near 0 the sigmoid is flat, and tanh is at its steepest.",
)
def tanh_derivative(dout, A):
    return dout * (1 - A**2)


@exercise.wrong(
    "sign",
    "Every entry has the right size and the wrong sign. The sigmoid rises everywhere, so dZ has "
    "the signs of dout. Of the two minus signs in the derivation one got lost.",
)
def sign(dout, A):
    return dout * A * (A - 1)


@exercise.wrong(
    "sign-between-the-terms",
    "You add a square where it must be subtracted. Your slope grows up to 2 as a comes near 1, "
    "where the curve is flat.",
)
def sign_between_the_terms(dout, A):
    return dout * A * (1 + A)


@exercise.wrong(
    "upstream-ignored",
    "Your answer is the slope alone; it does not change when dout does. It would be right if every "
    "entry of dout were 1.",
)
def upstream_ignored(dout, A):
    return A * (1 - A)


@exercise.wrong(
    "upstream-divided",
    "Your slope is right, and then you divide it by dout where the chain rule multiplies. "
    "With a dout of all ones nobody would notice.",
)
def upstream_divided(dout, A):
    return A * (1 - A) / dout


@exercise.wrong(
    "derivative-divided",
    "You divide dout by the slope; the chain rule multiplies. Yours is largest where the curve is "
    "flattest: at a = 0.999 it is a thousand times dout.",
)
def derivative_divided(dout, A):
    return dout / (A * (1 - A))


@exercise.wrong(
    "upstream-on-one-term",
    "The slope has two terms, and only the first is multiplied by dout: brackets are missing. The "
    "gradient that arrives is a factor of the whole slope.",
)
def upstream_on_one_term(dout, A):
    return dout * A - A**2


@exercise.wrong(
    "cross-entropy-shortcut",
    "You subtract where the chain rule multiplies. Output minus target is the gradient of sigmoid "
    "and cross-entropy taken together; here dout is no target, and the loss is not known.",
)
def cross_entropy_shortcut(dout, A):
    return A - dout


@exercise.wrong(
    "matrix-product",
    "You join dout and the slopes by a matrix product, which mixes the examples. The sigmoid works "
    "on each entry alone, so entry meets entry.",
)
def matrix_product(dout, A):
    return dout @ (A * (1 - A))
