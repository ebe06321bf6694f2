r"""The same neuron with another bias: $x = 2$, $w = 3$, $b = -8$, $y = 10$, where $z = wx + b$,
$a = \max(0, z)$ and $L = \tfrac12 (a - y)^2$. The loss is large: 50.

What is $\partial L / \partial w$? Answer with a number.
"""

from backprop_course.exercises.record import Question

exercise = Question(
    title="A closed neuron",
    number=4,
    points=1,
    minutes=3,
    level=1,
    answer=0.0,
    because=(
        "z = -2, so ReLU puts out 0 and goes on doing so when w is nudged. The middle factor of "
        "the product is 0, however large the loss: from this example the neuron learns nothing."
    ),
    hints=(
        "Work out z first. On which side of ReLU's corner does it lie?",
        "Nudge w from 3 to 3.01 and compute the loss again.",
    ),
)

exercise.wrong(
    "mask-missing",
    -20,
    "You multiplied the miss by x and passed ReLU as if it were open. Nudge w from 3 to 3.01: z "
    "goes from -2 to -1.98. What does the output do?",
)
exercise.wrong(
    "relu-missing",
    -24,
    "You used z = -2 as the output. ReLU puts out 0 here, on the way out and, with its slope, on "
    "the way back.",
)
exercise.wrong(
    "sign",
    20,
    "You took the miss the other way round, and you passed ReLU as if it were open. On which side "
    "of its corner does z lie?",
)
exercise.wrong(
    "old-bias",
    -6,
    "That is the answer for b = 1. With b = -8, z lands on the other side of ReLU's corner.",
)
exercise.wrong(
    "chain-cut-short",
    -10,
    "That is the slope of the loss over the output a. Two more stops lie between a and w, and one "
    "of them is closed.",
)
