"""The explorer of lesson 05 computes what it shows, and its buttons do what they say."""

import xml.etree.ElementTree as ET

import numpy as np
import pytest

from backprop_course.losses import softmax_cross_entropy_backward, softmax_cross_entropy_forward
from backprop_course.widgets.softmax import RANGE, SoftmaxExplorer, explore, softmax_svg


@pytest.mark.parametrize("seed", range(5))
def test_explore_agrees_with_the_package(seed):
    rng = np.random.default_rng(seed)
    logits, label, T, smoothing = 3 * rng.normal(size=4), 2, 1.7, 0.2
    p, target, gradient, loss = explore(logits, label, temperature=T, smoothing=smoothing)
    expected, cache = softmax_cross_entropy_forward(
        logits[None] / T, np.array([label]), smoothing=smoothing
    )
    np.testing.assert_allclose(loss, expected, rtol=1e-12)
    np.testing.assert_allclose(p, cache[0][0], rtol=1e-12)
    np.testing.assert_allclose(gradient, softmax_cross_entropy_backward(1.0, cache)[0] / T)
    assert target.sum() == pytest.approx(1)


def test_names_that_do_not_fit_are_counted():
    with pytest.raises(ValueError, match="there are 3 logits and 1 names"):
        SoftmaxExplorer(names=["cat"])


def test_explore_survives_large_logits():
    p, _, gradient, loss = explore([1e5, 0.0], 1)
    np.testing.assert_array_equal(p, [1, 0])
    np.testing.assert_array_equal(gradient, [1, -1])
    assert loss == 1e5


def test_picture_is_steady_xml_that_says_what_it_shows():
    picture = softmax_svg(np.log([1.0, 2.0, 3.0]), 1, names=["cat", "dog & co", "owl"])
    root = ET.fromstring(picture)
    assert root.get("role") == "img"
    assert root.get("aria-label").startswith("Loss 1.0986, label dog & co. cat: probability 0.17")
    texts = [text.text for text in root.iter("{http://www.w3.org/2000/svg}text")]
    for shown in ("loss 1.0986", "0.1667", "0.3333", "0.5000", "+0.1667", "-0.6667", "+0.5000"):
        assert shown in texts
    assert texts.count("falls") == 2 and texts.count("rises") == 1
    assert picture == softmax_svg(np.log([1.0, 2.0, 3.0]), 1, names=["cat", "dog & co", "owl"])


@pytest.mark.parametrize("logits", [(6.0, -6.0, 0.0), (-6.0, 6.0, 6.0), (0.0, 0.0, 0.0)])
@pytest.mark.parametrize("temperature", [0.5, 1.0, 5.0])
def test_no_bar_leaves_the_picture(logits, temperature):
    root = ET.fromstring(softmax_svg(logits, 1, temperature=temperature))
    width, height = float(root.get("width")), float(root.get("height"))
    for bar in root.iter("{http://www.w3.org/2000/svg}rect"):
        x, y = float(bar.get("x", 0)), float(bar.get("y", 0))
        assert float(bar.get("height")) >= 0 and float(bar.get("width")) >= 0
        assert 0 <= x and x + float(bar.get("width")) <= width
        assert 0 <= y and y + float(bar.get("height")) <= height


def test_a_slider_moves_the_picture():
    explorer = SoftmaxExplorer()
    before = explorer.picture.value
    explorer.sliders[1].value = 2.0
    assert explorer.picture.value != before
    np.testing.assert_allclose(explorer.state[0], np.array([1, np.exp(2), 3]) / (4 + np.exp(2)))
    explorer.label.value = 0
    assert "label class 0" in explorer.picture.value
    explorer.temperature.value = 2.0
    assert "divided by T = 2.0" in explorer.picture.value
    explorer.smoothing.value = 0.3
    assert explorer.state[1].round(4).tolist() == [0.8, 0.1, 0.1]


def test_step_subtracts_the_gradient():
    explorer = SoftmaxExplorer()
    logits, gradient = np.array(explorer.logits), explorer.state[2]
    explorer.downhill.click()
    np.testing.assert_allclose(explorer.logits, logits - gradient)
    losses = []
    for _ in range(10):
        losses.append(explorer.state[3])
        explorer.downhill.click()
    assert losses == sorted(losses, reverse=True)


def test_shift_changes_the_logits_and_nothing_else():
    explorer = SoftmaxExplorer()
    before, picture = list(explorer.logits), explorer.picture.value
    explorer.shift.click()
    np.testing.assert_allclose(np.subtract(explorer.logits, before), 1)
    assert explorer.picture.value == picture


def test_rounding_in_the_browser_costs_no_digits():
    explorer = SoftmaxExplorer()
    picture = explorer.picture.value
    for slider in explorer.sliders:
        slider.value = round(slider.value, 2)
    assert explorer.picture.value == picture
    assert explorer.logits[1] == np.log(2)
    explorer.sliders[1].value = 0.70
    assert explorer.logits[1] == 0.70


def test_sliders_stop_together_at_their_end():
    explorer = SoftmaxExplorer()
    gaps = np.diff(explorer.logits)
    for _ in range(20):
        explorer.shift.click()
    assert max(explorer.logits) == RANGE
    np.testing.assert_allclose(np.diff(explorer.logits), gaps)


def test_a_film_starts_from_logits_that_have_run_past_their_sliders():
    explorer = SoftmaxExplorer((RANGE, -RANGE), label=0)
    explorer.downhill.click()  # one rises, one falls: no shift brings both back
    assert explorer.logits[0] > RANGE and explorer.logits[1] < -RANGE
    for reel in explorer.film():
        assert reel.frames[reel.start] == explorer.svg()


def test_reset_brings_the_first_picture_back():
    explorer = SoftmaxExplorer((0.5, -1.0), label=0, names=["no", "yes"])
    picture = explorer.picture.value
    explorer.sliders[0].value = -4.0
    explorer.temperature.value = 3.0
    explorer.label.value = 1
    explorer.reset.click()
    assert explorer.picture.value == picture


def test_repr_is_steady_and_a_picture_stands_in_without_javascript():
    first, second = SoftmaxExplorer(), SoftmaxExplorer()
    text = "SoftmaxExplorer(logits=(0.00, 0.69, 1.10), label='class 1', loss=1.0986)"
    assert repr(first) == repr(second) == text
    bundle = first._repr_mimebundle_()
    assert bundle["text/plain"] == text
    assert bundle["image/svg+xml"] == second.svg()
    assert "application/vnd.jupyter.widget-view+json" in bundle
