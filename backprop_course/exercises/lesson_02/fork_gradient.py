r"""In $f(x, y) = (xy + \sin x)\, x$ the number $x$ is used three times. As a graph:

$$p = xy, \qquad s = \sin x, \qquad q = p + s, \qquad f = q\,x .$$

Go backward from $f$ with pencil and paper, and return $\partial f/\partial x$ and
$\partial f/\partial y$. Both arguments are numbers.

For $x = 2$ and $y = 3$ we have $q = 6.9093$, and the answer is `dx = 12.0770`, `dy = 4`.
"""

import numpy as np

from backprop_course.exercises.record import Case, Exercise

exercise = Exercise(
    title="One number, three uses",
    number=2,
    points=2,
    minutes=10,
    level=1,
    outputs=("dx", "dy"),
    hints=(
        "Draw the graph. How many arrows leave x, and how many leave y? Each arrow is the start of "
        "a path to f.",
        "Along one path the local derivatives multiply; the paths that leave x add up at the end. "
        "First find df/dq, and from there the derivatives with respect to p and s.",
        "The arrow from x straight to f brings q. What arrives at q is x; the sum hands it on "
        "unchanged to p and to s, which pass it on to x times y and times the slope of the sine.",
    ),
)


@exercise.solution
def fork_gradient(x, y):
    """Return the two derivatives of f = (x * y + sin(x)) * x.

    Parameters
    ----------
    x, y : float

    Returns
    -------
    dx, dy : float
    """
    # BEGIN SOLUTION
    p = x * y
    s = np.sin(x)
    q = p + s

    dq = x  # f = q * x
    dx = q
    dp = ds = dq  # q = p + s
    dx = dx + ds * np.cos(x)  # s = sin(x)
    dx = dx + dp * y  # p = x * y
    dy = dp * x
    return dx, dy
    # END SOLUTION


@exercise.cases
def cases(rng):
    for sign_x, sign_y, note in (
        (1, 1, ""),
        (-1, 1, "x is negative"),
        (1, -1, "y is negative"),
        (-1, -1, "both are negative"),
    ):
        # Neither sin x nor cos x is near 0 or 1, and y is larger than both.
        x, y = sign_x * rng.uniform(0.3, 1.2), sign_y * rng.uniform(1.3, 2.7)
        yield Case((float(x), float(y)), note=note)


@exercise.right
def multiplied_out(x, y):
    # f = x^2 y + x sin(x)
    return 2 * x * y + np.sin(x) + x * np.cos(x), x**2


@exercise.right
def from_the_inputs(x, y):
    # Forward mode: each node carries its derivatives with respect to x and to y.
    p, dp = x * y, np.array([y, x])
    s, ds = np.sin(x), np.array([np.cos(x), 0.0])
    q, dq = p + s, dp + ds
    return tuple(dq * x + q * np.array([1.0, 0.0]))


@exercise.right
def measured(x, y):
    def f(x, y):
        return (x * y + np.sin(x)) * x

    return f(x + 1e-30j, y).imag / 1e-30, f(x, y + 1e-30j).imag / 1e-30


@exercise.wrong(
    "direct-path-missing",
    "Your dy is right, and two of the three paths of x are there. The last step multiplies by x "
    "once more, so x also reaches f by a direct arrow, with the local derivative q.",
)
def direct_path_missing(x, y):
    return (y + np.cos(x)) * x, x * x


@exercise.wrong(
    "direct-path-only",
    "Your dx is q, the share of the direct arrow from x to f. But q itself moves when x moves: "
    "through the product and through the sine. At a fork the shares of all paths add.",
)
def direct_path_only(x, y):
    return x * y + np.sin(x), x * x


@exercise.wrong(
    "sine-path-missing",
    "One path is missing in your dx: the one through the sine. Count the arrows that leave x.",
)
def sine_path_missing(x, y):
    return 2 * x * y + np.sin(x), x * x


@exercise.wrong(
    "product-path-missing",
    "One path is missing in your dx: the one through the product of x and y. Count the arrows that "
    "leave x.",
)
def product_path_missing(x, y):
    return x * np.cos(x) + x * y + np.sin(x), x * x


@exercise.wrong(
    "sine-not-differentiated",
    "On the path through the sine you multiply by sin x itself. An arrow carries the slope of its "
    "function, not its value.",
)
def sine_not_differentiated(x, y):
    return (y + np.sin(x)) * x + x * y + np.sin(x), x * x


@exercise.wrong(
    "cosine-sign",
    "The path through the sine has the wrong sign. It is the slope of the cosine that carries a "
    "minus; the sine rises at 0.",
)
def cosine_sign(x, y):
    return (y - np.cos(x)) * x + x * y + np.sin(x), x * x


@exercise.wrong(
    "upstream-ignored",
    "The shares of p and s arrive at x as if df/dq were 1. The last step multiplies q by x, and "
    "this factor belongs on every path that runs through q, in dx and in dy.",
)
def upstream_ignored(x, y):
    return y + np.cos(x) + x * y + np.sin(x), x


@exercise.wrong(
    "partner-swapped",
    "In the product p = x times y you gave each number its own value. Nudge x alone, and p moves "
    "by the nudge times the other factor.",
)
def partner_swapped(x, y):
    return (x + np.cos(x)) * x + x * y + np.sin(x), y * x


@exercise.wrong(
    "paths-multiplied",
    "You multiplied the share of the direct arrow by the share that comes through q. Factors "
    "multiply along one path; the shares of different paths add.",
)
def paths_multiplied(x, y):
    return (y + np.cos(x)) * x * (x * y + np.sin(x)), x * x


@exercise.wrong(
    "paths-averaged",
    "Your dx is exactly a third of the right one: the mean of three paths. Each path moves f by "
    "its own share, so the shares add up and nothing is divided.",
)
def paths_averaged(x, y):
    dx, dy = fork_gradient(x, y)
    return dx / 3, dy


@exercise.wrong(
    "wrong-order",
    "Both numbers are right and stand in each other's place: first dx, then dy.",
)
def wrong_order(x, y):
    dx, dy = fork_gradient(x, y)
    return dy, dx
