r"""A neuron computes $z = wx + b$, then $a = \max(0, z)$, and its loss is
$L = \tfrac12 (a - y)^2$. With $x = 2$, $w = 3$, $b = 1$ and the target $y = 10$ it gives
$z = 7$, $a = 7$ and $L = 4.5$.

You raise $w$ by $0.01$ and leave everything else alone. What does the loss do?
"""

from backprop_course.exercises.record import Question

exercise = Question(
    title="A nudge of the weight",
    number=1,
    points=1,
    minutes=3,
    level=1,
    choices={
        "a": "it rises by about 0.06",
        "b": "it falls by about 0.06",
        "c": "it falls by about 0.03",
        "d": "it rises by about 0.02",
    },
    answer="b",
    because=(
        "The nudge of 0.01 leaves z as 0.02 (times x = 2), passes ReLU unchanged (times 1), and "
        "reaches the loss times a - y = -3. Three factors, one product: 2 * 1 * (-3) = -6."
    ),
    hints=(
        "Follow the nudge with a pencil: how much does z move, then a, then the loss?",
        "z moves by x times the nudge. The output is still below the target: does moving it up "
        "make the loss larger or smaller?",
    ),
)

exercise.wrong(
    "sign",
    "a",
    "The size is right, the direction is not. The output 7 lies below the target 10, and a larger "
    "w lifts the output. Does the loss grow when the output comes closer to the target?",
)
exercise.wrong(
    "chain-cut-short",
    "c",
    "That is what a nudge of 0.01 in the output a would do. Your nudge is made in w: by the time "
    "it arrives at a, it is no longer 0.01.",
)
exercise.wrong(
    "upstream-ignored",
    "d",
    "That is how far z moves, not how far the loss moves. Two more stops lie between z and the "
    "loss.",
)
