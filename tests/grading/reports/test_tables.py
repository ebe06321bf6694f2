"""The tables: whole, quoted, without a formula in them."""

import csv
import os

import pytest

from backprop_course.grading import reports
from backprop_course.grading.reports import write_canvas_csv, write_gradebook_csv
from backprop_course.grading.reports.atomic import replacing
from tests.grading.reports.small_class import FORMULA, HOSTILE, results, student, ungraded


def table(write, folder, records=None, **options):
    path = folder / "table.csv"
    write(results(records), path, **options)
    with open(path, encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def test_the_gradebook_has_a_line_for_each_student_and_a_column_for_each_exercise(tmp_path):
    head, *rows = table(write_gradebook_csv, tmp_path)
    assert head[:7] == ["student", "name", "status", "points", "max_points", "percent", "late"]
    assert head[7:10] == ["03.q1 (1)", "linear_backward (4)", "relu_backward (1)"]
    anna, ben, cleo, dora = rows[:4]
    assert anna[:10] == ["anna", "Anna", "graded", "6", "6", "100.0", "", "1", "4", "1"]
    assert ben[3:11] == ["1", "6", "16.7", "late", "1", "0", "0", "linear_backward: transposed"]
    assert cleo[10] == "linear_backward: transposed; linear_backward: sign"
    assert {len(row) for row in rows} == {len(head)}
    assert dora[2:11] == ["could not be graded", "", "", "", "", "", "", "", ""]
    assert dora[11].endswith("ends in the middle.")


def test_numbers_stay_numbers_and_texts_are_quoted(tmp_path):
    write_gradebook_csv(results([student("-5", name="0012")]), tmp_path / "a.csv")
    content = (tmp_path / "a.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    line = content.decode("utf-8-sig").split("\r\n")[1]
    assert line.startswith('"\'-5","0012","graded",6,6,100.0,"",1,4,1,')


@pytest.mark.parametrize(
    "name",
    [FORMULA, "+1", "-1+2", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "\x00=1", "＝1", "＋1"],
)
@pytest.mark.parametrize("write", [write_gradebook_csv, write_canvas_csv])
def test_a_formula_is_defused_in_every_cell(tmp_path, write, name):
    record = student(name, name=name, notes=[name], files=[name], columns={"Section": name})
    for row in table(write, tmp_path, [record, ungraded("x", name)]):
        for cell in row:
            assert not cell.lstrip(" \t\r\n\0").startswith(tuple("=+@＝＋＠")), cell
            assert cell.strip() == "" or not cell.lstrip().startswith("-"), cell


@pytest.mark.parametrize("name", ['a,"b"', "a\nb", "a;=1", "a\tb", "it's", HOSTILE, "ü ✓ 漢字"])
@pytest.mark.parametrize("write", [write_gradebook_csv, write_canvas_csv])
def test_any_name_keeps_the_table_whole(tmp_path, write, name):
    rows = table(write, tmp_path, [student("s", name=name)])
    assert len({len(row) for row in rows}) == 1
    assert " ".join(name.split()) in rows[-1]
    assert not any("\n" in cell for row in rows for cell in row)


def test_canvas_reads_its_own_form(tmp_path):
    records = [
        student("12345", name="doejane"),
        student("s7", name="Roe, R"),
        student(
            "x",
            name="other",
            columns={"Student": "Poe, P", "ID": "9", "sis user id": "S9", "Section": "A"},
        ),
        ungraded("gone"),
    ]
    rows = table(write_canvas_csv, tmp_path, records, assignment="Homework (77)")
    assert rows == [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Homework (77)"],
        ["    Points Possible", "", "", "", "", "6"],
        ["doejane", "12345", "", "", "", "6"],
        ["Roe, R", "", "", "s7", "", "6"],
        ["Poe, P", "9", "S9", "", "A", "6"],
    ]


def test_write_all_writes_everything(tmp_path):
    records = list(results()["submissions"])
    reports.write_all(results(), lambda: iter(records), tmp_path / "new" / "folder")
    names = {path.name for path in (tmp_path / "new" / "folder").iterdir()}
    assert names == {"results.json", "gradebook.csv", "canvas.csv", "class.html", "students"}
    assert len(list((tmp_path / "new" / "folder" / "students").iterdir())) == len(records)


# Whole or not at all -------------------------------------------------------------------------


def broken():
    yield student("anna")
    raise KeyboardInterrupt


@pytest.mark.parametrize("name", ["json", "gradebook", "canvas"])
def test_a_write_that_is_stopped_leaves_what_was_there(tmp_path, name):
    write = {
        "json": reports.write_results_json,
        "gradebook": write_gradebook_csv,
        "canvas": write_canvas_csv,
    }[name]
    path = tmp_path / "a"
    path.write_text("old")
    with pytest.raises(KeyboardInterrupt):
        write(results(broken()), path)
    assert path.read_text() == "old"
    assert [one.name for one in tmp_path.iterdir()] == ["a"]


def test_a_new_file_is_as_readable_as_others(tmp_path):
    (tmp_path / "by hand").write_text("x")
    with replacing(tmp_path / "ours") as file:
        file.write("x")
    assert os.stat(tmp_path / "ours").st_mode == os.stat(tmp_path / "by hand").st_mode


def test_a_full_disk_is_told_and_leaves_nothing(tmp_path):
    if not os.path.exists("/dev/full"):
        pytest.skip("no /dev/full here")
    with pytest.raises(OSError, match="No space"), replacing(tmp_path / "a") as file:
        with open("/dev/full", "w") as full:
            full.write("x")
        file.write("x")
    assert list(tmp_path.iterdir()) == []
