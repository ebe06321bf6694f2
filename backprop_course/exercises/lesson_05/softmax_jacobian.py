r"""The softmax of a row of logits $z$ is $p$, with $p_i = e^{z_i} / \sum_k e^{z_k}$. Given `p`, of
shape `(C,)`, return the Jacobian $J$ of shape `(C, C)`: row $i$ belongs to the output $p_i$,
column $j$ to the input $z_j$,

$$J_{ij} = \frac{\partial p_i}{\partial z_j}.$$

You are given the probabilities, not the logits. The quotient rule leaves nothing but
probabilities, so this is enough.

For `p = [0.5, 0.25, 0.25]` the Jacobian is

|  |  |  |
|---|---|---|
| 0.25 | -0.125 | -0.125 |
| -0.125 | 0.1875 | -0.0625 |
| -0.125 | -0.0625 | 0.1875 |

Look at its rows and columns before you write code: what do they sum to, and why must they?
"""

import numpy as np

from backprop_course.exercises.record import Case, Exercise

exercise = Exercise(
    title="The Jacobian of softmax",
    number=3,
    points=2,
    minutes=10,
    level=2,
    outputs=("J",),
    hints=(
        "There are two kinds of entries: on the diagonal a probability answers to its own logit, "
        "off the diagonal to the logit of another class. Apply the quotient rule to each kind.",
        "Raising a logit raises its own probability and lowers all others, because the sum stays "
        "1. So the diagonal is positive, the rest negative, and each row sums to 0. A matrix with "
        "the entries p_i times p_j is an outer product.",
        "Two NumPy functions make the two parts: np.diag puts a vector on a diagonal, np.outer "
        "makes all products of two vectors. One minus the other.",
    ),
)


@exercise.solution
def softmax_jacobian(p):
    """Return the Jacobian of softmax at the probabilities p.

    Parameters
    ----------
    p : ndarray of shape (C,)
        Probabilities, the output of softmax.

    Returns
    -------
    J : ndarray of shape (C, C)
        Entry (i, j) is the derivative of p[i] with respect to logit j.
    """
    # BEGIN SOLUTION
    return np.diag(p) - np.outer(p, p)
    # END SOLUTION


@exercise.cases
def cases(rng):
    for C, scale, note in (
        (4, 1.0, ""),
        (3, 1.0, ""),
        (2, 0.7, "two classes"),
        (6, 6.0, "some probabilities very small"),
    ):
        odds = np.exp(scale * rng.normal(size=C))
        yield Case((odds / odds.sum(),), sizes={"C": C}, note=note)


@exercise.right
def entry_by_entry(p):
    C = len(p)
    J = np.empty((C, C))
    for i in range(C):
        for j in range(C):
            J[i, j] = p[i] * (1 - p[i]) if i == j else -p[i] * p[j]
    return J


@exercise.right
def with_kronecker_delta(p):
    return p[:, None] * (np.eye(len(p)) - p)


@exercise.wrong(
    "diagonal-only",
    "Your diagonal is right, and 0 stands everywhere else. That says that a probability depends "
    "on its own logit only, but all {C} logits share the sum in the denominator. The rows of "
    "a softmax Jacobian sum to 0; yours sum to p(1 - p).",
)
def diagonal_only(p):
    return np.diag(p * (1 - p))


@exercise.wrong(
    "sign",
    "Every entry has the wrong sign. The diagonal must be positive: raising a logit raises its "
    "own probability.",
)
def sign(p):
    return np.outer(p, p) - np.diag(p)


@exercise.wrong(
    "sign-off-diagonal",
    "Off the diagonal the sign is wrong, and the diagonal is too large: your rows sum to 2p where "
    "0 belongs. If one probability rises, the others must fall.",
)
def sign_off_diagonal(p):
    return np.diag(p) + np.outer(p, p)


@exercise.wrong(
    "diagonal-term-missing",
    "All entries off the diagonal are right. On it, the first half of the quotient rule is "
    "missing: the numerator depends on its own logit too. Your rows sum to -p where 0 belongs.",
)
def diagonal_term_missing(p):
    return -np.outer(p, p)


@exercise.wrong(
    "identity-for-diagonal",
    "Off the diagonal you are right; the diagonal is too large. You put ones where the "
    "probabilities belong: differentiating the numerator gives the numerator back, and over "
    "the sum that is p, not 1. Your rows sum to 1 - p.",
)
def identity_for_diagonal(p):
    return np.eye(len(p)) - np.outer(p, p)


@exercise.wrong(
    "squares-for-products",
    "You multiply p with p entry by entry, which gives {C} squares and broadcasts them along the "
    "rows. The entry in row i and column j needs the product of p_i and p_j: {C} times {C} "
    "products. The true matrix is symmetric; yours is not.",
)
def squares_for_products(p):
    return np.diag(p) - p * p


@exercise.wrong(
    "vector-for-matrix",
    "You return {C} numbers, the diagonal alone. Each of the {C} probabilities depends on each of "
    "the {C} logits, so the Jacobian has {C} rows and {C} columns.",
)
def vector_for_matrix(p):
    return p * (1 - p)


@exercise.wrong(
    "softmax-applied-twice",
    "You apply softmax to p, but p is already the output of softmax. Your matrix is a softmax "
    "Jacobian at another point.",
)
def softmax_applied_twice(p):
    again = np.exp(p) / np.exp(p).sum()
    return np.diag(again) - np.outer(again, again)
