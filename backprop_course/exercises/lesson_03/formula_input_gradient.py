r"""A linear layer computes $Z = XW + b$ with `X` of shape `(N, D)` and `W` of shape `(D, M)`.
`dout` of shape `(N, M)` is the gradient of the loss with respect to $Z$.

Write `dX`, the gradient with respect to `X`, as a formula of `W` and `dout`. This is what the
layer hands to the layer before it.

For `W = [[1., 2.], [3., 4.]]` and `dout = [[1., -1.]]` it must give `[[-1., -1.]]`.
"""

from backprop_course.exercises.record import Case, Formula

exercise = Formula(
    title="The gradient that travels on",
    number=5,
    points=1,
    minutes=5,
    level=1,
    symbol="dX",
    answer="dout @ W.T",
    hints=(
        "An entry of X belongs to one example, so it only touches the row of Z of that example. "
        "How many entries of that row?",
        "The sum runs over the outputs. The outputs are the columns of dout and the columns of W; "
        "a matrix product sums over the columns of its left and the rows of its right factor.",
    ),
)


@exercise.cases
def cases(rng):
    for N, D, M, note in ((5, 3, 3, "W is square"), (5, 4, 3, ""), (1, 2, 3, "one row")):
        X, W, b = rng.normal(size=(N, D)), rng.normal(size=(D, M)), rng.normal(size=M)
        names = {"X": X, "W": W, "b": b, "dout": rng.normal(size=(N, M))}
        yield Case((names,), sizes={"N": N, "D": D, "M": M}, note=note)


exercise.right("(W @ dout.T).T")
exercise.right("dout @ W.T + 0 * X")

exercise.wrong(
    "weights-not-transposed",
    "dout @ W",
    "This sends dout through W the way the forward pass goes. It fits only when W is square, and "
    "then the numbers are wrong: it sums over the inputs where the sum runs over the outputs.",
)
exercise.wrong(
    "transposed",
    "W @ dout.T",
    "Every number is right and sits in the wrong place: in yours each example is a column.",
)
exercise.wrong(
    "upstream-ignored",
    "(0 * dout + 1) @ W.T",
    "This does not change when dout changes, and all its rows are equal. The loss weighs the "
    "entries of Z differently, and dout holds these weights.",
)
exercise.wrong(
    "factor-batch-size",
    "dout @ W.T / len(X)",
    "This is exactly {N} times too small. The mean over the batch lives in the loss, so 1/N is "
    "already inside dout.",
)
