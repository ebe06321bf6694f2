"""Arrangement: pairs that only choose or re-arrange entries, so their gradients move back."""

import numpy as np

from backprop_course.shapes import expect


def flatten_forward(X):
    """Return each example as one row.

    Parameters
    ----------
    X : ndarray of shape (N, ...)

    Returns
    -------
    out : ndarray of shape (N, M)
    cache : tuple of int
        The shape of ``X``.

    Examples
    --------
    >>> out, cache = flatten_forward(np.zeros((5, 3, 2, 2)))
    >>> out.shape
    (5, 12)
    """
    return X.reshape(len(X), -1), X.shape


def flatten_backward(dout, cache):
    """Return ``dout`` in the shape of ``X``.

    Examples
    --------
    >>> out, cache = flatten_forward(np.zeros((5, 3, 2, 2)))
    >>> flatten_backward(out, cache).shape
    (5, 3, 2, 2)
    """
    shape = cache
    if dout.shape[:1] != shape[:1] or dout.size != np.prod(shape):
        raise ValueError(f"dout must hold the entries of {shape}, but has shape {dout.shape}.")
    return dout.reshape(shape)


def last_step_forward(X):
    """Return the last place of each sequence.

    Parameters
    ----------
    X : ndarray of shape (N, T, H)

    Returns
    -------
    out : ndarray of shape (N, H)
    cache : tuple of int
        The shape of ``X``.

    Examples
    --------
    >>> out, cache = last_step_forward(np.array([[[1.0], [2.0]]]))
    >>> out
    array([[2.]])
    """
    expect(X=(X, "NTH"))
    return X[:, -1].copy(), X.shape


def last_step_backward(dout, cache):
    """Return ``dout`` at the last place and 0 at all others, which the loss did not see.

    Examples
    --------
    >>> out, cache = last_step_forward(np.array([[[1.0], [2.0]]]))
    >>> last_step_backward(np.array([[5.0]]), cache)
    array([[[0.],
            [5.]]])
    """
    N, T, H = cache
    if dout.shape != (N, H):
        raise ValueError(f"dout must have shape {(N, H)}, but it has shape {dout.shape}.")
    dX = np.zeros_like(dout, shape=(N, T, H))
    dX[:, -1] = dout
    return dX
