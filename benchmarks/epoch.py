"""Rows 4 and 5: one epoch over 10,000 examples, each with its own loop and its own shuffling."""

import warnings

import numpy as np
import torch
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

from backprop_course.network import NeuralNetwork
from benchmarks.mlp import LEARNING_RATE, pytorch_network
from benchmarks.race import Race


def races(tiny=False):
    examples, D = (640, 6) if tiny else (10_000, 784)
    yield epoch("4", (D, 30, 10), examples, 10, {"PyTorch DataLoader": 0.20, "scikit-learn": 0.40})
    yield epoch("5", (D, 128, 10), examples, 64, {"PyTorch DataLoader": 0.52, "scikit-learn": 0.65})


def epoch(row, sizes, examples, batch, goals):
    """Return the race of one float32 epoch on classes that a network can learn."""
    rng = np.random.default_rng(0)
    y = rng.integers(0, sizes[-1], examples)
    centres = 3.0 * rng.normal(size=(sizes[-1], sizes[0]))
    X = (centres[y] + rng.normal(size=(examples, sizes[0]))).astype(np.float32)
    return Race(
        row=row,
        what=f"epoch {'-'.join(map(str, sizes))}, batch {batch}",
        contenders={
            "ours": our_epoch(sizes, X, y, batch),
            "PyTorch DataLoader": pytorch_epoch(sizes, X, y, batch),
            "scikit-learn": scikit_learn_epoch(sizes, X, y, batch),
        },
        goals=goals,
        check=learns_as_well,
    )


def our_epoch(sizes, X, y, batch):
    def run():
        network = NeuralNetwork(sizes, dtype=np.float32)
        network.fit(X, y, epochs=1, batch_size=batch, learning_rate=LEARNING_RATE, on_epoch=None)
        return lambda: network.accuracy(X, y)

    return run


def pytorch_epoch(sizes, X, y, batch):
    data = torch.utils.data.TensorDataset(torch.from_numpy(X), torch.from_numpy(y))
    loader = torch.utils.data.DataLoader(data, batch_size=batch, shuffle=True)
    start = NeuralNetwork(sizes, dtype=np.float32)
    loss_of = torch.nn.CrossEntropyLoss()

    def run():
        model = pytorch_network(start)
        optimizer = torch.optim.SGD(model.parameters(), lr=LEARNING_RATE)
        for X_batch, y_batch in loader:
            optimizer.zero_grad()
            loss_of(model(X_batch), y_batch).backward()
            optimizer.step()
        return lambda: float((model(torch.from_numpy(X)).argmax(dim=1).numpy() == y).mean())

    return run


def scikit_learn_epoch(sizes, X, y, batch):
    def run():
        model = MLPClassifier(
            sizes[1:-1],
            solver="sgd",
            alpha=0.0,
            momentum=0.0,
            nesterovs_momentum=False,
            batch_size=batch,
            learning_rate_init=LEARNING_RATE,
            max_iter=1,
            random_state=0,
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # one epoch is what we ask for
            model.fit(X, y)
        return lambda: model.score(X, y)

    return run


def learns_as_well(ours, theirs):
    """Orders of examples differ, so the numbers do; what was learnt must not."""
    assert abs(ours() - theirs()) < 0.1, f"accuracy {ours():.3f} against {theirs():.3f}."
