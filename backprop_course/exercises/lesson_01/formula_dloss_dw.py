r"""A neuron with a sigmoid in place of ReLU:

$$z = w x + b, \qquad a = \sigma(z) = \frac{1}{1 + e^{-z}}, \qquad L = \tfrac12 (a - y)^2$$

Write $\partial L / \partial w$ as one product, with a factor for each stop between $w$ and the
loss. You may use the names `x`, `w`, `b`, `y`, `z` and `a`, and you need no exponential function:
the slope of a sigmoid can be written with its own output.

For $x = 2$, $w = 3$, $b = -6$, $y = 1$: $z = 0$, $a = 0.5$, and the answer is $-0.25$.
"""

import math

from backprop_course.exercises.lesson_01.neuron_forward import draw_neuron
from backprop_course.exercises.record import Case, Formula

exercise = Formula(
    title="The same neuron with a sigmoid",
    number=7,
    points=1,
    minutes=5,
    level=1,
    symbol="dloss_dw",
    answer="(a - y) * a * (1 - a) * x",
    hints=(
        "Walk from the loss to w. Two of the three stops are those of the neuron with ReLU; only "
        "the factor in the middle is new.",
        "The loss gives the signed distance to the target, the weighted sum gives w's partner in "
        "the product. For the middle: how did we write the slope of a sigmoid with its output?",
    ),
)


@exercise.cases
def cases(rng):
    for wanted, note in ((1, ""), (-1, "z is negative"), (1, "")):
        x, w, b, y = draw_neuron(rng, wanted)
        z = w * x + b
        a = 1 / (1 + math.exp(-z))
        yield Case(({"x": x, "w": w, "b": b, "y": y, "z": z, "a": a},), note=note)


exercise.right("x * (a - y) * (a - a**2)")
exercise.right("(a - y) * np.exp(-z) / (1 + np.exp(-z))**2 * x")

exercise.wrong(
    "activation-derivative-missing",
    "(a - y) * x",
    "You pass the sigmoid as if it were a plain wire. A nudge of z comes out of it at most a "
    "quarter as large.",
)
exercise.wrong(
    "relu-for-sigmoid",
    "(a - y) * (z > 0) * x",
    "That is the neuron with ReLU. A sigmoid is never quite open and never quite closed: its slope "
    "is a number between 0 and a quarter.",
)
exercise.wrong(
    "derivative-with-z",
    "(a - y) * z * (1 - z) * x",
    "The short form of the slope is written with what comes out of the sigmoid, not with what goes "
    "in. Yours turns negative as soon as z is above 1 or below 0, and no sigmoid slopes down.",
)
exercise.wrong(
    "one-minus-missing",
    "(a - y) * a * x",
    "Your slope of the sigmoid is only the first half of the product. It would approach 1 where "
    "the sigmoid is nearly flat at its top.",
)
exercise.wrong(
    "sign",
    "(y - a) * a * (1 - a) * x",
    "Every value is the right one with the wrong sign. Nudge the output up in your head: when it "
    "lies above the target, does the loss grow or shrink?",
)
exercise.wrong(
    "chain-cut-short",
    "(a - y) * a * (1 - a)",
    "This is how sensitive the loss is to z. One stop is still missing on the way from z to w.",
)
exercise.wrong(
    "upstream-ignored",
    "a * (1 - a) * x",
    "This is how sensitive the output a is to w. What the loss makes of a has not been multiplied "
    "in.",
)
exercise.wrong(
    "factors-swapped",
    "(a - y) * a * (1 - a) * w",
    "You have the slope over x here. In the product of w and x, a nudge of one of them is "
    "multiplied by the other.",
)
exercise.wrong(
    "factor-2",
    "2 * (a - y) * a * (1 - a) * x",
    "Exactly twice too large. The 2 that comes down from the square meets the one half in front "
    "of it.",
)
