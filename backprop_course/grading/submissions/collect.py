"""Collect the submissions of a class from a folder or an archive."""

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from backprop_course.grading.submissions.names import (
    LESSONS,
    Copy,
    Owner,
    bare,
    copy_of,
    ending,
    is_graded,
    natural,
    owners,
)
from backprop_course.grading.submissions.places import (
    OnDisk,
    Refused,
    find_in_archive,
    find_in_folder,
    shown,
)
from backprop_course.grading.submissions.records import (
    CannotCollect,
    Collected,
    Found,
    Limits,
    Problem,
    Submission,
)
from backprop_course.grading.submissions.roster import assign, join, read_roster

_ARCHIVES = (".zip", ".7z", ".rar", ".tar", ".gz", ".tgz", ".bz2", ".xz")
_NO_NOTEBOOK = "is neither a notebook (.ipynb) nor a Python file (.py), and was not graded."
_NESTED = "is an archive in the submission and was not opened; unpack it first."


def collect_submissions(
    path: Path, roster: Path | None = None, limits: Limits | None = None
) -> Collected:
    """Return what the students of a class handed in.

    Parameters
    ----------
    path : Path
        A folder of notebooks, of one folder a student, or an archive as Canvas or Moodle give it;
        one notebook is taken too.
    roster : Path, optional
        A table of the students. All of them are in the result then, with or without a submission.
    limits : Limits, optional

    Raises
    ------
    CannotCollect
        If there is nothing to collect; the message is one sentence.
    """
    path, limits = Path(path), limits or Limits()
    found, problems, packed = _find(path, limits)
    if roster is not None:
        found = [file for file in found if not _is_same(file, Path(roster))]
    if sum(file.size for file in found) > limits.total_bytes:
        raise CannotCollect(
            f"{path} holds more than {limits.total_bytes >> 30} GB; give the files of one class."
        )
    where = shown(path.resolve().name if path.is_dir() else path.stem) or "submissions"
    entries = read_roster(Path(roster)) if roster is not None else []
    mapped, unclear = assign([tuple(filter(None, file.parts)) for file in found], entries)
    problems += unclear
    submissions = []
    for student, files, from_roster in _grouped(found, where, packed, mapped):
        submission, said = _submission(student, files, limits)
        problems += said
        if submission is not None:
            submission.from_roster = from_roster
            submissions.append(submission)
    if not submissions and not problems:
        raise CannotCollect(
            f"{path} holds no submissions: no notebook (.ipynb) or Python file (.py)."
        )
    if entries:
        submissions = join(submissions, entries)
    submissions.sort(key=lambda submission: natural(submission.student))
    return Collected(submissions, sorted(problems, key=lambda problem: natural(problem.file)))


def _grouped(
    found: list[Found], where: str, packed: bool, mapped: dict[str, list[int]]
) -> Iterator[tuple[str, list[tuple[Owner, Found]], bool]]:
    """Yield the files of each student, by the roster where it names them, else by their paths."""
    for student, places in mapped.items():
        files = [found[place] for place in dict.fromkeys(places)]
        yield student, [(Owner(student, student, file.path), file) for file in files], True
    spoken_for = {place for places in mapped.values() for place in places}
    groups: dict[str, list[tuple[Owner, Found]]] = defaultdict(list)
    owned = owners([file.parts for file in found], where, packed=packed)
    for place, (owner, file) in enumerate(zip(owned, found, strict=True)):
        if place not in spoken_for:
            groups[owner.student].append((owner, file))
    for student, files in groups.items():
        yield student, files, False


def _find(path: Path, limits: Limits) -> tuple[list[Found], list[Problem], bool]:
    if path.is_dir():
        return find_in_folder(path, limits), [], False
    if path.suffix.lower() == ".zip":
        return *find_in_archive(path, limits), True
    if not path.exists():
        raise CannotCollect(f"There is no {path}.")
    if not is_graded(path.name):
        raise CannotCollect(f"{path} is neither a folder, nor a .zip archive, nor a notebook.")
    status = path.stat()
    place = OnDisk(str(path.resolve()), limits.file_bytes)
    return [Found((shown(path.name),), place, status.st_size, status.st_mtime)], [], False


def _is_same(file: Found, roster: Path) -> bool:
    return isinstance(file.place, OnDisk) and Path(file.place.path).resolve() == roster.resolve()


def _submission(
    student: str, files: list[tuple[Owner, Found]], limits: Limits
) -> tuple[Submission | None, list[Problem]]:
    graded = [(owner, file) for owner, file in files if _counts(owner, file)]
    others = [file for owner, file in files if not _counts(owner, file)]
    problems = [Problem(file.path, _NESTED) for file in others if ending(file.path) in _ARCHIVES]
    owner = files[0][0]
    if not graded and len(others[0].parts) == 1 and not owner.system:
        # A picture beside the notebooks is nobody's submission.
        rest = [file for file in others if ending(file.path) not in _ARCHIVES]
        return None, problems + [Problem(file.path, _NO_NOTEBOOK) for file in rest]
    if not graded:
        return Submission(student, owner.name, problem=_only(others)), problems
    kept, notes = _latest(graded)
    if len(kept) > limits.student_files:
        notes.append(
            f"Of {len(kept)} files, only the first {limits.student_files} were read; "
            "a course has fewer notebooks."
        )
        kept = kept[: limits.student_files]
    late = any(owner.late for owner, _ in kept)
    if late:
        notes.append("Handed in late, says the LMS.")
    names, places = zip(*((file.path, file.place) for _, file in kept), strict=True)
    return Submission(student, owner.name, names, late, tuple(notes), places=places), problems


def _counts(owner: Owner, file: Found) -> bool:
    """Return whether a file may hold answers; nobody knows what is in a folder that is refused."""
    return is_graded(owner.file) or file.parts[-1] == ""


def _only(others: list[Found]) -> str:
    first, *more = sorted(file.parts[-1] for file in others)
    counted = f" and {len(more)} more" if more else ""
    return f"Only {first}{counted} was handed in: no notebook (.ipynb) or Python file (.py)."


def _latest(files: list[tuple[Owner, Found]]) -> tuple[list[tuple[Owner, Found]], list[str]]:
    """Return the last copy of each file, in order, and what they stand in for.

    One that is refused stands behind its other copies, and behind the other files.
    """
    copies = [copy_of(owner.file) for owner, _ in files]
    originals = {copy.base.casefold() for copy in copies if not copy.dashed}
    versions: dict[str, list] = defaultdict(list)
    for (owner, file), copy in zip(files, copies, strict=True):
        key, number = _version(owner, copy, originals)
        rank = (_is_open(file), number, file.time, owner.upload, natural(file.path))
        versions[key].append((rank, owner, file))
    kept, notes = [], []
    for same in versions.values():
        *others, (_, owner, file) = sorted(same, key=lambda one: one[0])
        kept.append((owner, file))
        notes += _set_aside(file, [other for _, _, other in others])
    kept.sort(key=lambda one: (not _is_open(one[1]), natural(one[1].path)))
    return kept, notes


def _set_aside(kept: Found, others: list[Found]) -> list[str]:
    """Return what is said of the copies that are not graded."""
    earlier = ", ".join(file.path for file in others if _is_open(file))
    notes = [f"{kept.path} is graded, in place of the earlier {earlier}."] if earlier else []
    instead = f" {kept.path} is graded instead." if _is_open(kept) else ""
    refused = [file for file in others if not _is_open(file)]
    return notes + [f"{file.path} {file.place.reason}{instead}" for file in refused]


def _is_open(file: Found) -> bool:
    return not isinstance(file.place, Refused)


def _version(owner: Owner, copy: Copy, originals: set[str]) -> tuple[str, int]:
    """Return what a file is a copy of, and which.

    The number in ``part-2.ipynb`` belongs to the name, unless there is a ``part.ipynb`` or the name
    is that of a lesson.
    """
    base = copy.base.casefold()
    if copy.dashed and base not in originals and bare(base) not in LESSONS:
        return owner.file.casefold(), 0
    return base, copy.number
