"""A lesson's source becomes cells; a source that is no lesson is refused."""

import pytest

from backprop_course.authoring.lessons import LessonError, find_lessons, lesson_notebook

SOURCE = """\
# %% [markdown]
# # Lesson 03. Matrix gradients
#
# One sentence with $x$.

# %%
import numpy as np

# %% [markdown]
# - a
# - b

# %% tags=["nbval-ignore-output"] slideshow={"slide_type": "fragment"}
def f(x):
    return x


f(np.eye(2))
"""


def write(folder, name="03_matrix_gradients.py", text=SOURCE):
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")


def test_cells(tmp_path):
    write(tmp_path)
    (lesson,) = find_lessons(tmp_path)
    notebook = lesson_notebook(lesson)
    assert [cell.cell_type for cell in notebook.cells] == ["markdown", "code", "markdown", "code"]
    assert notebook.cells[2].source == "- a\n- b"
    assert notebook.cells[3].source == "def f(x):\n    return x\n\n\nf(np.eye(2))"
    assert notebook.cells[3].metadata == {
        "tags": ["nbval-ignore-output"],
        "slideshow": {"slide_type": "fragment"},
    }
    built_from = notebook.metadata["backprop_course"]["built_from"]
    assert built_from == "notebooks/source/03_matrix_gradients.py"


@pytest.mark.parametrize(
    "heading",
    [
        "Matrix gradients",
        "3. Matrix gradients",
        "03 Matrix gradients",
        "Lesson 3: Matrix gradients",
    ],
)
def test_the_title_is_the_heading_without_its_number(tmp_path, heading):
    write(tmp_path, text=SOURCE.replace("Lesson 03. Matrix gradients", heading))
    (lesson,) = find_lessons(tmp_path)
    assert (lesson.number, lesson.name) == ("03", "03_matrix_gradients")
    assert lesson.title == "Matrix gradients"


def test_lessons_come_in_order(tmp_path):
    write(tmp_path, "10_vanishing.py")
    write(tmp_path, "02_graphs.py")
    assert [lesson.number for lesson in find_lessons(tmp_path)] == ["02", "10"]


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("matrix.py", SOURCE, "matrix.py: name a lesson by two digits and a word"),
        (
            "03_x.py",
            SOURCE.replace("# # Lesson", "# Lesson"),
            "03_x.py: begin with a Markdown cell",
        ),
        ("03_x.py", "", "03_x.py: begin with a Markdown cell"),
        ("03_x.py", SOURCE + "\n# %%\n\n# %%\n1\n", "03_x.py: cell 5 is empty; remove it."),
        ("03_x.py", SOURCE + "\n# %% [raw]\n# a\n", "03_x.py: cell 5 is of the kind 'raw'"),
    ],
)
def test_a_source_that_is_no_lesson_is_refused(tmp_path, name, text, sentence):
    write(tmp_path, name, text)
    with pytest.raises(LessonError) as caught:
        lesson_notebook(*find_lessons(tmp_path))
    assert str(caught.value).startswith(sentence)


def test_two_lessons_with_one_number_are_refused(tmp_path):
    write(tmp_path, "03_a.py")
    write(tmp_path, "03_b.py")
    with pytest.raises(LessonError, match=r"03_b.py: 03_a.py has the number 03 as well"):
        find_lessons(tmp_path)
