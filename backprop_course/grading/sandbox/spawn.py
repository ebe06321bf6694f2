"""A new Python for each submission, where there is no fork server: macOS, Windows, or by choice."""

import contextlib
import json
import os
import queue
import signal
import subprocess
import tempfile
import threading
import time
from dataclasses import asdict, replace

from backprop_course.grading.sandbox import wire
from backprop_course.grading.sandbox.host import environment, python_command
from backprop_course.grading.sandbox.layers import NONE, Layers
from backprop_course.grading.sandbox.lines import Ended, Late

_BOOT = """
import sys
sys.path += sys.argv[1:3]
from backprop_course.grading.sandbox.spawned import main
main(sys.argv[3])
"""
_END = 10.0
_CHUNK = 65_536
_MOST_CHUNKS = 64


class Spawner:
    """Starts a process for each child; the same questions as `host.ForkServer` can be asked."""

    def __init__(self, limits, layers: Layers):
        self._limits = limits
        self._layers = layers

    def start(self) -> tuple[Layers, dict[str, str]]:
        limited = self._layers.rlimits and os.name == "posix"
        why = dict.fromkeys(self._layers.active(), "it needs the fork server")
        if self._layers.server:
            why["server"] = "it needs Linux 5.3 or newer"
        if limited:
            del why["rlimits"]
        elif self._layers.rlimits:
            why["rlimits"] = "this system has none; only time is limited"
        self._layers = replace(NONE, rlimits=limited)
        return self._layers, why

    def restart(self) -> None:
        """Nothing runs between two children."""

    def close(self) -> None:
        """Nothing runs between two children."""

    def open(self, scipy: bool = False) -> "PipeLine":
        """Return a line to a new child."""
        limits = asdict(self._limits) if self._layers.rlimits else None
        process = subprocess.Popen(
            python_command(_BOOT, json.dumps(limits)),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment(),
            cwd="/" if os.name == "posix" else tempfile.gettempdir(),
            start_new_session=True,
            bufsize=0,
        )
        return PipeLine(process)


class PipeLine:
    """A way to one child through its standard input and output, which works on every system."""

    def __init__(self, process: subprocess.Popen):
        self._process = process
        self._incoming = queue.Queue(_MOST_CHUNKS)
        self._outgoing = queue.Queue()
        self._rest = b""
        self._over = False
        self._threads = [
            threading.Thread(target=work, daemon=True) for work in (self._listen, self._speak)
        ]
        for thread in self._threads:
            thread.start()

    def _listen(self):
        while not self._over:
            part = self._process.stdout.read(_CHUNK)
            while not self._over:
                with contextlib.suppress(queue.Full):
                    self._incoming.put(part, timeout=0.1)
                    break
            if not part:
                return

    def _speak(self):
        with contextlib.suppress(OSError):
            while data := self._outgoing.get():
                rest = memoryview(data)
                while rest:
                    rest = rest[self._process.stdin.write(rest) :]

    def send(self, kind: bytes, data: bytes, until: float) -> None:
        self._outgoing.put(wire.HEAD.pack(kind, len(data)) + data)

    def receive(self, until: float, largest: int) -> tuple[bytes, bytes]:
        """Return the next message, of at most ``largest`` bytes."""
        kind, length = wire.read_head(self._read(wire.HEAD.size, until), largest)
        return kind, self._read(length, until)

    def _read(self, count, until) -> bytes:
        parts = []
        while count:
            part = self._rest or self._next(until)
            parts.append(part[:count])
            self._rest = part[count:]
            count -= len(parts[-1])
        return b"".join(parts)

    def _next(self, until) -> bytes:
        try:
            part = self._incoming.get(timeout=max(until - time.monotonic(), 0.001))
        except queue.Empty:
            raise Late from None
        if not part:
            raise Ended
        return part

    def end(self) -> int:
        """End the child and return how it ended: its exit status, or minus a signal's number."""
        self._over = True
        self._outgoing.put(b"")
        if os.name == "posix":
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
        else:
            self._process.kill()
        code = self._process.wait(_END)
        for thread in self._threads:
            thread.join(_END)
        self._process.stdin.close()
        self._process.stdout.close()
        return code
