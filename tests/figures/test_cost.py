"""The pictures of lesson 08 are tested on the values they show."""

import matplotlib
import numpy as np
import pytest

from backprop_course.figures import cost, style

matplotlib.use("Agg")


@pytest.fixture(autouse=True)
def close_figures():
    yield
    matplotlib.pyplot.close("all")


def values(line):
    return np.asarray(line.get_xdata()).tolist(), np.asarray(line.get_ydata()).tolist()


def test_gradient_cost_shows_count_and_measurement():
    (axis,) = cost.gradient_cost([10, 100], [25.0, 230.0], [3.0, 2.5]).axes
    counted, numerical, backprop = axis.lines
    assert values(counted) == ([10, 100], [20, 200])
    assert values(numerical) == ([10, 100], [25, 230])
    assert values(backprop) == ([10, 100], [3, 2.5])
    assert backprop.get_color() == style.BACKWARD
    assert (axis.get_xscale(), axis.get_yscale()) == ("log", "log")


def test_step_over_forward_shows_each_network_beside_its_count():
    measured = {"wide": np.array([12.0, 2.4, 2.3]), "tiny": [4.0, 4.1, 4.5]}
    counted = {"wide": 2.25, "tiny": 2.5}
    (axis,) = cost.step_over_forward((1, 32, 128), measured, counted).axes
    for k, (name, ratios) in enumerate(measured.items()):
        line, dashed = axis.lines[2 * k : 2 * k + 2]
        assert values(line) == ([1, 32, 128], list(ratios))
        assert line.get_label() == name
        assert set(dashed.get_ydata()) == {counted[name]}
        assert dashed.get_linestyle() == "--" and dashed.get_color() == line.get_color()
    assert len({(line.get_color(), line.get_marker()) for line in axis.lines[::2]}) == 2
    assert [label.get_text() for label in axis.get_xticklabels()] == ["1", "32", "128"]
    low, high = axis.get_ylim()
    assert low < 2.25 and high > 12


def test_as_many_looks_as_networks():
    measured = {str(k): [1.0 + k, 2.0 + k] for k in range(5)}
    (axis,) = cost.step_over_forward((1, 2), measured, dict.fromkeys(measured, 3.0)).axes
    looks = {(line.get_color(), line.get_marker()) for line in axis.lines[::2]}
    assert len(looks) == len(axis.get_legend().get_texts()) == 5


def test_gain_of_a_batch_has_the_line_of_no_cost():
    (axis,) = cost.gain_of_a_batch([1, 4, 16], {"gradient": [1, 6, 20], "forward": [1, 2, 4]}).axes
    free, gradient, forward = axis.lines
    assert values(free) == ([1, 4, 16], [1, 4, 16])
    assert values(gradient) == ([1, 4, 16], [1, 6, 20])
    assert values(forward) == ([1, 4, 16], [1, 2, 4])


def test_memory_of_a_step_rises_in_blue_and_falls_in_orange():
    training = [("Linear", 2e6), ("ReLU", 3e6), ("loss", 4e6), ("dLinear", 1e6)]
    predicting = [("Linear", 1e6), ("ReLU", 1e6)]
    (axis,) = cost.memory_of_a_step(training, predicting, 3_500_000).axes
    assert [bar.get_height() for bar in axis.patches] == [2, 3, 4, 1]
    colours = [matplotlib.colors.to_hex(bar.get_facecolor()).upper() for bar in axis.patches]
    assert colours == [style.FORWARD] * 2 + [style.BACKWARD] * 2
    diamonds, formula = axis.lines
    assert values(diamonds) == ([0, 1], [1, 1])
    assert set(formula.get_ydata()) == {3.5}
    assert [label.get_text() for label in axis.get_xticklabels()] == [name for name, _ in training]
