"""Networks built from every kind of layer: right gradients, and they learn."""

import numpy as np
import pytest

from backprop_course import network as net
from backprop_course.network import NeuralNetwork
from tests.witness import slopes


def pictures(rng):
    return rng.normal(size=(3, 2, 6, 6))


def sequences(rng):
    return rng.normal(size=(3, 4, 6))


def tokens(rng):
    return rng.integers(5, size=(3, 4))


# name: (input, layers; the output has 4 columns)
STACKS = {
    "layer norm": (lambda r: r.normal(size=(3, 6)), [net.LayerNorm(6), net.Linear(6, 4, rng=0)]),
    "RMS norm": (lambda r: r.normal(size=(3, 6)), [net.RMSNorm(6), net.Linear(6, 4, rng=0)]),
    "residual": (
        lambda r: r.normal(size=(3, 6)),
        [
            net.Residual([net.Linear(6, 5, rng=1), net.Tanh(), net.Linear(5, 6, rng=2)]),
            net.Linear(6, 4, rng=0),
        ],
    ),
    "convolution": (
        pictures,
        [
            net.Conv2d(2, 4, 3, padding=1, rng=0),
            net.GroupNorm(4, 2),
            net.ReLU(),
            net.MaxPool(),
            net.Conv2d(4, 6, 2, groups=2, stride=1, rng=1),
            net.AveragePool(),
            net.Flatten(),
            net.Linear(6, 4, rng=2),
        ],
    ),
    "convolution of sequences": (
        lambda r: r.normal(size=(3, 2, 7)),
        [
            net.Conv1d(2, 3, 3, dilation=2, rng=0),
            net.Tanh(),
            net.Flatten(),
            net.Linear(9, 4, rng=1),
        ],
    ),
    "RNN": (sequences, [net.RNN(6, 5, rng=0), net.LastStep(), net.Linear(5, 4, rng=1)]),
    "LSTM": (sequences, [net.LSTM(6, 5, rng=0), net.LastStep(), net.Linear(5, 4, rng=1)]),
    "GRU": (sequences, [net.GRU(6, 5, rng=0), net.LastStep(), net.Linear(5, 4, rng=1)]),
    "transformer": (
        tokens,
        [
            net.Embedding(5, 6, rng=0),
            net.TransformerBlock(6, 7, 2, causal=True, rng=1),
            net.MultiHeadAttention(6, 3, rng=2),
            net.FeedForward(6, 5, rng=3),
            net.LastStep(),
            net.Linear(6, 4, rng=4),
        ],
    ),
}


@pytest.mark.parametrize("name", STACKS)
@pytest.mark.parametrize("loss", ["softmax_cross_entropy", "hinge"])
def test_gradients_of_every_layer_agree_with_the_witness(name, loss):
    make, stack = STACKS[name]
    rng = np.random.default_rng(5)
    X, y = make(rng), np.array([0, 3, 1])
    network = NeuralNetwork(stack, loss=loss)
    value, gradients = network.loss_and_gradients(X, y)
    np.testing.assert_allclose(value, network.loss(X, y), rtol=1e-12)
    assert gradients.keys() == network.parameters.keys()
    for key, parameter in network.parameters.items():

        def at(changed, key=key):
            return network.loss(X, y, {**network.parameters, key: changed})

        assert gradients[key].shape == parameter.shape
        np.testing.assert_allclose(
            gradients[key], slopes(at, parameter), rtol=1e-7, atol=1e-12, err_msg=key
        )


def test_huber_networks_agree_with_the_witness():
    rng = np.random.default_rng(5)
    X, target = rng.normal(size=(5, 3)), 3 * rng.normal(size=(5, 2))
    network = NeuralNetwork([3, 4, 2], activation=net.Tanh, loss="huber")
    _, gradients = network.loss_and_gradients(X, target)

    def at(W1):
        return network.loss(X, target, {**network.parameters, "W1": W1})

    expected = slopes(at, network.parameters["W1"])
    np.testing.assert_allclose(gradients["W1"], expected, rtol=1e-9)


def test_batch_norm_and_dropout_train_one_way_and_are_used_another():
    rng = np.random.default_rng(0)
    X = 5 + 3 * rng.normal(size=(200, 4))
    y = (X[:, 0] * X[:, 1] > 25).astype(int)
    batch_norm = net.BatchNorm(8)
    stack = [net.Linear(4, 8, rng=0), batch_norm, net.ReLU(), net.Dropout(0.1, rng=0)]
    network = NeuralNetwork([*stack, net.Linear(8, 2, rng=1)])
    history = network.fit(X, y, epochs=60, learning_rate=0.3, on_epoch=None)
    assert history.losses[-1] < 0.6 * history.losses[0]
    assert network.accuracy(X, y) > 0.85
    assert (batch_norm.running["mean"] != 0).all()
    # In use every row stands alone and nothing is random.
    np.testing.assert_allclose(network.logits(X)[:3], network.logits(X[:3]), rtol=1e-12)
    # In training the batch matters and dropout draws anew.
    first, second = (network.loss_and_gradients(X, y)[0] for _ in range(2))
    assert first != second


def test_float32_layers_stay_float32():
    rng = np.random.default_rng(0)
    small = {"rng": 0, "dtype": np.float32}
    stacks = [
        (
            pictures(rng),
            [
                net.Conv2d(2, 3, 3, **small),
                net.BatchNorm(3, dtype=np.float32),
                net.MaxPool(),
                net.Flatten(),
                net.Linear(12, 4, **small),
            ],
        ),
        (
            tokens(rng),
            [
                net.Embedding(5, 6, **small),
                net.LSTM(6, 5, **small),
                net.TransformerBlock(5, 7, 1, **small),
                net.LastStep(),
                net.Linear(5, 4, **small),
            ],
        ),
    ]
    for X, stack in stacks:
        loss, gradients = NeuralNetwork(stack).loss_and_gradients(X, np.array([0, 3, 1]))
        assert {loss.dtype, *(g.dtype for g in gradients.values())} == {np.dtype("f4")}


def test_a_small_transformer_learns_to_name_the_last_token():
    rng = np.random.default_rng(0)
    X = rng.integers(4, size=(128, 5))
    stack = [
        net.Embedding(4, 8, rng=0),
        net.TransformerBlock(8, 16, 2, rng=1),
        net.LastStep(),
        net.Linear(8, 4, rng=2),
    ]
    network = NeuralNetwork(stack)
    history = network.fit(X, X[:, -1], epochs=30, learning_rate=0.3, on_epoch=None)
    assert history.losses[-1] < 0.1
    assert network.accuracy(X, X[:, -1]) > 0.95
