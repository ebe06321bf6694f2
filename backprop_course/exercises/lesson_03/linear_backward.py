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
    number=7,
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
    for N, D, M, note in (
        (5, 4, 3, ""),
        (3, 4, 4, "W is square"),
        (4, 3, 4, "as many examples as outputs"),
        (4, 4, 3, "as many examples as inputs"),
        (1, 2, 3, "a batch of one row"),
    ):
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


@exercise.right
def one_example_at_a_time(dout, X, W, b):
    dX, dW, db = np.empty_like(X), np.zeros_like(W), np.zeros_like(b)
    for n, (x, dz) in enumerate(zip(X, dout, strict=True)):
        dX[n] = W @ dz
        dW += np.outer(x, dz)
        db += dz
    return dX, dW, db


@exercise.right
def with_ones(dout, X, W, b):
    return (W @ dout.T).T, (dout.T @ X).T, np.ones(len(dout)) @ dout


@exercise.wrong(
    "bias-averaged",
    "Your db is the mean over the batch where the sum belongs: it is exactly {N} times too small. "
    "The mean lives in the loss, so 1/N is already inside dout. Training will not warn you: with "
    "this slip a small network still reached 98 % on three spirals.",
)
def bias_averaged(dout, X, W, b):
    dX, dW, _ = linear_backward(dout, X, W, b)
    return dX, dW, dout.mean(axis=0)


@exercise.wrong(
    "bias-not-summed",
    "Your db has shape ({N}, {M}), one row for each example; b has shape ({M},). The forward pass "
    "copied b into all {N} rows, so each copy sends a gradient back. With this db an update "
    "b = b - 0.1 * db would silently turn b itself into a matrix.",
)
def bias_not_summed(dout, X, W, b):
    dX, dW, _ = linear_backward(dout, X, W, b)
    return dX, dW, dout.copy()


@exercise.wrong(
    "bias-wrong-axis",
    "Your db adds up each row of dout, over the {M} outputs; it has one entry for each example. "
    "A bias belongs to one output and is shared by all examples. With as many examples as outputs "
    "this has the right shape and the wrong numbers.",
)
def bias_wrong_axis(dout, X, W, b):
    dX, dW, _ = linear_backward(dout, X, W, b)
    return dX, dW, dout.sum(axis=1)


@exercise.wrong(
    "bias-keepdims",
    "The numbers in db are right, its shape is not: (1, {M}) for a b of shape ({M},). A comparison "
    "that broadcasts would let it pass; the rule is that db has exactly the shape of b.",
)
def bias_keepdims(dout, X, W, b):
    dX, dW, _ = linear_backward(dout, X, W, b)
    return dX, dW, dout.sum(axis=0, keepdims=True)


@exercise.wrong(
    "transposed",
    "Your dW is the transpose of the right one: every number is right and sits in the wrong "
    "place. Here it has shape ({M}, {D}) while W has shape ({D}, {M}); with a square W no shape "
    "would have told you.",
)
def transposed(dout, X, W, b):
    dX, _, db = linear_backward(dout, X, W, b)
    return dX, dout.T @ X, db


@exercise.wrong(
    "input-not-transposed",
    "For dW you took X as it stands. That product sums over the columns of X, its inputs; the sum "
    "must run over the examples. NumPy accepts it only with as many examples as inputs, and then "
    "the numbers are wrong.",
)
def input_not_transposed(dout, X, W, b):
    dX, _, db = linear_backward(dout, X, W, b)
    return dX, X @ dout, db


@exercise.wrong(
    "weights-not-transposed",
    "You sent dout through W the way the forward pass goes, from {D} inputs to {M} outputs. "
    "Backward runs from outputs to inputs. With different sizes NumPy refuses; with a square W it "
    "agrees, and the numbers have nothing to do with dX.",
)
def weights_not_transposed(dout, X, W, b):
    _, dW, db = linear_backward(dout, X, W, b)
    return dout @ W, dW, db


@exercise.wrong(
    "upstream-ignored",
    "This gradient does not change when dout changes: you differentiated the sum of all entries "
    "of Z, as if dout were all ones. The real loss weighs each entry of Z differently, and dout "
    "holds these weights.",
)
def upstream_ignored(dout, X, W, b):
    return linear_backward(np.ones_like(dout), X, W, b)


@exercise.wrong(
    "factor-batch-size",
    "Exactly {N} times too small, and {N} is the number of rows. The loss takes the mean over the "
    "batch, so dout arrives with 1/N inside it, and a second 1/N is one too many.",
)
def factor_batch_size(dout, X, W, b):
    dX, dW, db = linear_backward(dout, X, W, b)
    return dX, dW / len(X), db / len(X)


@exercise.wrong(
    "sums-multiplied",
    "Your dW multiplies the sum of the rows of X by the sum of the rows of dout. The sum of "
    "products is not the product of sums: yours mixes the input of one example with the gradient "
    "of another. With a single row nobody would notice.",
)
def sums_multiplied(dout, X, W, b):
    dX, _, db = linear_backward(dout, X, W, b)
    return dX, np.outer(X.sum(axis=0), dout.sum(axis=0)), db


@exercise.wrong(
    "first-example-only",
    "You return what the first example contributes. Weights and biases were used {N} times, once "
    "for each row, and every use sends its share back.",
)
def first_example_only(dout, X, W, b):
    dX = dout @ W.T
    return dX, np.outer(X[0], dout[0]), dout[0].copy()


@exercise.wrong(
    "wrong-order",
    "Your gradients come in the wrong order. A backward returns one gradient for each argument of "
    "the forward pass, in the same order: first X, then W, then b.",
)
def wrong_order(dout, X, W, b):
    dX, dW, db = linear_backward(dout, X, W, b)
    return dW, dX, db
