r"""Label smoothing takes a little certainty from the label and spreads it evenly over **all** C
classes, the label included. The target of an example with label $y$ is

$$q_k = (1 - \varepsilon)\, Y_k + \frac{\varepsilon}{C},$$

with $Y$ the one-hot row of $y$. The loss of one example is $-\sum_k q_k \log p_k$, where
$p = \mathrm{softmax}(z)$; the loss of the batch is the mean. Return it and its gradient with
respect to `Z`.

| what | shape |
|---|---|
| `Z`, `dZ` | `(N, C)` |
| `y` | `(N,)`, whole numbers |
| `epsilon`, `loss` | numbers |

With `epsilon = 0` you get plain cross-entropy. Logits may be in the thousands.

For `Z = [[0, ln 2, ln 3]]`, `y = [1]` and `epsilon = 0.3` the target is `[0.1, 0.8, 0.1]`, the
loss is `1.1274` and `dZ = [[0.0667, -0.4667, 0.4]]`.
"""

import numpy as np

from backprop_course.exercises.record import Case, Exercise

exercise = Exercise(
    title="Label smoothing",
    number=9,
    points=2,
    minutes=15,
    level=2,
    outputs=("loss", "dZ"),
    # Wide enough that a small number in the logarithm shows where it does harm, at large logits.
    tolerance=1e-5,
    hints=(
        "Write the target rows q as an array of shape (N, C) and check that each row sums to 1. "
        "Then forget that they came from labels.",
        "Go through the derivation of the gradient again with q in place of the one-hot row. At "
        "one place you used that the target sums to 1. Does q?",
        "One array of targets serves both answers. The loss sums target times log-probability "
        "over everything and divides by N; the gradient compares probability with target.",
    ),
)


@exercise.solution
def smoothed_cross_entropy(Z, y, epsilon):
    """Return the mean cross-entropy against smoothed labels and its gradient.

    Parameters
    ----------
    Z : ndarray of shape (N, C)
        Logits.
    y : ndarray of int, shape (N,)
        Labels, from 0 to C - 1.
    epsilon : float
        How much certainty is spread evenly over all C classes, from 0 to 1.

    Returns
    -------
    loss : float
    dZ : ndarray of shape (N, C)
    """
    # BEGIN SOLUTION
    N, C = Z.shape
    Q = np.full((N, C), epsilon / C)
    Q[np.arange(N), y] += 1 - epsilon
    shifted = Z - Z.max(axis=1, keepdims=True)
    logP = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return -(Q * logP).sum() / N, (np.exp(logP) - Q) / N
    # END SOLUTION


@exercise.cases
def cases(rng):
    for N, C, scale, note in (
        (5, 4, 2, ""),
        (2, 5, 1e3, "logits around 1,000"),
        (3, 6, 2, "fewer examples than classes"),
        (1, 3, 2, "a batch of one row"),
    ):
        Z, y = scale * rng.normal(size=(N, C)), rng.integers(C, size=N)
        if scale > 2:
            Z[:, 0] = Z.max(axis=1) + 900
            # One row far below the other: the largest of all would be no help to it.
            Z[1] -= 3000
        yield Case((Z, y, rng.uniform(0.1, 0.3)), sizes={"N": N, "C": C}, note=note)
    Z, y = rng.normal(size=(4, 3)), rng.integers(3, size=4)
    yield Case((Z, y, 0.0), sizes={"N": 4, "C": 3}, note="epsilon is 0")


def log_softmax(Z):
    return Z - np.logaddexp.reduce(Z, axis=1, keepdims=True)


def cross_entropy(Z, Q):
    """Return the mean of -sum q log p for any targets Q, with the gradient P - Q over N."""
    logP = log_softmax(Z)
    return -(Q * logP).sum() / len(Z), (np.exp(logP) - Q) / len(Z)


def targets(Z, y, epsilon):
    C = Z.shape[1]
    return (1 - epsilon) * np.eye(C)[y] + epsilon / C


@exercise.right
def with_one_hot_labels(Z, y, epsilon):
    return cross_entropy(Z, targets(Z, y, epsilon))


@exercise.right
def as_a_mixture_of_two_losses(Z, y, epsilon):
    N, C = Z.shape
    hard, hard_gradient = cross_entropy(Z, np.eye(C)[y])
    even, even_gradient = cross_entropy(Z, np.full((N, C), 1 / C))
    return (
        (1 - epsilon) * hard + epsilon * even,
        (1 - epsilon) * hard_gradient + epsilon * even_gradient,
    )


@exercise.right
def row_by_row(Z, y, epsilon):
    N, C = Z.shape
    loss, dZ = 0.0, np.zeros((N, C))
    for n in range(N):
        logp = log_softmax(Z[n : n + 1])[0]
        for k in range(C):
            q = epsilon / C + (1 - epsilon if k == y[n] else 0)
            loss -= q * logp[k] / N
            dZ[n, k] = (np.exp(logp[k]) - q) / N
    return loss, dZ


@exercise.wrong(
    "gradient-not-smoothed",
    "Your gradient is that of the hard labels: it does not feel epsilon. A gradient that belongs "
    "to another loss still trains, and only a check sees it.",
)
def gradient_not_smoothed(Z, y, epsilon):
    loss, _ = smoothed_cross_entropy(Z, y, epsilon)
    return loss, smoothed_cross_entropy(Z, y, 0)[1]


@exercise.wrong(
    "loss-not-smoothed",
    "Your loss is that of the hard labels: it looks at the label's log-probability only. Every "
    "class has a share in the target now.",
)
def loss_not_smoothed(Z, y, epsilon):
    _, dZ = smoothed_cross_entropy(Z, y, epsilon)
    return smoothed_cross_entropy(Z, y, 0)[0], dZ


@exercise.wrong(
    "spread-over-others",
    "You spread epsilon over the {C} - 1 other classes. Some texts do; here it is spread over all "
    "{C} classes, so that the label keeps a share of it as well.",
)
def spread_over_others(Z, y, epsilon):
    C = Z.shape[1]
    Y = np.eye(C)[y]
    return cross_entropy(Z, (1 - epsilon) * Y + epsilon / (C - 1) * (1 - Y))


@exercise.wrong(
    "label-not-reduced",
    "You give every class its share of epsilon without taking it from the label: your targets sum "
    "to 1 + epsilon, and the rows of your dZ sum to -epsilon/{N}, where 0 belongs.",
)
def label_not_reduced(Z, y, epsilon):
    C = Z.shape[1]
    return cross_entropy(Z, np.eye(C)[y] + epsilon / C)


@exercise.wrong(
    "share-not-given",
    "You take epsilon from the label and give it to nobody: your targets sum to 1 - epsilon, and "
    "the rows of your dZ sum to epsilon/{N}, where 0 belongs.",
)
def share_not_given(Z, y, epsilon):
    return cross_entropy(Z, (1 - epsilon) * np.eye(Z.shape[1])[y])


@exercise.wrong(
    "epsilon-not-divided",
    "You give epsilon to each class; it is to be shared among the {C} of them. Your targets sum "
    "to more than 1, so the rows of your dZ do not sum to 0.",
)
def epsilon_not_divided(Z, y, epsilon):
    return cross_entropy(Z, (1 - epsilon) * np.eye(Z.shape[1])[y] + epsilon)


@exercise.wrong(
    "shares-exchanged",
    "The two shares have changed places: your label keeps epsilon and 1 - epsilon is spread out. "
    "A small epsilon should leave the label nearly everything.",
)
def shares_exchanged(Z, y, epsilon):
    C = Z.shape[1]
    return cross_entropy(Z, epsilon * np.eye(C)[y] + (1 - epsilon) / C)


@exercise.wrong(
    "probabilities-smoothed",
    "You smooth the probabilities of the network. What is smoothed is the target; the network's "
    "output stays as it is.",
)
def probabilities_smoothed(Z, y, epsilon):
    N, C = Z.shape
    P = (1 - epsilon) * np.exp(log_softmax(Z)) + epsilon / C
    with np.errstate(divide="ignore"):
        loss = -np.log(P[np.arange(N), y]).mean()
    return loss, (P - np.eye(C)[y]) / N


@exercise.wrong(
    "factor-batch-size",
    "Every entry of dZ is exactly {N} times too large: you give the gradient of the sum of the "
    "losses. The loss is their mean over {N} examples, so 1/N belongs to its gradient as well.",
)
def factor_batch_size(Z, y, epsilon):
    loss, dZ = smoothed_cross_entropy(Z, y, epsilon)
    return loss, dZ * len(y)


@exercise.wrong(
    "unstable",
    "Right for small logits, nan or inf for large ones: a probability that is 0 in float64 has no "
    "logarithm, and here every class enters the loss. Work with stable log-probabilities.",
)
def unstable(Z, y, epsilon):
    Q = targets(Z, y, epsilon)
    with np.errstate(all="ignore"):
        odds = np.exp(Z)
        P = odds / odds.sum(axis=1, keepdims=True)
        return -(Q * np.log(P)).sum() / len(y), (P - Q) / len(y)


def capped(small):
    """Return the answer with a small number in the logarithm."""

    def answer(Z, y, epsilon):
        _, dZ = smoothed_cross_entropy(Z, y, epsilon)
        logP = np.log(np.exp(log_softmax(Z)) + small)
        return -(targets(Z, y, epsilon) * logP).sum() / len(y), dZ

    return answer


for small in (1e-7, 1e-8, 1e-9, 1e-10, 1e-12, 1e-15):
    exercise.wrong(
        "epsilon-in-log",
        f"{small:.0e} keeps your probabilities away from 0, so that no class adds more than "
        f"{-np.log(small):.1f} times its target to the loss. With smoothing every class counts, "
        "and the true loss grows with each logit that falls behind.",
    )(capped(small))
