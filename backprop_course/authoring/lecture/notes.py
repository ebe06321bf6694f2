"""Speaker notes: ``notebooks/source/NN_name.notes.md``, one section for each slide of the lesson.

A section begins with the slide's own heading and says how many minutes the slide takes::

    ## Lesson 03. Matrix gradients

    **2 min.** Sixty minutes. Ask who has multiplied matrices by hand.

    ## Predict before you run

    **5 min.** Many will say 2: they forget that both examples use the weight.

The minutes add up to those that the lesson promises under its title, and the first section says
the sum again.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode

from backprop_course.authoring.lessons import Lesson

LONGEST = 90  # minutes that a class can listen

_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_HEADING = re.compile(r"^##? +(\S.*?)\s*$", re.MULTILINE)
_MINUTES = re.compile(r"\*\*(\d+) min\.?\*\*\.?")
_LENGTH = re.compile(rf"\b(?:(\d+)|({'|'.join(_TENS)})(-five)?) minutes", re.IGNORECASE)
_PROMISE = re.compile(r"\*\*Time:\*\*\s+(\d+)\s+minutes")


class NotesError(ValueError):
    """The speaker notes cannot be read; the text says why in one sentence."""


@dataclass(frozen=True)
class Section:
    """What the lecturer reads beside one slide.

    Attributes
    ----------
    heading : str
        The slide's heading, without the marks in front of it.
    minutes : int or None
        How long the slide takes; None if the section does not say.
    text : str
        Markdown, with the minutes.
    """

    heading: str
    minutes: int | None
    text: str


def notes_file(lesson: Lesson) -> Path:
    """Return where the notes of a lesson lie, or would lie."""
    return lesson.source.with_suffix(".notes.md")


def read_notes(path: Path) -> list[Section]:
    """Return the sections of a file of notes, in order.

    Raises
    ------
    NotesError
        Text stands before the first heading, or there is no heading at all.
    """
    text = path.read_text(encoding="utf-8")
    headings = list(_HEADING.finditer(text))
    if not headings or text[: headings[0].start()].strip():
        raise NotesError(
            f"{path.name}: begin with the heading of the lesson's first slide, as in "
            "'## Lesson 03. Matrix gradients'."
        )
    ends = [following.start() for following in headings[1:]] + [len(text)]
    return [
        _section(heading[1], text[heading.end() : end].strip())
        for heading, end in zip(headings, ends, strict=True)
    ]


def _section(heading: str, text: str) -> Section:
    minutes = _MINUTES.search(text)
    return Section(heading, int(minutes[1]) if minutes else None, text)


def slide_headings(notebook: NotebookNode) -> list[str]:
    """Return the headings that open a slide of a lesson, in order."""
    found = []
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and cell.source.startswith(("# ", "## ")):
            found.append(_HEADING.match(cell.source)[1])
    return found


def promised_minutes(notebook: NotebookNode) -> int | None:
    """Return the minutes that a lesson names in its first cell, as in ``**Time:** 60 minutes``."""
    promise = _PROMISE.search(notebook.cells[0].source)
    return int(promise[1]) if promise else None


def misfits(notebook: NotebookNode, sections: list[Section]) -> list[str]:
    """Return a sentence for everything in which the notes do not fit the lesson.

    Parameters
    ----------
    notebook : NotebookNode
        The lesson.
    sections : list of Section
    """
    headings = slide_headings(notebook)
    named = [section.heading for section in sections]
    problems = [f"The slide '{one}' has no section." for one in headings if one not in named]
    problems += [
        f"The section '{one}' belongs to no slide." for one in named if one not in headings
    ]
    if not problems and named != headings:
        problems.append(
            "The sections do not stand in the order of the slides, or one stands twice."
        )
    problems += [
        f"The section '{section.heading}' does not begin with its minutes, as in '**3 min.**'."
        for section in sections
        if section.minutes is None or not section.text.startswith("**")
    ]
    return problems or _misfits_of_time(promised_minutes(notebook), sections)


def _misfits_of_time(promised: int | None, sections: list[Section]) -> list[str]:
    total = sum(section.minutes for section in sections)
    if promised is None:
        return ["The lesson's first cell does not name its minutes, as in '**Time:** 60 minutes'."]
    if total != promised:
        return [f"The slides take {total} minutes together, the lesson promises {promised}."]
    if total > LONGEST:
        return [f"The lecture takes {total} minutes; nobody listens longer than {LONGEST}."]
    said = lecture_minutes(sections)
    if said != total:
        return [
            f"The first section says {said or 'no'} minutes for the whole lecture, not {total}."
        ]
    return []


def lecture_minutes(sections: list[Section]) -> int | None:
    """Return how long the lecture takes by its first section, or None if that does not say."""
    found = _LENGTH.search(sections[0].text)
    if found is None:
        return None
    digits, tens, five = found.groups()
    return int(digits) if digits else 10 * (2 + _TENS.index(tens.lower())) + (5 if five else 0)
