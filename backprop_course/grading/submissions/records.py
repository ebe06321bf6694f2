"""What is handed in, and what is read from it."""

import hashlib
import json
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

MEGABYTE = 1 << 20


class CannotCollect(ValueError):
    """Nothing can be collected here; the message is one sentence for the teacher."""


class CannotRead(ValueError):
    """A file cannot be read; the message is one sentence that begins with what it "is" or "has"."""


@dataclass(frozen=True)
class Limits:
    """How much may be handed in. A notebook of the course has some 50 kB.

    Parameters
    ----------
    file_bytes, total_bytes : int
        The largest file, and the largest sum of the files of one class.
    entries, directory_bytes : int
        The most files in a folder or an archive, and the longest table of contents of an archive.
    depth : int
        Folders within folders.
    ratio : int
        How often a packed file of more than a megabyte may hold its own size.
    student_files : int
        The most files of one student.
    """

    file_bytes: int = 16 * MEGABYTE
    total_bytes: int = 64 * 1024 * MEGABYTE
    entries: int = 500_000
    directory_bytes: int = 128 * MEGABYTE
    depth: int = 12
    ratio: int = 200
    student_files: int = 50


class Place(Protocol):
    """Where the bytes of a file are: in a folder or in an archive."""

    def read(self) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Found:
    """One file that was found, before it is known whose it is.

    Attributes
    ----------
    parts : tuple of str
        Its path below the folder or in the archive, as text that can be shown and stored. A
        folder that is refused as a whole has an empty name for the last part.
    place : Place
    size : int
    time : float
        When it was last changed, in seconds; only ever compared with others.
    """

    parts: tuple[str, ...]
    place: Place
    size: int
    time: float

    @property
    def path(self) -> str:
        return "/".join(filter(None, self.parts))


@dataclass(frozen=True, slots=True)
class Problem:
    """A file that is not graded, or not as it stands, and why."""

    file: str
    reason: str


@dataclass
class Submission:
    """All that one student handed in. The contents stay where they are until they are asked for.

    Attributes
    ----------
    student : str
        Who: the LMS's number, or the name of the folder or file, or the roster's entry. Unique.
    name : str
        The name to show.
    files : tuple of str
        The paths of the files to grade, below the folder or in the archive.
    late : bool
        Whether the LMS marked one of them as late.
    notes : tuple of str
        What a teacher may want to know, in sentences.
    problem : str
        Why there is nothing to grade, in one sentence, or ``""``.
    columns : dict
        The student's line of the roster, by its column names.
    from_roster : bool
        Whether the roster names the files of this student.
    """

    student: str
    name: str
    files: tuple[str, ...] = ()
    late: bool = False
    notes: tuple[str, ...] = ()
    problem: str = ""
    columns: dict[str, str] = field(default_factory=dict)
    from_roster: bool = False
    places: tuple[Place, ...] = field(default=(), repr=False)

    def read(self) -> list[bytes]:
        """Return the contents of the files, in their order.

        Raises
        ------
        CannotRead
            If one of them is gone, has grown too large, is a link or is damaged.
        """
        return [place.read() for place in self.places]

    @cached_property
    def digest(self) -> str:
        """The SHA-256 of all that is known of the student, and of the contents of the files.

        A file that cannot be read counts with its reason.
        """
        known = [self.name, self.late, self.notes, self.problem, self.columns]
        total = hashlib.sha256(json.dumps(known).encode("ascii"))
        for file, place in zip(self.files, self.places, strict=True):
            try:
                content = place.read()
            except CannotRead as error:
                content = str(error).encode("utf-8")
            total.update(hashlib.sha256(file.encode("utf-8")).digest())
            total.update(hashlib.sha256(content).digest())
        return total.hexdigest()


@dataclass(frozen=True)
class Collected:
    """The submissions of a class, and the files that are not among them."""

    submissions: list[Submission]
    problems: list[Problem]


@dataclass(frozen=True, slots=True)
class FunctionAnswer:
    """A function that answers an exercise.

    Attributes
    ----------
    code : str
        The function with all it needs, to be executed as a module; ``""`` if there is a problem.
    problem : str
        Why it cannot be graded, in one sentence, or ``""``.
    """

    code: str
    problem: str = ""


@dataclass(frozen=True, slots=True)
class GivenAnswer:
    """A formula's text or the answer to a question, or why it cannot be read."""

    value: Any
    problem: str = ""


@dataclass(frozen=True)
class Answers:
    """What a submission answers. What was not attempted is left out.

    Attributes
    ----------
    functions : dict
        `FunctionAnswer` by the name of the exercise. A starter that nobody touched is among them.
    formulas, questions : dict
        `GivenAnswer` by symbol, and by the question's name.
    problem : str
        Why nothing could be read, in one sentence, or ``""``.
    notes : tuple of str
        Which of several files could not be read, in sentences.
    """

    functions: dict[str, FunctionAnswer] = field(default_factory=dict)
    formulas: dict[str, GivenAnswer] = field(default_factory=dict)
    questions: dict[str, GivenAnswer] = field(default_factory=dict)
    problem: str = ""
    notes: tuple[str, ...] = ()
