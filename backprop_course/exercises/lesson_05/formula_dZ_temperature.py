r"""A temperature $T > 0$ divides the logits before softmax: $P = \mathrm{softmax}(Z / T)$. The
loss is the mean cross-entropy of these probabilities. Which formula is its gradient with respect
to `Z`, the logits *before* the division?

| name | what it is |
|---|---|
| `P` | softmax of `Z / T`, row by row, shape `(N, C)` |
| `Y` | labels as one-hot rows, shape `(N, C)` |
| `N` | number of rows |
| `T` | the temperature, a number |

For one row with `P = [[0.2, 0.5, 0.3]]`, `Y = [[0., 1., 0.]]` and `T = 2` the formula must give
`[[0.1, -0.25, 0.15]]`.
"""

import numpy as np

from backprop_course.exercises.record import Case, Formula

exercise = Formula(
    title="Formula: the gradient under a temperature",
    number=10,
    points=1,
    minutes=5,
    level=1,
    symbol="dZ_temperature",
    answer="(P - Y) / (N * T)",
    hints=(
        "Call the divided logits U. You know the gradient with respect to U. One more factor of "
        "the chain rule leads from U to Z.",
    ),
)


@exercise.cases
def cases(rng):
    for N, C in ((5, 4), (3, 6)):
        T = rng.uniform(1.6, 2.6)
        odds = np.exp(rng.normal(size=(N, C)) / T)
        P = odds / odds.sum(axis=1, keepdims=True)
        Y = np.eye(C)[rng.integers(C, size=N)]
        yield Case(({"P": P, "Y": Y, "N": N, "T": T},), sizes={"N": N, "C": C})


exercise.right("(P - Y) / N / T")
exercise.right("(P - Y) / len(P) * (1 / T)")

exercise.wrong(
    "temperature-ignored",
    "(P - Y) / N",
    "This is the gradient with respect to Z / T. A step of Z moves Z / T by less than itself when "
    "T is above 1: one factor is missing.",
)
exercise.wrong(
    "multiplied-by-temperature",
    "(P - Y) * T / N",
    "The factor of T stands on the wrong side. The derivative of z / T with respect to z is below "
    "1 when T is above 1.",
)
exercise.wrong(
    "temperature-twice",
    "(P - Y) / (N * T**2)",
    "Z is divided by T once, so the chain rule brings in one factor.",
)
exercise.wrong(
    "label-not-divided",
    "(P / T - Y) / N",
    "The factor of the chain rule multiplies the whole gradient, P and Y alike. With yours the "
    "rows do not sum to 0.",
)
exercise.wrong(
    "factor-batch-size",
    "(P - Y) / T",
    "The temperature is right; the mean over the {N} rows is missing.",
)
