"""The explorer of lesson 04 computes what it shows, quickly, and also without a kernel."""

from xml.etree import ElementTree

import numpy as np
import pytest

from backprop_course import layers
from backprop_course.gradcheck import complex_step_gradient
from backprop_course.widgets import film
from backprop_course.widgets.activation import (
    ACTIVATIONS,
    ActivationExplorer,
    activation_svg,
    bend,
    verdict,
)

SVG = "{http://www.w3.org/2000/svg}"
PLACES = (-5.0, -1.2, -0.05, 0.0, 0.3, 2.0, 5.0)


def texts(picture):
    root = ElementTree.fromstring(picture)
    return [element.text for element in root.iter() if element.tag.removeprefix(SVG) == "text"]


@pytest.mark.parametrize("name", ["ReLU", "leaky ReLU", "sigmoid", "tanh", "GELU"])
def test_bends_are_the_pairs_of_the_package(name):
    pair = name.lower().replace(" ", "_")
    settings = {"slope": 0.07} if name == "leaky ReLU" else {}
    Z = np.array(PLACES)
    out, cache = getattr(layers, f"{pair}_forward")(Z, **settings)
    slopes = getattr(layers, f"{pair}_backward")(np.ones(len(Z)), cache)
    bends = [bend(name, z, leak=0.07) for z in PLACES]
    np.testing.assert_allclose([b.value for b in bends], out, rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose([b.slope for b in bends], slopes, rtol=1e-9, atol=1e-15)


def test_silu_agrees_with_the_complex_step():
    Z = np.array(PLACES)
    measured = complex_step_gradient(lambda Z: (Z / (1 + np.exp(-Z))).sum(), Z)
    np.testing.assert_allclose([bend("SiLU", z).slope for z in PLACES], measured, rtol=1e-12)
    np.testing.assert_allclose([bend("SiLU", z).value for z in PLACES], Z / (1 + np.exp(-Z)))


def test_the_answers_of_the_lesson():
    assert bend("GELU", -0.8).slope < 0 < bend("GELU", -0.7).slope
    assert bend("SiLU", -1.3).slope < 0 < bend("SiLU", -1.25).slope
    assert bend("GELU", 0.7).slope < 1 < bend("GELU", 0.8).slope
    assert bend("SiLU", 1.25).slope < 1 < bend("SiLU", 1.3).slope
    assert bend("tanh", -2.2).slope < 0.05 < bend("tanh", -2.15).slope
    assert bend("sigmoid", -2.9).slope < 0.05 < bend("sigmoid", -2.85).slope


def test_an_activation_that_is_not_there_is_named():
    with pytest.raises(ValueError, match=r"one of 'ReLU', 'leaky ReLU', .*, and not 'relu'\."):
        bend("relu", 0.5)


@pytest.mark.parametrize(
    ("slope", "words"),
    [
        (0.0, "closed: nothing passes"),
        (1.0, "open: all of it passes, unchanged"),
        (-0.1, "falling: it comes out with the other sign"),
        (1.1, "steeper than 1: more passes than arrived"),
        (0.25, "25.0% of it passes"),
        (0.01, "nearly flat: only 1.0% of it passes"),
    ],
)
def test_verdict(slope, words):
    assert verdict(slope) == words


def test_picture_shows_the_numbers_and_says_them():
    picture = activation_svg("sigmoid", 0.0, -2.0, standalone=True)
    root = ElementTree.fromstring(picture)
    assert root.get("role") == "img"
    assert root.get("aria-label") == (
        "sigmoid at z = 0.00: value 0.5000, slope 0.2500. "
        "The gradient −2.00 arrives, −0.5000 passes; 25.0% of it passes."
    )
    shown = texts(picture)
    for words in ("z = 0.00", "0.5000", "× 0.2500", "−2.00", "−0.5000", "25.0% of it passes"):
        assert words in shown
    assert "slope = a (1 − a) = 0.5000 · 0.5000" in shown


def test_a_closed_unit_shows_no_negative_zero():
    shown = texts(activation_svg("ReLU", -1.0, -2.0, standalone=True))
    assert "0.0000" in shown and "−0.0000" not in shown
    assert "closed: nothing passes" in shown


def test_colours_follow_the_theme_unless_the_picture_stands_alone():
    assert "jp-theme-light" in activation_svg("tanh", 0.5, 1.0)
    alone = activation_svg("tanh", 0.5, 1.0, standalone=True)
    assert "jp-" not in alone and 'fill="white"' in alone


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("z", [-5.0, 0.0, 5.0])
@pytest.mark.parametrize("dout", [-3.0, 0.0, 3.0])
def test_every_end_of_the_sliders_is_drawn_inside(activation, z, dout):
    root = ElementTree.fromstring(activation_svg(activation, z, dout, 0.25, standalone=True))
    bars = [e for e in root.iter(f"{SVG}rect") if e.get("stroke") == "var(--b)"]
    assert len(bars) == 2
    for bar in bars:
        assert float(bar.get("x")) >= 464 and float(bar.get("width")) >= 0
        assert float(bar.get("x")) + float(bar.get("width")) <= 760
    for plot in root.findall(f"{SVG}svg"):
        for dot in plot.iter(f"{SVG}circle"):
            assert 0 <= float(dot.get("cx")) <= float(plot.get("width"))
            assert 0 <= float(dot.get("cy")) <= float(plot.get("height"))


@pytest.mark.parametrize(("dout", "sides"), [(2.0, ("right", "left")), (-2.0, ("left", "right"))])
def test_bars_point_to_their_sign(dout, sides):
    picture = activation_svg("GELU", -1.2, dout, standalone=True)  # the slope is negative here
    bars = [
        bar for bar in ElementTree.fromstring(picture).iter(f"{SVG}rect")
        if bar.get("stroke") == "var(--b)"
    ]  # fmt: skip
    zero = 606
    assert [float(bar.get("x")) == zero for bar in bars] == [side == "right" for side in sides]
    lengths = [float(bar.get("width")) for bar in bars]
    assert lengths[1] / lengths[0] == pytest.approx(-bend("GELU", -1.2).slope, abs=0.01)


def test_the_tangent_has_the_slope():
    picture = activation_svg("GELU", 0.7, 1.0, standalone=True)
    tangent = next(
        path for path in ElementTree.fromstring(picture).iter(f"{SVG}path")
        if path.get("class") == "tangent"
    )  # fmt: skip
    (x1, y1), (x2, y2) = (map(float, end.split()) for end in tangent.get("d")[1:].split("L"))
    assert (y1 - y2) / (x2 - x1) == pytest.approx(bend("GELU", 0.7).slope, abs=0.01)


def test_controls_move_the_picture():
    explorer = ActivationExplorer("ReLU", z=1.0, dout=2.0)
    assert (explorer.slope, explorer.dZ) == (1, 2)
    explorer.z.value = -1.0
    assert explorer.dZ == 0 and "closed" in explorer.picture.value
    assert explorer.leak.disabled
    explorer.activation.value = "leaky ReLU"
    assert not explorer.leak.disabled
    explorer.leak.value = 0.2
    assert explorer.dZ == pytest.approx(0.4)
    explorer.dout.value = -3.0
    assert explorer.dZ == pytest.approx(-0.6) and "−0.6000" in explorer.picture.value


def test_repr_is_steady_and_a_picture_stands_in(monkeypatch):
    monkeypatch.delenv(film.SWITCH, raising=False)
    first, second = ActivationExplorer(), ActivationExplorer()
    assert repr(first) == repr(second)
    assert (
        repr(first) == "ActivationExplorer('sigmoid', z=1.00, dout=2.00): slope 0.1966, dZ 0.3932"
    )
    assert repr(ActivationExplorer("ReLU", z=-1.0, dout=-2.0)).endswith("slope 0.0000, dZ 0.0000")
    bundle = first._repr_mimebundle_()
    assert bundle["text/plain"] == repr(first)
    assert "application/vnd.jupyter.widget-view+json" in bundle
    ElementTree.fromstring(bundle["image/svg+xml"])


def test_film_moves_one_control_at_a_time(monkeypatch):
    monkeypatch.setenv(film.SWITCH, "1")
    explorer = ActivationExplorer("leaky ReLU", z=-1.2, dout=2.0, leak=0.13)
    reels = explorer.film()
    assert [reel.label for reel in reels] == [
        "activation", "z enters", "dout arrives", "leaky slope",
    ]  # fmt: skip
    starts = {reel.frames[reel.start] for reel in reels}
    assert starts == {activation_svg(**explorer.settings, standalone=True)}
    assert [reel.values[reel.start] for reel in reels] == ["leaky ReLU", "−1.20", "2.00", "0.13"]
    assert all(15 <= len(reel.frames) <= 25 for reel in reels[1:])
    bundle = explorer._repr_mimebundle_()
    assert set(bundle) == {"text/plain", "text/html"}
    assert len(bundle["text/html"]) < 300_000


def test_film_leaves_out_a_control_that_does_nothing():
    assert len(ActivationExplorer("GELU").film()) == 3
