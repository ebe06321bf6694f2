r"""A linear layer takes a batch of $N$ examples, one in each row of `X`, and computes
$Z = XW + b$: every row of $X$ meets the same weights, and the same row $b$ is added to every row.
Return $Z$, which the code calls `out`.

| array | shape |
|---|---|
| `X` | `(N, D)` |
| `W` | `(D, M)` |
| `b` | `(M,)` |
| `out` | `(N, M)` |

For `X = [[2., 3.]]`, `W = [[1., 4., 5.], [2., -1., 1.]]` and `b = [1., 2., -3.]` the answer is
`out = [[9., 7., 10.]]`: its first entry is $2 \cdot 1 + 3 \cdot 2 + 1 = 9$.
"""

import numpy as np

from backprop_course.exercises.record import Case, Exercise

exercise = Exercise(
    title="The forward pass of a linear layer",
    number=2,
    points=1,
    minutes=5,
    level=1,
    outputs=("out",),
    hints=(
        "Compute one entry by hand first: out[0, 0] uses row 0 of X, column 0 of W and b[0].",
        "Row times column for all rows and all columns at once is what a matrix product does. "
        "The bias is not part of that product.",
        "X is (N, D) and W is (D, M), so they multiply as they stand. NumPy then adds an array of "
        "shape (M,) to each row of an array of shape (N, M) without being asked.",
    ),
)


@exercise.solution
def linear_forward(X, W, b):
    """Return X W + b, one row for each example.

    Parameters
    ----------
    X : ndarray of shape (N, D)
    W : ndarray of shape (D, M)
    b : ndarray of shape (M,)

    Returns
    -------
    out : ndarray of shape (N, M)
    """
    # BEGIN SOLUTION
    return X @ W + b
    # END SOLUTION


@exercise.cases
def cases(rng):
    for N, D, M, note in (
        (5, 4, 3, ""),
        (3, 4, 4, "W is square"),
        (4, 3, 4, "as many examples as outputs"),
        (1, 2, 3, "a batch of one row"),
    ):
        X, W = rng.normal(size=(N, D)), rng.normal(size=(D, M))
        b = rng.uniform(0.5, 1.5, size=M) * rng.choice([-1.0, 1.0], size=M)
        yield Case((X, W, b), sizes={"N": N, "D": D, "M": M}, note=note)


@exercise.right
def with_loops(X, W, b):
    (N, D), M = X.shape, W.shape[1]
    out = np.empty((N, M))
    for n in range(N):
        for m in range(M):
            out[n, m] = b[m] + sum(X[n, d] * W[d, m] for d in range(D))
    return out


@exercise.right
def one_example_at_a_time(X, W, b):
    return np.stack([np.dot(x, W) + b for x in X])


@exercise.right
def with_einsum(X, W, b):
    return np.einsum("nd,dm->nm", X, W) + b[np.newaxis, :]


@exercise.right
def bias_as_one_more_weight(X, W, b):
    ones = np.ones((len(X), 1))
    return np.hstack([X, ones]) @ np.vstack([W, b])


@exercise.wrong(
    "bias-missing",
    "Row times column is right, and then something is still missing: each column of your out is "
    "wrong by the same amount in all {N} rows. Which argument did you not use?",
)
def bias_missing(X, W, b):
    return X @ W


@exercise.wrong(
    "transposed",
    "Your out has shape ({M}, {N}): one example in each column. In this course the examples are "
    "the rows, in X and in out, so out must be ({N}, {M}). Each number is right, and sits in the "
    "wrong place.",
)
def transposed(X, W, b):
    return W.T @ X.T + b[:, None]


@exercise.wrong(
    "bias-inside-the-sum",
    "The bias went into the sum over the {D} inputs, so it was added {D} times. An output adds "
    "its bias once, after its inputs are summed.",
)
def bias_inside_the_sum(X, W, b):
    return X @ W + X.shape[1] * b


@exercise.wrong(
    "bias-first-row-only",
    "The first example is right, all others lack the bias. Every example passes through the same "
    "layer, so the same row b belongs to each of them.",
)
def bias_first_row_only(X, W, b):
    out = X @ W
    out[0] += b
    return out


@exercise.wrong(
    "bias-subtracted",
    "Your bias has the wrong sign: the difference to the right out is twice b, the same in every "
    "row.",
)
def bias_subtracted(X, W, b):
    return X @ W - b


@exercise.wrong(
    "bias-multiplied",
    "You scaled each column by its bias where the bias is to be added. Test it with X = 0: then "
    "out must be b in every row, and yours is 0.",
)
def bias_multiplied(X, W, b):
    return (X @ W) * b


@exercise.wrong(
    "activation-applied",
    "Where out should be negative, yours is 0: that is what ReLU does, and the activation is a "
    "layer of its own. A linear layer hands negative numbers on as they are.",
)
def activation_applied(X, W, b):
    return np.maximum(X @ W + b, 0)


@exercise.wrong(
    "factor-input-size",
    "You took the mean over the {D} inputs where the sum belongs: without the bias your out is "
    "exactly {D} times too small.",
)
def factor_input_size(X, W, b):
    return X @ W / X.shape[1] + b
