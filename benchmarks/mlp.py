"""Rows 1 to 3: one training step (forward, loss, backward, descent) of a plain network."""

from itertools import pairwise

import autograd
import autograd.numpy as anp
import numpy as np
import torch

from backprop_course.network import NeuralNetwork
from backprop_course.optimizers import SGD
from benchmarks.race import Race

LEARNING_RATE = 0.1


def races(tiny=False):
    large = (7, 5, 4, 3) if tiny else (784, 512, 256, 10)
    goals = {32: (0.88, 1.25), 128: (0.90, 1.16), 512: (0.94, 1.08)}
    for batch, (pytorch, products) in goals.items():
        yield step(
            "1, 2",
            large,
            6 if tiny else batch,
            {"PyTorch": pytorch, "products alone": products},
        )
    yield step("3", (2, 16, 16, 2), 64, {"PyTorch": 0.25, "autograd": 0.10, "bare NumPy": None})


def step(row, sizes, batch, goals):
    """Return the race of one float32 step with mini-batches of this size."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(batch, sizes[0])).astype(np.float32)
    y = rng.integers(0, sizes[-1], batch)
    network = NeuralNetwork(sizes, dtype=np.float32)
    peers = {
        "PyTorch": pytorch_step,
        "autograd": autograd_step,
        "bare NumPy": bare_step,
        "products alone": products,
    }
    shown = {*goals, "products alone"}
    contenders = {name: make(network, X, y) for name, make in peers.items() if name in shown}
    return Race(
        row=row,
        what=f"step {'-'.join(map(str, sizes))}, batch {batch}",
        contenders={"ours": our_step(network, X, y), **contenders},
        goals=goals,
        limit="products alone",
    )


def our_step(network, X, y):
    optimizer = SGD(LEARNING_RATE)
    parameters = network.parameters

    def run():
        loss, gradients = network.loss_and_gradients(X, y)
        optimizer.step(parameters, gradients)
        return loss, parameters

    return run


def pytorch_step(network, X, y):
    model = pytorch_network(network)
    optimizer = torch.optim.SGD(model.parameters(), lr=LEARNING_RATE)
    loss_of = torch.nn.CrossEntropyLoss()
    X, y = torch.from_numpy(X), torch.from_numpy(y)
    parameters = as_ours(model)

    def run():
        optimizer.zero_grad()
        loss = loss_of(model(X), y)
        loss.backward()
        optimizer.step()
        return loss, parameters

    return run


def pytorch_network(network):
    """Return the same network, with the same numbers, as PyTorch users write it."""
    layers = []
    for name, W in network.parameters.items():
        if name.startswith("W"):
            linear = torch.nn.Linear(*W.shape, dtype=torch.from_numpy(W).dtype)
            linear.weight.data[:] = torch.from_numpy(W.T)
            linear.bias.data[:] = torch.from_numpy(network.parameters["b" + name[1:]])
            layers += [linear, torch.nn.ReLU()]
    return torch.nn.Sequential(*layers[:-1])


def as_ours(model):
    """Return the parameters of a PyTorch network, W with inputs as rows, as ours are."""
    return [p.detach().T if p.ndim == 2 else p.detach() for p in model.parameters()]


def autograd_step(network, X, y):
    parameters = {name: array.copy() for name, array in network.parameters.items()}
    rows, last = np.arange(len(y)), len(network.layers) // 2 + 1

    def loss_of(parameters):
        out = X
        for k in range(1, last + 1):
            out = anp.dot(out, parameters[f"W{k}"]) + parameters[f"b{k}"]
            if k < last:
                out = anp.maximum(out, 0)
        shifted = out - anp.max(out, axis=1, keepdims=True)
        log_sum = anp.log(anp.sum(anp.exp(shifted), axis=1))
        return anp.mean(log_sum - shifted[rows, y])

    loss_and_gradients = autograd.value_and_grad(loss_of)

    def run():
        loss, gradients = loss_and_gradients(parameters)
        for name, array in parameters.items():
            array -= np.float32(LEARNING_RATE) * gradients[name]
        return loss, parameters

    return run


def bare_step(network, X, y):
    """Return the calls of NumPy that our step makes, without layers and without checks."""
    parameters = {name: array.copy() for name, array in network.parameters.items()}
    arrays, N = list(parameters.values()), len(X)
    weights = list(zip(arrays[::2], arrays[1::2], strict=True))

    def run():
        inputs, masks = [X], []
        for W, b in weights:
            Z = inputs[-1] @ W + b
            masks.append(Z > 0)
            inputs.append(Z * masks[-1])
        rows, top = np.arange(N), Z.argmax(axis=1)
        shifted = Z - Z[rows, top][:, None]
        E = np.exp(shifted)
        E[rows, top] = 0.0
        rest = E.sum(axis=1)
        E[rows, top] = 1.0
        dout = E / (1.0 + rest)[:, None]
        loss = (np.log1p(rest) - shifted[rows, y]).sum() / N
        dout[rows, y] -= 1.0
        dout /= N
        for k in reversed(range(len(weights))):
            W, b = weights[k]
            dW, db = inputs[k].T @ dout, dout.sum(axis=0)
            if k:
                dout = (dout @ W.T) * masks[k - 1]
            W -= LEARNING_RATE * dW
            b -= LEARNING_RATE * db
        return loss, parameters

    return run


def products(network, X, y):
    """Return the matrix products of one step and nothing else: no bias, no ReLU, no descent."""
    weights = [W for name, W in network.parameters.items() if name.startswith("W")]
    inputs = [X]
    for W in weights:
        inputs.append(inputs[-1] @ W)
    douts = inputs[1:]

    def run():
        for A, W in zip(inputs[:-1], weights, strict=True):
            A @ W
        for dout, W in zip(douts[1:], weights[1:], strict=True):
            dout @ W.T
        for A, dout in pairwise(inputs):
            A.T @ dout

    return run
