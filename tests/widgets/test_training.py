"""The explorer of lesson 07 is tested on its numbers, and its networks on a second witness."""

from xml.etree import ElementTree

import numpy as np
import pytest

from backprop_course import datasets
from backprop_course.gradcheck import check_gradients, numerical_gradient
from backprop_course.network import Linear, NeuralNetwork, ReLU
from backprop_course.widgets.training import RATES, XorExplorer, train_xor, xor_svg

SVG = "{http://www.w3.org/2000/svg}"


def texts(picture):
    root = ElementTree.fromstring(picture)
    return [element.text for element in root.iter() if element.tag.removeprefix(SVG) == "text"]


def count(picture, tag):
    root = ElementTree.fromstring(picture)
    return sum(element.tag.removeprefix(SVG) == tag for element in root.iter())


def as_network(seed, hidden):
    """The same network, with the same first weights, from the layers of the course."""
    rng = np.random.default_rng(seed)
    return NeuralNetwork([Linear(2, hidden, rng=rng), ReLU(), Linear(hidden, 2, rng=rng)])


@pytest.mark.parametrize("hidden, rate", [(4, 0.4), (16, 0.4), (5, 0.1)])
def test_many_networks_at_once_are_the_single_networks(hidden, rate):
    X, y = datasets.xor()
    run = train_xor(hidden, rate, epochs=30, networks=6)
    for seed in range(6):
        network = as_network(seed, hidden)
        network.fit(X, y, epochs=30, learning_rate=rate, batch_size=4, on_epoch=None)
        assert np.allclose(network.parameters["W1"], run.W1[seed], rtol=1e-9, atol=1e-12)
        assert np.allclose(network.parameters["b2"], run.b2[seed, 0], rtol=1e-9, atol=1e-12)
        assert network.loss(X, y) == pytest.approx(run.losses[seed], rel=1e-9)
        assert np.allclose(network.logits(X), run.logits(seed, X))
        assert (network.accuracy(X, y) == 1) == run.learnt[seed]


def test_the_card_and_its_repairs():
    card = train_xor(4, 0.1, summed=True)
    assert 120 <= card.learnt.sum() <= 150  # 67 % of 200
    assert 60 <= train_xor(4, 0.1).learnt.sum() <= 95  # 37 %
    assert np.allclose(train_xor(4, 0.4).losses, card.losses)  # 4 rows summed: 4 times the rate
    assert train_xor(16, 0.4).learnt.all()


def test_learning_rate_one_is_too_large_for_the_sum_alone():
    assert train_xor(16, 1.0).learnt.sum() > 190
    assert train_xor(16, 1.0, summed=True).learnt.sum() < 10


def test_dead_units_stay_dead():
    run = train_xor(4, 0.1, summed=True)
    assert run.dead_at_start.mean() == pytest.approx(0.25, abs=0.03)
    assert not (run.dead_at_start & ~run.dead_at_end).any()
    living = (~run.dead_at_start).sum(axis=1)
    assert not run.learnt[living < 2].any()


def test_the_shipped_network_learns_xor_in_200_of_200_seeds():
    X, y = datasets.xor()
    for seed in range(200):
        network = NeuralNetwork([2, 16, 2], seed=seed)
        network.fit(X, y, epochs=100, learning_rate=0.4, batch_size=4, on_epoch=None)
        assert network.accuracy(X, y) == 1, seed


def test_central_differences_call_right_code_wrong_at_the_corner():
    X, y = datasets.xor()
    network = as_network(0, 4)
    _, gradients = network.loss_and_gradients(X, y)

    def loss(**parameters):
        return network.loss(X, y, parameters)

    assert check_gradients(loss, network.parameters, gradients)
    measured = numerical_gradient(
        lambda b1: loss(**{**network.parameters, "b1": b1}), network.parameters["b1"]
    )
    assert not np.allclose(measured, gradients["b1"], rtol=0.1)


def test_sliders_move_run_and_picture():
    explorer = XorExplorer(hidden=4, learning_rate=0.1, summed=True)
    first = explorer.picture.value
    assert repr(explorer).endswith(f"{explorer.run.learnt.sum()} of 200 learn XOR")
    explorer.hidden.value = 16
    assert explorer.run.W1.shape == (200, 2, 16)
    assert "200 of 200 learn XOR" in texts(explorer.picture.value)
    assert explorer.picture.value != first
    explorer.learning_rate.value = 1.0
    assert explorer.run.learnt.sum() < 10
    explorer.summed.value = False
    assert explorer.run.learnt.sum() > 190


def test_every_network_has_one_mark():
    run = train_xor(4, 0.1, summed=True)
    picture = xor_svg(run)
    # One more of each kind stands in the legend.
    assert count(picture, "circle") == run.learnt.sum() + 1
    assert count(picture, "path") == (~run.learnt).sum() + 1
    assert f"{run.learnt.sum()} of 200 learn XOR" in texts(picture)


def test_still_picture_and_repr_are_steady():
    first, second = XorExplorer(), XorExplorer()
    assert repr(first) == repr(second)
    stills = [box._repr_mimebundle_()["image/svg+xml"] for box in (first, second)]
    assert stills[0] == stills[1]
    ElementTree.fromstring(stills[0])
    assert "0x" not in stills[0]


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("summed", [True, False])
@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("hidden", [1, 4, 32])
def test_every_setting_of_the_sliders_is_safe(hidden, rate, summed):
    run = train_xor(hidden, rate, summed=summed)
    assert np.isfinite(run.losses).all()
    ElementTree.fromstring(xor_svg(run))
