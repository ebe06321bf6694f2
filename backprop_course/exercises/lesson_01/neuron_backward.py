r"""The way back through the neuron $z = wx + b$, $a = \max(0, z)$, $L = \tfrac12 (a - y)^2$.

Return the gradients of the loss with respect to $x$, $w$ and $b$, in this order. Start at the
loss and multiply by one local derivative at each stop. The first two stops are shared by all three
answers: compute that number once.

At $z = 0$ exactly the graph of ReLU has a corner and no slope; the course uses $0$ there, as for
negative $z$.

For `x = 2`, `w = 3`, `b = 1`, `y = 10` the answer is `dx = -9`, `dw = -6`, `db = -3`. For
`b = -8` instead, all three are 0.
"""

from backprop_course.exercises.lesson_01.neuron_forward import draw_neuron
from backprop_course.exercises.record import Case, Exercise

exercise = Exercise(
    title="One neuron, the way back",
    number=3,
    points=2,
    minutes=10,
    level=1,
    outputs=("dx", "dw", "db"),
    hints=(
        "Do the way out first: without z and a there is nothing to go back through. Then write "
        "one line for each stop, from the loss to the inputs.",
        "da is the slope of the loss over the output. dz is da times 1 or times 0. From dz, three "
        "roads lead to x, w and b: what is the local derivative of w x + b along each of them?",
        "A nudge of x is multiplied by w, a nudge of w by x, and a nudge of b by 1. Each of these "
        "multiplies the same number dz: the difference a - y if z is above 0, and 0 if not.",
    ),
)


@exercise.solution
def neuron_backward(x, w, b, y):
    """Return the gradients of the loss of one neuron.

    Parameters
    ----------
    x, w, b, y : float
        Input, weight, bias and target.

    Returns
    -------
    dx, dw, db : float
        The gradients of ``(max(0, w x + b) - y)**2 / 2`` with respect to x, w and b.
    """
    # BEGIN SOLUTION
    z = w * x + b
    a = max(0.0, z)
    da = a - y
    dz = da if z > 0 else 0.0
    dx = dz * w
    dw = dz * x
    db = dz
    return dx, dw, db
    # END SOLUTION


@exercise.cases
def cases(rng):
    yield Case((2.0, 3.0, 1.0, 10.0), note="the numbers of the text")
    for wanted, note in ((1, ""), (-1, "z is negative"), (1, "")):
        yield Case(draw_neuron(rng, wanted), note=note)
    yield Case((2.0, 3.0, -6.0, 10.0), note="z is exactly 0")
    # x, w and b are negative: a mask taken from one of them would close an active neuron. And z is
    # between 0 and 1, so that another threshold shows.
    yield Case((-2.0, -1.2, -1.75, 10.0), note="x and w are negative, z is positive")


@exercise.right
def as_one_product(x, w, b, y):
    active = w * x + b > 0
    dz = (w * x + b - y) * active
    return w * dz, x * dz, dz


@exercise.right
def with_early_return(x, w, b, y):
    z = w * x + b
    if z <= 0:
        return 0.0, 0.0, 0.0
    return (z - y) * w, (z - y) * x, z - y


def _stops(x, w, b, y):
    """Return z, a and the gradient that arrives at z."""
    z = w * x + b
    a = max(0.0, z)
    return z, a, (a - y) * (z > 0)


@exercise.wrong(
    "mask-missing",
    "Right while z is positive. Where z is negative, ReLU holds the output at 0 and no small nudge "
    "of x, w or b gets through, yet your gradients are not 0. You pass it as if it were open.",
)
def mask_missing(x, w, b, y):
    _, a, _ = _stops(x, w, b, y)
    return (a - y) * w, (a - y) * x, a - y


@exercise.wrong(
    "relu-at-zero",
    "Everything agrees except where z is exactly 0. ReLU has a corner there: slope 0 on its left, "
    "1 on its right. Both choices are used in the world; this course takes 0.",
)
def relu_at_zero(x, w, b, y):
    z, a, _ = _stops(x, w, b, y)
    dz = (a - y) * (z >= 0)
    return dz * w, dz * x, dz


@exercise.wrong(
    "relu-value-as-derivative",
    "You multiply by the value of ReLU where its slope belongs. The output may be 7, but a nudge "
    "of z comes out of an active ReLU exactly as large as it went in.",
)
def relu_value_as_derivative(x, w, b, y):
    _, a, _ = _stops(x, w, b, y)
    dz = (a - y) * a
    return dz * w, dz * x, dz


@exercise.wrong(
    "mask-from-x",
    "Your zeros stand in the wrong places: they follow the sign of x. What ReLU sees is z.",
)
def mask_from_x(x, w, b, y):
    _, a, _ = _stops(x, w, b, y)
    dz = (a - y) * (x > 0)
    return dz * w, dz * x, dz


@exercise.wrong(
    "sign",
    "All three gradients have the right size and the wrong sign. With these, a step against the "
    "gradient would make the loss larger. Which way round is the distance in da?",
)
def sign(x, w, b, y):
    *_, dz = _stops(x, w, b, y)
    return -dz * w, -dz * x, -dz


@exercise.wrong(
    "factors-swapped",
    "The wrong partner: in the product of w and x, a nudge of x is multiplied by w, and a nudge of "
    "w by x. Or your numbers are right and come in another order than dx, dw, db.",
)
def factors_swapped(x, w, b, y):
    *_, dz = _stops(x, w, b, y)
    return dz * x, dz * w, dz


@exercise.wrong(
    "chain-cut-short",
    "All three of your gradients are equal: they are the gradient of z. From z, one more local "
    "derivative leads to x and another one to w.",
)
def chain_cut_short(x, w, b, y):
    *_, dz = _stops(x, w, b, y)
    return dz, dz, dz


@exercise.wrong(
    "upstream-ignored",
    "Your numbers are the local derivatives of the output a. They do not depend on the target at "
    "all: what arrives from the loss has not been multiplied in.",
)
def upstream_ignored(x, w, b, y):
    z, *_ = _stops(x, w, b, y)
    return w * (z > 0), x * (z > 0), 1.0 * (z > 0)


@exercise.wrong(
    "bias-upstream-ignored",
    "Your db is the local derivative of z alone, which is 1 whatever the loss says. What arrives "
    "from the loss has not been multiplied in.",
)
def bias_upstream_ignored(x, w, b, y):
    *_, dz = _stops(x, w, b, y)
    return dz * w, dz * x, 1.0


@exercise.wrong(
    "bias-multiplied",
    "Your db carries a factor b. The bias is added, not multiplied: a nudge of b reaches z just as "
    "large as it was, whatever b is.",
)
def bias_multiplied(x, w, b, y):
    *_, dz = _stops(x, w, b, y)
    return dz * w, dz * x, dz * b


@exercise.wrong(
    "factor-2",
    "All three gradients are exactly twice too large. The 2 that comes down from the square meets "
    "the one half in front of it.",
)
def factor_2(x, w, b, y):
    *_, dz = _stops(x, w, b, y)
    return 2 * dz * w, 2 * dz * x, 2 * dz


@exercise.wrong(
    "half-kept",
    "All three gradients are exactly half as large as they should be. The one half in the loss has "
    "already met the 2 from the square; it is not there a second time.",
)
def half_kept(x, w, b, y):
    *_, dz = _stops(x, w, b, y)
    return dz * w / 2, dz * x / 2, dz / 2


@exercise.wrong(
    "output-for-error",
    "Your way back starts with the output where it should start with the miss: the target takes no "
    "part. A neuron that hits its target exactly must get the gradient 0.",
)
def output_for_error(x, w, b, y):
    z, a, _ = _stops(x, w, b, y)
    dz = a * (z > 0)
    return dz * w, dz * x, dz
