"""Refuse an exercise that would confuse a learner or give its solution away.

Each complaint is one sentence: which file, what is wrong, what to do.
"""

import re
from collections.abc import Iterable
from string import Formatter

import numpy as np

from backprop_course.authoring import marks
from backprop_course.authoring.pages import file_of, pieces_of
from backprop_course.exercises.record import Exercise, Formula, Question, Record

LONGEST_TEXT = 200  # words
HINTS = 3  # for a function: where to look, what kind of mistake, nearly the line


def validate(record: Record) -> list[str]:
    """Return what is wrong with one exercise, in sentences; none if it is well made."""
    problems = _description(record) + _hints(record) + _wrong_answers(record)
    if isinstance(record, Exercise):
        problems += _cases(record)
    elif isinstance(record, Formula):
        problems += _formula(record)
    elif isinstance(record, Question):
        problems += _question(record)
    return _marks(record) + [f"{file_of(record)}: {problem}" for problem in problems]


def validate_bank(records: Iterable[Record]) -> list[str]:
    """Return what is wrong with the exercises one by one and with all of them together."""
    records = list(records)
    problems = [problem for record in records for problem in validate(record)]
    for what, key in (
        ("number", lambda record: f"{record.lesson}.{record.number}"),
        ("name", lambda record: record.name),
    ):
        first: dict[str, Record] = {}
        for record in records:
            other = first.setdefault(key(record), record)
            if other is not record:
                problems.append(
                    f"{file_of(record)}: the {what} {key(record)} is taken by {file_of(other)}; "
                    "choose another."
                )
    return problems


def _description(record: Record) -> list[str]:
    problems = []
    if not record.title.strip():
        problems.append("the title is empty; write one, such as 'A chain of sigmoids'.")
    words = len(record.text.split())
    if not words:
        problems.append("there is no text for the learner; write it as the file's first string.")
    if words > LONGEST_TEXT:
        problems.append(f"the text has {words} words; keep it under {LONGEST_TEXT}.")
    for name in ("number", "points", "minutes"):
        value = getattr(record, name)
        if type(value) is not int or value < 1:
            problems.append(f"{name} is {value!r}; give a whole number of at least 1.")
    if record.level not in (1, 2, 3):
        problems.append(f"level is {record.level!r}; it is 1, 2 or 3.")
    return problems


def _hints(record: Record) -> list[str]:
    problems = []
    if isinstance(record, Exercise) and len(record.hints) != HINTS:
        problems.append(
            f"it has {len(record.hints)} hints; write {HINTS}: where to look, what kind of "
            "mistake, nearly the line."
        )
    if not record.hints:
        problems.append("it has no hint; write at least one.")
    for number, text in enumerate(record.hints, start=1):
        if not text.strip():
            problems.append(f"hint {number} is empty; write it.")
        problems += _given_away(record, f"hint {number}", text)
    return problems


def _wrong_answers(record: Record) -> list[str]:
    problems = []
    for number, wrong in enumerate(record.wrong_answers, start=1):
        which = f"wrong answer {number}"
        if not wrong.mistake.strip():
            problems.append(f"{which} has no mistake name; give it a short one, such as 'sign'.")
        elif not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", wrong.mistake):
            problems.append(
                f"{which}: write the mistake name '{wrong.mistake}' in small letters and hyphens."
            )
        else:
            which = f"wrong answer '{wrong.mistake}'"
        if not wrong.message.strip():
            problems.append(f"{which} has no message; say what the learner should read.")
        problems += _given_away(record, f"the message of {which}", wrong.message)
    return problems


def _given_away(record: Record, where: str, text: str) -> list[str]:
    """Complain about a text that contains a line of the solution."""
    return [
        f"{where} gives the solution away ('{line}'); say it without the code."
        for line in secrets(record)
        if marks.contains(text, marks.tokens(line))
    ][:1]


def secrets(record: Record) -> list[str]:
    """Return the pieces of code that no learner may be shown, longest first."""
    found: list[str] = []
    if isinstance(record, Exercise):
        try:
            found = marks.telling_lines(pieces_of(record))
        except marks.MarkError:
            return []
    elif isinstance(record, Formula):
        found = [record.answer, *record.right_answers]
    # One name or number alone says nothing: any sentence may need it.
    return sorted((line for line in found if len(marks.tokens(line)) >= 3), key=len, reverse=True)


def _marks(record: Record) -> list[str]:
    if isinstance(record, Exercise):
        try:
            pieces_of(record)
        except marks.MarkError as error:
            return [str(error)]
    return []


def _formula(record: Formula) -> list[str]:
    problems = []
    if not record.symbol.strip():
        problems.append('it has no symbol; say what is asked for, such as symbol="dW".')
    if not record.answer.strip():
        problems.append("it has no answer; give the right formula as text.")
    return problems + _cases(record)


def _cases(record: Exercise | Formula) -> list[str]:
    """Complain about missing cases, and about sizes in messages that a case does not have."""
    if record.draw is None:
        return ["it has no cases; write cases(rng) under '@exercise.cases'."]
    cases = list(record.draw(np.random.default_rng(0)))
    if not cases:
        return ["cases(rng) yields nothing; yield at least one Case."]
    known = set.intersection(*(set(case.sizes) for case in cases))
    problems = []
    for wrong in record.wrong_answers:
        for name in sorted(_fields(wrong.message) - known):
            problems.append(
                f"the message of wrong answer '{wrong.mistake}' uses {{{name}}}, which is not "
                f"among the sizes of every case ({', '.join(sorted(known)) or 'none'}); name one "
                "of those."
            )
    return problems


def _fields(message: str) -> set[str]:
    """Return the names in braces; a brace that is not a name counts as the unknown name ''."""
    try:
        return {field for _, field, _, _ in Formatter().parse(message) if field is not None}
    except ValueError:
        return {""}


def _question(record: Question) -> list[str]:
    problems = []
    if record.answer is None:
        problems.append("it has no answer; give a number or the letter of a choice.")
    if not record.because.strip():
        problems.append("it has no 'because'; say why the right answer is right.")
    for wrong in record.wrong_answers:
        for name in sorted(_fields(wrong.message)):
            problems.append(
                f"the message of wrong answer '{wrong.mistake}' uses {{{name}}}, but a question "
                "has no sizes; write the number itself."
            )
    if record.choices:
        if record.answer is not None and record.answer not in record.choices:
            problems.append(f"the answer {record.answer!r} is not one of its choices; mend one.")
        explained = {wrong.answer for wrong in record.wrong_answers}
        for letter in record.choices:
            if letter != record.answer and letter not in explained:
                problems.append(
                    f"choice {letter!r} is wrong but has no message; add exercise.wrong for it."
                )
    return problems
