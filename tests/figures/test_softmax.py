"""The figures of lesson 05 show the numbers that the lesson speaks of."""

import matplotlib
import numpy as np
import pytest

from backprop_course.figures import softmax as figures
from backprop_course.gradcheck import complex_step_gradient
from backprop_course.losses import softmax_cross_entropy_forward

matplotlib.use("Agg")


@pytest.fixture(autouse=True)
def close_figures():
    import matplotlib.pyplot as plt

    yield
    plt.close("all")


def test_odds_figure_shows_logits_odds_and_probabilities():
    figure = figures.odds_figure(np.log([1.0, 2.0, 3.0]))
    heights = [[bar.get_height() for bar in axis.patches] for axis in figure.axes]
    np.testing.assert_allclose(heights[0], np.log([1, 2, 3]))
    np.testing.assert_allclose(heights[1], [1, 2, 3])
    np.testing.assert_allclose(heights[2], [1 / 6, 2 / 6, 3 / 6])
    assert [axis.get_title() for axis in figure.axes][2] == "probabilities $p$"


def test_odds_figure_stands_on_the_floor_for_negative_logits():
    figure = figures.odds_figure([-1.0, 0.5], names=["no", "yes"])
    low, high = figure.axes[0].get_ylim()
    assert low < -1.0 and high > 0.5
    assert [text.get_text() for text in figure.axes[2].get_xticklabels()] == ["no", "yes"]


def test_loss_curves_have_the_values_of_the_lesson():
    gaps = np.array([-20.0, 0.0, 20.0, 100.0])
    losses, slopes = figures.loss_curves(gaps)
    np.testing.assert_allclose(losses["right"], np.log1p(np.exp(gaps)))
    np.testing.assert_allclose(losses["epsilon"][2:], [18.2333, 18.4207], atol=1e-4)
    assert losses["epsilon"][0] < 0
    assert np.isinf(losses["naive"][3]) and np.isfinite(losses["naive"][:3]).all()
    np.testing.assert_allclose(slopes["right"][1:], [0.5, 1.0, 1.0])
    np.testing.assert_allclose(slopes["epsilon"][2], 0.1709, atol=1e-4)
    assert slopes["squared"][2] < 1e-8


def test_the_right_curve_is_the_loss_of_the_package():
    gaps = np.linspace(-15, 105, 7)
    ours = [softmax_cross_entropy_forward(np.array([[g, 0.0]]), np.array([1]))[0] for g in gaps]
    np.testing.assert_allclose(figures.loss_curves(gaps)[0]["right"], ours, rtol=1e-12)


@pytest.mark.parametrize("key", ["right", "epsilon", "squared"])
def test_slopes_belong_to_their_losses(key):
    gaps = np.linspace(-12.0, 25.0, 9)

    def total(gaps):
        right = 1 / (1 + np.exp(gaps))
        if key == "right":
            return -np.log(right).sum()
        if key == "epsilon":
            return -np.log(right + 1e-8).sum()
        return ((1 - right) ** 2).sum()

    slopes = figures.loss_curves(gaps)[1][key]
    np.testing.assert_allclose(slopes, complex_step_gradient(total, gaps), rtol=1e-6, atol=1e-12)


def test_loss_figure_draws_these_curves():
    left, right = figures.loss_figure().axes
    drawn = {line.get_label(): line for line in left.lines}
    gaps = drawn["right"].get_xdata()
    losses, slopes = figures.loss_curves(gaps)
    for key in ("right", "epsilon", "squared"):
        np.testing.assert_array_equal(drawn[key].get_ydata(), losses[key])
    assert np.isfinite(drawn["naive"].get_ydata()).all()
    assert 88 < drawn["naive"].get_xdata()[-1] < 89
    drawn = {line.get_label(): line for line in right.lines}
    for key in ("right", "epsilon", "squared"):
        np.testing.assert_array_equal(drawn[key].get_ydata(), slopes[key])
    assert left.get_ylabel() == "loss" and right.get_ylabel() == "slope"
