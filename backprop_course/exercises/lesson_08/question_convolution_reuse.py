r"""In a linear layer each weight is multiplied once for every example, so the forward pass of one
example takes as many multiplications as there are weights.

A convolution slides one 3 x 3 filter over an image of 32 x 32 pixels. One channel goes in and one
comes out, and a border of zeros is added, so the result has 32 x 32 pixels again. The layer has 9
weights.

How many times is **each weight** multiplied in the forward pass of one image? Answer with a number.
(Products with the zeros of the border count too.)
"""

from backprop_course.exercises.record import Question

exercise = Question(
    title="How often is a weight used?",
    number=5,
    points=1,
    minutes=4,
    level=1,
    answer=1024,
    because=(
        "Each weight takes part in each of the 32*32 pixels that come out. So the rule that a pass "
        "costs as much as there are parameters is a rule for linear layers: 9 weights, 9,216 "
        "multiplications. Recurrent networks use their weights at every step, and of an embedding "
        "most rows are not used at all."
    ),
    hints=(
        "How many pixels come out, and what is computed for one of them?",
        "Every pixel that comes out is a sum of nine products, one with each weight.",
    ),
)

exercise.wrong(
    "once-each",
    1,
    "So it is in a linear layer, and so one reads it: work in proportion to the parameters. Here "
    "the same weight returns at every position of the filter.",
)
exercise.wrong(
    "all-weights-counted",
    9216,
    "That is the number of multiplications in all. The question is how many of them belong to one "
    "of the nine weights.",
)
exercise.wrong(
    "weights-counted",
    9,
    "That is how many products make one pixel. A weight takes part in one of them; and how many "
    "pixels are there?",
)
exercise.wrong(
    "border-forgotten",
    900,
    "That is 30 times 30, the result without the border of zeros. With it, 32 times 32 pixels come "
    "out.",
)
exercise.wrong(
    "one-direction-only",
    32,
    "The filter slides along the rows and down the columns.",
)
