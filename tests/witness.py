"""Derivatives by brute force, written without the package: the witness of every gradient test."""

import numpy as np


def slopes(f, x, h=1e-30):
    """Return the gradient of the real function f at x by one complex step for each entry."""
    x = x.astype(complex)
    gradient = np.empty(x.shape)
    for index in np.ndindex(x.shape):
        moved = x.copy()
        moved[index] += 1j * h
        gradient[index] = np.imag(f(moved)) / h
    return gradient


def central_slopes(f, x, h=1e-5):
    """Return the same by central differences, for functions that are not complex-safe."""
    gradient = np.empty(x.shape)
    for index in np.ndindex(x.shape):
        up, down = x.copy(), x.copy()
        up[index] += h
        down[index] -= h
        gradient[index] = (f(up) - f(down)) / (2 * h)
    return gradient


def assert_pair_is_right(forward, backward, *args, differentiable=None, rtol=1e-11, **settings):
    """Compare a backward pass with complex steps and central differences under a random dout."""
    out, cache = forward(*args, **settings)
    dout = np.random.default_rng(99).normal(size=np.shape(out)) + 0.5
    gradients = backward(dout, cache)
    if not isinstance(gradients, tuple):
        gradients = (gradients,)
    count = differentiable or len(args)
    assert len(gradients) == count
    for k, gradient in enumerate(gradients):

        def loss(x, k=k):
            changed = [*args[:k], x, *args[k + 1 :]]
            return np.sum(dout * forward(*changed, **settings)[0])

        assert gradient.shape == args[k].shape
        np.testing.assert_allclose(gradient, slopes(loss, args[k]), rtol=rtol, atol=1e-13)
        np.testing.assert_allclose(gradient, central_slopes(loss, args[k]), rtol=1e-5, atol=1e-8)
