"""More signatures: a function or a slope where another belongs, a share of one example alone.

They stand behind those of `signatures` and have the same form.
"""

import math
from collections.abc import Iterator

import numpy as np

from backprop_course.grading.result import number
from backprop_course.grading.signatures import (
    Look,
    always,
    arrays_of,
    first_wrong,
    holds,
    numbers_of,
    signature,
    word_for,
)

_erf = np.vectorize(math.erf, otypes=[float])


def _sigmoid(x):
    return np.exp(-np.logaddexp(0, -np.asarray(x)))


def _relu(x):
    return np.maximum(x, 0)


def _gelu(x):
    return x * 0.5 * (1 + _erf(x / math.sqrt(2)))


def _softmax(x):
    if np.size(x) < 2:
        raise ValueError("the softmax of one number says nothing")
    odds = np.exp(x - np.max(x, axis=-1, keepdims=True))
    return odds / odds.sum(axis=-1, keepdims=True)


def _slope_of_sigmoid(x):
    return _sigmoid(x) * _sigmoid(-x)


def _slope_of_tanh(x):
    return 1 - np.tanh(x) ** 2


def _slope_of_relu(x):
    return (np.asarray(x) > 0) * 1.0


def _slope_of_gelu(x):
    density = np.exp(-x * x / 2) / math.sqrt(2 * math.pi)
    return 0.5 * (1 + _erf(x / math.sqrt(2))) + x * density


def _slope_of_gelu_by_tanh(x):
    root = math.sqrt(2 / math.pi)
    t = np.tanh(root * (x + 0.044715 * x**3))
    return 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * root * (1 + 3 * 0.044715 * x * x)


def _slope_of_swish(x, rate=1.0):
    s = _sigmoid(rate * x)
    return s + rate * x * s * (1 - s)


# Name, function, and the words for it; {} stands for the argument.
_FUNCTIONS = (
    ("softmax", _softmax, "softmax of {}"),
    ("sigmoid", _sigmoid, "the sigmoid of {}"),
    ("tanh", np.tanh, "tanh of {}"),
    ("relu", _relu, "ReLU of {}"),
    ("gelu", _gelu, "GELU of {}"),
    ("exp", np.exp, "exp of {}"),
    ("log", np.log, "the logarithm of {}"),
)
_SLOPES = (
    ("slope-of-sigmoid", _slope_of_sigmoid, "the slope of a sigmoid at {}"),
    ("slope-of-tanh", _slope_of_tanh, "the slope of tanh at {}"),
    ("slope-of-relu", _slope_of_relu, "the slope of ReLU at {}"),
    ("slope-of-gelu", _slope_of_gelu, "the slope of GELU at {}"),
    ("slope-of-gelu-by-tanh", _slope_of_gelu_by_tanh, "the slope of GELU's tanh form at {}"),
    (
        "slope-of-gelu-by-sigmoid",
        lambda x: _slope_of_swish(x, 1.702),
        "the slope of GELU's sigmoid form at {}",
    ),
    ("slope-of-silu", _slope_of_swish, "the slope of SiLU at {}"),
    ("slope-of-sigmoid-by-output", lambda a: a * (1 - a), "{0} (1 - {0})"),
    ("slope-of-tanh-by-output", lambda a: 1 - a**2, "1 minus the square of {}"),
    (
        "slope-of-softmax",
        lambda x: _softmax(x) * (1 - _softmax(x)),
        "p (1 - p) with p = softmax({})",
    ),
    ("one-minus", lambda a: 1 - a, "1 - {}"),
    ("double", lambda a: 2 * a, "twice {}"),
    ("minus-double", lambda a: -2 * a, "minus twice {}"),
    ("value", lambda a: a, "{} itself"),
)


@signature
def another_slope(looks):
    """tanh's slope stands where that of a sigmoid belongs, or no slope but the value."""
    for name in arrays_of(looks):
        if name == "dout" or "dout" not in looks[0].inputs:
            continue
        for mistake, slope, words in (*_SLOPES, *_FUNCTIONS):

            def local(look, name=name, slope=slope):
                return slope(look.inputs[name])

            what = words.format(name)
            if always(looks, lambda look, local=local: look.inputs["dout"] * local(look)):
                return mistake, f"{{your}} {{are}} dout times {what}, entry by entry."
            if always(looks, lambda look, local=local: look.inputs["dout"] / local(look)):
                return f"divided-by-{mistake}", (
                    f"{{your}} {{are}} dout divided by {what}, entry by entry."
                )
    return None


@signature
def slope_as_factor(looks):
    """P - Y was multiplied by P (1 - P) once more, or a slope is missing."""
    for name, _ in numbers_of(looks):
        for mistake, slope, words in (*_SLOPES, *_FUNCTIONS):

            def local(look, name=name, slope=slope):
                return slope(look.inputs[name])

            what = words.format(name)
            if always(looks, lambda look, local=local: look.expected * local(look)):
                return f"factor-{mistake}", (
                    f"{{your}} {{are}} the right values times {what}, entry by entry."
                )
            if always(looks, lambda look, local=local: look.expected / local(look)):
                return f"divided-by-{mistake}", (
                    f"{{your}} {{are}} the right values divided by {what}, entry by entry."
                )
    return None


@signature
def function_of_an_input(looks):
    """The forward pass came back, where its gradient is due."""
    for name, _ in numbers_of(looks):
        for mistake, function, words in _FUNCTIONS:
            same = always(looks, lambda look, n=name: look.inputs[n])
            if not same and always(looks, lambda look, n=name, f=function: f(look.inputs[n])):
                return f"{mistake}-returned", f"{{your}} {{are}} {words.format(name)}."
    return None


@signature
def function_of_the_right(looks):
    """Probabilities came where their logarithms are due."""
    for mistake, function, words in _FUNCTIONS:
        if always(looks, lambda look, f=function: f(look.expected)):
            return f"{mistake}-of-result", f"{{your}} {{are}} {words.format('the right values')}."
    return None


@signature
def function_first(looks):
    """Softmax was applied to Z, and then once more."""
    for name, _ in numbers_of(looks):
        for mistake, function, words in _FUNCTIONS:
            if always(looks, lambda look, n=name, f=function: look.solve(**{n: f(look.inputs[n])})):
                return f"{mistake}-first", (
                    f"{{your}} {{are}} what comes out when {words.format(name)} stands where "
                    f"{name} belongs."
                )
    return None


@signature
def input_clipped(looks):
    """Large logits were cut off."""
    for name in arrays_of(looks):
        for most in (1, 5, 10, 20, 30, 50, 80, 88, 100, 200, 300, 500, 600, 700, 709, 745, 1000):
            if not (np.abs(first_wrong(looks).inputs[name]) > most).any():
                break
            if always(
                looks,
                lambda look, n=name, m=most: look.solve(**{n: np.clip(look.inputs[n], -m, m)}),
            ):
                return "input-clipped", (
                    f"{{your}} {{are}} what comes out when {name} is cut off at -{most} and {most}."
                )
    return None


@signature
def input_scaled(looks):
    """The bias was added once for each input."""
    for name, _ in numbers_of(looks):
        for size, value in first_wrong(looks).sizes.items():
            for word, much in (("times", lambda k: k), ("divided by", lambda k: 1 / k)):
                if always(
                    looks,
                    lambda look, n=name, s=size, much=much: look.solve(
                        **{n: look.inputs[n] * much(look.sizes[s])}
                    ),
                ):
                    mistake = "input-times" if word == "times" else "input-divided-by"
                    return f"{mistake}-{word_for(size)}", (
                        f"{{your}} {{are}} what comes out when {name} is {word} {size}, which is "
                        f"{value} here."
                    )
    return None


@signature
def input_transposed(looks):
    """A square W was not transposed, or transposed once too often."""
    for name, array in arrays_of(looks).items():
        if array.ndim == 2 and always(
            looks, lambda look, name=name: look.solve(**{name: look.inputs[name].T})
        ):
            return "input-transposed", (
                f"{{your}} {{are}} what comes out when {name} is transposed."
            )
    return None


@signature
def one_example_alone(looks):
    """The gradient has the share of one example only."""
    for name, array in arrays_of(looks).items():
        for row, which in ((0, "first"), (-1, "last")):
            if array.ndim == 2 and always(
                looks, lambda look, n=name, r=row: look.solve(**{n: _only(look.inputs[n], r)})
            ):
                return f"{which}-row-only", (
                    f"{{your}} {{have}} the share of the {which} row of {name} alone. The other "
                    "rows count as well."
                )
    return None


def _only(array, row):
    kept = np.zeros_like(array)
    kept[row] = array[row]
    return kept


@signature
def rows_mixed(looks):
    """The rows of X were added up before they met those of dout."""
    for name, array in arrays_of(looks).items():
        for words, mistake, reduce in (
            ("the sum of its rows", "rows-added-first", lambda x: x.sum(axis=0, keepdims=True)),
            ("the mean of its rows", "rows-averaged-first", lambda x: x.mean(0, keepdims=True)),
            ("its first row", "first-row-for-all", lambda x: x[:1]),
        ):

            def mixed(look, name=name, reduce=reduce):
                array = look.inputs[name]
                return look.solve(**{name: np.broadcast_to(reduce(array), array.shape).copy()})

            if array.ndim == 2 and always(looks, mixed):
                return mistake, (
                    f"{{your}} {{are}} what comes out when every row of {name} is {words}. Each "
                    "example must meet its own."
                )
    return None


@signature
def input_left_out_in_part(looks):
    """The bias was added to the first row alone."""
    for name, _ in numbers_of(looks):
        for fill, words in ((0.0, "0"), (1.0, "1")):

            def is_mixed(look, name=name, fill=fill):
                array = look.inputs[name]
                full = np.full_like(array, fill) if isinstance(array, np.ndarray) else fill
                without = look.solve(**{name: full})
                right = np.isclose(look.got, look.expected, rtol=1e-9, atol=0)
                return (
                    look.got.shape == look.expected.shape
                    and look.is_(np.where(right, look.expected, without))
                    and (look.right or 1 < np.count_nonzero(~right) < right.size)
                )

            if holds(looks, is_mixed) and any(
                np.count_nonzero(np.isclose(look.got, look.expected)) > 1 for look in looks
            ):
                return "input-ignored-in-part", (
                    f"{{your}} {{have}} some entries right, and the others are what comes out when "
                    f"{name} is {words}."
                )
    return None


@signature
def running_total(looks):
    """Each entry holds the sum of all before it as well."""
    for axis in range(looks[0].expected.ndim):
        for words, mistake, total in (
            ("total", "running-total", lambda x, a: np.cumsum(x, axis=a)),
            ("product", "running-product", lambda x, a: np.cumprod(x, axis=a)),
        ):
            if always(looks, lambda look, total=total, a=axis: total(look.expected, a)):
                return mistake, (
                    f"{{your}} {{are}} the running {words} of the right values along axis {axis}."
                )
    return None


@signature
def repeated(looks):
    """Every example got the mean of all."""
    for axis in range(looks[0].expected.ndim):
        for word, reduce in (("sum", np.sum), ("mean", np.mean)):

            def prediction(look, axis=axis, reduce=reduce):
                one = reduce(look.expected, axis=axis, keepdims=True)
                return np.broadcast_to(one, look.expected.shape)

            if always(looks, prediction):
                return f"{word}-repeated", (
                    f"{{your}} {{are}} the {word} of the right values over axis {axis}, repeated "
                    "along it."
                )
    return None


@signature
def ceiling(looks):
    """log(P + 1e-8) never falls below -18.4."""
    for exponent in (*range(3, 21), 300):
        for add in (True, False):
            small = 10.0**-exponent
            if always(looks, lambda look, s=small, add=add: _kept_from_zero(look, s, add)):
                return "ceiling", (
                    f"{{your}} {{are}} what comes out when the probabilities are kept {small:.0e} "
                    "away from 0 before the logarithm: nothing goes beyond "
                    f"{number(-math.log(small))} then."
                )
    return None


def _kept_from_zero(look: Look, small: float, add: bool):
    """Return a log-probability, or the mean of minus those of the examples, with a least one."""

    def log(p):
        return np.log(p + small if add else np.clip(p, small, 1 - small))

    if look.expected.ndim:
        if (look.expected > 0).any():
            raise ValueError("no logarithms of probabilities")
        return log(np.exp(look.expected))
    losses = np.array([look.solve(**example) for example in _examples(look)])
    if not (losses >= 0).all():
        raise ValueError("no losses")
    return -log(np.exp(-losses)).mean()


def _examples(look: Look) -> Iterator[dict]:
    """Yield the arguments of each example alone: arrays with a row for each, and their rows."""
    count = look.sizes["N"]
    arrays = {
        name: value
        for name, value in look.inputs.items()
        # What lies in a dict belongs to the network.
        if isinstance(value, np.ndarray) and len(value) == count and "[" not in name
    }
    for row in range(count):
        yield {name: array[row : row + 1] for name, array in arrays.items()}
