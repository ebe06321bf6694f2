"""What a class got right and wrong, counted in one pass over the submissions."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field

OUTCOMES = ("passed", "failed", "could not run", "not attempted", "could not be graded")
GRADED = "graded"
BINS = 10


@dataclass
class Tally:
    """How one exercise went.

    Attributes
    ----------
    outcomes, mistakes : Counter
    examples : dict
        What one student was told, by mistake.
    """

    outcomes: Counter = field(default_factory=Counter)
    mistakes: Counter = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)


@dataclass
class Summary:
    """How a class did. It stays small however large the class is.

    Attributes
    ----------
    students, late : int
    ungraded : list of dict
        Student, name, reason and files, of the first ones.
    ungraded_count : int
    points : Counter
        How many students have how many points.
    most : int
        The points that can be had.
    exercises : dict
        `Tally` by exercise.
    """

    most: int
    listed: int = 500
    students: int = 0
    late: int = 0
    ungraded_count: int = 0
    ungraded: list[dict] = field(default_factory=list)
    points: Counter = field(default_factory=Counter)
    exercises: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))

    def add(self, record: dict) -> None:
        """Count one submission."""
        self.students += 1
        self.late += bool(record["late"])
        if record["outcome"] != GRADED:
            self.ungraded_count += 1
            if len(self.ungraded) < self.listed:
                self.ungraded.append(record)
            return
        self.points[record["points"]] += 1
        for mark in record["marks"]:
            tally = self.exercises[mark["exercise"]]
            tally.outcomes[mark["outcome"]] += 1
            for mistake in mark["mistakes"]:
                tally.mistakes[mistake] += 1
                # With several mistakes the message is about another one, perhaps.
                if len(mark["mistakes"]) == 1:
                    tally.examples.setdefault(mistake, mark["message"])

    @property
    def graded(self) -> int:
        return self.students - self.ungraded_count

    @property
    def mean(self) -> float:
        total = sum(points * count for points, count in self.points.items())
        return total / self.graded if self.graded else 0.0

    @property
    def median(self) -> float:
        middle = sorted(self.points.elements())
        if not middle:
            return 0.0
        half = len(middle) // 2
        return middle[half] if len(middle) % 2 else (middle[half - 1] + middle[half]) / 2

    def distribution(self) -> list[tuple[int, int, int]]:
        """Return (from percent, to percent, students) of each tenth."""
        counts = [0] * BINS
        for points, count in self.points.items():
            share = points / self.most if self.most else 0
            counts[min(BINS - 1, max(0, int(share * BINS + 1e-9)))] += count
        width = 100 // BINS
        return [(place * width, (place + 1) * width, n) for place, n in enumerate(counts)]

    def mistakes(self) -> list[tuple[str, str, int]]:
        """Return (exercise, mistake, students), the most frequent first."""
        found = [
            (name, mistake, count)
            for name, tally in self.exercises.items()
            for mistake, count in tally.mistakes.items()
        ]
        return sorted(found, key=lambda one: (-one[2], one[0], one[1]))
