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


@pytest.mark.parametrize(
    "text",
    [
        "ValueError: operands could not be broadcast together with shapes (4,3) (5,)",
        "ValueError: matmul: Input operand 1 has a mismatch in its core dimension 0, with gufunc "
        "(size 5 is different from 4)",
        "ValueError: shapes (4,3) and (5,4) not aligned: 3 (dim 1) != 5 (dim 0)",
        "ValueError: cannot reshape array of size 12 into shape (5,3)",
        "ValueError: not enough values to unpack (expected 3, got 2)",
        "IndexError: index 7 is out of bounds for axis 0 with size 5",
        "IndexError: too many indices for array: array is 2-dimensional, but 3 were indexed",
        "TypeError: f() takes 2 positional arguments but 3 were given",
        "KeyError: 'W1' is not a key",
        "TypeError: Cannot cast ufunc 'add' output from dtype('float64') to dtype('int64')",
        "ZeroDivisionError",
        "Killed: Your code ended Python itself, with exit status 3.",
        "It is called with (dout, X, W), but yours takes (dout, X).",
        "In `X.T @ dout / 2.5`, shape (4, 3) and shape (5,) do not fit.",
        "hw.ipynb, cell 4: line 12 is no Python.",
        "Stopped after 2 seconds. Does a loop never end?",
    ],
)
def test_sizes_in_the_text_of_an_error_stay(text):
    message = f"could not run: f, 0 of 3 points\n{text}\nIt comes from your line `x = 0.5`"
    assert for_student(message) == message


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("KeyError: 0.1234 is not a key", "KeyError: ... is not a key"),
        ("KeyError: -3 is not a key", "KeyError: ... is not a key"),
        ("ValueError: [[ 0.13 -1.2e-05] [ 3.   .5 ]]", "ValueError: [[ ... ...] [ ...   ... ]]"),
        ("ValueError: [0 2 1 3]", "ValueError: [... ... ... ...]"),
        ("ValueError: (0, 2, 1, 3, 4)", "ValueError: (..., ..., ..., ..., ...)"),
        ("ValueError: {'x': np.float64(0.25)}", "ValueError: {'x': np.float64(...)}"),
        ("ValueError: loss 0.693 of size 4.5", "ValueError: loss ... of size ..."),
        (f"ValueError: {'9a3f' * 20}", "ValueError: ..."),
        ("0.25 and `0.5`", "... and `...`"),
    ],
)
def test_other_numbers_in_the_text_of_an_error_go(text, shown):
    line = "It comes from your line `raise ValueError(0.5)`"
    message = for_student(f"could not run: f, 0 of 3 points\n{text}\n{line}")
    assert message == f"could not run: f, 0 of 3 points\n{shown}\n{line}"


def test_what_a_failed_answer_chose_itself_holds_no_number_either():
    message = (
        "failed: f, 0 of 3 points\n"
        "Your dX has entries that are not finite. NumPy's first complaint comes from your line "
        "`Z / 0.5`: divide by 0.25.\n"
        "grads has a key too many: 0.75, W3. Asked are W1, W2."
    )
    shown = message.replace("0.25", "...").replace("0.75", "...")
    assert for_student(message) == shown


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
