r"""The loss of a batch is the mean cross-entropy of its rows,
$L = -\frac{1}{N} \sum_n \log P_{n, y_n}$. Which formula is its gradient with respect to the
logits `Z`?

| name | what it is |
|---|---|
| `P` | probabilities, softmax of `Z` row by row, shape `(N, C)` |
| `Y` | labels as one-hot rows, shape `(N, C)` |
| `N` | number of rows |
| `C` | number of classes |

For one row with `P = [[0.2, 0.5, 0.3]]` and `Y = [[0., 1., 0.]]` the formula must give
`[[0.2, -0.5, 0.3]]`.
"""

import numpy as np

from backprop_course.exercises.record import Case, Formula

exercise = Formula(
    title="Formula: the gradient of softmax with cross-entropy",
    number=5,
    points=1,
    minutes=5,
    level=1,
    symbol="dZ",
    answer="(P - Y) / N",
    hints=(
        "Take the one row of the text: which operation turns P and Y into the answer? Then think "
        "of the mean: a batch of N equal rows has the same loss as one of them.",
    ),
)


@exercise.cases
def cases(rng):
    for N, C in ((5, 4), (3, 6)):
        odds = np.exp(rng.normal(size=(N, C)))
        P = odds / odds.sum(axis=1, keepdims=True)
        Y = np.eye(C)[rng.integers(C, size=N)]
        yield Case(({"P": P, "Y": Y, "N": N, "C": C},), sizes={"N": N, "C": C})


exercise.right("(P - Y) / len(P)")
exercise.right("P / N - Y / N")
exercise.right("-(Y - P) * N**-1")

exercise.wrong(
    "factor-batch-size",
    "P - Y",
    "This is the gradient of the sum of the losses, {N} times too large. The loss is their mean.",
)
exercise.wrong(
    "sign",
    "(Y - P) / N",
    "The sign is turned round. Where the label is, a higher logit lowers the loss, so the gradient "
    "there is negative.",
)
exercise.wrong(
    "batch-size-twice",
    "(P - Y) / N / N",
    "1/N comes from the mean, and there is one mean. Your gradient is {N} times too small.",
)
exercise.wrong(
    "divided-by-classes",
    "(P - Y) / (N * C)",
    "The mean runs over the {N} rows, not over all entries. Your gradient is {C} times too small.",
)
exercise.wrong(
    "softmax-derivative-twice",
    "(P - Y) * P * (1 - P) / N",
    "The factor P * (1 - P) is the diagonal of the softmax Jacobian. The difference in front of it "
    "has already gone back through the whole Jacobian; you apply part of it once more.",
)
exercise.wrong(
    "gradient-of-probabilities",
    "-Y / P / N",
    "This is the gradient with respect to P. It must still go back through softmax.",
)
exercise.wrong(
    "diagonal-only",
    "-Y / P * P * (1 - P) / N",
    "You took the diagonal of the softmax Jacobian only, so the other classes get no gradient. "
    "Each row must sum to 0; yours do not.",
)
exercise.wrong(
    "label-not-subtracted",
    "P / N",
    "No entry is negative, so every logit would be pushed down, the label's too. The label has to "
    "come in.",
)
