"""Compare what came back with what is right, array by array.

A result is taken apart along the structure of the right one: a tuple into the names of the
exercise's outputs, a dict into ``grads["W1"]``, a list of arrays into ``gradients[0]``.
"""

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np

from backprop_course.grading.call import Other, quoted

_MOST_KEYS = 20  # of a dict that are listed in a sentence


@dataclass(frozen=True)
class Misfit:
    """Stands where an array is due and something else came: a steady name and a sentence."""

    mistake: str
    sentence: str


@dataclass(frozen=True)
class Part:
    """One named array of a result, beside the right one.

    ``fault`` is empty if it is right, else what is wrong first: ``misfit`` (no array at all),
    ``shape``, ``dtype``, ``nan`` or ``values``; or one of the words that the judge adds for what
    is no array: ``error``, ``refusal``, ``inputs``, ``repeat``.
    """

    name: str
    expected: Any
    got: Any
    fault: str = ""


def take_apart(expected, value, outputs: tuple[str, ...], tolerance: float) -> dict[str, Part]:
    """Return the parts of a result by name.

    Parameters
    ----------
    expected
        The right result.
    value
        The learner's result, as plain data.
    outputs : tuple of str
        Names of what the function returns.
    tolerance : float
        Largest relative difference that counts as right in float64.
    """
    parts = (
        Part(name, right, got, fault(right, got, tolerance))
        for name, right, got in _pairs(expected, value, outputs)
    )
    return {part.name: part for part in parts}


def alike(one: Part, other: Part, tolerance: float) -> bool:
    """Whether two answers show the same fault with the same numbers."""
    if one.fault != other.fault:
        return False
    a, b = numbers(one.got), numbers(other.got)
    if a is None or b is None:
        return _equal(one.got, other.got)
    return same(a, b, tolerance)


def fault(expected, got, tolerance: float) -> str:
    """Return what is wrong first with one array, or ``""``."""
    if isinstance(got, Misfit):
        return "misfit"
    right, array = numbers(expected), numbers(got)
    if right is None or array is None:
        return "" if _equal(expected, got) else "values"
    if array.shape != right.shape:
        return "shape"
    if not np.isfinite(array[np.isfinite(right)]).all():
        return "nan"
    if not same(array, right, tolerance):
        return "values"
    return "dtype" if _is_coarser(array, right) else ""


def _equal(a, b) -> bool:
    """Compare what is no array of numbers: words, lists of words, misfits."""
    a, b = (x.tolist() if isinstance(x, np.ndarray | np.generic) else x for x in (a, b))
    try:
        return type(a) is type(b) and bool(a == b)
    except ValueError:
        # Lists that hold arrays have no truth value, and are not what was asked for.
        return False


def same(a: np.ndarray, b: np.ndarray, tolerance: float) -> bool:
    """Whether two arrays hold the same numbers, as far as their dtypes can tell."""
    if a.shape != b.shape:
        return False
    return np.array_equal(a, b) or bool((excess(a, b, tolerance) <= 1).all())


def excess(a: np.ndarray, b: np.ndarray, tolerance: float) -> np.ndarray:
    """Return each difference between ``a`` and ``b``, as a multiple of what is allowed.

    An entry may be off by ``tolerance`` of itself, so that tiny numbers count as well. The second,
    much smaller, allowance is for rounding: a sum of large numbers has a zero that is not exact.
    """
    relative, rounding = _allowance(a, b, tolerance)
    with np.errstate(all="ignore"):
        size = np.abs(b)
        largest = size[np.isfinite(size)].max(initial=0.0)
        allowed = relative * size + rounding * (largest if largest > 0 else 1.0)
        over = np.abs(np.subtract(a, b, dtype=np.result_type(a, b, np.float64))) / allowed
    both = (a == b) | (np.isnan(a) & np.isnan(b))
    return np.where(both, 0.0, np.where(np.isnan(over), np.inf, over))


def _allowance(a: np.ndarray, b: np.ndarray, tolerance: float) -> tuple[float, float]:
    # Whole numbers are exact: float16, with room for its rounding, would be near to all of them.
    exact = b.dtype.kind not in "fc"
    eps = 0.0 if exact else max(np.finfo(x.dtype).eps for x in (a, b) if x.dtype.kind in "fc")
    return max(tolerance, 1000 * eps), max(1e-5 * tolerance, 100 * eps)


def _is_coarser(got: np.ndarray, expected: np.ndarray) -> bool:
    """Whether digits, or the reality of the numbers, were lost on the way out."""
    if got.dtype.kind == "c" and expected.dtype.kind != "c":
        return True
    if got.dtype.kind != "f" or expected.dtype.kind != "f":
        return False
    return got.dtype.itemsize < expected.dtype.itemsize


def numbers(value) -> np.ndarray | None:
    """Return an array of numbers, or None if this is not one."""
    if value is None or isinstance(value, str | dict | Misfit | Other):
        return None
    try:
        array = np.asarray(value)
        if array.dtype.kind == "O":
            array = array.astype(np.float64)
    except (TypeError, ValueError):
        return None
    return array if array.dtype.kind in "biufc" else None


def _pairs(expected, value, outputs) -> Iterator[tuple[str, Any, Any]]:
    """Yield name, right value and the learner's value of everything the function returns."""
    if value is None and expected is not None:
        value = Misfit("returned-none", "Your function returns None. Is the return line missing?")
    if not isinstance(expected, tuple):
        name = outputs[0] if outputs else "result"
        if isinstance(value, tuple) and len(value) == 1 and not _is_flat(expected):
            value = Misfit(
                "tuple-of-one",
                "Your function returns a tuple with one thing in it. Is there a comma at the end "
                "of the return line?",
            )
        yield from _descend(name, expected, value)
        return
    if isinstance(value, np.ndarray) and value.ndim == 1 and all(map(_is_number, expected)):
        value = tuple(value)
    if not isinstance(value, Misfit):
        value = _as_many(value, len(expected), outputs)
    for place, right in enumerate(expected):
        name = outputs[place] if place < len(outputs) else f"result[{place}]"
        got = value if isinstance(value, Misfit) else value[place]
        yield from _descend(name, right, got)


def _as_many(value, count: int, outputs):
    asked = ", ".join(outputs)
    if not isinstance(value, tuple | list):
        return Misfit(
            "wrong-number-of-results",
            f"Your function returns one thing, {describe(value)}, where {count} are asked for: "
            f"{asked}.",
        )
    if len(value) != count:
        return Misfit(
            "wrong-number-of-results",
            f"Your function returns {len(value)} things where {count} are asked for: {asked}.",
        )
    return value


def _descend(name, expected, value) -> Iterator[tuple[str, Any, Any]]:
    if isinstance(value, Misfit):
        yield name, expected, value
    elif value is None and expected is not None:
        yield name, expected, Misfit("returned-none", f"{name} is None.")
    elif isinstance(expected, dict):
        yield from _descend_dict(name, expected, value)
    elif isinstance(expected, list | tuple) and not _is_flat(expected):
        yield from _descend_list(name, expected, value)
    elif isinstance(expected, list | tuple) and numbers(expected) is None:
        # A list of words and the like is compared as a whole.
        yield name, list(expected), list(value) if isinstance(value, tuple | list) else value
    elif numbers(expected) is not None and numbers(value) is None:
        yield (
            name,
            expected,
            Misfit("wrong-type", f"{name} should be {_due(expected)}; yours is {describe(value)}."),
        )
    else:
        yield name, expected, value


def _descend_dict(name, expected, value):
    if not isinstance(value, dict):
        yield (
            name,
            expected,
            Misfit(
                "wrong-type",
                f"{name} should be a dict with the keys {_list(expected)}; yours is "
                f"{describe(value)}.",
            ),
        )
        return
    extra = [key for key in value if key not in expected]
    if extra:
        yield (
            name,
            expected,
            Misfit(
                "wrong-keys",
                f"{name} has a key too many: {_list(extra)}. Asked are {_list(expected)}.",
            ),
        )
        return
    for key, right in expected.items():
        whole = f"{name}[{quoted(key)}]"
        if key in value:
            yield from _descend(whole, right, value[key])
        else:
            yield whole, right, Misfit("wrong-keys", f"{name} has no key {quoted(key)}.")


def _descend_list(name, expected, value):
    if isinstance(value, np.ndarray) and value.ndim:
        value = list(value)
    if not isinstance(value, list | tuple) or len(value) != len(expected):
        came = f"{len(value)} items" if isinstance(value, list | tuple) else describe(value)
        yield (
            name,
            expected,
            Misfit(
                "wrong-number-of-results",
                f"{name} should be a list of {len(expected)} items; yours is {came}.",
            ),
        )
        return
    for place, right in enumerate(expected):
        yield from _descend(f"{name}[{place}]", right, value[place])


def describe(value) -> str:
    """Return in a few words what kind of thing this is."""
    if isinstance(value, Other):
        return value.kind
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape}" if value.ndim else "a number"
    if isinstance(value, str):
        return "a text"
    if isinstance(value, bool | int | float | complex | np.generic):
        return "a number"
    if isinstance(value, dict):
        return "a dict"
    if isinstance(value, tuple | list):
        return f"a {type(value).__name__} of {len(value)}"
    return "None" if value is None else f"a {type(value).__name__}"


def _due(expected) -> str:
    shape = np.shape(expected)
    return f"an array of shape {shape}" if shape else "a number"


def _is_number(value) -> bool:
    return np.ndim(value) == 0 and numbers(value) is not None


def _is_flat(value) -> bool:
    """Whether a list holds only numbers and words, so that it counts as one value."""
    return isinstance(value, list | tuple) and all(
        isinstance(item, bool | int | float | complex | str | np.generic | None) for item in value
    )


def _list(keys) -> str:
    words = [textwrap.shorten(str(key), 40, placeholder="...") for key in islice(keys, _MOST_KEYS)]
    more = len(keys) - len(words)
    return ", ".join(words) + (f" and {more:,} more" if more else "")
