"""The picture as text: well-formed, steady, complete at each step; texts stay in their boxes."""

import random
import re
from xml.etree import ElementTree

import pytest

from backprop_course.widgets.stepper import Graph
from backprop_course.widgets.stepper.node import Node
from backprop_course.widgets.stepper.operations import OPERATIONS
from backprop_course.widgets.stepper.picture import Picture

SVG = "{http://www.w3.org/2000/svg}"
FORK = Graph.from_expression("(x*y + sin(x)) * x", x=2.0, y=3.0)
NEURON = Graph.from_expression("z = w*x + b; a = relu(z); L = (a - y)**2 / 2", x=2, w=3, b=1, y=10)
GRAPHS = {"fork": FORK, "neuron": NEURON, "network": Graph.from_network([2, 3, 2])}


def texts(picture):
    root = ElementTree.fromstring(picture)
    return [element.text for element in root.iter(f"{SVG}text")]


@pytest.mark.parametrize("graph", GRAPHS.values(), ids=GRAPHS)
def test_well_formed_and_steady(graph):
    picture = graph.svg()
    root = ElementTree.fromstring(picture)
    assert root.get("role") == "img"
    assert root.find(f"{SVG}title").text == root.get("aria-label")
    assert root.find(f"{SVG}desc").text.startswith("Given: ")
    assert graph.svg() == picture
    ElementTree.fromstring(Picture(graph).live())
    assert "nan" not in picture and "inf" not in picture


def test_the_finished_picture_shows_values_gradients_and_factors():
    shown = texts(FORK.svg())
    for text in ("13.82", "12.08", "= 6 − 0.8323 + 6.909", "× −0.4161", "× 6.909", "v2 = sin(x)"):
        assert text in shown


def test_values_come_first_then_gradients():
    sizes = []
    for step in range(11):
        shown = texts(FORK.svg(step))
        sizes.append(len(shown))
        assert ("13.82" in shown) == (step >= 4)
        assert ("12.08" in shown) == (step >= 10)
        assert ("× 2" in shown) == (step >= 6)
        assert "x" in shown and "f = v3 × x" in shown
    assert sizes == sorted(sizes)
    assert texts(FORK.svg(10)) == texts(FORK.svg())


def test_each_step_stands_out_in_its_own_way():
    assert "now-forward" not in body(FORK.svg(0)) and "now-backward" not in body(FORK.svg(0))
    assert body(FORK.svg(1)).count("now-forward") == 3  # a box and its two arrows
    assert body(FORK.svg(10)).count("now-backward") == 4
    assert "now-" not in body(FORK.svg())
    inside = body(Graph.from_network([2, 2, 1]).svg(9))
    assert inside.count('"row now-backward"') == 3


def body(picture):
    return picture.partition("</style>")[2]


def test_a_step_that_is_not_there_is_refused():
    for step in (-1, 11):
        with pytest.raises(ValueError, match=f"steps 0 to 10, not {step}"):
            FORK.svg(step)


@pytest.mark.parametrize("graph", GRAPHS.values(), ids=GRAPHS)
def test_the_picture_is_as_large_at_every_step(graph):
    sizes = {re.search(r'viewBox="[^"]+"', graph.svg(step))[0] for step in (None, 0, 3)}
    assert len(sizes) == 1


def test_a_printed_picture_needs_no_variables_of_the_page():
    # Programs that print SVG know neither var() nor the colours of a page around it.
    assert "var(" not in FORK.svg()
    assert "var(--jp-" in Picture(FORK).live()


def test_the_live_picture_carries_the_number_of_each_step():
    live = Picture(FORK).live()
    root = ElementTree.fromstring(live)
    parts = [element for element in root.iter(f"{SVG}g") if element.get("data-at")]
    later = [element for element in parts if element.get("class") == "later"]
    assert len(parts) == 6 + 6 + 7  # values, gradients, factors on arrows
    assert {element.get("data-at") for element in parts} == {str(k) for k in range(11)}
    assert len(parts) - len(later) == 2  # x and y are given
    assert sorted(texts(live)) == sorted(texts(FORK.svg()))


def test_names_are_escaped():
    hostile = "<b>&\"'x"
    nodes = [
        Node(hostile, given=2.0),
        Node("</svg><script>", "operation", OPERATIONS["sin"], (0,)),
    ]
    graph = Graph(nodes)
    for picture in (graph.svg(), graph.svg(1), Picture(graph).live()):
        root = ElementTree.fromstring(picture)
        assert "<script" not in picture
        assert any(hostile == element.text for element in root.iter(f"{SVG}text"))


def test_four_shares_are_counted_not_written_out():
    shown = texts(Graph.from_expression("x*x + x*y + 2*x", x=2, y=3).svg())
    assert "sum of 4 shares" in shown


def test_a_large_random_graph_is_drawn():
    rng = random.Random(3)
    lines = ["a0 = sin(x) + y"]
    for k in range(1, 30):
        one, other = (rng.choice(["x", "y", f"a{rng.randrange(k)}"]) for _ in range(2))
        lines.append(f"a{k} = tanh({one}) * {other} + {rng.choice(['x', 'y'])}")
    graph = Graph.from_expression("\n".join(lines), x=0.3, y=-1.2)
    assert len(graph.nodes) > 50
    ElementTree.fromstring(graph.svg())
