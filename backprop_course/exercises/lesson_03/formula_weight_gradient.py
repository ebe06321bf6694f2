r"""A linear layer computes $Z = XW + b$ with `X` of shape `(N, D)` and `W` of shape `(D, M)`.
`dout` of shape `(N, M)` is the gradient of the loss with respect to $Z$.

Write `dW`, the gradient with respect to `W`, as a formula of `X` and `dout`.

For `X = [[2., 3.]]` and `dout = [[5., 7.]]` it must give `[[10., 14.], [15., 21.]]`.
"""

from backprop_course.exercises.record import Case, Formula

exercise = Formula(
    title="The gradient of the weights",
    number=3,
    points=1,
    minutes=5,
    level=1,
    symbol="dW",
    answer="X.T @ dout",
    hints=(
        "Write down the shape that the answer must have, and the shapes of X and dout.",
        "The rows of X and of dout are the examples, and the sum runs over the examples. A matrix "
        "product sums over the columns of its left factor and the rows of its right factor.",
    ),
)


@exercise.cases
def cases(rng):
    for N, D, M, note in ((5, 4, 3, ""), (4, 4, 3, "as many examples as inputs")):
        X, W, b = rng.normal(size=(N, D)), rng.normal(size=(D, M)), rng.normal(size=M)
        names = {"X": X, "W": W, "b": b, "dout": rng.normal(size=(N, M))}
        yield Case((names,), sizes={"N": N, "D": D, "M": M}, note=note)


exercise.right("(dout.T @ X).T")
exercise.right("0 * W + X.T @ dout")

exercise.wrong(
    "transposed",
    "dout.T @ X",
    "Every number is right and sits in the wrong place: yours has shape ({M}, {D}), W has shape "
    "({D}, {M}).",
)
exercise.wrong(
    "input-not-transposed",
    "X @ dout",
    "This multiplies along the columns of X, which are inputs, where the sum runs over examples. "
    "It fits only with as many examples as inputs, and then the numbers are wrong.",
)
exercise.wrong(
    "factor-batch-size",
    "X.T @ dout / len(X)",
    "This is exactly {N} times too small. The mean over the batch lives in the loss, so 1/N is "
    "already inside dout.",
)
exercise.wrong(
    "upstream-ignored",
    "X.T @ (0 * dout + 1)",
    "This does not change when dout changes. The loss weighs the entries of Z differently, and "
    "dout holds these weights.",
)
exercise.wrong(
    "sums-multiplied",
    "np.outer(X.sum(axis=0), dout.sum(axis=0))",
    "The product of two sums is not the sum of products: yours pairs the input of one example "
    "with the gradient of another. With a single row you would not notice.",
)
exercise.wrong(
    "sign",
    "-X.T @ dout",
    "The right numbers with the wrong sign. The minus belongs to the step of gradient descent, "
    "which walks against the gradient.",
)
