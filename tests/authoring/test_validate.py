"""Every fault of a bank file is refused with one sentence, and a good file with none."""

import pytest

from backprop_course.authoring.validate import LONGEST_TEXT, validate, validate_bank
from tests.authoring import bank


def test_good_files_pass(tmp_path):
    records = bank.write(tmp_path)
    assert [validate(record) for record in records] == [[], [], []]
    assert validate_bank(records) == []


def change(name, old, new):
    assert old in bank.FILES[name]
    return {name: bank.FILES[name].replace(old, new)}


FUNCTION, FORMULA, QUESTION = bank.FILES
FAULTS = {
    "missing mark": (
        change(FUNCTION, "    # END SOLUTION\n", ""),
        "lesson_03/scale.py: '# BEGIN SOLUTION' in line 31 is never closed; put '# END SOLUTION' "
        "after the last line.",
    ),
    "doubled mark": (
        change(FUNCTION, "    # END", "    # END SOLUTION\n    # END"),
        "lesson_03/scale.py:34: a second '# END SOLUTION' (the first is in line 33); keep one.",
    ),
    "title": (change(FUNCTION, "Scale an array", " "), "the title is empty"),
    "text": (change(QUESTION, 'r"""Which is larger?"""\n', ""), "there is no text for the learner"),
    "long text": (
        change(QUESTION, "larger?", "larger " * LONGEST_TEXT),
        "the text has 202 words; keep it under 200",
    ),
    "points": (change(FUNCTION, "points=2", "points=0"), "points is 0; give a whole number"),
    "half points": (change(FORMULA, "points=1", "points=0.5"), "points is 0.5; give a whole"),
    "minutes": (change(FUNCTION, "minutes=5", "minutes=-1"), "minutes is -1;"),
    "number": (change(FUNCTION, "number=1", "number=True"), "number is True;"),
    "level": (change(FUNCTION, "level=1", "level=4"), "level is 4; it is 1, 2 or 3."),
    "two hints": (change(FUNCTION, '"Look at w.", ', ""), "it has 2 hints; write 3"),
    "no hint": (change(QUESTION, '("Count.",)', "()"), "it has no hint; write at least one."),
    "empty hint": (change(QUESTION, '"Count."', '" "'), "hint 1 is empty; write it."),
    "hint is the line": (
        change(FUNCTION, "It is a product.", "Try `return np.multiply(w,x)` then."),
        "hint 2 gives the solution away ('return np.multiply(w, x)')",
    ),
    "hint is the formula": (
        change(FORMULA, "Which factor stays?", "It is w*dout, is it not?"),
        "hint 1 gives the solution away ('w * dout')",
    ),
    "message is the line": (
        change(FUNCTION, "All {N} entries", "return np.multiply(w, x) has"),
        "the message of wrong answer 'sign' gives the solution away",
    ),
    "no message": (
        change(FUNCTION, '"All {N} entries have the wrong sign."', '""'),
        "wrong answer 'sign' has no message; say what the learner should read.",
    ),
    "no mistake": (change(FUNCTION, '"sign"', '""'), "wrong answer 1 has no mistake name"),
    "mistake with spaces": (change(FUNCTION, '"sign"', '"Wrong sign"'), "in small letters"),
    "unknown size": (
        change(FUNCTION, "{N}", "{M}"),
        "uses {M}, which is not among the sizes of every case (N)",
    ),
    "size of one case only": (change(FUNCTION, "{N}", "{D}"), "uses {D}, which is not among"),
    "stray brace": (change(FUNCTION, "{N}", "{"), "uses {}, which is not among"),
    "size in a question": (
        change(QUESTION, "One finger", "{N} fingers"),
        "uses {N}, but a question has no sizes",
    ),
    "no cases": (change(FUNCTION, "@exercise.cases", ""), "it has no cases; write cases(rng)"),
    "empty cases": (
        change(FORMULA, '    yield Case(({"w"', '    yield from ()\n    Case(({"w"'),
        "cases(rng) yields nothing",
    ),
    "no symbol": (change(FORMULA, '"dx_scaled"', '""'), "it has no symbol"),
    "no formula": (change(FORMULA, '"w * dout"', '""'), "it has no answer"),
    "no answer": (change(QUESTION, 'answer="b"', "answer=None"), "it has no answer"),
    "answer is no choice": (change(QUESTION, '"b": "three"', '"c": "three"'), "answer 'b' is not"),
    "no because": (change(QUESTION, "Three is more than two.", ""), "it has no 'because'"),
    "unexplained choice": (
        change(QUESTION, '"b": "three"', '"b": "three", "c": "four"'),
        "choice 'c' is wrong but has no message",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_named(fault, tmp_path):
    files, sentence = FAULTS[fault]
    problems = validate(bank.write(tmp_path, files)[0])
    assert any(sentence in problem for problem in problems), problems
    (name,) = files
    assert all(problem.startswith(f"lesson_03/{name}:") for problem in problems)
    assert all(problem.endswith(".") for problem in problems)


def test_a_name_alone_may_stand_in_a_hint(tmp_path):
    files = change(FORMULA, '"w * dout"', '"w"')
    assert validate(bank.write(tmp_path, files)[0]) == []


def test_doubled_number_and_doubled_symbol(tmp_path):
    files = dict(bank.FILES)
    files[QUESTION] = files[QUESTION].replace("number=3", "number=2")
    files["formula_again.py"] = bank.FORMULA.replace("number=2", "number=4")
    assert validate_bank(bank.write(tmp_path, files)) == [
        "lesson_03/question_compare.py: the number 03.2 is taken by "
        "lesson_03/formula_dx_scaled.py; choose another.",
        "lesson_03/formula_again.py: the name dx_scaled is taken by "
        "lesson_03/formula_dx_scaled.py; choose another.",
    ]


def test_same_number_in_two_lessons_is_fine(tmp_path):
    one = bank.write(tmp_path, {QUESTION: bank.QUESTION}, lesson="03")
    other = bank.write(tmp_path, {QUESTION: bank.QUESTION}, lesson="05")
    assert validate_bank(one + other) == []
