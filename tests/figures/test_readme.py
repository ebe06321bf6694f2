"""The picture of the README says what the package computes and what the check reports."""

import inspect
import re
from pathlib import Path

import pytest

from backprop_course import tour
from backprop_course.exercises.bank import find
from backprop_course.figures import readme
from backprop_course.grading.judge import judge


@pytest.fixture(scope="module")
def texts():
    figure = readme.overview()
    (axes,) = figure.axes
    found = [text.get_text() for text in axes.texts if text.get_text()]
    import matplotlib.pyplot as plt

    plt.close(figure)
    return found


def test_every_number_is_the_package_s(texts):
    values, gradients = tour.neuron(2.0, 3.0, 1.0, 10.0)
    for number in (*values.values(), *gradients.values()):
        assert readme.short(number) in texts
    numbers = [text for text in texts if re.fullmatch(r"\N{MINUS SIGN}?[\d.]+", text)]
    forward, backward = ["2", "6", "7", "7", "4.5"], ["-9", "-3", "-3", "-3", "1"]
    row = [number for pair in zip(forward, backward, strict=True) for number in pair]
    above = ["3", "-6", "1", "-3", "10"]
    assert [number.replace("\N{MINUS SIGN}", "-") for number in numbers] == row + above


def test_a_closed_neuron_sends_nothing_back():
    import matplotlib.pyplot as plt

    figure = readme.overview(x=2.0, W=-3.0)
    said = [text.get_text() for text in figure.axes[0].texts]
    plt.close(figure)
    assert "the gradient of W is 0 × 2 = 0" in said


def test_the_report_is_the_one_that_the_check_gives(texts):
    message = judge(find("linear_backward"), tour.linear_backward).message
    plain = " ".join(message.split())
    assert message.startswith(readme.VERDICT + "\n")
    for shown in (readme.ARRAYS, readme.REASON):
        assert " ".join(shown.split()) in plain
        assert shown in texts
    assert inspect.getsource(tour.linear_backward).strip() == readme.ANSWER


def test_the_stored_picture_holds_these_texts(texts):
    # matplotlib draws letters as paths and leaves each text, line by line, in a comment.
    stored = readme.PICTURE.read_text("utf-8")
    for text in texts:
        for line in text.splitlines():
            assert f"<!-- {line} -->" in stored


def test_saving_writes_the_same_bytes_each_time(tmp_path):
    first, second = tmp_path / "first.svg", tmp_path / "second.svg"
    readme.save(first)
    readme.save(second)
    assert first.read_bytes() == second.read_bytes()
    assert str(Path.home()) not in first.read_text("utf-8")
