"""Ours, nbgrader and otter, each with the class before it, to be timed as the command it is."""

import csv
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import grading_notebooks
from benchmarks.grading_class import QUESTIONS, HandedIn

ROOT = Path(__file__).resolve().parents[1]
NBGRADER_LIMIT = 10  # seconds for a cell
PATIENCE = 30.0  # seconds until otter, which has no limit, is stopped


class Trouble(Exception):
    """A grader cannot be run; the text says why."""


@dataclass
class Run:
    """What grading some hand-ins took, and what came out.

    Attributes
    ----------
    seconds, cpu : float
        On the wall, and of all processes together.
    points : dict
        For each student the points and the most that can be had; None where there is no result.
    stopped : bool
        Whether we had to stop it.
    """

    seconds: float
    cpu: float
    points: dict[str, tuple[float, float] | None] = field(default_factory=dict)
    stopped: bool = False


class Ours:
    """``backprop-course grade``, start-up, gradebook and pages included."""

    def __init__(self, folder: Path):
        self.folder = folder

    def hand_in(self, name: str, handed_in: Iterable[HandedIn]) -> None:
        # The files are written once for each text, and copied: nbformat is slow.
        written: dict[tuple, Path] = {}
        for one in handed_in:
            path = self.folder / name / f"{one.student}.ipynb"
            same = written.setdefault(tuple(one.cells.values()), path)
            if same == path:
                grading_notebooks.ours(one, path)
            else:
                shutil.copyfile(same, path)

    def grade(self, name: str, jobs: int) -> Run:
        out = self.folder / "results"
        shutil.rmtree(out, ignore_errors=True)
        command = ["grade", str(self.folder / name), "--out", str(out), "--jobs", str(jobs)]
        command += ["--exercises", ",".join(QUESTIONS), "--seed", "1"]
        run = timed([sys.executable, "-m", "backprop_course.cli", *command], ROOT, os.environ)
        records = json.loads((out / "results.json").read_text("utf-8"))["submissions"]
        run.points = {
            one["student"]: None if one["points"] is None else (one["points"], one["max_points"])
            for one in records
        }
        return run


class Nbgrader:
    """``nbgrader autograde``, which takes one submission after the other."""

    def __init__(self, folder: Path, python: str):
        self.folder = folder
        self.python = python
        self.environment = environment(python, folder)
        name = grading_notebooks.ASSIGNMENT
        grading_notebooks.nbgrader_source(folder / "source" / name / f"{name}.ipynb")
        (folder / "nbgrader_config.py").write_text("", "utf-8")
        self._call("generate_assignment", name)
        self.given_out = folder / "release" / name / f"{name}.ipynb"
        if not self.given_out.exists():
            raise Trouble("nbgrader did not generate the assignment; is alembic on its PATH?")

    def hand_in(self, handed_in: list[HandedIn]) -> None:
        name = grading_notebooks.ASSIGNMENT
        for one in handed_in:
            path = self.folder / "submitted" / one.student / name / f"{name}.ipynb"
            grading_notebooks.answered(self.given_out, one, path)

    def grade(self) -> Run:
        """Grade what was handed in and is not graded yet."""
        limit = f"--ExecutePreprocessor.timeout={NBGRADER_LIMIT}"
        run = self._call("autograde", grading_notebooks.ASSIGNMENT, limit)
        self._call("export")
        with open(self.folder / "grades.csv", newline="", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                kept = self.folder / "autograded" / row["student_id"]
                points = (float(row["score"] or 0), float(row["max_score"]))
                run.points[row["student_id"]] = points if _has_files(kept) else None
        return run

    def _call(self, *words: str) -> Run:
        return timed([self.python, "-m", "nbgrader", *words], self.folder, self.environment)


class Otter:
    """``otter run``, once for each submission."""

    def __init__(self, folder: Path, python: str):
        self.folder = folder
        self.python = python
        self.environment = environment(python, folder)
        grading_notebooks.otter_source(folder / "master.ipynb")
        timed([python, "-m", "otter", "assign", "master.ipynb", "dist"], folder, self.environment)
        self.given_out = folder / "dist" / "student" / "master.ipynb"
        tests = sorted((folder / "dist" / "autograder").glob("*.zip"))
        if not tests or not self.given_out.exists():
            raise Trouble("otter did not make the assignment")
        self.tests = tests[0]

    def hand_in(self, handed_in: list[HandedIn]) -> None:
        for one in handed_in:
            path = self.folder / "submitted" / f"{one.student}.ipynb"
            grading_notebooks.answered(self.given_out, one, path)

    def grade(self, student: str) -> Run:
        out = self.folder / "results" / student
        out.mkdir(parents=True)
        words = ["run", "--no-logo", "-a", self.tests, "-o", out, f"submitted/{student}.ipynb"]
        command = [self.python, "-m", "otter", *map(str, words)]
        run = timed(command, self.folder, self.environment, PATIENCE)
        run.points[student] = None
        if (out / "results.json").exists():
            tests = json.loads((out / "results.json").read_text("utf-8"))["tests"]
            marks = [(one["score"], one["max_score"]) for one in tests if "score" in one]
            run.points[student] = tuple(map(sum, zip(*marks, strict=True)))
        return run


def environment(python: str, home: Path) -> dict[str, str]:
    """Return an environment in which a Python finds its own programs and settings of nobody."""
    kept = {name: os.environ[name] for name in ("LANG", "LC_ALL", "TMPDIR") if name in os.environ}
    home.mkdir(parents=True, exist_ok=True)
    path = os.pathsep.join([str(Path(python).parent), os.environ.get("PATH", os.defpath)])
    return {**kept, "PATH": path, "HOME": str(home)}


def timed(command: list[str], folder: Path, environment, patience: float | None = None) -> Run:
    """Run a command to its end, or for so many seconds, and return what it took."""
    before, start = _cpu(), time.perf_counter()
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    stopped = False
    try:
        process.wait(patience)
    except subprocess.TimeoutExpired:
        stopped = True
    finally:
        # Kernels that lost their parent stay in its group.
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        process.wait()
    return Run(time.perf_counter() - start, _cpu() - before, stopped=stopped)


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _has_files(folder: Path) -> bool:
    return any(path.is_file() for path in folder.rglob("*"))
