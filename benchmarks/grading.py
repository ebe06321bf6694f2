"""Grading a class of five questions: ours, nbgrader and otter, in one run.

python -m benchmarks.grading --nbgrader-python PATH --otter-python PATH
"""

import argparse
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from statistics import median

from benchmarks.grading_class import EXIT, LOOPING, RIGHT, WRONG, HandedIn, repeated, the_class
from benchmarks.grading_peers import Nbgrader, Otter, Ours, Run, Trouble
from benchmarks.machine import versions

RATE = 5000  # submissions a minute, on two cores
TIMES = 50  # as fast as each of the others
README = Path(__file__).with_name("README.md")
BEGIN, END = "<!-- the last grading -->", "<!-- end of the last grading -->"
SMALL, LARGE, UNLIKE, LOOP = "class", "large", "unlike", "loop"


@dataclass
class Measured:
    """One line: how a grader did with some hand-ins.

    Attributes
    ----------
    grader, what : str
    count : int
        Hand-ins.
    runs : list of Run
    turn : int
        How many turns of ours came before the first run.
    """

    grader: str
    what: str
    count: int
    runs: list[Run] = field(default_factory=list)
    turn: int = 0

    @property
    def seconds(self) -> float:
        """Seconds for one hand-in, start-up included, in the median run."""
        return median(run.seconds for run in self.runs) / self.count

    def times(self, ours: "Measured") -> float:
        """Return how many times as long it took as ours, just before and just after."""
        beside = median(run.seconds for run in ours.runs[self.turn - 1 : self.turn + 1])
        return self.seconds * ours.count / beside

    @property
    def cpu(self) -> float:
        return median(run.cpu for run in self.runs) / self.count


@dataclass
class Fate:
    """What a grader made of the two hand-ins that stop others."""

    grader: str
    loop: str
    exit: str


class Contest:
    """All that is measured, each grader in turn, ours between the others."""

    def __init__(self, folder: Path, count: int, say=print):
        self.folder = folder
        self.say = say
        everybody = the_class()
        self.finite = [one for one in everybody if one.kind != LOOPING]
        self.loop = [one for one in everybody if one.kind == LOOPING]
        self.lines: dict[tuple[str, str], Measured] = {}
        self.fates: list[Fate] = []
        self.loads = [_load()]
        self.turns = 0
        self.ours = Ours(folder / "ours")
        self.sizes = {SMALL: len(self.finite), LARGE: count, UNLIKE: count, LOOP: len(self.loop)}
        for name, handed_in in {
            SMALL: self.finite,
            LARGE: islice(repeated(self.finite), count),
            UNLIKE: islice(repeated(self.finite, unlike=True), count),
            LOOP: self.loop,
        }.items():
            self.ours.hand_in(name, handed_in)

    def turn_of_ours(self) -> None:
        self.turns += 1
        for name, jobs in ((SMALL, 1), (SMALL, 2), (LARGE, 1), (LARGE, 2), (UNLIKE, 2)):
            run = self.ours.grade(name, jobs)
            if name == SMALL:
                _check("ours", self.finite, run)
            self._note(f"ours, {_jobs(jobs)}", name, run)

    def fate_of_ours(self) -> None:
        run = self.ours.grade(LOOP, 1)
        kept = self.ours.grade(SMALL, 1).points
        self._fate("ours", run, kept)

    def turn_of_nbgrader(self, python: str) -> None:
        peer = Nbgrader(self.folder / "nbgrader", python)
        peer.hand_in(self.finite)
        run = peer.grade()
        _check("nbgrader", self.finite, run)
        self._note("nbgrader autograde", SMALL, run)
        peer.hand_in(self.loop)
        self._fate("nbgrader autograde", peer.grade(), run.points)

    def turn_of_otter(self, python: str) -> None:
        peer = Otter(self.folder / "otter", python)
        peer.hand_in(self.finite + self.loop)
        whole = Run(0.0, 0.0)
        for one in self.finite:
            run = peer.grade(one.student)
            whole.seconds += run.seconds
            whole.cpu += run.cpu
            whole.points |= run.points
        _check("otter", self.finite, whole)
        self._note("otter run", SMALL, whole)
        self._fate("otter run", peer.grade(self.loop[0].student), whole.points)

    def _note(self, grader: str, what: str, run: Run) -> None:
        new = Measured(grader, what, self.sizes[what], turn=self.turns)
        line = self.lines.setdefault((grader, what), new)
        line.runs.append(run)
        self.loads.append(_load())
        self.say(f"{grader}, {what}: {run.seconds:.1f} s, {run.cpu:.1f} s of CPU time")

    def _fate(self, grader: str, loop: Run, points: dict) -> None:
        marks = _marks(loop.points.get(self.loop[0].student))
        ended = f"we stopped it after {loop.seconds:.0f} s" if loop.stopped else "ended by itself"
        told = f"{ended}; {marks}" if loop.stopped else f"{loop.seconds:.0f} s; {marks}"
        self.fates.append(Fate(grader, told, _marks(points.get(EXIT))))


def _check(grader: str, handed_in: list[HandedIn], run: Run) -> None:
    """Refuse to time a grader that takes wrong for right or right for wrong."""
    for one in handed_in:
        got = run.points.get(one.student)
        full = got is not None and got[0] == got[1]
        if (one.kind == RIGHT and not full) or (one.kind == WRONG and full):
            raise Trouble(f"{grader} gave {one.student} {_marks(got)}.")


def _marks(points: tuple[float, float] | None) -> str:
    return "no result" if points is None else f"{points[0]:g} of {points[1]:g} points"


def _jobs(number: int) -> str:
    return f"{number} job{'s' if number > 1 else ''}"


def _load() -> float:
    return os.getloadavg()[0]


# The report ---------------------------------------------------------------------------------------


WORDS = {SMALL: "class of {}", LARGE: "{}, repeated", UNLIKE: "{}, no two mistakes alike"}


def report(contest: Contest) -> str:
    """Return what was measured as Markdown."""
    rows = [("grader", "hand-ins", "s each", "a minute", "CPU s each", "times ours")]
    fastest = contest.lines["ours, 2 jobs", LARGE]
    for line in contest.lines.values():
        times = "" if line.grader.startswith("ours") else f"{line.times(fastest):.0f}"
        what = WORDS[line.what].format(line.count)
        rate = f"{60 / line.seconds:,.0f}"
        rows.append((line.grader, what, _short(line.seconds), rate, _short(line.cpu), times))
    fates = [("grader", "infinite loop in one answer", "`os._exit` in one answer")]
    fates += [(fate.grader, fate.loop, fate.exit) for fate in contest.fates]
    met = [("goal", "measured", "met"), *goals(contest)]
    loads = f"{min(contest.loads):.1f} to {max(contest.loads):.1f}"
    head = f"Measured with {versions()}; load of the machine, ours included: {loads}."
    return "\n\n".join([head, _table(rows), _table(fates), _table(met)])


def goals(contest: Contest) -> Iterator[tuple[str, str, str]]:
    """Yield each goal, what was measured, and whether it is met."""
    fastest = contest.lines["ours, 2 jobs", LARGE]
    rate = 60 / fastest.seconds
    yield f">= {RATE:,} a minute with two jobs", f"{rate:,.0f}", _yes(rate >= RATE)
    small = contest.lines["ours, 2 jobs", SMALL]
    for grader in ("nbgrader autograde", "otter run"):
        line = contest.lines.get((grader, SMALL))
        if line is None:
            continue
        for ours in (fastest, small):
            times = line.times(ours)
            what = WORDS[ours.what].format(ours.count)
            goal = f">= {TIMES} times {grader}, ours on the {what}"
            yield goal.replace("the 1", "1"), f"{times:.0f}", _yes(times >= TIMES)


def _yes(met: bool) -> str:
    return "yes" if met else "no"


def _short(seconds: float) -> str:
    return f"{seconds:.2g}" if seconds < 1 else f"{seconds:.1f}"


def _table(rows) -> str:
    head, *body = rows
    rows = [head, ["---"] * len(head), *body]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def save(text: str, path: Path = README) -> None:
    """Put the report between the two marks of the README."""
    before, _, rest = path.read_text("utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    path.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}", "utf-8")


def main(arguments=None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.grading", description=__doc__)
    parser.add_argument("--nbgrader-python", help="a Python with nbgrader; left out if not given")
    parser.add_argument("--otter-python", help="a Python with otter-grader; likewise")
    parser.add_argument("--submissions", type=int, default=1000, help="in the large class")
    parser.add_argument("--save", action="store_true", help="write the table of benchmarks/README")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="grading_") as folder:
        contest = Contest(Path(folder), options.submissions)
        contest.turn_of_ours()
        for name, python, turn in (
            ("nbgrader", options.nbgrader_python, contest.turn_of_nbgrader),
            ("otter", options.otter_python, contest.turn_of_otter),
        ):
            if python is None:
                print(f"{name} is left out: --{name}-python names a Python that has it.")
                continue
            turn(str(Path(python).absolute()))
            contest.turn_of_ours()
        contest.fate_of_ours()
        text = report(contest)
    print(text)
    if options.save:
        save(text)


if __name__ == "__main__":
    main()
