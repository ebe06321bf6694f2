"""Figures are tested on what they show: texts, line data, labels."""

import numpy as np
import pytest

from backprop_course.figures import neuron


@pytest.fixture(autouse=True)
def _close_figures():
    import matplotlib

    matplotlib.use("agg")
    import matplotlib.pyplot as plt

    yield
    plt.close("all")


def texts(figure):
    return [text.get_text() for text in figure.axes[0].texts]


def test_training_loop_names_the_four_steps_in_order():
    shown = texts(neuron.training_loop())
    heads = [text for text in shown if text[:1].isdigit()]
    assert [head.split()[1] for head in heads] == ["forward", "loss", "backward", "update"]


def test_return_trip_shows_the_worked_example():
    shown = texts(neuron.return_trip(x=2, w=3, b=1, y=10))
    for value in ("2", "6", "7", "4.5"):
        assert value in shown
    assert {"dw = −6", "db = −3", "−9", "a − y = −3", "z = 7"} <= set(shown)


def test_return_trip_of_a_closed_neuron():
    shown = texts(neuron.return_trip(x=2, w=3, b=-8, y=10))
    assert {"dw = 0", "db = 0", "50", "× 0"} <= set(shown)


def test_texts_stay_inside_the_picture():
    for figure in (neuron.training_loop(), neuron.return_trip()):
        figure.canvas.draw()
        width, height = figure.canvas.get_width_height()
        for text in figure.axes[0].texts:
            if text.get_text():  # an arrow is an annotation without text
                box = text.get_window_extent()
                assert box.x0 >= 0 and box.y0 >= 0, text
                assert box.x1 <= width and box.y1 <= height, text


def test_nudge_chain_draws_bars_as_thick_as_the_nudge():
    before, after = [2, 6, 7, 49], [2.01, 6.03, 7.03, 7.03**2]
    figure = neuron.nudge_chain("xuvf", ["times 3", "plus 1", "square"], [3, 1, 14], before, after)
    widths = [line.get_linewidth() for line in figure.axes[0].lines]
    assert widths[1] / widths[0] == pytest.approx(3)
    assert widths[2] == pytest.approx(widths[1])
    assert widths[3] / widths[2] == pytest.approx(0.4209 / 0.03)
    assert {"x = 2", "f = 49", "+0.4209", "× 14", "square"} <= set(texts(figure))


def test_sensitivity_curves_keep_their_numbers():
    curves = {"one": np.array([1.0, 0.2, 0.05]), "two": np.array([1.0, 0.5, 0.3])}
    ax = neuron.sensitivity_curves(curves).axes[0]
    lines = {line.get_label(): line for line in ax.lines}
    for label, values in curves.items():
        np.testing.assert_array_equal(lines[label].get_ydata(), values)
        np.testing.assert_array_equal(lines[label].get_xdata(), [0, 1, 2])
    np.testing.assert_allclose(lines["1/4 a stop"].get_ydata(), [1, 0.25**2])
    assert ax.get_yscale() == "log"
    assert ax.get_xlabel() and ax.get_ylabel()
