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


def assert_pair_is_right(forward, backward, *args, rtol=1e-11, data=(), **settings):
    """Compare a backward pass with complex steps and central differences under a random dout.

    ``data`` holds the positions of arguments that get no gradient, such as labels.
    """
    out, cache = forward(*args, **settings)
    rng = np.random.default_rng(99)
    several = isinstance(out, tuple)
    dout = [rng.normal(size=np.shape(part)) + 0.5 for part in (out if several else (out,))]
    gradients = backward(tuple(dout) if several else dout[0], cache)
    if not isinstance(gradients, tuple):
        gradients = (gradients,)
    differentiable = [k for k in range(len(args)) if k not in data]
    for k, gradient in zip(differentiable, gradients, strict=True):

        def loss(x, k=k):
            parts = forward(*args[:k], x, *args[k + 1 :], **settings)[0]
            parts = parts if several else (parts,)
            return sum(np.sum(d * part) for d, part in zip(dout, parts, strict=True))

        assert gradient.shape == args[k].shape
        np.testing.assert_allclose(gradient, slopes(loss, args[k]), rtol=rtol, atol=1e-12)
        np.testing.assert_allclose(gradient, central_slopes(loss, args[k]), rtol=1e-5, atol=1e-7)
