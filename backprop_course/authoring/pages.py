"""Exercise notebooks, unsolved and solved, from the records of the bank."""

import json
from pathlib import Path
from string import Formatter

from nbformat import NotebookNode

from backprop_course.authoring import cells, marks
from backprop_course.authoring.lessons import Lesson
from backprop_course.exercises.record import Exercise, Formula, Question, Record


def exercise_notebook(
    lesson: Lesson, records: list[Record], *, following: Lesson | None = None, solved: bool = False
) -> NotebookNode:
    """Return the exercises of one lesson as a notebook without outputs.

    Parameters
    ----------
    lesson : Lesson
    records : list of Record
        The exercises of this lesson, in any order.
    following : Lesson or None
        The lesson to go to next.
    solved : bool
        Whether to write the answers instead of the starters.
    """
    records = sorted(records, key=lambda record: record.number)
    pieces = {record.name: pieces_of(record) for record in records if isinstance(record, Exercise)}
    found = [_opening(lesson, records, solved), _imports(records, pieces, solved)]
    for record in records:
        found.append(cells.markdown(_text(record)))
        if isinstance(record, Exercise):
            part = pieces[record.name]
            found.append(cells.code(part.solved if solved else part.starter(label(record))))
        found.append(cells.code(_check(record, solved)))
        if solved:
            found.append(cells.markdown(_wrong_answers(record)))
        else:
            found.append(cells.code(_hint(record)))
    found += _closing(lesson, following)
    return cells.notebook(found, built_from=f"backprop_course/exercises/lesson_{lesson.number}")


def label(record: Record) -> str:
    """Return the exercise's number as learners read it, such as ``"03.2"``."""
    return f"{record.lesson}.{record.number}"


def pieces_of(record: Exercise) -> marks.Pieces:
    """Return starter and solution of a function exercise."""
    path = Path(record.source)
    return marks.cut(path.read_text(encoding="utf-8"), file_of(record))


def file_of(record: Record) -> str:
    """Return the record's file as an error should name it, as in ``lesson_03/tied_backward.py``."""
    path = Path(record.source)
    return f"{path.parent.name}/{path.name}"


def _opening(lesson: Lesson, records: list[Record], solved: bool) -> NotebookNode:
    read = f"[Lesson {lesson.number}: {lesson.title}](../notebooks/{lesson.name}.ipynb)"
    if solved:
        return cells.markdown(
            f"# Solutions {lesson.number}: {lesson.title}\n\n"
            "One right answer to each of the "
            f"[exercises](../exercises/{lesson.name}.ipynb); try those first. Another answer is "
            "as right when it gives the same numbers: the check compares arrays, not code. Under "
            "each solution stand the wrong answers that the check knows by name.\n\n"
            f"{read} derives all that is used here."
        )
    answer = "Write your answer, run its cell with Shift+Enter, then run the check below it."
    if any(isinstance(record, Formula | Question) for record in records):
        answer += " A formula or a letter goes between the quotes; a number replaces the dots."
    lines = [
        answer,
        "Stuck? Delete the `#` in front of `hint` and run: each run tells you a little more.",
        "Your points are kept between sessions. A wrong try costs nothing, and you may try again.",
    ]
    steps = "\n".join(f"- {line}" for line in lines)
    total = sum(record.points for record in records)
    minutes = sum(record.minutes for record in records)
    return cells.markdown(
        f"# Exercises {lesson.number}: {lesson.title}\n\n"
        f"{_count(total, 'point')} in all, about {_count(minutes, 'minute')}. {read} has what you "
        f"need.\n\n{steps}"
    )


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}" + ("" if number == 1 else "s")


def _imports(records: list[Record], pieces: dict[str, marks.Pieces], solved: bool) -> NotebookNode:
    """Import what the cells of this notebook use, and nothing else."""
    used = {"progress"} if solved else {"hint", "progress"}
    for record in records:
        used.add(_check_function(record))
    lines = {line for part in pieces.values() for line in part.imports}
    if pieces:
        lines.add("import numpy as np")
    own = {line for line in lines if line.startswith("from backprop_course")}
    own.add(f"from backprop_course import {', '.join(sorted(used))}")
    blocks = ["\n".join(sorted(block, key=_import_order)) for block in (lines - own, own) if block]
    return cells.code("\n\n".join(blocks))


def _import_order(line: str) -> tuple[bool, str]:
    return line.startswith("from"), line


def _check_function(record: Record) -> str:
    if isinstance(record, Formula):
        return "check_formula"
    return "check_answer" if isinstance(record, Question) else "check"


def _text(record: Record) -> str:
    """Return number, title and price of an exercise, then what is asked."""
    parts = [
        f"## {label(record)} {record.title}",
        f"*{_count(record.points, 'point')}, {_count(record.minutes, 'minute')}, "
        f"level {record.level} of 3*",
        record.text.strip(),
    ]
    if isinstance(record, Question) and record.choices:
        parts.append("\n".join(f"- **{key}.** {text}" for key, text in record.choices.items()))
    return "\n\n".join(parts)


def _check(record: Record, solved: bool) -> str:
    if isinstance(record, Formula):
        answer = record.answer if solved else ""
        return f"check_formula({_quoted(record.symbol)}, {_quoted(answer)})"
    if isinstance(record, Question):
        answer = _quoted(record.answer) if solved else _quoted("") if record.choices else "..."
        return f"check_answer({_quoted(record.name)}, {answer})"
    return f"check({record.name})"


def _hint(record: Record) -> str:
    if isinstance(record, Exercise):
        return f"# hint({record.name})"
    return f"# hint({_quoted(record.symbol if isinstance(record, Formula) else record.name)})"


def _quoted(value) -> str:
    """Return a literal with double quotes around text, as the lessons write it."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)


def _wrong_answers(record: Record) -> str:
    """Return a folded list of the mistakes that the check knows, each with its message."""
    lines = []
    for wrong in record.wrong_answers:
        # In a list for all sizes a letter stands for itself: "exactly N times too small".
        lines.append(f"- {_shown(record, wrong)}: {_with_letters(wrong.message)}")
    return "\n".join(
        [
            "<details><summary>Wrong answers, and what they look like</summary>",
            "",
            *dict.fromkeys(lines),
            "",
            "</details>",
        ]
    )


def _shown(record: Record, wrong) -> str:
    if isinstance(record, Formula):
        return f"`{wrong.answer}`"
    if isinstance(record, Question):
        return f"**{wrong.answer}**"
    return f"**{wrong.mistake}**"


def _with_letters(message: str) -> str:
    names = {field for _, field, _, _ in Formatter().parse(message) if field}
    return message.format_map({name: name for name in names})


def _closing(lesson: Lesson, following: Lesson | None) -> list[NotebookNode]:
    if following is None:
        then = "This is the last lesson that has been written so far."
    else:
        then = (
            f"Next: [Lesson {following.number}: {following.title}]"
            f"(../notebooks/{following.name}.ipynb)."
        )
    return [
        cells.markdown(f"## Where you stand\n\nYour points in lesson {lesson.number}. {then}"),
        cells.code(f'progress("{lesson.number}")'),
    ]
