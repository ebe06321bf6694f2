"""Which exercises are asked for: ``"01-08"``, ``"03,05"``, ``"linear_backward,dW"``, or all."""

import re

from backprop_course.exercises.record import Record


class ChoiceError(ValueError):
    """The text names no exercises; it says which there are."""


def choose(text: str | None, bank: dict[str, Record]) -> tuple[str, ...]:
    """Return the names of the exercises that the text means, in the bank's order.

    Parameters
    ----------
    text : str or None
        Lessons, ranges of lessons and names of exercises, separated by commas; None means all.
    bank : dict of str to Record
    """
    if text is None:
        return tuple(bank)
    chosen: set[str] = set()
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        found = _meant(part, bank)
        if not found:
            lessons = ", ".join(sorted({record.lesson for record in bank.values()}))
            raise ChoiceError(
                f"{part} is neither a lesson with exercises ({lessons}), nor a range such as "
                "01-08, nor the name of an exercise."
            )
        chosen |= found
    if not chosen:
        raise ChoiceError("Name lessons or exercises, such as --exercises 01-08 or 03,05.")
    return tuple(name for name in bank if name in chosen)


def _meant(part: str, bank: dict[str, Record]) -> set[str]:
    if part in bank:
        return {part}
    span = re.fullmatch(r"(\d{1,2})(?:-(\d{1,2}))?", part)
    if span is None:
        return set()
    first, last = int(span[1]), int(span[2] or span[1])
    return {name for name, record in bank.items() if first <= int(record.lesson) <= last}
