import numpy as np
import pytest

from backprop_course import layers
from backprop_course import network as net
from backprop_course.network import NeuralNetwork
from tests.witness import slopes

X_XOR, Y_XOR = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]]), np.array([0, 1, 1, 0])


def draw(N=6, D=3, C=4, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(N, D)), rng.integers(C, size=N)


def assert_gradients_are_right(network, X, y):
    loss, gradients = network.loss_and_gradients(X, y)
    np.testing.assert_allclose(loss, network.loss(X, y), rtol=1e-14)
    assert gradients.keys() == network.parameters.keys()
    for name, parameter in network.parameters.items():

        def at(value, name=name):
            return network.loss(X, y, {**network.parameters, name: value})

        np.testing.assert_allclose(gradients[name], slopes(at, parameter), rtol=1e-9, atol=1e-13)


@pytest.mark.parametrize("activation", [net.ReLU, net.LeakyReLU, net.Sigmoid, net.Tanh, net.GELU])
def test_gradients_of_deep_networks_agree_with_the_witness(activation):
    network = NeuralNetwork([3, 5, 6, 4], activation=activation, seed=1)
    assert_gradients_are_right(network, *draw())


def test_gradients_with_squared_error_agree_with_the_witness():
    X, _ = draw()
    target = np.random.default_rng(2).normal(size=(6, 2))
    network = NeuralNetwork([3, 5, 2], activation=net.Tanh, loss="squared_error")
    assert_gradients_are_right(network, X, target)


def test_layers_before_the_first_parameters_are_passed_over_on_the_way_back():
    stack = [net.Tanh(), net.Linear(3, 4, rng=0), net.ReLU(), net.Linear(4, 4, rng=1), net.Tanh()]
    assert_gradients_are_right(NeuralNetwork(stack), *draw())


def test_the_first_input_gradient_is_never_computed(monkeypatch):
    asked = []
    original = layers.linear_backward

    def spy(dout, cache, *, input_gradient=True):
        asked.append(input_gradient)
        return original(dout, cache, input_gradient=input_gradient)

    monkeypatch.setattr(layers, "linear_backward", spy)
    NeuralNetwork([3, 5, 6, 4]).loss_and_gradients(*draw())
    assert asked == [True, True, False]


def test_xor_is_learnt_from_each_of_many_seeds():
    for seed in range(30):
        network = NeuralNetwork([2, 16, 2], seed=seed)
        settings = {"epochs": 100, "learning_rate": 0.4, "batch_size": 4, "seed": seed}
        network.fit(X_XOR, Y_XOR, on_epoch=None, **settings)
        np.testing.assert_array_equal(network.predict(X_XOR), Y_XOR, err_msg=f"seed {seed}")


def test_the_first_loss_is_that_of_no_preference():
    X, y = draw(N=400, D=64, C=10)
    np.testing.assert_allclose(NeuralNetwork([64, 128, 10]).loss(X, y), np.log(10), rtol=0.05)


def test_every_example_is_used_once_an_epoch_the_last_short_batch_too(monkeypatch):
    X, y = draw(N=10)
    network = NeuralNetwork([3, 4])
    seen = []
    original = network._pass
    monkeypatch.setattr(network, "_pass", lambda X, y: seen.append(X) or original(X, y))
    network.fit(X, y, epochs=2, batch_size=4, on_epoch=None)
    assert [len(batch) for batch in seen] == [4, 4, 2, 4, 4, 2]
    first, second = np.concatenate(seen[:3]), np.concatenate(seen[3:])
    for epoch in (first, second):
        np.testing.assert_array_equal(np.sort(epoch, axis=0), np.sort(X, axis=0))
    assert not np.array_equal(first, second)
    assert not np.array_equal(first, X)


def test_fewer_examples_than_a_batch_are_fine():
    history = NeuralNetwork([3, 4]).fit(*draw(N=3), epochs=2, batch_size=32, on_epoch=None)
    assert len(history.losses) == 2


def test_equal_seeds_give_equal_networks_and_other_seeds_others():
    def weights(seed, fit_seed):
        network = NeuralNetwork([3, 5, 4], seed=seed)
        network.fit(*draw(N=40), epochs=3, batch_size=8, seed=fit_seed, on_epoch=None)
        return network.parameters["W1"]

    np.testing.assert_array_equal(weights(1, 2), weights(1, 2))
    assert not np.array_equal(weights(1, 2), weights(3, 2))
    assert not np.array_equal(weights(1, 2), weights(1, 3))


def test_predict_between_forward_and_backward_changes_no_gradient():
    layer = net.Linear(3, 2, rng=0)
    X = draw()[0]
    layer.forward(X)
    layer(10 * X)
    layer.backward(np.ones((6, 2)))
    np.testing.assert_allclose(layer.gradients["W"], X.T @ np.ones((6, 2)))


def test_each_backward_needs_its_own_forward():
    layer = net.ReLU()
    with pytest.raises(RuntimeError, match="needs a forward pass"):
        layer.backward(np.ones(2))
    layer.forward(np.ones(2))
    layer.backward(np.ones(2))
    with pytest.raises(RuntimeError, match="needs a forward pass"):
        layer.backward(np.ones(2))


def test_a_pair_may_keep_nothing():
    layer = net.Layer(lambda X: (-X, None), lambda dout, cache: -dout)
    layer.forward(np.ones(2))
    np.testing.assert_array_equal(layer.backward(np.ones(2)), [-1.0, -1.0])


def test_validation_data_are_measured_and_not_learnt_from():
    X, y = draw(N=40)
    held_out = draw(N=10, seed=1)
    with_it, without = NeuralNetwork([3, 5, 4]), NeuralNetwork([3, 5, 4])
    history = with_it.fit(X, y, epochs=4, validation=held_out, on_epoch=None)
    without.fit(X, y, epochs=4, on_epoch=None)
    np.testing.assert_array_equal(with_it.parameters["W1"], without.parameters["W1"])
    assert len(history.validation_losses) == len(history.validation_accuracies) == 4
    assert history.validation_accuracies[-1] == with_it.accuracy(*held_out)
    np.testing.assert_allclose(history.validation_losses[-1], with_it.loss(*held_out))


def test_float32_networks_stay_float32():
    network = NeuralNetwork([3, 5, 4], dtype=np.float32)
    X, y = draw()
    loss, gradients = network.loss_and_gradients(X, y)
    network.fit(X, y, epochs=1, on_epoch=None)
    arrays = [*gradients.values(), *network.parameters.values(), network.logits(X)]
    assert {array.dtype for array in arrays} == {np.dtype("f4")}
    assert loss.dtype == np.float32


def test_one_hot_labels_train_like_labels():
    X, y = draw(N=20)
    a, b = NeuralNetwork([3, 5, 4]), NeuralNetwork([3, 5, 4])
    a.fit(X, y, epochs=2, on_epoch=None)
    b.fit(X, np.eye(4)[y], epochs=2, on_epoch=None)
    np.testing.assert_array_equal(a.parameters["W2"], b.parameters["W2"])


def test_regression_learns_a_line():
    X = np.random.default_rng(0).normal(size=(64, 2))
    target = X @ np.array([[2.0], [-1.0]]) + 0.5
    network = NeuralNetwork([2, 1], loss="squared_error")
    history = network.fit(X, target, epochs=100, validation=(X, target), on_epoch=None)
    assert history.losses[-1] < 1e-6
    assert history.accuracies == [] and history.validation_accuracies == []


def test_about_ten_lines_are_printed(capsys):
    X, y = draw(N=20)
    NeuralNetwork([3, 4]).fit(X, y, epochs=100, validation=(X, y))
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 11
    assert lines[0].startswith("epoch    1 of 100: loss 1.")
    assert "held-out accuracy" in lines[-1]


def test_each_epoch_is_reported_to_a_callable():
    epochs = []
    NeuralNetwork([3, 4]).fit(*draw(), epochs=3, on_epoch=epochs.append)
    assert [epoch.number for epoch in epochs] == [1, 2, 3]
    assert all(epoch.validation_loss is None for epoch in epochs)


@pytest.mark.parametrize(
    ("X", "y", "words"),
    [
        (np.ones((4, 2)), np.zeros(4, int), r"X must have shape \(N, D\) with D = 3"),
        (np.ones((4, 3)), np.zeros(5, int), "X has 4 rows and y has 5"),
        (np.ones((4, 3)), np.full(4, 4), "between 0 and 3"),
        (np.full((4, 3), np.nan), np.zeros(4, int), "NaN"),
        (np.ones(3), np.zeros(3, int), "X must have shape"),
        (np.ones((0, 3)), np.zeros(0, int), "empty"),
    ],
)
def test_data_that_do_not_fit_are_refused_before_training(X, y, words):
    network = NeuralNetwork([3, 4])
    before = network.parameters["W1"].copy()
    with pytest.raises(ValueError, match=words):
        network.fit(X, y, epochs=1)
    np.testing.assert_array_equal(network.parameters["W1"], before)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (([3],), "Sizes must be two or more"),
        (([3, 0, 2],), "Sizes must be two or more"),
        (([],), "at least one layer"),
        (([3, 2], "absolute"), "loss must be one of"),
    ],
)
def test_impossible_networks_are_refused(arguments, words):
    sizes, *loss = arguments
    with pytest.raises(ValueError, match=words):
        NeuralNetwork(sizes, **({"loss": loss[0]} if loss else {}))


def test_one_layer_object_cannot_stand_in_two_places():
    layer = net.Linear(3, 3)
    with pytest.raises(ValueError, match="stands twice"):
        NeuralNetwork([layer, net.ReLU(), layer])


def test_a_loss_that_is_no_longer_finite_stops_training_in_words():
    X, y = draw()
    with pytest.raises(FloatingPointError, match=r"epoch \d+ .*smaller"):
        NeuralNetwork([3, 50, 50, 4]).fit(1e150 * X, y, epochs=50, learning_rate=1e10)


def test_probabilities_sum_to_one():
    P = NeuralNetwork([3, 4]).predict_probabilities(draw()[0])
    np.testing.assert_allclose(P.sum(axis=1), 1)
