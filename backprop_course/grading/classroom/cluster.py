"""Grade on a Dask cluster that is already running; each of its workers has a sandbox of its own.

The contents of the submissions travel to the workers, so that no disk has to be shared. When a
worker dies, the cluster gives its submissions to another one.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import reduce
from itertools import islice
from operator import and_
from threading import Lock

from backprop_course.grading.classroom.marking import Marker, Plan, course_version, ungraded
from backprop_course.grading.sandbox import Layers, available_layers
from backprop_course.grading.submissions import CannotRead, Submission

CHUNK = 8  # submissions in one task
AHEAD = 4  # tasks that wait for each thread of the cluster
CLASSES = 8  # plans for which a worker keeps a marker

_MARKERS = "backprop_course_markers"  # the attribute of a worker that holds its markers


class ClusterError(Exception):
    """The cluster cannot be used; the text says why and what to do."""


@dataclass(frozen=True)
class _Held:
    """The contents of one file, or why they could not be read."""

    content: bytes
    problem: str = ""

    def read(self) -> bytes:
        if self.problem:
            raise CannotRead(self.problem)
        return self.content


class Cluster:
    """A cluster that was found fit to grade. Use it in a ``with`` statement.

    Parameters
    ----------
    address : str
        The scheduler's, such as ``"tcp://10.0.0.5:8786"``.

    Attributes
    ----------
    layers : Layers
        The layers of the sandbox that all workers offer.

    Raises
    ------
    ClusterError
        If there is no such cluster, it has no workers, or another version of the course.
    """

    def __init__(self, address: str):
        self._client = _connect(address)
        try:
            self._threads = sum(self._client.nthreads().values())
            self.layers = self._check_workers()
        except BaseException:
            self._client.close()
            raise

    def __enter__(self) -> "Cluster":
        return self

    def __exit__(self, *what) -> None:
        self._client.close()

    def _check_workers(self) -> Layers:
        if not self._threads:
            raise ClusterError(
                "The cluster has no workers: start some with dask worker ADDRESS --nthreads 1."
            )
        try:
            answers = self._client.run(_describe).values()
        except ModuleNotFoundError as error:
            raise ClusterError(
                f"A worker of the cluster lacks the course ({error}): install it there."
            ) from error
        versions = {its_version for its_version, _ in answers}
        if versions != {course_version()}:
            raise ClusterError(
                f"The workers have version {', '.join(sorted(versions))} of the course, and this "
                f"is {course_version()}: install the same one."
            )
        return reduce(and_, (layers for _, layers in answers))

    def grade(self, submissions: Iterable[Submission], plan: Plan) -> Iterator[list[dict]]:
        """Yield the records of some submissions at a time, as they are done."""
        from distributed import KilledWorker, as_completed

        submissions = iter(submissions)
        chunks = iter(lambda: [_with_contents(one) for one in islice(submissions, CHUNK)], [])
        running = as_completed(loop=self._client.loop)
        held = {}

        def give(chunk):
            future = self._client.submit(_mark, chunk, plan, pure=False)
            held[future.key] = chunk
            running.add(future)

        for chunk in islice(chunks, self._threads * AHEAD):
            give(chunk)
        for future in running:
            chunk = held.pop(future.key)
            try:
                yield future.result()
            except KilledWorker:
                if len(chunk) == 1:
                    yield [ungraded(chunk[0], "every worker that graded it was killed")]
                # Whose submission it was is unknown, so each of them is tried alone.
                for submission in chunk if len(chunk) > 1 else ():
                    give([submission])
            for more in islice(chunks, 1):
                give(more)


def _connect(address: str):
    try:
        from distributed import Client
    except ModuleNotFoundError as error:
        raise ClusterError(
            "Grading on a cluster needs distributed: pip install 'backprop-course[cluster]'."
        ) from error
    try:
        return Client(address, timeout="10s", set_as_default=False)
    except (OSError, ValueError) as error:
        raise ClusterError(f"No cluster answers at {address} ({error}).") from error


def _describe() -> tuple[str, Layers]:
    return course_version(), available_layers()


def _with_contents(submission: Submission) -> Submission:
    digest = submission.digest  # known here, so the worker need not compute it
    places = []
    for place in submission.places:
        try:
            places.append(_Held(place.read()))
        except CannotRead as error:
            places.append(_Held(b"", str(error)))
    held = replace(submission, places=tuple(places))
    held.__dict__["digest"] = digest
    return held


def _mark(chunk: list[Submission], plan: Plan) -> list[dict]:
    marker, lock = _marker_of_this_worker(plan)
    with lock:
        return [marker.grade(submission) for submission in chunk]


_making = Lock()


def _marker_of_this_worker(plan: Plan) -> tuple[Marker, Lock]:
    """Return the marker for this plan, made when it is first asked for, and its lock."""
    from distributed import get_worker

    worker = get_worker()
    with _making:
        markers = worker.__dict__.setdefault(_MARKERS, {})
        if plan not in markers:
            while len(markers) >= CLASSES:
                marker, lock = markers.pop(next(iter(markers)))
                with lock:
                    marker.close()
            markers[plan] = Marker(plan), Lock()
        return markers[plan]
