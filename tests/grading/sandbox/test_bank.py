"""Every answer of the bank, right or wrong, gets in the sandbox what it gets in the notebook."""

import inspect
import linecache

import pytest

from backprop_course.exercises.bank import load_bank
from backprop_course.exercises.record import Exercise
from backprop_course.grading import judge
from backprop_course.grading.sandbox import Sandbox, Task

EXERCISES = [record for record in load_bank().values() if isinstance(record, Exercise)]

# A file of the bank imports the record, which learners' code cannot. This stands in for it, and
# collects the answers in the order in which the file gives them.
STAND_IN = """
answers = []
def keep(function):
    answers.append(function)
    return function
def pass_on(function):
    return function
class exercise:
    solution = right = staticmethod(keep)
    cases = observe = staticmethod(pass_on)
    wrong = staticmethod(lambda mistake, message: keep)
"""


@pytest.fixture(scope="module")
def box():
    with Sandbox() as box:
        yield box


def as_code(record):
    """Return a file of the bank as text that runs without the bank."""
    source = inspect.getsource(inspect.getmodule(record.solve))
    lines = source.split("\n")
    start = next(i for i, line in enumerate(lines) if line.startswith("exercise = Exercise("))
    end = next(i for i in range(start, len(lines)) if lines[i] == ")")
    del lines[start : end + 1]
    lines = [line for line in lines if not line.startswith("from backprop_course")]
    return STAND_IN + "\n".join(lines)


@pytest.mark.parametrize("record", EXERCISES, ids=lambda record: record.name)
def test_answers_get_what_they_get_in_the_notebook(record, box):
    code, cases = as_code(record), judge.draw(record, 5)
    calls, names = judge.calls(cases), judge.argument_names(record)
    answers = _in_order(record)
    tasks = [
        Task(record.name, f"{code}\nanswer = answers[{place}]\n", "answer", calls, names)
        for place in range(len(answers))
    ]
    replies = box.run(tasks)
    memory = {}
    for place, answer in enumerate(answers):
        here = judge.assess(record, cases, replies[place], memory)
        there = judge.assess(record, cases, judge.collect(answer, calls, names), memory)
        assert _steady(here) == _steady(there), f"answer {place} of {record.name}"


def _steady(result):
    if "RecursionError" in result.message:
        # Where a recursion ends, and so what is read from it, depends on the depth at its start.
        return result.outcome, result.points
    return result


def _in_order(record):
    """Return all answers of a file in the order of their registration."""
    code, file, space = as_code(record), f"<{record.name}>", {}
    # Reports quote the line of an error.
    linecache.cache[file] = (len(code), None, code.splitlines(keepends=True), file)
    exec(compile(code, file, "exec"), space)
    count = 1 + len(record.right_answers) + len(record.wrong_answers)
    assert len(space["answers"]) == count
    return space["answers"]
