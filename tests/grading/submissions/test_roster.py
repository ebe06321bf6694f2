"""A roster gives the students their names, and a row to each of them."""

import pytest

from backprop_course.grading.submissions import CannotCollect, collect_submissions, read_roster
from tests.grading.submissions.builders import write


def roster(folder, text):
    path = folder / "roster.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    return path


def joined(tmp_path, files, text):
    folder = write(tmp_path / "class", dict.fromkeys(files))
    found = collect_submissions(folder, roster(tmp_path, text))
    rows = {one.student: (one.name, one.files) for one in found.submissions}
    return rows, found


def says(tmp_path, text):
    with pytest.raises(CannotCollect) as caught:
        read_roster(roster(tmp_path, text))
    return str(caught.value)


def test_files_are_mapped_to_students(tmp_path):
    rows, found = joined(
        tmp_path,
        ["hw (1).ipynb", "b/x.ipynb", "b/y.ipynb", "c.ipynb", "d.ipynb"],
        "student,file\ns1,hw (1).ipynb\ns2,b\ns3,c\ns4,nowhere.ipynb\ns5,./d.ipynb\n",
    )
    assert rows == {
        "s1": ("s1", ("hw (1).ipynb",)),
        "s2": ("s2", ("b/x.ipynb", "b/y.ipynb")),
        "s3": ("s3", ("c.ipynb",)),
        "s4": ("s4", ()),
        "s5": ("s5", ("d.ipynb",)),
    }
    assert [(one.file, one.reason) for one in found.problems] == [
        ("nowhere.ipynb", "stands in the roster, and there is no such file.")
    ]
    assert found.submissions[3].problem == "Nothing was handed in."


def test_copies_of_one_name_may_be_of_different_students(tmp_path):
    rows, found = joined(
        tmp_path,
        ["hw.ipynb", "hw (1).ipynb", "hw (2).ipynb"],
        "file,student\nhw.ipynb,s1\nhw (1).ipynb,s2\nhw (2).ipynb,s2\n",
    )
    assert rows == {"s1": ("s1", ("hw.ipynb",)), "s2": ("s2", ("hw (2).ipynb",))}
    assert found.submissions[1].notes == (
        "hw (2).ipynb is graded, in place of the earlier hw (1).ipynb.",
    )


def test_two_students_may_hand_in_one_file(tmp_path):
    rows, _ = joined(tmp_path, ["a.ipynb", "x.ipynb"], "student,file\ns1,a.ipynb\ns2,a\n")
    assert rows == {
        "s1": ("s1", ("a.ipynb",)),
        "s2": ("s2", ("a.ipynb",)),
        "x": ("x", ("x.ipynb",)),
    }


def test_a_name_that_means_several_files_is_said(tmp_path):
    rows, found = joined(
        tmp_path,
        ["a/hw.ipynb", "b/hw.ipynb", "hw/x.ipynb"],
        "student,file\ns1,hw.ipynb\ns2,b/hw.ipynb\n",
    )
    assert {student: files for student, (_, files) in rows.items()} == {
        "a": ("a/hw.ipynb",),
        "hw": ("hw/x.ipynb",),
        "s1": (),
        "s2": ("b/hw.ipynb",),
    }
    assert [one.reason for one in found.problems] == [
        "stands in the roster, and there are several files of this name; write the folder too."
    ]


def test_a_submission_goes_to_the_first_who_fits(tmp_path):
    rows, _ = joined(tmp_path, ["7.ipynb"], "student,name,email\n8,A,7@x\n9,B,7@y\n")
    assert rows == {"8": ("A", ("7.ipynb",)), "9": ("B", ())}


def test_one_student_may_have_several_lines(tmp_path):
    rows, _ = joined(
        tmp_path,
        ["a.ipynb", "b.ipynb"],
        "student,name,file\ns1,Ann,a.ipynb\ns1,Ann,b.ipynb\n",
    )
    assert rows == {"s1": ("Ann", ("a.ipynb", "b.ipynb"))}


def test_numbers_of_the_lms_are_found(tmp_path):
    rows, found = joined(
        tmp_path,
        ["doejane_12_99_hw.ipynb", "roe_13_98_hw.ipynb"],
        "Student,ID,SIS User ID,SIS Login ID,Section\n"
        "    Points Possible,,,,\n"
        '"Doe, Jane",12,S-1,jane,A\n"Roe, Rick",13,S-2,rick,B\n"Poe, Pam",14,S-3,pam,B\n',
    )
    assert rows == {
        "12": ("Doe, Jane", ("doejane_12_99_hw.ipynb",)),
        "13": ("Roe, Rick", ("roe_13_98_hw.ipynb",)),
        "14": ("Poe, Pam", ()),
    }
    assert found.submissions[0].columns["SIS User ID"] == "S-1"


def test_names_and_addresses_are_found(tmp_path):
    rows, _ = joined(
        tmp_path,
        ["doejane.ipynb", "Rick Roe.ipynb", "pp7.ipynb", "hw_9001.ipynb", "zoé.ipynb"],
        'name,id,email\nJane Doe,1,j@x\n"Roe, Rick",2,r@x\nPam Poe,3,PP7@x.edu\n'
        "Q Q,9001,q@x\nZoé,5,z@x\n",
    )
    assert rows == {
        "1": ("Jane Doe", ("doejane.ipynb",)),
        "2": ("Roe, Rick", ("Rick Roe.ipynb",)),
        "3": ("Pam Poe", ("pp7.ipynb",)),
        "9001": ("Q Q", ("hw_9001.ipynb",)),
        "5": ("Zoé", ("zoé.ipynb",)),
    }


def test_who_is_in_doubt_is_not_guessed(tmp_path):
    rows, found = joined(
        tmp_path,
        ["hw_1.ipynb", "hw_2.ipynb", "stranger.ipynb"],
        "student,name\nhw,Anna\n2,Ben\n",
    )
    assert rows == {
        "2": ("Ben", ("hw_2.ipynb",)),
        "hw": ("Anna", ()),
        "hw_1": ("hw_1", ("hw_1.ipynb",)),
        "stranger": ("stranger", ("stranger.ipynb",)),
    }
    notes = {one.student: one.notes for one in found.submissions}
    assert notes["stranger"] == ("This student does not stand in the roster.",)


def test_the_roster_may_lie_in_the_folder(tmp_path):
    folder = write(tmp_path / "class", {"anna.ipynb": None, "ben.ipynb": None})
    found = collect_submissions(folder, roster(folder, "student\nanna\nben\n"))
    assert found.problems == []
    assert [one.student for one in found.submissions] == ["anna", "ben"]


def test_a_student_of_the_roster_never_takes_the_name_of_another(tmp_path):
    # "ben" stands in the roster with another file: two rows, no merge.
    rows, _ = joined(tmp_path, ["ben.ipynb", "x.ipynb"], "student,file\nben,x.ipynb\n")
    assert rows == {
        "ben": ("ben", ("x.ipynb",)),
        "ben (not in the roster)": ("ben", ("ben.ipynb",)),
    }


@pytest.mark.parametrize(
    "text",
    [
        "student,file\nAnn,a\n",
        "\ufeffStudent;File\r\nAnn;a\r\n",
        "student\tfile\nAnn\ta\n",
        "student,file\n\nAnn,a\n,,\n".replace(",,", ","),
        "student,file\nAnn,a\n".encode("utf-16"),
        "student,file,note\nAnn,a\n",
        '"student","file"\n"Ann","a"\n',
    ],
)
def test_a_table_in_many_forms(tmp_path, text):
    entries = read_roster(roster(tmp_path, text))
    assert [(one.student, one.files) for one in entries] == [("Ann", ("a",))]


def test_letters_of_windows_are_read(tmp_path):
    assert read_roster(roster(tmp_path, "student\nJos\xe9\n".encode("cp1252")))[0].student == "José"


def test_a_bad_roster_is_one_sentence(tmp_path):
    where = "The roster roster.csv"
    assert says(tmp_path, "") == f"{where} is empty; its first line names the columns."
    assert says(tmp_path, "student\n") == f"{where} names no students."
    assert says(tmp_path, "a,b\n1,2\n") == (
        f"{where} has no column that names the students; its first line must hold "
        "student and file, or name, id and email."
    )
    assert says(tmp_path, "student,file\nDoe, Jane,x\n") == (
        f"{where}, line 2, has 3 cells for 2 columns; put a name that holds a comma between quotes."
    )
    assert says(tmp_path, "student,name\n1,Ann\n\n1,Ben\n") == (
        f"{where}, line 4, holds the student 1 for the second time."
    )
    assert says(tmp_path, "student,file\n,x\n") == (
        f"{where}, line 2, does not say who the student is."
    )
    assert says(tmp_path, b"PK\x03\x04rest") == f"{where} is a spreadsheet; save it as CSV first."
    assert says(tmp_path, b"student\n\0\0\x01") == f"{where} is not a text file."
    assert says(tmp_path, 'student\n"a\n').startswith(f"{where} is no table of comma-separated")
    (tmp_path / "roster.csv").unlink()
    with pytest.raises(CannotCollect, match=r"There is no roster .*roster\.csv\."):
        read_roster(tmp_path / "roster.csv")
