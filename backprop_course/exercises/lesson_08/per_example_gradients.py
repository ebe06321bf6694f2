r"""The gradient of a linear layer's weights, `dW` of shape `(D, M)`, adds up what the $N$ rows of
the batch contribute. Sometimes one wants the contributions one by one: to find the example that
pulls hardest, or to bound the influence of each.

| array | shape |
|---|---|
| `dout` | `(N, M)` |
| `X` | `(N, D)` |
| answer | `(N, D, M)` |

Return one array `dW_each` in which `dW_each[n]`, of shape `(D, M)`, is the gradient that row $n$
alone sends to $W$. Its sum over axis 0 must be `dW`; the check looks at this sum too.

For `X = [[1., 2.], [3., 0.]]` and `dout = [[5.], [7.]]` the answer is
`[[[5.], [10.]], [[21.], [0.]]]`, and the sum is `[[26.], [10.]]`.

Note the size: it takes $N$ times the memory of `dW`. The batched product never builds it, and this
is one reason why a batch is cheap.
"""

import numpy as np

from backprop_course.exercises.record import Case, Exercise

exercise = Exercise(
    title="One gradient for each example",
    number=7,
    points=1,
    minutes=12,
    level=2,
    outputs=("dW_each",),
    hints=(
        "Take a batch of one row, x of shape (D,) and dz of shape (M,). What is dW then, and of "
        "which kind is that product?",
        "Entry (d, m) for row n is X[n, d] times dout[n, m]: nothing is summed. All N rows can be "
        "done in one product if both arrays get a third axis of length 1 in the right place.",
        "X needs a new last axis and becomes (N, D, 1), dout needs a new middle axis and becomes "
        "(N, 1, M). Multiply them entry by entry and let NumPy stretch. Or tell np.einsum which "
        "letters stay.",
    ),
)


@exercise.solution
def per_example_gradients(dout, X):
    """Return the gradient of the weights that each example contributes.

    Parameters
    ----------
    dout : ndarray of shape (N, M)
        Gradient of the loss with respect to the output of the layer.
    X : ndarray of shape (N, D)
        Input of the layer.

    Returns
    -------
    dW_each : ndarray of shape (N, D, M)
    """
    # BEGIN SOLUTION
    return X[:, :, np.newaxis] * dout[:, np.newaxis, :]
    # END SOLUTION


@exercise.cases
def cases(rng):
    for N, D, M, note in (
        (5, 4, 3, ""),
        (3, 4, 4, "as many inputs as outputs"),
        (4, 4, 2, "as many examples as inputs"),
        (3, 2, 3, "as many examples as outputs"),
        (1, 2, 3, "a batch of one row"),
    ):
        dout, X = rng.normal(size=(N, M)), rng.normal(size=(N, D))
        yield Case((dout, X), sizes={"N": N, "D": D, "M": M}, note=note)


@exercise.observe
def each_and_sum(result, dout, X):
    dW_each = np.asarray(result)
    return {"dW_each": dW_each, "sum over axis 0": dW_each.sum(axis=0)}


@exercise.right
def one_example_at_a_time(dout, X):
    return [np.outer(x, dz) for x, dz in zip(X, dout, strict=True)]


@exercise.right
def with_einsum(dout, X):
    return np.einsum("nd,nm->ndm", X, dout)


@exercise.right
def with_stacked_products(dout, X):
    return np.matmul(X[:, :, None], dout[:, None, :])


@exercise.wrong(
    "already-summed",
    "You return the gradient of the whole batch, of shape ({D}, {M}). That is the sum of the "
    "contributions; asked are the {N} contributions before anybody adds them up.",
)
def already_summed(dout, X):
    return X.T @ dout


@exercise.wrong(
    "sum-repeated",
    "All {N} slices are the same, and each is the gradient of the whole batch. If you add up in a "
    "loop and append: the list then holds one and the same array {N} times.",
)
def sum_repeated(dout, X):
    return np.stack([X.T @ dout] * len(X))


@exercise.wrong(
    "mean-repeated",
    "The sum is right, but all {N} slices are equal: you shared the gradient of the batch out in "
    "equal parts. Each example has its own share, and they differ.",
)
def mean_repeated(dout, X):
    return np.stack([X.T @ dout / len(X)] * len(X))


@exercise.wrong(
    "running-total",
    "Your first slice is right, and from then on each holds all the examples before it as well: "
    "these are the stages of a running sum. Start anew for each example.",
)
def running_total(dout, X):
    return np.cumsum(np.einsum("nd,nm->ndm", X, dout), axis=0)


@exercise.wrong(
    "transposed",
    "Each of your slices is transposed: ({M}, {D}) where ({D}, {M}) belongs. A contribution to the "
    "gradient of W has the shape of W, and with as many inputs as outputs no shape would tell.",
)
def transposed(dout, X):
    return np.einsum("nd,nm->nmd", X, dout)


@exercise.wrong(
    "examples-on-the-last-axis",
    "Your numbers are right, but the examples run along the last axis. They belong on the first: "
    "shape ({N}, {D}, {M}).",
)
def examples_on_the_last_axis(dout, X):
    return np.einsum("nd,nm->dmn", X, dout)


@exercise.wrong(
    "factor-batch-size",
    "Every entry is exactly {N} times too small. The mean over the batch lives in the loss, so 1/N "
    "is already inside dout; the contributions add up to dW, they are not averaged.",
)
def factor_batch_size(dout, X):
    return np.einsum("nd,nm->ndm", X, dout) / len(X)


@exercise.wrong(
    "upstream-ignored",
    "Your answer does not change when dout does: in every slice all columns are equal to a row of "
    "X. It would be right if dout were all ones.",
)
def upstream_ignored(dout, X):
    return np.einsum("nd,nm->ndm", X, np.ones_like(dout))


@exercise.wrong(
    "examples-mixed",
    "You paired every row of X with every row of dout: {N} times {N} pairs in one large table. The "
    "input of one example has nothing to do with the gradient of another.",
)
def examples_mixed(dout, X):
    return np.outer(X, dout)


@exercise.wrong(
    "first-input-for-all",
    "Your first slice is right; the others pair their row of dout with the first row of X. Each "
    "example has its own input.",
)
def first_input_for_all(dout, X):
    return np.stack([np.outer(X[0], dz) for dz in dout])


@exercise.wrong(
    "inputs-summed",
    "Each of your slices pairs a row of dout with the sum of all rows of X. Only the input of the "
    "same example belongs to it. With a single row nobody would notice.",
)
def inputs_summed(dout, X):
    return np.einsum("d,nm->ndm", X.sum(axis=0), dout)


@exercise.wrong(
    "gradients-summed",
    "Each of your slices pairs a row of X with the sum of all rows of dout. Only the gradient of "
    "the same example belongs to it. With a single row nobody would notice.",
)
def gradients_summed(dout, X):
    return np.einsum("nd,m->ndm", X, dout.sum(axis=0))


@exercise.wrong(
    "elementwise-product",
    "You multiply X and dout as they stand, entry by entry. Each of the {D} inputs of an example "
    "must meet each of its {M} gradients, {D} times {M} products for every row; yours fits only "
    "with as many inputs as outputs, and then gives one row.",
)
def elementwise_product(dout, X):
    return X * dout


@exercise.wrong(
    "norm-for-gradient",
    "You return a single number for each example, the norm of its gradient. Asked is the gradient "
    "itself: {D} times {M} numbers for every row.",
)
def norm_for_gradient(dout, X):
    return np.linalg.norm(X, axis=1) * np.linalg.norm(dout, axis=1)
