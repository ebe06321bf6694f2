"""Every exercise of the bank keeps what it promises; each file is one set of tests.

The solution passes, the starter is "not attempted", every wrong answer fails under its own name
with its own message, every right variant passes: over twenty draws of the inputs.
"""

from functools import cache

import pytest

from backprop_course.authoring.pages import label
from backprop_course.authoring.verify import RIGHT, SOLUTION, STARTER, WRONG, prove
from backprop_course.exercises import bank
from backprop_course.exercises.record import Exercise, Formula, Question

SEEDS = range(20)
POINTS = {"01": 10, "02": 12, "03": 16, "04": 10, "05": 18, "06": 12, "07": 14, "08": 8}


def files_of(kind):
    """Return the files of one kind of exercise, as test parameters named by the file."""

    def of_kind(path):
        first = path.name.partition("_")[0]
        return {"formula": Formula, "question": Question}.get(first, Exercise) is kind

    return [
        pytest.param(path, id=f"{path.parent.name}/{path.stem}")
        for path in filter(of_kind, bank.bank_files())
    ]


functions = pytest.mark.parametrize("path", files_of(Exercise))
formulas = pytest.mark.parametrize("path", files_of(Formula))
questions = pytest.mark.parametrize("path", files_of(Question))


@cache
def proof_of(path):
    """Return the whole proof of one file; the tests below look at its parts."""
    return prove(bank.read(path), SEEDS, alter=False)


def assert_no_hole(path, what):
    holes = [str(hole) for hole in proof_of(path).holes if hole.what == what]
    assert not holes, "\n".join(holes)
    assert proof_of(path).tried[what] > 0


@functions
class TestFunction:
    def test_it_has_all_its_parts(self, path):
        exercise = bank.read(path)
        assert exercise.outputs
        assert len(exercise.hints) == 3
        assert len(exercise.wrong_answers) >= 4
        assert len(exercise.right_answers) >= 2
        assert exercise.text

    def test_solution_passes(self, path):
        assert_no_hole(path, SOLUTION)

    def test_starter_is_not_attempted(self, path):
        assert_no_hole(path, STARTER)

    def test_right_variants_pass(self, path):
        assert_no_hole(path, RIGHT)

    def test_wrong_answers_are_named(self, path):
        assert_no_hole(path, WRONG)


@formulas
class TestFormula:
    def test_it_has_all_its_parts(self, path):
        formula = bank.read(path)
        assert formula.symbol
        assert formula.hints
        assert len(formula.wrong_answers) >= 2
        assert formula.text

    def test_right_formulas_pass(self, path):
        assert_no_hole(path, SOLUTION)
        assert not [hole for hole in proof_of(path).holes if hole.what == RIGHT]

    def test_wrong_formulas_are_named(self, path):
        assert_no_hole(path, WRONG)


@questions
class TestQuestion:
    def test_it_has_all_its_parts(self, path):
        question = bank.read(path)
        assert question.hints
        assert question.because
        assert question.wrong_answers
        assert question.text

    def test_answer_passes(self, path):
        assert_no_hole(path, SOLUTION)

    def test_every_wrong_choice_is_named_and_explained(self, path):
        assert_no_hole(path, WRONG)


def test_names_and_numbers_are_unique():
    records = bank.load_bank().values()
    numbers = [label(record) for record in records]
    assert len(set(numbers)) == len(numbers)


@pytest.mark.parametrize(
    "lesson", sorted({path.parent.name[-2:] for path in bank.bank_files()} & POINTS.keys())
)
def test_points_of_a_lesson(lesson):
    records = [record for record in bank.load_bank().values() if record.lesson == lesson]
    assert sum(record.points for record in records) == POINTS[lesson]


def test_find_reads_only_the_file_that_is_asked_for(monkeypatch):
    opened = []
    read = bank.read
    monkeypatch.setattr(bank, "read", lambda path: opened.append(path.stem) or read(path))
    assert bank.find("linear_backward").name == "linear_backward"
    assert opened == ["linear_backward"]


def test_find_knows_functions_formulas_and_questions():
    for name, record in bank.load_bank().items():
        assert bank.find(name) is record
        assert record.name == name


def test_an_unknown_name_is_answered_with_near_ones():
    with pytest.raises(bank.UnknownExercise, match="Did you mean linear_backward"):
        bank.find("linear_backwards")


def test_a_broken_file_is_named(tmp_path, monkeypatch):
    folder = tmp_path / "lesson_99"
    folder.mkdir()
    (folder / "nothing_here.py").write_text("answer = 42\n")
    monkeypatch.setattr(bank, "_FOLDER", tmp_path)
    monkeypatch.setattr(bank, "__package__", "")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ValueError, match=r"lesson_99/nothing_here\.py"):
        bank.load_bank()
