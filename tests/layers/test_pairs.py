import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backprop_course import layers
from tests.witness import assert_pair_is_right

ACTIVATIONS = {
    "relu": {},
    "leaky_relu": {"slope": 0.2},
    "sigmoid": {},
    "tanh": {},
    "gelu": {},
    "gelu, tanh form": {"approximate": True},
}


def activation(name):
    base = name.split(",")[0]
    return getattr(layers, f"{base}_forward"), getattr(layers, f"{base}_backward")


sizes = st.integers(1, 5)


@settings(deadline=None, max_examples=40)
@given(N=sizes, D=sizes, M=sizes, seed=st.integers(0, 10**6))
def test_linear_agrees_with_the_witness_for_all_sizes(N, D, M, seed):
    rng = np.random.default_rng(seed)
    X, W, b = rng.normal(size=(N, D)), rng.normal(size=(D, M)), rng.normal(size=M)
    assert_pair_is_right(layers.linear_forward, layers.linear_backward, X, W, b)


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("shape", [(7,), (3, 4), (2, 3, 4)])
def test_activations_agree_with_the_witness(name, shape):
    Z = 2 * np.random.default_rng(3).normal(size=shape)
    assert_pair_is_right(*activation(name), Z, rtol=1e-9, **ACTIVATIONS[name])


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_float32_stays_float32_forward_and_backward(name):
    forward, backward = activation(name)
    Z = np.linspace(-3, 3, 7, dtype=np.float32)
    out, cache = forward(Z, **ACTIVATIONS[name])
    assert out.dtype == np.float32
    assert backward(np.ones_like(out), cache).dtype == np.float32


def test_linear_keeps_float32():
    X, W, b = np.ones((2, 3), "f4"), np.ones((3, 4), "f4"), np.ones(4, "f4")
    out, cache = layers.linear_forward(X, W, b)
    gradients = layers.linear_backward(np.ones_like(out), cache)
    assert {array.dtype for array in (out, *gradients)} == {np.dtype("f4")}


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_nothing_is_written_into_what_was_passed_in(name):
    forward, backward = activation(name)
    Z = np.random.default_rng(0).normal(size=(3, 4))
    dout = np.random.default_rng(1).normal(size=(3, 4))
    Z.setflags(write=False)
    dout.setflags(write=False)
    _, cache = forward(Z, **ACTIVATIONS[name])
    first = backward(dout, cache)
    np.testing.assert_array_equal(first, backward(dout, cache))


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_transposed_views_are_handled_like_their_copies(name):
    forward, backward = activation(name)
    Z = np.random.default_rng(0).normal(size=(3, 4))
    out, cache = forward(Z.T, **ACTIVATIONS[name])
    copy, copy_cache = forward(Z.T.copy(), **ACTIVATIONS[name])
    np.testing.assert_array_equal(out, copy)
    dout = np.random.default_rng(1).normal(size=(4, 3))
    np.testing.assert_array_equal(backward(dout, cache), backward(dout, copy_cache))


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_a_dout_of_another_shape_is_refused(name):
    forward, backward = activation(name)
    _, cache = forward(np.ones((3, 4)), **ACTIVATIONS[name])
    with pytest.raises(ValueError, match="dout must have the shape of the output"):
        backward(np.ones((3, 1)), cache)


def test_relu_takes_slope_zero_at_exactly_zero():
    _, cache = layers.relu_forward(np.zeros(2))
    np.testing.assert_array_equal(layers.relu_backward(np.ones(2), cache), [0.0, 0.0])


def test_relu_shows_no_negative_zero():
    out, cache = layers.relu_forward(np.array([-1.0, 2.0]))
    assert not np.signbit(out).any()
    assert not np.signbit(layers.relu_backward(np.array([-1.0, 2.0]), cache)).any()


def test_relu_passes_nan_on_so_that_it_can_be_found():
    assert np.isnan(layers.relu_forward(np.array([np.nan]))[0]).all()


@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_sigmoid_has_neither_overflow_nor_lost_digits_far_out(dtype):
    z = np.array([-1e4, -80.0, 80.0, 1e4], dtype)
    with np.errstate(invalid="raise", divide="raise"):
        out, _ = layers.sigmoid_forward(z)
    np.testing.assert_allclose(out, [0.0, np.exp(-80.0), 1.0, 1.0], rtol=1e-5)


def test_exact_gelu_keeps_its_digits_in_the_left_tail():
    # -6 * Phi(-6), with Phi(-6) = 9.8658764503769814e-10 from tables of the normal distribution.
    out, _ = layers.gelu_forward(np.array([-6.0], "f4"))
    np.testing.assert_allclose(out, -6 * 9.865876450376981e-10, rtol=1e-5)


def test_the_tanh_form_of_gelu_is_close_to_the_exact_one():
    Z = np.linspace(-6, 6, 1001)
    exact, near = layers.gelu_forward(Z)[0], layers.gelu_forward(Z, approximate=True)[0]
    assert 1e-4 < np.abs(exact - near).max() < 5e-4


def test_linear_names_the_shape_that_does_not_fit():
    with pytest.raises(ValueError, match=r"X must have shape \(N, D\) with D = 4 as in W"):
        layers.linear_forward(np.ones((2, 3)), np.ones((4, 5)), np.ones(5))
    _, cache = layers.linear_forward(np.ones((2, 3)), np.ones((3, 5)), np.ones(5))
    with pytest.raises(ValueError, match=r"dout must have shape \(N, M\) with N = 2 .*M = 5"):
        layers.linear_backward(np.ones((3, 5)), cache)


def test_the_input_gradient_can_be_left_out():
    X, W, b = np.ones((2, 3)), np.ones((3, 5)), np.ones(5)
    _, cache = layers.linear_forward(X, W, b)
    dX, dW, db = layers.linear_backward(np.ones((2, 5)), cache, input_gradient=False)
    assert dX is None
    np.testing.assert_array_equal(dW, np.full((3, 5), 2.0))
    np.testing.assert_array_equal(db, np.full(5, 2.0))
