r"""Softmax turned each row of `Z` into a row of `P`. The rest of the network hands you `dout`, the
gradient of the loss with respect to `P`. Return the gradient with respect to `Z`.

| array | shape |
|---|---|
| `dout`, `P`, `dZ` | `(N, C)` |

For one row, the chain rule says $dz_j = \sum_i \text{dout}_i \, J_{ij}$ with the softmax Jacobian
$J = \mathrm{diag}(p) - p p^T$. Do not build it: for 128 rows and 1,000 classes the Jacobians
would fill a gigabyte, and the answer fills one megabyte. Multiply out on paper first.

For `P = [[0.5, 0.25, 0.25]]` and `dout = [[2., 0., 8.]]` the answer is
`dZ = [[-0.5, -0.75, 1.25]]`.
"""

import numpy as np

from backprop_course.exercises.record import Case, Exercise

exercise = Exercise(
    title="The backward pass of softmax, without its Jacobian",
    number=4,
    points=2,
    minutes=15,
    level=2,
    outputs=("dZ",),
    hints=(
        "Write dz_j as a sum over i and put the two parts of J into it: the diagonal part keeps "
        "one term of the sum, the outer product keeps them all.",
        "What the outer product contributes is p_j times one number that is the same for the "
        "whole row: the average of dout, each entry weighted with its probability.",
        "In each row: take the weighted average (a sum over axis 1 of a product, keepdims=True), "
        "subtract it from dout, and multiply what is left with the probabilities.",
    ),
)


@exercise.solution
def softmax_backward(dout, P):
    """Return the gradient of the loss with respect to the logits.

    Parameters
    ----------
    dout : ndarray of shape (N, C)
        Gradient of the loss with respect to P.
    P : ndarray of shape (N, C)
        Probabilities, the output of softmax.

    Returns
    -------
    dZ : ndarray of shape (N, C)
    """
    # BEGIN SOLUTION
    average = (dout * P).sum(axis=1, keepdims=True)
    return P * (dout - average)
    # END SOLUTION


def probabilities(rng, N, C):
    odds = np.exp(rng.normal(size=(N, C)))
    return odds / odds.sum(axis=1, keepdims=True)


@exercise.cases
def cases(rng):
    for N, C, note in (
        (5, 4, ""),
        (3, 6, ""),
        (4, 4, "as many rows as classes"),
        (1, 3, "a batch of one row"),
    ):
        dout = rng.normal(size=(N, C))
        yield Case((dout, probabilities(rng, N, C)), sizes={"N": N, "C": C}, note=note)


@exercise.right
def with_jacobians(dout, P):
    J = np.einsum("nc,ck->nck", P, np.eye(P.shape[1])) - np.einsum("nc,nk->nck", P, P)
    return np.einsum("nc,nck->nk", dout, J)


@exercise.right
def row_by_row(dout, P):
    dZ = np.zeros(P.shape)
    for n in range(P.shape[0]):
        dZ[n] = P[n] * dout[n] - P[n] * np.dot(dout[n], P[n])
    return dZ


@exercise.wrong(
    "diagonal-only",
    "You multiply by p(1 - p), the diagonal of the Jacobian, as if each logit moved its own "
    "probability only. It moves all {C}, and the rows tell: each row of dZ must sum to 0, "
    "and yours do not.",
)
def diagonal_only(dout, P):
    return dout * P * (1 - P)


@exercise.wrong(
    "row-sum-left-out",
    "You keep only the diag(p) part of the Jacobian. The outer product is missing: what a logit "
    "gives to one class it takes from the others of its row. Without it the rows of dZ do not "
    "sum to 0.",
)
def row_sum_left_out(dout, P):
    return P * dout


@exercise.wrong(
    "probabilities-left-out",
    "Your subtraction is right, but the factor in front is missing: a logit whose probability is "
    "small moves the output little. Weigh each entry with its probability.",
)
def probabilities_left_out(dout, P):
    return dout - (dout * P).sum(axis=1, keepdims=True)


@exercise.wrong(
    "unweighted-sum",
    "You subtract the plain sum of dout over the row. The outer product p p^T carries a "
    "probability to each entry of dout before they are added.",
)
def unweighted_sum(dout, P):
    return P * (dout - dout.sum(axis=1, keepdims=True))


@exercise.wrong(
    "mean-for-weighted-average",
    "You subtract the plain mean of dout. It would be right if all {C} probabilities were equal. "
    "The average is weighted with the probabilities.",
)
def mean_for_weighted_average(dout, P):
    return P * (dout - dout.mean(axis=1, keepdims=True))


@exercise.wrong(
    "wrong-axis",
    "Your average runs over the batch (axis 0), so the rows of your dZ do not sum to 0. Examples "
    "do not know of one another here; the sum belongs to one row.",
)
def wrong_axis(dout, P):
    return P * (dout - (dout * P).sum(axis=0))


@exercise.wrong(
    "upstream-ignored",
    "dout takes no part in your answer. It is the loss's opinion of each probability, and the "
    "backward pass of softmax only passes it on.",
)
def upstream_ignored(dout, P):
    return P * (1 - P)


@exercise.wrong(
    "sign",
    "Every entry has the wrong sign. A probability rises with its own logit, so an entry of dout "
    "above the weighted average of its row gives a positive entry of dZ.",
)
def sign(dout, P):
    return P * ((dout * P).sum(axis=1, keepdims=True) - dout)


@exercise.wrong(
    "averaged-over-batch",
    "Everything is {N} times too small: you divide by the batch size. Softmax takes no mean; "
    "the loss does, and its 1/N is already inside dout.",
)
def averaged_over_batch(dout, P):
    return softmax_backward(dout, P) / len(P)
