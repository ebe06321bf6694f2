r"""A layer turns $N = 32$ examples with $D = 200$ inputs into $M = 50$ outputs, in float64
(8 bytes a number). Somebody wants to store the whole Jacobian of $Z = XW + b$ with respect to $W$:
one row for each entry of $Z$, one column for each entry of $W$.

How many bytes would that take?
"""

from backprop_course.exercises.record import Question

exercise = Question(
    title="The price of a Jacobian",
    number=10,
    points=1,
    minutes=5,
    level=1,
    answer=128_000_000,
    because=(
        "Z has 32*50 = 1,600 entries, W has 200*50 = 10,000, and each of the 16,000,000 pairs "
        "takes 8 bytes: 128 MB. The gradient dW says all that training needs in 80,000 bytes, "
        "1,600 times less: once for each entry of Z."
    ),
    hints=(
        "Count the rows, count the columns, and multiply.",
        "Z has N times M entries and W has D times M. Do not forget the 8 bytes.",
    ),
)

exercise.wrong(
    "numbers-not-bytes",
    16_000_000,
    "These are the numbers in the Jacobian. In float64 each takes 8 bytes.",
)
exercise.wrong(
    "gradient-not-jacobian",
    80_000,
    "This is the size of the gradient dW. The Jacobian holds one such array for every entry of Z.",
)
exercise.wrong(
    "wrong-array",
    81_920_000,
    "This is the Jacobian with respect to X: its columns are the 6,400 entries of X. The question "
    "asks for W.",
)
exercise.wrong(
    "one-example-only",
    4_000_000,
    "This is the Jacobian for one example. The batch has 32, and each has its own rows.",
)
exercise.wrong(
    "zeros-not-stored",
    2_560_000,
    "This counts the entries that are not zero. You could leave the zeros out, but the question "
    "asks for the whole Jacobian; a dense array stores every zero.",
)
exercise.wrong(
    "four-bytes",
    64_000_000,
    "That would be float32, with 4 bytes a number. Here it is float64.",
)
