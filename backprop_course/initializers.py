r"""Initialisers: first values that keep signals and gradients at one size through the layers.

An entry of ``X @ W`` is a sum of D products. If entries are independent with mean 0, its variance
is ``D * var(X) * var(W)``, so ``var(W) = 1 / D`` keeps the size of the signal on the way out; the
same argument for ``dout @ W.T`` gives ``1 / M`` on the way back.
"""

import math

import numpy as np


def xavier(D, M, *, rng=None, dtype=np.float64):
    """Return normal weights of shape (D, M) with variance ``2 / (D + M)``, between both wishes.

    References
    ----------
    Glorot, Bengio: Understanding the difficulty of training deep feedforward neural networks
    (2010), equation 12.

    Examples
    --------
    >>> W = xavier(300, 100, rng=0)
    >>> W.shape, round(float(W.var()), 4)
    ((300, 100), 0.005)
    """
    return _normal(D, M, 2.0 / (D + M), rng, dtype)


def he(D, M, *, gain=2.0, rng=None, dtype=np.float64):
    """Return normal weights of shape (D, M) with variance ``gain / D``.

    The gain of 2 makes up for ReLU, which drops half of the signal's mean square.

    References
    ----------
    He, Zhang, Ren, Sun: Delving Deep into Rectifiers (2015), section 2.2.

    Examples
    --------
    >>> W = he(200, 300, rng=0)
    >>> W.shape, round(float(W.var()), 3)
    ((200, 300), 0.01)
    """
    return _normal(D, M, gain / D, rng, dtype)


def orthogonal(D, M, *, rng=None, dtype=np.float64):
    """Return weights of shape (D, M) whose rows or columns, the fewer, are orthonormal.

    A square one keeps every length exactly, in both directions.

    References
    ----------
    Saxe, McClelland, Ganguli: Exact solutions to the nonlinear dynamics of learning in deep
    linear neural networks (2014), section 3.

    Examples
    --------
    >>> W = orthogonal(4, 3, rng=0)
    >>> bool(np.allclose(W.T @ W, np.eye(3)))
    True
    """
    Q, R = np.linalg.qr(np.random.default_rng(rng).normal(size=(max(D, M), min(D, M))))
    Q *= np.sign(np.diag(R))  # else the result is not uniform over all such matrices
    return (Q if D >= M else Q.T).astype(dtype)


def _normal(D, M, variance, rng, dtype):
    rng = np.random.default_rng(rng)
    return rng.normal(scale=math.sqrt(variance), size=(D, M)).astype(dtype)
