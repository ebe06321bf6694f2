"""Read from a file's path whose it is.

What the learning management systems write was read from their sources:

Canvas (canvas-lms, ``lib/content_zipper.rb``) packs the files of the latest attempt side by side as
``NAME_LATE_USER_FILE_hw.ipynb``. NAME is the sortable name in small letters without spaces and
signs, ``LATE`` stands there for late ones only, USER and FILE are numbers of Canvas. Anonymous ones
begin with ``anon_CODE`` (or ``LATE_anon_CODE``). A text or a link that was typed in becomes
``NAME_USER_text.html`` or ``_link.html``. A second file of the same name, in one attempt or in a
later one, becomes ``hw-1.ipynb``, then ``hw-2.ipynb``.

Moodle (``mod/assign/classes/downloader.php``, read back by ``feedback/file/importziplib.php``)
makes a folder ``Full Name_NUMBER_assignsubmission_file`` for each student, with ``_`` at the end
before Moodle 4.1; where folders are switched off, and before 3.1, a file
``Full Name_NUMBER_assignsubmission_file_hw.ipynb``. Underscores in names become spaces. NUMBER
counts the participants of this one assignment. ``onlinetext`` stands in place of ``file`` for what
was typed in. Teams have their group's name and number; those in no group have no number.
"""

import re
from collections import defaultdict
from dataclasses import dataclass

# The exercise notebooks: several of them beside each other are one student's lessons, not copies.
LESSONS = {
    "01_chain_rule",
    "02_computational_graphs",
    "03_matrix_gradients",
    "04_activations",
    "05_softmax_cross_entropy",
    "06_gradient_checking",
    "07_networks",
    "08_cost_of_backprop",
}
GRADED = (".ipynb", ".py")
# Some browsers and mail programs hang another ending behind.
_DISGUISED = re.compile(r"(?i)(\.ipynb)\.(?:txt|json)$")

_CANVAS = re.compile(
    r"(?:(?P<anonymous>(?:LATE_)?anon)_(?P<code>[A-Za-z0-9]+)"
    r"|(?P<name>\w+?)(?P<late>_LATE)?_(?P<user>\d+))"
    r"_(?:(?P<upload>\d+)_(?P<file>.+)|(?P<typed>text|link)\.html)",
    re.DOTALL,
)
_MOODLE = re.compile(
    r"(?P<name>[^_]*)(?:_(?P<user>\d+))?_assignsubmission_(?:file|onlinetext)(?:_(?P<file>.*))?",
    re.DOTALL,
)
_PREFIXED = re.compile(r"(?P<student>.+?)[ _-]+(?P<lesson>\d\d_[a-z0-9_]+)", re.IGNORECASE)
_COPIES = (
    (re.compile(r"(?P<base>.+?)\s*\((?P<number>\d{1,4})\)"), False),
    (re.compile(r"(?P<base>.+?)[ _-]+copy[ _-]*(?P<number>\d{0,4})", re.IGNORECASE), False),
    (re.compile(r"(?P<number>)copy of (?P<base>.+)", re.IGNORECASE), False),
    (re.compile(r"(?P<base>.+?)-(?P<number>\d{1,4})"), True),
)


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose file it is, as its path says.

    Attributes
    ----------
    student, name : str
        What tells the students apart, and what to show.
    file : str
        The path without the student in it.
    late : bool
    upload : int
        The LMS's number of the upload, which grows; 0 if there is none.
    system : str
        ``"Canvas"``, ``"Moodle"`` or ``""``.
    """

    student: str
    name: str
    file: str
    late: bool = False
    upload: int = 0
    system: str = ""


@dataclass(frozen=True, slots=True)
class Copy:
    """A file's name taken apart: ``hw (2).ipynb`` is number 2 of ``hw.ipynb``.

    ``dashed`` says that the number may as well belong to the name, as in ``part-2.ipynb``.
    """

    base: str
    number: int = 0
    dashed: bool = False


def is_graded(path: str) -> bool:
    """Return whether a file's ending is that of a notebook or a Python file."""
    return ending(path) in GRADED


def ending(path: str) -> str:
    """Return the ending in small letters, the hidden one of ``hw.ipynb.txt`` too."""
    _, dot, last = plain(path).rpartition(".")
    return f"{dot}{last}".lower()


def plain(path: str) -> str:
    """Return the path without an ending that a browser has added."""
    return _DISGUISED.sub(r"\1", path)


def stem(path: str) -> str:
    """Return the file's name without folders and ending."""
    name = plain(path.rpartition("/")[2])
    return name[: -len(ending(name))] if is_graded(name) else name


def copy_of(path: str) -> Copy:
    """Take a path apart into the name of the original and the number of the copy."""
    folder, slash, _ = path.rpartition("/")
    base, number, dashed = stem(path), 0, False
    for pattern, by_dash in _COPIES:
        match = pattern.fullmatch(base)
        if match:
            base, number, dashed = match["base"], int(match["number"] or 1), by_dash
            break
    return Copy(f"{folder}{slash}{base}{ending(path)}", number, dashed)


def bare(path: str) -> str:
    """Return the name of the original, without folders, ending and number of the copy."""
    return stem(copy_of(path).base)


def owners(paths: list[tuple[str, ...]], where: str, *, packed: bool) -> list[Owner]:
    """Return the owner of each file.

    Parameters
    ----------
    paths : list of tuple of str
        The paths, part by part.
    where : str
        The name of the folder or archive, the student's if the files are one student's lessons.
    packed : bool
        Whether the paths come from an archive, where one folder around everything is common.
    """
    paths = _without_wrapping(paths, packed)
    flat = {index: parts[0] for index, parts in enumerate(paths) if len(parts) == 1}
    by_canvas = _canvas(flat)
    by_stem = _Stems(list(flat.values()), where)
    found = []
    for index, parts in enumerate(paths):
        owner = _moodle(parts) or by_canvas.get(index)
        if owner is None and len(parts) > 1:
            owner = Owner(parts[0], parts[0], "/".join(parts[1:]))
        found.append(owner or by_stem.owner(parts[0]))
    return found


def natural(text: str) -> tuple:
    """Return a key that sorts ``hw2`` before ``hw10``, whatever letters and numbers come."""
    pieces = re.split(r"(\d+)", text.casefold())
    return tuple((0, int(p[:18]), p) if p.isdecimal() else (1, 0, p) for p in pieces if p)


def _without_wrapping(paths, packed):
    """Take away folders that stand around everything, as zip programs add them."""
    while paths:
        tops = {parts[0] for parts in paths}
        if len(tops) > 1 or any(len(parts) == 1 for parts in paths) or _moodle(paths[0]):
            return paths
        inner = [parts[1:] for parts in paths]
        files = [parts[0] for parts in inner if len(parts) == 1]
        if "" in files:
            # The folder around everything is itself one that was refused.
            return paths
        if files and not _looks_like_a_class(files, packed):
            return paths
        paths = inner
    return paths


def _looks_like_a_class(names: list[str], packed: bool) -> bool:
    """Return whether the files of one folder belong to several students."""
    lessons = {bare(name).casefold() for name in names} & LESSONS
    originals = {copy_of(name).base.casefold() for name in names if is_graded(name)}
    return not lessons and (len(originals) > 1 or packed)


def _canvas(names: dict[int, str]) -> dict[int, Owner]:
    """Return the owners of files that Canvas has named, if most of these files look so.

    A teacher's own names may look so too, as in ``smith_2024_11_hw.ipynb``. Canvas has one number
    for each name; there the number would stand for many.
    """
    found: dict[int, Owner] = {}
    names_of: dict[str, set[str]] = defaultdict(set)
    for index, name in names.items():
        match = _CANVAS.fullmatch(name)
        if match is None:
            continue
        user = match["user"] or match["code"]
        student = match["name"] or f"anonymous {user}"
        names_of[user].add(student)
        late = bool(match["late"]) or (match["anonymous"] or "").startswith("LATE")
        file = match["file"] or f"{match['typed']}.html"
        upload = int((match["upload"] or "0")[:18])
        found[index] = Owner(user, student, file, late, upload, "Canvas")
    graded = [index for index, name in names.items() if is_graded(name)]
    too_few = 2 * sum(index in found for index in graded) <= len(graded)
    if (graded and too_few) or any(len(same) > 1 for same in names_of.values()):
        return {}
    return found


def _moodle(parts: tuple[str, ...]) -> Owner | None:
    for index, part in enumerate(parts):
        match = _MOODLE.fullmatch(part)
        if match:
            rest = [match["file"] or "", *parts[index + 1 :]]
            file = "/".join(filter(None, rest)) or part
            name = match["name"].strip() or "participant"
            return Owner(match["user"] or name, name, file, system="Moodle")
    return None


class _Stems:
    """The files of one folder that say no more than a name: ``anna.ipynb``, or with a lesson."""

    def __init__(self, names: list[str], where: str):
        self._where = where
        self._all = {stem(name) for name in names}
        students: dict[str, set[str]] = defaultdict(set)
        for name in filter(is_graded, names):
            match = _PREFIXED.fullmatch(bare(name))
            if match:
                students[match["lesson"].casefold()].add(match["student"])
        # What stands behind the names of two students is a lesson's name, whatever the course says.
        self._lessons = LESSONS | {lesson for lesson, who in students.items() if len(who) > 1}

    def owner(self, name: str) -> Owner:
        original = bare(name)
        if original.casefold() in LESSONS:
            return Owner(self._where, self._where, name)
        match = _PREFIXED.fullmatch(original)
        if match and match["lesson"].casefold() in self._lessons:
            student = match["student"]
            return Owner(student, student, name[name.index(match["lesson"]) :])
        if copy_of(name).dashed and original not in self._all:
            original = stem(name)
        return Owner(original, original, name)
