"""The pictures of lesson 02 show the numbers and the arrows that they claim to show."""

import doctest

import matplotlib
import numpy as np
import pytest

matplotlib.use("Agg")

from backprop_course.figures import graphs, style

PARENTS = {"x": [], "y": [], "s": ["x", "y"], "L": ["s", "x"]}
PLACES = {"x": (0, 1.3), "y": (0, 0), "s": (1.4, 0.35), "L": (2.8, 0.9)}
VALUES = {"x": 3, "y": -1, "s": 2, "L": 6}
LOCAL = {("s", "x"): 1, ("s", "y"): 1, ("L", "s"): 3, ("L", "x"): 2}
GRADIENTS = {"L": 1, "s": 3, "x": 5, "y": 3}


@pytest.fixture(autouse=True)
def _close_figures():
    import matplotlib.pyplot as plt

    yield
    plt.close("all")


def texts(axis):
    """Return the texts of a picture; an arrow is an annotation without text."""
    return [text for text in axis.texts if text.get_text()]


def written(axis):
    return [text.get_text() for text in texts(axis)]


def arrows(axis):
    """Return the pairs of nodes (tail, head) that the arrows join."""
    found = set()
    for text in axis.texts:
        if not text.get_text():
            tail, head = text.xyann, text.xy
            found.add(tuple(nearest(end) for end in (tail, head)))
    return found


def nearest(point):
    return min(PLACES, key=lambda node: np.hypot(*np.subtract(PLACES[node], point)))


def inside(axis):
    """Return what is written in each node of the small graph."""
    here = {text.get_position(): text.get_text() for text in texts(axis)}
    return {node: here[place] for node, place in PLACES.items()}


FORWARD = {("x", "s"), ("y", "s"), ("s", "L"), ("x", "L")}


def test_a_graph_shows_nodes_arrows_values_and_factors():
    axis = graphs.graph(PARENTS, PLACES, values=VALUES, local=LOCAL, gradients=GRADIENTS).axes[0]
    assert inside(axis) == {node: node for node in PARENTS}
    assert arrows(axis) == FORWARD
    assert {"x = 3", "y = \N{MINUS SIGN}1", "s = 2", "L = 6"} <= set(written(axis))
    assert {"dx = 5", "dy = 3", "ds = 3", "dL = 1"} <= set(written(axis))
    assert sorted(text for text in written(axis) if text.startswith("×")) == [
        "× 1", "× 1", "× 2", "× 3"
    ]  # fmt: skip


def test_a_factor_stands_on_its_arrow():
    axis = graphs.graph(PARENTS, PLACES, local=LOCAL).axes[0]
    for text in texts(axis):
        if text.get_text() in ("× 2", "× 3"):
            parent = {"× 2": "x", "× 3": "s"}[text.get_text()]
            start, end, at = PLACES[parent], PLACES["L"], text.get_position()
            along, off = np.subtract(end, start), np.subtract(at, start)
            assert along[0] * off[1] == pytest.approx(along[1] * off[0])
            assert start[0] < at[0] < end[0]


def test_values_are_blue_and_gradients_orange():
    axis = graphs.graph(PARENTS, PLACES, values=VALUES, gradients=GRADIENTS).axes[0]
    colours = {text.get_text(): text.get_color() for text in texts(axis)}
    assert colours["s = 2"] == style.FORWARD
    assert colours["ds = 3"] == style.BACKWARD


def test_a_row_of_diamonds():
    assert graphs.diamond_row(0) == {"v0": []}
    row = graphs.diamond_row(3)
    assert len(row) == 10 and sum(map(len, row.values())) == 12
    assert row["v3"] == ["a3", "b3"] and row["a3"] == row["b3"] == ["v2"]
    seen = set()
    for node, parents in row.items():
        assert seen.issuperset(parents)
        seen.add(node)
    assert doctest.testmod(graphs).failed == 0


def test_diamonds_show_the_visits_and_their_sums():
    row = graphs.diamond_row(2)
    plain = dict(zip(row, (4, 2, 2, 2, 1, 1, 1), strict=True))
    figure = graphs.diamonds(plain, dict.fromkeys(row, 1))
    above, below = figure.axes
    assert above.get_title("left").endswith(": 13")
    assert below.get_title("left").endswith(": 7")
    assert sorted(text for text in written(above) if text.isdigit()) == list("1112224")
    assert sorted(text for text in written(below) if text.isdigit()) == list("1111111")
    tint = [axis.patches[0].get_facecolor()[3] for axis in (above, below)]  # of v0
    assert tint[0] == pytest.approx(4 * tint[1])


def test_two_modes_carry_numbers_in_opposite_directions():
    slopes = {"x": 1, "y": 0, "s": 1, "L": 5}
    figure = graphs.two_modes(PARENTS, PLACES, slopes, GRADIENTS, source="x", output="L")
    forward, reverse = figure.axes
    assert inside(forward) == {"x": "1", "y": "0", "s": "1", "L": "5"}
    assert inside(reverse) == {"x": "5", "y": "3", "s": "3", "L": "1"}
    assert arrows(forward) == FORWARD
    assert arrows(reverse) == {(head, tail) for tail, head in FORWARD}
    assert {"ds/dx", "dL/dx"} <= set(written(forward))
    assert {"dL/ds", "dL/dy"} <= set(written(reverse))
    for axis, node in ((forward, "x"), (reverse, "L")):
        thick = [ring.center for ring in axis.patches if ring.get_linewidth() > 3]
        assert thick == [PLACES[node]]


def test_a_pass_fills_a_column_or_a_row():
    forward, reverse = graphs.passes(outputs=7, inputs=3).axes
    column, row = (np.asarray(axis.images[0].get_array()) for axis in (forward, reverse))
    np.testing.assert_array_equal(column, np.outer(np.ones(7), [1, 0, 0]))
    np.testing.assert_array_equal(row, np.outer([1, 0, 0, 0, 0, 0, 0], np.ones(3)))
    assert "1 of 3" in forward.get_title() and "1 of 7" in reverse.get_title()


@pytest.mark.parametrize("name", ["graph", "diamonds", "two_modes"])
def test_texts_stay_inside_the_picture(name):
    row = graphs.diamond_row(3)
    figure = {
        "graph": lambda: graphs.graph(
            PARENTS, PLACES, values=VALUES, local=LOCAL, gradients=GRADIENTS
        ),
        "diamonds": lambda: graphs.diamonds(dict.fromkeys(row, 8), dict.fromkeys(row, 1)),
        "two_modes": lambda: graphs.two_modes(
            PARENTS, PLACES, VALUES, GRADIENTS, source="x", output="L"
        ),
    }[name]()
    figure.canvas.draw()
    width, height = figure.canvas.get_width_height()
    for axis in figure.axes:
        for text in texts(axis):
            box = text.get_window_extent()
            assert box.x0 >= 0 and box.y0 >= 0, text
            assert box.x1 <= width and box.y1 <= height, text
