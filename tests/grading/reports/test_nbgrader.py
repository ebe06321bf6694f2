"""An exercise notebook as the source of an nbgrader assignment."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from backprop_course.exercises.bank import load_bank
from backprop_course.grading.reports.nbgrader import (
    NotUnsolved,
    nbgrader_source,
    write_nbgrader_source,
)
from backprop_course.grading.submissions import read_source

ROOT = Path(__file__).resolve().parents[3]
BUILT = sorted((ROOT / "exercises").glob("*.ipynb"))
BANK = load_bank()
# nbgrader/nbgraderformat/v3.json
FIELDS = {"grade", "grade_id", "locked", "schema_version", "solution", "task"}


def marked(notebook):
    return [cell for cell in notebook["cells"] if "nbgrader" in cell["metadata"]]


@pytest.mark.parametrize("path", BUILT, ids=lambda path: path.stem)
def test_every_exercise_has_its_points(path):
    notebook = nbgrader_source(path)
    records = [record for record in BANK.values() if record.lesson == path.stem[:2]]
    found = [cell["metadata"]["nbgrader"] for cell in marked(notebook)]
    assert len({one["grade_id"] for one in found}) == len(found)
    for one in found:
        assert set(one) - {"points"} == FIELDS
        assert one["schema_version"] == 3
        assert re.fullmatch(r"[A-Za-z0-9_-]+", one["grade_id"])
        assert one["grade"] == one["locked"] == ("points" in one) == (not one["solution"])
    graded = [one["points"] for one in found if one["grade"]]
    assert sorted(graded) == sorted(record.points for record in records)


@pytest.mark.parametrize("path", BUILT, ids=lambda path: path.stem)
def test_functions_are_solution_regions_and_still_starters(path):
    notebook = nbgrader_source(path)
    for cell in marked(notebook):
        if cell["metadata"]["nbgrader"]["solution"]:
            text = cell["source"]
            assert text.count("    ### BEGIN SOLUTION\n") == 1
            assert text.endswith("    ### END SOLUTION")
            assert '"""' not in text.partition("### BEGIN SOLUTION")[2]
            compile(text, "cell", "exec")
    ids = [cell["id"] for cell in notebook["cells"]]
    assert len(set(ids)) == len(ids)
    again = read_source(json.dumps(notebook).encode(), "a.ipynb")
    plain = read_source(path.read_bytes(), "a.ipynb")
    assert set(again.functions) == set(plain.functions)
    assert again.formulas == again.questions == {}


def test_the_source_lies_where_nbgrader_looks(tmp_path):
    target = write_nbgrader_source(BUILT[0], tmp_path / "source")
    assert target == tmp_path / "source" / BUILT[0].stem / BUILT[0].name
    assert json.loads(target.read_text("utf-8")) == nbgrader_source(BUILT[0])


def test_a_solved_notebook_is_refused(tmp_path):
    solved = ROOT / "solutions" / "03_matrix_gradients.ipynb"
    with pytest.raises(NotUnsolved, match="holds an answer to"):
        nbgrader_source(solved)
    for name, text in (
        ("a", '{"cells": []}'),
        ("b", "x"),
        ("c", "[]"),
        ("d", "{}"),
        ("e", '{"cells": [{}]}'),
    ):
        (tmp_path / name).write_text(text)
        with pytest.raises(NotUnsolved):
            nbgrader_source(tmp_path / name)


def test_a_cell_of_the_teacher_s_that_is_no_python_is_no_exercise(tmp_path):
    notebook = json.loads(BUILT[0].read_text("utf-8"))
    more = {"cell_type": "code", "id": "x", "metadata": {}, "source": "%matplotlib inline"}
    notebook["cells"].insert(0, more)
    (tmp_path / "more.ipynb").write_text(json.dumps(notebook))
    found = nbgrader_source(tmp_path / "more.ipynb")
    assert len(marked(found)) == len(marked(nbgrader_source(BUILT[0])))


# With nbgrader itself ------------------------------------------------------------------------


def solve(release: Path, solutions: Path) -> dict:
    """Write the answers of the solved notebook into a released one."""
    answers = {}
    for cell in json.loads(solutions.read_text("utf-8"))["cells"]:
        text = "".join(cell["source"])
        match = re.match(r'def (\w+)\(|check_\w+\("([^"]+)"', text)
        if cell["cell_type"] == "code" and match:
            answers[match[1] or match[2]] = text
    notebook = json.loads(release.read_text("utf-8"))
    for cell in notebook["cells"]:
        text = "".join(cell["source"])
        function = re.match(r"def (\w+)\(", text)
        call = re.match(r'((\w+) = )check_\w+\("([^"]+)"', text)
        if cell["cell_type"] == "code" and function:
            cell["source"] = answers[function[1]]
        elif cell["cell_type"] == "code" and call:
            cell["source"] = f"{call[1]}{answers[call[3]]}\n{call[2]}"
    return notebook


def test_nbgrader_gives_all_points_to_a_solved_notebook_and_none_to_a_blank_one(tmp_path):
    api = pytest.importorskip("nbgrader.api")
    name = "03_matrix_gradients"
    write_nbgrader_source(ROOT / "exercises" / f"{name}.ipynb", tmp_path / "source")
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "BACKPROP_COURSE_PROGRESS": os.devnull,
    }

    def nbgrader(*arguments):
        command = [sys.executable, "-m", "nbgrader", *arguments, "--create"]
        subprocess.run(command, cwd=tmp_path, env=environment, check=True, capture_output=True)

    nbgrader("generate_assignment", name)
    release = tmp_path / "release" / name / f"{name}.ipynb"
    assert "dout @ W.T" not in release.read_text("utf-8")
    for student in ("blank", "solved"):
        target = tmp_path / "submitted" / student / name / f"{name}.ipynb"
        target.parent.mkdir(parents=True)
        target.write_bytes(release.read_bytes())
    target.write_text(json.dumps(solve(release, ROOT / "solutions" / f"{name}.ipynb")))
    nbgrader("autograde", name)
    with api.Gradebook(f"sqlite:///{tmp_path}/gradebook.db") as gradebook:
        scores = {s["student"]: s["score"] for s in gradebook.submission_dicts(name)}
    assert scores == {"blank": 0.0, "solved": 16.0}
