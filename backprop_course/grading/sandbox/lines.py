"""The grader's end of the way to learners' code: whole messages, deadlines, size limits."""

import contextlib
import socket
import time

from backprop_course.grading.sandbox import wire

_CHUNK = 65_536


class SandboxError(Exception):
    """The sandbox itself does not work; no submission is to blame."""


class Ended(Exception):
    """Nobody is at the other end any more."""


class Late(Exception):
    """Nothing came in time."""


class Line:
    """A way to one child through a socket.

    Parameters
    ----------
    ours : socket
    end : callable
        Ends the child and returns its exit status or minus a signal's number, or None if the server
        is gone.
    """

    def __init__(self, ours: socket.socket, end):
        self._socket = ours
        self._end = end
        self._rest = bytearray()

    def send(self, kind: bytes, data: bytes, until: float) -> None:
        with self._before(until):
            self._socket.sendall(wire.HEAD.pack(kind, len(data)) + data)

    def receive(self, until: float, largest: int) -> tuple[bytes, bytes]:
        """Return the next message, of at most ``largest`` bytes."""
        kind, length = wire.read_head(self._read(wire.HEAD.size, until), largest)
        return kind, self._read(length, until)

    def _read(self, count, until) -> bytes:
        while len(self._rest) < count:
            with self._before(until):
                part = self._socket.recv(max(count - len(self._rest), _CHUNK))
            if not part:
                raise Ended
            self._rest += part
        data = bytes(self._rest[:count])
        del self._rest[:count]
        return data

    @contextlib.contextmanager
    def _before(self, until):
        left = until - time.monotonic()
        if left <= 0:
            raise Late
        self._socket.settimeout(left)
        try:
            yield
        except TimeoutError:
            raise Late from None
        except OSError:
            raise Ended from None

    def end(self) -> int | None:
        self._socket.close()
        return self._end()
