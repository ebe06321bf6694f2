r"""One neuron takes a number $x$, multiplies it by its weight $w$, adds its bias $b$, and lets
only positive numbers pass (ReLU). Its output is then compared with a target $y$:

$$z = w x + b, \qquad a = \max(0, z), \qquad L = \tfrac12 (a - y)^2$$

Write this way out as a function. Return all three numbers: the way back will need them. All
inputs are plain numbers.

For `x = 2`, `w = 3`, `b = 1`, `y = 10` the answer is `z = 7`, `a = 7` and `loss = 4.5`.
"""

from backprop_course.exercises.record import Case, Exercise

exercise = Exercise(
    title="One neuron, the way out",
    number=2,
    points=1,
    minutes=5,
    level=1,
    outputs=("z", "a", "loss"),
    hints=(
        "Three formulas, three lines, in the order in which they stand in the text: each line "
        "uses the name that the line before has made.",
        "If z = 7 works and z = -2 does not, look at the middle line: what is max(0, -2)? If only "
        "the loss is off, compare it with the third formula, piece by piece.",
        "Python's max(0.0, ...) takes two numbers and is all that ReLU needs. The loss is made "
        "from a, not from z: subtract the target, square, and halve last.",
    ),
)


@exercise.solution
def neuron_forward(x, w, b, y):
    """Return the three numbers of the forward pass of one neuron.

    Parameters
    ----------
    x, w, b, y : float
        Input, weight, bias and target.

    Returns
    -------
    z, a, loss : float
        ``w x + b``, its positive part, and half the squared distance of ``a`` from ``y``.
    """
    # BEGIN SOLUTION
    z = w * x + b
    a = max(0.0, z)
    loss = (a - y) ** 2 / 2
    return z, a, loss
    # END SOLUTION


@exercise.cases
def cases(rng):
    yield Case((2.0, 3.0, 1.0, 10.0), note="the numbers of the text")
    for wanted, note in ((1, ""), (-1, "z is negative"), (1, "")):
        yield Case(draw_neuron(rng, wanted), note=note)


def draw_neuron(rng, wanted):
    """Draw x, w, b and y so that z has the wanted sign; no number is near 0 or 1.

    A weight, an input or a miss of exactly 1 would hide a forgotten factor.
    """
    while True:
        x, w, b, y = (float(v) for v in rng.uniform(1.2, 2.8, 4) * rng.choice((-1.0, 1.0), 4))
        z = w * x + b
        miss = max(0.0, z) - y
        if z * wanted > 0.5 and abs(miss) > 0.5 and abs(abs(miss) - 1) > 0.1:
            return x, w, b, y


@exercise.right
def with_a_condition(x, w, b, y):
    z = b + x * w
    a = z if z > 0 else 0.0
    return z, a, 0.5 * (y - a) * (y - a)


@exercise.right
def with_an_absolute_value(x, w, b, y):
    z = w * x + b
    a = (z + abs(z)) / 2
    return z, a, (y**2 - 2 * a * y + a**2) / 2


@exercise.wrong(
    "relu-missing",
    "Your a follows z below zero. ReLU lets only positive numbers pass: for z = -2 the output is "
    "0, not -2.",
)
def relu_missing(x, w, b, y):
    z = w * x + b
    return z, z, (z - y) ** 2 / 2


@exercise.wrong(
    "loss-before-relu",
    "z and a are right. Your loss compares the target with z, the number before ReLU; it should "
    "judge what the neuron puts out.",
)
def loss_before_relu(x, w, b, y):
    z, a, _ = neuron_forward(x, w, b, y)
    return z, a, (z - y) ** 2 / 2


@exercise.wrong(
    "half-missing",
    "Your loss is exactly twice the right one: the one half in front of the square is missing. It "
    "is there so that the slope of the loss comes out without a 2.",
)
def half_missing(x, w, b, y):
    z, a, loss = neuron_forward(x, w, b, y)
    return z, a, 2 * loss


@exercise.wrong(
    "half-squared",
    "Your loss is exactly half the right one, as if the one half had been squared along with the "
    "distance. Square first, halve afterwards.",
)
def half_squared(x, w, b, y):
    z, a, loss = neuron_forward(x, w, b, y)
    return z, a, loss / 2


@exercise.wrong(
    "square-missing",
    "Your loss is half the distance, not half the squared distance. It becomes negative when the "
    "output is too small, and a loss should never reward that.",
)
def square_missing(x, w, b, y):
    z, a, _ = neuron_forward(x, w, b, y)
    return z, a, (a - y) / 2


@exercise.wrong(
    "absolute-distance",
    "Your loss is the plain distance between output and target. The text asks for half of its "
    "square, which punishes a large miss more than proportionally.",
)
def absolute_distance(x, w, b, y):
    z, a, _ = neuron_forward(x, w, b, y)
    return z, a, abs(a - y)


@exercise.wrong(
    "bias-missing",
    "Your z is the product alone: the bias has not been added.",
)
def bias_missing(x, w, b, y):
    return neuron_forward(x, w, 0.0, y)


@exercise.wrong(
    "weight-added",
    "Your z adds the weight to the input. A weight says how many times x counts, so it multiplies.",
)
def weight_added(x, w, b, y):
    return neuron_forward(x, 1.0, w + b, y)


@exercise.wrong(
    "outputs-swapped",
    "The three numbers are right, but they come in another order than the text asks for: z, a, "
    "loss.",
)
def outputs_swapped(x, w, b, y):
    z, a, loss = neuron_forward(x, w, b, y)
    return loss, a, z
