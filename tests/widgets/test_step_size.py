"""The explorer of lesson 06 measures what it says, and its picture shows what it measured."""

import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from backprop_course.gradcheck import complex_step_gradient, relative_error
from backprop_course.widgets import film
from backprop_course.widgets.step_size import (
    BOTTOM,
    LEFT,
    RIGHT,
    STEPS,
    SUBJECTS,
    TOP,
    StepSizeExplorer,
    explain,
    measure,
    step_size_svg,
)

SVG = "{http://www.w3.org/2000/svg}"
SMOOTH = [name for name in SUBJECTS if not name.startswith("ReLU")]


def test_the_case_by_hand():
    central, one_sided = measure("x**4"), measure("x**4", ruler="one-sided")
    assert central.measured == pytest.approx(4.04) and one_sided.measured == pytest.approx(4.641)
    assert measure("x**4", ruler="complex step").measured == pytest.approx(3.96)
    assert central.true == 4
    assert central.error == pytest.approx(relative_error(4.04, 4.0))


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"name": "x^4"}, "'function' is one of 'x\\*\\*4', 'exp"),
        ({"precision": "float16"}, "'precision' is one of 'float64', 'float32', and not"),
        (
            {"ruler": "centre"},
            "ruler must be one of one-sided, central, complex step, not 'centre'",
        ),
    ],
)
def test_what_cannot_be_measured_gets_one_sentence(wrong, sentence):
    with pytest.raises(ValueError, match=sentence):
        measure(**{"name": "x**4"} | wrong)


@pytest.mark.parametrize("name", SUBJECTS)
@pytest.mark.parametrize("x", [0.7, 1.3])
def test_derivatives_belong_to_their_functions(name, x):
    derivatives = SUBJECTS[name].derivatives
    first = complex_step_gradient(lambda x: SUBJECTS[name].f(x), np.array(x))
    np.testing.assert_allclose(derivatives(x)[0], first, rtol=1e-12)
    if name in SMOOTH:
        for k in (0, 1):
            slope = complex_step_gradient(lambda x, k=k: derivatives(x)[k], np.array(x))
            np.testing.assert_allclose(derivatives(x)[k + 1], slope, rtol=1e-12)


@pytest.mark.parametrize("name", SMOOTH)
@pytest.mark.parametrize(("ruler", "h"), [("one-sided", 1e-3), ("central", 1e-2)])
def test_the_bending_is_the_error_of_a_wide_step(name, ruler, h):
    found = measure(name, x=0.8, h=h, ruler=ruler)
    assert found.error == pytest.approx(found.bending, rel=0.05)


@pytest.mark.parametrize("name", SMOOTH)
@pytest.mark.parametrize("precision", ["float64", "float32"])
def test_rounding_stays_near_what_theory_allows(name, precision):
    h = 1e-9 if precision == "float64" else 1e-4
    found = [measure(name, x, h, "central", precision) for x in np.linspace(0.6, 1.4, 41)]
    worst = max(one.error / one.rounding for one in found)
    assert 0.1 < worst < 8


def test_the_complex_step_keeps_all_digits_in_both_precisions():
    for precision, limit in (("float64", 1e-15), ("float32", 1e-6)):
        found = measure("exp(x)", 1.23, 1e-20, "complex step", precision)
        assert found.error < limit


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (("x**4", 1.0, 0.1, "central", "float64"), "Too wide"),
        (("x**4", 1.0, 1e-11, "central", "float64"), "Too small"),
        (("sin(x)", 1.0, 1e-5, "central", "float64"), "About the best"),
        (("sin(x)", 1.0, 1e-2, "central", "float32"), "About the best"),
        (("x**4", 1.0, 1e-18, "one-sided", "float64"), "The step is lost"),
        (("x**4", 1.0, 1e-9, "central", "float32"), "The step is lost"),
        (("x**4", 1.0, 1e-18, "complex step", "float64"), "A step sideways"),
        (("x**4", 1.0, 0.1, "complex step", "float64"), "Too wide"),
        (("ReLU(x - 1)", 1.0, 0.1, "central", "float64"), "Exactly on the kink"),
        (("ReLU(x - 1)", 1.05, 0.1, "central", "float64"), "The step reaches across"),
        (("ReLU(x - 1)", 1.05, 0.1, "one-sided", "float64"), "The function is straight"),
        (("ReLU(x - 1)", 0.95, 0.1, "one-sided", "float64"), "The step reaches across"),
        (("ReLU(x - 1)", 1.05, 0.04, "central", "float64"), "The function is straight"),
        (("ReLU(x - 1)", 1.05, 0.1, "complex step", "float64"), "A step sideways"),
    ],
)
def test_one_sentence_says_what_decides_the_error(state, words):
    assert explain(*state).startswith(words)


def texts(root):
    return ["".join(text.itertext()) for text in root.iter(f"{SVG}text")]


def test_picture_is_steady_xml_that_says_what_it_shows():
    root = ET.fromstring(step_size_svg())
    assert root.get("role") == "img"
    assert root.get("aria-label").startswith("Slope of x**4 at x = 1 with step h = 1.0e-01: ")
    assert "measured 4.04, true 4, relative error 9.9e-03" in texts(root)
    assert {"rounding: 1/h", "bending: h\N{SUPERSCRIPT TWO}"} <= set(texts(root))
    assert step_size_svg() == step_size_svg()


def test_the_mark_stands_on_the_curve():
    for h in (0.1, 1e-5, 1e-12, 1e-20, 1.0):
        root = ET.fromstring(step_size_svg("sin(x)", 1.2, h, "one-sided"))
        curve = next(root.iter(f"{SVG}polyline")).get("points").split()
        mark = next(root.iter(f"{SVG}circle"))
        place = f"{float(mark.get('cx')):.1f},{float(mark.get('cy')):.1f}"
        assert curve[int(np.argmin(np.abs(STEPS - h)))] == place


@pytest.mark.parametrize("name", SUBJECTS)
@pytest.mark.parametrize("ruler", ["one-sided", "central", "complex step"])
@pytest.mark.parametrize("precision", ["float64", "float32"])
def test_nothing_leaves_the_picture(name, ruler, precision):
    for x, h in ((1.0, 1.0), (1.0, 1e-3), (0.5, 1e-7), (1.5, 1e-13), (0.97, 1e-16), (1.0, 1e-20)):
        root = ET.fromstring(step_size_svg(name, x, h, ruler, precision))
        assert "nan" not in ET.tostring(root, "unicode") and "inf" not in "".join(texts(root))
        curve, *functions = root.iter(f"{SVG}polyline")
        for points, left, right in ((curve, LEFT, RIGHT), *((f, 430, 740) for f in functions)):
            places = np.array([p.split(",") for p in points.get("points").split()], float)
            assert places[:, 0].min() >= left and places[:, 0].max() <= right
            assert places[:, 1].min() >= TOP - 0.1 and places[:, 1].max() <= BOTTOM + 0.1
        for line in root.iter(f"{SVG}path"):
            if "L" in line.get("d"):
                ys = [float(y) for y in re.findall(r" (-?[\d.]+)(?=L|$)", line.get("d"))]
                assert len(ys) == 2 and TOP - 0.1 <= min(ys) and max(ys) <= BOTTOM + 0.1


@pytest.mark.parametrize("ruler", ["one-sided", "central"])
@pytest.mark.parametrize(("name", "h"), [("x**4", 0.1), ("exp(x)", 1e-5), ("sin(x)", 1e-13)])
def test_in_both_windows_the_secant_goes_through_two_points_of_the_function(name, h, ruler):
    root = ET.fromstring(step_size_svg(name, 1.2, h, ruler))
    functions = [line.get("points").split() for line in root.iter(f"{SVG}polyline")][1:]
    dots = [(float(dot.get("cx")), float(dot.get("cy"))) for dot in root.iter(f"{SVG}circle")][1:]
    paths = [path.get("d") for path in root.iter(f"{SVG}path") if "stroke-width:2;" in _style(path)]
    lines = [np.array(re.findall(r"[\d.]+", d), float) for d in paths if "L" in d]
    assert len(functions) == len(lines) == 2 and len(dots) == 4
    for function, (x1, y1, x2, y2), ends in zip(
        functions, lines, (dots[:2], dots[2:]), strict=True
    ):
        for x, y in ends:
            assert f"{x:.1f},{y:.1f}" in function
            assert y == pytest.approx(y1 + (y2 - y1) * (x - x1) / (x2 - x1), abs=0.2)


def _style(element):
    return element.get("style", "") + ";"


def test_every_control_moves_the_picture():
    explorer = StepSizeExplorer()
    for control, value in (
        (explorer.h, 1e-4),
        (explorer.ruler, "one-sided"),
        (explorer.precision, "float32"),
        (explorer.name, "exp(x)"),
        (explorer.x, 0.83),
    ):
        before = explorer.picture.value
        control.value = value
        assert explorer.picture.value != before
    expected = measure("exp(x)", 0.83, 1e-4, "one-sided", "float32")
    assert explorer.found == expected
    assert f"measured {expected.measured:.12g}" in explorer.picture.value


def test_the_slider_of_the_step_reaches_as_far_as_the_curve():
    explorer = StepSizeExplorer()
    for h in (STEPS[0], STEPS[-1]):
        explorer.h.value = h
        assert explorer.found == measure("x**4", 1.0, h)


def test_film_moves_one_control_at_a_time():
    explorer = StepSizeExplorer()
    before = explorer.picture.value
    reels = explorer.film()
    assert [reel.label for reel in reels] == ["step h", "ruler", "function", "precision", "point x"]
    assert {reel.frames[reel.start] for reel in reels} == {before}
    assert len(reels[0].frames) == 21
    assert reels[0].frames[reels[0].values.index("1.0e-05")] == step_size_svg(h=1e-5)
    assert explorer.picture.value == before
    assert len(film.film_html(reels)) < 400_000


def test_film_starts_from_any_step():
    explorer = StepSizeExplorer(h=3e-7, x=1.234)
    for reel in explorer.film():
        assert reel.frames[reel.start] == explorer.svg()


def test_in_a_deck_it_shows_itself_as_a_film(monkeypatch):
    monkeypatch.setenv(film.SWITCH, "1")
    bundle = StepSizeExplorer()._repr_mimebundle_()
    assert set(bundle) == {"text/plain", "text/html"}
    assert "bpc-film" in bundle["text/html"]


def test_repr_is_steady_and_a_picture_stands_in_without_javascript():
    first, second = StepSizeExplorer(), StepSizeExplorer()
    text = "StepSizeExplorer(name='x**4', x=1, h=1.0e-01, ruler='central', precision='float64')"
    assert repr(first) == repr(second) == text
    bundle = first._repr_mimebundle_()
    assert bundle["text/plain"] == text
    assert bundle["image/svg+xml"] == second.svg()
    assert "application/vnd.jupyter.widget-view+json" in bundle
