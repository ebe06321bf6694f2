"""Find the exercises: one file in ``lesson_NN/`` is one exercise, found by looking.

A file is named after its function, so that one exercise can be read without the others.
Files of formulas and questions begin with ``formula_`` and ``question_``.
"""

import importlib
from pathlib import Path

from backprop_course.exercises.record import Exercise, Formula, Question, Record

_FOLDER = Path(__file__).parent


class UnknownExercise(LookupError):
    """No exercise has this name; the message says which names are near it."""


def bank_files() -> list[Path]:
    """Return the files of the bank, lesson by lesson."""
    return sorted(
        path for path in _FOLDER.glob("lesson_*/*.py") if not path.name.startswith(("_", "."))
    )


def read(path: Path) -> Record:
    """Import one file of the bank and return its exercise with name, lesson, text and source.

    Raises
    ------
    ValueError
        If the file cannot be imported or holds no exercise; the message names the file.
    """
    lesson = path.parent.name.removeprefix("lesson_")
    where = f"{path.parent.name}/{path.name}"
    try:
        module = importlib.import_module(f"{__package__}.{path.parent.name}.{path.stem}")
    except Exception as error:
        raise ValueError(f"{where} cannot be imported: {type(error).__name__}: {error}") from error
    record = getattr(module, "exercise", None)
    if not isinstance(record, Record):
        raise ValueError(f"{where} holds no exercise; it must create one named 'exercise'.")
    if isinstance(record, Exercise) and getattr(record.solve, "__name__", None) != path.stem:
        raise ValueError(f"{where} must hold a solution named {path.stem}, like the file.")
    record.lesson = lesson
    record.text = (module.__doc__ or "").strip()
    record.source = str(path)
    if isinstance(record, Exercise):
        record.name = path.stem
    elif isinstance(record, Formula):
        record.name = record.symbol
    return record


def load_bank() -> dict[str, Record]:
    """Return all exercises by name, in the order of lessons and numbers.

    The name is the function's name, a formula's symbol, or for a question its place among the
    questions of its lesson, such as ``"03.q1"``.
    """
    records = [read(path) for path in bank_files()]
    _number_questions(records)
    bank: dict[str, Record] = {}
    for record in sorted(records, key=_order):
        if record.name in bank:
            raise ValueError(
                f"{record.source} and {bank[record.name].source} have the same name, {record.name}."
            )
        bank[record.name] = record
    return bank


def find(name: str) -> Record:
    """Return the exercise of this name, importing as little of the bank as possible.

    Raises
    ------
    UnknownExercise
        If there is none; the message lists names that look like it.
    """
    files = bank_files()
    # A function is found by its file; for a symbol or a question the files must be opened.
    for path in files:
        if path.stem == name and _kind(path) == "function":
            return read(path)
    kind = "question" if ".q" in name else "formula"
    chosen = [path for path in files if _kind(path) == kind]
    records = [read(path) for path in chosen]
    _number_questions(records)
    for record in records:
        if record.name == name:
            return record
    raise UnknownExercise(_no_such(name))


def _kind(path: Path) -> str:
    first = path.stem.partition("_")[0]
    return first if first in ("formula", "question") else "function"


def _order(record: Record):
    return record.lesson, record.number, record.source


def _number_questions(records: list[Record]) -> None:
    count: dict[str, int] = {}
    for record in sorted(records, key=_order):
        if isinstance(record, Question):
            count[record.lesson] = count.get(record.lesson, 0) + 1
            record.name = f"{record.lesson}.q{count[record.lesson]}"


def _no_such(name: str) -> str:
    from difflib import get_close_matches

    try:
        names = list(load_bank())
    except ValueError:
        # One broken file must not hide the other names.
        names = [path.stem for path in bank_files() if _kind(path) == "function"]
    folded = {known.lower(): known for known in names}
    near = get_close_matches(name.lower(), folded, n=3, cutoff=0.6)
    if near:
        return f"There is no exercise named {name}. Did you mean {_or([folded[n] for n in near])}?"
    return f'There is no exercise named {name}. progress("03") lists those of lesson 03.'


def _or(names: list[str]) -> str:
    return " or ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
