"""The command that a teacher types: what it writes, keeps, says and refuses."""

import csv
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest

from backprop_course.exercises.bank import load_bank
from backprop_course.grading.classroom import command
from backprop_course.grading.classroom.command import Request, run_grade
from backprop_course.grading.judge import draw
from backprop_course.grading.sandbox import Layers, SandboxError
from tests.grading.classroom.small_class import BROKEN, HANDED_IN, POINTS, RIGHT, hand_in
from tests.grading.submissions.builders import as_bytes, encrypt, overlap, pack, pack_links, write

EXERCISES = "linear_backward,dW,03.q1"
WITHOUT_LOOPS = [student for student in HANDED_IN if student != "dan"]


@pytest.fixture
def handed_in(tmp_path):
    """The class without the endless loop, which would cost each test its seconds."""
    folder = hand_in(tmp_path / "in")
    (folder / "dan.ipynb").unlink()
    return folder


def grade(handed_in, out, **more):
    return run_grade(Request(handed_in, out, exercises=EXERCISES, **more))


def results(out):
    return json.loads((out / "results.json").read_text("utf-8"))


def by_student(out):
    return {record["student"]: record for record in results(out)["submissions"]}


def test_a_class_is_graded_and_everything_is_written(handed_in, tmp_path, capsys):
    out = tmp_path / "out"
    assert grade(handed_in, out, seed=5) == 0
    assert results(out)["seed"] == 5
    assert "seccomp" in results(out)["layers"] or sys.platform != "linux"
    records = by_student(out)
    assert {student: records[student]["points"] for student in WITHOUT_LOOPS} == {
        student: POINTS[student] for student in WITHOUT_LOOPS
    }
    said = capsys.readouterr().out
    assert "5 of 6 submissions graded" in said
    assert f"{BROKEN}: {BROKEN}.ipynb ends in the middle" in said
    assert "1 x  linear_backward: bias-averaged" in said
    with (out / "gradebook.csv").open(newline="", encoding="utf-8-sig") as file:
        assert len(list(csv.reader(file))) >= 7
    assert len(list((out / "students").iterdir())) == 6
    assert "bias-averaged" in (out / "class.html").read_text("utf-8")


def test_a_second_run_grades_only_what_changed(handed_in, tmp_path, monkeypatch):
    out = tmp_path / "out"
    assert grade(handed_in, out) == 0
    seed = results(out)["seed"]
    before = by_student(out)
    graded = []
    real = command.grade

    def watched(submissions, plan, jobs):
        graded.extend(one.student for one in submissions)
        return real(submissions, plan, jobs)

    monkeypatch.setattr(command, "grade", watched)
    cell = nbformat.v4.new_code_cell(RIGHT)
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), handed_in / "bob.ipynb")
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), handed_in / "zoe.ipynb")
    (handed_in / "cleo.ipynb").unlink()
    assert grade(handed_in, out, resume=True) == 0
    assert graded == ["bob", "zoe"]
    after = by_student(out)
    assert results(out)["seed"] == seed
    assert after["bob"]["points"] == after["zoe"]["points"] == 6
    assert "cleo" not in after
    assert after["ada"] == before["ada"]


LINK = "is a link, and links are not followed."
LARGE = "is larger than 16 MB, the most a file may have."
ENCRYPTED = "is encrypted; pack the archive again without a password."
SHARED = "shares its bytes with another entry of the archive, as in a zip bomb."
BOMB = "would grow more than 200 times when unpacked, and was refused."
SPACES = b" " * 9_000_000


def fill(path):
    with path.open("wb") as file:
        file.truncate((16 << 20) + 1)


REFUSED_IN_FOLDER = {
    "link": (lambda folder: os.symlink("/etc/passwd", folder / "ida.ipynb"), "ida.ipynb", LINK),
    "linked folder": (lambda folder: os.symlink("/etc", folder / "ida"), "ida", LINK),
    "pipe": (
        lambda folder: os.mkfifo(folder / "ida.ipynb"), "ida.ipynb", "is not a regular file."
    ),
    "large": (lambda folder: fill(folder / "ida.ipynb"), "ida.ipynb", LARGE),
    "too deep": (
        lambda folder: write(folder, {"ida/" + "x/" * 12 + "hw.ipynb": None}),
        "ida" + "/x" * 12,
        "lies more than 12 folders deep, and was left out.",
    ),
}  # fmt: skip
REFUSED_IN_ARCHIVE = {
    "link in archive": (lambda path, ada: pack_links(pack(path, ada), ["ida.ipynb"]), LINK),
    "encrypted": (lambda path, ada: encrypt(pack(path, {"ida.ipynb": None} | ada)), ENCRYPTED),
    "large in archive": (lambda path, ada: pack(path, {"ida.ipynb": 2 * SPACES} | ada), LARGE),
    "bomb": (lambda path, ada: pack(path, {"ida.ipynb": SPACES} | ada), BOMB),
    "bomb of bytes that are shared": (
        lambda path, ada: overlap(pack(path, {"ida.ipynb": None, "ida/hw.pdf": b"x"} | ada)),
        SHARED,
    ),
}


def refused_class(kind, folder):
    """Return where the class lies in which ida's file is refused, that file, and why."""
    ada = {"ada.ipynb": as_bytes(RIGHT)}
    if kind in REFUSED_IN_ARCHIVE:
        make, why = REFUSED_IN_ARCHIVE[kind]
        make(folder / "in.zip", ada)
        return folder / "in.zip", "ida.ipynb", why
    make, file, why = REFUSED_IN_FOLDER[kind]
    make(write(folder / "in", ada))
    return folder / "in", file, why


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs links and pipes")
@pytest.mark.parametrize("kind", [*REFUSED_IN_FOLDER, *REFUSED_IN_ARCHIVE])
def test_a_file_that_is_refused_is_a_row_with_the_reason(kind, tmp_path, monkeypatch, capsys):
    submissions, file, why = refused_class(kind, tmp_path)
    out, reason = tmp_path / "out", f"{file} {why}"
    assert grade(submissions, out) == 0
    said = capsys.readouterr().out
    assert f"ida: {reason}" in said and "1 of 2 submissions graded" in said
    records = by_student(out)
    ida = records["ida"]
    assert records["ada"]["points"] == POINTS["ada"]
    assert (ida["outcome"], ida["reason"]) == ("could not be graded", reason)
    assert (ida["points"], ida["max_points"], ida["marks"]) == (None, None, [])
    with (out / "gradebook.csv").open(newline="", encoding="utf-8-sig") as table:
        rows = {row["student"]: row for row in csv.DictReader(table)}
    assert set(rows) == {"ada", "ida"}
    assert (rows["ida"]["status"], rows["ida"]["reason"]) == ("could not be graded", reason)
    assert rows["ida"]["points"] == rows["ida"]["percent"] == ""
    shown = (out / "class.html").read_text("utf-8")
    assert "Could not be graded (1)" in shown and reason in shown
    # What is still refused has not changed.
    graded = []
    monkeypatch.setattr(
        command, "grade", lambda changed, plan, jobs: iter([graded.extend(changed) or []])
    )
    assert grade(submissions, out) == 0
    assert graded == []


def test_a_file_of_no_student_is_a_line_in_the_terminal(tmp_path, capsys):
    folder = write(tmp_path / "in", {"ada.ipynb": as_bytes(RIGHT), "plan.pdf": "%PDF"})
    write(folder, {"all.zip": "no archive"})
    assert grade(folder, tmp_path / "out") == 0
    said = capsys.readouterr().out
    assert "plan.pdf: is neither a notebook" in said and "all.zip: is an archive" in said
    assert set(by_student(tmp_path / "out")) == {"ada"}


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_run_that_is_stopped_goes_on(tmp_path, how):
    handed_in = hand_in(tmp_path / "in", copies=3)
    out = tmp_path / "out"
    line = [sys.executable, "-m", "backprop_course.cli", "grade", str(handed_in), "--out", str(out)]
    line += ["--exercises", EXERCISES, "--seed", "3", "--time-limit", "0.5"]
    run = subprocess.Popen(line, stdout=subprocess.PIPE, text=True, start_new_session=True)
    wal = out / "grades.sqlite-wal"
    deadline = time.monotonic() + 60
    while not (wal.exists() and wal.stat().st_size > 20_000) and time.monotonic() < deadline:
        time.sleep(0.02)
    os.killpg(run.pid, how)
    said, _ = run.communicate(timeout=60)
    if how == signal.SIGINT:
        assert run.returncode == 130
        assert "the same command goes on from there" in said
    done = subprocess.run(line, capture_output=True, text=True, check=True)
    assert "18 of 21 submissions graded" in done.stdout
    for student, points in POINTS.items():
        assert by_student(out)[student]["points"] == points


def test_other_settings_do_not_mix_with_results_that_are_there(handed_in, tmp_path, capsys):
    out = tmp_path / "out"
    assert grade(handed_in, out, seed=1) == 0
    assert grade(handed_in, out, seed=2) == 1
    assert "other settings (seed)" in capsys.readouterr().out
    assert results(out)["seed"] == 1


def test_too_few_layers_ask_for_trust(handed_in, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(command, "available_layers", lambda: Layers().without("seccomp"))
    assert grade(handed_in, tmp_path / "out") == 1
    assert "--trust-submissions" in capsys.readouterr().out
    assert not (tmp_path / "out" / "results.json").exists()
    assert grade(handed_in, tmp_path / "out", trust=True) == 0
    assert "Submissions are trusted" in capsys.readouterr().out


def one_sentence(text):
    # A path may be long, but a traceback has many lines.
    return len(text.strip().splitlines()) == 1 and re.search(r"[.!]$", text.strip())


def test_bad_input_is_one_sentence_each(handed_in, tmp_path, capsys):
    empty = tmp_path / "empty"
    empty.mkdir()
    damaged = tmp_path / "damaged"
    damaged.mkdir()
    (damaged / "grades.sqlite").write_bytes(b"no database " * 400)
    for submissions, out, more, said in (
        (tmp_path / "nowhere", tmp_path / "o1", {}, "nowhere"),
        (empty, tmp_path / "o2", {}, "empty"),
        (handed_in, damaged, {}, "damaged"),
        (handed_in, handed_in / "ada.ipynb", {}, "cannot be used"),
        (handed_in, tmp_path / "o3", {"resume": True}, "nothing to resume"),
        (handed_in, tmp_path / "o4", {"roster": tmp_path / "none.csv"}, "none.csv"),
        (handed_in, tmp_path / "o5", {"cluster": "tcp://127.0.0.1:1"}, "No cluster answers"),
    ):
        assert run_grade(Request(submissions, out, exercises=EXERCISES, **more)) == 1
        printed = capsys.readouterr().out
        assert said in printed and one_sentence(printed), printed
    assert run_grade(Request(handed_in, tmp_path / "o6", exercises="99")) == 1
    assert "99 is neither" in capsys.readouterr().out


RAISES_ITS_INPUTS = """
import numpy as np

def linear_backward(dout, X, W, b):
    raise {error}
"""


@pytest.mark.parametrize(
    "error",
    [
        "ValueError(str(X))",
        "KeyError(X[0, 0])",
        "type('Signature', (Exception,), {})(X.tolist())",
        "type('FormulaError', (Exception,), {})(*X.ravel())",
        "ValueError(X.tobytes().hex())",
    ],
)
def test_a_student_who_raises_the_inputs_does_not_read_them(tmp_path, error):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "ida.py").write_text(RAISES_ITS_INPUTS.replace("{error}", error))
    assert grade(tmp_path / "in", tmp_path / "out", seed=5) == 0
    exercise = load_bank()["linear_backward"]
    X = draw(exercise, 5)[0].args[1]
    words = {f"{abs(value):.2f}" for value in X.ravel()} | {X.tobytes().hex()[:8]}
    (record,) = results(tmp_path / "out")["submissions"]
    (said,) = (m["message"] for m in record["marks"] if m["exercise"] == "linear_backward")
    assert any(word in said for word in words)
    (page,) = (tmp_path / "out" / "students").iterdir()
    shown = page.read_text("utf-8").partition("</style>")[2]
    assert "could not run" in shown and not any(word in shown for word in words)


def test_a_sandbox_that_does_not_open_is_one_sentence(handed_in, tmp_path, monkeypatch, capsys):
    def broken():
        raise SandboxError("a process for learners' code did not start in time")

    monkeypatch.setattr(command, "available_layers", broken)
    assert grade(handed_in, tmp_path / "out") == 1
    printed = capsys.readouterr().out
    assert "cannot be run here: a process" in printed and one_sentence(printed)


def test_a_full_disk_is_one_sentence_and_loses_nothing(handed_in, tmp_path, monkeypatch, capsys):
    out = tmp_path / "out"

    def full(results, records, folder):
        raise OSError(28, "No space left on device", str(Path(folder) / "results.json"))

    real = command.reports.write_all
    monkeypatch.setattr(command.reports, "write_all", full)
    assert grade(handed_in, out) == 1
    assert "results.json: No space left on device." in capsys.readouterr().out
    monkeypatch.setattr(command.reports, "write_all", real)
    assert grade(handed_in, out) == 0
    assert by_student(out)["ada"]["points"] == POINTS["ada"]
