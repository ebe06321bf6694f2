"""Tables of marks: one for a spreadsheet, one for Canvas."""

import csv
import re
from collections.abc import Callable, Iterable
from pathlib import Path

from backprop_course.grading.reports.atomic import replacing

GRADED = "graded"
# A cell that begins so is a formula to a spreadsheet; the wide ones count in some languages.
_FORMULA = re.compile(r"[\s\x00]*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n]")
_SPACES = re.compile(r"[\s\x00-\x1f\x7f]+")
_CANVAS = ("ID", "SIS User ID", "SIS Login ID", "Section")


def write_gradebook_csv(results: dict, path: Path) -> None:
    """Write one line a student and one column an exercise.

    A student who could not be graded has empty cells and a reason, and never a zero. Every text is
    between quotes, and one that a spreadsheet would take for a formula has an apostrophe in front.
    """
    exercises = results["exercises"]
    head = ["student", "name", "status", "points", "max_points", "percent", "late"]
    head += [f"{one['name']} ({one['points']})" for one in exercises]
    head += ["mistakes", "reason", "notes", "files", "digest"]
    rows = (_row(record, exercises) for record in results["submissions"])
    _write(path, head, rows, _defused, "\ufeff")


def write_canvas_csv(
    results: dict, path: Path, *, assignment: str = "Backpropagation exercises"
) -> None:
    """Write points in the form that Canvas's gradebook imports.

    Parameters
    ----------
    results : dict
    path : Path
    assignment : str
        The title of the assignment. With its number behind, as in ``"Homework 3 (1234)"``, it is
        the one that exists; without, Canvas offers to make a new one.

    Notes
    -----
    Who could not be graded is left out: an empty cell would take away points that Canvas has, and
    a zero would be a mark. Canvas finds students by its own ID, then by the SIS columns, then by
    name; a roster with these columns (Canvas's own export will do) brings them in.
    """
    most = sum(one["points"] for one in results["exercises"])
    head = ["Student", *_CANVAS, _flat(assignment)]
    possible = ["    Points Possible", "", "", "", "", most]
    rows = (_canvas_row(one) for one in results["submissions"] if one["outcome"] == GRADED)
    # The quotes of the gradebook are left away where Canvas does not write them either.
    _write(path, head, _chained(possible, rows), _defused, "", csv.QUOTE_MINIMAL)


def _row(record: dict, exercises: list[dict]) -> list:
    marks = {mark["exercise"]: mark for mark in record["marks"]}
    points, most = record["points"], record["max_points"]
    percent = round(100 * points / most, 1) if most and points is not None else ""
    cells = [record["student"], record["name"], record["outcome"]]
    cells += [_blank(points), _blank(most), percent, "late" if record["late"] else ""]
    cells += [_blank(marks.get(one["name"], {}).get("points")) for one in exercises]
    mistakes = [
        f"{mark['exercise']}: {mistake}" for mark in record["marks"] for mistake in mark["mistakes"]
    ]
    cells += ["; ".join(mistakes), record["reason"], " ".join(record["notes"])]
    return [*cells, "; ".join(record["files"]), record["digest"]]


def _canvas_row(record: dict) -> list:
    columns = record.get("columns") or {}
    known = {_key(column): value for column, value in columns.items()}
    cells = [known.get(_key(column), "") for column in _CANVAS]
    student = record["student"]
    if not any(cells[:3]):
        # What Canvas packs is named by its own number.
        cells[0 if student.isdecimal() else 2] = student
    name = known.get("student") if "id" in known else None
    return [name or record["name"], *cells, record["points"]]


def _key(column: str) -> str:
    return re.sub(r"[\W_]+", "", column).casefold()


def _chained(first: list, rows: Iterable[list]) -> Iterable[list]:
    yield first
    yield from rows


def _write(path, head, rows, clean: Callable, start: str, quoting=csv.QUOTE_NONNUMERIC) -> None:
    with replacing(path, newline="") as file:
        # The mark at the beginning tells Excel that this is UTF-8.
        file.write(start)
        writer = csv.writer(file, quoting=quoting)
        writer.writerow([clean(cell) for cell in head])
        writer.writerows([clean(cell) for cell in row] for row in rows)


def _blank(value):
    return "" if value is None else value


def _flat(text: str) -> str:
    """Return the text in one line."""
    return _SPACES.sub(" ", text)


def _defused(cell):
    """Return a number as it is, and a text that no spreadsheet computes."""
    if isinstance(cell, int | float):
        return cell
    unsafe = _FORMULA.match(cell)
    text = _SPACES.sub(" ", cell) if cell != "    Points Possible" else cell
    return f"'{text}" if unsafe else text
