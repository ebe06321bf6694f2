r"""A network has a billion parameters, $n = 10^9$. Central differences need $2n$ forward passes for
one gradient. Backpropagation costs about as much as 3 forward passes in all.

By how many orders of magnitude (powers of ten) is backpropagation cheaper?
"""

from backprop_course.exercises.record import Question

exercise = Question(
    title="A billion parameters",
    number=2,
    points=1,
    minutes=3,
    level=1,
    choices={
        "a": "about four",
        "b": "nearly nine",
        "c": "nearly eighteen",
        "d": "less than one, for it is a factor of 3",
    },
    answer="b",
    because=(
        "Two billion over three is 6.7 * 10**8, and its logarithm to base ten is 8.8. If a forward "
        "pass takes a second, backpropagation takes three; the other way takes 63 years."
    ),
    hints=(
        "Divide the number of forward passes of the one by that of the other.",
        "An order of magnitude is a factor of ten: count the zeros of the quotient.",
    ),
)

exercise.wrong(
    "four-orders",
    "a",
    "Four orders are a factor of 10,000. So one reads, and the numbers of the question say "
    "otherwise: divide them.",
)
exercise.wrong(
    "cost-squared",
    "c",
    "Eighteen would need a quotient of n squared. It is true that numerical gradients cost about "
    "n squared operations; but backpropagation costs about n, not 1. Compare passes with passes.",
)
exercise.wrong(
    "ratio-to-forward",
    "d",
    "3 is the ratio of backpropagation to a single forward pass. The question compares it with "
    "the two billion passes of the numerical gradient.",
)
