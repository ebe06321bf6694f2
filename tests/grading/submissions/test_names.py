"""Whose file it is, as its path says."""

import time

import pytest

from backprop_course.grading.submissions.names import (
    Copy,
    bare,
    copy_of,
    is_graded,
    natural,
    owners,
)


def owned(*paths, packed=False):
    """Return (student, name, file, late) of each path."""
    found = owners([tuple(path.split("/")) for path in paths], "hw3", packed=packed)
    return [(one.student, one.name, one.file, one.late) for one in found]


def whose(*paths, packed=False):
    return [student for student, *_ in owned(*paths, packed=packed)]


def test_canvas_names_a_student_by_number():
    assert owned(
        "doejane_12345_67890_hw.ipynb",
        "doejane_12345_67891_03_matrix_gradients-1.ipynb",
        "smith_LATE_777_67892_hw (1).ipynb",
        "van_dyke_888_67893_x_99_1_y.ipynb",
        "müller_999_67894_my hw.py",
        "doe_1000_text.html",
    ) == [
        ("12345", "doejane", "hw.ipynb", False),
        ("12345", "doejane", "03_matrix_gradients-1.ipynb", False),
        ("777", "smith", "hw (1).ipynb", True),
        ("888", "van_dyke", "x_99_1_y.ipynb", False),
        ("999", "müller", "my hw.py", False),
        ("1000", "doe", "text.html", False),
    ]


def test_anonymous_students_of_canvas_have_a_code():
    assert owned("anon_aB3xY_1_hw.ipynb", "LATE_anon_77777_2_hw.ipynb") == [
        ("aB3xY", "anonymous aB3xY", "hw.ipynb", False),
        ("77777", "anonymous 77777", "hw.ipynb", True),
    ]


def test_names_that_only_look_like_canvas_stay_apart():
    # The number would stand for both.
    names = ["smith_2024_11_hw.ipynb", "jones_2024_11_hw.ipynb"]
    assert whose(*names) == ["smith_2024", "jones_2024"]
    assert whose("doe_1_2_hw.ipynb", "smith.ipynb") == ["doe_1_2_hw", "smith"]


def test_one_more_file_among_those_of_canvas_changes_nothing_for_them():
    names = ["doe_1_2_hw.ipynb", "roe_2_3_hw.ipynb", "poe_3_4_hw.pdf", "mine.ipynb"]
    assert whose(*names) == ["1", "2", "3", "mine"]


def test_moodle_names_a_student_in_the_folder():
    assert owned(
        "Jane Doe_12345_assignsubmission_file/hw.ipynb",
        "Jane Doe_12345_assignsubmission_file/sub/b.py",
        "Bob O'Neil_7_assignsubmission_file_/hw.ipynb",
        "Zoë X_8_assignsubmission_onlinetext/onlinetext.html",
        "Ann_9_assignsubmission_file_hw_2.ipynb",
        "Default group_assignsubmission_file/hw.ipynb",
    ) == [
        ("12345", "Jane Doe", "hw.ipynb", False),
        ("12345", "Jane Doe", "sub/b.py", False),
        ("7", "Bob O'Neil", "hw.ipynb", False),
        ("8", "Zoë X", "onlinetext.html", False),
        ("9", "Ann", "hw_2.ipynb", False),
        ("Default group", "Default group", "hw.ipynb", False),
    ]


def test_one_file_a_student():
    assert whose("anna.ipynb", "ben.py", "anna (1).ipynb", "Copy of ben.py") == [
        "anna",
        "ben",
        "anna",
        "ben",
    ]


def test_numbers_that_belong_to_the_name_stay():
    assert whose("group-1.ipynb", "group-2.ipynb") == ["group-1", "group-2"]
    assert whose("anna.ipynb", "anna-1.ipynb") == ["anna", "anna"]
    assert whose("student_03.ipynb", "student_04.ipynb") == ["student_03", "student_04"]
    names = ["student_03_smith.ipynb", "student_04_jones.ipynb"]
    assert whose(*names) == ["student_03_smith", "student_04_jones"]


def test_a_lesson_behind_the_name():
    assert owned("Anna_03_matrix_gradients.ipynb", "Anna_01_Chain_Rule (2).ipynb") == [
        ("Anna", "Anna", "03_matrix_gradients.ipynb", False),
        ("Anna", "Anna", "01_Chain_Rule (2).ipynb", False),
    ]
    # A lesson that this course does not have, of two students.
    assert whose("a b-11_new.ipynb", "c-11_new.ipynb", "c-12_x.ipynb") == ["a b", "c", "c-12_x"]


def test_bare_lessons_are_one_students():
    assert whose("01_chain_rule.ipynb", "03_matrix_gradients.ipynb") == ["hw3", "hw3"]


def test_one_folder_a_student():
    assert owned("anna/hw.ipynb", "ben/a/b/hw.ipynb") == [
        ("anna", "anna", "hw.ipynb", False),
        ("ben", "ben", "a/b/hw.ipynb", False),
    ]


@pytest.mark.parametrize("packed", [False, True])
def test_a_folder_around_everything_is_nobody(packed):
    assert whose("hand in/anna/a.ipynb", "hand in/ben/b.ipynb", packed=packed) == ["anna", "ben"]
    assert whose("x/y/anna.ipynb", "x/y/ben.ipynb", packed=packed) == ["anna", "ben"]
    assert whose("x/a_1_2_h.ipynb", "x/b_2_3_h.ipynb", packed=packed) == ["1", "2"]
    one = "anna/01_chain_rule.ipynb", "anna/03_matrix_gradients.ipynb"
    assert whose(*one, packed=packed) == ["anna", "anna"]


def test_a_single_folder_with_one_file_is_a_student_on_disk():
    assert whose("anna/hw.ipynb") == ["anna"]
    assert whose("class/anna.ipynb", packed=True) == ["anna"]


@pytest.mark.parametrize(
    ("path", "copy"),
    [
        ("hw.ipynb", Copy("hw.ipynb")),
        ("a/hw (1).ipynb", Copy("a/hw.ipynb", 1)),
        ("hw(12).ipynb", Copy("hw.ipynb", 12)),
        ("hw-1.ipynb", Copy("hw.ipynb", 1, dashed=True)),
        ("hw-Copy1.ipynb", Copy("hw.ipynb", 1)),
        ("hw - Copy.ipynb", Copy("hw.ipynb", 1)),
        ("hw_copy 3.ipynb", Copy("hw.ipynb", 3)),
        ("Copy of HW.py", Copy("HW.py", 1)),
        ("hw.ipynb.txt", Copy("hw.ipynb")),
        ("hw (1).IPYNB.json", Copy("hw.ipynb", 1)),
        ("(1).ipynb", Copy("(1).ipynb")),
        ("-1.ipynb", Copy("-1.ipynb")),
        ("hw-12345.ipynb", Copy("hw-12345.ipynb")),
    ],
)
def test_a_copy_is_taken_apart(path, copy):
    assert copy_of(path) == copy


def test_endings():
    assert [is_graded(p) for p in ("a.ipynb", "a.PY", "a.ipynb.txt", "a.txt", "py", ".py")] == [
        True,
        True,
        True,
        False,
        False,
        True,
    ]
    assert bare("x/hw (3).ipynb.json") == "hw"


def test_natural_order():
    names = ["hw10", "Hw2", "hw1", "10", "9", "ä", ""]
    assert sorted(names, key=natural) == ["", "9", "10", "hw1", "Hw2", "hw10", "ä"]
    natural("9" * 10_000 + "²٣")


@pytest.mark.parametrize(
    "piece", [" ", "(", "_1", "-1", "copy ", "a_LATE_1_1_", "_assignsubmission_"]
)
def test_long_names_are_taken_apart_at_once(piece):
    name = (piece * 1_000)[:990] + ".ipynb"
    began = time.perf_counter()
    owned(name, name + "x", "b" + name)
    assert time.perf_counter() - began < 1
