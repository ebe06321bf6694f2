"""The pictures of lesson 07 are tested on the values they show."""

from types import SimpleNamespace

import matplotlib
import numpy as np
import pytest

from backprop_course.figures import style, training
from backprop_course.widgets.training import train_xor

matplotlib.use("Agg")


@pytest.fixture(autouse=True)
def close_figures():
    yield
    matplotlib.pyplot.close("all")


def texts(axis):
    return [text.get_text() for text in axis.texts]


def test_return_trip_names_every_value_and_its_gradient():
    (axis,) = training.return_trip().axes
    shown = texts(axis)
    for name in ("X", "Z1", "A1", "Z2", "loss", "dZ2", "dA1", "dZ1", "dW2, db2", "dW1, db1"):
        assert name in shown
    assert "dX" not in shown
    places = {text.get_text(): text.get_position() for text in axis.texts}
    for value, gradient in (("Z1", "dZ1"), ("A1", "dA1"), ("Z2", "dZ2")):
        assert places[value][0] == places[gradient][0]
        assert places[value][1] > places[gradient][1]


def test_loss_curves_show_the_history():
    history = SimpleNamespace(
        losses=[2.0, 1.0, 0.5],
        accuracies=[0.85, 0.9, 0.97],
        validation_losses=[1.5, 1.1, 0.7],
        validation_accuracies=[0.86, 0.88, 0.93],
    )
    left, right = training.loss_curves(history).axes
    assert left.lines[0].get_xdata().tolist() == [1, 2, 3]
    shown = [line.get_ydata().tolist() for axis in (left, right) for line in axis.lines]
    assert shown == [
        history.losses,
        history.validation_losses,
        history.accuracies,
        history.validation_accuracies,
    ]
    assert left.get_ylim()[0] == 0
    assert [line.get_linestyle() for line in left.lines] == ["-", "--"]


def test_confusion_counts_add_up():
    labels, predictions = np.array([0, 0, 1, 2, 2, 2]), np.array([0, 1, 1, 2, 2, 0])
    counts = training.confusion_counts(labels, predictions, 3)
    assert counts.tolist() == [[1, 1, 0], [0, 1, 0], [1, 0, 2]]
    assert counts.sum(axis=1).tolist() == [2, 1, 3]


def test_confusion_matrix_colours_only_confusions():
    labels, predictions = np.array([0, 0, 1, 2, 2, 2]), np.array([0, 1, 1, 2, 2, 0])
    (axis,) = training.confusion_matrix(labels, predictions, classes=3).axes
    ground = axis.images[0].get_array()
    assert ground.tolist() == [[0, 1, 0], [0, 0, 0], [1, 0, 0]]
    numbers = {text.get_position(): text.get_text() for text in axis.texts}
    assert numbers == {(0, 0): "1", (1, 0): "1", (1, 1): "1", (2, 2): "2", (0, 2): "1"}
    assert (axis.get_xlabel(), axis.get_ylabel()) == ("read as", "is")


def test_digit_images_keep_the_pixels():
    X = np.arange(3 * 64).reshape(3, 64) / 192
    axes = training.digit_images(X, ["4", "5", "6"], columns=2).axes
    assert len(axes) == 4
    assert [axis.get_title() for axis in axes] == ["4", "5", "6", ""]
    assert np.array_equal(axes[1].images[0].get_array(), X[1].reshape(8, 8))


def test_misread_digits_shows_the_wrong_ones_alone():
    labels, predictions = np.array([3, 8, 1, 9]), np.array([3, 1, 1, 5])
    X = np.arange(4 * 64).reshape(4, 64) / 256
    axes = training.misread_digits(X, labels, predictions).axes
    titles = [axis.get_title() for axis in axes if axis.images]
    assert titles == ["8, read as 1", "9, read as 5"]
    assert np.array_equal(axes[1].images[0].get_array(), X[3].reshape(8, 8))


def test_no_misread_digit_is_no_error():
    labels = np.array([1, 2])
    training.misread_digits(np.zeros((2, 64)), labels, labels)


def test_xor_regions_agree_with_the_networks():
    run = train_xor(4, 0.4)
    axes = training.xor_regions([run, run], [3, 0], ["fails", "learns"]).axes
    assert [axis.get_title() for axis in axes] == ["fails", "learns"]
    for axis, network in zip(axes, (3, 0), strict=True):
        folds = [line for line in axis.lines if line.get_linestyle() == ":"]
        assert len(folds) == (~run.dead_at_end[network]).sum()
        W, b = run.W1[network], run.b1[network, 0]
        for fold in folds:
            points = np.stack(fold.get_data(), axis=1)
            # Both ends of a fold lie where one unit's pre-activation is 0.
            assert np.abs(points @ W + b).max(axis=0).min() < 1e-9
    marks = [line for line in axes[0].lines if line.get_marker() in ("o", "^")]
    assert sorted(map(tuple, np.stack(marks[0].get_data(), axis=1).tolist())) == [(0, 0), (1, 1)]


def test_laboratory_tells_verdicts_apart_by_colour_and_mark():
    results = {
        "nothing wrong": (True, [[0.9, 0.92], [0.98, 0.96]]),
        "bias averaged": (False, [[0.91, 0.93], [0.5, 0.6]]),
    }
    left, right = training.laboratory(results, ["digits", "spirals"]).axes
    assert [label.get_text() for label in left.get_yticklabels()] == list(results)
    assert left.lines[0].get_xdata()[0] == pytest.approx(0.91)  # the mean of the right gradient
    first, second = left.lines[1:3]
    assert first.get_xdata().tolist() == [0.9, 0.92] and first.get_marker() == "o"
    assert second.get_xdata().tolist() == [0.91, 0.93] and second.get_marker() == "X"
    assert (first.get_color(), second.get_color()) == (style.FORWARD, style.BACKWARD)
    assert right.lines[2].get_xdata().tolist() == [0.5, 0.6]
