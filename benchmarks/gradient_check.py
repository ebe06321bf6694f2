"""Rows 10 and 11: is a gradient of 10,000 entries right, and if not, which one is wrong?"""

import numpy as np
import torch
from torch.nn import functional as F

from backprop_course.gradcheck import check_gradients
from backprop_course.network import NeuralNetwork
from benchmarks.race import Claim, Line, Race

FACTOR = 1.0001  # the planted error: one entry of 6,400 is that much too large
MS = 1e-3


def races(tiny=False):
    sizes = (4, 5, 3) if tiny else (80, 80, 40, 10)
    subject = Subject(sizes, seed=0)
    yield Race(
        "10",
        f"gradient check, {subject.count:,} entries",
        {
            "ours": lambda: bool(subject.check(subject.gradients())),
            "PyTorch fast": lambda: subject.pytorch_check(fast_mode=True),
            "plain loop": lambda: bool(subject.gaps(subject.gradients()).max() < 1e-6),
        },
        {"PyTorch fast": 0.35, "plain loop": 1 / 600},
        at_most=1 * MS,
    )
    yield Claim("gradient check, what it finds", lambda tick: detection(sizes, tiny, tick))
    entry = subject.some_entry(seed=1)
    yield Race(
        "11",
        f"name the wrong entry of {subject.count:,}",
        {
            "ours": lambda: subject.check(subject.wrong_gradients(entry)).tensors[0].entry == entry,
            "plain loop": lambda: subject.worst(subject.wrong_gradients(entry)) == ("W1", entry),
            # Slow mode prints two Jacobians and leaves the search to the reader.
            "PyTorch slow": lambda: not subject.pytorch_check(entry=entry, factor=2.0),
        },
        {"plain loop": 1 / 10, "PyTorch slow": 1 / 25},
        at_most=60 * MS,
    )


class Subject:
    """A network, a batch and its gradients: what is to be checked, and the ways to do it."""

    def __init__(self, sizes, seed):
        rng = np.random.default_rng(seed)
        self.network = NeuralNetwork(sizes, seed=seed)
        self.X, self.y = rng.normal(size=(16, sizes[0])), rng.integers(0, sizes[-1], 16)
        self.parameters = self.network.parameters
        self.count = sum(array.size for array in self.parameters.values())
        self.tensors = [torch.tensor(p, requires_grad=True) for p in self.parameters.values()]
        self.X_tensor, self.y_tensor = torch.from_numpy(self.X), torch.from_numpy(self.y)

    def loss(self, **parameters):
        return self.network.loss(self.X, self.y, parameters)

    def gradients(self):
        return self.network.loss_and_gradients(self.X, self.y)[1]

    def some_entry(self, seed):
        """Return the place of an entry of W1 whose gradient is not 0."""
        dW1 = self.gradients()["W1"]
        places = np.argwhere(np.abs(dW1) > 0.1 * np.sqrt((dW1**2).mean()))
        return tuple(map(int, np.random.default_rng(seed).choice(places)))

    def wrong_gradients(self, entry):
        gradients = self.gradients()
        gradients["W1"][entry] *= FACTOR
        return gradients

    def check(self, gradients):
        return check_gradients(self.loss, self.parameters, gradients)

    def gaps(self, gradients):
        """Return how far each gradient is from that of the plain loop, relative to its norm."""
        numeric = self.plain_loop()
        return np.array(
            [
                np.linalg.norm(gradients[name] - numeric[name]) / np.linalg.norm(numeric[name])
                for name in numeric
            ]
        )

    def worst(self, gradients):
        """Return name and place of the entry with the largest relative difference."""
        numeric = self.plain_loop()
        found = []
        for name, expected in numeric.items():
            size = np.maximum(np.abs(expected), 1e-3 * np.abs(expected).max())
            gap = np.abs(gradients[name] - expected) / size
            place = np.unravel_index(gap.argmax(), gap.shape)
            found.append((gap.max(), name, tuple(map(int, place))))
        return max(found)[1:]

    def plain_loop(self, h=1e-5):
        """Return numerical gradients: each entry is moved up and down, the loss taken twice."""
        numeric = {}
        for name, array in self.parameters.items():
            numeric[name] = np.empty_like(array)
            for place in np.ndindex(array.shape):
                kept = array[place]
                array[place] = kept + h
                up = self.network.loss(self.X, self.y)
                array[place] = kept - h
                down = self.network.loss(self.X, self.y)
                array[place] = kept
                numeric[name][place] = (up - down) / (2 * h)
        return numeric

    def pytorch_check(self, *, fast_mode=False, entry=None, factor=FACTOR):
        """Return what PyTorch's gradcheck says, with an error planted at ``entry`` of W1."""

        def loss(*parameters):
            out = self.X_tensor
            for k in range(0, len(parameters), 2):
                W, b = parameters[k : k + 2]
                if entry is not None and k == 0:
                    W = Wrong.apply(W, entry, factor)
                out = (F.relu(out) if k else out) @ W + b
            return F.cross_entropy(out, self.y_tensor)

        return torch.autograd.gradcheck(
            loss, self.tensors, fast_mode=fast_mode, raise_exception=False
        )


class Wrong(torch.autograd.Function):
    """The identity, with one entry of its gradient wrong."""

    @staticmethod
    def forward(ctx, W, entry, factor):
        ctx.entry, ctx.factor = entry, factor
        return W.clone()

    @staticmethod
    def backward(ctx, dout):
        dW = dout.clone()
        dW[ctx.entry] *= ctx.factor
        return dW, None, None


def detection(sizes, tiny, tick):
    """Measure how exactly right gradients agree, and how often the planted error is found."""
    seeds = 3 if tiny else 100
    errors, ours, theirs = [], 0, 0
    for seed in range(seeds):
        subject = Subject(sizes, seed)
        right = subject.check(subject.gradients())
        errors += [tensor.relative_error for tensor in right.tensors]
        entry = subject.some_entry(seed)
        report = subject.check(subject.wrong_gradients(entry))
        ours += right.ok and report.tensors[0].entry == entry
        theirs += not subject.pytorch_check(fast_mode=True, entry=entry)
        tick((seed + 1) / seeds)
    yield Line(
        "10",
        "disagreement with a right gradient",
        f"{max(errors):.1g}",
        "",
        "",
        "",
        "",
        "<= 1e-13",
        max(errors) <= 1e-13,
    )
    yield Line(
        "10",
        f"one entry wrong by {FACTOR - 1:.0e}, found",
        f"{ours} of {seeds}",
        "PyTorch fast",
        f"{theirs} of {seeds}",
        "",
        "",
        "all",
        ours == seeds,
    )
