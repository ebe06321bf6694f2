"""Answers to questions: numbers in any form, letters in any form, each mistake by its name."""

import numpy as np
import pytest

from backprop_course.grading.question import judge_answer
from backprop_course.grading.result import COULD_NOT_RUN, FAILED, NOT_ATTEMPTED, PASSED
from tests.grading import bank_for_tests as bank


@pytest.mark.parametrize("answer", ["b", "B", " b ", "b)", "(b)", "b."])
def test_a_right_letter(answer):
    result = judge_answer(bank.choice, answer)
    assert (result.outcome, result.points, result.max_points) == (PASSED, 1, 1)
    assert result.message == "passed: 09.q1, 1 of 1 point\nIt goes down."


@pytest.mark.parametrize("answer", [-6, -6.0, "-6", " - 6 ", "-12/2", np.float64(-6), np.array(-6)])
def test_a_right_number(answer):
    result = judge_answer(bank.amount, answer)
    assert (result.outcome, result.points) == (PASSED, 2)
    assert "Three factors." in result.message


def test_a_number_is_right_within_its_tolerance():
    assert judge_answer(bank.amount, -6 * (1 + 1e-7)).outcome == PASSED
    assert judge_answer(bank.amount, -6 * (1 + 1e-5)).outcome == FAILED


@pytest.mark.parametrize(
    "question, answer, mistake, message",
    [
        (bank.choice, "a", "sign", "The other way."),
        (bank.choice, "C", "no-effect", "Something moves."),
        (bank.amount, 6, "sign", "The sign is turned."),
    ],
)
def test_a_wrong_answer_has_its_own_message(question, answer, mistake, message):
    result = judge_answer(question, answer)
    assert (result.outcome, result.points, result.mistakes) == (FAILED, 0, (mistake,))
    assert message in result.message
    assert f'hint("{question.name}") goes one step further.' in result.message


def test_a_number_that_nobody_expected():
    result = judge_answer(bank.amount, 17)
    assert (result.outcome, result.mistakes) == (FAILED, ())
    assert "This is not the number." in result.message


@pytest.mark.parametrize("answer", [None, ..., "", "  "])
@pytest.mark.parametrize("question", [bank.choice, bank.amount])
def test_nothing_is_not_attempted(question, answer):
    assert judge_answer(question, answer).outcome == NOT_ATTEMPTED


@pytest.mark.parametrize("answer", [1, "d", "up", len, ["b"], np.array(["b"])])
def test_what_is_no_letter(answer):
    result = judge_answer(bank.choice, answer)
    assert result.outcome == COULD_NOT_RUN
    assert "Answer with the letter of one choice: a, b or c." in result.message


@pytest.mark.parametrize(
    "answer", ["six", [1, 2], np.nan, np.inf, 1j, len, {}, "1/0", "1e999999999"]
)
def test_what_is_no_number(answer):
    result = judge_answer(bank.amount, answer)
    assert result.outcome == COULD_NOT_RUN
    assert "Answer with a number." in result.message
