"""The explorer of the spirals trains the course's own network, and can be wound back and forth."""

import re
from itertools import pairwise
from xml.etree import ElementTree

import numpy as np
import pytest

from backprop_course import datasets
from backprop_course.network import NeuralNetwork
from backprop_course.widgets import film
from backprop_course.widgets.png import data_uri
from backprop_course.widgets.spirals import (
    _PLOT,
    FIELD,
    FRAMES,
    LEVELS,
    RATES,
    REACH,
    STEPS,
    SpiralsExplorer,
    Training,
    _apart,
    _height,
    field_png,
    spirals_svg,
)

SVG = "{http://www.w3.org/2000/svg}"


def lines(picture):
    """Return how many points each of the three lines has."""
    found = ElementTree.fromstring(picture).iter(f"{SVG}polyline")
    return [len(line.get("points").split()) for line in found]


def test_training_is_gradient_descent_on_the_whole_batch():
    training = Training(5, 0.2)
    state = training.state(3)
    X, y = datasets.spirals(classes=3, per_class=50, noise=0.15)
    network = NeuralNetwork([2, 5, 5, 3], seed=0)
    network.fit(X, y, epochs=3 * STEPS, learning_rate=0.2, batch_size=len(X), on_epoch=None)
    for name, values in network.parameters.items():
        np.testing.assert_allclose(state.parameters[name], values, rtol=1e-9, atol=1e-12)
    loss, gradients = network.loss_and_gradients(X, y)
    assert state.loss == pytest.approx(loss, rel=1e-9)
    assert state.norms[1] == pytest.approx(np.sqrt((gradients["W2"] ** 2).sum()), rel=1e-9)


def test_the_field_is_the_network_at_the_centres_of_its_pixels():
    training = Training(8, 0.3)
    field = training.field(4)
    across = np.linspace(-REACH, REACH, FIELD)
    row, column = 10, 50
    network = NeuralNetwork([2, 8, 8, 3], seed=0)
    for name, values in network.parameters.items():
        values[...] = training.states[4].parameters[name]
    # The first row of pixels is the upper edge.
    point = np.array([[across[column], across[FIELD - 1 - row]]])
    np.testing.assert_allclose(field[row, column], network.predict_probabilities(point)[0])


def test_the_colours_of_the_field():
    from io import BytesIO

    from matplotlib import image

    sure, unsure = np.eye(3), np.full((3, 3), 1 / 3)
    broken = np.full((3, 3), np.nan)
    picture = image.imread(BytesIO(field_png(np.stack([sure, unsure, broken]))), format="png")
    light = picture[..., :3].sum(axis=2)
    assert len({tuple(colour) for colour in picture[0, :, :3]}) == 3
    assert (light[0] < light[1] - 0.5).all()  # certain is darker
    np.testing.assert_array_equal(light[1], light[2])
    assert LEVELS * 3 <= 256


def test_it_learns_and_the_lines_grow():
    explorer = SpiralsExplorer()
    assert lines(explorer.picture.value) == [1, 1, 1]
    assert explorer.state.loss == pytest.approx(np.log(3), abs=0.1)
    explorer.frame.value = FRAMES
    assert explorer.state.accuracy > 0.97
    assert lines(explorer.picture.value) == [FRAMES + 1] * 3
    assert f"After {STEPS * FRAMES} steps" in explorer.picture.value


def test_going_back_shows_what_was_shown_before():
    explorer = SpiralsExplorer(hidden=6)
    pictures = []
    for frame in range(4):
        explorer.frame.value = frame
        pictures.append(explorer.picture.value)
    assert len(set(pictures)) == 4
    for frame in (1, 3, 0, 2):
        explorer.frame.value = frame
        assert explorer.picture.value == pictures[frame]
    explorer.frame.value = 0
    explorer.frame.value = 5  # goes on from frame 3, whatever was looked at meanwhile
    assert explorer.picture.value == SpiralsExplorer(hidden=6, frame=5).picture.value


def test_the_buttons():
    explorer = SpiralsExplorer(hidden=6)
    first = explorer.picture.value
    explorer.step.click()
    explorer.step.click()
    assert (explorer.frame.value, explorer.play.value) == (2, 2)
    explorer.learning_rate.value, explorer.hidden.value = 1.0, 9
    assert explorer.picture.value != first
    explorer.reset.click()
    assert repr(explorer) == "SpiralsExplorer(hidden=6, learning_rate=0.3, frame=0)"
    assert explorer.picture.value == first
    explorer.frame.value = FRAMES
    explorer.step.click()
    assert explorer.frame.value == FRAMES


def test_more_units_begin_anew_and_another_rate_goes_on():
    explorer = SpiralsExplorer(hidden=6, frame=5)
    explorer.frame.value = 8
    explorer.frame.value = 5
    five, eight = explorer.state, explorer.training.state(8)
    explorer.learning_rate.value = 1.0
    assert explorer.state is five
    assert explorer.training.state(8).loss != eight.loss
    explorer.hidden.value = 7
    assert explorer.frame.value == 0
    assert explorer.training.network.parameters["W1"].shape == (2, 7)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("rate", (RATES[0], RATES[-1], 1e6))
@pytest.mark.parametrize("hidden", (2, 32))
def test_no_setting_breaks_the_picture(hidden, rate):
    picture = spirals_svg(Training(hidden, rate), 10)
    ElementTree.fromstring(picture)
    numbers = [float(y) for y in re.findall(r"[\d.]+,([\d.]+)", picture)]
    assert all(0 <= y <= 340 for y in numbers)


def test_heights_of_lengths_and_labels():
    assert _height(10.0) < _height(1.0) < _height(0.001)
    assert _height(0.0) == _height(1e-9) == _height(0.001)
    assert _height(float("nan")) == _height(float("inf")) == _height(1e9) == _height(10.0)
    assert _apart([50, 10, 12]) == [50, 10, 26]
    assert _apart([50, 49, 48]) == [80, 64, 48]


def test_still_picture_and_repr_are_steady():
    first, second = SpiralsExplorer(), SpiralsExplorer()
    assert repr(first) == repr(second)
    bundle = first._repr_mimebundle_()
    assert bundle["image/svg+xml"] == second._repr_mimebundle_()["image/svg+xml"]
    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert data_uri(field_png(first.training.field(0))) in bundle["image/svg+xml"]


def test_the_film_plays_the_training(monkeypatch):
    monkeypatch.setenv(film.SWITCH, "1")
    explorer = SpiralsExplorer(hidden=3)
    (steps,) = explorer.film()
    assert steps.plays and steps.start == 0 and len(steps.frames) == 21
    assert explorer._repr_mimebundle_()["text/html"].count("<button") == 1
    explorer.frame.value = 4
    reels = explorer.film()
    assert [reel.label for reel in reels] == ["steps", "hidden units", "learning rate"]
    assert {reel.frames[reel.start] for reel in reels} == {explorer.svg()}


def test_labels_keep_apart_and_inside_the_plot():
    _, top, _, height = _PLOT
    floor = top + height
    for heights in ([floor] * 3, [top, top, top], [floor, floor - 3, top]):
        moved = sorted(_apart(heights))
        assert all(below - above >= 16 for above, below in pairwise(moved))
        assert moved[-1] <= floor
