"""Every built notebook matches its source and keeps to the rules for authors."""

from pathlib import Path

import nbformat
import pytest

from backprop_course.authoring import rules
from backprop_course.authoring.build import FOLDERS, ROOT, stale
from backprop_course.authoring.validate import secrets, validate_bank
from backprop_course.exercises.bank import load_bank

NOTEBOOKS = [path for folder in FOLDERS for path in sorted((ROOT / folder).glob("*.ipynb"))]


def test_there_are_notebooks():
    assert NOTEBOOKS, "no notebook is built: run 'backprop-course build'"


def test_every_exercise_is_well_made():
    assert validate_bank(load_bank().values()) == []


def test_no_notebook_is_stale():
    assert stale() == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_notebook_keeps_the_rules(path: Path):
    number = path.stem[:2]
    hidden = {
        line
        for record in load_bank().values()
        if record.lesson == number
        for line in secrets(record)
    }
    notebook = nbformat.read(path, as_version=4)
    assert rules.breaches(notebook, path.parent.name, sorted(hidden)) == []
