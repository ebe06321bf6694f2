r"""Normalisation: subtract a mean, divide by a standard deviation, then scale and shift.

All four share one backward pass. Let :math:`\hat x = (x - \mu) / s` over a group of n entries with
mean :math:`\mu` and :math:`s = \sqrt{\mathrm{var} + \epsilon}`, and let g be the gradient that
arrives at :math:`\hat x`. Entry j changes :math:`\hat x` on three paths: directly, through the mean
and through the standard deviation. With
:math:`\partial \mu / \partial x_j = 1/n` and :math:`\partial s / \partial x_j = \hat x_j / n`,

.. math:: dx_j = \frac1s \Big( g_j - \frac1n \sum_i g_i
          - \hat x_j\, \frac1n \sum_i g_i \hat x_i \Big).

So within a group ``dX`` sums to 0: a shift of all entries changes nothing. The sum of
``dX * x_hat`` is 0 as well, up to eps: neither does a common scale.
"""

import numpy as np

from backprop_course.shapes import expect, expect_like


def _standardize(X, axes, eps):
    """Return x_hat and s; the variance by hand, because ``np.var`` is not complex-safe."""
    centred = X - X.mean(axis=axes, keepdims=True)
    s = np.sqrt((centred * centred).mean(axis=axes, keepdims=True) + eps)
    centred /= s
    return centred, s


def _bracket(g, x_hat, mean_g, mean_g_x_hat):
    """Return the bracket of the formula above; each layer takes the two means in its own way."""
    paths = g - mean_g
    paths -= x_hat * mean_g_x_hat
    return paths


def layernorm_forward(X, gamma, beta, *, eps=1e-5):
    """Return each row normalised over its own entries, then scaled and shifted.

    A row is the last axis. Rows do not see each other, so training and use are the same.

    Parameters
    ----------
    X : ndarray of shape (..., D)
    gamma, beta : ndarray of shape (D,)
    eps : float

    Returns
    -------
    out : ndarray of shape (..., D)
    cache : tuple of (x_hat, s, gamma)

    References
    ----------
    Ba, Kiros, Hinton: Layer Normalization (2016), section 3.

    Examples
    --------
    >>> X, gamma, beta = np.array([[1.0, 3.0]]), np.array([1.0, 2.0]), np.array([0.0, 5.0])
    >>> out, cache = layernorm_forward(X, gamma, beta, eps=0.0)
    >>> out
    array([[-1.,  7.]])
    """
    expect(X=(X[(0,) * (X.ndim - 1)], "D"), gamma=(gamma, "D"), beta=(beta, "D"))
    x_hat, s = _standardize(X, -1, eps)
    return gamma * x_hat + beta, (x_hat, s, gamma)


def layernorm_backward(dout, cache):
    """Return dX, dgamma and dbeta.

    ``gamma`` and ``beta`` are shared by all rows, so their gradients are sums over all rows. The
    gradient at ``x_hat`` is ``dout * gamma``: gamma belongs inside the means of the formula,
    because here it varies within the group.

    Examples
    --------
    >>> X, gamma, beta = np.array([[1.0, 3.0]]), np.array([1.0, 2.0]), np.array([0.0, 5.0])
    >>> out, cache = layernorm_forward(X, gamma, beta, eps=0.0)
    >>> dX, dgamma, dbeta = layernorm_backward(np.array([[1.0, 10.0]]), cache)
    >>> dX, dgamma, dbeta
    (array([[0., 0.]]), array([-1., 10.]), array([ 1., 10.]))
    """
    x_hat, s, gamma = cache
    expect_like(dout, x_hat)
    rows, D = tuple(range(dout.ndim - 1)), len(gamma)
    products = dout * x_hat
    # The mean of gamma times something along a row is a product with the vector gamma / D.
    means = (dout @ gamma / D)[..., None], (products @ gamma / D)[..., None]
    dX = _bracket(dout * gamma, x_hat, *means) / s
    return dX, products.sum(axis=rows), dout.sum(axis=rows)


def rmsnorm_forward(X, gamma, *, eps=1e-5):
    r"""Return each row divided by its root mean square, then scaled.

    Layer normalisation without the mean and without the shift:
    :math:`s = \sqrt{\overline{x^2} + \epsilon}`.

    Parameters
    ----------
    X : ndarray of shape (..., D)
    gamma : ndarray of shape (D,)
    eps : float

    Returns
    -------
    out : ndarray of shape (..., D)
    cache : tuple of (x_hat, s, gamma)

    References
    ----------
    Zhang, Sennrich: Root Mean Square Layer Normalization (2019), section 3.

    Examples
    --------
    >>> out, cache = rmsnorm_forward(np.array([[1.0, 7.0]]), np.array([1.0, 2.0]), eps=0.0)
    >>> out
    array([[0.2, 2.8]])
    """
    expect(X=(X[(0,) * (X.ndim - 1)], "D"), gamma=(gamma, "D"))
    s = np.sqrt((X * X).mean(axis=-1, keepdims=True) + eps)
    x_hat = X / s
    return gamma * x_hat, (x_hat, s, gamma)


def rmsnorm_backward(dout, cache):
    """Return dX and dgamma: the formula of the module without the path through the mean.

    Examples
    --------
    >>> out, cache = rmsnorm_forward(np.array([[1.0, 7.0]]), np.array([1.0, 2.0]), eps=0.0)
    >>> dX, dgamma = rmsnorm_backward(np.array([[5.0, 0.0]]), cache)
    >>> dX.round(4), dgamma
    (array([[ 0.98, -0.14]]), array([1., 0.]))
    """
    x_hat, s, gamma = cache
    expect_like(dout, x_hat)
    g = dout * gamma
    dX = (g - x_hat * (g * x_hat).mean(axis=-1, keepdims=True)) / s
    return dX, (dout * x_hat).sum(axis=tuple(range(dout.ndim - 1)))


def batchnorm_forward(X, gamma, beta, *, eps=1e-5, train=True, running=None, momentum=0.1):
    """Return each feature normalised over the batch, then scaled and shifted.

    Parameters
    ----------
    X : ndarray of shape (N, D) or (N, D, H, W)
        For pictures the statistics of a channel run over the batch and all positions.
    gamma, beta : ndarray of shape (D,)
    eps : float
    train : bool
        True normalises by the statistics of this batch; False by those in ``running``, which
        are then constants.
    running : dict with "mean" and "var" of shape (D,), optional
        In training both entries are replaced by ``(1 - momentum) * old + momentum * batch``,
        the variance with n - 1 as divisor, as in PyTorch. An empty dict starts at 0 and 1.
    momentum : float

    Returns
    -------
    out : ndarray with the shape of ``X``
    cache : tuple of (x_hat, s, gamma, train)

    Raises
    ------
    ValueError
        If shapes do not fit, the batch is empty, or ``train`` is False without ``running``
        statistics.

    References
    ----------
    Ioffe, Szegedy: Batch Normalization (2015), algorithms 1 and 2.

    Examples
    --------
    >>> X, gamma, beta = np.array([[1.0], [3.0]]), np.array([2.0]), np.array([5.0])
    >>> out, cache = batchnorm_forward(X, gamma, beta, eps=0.0)
    >>> out
    array([[3.],
           [7.]])
    """
    letters = "ND" + "HW"[: X.ndim - 2]
    expect(gamma=(gamma, "D"), beta=(beta, "D"), X=(X, letters))
    axes = (0, *range(2, X.ndim))
    if len(X) == 0:
        raise ValueError("The batch is empty: it has no mean and no variance.")
    if train:
        x_hat, s = _standardize(X, axes, eps)
        if running is not None:
            _update_running(running, X, axes, momentum)
    else:
        if not running:
            raise ValueError("train=False needs running statistics: train first, or pass them.")
        s = np.sqrt(_along_features(running["var"], X) + eps).astype(X.dtype)
        x_hat = (X - _along_features(running["mean"], X)).astype(X.dtype) / s
    out = _along_features(gamma, X) * x_hat + _along_features(beta, X)
    return out, (x_hat, s, gamma, train)


def batchnorm_backward(dout, cache):
    """Return dX, dgamma and dbeta.

    In training all three paths of the module's formula are open. Here gamma is the same for the
    whole group and can leave the means, so their sums are ``dbeta`` and ``dgamma``. In use the
    statistics are constants, so only the direct path is left.

    Examples
    --------
    >>> X, gamma, beta = np.array([[1.0], [3.0], [5.0]]), np.array([2.0]), np.array([5.0])
    >>> out, cache = batchnorm_forward(X, gamma, beta, eps=0.0)
    >>> dX, dgamma, dbeta = batchnorm_backward(np.array([[1.0], [0.0], [0.0]]), cache)
    >>> dX.round(4).ravel(), dgamma.round(4), dbeta
    (array([ 0.2041, -0.4082,  0.2041]), array([-1.2247]), array([1.]))
    """
    x_hat, s, gamma, train = cache
    expect_like(dout, x_hat)
    axes = (0, *range(2, dout.ndim))
    dgamma = (dout * x_hat).sum(axis=axes)
    dbeta = dout.sum(axis=axes)
    scale = _along_features(gamma, dout) / s
    if not train:
        return dout * scale, dgamma, dbeta
    n = dout.size // len(gamma)
    means = _along_features(dbeta / n, dout), _along_features(dgamma / n, dout)
    return _bracket(dout, x_hat, *means) * scale, dgamma, dbeta


def _along_features(vector, X):
    """Return a (D,) vector shaped to broadcast along axis 1 of ``X``."""
    return vector.reshape(1, -1, *(1,) * (X.ndim - 2))


def _update_running(running, X, axes, momentum):
    mean = X.mean(axis=axes)
    n = X.size // X.shape[1]
    var = ((X - _along_features(mean, X)) ** 2).sum(axis=axes) / max(n - 1, 1)
    running["mean"] = (1 - momentum) * running.get("mean", np.zeros_like(mean)) + momentum * mean
    running["var"] = (1 - momentum) * running.get("var", np.ones_like(var)) + momentum * var


def groupnorm_forward(X, gamma, beta, *, groups, eps=1e-5):
    """Return each example normalised over groups of channels, then scaled and shifted.

    One group is layer normalisation over channels and positions; as many groups as channels is
    instance normalisation.

    Parameters
    ----------
    X : ndarray of shape (N, D, H, W)
    gamma, beta : ndarray of shape (D,)
    groups : int
        Must divide D.
    eps : float

    Returns
    -------
    out : ndarray of shape (N, D, H, W)
    cache : tuple of (x_hat, s, gamma, groups)

    Raises
    ------
    ValueError
        If shapes do not fit or ``groups`` does not divide the channels.

    References
    ----------
    Wu, He: Group Normalization (2018), section 3.1.

    Examples
    --------
    >>> X = np.arange(4.0).reshape(1, 4, 1, 1)
    >>> out, cache = groupnorm_forward(X, np.ones(4), np.zeros(4), groups=2, eps=0.0)
    >>> out.ravel()
    array([-1.,  1., -1.,  1.])
    """
    expect(gamma=(gamma, "D"), beta=(beta, "D"), X=(X, "NDHW"))
    D = X.shape[1]
    if groups < 1 or D % groups:
        raise ValueError(f"groups must divide the {D} channels, but it is {groups}.")
    x_hat, s = _standardize(X.reshape(len(X), groups, -1), -1, eps)
    x_hat = x_hat.reshape(X.shape)
    return _along_features(gamma, X) * x_hat + _along_features(beta, X), (x_hat, s, gamma, groups)


def groupnorm_backward(dout, cache):
    """Return dX, dgamma and dbeta; gamma varies within a group and so belongs inside the means.

    Examples
    --------
    >>> X = np.array([0.0, 1.0, 5.0]).reshape(1, 3, 1, 1)
    >>> out, cache = groupnorm_forward(X, np.ones(3), np.zeros(3), groups=1, eps=0.0)
    >>> dX, dgamma, dbeta = groupnorm_backward(np.ones((1, 3, 1, 1)), cache)
    >>> abs(dX).max() < 1e-15, dbeta
    (np.True_, array([1., 1., 1.]))
    """
    x_hat, s, gamma, groups = cache
    expect_like(dout, x_hat)
    axes = (0, 2, 3)
    dgamma = (dout * x_hat).sum(axis=axes)
    dbeta = dout.sum(axis=axes)
    grouped = (len(dout), groups, -1)
    g = (dout * _along_features(gamma, dout)).reshape(grouped)
    x_hat = x_hat.reshape(grouped)
    means = g.mean(axis=-1, keepdims=True), (g * x_hat).mean(axis=-1, keepdims=True)
    return (_bracket(g, x_hat, *means) / s).reshape(dout.shape), dgamma, dbeta
