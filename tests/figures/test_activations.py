"""The figures of lesson 04 show the numbers that the lesson speaks of."""

import matplotlib
import numpy as np
import pytest

from backprop_course import layers
from backprop_course.figures import activations as figures
from backprop_course.figures import style

matplotlib.use("Agg")

Z_HAND = np.array([[-0.3, 1.2, -0.7], [-1.1, -0.9, 0.5]])  # unit 0 is dead, the others are not


@pytest.fixture(autouse=True)
def close_figures():
    import matplotlib.pyplot as plt

    yield
    plt.close("all")


@pytest.mark.parametrize("name", ["ReLU", "leaky ReLU, slope 0.1", "sigmoid", "tanh", "GELU"])
def test_curves_are_the_pairs_of_the_package(name):
    z = np.array([-3.0, -0.5, 0.5, 3.0])
    pair = name.split(",")[0].lower().replace(" ", "_")
    settings = {"slope": 0.1} if "slope" in name else {}
    out, cache = getattr(layers, f"{pair}_forward")(z, **settings)
    values, slopes = figures.curves(z)[name]
    np.testing.assert_array_equal(values, out)
    backward = getattr(layers, f"{pair}_backward")(np.ones(4), cache)
    np.testing.assert_allclose(slopes, backward, rtol=1e-12)


def test_silu_is_z_times_its_sigmoid():
    z = np.array([-2.0, 0.5])
    values, slopes = figures.curves(z)["SiLU"]
    weight = 1 / (1 + np.exp(-z))
    np.testing.assert_allclose(values, z * weight)
    np.testing.assert_allclose(slopes, weight + z * weight * (1 - weight))


def test_gallery_draws_values_in_blue_and_slopes_in_orange():
    figure = figures.gallery()
    assert len(figure.axes) == 6
    for axis in figure.axes:
        values, slopes = (line for line in axis.lines if len(line.get_xdata()) > 2)
        z = values.get_xdata()
        expected_values, expected_slopes = figures.curves(z)[axis.get_title()]
        np.testing.assert_array_equal(values.get_ydata(), expected_values)
        drawn = np.isfinite(slopes.get_ydata())
        np.testing.assert_array_equal(slopes.get_ydata()[drawn], expected_slopes[drawn])
        # Only a corner leaves a gap.
        assert (~drawn).sum() == ("ReLU" in axis.get_title())
        assert values.get_color() == style.FORWARD and slopes.get_color() == style.BACKWARD
        assert slopes.get_linestyle() == "--"
        assert axis.get_aspect() == 1


def test_open_and_closed_frames_the_dead_units_alone():
    axis = figures.open_and_closed(Z_HAND).axes[0]
    frames = [patch for patch in axis.patches if patch.get_label() == "dead"]
    assert [round(frame.get_x(), 1) for frame in frames] == [0.0]
    assert [text.get_text() for text in axis.get_xticklabels()] == [
        "unit 0\ndead",
        "unit 1\nlearns",
        "unit 2\nlearns",
    ]
    shown = [text.get_text().replace("\N{MINUS SIGN}", "-") for text in axis.texts]
    assert [float(text) for text in shown] == Z_HAND.ravel().tolist()
    cells = [patch for patch in axis.patches if patch.get_label() != "dead"]
    filled = [matplotlib.colors.to_hex(cell.get_facecolor()).upper() for cell in cells]
    assert [colour == style.DATA for colour in filled] == (Z_HAND > 0).ravel().tolist()


def test_an_exact_zero_counts_as_closed():
    axis = figures.open_and_closed(np.array([[0.0, 1.0], [-1.0, 2.0]])).axes[0]
    assert axis.get_xticklabels()[0].get_text() == "unit 0\ndead"


def test_open_shares_counts_every_unit_and_names_both_ends():
    shares = {"some": np.array([0.0, 0.0, 0.3, 0.5, 1.0]), "even": np.full(4, 0.52)}
    left, right = figures.open_shares(shares).axes
    assert sum(bar.get_height() for bar in left.patches) == 5
    assert [text.get_text() for text in left.texts] == ["2 dead", "1 always\nopen"]
    assert [text.get_text() for text in right.texts] == ["0 dead", "0 always\nopen"]
    assert right.patches[10].get_height() == 4
    assert left.get_ylim() == right.get_ylim()


def test_ways_back_draws_each_curve_under_its_name():
    panels = {"bare": {"gain 1": np.array([1.0, 0.5, 0.25])}, "bent": {"a": np.ones(3)}}
    figure = figures.ways_back(panels)
    assert [axis.get_title() for axis in figure.axes] == ["bare", "bent"]
    line = figure.axes[0].lines[0]
    np.testing.assert_array_equal(line.get_ydata(), [1, 0.5, 0.25])
    assert line.get_label() == "gain 1"
    assert figure.axes[0].get_yscale() == "log"
