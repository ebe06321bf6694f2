"""Row 13: a tiny loss stays a tiny loss, in float32 and at no extra cost."""

import math

import numpy as np
import torch

from backprop_course.losses import as_labels, softmax_cross_entropy_forward
from backprop_course.shapes import expect
from benchmarks.race import Claim, Line, Race


def races(tiny=False):
    yield Claim("cross-entropy, accuracy in float32", accuracy)
    for N, C in ((5, 3),) if tiny else ((128, 10), (512, 1000)):
        rng = np.random.default_rng(0)
        Z, y = rng.normal(size=(N, C)).astype(np.float32), rng.integers(0, C, N)
        yield Race(
            "13",
            f"cross-entropy {N}x{C}, forward",
            {
                "ours": lambda Z=Z, y=y: softmax_cross_entropy_forward(Z, y)[0],
                "plain form": lambda Z=Z, y=y: plain_form(Z, y)[0],
            },
            {"plain form": 1.05},
        )


def plain_form(Z, y):
    """Return log-sum-exp minus the label's logit, as it is usually written, with our checks."""
    expect(Z=(Z, "NC"))
    y = as_labels(y, *Z.shape)
    shifted = Z - Z.max(axis=1, keepdims=True)
    E = np.exp(shifted)
    total = E.sum(axis=1)
    P = E / total[:, None]
    return (np.log(total) - shifted[np.arange(len(Z)), y]).mean(), P


def accuracy(tick):
    """Compare with log1p(exp(-gap)) in float64, which is exact to 16 digits."""
    gaps = np.arange(1, 81)
    worst = {"ours": 0.0, "PyTorch": 0.0}
    for gap in gaps:
        Z, y = np.array([[gap, 0.0]], np.float32), np.array([0])
        exact = math.log1p(math.exp(-gap))
        got = {
            "ours": softmax_cross_entropy_forward(Z, y)[0],
            "PyTorch": torch.nn.functional.cross_entropy(torch.from_numpy(Z), torch.from_numpy(y)),
        }
        for name, loss in got.items():
            worst[name] = max(worst[name], abs(float(loss) - exact) / exact)
    tick(1.0)
    yield Line(
        "13",
        "loss of a right answer, logit gap 1 to 80: worst relative error",
        f"{worst['ours']:.1g}",
        "PyTorch",
        f"{worst['PyTorch']:.1g}",
        "",
        "",
        "<= 2e-7",
        worst["ours"] <= 2e-7,
    )
