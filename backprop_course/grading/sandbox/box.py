"""The grader's side: start the server, hand out tasks, take nothing on trust."""

import contextlib
import os
import platform
import signal
import time

from backprop_course.grading.call import Crash, Reply
from backprop_course.grading.sandbox import wire
from backprop_course.grading.sandbox.layers import WARNING, Layers
from backprop_course.grading.sandbox.lines import Ended, Late, SandboxError
from backprop_course.grading.sandbox.questions import answer, quiet
from backprop_course.grading.sandbox.replies import read_reply
from backprop_course.grading.sandbox.tasks import Limits, Task

_GRACE = 1.0  # most seconds until code that does not stop by itself is stopped from outside
_START = 20.0  # seconds that a child may take to be ready


class Sandbox:
    """Runs the code of submissions, one after the other, each in a process of its own.

    Parameters
    ----------
    limits : Limits
    layers : Layers, optional
        Which layers to use; those that the host does not offer are left out. All, if not given.

    Attributes
    ----------
    layers : Layers
        Those in use, once it is entered.
    why : dict
        For layers that were asked for and are not in use: the reason.
    notes : list of str
        What a teacher should know, such as that the server had to be started anew.
    """

    def __init__(self, limits: Limits | None = None, layers: Layers | None = None):
        self.limits = Limits() if limits is None else limits
        self.layers = Layers() if layers is None else layers
        self.why: dict[str, str] = {}
        self.notes: list[str] = []
        self._host = None
        self._line = None

    def __enter__(self):
        self._host = _host(self.limits, self.layers)
        self.layers, self.why = self._host.start()
        if not self.layers.server:
            self.notes.append(WARNING)
        return self

    def __exit__(self, *what):
        self.close()

    def close(self) -> None:
        """End the server. All that it started ends with it."""
        self._hang_up()
        if self._host is not None:
            self._host.close()
            self._host = None

    def run(self, tasks: list[Task]) -> list[list[Reply]]:
        """Return the replies of one submission, a list for each task.

        A list is shorter than the task's calls where the function could not be called again.
        """
        if self._host is None:
            raise SandboxError("the sandbox is not open; use it as `with Sandbox() as box:`")
        visit = _Visit(self.limits, any("scipy" in task.code for task in tasks))
        try:
            return [self._question(visit, number, task) for number, task in enumerate(tasks)]
        finally:
            self._hang_up()

    def _question(self, visit, number, task) -> list[Reply]:
        if task.code in visit.stuck or visit.is_over():
            return [_time_up(f"The {visit.limits.wall:g} seconds for all questions were used up.")]
        for _ in range(2):
            talk = _Talk(visit, number, task)
            try:
                if self._line is None:
                    self._line = self._host.open(scipy=visit.scipy)
                    self._await_ready()
                talk.run(self._line)
                return talk.replies
            except Late:
                if not talk.defined:
                    visit.stuck.add(task.code)
                self._hang_up()
                seconds = self.limits.seconds
                return [*talk.replies, _time_up(f"It was stopped after {seconds:g} seconds.")]
            except wire.Malformed as error:
                self._hang_up()
                return [*talk.replies, _tampered(error)]
            except Ended:
                status = self._hang_up()
                if status is not None:
                    return [*talk.replies, _killed(status)]
                # Not the code ended but the server, for which the submission is not to blame.
                self.notes.append("The sandbox's server ended unexpectedly and was started anew.")
                self._host.restart()
        return [*talk.replies, Reply(crash=Crash(("Killed",), "The sandbox's server ended twice."))]

    def _await_ready(self):
        try:
            kind, _ = self._line.receive(time.monotonic() + _START, wire.HEAD.size)
        except Late:
            raise SandboxError("a process for learners' code did not start in time") from None
        except Ended:
            if self._hang_up() is None:
                raise  # the server is gone, and will be started anew
            raise SandboxError("a process for learners' code could not be confined") from None
        if kind != wire.READY:
            raise SandboxError("a process for learners' code did not start as it should")

    def _hang_up(self) -> int | None:
        """End the child, if there is one, and return how it ended."""
        line, self._line = self._line, None
        return None if line is None else line.end()


class _Visit:
    """The time and the bytes that one submission has left."""

    def __init__(self, limits, scipy):
        self.limits = limits
        self.scipy = scipy
        self.until = time.monotonic() + limits.wall
        self.bytes_left = limits.answers
        self.stuck = set()  # code whose top level never ends: tried once, not once a question

    def is_over(self):
        return time.monotonic() >= self.until

    def soon(self):
        seconds = self.limits.seconds
        return min(time.monotonic() + seconds + min(seconds, _GRACE), self.until)


class _Talk:
    """One task and the replies to it, as they come."""

    def __init__(self, visit, number, task):
        self.visit = visit
        self.number = number
        self.task = task
        self.defined = False
        self.replies: list[Reply] = []

    def run(self, line):
        task, limits, functions = self.task, self.visit.limits, []
        asked = (task.code, task.function, task.names, task.calls, limits.seconds, limits.answer)
        data = wire.pack((self.number, *asked), 1 << 30, functions)
        until = self.visit.soon()
        line.send(wire.TASK, data, until)
        with quiet() if functions else contextlib.nullcontext():
            self._listen(line, functions, until)

    def _listen(self, line, functions, until):
        limits, questions = self.visit.limits, 0
        while True:
            kind, data = line.receive(until, min(limits.answer, self.visit.bytes_left))
            self.visit.bytes_left -= len(data)
            if kind == wire.QUESTION:
                questions += 1
                if questions > limits.questions:
                    raise wire.Malformed("too many questions")
                line.send(wire.ANSWER, answer(functions, data), until)
                continue
            questions, until = 0, self.visit.soon()
            if kind == wire.REPLY and len(self.replies) < len(self.task.calls):
                self._take(data)
            elif kind == wire.DEFINED and not self.defined and not self.replies:
                self.defined = True
            elif kind == wire.DONE and self.replies:
                return
            else:
                raise wire.Malformed("a message out of turn")

    def _take(self, data):
        reply = read_reply(data, self.number, len(self.replies))
        if reply.crash and reply.crash.kinds[0] == "TimeUp":
            reply = _time_up(f"Stopped after {self.visit.limits.seconds:g} seconds.", reply)
            if not self.defined:
                self.visit.stuck.add(self.task.code)
        self.replies.append(reply)


def _time_up(text, reply=None) -> Reply:
    line = reply.crash.line if reply else ""
    return Reply(crash=Crash(("TimeUp",), text, line))


def _tampered(error) -> Reply:
    text = f"What came back was not written by the grader's own program ({error})."
    return Reply(crash=Crash(("Tampered",), text))


def _killed(code: int) -> Reply:
    """Return the reply for a child that ended while it was asked.

    ``code`` is its exit status, or minus the number of the signal that ended it.
    """
    if code >= 0:
        text = f"Your code ended Python itself, with exit status {code}."
        return Reply(crash=Crash(("Killed",), text))
    name = signal.Signals(-code).name if -code in _SIGNALS else f"signal {-code}"
    if name == "SIGXCPU":
        return _time_up("It was stopped because it computed for too long.")
    reason = _REASONS.get(name, f"it ended with {name}")
    return Reply(crash=Crash(("Killed",), f"Python itself broke down in your code: {reason}."))


_SIGNALS = {int(number) for number in signal.Signals}
_REASONS = {
    "SIGSEGV": "it reached for memory that does not exist, or ran out of it",
    "SIGKILL": "the system stopped it, most likely for want of memory",
}


def _host(limits, layers):
    if layers.server and platform.system() == "Linux" and hasattr(os, "pidfd_open"):
        from backprop_course.grading.sandbox.host import ForkServer

        return ForkServer(limits, layers)
    from backprop_course.grading.sandbox.spawn import Spawner

    return Spawner(limits, layers)
