"""Racing: contenders that do the same work take turns, round after round.

The order rotates, so that nobody always runs into the caches that another left. A round counts
only if every contender had the core for itself: its CPU time equals the time on the wall. Ratios
are taken within a round and their median is reported, so that a machine which slows down for a
while slows down both sides of the fraction.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

import numpy as np

SAMPLE = 0.005  # seconds: shorter work is repeated until one sample takes that long
UNITS = {"s": 1.0, "ms": 1e-3, "us": 1e-6}
DISTURBED = 0.03  # a sample that waited for the core for a larger share of its time does not count


@dataclass(frozen=True)
class Line:
    """One line of the table. ``met`` is None where there is no goal."""

    row: str
    what: str
    ours: str
    peer: str
    theirs: str
    limit: str
    ratio: str
    goal: str
    met: bool | None
    disturbed: bool = False


def agree(ours, theirs, *, rtol=1e-4):
    """Raise an AssertionError unless both hold the same numbers, up to float32 rounding."""
    ours, theirs = list(_flat(ours)), list(_flat(theirs))
    assert len(ours) == len(theirs), f"{len(ours)} results against {len(theirs)}."
    for mine, other in zip(ours, theirs, strict=True):
        scale = float(np.abs(mine).max()) if mine.size else 0.0
        np.testing.assert_allclose(other, mine, rtol=rtol, atol=rtol * scale)


def _flat(results):
    """Yield every array in nested tuples, lists and dicts; None holds nothing."""
    if isinstance(results, dict):
        results = list(results.values())
    if isinstance(results, tuple | list):
        for part in results:
            yield from _flat(part)
    elif results is not None:
        yield np.asarray(results.detach() if hasattr(results, "detach") else results)


@dataclass
class Race:
    """Contenders that do the same work.

    Parameters
    ----------
    row : str
        The number in the table of goals.
    what : str
        The work, in words.
    contenders : dict of name -> function without arguments
        The first is ours. Each returns its results, so that they can be compared: arrays, numbers,
        tensors, and tuples or lists of these.
    goals : dict of name -> float or None
        For each peer the largest ratio ours / peer that meets the goal.
    limit : str, optional
        The contender that shows how fast it could be.
    check : function
        Called once as ``check(ours, theirs)`` with the results before the clock runs; raises if
        they differ. The limit is not compared.
    at_most : float, optional
        Seconds that ours may take, whatever the others need.
    """

    row: str
    what: str
    contenders: dict[str, Callable]
    goals: dict[str, float | None]
    limit: str | None = None
    check: Callable = agree
    at_most: float | None = None

    def lines(self, rounds, seconds, tick=lambda done: None):
        """Compare results, race, and return one `Line` for each peer with a goal."""
        self.compare()
        times, disturbed = self._times(rounds, seconds, tick)
        ours = next(iter(self.contenders))
        typical = {name: median(samples) for name, samples in times.items()}

        def line(peer, theirs, share, goal, met):
            limit = duration(typical[self.limit]) if self.limit else ""
            mine = duration(typical[ours])
            return Line(self.row, self.what, mine, peer, theirs, limit, share, goal, met, disturbed)

        lines = []
        for peer, goal in self.goals.items():
            share = median(a / b for a, b in zip(times[ours], times[peer], strict=True))
            wanted, met = ("", None) if goal is None else (f"<= {ratio(goal)}", share <= goal)
            lines.append(line(peer, duration(typical[peer]), ratio(share), wanted, met))
        if self.at_most is not None:
            met = typical[ours] <= self.at_most
            lines.append(line("", "", "", f"<= {duration(self.at_most)}", met))
        return lines

    def compare(self):
        """Run each contender once and check that its results are ours."""
        ours, *others = self.contenders
        expected = self.contenders[ours]()
        for name in others:
            if name != self.limit:
                try:
                    self.check(expected, self.contenders[name]())
                except AssertionError as difference:
                    raise AssertionError(f"{self.what}: {name} differs. {difference}") from None

    def _times(self, rounds, seconds, tick):
        """Return {name: seconds for one run, a list over rounds} and whether others interfered."""
        counts = {name: _repetitions(run) for name, run in self.contenders.items()}
        names = list(counts)
        quiet, all_rounds = [], []
        start = time.perf_counter()
        while len(quiet) < rounds and time.perf_counter() - start < seconds:
            samples = {name: _sample(self.contenders[name], counts[name]) for name in names}
            names = names[1:] + names[:1]
            all_rounds.append({name: cpu for name, (wall, cpu) in samples.items()})
            if all(wall - cpu <= DISTURBED * wall for wall, cpu in samples.values()):
                quiet.append(all_rounds[-1])
            tick(max(len(quiet) / rounds, (time.perf_counter() - start) / seconds))
        # With too few quiet rounds the CPU time of all of them is the best that is left.
        disturbed = len(quiet) < min(5, len(all_rounds))
        counted = all_rounds if disturbed else quiet
        return {name: [one[name] for one in counted] for name in counts}, disturbed


@dataclass
class Claim:
    """Something that is found out and not raced: ``find`` returns the lines itself."""

    what: str
    find: Callable

    def lines(self, rounds, seconds, tick=lambda done: None):
        return self.find(tick)


def _repetitions(run):
    """Return how often ``run`` fits into one sample; this warms it up as well."""
    count = 1
    while True:
        _, cpu = _sample(run, count)
        if cpu * count >= SAMPLE:
            return max(1, round(SAMPLE / cpu))
        count *= 2


def _sample(run, count):
    """Return wall and CPU time of one of ``count`` runs."""
    wall, cpu = time.perf_counter(), time.process_time()
    for _ in range(count):
        run()
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    return wall / count, cpu / count


def duration(seconds):
    """Return a time in the unit that suits it."""
    for unit, size in UNITS.items():
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds:.1g} s"


def ratio(value):
    return f"{value:.2f}" if value >= 0.1 else f"{value:.2g}"
