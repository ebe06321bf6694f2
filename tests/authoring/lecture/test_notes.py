"""Speaker notes are cut at their headings, and every lesson's notes fit its slides and minutes."""

from pathlib import Path

import pytest

from backprop_course.authoring.lecture.notes import (
    NotesError,
    Section,
    lecture_minutes,
    misfits,
    notes_file,
    promised_minutes,
    read_notes,
    slide_headings,
)
from backprop_course.authoring.lessons import find_lessons, lesson_notebook
from tests.authoring.lecture import sample

SOURCES = Path(__file__).parents[3] / "notebooks" / "source"
LESSONS = find_lessons(SOURCES)

TEXT = """\
## Lesson 42. A sample

**1 min.** 3 minutes. Say:

- one

## See `W`

**2 min.** Ask why.
"""


def read(tmp_path, text):
    path = tmp_path / "42_sample.notes.md"
    path.write_text(text, encoding="utf-8")
    return read_notes(path)


def test_sections_are_cut_at_their_headings(tmp_path):
    first, second = read(tmp_path, TEXT)
    assert first == Section("Lesson 42. A sample", 1, "**1 min.** 3 minutes. Say:\n\n- one")
    assert (second.heading, second.minutes) == ("See `W`", 2)
    assert misfits(sample.notebook(), [first, second]) == []


@pytest.mark.parametrize("text", ["", "Words first.\n\n## Heading\n", "### Too deep\n"])
def test_notes_without_a_first_heading_are_refused(tmp_path, text):
    with pytest.raises(NotesError, match=r"42_sample.notes.md: begin with the heading"):
        read(tmp_path, text)


def test_slide_headings_are_those_of_the_first_two_levels():
    assert slide_headings(sample.notebook()) == ["Lesson 42. A sample", "See `W`"]


@pytest.mark.parametrize(
    "old, new, sentence",
    [
        ("## See `W`", "## See W", "The slide 'See `W`' has no section."),
        ("## See `W`", "## See W", "The section 'See W' belongs to no slide."),
        ("**2 min.** Ask why.", "Ask why.", "The section 'See `W`' does not begin with its minut"),
        ("**2 min.** Ask why.", "Ask **2 min.**", "The section 'See `W`' does not begin with its"),
        ("**2 min.**", "**3 min.**", "The slides take 4 minutes together, the lesson promises 3."),
        ("3 minutes", "Twenty minutes", "The first section says 20 minutes"),
        ("3 minutes", "Soon over", "The first section says no minutes"),
    ],
)
def test_what_does_not_fit_is_said(tmp_path, old, new, sentence):
    found = misfits(sample.notebook(), read(tmp_path, TEXT.replace(old, new)))
    assert any(one.startswith(sentence) for one in found), found


def test_sections_in_another_order_are_noticed(tmp_path):
    sections = read(tmp_path, TEXT)
    (said,) = misfits(sample.notebook(), sections[::-1])
    assert said.startswith("The sections do not stand in the order")
    (said,) = misfits(sample.notebook(), [*sections, sections[1]])
    assert said.endswith("or one stands twice.")


def test_a_lesson_must_promise_its_minutes_and_not_too_many(tmp_path):
    notebook, sections = sample.notebook(), read(tmp_path, TEXT.replace("**2", "**99"))
    notebook.cells[0].source = "# Lesson 42. A sample\n\n**Time:** 100 minutes."
    assert misfits(notebook, sections) == [
        "The lecture takes 100 minutes; nobody listens longer than 90."
    ]
    notebook.cells[0].source = "# Lesson 42. A sample"
    (said,) = misfits(notebook, sections)
    assert said.startswith("The lesson's first cell does not name its minutes")


@pytest.mark.parametrize(
    "text, minutes",
    [
        ("**1 min.** Sixty minutes.", 60),
        ("**2 min.** Seventy-five minutes, with 90 people", 75),
        ("45 minutes", 45),
        ("**1 min.** Short.", None),
    ],
)
def test_the_length_of_the_lecture(text, minutes):
    assert lecture_minutes([Section("x", 1, text)]) == minutes


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.number)
def test_every_lesson_has_notes_that_fit(lesson):
    notebook = lesson_notebook(lesson)
    assert misfits(notebook, read_notes(notes_file(lesson))) == []
    assert promised_minutes(notebook) is not None


def test_no_notes_are_left_over():
    names = {notes_file(lesson).name for lesson in LESSONS}
    assert {path.name for path in SOURCES.glob("*.notes.md")} <= names
