r"""Losses: pairs whose output is one number, the mean over the batch; and softmax, in front of one.

The mean lives here and nowhere else, so 1/N appears exactly once in a whole backward pass.
``dout`` is the gradient that arrives at the loss: 1.0, unless the loss is itself an input of
something, such as a weighted sum of losses. Labels and targets are data and get no gradient.
"""

import numpy as np

from backprop_course.shapes import expect, expect_like


def softmax_forward(Z):
    r"""Return :math:`p_i = e^{z_i} / \sum_j e^{z_j}` along the last axis.

    Adding a constant to all logits of a row changes nothing, so the largest is subtracted
    first: no exponential exceeds 1 and none overflows.

    Parameters
    ----------
    Z : ndarray of shape (..., C)

    Returns
    -------
    P : ndarray of shape (..., C)
        Rows of probabilities; each row sums to 1.
    cache : ndarray
        ``P`` itself.

    References
    ----------
    Bridle: Probabilistic Interpretation of Feedforward Classification Network Outputs (1990).

    Examples
    --------
    >>> P, cache = softmax_forward(np.log([[1.0, 2.0, 3.0]]))
    >>> P.round(4)
    array([[0.1667, 0.3333, 0.5   ]])
    """
    E = np.exp(Z - Z.max(axis=-1, keepdims=True))
    P = E / E.sum(axis=-1, keepdims=True)
    return P, P


def softmax_backward(dout, cache):
    r"""Return ``P * (dout - sum(dout * P))``, the sum along the last axis.

    One row has the Jacobian :math:`\partial p_i / \partial z_j = p_i (\delta_{ij} - p_j)`. So

    .. math:: dz_j = \sum_i dout_i\, p_i (\delta_{ij} - p_j) = p_j (dout_j - \sum_i dout_i\, p_i).

    Every row of the result sums to 0, since a shift of the logits changes nothing.

    Examples
    --------
    >>> P, cache = softmax_forward(np.log([[1.0, 1.0, 2.0]]))
    >>> softmax_backward(np.array([[4.0, 0.0, 0.0]]), cache)
    array([[ 0.75, -0.25, -0.5 ]])
    """
    P = cache
    expect_like(dout, P)
    return P * (dout - (dout * P).sum(axis=-1, keepdims=True))


def log_softmax_forward(Z):
    r"""Return :math:`\log p_i = z_i - \log \sum_j e^{z_j}` along the last axis.

    Parameters
    ----------
    Z : ndarray of shape (..., C)

    Returns
    -------
    logP : ndarray of shape (..., C)
        Finite for logits of any finite size: the logarithm of a probability is never formed.
    cache : ndarray
        ``logP`` itself.

    Examples
    --------
    >>> logP, cache = log_softmax_forward(np.array([[0.0, 1000.0]]))
    >>> logP
    array([[-1000.,     0.]])
    """
    shifted = Z - Z.max(axis=-1, keepdims=True)
    logP = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return logP, logP


def log_softmax_backward(dout, cache):
    r"""Return ``dout - P * sum(dout)``, the sum along the last axis.

    :math:`\partial \log p_i / \partial z_j = \delta_{ij} - p_j`, because the gradient of
    log-sum-exp is the softmax.

    Examples
    --------
    >>> logP, cache = log_softmax_forward(np.log([[1.0, 1.0, 2.0]]))
    >>> log_softmax_backward(np.array([[4.0, 0.0, 0.0]]), cache)
    array([[ 3., -1., -2.]])
    """
    logP = cache
    expect_like(dout, logP)
    P = np.exp(logP)
    return dout - P * dout.sum(axis=-1, keepdims=True)


def softmax_cross_entropy_forward(Z, y, *, smoothing=0.0):
    r"""Return the mean over the batch of :math:`-\sum_c q_c \log p_c` with p the softmax of Z.

    The target q is 1 for the label and 0 elsewhere. With label smoothing it is
    :math:`1 - \varepsilon` for the label plus :math:`\varepsilon / C` for every class.

    Written with logits, :math:`-\log p_y = \log \sum_j e^{z_j} - z_y`. We shift by the largest
    logit, whose exponential is then exactly 1, and give the rest of the sum to ``log1p``. So a
    confident right answer keeps its tiny loss, where ``log(1 + tiny)`` would round to 0.

    Parameters
    ----------
    Z : ndarray of shape (N, C)
        Logits.
    y : ndarray of shape (N,) or (N, C)
        Integer labels from 0 to C - 1, or one-hot rows.
    smoothing : float
        :math:`\varepsilon` from 0 (none) to 1.

    Returns
    -------
    loss : float
    cache : tuple of (P, y, smoothing)

    Raises
    ------
    ValueError
        If the batch is empty, the labels do not fit or ``smoothing`` is out of range.
    TypeError
        If labels of shape (N,) are not integers.

    References
    ----------
    Label smoothing: Szegedy et al.: Rethinking the Inception Architecture (2016), section 7.

    Examples
    --------
    >>> Z = np.log([[1.0, 2.0, 3.0]])
    >>> loss, cache = softmax_cross_entropy_forward(Z, np.array([2]))
    >>> print(f"{loss:.4f} and {np.log(2.0):.4f}")
    0.6931 and 0.6931
    """
    expect(Z=(Z, "NC"))
    _refuse_empty(Z)
    y = as_labels(y, *Z.shape)
    if not 0.0 <= smoothing <= 1.0:
        raise ValueError(f"smoothing must lie between 0 and 1, but it is {smoothing}.")
    rows = np.arange(len(Z))
    top = Z.real.argmax(axis=1)
    shifted = Z - Z[rows, top][:, None]
    E = np.exp(shifted)
    E[rows, top] = 0.0
    rest = E.sum(axis=1)
    E[rows, top] = 1.0
    P = E / (1.0 + rest)[:, None]
    losses = np.log1p(rest) - (1.0 - smoothing) * shifted[rows, y]
    if smoothing:
        losses -= smoothing * shifted.mean(axis=1)
    return losses.mean(), (P, y, smoothing)


def softmax_cross_entropy_backward(dout, cache):
    r"""Return ``dout * (P - Q) / N`` with Q the targets, one row an example.

    One example has :math:`loss = \log \sum_j e^{z_j} - \sum_c q_c z_c`, since its targets sum
    to 1. The gradient of the first term is the softmax, that of the second is :math:`-q`. The
    mean brings 1/N.

    Examples
    --------
    >>> Z = np.log([[1.0, 1.0, 2.0], [1.0, 1.0, 2.0]])
    >>> loss, cache = softmax_cross_entropy_forward(Z, np.array([2, 0]))
    >>> softmax_cross_entropy_backward(1.0, cache)
    array([[ 0.125,  0.125, -0.25 ],
           [-0.375,  0.125,  0.25 ]])
    """
    P, y, smoothing = cache
    N, C = P.shape
    dZ = P - smoothing / C
    dZ[np.arange(N), y] -= 1.0 - smoothing
    dZ *= dout / N
    return dZ


def binary_cross_entropy_with_logits_forward(z, y):
    r"""Return the mean of :math:`-y \log p - (1 - y) \log(1 - p)` with p the sigmoid of z.

    With :math:`\log(1 + e^z)` for :math:`-\log(1 - p)` and
    :math:`\log(1 + e^{-z})` for :math:`-\log p`, the loss of one example is
    :math:`\log(1 + e^{-|z|})` plus :math:`|z|` times the share of the target that contradicts
    the sign of z: 1 - y for a positive z, y for a negative one.

    Parameters
    ----------
    z : ndarray of shape (N,)
        Logits of "yes".
    y : ndarray of shape (N,)
        Targets from 0 (no) to 1 (yes).

    Returns
    -------
    loss : float
    cache : tuple of (z, y)

    Raises
    ------
    ValueError
        If the shapes differ (with (N, 1) against (N,) NumPy would compare everything with
        everything), the batch is empty or a target is not between 0 and 1.

    Examples
    --------
    >>> z, y = np.array([0.0, np.log(3.0)]), np.array([1.0, 0.0])
    >>> loss, cache = binary_cross_entropy_with_logits_forward(z, y)
    >>> print(f"{loss:.4f} and {np.log(8.0) / 2:.4f}")
    1.0397 and 1.0397
    """
    y = np.asarray(y)
    expect(z=(z, "N"), y=(y, "N"))
    _refuse_empty(z)
    if y.min() < 0 or y.max() > 1:
        raise ValueError(f"y must lie between 0 and 1, but it runs from {y.min()} to {y.max()}.")
    yes = z.real > 0
    size = np.where(yes, z, -z)
    losses = np.log1p(np.exp(-size)) + size * np.where(yes, 1 - y, y).astype(z.real.dtype)
    return losses.mean(), (z, y)


def binary_cross_entropy_with_logits_backward(dout, cache):
    r"""Return ``dout * (sigmoid(z) - y) / N``.

    One example has :math:`loss = \log(1 + e^z) - y z`, and
    :math:`\frac{d}{dz} \log(1 + e^z) = e^z / (1 + e^z)`, the sigmoid.

    Examples
    --------
    >>> z, y = np.array([0.0, np.log(3.0)]), np.array([1.0, 0.0])
    >>> loss, cache = binary_cross_entropy_with_logits_forward(z, y)
    >>> binary_cross_entropy_with_logits_backward(1.0, cache)
    array([-0.25 ,  0.375])
    """
    z, y = cache
    with np.errstate(over="ignore"):  # exp(800) is inf, and 1 / (1 + inf) is the right 0
        p = 1.0 / (1.0 + np.exp(-z))
    return (p - y.astype(z.dtype)) * (float(dout) / len(z))


def squared_error_forward(A, target):
    r"""Return half the squared distance, summed over outputs, averaged over the batch.

    .. math:: loss = \frac{1}{2N} \sum_{n, m} (A_{nm} - target_{nm})^2

    Parameters
    ----------
    A : ndarray of shape (N, M)
    target : ndarray of shape (N, M)

    Returns
    -------
    loss : float
    cache : ndarray of shape (N, M)
        The differences.

    Raises
    ------
    ValueError
        If the shapes differ or the batch is empty.

    Examples
    --------
    >>> loss, cache = squared_error_forward(np.array([[7.0]]), np.array([[10.0]]))
    >>> float(loss)
    4.5
    """
    difference = _differences(A, target)
    return 0.5 * (difference * difference).sum() / len(A), difference


def squared_error_backward(dout, cache):
    """Return ``dout * (A - target) / N``; the half cancels the 2 of the square.

    Examples
    --------
    >>> loss, cache = squared_error_forward(np.array([[7.0]]), np.array([[10.0]]))
    >>> squared_error_backward(1.0, cache)
    array([[-3.]])
    """
    difference = cache
    return difference * (float(dout) / len(difference))


def huber_forward(A, target, *, delta=1.0):
    r"""Return a loss that is a square near the target and a straight line far from it.

    With the difference :math:`r`: :math:`r^2 / 2` where :math:`|r| \le \delta`, and
    :math:`\delta (|r| - \delta / 2)` beyond, summed over outputs, averaged over the batch.

    Parameters
    ----------
    A : ndarray of shape (N, M)
    target : ndarray of shape (N, M)
    delta : float
        Where the square becomes a line, above 0.

    Returns
    -------
    loss : float
    cache : ndarray of shape (N, M)
        The clipped differences.

    Raises
    ------
    ValueError
        If the shapes differ, the batch is empty or ``delta`` is not above 0.

    References
    ----------
    Huber: Robust Estimation of a Location Parameter (1964).

    Examples
    --------
    >>> loss, cache = huber_forward(np.array([[0.5, 3.0]]), np.zeros((1, 2)))
    >>> float(loss)
    2.625
    """
    if not delta > 0:
        raise ValueError(f"delta must be above 0, but it is {delta}.")
    r = _differences(A, target)
    clipped = np.where(r.real > delta, delta, np.where(r.real < -delta, -delta, r))
    clipped = clipped.astype(r.dtype, copy=False)
    return (clipped * (r - 0.5 * clipped)).sum() / len(A), clipped


def huber_backward(dout, cache):
    """Return ``dout * clip(A - target, -delta, delta) / N``.

    The slope of the square is the difference itself, that of the line is plus or minus delta: a
    far point pulls with limited force.

    Examples
    --------
    >>> loss, cache = huber_forward(np.array([[0.5, 3.0]]), np.zeros((1, 2)))
    >>> huber_backward(1.0, cache)
    array([[0.5, 1. ]])
    """
    clipped = cache
    return clipped * (float(dout) / len(clipped))


def hinge_forward(Z, y, *, margin=1.0):
    r"""Return the multi-class hinge loss, averaged over the batch.

    Each other class j costs :math:`\max(0, z_j - z_y + margin)`: nothing once the score of the
    label leads by the margin.

    Parameters
    ----------
    Z : ndarray of shape (N, C)
        Scores.
    y : ndarray of shape (N,) or (N, C)
        Integer labels or one-hot rows.
    margin : float

    Returns
    -------
    loss : float
    cache : ndarray of shape (N, C)
        The slopes of each row's cost.

    Raises
    ------
    ValueError
        If the batch is empty or the labels do not fit.
    TypeError
        If labels of shape (N,) are not integers.

    References
    ----------
    Weston, Watkins: Support Vector Machines for Multi-Class Pattern Recognition (1999).

    Examples
    --------
    >>> loss, cache = hinge_forward(np.array([[2.0, 2.5, 0.0]]), np.array([0]))
    >>> float(loss)
    1.5
    """
    expect(Z=(Z, "NC"))
    _refuse_empty(Z)
    y = as_labels(y, *Z.shape)
    rows = np.arange(len(Z))
    costs = Z - Z[rows, y][:, None] + margin
    mask = costs.real > 0
    mask[rows, y] = False
    slopes = mask.astype(Z.real.dtype)
    slopes[rows, y] = -slopes.sum(axis=1)
    return (costs * mask).sum() / len(Z), slopes


def hinge_backward(dout, cache):
    """Return ``dout / N`` times the slopes: 1 for each class that costs, minus their number for y.

    Every row sums to 0: a shift of all scores changes no difference.

    Examples
    --------
    >>> loss, cache = hinge_forward(np.array([[2.0, 2.5, 0.0], [9.0, 0.0, 8.5]]), np.array([0, 0]))
    >>> hinge_backward(1.0, cache)
    array([[-0.5,  0.5,  0. ],
           [-0.5,  0. ,  0.5]])
    """
    slopes = cache
    return slopes * (float(dout) / len(slopes))


def as_labels(y, N, C):
    """Return integer labels of shape (N,) from labels or one-hot rows; refuse anything else."""
    y = np.asarray(y)
    if y.shape == (N, C):
        if ((y != 0) & (y != 1)).any() or (y.sum(axis=1) != 1).any():
            raise ValueError("One-hot labels must hold a single 1 in each row and 0 elsewhere.")
        return y.argmax(axis=1)
    if y.shape != (N,):
        raise ValueError(f"y must have shape ({N},) or ({N}, {C}), but it has shape {y.shape}.")
    if y.dtype.kind not in "iu":
        raise TypeError(f"Labels must be integers, but y has dtype {y.dtype}.")
    if y.min() < 0 or y.max() >= C:
        raise ValueError(
            f"Labels must lie between 0 and {C - 1} (there are {C} classes), "
            f"but y runs from {y.min()} to {y.max()}."
        )
    return y


def _differences(A, target):
    target = np.asarray(target)
    expect(A=(A, "NM"), target=(target, "NM"))
    _refuse_empty(A)
    return A - target.astype(A.real.dtype)


def _refuse_empty(array):
    if len(array) == 0:
        raise ValueError("The batch is empty: a mean over no examples is not defined.")
