"""What a student reads never names the inputs that were drawn at grading."""

import re

import pytest

from backprop_course.exercises.bank import load_bank
from backprop_course.exercises.record import Exercise, Formula
from backprop_course.grading.formula import as_exercise, as_function
from backprop_course.grading.judge import judge
from backprop_course.grading.reports.text import for_student

BANK = load_bank()
DRAWN = [name for name, record in BANK.items() if isinstance(record, Exercise | Formula)]


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("With x=1.025, y=2.431: dx is 3, expected 6.", "In one case: dx is 3, expected 6."),
        ("With x=2, w=-3 (z is 0): dx is 3.", "In one case (z is 0): dx is 3."),
        ("With N=5, D=4: db[1] is 2.", "With N=5, D=4: db[1] is 2."),
        ("With N=5, x=1.5: a is 2.", "With N=5: a is 2."),
        ("With N=23, batch_size=5 (short): a is 2.", "With N=23, batch_size=5 (short): a is 2."),
        ("With a (2, 3), b (2, 3): error is 1.", "With a (2, 3), b (2, 3): error is 1."),
        ("With x=1.5. 3 of 4 cases run.", "In one case. 3 of 4 cases run."),
        ("With this slip x=1 came.", "With this slip x=1 came."),
    ],
)
def test_sizes_stay_and_inputs_go(line, shown):
    assert for_student(f"failed: f\n{line}\nmore") == f"failed: f\n{shown}\nmore"


@pytest.mark.parametrize("name", DRAWN)
def test_no_message_of_the_bank_names_a_drawn_number(name):
    record = BANK[name]
    if isinstance(record, Formula):
        exercise, names = as_exercise(record)
        answers = [as_function(wrong.answer, names) for wrong in record.wrong_answers]
    else:
        exercise, answers = record, [wrong.answer for wrong in record.wrong_answers]
    for answer in answers[:4]:
        message = for_student(judge(exercise, answer, seed=11).message)
        for line in message.split("\n"):
            if line.startswith("With "):
                named = re.findall(r"(\w+)=(\S+?)[,:. (]", line.partition(":")[0] + " ")
                assert all(re.fullmatch(r"\d+", value) for _, value in named), line
