"""What ``backprop-course build`` shows while it works."""

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from backprop_course.authoring.build import BuildError, Page, build, plan, stale, without_lesson
from backprop_course.authoring.lessons import LessonError
from backprop_course.authoring.marks import MarkError


def run_build(names: list[str], *, check: bool = False, jobs: int = 1) -> int:
    """Build the named lessons, or compare them with their sources; return the exit code."""
    console = Console(highlight=False, markup=False, soft_wrap=True)
    try:
        return _check(names, console) if check else _build(names, jobs, console)
    except ModuleNotFoundError as error:
        if error.name != "jupytext":
            raise
        console.print("Building needs jupytext: run pip install 'backprop-course[authoring]'.")
    except (BuildError, LessonError, MarkError) as error:
        console.print(str(error))
    return 1


def _check(names: list[str], console: Console) -> int:
    problems = stale(names)
    for problem in problems:
        console.print(problem)
    if not problems:
        console.print("Every notebook matches its source.")
    return 1 if problems else 0


def _build(names: list[str], jobs: int, console: Console) -> int:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    total = len(plan(names))
    bar = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
    with bar:
        task = bar.add_task("Building", total=total)

        def show(page: Page, done: bool) -> None:
            where = f"{page.path.parent.name}/{page.path.name}"
            if not done:
                bar.update(task, description=where)
                return
            bar.advance(task)
            state = "written" if page.changed else "unchanged"
            bar.console.print(f"{state:9}  {where}  ({page.seconds:.0f} s)")
            for breach in page.breaches:
                bar.console.print(f"           {breach}")

        built = build(names, jobs=jobs, report=show)
    changed = sum(page.changed for page in built)
    console.print(f"{changed} of {len(built)} notebooks changed.")
    if any(page.breaches for page in built):
        console.print("The tests will not pass before the sentences above are dealt with.")
    for sentence in [] if names else without_lesson():
        console.print(sentence)
    return 0
