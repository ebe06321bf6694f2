"""The tour: what it shows, and that it shows it in any terminal."""

import io
import os
import re
import subprocess
import sys

import numpy as np
import pytest
from rich.console import Console

from backprop_course import tour


@pytest.fixture(scope="module")
def shown():
    file = io.StringIO()
    tour.run_tour(Console(file=file, width=tour.WIDTH, highlight=False))
    return file.getvalue()


def test_the_numbers_of_the_worked_example():
    values, gradients = tour.neuron(2.0, 3.0, 1.0, 10.0)
    assert values == {"z": 7.0, "a": 7.0, "L": 4.5}
    assert gradients == {"a": -3.0, "z": -3.0, "W": -6.0, "b": -3.0, "x": -9.0}


@pytest.mark.parametrize(
    "line",
    [
        "z = x * W + b = 2 * 3 + 1 = 7",
        "a = ReLU(z) = max(7, 0) = 7",
        "L = (a - y)^2 / 2 = (7 - 10)^2 / 2 = 4.5",
        "dL/da = a - y = 7 - 10 = -3",
        "dL/dz = dL/da * da/dz = -3 * 1 = -3",
        "dL/dW = dL/dz * dz/dW = -3 * 2 = -6",
        "dL/db = dL/dz * dz/db = -3 * 1 = -3",
        "dL/dx = dL/dz * dz/dx = -3 * 3 = -9",
        "(L(3.001) - L(2.999)) / 0.002 = -6.000.",
    ],
)
def test_each_line_shows_the_product_that_made_its_number(shown, line):
    assert line in re.sub(" +", " ", shown)


def test_digits_are_learnt(shown):
    right, total = map(int, re.search(r"It reads (\d+) of (\d+) digits", shown).groups())
    assert total == 360
    assert right / total > 0.95
    shares = re.findall(r"held-out accuracy (\d+\.\d)%", shown)
    assert float(shares[-1]) == pytest.approx(100 * right / total, abs=0.06)


def test_a_digit_is_drawn_pixel_by_pixel():
    pixels = np.zeros((8, 8))
    pixels[0, 0], pixels[7, 7] = 1.0, 0.5
    lines = tour.picture(pixels.ravel()).split("\n")
    assert [len(line) for line in lines] == [16] * 8
    assert lines[0] == "@@" + " " * 14
    assert lines[7].strip() == 2 * tour.SHADES[4]


def test_the_wrong_answer_is_named(shown):
    assert "db = dout.mean(axis=0)" in shown
    assert "failed: linear_backward, 0 of 4 points" in shown
    assert "Your db is the mean over the batch where the sum belongs" in shown


def test_the_last_line_says_how_to_begin(shown):
    assert shown.rstrip().endswith("course.py lab")


def test_no_line_is_wider_than_the_terminal(shown):
    assert max(map(len, shown.splitlines())) <= tour.WIDTH


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_in_a_pipe_there_are_no_colours_and_nothing_is_written(tmp_path, encoding):
    progress = tmp_path / "progress.json"
    quiet = {"PYTHONIOENCODING": encoding, "BACKPROP_COURSE_PROGRESS": str(progress)}
    drop = {"FORCE_COLOR", "COLUMNS", "PYTHONUTF8"}
    kept = {name: value for name, value in os.environ.items() if name not in drop}
    said = subprocess.run(
        [sys.executable, "-m", "backprop_course.cli", "tour"],
        env=kept | quiet,
        capture_output=True,
        timeout=60,
        check=True,
    )
    text = said.stdout.decode(encoding)
    assert said.stderr == b""
    assert "\x1b" not in text
    assert "dL/dW" in text
    assert text.rstrip().endswith("course.py lab")
    assert not progress.exists()
