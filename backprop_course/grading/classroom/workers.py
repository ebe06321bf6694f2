"""Hand submissions to markers in several processes, and take the records as they come.

Each process holds one `Marker` with its own sandbox. A process that dies takes nothing with it: its
submissions are given out again, each alone, so that only the one that kills gets no grade.
"""

import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from multiprocessing.connection import Connection, wait

from backprop_course.grading.classroom.marking import Marker, Plan, ungraded
from backprop_course.grading.submissions import Submission

CHUNK = 4  # submissions handed over at a time
PATIENCE = 30.0  # seconds that a process gets to end by itself
HURRY = 1.0  # the same when the run is broken off: what is being graded is graded again later

# One thread for each process: the number of jobs says how many cores are used.
_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


def grade(submissions: Iterable[Submission], plan: Plan, jobs: int) -> Iterator[list[dict]]:
    """Yield the records of some submissions at a time, as they are done.

    Parameters
    ----------
    submissions : iterable of Submission
    plan : Plan
    jobs : int
        How many processes work side by side.

    Raises
    ------
    SandboxError
        If a process cannot open its sandbox.
    """
    work = _Work(submissions)
    workers: dict[Connection, _Worker] = {}
    try:
        while chunk := work.next() if len(workers) < jobs else None:
            _employ(workers, plan, chunk)
        while workers:
            for line in wait(list(workers)):
                worker = workers[line]
                try:
                    answer = line.recv()
                except (EOFError, OSError):
                    del workers[line]
                    worker.end()
                    yield from work.lose(worker.chunk)
                    answer = None
                if isinstance(answer, Exception):
                    raise answer
                if answer is not None:
                    yield answer
                chunk = work.next()
                if chunk and line in workers:
                    worker.give(chunk)
                elif chunk:
                    _employ(workers, plan, chunk)
                elif line in workers:
                    workers.pop(line).end()
    finally:
        for worker in workers.values():
            worker.line.close()
        for worker in workers.values():
            worker.end(HURRY)


class _Work:
    """What is still to be graded: some at a time, and alone what a process died of."""

    def __init__(self, submissions: Iterable[Submission]):
        self._rest = iter(submissions)
        self._alone: deque[list[Submission]] = deque()

    def next(self) -> list[Submission]:
        """Return the next submissions, none at the end."""
        return self._alone.popleft() if self._alone else list(islice(self._rest, CHUNK))

    def lose(self, chunk: list[Submission]) -> Iterator[list[dict]]:
        """Take back what a dead process held; yield the record of the one that killed it."""
        if len(chunk) == 1:
            yield [ungraded(chunk[0], "it ended the process that graded it")]
        else:
            self._alone.extend([submission] for submission in chunk)


class _Worker:
    """A process with a marker, and what it is grading."""

    def __init__(self, plan: Plan):
        # Spawned and not forked: a marker must not hold what this process has open.
        context = multiprocessing.get_context("spawn")
        self.line, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, plan), daemon=True)
        with _environment(_ONE_THREAD):
            self._process.start()
        theirs.close()
        self.chunk: list[Submission] = []

    def give(self, chunk: list[Submission]) -> None:
        self.chunk = chunk
        try:
            self.line.send(chunk)
        except OSError:
            # It is dead, and the closed line will say so when it is read.
            return

    def end(self, patience: float = PATIENCE) -> None:
        self.line.close()
        self._process.join(patience)
        self._process.kill()
        self._process.join()
        self._process.close()


def _employ(workers: dict[Connection, _Worker], plan: Plan, chunk: list[Submission]) -> None:
    worker = _Worker(plan)
    worker.give(chunk)
    workers[worker.line] = worker


@contextmanager
def _environment(changes: dict[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(changes)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _serve(line: Connection, plan: Plan) -> None:
    """Grade what comes, until the line is closed. This runs in a process of its own."""
    # Ctrl-C is for the process that shows the bar; it closes the line.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    marker = None
    try:
        marker = Marker(plan)
        while True:
            line.send([marker.grade(submission) for submission in line.recv()])
    except (EOFError, OSError):
        return
    except Exception as error:
        line.send(error)
    finally:
        if marker is not None:
            marker.close()
