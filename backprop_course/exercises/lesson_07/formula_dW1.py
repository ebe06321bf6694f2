r"""The network $Z_1 = XW_1 + b_1$, $A_1 = \mathrm{ReLU}(Z_1)$, $Z_2 = A_1W_2 + b_2$ for a batch of
$N$ rows. You know `dZ2`, the gradient of the loss with respect to $Z_2$.

| array | shape |
|---|---|
| `X` | `(N, D)` |
| `W1`, `Z1`, `A1` | `(D, H)`, `(N, H)`, `(N, H)` |
| `W2`, `dZ2` | `(H, C)`, `(N, C)` |

Write `dW1`, the gradient of the loss with respect to $W_1$, as **one** formula of these names: the
whole way back in a line. A comparison such as `(X > 0)` counts as 0 and 1 in a product.

For `X = [[2.]]`, `Z1 = [[3., -1.]]`, `W2 = [[5.], [7.]]` and `dZ2 = [[1.]]` it must give
`[[10., 0.]]`.
"""

import numpy as np

from backprop_course.exercises.record import Case, Formula

exercise = Formula(
    title="The whole way back in one line",
    number=5,
    points=1,
    minutes=8,
    level=2,
    symbol="dW1",
    answer="X.T @ ((dZ2 @ W2.T) * (Z1 > 0))",
    hints=(
        "Three stops lie between dZ2 and W1: back through W2, back through the ReLU, and from Z1 "
        "to W1. Start from the inside.",
        "Write the shape under each piece: (N, C) becomes (N, H), stays (N, H), becomes (D, H). "
        "Two of the steps are matrix products, one works entry by entry.",
    ),
)


@exercise.cases
def cases(rng):
    for N, D, H, C, note in ((7, 5, 6, 3, ""), (5, 4, 3, 3, "W2 is square")):
        # Each row and each column of Z1 has both signs, in every draw.
        signs = np.where((np.arange(N)[:, None] + np.arange(H)) % 2 == 0, 1.0, -1.0)
        Z1 = (0.2 + np.abs(rng.normal(size=(N, H)))) * signs
        names = {
            "X": rng.normal(size=(N, D)),
            "W1": rng.normal(size=(D, H)),
            "Z1": Z1,
            "A1": np.maximum(Z1, 0),
            "W2": rng.normal(size=(H, C)),
            "dZ2": rng.normal(size=(N, C)),
        }
        yield Case((names,), sizes={"N": N, "D": D, "H": H, "C": C}, note=note)


exercise.right("X.T @ (dZ2 @ W2.T * (A1 > 0))")
exercise.right("(((Z1 > 0) * (dZ2 @ W2.T)).T @ X).T")
exercise.right("X.T @ np.where(Z1 > 0, dZ2 @ W2.T, 0)")

exercise.wrong(
    "mask-missing",
    "X.T @ (dZ2 @ W2.T)",
    "All products are right, but one stop was passed as if it were not there: where Z1 is "
    "negative the ReLU is flat, and nothing comes back through it.",
)
exercise.wrong(
    "multiplied-by-z",
    "X.T @ ((dZ2 @ W2.T) * Z1)",
    "At the ReLU you multiply by its input. What belongs there is its slope, which is 1 where the "
    "input is positive and 0 elsewhere.",
)
exercise.wrong(
    "multiplied-by-output",
    "X.T @ ((dZ2 @ W2.T) * A1)",
    "At the ReLU you multiply by its output. What belongs there is its slope, which is 1 where the "
    "input is positive and 0 elsewhere.",
)
exercise.wrong(
    "mask-from-upstream",
    "X.T @ np.maximum(dZ2 @ W2.T, 0)",
    "Your mask looks at the sign of the gradient that comes back. The ReLU decided by the sign of "
    "its own input, on the way forward.",
)
exercise.wrong(
    "transposed",
    "((dZ2 @ W2.T) * (Z1 > 0)).T @ X",
    "Every number is right and stands at its mirrored place: yours has shape ({H}, {D}), W1 has "
    "shape ({D}, {H}).",
)
exercise.wrong(
    "factor-batch-size",
    "X.T @ ((dZ2 @ W2.T) * (Z1 > 0)) / len(X)",
    "This is exactly {N} times too small. The mean was taken in the loss, so 1/N is already inside "
    "dZ2.",
)
exercise.wrong(
    "first-layer-skipped",
    "A1.T @ dZ2",
    "That is the gradient of W2: the input of layer 2 with the gradient at its output. For W1 the "
    "gradient must first travel back to Z1, and meets the input of layer 1 there.",
)
exercise.wrong(
    "weights-depend-on-weights",
    "W1 * (X.T @ ((dZ2 @ W2.T) * (Z1 > 0)))",
    "W1 itself has no place here. The chain runs through the activations, and Z1 changes with W1 "
    "at the rate X.",
)
