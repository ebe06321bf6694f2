"""Read the answers of a submission without running anything of it."""

import re
from dataclasses import dataclass
from functools import cache

from backprop_course.exercises.bank import bank_files
from backprop_course.grading.submissions.cells import cells_of
from backprop_course.grading.submissions.closure import Closures, TooTangled
from backprop_course.grading.submissions.names import plain
from backprop_course.grading.submissions.records import (
    Answers,
    CannotRead,
    FunctionAnswer,
    GivenAnswer,
    Submission,
)
from backprop_course.grading.submissions.statements import program_of
from backprop_course.grading.submissions.values import answers_of

_TANGLED = "could not be read: it depends on more than a notebook can hold."


def read_answers(submission: Submission, wanted: frozenset[str] | None = None) -> Answers:
    """Return what a submission answers.

    Parameters
    ----------
    submission : Submission
    wanted : frozenset of str, optional
        The names of the functions to look for; all of the bank's if it is left out.

    Notes
    -----
    Each file is a program of its own. Where several of them answer the same exercise, an answer
    goes before a starter, the file that is named after the exercise's lesson before others, and a
    later file before an earlier one.
    """
    if submission.problem:
        return Answers(problem=submission.problem)
    wanted = frozenset(_lessons()) if wanted is None else wanted
    found: list[_File] = []
    troubles = []
    for name, place in zip(submission.files, submission.places, strict=True):
        try:
            found.append(_read_file(place.read(), name, wanted))
        except CannotRead as error:
            troubles.append(f"{name} {error}")
    if troubles and not found:
        return Answers(problem=" ".join(troubles))
    if len(found) == 1:
        functions = {name: answer for name, (_, answer) in found[0].functions.items()}
        return Answers(functions, found[0].formulas, found[0].questions, notes=tuple(troubles))
    return _merged(found, tuple(troubles))


def read_source(content: bytes, name: str, wanted: frozenset[str] | None = None) -> Answers:
    """Return what one file answers; its name says whether it is a notebook.

    Raises
    ------
    CannotRead
        If it cannot be read; the message is one sentence without the file's name.
    """
    file = _read_file(content, name, frozenset(_lessons()) if wanted is None else wanted)
    functions = {name: answer for name, (_, answer) in file.functions.items()}
    return Answers(functions, file.formulas, file.questions)


@dataclass(frozen=True, slots=True)
class _File:
    """The answers of one file. Functions come with how much they count: 0 a starter, 1 unreadable,
    2 an answer."""

    name: str
    functions: dict[str, tuple[int, FunctionAnswer]]
    formulas: dict[str, GivenAnswer]
    questions: dict[str, GivenAnswer]


def _read_file(content: bytes, name: str, wanted: frozenset[str]) -> _File:
    program = program_of(cells_of(content, plain(name).lower()))
    try:
        closures = Closures(program, wanted)
        formulas, questions = answers_of(program.statements, closures)
        functions = {}
        for function in sorted(wanted):
            answer = _function(function, closures, program.broken)
            if answer is not None:
                functions[function] = answer
    except RecursionError:
        raise CannotRead("is nested too deeply, and was not read.") from None
    return _File(name, functions, formulas, questions)


def _function(
    name: str, closures: Closures, broken: dict[str, str]
) -> tuple[int, FunctionAnswer] | None:
    origin = closures.origin(name)
    statement = closures.binder(name)
    starter = statement is None or closures.is_starter(name)
    if name in broken and (starter or origin):
        return 1, FunctionAnswer("", broken[name])
    if statement is None:
        return None
    if origin:
        sentence = f"is imported from {origin}, and not written in the notebook."
        return 1, FunctionAnswer("", sentence)
    try:
        return 0 if starter else 2, FunctionAnswer(closures.code(name))
    except TooTangled:
        return 1, FunctionAnswer("", _TANGLED)


def _merged(files: list[_File], notes: tuple[str, ...]) -> Answers:
    functions: dict[str, tuple[tuple, FunctionAnswer]] = {}
    formulas: dict[str, tuple[tuple, GivenAnswer]] = {}
    questions: dict[str, tuple[tuple, GivenAnswer]] = {}
    for number, file in enumerate(files):
        at_home = _lesson_of(file.name)
        for name, (weight, answer) in file.functions.items():
            rank = (weight, _lessons().get(name) == at_home, number)
            _keep_higher(functions, name, rank, answer)
        for kept, found in ((formulas, file.formulas), (questions, file.questions)):
            for name, answer in found.items():
                _keep_higher(kept, name, (name[:2] == at_home, number), answer)
    return Answers(
        *({name: answer for name, (_, answer) in kept.items()} for kept in (functions, formulas)),
        {name: answer for name, (_, answer) in questions.items()},
        notes=notes,
    )


def _keep_higher(kept: dict, name: str, rank: tuple, answer) -> None:
    if name not in kept or kept[name][0] < rank:
        kept[name] = (rank, answer)


def _lesson_of(file: str) -> str:
    match = re.search(r"(?<!\d)(\d\d)_[A-Za-z]", file.rpartition("/")[2])
    return match[1] if match else ""


@cache
def _lessons() -> dict[str, str]:
    """Return the lesson of each exercise that asks for a function."""
    return {
        path.stem: path.parent.name.removeprefix("lesson_")
        for path in bank_files()
        if not path.stem.startswith(("formula_", "question_"))
    }
