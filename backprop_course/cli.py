"""The command ``backprop-course``: it parses and calls, nothing else."""

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


if __name__ == "__main__":
    app(prog_name="backprop-course")
