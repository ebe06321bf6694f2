"""A witness from outside: PyTorch must get the same outputs and gradients. Skipped without it."""

import numpy as np
import pytest

from backprop_course import layers, losses

torch = pytest.importorskip("torch", reason="PyTorch is not installed; it is an optional witness")
F = torch.nn.functional


rng = np.random.default_rng(0)


def normal(*shape):
    return rng.normal(size=shape)


def lstm(X, h0, c0, Wx, Wh, b):
    module = torch.nn.LSTM(Wx.shape[0], Wh.shape[0], batch_first=True, dtype=torch.float64)
    weights = (Wx.T, Wh.T, b, torch.zeros_like(b))
    state = (h0[None], c0[None])
    return torch.func.functional_call(module, _named(weights), (X, state))[0]


def gru(X, h0, Wx, Wh, bx, bh):
    module = torch.nn.GRU(Wx.shape[0], Wh.shape[0], batch_first=True, dtype=torch.float64)
    return torch.func.functional_call(module, _named((Wx.T, Wh.T, bx, bh)), (X, h0[None]))[0]


def rnn(X, h0, Wx, Wh, b):
    module = torch.nn.RNN(Wx.shape[0], Wh.shape[0], batch_first=True, dtype=torch.float64)
    weights = (Wx.T, Wh.T, b, torch.zeros_like(b))
    return torch.func.functional_call(module, _named(weights), (X, h0[None]))[0]


def _named(weights):
    names = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
    return dict(zip(names, weights, strict=True))


def multihead(X, Wq, Wk, Wv, Wo):
    N, T, D = X.shape
    Q, K, V = ((X @ W).reshape(N, T, 2, D // 2).transpose(1, 2) for W in (Wq, Wk, Wv))
    A = F.scaled_dot_product_attention(Q, K, V, is_causal=True)
    return A.transpose(1, 2).reshape(N, T, D) @ Wo


def transformer_block(X, g1, b1, Wq, Wk, Wv, Wo, g2, b2, W1, c1, W2, c2):
    D = X.shape[-1]
    Y = X + multihead(F.layer_norm(X, (D,), g1, b1), Wq, Wk, Wv, Wo)
    thought = F.gelu(F.layer_norm(Y, (D,), g2, b2) @ W1 + c1, approximate="tanh") @ W2 + c2
    return Y + thought


def batch_norm(X, gamma, beta):
    return F.batch_norm(X, None, None, gamma, beta, training=True)


CAUSAL = {"heads": 2, "mask": layers.causal_mask(3)}

# name of the pair: (arguments, settings, the same in PyTorch)
MENU = {
    "linear": ((normal(5, 4), normal(4, 3), normal(3)), {}, lambda X, W, b: X @ W + b),
    "relu": ((normal(5, 4),), {}, F.relu),
    "leaky_relu": ((normal(5, 4),), {"slope": 0.2}, lambda Z: F.leaky_relu(Z, 0.2)),
    "sigmoid": ((normal(5, 4),), {}, torch.sigmoid),
    "tanh": ((normal(5, 4),), {}, torch.tanh),
    "gelu": ((normal(5, 4),), {}, F.gelu),
    "layernorm": (
        (normal(2, 5, 4), normal(4), normal(4)),
        {},
        lambda X, g, b: F.layer_norm(X, (4,), g, b),
    ),
    "rmsnorm": ((normal(2, 5, 4), normal(4)), {}, lambda X, g: F.rms_norm(X, (4,), g, eps=1e-5)),
    "batchnorm": ((normal(3, 4, 2, 5), normal(4), normal(4)), {}, batch_norm),
    "groupnorm": (
        (normal(3, 6, 2, 5), normal(6), normal(6)),
        {"groups": 3},
        lambda X, g, b: F.group_norm(X, 3, g, b),
    ),
    "conv2d": (
        (normal(2, 4, 8, 7), normal(6, 2, 3, 2), normal(6)),
        {"stride": 2, "padding": 1, "dilation": 2, "groups": 2},
        lambda X, W, b: F.conv2d(X, W, b, 2, 1, 2, 2),
    ),
    "conv1d": (
        (normal(2, 4, 9), normal(6, 2, 3), normal(6)),
        {"stride": 2, "padding": 2, "groups": 2},
        lambda X, W, b: F.conv1d(X, W, b, 2, 2, 1, 2),
    ),
    "max_pool": (
        # Whole numbers, so that many windows hold ties: the first must win, as in PyTorch.
        (np.random.default_rng(0).integers(0, 3, (2, 3, 6, 7)).astype(float),),
        {"size": 3, "stride": 2},
        lambda X: F.max_pool2d(X, 3, 2),
    ),
    "average_pool": (
        (normal(2, 3, 6, 7),),
        {"size": 3, "stride": 2},
        lambda X: F.avg_pool2d(X, 3, 2),
    ),
    "rnn": ((normal(2, 4, 3), normal(2, 5), normal(3, 5), normal(5, 5), normal(5)), {}, rnn),
    "lstm": (
        (normal(2, 4, 3), normal(2, 5), normal(2, 5), normal(3, 20), normal(5, 20), normal(20)),
        {},
        lstm,
    ),
    "gru": (
        (normal(2, 4, 3), normal(2, 5), normal(3, 15), normal(5, 15), normal(15), normal(15)),
        {},
        gru,
    ),
    "attention": (
        (normal(2, 3, 4), normal(2, 5, 4), normal(2, 5, 6)),
        {},
        F.scaled_dot_product_attention,
    ),
    "multihead": ((normal(2, 3, 4), *(normal(4, 4) for _ in range(4))), CAUSAL, multihead),
    "transformer_block": (
        (
            normal(2, 3, 4),
            *(normal(4), normal(4), *(normal(4, 4) for _ in range(4)), normal(4), normal(4)),
            *(normal(4, 5), normal(5), normal(5, 4), normal(4)),
        ),
        CAUSAL,
        transformer_block,
    ),
}


@pytest.mark.parametrize("name", MENU)
def test_outputs_and_gradients_are_those_of_pytorch(name):
    arguments, settings, theirs = MENU[name]
    out, cache = getattr(layers, f"{name}_forward")(*arguments, **settings)
    dout = np.random.default_rng(1000).normal(size=out.shape)
    gradients = getattr(layers, f"{name}_backward")(dout, cache)
    gradients = gradients if isinstance(gradients, tuple) else (gradients,)

    tensors = [torch.tensor(argument, requires_grad=True) for argument in arguments]
    their_out = theirs(*tensors)
    their_out.backward(torch.tensor(dout))
    np.testing.assert_allclose(out, their_out.detach(), rtol=1e-10, atol=1e-12)
    for ours, tensor in zip(gradients, tensors, strict=True):
        np.testing.assert_allclose(ours, tensor.grad, rtol=1e-9, atol=1e-12)


LABELS = np.array([0, 3, 2, 3, 1])
LOSSES = {
    "softmax_cross_entropy": (
        (normal(5, 4), LABELS),
        {"smoothing": 0.1},
        lambda Z, y: F.cross_entropy(Z, y, label_smoothing=0.1),
    ),
    "binary_cross_entropy_with_logits": (
        (normal(4), np.array([0.0, 1.0, 1.0, 0.3])),
        {},
        F.binary_cross_entropy_with_logits,
    ),
    "squared_error": (
        (normal(5, 4), normal(5, 4)),
        {},
        lambda A, t: F.mse_loss(A, t, reduction="sum") / 10,
    ),
    "huber": (
        (2 * normal(5, 4), normal(5, 4)),
        {"delta": 0.7},
        lambda A, t: F.huber_loss(A, t, delta=0.7, reduction="sum") / 5,
    ),
    "hinge": (
        (normal(5, 4), LABELS),
        {},
        # PyTorch divides by the number of classes as well.
        lambda Z, y: 4 * F.multi_margin_loss(Z, y),
    ),
}


@pytest.mark.parametrize("name", LOSSES)
def test_losses_and_their_gradients_are_those_of_pytorch(name):
    (Z, y), settings, theirs = LOSSES[name]
    loss, cache = getattr(losses, f"{name}_forward")(Z, y, **settings)
    dZ = getattr(losses, f"{name}_backward")(2.5, cache)
    tensor = torch.tensor(Z, requires_grad=True)
    their_loss = theirs(tensor, torch.tensor(y))
    (2.5 * their_loss).backward()
    np.testing.assert_allclose(loss, their_loss.item(), rtol=1e-12)
    np.testing.assert_allclose(dZ, tensor.grad, rtol=1e-9, atol=1e-14)


def test_embedding_adds_up_like_pytorch():
    tokens, W = np.array([[2, 0, 2], [2, 1, 0]]), normal(4, 3)
    out, cache = layers.embedding_forward(tokens, W)
    dout = normal(*out.shape)
    tensor = torch.tensor(W, requires_grad=True)
    F.embedding(torch.tensor(tokens), tensor).backward(torch.tensor(dout))
    np.testing.assert_allclose(layers.embedding_backward(dout, cache), tensor.grad, rtol=1e-12)
