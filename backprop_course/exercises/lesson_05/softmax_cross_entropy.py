r"""`Z` holds the logits of `N` examples, `y` their labels, whole numbers from 0 to C - 1. The loss
of one example is minus the logarithm of the probability that softmax gives to its label; the
loss of the batch is the **mean** of these. Return it, and its gradient with respect to `Z`.

| what | shape |
|---|---|
| `Z`, `dZ` | `(N, C)` |
| `y` | `(N,)` |
| `loss` | a number |

Logits may be as large as 100,000: an example that is wrong by a gap of 1,000 has a loss of
1,000, not infinity and not 18.4. Leave `Z` and `y` as they came.

For `Z = [[0, ln 2, ln 3], [0, 0, 0]]` and `y = [1, 0]` the loss is `1.0986` and
`dZ = [[0.0833, -0.3333, 0.25], [-0.3333, 0.1667, 0.1667]]`.
"""

import numpy as np

from backprop_course.exercises.record import Case, Exercise

exercise = Exercise(
    title="Softmax and cross-entropy in one piece",
    number=6,
    points=3,
    minutes=20,
    level=2,
    outputs=("loss", "dZ"),
    # Wide enough that a small number in the logarithm shows where it does harm, at large logits.
    tolerance=1e-5,
    hints=(
        "Begin with stable log-probabilities (your log_softmax). Each example needs just one of "
        "its C entries: the one of its label.",
        "To take one entry a row, index with pairs: row numbers np.arange(N) together with y. For "
        "the gradient you need the probabilities, the labels as one-hot rows, and the mean.",
        "Three slips are common. Taking columns Z[:, y] where pairs are meant; the mean in the "
        "loss but not in the gradient; an exp too large. Each row of dZ must sum to 0, and the "
        "entry of the label is the only negative one.",
    ),
)


@exercise.solution
def softmax_cross_entropy(Z, y):
    """Return the mean cross-entropy of a batch and its gradient.

    Parameters
    ----------
    Z : ndarray of shape (N, C)
        Logits.
    y : ndarray of int, shape (N,)
        Labels, from 0 to C - 1.

    Returns
    -------
    loss : float
    dZ : ndarray of shape (N, C)
    """
    # BEGIN SOLUTION
    N = len(y)
    rows = np.arange(N)
    shifted = Z - Z.max(axis=1, keepdims=True)
    logP = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    loss = -logP[rows, y].mean()
    dZ = np.exp(logP)
    dZ[rows, y] -= 1
    dZ /= N
    return loss, dZ
    # END SOLUTION


def labels(rng, N, C):
    """Return N labels that are as different as C classes allow, in random order."""
    return np.concatenate([rng.permutation(C) for _ in range(-(-N // C))])[:N]


@exercise.cases
def cases(rng):
    yield Case((2 * rng.normal(size=(5, 4)), labels(rng, 5, 4)), sizes={"N": 5, "C": 4})
    Z = rng.normal(size=(3, 5))
    y = np.array([0, 2, 4])
    Z[np.arange(3), y] -= 1e3
    yield Case((Z, y), sizes={"N": 3, "C": 5}, note="every label loses by a gap near 1,000")
    for N, C, note in (
        (3, 6, "fewer examples than classes"),
        (4, 4, "as many examples as classes"),
        (1, 3, "a batch of one row"),
    ):
        Z = 2 * rng.normal(size=(N, C))
        yield Case((Z, labels(rng, N, C)), sizes={"N": N, "C": C}, note=note)
    level = np.array([[1e5], [-1e5]])
    Z = level + rng.normal(size=(2, 4))
    yield Case((Z, labels(rng, 2, 4)), sizes={"N": 2, "C": 4}, note="logits near +-100,000")


def log_softmax(Z):
    return Z - np.logaddexp.reduce(Z, axis=1, keepdims=True)


def one_hot(y, C):
    return np.eye(C)[y]


@exercise.right
def with_one_hot_labels(Z, y):
    N, C = Z.shape
    Y = one_hot(y, C)
    logP = log_softmax(Z)
    return -(Y * logP).sum() / N, (np.exp(logP) - Y) / N


@exercise.right
def row_by_row(Z, y):
    N = len(y)
    loss, dZ = 0.0, np.zeros(Z.shape)
    for n in range(N):
        z = Z[n] - Z[n].max()
        odds = np.exp(z)
        loss += (np.log(odds.sum()) - z[y[n]]) / N
        dZ[n] = odds / odds.sum() / N
        dZ[n, y[n]] -= 1 / N
    return loss, dZ


@exercise.right
def through_the_jacobian(Z, y):
    N, C = Z.shape
    logP = log_softmax(Z)
    loss = -logP[np.arange(N), y].mean()
    dlogP = -one_hot(y, C) / N
    return loss, dlogP - np.exp(logP) * dlogP.sum(axis=1, keepdims=True)


@exercise.wrong(
    "factor-batch-size",
    "Every entry of dZ is exactly {N} times too large: you give the gradient of the sum of the "
    "losses. The loss is their mean over {N} examples, so 1/N belongs to its gradient as well.",
)
def factor_batch_size(Z, y):
    loss, dZ = softmax_cross_entropy(Z, y)
    return loss, dZ * len(y)


@exercise.wrong(
    "batch-size-twice",
    "Every entry of dZ is {N} times too small: you divide by the batch size twice. The mean brings "
    "in 1/N once, here, and nowhere else in the network.",
)
def batch_size_twice(Z, y):
    loss, dZ = softmax_cross_entropy(Z, y)
    return loss, dZ / len(y)


@exercise.wrong(
    "divided-by-classes",
    "Every entry of dZ is {C} times too small: you take the mean over all {N} times {C} entries. "
    "The loss is a mean over the {N} examples; the {C} classes of one example share one loss.",
)
def divided_by_classes(Z, y):
    loss, dZ = softmax_cross_entropy(Z, y)
    return loss, dZ / Z.shape[1]


@exercise.wrong(
    "sign",
    "Every entry of dZ has the wrong sign: a step of gradient descent would make the loss grow. "
    "Raising the label's logit lowers the loss, so the label's entry must be the negative one.",
)
def sign(Z, y):
    loss, dZ = softmax_cross_entropy(Z, y)
    return loss, -dZ


@exercise.wrong(
    "softmax-derivative-twice",
    "Each entry of dZ carries a factor p(1 - p), at most 1/4, that does not belong to it. The "
    "difference between probability and target already contains the derivative of softmax; it is "
    "the gradient with respect to Z, not to P.",
)
def softmax_derivative_twice(Z, y):
    loss, dZ = softmax_cross_entropy(Z, y)
    P = np.exp(log_softmax(Z))
    return loss, dZ * P * (1 - P)


@exercise.wrong(
    "diagonal-only",
    "Only the label's entry of each row is right; the others are 0. You used the diagonal of the "
    "softmax Jacobian alone. The other logits raise the sum in the denominator, so they push the "
    "label's probability down: each row of dZ must sum to 0.",
)
def diagonal_only(Z, y):
    N, C = Z.shape
    logP = log_softmax(Z)
    dZ = -one_hot(y, C) * (1 - np.exp(logP)) / N
    return -logP[np.arange(N), y].mean(), dZ


@exercise.wrong(
    "gradient-of-probabilities",
    "Your dZ is the gradient with respect to the probabilities, -1/p at the label and 0 elsewhere. "
    "It has not yet gone back through softmax.",
)
def gradient_of_probabilities(Z, y):
    N, C = Z.shape
    logP = log_softmax(Z)
    with np.errstate(all="ignore"):
        dZ = -one_hot(y, C) / np.exp(logP) / N
    return -logP[np.arange(N), y].mean(), dZ


@exercise.wrong(
    "columns-for-pairs",
    "Your dZ has 1 subtracted in whole columns: indexing with [:, y] picks the columns of all "
    "labels in every row, not one entry a row. The rows show it: each must sum to 0, and with k "
    "different labels in the batch yours sum to -(k - 1)/{N}.",
)
def columns_for_pairs(Z, y):
    N = len(y)
    logP = log_softmax(Z)
    dZ = np.exp(logP)
    dZ[:, y] -= 1
    return -logP[np.arange(N), y].mean(), dZ / N


@exercise.wrong(
    "label-not-subtracted",
    "No entry of your dZ is negative and each row sums to 1/{N}, where 0 belongs. These are the "
    "probabilities over N; the label has not spoken yet.",
)
def label_not_subtracted(Z, y):
    loss, _ = softmax_cross_entropy(Z, y)
    return loss, np.exp(log_softmax(Z)) / len(y)


@exercise.wrong(
    "true-class-left-out",
    "The label's entry of each row of dZ is 0, all others are right, and the rows do not sum to 0. "
    "The label is a class like the others here: raising its own logit lowers the loss.",
)
def true_class_left_out(Z, y):
    loss, dZ = softmax_cross_entropy(Z, y)
    dZ[np.arange(len(y)), y] = 0
    return loss, dZ


@exercise.wrong(
    "wrong-axis",
    "You apply softmax over the batch: the columns of your P sum to 1. The {C} classes of one "
    "example compete, not the {N} examples of one class.",
)
def wrong_axis(Z, y):
    N, C = Z.shape
    logP = Z - np.logaddexp.reduce(Z, axis=0)
    return -logP[np.arange(N), y].mean(), (np.exp(logP) - one_hot(y, C)) / N


@exercise.wrong(
    "softmax-applied-twice",
    "You apply softmax to probabilities. The second softmax sees inputs between 0 and 1, so its "
    "output is never certain, and the loss never comes near 0, however right the network is. It "
    "still trains, which is why this slip lives long.",
)
def softmax_applied_twice(Z, y):
    P = np.exp(log_softmax(Z))
    return softmax_cross_entropy(P, y)


@exercise.wrong(
    "loss-not-averaged",
    "Your loss is {N} times too large: you add up the examples. Loss and gradient must speak of "
    "the same function, the mean.",
)
def loss_not_averaged(Z, y):
    loss, dZ = softmax_cross_entropy(Z, y)
    return loss * len(y), dZ


@exercise.wrong(
    "loss-sign",
    "Your loss is negative. A probability is at most 1, its logarithm at most 0: the loss is minus "
    "that logarithm.",
)
def loss_sign(Z, y):
    loss, dZ = softmax_cross_entropy(Z, y)
    return -loss, dZ


@exercise.wrong(
    "log-of-softmax",
    "Your loss is infinite where the label loses by a gap of 1,000: its "
    "probability is 0 in float64 and you take the logarithm of it. The true loss is about 1,000. "
    "Take the logarithm on paper, before the probabilities exist.",
)
def log_of_softmax(Z, y):
    _, dZ = softmax_cross_entropy(Z, y)
    P = np.exp(log_softmax(Z))
    with np.errstate(divide="ignore"):
        return -np.log(P[np.arange(len(y)), y]).mean(), dZ


@exercise.wrong(
    "unstable",
    "Right for small logits. From about 710 on np.exp overflows, and far below zero every "
    "exponential of a row is 0: the result is nan. Softmax depends on the gaps of a row only, so "
    "move each row to a safe place first.",
)
def unstable(Z, y):
    N, C = Z.shape
    with np.errstate(all="ignore"):
        odds = np.exp(Z)
        P = odds / odds.sum(axis=1, keepdims=True)
        return -np.log(P[np.arange(N), y]).mean(), (P - one_hot(y, C)) / N


def capped(small):
    """Return the answer with a small number in the logarithm."""

    def answer(Z, y):
        _, dZ = softmax_cross_entropy(Z, y)
        P = np.exp(log_softmax(Z))
        return -np.log(P[np.arange(len(y)), y] + small).mean(), dZ

    return answer


for small in (1e-7, 1e-8, 1e-9, 1e-10, 1e-12, 1e-15):
    exercise.wrong(
        "epsilon-in-log",
        f"Your loss of an example never exceeds {-np.log(small):.1f}, however wrong the network "
        f"is: {small:.0e} keeps the probabilities away from 0. The true loss still falls when the "
        "label's logit rises; at the ceiling yours is flat, so the gradient that the exercise asks "
        "for is not its slope.",
    )(capped(small))
