"""What the controls of all explorers have in common."""

import re

import numpy as np
import pytest
from ipywidgets import HTML, ToggleButtons

from backprop_course.widgets import neuron_explorer
from backprop_course.widgets.activation import ActivationExplorer
from backprop_course.widgets.controls import in_line, in_range, one_of
from backprop_course.widgets.cost import CostExplorer
from backprop_course.widgets.matrices import GradientEntries
from backprop_course.widgets.softmax import SoftmaxExplorer
from backprop_course.widgets.spirals import SpiralsExplorer
from backprop_course.widgets.step_size import StepSizeExplorer
from backprop_course.widgets.training import XorExplorer


def entries():
    return GradientEntries(np.ones((3, 2)), np.ones((2, 4)), np.ones(4), np.ones((3, 4)))


EXPLORERS = (
    neuron_explorer, entries, ActivationExplorer, SoftmaxExplorer, StepSizeExplorer, XorExplorer,
    SpiralsExplorer, CostExplorer,
)  # fmt: skip


def test_a_control_gets_the_look_of_a_slider_and_keeps_its_own_classes():
    buttons = ToggleButtons(options=["mean", "sum"], description="gradient")
    buttons.add_class("own")
    assert in_line(buttons) is buttons
    assert set(buttons._dom_classes) == {"own", "jupyter-widgets", "widget-inline-hbox"}


@pytest.mark.parametrize("value", [2, 32, 7.5, np.float32(3), np.int64(4)])
def test_a_number_in_reach_comes_back_as_it_is(value):
    assert in_range("hidden units", value, 2, 32) is value


@pytest.mark.parametrize("value", [1.99, 33, float("nan"), float("inf"), "3", None, [3], 3j])
def test_a_number_out_of_reach_is_refused(value):
    with pytest.raises(ValueError) as raised:
        in_range("hidden units", value, 2, 32)
    assert (
        str(raised.value) == f"'hidden units' goes from 2 to 32, and {value!r} is not in between."
    )


def test_a_choice_that_is_not_there_is_refused():
    assert one_of("bytes", 4, (2, 4, 8)) == 4
    with pytest.raises(ValueError, match=r"^'bytes' is one of 2, 4, 8, and not 16\.$"):
        one_of("bytes", 16, (2, 4, 8))


@pytest.mark.parametrize(
    ("explorer", "settings", "said"),
    [
        (neuron_explorer, {"x": 6}, "'input x' goes from -5 to 5"),
        (neuron_explorer, {"y": -16}, "'target y' goes from -15 to 15"),
        (ActivationExplorer, {"activation": "Sigmoid"}, "'activation' is one of 'ReLU'"),
        (ActivationExplorer, {"z": 5.5}, "'z enters' goes from -5 to 5"),
        (ActivationExplorer, {"leak": -0.1}, "'leaky slope' goes from 0 to 0.25"),
        (SoftmaxExplorer, {"logits": (10, 0)}, "'class 0' goes from -6 to 6"),
        (SoftmaxExplorer, {"label": 3}, "'label' is one of 0, 1, 2, and not 3"),
        (StepSizeExplorer, {"name": "x^4"}, "'function' is one of 'x**4'"),
        (StepSizeExplorer, {"h": 2}, "'step h' goes from 1e-20 to 1"),
        (StepSizeExplorer, {"x": 2}, "'point x' goes from 0.5 to 1.5"),
        (StepSizeExplorer, {"ruler": "forward"}, "'ruler' is one of 'one-sided'"),
        (XorExplorer, {"hidden": 33}, "'hidden units' goes from 1 to 32"),
        (XorExplorer, {"learning_rate": 0.3}, "'learning rate' is one of 0.01"),
        (SpiralsExplorer, {"hidden": 100}, "'hidden units' goes from 2 to 32"),
        (SpiralsExplorer, {"frame": 101}, "'frame' goes from 0 to 100"),
        (SpiralsExplorer, {"learning_rate": 0.25}, "'learning rate' is one of 0.01"),
        (CostExplorer, {"N": 33}, "'batch N' is one of 1, 2, 4"),
        (CostExplorer, {"layers": 7}, "'linear layers' goes from 1 to 6"),
        (CostExplorer, {"itemsize": 3}, "'bytes a number' is one of 2, 4, 8"),
    ],
)
def test_no_explorer_starts_where_its_controls_do_not_reach(explorer, settings, said):
    with pytest.raises(ValueError) as raised:
        explorer(**settings)
    assert str(raised.value).startswith(said)


def picture_of(explorer):
    (picture,) = (
        child for child in explorer.children if isinstance(child, HTML) and "<svg" in child.value
    )
    return picture


@pytest.mark.parametrize("explorer", EXPLORERS, ids=lambda one: one.__name__)
def test_the_page_keeps_the_place_of_the_picture(explorer):
    """The picture arrives after its box: a box that is too low would make the page jump."""
    picture = picture_of(explorer())
    height = float(re.search(r'<svg [^>]*\bheight="([\d.]+)"', picture.value)[1])
    assert height <= float(picture.layout.min_height.removesuffix("px")) <= height + 10


@pytest.mark.parametrize("explorer", EXPLORERS, ids=lambda one: one.__name__)
def test_no_letters_are_too_small_to_read(explorer):
    svg = re.sub(r"<tspan.*?</tspan>", "", picture_of(explorer()).value)  # raised exponents
    sizes = re.findall(r'font-size[:=]"?([\d.]+)', svg)
    assert all(float(size) >= 11 for size in sizes), sizes
