"""Rows 6 to 9: one layer forward and backward, in float32, against PyTorch."""

import numpy as np
import torch
from torch.nn import functional as F

from backprop_course import layers, losses
from benchmarks.race import Race, agree

RNG = np.random.default_rng(0)


def convolution(tiny=False):
    goals = {(16, 32): 1.6, (3, 16): 0.9}
    for (C, channels), goal in goals.items():
        N, side = (2, 5) if tiny else (32, 32)
        X, W, b = normal(N, C, side, side), normal(channels, C, 3, 3), normal(channels)
        yield race(
            "6",
            f"conv 3x3, {C} to {channels} channels, {N}x{side}x{side}",
            (layers.conv2d_forward, layers.conv2d_backward),
            lambda X, W, b: F.conv2d(X, W, b, padding=1),
            (X, W, b),
            goal,
            settings={"padding": 1},
            limit=convolution_products(X, W),
        )


def convolution_products(X, W):
    """Return the three products of a convolution whose windows stand ready as columns."""
    N, _, height, width = X.shape
    kernels = W.reshape(len(W), -1)
    columns, dout = (
        normal(N, rows, height * width) for rows in (kernels.shape[1], kernels.shape[0])
    )

    def run():
        kernels @ columns
        kernels.T @ dout
        dout @ columns.swapaxes(1, 2)

    return run


def attention(tiny=False):
    shape = (2, 3, 5, 4) if tiny else (4, 8, 128, 64)
    Q, K, V = normal(*shape), normal(*shape), normal(*shape)
    yield race(
        "7",
        f"attention {by(shape)}",
        (layers.attention_forward, layers.attention_backward),
        F.scaled_dot_product_attention,
        (Q, K, V),
        0.92,
        limit=attention_products(Q, K, V),
    )


def attention_products(Q, K, V):
    """Return the six products of attention."""
    S, dout = Q @ K.swapaxes(-1, -2), normal(*V.shape)

    def run():
        Q @ K.swapaxes(-1, -2)
        S @ V
        S.swapaxes(-1, -2) @ dout
        dout @ V.swapaxes(-1, -2)
        S @ K
        S.swapaxes(-1, -2) @ Q

    return run


def activations(tiny=False):
    shape = (3, 4) if tiny else (512, 1024)
    menu = (
        ("8", "GELU, tanh form", "gelu", {"approximate": True}, gelu_tanh, 0.85),
        ("8", "tanh", "tanh", {}, torch.tanh, 0.3),
        ("9", "ReLU", "relu", {}, F.relu, 2.0),
        ("9", "sigmoid", "sigmoid", {}, torch.sigmoid, 1.6),
    )
    for row, what, name, settings, theirs, goal in menu:
        ours = pair(layers, name)
        yield race(row, f"{what} {by(shape)}", ours, theirs, (normal(*shape),), goal, settings)
    X, rng = normal(*shape), np.random.default_rng(0)
    yield race(
        "8",
        f"dropout {by(shape)}",
        pair(layers, "dropout"),
        F.dropout,
        (X,),
        0.4,
        {"rng": rng},
        check=drops_alike,
    )


def gelu_tanh(Z):
    return F.gelu(Z, approximate="tanh")


def drops_alike(ours, theirs):
    """Random masks differ; the share of kept entries and their scale must not."""
    out, _ = ours
    other = theirs[0].detach().numpy()
    share = abs((out != 0).mean() - (other != 0).mean())
    assert share < 3 / np.sqrt(out.size), f"the shares of kept entries differ by {share}."
    both = (out != 0) & (other != 0)
    agree(out[both], other[both])


def pooling(tiny=False):
    shape = (2, 3, 4, 4) if tiny else (32, 16, 32, 32)
    yield race(
        "8",
        f"max-pool 2x2 {by(shape)}",
        pair(layers, "max_pool"),
        lambda X: F.max_pool2d(X, 2),
        (normal(*shape),),
        0.6,
    )


def cross_entropy(tiny=False):
    N, C = (4, 3) if tiny else (128, 10)
    y = np.random.default_rng(0).integers(0, C, N)
    target = torch.from_numpy(y)
    forward, backward = pair(losses, "softmax_cross_entropy")
    yield race(
        "8",
        f"cross-entropy {N}x{C}",
        (lambda Z: forward(Z, y), backward),
        lambda Z: F.cross_entropy(Z, target),
        (normal(N, C),),
        0.5,
    )


def normalization(tiny=False):
    N, D = (5, 4) if tiny else (512, 512)
    yield race(
        "9",
        f"batch norm {N}x{D}",
        pair(layers, "batchnorm"),
        lambda X, gamma, beta: F.batch_norm(X, None, None, gamma, beta, training=True),
        (normal(N, D), normal(D), normal(D)),
        1.8,
    )
    N, D = (5, 4) if tiny else (512, 768)
    yield race(
        "9",
        f"layer norm {N}x{D}",
        pair(layers, "layernorm"),
        lambda X, gamma, beta: F.layer_norm(X, (D,), gamma, beta),
        (normal(N, D), normal(D), normal(D)),
        2.6,
    )


def recurrence(tiny=False):
    N, T, D, H = (2, 3, 4, 5) if tiny else (32, 50, 64, 128)
    module = torch.nn.LSTM(D, H, batch_first=True)
    scale = np.float32(0.1)
    arguments = (
        normal(N, T, D),
        normal(N, H),
        normal(N, H),
        scale * normal(D, 4 * H),
        scale * normal(H, 4 * H),
        scale * normal(4 * H),
    )

    # The module wants its weights the other way round and a second bias, which stays 0.
    X, h0, c0, Wx, Wh, b = (torch.from_numpy(array) for array in arguments)
    with torch.no_grad():
        module.weight_ih_l0[:], module.weight_hh_l0[:] = Wx.T, Wh.T
        module.bias_ih_l0[:], module.bias_hh_l0[:] = b, 0
    X.requires_grad_(), h0.requires_grad_(), c0.requires_grad_()
    wanted = [X, h0, c0, module.weight_ih_l0, module.weight_hh_l0, module.bias_ih_l0]
    dout = normal(N, T, H)
    gradient = torch.from_numpy(dout)

    def theirs():
        out, _ = module(X, (h0[None], c0[None]))
        dX, dh0, dc0, dWx, dWh, db = torch.autograd.grad(out, wanted, gradient)
        return out, dX, dh0, dc0, dWx.T, dWh.T, db

    def ours():
        out, cache = layers.lstm_forward(*arguments)
        return out, *layers.lstm_backward(dout, cache)

    yield Race(
        "9",
        f"LSTM {N}x{T}, {D} to {H}",
        {"ours": ours, "PyTorch": theirs, "products alone": lstm_products(*arguments, dout)},
        {"PyTorch": 1.5},
        limit="products alone",
    )


def lstm_products(X, h0, c0, Wx, Wh, b, dout):
    """Return the products of a recurrent layer: one a step each way, the others at once."""
    dZ = np.concatenate([dout] * 4, axis=-1)
    rows, drows = X.reshape(-1, X.shape[-1]), dZ.reshape(-1, dZ.shape[-1])
    states, step = dout.reshape(-1, dout.shape[-1]), np.ascontiguousarray(dZ[:, 0])

    def run():
        rows @ Wx
        for _ in range(X.shape[1]):
            h0 @ Wh
            step @ Wh.T
        drows @ Wx.T
        rows.T @ drows
        states.T @ drows

    return run


def embedding(tiny=False):
    N, V, D = (7, 5, 3) if tiny else (4096, 10_000, 64)
    tokens = np.random.default_rng(0).integers(0, V, N)
    indices = torch.from_numpy(tokens)
    yield race(
        "9",
        f"embedding, {N} of {V}x{D}",
        (lambda W: layers.embedding_forward(tokens, W), layers.embedding_backward),
        lambda W: F.embedding(indices, W),
        (normal(V, D),),
        2.0,
    )


def races(tiny=False):
    for family in (activations, pooling, cross_entropy, normalization, recurrence, embedding):
        yield from family(tiny)


def race(row, what, ours, theirs, arguments, goal, settings=None, limit=None, check=agree):
    """Return the race of a pair against the function of PyTorch that computes the same."""
    forward, backward = ours
    settings = settings or {}
    tensors = [torch.tensor(array, requires_grad=True) for array in arguments]
    shape = theirs(*tensors).shape
    dout = normal(*shape) if shape else np.float32(1.0)
    gradient = torch.tensor(dout)

    def run():
        out, cache = forward(*arguments, **settings)
        return out, backward(dout, cache)

    def run_theirs():
        out = theirs(*tensors)
        return out, torch.autograd.grad(out, tensors, gradient)

    contenders = {"ours": run, "PyTorch": run_theirs}
    if limit:
        contenders["products alone"] = limit
    return Race(
        row, what, contenders, {"PyTorch": goal}, "products alone" if limit else None, check
    )


def pair(module, name):
    return getattr(module, f"{name}_forward"), getattr(module, f"{name}_backward")


def normal(*shape):
    return RNG.normal(size=shape).astype(np.float32)


def by(shape):
    return "x".join(map(str, shape))
