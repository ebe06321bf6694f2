r"""You test a backward pass by its shapes alone, and someone wrote `dX = dout @ W` by mistake.
Here `dout` is `(N, M)`, `W` is `(D, M)`, and `dX` must be `(N, D)`.

For which sizes does your test let the mistake pass?
"""

from backprop_course.exercises.record import Question

exercise = Question(
    title="When a shape proves nothing",
    number=6,
    points=1,
    minutes=5,
    level=1,
    choices={
        "a": "N = 6, D = 5, M = 3",
        "b": "N = 4, D = 4, M = 3",
        "c": "N = 6, D = 4, M = 4",
        "d": "N = 1, D = 5, M = 3",
    },
    answer="c",
    because=(
        "When W is square, W and its transpose have the same shape, and a product with either "
        "fits. So examples and tests should use sizes that are all different."
    ),
    hints=(
        "dout @ W multiplies (N, M) by (D, M): write down when NumPy accepts this, and what shape "
        "comes out.",
    ),
)

exercise.wrong(
    "no-size-equal",
    "a",
    "Here NumPy refuses: 3 columns of dout meet 5 rows of W. With sizes all different, shapes "
    "catch this mistake; that is why we use such sizes.",
)
exercise.wrong(
    "wrong-pair-equal",
    "b",
    "Two sizes are equal, but not the two that matter: 3 columns of dout still meet 4 rows of W. "
    "N = D is dangerous for another gradient, the one of the weights.",
)
exercise.wrong(
    "one-row",
    "d",
    "A single row hides a missing sum over the batch, but it cannot make this product fit: "
    "3 columns of dout meet 5 rows of W.",
)
