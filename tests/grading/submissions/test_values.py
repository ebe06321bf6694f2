"""Answers to formulas and questions are read from the calls, never computed by running."""

import pytest

from tests.grading.submissions.builders import answers


def question(*codes, name="01.q1"):
    return answers(*codes).questions.get(name)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("6", 6),
        ("-0.25", -0.25),
        ("+3", 3),
        ('"b"', "b"),
        ("'1/3'", "1/3"),
        ("1 / 3", 1 / 3),
        ("32 * 200 * 50 * 8", 2_560_000),
        ("2 ** 10 - 1", 1023),
        ("1e-3", 0.001),
        ("True", True),
        ("abs(-3)", 3),
        ("round(2.6)", 3),
        ("np.sqrt(16)", 4.0),
        ("math.exp(0)", 1.0),
        ("np.log(2) * 0", 0.0),
        ("2 * np.pi * 0", 0.0),
        ("float(3)", 3.0),
        ("'a' 'b'", "ab"),
        ("'a' + 'b'", "ab"),
        ("f'b'", "b"),
        ("(1, 2)", [1, 2]),
    ],
)
def test_a_value_is_read(written, value):
    found = question(f'check_answer("01.q1", {written})')
    assert (found.value, found.problem) == (value, "")
    assert type(found.value) is type(value)


@pytest.mark.parametrize("blank", ["...", "None", '""', "'  '", '"..."'])
def test_a_blank_is_not_attempted_and_erases_nothing(blank):
    empty = f'check_answer("01.q1", {blank})'
    assert question(empty) is None
    assert question('check_answer("01.q1", 6)', empty).value == 6
    assert answers(f'check_formula("dW", {blank})').formulas == {}


def test_the_last_answer_counts():
    assert question('check_answer("01.q1", 6)', 'check_answer("01.q1", 7)').value == 7
    found = answers('check_formula("dW", "X")\ncheck_formula("dW", "X.T @ dout")')
    assert found.formulas["dW"].value == "X.T @ dout"


@pytest.mark.parametrize(
    "call",
    [
        'check_answer("01.q1", 6)',
        'check_answer(question="01.q1", answer=6)',
        'check_answer("01.q1", answer=6)',
        'print(check_answer("01.q1", 6))',
        'result = check_answer("01.q1", 6)',
        'backprop_course.check_answer("01.q1", 6)',
        'import backprop_course as bc\nbc.check_answer("01.q1", 6)',
        'from backprop_course import check_answer as ca\nca("01.q1", 6)',
        'ca = check_answer\nca("01.q1", 6)',
        'if True:\n    check_answer("01.q1", 6)',
        'with open("x") as f:\n    [check_answer("01.q1", 6)]',
        'x = 6\ncheck_answer("01.q1", x)',
        'N = 3\nx = N * 2\nx = x + 0\ncheck_answer("01.q1", x)\nx = 9',
        'q = "01.q1"\ncheck_answer(q, 6)',
        'x: int = 6\ncheck_answer("01.q1", x)',
        '%time\ncheck_answer("01.q1", 6)',
    ],
)
def test_the_call_is_found_in_many_forms(call):
    assert question(call).value == 6


def test_a_call_in_a_function_is_no_answer():
    assert question('def f():\n    check_answer("01.q1", 6)') is None


@pytest.mark.parametrize(
    "written",
    [
        "open('x').read()",
        "input()",
        "x",
        "[i for i in range(3)]",
        "__import__('os').getpid()",
        "9 ** 9 ** 9",
        "10 ** 100000",
        "(2 ** 60) ** 64 * (2 ** 60) ** 64 * (2 ** 60) ** 64",
        "'a' * 10 ** 9",
        "1 << 10 ** 9",
        "1 / 0",
        "np.log(-1)",
        "f'{x}'",
        "lambda: 6",
        "b'6'",
        "6j",
        "int('6')",
        "'a' - 'b'",
        "-" * 90 + "1",
    ],
)
def test_what_is_not_written_as_a_value_is_one_sentence(written):
    found = question(f'a = 1\ncheck_answer("01.q1", {written})')
    assert found.value is None
    assert found.problem == (
        "could not be read: cell 1, line 2: write the answer itself in the call, "
        "a number or a letter."
    )


def test_a_name_that_means_itself_ends():
    assert question('x = x\ncheck_answer("01.q1", x)').problem
    assert question('x = y\ny = x\ncheck_answer("01.q1", x)').problem


@pytest.mark.parametrize("written", ["X.T @ dout", "5", "['X']"])
def test_a_formula_must_be_written_out_as_a_text(written):
    found = answers(f"check_formula('dW', {written})").formulas["dW"]
    assert found.problem == (
        "could not be read: cell 1, line 1: write the answer itself in the call, "
        "the formula as a text."
    )


@pytest.mark.parametrize(
    "call",
    [
        "check_answer()",
        "check_answer('01.q1')",
        "check_answer(*x)",
        "check_answer(3, 4)",
        "check_answer(input(), 4)",
    ],
)
def test_a_call_that_names_no_question_is_no_answer(call):
    assert answers(call).questions == {}
