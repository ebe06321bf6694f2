"""The command says what it did, and its exit code tells success from failure."""

import subprocess
import sys

import pytest
from typer.testing import CliRunner

from backprop_course.authoring import build as building
from backprop_course.authoring import command
from backprop_course.cli import app
from tests.authoring import bank
from tests.authoring.test_build import TINY, write


@pytest.fixture
def course(tmp_path, monkeypatch):
    """Put a tiny course in the place of the real one, and run no cell."""
    root = write(tmp_path, _03_matrix_gradients=TINY)
    records = {record.name: record for record in bank.write(tmp_path / "bank")}
    for name in ("plan", "build", "stale"):
        function = getattr(building, name)
        monkeypatch.setattr(
            command,
            name,
            lambda names, f=function, **rest: f(names, root=root, bank=records, **rest),
        )
    monkeypatch.setattr(building, "execute", lambda notebook, path: None)
    return root


def test_build_then_check(course):
    runner = CliRunner()
    before = runner.invoke(app, ["build", "--check"])
    assert before.exit_code == 1
    assert before.output.count("is missing") == 3

    built = runner.invoke(app, ["build"])
    assert built.exit_code == 0
    assert "written    exercises/03_matrix_gradients.ipynb" in built.output
    assert "its cells were run in the order" in built.output  # the rules speak at once
    assert "3 of 3 notebooks changed." in built.output

    after = runner.invoke(app, ["build", "--check"])
    assert after.exit_code == 0
    assert after.output == "Every notebook matches its source.\n"
    assert "unchanged  notebooks" in runner.invoke(app, ["build", "3", "--jobs", "2"]).output


def test_a_refusal_is_one_sentence(course):
    result = CliRunner().invoke(app, ["build", "99"])
    assert result.exit_code == 1
    assert result.output == "No lesson is called 99. The lessons are: 03_matrix_gradients.\n"


def test_a_missing_builder_is_explained(course, monkeypatch):
    def no_jupytext(names):
        raise ModuleNotFoundError("No module named 'jupytext'", name="jupytext")

    monkeypatch.setattr(command, "stale", no_jupytext)
    result = CliRunner().invoke(app, ["build", "--check"])
    assert result.exit_code == 1
    assert "pip install 'backprop-course[authoring]'" in result.output


@pytest.mark.parametrize("module", ["backprop_course", "backprop_course.cli"])
def test_python_m(module):
    result = subprocess.run(
        [sys.executable, "-m", module, "build", "--help"],
        capture_output=True,
        text=True,
        cwd=building.ROOT,
        check=True,
    )
    assert "backprop-course build" in result.stdout


def test_parsing_alone_imports_nothing_heavy():
    code = (
        "import sys, backprop_course.cli\n"
        "heavy = {'numpy', 'matplotlib', 'nbformat', 'nbclient', 'jupytext', 'ipywidgets'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=building.ROOT, check=True
    )
    assert result.stdout == "[]\n"
