r"""Take the mean over the rows of an array $R$ of shape `(N, M)`: with `ones` of shape `(N, 1)`
the result is `ones.T @ R / N`, of shape `(1, M)`. `dout` of shape `(1, M)` is the gradient of the
loss with respect to this mean.

Write `dR`, the gradient with respect to `R`, as a formula of `dout`, `ones` and `N`.

For $N = 2$ and `dout = [[6., 8.]]` it must give `[[3., 4.], [3., 4.]]`.
"""

import numpy as np

from backprop_course.exercises.record import Case, Formula

exercise = Formula(
    title="The gradient of a mean over the batch",
    number=9,
    points=1,
    minutes=5,
    level=2,
    symbol="dR",
    answer="ones @ dout / N",
    hints=(
        "Nudge one entry of R. Which entry of the mean moves, and by how much?",
        "Summing in the forward pass means copying in the backward pass. The copies must fill "
        "shape (N, M), and each of the N rows has only a share in the mean.",
    ),
)


@exercise.cases
def cases(rng):
    for N, M in ((5, 3), (3, 4)):
        names = {"dout": rng.normal(size=(1, M)), "ones": np.ones((N, 1)), "N": N}
        names["R"] = rng.normal(size=(N, M))
        yield Case((names,), sizes={"N": N, "M": M})


exercise.right("ones * dout / N")
exercise.right("0 * R + dout / len(R)")

exercise.wrong(
    "factor-batch-size",
    "ones @ dout",
    "This is exactly {N} times too large: it is the gradient of a sum. In a mean each row has "
    "only its share, and this is where 1/N is born.",
)
exercise.wrong(
    "not-copied",
    "dout / N",
    "The numbers are right, but there is one row of them, and R has {N}. Every row took part in "
    "the mean, so every row gets a gradient.",
)
exercise.wrong(
    "upstream-ignored",
    "(0 * R + 1) / N",
    "This does not change when dout changes. It would be right only for a loss that adds the "
    "means up as they are.",
)
exercise.wrong(
    "batch-size-multiplied",
    "N * ones @ dout",
    "This multiplies by N where the mean divides, so it is {N} times {N} times too large.",
)
