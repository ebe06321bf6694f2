"""The command ``backprop-course``: it parses and calls, nothing else."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    help="Learn backpropagation from the ground up.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
)


@app.command()
def tour() -> None:
    """See the course in thirty seconds, without opening anything."""
    from backprop_course.tour import run_tour

    run_tour()


@app.command()
def build(
    lessons: Annotated[
        list[str] | None, typer.Argument(help="Numbers or names such as 03; none means all.")
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Only say which notebooks do not match their source.")
    ] = False,
    jobs: Annotated[int, typer.Option(min=1, help="Notebooks to run at the same time.")] = 1,
) -> None:
    """Turn lesson sources and the bank of exercises into executed notebooks."""
    from backprop_course.authoring.command import run_build

    raise typer.Exit(run_build(lessons or [], check=check, jobs=jobs))


@app.command()
def slides(
    lessons: Annotated[
        list[str] | None, typer.Argument(help="Numbers or names such as 03; none means all.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="File for one lesson, folder for several [slides/].")
    ] = None,
) -> None:
    """Make decks for the lecture hall: one HTML file each, with notes, without a network."""
    from backprop_course.authoring.lecture.command import run_slides

    raise typer.Exit(run_slides(lessons or [], out=out))


@app.command()
def handout(
    lessons: Annotated[
        list[str] | None, typer.Argument(help="Numbers or names such as 03; none means all.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="File for one lesson, folder for several [handouts/].")
    ] = None,
) -> None:
    """Print lessons as PDF files on A4."""
    from backprop_course.authoring.lecture.command import run_handout

    raise typer.Exit(run_handout(lessons or [], out=out))


@app.command()
def api() -> None:
    """Write docs/api.md from the docstrings of the layers."""
    from backprop_course.authoring.api import write

    print("docs/api.md is written anew." if write() else "docs/api.md is up to date.")


@app.command()
def exercises(
    name: Annotated[
        str | None, typer.Argument(help="One exercise, such as linear_backward; none means all.")
    ] = None,
    verify: Annotated[
        bool, typer.Option("--verify", help="Prove that it keeps what it promises, for authors.")
    ] = False,
    seeds: Annotated[int, typer.Option(min=1, help="Draws of the inputs in the proof.")] = 20,
) -> None:
    """List the bank of exercises, or prove one of them."""
    from backprop_course.authoring.inspection import run_exercises

    raise typer.Exit(run_exercises(name, verify=verify, seeds=seeds))


@app.command()
def grade(
    submissions: Annotated[
        Path, typer.Argument(help="A folder of notebooks or of students' folders, or a .zip.")
    ],
    out: Annotated[Path, typer.Option(help="The folder for the results.")],
    exercises: Annotated[
        str | None, typer.Option(help="Lessons and names, such as 01-08 or 03,dW; all if left out.")
    ] = None,
    roster: Annotated[
        Path | None, typer.Option(help="A CSV with student,file or name,id,email.")
    ] = None,
    seed: Annotated[
        int | None, typer.Option(min=0, help="Draws the inputs; by default a new one, recorded.")
    ] = None,
    jobs: Annotated[int, typer.Option(min=1, help="Processes side by side.")] = 1,
    time_limit: Annotated[float, typer.Option(min=0.1, help="Seconds for one call.")] = 2.0,
    cluster: Annotated[
        str | None, typer.Option(help="The address of a Dask scheduler, such as tcp://host:8786.")
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Insist on going on with results that are there.")
    ] = False,
    trust_submissions: Annotated[
        bool, typer.Option("--trust-submissions", help="Grade even where code is not locked in.")
    ] = False,
) -> None:
    """Grade a class: marks, feedback, and which mistakes were made."""
    from backprop_course.grading.classroom.command import Request, run_grade

    request = Request(
        submissions=submissions,
        out=out,
        exercises=exercises,
        roster=roster,
        seed=seed,
        jobs=jobs,
        seconds=time_limit,
        cluster=cluster,
        resume=resume,
        trust=trust_submissions,
    )
    raise typer.Exit(run_grade(request))


@app.command()
def doctor() -> None:
    """Say how well this machine locks submissions in."""
    from backprop_course.grading.sandbox.doctor import run_doctor

    raise typer.Exit(run_doctor())


export = typer.Typer(help="Take the exercises to another system.", no_args_is_help=True)
app.add_typer(export, name="export")


@export.command("gradescope")
def export_gradescope(
    out: Annotated[Path, typer.Option(help="The archive to write.")] = Path("autograder.zip"),
    exercises: Annotated[
        str | None, typer.Option(help="Lessons and names, such as 01-08 or 03,dW; all if left out.")
    ] = None,
    time_limit: Annotated[float, typer.Option(min=0.1, help="Seconds for one call.")] = 2.0,
    trust_submissions: Annotated[
        bool, typer.Option("--trust-submissions", help="Grade even where code is not locked in.")
    ] = False,
) -> None:
    """Write an autograder.zip that grades at Gradescope."""
    from backprop_course.grading.reports import command

    raise typer.Exit(command.export_gradescope(out, exercises, time_limit, trust=trust_submissions))


@export.command("github")
def export_github(
    course: Annotated[
        str, typer.Option(help="What pip installs there, such as git+https://... of this course.")
    ],
    out: Annotated[Path, typer.Option(help="The file to write.")] = Path(
        ".github/workflows/classroom.yml"
    ),
    exercises: Annotated[
        str | None, typer.Option(help="Lessons and names, such as 01-08 or 03,dW; all if left out.")
    ] = None,
) -> None:
    """Write a workflow for GitHub Classroom."""
    from backprop_course.grading.reports import command

    raise typer.Exit(command.export_github(out, exercises, course))


@export.command("nbgrader")
def export_nbgrader(
    notebooks: Annotated[
        list[Path], typer.Argument(help="Exercise notebooks, as in exercises/03_*.ipynb.")
    ],
    out: Annotated[Path, typer.Option(help="nbgrader's folder of sources.")] = Path("source"),
) -> None:
    """Write sources of nbgrader assignments."""
    from backprop_course.grading.reports import command

    raise typer.Exit(command.export_nbgrader(notebooks, out))


if __name__ == "__main__":
    app(prog_name="backprop-course")
