r"""With two classes one logit is enough. $p = \sigma(z) = 1 / (1 + e^{-z})$ is the probability of
class 1, and the loss of one example with label $y$ (0 or 1) is

$$\ell = -y \log p - (1 - y) \log (1 - p).$$

Return the mean loss of the batch and its gradient with respect to `z`.

| what | shape |
|---|---|
| `z`, `dz` | `(N,)` |
| `y` | `(N,)`, zeros and ones |
| `loss` | a number |

Logits may be as large as 100,000: neither `p` nor `1 - p` may be put into a logarithm. Put
$\sigma$ into $\ell$ on paper; what remains contains $\log(1 + e^{z})$, and
`np.logaddexp(0, z)` computes exactly that without overflow.

For `z = [0, ln 3]` and `y = [1, 0]` the loss is `1.0397` and `dz = [-0.25, 0.375]`.
"""

import numpy as np

from backprop_course.exercises.record import Case, Exercise

exercise = Exercise(
    title="Binary cross-entropy from logits",
    number=11,
    points=2,
    minutes=15,
    level=2,
    outputs=("loss", "dz"),
    # Wide enough that a small number in the logarithm shows where it does harm, at large logits.
    tolerance=1e-5,
    hints=(
        "Sigmoid is the softmax of the two logits z and 0. So you know already what the gradient "
        "must look like; only the loss needs care.",
        "Show on paper that minus log(1 - p) is log(1 + exp(z)), and that minus log(p) is the "
        "same number minus z. Put both into the loss: for every y one term remains beside it.",
        "The loss of an example is np.logaddexp(0, z) and a term with y times z. The sigmoid is "
        "safe as the exponential of minus np.logaddexp(0, -z). Mind the mean in both answers.",
    ),
)


@exercise.solution
def binary_cross_entropy_with_logits(z, y):
    """Return the mean binary cross-entropy of a batch and its gradient.

    Parameters
    ----------
    z : ndarray of shape (N,)
        Logits of class 1.
    y : ndarray of shape (N,)
        Labels, each 0 or 1.

    Returns
    -------
    loss : float
    dz : ndarray of shape (N,)
    """
    # BEGIN SOLUTION
    N = len(z)
    loss = np.mean(np.logaddexp(0, z) - y * z)
    p = np.exp(-np.logaddexp(0, -z))
    return loss, (p - y) / N
    # END SOLUTION


@exercise.cases
def cases(rng):
    y = rng.permutation(np.arange(6) % 2)
    yield Case((1.5 * rng.normal(size=6), y), sizes={"N": 6})
    z = np.array([1.0, -1.0, 1.0, -1.0]) * rng.uniform(800, 1200, size=4)
    yield Case((z, np.array([0, 1, 1, 0])), sizes={"N": 4}, note="logits around +-1,000")
    y = rng.permutation(np.arange(5) % 2)
    yield Case((1.5 * rng.normal(size=5), y), sizes={"N": 5})
    z, y = rng.normal(size=1), rng.integers(2, size=1)
    yield Case((z, y), sizes={"N": 1}, note="a batch of one example")
    z = np.array([1.0, -1.0, -1.0]) * rng.uniform(0.9e5, 1.1e5, size=3)
    yield Case((z, np.array([0, 1, 0])), sizes={"N": 3}, note="logits around +-100,000")


def sigmoid(z):
    return np.exp(-np.logaddexp(0, -z))


@exercise.right
def with_log1p(z, y):
    losses = np.maximum(z, 0) - y * z + np.log1p(np.exp(-np.abs(z)))
    small = np.exp(-np.abs(z))
    p = np.where(z >= 0, 1, small) / (1 + small)
    return losses.mean(), (p - y) / len(z)


@exercise.right
def as_softmax_of_two_logits(z, y):
    Z = np.stack([np.zeros(len(z)), z], axis=1)
    logP = Z - np.logaddexp.reduce(Z, axis=1, keepdims=True)
    loss = -logP[np.arange(len(z)), y].mean()
    return loss, (np.exp(logP[:, 1]) - y) / len(z)


@exercise.right
def example_by_example(z, y):
    loss, dz = 0.0, np.zeros(len(z))
    for n in range(len(z)):
        away = -z[n] if y[n] else z[n]
        loss += np.logaddexp(0, away) / len(z)
        dz[n] = (sigmoid(z[n]) - y[n]) / len(z)
    return loss, dz


@exercise.wrong(
    "factor-batch-size",
    "Every entry of dz is exactly {N} times too large: you give the gradient of the sum of the "
    "losses. The loss is their mean over {N} examples, so 1/N belongs to its gradient as well.",
)
def factor_batch_size(z, y):
    loss, dz = binary_cross_entropy_with_logits(z, y)
    return loss, dz * len(z)


@exercise.wrong(
    "sign",
    "Every entry of dz has the wrong sign. For an example with y = 1 a higher logit lowers the "
    "loss, so its entry is negative.",
)
def sign(z, y):
    loss, dz = binary_cross_entropy_with_logits(z, y)
    return loss, -dz


@exercise.wrong(
    "sigmoid-derivative-twice",
    "Each entry of dz carries a factor p(1 - p), at most 1/4, that does not belong to it. That "
    "factor of sigmoid has already cancelled against the derivative of the logarithm.",
)
def sigmoid_derivative_twice(z, y):
    loss, dz = binary_cross_entropy_with_logits(z, y)
    p = sigmoid(z)
    return loss, dz * p * (1 - p)


@exercise.wrong(
    "gradient-of-probabilities",
    "Your dz is the gradient with respect to p: it has not yet gone back through sigmoid. "
    "Its entries are never smaller than 1/{N} in size, those of the true gradient never larger.",
)
def gradient_of_probabilities(z, y):
    loss, _ = binary_cross_entropy_with_logits(z, y)
    p = sigmoid(z)
    with np.errstate(all="ignore"):
        return loss, (p - y) / (p * (1 - p)) / len(z)


@exercise.wrong(
    "zeros-forgotten",
    "Your loss counts only the examples with y = 1: those with y = 0 cost nothing, whatever the "
    "network says. The second half of the formula is missing.",
)
def zeros_forgotten(z, y):
    _, dz = binary_cross_entropy_with_logits(z, y)
    return np.mean(y * np.logaddexp(0, -z)), dz


@exercise.wrong(
    "softmax-for-sigmoid",
    "You apply softmax over the batch: your {N} probabilities sum to 1. Each example has its own "
    "yes or no here, and its own sigmoid.",
)
def softmax_for_sigmoid(z, y):
    logp = z - np.logaddexp.reduce(z)
    return -(y * logp).mean(), (np.exp(logp) - y) / len(z)


@exercise.wrong(
    "loss-not-averaged",
    "Your loss is {N} times too large: you add up the examples. Loss and gradient must speak of "
    "the same function, the mean.",
)
def loss_not_averaged(z, y):
    loss, dz = binary_cross_entropy_with_logits(z, y)
    return loss * len(z), dz


@exercise.wrong(
    "all-pairs",
    "Your loss is a mean over {N} times {N} pairs: somewhere a column of shape (N, 1) meets a row "
    "of shape (N,), and every label is compared with every logit. Each logit has one label. "
    "A gradient check need not see it: it compares a gradient with the slope of your own loss.",
)
def all_pairs(z, y):
    y = y[:, None]
    return np.mean(np.logaddexp(0, z) - y * z), (sigmoid(z) - y).mean(axis=0) / len(z)


@exercise.wrong(
    "log-of-sigmoid",
    "Right for small logits, inf or nan for large ones. At z = 40 the sigmoid is exactly 1 in "
    "float64, so 1 - p is 0 and has no logarithm. Take the logarithm on paper first.",
)
def log_of_sigmoid(z, y):
    p = sigmoid(z)
    with np.errstate(all="ignore"):
        return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p)), (p - y) / len(z)


def capped(small):
    """Return the answer with a small number in both logarithms."""

    def answer(z, y):
        p = sigmoid(z)
        losses = -y * np.log(p + small) - (1 - y) * np.log(1 - p + small)
        return losses.mean(), (p - y) / len(z)

    return answer


def clipped(small):
    """Return the answer that clips the probability and uses it for loss and gradient."""

    def answer(z, y):
        p = np.clip(sigmoid(z), small, 1 - small)
        return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p)), (p - y) / len(z)

    return answer


for small in (1e-7, 1e-8, 1e-9, 1e-10, 1e-12, 1e-15):
    exercise.wrong(
        "epsilon-in-log",
        f"Your loss of an example never exceeds {-np.log(small):.1f}, however wrong it is: "
        f"{small:.0e} keeps p and 1 - p away from 0. At the ceiling your loss is flat, so the "
        "gradient that the exercise asks for is not its slope. The true loss goes on growing.",
    )(capped(small))

for small in (1e-7, 1e-8, 1e-9):
    exercise.wrong(
        "probabilities-clipped",
        f"You clip p to the range from {small:.0e} to 1 - {small:.0e} and use it from there on. "
        f"Then no example costs more than {-np.log(small):.1f}, and no gradient reaches 0. Where "
        "the clip acts, loss and gradient are both wrong, and the loss is flat.",
    )(clipped(small))
