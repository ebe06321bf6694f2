"""A report says the same as text and as HTML, and nothing in it is markup by accident."""

import html
import re

import pytest

from backprop_course.grading.result import (
    COULD_NOT_RUN,
    FAILED,
    NOT_ATTEMPTED,
    PASSED,
    WIDTH,
    Note,
    listed,
    make_result,
    make_table,
    number,
    with_line,
)

LINES = (
    "  dX   (5, 4)   right",
    "  dW   (3, 4)   wrong shape, (4, 3) belongs here",
    "Your line `a < b & c` costs $5 and $6. " + "It is long. " * 12,
    "hint(f) goes one step further.",
)


def words_of(page):
    """Return the words of an HTML page as a reader sees them."""
    return html.unescape(re.sub(r"<[^>]+>", " ", page)).split()


def test_html_and_text_say_the_same():
    result = make_result(FAILED, "f", 4, LINES, ["transposed"])
    assert words_of(result._repr_html_()) == result.message.replace("`", " ").split()
    assert str(result).split() == result.message.split()


def test_the_verdict_comes_first():
    result = make_result(FAILED, "f", 4, LINES, ["transposed", "transposed"])
    assert str(result).startswith("failed: f, 0 of 4 points\n")
    assert words_of(result._repr_html_())[0] == "failed:"
    assert result.mistakes == ("transposed",)


def test_text_is_wrapped_and_columns_keep_their_form():
    text = str(make_result(FAILED, "f", 4, LINES))
    assert all(len(line) <= WIDTH for line in text.split("\n"))
    assert LINES[0] in text and LINES[1] in text
    assert repr(make_result(FAILED, "f", 4, LINES)) == text


def test_everything_is_escaped():
    page = make_result(FAILED, "<b>", 1, ["  <script>", "`<i>` & 'x'"])._repr_html_()
    assert "<script>" not in page and "<i>" not in page and "<b>" not in page
    assert "<code>&lt;i&gt;</code> &amp;" in page


def test_html_leaves_colours_of_text_and_ground_to_the_theme():
    page = make_result(FAILED, "f", 4, LINES)._repr_html_()
    assert "background:transparent" in page and "color:inherit" in page
    colours = re.findall(r"#[0-9A-Fa-f]{3,6}\b", page)
    # One colour, of the bar, and the word beside it says the same.
    assert len(colours) == 1


@pytest.mark.parametrize("outcome", [PASSED, FAILED, COULD_NOT_RUN, NOT_ATTEMPTED])
def test_points_are_for_passing_only(outcome):
    result = make_result(outcome, "f", 4)
    assert (result.points, result.max_points) == (4 if outcome == PASSED else 0, 4)
    assert result.outcome == outcome
    assert str(result) == f"{outcome}: f, {result.points} of 4 points"


def test_one_point_is_singular():
    assert str(make_result(PASSED, "f", 1)) == "passed: f, 1 of 1 point"


def test_a_table_is_aligned_in_text_and_a_table_in_html():
    table = make_table("Lesson 03", ("exercise", "points"), [("a < b", "1 of 2"), ("c", "0 of 10")])
    assert str(table).split("\n") == [
        "Lesson 03",
        "  exercise   points",
        "  a < b      1 of 2",
        "  c          0 of 10",
    ]
    page = with_line(table, "A word more.")._repr_html_()
    assert page.count("<th ") == 2 and page.count("<td ") == 4
    assert "a &lt; b" in page and "A word more." in page


def test_a_note_without_a_line_is_itself():
    note = Note("Hint 1 of 3")
    assert with_line(note, "") is note
    assert "Hint 1 of 3" in note._repr_html_()


@pytest.mark.parametrize(
    "value, scale, text",
    [
        (1.23456, 0, "1.235"),
        (-6.0, 0, "-6"),
        (1e-17, 1.0, "0"),
        (-0.0, 1.0, "0"),
        (-0.0, 0, "0"),
        (1e-61, 1e-61, "1e-61"),
        (123456.0, 0, "123,500"),
        (120, 0, "120"),
        (float("nan"), 1.0, "nan"),
        (float("-inf"), 1.0, "-inf"),
        (True, 0, "True"),
        (1 - 2j, 0, "1 - 2j"),
    ],
)
def test_numbers_have_four_digits_and_no_noise(value, scale, text):
    assert number(value, scale) == text


def test_words_are_listed():
    assert [listed(words) for words in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == [
        "",
        "a",
        "a and b",
        "a, b and c",
    ]
