r"""Two neurons in a row, without biases, and ReLU only after the first:

$$z_1 = w_1 x, \qquad a_1 = \max(0, z_1), \qquad z_2 = w_2 a_1, \qquad
L = \tfrac12 (z_2 - y)^2$$

Write $\partial L / \partial w_1$ as a product of local derivatives. You may use the names `x`,
`w1`, `w2`, `y`, `z1`, `a1` and `z2`; a comparison counts as 1 or 0.

For $x = 2$, $w_1 = 3$, $w_2 = 0.5$, $y = 5$: $z_1 = a_1 = 6$, $z_2 = 3$, and the answer is $-2$.
"""

from backprop_course.exercises.record import Case, Formula

exercise = Formula(
    title="The first of two weights",
    number=5,
    points=1,
    minutes=6,
    level=2,
    symbol="dloss_dw1",
    answer="(z2 - y) * w2 * (z1 > 0) * x",
    hints=(
        "Draw the route from w1 to the loss and write down every number it passes. Does it pass "
        "w2, or does it pass a1?",
        "The stops from the loss back are: loss to z2, z2 to a1, a1 to z1, z1 to w1. That makes "
        "four factors; in a product the factor is the other partner.",
    ),
)


@exercise.cases
def cases(rng):
    for wanted, note in ((1.0, ""), (-1.0, "z1 is negative"), (1.0, "")):
        x, w1, w2, miss = rng.uniform(1.2, 2.8, 4) * rng.choice((-1.0, 1.0), 4)
        x, w2 = float(x), float(w2)
        # The sign of w1 is chosen last, so that z1 lies on the wanted side.
        w1 = float(abs(w1)) * wanted * (1.0 if x > 0 else -1.0)
        z1 = w1 * x
        a1 = max(0.0, z1)
        z2 = w2 * a1
        y = z2 - float(miss)
        names = {"x": x, "w1": w1, "w2": w2, "y": y, "z1": z1, "a1": a1, "z2": z2}
        yield Case((names,), note=note)


exercise.right("x * w2 * np.where(z1 > 0, z2 - y, 0)")

exercise.wrong(
    "through-the-weight",
    "(z2 - y) * a1 * (z1 > 0) * x",
    "Your route leaves z2 towards the weight w2 and then wants to go on to w1. But w2 does not "
    "depend on w1: no road leads on from there. The road runs through the activation a1.",
)
exercise.wrong(
    "weight-left-out",
    "(z2 - y) * (z1 > 0) * x",
    "One stop is skipped: on its way from a1 to z2 the nudge is multiplied, and that factor is "
    "missing.",
)
exercise.wrong(
    "mask-missing",
    "(z2 - y) * w2 * x",
    "Right as long as the first neuron is active. Where z1 is negative its ReLU lets nothing "
    "through, yet your slope is not 0.",
)
exercise.wrong(
    "upstream-ignored",
    "w2 * (z1 > 0) * x",
    "This is how sensitive the output z2 is to w1. What the loss makes of z2 has not been "
    "multiplied in.",
)
exercise.wrong(
    "sign",
    "(y - z2) * w2 * (z1 > 0) * x",
    "Every value is the right one with the wrong sign: look at the factor of the loss.",
)
exercise.wrong(
    "chain-cut-short",
    "(z2 - y) * w2 * (z1 > 0)",
    "You arrived at z1. One stop is left on the way to w1.",
)
exercise.wrong(
    "own-weight",
    "(z2 - y) * w2 * (z1 > 0) * w1",
    "The last factor is the one that leads to x. In the product of w1 and x, a nudge of w1 is "
    "multiplied by its partner.",
)
