r"""XOR has the four inputs $(0, 0), (0, 1), (1, 0), (1, 1)$. A hidden ReLU unit computes
$\max(0, w_1 x_1 + w_2 x_2 + b)$. It starts with $b = 0$ and two weights drawn independently from
a normal distribution with mean 0.

A unit is **dead** if it puts out 0 for all four inputs: no gradient passes it then, and it never
learns again. With which chance is it dead from the start? Answer with a number from 0 to 1.
"""

from backprop_course.exercises.record import Question

exercise = Question(
    title="Dead from the start",
    number=8,
    points=1,
    minutes=4,
    level=2,
    answer=0.25,
    tolerance=0.001,
    because=(
        "With b = 0 the four pre-activations are 0, w2, w1 and w1 + w2. None is positive exactly "
        "when both weights are negative: 1/2 times 1/2. Among 4 hidden units, one is dead on "
        "average before training starts."
    ),
    hints=(
        "Write down the four pre-activations with b = 0.",
        "One of the four is 0 for any weights. When are the other three not positive?",
    ),
)

exercise.wrong(
    "one-input-only",
    0.5,
    "That is the chance to be off for one input such as (0, 1). Dead means off for all four.",
)
exercise.wrong(
    "taken-as-independent",
    0.0625,
    "You multiplied 1/2 four times, as if the four inputs decided for themselves. They share two "
    "weights, and (0, 0) gives 0 whatever these are.",
)
exercise.wrong(
    "three-independent",
    0.125,
    "You multiplied 1/2 three times. But w1 + w2 is not independent of w1 and w2: when both "
    "are negative, so is their sum.",
)
exercise.wrong(
    "alive-instead-of-dead",
    0.75,
    "That is the chance that the unit is alive: at least one weight is positive.",
)
exercise.wrong(
    "never-dead",
    0.0,
    "A pair of negative weights does happen. What does the unit put out for the four inputs then?",
)
