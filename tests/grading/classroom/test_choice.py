"""Which exercises a teacher means."""

import pytest

from backprop_course.exercises.bank import load_bank
from backprop_course.grading.classroom.choice import ChoiceError, choose

BANK = load_bank()


def lessons(text):
    return sorted({BANK[name].lesson for name in choose(text, BANK)})


def test_without_a_word_all_are_meant_in_the_order_of_the_bank():
    assert choose(None, BANK) == tuple(BANK)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("03", ["03"]),
        ("3", ["03"]),
        ("01-03", ["01", "02", "03"]),
        (" 05 , 01-02,", ["01", "02", "05"]),
        ("1-99", ["01", "02", "03", "04", "05", "06", "07", "08"]),
    ],
)
def test_lessons_and_ranges(text, meant):
    assert lessons(text) == meant


def test_names_and_lessons_may_be_mixed():
    chosen = choose("dW,linear_backward,08", BANK)
    assert chosen[:2] == ("dW", "linear_backward")
    assert {BANK[name].lesson for name in chosen} == {"03", "08"}


@pytest.mark.parametrize("text", ["99", "03-x", "linear", "3-2", "--", "../03"])
def test_what_means_nothing_is_refused_with_what_there_is(text):
    with pytest.raises(ChoiceError, match="01, 02, 03, 04, 05, 06, 07, 08"):
        choose(text, BANK)


def test_a_choice_of_nothing_is_refused():
    with pytest.raises(ChoiceError, match="Name lessons or exercises"):
        choose(" , ", BANK)
