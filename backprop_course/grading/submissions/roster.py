"""Read a roster: a table of the students of a class, as a file of comma-separated values."""

import csv
import io
import re
from collections import defaultdict
from dataclasses import dataclass, field, replace
from pathlib import Path

from backprop_course.grading.submissions.names import stem
from backprop_course.grading.submissions.places import OnDisk, shown
from backprop_course.grading.submissions.records import (
    MEGABYTE,
    CannotCollect,
    CannotRead,
    Problem,
    Submission,
)

_MISSING = "stands in the roster, and there is no such file."
_SEVERAL = "stands in the roster, and there are several files of this name; write the folder too."

_MOST = 16 * MEGABYTE
_LETTERS = re.compile(r"[^\w]|_")
# What a column may be called, in small letters without spaces and signs.
_COLUMNS = {
    "file": ("file", "filename", "files", "folder", "path", "submission"),
    "student": ("student", "studentid", "id", "userid", "username", "login", "sisuserid", "sisid"),
    "name": ("name", "fullname", "studentname", "displayname"),
    "first": ("firstname", "givenname", "first"),
    "last": ("lastname", "surname", "familyname", "last"),
    "email": ("email", "emailaddress", "mail"),
    "login": ("sisloginid", "loginid", "integrationid"),
}


@dataclass(frozen=True)
class Entry:
    """One student of the roster.

    Attributes
    ----------
    student : str
        What the student is called in the results: the id, or else the e-mail or the name.
    keys : tuple of str
        Everything that tells this student apart: id, login, e-mail.
    name : str
    files : tuple of str
        The files or folders that the roster names, one a line.
    columns : dict
        The line as it stands.
    """

    student: str
    name: str
    keys: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    columns: dict[str, str] = field(default_factory=dict)


def read_roster(path: Path) -> list[Entry]:
    """Return the students of a roster.

    The first line names the columns: ``student`` (or ``id``) and ``file``; or ``name``, ``id`` and
    ``email``; more may stand there, as in what Canvas exports. A student may have several lines,
    one for each file.

    Raises
    ------
    CannotCollect
        If it cannot be read, or does not tell the students apart.
    """
    where = f"The roster {path.name}"
    rows = _rows(path, where)
    if not rows:
        raise CannotCollect(f"{where} is empty; its first line names the columns.")
    header = [cell.strip() for cell in rows[0][1]]
    places = _places(header)
    if not places.keys() & {"student", "name", "email", "last"}:
        raise CannotCollect(
            f"{where} has no column that names the students; its first line must hold "
            "student and file, or name, id and email."
        )
    entries: dict[str, Entry] = {}
    for line, row in rows[1:]:
        cells = [shown(cell.strip()) for cell in row]
        if any(cells) and not _is_points_possible(cells):
            here = f"{where}, line {line},"
            _add(entries, _entry(places, header, cells, here), "file" in places, here)
    if not entries:
        raise CannotCollect(f"{where} names no students.")
    return list(entries.values())


def _add(entries: dict[str, Entry], entry: Entry, names_files: bool, where: str) -> None:
    """Put a line's student among the others; one who is there already brings one file more."""
    known = entries.get(entry.student)
    if known is None:
        entries[entry.student] = entry
    elif names_files and entry.files and entry.name == known.name:
        entries[entry.student] = replace(known, files=known.files + entry.files)
    else:
        raise CannotCollect(f"{where} holds the student {entry.student} for the second time.")


def assign(
    paths: list[tuple[str, ...]], roster: list[Entry]
) -> tuple[dict[str, list[int]], list[Problem]]:
    """Find the files and folders that a roster names.

    Two students may name the same file, when they worked together.

    Parameters
    ----------
    paths : list of tuple of str
        The paths of all files, part by part.
    roster : list of Entry

    Returns
    -------
    places : dict
        By student, where in ``paths`` the files are.
    problems : list of Problem
        What the roster names and what is not there, or there more than once.
    """
    known: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for place, parts in enumerate(paths):
        # Each name with what it stands for: the whole path of a file, or of a folder.
        file = "/".join(parts)
        for tail in {"/".join(parts[cut:]) for cut in range(len(parts))} | {stem(parts[-1])}:
            known[tail.casefold()][file].append(place)
        for cut in range(1, len(parts)):
            for begin in range(cut):
                known["/".join(parts[begin:cut]).casefold()]["/".join(parts[:cut])].append(place)
    places: dict[str, list[int]] = {}
    problems = []
    for entry in roster:
        for file in entry.files:
            name = file.replace("\\", "/").strip("/").removeprefix("./").casefold()
            meant = known.get(name, {})
            if len(meant) > 1:
                meant = {path: here for path, here in meant.items() if path.casefold() == name}
            if len(meant) == 1:
                places.setdefault(entry.student, []).extend(next(iter(meant.values())))
            else:
                problems.append(Problem(file, _SEVERAL if known.get(name) else _MISSING))
    return places, problems


def join(submissions: list[Submission], roster: list[Entry]) -> list[Submission]:
    """Give each submission its student of the roster.

    Those whose ``student`` is one of the roster's already, by a file, stay theirs. The result holds
    all submissions, renamed; those of the roster who handed in nothing; and, with a note, those who
    do not stand in the roster.
    """
    entries = {entry.student: entry for entry in roster}
    by_entry: dict[str, list[Submission]] = defaultdict(list)
    others = []
    for submission in submissions:
        if submission.student in entries and submission.from_roster:
            by_entry[submission.student].append(submission)
        else:
            others.append(submission)
    index = _Index(others)
    taken: set[int] = set()
    for find in (index.by_keys, index.by_name):
        for entry in roster:
            found = find(entry) if entry.student not in by_entry else None
            if found is not None and id(found) not in taken:
                taken.add(id(found))
                by_entry[entry.student].append(found)
    joined = [_renamed(entry, by_entry.get(entry.student, [])) for entry in roster]
    for submission in others:
        if id(submission) not in taken:
            if submission.student in entries:
                submission.student += " (not in the roster)"
            submission.notes = (*submission.notes, "This student does not stand in the roster.")
            joined.append(submission)
    return joined


class _Index:
    """Find submissions by what a roster knows of a student."""

    def __init__(self, submissions: list[Submission]):
        self._keys: dict[str, list[Submission]] = defaultdict(list)
        self._names: dict[str, list[Submission]] = defaultdict(list)
        for submission in submissions:
            student = submission.student.casefold()
            for key in {student, *re.split(r"[\s_.@-]+", student)}:
                self._keys[key].append(submission)
            for name in {_letters(submission.name), _letters(submission.student)}:
                self._names[name].append(submission)

    def by_keys(self, entry: Entry) -> Submission | None:
        return self._only(self._keys, [key.casefold() for key in entry.keys])

    def by_name(self, entry: Entry) -> Submission | None:
        return self._only(self._names, _spellings(entry.name))

    @staticmethod
    def _only(known: dict[str, list[Submission]], keys: list[str]) -> Submission | None:
        """Return the submission of the first key about which there is no doubt."""
        return next((known[key][0] for key in keys if len(known.get(key, ())) == 1), None)


def _renamed(entry: Entry, found: list[Submission]) -> Submission:
    if not found:
        nothing = "Nothing was handed in."
        return Submission(entry.student, entry.name, problem=nothing, columns=entry.columns)
    return replace(
        found[0], student=entry.student, name=entry.name or found[0].name, columns=entry.columns
    )


def _rows(path: Path, where: str) -> list[tuple[int, list[str]]]:
    """Return the rows that are not empty, each with the number of the line where it ends."""
    if not path.exists():
        raise CannotCollect(f"There is no roster {path}.")
    try:
        content = OnDisk(str(path.resolve()), _MOST).read()
    except CannotRead as error:
        raise CannotCollect(f"{where} {error}") from None
    text = _text(content, where)
    first = text.lstrip().partition("\n")[0]
    # A spreadsheet writes semicolons where the comma is the sign between euros and cents.
    separator = max(",;\t", key=first.count)
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
        rows = [(reader.line_num, row) for row in reader]
    except csv.Error as error:
        raise CannotCollect(f"{where} is no table of comma-separated values: {error}.") from None
    return [(line, row) for line, row in rows if any(cell.strip() for cell in row)]


def _text(content: bytes, where: str) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ("utf-16",)
    else:
        encodings = ("utf-8-sig", "cp1252")
    if content.startswith(b"PK\x03\x04"):
        raise CannotCollect(f"{where} is a spreadsheet; save it as CSV first.")
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise CannotCollect(f"{where} is not a text file.")


def _places(header: list[str]) -> dict[str, int]:
    """Return the columns by what they hold; the first of a kind counts."""
    folded = [_letters(cell) for cell in header]
    places = {}
    for kind, names in _COLUMNS.items():
        found = [folded.index(name) for name in names if name in folded]
        if found:
            places[kind] = found[0]
    # Canvas calls the name "Student" and the number "ID".
    if "student" in folded and "id" in folded and "name" not in places:
        places["name"], places["student"] = folded.index("student"), folded.index("id")
    return places


def _entry(places: dict[str, int], header: list[str], cells: list[str], where: str) -> Entry:
    if len(cells) > len(header):
        raise CannotCollect(
            f"{where} has {len(cells)} cells for {len(header)} columns; "
            "put a name that holds a comma between quotes."
        )
    cells = cells + [""] * (len(header) - len(cells))

    def cell(kind):
        return cells[places[kind]] if kind in places else ""

    name = cell("name") or f"{cell('first')} {cell('last')}".strip()
    email = cell("email")
    student = cell("student") or email or name
    if not student:
        raise CannotCollect(f"{where} does not say who the student is.")
    keys = [student, cell("login"), email, email.partition("@")[0]]
    file = cell("file")
    return Entry(
        student,
        name or student,
        tuple(dict.fromkeys(filter(None, keys))),
        (file,) if file else (),
        dict(zip(header, cells, strict=True)),
    )


def _is_points_possible(cells: list[str]) -> bool:
    # The second line of what Canvas exports.
    return any(cell.casefold() == "points possible" for cell in cells[:1])


def _letters(text: str) -> str:
    return _LETTERS.sub("", text).casefold()


def _spellings(name: str) -> list[str]:
    """Return the name as its parts may be put in order: "Jane Doe", "Doe, Jane"."""
    if "," in name:
        last, _, first = name.partition(",")
        parts = [*first.split(), *last.split()]
    else:
        parts = name.split()
    turns = [parts[i:] + parts[:i] for i in range(len(parts))]
    return [_letters("".join(turn)) for turn in turns]
