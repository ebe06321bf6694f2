"""Read the lessons: ``notebooks/source/NN_name.py`` in the py:percent form."""

import re
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode

from backprop_course.authoring import cells


class LessonError(ValueError):
    """A lesson's source cannot be read as a lesson."""


@dataclass(frozen=True)
class Lesson:
    """One lesson: its number ``"03"``, its name ``"03_matrix_gradients"``, its title and source."""

    number: str
    name: str
    title: str
    source: Path


def find_lessons(folder: Path) -> list[Lesson]:
    """Return the lessons of a source folder in their order.

    Raises
    ------
    LessonError
        A file is not named ``NN_name.py``, has no title, or shares its number with another.
    """
    lessons: dict[str, Lesson] = {}
    for path in sorted(folder.glob("*.py")):
        if not re.fullmatch(r"\d\d_[a-z0-9_]+", path.stem):
            raise LessonError(
                f"{path.name}: name a lesson by two digits and a word, such as 03_graphs.py."
            )
        number = path.stem[:2]
        if number in lessons:
            raise LessonError(
                f"{path.name}: {lessons[number].name}.py has the number {number} as well; "
                "renumber one of them."
            )
        lessons[number] = Lesson(number, path.stem, _title(path), path)
    return list(lessons.values())


def lesson_notebook(lesson: Lesson) -> NotebookNode:
    """Return the lesson as a notebook without outputs."""
    return cells.notebook(_read(lesson.source), built_from=f"notebooks/source/{lesson.name}.py")


def _read(path: Path) -> list[NotebookNode]:
    import jupytext

    parsed = jupytext.reads(path.read_text(encoding="utf-8"), fmt="py:percent")
    found = []
    for number, cell in enumerate(parsed.cells, start=1):
        metadata = dict(cell.metadata)
        metadata.pop("lines_to_next_cell", None)
        make = {"markdown": cells.markdown, "code": cells.code}.get(cell.cell_type)
        if make is None:
            raise LessonError(
                f"{path.name}: cell {number} is of the kind '{cell.cell_type}'; begin a cell with "
                "'# %%' or '# %% [markdown]'."
            )
        if not cell.source.strip():
            raise LessonError(f"{path.name}: cell {number} is empty; remove it.")
        found.append(make(cell.source, **metadata))
    return found


def _title(path: Path) -> str:
    """Return the text of the first heading, without the number in front of it."""
    text = path.read_text(encoding="utf-8")
    heading = re.match(r"\s*# %% \[markdown\].*\n# # +(\S.*)", text)
    if heading is None:
        raise LessonError(f"{path.name}: begin with a Markdown cell whose first line is '# Title'.")
    return re.sub(r"^(lesson\s+)?\d+\s*[.:)·-]?\s*", "", heading[1], flags=re.IGNORECASE).strip()
