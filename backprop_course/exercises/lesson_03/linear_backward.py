r"""A linear layer computes $Z = XW + b$ for a batch of $N$ rows. The rest of the network hands
you `dout`, the gradient of the loss with respect to $Z$. Return the gradients of the loss with
respect to $X$, $W$ and $b$.

| array | shape |
|---|---|
| `dout` | `(N, M)` |
| `X`, `dX` | `(N, D)` |
| `W`, `dW` | `(D, M)` |
| `b`, `db` | `(M,)` |

For `dout = [[1., 2.]]`, `X = [[3.]]` and `W = [[5., 6.]]` the answer is `dX = [[17.]]`,
`dW = [[3., 6.]]` and `db = [1., 2.]`.
"""

import numpy as np

from backprop_course.exercises.record import Case, Exercise

exercise = Exercise(
    title="The backward pass of a linear layer",
    number=2,
    points=4,
    minutes=15,
    level=2,
    outputs=("dX", "dW", "db"),
    hints=(
        "Each gradient has the shape of the array it belongs to. Write the three shapes down, "
        "and beside them the shapes of dout, X and W that you may use.",
        "An entry of W touches every row of the batch, and so does an entry of b: both gradients "
        "add up over the N rows. Which product sums over the rows of two matrices?",
        "dW has shape (D, M) and is made from X (N, D) and dout (N, M): transpose the one whose "
        "rows must become columns. dX goes back through W the same way. db is a sum over axis 0.",
    ),
)


@exercise.solution
def linear_backward(dout, X, W, b):
    """Return the gradients of the loss with respect to X, W and b.

    Parameters
    ----------
    dout : ndarray of shape (N, M)
    X : ndarray of shape (N, D)
    W : ndarray of shape (D, M)
    b : ndarray of shape (M,)

    Returns
    -------
    dX, dW, db : ndarrays with the shapes of X, W and b
    """
    # BEGIN SOLUTION
    dX = dout @ W.T
    dW = X.T @ dout
    db = dout.sum(axis=0)
    return dX, dW, db
    # END SOLUTION


@exercise.cases
def cases(rng):
    for N, D, M, note in ((5, 4, 3, ""), (3, 4, 4, "W is square"), (1, 2, 3, "a batch of one row")):
        dout = rng.normal(size=(N, M))
        X, W, b = rng.normal(size=(N, D)), rng.normal(size=(D, M)), rng.normal(size=M)
        yield Case((dout, X, W, b), sizes={"N": N, "D": D, "M": M}, note=note)


@exercise.right
def with_einsum(dout, X, W, b):
    return (
        np.einsum("nm,dm->nd", dout, W),
        np.einsum("nd,nm->dm", X, dout),
        np.einsum("nm->m", dout),
    )


@exercise.wrong(
    "bias-averaged",
    "Your db is the mean over the batch where the sum belongs: it is exactly {N} times too small. "
    "The mean lives in the loss, so 1/N is already inside dout.",
)
def bias_averaged(dout, X, W, b):
    dX, dW, _ = linear_backward(dout, X, W, b)
    return dX, dW, dout.mean(axis=0)
