r"""A tied autoencoder squeezes each row of $X$ through $W$ and unfolds it with the *same*
weights: $\text{out} = X W W^\top$. So $W$ takes part twice, and both uses send a gradient back.
Given `dout`, return the gradients with respect to $X$ and $W$.

| array | shape |
|---|---|
| `X`, `dX`, `dout` | `(N, D)` |
| `W`, `dW` | `(D, M)` |

Name the middle: with `H = X @ W` of shape `(N, M)` the output is `H @ W.T`.

For `X = [[2.]]`, `W = [[3.]]` and `dout = [[1.]]` the output is $2 \cdot 3 \cdot 3 = 18$, and the
answer is `dX = [[9.]]`, `dW = [[12.]]`: the slope of $2w^2$ at $w = 3$.
"""

import numpy as np

from backprop_course.exercises.record import Case, Exercise

exercise = Exercise(
    title="A weight that is used twice",
    number=11,
    points=2,
    minutes=20,
    level=3,
    outputs=("dX", "dW"),
    hints=(
        "Pretend for a moment that the two uses are two different matrices, out = X A B. You know "
        "the gradients of A and of B from the linear layer.",
        "Walk backward from out: first the product of H and W.T, then the product of X and W. "
        "Each of the two hands you a gradient for a W; at a fork the gradients add.",
        "For the last product the second factor is W.T of shape (M, D), and so is its gradient: "
        "turn it round before you add it to the gradient from the first product.",
    ),
)


@exercise.solution
def tied_backward(dout, X, W):
    """Return the gradients of the loss with respect to X and W for out = X W W^T.

    Parameters
    ----------
    dout : ndarray of shape (N, D)
    X : ndarray of shape (N, D)
    W : ndarray of shape (D, M)

    Returns
    -------
    dX, dW : ndarrays with the shapes of X and W
    """
    # BEGIN SOLUTION
    H = X @ W
    dH = dout @ W
    dX = dH @ W.T
    dW = X.T @ dH + dout.T @ H
    return dX, dW
    # END SOLUTION


@exercise.cases
def cases(rng):
    for N, D, M, note in (
        (5, 4, 3, ""),
        (3, 4, 4, "W is square"),
        (2, 3, 5, "wider in the middle"),
        (1, 4, 2, "a batch of one row"),
    ):
        dout, X, W = rng.normal(size=(N, D)), rng.normal(size=(N, D)), rng.normal(size=(D, M))
        yield Case((dout, X, W), sizes={"N": N, "D": D, "M": M}, note=note)


@exercise.right
def with_einsum(dout, X, W):
    dX = np.einsum("ne,em,dm->nd", dout, W, W)
    first = np.einsum("nd,ne,em->dm", X, dout, W)
    second = np.einsum("ne,nd,dm->em", dout, X, W)
    return dX, first + second


@exercise.right
def through_the_square(dout, X, W):
    dP = X.T @ dout
    return dout @ (W @ W.T), (dP + dP.T) @ W


@exercise.right
def with_two_copies(dout, X, W):
    A, B = W, W.T
    H = X @ A
    dB = H.T @ dout
    dH = dout @ B.T
    dA = X.T @ dH
    return dH @ A.T, np.add(dA, dB.T)


@exercise.wrong(
    "first-use-only",
    "Your dW is the share of the first use, where W meets X. The second use, where W unfolds the "
    "middle, sends a gradient back as well. In the example with 1 by 1 matrices you get 6 where "
    "the slope is 12.",
)
def first_use_only(dout, X, W):
    dX, _ = tied_backward(dout, X, W)
    return dX, X.T @ (dout @ W)


@exercise.wrong(
    "second-use-only",
    "Your dW is the share of the last use alone. This is what happens when the second assignment "
    "to dW overwrites the first: at a fork the shares must be added.",
)
def second_use_only(dout, X, W):
    dX, _ = tied_backward(dout, X, W)
    return dX, dout.T @ (X @ W)


@exercise.wrong(
    "first-use-doubled",
    "You took one share twice. For single numbers both uses give the same, as in the slope 2w of "
    "the square; for matrices they are two different arrays.",
)
def first_use_doubled(dout, X, W):
    dX, _ = tied_backward(dout, X, W)
    return dX, 2 * (X.T @ (dout @ W))


@exercise.wrong(
    "second-use-doubled",
    "You took the share of the last use twice. For single numbers both uses give the same; for "
    "matrices they are two different arrays, and each belongs in the sum once.",
)
def second_use_doubled(dout, X, W):
    dX, _ = tied_backward(dout, X, W)
    return dX, 2 * (dout.T @ (X @ W))


@exercise.wrong(
    "paths-averaged",
    "You have both shares, and then halve them: your dW is exactly half of the right one. "
    "Gradients that meet at a fork are added, not averaged.",
)
def paths_averaged(dout, X, W):
    dX, dW = tied_backward(dout, X, W)
    return dX, dW / 2


@exercise.wrong(
    "paths-multiplied",
    "You multiplied the two shares entry by entry. Factors multiply along one path; the shares of "
    "two paths add.",
)
def paths_multiplied(dout, X, W):
    dX, _ = tied_backward(dout, X, W)
    return dX, (X.T @ (dout @ W)) * (dout.T @ (X @ W))


@exercise.wrong(
    "paths-subtracted",
    "You have both shares and subtract the second from the first. W only ever takes part with a "
    "plus sign, so both uses push in their own right: their gradients add.",
)
def paths_subtracted(dout, X, W):
    dX, _ = tied_backward(dout, X, W)
    return dX, X.T @ (dout @ W) - dout.T @ (X @ W)


@exercise.wrong(
    "input-doubled",
    "Your dX is exactly twice too large. W is used twice, X only once: one path leads from X to "
    "the output, and it passes through both matrices.",
)
def input_doubled(dout, X, W):
    dX, dW = tied_backward(dout, X, W)
    return 2 * dX, dW


@exercise.wrong(
    "weights-skipped",
    "You handed dout to X unchanged, as if unfolding undid the squeezing. W times its transpose "
    "is the identity only for special W (orthonormal rows); yours is not one of them.",
)
def weights_skipped(dout, X, W):
    _, dW = tied_backward(dout, X, W)
    return dout.copy(), dW


@exercise.wrong(
    "upstream-ignored",
    "This gradient does not change when dout changes: it belongs to the plain sum of all entries "
    "of out. The loss weighs the entries differently, and dout holds the weights.",
)
def upstream_ignored(dout, X, W):
    return tied_backward(np.ones_like(dout), X, W)


@exercise.wrong(
    "factor-batch-size",
    "Your dW is exactly {N} times too small. The mean over the batch lives in the loss: dout "
    "arrives with 1/N inside it.",
)
def factor_batch_size(dout, X, W):
    dX, dW = tied_backward(dout, X, W)
    return dX, dW / len(X)
