"""What a node can do: its value, its local derivatives, and both as text.

An operation that cannot be computed raises ValueError with the reason, without naming the node.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

from backprop_course.widgets.stepper.text import MINUS, bracket, power, product


class Operation(NamedTuple):
    """One kind of stop in a graph.

    Attributes
    ----------
    compute : callable
        ``compute(*numbers)`` gives the value.
    slopes : callable
        ``slopes(value, *numbers)`` gives one local derivative an argument.
    write : callable
        ``write(*texts)`` gives the formula.
    write_slopes : callable
        ``write_slopes(own_name, *names)`` gives the formulas of the local derivatives.
    shorten : callable or None
        ``shorten(*names)`` gives a formula that is short enough for a picture, where ``write``
        does not.
    """

    compute: Callable
    slopes: Callable
    write: Callable
    write_slopes: Callable
    shorten: Callable | None = None


def _divide(a, b):
    if b == 0:
        raise ValueError("nothing can be divided by 0")
    return a / b


def _log(a):
    if a <= 0:
        raise ValueError("a logarithm needs a number above 0")
    return math.log(a)


def _sqrt(a):
    if a < 0:
        raise ValueError("a square root needs a number that is not negative")
    return math.sqrt(a)


def _sqrt_slopes(value, a):
    if a == 0:
        raise ValueError("the slope of the square root at 0 is infinite")
    return (0.5 / value,)


def _power(a, n):
    if a < 0 and n != int(n):
        raise ValueError("a negative number has no power that is not whole")
    if a == 0 and n < 0:
        raise ValueError("nothing can be divided by 0")
    return a**n


def _power_slopes(value, a, n):
    if a == 0 and 0 < n < 1:
        raise ValueError(f"the slope of the power {n:g} at 0 is infinite")
    # The exponent is always a constant of the expression, so nobody asks for its slope.
    return (n * a ** (n - 1) if n else 0.0), 0.0


def _write_power_slopes(own, a, n):
    less = float(n.replace(MINUS, "-")) - 1
    if less == -1:
        return "0", ""
    text = f"{less:g}".replace("-", MINUS)
    return ("1" if less == 0 else product(n, a if less == 1 else power(a, text))), ""


def _sigmoid(a):
    if a < 0:
        return math.exp(a) / (1 + math.exp(a))
    return 1 / (1 + math.exp(-a))


OPERATIONS = {
    "add": Operation(
        lambda a, b: a + b,
        lambda value, a, b: (1.0, 1.0),
        lambda a, b: f"{a} + {bracket(b)}",
        lambda own, a, b: ("1", "1"),
    ),
    "subtract": Operation(
        lambda a, b: a - b,
        lambda value, a, b: (1.0, -1.0),
        lambda a, b: f"{a} {MINUS} {bracket(b)}",
        lambda own, a, b: ("1", f"{MINUS}1"),
    ),
    "multiply": Operation(
        lambda a, b: a * b,
        lambda value, a, b: (b, a),
        product,
        lambda own, a, b: (b, a),
    ),
    "divide": Operation(
        _divide,
        lambda value, a, b: (1 / b, -a / b**2),
        lambda a, b: f"{a} / {bracket(b)}",
        lambda own, a, b: (f"1 / {bracket(b)}", f"{MINUS}{bracket(a)} / {power(b, '2')}"),
    ),
    "power": Operation(_power, _power_slopes, power, _write_power_slopes),
    "negate": Operation(
        lambda a: -a,
        lambda value, a: (-1.0,),
        lambda a: f"{MINUS}{bracket(a)}",
        lambda own, a: (f"{MINUS}1",),
    ),
    "sin": Operation(
        math.sin,
        lambda value, a: (math.cos(a),),
        "sin({})".format,
        lambda own, a: (f"cos({a})",),
    ),
    "cos": Operation(
        math.cos,
        lambda value, a: (-math.sin(a),),
        "cos({})".format,
        lambda own, a: (f"{MINUS}sin({a})",),
    ),
    "exp": Operation(
        math.exp,
        lambda value, a: (value,),
        "exp({})".format,
        lambda own, a: (own,),
    ),
    "log": Operation(
        _log,
        lambda value, a: (1 / a,),
        "log({})".format,
        lambda own, a: (f"1 / {a}",),
    ),
    "sqrt": Operation(
        _sqrt,
        _sqrt_slopes,
        "sqrt({})".format,
        lambda own, a: (f"1 / ({product('2', own)})",),
    ),
    "tanh": Operation(
        math.tanh,
        # The same as 1 - value**2, with its digits kept where the value is nearly 1.
        lambda value, a: (4 * math.exp(-2 * abs(a)) / (1 + math.exp(-2 * abs(a))) ** 2,),
        "tanh({})".format,
        lambda own, a: (f"1 {MINUS} {power(own, '2')}",),
    ),
    "sigmoid": Operation(
        _sigmoid,
        # Where the value is nearly 1, 1 - value has lost its digits; sigmoid(-a) has them.
        lambda value, a: (value * _sigmoid(-a),),
        "sigmoid({})".format,
        lambda own, a: (product(own, f"(1 {MINUS} {own})"),),
    ),
    "relu": Operation(
        lambda a: max(0.0, a),
        lambda value, a: (float(a > 0),),
        "relu({})".format,
        lambda own, a: (f"1 where {a} > 0, else 0",),
    ),
    # The larger argument gets the gradient; at a tie the first one does.
    "maximum": Operation(
        max,
        lambda value, a, b: (float(a >= b), float(a < b)),
        "max({}, {})".format,
        lambda own, a, b: tuple(f"1 where {name} is the larger, else 0" for name in (a, b)),
    ),
}


def weighted_sum(size):
    """Return the operation of a linear unit with ``size`` inputs, as many weights, and a bias."""

    def halves(items):
        return items[:size], items[size : 2 * size], items[-1]

    def compute(*numbers):
        inputs, weights, bias = halves(numbers)
        return sum((x * w for x, w in zip(inputs, weights, strict=True)), 0.0) + bias

    def slopes(_value, *numbers):
        inputs, weights, _ = halves(numbers)
        return (*weights, *inputs, 1.0)

    def write(*texts):
        (first, *inputs), weights, bias = halves(texts)
        inputs = [first, *map(bracket, inputs)]
        terms = [product(x, w) for x, w in zip(inputs, weights, strict=True)]
        return " + ".join([*terms, bracket(bias)])

    def write_slopes(_own, *names):
        inputs, weights, _ = halves(names)
        return (*weights, *inputs, "1")

    def shorten(*names):
        inputs, weights, bias = halves(names)
        return f"Σ {_family(inputs)} {_family(weights)} + {_family([bias])}"

    return Operation(compute, slopes, write, write_slopes, shorten)


def half_squared_error(size):
    """Return the operation of the loss: half the squared distance of ``size`` outputs."""

    def pairs(items):
        return list(zip(items[:size], items[size:], strict=True))

    def compute(*numbers):
        return sum((a - y) ** 2 for a, y in pairs(numbers)) / 2

    def slopes(_value, *numbers):
        errors = [a - y for a, y in pairs(numbers)]
        return (*errors, *(-error for error in errors))

    def write(*texts):
        terms = (f"½ ({a} {MINUS} {bracket(y)})²" for a, y in pairs(texts))
        return " + ".join(terms)

    def write_slopes(_own, *names):
        named = pairs(names)
        return (
            *(f"{a} {MINUS} {y}" for a, y in named),
            *(f"{y} {MINUS} {a}" for a, y in named),
        )

    def shorten(*names):
        many = "" if size == 1 else "Σ "
        return f"½ {many}({_family(names[:size])} {MINUS} {_family(names[size:])})²"

    return Operation(compute, slopes, write, write_slopes, shorten)


def _family(names):
    """Return what entries have in common: W1 of W1[0, 0], W1[1, 0]."""
    return names[0].partition("[")[0]
