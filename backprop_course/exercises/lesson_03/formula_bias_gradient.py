r"""A linear layer computes $Z = XW + b$; the bias `b` has shape `(M,)` and is added to all $N$
rows. `dout` of shape `(N, M)` is the gradient of the loss with respect to $Z$.

Write `db`, the gradient with respect to `b`, as a formula of `dout`.

For `dout = [[1., 2.], [3., 4.], [5., 6.]]` it must give `[9., 12.]`.
"""

from backprop_course.exercises.record import Case, Formula

exercise = Formula(
    title="The gradient of the bias",
    number=4,
    points=1,
    minutes=5,
    level=1,
    symbol="db",
    answer="dout.sum(axis=0)",
    hints=(
        "Nudge b[0] alone. Which entries of Z move, and by how much?",
        "A whole column of Z moves, so add up what the loss says about that column. np.sum and "
        ".sum take an axis: the one that disappears.",
    ),
)


@exercise.cases
def cases(rng):
    for N, M, note in ((5, 3, ""), (4, 4, "as many examples as outputs")):
        names = {"dout": rng.normal(size=(N, M)), "b": rng.normal(size=M)}
        yield Case((names,), sizes={"N": N, "M": M}, note=note)


exercise.right("np.sum(dout, axis=0)")
exercise.right("dout.T.sum(axis=1)")

exercise.wrong(
    "bias-not-summed",
    "dout",
    "This has shape ({N}, {M}), one row for each example; b has shape ({M},). The forward pass "
    "used b in all {N} rows, and what the rows send back must become one row.",
)
exercise.wrong(
    "bias-averaged",
    "dout.sum(axis=0) / len(dout)",
    "This is exactly {N} times too small: a mean where the sum belongs. The mean lives in the "
    "loss, so 1/N is already inside dout.",
)
exercise.wrong(
    "bias-wrong-axis",
    "dout.sum(axis=1)",
    "This adds over the outputs and keeps one number for each example. A bias belongs to one "
    "output and serves all examples. With as many examples as outputs, the shape would not tell.",
)
exercise.wrong(
    "bias-keepdims",
    "dout.sum(axis=0, keepdims=True)",
    "The numbers are right and the shape is (1, {M}), where b has shape ({M},). The gradient has "
    "exactly the shape of the array.",
)
exercise.wrong(
    "summed-to-one-number",
    "dout.sum()",
    "This adds the columns as well and leaves one number. Each of the {M} outputs has a bias of "
    "its own.",
)
