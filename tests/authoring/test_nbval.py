"""Strict nbval with the course's conftest passes what is right and catches what has changed."""

import os
import shutil
import subprocess
import sys

import nbformat
import pytest

from backprop_course.authoring.build import ROOT, build
from tests.authoring.test_build import write

SAME = """\
# %% [markdown]
# # The same on every run

# %%
import os
from pathlib import Path

import matplotlib.pyplot as plt

# %%
progress = Path(os.environ["BACKPROP_COURSE_PROGRESS"])
print("left by another notebook:", progress.exists())
_ = progress.write_text("{}")

# %%
plt.plot([1, 2])
plt.show()
"""
OTHER = SAME + "\n# %%\nprint(2 + 2)\n\n# %%\nprint({'a', 'b', 'c', 'd', 'e'})\n"


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """Return what pytest says of two notebooks, one of them with outputs that do not fit."""
    root = write(tmp_path_factory.mktemp("course"), _01_same=SAME, _02_other=OTHER)
    build(root=root, bank={})
    path = root / "notebooks" / "02_other.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[4].outputs[0].text = "5\n"
    nbformat.write(notebook, path)

    for file in ("conftest.py", "pyproject.toml", "tests/nbval_sanitize.cfg"):
        shutil.copy(ROOT / file, root)
    options = "--nbval --nbval-current-env --nbval-sanitize-with nbval_sanitize.cfg --color no"
    result = subprocess.run(
        [sys.executable, "-m", "pytest", *options.split(), "-p", "no:cacheprovider", "notebooks"],
        cwd=root,
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT), "MPLBACKEND": "Agg", "PYTEST_ADDOPTS": ""},
    )
    return result.stdout + result.stderr


def test_equal_outputs_pass(report):
    assert "FAILED notebooks/01_same.ipynb" not in report
    assert "2 failed, 6 passed" in report, report


def test_a_changed_output_fails(report):
    assert "FAILED notebooks/02_other.ipynb::Cell 3" in report, report


def test_an_output_in_the_order_of_a_set_fails(report):
    assert "FAILED notebooks/02_other.ipynb::Cell 4" in report, report


def test_sources_are_not_run_as_doctests(report):
    assert "collected 8 items" in report, report
    assert "ERROR" not in report, report
