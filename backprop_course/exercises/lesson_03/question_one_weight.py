r"""Two examples go through a layer with three inputs and two outputs, $Z = XW + b$, and the loss
is $L = \sum_{n,m} dZ_{nm} Z_{nm}$ with

$$X = \begin{pmatrix} 1 & 2 & 3 \\ 4 & -1 & 2 \end{pmatrix}, \qquad
dZ = \begin{pmatrix} 1 & 2 \\ -2 & 3 \end{pmatrix}.$$

Now the weight $W_{01}$ (row 0, column 1, counted from 0) grows by 1. By how much does $L$ change?
"""

from backprop_course.exercises.record import Question

exercise = Question(
    title="One weight moves",
    number=1,
    points=1,
    minutes=5,
    level=1,
    answer=14,
    because=(
        "The weight from input 0 to output 1 moves column 1 of Z: by 1 in the first row and by 4 "
        "in the second. The loss counts these entries 2 and 3 times: 1*2 + 4*3 = 14."
    ),
    hints=(
        "W[0, 1] leads from input 0 to output 1. Which entries of Z does it touch, and by how "
        "much does each move?",
        "Each row of Z moves by what that example feeds into the weight. Multiply each movement "
        "by what the loss pays for that entry, and add over the two examples.",
    ),
)

exercise.wrong(
    "first-example-only",
    2,
    "This is what the first example says. The second example goes through the same weight.",
)
exercise.wrong(
    "last-example-only",
    12,
    "This is what the second example says. The first one goes through the same weight.",
)
exercise.wrong(
    "averaged",
    7,
    "This is the mean over the two examples. L as written adds them; there is no 1/N in it.",
)
exercise.wrong(
    "input-forgotten",
    5,
    "This adds what the loss pays for column 1 of Z. That would be the answer for the bias, which "
    "moves each entry by 1; the weight moves them by what its input holds.",
)
exercise.wrong(
    "sums-multiplied",
    25,
    "You added the inputs, added the gradients, and multiplied the sums. That pairs the input of "
    "one example with the gradient of the other: multiply first, then add.",
)
exercise.wrong(
    "transposed",
    4,
    "You paired column 1 of X with column 0 of dZ: that is the entry (1, 0). The weight in row 0, "
    "column 1 leads from input 0 to output 1.",
)
