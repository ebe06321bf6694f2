"""An exercise notebook is complete, gives nothing away, and comes solved as well."""

from pathlib import Path

import pytest

from backprop_course.authoring.lessons import Lesson
from backprop_course.authoring.pages import exercise_notebook
from tests.authoring import bank

LESSON = Lesson("03", "03_matrix_gradients", "Matrix gradients", Path("03_matrix_gradients.py"))
NEXT = Lesson("05", "05_softmax", "Softmax", Path("05_softmax.py"))


@pytest.fixture
def records(tmp_path):
    return bank.write(tmp_path)


def sources(notebook, kind="code"):
    return [cell.source for cell in notebook.cells if cell.cell_type == kind]


def test_unsolved_cells(records):
    code = sources(exercise_notebook(LESSON, records, following=NEXT))
    starter = code.pop(1)
    assert code == [
        "import numpy as np\n\n"
        "from backprop_course import check, check_answer, check_formula, hint, progress",
        "check(scale)",
        "# hint(scale)",
        'check_formula("dx_scaled", "")',
        '# hint("dx_scaled")',
        'check_answer("03.q1", "")',
        '# hint("03.q1")',
        'progress("03")',
    ]
    assert starter.startswith("def scale(x, w):\n")
    assert starter.endswith('raise NotImplementedError("03.1 scale")')


def test_solved_cells(records):
    code = sources(exercise_notebook(LESSON, records, solved=True))
    solved = code.pop(1)
    assert code == [
        "import numpy as np\n\n"
        "from backprop_course import check, check_answer, check_formula, progress",
        "check(scale)",
        'check_formula("dx_scaled", "w * dout")',
        'check_answer("03.q1", "b")',
        'progress("03")',
    ]
    assert solved.endswith("    return np.multiply(w, x)")
    assert "SOLUTION" not in solved


def test_texts(records):
    text = sources(exercise_notebook(LESSON, records, following=NEXT), "markdown")
    assert text[0].startswith(
        "# Exercises 03: Matrix gradients\n\n4 points in all, about 8 minutes."
    )
    assert "[Lesson 03: Matrix gradients](../notebooks/03_matrix_gradients.ipynb)" in text[0]
    assert text[1] == (
        "## 03.1 Scale an array\n\n*2 points, 5 minutes, level 1 of 3*\n\n"
        "Multiply. For `x = [1.]` and `w = 3.` the answer is `[3.]`."
    )
    assert text[2].splitlines()[2] == "*1 point, 1 minute, level 1 of 3*"
    assert text[3].endswith("- **a.** two\n- **b.** three")
    assert "Next: [Lesson 05: Softmax](../notebooks/05_softmax.ipynb)." in text[-1]


def test_the_last_lesson_has_no_next(records):
    assert "Next:" not in sources(exercise_notebook(LESSON, records), "markdown")[-1]


def test_wrong_answers_are_folded_with_letters_for_sizes(records):
    text = "\n".join(sources(exercise_notebook(LESSON, records, solved=True), "markdown"))
    assert "- **sign**: All N entries have the wrong sign.\n" in text
    assert "- `w`: What arrives from above takes no part.\n" in text
    assert "- **a**: One finger is missing.\n" in text
    unsolved = exercise_notebook(LESSON, records)
    assert "<details>" not in "\n".join(sources(unsolved, "markdown"))


def test_only_what_is_used_is_imported(records):
    questions = [record for record in records if record.name == "03.q1"]
    code = sources(exercise_notebook(LESSON, questions))
    assert code[0] == "from backprop_course import check_answer, hint, progress"


def test_order_is_by_number(records):
    notebook = exercise_notebook(LESSON, records[::-1])
    titles = [text.splitlines()[0] for text in sources(notebook, "markdown")[1:-1]]
    assert titles == ["## 03.1 Scale an array", "## 03.2 Its gradient", "## 03.3 Compare"]


def test_a_number_is_asked_for_with_dots(tmp_path):
    text = bank.QUESTION.replace('choices={"a": "two", "b": "three"},', "").replace('"b"', "0.25")
    records = bank.write(tmp_path, {"question_compare.py": text.replace('"a"', "0.5")})
    assert 'check_answer("03.q1", ...)' in sources(exercise_notebook(LESSON, records))
    solved = exercise_notebook(LESSON, records, solved=True)
    assert 'check_answer("03.q1", 0.25)' in sources(solved)
    assert "- **0.5**: One finger" in sources(solved, "markdown")[2]


def test_imports_of_the_solution_come_along(tmp_path):
    text = bank.FUNCTION.replace("import numpy", "from scipy.special import erf\nimport numpy")
    text = text.replace("np.multiply(w, x)", "np.multiply(w, x) + 0 * erf(x)")
    records = bank.write(tmp_path, {"scale.py": text})
    assert sources(exercise_notebook(LESSON, records))[0] == (
        "import numpy as np\nfrom scipy.special import erf\n\n"
        "from backprop_course import check, hint, progress"
    )
