"""What a learner calls: it always answers, in one sentence where nothing can be judged."""

import subprocess
import sys

import numpy as np
import pytest

import backprop_course
from backprop_course import Result, check, check_answer, check_formula, hint, progress
from backprop_course.exercises.bank import UnknownExercise
from backprop_course.grading import notebook
from backprop_course.grading.result import COULD_NOT_RUN, FAILED, NOT_ATTEMPTED, PASSED
from tests.grading import bank_for_tests

RECORDS = {
    "small_linear": bank_for_tests.linear,
    "dW": bank_for_tests.formula,
    "09.q1": bank_for_tests.choice,
    "09.q2": bank_for_tests.amount,
}


@pytest.fixture(autouse=True)
def small_bank(tmp_path, monkeypatch):
    """Put the small exercises in the place of the bank, and the learner's file in a new folder."""

    def find(name):
        if name not in RECORDS:
            raise UnknownExercise(f"There is no exercise named {name}. Did you mean small_linear?")
        return RECORDS[name]

    for name, record in RECORDS.items():
        monkeypatch.setattr(record, "name", name)
        monkeypatch.setattr(record, "lesson", "09")
    monkeypatch.setattr(notebook, "find", find)
    monkeypatch.setattr(notebook, "load_bank", lambda: RECORDS)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("BACKPROP_COURSE_PROGRESS", raising=False)
    return tmp_path


def small_linear(dout, X, W):
    return dout @ W.T, X.T @ dout, dout.sum(axis=0)


def one_sentence(result):
    assert isinstance(result, Result)
    assert (result.outcome, result.points, result.max_points) == (COULD_NOT_RUN, 0, 0)
    assert "\n" not in result.message
    return result.message


def test_a_function_is_found_by_its_name():
    result = check(small_linear)
    assert (result.outcome, result.points, result.max_points) == (PASSED, 4, 4)


def test_a_function_of_another_name_is_given_one():
    def mine(dout, X, W):
        return small_linear(dout, X, W)

    assert check(mine, "small_linear").outcome == PASSED
    assert check(lambda *args: small_linear(*args), "small_linear").outcome == PASSED


def test_a_seed_draws_other_inputs():
    def wrong(dout, X, W):
        return np.tanh(dout @ W.T), X.T @ dout, dout.sum(axis=0)

    assert check(wrong, "small_linear", seed=1) != check(wrong, "small_linear", seed=2)


def test_what_cannot_be_checked_is_answered_in_one_sentence():
    def smal_linear():
        pass

    assert "Give the function itself" in one_sentence(check("small_linear"))
    assert "Give the function itself" in one_sentence(check(None))
    assert "no name" in one_sentence(check(lambda x: x))
    assert "Did you mean small_linear?" in one_sentence(check(smal_linear))
    assert "between quotes" in one_sentence(check(small_linear, 3))
    assert 'dW is checked by check_formula("dW", "...").' in one_sentence(check(small_linear, "dW"))
    assert "checked by check(small_linear)" in one_sentence(check_formula("small_linear", "X"))
    assert 'check_answer("09.q1", ...)' in one_sentence(check_formula("09.q1", "X"))
    assert "Did you mean" in one_sentence(check_formula("db", "X"))
    assert "between quotes" in one_sentence(check_formula(small_linear, "X"))
    assert 'check_formula("dW", "...")' in one_sentence(check_answer("dW", 1))
    assert "Did you mean" in one_sentence(check_answer("09.q7", 1))


def test_formulas():
    assert check_formula("dW", "X.T @ dout").outcome == PASSED
    assert check_formula("dW", "X.T @ dout / N").mistakes == ("factor-batch-size",)
    for blank in ("", "  ", "...", None, ...):
        assert check_formula("dW", blank).outcome == NOT_ATTEMPTED
    broken = check_formula("dW", "X.T @")
    assert (broken.outcome, broken.max_points) == (COULD_NOT_RUN, 1)
    assert "Python cannot read the formula" in broken.message
    assert "text between quotes" in check_formula("dW", np.ones(3)).message


def test_answers():
    assert check_answer("09.q1", "b").outcome == PASSED
    assert check_answer("09.q1", "a").mistakes == ("sign",)
    assert check_answer("09.q2", -6).points == 2
    assert check_answer("09.q2", ...).outcome == NOT_ATTEMPTED


def test_hints_climb_a_ladder_and_stay_on_the_last_rung():
    told = [hint(small_linear).message for _ in range(4)]
    assert told == [
        "Hint 1 of 3 for small_linear\nlook here",
        "Hint 2 of 3 for small_linear\nthis kind",
        "Hint 3 of 3 for small_linear\nnearly",
        "Hint 3 of 3 for small_linear\nnearly",
    ]
    assert hint("dW").message == "Hint 1 of 1 for dW\nshapes"
    assert hint("09.q1").message == "Hint 1 of 1 for 09.q1\nthink"


def test_hints_for_nothing():
    assert "Did you mean" in hint("small_liner").message
    assert "between quotes" in hint(3).message
    assert "between quotes" in hint(None).message


def test_progress_of_a_lesson_and_of_all():
    check(small_linear)
    check_answer("09.q1", "a")
    assert progress("09").message.split("\n") == [
        "Lesson 09: 4 of 8 points",
        "  number   exercise       best result     points",
        "  09.1     small_linear   passed          4 of 4",
        "  09.2     dW             not attempted   0 of 1",
        "  09.3     sign           failed          0 of 1",
        "  09.4     slope          not attempted   0 of 2",
    ]
    assert progress(9) == progress("9") == progress("09")
    assert progress().message.split("\n") == [
        "4 of 8 points",
        "  lesson   passed   points",
        "  09       1 of 4   4 of 8",
    ]
    assert "<table" in progress()._repr_html_()
    assert "Lesson 12 has no exercises. There are some in 09." in progress(12).message


def test_a_damaged_file_is_told_in_a_line_and_stops_nothing(small_bank):
    (small_bank / "progress.json").write_text("{")
    line = (
        "Your points are not kept: the file progress.json is damaged; delete it to begin a new one."
    )
    result = check(small_linear)
    assert result.outcome == PASSED
    assert result.message.endswith(f"\n{line}")
    assert hint(small_linear).message.endswith(f"\n{line}")
    assert progress().message.endswith(f"\n{line}")
    assert check_answer("09.q1", "b").message.endswith(f"\n{line}")


def test_a_starter_leaves_no_file(small_bank):
    def starter(dout, X, W):
        raise NotImplementedError

    assert check(starter, "small_linear").outcome == NOT_ATTEMPTED
    assert list(small_bank.iterdir()) == []


def test_a_failed_check_names_the_mistake_and_the_next_step():
    def small_linear(dout, X, W):
        return dout @ W.T, X.T @ dout, dout.mean(axis=0)

    result = check(small_linear)
    assert (result.outcome, result.mistakes) == (FAILED, ("bias-averaged",))
    assert result.message.endswith("hint(small_linear) goes one step further.")


# The package itself.


def test_the_names_are_there():
    for name in backprop_course.__all__:
        assert getattr(backprop_course, name) is getattr(notebook, name)
        assert name in dir(backprop_course)
    with pytest.raises(AttributeError, match="no attribute 'chekc'"):
        backprop_course.chekc  # noqa: B018


def test_import_is_light():
    """Importing the package loads nothing, and check loads no library but NumPy."""
    program = (
        "import sys, numpy; before = set(sys.modules); import backprop_course; "
        "print(len([m for m in set(sys.modules) - before if not m.startswith('backprop')])); "
        "from backprop_course import check; "
        "print([m for m in ('matplotlib', 'ipywidgets', 'IPython', 'scipy', 'nbformat', 'typer') "
        "if m in sys.modules])"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert run.stdout.split("\n")[:2] == ["0", "[]"]
