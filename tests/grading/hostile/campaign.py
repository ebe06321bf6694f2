"""Runs attacks in one sandbox and tells what came of each."""

import json
import os
import re
import socket
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from backprop_course.exercises.bank import find
from backprop_course.grading import judge
from backprop_course.grading.sandbox import Layers, Limits, Sandbox, Task
from tests.grading.hostile.attacks import ATTACKS, Attack
from tests.grading.hostile.ordinary import ROOT

EXERCISE = "relu_backward"
LIMITS = Limits(seconds=0.3, wall=3.0, memory=300 << 20)
RIGHT = "def relu_backward(dout, Z):\n    return dout * (Z > 0)\n"
# Several campaigns may run side by side. A name of a process has 15 letters at most.
MARK = f"hostile{os.getpid()}"
_REPORT = """
import builtins
def report():
    return [str(one) for one in getattr(builtins, "found", [])]
"""
_CALLS = {
    "x86_64": {
        "unshare": 272, "mount": 165, "chroot": 161, "pivot_root": 155, "setns": 308,
        "bpf": 321, "perf_event_open": 298, "userfaultfd": 323, "keyctl": 250, "add_key": 248,
        "memfd_create": 319, "name_to_handle_at": 303, "personality": 135, "shmget": 29,
        "mq_open": 240, "ptrace": 101, "process_vm_readv": 310,
    },
    "aarch64": {
        "unshare": 97, "mount": 40, "chroot": 51, "pivot_root": 41, "setns": 268,
        "bpf": 280, "perf_event_open": 241, "userfaultfd": 282, "keyctl": 219, "add_key": 217,
        "memfd_create": 279, "name_to_handle_at": 264, "personality": 92, "shmget": 194,
        "mq_open": 180, "ptrace": 117, "process_vm_readv": 270,
    },
}  # fmt: skip
_ALIKE = {"io_uring_setup": 425, "open_tree": 428, "fsopen": 430, "clone3": 435, "openat2": 437}


@dataclass
class Outcome:
    """What came of one attack.

    Attributes
    ----------
    outcome : str
        Of the wrong answer that it rode on.
    points : float
    kinds : list of str
        Of the first crash among the replies, if any.
    found : list of str
        What the attack got hold of.
    traces : list of str
        What it left behind on this host.
    next : str
        Outcome of the right answer that came after it.
    leftover : bool
        Whether the next submission met something of it.
    seconds : float
    """

    outcome: str
    points: float
    kinds: list
    found: list
    traces: list
    next: str
    leftover: bool
    seconds: float


class World:
    """What attacks aim at: a gradebook, listeners, and places to write to."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.folder.chmod(0o777)
        self.gradebook = folder / "gradebook.csv"
        self.gradebook.write_text("student,points\n")
        self.gradebook.chmod(0o666)
        self.tcp = socket.create_server(("127.0.0.1", 0))
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.bind(("127.0.0.1", 0))
        self.unix = socket.socket(socket.AF_UNIX)
        self.unix.bind(str(folder / "listener"))
        os.chmod(folder / "listener", 0o777)
        self.abstract = socket.socket(socket.AF_UNIX)
        self.abstract.bind(f"\0{MARK}")
        for listener in (self.tcp, self.unix, self.abstract):
            listener.listen()
        for listener in (self.tcp, self.udp, self.unix, self.abstract):
            listener.setblocking(False)
        self.before = self._state()

    def close(self):
        for listener in (self.tcp, self.udp, self.unix, self.abstract):
            listener.close()

    def fill(self, code: str) -> str:
        calls = _CALLS[os.uname().machine] | _ALIKE
        words = {
            "GRADER": os.getpid(),
            "ROOT": ROOT,
            "SOLUTION": ROOT / "backprop_course/exercises/lesson_04/relu_backward.py",
            "TESTS": ROOT / "tests/grading/test_judge.py",
            "GRADEBOOK": self.gradebook,
            "FOLDER": self.folder,
            "HOME": os.environ.get("HOME", "/root"),
            "TCP": self.tcp.getsockname()[1],
            "UDP": self.udp.getsockname()[1],
            "UNIX": self.folder / "listener",
            "MARK": MARK,
        } | calls
        return re.sub(r"@(\w+)@", lambda match: str(words[match[1]]), code)

    def _state(self):
        book = self.gradebook
        return {
            "gradebook": (book.read_text(), book.stat().st_mode, book.stat().st_mtime),
            "folder": sorted(path.name for path in self.folder.iterdir()),
        }

    def traces(self) -> list[str]:
        """Return what an attack has left on this host."""
        left = []
        try:
            state = self._state()
        except OSError as error:
            state = {"gradebook": str(error), "folder": []}
        left += [f"{name} changed" for name, old in self.before.items() if state[name] != old]
        self.before = state
        for folder in map(
            Path, ("/tmp", "/dev/shm", "/var/tmp", "/", ROOT, os.environ.get("HOME", "/root"))
        ):
            left += [str(path) for path in folder.glob(f"{MARK}*")] if folder.is_dir() else []
        left += [f"process {number}" for number in marked_processes()]
        left += [f"heard on {name}" for name in self._heard()]
        return left

    def _heard(self):
        for name in ("tcp", "unix", "abstract"):
            try:
                getattr(self, name).accept()[0].close()
                yield name
            except BlockingIOError:
                continue
        try:
            self.udp.recv(10)
            yield "udp"
        except BlockingIOError:
            return


def marked_processes() -> list[int]:
    """Return the processes that gave themselves the attacks' name."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                if (folder / "comm").read_text().startswith(MARK):
                    found.append(int(folder.name))
            except OSError:
                continue
    return found


def run(layers: Layers, attacks: list[Attack]) -> tuple[Layers, dict[str, Outcome]]:
    """Run attacks one after the other in one sandbox, with these layers as far as they hold.

    Attacks that nothing would stop are left out: this host is not theirs to play with.
    """
    exercise = find(EXERCISE)
    cases = judge.draw(exercise, 11)
    asked = judge.calls(cases), judge.argument_names(exercise)
    right, report = Task(EXERCISE, RIGHT, EXERCISE, *asked), Task("", _REPORT, "report", [()], ())
    os.environ["HOSTILE_SECRET"] = "secret"
    outcomes = {}
    with tempfile.TemporaryDirectory(prefix="course") as folder, Sandbox(LIMITS, layers) as box:
        world = World(Path(folder))
        for attack in attacks:
            if not shielded(attack, box.layers):
                continue
            began = time.monotonic()
            wrong = Task(EXERCISE, world.fill(attack.code), EXERCISE, *asked)
            replies, evidence = box.run([wrong, report])
            result = judge.assess(exercise, cases, replies)
            after, leftover = box.run([right, report])
            crash = next((reply.crash for reply in replies if reply.crash), None)
            outcomes[attack.name] = Outcome(
                result.outcome,
                result.points,
                list(crash.kinds[:1]) if crash else [],
                [] if attack.mute else _found(evidence[0]),
                world.traces(),
                judge.assess(exercise, cases, after).outcome,
                bool(_found(leftover[0])),
                round(time.monotonic() - began, 2),
            )
        world.close()
        held = box.layers
    return held, outcomes


def complaints(attack: Attack, outcome: Outcome) -> list[str]:
    """Return what is wrong with an outcome; nothing, if the attack was in vain."""
    wrong = []
    if outcome.outcome == "passed" or outcome.points:
        wrong.append(f"it got {outcome.points} points")
    if outcome.found:
        wrong.append(f"it found {outcome.found[:3]}")
    if outcome.traces:
        wrong.append(f"it left {outcome.traces[:3]}")
    if outcome.next != "passed" or outcome.leftover:
        wrong.append(f"the next submission met it ({outcome.next})")
    if attack.kinds and not set(outcome.kinds) & set(attack.kinds):
        wrong.append(f"it ended with {outcome.kinds}, not {attack.kinds}")
    return [f"{attack.name}: {one}" for one in wrong]


def _found(report) -> list[str]:
    if report.crash and report.crash.kinds[0] in ("Tampered", "Killed", "TimeUp"):
        return []  # the process that could have found something is no more
    if report.crash:
        return [f"no report: {report.crash.text}"]
    return report.value if isinstance(report.value, list) else ["a forged report"]


def shielded(attack: Attack, layers: Layers) -> bool:
    """Whether, with these layers, the attack must not find anything."""
    active = {*layers.active(), *([] if os.geteuid() == 0 else ["user"])}
    return not attack.shields or any(set(one.split("+")) <= active for one in attack.shields)


def main(words: list[str]) -> None:
    """Run campaigns and print what came of each, a line of JSON each.

    The words are the layers to be removed, joined by commas, and before a colon whether all
    attacks are run or only those that are ``fast``: ``all:`` or ``fast:seccomp,uid``.
    """
    for word in words:
        which, without = word.split(":")
        layers = Layers().without(*filter(None, without.split(",")))
        attacks = [attack for attack in ATTACKS if which == "all" or not attack.slow]
        held, outcomes = run(layers, attacks)
        said = {name: asdict(outcome) for name, outcome in outcomes.items()}
        print(json.dumps({"layers": asdict(held), "outcomes": said}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
