"""Pooling: one number for each window of a picture, the largest or the mean."""

import numpy as np

from backprop_course.layers.convolution import Windows
from backprop_course.shapes import expect


def max_pool_forward(X, *, size=2, stride=None):
    """Return the largest entry of each window.

    Parameters
    ----------
    X : ndarray of shape (N, C, H, W)
    size : int
        Side of the square window.
    stride : int, optional
        Step from window to window; by default ``size``, so that windows do not overlap. Rows
        and columns that no longer fill a window are left out.

    Returns
    -------
    out : ndarray of shape (N, C, P, Q)
    cache : tuple of (X, out, windows)

    References
    ----------
    Zhou, Chellappa: Computation of Optical Flow Using a Neural Network (1988).

    Examples
    --------
    >>> out, cache = max_pool_forward(np.array([[[[1.0, 5.0], [3.0, 2.0]]]]))
    >>> out
    array([[[[5.]]]])
    """
    expect(X=(X, "NCHW"))
    windows = Windows(X.shape[2:], (size, size), stride or size, 1)
    out = None
    for _, _, place in windows:
        out = X[place].copy() if out is None else np.maximum(out, X[place], out=out)
    return out, (X, out, windows)


def max_pool_backward(dout, cache):
    """Return ``dout`` at the place of each window's largest entry and 0 elsewhere.

    The largest entry passes its nudges on unchanged, the others are not seen. If several entries
    tie, the first in reading order gets the whole gradient, as in PyTorch; giving it to all of
    them would count it several times.

    Examples
    --------
    >>> out, cache = max_pool_forward(np.array([[[[1.0, 5.0], [5.0, 2.0]]]]))
    >>> max_pool_backward(np.array([[[[7.0]]]]), cache)
    array([[[[0., 7.],
             [0., 0.]]]])
    """
    X, out, windows = cache
    expect(out=(out, "NCPQ"), dout=(dout, "NCPQ"))
    dX = np.zeros_like(X)
    waiting = np.ones_like(out, dtype=bool)
    for _, _, place in windows:
        wins = (X[place] == out) & waiting
        dX[place] += dout * wins
        waiting &= ~wins
    return dX


def average_pool_forward(X, *, size=2, stride=None):
    """Return the mean of each window.

    Parameters
    ----------
    X : ndarray of shape (N, C, H, W)
    size, stride : int
        As in `max_pool_forward`.

    Returns
    -------
    out : ndarray of shape (N, C, P, Q)
    cache : tuple

    Examples
    --------
    >>> out, cache = average_pool_forward(np.array([[[[1.0, 5.0], [3.0, 3.0]]]]))
    >>> out
    array([[[[3.]]]])
    """
    expect(X=(X, "NCHW"))
    windows = Windows(X.shape[2:], (size, size), stride or size, 1)
    total = 0
    for _, _, place in windows:
        total = total + X[place]
    return total / size**2, (X.shape, windows)


def average_pool_backward(dout, cache):
    """Return ``dout`` spread evenly: every entry of a window gets the same share.

    Examples
    --------
    >>> out, cache = average_pool_forward(np.array([[[[1.0, 5.0], [3.0, 3.0]]]]))
    >>> average_pool_backward(np.array([[[[8.0]]]]), cache)
    array([[[[2., 2.],
             [2., 2.]]]])
    """
    shape, windows = cache
    if dout.shape != (*shape[:2], *windows.shape):
        raise ValueError(
            f"dout must have shape {(*shape[:2], *windows.shape)}, but it has shape {dout.shape}."
        )
    dX = np.zeros_like(dout, shape=shape)
    share = dout / (windows.kernel[0] * windows.kernel[1])
    for _, _, place in windows:
        dX[place] += share
    return dX
