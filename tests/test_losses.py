from decimal import Decimal, getcontext

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backprop_course import losses
from tests.witness import assert_pair_is_right

getcontext().prec = 60


def pair(name):
    return getattr(losses, f"{name}_forward"), getattr(losses, f"{name}_backward")


def draw(seed, N=4, C=3):
    rng = np.random.default_rng(seed)
    return 2 * rng.normal(size=(N, C)), rng.integers(C, size=N)


@settings(deadline=None, max_examples=30)
@given(N=st.integers(1, 5), C=st.integers(1, 5), seed=st.integers(0, 10**6))
@pytest.mark.parametrize("smoothing", [0.0, 0.1, 1.0])
def test_cross_entropy_agrees_with_the_witness(N, C, seed, smoothing):
    Z, y = draw(seed, N, C)
    assert_pair_is_right(
        *pair("softmax_cross_entropy"), Z, y, data=(1,), rtol=1e-9, smoothing=smoothing
    )


@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
@pytest.mark.parametrize("shape", [(1, 1), (3, 4), (2, 3, 4)])
def test_softmax_and_its_logarithm_agree_with_the_witness(name, shape):
    Z = np.random.default_rng(5).normal(size=shape)
    assert_pair_is_right(*pair(name), Z, rtol=1e-9)


def test_binary_cross_entropy_agrees_with_the_witness():
    rng = np.random.default_rng(1)
    z, y = 3 * rng.normal(size=6), np.array([0.0, 1.0, 1.0, 0.0, 0.3, 0.8])
    name = "binary_cross_entropy_with_logits"
    assert_pair_is_right(*pair(name), z, y, data=(1,), rtol=1e-9)


def test_squared_error_agrees_with_the_witness():
    rng = np.random.default_rng(1)
    A, target = rng.normal(size=(4, 3)), rng.normal(size=(4, 3))
    assert_pair_is_right(*pair("squared_error"), A, target, data=(1,), rtol=1e-9)


@pytest.mark.parametrize("delta", [0.3, 1.0, 10.0])
def test_huber_agrees_with_the_witness(delta):
    rng = np.random.default_rng(1)
    A, target = 2 * rng.normal(size=(4, 3)), rng.normal(size=(4, 3))
    assert_pair_is_right(*pair("huber"), A, target, data=(1,), rtol=1e-9, delta=delta)


@pytest.mark.parametrize("margin", [0.2, 1.0])
def test_hinge_agrees_with_the_witness(margin):
    Z, y = draw(6, N=5, C=4)
    assert_pair_is_right(*pair("hinge"), Z, y, data=(1,), rtol=1e-9, margin=margin)


def test_one_hot_rows_mean_the_same_as_labels():
    Z, y = draw(0)
    forward, backward = pair("softmax_cross_entropy")
    loss, cache = forward(Z, y)
    hot_loss, hot_cache = forward(Z, np.eye(3)[y])
    assert loss == hot_loss
    np.testing.assert_array_equal(backward(1.0, cache), backward(1.0, hot_cache))


def test_the_batch_loss_is_the_mean_of_its_rows_and_so_is_the_gradient():
    Z, y = draw(2)
    forward, backward = pair("softmax_cross_entropy")
    loss, cache = forward(Z, y)
    rows = [forward(Z[n : n + 1], y[n : n + 1]) for n in range(4)]
    np.testing.assert_allclose(loss, np.mean([row for row, _ in rows]), rtol=1e-14)
    separate = np.concatenate([backward(1.0, cache) for _, cache in rows])
    np.testing.assert_allclose(backward(1.0, cache), separate / 4, rtol=1e-14)


def test_each_row_of_the_gradient_sums_to_zero():
    Z, y = draw(3)
    for smoothing in (0.0, 0.2):
        forward, backward = pair("softmax_cross_entropy")
        dZ = backward(1.0, forward(Z, y, smoothing=smoothing)[1])
        np.testing.assert_allclose(dZ.sum(axis=1), 0, atol=1e-16)


def test_dout_scales_the_gradient_and_the_cache_survives_it():
    Z, y = draw(4)
    forward, backward = pair("softmax_cross_entropy")
    _, cache = forward(Z, y)
    once = backward(1.0, cache)
    np.testing.assert_allclose(backward(2.5, cache), 2.5 * once, rtol=1e-15)
    np.testing.assert_array_equal(backward(1.0, cache), once)


def true_loss(logits, label):
    total = sum(Decimal(z).exp() for z in logits)
    return float(total.ln() - Decimal(logits[label]))


@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("gap", [1, 5, 17, 20, 40, 80])
def test_a_confident_answer_keeps_its_tiny_loss(dtype, gap):
    Z = np.array([[float(gap), 0.0]], dtype)
    loss, _ = losses.softmax_cross_entropy_forward(Z, np.array([0]))
    np.testing.assert_allclose(loss, true_loss([gap, 0], 0), rtol=2e-7 if dtype == "f4" else 4e-16)
    assert loss > 0


@pytest.mark.parametrize("size", [1e3, 1e5])
def test_huge_logits_give_finite_losses_and_gradients(size):
    Z = np.array([[size, 0.0], [-size, 0.0]])
    loss, cache = losses.softmax_cross_entropy_forward(Z, np.array([1, 1]))
    np.testing.assert_allclose(loss, size / 2)
    dZ = losses.softmax_cross_entropy_backward(1.0, cache)
    np.testing.assert_allclose(dZ, [[0.5, -0.5], [0.0, 0.0]])
    logP, _ = losses.log_softmax_forward(Z)
    np.testing.assert_allclose(logP, [[0.0, -size], [-size, 0.0]])


def test_binary_cross_entropy_is_exact_far_out():
    z, y = np.array([40.0, -40.0, 1000.0]), np.array([1.0, 0.0, 0.0])
    loss, _ = losses.binary_cross_entropy_with_logits_forward(z[:2], y[:2])
    np.testing.assert_allclose(loss, np.exp(-40.0), rtol=1e-12)
    loss, _ = losses.binary_cross_entropy_with_logits_forward(z[2:], y[2:])
    assert loss == 1000.0


@pytest.mark.parametrize(
    "name",
    [
        "softmax_cross_entropy",
        "binary_cross_entropy_with_logits",
        "squared_error",
        "huber",
        "hinge",
    ],
)
def test_float32_stays_float32(name):
    forward, backward = pair(name)
    inputs = {
        "softmax_cross_entropy": (np.ones((2, 3), "f4"), np.array([0, 2])),
        "binary_cross_entropy_with_logits": (np.ones(2, "f4"), np.array([0.0, 1.0])),
        "squared_error": (np.ones((2, 3), "f4"), np.zeros((2, 3))),
        "huber": (np.ones((2, 3), "f4"), np.zeros((2, 3))),
        "hinge": (np.ones((2, 3), "f4"), np.array([0, 2])),
    }[name]
    loss, cache = forward(*inputs)
    assert loss.dtype == np.float32
    assert backward(1.0, cache).dtype == np.float32
    assert backward(np.float64(1.0), cache).dtype == np.float32


@pytest.mark.parametrize(
    ("y", "error", "words"),
    [
        (np.array([0, 3]), ValueError, "between 0 and 2 .*from 0 to 3"),
        (np.array([-1, 0]), ValueError, "from -1 to 0"),
        (np.array([0.0, 1.0]), TypeError, "integers.*float64"),
        (np.array([[0], [1]]), ValueError, r"shape \(2,\) or \(2, 3\).*\(2, 1\)"),
        (np.array([0, 1, 2]), ValueError, r"\(3,\)"),
        (np.array([[1, 1, 0], [0, 1, 0]]), ValueError, "single 1"),
        (np.array([[0.5, 0.5, 0], [0, 1, 0]]), ValueError, "single 1"),
    ],
)
def test_labels_that_do_not_fit_are_refused_in_words(y, error, words):
    with pytest.raises(error, match=words):
        losses.softmax_cross_entropy_forward(np.ones((2, 3)), y)


def test_a_batch_that_would_broadcast_is_refused():
    with pytest.raises(ValueError, match="z must have shape"):
        losses.binary_cross_entropy_with_logits_forward(np.ones((3, 1)), np.ones(3))
    with pytest.raises(ValueError, match="target must have shape"):
        losses.squared_error_forward(np.ones((3, 2)), np.ones((1, 2)))
    with pytest.raises(ValueError, match="y must lie between 0 and 1"):
        losses.binary_cross_entropy_with_logits_forward(np.ones(2), np.array([0.0, 2.0]))


@pytest.mark.parametrize(
    ("name", "inputs"),
    [
        ("softmax_cross_entropy", (np.ones((0, 3)), np.ones(0, int))),
        ("binary_cross_entropy_with_logits", (np.ones(0), np.ones(0))),
        ("squared_error", (np.ones((0, 3)), np.ones((0, 3)))),
        ("huber", (np.ones((0, 3)), np.ones((0, 3)))),
        ("hinge", (np.ones((0, 3)), np.ones(0, int))),
    ],
)
def test_an_empty_batch_is_refused(name, inputs):
    with pytest.raises(ValueError, match="empty"):
        pair(name)[0](*inputs)


def test_smoothing_out_of_range_is_refused():
    with pytest.raises(ValueError, match=r"smoothing must lie between 0 and 1.*1\.5"):
        losses.softmax_cross_entropy_forward(np.ones((1, 2)), np.array([0]), smoothing=1.5)
