"""What ``backprop-course export`` does and says."""

from collections.abc import Callable
from pathlib import Path

from backprop_course.exercises.bank import load_bank
from backprop_course.grading.classroom.choice import ChoiceError, choose
from backprop_course.grading.reports.github import write_workflow
from backprop_course.grading.reports.gradescope import write_autograder
from backprop_course.grading.reports.nbgrader import NotUnsolved, write_nbgrader_source


def export_gradescope(out: Path, exercises: str | None, seconds: float, *, trust: bool) -> int:
    """Write an autograder for Gradescope; return the exit code."""

    def write():
        choose(exercises, load_bank())
        write_autograder(out, exercises=exercises, seconds=seconds, trust=trust)
        print(f"{out}: upload it to Gradescope under Configure Autograder.")

    return _said(write)


def export_github(out: Path, exercises: str | None, course: str) -> int:
    """Write a workflow for GitHub Classroom; return the exit code."""

    def write():
        choose(exercises, load_bank())
        write_workflow(out, course=course, exercises=exercises)
        print(f"{out}: commit it to the assignment's template repository.")

    return _said(write)


def export_nbgrader(notebooks: list[Path], out: Path) -> int:
    """Write sources of nbgrader assignments; return the exit code."""

    def write():
        for notebook in notebooks:
            target = write_nbgrader_source(notebook, out)
            print(f"{target}: nbgrader generate_assignment {target.stem}")

    return _said(write)


def _said(write: Callable[[], None]) -> int:
    try:
        write()
    except (ChoiceError, NotUnsolved) as error:
        print(error)
        return 1
    except OSError as error:
        print(f"{error.filename}: {error.strerror or error}.")
        return 1
    return 0
