"""Gradescope and GitHub Classroom: their forms, and what runs over there."""

import base64
import json
import os
import shlex
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
import yaml

from backprop_course.grading.reports import write_gradescope_json, write_results_json
from backprop_course.grading.reports.github import github_result, write_workflow
from backprop_course.grading.reports.github import main as github_main
from backprop_course.grading.reports.gradescope import main, write_autograder
from tests.grading.reports.small_class import mark, results, small_class, student, ungraded

ANNA, BEN, _, DORA, *_ = small_class()
# https://gradescope-autograders.readthedocs.io/en/latest/specs/
TOP = {"score", "output", "visibility", "stdout_visibility", "extra_data", "tests"} | {
    "output_format",
    "test_output_format",
    "test_name_format",
}
TEST = {"name", "number", "score", "max_score", "status", "output", "tags", "visibility"}


def gradescope(folder, *records):
    write_gradescope_json(results(records), folder / "results.json")
    return json.loads((folder / "results.json").read_text("utf-8"))


def test_gradescope_reads_marks_and_messages(tmp_path):
    found = gradescope(tmp_path, BEN)
    assert set(found) == TOP
    assert found["score"] == sum(test["score"] for test in found["tests"]) == 1
    assert found["output"] == "Handed in late."
    assert [set(test) for test in found["tests"]] == [TEST] * 3
    wrong = found["tests"][1]
    assert wrong["name"] == "03 Linear: linear_backward"
    assert (wrong["score"], wrong["max_score"], wrong["status"]) == (0, 4, "failed")
    assert wrong["output"].startswith("failed: linear_backward")
    assert wrong["tags"] == ["transposed"]
    # Text, not HTML: what a student prints is not run in a teacher's browser.
    assert found["test_output_format"] == found["output_format"] == "text"


def test_no_input_that_was_drawn_goes_elsewhere(tmp_path):
    record = student("s", mark("03.q1", "failed", [], "failed\nWith x=1.025: dx is 3."))
    assert gradescope(tmp_path, record)["tests"][0]["output"] == "failed\nIn one case: dx is 3."
    assert decoded(record)["tests"][0]["message"] == "failed\nIn one case: dx is 3."


@pytest.mark.parametrize(
    ("records", "says"),
    [
        ([DORA], "This could not be graded: dora.ipynb"),
        ([], "There is no notebook (.ipynb) or Python file (.py) in the submission."),
        ([ANNA, BEN], "One submission was expected, and there are 2."),
    ],
)
def test_who_could_not_be_graded_has_no_score_at_gradescope(tmp_path, records, says):
    found = gradescope(tmp_path, *records)
    assert "score" not in found and "tests" not in found
    assert found["output"].startswith(says)


def test_the_container_turns_one_file_into_the_other(tmp_path):
    write_results_json(results([ANNA]), tmp_path / "in.json")
    assert main([str(tmp_path / "in.json"), str(tmp_path / "out" / "results.json")]) == 0
    assert json.loads((tmp_path / "out" / "results.json").read_text())["score"] == 6
    assert main([str(tmp_path / "nothing.json"), str(tmp_path / "results.json")]) == 1
    assert json.loads((tmp_path / "results.json").read_text())["output"].startswith(
        "The autograder"
    )


@pytest.fixture(scope="module")
def autograder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("autograder")
    write_autograder(folder / "autograder.zip", exercises="03", seconds=1.5)
    return folder / "autograder.zip"


def test_the_archive_has_its_scripts_at_the_root(autograder):
    with zipfile.ZipFile(autograder) as archive:
        names = archive.namelist()
        modes = {name: archive.getinfo(name).external_attr >> 16 for name in names}
        run = archive.read("run_autograder").decode()
        setup = archive.read("setup.sh").decode()
    assert names[:2] == ["setup.sh", "run_autograder"]
    assert modes["setup.sh"] & 0o111 and modes["run_autograder"] & 0o111
    assert " --time-limit 1.5 --exercises '03'\n" in run
    assert "--trust-submissions" not in run
    assert run.startswith("#!/usr/bin/env bash\n") and setup.startswith("#!/usr/bin/env bash\n")
    for needed in ("cli.py", "exercises/lesson_03/linear_backward.py", "grading/judge.py"):
        assert f"course/backprop_course/{needed}" in names
    assert "course/backprop_course/grading/reports/templates/class.html" in names
    assert not any("__pycache__" in name or "/widgets/" in name for name in names)


@pytest.mark.parametrize("script", ["setup.sh", "run_autograder"])
def test_the_scripts_are_valid_bash(autograder, script):
    with zipfile.ZipFile(autograder) as archive:
        subprocess.run(["bash", "-n"], input=archive.read(script), check=True)


def test_the_archive_is_the_same_whenever_it_is_made(autograder, tmp_path):
    write_autograder(tmp_path / "again.zip", exercises="03", seconds=1.5)
    assert (tmp_path / "again.zip").read_bytes() == autograder.read_bytes()


def test_the_course_in_the_archive_is_enough_to_grade(autograder, tmp_path):
    with zipfile.ZipFile(autograder) as archive:
        archive.extractall(tmp_path)
    code = (
        "import backprop_course, sys; from backprop_course.exercises.bank import load_bank;"
        "from backprop_course.grading import judge, reports, submissions;"
        "print(len(load_bank()), backprop_course.__file__)"
    )
    environment = os.environ | {"PYTHONPATH": str(tmp_path / "course")}
    said = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert said.stderr == ""
    assert str(tmp_path) in said.stdout


def _there(autograder, folder):
    """Lay the archive out as a container of Gradescope has it, below a folder.

    Libraries are there, and the course is not installed among them.
    """
    source, packages = folder / "source", Path(np.__file__).parents[1]
    with zipfile.ZipFile(autograder) as archive:
        archive.extractall(source)
    (source / "libraries").mkdir()
    for one in packages.iterdir():
        if "backprop" not in one.name:
            (source / "libraries" / one.name).symlink_to(one)
    python = source / "environment" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -S "$@"\n')
    python.chmod(0o755)
    script = (source / "run_autograder").read_text().replace("/autograder/", f"{folder}/")
    return script.replace("/source/course\n", f"/source/course:{source}/libraries\n")


@pytest.mark.skipif(sys.platform != "linux", reason="the containers of Gradescope run Linux")
def test_the_archive_grades_a_submission_where_the_course_is_not_installed(autograder, tmp_path):
    script = _there(autograder, tmp_path)
    (tmp_path / "results").mkdir()
    (tmp_path / "submission").mkdir()
    answer = "def linear_backward(dout, X, W, b):\n    return dout @ W.T, X.T @ dout, dout.sum(0)"
    (tmp_path / "submission" / "hw (1).py").write_text(answer)
    done = subprocess.run(
        ["bash", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    found = json.loads((tmp_path / "results" / "results.json").read_text())
    assert set(found) == TOP, done.stdout + done.stderr
    marks = {test["name"].partition(": ")[2]: test["score"] for test in found["tests"]}
    assert marks["linear_backward"] == found["score"] > 0


# GitHub Classroom ----------------------------------------------------------------------------


def decoded(record):
    return json.loads(base64.b64decode(github_result(results([]), record)))


def test_the_reporter_of_github_classroom_gets_its_form():
    found = decoded(BEN)
    assert (found["version"], found["status"], found["max_score"]) == (1, "fail", 6)
    assert [(t["name"], t["status"], t["score"]) for t in found["tests"]] == [
        ("03.q1", "pass", 1),
        ("linear_backward", "fail", 0),
        ("relu_backward", "fail", 0),
    ]
    assert decoded(ANNA)["status"] == "pass"
    assert decoded(DORA)["status"] == "error"
    assert decoded(DORA)["tests"][0]["message"].startswith("This could not be graded: dora.ipynb")


def test_the_workflow_is_valid_and_hands_the_result_over(tmp_path):
    course = "git+https://example.org/it's.git"
    write_workflow(
        tmp_path / ".github" / "workflows" / "classroom.yml", course=course, exercises="03"
    )
    text = (tmp_path / ".github" / "workflows" / "classroom.yml").read_text()
    workflow = yaml.safe_load(text)
    steps = workflow["jobs"]["run-autograding-tests"]["steps"]
    assert steps[2]["run"] == "pip install 'git+https://example.org/it'\\''s.git'"
    assert steps[3]["id"] == "grade" and "--exercises '03' --trust-submissions" in steps[3]["run"]
    assert steps[4]["env"] == {"GRADE_RESULTS": "${{ steps.grade.outputs.result }}"}
    assert steps[4]["with"] == {"runners": "grade"}


def test_a_step_prints_the_marks_and_sets_its_output(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("GITHUB_OUTPUT", str(tmp_path / "output"))
    write_results_json(results([BEN]), tmp_path / "results.json")
    assert github_main([str(tmp_path / "results.json")]) == 0
    assert "Your dW is the transpose" in capsys.readouterr().out
    name, _, value = (tmp_path / "output").read_text().strip().partition("=")
    assert name == "result" and value == github_result(results([]), BEN)
    write_results_json(results([]), tmp_path / "results.json")
    assert github_main([str(tmp_path / "results.json")]) == 1


def test_a_message_is_no_command_to_the_runner(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("GITHUB_OUTPUT", str(tmp_path / "output"))
    record = student("s", mark("03.q1", "failed", [], "failed\n::error::x\n  ##[group]y\na::b"))
    write_results_json(results([record]), tmp_path / "results.json")
    github_main([str(tmp_path / "results.json")])
    lines = capsys.readouterr().out.split("\n")
    assert lines[:4] == ["failed", ": error::x", "  : [group]y", "a::b"]


def test_no_student_name_reaches_the_workflow_commands():
    # A line that begins with "::" is a command to GitHub; the result is base64 in one line.
    assert "\n" not in github_result(results([]), student("::set-output"))
    assert "\n" not in github_result(results([]), ungraded("x", "a\n::error::b"))
