"""The proof of an exercise finds each kind of hole, and the command reports it."""

import copy

import numpy as np
import pytest
from typer.testing import CliRunner

from backprop_course.authoring import inspection
from backprop_course.authoring.verify import RIGHT, SOLUTION, STARTER, WRONG, prove, survivors
from backprop_course.cli import app
from backprop_course.exercises.bank import find
from backprop_course.exercises.record import Case, WrongAnswer


@pytest.fixture
def exercise():
    record = copy.copy(find("linear_forward"))
    record.wrong_answers = list(record.wrong_answers)
    record.right_answers = list(record.right_answers)
    return record


def holes(record, seeds=(0, 1)):
    return [(hole.what, hole.name) for hole in prove(record, seeds, alter=False).holes]


def test_a_good_exercise_has_none(exercise):
    proof = prove(exercise, range(2))
    assert proof.holes == []
    assert proof.tried == {STARTER: 1, SOLUTION: 1, RIGHT: 4, WRONG: 8}
    assert proof.altered > 10
    assert proof.survivors == []


def test_a_wrong_answer_that_passes_is_a_hole(exercise):
    exercise.wrong_answers.append(WrongAnswer("harmless", "Nothing is wrong.", exercise.solve))
    assert holes(exercise) == [(WRONG, "harmless")]


def test_a_wrong_answer_by_another_name_is_a_hole(exercise):
    twin = exercise.wrong_answers[0]
    exercise.wrong_answers.append(WrongAnswer("twin", "The same again.", twin.answer))
    assert holes(exercise) == [(WRONG, "twin")]


def test_a_right_variant_that_fails_is_a_hole(exercise):
    def wrong_variant(X, W, b):
        return X @ W - b

    exercise.right_answers.append(wrong_variant)
    proof = prove(exercise, (0, 1), alter=False)
    assert [str(hole).split(". ")[0] for hole in proof.holes] == [
        "right variant wrong_variant: it must pass"
    ]


def test_a_starter_that_cannot_be_cut_is_a_hole(exercise, tmp_path):
    exercise.source = str(tmp_path / "linear_forward.py")
    (tmp_path / "linear_forward.py").write_text("def linear_forward(X, W, b):\n    pass\n")
    assert holes(exercise) == [(STARTER, "linear_forward")]


def test_a_missing_case_lets_a_change_survive(exercise):
    def only_without_bias(rng):
        yield Case((rng.normal(size=(3, 2)), rng.normal(size=(2, 4)), np.zeros(4)))

    exercise.draw = only_without_bias
    assert "line 15: X @ W + b -> X @ W - b" in [one.where for one in survivors(exercise)]


@pytest.mark.parametrize("name", ["dW", "03.q1"])
def test_formulas_and_questions_are_proved_as_well(name):
    record = copy.copy(find(name))
    proof = prove(record, (0, 1))
    assert proof.holes == []
    assert proof.tried[WRONG] == len(record.wrong_answers)
    record.wrong_answers = [WrongAnswer("right", "No.", record.answer), *record.wrong_answers]
    assert (WRONG, "right") in holes(record)


def run(*words):
    result = CliRunner().invoke(app, ["exercises", *words])
    return result.exit_code, result.output


def test_the_command_lists_the_bank():
    code, output = run()
    assert code == 0
    assert "linear_backward" in output
    assert "03.q1" in output
    assert "question" in output


def test_the_command_describes_and_proves_one_exercise():
    code, output = run("linear_forward")
    assert code == 0
    assert "bias-missing" in output
    code, output = run("linear_forward", "--verify", "--seeds", "2")
    assert code == 0
    assert "holds: 03.2 linear_forward, 1 starter, 1 solution, 4 right variants" in output
    assert "changed solutions are rejected" in output


def test_the_command_ends_with_1_on_a_hole(exercise, monkeypatch):
    exercise.wrong_answers.append(WrongAnswer("harmless", "Nothing is wrong.", exercise.solve))
    monkeypatch.setattr(inspection, "find", lambda name: exercise)
    code, output = run("linear_forward", "--verify", "--seeds", "2")
    assert code == 1
    assert "1 hole: 03.2 linear_forward" in output
    assert "wrong answer harmless: it must fail." in output


def test_an_unknown_name_is_told():
    code, output = run("linear_forwards")
    assert code == 1
    assert "Did you mean linear_forward" in output
