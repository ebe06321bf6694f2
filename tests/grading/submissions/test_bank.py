"""The whole bank through the reader: each answer is judged like the function it came from."""

import ast
import json
from pathlib import Path

import pytest

from backprop_course.exercises.bank import bank_files, load_bank
from backprop_course.exercises.record import Exercise, Formula
from backprop_course.grading.formula import as_exercise, as_function
from backprop_course.grading.judge import judge
from backprop_course.grading.question import judge_answer
from backprop_course.grading.result import NOT_ATTEMPTED, PASSED
from backprop_course.grading.submissions import read_source
from backprop_course.grading.submissions.names import LESSONS
from tests.grading.submissions.builders import as_bytes, run

ROOT = Path(__file__).resolve().parents[3]
BANK = load_bank()
FUNCTIONS = [name for name, record in BANK.items() if isinstance(record, Exercise)]
SOLVED = sorted((ROOT / "solutions").glob("*.ipynb"))


def read(path):
    return read_source(path.read_bytes(), path.name)


def function(answer, name):
    assert answer.problem == ""
    space = {"__name__": "answer"}
    exec(compile(answer.code, "answer", "exec"), space)
    return space[name]


@pytest.mark.parametrize("path", SOLVED, ids=lambda path: path.stem)
def test_every_answer_of_a_solved_notebook_passes(path):
    answers = read(path)
    assert answers.problem == ""
    records = [record for record in BANK.values() if record.lesson == path.stem[:2]]
    for record in records:
        if isinstance(record, Exercise):
            answer = function(answers.functions[record.name], record.name)
            result = judge(record, answer)
        elif isinstance(record, Formula):
            exercise, names = as_exercise(record)
            formula = answers.formulas[record.name]
            assert formula.problem == ""
            result = judge(exercise, as_function(formula.value, names))
        else:
            result = judge_answer(record, answers.questions[record.name].value)
        assert (record.name, result.outcome) == (record.name, PASSED)
    count = len(answers.functions) + len(answers.formulas) + len(answers.questions)
    assert count == len(records)


@pytest.mark.parametrize("path", sorted((ROOT / "exercises").glob("*.ipynb")), ids=lambda p: p.stem)
def test_an_exercise_notebook_that_nobody_touched_holds_starters_and_nothing_else(path):
    answers = read(path)
    assert answers.formulas == answers.questions == {}
    assert answers.functions
    for name, answer in answers.functions.items():
        assert judge(BANK[name], function(answer, name)).outcome == NOT_ATTEMPTED


def test_the_names_of_the_exercise_notebooks_are_known():
    assert {path.stem for path in (ROOT / "exercises").glob("*.ipynb")} <= LESSONS


class Rename(ast.NodeTransformer):
    """Call the solution by another name, where a wrong answer makes use of it."""

    def __init__(self, name):
        self.name = name

    def visit_Name(self, node):
        return ast.Name(f"solved_{node.id}", node.ctx) if node.id == self.name else node


def cells_of(record):
    """Return the file of an exercise as cells: what is needed, and each listed answer by name."""
    tree = ast.parse(Path(record.source).read_text("utf-8"))
    shared, listed = [], {}
    for node in tree.body[1:]:
        text = ast.unparse(node)
        if "exercises.record" in text or text.startswith(("exercise = ", "exercise.", "for ")):
            continue
        node = Rename(record.name).visit(node)
        if isinstance(node, ast.FunctionDef):
            marks = [ast.unparse(mark) for mark in node.decorator_list]
            node.decorator_list = []
            if any(mark.startswith(("exercise.wrong", "exercise.right")) for mark in marks):
                # One answer may call another.
                shared.append(ast.unparse(node))
                known, node.name = node.name, record.name
                listed.setdefault(known, ast.unparse(node))
                continue
            if "exercise.cases" in marks or "exercise.observe" in marks:
                continue
            if node.name == record.name:
                node.name = f"solved_{record.name}"
        shared.append(ast.unparse(node))
    return shared, listed


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_listed_answer_is_judged_alike_when_it_comes_from_a_notebook(name):
    record = BANK[name]
    shared, listed = cells_of(record)
    known = {wrong.answer.__name__: wrong.answer for wrong in record.wrong_answers}
    known |= {right.__name__: right for right in record.right_answers}
    # Some are registered as a lambda or in a loop, and have no definition to be put into a cell.
    assert listed.keys() <= known.keys()
    assert len(listed) > 3
    for title, source in listed.items():
        expected = judge(record, known[title], seed=3)
        came = judge(record, run(*shared, source, f"check({name})", name=name), seed=3)
        assert (title, came.outcome, came.mistakes) == (title, expected.outcome, expected.mistakes)


def test_the_whole_bank_is_read_from_one_notebook_of_all_lessons():
    codes = []
    for path in SOLVED:
        cells = json.loads(path.read_text("utf-8"))["cells"]
        codes += ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    answers = read_source(as_bytes(*codes), "all.ipynb")
    lessons = {path.stem[:2] for path in SOLVED}
    assert set(answers.functions) == {n for n in FUNCTIONS if BANK[n].lesson in lessons}
    for name, answer in answers.functions.items():
        assert judge(BANK[name], function(answer, name)).outcome == PASSED


def test_functions_are_looked_for_under_the_names_of_the_bank():
    # The reader takes the names from the files, without importing them.
    files = {path.stem for path in bank_files()}
    assert set(FUNCTIONS) <= files
