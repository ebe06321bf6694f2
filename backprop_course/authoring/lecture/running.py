"""Run a lesson afresh, for a deck or for paper."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from nbformat import NotebookNode

from backprop_course.authoring import build
from backprop_course.authoring.lessons import Lesson, lesson_notebook
from backprop_course.widgets.film import SWITCH

# On a wall a figure is enlarged, and needs twice the dots; print takes lines, not dots.
WALL, PAPER = "retina", "svg"


def run_lesson(lesson: Lesson, figures: str, *, root=build.ROOT) -> NotebookNode:
    """Return the lesson with fresh outputs.

    Parameters
    ----------
    lesson : Lesson
    figures : str
        `WALL` also tells the widgets to stand alone, `PAPER` leaves their still pictures.
    root : Path
        Folder that holds ``notebooks``.

    Raises
    ------
    BuildError
        A cell fails.
    """
    notebook = lesson_notebook(lesson)
    with _switch("1" if figures == WALL else "0"), _figure_format(notebook, figures):
        build.execute(notebook, root / "notebooks" / f"{lesson.name}.ipynb")
    return notebook


@contextmanager
def _switch(value: str) -> Iterator[None]:
    """Set the variable that widgets look at; the kernel inherits it."""
    before = os.environ.get(SWITCH)
    os.environ[SWITCH] = value
    try:
        yield
    finally:
        os.environ.pop(SWITCH)
        if before is not None:
            os.environ[SWITCH] = before


@contextmanager
def _figure_format(notebook: NotebookNode, name: str) -> Iterator[None]:
    """Ask for this format at the end of the first code cell, while the notebook runs."""
    first = next((cell for cell in notebook.cells if cell.cell_type == "code"), None)
    if first is None:
        yield
        return
    source = first.source
    first.source = f"{source}\n%config InlineBackend.figure_format = '{name}'"
    try:
        yield
    finally:
        first.source = source
