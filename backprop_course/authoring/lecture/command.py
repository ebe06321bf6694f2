"""What ``backprop-course slides`` and ``backprop-course handout`` show while they work."""

from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from backprop_course.authoring import build
from backprop_course.authoring.build import BuildError
from backprop_course.authoring.lecture import deck, handout, running
from backprop_course.authoring.lecture.handout import HandoutError
from backprop_course.authoring.lecture.notes import NotesError, misfits, notes_file, read_notes
from backprop_course.authoring.lessons import Lesson, LessonError, find_lessons, lesson_notebook

# The package that is missing, and the extra of the course that brings it.
_EXTRAS = {"jupytext": "authoring", "pypandoc": "handout", "typst": "handout"}


def run_slides(names: list[str], *, out: Path | None = None, root: Path = build.ROOT) -> int:
    """Write the decks of the named lessons (none means all); return the exit code."""

    def make(lesson: Lesson, path: Path) -> list[str]:
        sections, remarks = _notes(lesson)
        notebook = running.run_lesson(lesson, running.WALL, root=root)
        path.write_text(deck.deck_html(notebook, title(lesson), sections), encoding="utf-8")
        return remarks

    return _run(names, make, out, folder="slides", suffix=".html", root=root)


def run_handout(names: list[str], *, out: Path | None = None, root: Path = build.ROOT) -> int:
    """Write the handouts of the named lessons (none means all); return the exit code."""

    def make(lesson: Lesson, path: Path) -> list[str]:
        handout.require_tools()
        notebook = running.run_lesson(lesson, running.PAPER, root=root)
        path.write_bytes(handout.handout_pdf(notebook, title(lesson)))
        return []

    return _run(names, make, out, folder="handouts", suffix=".pdf", root=root)


def title(lesson: Lesson) -> str:
    """Return what stands on the window of a deck, and at the head of a printed page."""
    return f"Lesson {lesson.number}. {lesson.title}"


def _notes(lesson: Lesson):
    """Return the sections of a lesson's speaker notes, and what is to be said about them."""
    path = notes_file(lesson)
    if not path.exists():
        return [], [f"Without speaker notes: notebooks/source/{path.name} is not there."]
    sections = read_notes(path)
    return sections, [f"{path.name}: {one}" for one in misfits(lesson_notebook(lesson), sections)]


def _run(
    names: list[str],
    make: Callable[[Lesson, Path], list[str]],
    out: Path | None,
    *,
    folder: str,
    suffix: str,
    root: Path,
) -> int:
    console = Console(highlight=False, markup=False, soft_wrap=True)
    try:
        lessons = _lessons(names, root)
        paths = _paths(lessons, out, root / folder, suffix)
        _write(lessons, paths, make, console)
    except ModuleNotFoundError as error:
        if error.name not in _EXTRAS:
            raise
        extra = f"'backprop-course[authoring,{_EXTRAS[error.name]}]'"
        extra = extra.replace("authoring,authoring", "authoring")
        console.print(f"{error.name} is missing. Run: pip install {extra}")
    except (BuildError, LessonError, NotesError, HandoutError) as error:
        console.print(str(error))
    except OSError as error:
        console.print(f"{error.filename or 'The file'} cannot be written: {error.strerror}.")
    else:
        return 0
    return 1


def _lessons(names: list[str], root: Path) -> list[Lesson]:
    lessons = find_lessons(root / "notebooks" / "source")
    if not lessons:
        raise BuildError("There is no lesson in notebooks/source: work in a clone of the course.")
    return build.choose(lessons, names)


def _paths(lessons: list[Lesson], out: Path | None, folder: Path, suffix: str) -> list[Path]:
    """Return where each lesson goes: ``out`` is a file for one lesson, a folder for several."""
    if out is not None and len(lessons) == 1 and not out.is_dir():
        return [out]
    return [(out or folder) / f"{lesson.name}{suffix}" for lesson in lessons]


def _write(lessons, paths, make, console: Console) -> None:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    bar = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
    with bar:
        task = bar.add_task("", total=len(lessons))
        for lesson, path in zip(lessons, paths, strict=True):
            bar.update(task, description=f"running {lesson.name}")
            path.parent.mkdir(parents=True, exist_ok=True)
            remarks = make(lesson, path)
            bar.advance(task)
            bar.console.print(f"{_shown(path)}  ({path.stat().st_size / 1e6:.1f} MB)")
            for remark in remarks:
                bar.console.print(f"    {remark}")


def _shown(path: Path) -> str:
    """Return a path as a person here would type it."""
    here = Path.cwd()
    absolute = path.resolve()
    return str(absolute.relative_to(here) if absolute.is_relative_to(here) else absolute)
