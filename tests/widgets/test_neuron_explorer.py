"""The explorer is tested on its numbers: sliders are moved, values and SVG text are read."""

import random
from itertools import pairwise
from xml.etree import ElementTree

import pytest

from backprop_course.widgets import neuron_explorer, neuron_svg, neuron_values
from backprop_course.widgets.neuron import LEARNING_RATE

SVG = "{http://www.w3.org/2000/svg}"


def texts(picture):
    """Return all pieces of text that a picture shows."""
    root = ElementTree.fromstring(picture)
    return [element.text for element in root.iter() if element.tag.removeprefix(SVG) == "text"]


def test_values_of_the_worked_example():
    v = neuron_values(x=2, w=3, b=1, y=10)
    assert (v.z, v.a, v.loss) == (7, 7, 4.5)
    assert (v.dloss_da, v.da_dz, v.dz_dw) == (-3, 1, 2)
    assert (v.dz, v.dx, v.dw, v.db) == (-3, -9, -6, -3)


@pytest.mark.parametrize("z", [-1.0, 0.0])
def test_a_closed_neuron_has_no_gradient(z):
    v = neuron_values(x=2, w=3, b=z - 6, y=10)
    assert (v.z, v.a, v.loss, v.da_dz) == (z, 0, 50, 0)
    assert (v.dx, v.dw, v.db) == (0, 0, 0)
    assert v.dloss_da == -10


def test_gradients_agree_with_nudges():
    rng = random.Random(0)
    compared = 0
    while compared < 50:
        point = [rng.uniform(-3, 3) for _ in range(4)]
        v = neuron_values(*point)
        if abs(v.z) < 0.01:
            continue  # a nudge of h must not cross the corner of ReLU
        compared += 1
        h = 1e-5
        for k, gradient in enumerate((v.dx, v.dw, v.db)):
            up, down = ([p + s * h * (k == i) for i, p in enumerate(point)] for s in (1, -1))
            slope = (neuron_values(*up).loss - neuron_values(*down).loss) / (2 * h)
            assert slope == pytest.approx(gradient, abs=1e-7)


def test_first_picture_shows_the_worked_example():
    shown = texts(neuron_explorer().picture.value)
    for number in ("7.00", "4.50", "−3.00", "−6.00", "−9.00", "2.00"):
        assert number in shown
    assert "slope of the tangent = −6.00" in shown


def test_sliders_move_numbers_and_picture():
    explorer = neuron_explorer()
    explorer.w.value = 4.0
    assert explorer.values.z == 9
    assert explorer.values.dw == -2
    assert "slope of the tangent = −2.00" in texts(explorer.picture.value)

    explorer.b.value = -9.0
    assert explorer.values.dw == 0
    assert "z is not above 0: ReLU is closed, nothing passes." in texts(explorer.picture.value)

    explorer.b.value, explorer.y.value, explorer.x.value = 1.0, 5.0, 1.0
    assert explorer.values.dw == 0  # w x + b = 5 meets the target
    assert explorer.values.da_dz == 1


def test_step_goes_downhill_and_reset_comes_back():
    explorer = neuron_explorer()
    explorer.step.click()
    assert explorer.w.value == pytest.approx(3 + LEARNING_RATE * 6)
    assert explorer.b.value == pytest.approx(1 + LEARNING_RATE * 3)
    assert (explorer.x.value, explorer.y.value) == (2, 10)
    losses = [explorer.values.loss]
    for _ in range(30):
        explorer.step.click()
        losses.append(explorer.values.loss)
    assert all(later < earlier for earlier, later in pairwise(losses[:8]))
    assert losses[-1] < 0.005
    explorer.reset.click()
    assert repr(explorer) == "NeuronExplorer(x=2, w=3, b=1, y=10)"
    assert explorer.values.dw == -6


def test_a_step_lands_on_a_place_that_the_sliders_can_show():
    explorer = neuron_explorer(x=1.37, w=2.91, b=0.83, y=9.77)
    for _ in range(5):
        explorer.step.click()
        for slider in (explorer.w, explorer.b):
            assert slider.value == round(slider.value, 2)
            assert slider.step == pytest.approx(0.01)


@pytest.mark.parametrize("x", [-5.0, 5.0])
def test_a_step_never_overshoots_within_the_sliders(x):
    # The step multiplies the miss by 1 - rate * (x^2 + 1), which must stay above -1.
    assert abs(1 - LEARNING_RATE * (x**2 + 1)) < 1


def test_repr_is_steady_and_the_bundle_holds_a_still_picture():
    one, two = neuron_explorer(), neuron_explorer()
    assert repr(one) == repr(two) == "NeuronExplorer(x=2, w=3, b=1, y=10)"
    bundle = one._repr_mimebundle_()
    assert bundle["text/plain"] == repr(one)
    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert bundle["image/svg+xml"] == two._repr_mimebundle_()["image/svg+xml"]
    assert ElementTree.fromstring(bundle["image/svg+xml"]).tag == f"{SVG}svg"


def test_picture_speaks():
    root = ElementTree.fromstring(neuron_explorer().picture.value)
    assert root.get("role") == "img"
    assert "slope of the loss over w is −3.00 times 1.00 times 2.00 = −6.00" in root.get(
        "aria-label"
    )
    assert root.find("title").text == root.get("aria-label")


def test_layout_does_not_jump():
    frames = []
    explorer = neuron_explorer()
    for x, w, b, y in ((2, 3, 1, 10), (-5, -5, 10, -15), (5, 5, 10, -15), (0, 0, 0, 0)):
        explorer.x.value, explorer.w.value, explorer.b.value, explorer.y.value = x, w, b, y
        root = ElementTree.fromstring(explorer.picture.value)
        places = [(e.get("x"), e.get("y")) for e in root.iter() if e.tag == "text"]
        frames.append((root.get("viewBox"), places))
    assert all(frame == frames[0] for frame in frames)


def test_everything_is_drawn_inside_the_picture():
    for point in (
        (2, 3, 1, 10),
        (-5, -5, 10, -15),
        (5, 5, 10, -15),
        (5, -5, -10, 15),
        (0, 5, 0, 0),
    ):
        picture = neuron_svg(neuron_values(*point), standalone=True)
        root = ElementTree.fromstring(picture)
        line = root.find(f"{SVG}polyline")
        for pair in line.get("points").split():
            across, down = (float(number) for number in pair.split(","))
            assert 0 <= across <= 760 and 0 <= down <= 440


def test_no_negative_zero():
    assert "−0.00" not in neuron_svg(neuron_values(2, 3, -8, 10))
