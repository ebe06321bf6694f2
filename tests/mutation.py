"""Change one thing in every reference solution, and see whether the judge notices.

    python -m tests.mutation              prints the kill rate and every survivor
    python -m tests.mutation NAME ...     the same for some exercises

A survivor is a change that the judge takes for right. It either changes no value (then
`tests/exercises/test_mutation.py` lists it with the reason) or an exercise lacks a case.
"""

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from backprop_course.authoring.verify import survivors
from backprop_course.exercises import bank
from backprop_course.exercises.record import Exercise
from backprop_course.grading.alter import alterations


@dataclass(frozen=True)
class Count:
    """How many changes of the solutions were judged, and which survived in which exercise."""

    changes: int
    survivors: dict[str, list[str]]

    @property
    def alive(self) -> int:
        return sum(map(len, self.survivors.values()))

    def __str__(self):
        killed = self.changes - self.alive
        return (
            f"mutation: {killed} of {self.changes} changed solutions are rejected "
            f"({killed / max(self.changes, 1):.1%}), {self.alive} survive"
        )


@cache
def mutate(names: tuple[str, ...] = ()) -> Count:
    """Judge every changed solution of these exercises, or of all."""
    changes, alive = 0, {}
    for exercise in _functions(names):
        changes += len(alterations(exercise.solve))
        alive[exercise.name] = [
            # The line's number would change with every comment.
            one.where.split(": ", 1)[1]
            for one in survivors(exercise)
        ]
    return Count(changes, alive)


def _functions(names: tuple[str, ...]) -> Iterable[Exercise]:
    for path in bank.bank_files():
        if not names or path.stem in names:
            record = bank.read(path)
            if isinstance(record, Exercise):
                yield record


if __name__ == "__main__":
    count = mutate(tuple(sys.argv[1:]))
    for name, changes in count.survivors.items():
        for change in changes:
            print(f"{name:34} {change}")
    print(count)
