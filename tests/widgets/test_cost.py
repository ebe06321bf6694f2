"""The explorer of lesson 08 counts what the layers of the course do and keep."""

import re
from itertools import pairwise
from xml.etree import ElementTree

import numpy as np
import pytest

from backprop_course.exercises.lesson_08.cache_bytes import cache_bytes
from backprop_course.layers import linear_backward, linear_forward, relu_forward
from backprop_course.widgets import film
from backprop_course.widgets.cost import (
    BATCHES,
    ITEMSIZES,
    OUTPUTS,
    WIDTHS,
    CostExplorer,
    short,
    step_cost,
)

SVG = "{http://www.w3.org/2000/svg}"


class Counted(float):
    """A number that counts its multiplications."""

    count = 0

    def __mul__(self, other):
        Counted.count += 1
        return Counted(float(self) * float(other))

    def __add__(self, other):
        return Counted(float(self) + float(other))


def counted(rng, *shape):
    return np.frompyfunc(Counted, 1, 1)(rng.normal(size=shape))


def texts(picture):
    root = ElementTree.fromstring(picture)
    return [element.text for element in root.iter() if element.tag.removeprefix(SVG) == "text"]


def bars(picture):
    """Return the width of each filled bar by its colour, in the order of drawing."""
    found = {}
    for element in ElementTree.fromstring(picture).iter():
        colour = re.search(r"var\((--\w)\)", element.get("style", ""))
        if colour:
            found.setdefault(colour[1], []).append(float(element.get("width")))
    return found


@pytest.mark.parametrize("first_dX", [False, True])
@pytest.mark.parametrize("sizes", [[5, 4, 3, 2], [3, 6], [2, 7, 5]])
def test_operations_are_those_of_the_shipped_layers(sizes, first_dX):
    rng, N = np.random.default_rng(0), 3
    cost = step_cost(sizes, N, 8, first_dX=first_dX)
    for k, (D, M) in enumerate(pairwise(sizes)):
        Counted.count = 0
        _, cache = linear_forward(counted(rng, N, D), counted(rng, D, M), counted(rng, M))
        assert cost.forward[k] == 2 * Counted.count
        Counted.count = 0
        linear_backward(counted(rng, N, M), cache, input_gradient=first_dX or k > 0)
        assert cost.dW[k] + cost.dX[k] == 2 * Counted.count


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("sizes", [[5, 4, 3, 2], [3, 6], [3, 4, 2]])
def test_bytes_are_those_of_the_shipped_caches(sizes, dtype):
    N, kept, parameters = 7, [], []
    A = np.ones((N, sizes[0]), dtype)
    for D, M in pairwise(sizes):
        W, b = np.ones((D, M), dtype), np.ones(M, dtype)
        parameters += [W, b]
        A, (X, _) = linear_forward(A, W, b)
        kept.append(X)
        if len(parameters) < 2 * len(sizes) - 2:
            A, mask = relu_forward(A)
            kept.append(mask)
    cost = step_cost(sizes, N, np.dtype(dtype).itemsize)
    assert cost.cache == sum(array.nbytes for array in kept)
    assert cost.parameters == sum(array.nbytes for array in parameters)


def test_cache_is_that_of_the_exercise():
    for sizes, N, itemsize in (([3, 4, 2], 5, 8), ([7, 5, 9, 2], 11, 4)):
        assert step_cost(sizes, N, itemsize).cache == cache_bytes(sizes, N, itemsize)


def test_three_and_when_it_is_less():
    assert step_cost([784, 512, 256, 10], 32, 4, first_dX=True).ratio == 3
    assert step_cost([784, 512, 256, 10], 32, 4).ratio == pytest.approx(2.249761, abs=1e-6)
    assert step_cost([784, 512, 256, 10], 999, 4).ratio == pytest.approx(2.249761, abs=1e-6)
    assert step_cost([784, 10], 32, 4).ratio == 2


def test_at_the_equal_batch_cache_and_parameters_are_equal():
    cost = step_cost([784, 512, 10], 32, 4)
    assert cost.cache / 32 * cost.equal_batch == pytest.approx(cost.parameters)


def test_bars_are_in_proportion():
    explorer = CostExplorer(N=64, inputs=784, hidden=256, outputs=100, layers=3)
    cost, found = explorer.cost, bars(explorer.svg())
    forward, inputs = found["--f"][:3], found["--f"][3]
    assert np.allclose(np.array(forward) / forward[0], np.array(cost.forward) / cost.forward[0],
                       atol=1e-3)  # fmt: skip
    backward = found["--b"]
    assert len(backward) == 5  # the first layer leaves its dX out
    assert backward[0] == forward[0]
    memory = np.array([inputs, found["--m"][0], found["--p"][0]])
    counted = np.array([cost.inputs, cost.masks, cost.parameters])
    assert np.allclose(memory / memory[2], counted / counted[2], atol=1e-3)


@pytest.mark.parametrize("layers", [1, 2, 6])
@pytest.mark.parametrize("first_dX", [False, True])
@pytest.mark.parametrize("N", [BATCHES[0], BATCHES[-1]])
@pytest.mark.parametrize("inputs, outputs", [(WIDTHS[0], OUTPUTS[-1]), (WIDTHS[-1], OUTPUTS[0])])
def test_nothing_leaves_the_picture(layers, first_dX, N, inputs, outputs):
    explorer = CostExplorer(N=N, inputs=inputs, outputs=outputs, layers=layers, first_dX=first_dX)
    root = ElementTree.fromstring(explorer.svg())
    width, height = float(root.get("width")), float(root.get("height"))
    for bar in root.iter("rect"):
        x, y = float(bar.get("x", 0)), float(bar.get("y", 0))
        assert float(bar.get("width")) >= 0
        assert 0 <= x and x + float(bar.get("width")) <= width - 80  # the numbers stand there
        assert 0 <= y and y + float(bar.get("height")) <= height


def test_controls_move_the_picture():
    explorer = CostExplorer()
    seen = {explorer.picture.value}
    moves = {"N": 64, "layers": 5, "inputs": 64, "hidden": 128, "outputs": 100, "itemsize": 8}
    for name, value in moves.items():
        getattr(explorer, name).value = value
        assert explorer.picture.value not in seen, name
        seen.add(explorer.picture.value)
    assert explorer.sizes == [64, 128, 128, 128, 128, 100]
    assert f"one step = {explorer.cost.ratio:.2f} forward passes" in texts(explorer.picture.value)
    explorer.first_dX.value = True
    assert "one step = 3.00 forward passes" in texts(explorer.picture.value)


def test_picture_says_what_it_shows():
    root = ElementTree.fromstring(CostExplorer(N=1, layers=1, itemsize=8).svg())
    assert root.get("role") == "img"
    label = root.get("aria-label")
    assert label.startswith("one step = 2.00 forward passes; forward 15.7 k operations")
    assert "serves 1 row;" in label and "parameters 62.8 kB, cache 6.27 kB" in label


def test_film_has_a_reel_for_each_control_and_starts_at_the_present_picture():
    explorer = CostExplorer()
    reels = explorer.film()
    assert [reel.label for reel in reels] == [
        "batch N", "inputs", "hidden units", "outputs", "linear layers", "bytes a number",
        "first layer's dX",
    ]  # fmt: skip
    for reel in reels:
        assert reel.frames[reel.start] == explorer.svg()
        assert len(set(reel.frames)) == len(reel.frames)
    assert reels[0].values == tuple(map(str, BATCHES))
    assert reels[5].values == tuple(map(str, ITEMSIZES))
    assert len(film.film_html(reels)) < 200_000


def test_repr_is_steady_and_a_picture_stands_in_without_javascript(monkeypatch):
    monkeypatch.delenv(film.SWITCH, raising=False)
    first, second = CostExplorer(), CostExplorer()
    text = "CostExplorer(784-512-512-10, N=32, itemsize=4, first_dX=False): 2.40 forward passes"
    assert repr(first) == repr(second) == text
    bundle = first._repr_mimebundle_()
    assert bundle["text/plain"] == text
    assert bundle["image/svg+xml"] == second.svg(standalone=True)
    ElementTree.fromstring(bundle["image/svg+xml"])
    assert "application/vnd.jupyter.widget-view+json" in bundle
    monkeypatch.setenv(film.SWITCH, "1")
    assert set(first._repr_mimebundle_()) == {"text/plain", "text/html"}


def test_numbers_are_short():
    assert [short(n) for n in (0, 48, 999, 999.6, 1000, 12_345, 1e9)] == [
        "0", "48", "999", "1 k", "1 k", "12.3 k", "1 G",
    ]  # fmt: skip
