"""A handout keeps what can be read on paper, and its formulas keep their numbers."""

import re
from pathlib import Path

import pytest

from backprop_course.authoring.lecture import handout
from backprop_course.authoring.lecture.handout import (
    HandoutError,
    for_print,
    handout_pdf,
    handout_typst,
    plain_svg,
)
from backprop_course.authoring.lessons import find_lessons, lesson_notebook
from tests.authoring.lecture import sample

LESSONS = find_lessons(Path(__file__).parents[3] / "notebooks" / "source")

pytest.importorskip("pypandoc")
pytest.importorskip("typst")


def texts(notebook):
    return [cell.source for cell in for_print(notebook).cells]


def test_what_needs_a_keyboard_is_left_out():
    printed = "\n".join(texts(sample.notebook()))
    assert "import numpy" not in printed
    assert "check_answer" not in printed
    assert "print(inspect.getsource(f))" in printed


@pytest.mark.parametrize(
    "source, left_out",
    [
        ('check_answer("1", ...)', True),
        ('check_formula("dW", ...)  # here', True),
        ('check_answer("1", 3)', False),
        ("check(f)", False),
        ('x = 1\ncheck_answer("1", ...)', False),
        ("np.zeros(...)", False),
        ("%matplotlib inline", False),
    ],
)
def test_only_open_checks_are_left_out(source, left_out):
    assert handout._is_open_check(source) is left_out


def test_the_notebook_itself_stays_as_it_is():
    notebook, same = sample.notebook(), sample.notebook()
    for_print(notebook)
    assert notebook == same


def test_of_an_output_only_what_can_be_printed_stays():
    outputs = [cell.outputs for cell in for_print(sample.notebook()).cells if "outputs" in cell]
    kinds = [set(one.data) for row in outputs for one in row if "data" in one]
    assert kinds == [{"image/png"}, {"text/plain"}]


@pytest.mark.parametrize(
    "text, printed",
    [
        ("<details><summary>Answer</summary>For one row.</details>", "**Answer.** For one row."),
        (
            "<details><summary>Answer</summary>\n\nYes.\n\n</details>\n\nOn.",
            "**Answer.** Yes.\n\nOn.",
        ),
        ("<details><summary>Where is it?</summary>Here.</details>", "**Where is it?** Here."),
    ],
)
def test_folded_answers_are_printed(text, printed):
    unfolded = handout._unfolded(text)
    assert unfolded.split() == printed.split()
    assert unfolded.count("\n\n") >= printed.count("\n\n")


@pytest.mark.parametrize(
    "text, printed",
    [
        ("the product is\n42. Then\nmore", "the product is 42. Then\nmore"),
        ("ends with\n42.", "ends with 42."),
        ("Do\n1. this\n2. that", "Do\n1. this\n2. that"),
        ("- a\n- b", "- a\n- b"),
        ("1. a\n   goes on\n2. b", "1. a\n   goes on\n2. b"),
    ],
)
def test_a_number_at_the_beginning_of_a_line_makes_no_list(text, printed):
    assert handout._no_false_lists(text) == printed


def test_links_to_other_files_become_text():
    source = texts(sample.notebook())[1]
    assert "and a file, and [a page](https://example.org/page)" in source
    assert handout._without_local_links("![a](x.png)") == "![a](x.png)"


def test_variables_of_a_picture_get_their_values():
    svg = (
        '<svg style="color:var(--ink, #222)"><style>.a{--f:#0072B2;--g: red}</style>'
        '<path fill="var(--f)" stroke="var(--g)" style="fill:var(--x, var(--y, #fff))"/>'
        '<text fill="var(--none)"/></svg>'
    )
    plain = plain_svg(svg)
    assert "var(" not in plain
    assert '<svg style="color:#222">' in plain
    assert 'fill="#0072B2" stroke="red" style="fill:#fff"' in plain
    assert '<text fill="currentColor"/>' in plain


def test_only_the_blocks_around_cells_are_taken_away():
    body = (
        "#block[\nText\n#quote[\nsaid\n]\n```python\nx = [\n]\n#block[\n```\n] <id>\n#block[\nb\n]"
    )
    assert handout._without_cells(body).splitlines() == [
        "Text", "#quote[", "said", "]", "```python", "x = [", "]", "#block[", "```", "b",
    ]  # fmt: skip


def test_numbers_of_formulas_go_to_the_margin(tmp_path):
    source = handout_typst(sample.notebook(), 'A "title"', tmp_path)
    assert '#numbered("(5)")[\n$ d W = X^' in source and "number 5" not in source
    assert '#let title = "A \\"title\\""' in source
    assert "\\$" not in source


def test_columns_of_a_table_are_as_wide_as_what_they_hold(tmp_path):
    notebook = sample.notebook()
    notebook.cells[2].source = "## T\n\n| a | b |\n|---|---|\n| 1 | " + 30 * "word " + "|"
    source = handout_typst(notebook, "t", tmp_path)
    (columns,) = re.findall(r"columns: (.*)", source)
    assert "%" not in columns


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.number)
def test_every_lesson_can_be_set(lesson):
    """Without outputs, which saves the kernel: formulas, tables and code are in the cells."""
    assert handout_pdf(lesson_notebook(lesson), lesson.title).startswith(b"%PDF-")


@pytest.mark.parametrize("sign", [r"a \odot b", r"\langle a, b \rangle", r"a \otimes b \oplus c"])
def test_signs_that_were_renamed_are_set(sign):
    notebook = sample.notebook()
    notebook.cells[2].source = f"## See\n\n${sign}$"
    assert handout_pdf(notebook, "t").startswith(b"%PDF-")


def test_a_formula_that_cannot_be_set_is_named():
    notebook = sample.notebook()
    notebook.cells[2].source = "## See\n\n$\\nosuchthing{x}$"
    with pytest.raises(HandoutError, match="nosuchthing"):
        handout_pdf(notebook, "Lesson 42")
