r"""ReLU keeps what is positive and puts 0 in place of the rest: $A = \max(0, Z)$, entry by entry.
Given `dout`, the gradient of the loss with respect to $A$, return `dZ`, the gradient with respect
to $Z$.

| array | shape |
|---|---|
| `dout`, `Z`, `dZ` | `(N, H)` |

At exactly 0 the graph of ReLU has a corner and no slope; the course uses $0$ there.

For `Z = [[-2., 0., 3.]]` and `dout = [[10., 20., -30.]]` the answer is `dZ = [[0., 0., -30.]]`.
"""

import numpy as np

from backprop_course.exercises.record import Case, Exercise

exercise = Exercise(
    title="Back through ReLU",
    number=1,
    points=1,
    minutes=5,
    level=1,
    outputs=("dZ",),
    hints=(
        "Nudge one entry of Z by 0.01: how far does the entry of A move if Z is 3 there, and how "
        "far if Z is -2? Nothing else moves.",
        "Each entry of dout is multiplied by the slope of ReLU at its own entry of Z, and there "
        "are only two slopes. A comparison such as `Z < 5` gives an array of True and False, and "
        "in a product these count as 1 and 0.",
        "Build the mask from Z, strictly above 0, so that an exact 0 counts as closed. Multiply "
        "dout by the mask entry by entry; the sign of dout has no say in it.",
    ),
)


@exercise.solution
def relu_backward(dout, Z):
    """Return the gradient of the loss with respect to the input of ReLU.

    Parameters
    ----------
    dout : ndarray of shape (N, H)
        Gradient of the loss with respect to the output of ReLU.
    Z : ndarray of shape (N, H)
        Input of ReLU.

    Returns
    -------
    dZ : ndarray of shape (N, H)
    """
    # BEGIN SOLUTION
    return dout * (Z > 0)
    # END SOLUTION


def draw(rng, N, H, zeros=False):
    """Return dout and Z in which every pair of signs occurs; with zeros in Z if asked."""
    signs = np.array([[1, 1], [1, -1], [-1, 1], [-1, -1]])[rng.permutation(N * H) % 4]
    dout, Z = (signs.T * rng.uniform(0.3, 2.0, size=(2, N * H))).reshape(2, N, H)
    if zeros:
        for sign in (1, -1):
            n, h = np.argwhere(sign * dout > 0)[0]
            Z[n, h] = 0.0
    return dout, Z


@exercise.cases
def cases(rng):
    for N, H, note in (
        (5, 4, ""),
        (3, 3, "as many examples as units"),
        (1, 6, "a batch of one row"),
    ):
        yield Case(draw(rng, N, H), sizes={"N": N, "H": H}, note=note)
    yield Case(
        draw(rng, 4, 6, zeros=True), sizes={"N": 4, "H": 6}, note="two entries of Z are exactly 0"
    )


@exercise.right
def with_where(dout, Z):
    return np.where(Z > 0, dout, 0)


@exercise.right
def in_place_on_a_copy(dout, Z):
    dZ = np.array(dout)
    dZ[Z <= 0] = 0
    return dZ


@exercise.right
def entry_by_entry(dout, Z):
    dZ = np.zeros_like(Z)
    N, H = Z.shape
    for n in range(N):
        for h in range(H):
            if Z[n, h] > 0:
                dZ[n, h] = dout[n, h]
    return dZ


@exercise.right
def mask_from_the_output(dout, Z):
    A = np.maximum(Z, 0)
    return dout * np.sign(A)


@exercise.wrong(
    "mask-missing",
    "You hand dout on as it came. Right where Z is positive; where Z is negative, ReLU holds its "
    "output at 0, no nudge of Z gets through, and nothing may come back either.",
)
def mask_missing(dout, Z):
    return dout.copy()


@exercise.wrong(
    "mask-from-dout",
    "Your zeros stand where dout is negative. A negative gradient is good news like any other: it "
    "says that the loss falls when this entry grows. Whether a unit is open was decided on the "
    "way out. Which array did ReLU look at then?",
)
def mask_from_dout(dout, Z):
    return np.maximum(dout, 0)


@exercise.wrong(
    "mask-from-both",
    "Where Z is negative your zeros are right, but you also put 0 wherever dout is negative. (This "
    "is known as guided backpropagation: it makes pretty pictures, and it is not the gradient.)",
)
def mask_from_both(dout, Z):
    return np.maximum(dout, 0) * (Z > 0)


@exercise.wrong(
    "mask-inverted",
    "The right numbers, in the wrong half: you let through what must be stopped and stop what must "
    "pass. Open is where ReLU passes Z on.",
)
def mask_inverted(dout, Z):
    return dout * (Z <= 0)


@exercise.wrong(
    "mask-inverted",
    "The right numbers, in the wrong half: you let through what must be stopped and stop what must "
    "pass. Open is where ReLU passes Z on.",
)
def mask_strictly_inverted(dout, Z):
    return dout * (Z < 0)


@exercise.wrong(
    "relu-value-as-derivative",
    "You multiply by the value of ReLU where its slope belongs. An open unit may put out 7, yet a "
    "nudge of Z comes out of it exactly as large as it went in.",
)
def relu_value_as_derivative(dout, Z):
    return dout * np.maximum(Z, 0)


@exercise.wrong(
    "times-z",
    "You multiply dout by Z itself. What belongs there is a slope: how much the output moves for "
    "a nudge of Z. For ReLU that is 1 or 0, however large Z is.",
)
def times_z(dout, Z):
    return dout * Z


@exercise.wrong(
    "absolute-value",
    "Closed units send back -1 times dout in your answer. That is the slope of the absolute value, "
    "which turns negative numbers round; ReLU flattens them.",
)
def absolute_value(dout, Z):
    return dout * np.sign(Z)


@exercise.wrong(
    "upstream-ignored",
    "Your answer holds the slopes 1 and 0 and does not change when dout does. The slope is one "
    "factor of the chain rule; the gradient that arrives is the other.",
)
def upstream_ignored(dout, Z):
    return np.where(Z > 0, 1.0, 0.0)


@exercise.wrong(
    "upstream-divided",
    "Your zeros are right; everywhere else you divide by dout where the chain rule multiplies. An "
    "upstream gradient of all ones would never have shown it.",
)
def upstream_divided(dout, Z):
    return (Z > 0) / dout


@exercise.wrong(
    "relu-at-zero",
    "Everything agrees except where Z is exactly 0. ReLU has a corner there, with slope 0 on its "
    "left and 1 on its right. Both choices are used in the world; this course takes 0.",
)
def relu_at_zero(dout, Z):
    return dout * (Z >= 0)


@exercise.wrong(
    "half-at-zero",
    "Everything agrees except where Z is exactly 0: there you take the slope 1/2. A central "
    "difference says the same, since it looks at both sides of the corner. This course takes 0.",
)
def half_at_zero(dout, Z):
    return dout * np.heaviside(Z, 0.5)


@exercise.wrong(
    "leaky-slope",
    "Your closed units send back a hundredth of dout. That is leaky ReLU, a later exercise. Plain "
    "ReLU is flat below 0, so nothing comes back.",
)
def leaky_slope(dout, Z):
    return np.where(Z > 0, dout, 0.01 * dout)


@exercise.wrong(
    "forward-again",
    "This is ReLU of Z: the way out once more, and dout plays no part in it. The way back starts "
    "from dout and uses Z only to see which units are open.",
)
def forward_again(dout, Z):
    return np.maximum(Z, 0)


@exercise.wrong(
    "matrix-product",
    "You join dout and the slopes by a matrix product, which mixes the examples. ReLU works on "
    "each entry alone, so entry meets entry. Only with as many examples as units do the shapes "
    "allow your product at all.",
)
def matrix_product(dout, Z):
    return dout @ (Z > 0)


@exercise.wrong(
    "input-modified",
    "The numbers are right, but you wrote the zeros into the caller's own dout. Whoever needs that "
    "array again, as a residual connection does, would find it changed. Work on a copy.",
)
def input_modified(dout, Z):
    dout[Z <= 0] = 0
    return dout
