"""The learner's file keeps the best, and never stands in the way."""

import json
import os
import stat

import pytest

from backprop_course.grading.progress import Progress
from backprop_course.grading.result import COULD_NOT_RUN, FAILED, NOT_ATTEMPTED, PASSED, make_result


@pytest.fixture
def path(tmp_path, monkeypatch):
    path = tmp_path / "points.json"
    monkeypatch.setenv("BACKPROP_COURSE_PROGRESS", str(path))
    return path


def keep(outcome, name="f"):
    kept = Progress()
    kept.keep(name, make_result(outcome, name, 4))
    return kept


def test_the_best_result_is_kept(path):
    for outcome, best in (
        (COULD_NOT_RUN, COULD_NOT_RUN),
        (FAILED, FAILED),
        (COULD_NOT_RUN, FAILED),
        (PASSED, PASSED),
        (FAILED, PASSED),
        (NOT_ATTEMPTED, PASSED),
    ):
        keep(outcome)
        assert Progress().outcome("f") == best
    assert json.loads(path.read_text())["exercises"]["f"] == {"outcome": "passed", "points": 4}


def test_nothing_attempted_leaves_no_file(path):
    keep(NOT_ATTEMPTED)
    assert not path.exists()
    assert Progress().outcome("f") == NOT_ATTEMPTED


def test_hints_are_counted_beside_the_result(path):
    keep(PASSED)
    Progress().keep_hint("f", 2)
    Progress().keep_hint("f", 1)
    assert (Progress().hints_read("f"), Progress().outcome("f")) == (2, PASSED)
    assert Progress().hints_read("g") == 0


def test_by_default_the_file_lies_in_the_working_directory(tmp_path, monkeypatch):
    monkeypatch.delenv("BACKPROP_COURSE_PROGRESS", raising=False)
    monkeypatch.chdir(tmp_path)
    keep(PASSED)
    assert [file.name for file in tmp_path.iterdir()] == ["progress.json"]


def test_only_the_file_itself_remains(path):
    keep(PASSED)
    keep(FAILED, "g")
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize(
    "text", ["{", "[]", "42", '{"exercises": 3}', '{"exercises": {"f": 3}}', "{}", '"x"', "\0" * 9]
)
def test_a_damaged_file_is_told_and_left_alone(path, text):
    path.write_text(text)
    kept = keep(PASSED)
    assert kept.trouble == (
        "Your points are not kept: the file points.json is damaged; delete it to begin a new one."
    )
    assert path.read_text() == text


def test_strange_entries_are_no_harm(path):
    path.write_text('{"exercises": {"f": {"outcome": "perfect", "hints": "many"}}}')
    kept = Progress()
    assert (kept.outcome("f"), kept.hints_read("f"), kept.trouble) == (NOT_ATTEMPTED, 0, "")
    keep(PASSED)
    assert Progress().outcome("f") == PASSED


def test_bytes_that_are_no_text(path):
    path.write_bytes(b"\xff\xfe\xfa")
    assert keep(PASSED).trouble == "Your points are not kept: the file points.json cannot be read."


def test_an_empty_file_is_a_beginning(path):
    path.write_text("")
    assert keep(PASSED).trouble == ""
    assert Progress().outcome("f") == PASSED


def test_a_file_that_cannot_be_written_is_told(tmp_path, monkeypatch):
    monkeypatch.setenv("BACKPROP_COURSE_PROGRESS", str(tmp_path / "no" / "folder.json"))
    kept = keep(PASSED)
    assert kept.trouble == "Your points are not kept: the file folder.json cannot be written."


def test_a_failure_on_the_way_leaves_the_old_file(path, monkeypatch):
    keep(FAILED)
    before = path.read_text()

    def full(*args):
        raise OSError("no space left")

    monkeypatch.setattr(os, "replace", full)
    assert "cannot be written" in keep(PASSED).trouble
    assert path.read_text() == before
    assert list(path.parent.iterdir()) == [path]


def test_a_folder_in_its_place_is_told(path):
    path.mkdir()
    assert "cannot be read" in keep(PASSED).trouble


@pytest.mark.skipif(os.name != "posix", reason="devices are files on POSIX only")
def test_a_device_means_keep_nothing(monkeypatch):
    monkeypatch.setenv("BACKPROP_COURSE_PROGRESS", os.devnull)
    assert keep(PASSED).trouble == ""
    assert stat.S_ISCHR(os.stat(os.devnull).st_mode)
    assert Progress().outcome("f") == NOT_ATTEMPTED


@pytest.mark.skipif(not hasattr(os, "symlink"), reason="no links on this system")
def test_a_link_is_followed(path, tmp_path):
    real = tmp_path / "real.json"
    real.write_text("")
    try:
        path.symlink_to(real)
    except OSError:
        pytest.skip("links are not allowed here")
    keep(PASSED)
    assert path.is_symlink()
    assert "passed" in real.read_text()


def test_lessons_and_exercises_share_one_file_and_solutions_keep_their_own(tmp_path, monkeypatch):
    monkeypatch.delenv("BACKPROP_COURSE_PROGRESS", raising=False)
    (tmp_path / "course.py").touch()
    for folder in ("backprop_course", "notebooks", "exercises", "solutions"):
        (tmp_path / folder).mkdir()
    passed = make_result(PASSED, "relu", 3)

    monkeypatch.chdir(tmp_path / "solutions")
    Progress().keep("relu", passed)
    monkeypatch.chdir(tmp_path / "exercises")
    assert Progress().outcome("relu") == NOT_ATTEMPTED

    Progress().keep("relu", passed)
    assert (tmp_path / "progress.json").is_file()
    monkeypatch.chdir(tmp_path / "notebooks")
    assert Progress().outcome("relu") == PASSED


def test_outside_of_a_course_the_file_lies_in_the_working_directory(tmp_path, monkeypatch):
    monkeypatch.delenv("BACKPROP_COURSE_PROGRESS", raising=False)
    monkeypatch.chdir(tmp_path)
    Progress().keep("relu", make_result(PASSED, "relu", 3))
    assert (tmp_path / "progress.json").is_file()
