"""The marks that mistakes leave: a table of short functions, one for each.

A signature looks at one array of an answer in all cases at once. It returns the mistake's name
and a sentence if the evidence holds in every case, else None: it is certain or silent. In a
sentence ``{your}`` stands for the arrays ("Your dX and dW"); ``{are}`` and ``{have}`` agree with
their number.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import combinations_with_replacement, permutations
from typing import Any

import numpy as np

from backprop_course.grading.compare import same
from backprop_course.grading.result import number


@dataclass(frozen=True, eq=False)
class Look:
    """One array of the answer in one case.

    Attributes
    ----------
    name : str
        Such as ``"dW"``.
    got, expected : ndarray
    inputs : dict
        The arguments by name.
    sizes : dict
        The case's sizes by letter.
    tolerance : float
    solve : callable
        ``solve(dout=other)`` is what would be right for this array with another argument.
    """

    name: str
    got: np.ndarray
    expected: np.ndarray
    inputs: dict[str, Any]
    sizes: dict[str, int]
    tolerance: float
    solve: Callable

    def is_(self, array) -> bool:
        """Whether this is what the learner's function gave."""
        return same(self.got, np.asarray(array), self.tolerance)

    @cached_property
    def right(self) -> bool:
        return self.is_(self.expected)

    @cached_property
    def cost(self) -> tuple[bool, int]:
        """Small for the case that most cheaply rules a mistake out: it is wrong, and short."""
        return self.right, sum(np.size(value) for value in self.inputs.values())


Evidence = tuple[str, str] | None
SIGNATURES: list[Callable[[list[Look]], Evidence]] = []


INVARIANTS: list[Callable[[list[Look]], Evidence]] = []


def signature(function):
    """Add a signature to the table. The first that fits is told, so the sharper stand first."""
    SIGNATURES.append(function)
    return function


def invariant(function):
    """Add a law that the right answer keeps. To break it is a clue, not the whole difference."""
    INVARIANTS.append(function)
    return function


def holds(looks: list[Look], test: Callable[[Look], bool]) -> bool:
    """Whether ``test`` is true in every case."""
    try:
        with np.errstate(all="ignore"):
            return all(test(look) for look in sorted(looks, key=lambda look: look.cost))
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
        # The test makes no sense for these arrays, so its mistake was not made.
        return False


def always(looks: list[Look], prediction: Callable[[Look], Any]) -> bool:
    """Whether the answer is what ``prediction`` says in every case."""
    return holds(looks, lambda look: look.is_(prediction(look)))


def first_wrong(looks: list[Look]) -> Look:
    """Return the case that a sentence takes its numbers from."""
    return next(look for look in looks if not look.right)


def arrays_of(looks: list[Look]) -> dict[str, np.ndarray]:
    """Return the arguments that are arrays of real numbers, from the first case."""
    return {
        name: value
        for name, value in looks[0].inputs.items()
        if isinstance(value, np.ndarray) and value.dtype.kind == "f"
    }


def numbers_of(looks: list[Look]) -> Iterator[tuple[str, Any]]:
    """Yield the arguments that are real numbers or arrays of them, from the first case."""
    yield from arrays_of(looks).items()
    for name, value in looks[0].inputs.items():
        if isinstance(value, float):
            yield name, value


def _filled(look: Look, name: str, fill: float):
    value = look.inputs[name]
    return np.full_like(value, fill) if isinstance(value, np.ndarray) else fill


def _entries(count) -> str:
    return f"{count} {'entry' if count == 1 else 'entries'}"


def word_for(name: str) -> str:
    return "batch-size" if name == "N" else name.lower().replace("_", "-")


# 1. What the function used, or did not use.


@signature
def all_zeros(looks):
    """dW was made with zeros_like and never filled."""
    if not any(look.got.any() for look in looks):
        return "all-zeros", "{your} {are} 0 everywhere."
    return None


@signature
def input_returned(looks):
    """dZ is dout, unchanged."""
    for name, array in arrays_of(looks).items():
        # In a wrong shape something else is to be said.
        if array.shape == looks[0].expected.shape and always(
            looks, lambda look, name=name: look.inputs[name]
        ):
            return "input-returned", f"{{your}} {{are}} {name}, unchanged."
    return None


@signature
def upstream_ignored(looks):
    """dZ is the local derivative alone."""
    if always(looks, lambda look: look.solve(dout=_filled(look, "dout", 1.0))):
        return "upstream-ignored", (
            "{your} {are} what comes out when dout is all ones: the gradient that arrives has "
            "been left out."
        )
    return None


@signature
def upstream_twice(looks):
    """dZ is multiplied by dout once too often."""
    if always(looks, lambda look: look.solve(dout=look.inputs["dout"] ** 2)):
        return "upstream-twice", "{your} {have} dout as a factor twice."
    return None


@signature
def upstream_divided(looks):
    """dZ is the local derivative divided by dout."""
    if always(looks, lambda look: look.solve(dout=1 / look.inputs["dout"])):
        return "upstream-divided", "{your} {are} divided by dout where the chain rule multiplies."
    return None


@signature
def input_ignored(looks):
    """dx is right only for gamma = 1, or out only for b = 0."""
    for name, value in numbers_of(looks):
        for fill in (1.0, 0.0):
            if always(looks, lambda look, n=name, f=fill: look.solve(**{n: _filled(look, n, f)})):
                all_ = f"all {'ones' if fill else 'zeros'}" if np.ndim(value) else f"{fill:g}"
                return "input-ignored", (
                    f"{{your}} {{are}} what comes out when {name} is {all_}: {name} is left out."
                )
    return None


@signature
def wrong_input_used(looks):
    """The mask is made from dout where Z belongs."""
    arrays = arrays_of(looks)
    for due, used in permutations(arrays, 2):
        if arrays[due].shape == arrays[used].shape and always(
            looks, lambda look, due=due, used=used: look.solve(**{due: look.inputs[used]})
        ):
            return "wrong-input-used", (
                f"{{your}} {{are}} what comes out when {used} stands where {due} belongs."
            )
    return None


@signature
def averaged(looks):
    """db is the mean of dout over axis 0 where the sum belongs."""
    for name, axis in _summed_inputs(looks):
        if always(looks, lambda look, name=name, axis=axis: look.inputs[name].mean(axis=axis)):
            return "averaged", (
                f"{{your}} {{are}} the mean of {name} over axis {axis} where the sum belongs."
            )
    return None


@signature
def wrong_axis(looks):
    """db is the sum of dout over axis 1 where axis 0 is due; or softmax ran down the columns."""
    for name, due in _summed_inputs(looks):
        for axis in range(looks[0].inputs[name].ndim):
            if axis != due and always(
                looks, lambda look, name=name, axis=axis: look.inputs[name].sum(axis=axis)
            ):
                return "wrong-axis", (
                    f"{{your}} {{are}} the sum of {name} over axis {axis}. That is not the axis "
                    "along which the gradients add up."
                )
    arrays = arrays_of(looks)
    if all(array.ndim == 2 for array in arrays.values()) and always(
        looks, lambda look: look.solve(**{name: look.inputs[name].T for name in arrays}).T
    ):
        return "wrong-axis", (
            "{your} would be right if rows and columns changed places: the other axis is due."
        )
    return None


def _summed_inputs(looks) -> Iterator[tuple[str, int]]:
    """Yield the arguments and axes whose sum is the right answer."""
    for name, array in arrays_of(looks).items():
        for axis in range(array.ndim):
            if holds(
                looks,
                lambda look, name=name, axis=axis: same(
                    look.inputs[name].sum(axis=axis), look.expected, look.tolerance
                ),
            ):
                yield name, axis


# 2. The right numbers in another place or form.


@signature
def transposed(looks):
    """dW has shape (M, D) where (D, M) belongs, or is square and mirrored."""
    if looks[0].expected.ndim == 2 and always(looks, lambda look: look.expected.T):
        return "transposed", "{your} {are} transposed: rows and columns have changed places."
    return None


@signature
def in_another_order_of_axes(looks):
    """The axes of an array of three are exchanged."""
    axes = range(looks[0].expected.ndim)
    for order in permutations(axes):
        if len(order) > 2 and always(looks, lambda look, o=order: look.expected.transpose(o)):
            return "axes-exchanged", (
                "{your} {have} the right numbers, with the axes in the order "
                f"{order}: the shape is {first_wrong(looks).got.shape} where "
                f"{first_wrong(looks).expected.shape} belongs."
            )
    return None


@signature
def wrong_shape(looks):
    """db has shape (1, M) where (M,) belongs."""
    if always(looks, lambda look: look.expected.reshape(look.got.shape)):
        look = first_wrong(looks)
        return "wrong-shape", (
            "{your} {have} the right numbers in a wrong shape: "
            f"{look.got.shape} where {look.expected.shape} belongs."
        )
    return None


@signature
def not_summed(looks):
    """db still has a row for each example; summed over axis 0 it is right."""
    for axis in range(looks[0].got.ndim):
        for word, mistake in (("sum", "not-summed"), ("mean", "not-averaged")):
            reduce = getattr(np, word)
            if holds(
                looks,
                lambda look, reduce=reduce, axis=axis: same(
                    reduce(look.got, axis=axis), look.expected, look.tolerance
                ),
            ):
                return mistake, f"{{your}} would be right after a {word} over axis {axis}."
    return None


@signature
def summed_too_much(looks):
    """A number for each example is due, and their sum came."""
    for axis in (None, *range(looks[0].expected.ndim)):
        for word, mistake in (("sum", "summed-too-much"), ("mean", "averaged-too-much")):
            for keep in (False, True):
                reduce = partial(getattr(np, word), axis=axis, keepdims=keep)
                if always(looks, lambda look, reduce=reduce: reduce(look.expected)):
                    along = "all entries" if axis is None else f"axis {axis}"
                    return mistake, f"{{your}} {{are}} the {word} of the right values over {along}."
    return None


@signature
def spread_over_pairs(looks):
    """(N,) met (N, 1), and NumPy made a table of all pairs."""

    def is_table(look):
        right = look.expected.ravel()
        return (
            look.expected.ndim == 1
            and look.got.shape == (right.size, right.size)
            and same(np.diagonal(look.got), right, look.tolerance)
        )

    if holds(looks, is_table):
        shape = first_wrong(looks).got.shape
        return "spread-over-pairs", (
            f"{{your}} {{have}} the right values on the diagonal of a table of shape {shape}: "
            f"shapes ({shape[0]},) and ({shape[0]}, 1) met, and NumPy paired everything with "
            "everything."
        )
    return None


@signature
def in_reverse(looks):
    """dweights begins with the last weight."""
    if always(looks, lambda look: look.expected[::-1]):
        return "reversed", "{your} {have} the right numbers in reverse order."
    return None


@signature
def reordered(looks):
    """A reshape was used where a transpose belongs."""
    if all(look.expected.size >= 4 or look.right for look in looks) and holds(
        looks,
        lambda look: same(
            np.sort(look.got, axis=None), np.sort(look.expected, axis=None), look.tolerance
        ),
    ):
        return "reordered", "{your} {have} the right numbers, but not in their places."
    return None


# 3. The right numbers times something, or plus something.


@signature
def wrong_sign(looks):
    """Predictions were subtracted from labels."""
    if always(looks, lambda look: -look.expected):
        return "sign", "{your} {have} the wrong sign everywhere, and otherwise the right numbers."
    return None


@signature
def constant_factor(looks):
    """Every gradient is N times too large."""
    factors = [factor_of(look) for look in looks]
    if None in factors:
        return None
    look = first_wrong(looks)
    amount = _times(factors[looks.index(look)])
    fits = _explanations(factors, looks)
    if len(fits) == 1:
        mistake, reason = fits[0]
        return mistake, f"{{your}} {{are}} exactly {amount}{reason}"
    # A factor without a name must show in several numbers, or it proves nothing.
    if len({f"{k:.6g}" for k in factors}) == 1:
        enough = sum(np.count_nonzero(look.expected) for look in looks) >= 3
        where = "in every entry."
    else:
        enough = all(np.count_nonzero(look.expected) >= 3 for look in looks if not look.right)
        where = "in every entry here; the factor changes from case to case."
    return ("constant-factor", f"{{your}} {{are}} {amount} {where}") if enough else None


def factor_of(look: Look) -> float | None:
    """Return k if the answer is k times the right one, entry by entry."""
    if look.got.shape != look.expected.shape:
        return None
    with np.errstate(all="ignore"):
        largest = np.argmax(np.abs(look.expected)) if look.expected.any() else None
        if largest is None:
            return 1.0 if look.right else None
        k = float(look.got.flat[largest] / look.expected.flat[largest])
        return k if np.isfinite(k) and k != 0 and look.is_(k * look.expected) else None


def _times(k: float) -> str:
    if k > 0:
        return f"{number(max(k, 1 / k))} times too {'large' if k > 1 else 'small'}"
    return f"{number(k)} times the right values"


def _explanations(factors, looks) -> list[tuple[str, str]]:
    """Return what the factor may be: mistake and reason, of the simplest kind that fits."""
    found: dict[int, list[tuple[str, str]]] = {}
    for depth, mistake, value, reason in _known_factors(first_wrong(looks)):
        pairs = zip(factors, looks, strict=True)
        # An array of zeros has every factor, so it says nothing.
        if all(_near(k, value, look) for k, look in pairs if look.expected.any()):
            found.setdefault(depth, []).append((mistake, reason))
    return found[min(found)] if found else []


def _near(k, value, look) -> bool:
    try:
        return bool(np.isclose(k, value(look), rtol=1e-6, atol=0))
    except (KeyError, TypeError, ZeroDivisionError):
        return False


def _known_factors(shown: Look):
    """Yield depth, mistake, the factor in a case, and what to say after "5 times too large"."""
    yield 1, "factor-two", lambda look: 2.0, ": is a factor 1/2 lost, or something counted twice?"
    yield 1, "factor-half", lambda look: 0.5, ": is a factor 2 lost, or one of two equal shares?"
    for s, value in shown.sizes.items():
        large = small = f", and {s} is {value}."
        if s == "N":
            rows = f", and your batch has {value} rows: "
            large = rows + "where is 1/N?"
            small = rows + "is a mean taken where a sum belongs, or 1/N used twice?"
        yield 1, f"factor-{word_for(s)}", lambda look, s=s: look.sizes[s], large
        yield 1, f"divided-by-{word_for(s)}", lambda look, s=s: 1 / look.sizes[s], small
    for s, value in shown.inputs.items():
        if isinstance(value, float):
            reason = f", and {s} is {number(value)}."
            yield 1, f"factor-{word_for(s)}", lambda look, s=s: look.inputs[s], reason
            yield 1, f"divided-by-{word_for(s)}", lambda look, s=s: 1 / look.inputs[s], reason
            squared = f", and {s} times {s} is {number(value * value)}."
            yield 2, f"factor-{word_for(s)}-squared", lambda look, s=s: look.inputs[s] ** 2, squared
    for s, t in combinations_with_replacement(shown.sizes, 2):
        both = f"{word_for(s)}-squared" if s == t else f"{word_for(s)}-and-{word_for(t)}"
        reason = f", and {s} times {t} is {shown.sizes[s] * shown.sizes[t]}."
        yield 2, f"factor-{both}", lambda look, s=s, t=t: look.sizes[s] * look.sizes[t], reason
        yield (
            2,
            f"divided-by-{both}",
            lambda look, s=s, t=t: 1 / (look.sizes[s] * look.sizes[t]),
            reason,
        )
    for s, t in permutations(shown.sizes, 2):
        reason = f", which is {s} over {t}."
        ratio = f"factor-{word_for(s)}-over-{word_for(t)}"
        yield 2, ratio, lambda look, s=s, t=t: look.sizes[s] / look.sizes[t], reason


@signature
def wrong_zeros(looks):
    """The ReLU mask is missing, or comes from another array."""
    if not holds(
        looks,
        lambda look: look.is_(
            np.where((look.got == 0) | (look.expected == 0), look.got, look.expected)
        ),
    ):
        return None
    agreeing = sum(np.count_nonzero(look.got * look.expected) for look in looks)
    missing = [np.count_nonzero((look.expected == 0) & (look.got != 0)) for look in looks]
    extra = [np.count_nonzero((look.expected != 0) & (look.got == 0)) for look in looks]
    if agreeing < 2:
        return None
    shown = looks.index(first_wrong(looks))
    if not any(extra):
        return "zeros-missing", (
            f"{{your}} {{have}} the right numbers, except that {_entries(missing[shown])} must be "
            "0. What makes them 0?"
        )
    if not any(missing):
        return "zeros-extra", (
            f"{{your}} {{have}} the right numbers, except that {_entries(extra[shown])} became 0 "
            "and must not."
        )
    return "wrong-zeros", (
        "{your} {have} the right numbers, but zeros in the wrong places. Which array decides where "
        "the zeros are?"
    )


@signature
def some_signs(looks):
    """The sizes are right, some signs are not."""
    if always(
        looks, lambda look: np.where(look.got < 0, -np.abs(look.expected), np.abs(look.expected))
    ):
        look = first_wrong(looks)
        flipped = np.count_nonzero(look.got * look.expected < 0)
        return "some-signs", (
            f"{{your}} {{have}} the right numbers, but the wrong sign in {flipped} of "
            f"{_entries(look.got.size)}."
        )
    return None


@signature
def input_negated(looks):
    """The bias was subtracted."""
    for name, _ in numbers_of(looks):
        if always(looks, lambda look, name=name: look.solve(**{name: -look.inputs[name]})):
            return "input-negated", (
                f"{{your}} {{are}} what comes out when {name} has the opposite sign."
            )
    return None


@signature
def input_as_factor(looks):
    """The derivative was read as "times Z"."""
    for name in arrays_of(looks):
        if always(looks, lambda look, name=name: look.expected * look.inputs[name]):
            return f"factor-{word_for(name)}", (
                f"{{your}} {{are}} the right values times {name}, entry by entry."
            )
        if always(looks, lambda look, name=name: look.expected / look.inputs[name]):
            return f"divided-by-{word_for(name)}", (
                f"{{your}} {{are}} the right values divided by {name}, entry by entry."
            )
    return None


@signature
def constant_offset(looks):
    """Every entry is off by the same amount."""
    if all(look.expected.size >= 3 or look.right for look in looks) and always(
        looks, lambda look: look.expected + (look.got - look.expected).flat[0]
    ):
        look = first_wrong(looks)
        offset = float((look.got - look.expected).flat[0])
        return "constant-offset", f"{{your}} {{are}} off by {number(offset)} in every entry."
    return None


@signature
def integer_result(looks):
    """An integer array swallowed the digits."""
    if looks[0].got.dtype.kind in "iu" and always(looks, lambda look: np.trunc(look.expected)):
        return "integer-result", (
            "{your} {have} lost everything behind the decimal point: the numbers were put into an "
            "array of integers."
        )
    return None


# 4. Laws of the right answer.


@invariant
def rows_not_zero(looks):
    """Each row of a softmax gradient sums to 0; these do not."""
    for axis, word in ((1, "row"), (0, "column")):

        def sums_to_zero(array, tolerance=1e-12, axis=axis):
            return (np.abs(array.sum(axis=axis)) <= tolerance * np.abs(array).max()).all()

        if holds(
            looks,
            lambda look, axis=axis, sums_to_zero=sums_to_zero: (
                look.got.shape == look.expected.shape
                and look.expected.ndim == 2
                and look.expected.shape[axis] > 1
                and sums_to_zero(look.expected)
            ),
        ):
            look = first_wrong(looks)
            if sums_to_zero(look.got, 1e-6):
                continue
            sums = look.got.sum(axis=axis)
            worst = int(np.argmax(np.abs(sums) > 0.999999 * np.abs(sums).max()))
            return f"{word}s-not-zero", (
                f"Each {word} of the right {look.name} sums to 0; {word} {worst} of yours sums to "
                f"{number(float(sums[worst]))}."
            )
    return None
