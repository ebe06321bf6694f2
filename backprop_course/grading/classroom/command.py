"""What ``backprop-course grade`` does and shows."""

import secrets
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from backprop_course.exercises.bank import load_bank
from backprop_course.exercises.record import Exercise, Formula
from backprop_course.grading import reports
from backprop_course.grading.classroom.choice import ChoiceError, choose
from backprop_course.grading.classroom.cluster import Cluster, ClusterError
from backprop_course.grading.classroom.marking import COULD_NOT_BE_GRADED, Plan, course_version
from backprop_course.grading.classroom.store import FILE, Store, StoreError
from backprop_course.grading.classroom.workers import grade
from backprop_course.grading.sandbox import Layers, SandboxError, available_layers, enough
from backprop_course.grading.submissions import CannotCollect, Submission, collect_submissions

SHOWN = 10  # lines of one list in the terminal; the pages list all students and mistakes


@dataclass(frozen=True)
class Request:
    """What was typed."""

    submissions: Path
    out: Path
    exercises: str | None = None
    seed: int | None = None
    jobs: int = 1
    seconds: float = 2.0
    cluster: str | None = None
    resume: bool = False
    roster: Path | None = None
    trust: bool = False


class Refused(Exception):
    """Grading cannot begin or go on; the text says why in one sentence."""


def run_grade(request: Request) -> int:
    """Grade a class and write the results; return the exit code."""
    console = Console(highlight=False, soft_wrap=True)
    try:
        _grade(request, console)
    except (Refused, CannotCollect, ChoiceError, ClusterError, StoreError) as error:
        console.print(escape(str(error)))
        return 1
    except SandboxError as error:
        console.print(escape(f"Learners' code cannot be run here: {error}."))
        return 1
    except OSError as error:
        console.print(escape(f"{error.filename or request.out}: {error.strerror or error}."))
        return 1
    except KeyboardInterrupt:
        console.print(
            "Stopped. What was graded is kept: the same command goes on from there.", style="bold"
        )
        return 130
    return 0


def _grade(request: Request, console: Console) -> None:
    bank = load_bank()
    names = choose(request.exercises, bank)
    collected = collect_submissions(request.submissions, request.roster)
    _list(console, "Not graded:", [f"{one.file}: {one.reason}" for one in collected.problems])
    with _graders(request) as (layers, grade_all), _open(request) as store:
        _check_layers(layers, request, console)
        plan = _plan(request, store, names)
        todo = _changed(collected.submissions, store)
        _mark(grade_all(todo, plan), len(todo), store, console)
        _write(request, plan, layers, store, [bank[name] for name in names])
        _summary(store, console, request.out)


@contextmanager
def _graders(request: Request) -> Iterator[tuple[Layers, Callable]]:
    """Yield the layers where submissions will run, and what grades them there."""
    if request.cluster:
        with Cluster(request.cluster) as cluster:
            yield cluster.layers, cluster.grade
    else:
        yield available_layers(), partial(grade, jobs=request.jobs)


def _check_layers(layers: Layers, request: Request, console: Console) -> None:
    if enough(layers):
        return
    if not request.trust:
        where = "A worker of the cluster" if request.cluster else "This machine"
        raise Refused(
            f"{where} cannot lock submissions in (backprop-course doctor says why): grade on "
            "Linux, or add --trust-submissions if you trust every line that was handed in."
        )
    console.print("Submissions are trusted: they could read, change and send files of this user.")


def _open(request: Request) -> closing[Store]:
    if request.resume and not (request.out / FILE).exists():
        raise Refused(f"There is nothing to resume in {request.out}: leave --resume away.")
    return closing(Store(request.out))


def _plan(request: Request, store: Store, names: tuple[str, ...]) -> Plan:
    """Return the plan of these results: the one kept with them, if there is one."""
    kept = store.plan
    seed = request.seed
    if seed is None:
        seed = kept["seed"] if kept else secrets.randbits(48)
    asked = {
        "course": course_version(),
        "exercises": list(names),
        "seed": seed,
        "seconds": request.seconds,
    }
    if kept is None:
        store.keep_plan(asked)
    elif kept != asked:
        different = [key for key in asked if kept.get(key) != asked[key]]
        raise Refused(
            f"{request.out} holds results with other settings ({', '.join(different)}): choose "
            "another folder with --out, or the settings of the first run."
        )
    return Plan(names, seed, request.seconds)


def _changed(submissions: list[Submission], store: Store) -> list[Submission]:
    """Return the submissions that have no grade yet, or another content than when they got it."""
    known = store.digests()
    store.forget_others({one.student for one in submissions})
    return [one for one in submissions if known.get(one.student) != one.digest]


class _Rate(ProgressColumn):
    def render(self, task) -> Text:
        return Text(f"{60 * task.speed:,.0f} a minute" if task.speed else "")


def _mark(graded: Iterator[list[dict]], total: int, store: Store, console: Console) -> None:
    columns = (
        TextColumn("Grading"), BarColumn(), MofNCompleteColumn(), _Rate(), TimeRemainingColumn(),
    )  # fmt: skip
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=total)
        for records in graded:
            store.keep(records)
            bar.advance(task, len(records))


def _write(request: Request, plan: Plan, layers: Layers, store: Store, records) -> None:
    results = {
        "schema": reports.SCHEMA,
        "version": reports.VERSION,
        "course_version": course_version(),
        "seed": plan.seed,
        "layers": list(layers.active()),
        "exercises": [
            {
                "name": record.name,
                "lesson": record.lesson,
                "title": record.title,
                "points": record.points,
                "kind": _kind(record),
            }
            for record in records
        ],
    }
    reports.write_all(results, store.records, request.out)


def _kind(record) -> str:
    if isinstance(record, Exercise):
        return "function"
    return "formula" if isinstance(record, Formula) else "question"


def _summary(store: Store, console: Console, folder: Path) -> None:
    count, ungraded, points, most = 0, [], 0, 0
    mistakes: Counter[tuple[str, str]] = Counter()
    for record in store.records():
        count += 1
        if record["outcome"] == COULD_NOT_BE_GRADED:
            ungraded.append(f"{record['name']}: {record['reason']}")
            continue
        points, most = points + record["points"], record["max_points"]
        for mark in record["marks"]:
            mistakes.update((mark["exercise"], mistake) for mistake in mark["mistakes"])
    _list(console, "Could not be graded:", ungraded)
    graded = count - len(ungraded)
    mean = f", {points / graded:.1f} of {most} points in the mean" if graded else ""
    console.print(f"{graded} of {count} submissions graded{mean}.", style="bold")
    frequent = (
        f"{number:4} x  {exercise}: {name}" for (exercise, name), number in mistakes.most_common()
    )
    _list(console, "The most frequent mistakes:", list(frequent))
    console.print(f"Results: {escape(str(folder / 'class.html'))}")


def _list(console: Console, head: str, lines: list[str]) -> None:
    if not lines:
        return
    console.print(head)
    for line in lines[:SHOWN]:
        console.print(f"  {escape(line)}")
    if len(lines) > SHOWN:
        console.print(f"  and {len(lines) - SHOWN} more")
