"""Pages for a browser: one for each student, and one for the class.

A page holds no script, asks for nothing from anywhere, and its first line forbids both to whatever
might slip in. All text goes through Jinja's escaping.
"""

import base64
import hashlib
import os
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from backprop_course.grading.reports.atomic import replacing
from backprop_course.grading.reports.summary import OUTCOMES, Summary
from backprop_course.grading.reports.text import for_student

_LISTED = 2_000  # students on the page of the class; all of them are in gradebook.csv
_FREQUENT = 20  # mistakes in the picture of the class
_CODE = re.compile(r"`([^`\n]+)`")
_PAGE = re.compile(r"[a-z0-9-]*-[0-9a-f]{12}\.html")


def write_html(results: dict, folder: Path) -> None:
    """Write ``class.html``, and ``students/NAME.html`` for each student.

    Parameters
    ----------
    results : dict
        See ``docs/results.md``. The submissions are gone through once.
    folder : Path
    """
    folder = Path(folder)
    written: set[str] = set()
    summary = Summary(most=sum(one["points"] for one in results["exercises"]))
    rows = []
    for record in results["submissions"]:
        name = page_name(record["student"])
        with replacing(folder / "students" / name, durable=False) as file:
            file.write(student_page(results, record))
        written.add(name)
        summary.add(record)
        if len(rows) < _LISTED:
            rows.append({**_short(record), "page": f"students/{name}"})
    with replacing(folder / "class.html") as file:
        file.write(class_page(results, summary, rows))
    _remove_others(folder / "students", written)


def page_name(student: str) -> str:
    """Return a file name that is safe on every system, and another one for each student."""
    readable = re.sub(r"[^a-z0-9]+", "-", student.lower())[:40].strip("-")
    digest = hashlib.sha256(student.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    return f"{readable or 'student'}-{digest}.html"


def student_page(results: dict, record: dict) -> str:
    """Return the page of one student: marks, what was wrong, and why."""
    marks = {mark["exercise"]: mark for mark in record["marks"]}
    lessons: dict[str, list] = {}
    for exercise in results["exercises"]:
        if exercise["name"] in marks:
            lessons.setdefault(exercise["lesson"], []).append((exercise, marks[exercise["name"]]))
    return _render("student.html", results=results, record=record, lessons=lessons)


def class_page(results: dict, summary: Summary, rows: list[dict]) -> str:
    """Return the page of a class."""
    return _render(
        "class.html",
        results=results,
        summary=summary,
        rows=rows,
        outcomes=OUTCOMES,
        frequent=summary.mistakes()[:_FREQUENT],
    )


def said(message: str) -> list[tuple[str, object]]:
    """Return the blocks of a message below its verdict, as kind and content.

    A block is a ``"table"`` of rows, for lines that are aligned in columns, or a ``"text"`` of
    pieces (whether it is code, and the text).
    """
    blocks: list[tuple[str, list]] = []
    for line in message.split("\n")[1:]:
        if line.startswith("  "):
            cells = re.split(r" {3,}", line.strip())
            if not blocks or blocks[-1][0] != "table":
                blocks.append(("table", []))
            blocks[-1][1].append(cells)
        elif line.strip():
            pieces = _CODE.split(line)
            blocks.append(("text", [(place % 2 == 1, text) for place, text in enumerate(pieces)]))
    return blocks


def _short(record: dict) -> dict:
    keys = ("student", "name", "outcome", "points", "max_points", "late")
    return {key: record[key] for key in keys} | {"notes": " ".join(record["notes"])}


def _remove_others(folder: Path, written: set[str]) -> None:
    """Remove the pages of students who are not among the submissions any more."""
    if not folder.is_dir():
        return
    with os.scandir(folder) as entries:
        old = [e.path for e in entries if _PAGE.fullmatch(e.name) and e.name not in written]
    for path in old:
        os.unlink(path)


def _render(template: str, **values) -> str:
    # What is no text, from a submission, is replaced: half a character cannot be written.
    page = _templates().get_template(template).render(**values)
    return page.encode("utf-8", "replace").decode("utf-8")


@cache
def _templates():
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("backprop_course.grading.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    style = environment.loader.get_source(environment, "style.css")[0]
    environment.globals.update(
        style=style,
        policy=_policy(style),
        said=said,
        for_student=for_student,
        percent=_percent,
        number=_number,
        segments=_segments,
        slug=lambda text: re.sub(r"[^a-z]+", "-", text),
    )
    return environment


def _policy(style: str) -> str:
    """Return the content security policy: nothing but this one style sheet."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def _percent(part: float, whole: float) -> str:
    return f"{100 * part / whole:.0f} %" if whole else "0 %"


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _segments(counts, order, width: int) -> Iterator[tuple[str, int, float, float]]:
    """Yield (outcome, students, left edge, width) of a bar in pieces, with a gap between them."""
    total = sum(counts.values())
    left = 0.0
    for outcome in order:
        if counts.get(outcome):
            size = width * counts[outcome] / total
            yield outcome, counts[outcome], round(left, 2), round(max(size - 1.5, 0.5), 2)
            left += size
