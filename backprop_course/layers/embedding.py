"""Embedding: a table of vectors, looked up by number."""

import numpy as np

from backprop_course.shapes import expect


def embedding_forward(tokens, W):
    """Return the row of ``W`` for each token.

    The same as a product of one-hot rows with ``W``, without the zeros.

    Parameters
    ----------
    tokens : ndarray of int, any shape (...)
        From 0 to V - 1.
    W : ndarray of shape (V, D)

    Returns
    -------
    out : ndarray of shape (..., D)
    cache : tuple of (tokens, V)

    Raises
    ------
    TypeError
        If tokens are not integers.
    ValueError
        If a token has no row.

    References
    ----------
    Bengio et al.: A Neural Probabilistic Language Model (2003), section 2.

    Examples
    --------
    >>> out, cache = embedding_forward(np.array([2, 0, 2]), np.array([[1.0], [2.0], [4.0]]))
    >>> out.ravel()
    array([4., 1., 4.])
    """
    expect(W=(W, "VD"))
    tokens = np.asarray(tokens)
    if tokens.dtype.kind not in "iu":
        raise TypeError(f"Tokens must be integers, but they have dtype {tokens.dtype}.")
    if tokens.size and not 0 <= tokens.min() <= tokens.max() < len(W):
        raise ValueError(
            f"Tokens must lie between 0 and {len(W) - 1}, "
            f"but they run from {tokens.min()} to {tokens.max()}."
        )
    return W[tokens], (tokens, len(W))


def embedding_backward(dout, cache):
    """Return dW: each row collects the gradients of all places where it was looked up.

    ``dW[tokens] = dout`` would keep the last place only, and so would ``+=``, which reads every
    row once before it writes. ``np.add.at`` adds them all up, quickest one cell at a time.

    Examples
    --------
    >>> out, cache = embedding_forward(np.array([2, 0, 2]), np.array([[1.0], [2.0], [4.0]]))
    >>> embedding_backward(np.array([[10.0], [20.0], [30.0]]), cache)
    array([[20.],
           [ 0.],
           [40.]])
    """
    tokens, V = cache
    D = dout.shape[-1]
    if dout.shape != (*tokens.shape, D):
        raise ValueError(f"dout must have shape {(*tokens.shape, D)}, but it has {dout.shape}.")
    cells = tokens.reshape(-1, 1) * D + np.arange(D)
    dW = np.zeros_like(dout, shape=(V, D))
    np.add.at(dW.reshape(-1), cells.ravel(), dout.ravel())
    return dW
