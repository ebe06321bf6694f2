"""One menu of every pair with parameters or settings, and what each must hold to."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backprop_course import layers
from tests.witness import assert_pair_is_right


def normal(rng, *shape):
    return rng.normal(size=shape)


def norm_arguments(rng, *shape, axis=-1):
    D = shape[axis]
    return normal(rng, *shape), 1 + 0.5 * normal(rng, D), normal(rng, D)


def conv_arguments(rng, N=2, C=4, F=6, H=5, W=6, kernel=(2, 3), groups=1):
    return (
        normal(rng, N, C, H, W),
        normal(rng, F, C // groups, *kernel),
        normal(rng, F),
    )


def recurrent_arguments(rng, blocks, states=1, N=2, T=4, D=3, H=2, biases=1):
    return (
        normal(rng, N, T, D),
        *(normal(rng, N, H) for _ in range(states)),
        normal(rng, D, blocks * H),
        normal(rng, H, blocks * H),
        *(normal(rng, blocks * H) for _ in range(biases)),
    )


def one_step(arguments):
    X, *rest = arguments
    return (X[:, 0].copy(), *rest)


def block_arguments(rng, N=2, T=3, D=4, H=5):
    norm = (1 + 0.5 * normal(rng, D), normal(rng, D))
    maps = tuple(normal(rng, D, D) for _ in range(4))
    forward = (normal(rng, D, H), normal(rng, H), normal(rng, H, D), normal(rng, D))
    return (normal(rng, N, T, D), *norm, *maps, *(part.copy() for part in norm), *forward)


RUNNING = {"mean": np.array([0.3, -0.2, 0.1]), "var": np.array([1.5, 0.7, 2.0])}

# name of the case: (name of the pair, arguments from rng, settings)
MENU = {
    "dropout": ("dropout", lambda r: (normal(r, 4, 5),), {"rate": 0.4, "rng": 3}),
    "dropout in use": ("dropout", lambda r: (normal(r, 4, 5),), {"train": False}),
    "layernorm": ("layernorm", lambda r: norm_arguments(r, 4, 5), {}),
    "layernorm, sequences": ("layernorm", lambda r: norm_arguments(r, 2, 3, 5), {}),
    "rmsnorm": ("rmsnorm", lambda r: norm_arguments(r, 2, 3, 5)[:2], {}),
    "batchnorm": ("batchnorm", lambda r: norm_arguments(r, 5, 3), {}),
    "batchnorm, pictures": ("batchnorm", lambda r: norm_arguments(r, 2, 3, 4, 2, axis=1), {}),
    "batchnorm in use": (
        "batchnorm",
        lambda r: norm_arguments(r, 5, 3),
        {"train": False, "running": RUNNING},
    ),
    "groupnorm": ("groupnorm", lambda r: norm_arguments(r, 2, 6, 2, 3, axis=1), {"groups": 3}),
    "conv2d": ("conv2d", conv_arguments, {}),
    "conv2d, all settings": (
        "conv2d",
        lambda r: conv_arguments(r, H=8, W=7, groups=2),
        {"stride": 2, "padding": 1, "dilation": 2, "groups": 2},
    ),
    "conv2d, one by one": ("conv2d", lambda r: conv_arguments(r, kernel=(1, 1)), {}),
    "conv1d": ("conv1d", lambda r: (normal(r, 2, 3, 7), normal(r, 4, 3, 2), normal(r, 4)), {}),
    "conv1d, all settings": (
        "conv1d",
        lambda r: (normal(r, 2, 4, 9), normal(r, 6, 2, 3), normal(r, 6)),
        {"stride": 2, "padding": 3, "dilation": 2, "groups": 2},
    ),
    "max_pool": ("max_pool", lambda r: (normal(r, 2, 3, 4, 6),), {}),
    "max_pool, overlapping": (
        "max_pool",
        lambda r: (normal(r, 2, 3, 6, 7),),
        {"size": 3, "stride": 2},
    ),
    "average_pool": ("average_pool", lambda r: (normal(r, 2, 3, 4, 6),), {}),
    "average_pool, overlapping": (
        "average_pool",
        lambda r: (normal(r, 2, 3, 6, 7),),
        {"size": 3, "stride": 2},
    ),
    "rnn_step": ("rnn_step", lambda r: one_step(recurrent_arguments(r, 1)), {}),
    "rnn": ("rnn", lambda r: recurrent_arguments(r, 1), {}),
    "rnn, one step": ("rnn", lambda r: recurrent_arguments(r, 1, T=1), {}),
    "lstm_step": ("lstm_step", lambda r: one_step(recurrent_arguments(r, 4, states=2)), {}),
    "lstm": ("lstm", lambda r: recurrent_arguments(r, 4, states=2), {}),
    "gru_step": ("gru_step", lambda r: one_step(recurrent_arguments(r, 3, biases=2)), {}),
    "gru": ("gru", lambda r: recurrent_arguments(r, 3, biases=2), {}),
    "attention": (
        "attention",
        lambda r: (normal(r, 2, 3, 4), normal(r, 2, 5, 4), normal(r, 2, 5, 6)),
        {},
    ),
    "attention, masked": (
        "attention",
        lambda r: (normal(r, 4, 3), normal(r, 4, 3), normal(r, 4, 2)),
        {"mask": layers.causal_mask(4)},
    ),
    "attention, a row that sees nothing": (
        "attention",
        lambda r: (normal(r, 2, 3), normal(r, 4, 3), normal(r, 4, 2)),
        {"mask": np.array([[True, False, True, True], [False] * 4])},
    ),
    "multihead": (
        "multihead",
        lambda r: (normal(r, 2, 3, 4), *(normal(r, 4, 4) for _ in range(4))),
        {"heads": 2, "mask": layers.causal_mask(3)},
    ),
    "feed_forward": (
        "feed_forward",
        lambda r: (normal(r, 2, 3, 4), *block_arguments(r)[-4:]),
        {},
    ),
    "transformer_block": (
        "transformer_block",
        block_arguments,
        {"heads": 2, "mask": layers.causal_mask(3)},
    ),
}


@pytest.fixture(params=MENU, name="case")
def _case(request):
    name, arguments, settings_of_case = MENU[request.param]
    forward = getattr(layers, f"{name}_forward")
    backward = getattr(layers, f"{name}_backward")
    return forward, backward, arguments(np.random.default_rng(7)), settings_of_case


def flat(gradients):
    return gradients if isinstance(gradients, tuple) else (gradients,)


def ones_like(out):
    return (
        tuple(np.ones_like(part) for part in out) if isinstance(out, tuple) else np.ones_like(out)
    )


def test_gradients_agree_with_the_witness(case):
    forward, backward, arguments, options = case
    assert_pair_is_right(forward, backward, *arguments, rtol=1e-8, **options)


def test_float32_comes_out_as_float32(case):
    forward, backward, arguments, options = case
    arguments = [argument.astype("f4") for argument in arguments]
    out, cache = forward(*arguments, **options)
    gradients = flat(backward(ones_like(out), cache))
    parts = out if isinstance(out, tuple) else (out,)
    assert {array.dtype for array in (*parts, *gradients)} == {np.dtype("f4")}


def test_read_only_input_is_left_alone_and_a_second_backward_gives_the_same(case):
    forward, backward, arguments, options = case
    for argument in arguments:
        argument.setflags(write=False)
    out, cache = forward(*arguments, **options)
    dout = ones_like(out)
    for part in dout if isinstance(dout, tuple) else (dout,):
        part.setflags(write=False)
    for first, second in zip(flat(backward(dout, cache)), flat(backward(dout, cache)), strict=True):
        np.testing.assert_array_equal(first, second)


def test_views_with_other_strides_give_the_same_as_copies(case):
    forward, backward, arguments, options = case
    strided = [np.repeat(argument, 2, axis=-1)[..., ::2] for argument in arguments]
    fortran = [np.asfortranarray(argument) for argument in arguments]
    out, cache = forward(*arguments, **options)
    expected = flat(backward(ones_like(out), cache))
    for variant in (strided, fortran):
        out, cache = forward(*variant, **options)
        for got, right in zip(flat(backward(ones_like(out), cache)), expected, strict=True):
            np.testing.assert_allclose(got, right, rtol=1e-12, atol=1e-12)


def test_a_dout_of_a_wrong_shape_is_refused(case):
    forward, backward, arguments, options = case
    out, cache = forward(*arguments, **options)
    dout = ones_like(out)
    wrong = tuple(d[:1, :1] for d in dout) if isinstance(dout, tuple) else dout[..., :1, :1]
    with pytest.raises(ValueError, match="dout"):
        backward(wrong, cache)


@settings(deadline=None, max_examples=25)
@given(
    N=st.integers(1, 3),
    C=st.integers(1, 3),
    F=st.integers(1, 3),
    side=st.integers(3, 6),
    kernel=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    stride=st.integers(1, 3),
    padding=st.integers(0, 2),
    seed=st.integers(0, 10**6),
)
def test_convolution_agrees_with_the_witness_for_all_sizes(
    N, C, F, side, kernel, stride, padding, seed
):
    rng = np.random.default_rng(seed)
    arguments = conv_arguments(rng, N, C, F, side, side + 1, kernel)
    pair = layers.conv2d_forward, layers.conv2d_backward
    assert_pair_is_right(*pair, *arguments, rtol=1e-8, stride=stride, padding=padding)


@settings(deadline=None, max_examples=25)
@given(N=st.integers(1, 3), T=st.integers(1, 4), D=st.integers(1, 3), seed=st.integers(0, 10**6))
def test_recurrence_agrees_with_the_witness_for_all_sizes(N, T, D, seed):
    rng = np.random.default_rng(seed)
    for name, blocks, states, biases in (("rnn", 1, 1, 1), ("lstm", 4, 2, 1), ("gru", 3, 1, 2)):
        arguments = recurrent_arguments(rng, blocks, states, N, T, D, 2, biases)
        pair = getattr(layers, f"{name}_forward"), getattr(layers, f"{name}_backward")
        assert_pair_is_right(*pair, *arguments, rtol=1e-7)


def test_convolution_is_the_sum_that_its_docstring_writes():
    rng = np.random.default_rng(0)
    X, W, b = conv_arguments(rng, H=7, W=8)
    out, _ = layers.conv2d_forward(X, W, b, stride=2, dilation=2)
    for n, f, p, q in np.ndindex(out.shape):
        total = b[f]
        for c, i, j in np.ndindex(W.shape[1:]):
            total += X[n, c, 2 * p + 2 * i, 2 * q + 2 * j] * W[f, c, i, j]
        np.testing.assert_allclose(out[n, f, p, q], total, rtol=1e-12)


def test_a_pooling_window_with_ties_passes_its_gradient_once_to_the_first():
    X = np.ones((1, 1, 4, 4))
    out, cache = layers.max_pool_forward(X)
    dX = layers.max_pool_backward(np.full((1, 1, 2, 2), 3.0), cache)
    assert dX.sum() == 12
    np.testing.assert_array_equal(dX[0, 0, ::2, ::2], 3.0)
    assert out.shape == (1, 1, 2, 2)


def test_embedding_rows_collect_all_their_uses():
    tokens = np.array([[2, 0, 2], [2, 1, 0]])
    W = np.random.default_rng(0).normal(size=(4, 3))
    pair = layers.embedding_forward, layers.embedding_backward
    assert_pair_is_right(*pair, tokens, W, rtol=1e-10, data=(0,))
    out, cache = layers.embedding_forward(tokens, W.astype("f4"))
    assert layers.embedding_backward(out, cache).dtype == np.float32


@pytest.mark.parametrize(
    ("tokens", "error", "words"),
    [
        (np.array([0, 4]), ValueError, "between 0 and 3"),
        (np.array([-1]), ValueError, "-1"),
        (np.array([0.0]), TypeError, "integers"),
    ],
)
def test_tokens_without_a_row_are_refused(tokens, error, words):
    with pytest.raises(error, match=words):
        layers.embedding_forward(tokens, np.ones((4, 2)))


def test_normalised_rows_have_gradients_that_no_shift_or_scale_can_use():
    rng = np.random.default_rng(1)
    X, gamma, beta = norm_arguments(rng, 4, 6)
    _, cache = layers.layernorm_forward(X, gamma, beta, eps=0.0)
    dX, *_ = layers.layernorm_backward(rng.normal(size=(4, 6)), cache)
    x_hat = cache[0]
    np.testing.assert_allclose(dX.sum(axis=1), 0, atol=1e-14)
    np.testing.assert_allclose((dX * x_hat).sum(axis=1), 0, atol=1e-14)


def test_running_statistics_are_kept_and_then_used():
    rng = np.random.default_rng(2)
    running = {}
    for _ in range(400):
        X = 3 + 2 * rng.normal(size=(64, 2))
        layers.batchnorm_forward(X, np.ones(2), np.zeros(2), running=running)
    np.testing.assert_allclose(running["mean"], 3, atol=0.3)
    np.testing.assert_allclose(running["var"], 4, rtol=0.2)
    x = np.array([[3.0, 5.0]])
    out, _ = layers.batchnorm_forward(x, np.ones(2), np.zeros(2), train=False, running=running)
    np.testing.assert_allclose(out, [[0.0, 1.0]], atol=0.2)
    with pytest.raises(ValueError, match="running statistics"):
        layers.batchnorm_forward(x, np.ones(2), np.zeros(2), train=False)


def test_dropout_keeps_the_mean_and_its_share():
    X = np.ones((1000, 100))
    out, _ = layers.dropout_forward(X, rate=0.3, rng=0)
    np.testing.assert_allclose((out == 0).mean(), 0.3, atol=0.01)
    np.testing.assert_allclose(out.mean(), 1.0, atol=0.01)
    generator = np.random.default_rng(0)
    first, _ = layers.dropout_forward(X, rate=0.3, rng=generator)
    second, _ = layers.dropout_forward(X, rate=0.3, rng=generator)
    assert not np.array_equal(first, second)


def test_a_query_that_sees_nothing_gets_zero_and_moves_nothing():
    rng = np.random.default_rng(3)
    Q, K, V = rng.normal(size=(2, 3)), rng.normal(size=(4, 3)), rng.normal(size=(4, 2))
    mask = np.array([[True] * 4, [False] * 4])
    out, cache = layers.attention_forward(Q, K, V, mask=mask)
    np.testing.assert_array_equal(out[1], 0)
    dQ, _, _ = layers.attention_backward(np.ones((2, 2)), cache)
    np.testing.assert_array_equal(dQ[1], 0)


def test_causal_attention_sees_no_later_place():
    rng = np.random.default_rng(4)
    arguments = block_arguments(rng)
    options = {"heads": 2, "mask": layers.causal_mask(3)}
    out, _ = layers.transformer_block_forward(*arguments, **options)
    later = arguments[0].copy()
    later[:, 2] += 1
    changed, _ = layers.transformer_block_forward(later, *arguments[1:], **options)
    np.testing.assert_array_equal(out[:, :2], changed[:, :2])
    assert not np.allclose(out[:, 2], changed[:, 2])


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: layers.dropout_forward(np.ones(2), rate=1.0), "rate"),
        (lambda: layers.groupnorm_forward(np.ones((1, 4, 1, 1)), *2 * [np.ones(4)], groups=3), "4"),
        (lambda: layers.conv2d_forward(*conv_arguments(np.random.default_rng(0)), groups=3), "W m"),
        (
            lambda: layers.conv2d_forward(np.ones((1, 1, 2, 2)), np.ones((1, 1, 3, 3)), np.ones(1)),
            "kernel spans",
        ),
        (
            lambda: layers.attention_forward(np.ones((2, 3)), np.ones((4, 2)), np.ones((4, 2))),
            "Q, K",
        ),
        (
            lambda: layers.multihead_forward(np.ones((1, 2, 4)), *4 * [np.ones((4, 4))], heads=3),
            "4",
        ),
        (
            lambda: layers.lstm_forward(
                np.ones((1, 2, 3)),
                *2 * [np.ones((1, 2))],
                np.ones((3, 6)),
                np.ones((2, 6)),
                np.ones(6),
            ),
            "4H",
        ),
    ],
)
def test_settings_that_do_not_fit_are_refused_in_words(call, words):
    with pytest.raises(ValueError, match=words):
        call()
