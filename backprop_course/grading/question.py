"""Judge the answer to a question: a number, or the letter of a choice."""

import numpy as np

from backprop_course.exercises.record import Question
from backprop_course.grading.result import (
    COULD_NOT_RUN,
    FAILED,
    NOT_ATTEMPTED,
    PASSED,
    Result,
    listed,
    make_result,
)


def judge_answer(question: Question, answer) -> Result:
    """Return the result for one answer. None, ``""`` and ``...`` count as not attempted."""

    def result(outcome, lines=(), mistakes=()):
        return make_result(outcome, question.name, question.points, lines, mistakes)

    if answer is None or answer is Ellipsis or (isinstance(answer, str) and not answer.strip()):
        return result(NOT_ATTEMPTED)
    read = _letter if question.choices else _number
    given = read(answer)
    if given is None or (question.choices and given not in question.choices):
        asked = (
            f"the letter of one choice: {listed(question.choices, 'or')}"
            if question.choices
            else "a number"
        )
        return result(COULD_NOT_RUN, [f"Answer with {asked}."])
    if _equal(given, read(question.answer), question.tolerance):
        return result(PASSED, [question.because] if question.because else [])
    hint = [f'hint("{question.name}") goes one step further.'] if question.hints else []
    for wrong in question.wrong_answers:
        if _equal(given, read(wrong.answer), question.tolerance):
            return result(FAILED, [wrong.message, *hint], [wrong.mistake])
    return result(FAILED, [f"This is not the {'choice' if question.choices else 'number'}.", *hint])


def _letter(answer) -> str | None:
    return answer.strip(" .()").lower() if isinstance(answer, str) else None


def _number(answer) -> float | None:
    """Return a number given as such, or as text such as ``"4.5"`` or ``"1/3"``."""
    try:
        if isinstance(answer, str):
            above, _, below = answer.replace(" ", "").partition("/")
            answer = float(above) / float(below or 1)
        value = np.asarray(answer, dtype=float)
    except (TypeError, ValueError, ArithmeticError):
        return None
    return float(value) if value.ndim == 0 and np.isfinite(value) else None


def _equal(given, right, tolerance: float) -> bool:
    if isinstance(right, str):
        return given == right
    return abs(given - right) <= tolerance * (abs(right) or 1.0)
