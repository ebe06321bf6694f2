"""Grade a large class that is killed again and again, or a flood of submissions that never ends.

    python -m tests.grading.soak                      2,000 submissions, killed 12 times
    python -m tests.grading.soak --flood 100000       memory and rate, nothing killed

The first compares the results with those of one quiet run, looks for processes that outlive a
kill, and checks the store each time. It takes minutes and needs Linux, so it is no part of the
test suite.
"""

import argparse
import ctypes
import json
import os
import random
import re
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path

from backprop_course.grading.classroom.marking import Plan
from backprop_course.grading.classroom.store import FILE, Store
from backprop_course.grading.classroom.workers import grade
from backprop_course.grading.submissions import Submission
from benchmarks import grading_class, grading_notebooks
from benchmarks.grading_class import QUESTIONS, HandedIn, repeated, the_class
from tests.grading.hostile import campaign
from tests.grading.hostile.attacks import ATTACKS

ROOT = Path(__file__).resolve().parents[2]
SEED = 20
MARK = "bpsoak"  # what the attacks call whatever they make
LIMIT = 1.0  # seconds for one call
MIX = {"right": 40, "wrong": 25, "unlike": 10, "crashing": 8, "looping": 2, "broken": 2}
MIX["hostile"] = 13  # shares of a hundred
ATTACKED = "relu_backward"  # the answer that an attack rides on
SIGNALS = (signal.SIGKILL, signal.SIGINT, signal.SIGTERM)
GONE_AFTER = 20.0  # seconds in which all processes of a killed run must be gone
SUBREAPER = 36  # the number that Linux has for it in prctl
RIDER = """\
_text = {text!r}

def relu_backward(dout, Z):
    room = {{"__name__": "__main__"}}
    exec(_text, room)
    return room["relu_backward"](dout, Z)
"""


class Failed(Exception):
    """The soak found something; the text says what."""


# The class ----------------------------------------------------------------------------------------


class Target:
    """What the attacks aim at, and what must be as it was."""

    def __init__(self, folder: Path):
        folder.mkdir(mode=0o777)
        self.folder = folder
        self.gradebook = folder / "gradebook.csv"
        self.gradebook.write_text("student,points\n", "utf-8")
        self._before = self._traces()

    def fill(self, code: str) -> str:
        """Return the text of an attack with the facts of this host in it."""
        words = {
            "GRADER": os.getpid(),
            "ROOT": ROOT,
            "SOLUTION": ROOT / "backprop_course/exercises/lesson_04/relu_backward.py",
            "TESTS": ROOT / "tests/grading/test_judge.py",
            "GRADEBOOK": self.gradebook,
            "FOLDER": self.folder,
            "HOME": Path.home(),
            "TCP": 1,
            "UDP": 1,
            "UNIX": self.folder / "listener",
            "MARK": MARK,
        }
        words |= campaign._CALLS[os.uname().machine] | campaign._ALIKE
        return re.sub(r"@(\w+)@", lambda match: str(words[match[1]]), code)

    def traces(self) -> list[str]:
        """Return what is no longer as it was."""
        return sorted(self._traces() ^ self._before)

    def _traces(self) -> set[str]:
        folders = [Path(name) for name in ("/tmp", "/dev/shm", "/var/tmp", "/")]
        made = [
            str(one) for place in (*folders, ROOT, Path.home()) for one in place.glob(f"{MARK}*")
        ]
        there = [one.name for one in self.folder.iterdir()]
        state = self.gradebook.stat()
        book = f"{self.gradebook.read_text('utf-8')!r}, mode {state.st_mode}, {state.st_mtime}"
        return {*made, *there, book}


def hand_in(folder: Path, count: int, target: Target) -> None:
    """Write the files of a mixed class, notebooks and Python files in turn."""
    folder.mkdir()
    makers = {
        "right": _handed_in("right", grading_class.right_ones()),
        "wrong": _handed_in("wrong", grading_class.wrong_ones()),
        "unlike": _unlike(),
        "crashing": _handed_in("crashing", cycle(grading_class.crashing())),
        "looping": _handed_in("looping", cycle(grading_class.looping())),
        "hostile": _hostile(target),
        "broken": _handed_in("broken", grading_class.right_ones()),
    }
    kinds = [kind for kind, share in MIX.items() for _ in range(share)]
    random.Random(SEED).shuffle(kinds)
    for number, kind in enumerate(islice(cycle(kinds), count)):
        one = next(makers[kind])
        name = re.sub(r"[^\w-]+", "-", f"{number:05}-{kind}-{one.student}").strip("-")
        if number % 2 and kind != "broken":
            text = "\n\n".join([grading_notebooks.OURS, *one.cells.values()])
            (folder / f"{name}.py").write_text(text, "utf-8")
            continue
        path = folder / f"{name}.ipynb"
        grading_notebooks.ours(one, path)
        if kind == "broken":
            path.write_bytes(path.read_bytes()[: -200 - number])


def _handed_in(kind: str, hand_ins) -> Iterator[HandedIn]:
    return (HandedIn("", kind, cells) for cells in hand_ins)


def _unlike() -> Iterator[HandedIn]:
    """Yield wrong answers of which no two are alike."""
    wrong = [one for one in the_class() if one.kind == grading_class.WRONG]
    return repeated(wrong, unlike=True)


def _hostile(target: Target) -> Iterator[HandedIn]:
    """Yield a right hand-in whose first answer is an attack, each attack in turn."""
    for attack, cells in zip(cycle(ATTACKS), grading_class.right_ones(), strict=False):
        text = RIDER.format(text=target.fill(attack.code))
        yield HandedIn(attack.name, "hostile", cells | {ATTACKED: text})


# Killing ------------------------------------------------------------------------------------------


def soak(count: int, kills: int, jobs: int) -> None:
    """Grade a class quietly and once more with kills; raise `Failed` if anything differs."""
    adopt_orphans()
    with tempfile.TemporaryDirectory(prefix="soak_") as name:
        folder = Path(name)
        target = Target(folder / "target")
        hand_in(folder / "in", count, target)
        start = time.monotonic()
        run = Grading(folder / "in", folder / "quiet", jobs)
        if run.wait() != 0:
            raise Failed(f"the quiet run ended with {run.status}: {run.said()}")
        quiet = time.monotonic() - start
        print(f"one quiet run: {quiet:.0f} s, {60 * count / quiet:,.0f} a minute", flush=True)
        disturbed(folder, count, kills, jobs, quiet)
        compare(folder / "quiet", folder / "killed")
        if left := target.traces():
            raise Failed(f"the hostile ones left traces: {left}")
        print("The results are equal, nothing is left behind.")


def disturbed(folder: Path, count: int, kills: int, jobs: int, quiet: float) -> None:
    """Grade the class again, stopped ``kills`` times at random moments and begun anew."""
    rng = random.Random(SEED)
    out, known = folder / "killed", 0
    for number in range(kills):
        run = Grading(folder / "in", out, jobs)
        # Some at once, while it starts; the others so that the last find most of the work done.
        run.wait(
            rng.uniform(0, 4) if number % 4 == 3 else rng.uniform(0.5, 1.3) * quiet / kills + 3
        )
        how = SIGNALS[number % len(SIGNALS)]
        status = run.stop(how)
        await_no_strays()
        graded = check_store(out)
        if graded < known:
            raise Failed(f"{known} were graded, and after {how.name} only {graded}")
        known = graded
        print(f"{how.name}: ended with {status}, {graded} of {count} graded", flush=True)
    run = Grading(folder / "in", out, jobs)
    if run.wait() != 0:
        raise Failed(f"the last run ended with {run.status}: {run.said()}")
    await_no_strays()
    if check_store(out) != count:
        raise Failed("the last run has not graded everybody")


class Grading:
    """The command, running in a process group of its own."""

    def __init__(self, submissions: Path, out: Path, jobs: int):
        words = ["grade", str(submissions), "--out", str(out), "--jobs", str(jobs)]
        words += ["--exercises", ",".join(QUESTIONS), "--seed", str(SEED)]
        words += ["--time-limit", str(LIMIT)]
        if (out / FILE).exists():
            words.append("--resume")
        self._output = tempfile.TemporaryFile("w+")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "backprop_course.cli", *words],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=self._output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self.status: int | None = None

    def wait(self, seconds: float | None = None) -> int | None:
        """Wait for its end, or so long; return the exit status, or None."""
        try:
            self.status = self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None
        return self.status

    def stop(self, how: signal.Signals) -> int:
        """Send a signal to all its processes, as a terminal or a failing machine would."""
        if self.status is None:
            os.killpg(self._process.pid, how)
            if self.wait(60) is None:
                raise Failed(f"it goes on a minute after {how.name}: {self.said()}")
        return self.status

    def said(self) -> str:
        self._output.seek(0)
        return self._output.read()[-2000:]


def adopt_orphans() -> None:
    """Become the parent of whatever loses its own, so that it can be found."""
    if ctypes.CDLL(None).prctl(SUBREAPER, 1, 0, 0, 0):
        raise Failed("this kernel hands no orphans over")


def await_no_strays(of_ours: str = "") -> None:
    """Wait until no process is left, except those of ours whose command holds these words."""
    deadline = time.monotonic() + GONE_AFTER
    while strays := _strays(of_ours):
        if time.monotonic() > deadline:
            raise Failed(f"processes were left behind: {[_command(one) for one in strays]}")
        _bury()
        time.sleep(0.1)


def _strays(of_ours: str) -> list[int]:
    every = descendants(os.getpid())
    return [one for one in every if not of_ours or of_ours not in _command(one)]


def descendants(process: int) -> list[int]:
    """Return the numbers of all processes under this one."""
    try:
        children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    except OSError:
        return []
    return [one for child in map(int, children) for one in (child, *descendants(child))]


def _bury() -> None:
    """Take leave of adopted processes that have ended."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            continue
    except ChildProcessError:
        return


def _command(process: int) -> str:
    try:
        return Path(f"/proc/{process}/cmdline").read_text().replace("\0", " ")[:200]
    except OSError:
        return "one that has just ended"


def check_store(out: Path) -> int:
    """Return how many records are in the store, all of them whole."""
    if not (out / FILE).exists():
        return 0
    store = sqlite3.connect(out / FILE)
    try:
        said = store.execute("PRAGMA integrity_check").fetchone()[0]
        tables = store.execute("SELECT name FROM sqlite_master WHERE name = 'grades'").fetchall()
        # It may have been killed before the tables were made.
        records = store.execute("SELECT student, record FROM grades").fetchall() if tables else []
    except sqlite3.DatabaseError as error:
        raise Failed(f"the store is damaged: {error}") from error
    finally:
        store.close()
    if said != "ok":
        raise Failed(f"the store is damaged: {said}")
    for student, text in records:
        if json.loads(text)["student"] != student:
            raise Failed(f"the record of {student} is another's")
    return len(records)


def compare(quiet: Path, killed: Path) -> None:
    """Raise `Failed` unless two folders hold the same results."""
    first, second = (
        json.loads((one / "results.json").read_text("utf-8")) for one in (quiet, killed)
    )
    records, others = (
        {record["student"]: _steady(record) for record in results.pop("submissions")}
        for results in (first, second)
    )
    if first != second or records.keys() != others.keys():
        raise Failed("the heads of the results or the students differ")
    different = [name for name in records if records[name] != others[name]]
    for name in different[:20]:
        for before, after in zip(records[name]["marks"], others[name]["marks"], strict=False):
            if before != after:
                print(f"{name}:\n  {before}\n  {after}", flush=True)
    if different:
        raise Failed(f"{len(different)} of {len(records)} records differ")


def _steady(record: dict) -> dict:
    """Return a record without what differs from run to run.

    Some attacks send random bytes, race with the grader's own thread, or run into a limit of time
    or memory, whichever comes first: what is said of the attacked answer differs then, its points
    do not.
    """
    if "-hostile-" in record["student"]:
        for mark in record["marks"]:
            if mark["exercise"] == ATTACKED:
                mark |= {"message": "", "mistakes": [], "outcome": ""}
    return record


# The flood ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class InMemory:
    """The contents of a file that is nowhere on the disk."""

    content: bytes

    def read(self) -> bytes:
        return self.content


def flood(count: int, jobs: int) -> None:
    """Grade repeated submissions and show the memory of all processes; it must not grow."""
    adopt_orphans()
    with tempfile.TemporaryDirectory(prefix="flood_") as folder:
        contents = _contents(Path(folder) / "in")
        submissions = (
            Submission(f"{number:07}", "", ("all.ipynb",), places=(InMemory(content),))
            for number, content in enumerate(islice(cycle(contents), count))
        )
        store = Store(Path(folder) / "out")
        done, samples, start = 0, [], time.monotonic()
        for records in grade(submissions, Plan(QUESTIONS, SEED, LIMIT), jobs):
            store.keep(records)
            done += len(records)
            if done >= len(samples) * count / 20:
                samples.append(memory())
                rate = 60 * done / (time.monotonic() - start)
                shown = ", ".join(f"{name} {size:.0f}" for name, size in samples[-1].items())
                print(f"{done:>7} graded, {rate:,.0f} a minute; MB: {shown}", flush=True)
        store.close()
    # Python's own helper for shared memory, which ends with this process.
    await_no_strays("resource_tracker")
    for name, begin in samples[2].items():
        if samples[-1][name] > 1.1 * begin + 5:
            raise Failed(
                f"the memory of the {name} grew from {begin:.0f} MB to {samples[-1][name]}"
            )
    print(f"{done} graded in {time.monotonic() - start:.0f} s; memory is flat.")


def _contents(folder: Path) -> list[bytes]:
    """Return notebooks: right, wrong, crashing, and more unlike mistakes than are remembered."""
    finite = [one for one in the_class() if one.kind != grading_class.LOOPING]
    wrong = [one for one in finite if one.kind == grading_class.WRONG]
    contents = []
    usual, unlike = islice(repeated(finite), 400), islice(repeated(wrong, unlike=True), 80)
    for one in (*usual, *unlike):
        path = folder / "one.ipynb"
        grading_notebooks.ours(one, path)
        contents.append(path.read_bytes())
    random.Random(SEED).shuffle(contents)
    return contents


def memory() -> dict[str, float]:
    """Return the megabytes of the grader, of its workers and of their servers."""
    page = os.sysconf("SC_PAGE_SIZE")
    sizes = {"grader": 0.0, "workers": 0.0, "servers": 0.0}
    for process in (os.getpid(), *descendants(os.getpid())):
        command = _command(process)
        kind = "workers" if "spawn_main" in command else "servers"
        try:
            pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
        except OSError:
            continue
        kind = "grader" if process == os.getpid() else kind
        sizes[kind] += pages * page / 1e6
    return sizes


def main(arguments=None) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.grading.soak", description=__doc__)
    parser.add_argument("--submissions", type=int, default=2000)
    parser.add_argument("--kills", type=int, default=12)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--flood", type=int, metavar="N", help="grade N submissions from memory")
    options = parser.parse_args(arguments)
    # A shell lets what runs in the background ignore it, and so would all that is started here.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        if options.flood:
            flood(options.flood, options.jobs)
        else:
            soak(options.submissions, options.kills, options.jobs)
    except Failed as what:
        sys.exit(f"Failed: {what}.")


if __name__ == "__main__":
    main()
