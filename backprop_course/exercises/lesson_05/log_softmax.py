r"""Return the logarithms of the softmax probabilities, row by row:

$$\log p_i = \log \frac{e^{z_i}}{\sum_k e^{z_k}}$$

`Z` has shape `(N, C)`: one row of logits an example. The answer has the same shape.

The catch: logits may be as large as 100,000 in either direction, and your answer must still be
right to the last digits. In float64, `np.exp(710)` is already infinite and `np.exp(-746)` is
already zero, so neither the raw odds nor the probabilities may be formed on the way.
Only the gaps between the logits of a row matter; use that.

| logits of one row | its log-probabilities |
|---|---|
| `0, ln 2, ln 3` | `-1.7918, -1.0986, -0.6931` |
| `100000, 0` | `0, -100000` |
"""

import numpy as np

from backprop_course.exercises.record import Case, Exercise

exercise = Exercise(
    title="Log-softmax that survives large logits",
    number=2,
    points=2,
    minutes=15,
    level=2,
    outputs=("logP",),
    # Wide enough that a small number in the logarithm shows where it does harm, at large logits.
    tolerance=1e-5,
    hints=(
        "The logarithm of a quotient is a difference. Write log p on paper as one logit minus "
        "one number for the whole row; no probability is left in it.",
        "The number for the row is the logarithm of a sum of exponentials. Subtracting the same "
        "constant from every logit of a row changes no probability. Which constant makes the "
        "largest exponent 0, so that nothing overflows and the sum is at least 1?",
        "Shift each row by its own maximum with Z.max(axis=1, keepdims=True). From the shifted "
        "row take away the logarithm of the row's sum of exponentials (keepdims again). The "
        "shift needs no undoing: it is in both terms.",
    ),
)


@exercise.solution
def log_softmax(Z):
    """Return the logarithm of the softmax of each row.

    Parameters
    ----------
    Z : ndarray of shape (N, C)
        Logits, one row an example.

    Returns
    -------
    logP : ndarray of shape (N, C)
    """
    # BEGIN SOLUTION
    shifted = Z - Z.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    # END SOLUTION


@exercise.cases
def cases(rng):
    Z = 2 * rng.normal(size=(5, 4))
    yield Case((Z,), sizes={"N": 5, "C": 4})
    yield Case((2 * rng.normal(size=(1, 3)),), sizes={"N": 1, "C": 3}, note="a batch of one row")
    Z = 1e3 * rng.normal(size=(3, 6))
    Z[:, 0] = Z.max(axis=1) + 900
    yield Case((Z,), sizes={"N": 3, "C": 6}, note="logits around 1,000")
    level = np.array([[1e5], [-1e5], [0.0], [2e3]])
    Z = level + rng.normal(size=(4, 5))
    yield Case((Z,), sizes={"N": 4, "C": 5}, note="rows on very different levels, up to 100,000")


@exercise.right
def with_log_add_exp(Z):
    return Z - np.logaddexp.reduce(Z, axis=1, keepdims=True)


@exercise.right
def row_by_row(Z):
    logP = np.empty(Z.shape)
    for n, z in enumerate(Z):
        largest = max(z)
        logP[n] = z - largest - np.log(sum(np.exp(z_k - largest) for z_k in z))
    return logP


@exercise.wrong(
    "unstable",
    "Right for small logits. From about 710 on, np.exp gives inf and the row becomes nan; far "
    "below zero every exponential is 0 and the logarithm of their sum is -inf. Nothing in the "
    "answer is that large: only the gaps of a row matter, so move the row before you take exp.",
)
def unstable(Z):
    with np.errstate(all="ignore"):
        odds = np.exp(Z)
        return np.log(odds / odds.sum(axis=1, keepdims=True))


@exercise.wrong(
    "log-of-softmax",
    "Your softmax is stable, but you take its logarithm afterwards. A logit 746 below the best of "
    "its row has a probability that is 0 in float64, and its logarithm is -inf, where about -746 "
    "belongs. Take the logarithm on paper, before there is a probability.",
)
def log_of_softmax(Z):
    P = np.exp(Z - Z.max(axis=1, keepdims=True))
    with np.errstate(divide="ignore"):
        return np.log(P / P.sum(axis=1, keepdims=True))


@exercise.wrong(
    "wrong-axis",
    "You normalise over the batch: the columns of exp(logP) sum to 1. The {C} classes of one "
    "example compete with one another, so it is the rows that must sum to 1.",
)
def wrong_axis(Z):
    shifted = Z - Z.max(axis=0)
    return shifted - np.log(np.exp(shifted).sum(axis=0))


@exercise.wrong(
    "global-max",
    "You subtract one maximum, that of the whole batch. A row far below it has exponentials that "
    "are all 0, and the logarithm of their sum is -inf. Each row needs its own maximum.",
)
def global_max(Z):
    shifted = Z - Z.max()
    with np.errstate(divide="ignore"):
        return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


@exercise.wrong(
    "shift-not-undone",
    "Every entry of a row is off by the same amount: the maximum of that row. You shifted the "
    "logits inside the sum only. Shift in both places, or put the maximum back.",
)
def shift_not_undone(Z):
    shifted = Z - Z.max(axis=1, keepdims=True)
    return Z - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


@exercise.wrong(
    "probabilities-returned",
    "Your numbers lie between 0 and 1 and each row sums to 1: these are the probabilities. "
    "The exercise asks for their logarithms, which are never above 0.",
)
def probabilities_returned(Z):
    P = np.exp(Z - Z.max(axis=1, keepdims=True))
    return P / P.sum(axis=1, keepdims=True)


@exercise.wrong(
    "sign",
    "Every entry has the wrong sign: you return -log p, the surprise. The logarithm of a "
    "probability is never above 0; the minus sign belongs to the loss.",
)
def sign(Z):
    return np.logaddexp.reduce(Z, axis=1, keepdims=True) - Z


@exercise.wrong(
    "logits-clipped",
    "You clip the logits before you use them. Nothing overflows any more, but beyond the clip "
    "all logits look equal: the answer is wrong there and its slope is exactly 0. Shifting a row "
    "keeps all its gaps; clipping destroys them.",
)
def logits_clipped(Z):
    Z = np.clip(Z, -500, 500)
    return Z - np.logaddexp.reduce(Z, axis=1, keepdims=True)


def log_of(safe):
    """Return the answer that takes the logarithm of ``safe(P)``, probabilities kept above 0."""

    def answer(Z):
        P = np.exp(Z - Z.max(axis=1, keepdims=True))
        return np.log(safe(P / P.sum(axis=1, keepdims=True)))

    return answer


for small in (1e-7, 1e-8, 1e-9, 1e-10, 1e-12, 1e-15):
    for safe in (lambda P, small=small: P + small, lambda P, small=small: np.maximum(P, small)):
        exercise.wrong(
            "epsilon-in-log",
            f"No entry of yours falls below {np.log(small):.1f}, the logarithm of {small:.0e}: a "
            "small number keeps the probabilities away from 0. It hides the log of 0 and puts a "
            "wrong value in its place. The true entries go on falling with the logit.",
        )(log_of(safe))
