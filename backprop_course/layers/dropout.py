"""Dropout: training with a random part of the units switched off."""

import numpy as np

from backprop_course.shapes import expect_like


def dropout_forward(X, *, rate=0.5, rng=None, train=True):
    """Return ``X`` with a random share of its entries set to 0 and the others scaled up.

    Dividing the kept entries by ``1 - rate`` keeps the expected value of every entry, so that
    nothing has to be scaled when the network is used (``train=False``), where ``X`` passes
    unchanged.

    Parameters
    ----------
    X : ndarray of any shape
    rate : float
        Share of entries that are dropped, from 0 up to but not including 1.
    rng : numpy.random.Generator or int
        Where the mask is drawn from; a Generator moves on with each call.
    train : bool

    Returns
    -------
    out : ndarray with the shape of ``X``
    cache : tuple of (mask, scale)

    Raises
    ------
    ValueError
        If ``rate`` is out of range.

    References
    ----------
    Srivastava et al.: Dropout (2014), section 10, for scaling in training ("inverted dropout").

    Examples
    --------
    >>> out, cache = dropout_forward(np.ones(8), rate=0.5, rng=0)
    >>> out
    array([2., 2., 2., 0., 0., 0., 0., 0.])
    """
    if not 0.0 <= rate < 1.0:
        raise ValueError(f"rate must be at least 0 and below 1, but it is {rate}.")
    if not train:
        mask, scale = np.ones_like(X, dtype=bool), 1.0
    else:
        rng = np.random.default_rng(rng)
        mask, scale = rng.random(X.shape, dtype=np.float32) >= rate, 1.0 / (1.0 - rate)
    return _keep(X, mask, scale), (mask, scale)


def dropout_backward(dout, cache):
    """Return ``dout`` under the same mask and the same scale as in the forward pass.

    ``out = X * mask * scale`` and neither factor depends on X.

    Examples
    --------
    >>> out, cache = dropout_forward(np.ones(8), rate=0.5, rng=0)
    >>> dropout_backward(np.arange(8.0), cache)
    array([0., 2., 4., 0., 0., 0., 0., 0.])
    """
    mask, scale = cache
    expect_like(dout, mask)
    return _keep(dout, mask, scale)


def _keep(values, mask, scale):
    kept = values * mask
    kept *= scale
    return kept
