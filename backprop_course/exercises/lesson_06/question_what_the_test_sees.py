r"""Somebody tests `linear_backward` with one example ($N = 1$), a square `W` ($D = M = 3$) and a
`dout` of ones. `X` and `W` are random. The test compares every entry of `dX`, `dW` and `db` with
measured slopes.

Four colleagues have made one mistake each. Whose mistake does the test find?
"""

from backprop_course.exercises.record import Question

exercise = Question(
    title="What does the test see?",
    number=7,
    points=1,
    minutes=6,
    level=2,
    choices={
        "a": "Ada leaves dout out: `dW = X.T @ np.ones_like(dout)`",
        "b": "Ben averages: `db = dout.mean(axis=0)`",
        "c": "Cem forgets a transpose: `dX = dout @ W`",
        "d": "Dora multiplies sums: `dW = np.outer(X.sum(axis=0), dout.sum(axis=0))`",
    },
    answer="c",
    because=(
        "A square W hides the missing transpose from a test of shapes, but this test compares "
        "numbers, and the rows of a random W do not sum to what its columns sum to. The other "
        "three formulas are right for this input and for hardly any other. A test that sees all "
        "four has several examples, sizes that all differ, and a random dout."
    ),
    hints=(
        "Put the numbers in. What is the mean over one row, and what is the sum of one row? What "
        "is np.ones_like(dout)?",
        "A mistake slips through if its formula gives the right numbers for this very input. Three "
        "of the four do.",
    ),
)

exercise.wrong(
    "ones-upstream-trusted",
    "a",
    "Here dout is made of ones, so leaving it out changes nothing. Only a random dout tells "
    "whether it takes part.",
)
exercise.wrong(
    "batch-of-one-trusted",
    "b",
    "The mean over one example is the sum over one example. With N = 1 every wrong 1/N is 1.",
)
exercise.wrong(
    "sums-multiplied-trusted",
    "d",
    "With one example there is nothing to add: the sum of one product is the product of two sums. "
    "From two examples on, Dora pairs the input of one with the gradient of the other.",
)
