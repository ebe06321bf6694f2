"""Starts the fork server and asks it for children."""

import json
import os
import select
import socket
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import numpy as np

from backprop_course.grading.sandbox import server
from backprop_course.grading.sandbox.layers import Layers
from backprop_course.grading.sandbox.lines import Ended, Line, SandboxError

_START = 30.0  # seconds
_END = 10.0
_BOOT = """
import sys
sys.path += sys.argv[1:3]
from backprop_course.grading.sandbox.server import main
main(int(sys.argv[3]), sys.argv[4])
"""
_KEPT = ("LD_LIBRARY_PATH", "SYSTEMROOT")  # some Pythons do not start without them


class ForkServer:
    """The server's parent, as seen from the grader."""

    def __init__(self, limits, layers: Layers):
        self._limits = limits
        self._layers = layers
        self._process = None
        self._control = None
        self._owner = os.getpid()
        self._busy = False
        self._has_scipy = False

    def start(self) -> tuple[Layers, dict[str, str]]:
        """Return the layers that hold here, and why others do not."""
        why = {}
        while True:
            said = self._launch()
            if "ready" in said:
                self._layers = Layers(**said["ready"])
                return self._layers, why | said["why"]
            self.close()
            layer = said.get("failed")
            if layer is None or not getattr(self._layers, layer):
                raise SandboxError("the server for learners' code did not start")
            why[layer] = said["why"]
            self._layers = self._layers.without(layer)

    def _launch(self) -> dict:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        wish = json.dumps({"layers": asdict(self._layers), "limits": asdict(self._limits)})
        with theirs:
            self._process = subprocess.Popen(
                python_command(_BOOT, str(theirs.fileno()), wish),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=environment(),
                cwd="/",
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        self._control = ours
        self._busy = self._has_scipy = False
        try:
            return self._hear(_START)
        except Ended:
            return {}

    def restart(self) -> None:
        self.close()
        said = self._launch()
        if "ready" not in said or Layers(**said["ready"]) != self._layers:
            raise SandboxError("the server for learners' code did not start again")

    def open(self, scipy: bool = False) -> Line:
        """Return a line to a new child, or raise `Ended` if the server is gone.

        ``scipy`` says that SciPy will be asked for. The server loads it once for all children.
        """
        if os.getpid() != self._owner:
            raise SandboxError("a sandbox cannot be used by a copy of the process that opened it")
        self._settle()
        if scipy and not self._has_scipy:
            self._say(server.SCIPY)
            self._has_scipy = True
        ours, theirs = socket.socketpair()
        with theirs:
            self._say(server.FORK, [theirs.fileno()])
        self._busy = True
        return Line(ours, self._end_child)

    def _end_child(self) -> int | None:
        try:
            self._say(server.STOP)
            return self._settle()
        except Ended:
            return None

    def _settle(self) -> int | None:
        """Wait until the last child is gone, and return how it ended."""
        if not self._busy:
            return None
        self._busy = False
        return self._hear(_END)["ended"]

    def _say(self, what, places=()):
        try:
            socket.send_fds(self._control, [what], places)
        except OSError:
            raise Ended from None

    def _hear(self, seconds) -> dict:
        poll = select.poll()
        poll.register(self._control, select.POLLIN)
        try:
            said = self._control.recv(server.CAPTION) if poll.poll(seconds * 1000) else b""
        except OSError:
            said = b""
        if not said:
            raise Ended
        return json.loads(said)

    def close(self) -> None:
        if self._process is None or os.getpid() != self._owner:
            return
        self._control.close()
        try:
            self._process.wait(_END)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None


def python_command(code: str, *words: str) -> list[str]:
    """Return the command for a clean Python: no site, nothing of the user's, no current folder.

    ``code`` finds where NumPy and this course are as the first two words of ``sys.argv``.
    """
    places = Path(np.__file__).parents[1], Path(__file__).parents[3]
    return [sys.executable, "-S", "-s", "-P", "-B", "-c", code, *map(str, places), *words]


def environment() -> dict[str, str]:
    """Return an environment with nothing of the teacher's in it.

    NumPy gets one thread, which makes forks safe and classes fast; sets keep their order from run
    to run, so that the same submission gets the same marks.
    """
    threads = dict.fromkeys(
        ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"),
        "1",
    )
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return {**kept, **threads, "PYTHONHASHSEED": "0", "LC_ALL": "C.UTF-8"}
