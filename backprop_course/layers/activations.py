r"""Activations: functions applied to every entry on its own.

Entry i of the output depends on entry i of the input alone, so the Jacobian is diagonal and the
backward pass multiplies entry by entry: ``dZ = dout * f'(Z)``. The pairs differ only in f'.

``Z`` and ``dout`` may have any shape, the same for both.
"""

import math

import numpy as np

from backprop_course.shapes import expect_like

_ROOT_2_OVER_PI = math.sqrt(2.0 / math.pi)


def relu_forward(Z):
    """Return ``max(Z, 0)`` entry by entry.

    The derivative is 1 where ``Z > 0`` and 0 where ``Z < 0``. At exactly 0 there is none; we
    take 0 there, as PyTorch does.

    Parameters
    ----------
    Z : ndarray of any shape

    Returns
    -------
    out : ndarray with the shape of ``Z``
    cache : ndarray of bool
        The mask, True where ``Z > 0``.

    References
    ----------
    Nair, Hinton: Rectified Linear Units Improve Restricted Boltzmann Machines, ICML 2010.

    Examples
    --------
    >>> import numpy as np
    >>> out, cache = relu_forward(np.array([-2.0, 0.0, 3.0]))
    >>> out
    array([0., 0., 3.])
    """
    mask = Z.real > 0
    return _keep(Z, mask), mask


def relu_backward(dout, cache):
    """Return ``dout`` where ``Z`` was positive and 0 elsewhere.

    Examples
    --------
    >>> import numpy as np
    >>> out, cache = relu_forward(np.array([-2.0, 0.0, 3.0]))
    >>> relu_backward(np.array([10.0, 20.0, 30.0]), cache)
    array([ 0.,  0., 30.])
    """
    mask = cache
    expect_like(dout, mask)
    return _keep(dout, mask)


def _keep(values, mask):
    kept = values * mask
    kept += 0  # -2.0 * False is -0.0, and a reader would wonder where the sign comes from
    return kept


def leaky_relu_forward(Z, *, slope=0.01):
    """Return ``Z`` where it is positive and ``slope * Z`` elsewhere.

    The small slope lets a unit that is negative for every example still learn. At exactly 0
    the derivative is taken as ``slope``.

    Parameters
    ----------
    Z : ndarray of any shape
    slope : float

    Returns
    -------
    out : ndarray with the shape of ``Z``
    cache : tuple of (mask, slope)

    References
    ----------
    Maas, Hannun, Ng: Rectifier Nonlinearities Improve Neural Network Acoustic Models, ICML 2013.

    Examples
    --------
    >>> import numpy as np
    >>> out, cache = leaky_relu_forward(np.array([-2.0, 3.0]), slope=0.5)
    >>> out
    array([-1.,  3.])
    """
    mask = Z.real > 0
    return np.where(mask, Z, slope * Z), (mask, slope)


def leaky_relu_backward(dout, cache):
    """Return ``dout`` where ``Z`` was positive and ``slope * dout`` elsewhere.

    Examples
    --------
    >>> import numpy as np
    >>> out, cache = leaky_relu_forward(np.array([-2.0, 3.0]), slope=0.5)
    >>> leaky_relu_backward(np.array([10.0, 20.0]), cache)
    array([ 5., 20.])
    """
    mask, slope = cache
    expect_like(dout, mask)
    return np.where(mask, dout, slope * dout)


def sigmoid_forward(Z):
    r"""Return :math:`\sigma(z) = 1 / (1 + e^{-z})` entry by entry.

    Parameters
    ----------
    Z : ndarray of any shape

    Returns
    -------
    out : ndarray with the shape of ``Z``, entries between 0 and 1
    cache : ndarray
        The output, because :math:`\sigma'` is simplest in terms of it.

    Examples
    --------
    >>> import numpy as np
    >>> out, cache = sigmoid_forward(np.array([0.0, np.log(3.0)]))
    >>> out
    array([0.5 , 0.75])
    """
    with np.errstate(over="ignore"):  # exp(800) is inf, and 1 / (1 + inf) is the right 0
        A = 1.0 / (1.0 + np.exp(-Z))
    return A, A


def sigmoid_backward(dout, cache):
    r"""Return ``dout * A * (1 - A)``.

    With :math:`\sigma = (1 + e^{-z})^{-1}` the chain rule gives
    :math:`\sigma' = e^{-z} (1 + e^{-z})^{-2} = \sigma (1 - \sigma)`, at most 1/4.

    Examples
    --------
    >>> import numpy as np
    >>> out, cache = sigmoid_forward(np.array([0.0, np.log(3.0)]))
    >>> sigmoid_backward(np.array([1.0, 2.0]), cache)
    array([0.25 , 0.375])
    """
    A = cache
    expect_like(dout, A)
    return dout * A * (1.0 - A)


def tanh_forward(Z):
    """Return ``tanh(Z)`` entry by entry.

    Parameters
    ----------
    Z : ndarray of any shape

    Returns
    -------
    out : ndarray with the shape of ``Z``, entries between -1 and 1
    cache : ndarray
        The output, because the derivative is simplest in terms of it.

    Examples
    --------
    >>> import numpy as np
    >>> out, cache = tanh_forward(np.array([0.0, np.log(3.0)]))
    >>> out
    array([0. , 0.8])
    """
    A = np.tanh(Z)
    return A, A


def tanh_backward(dout, cache):
    r"""Return ``dout * (1 - A**2)``.

    With :math:`\tanh = \sinh / \cosh` the quotient rule gives
    :math:`(\cosh^2 - \sinh^2) / \cosh^2 = 1 - \tanh^2`.

    Examples
    --------
    >>> import numpy as np
    >>> out, cache = tanh_forward(np.array([0.0, np.log(3.0)]))
    >>> tanh_backward(np.array([1.0, 2.0]), cache)
    array([1.  , 0.72])
    """
    A = cache
    expect_like(dout, A)
    return dout * (1.0 - A * A)


def gelu_forward(Z, *, approximate=False):
    r"""Return :math:`z\,\Phi(z)`, with :math:`\Phi` the normal distribution function.

    Parameters
    ----------
    Z : ndarray of any shape
    approximate : bool
        False computes :math:`\Phi(z) = \mathrm{erfc}(-z / \sqrt 2) / 2` exactly. True takes
        :math:`\Phi(z) \approx (1 + \tanh u) / 2` with
        :math:`u = \sqrt{2/\pi}\,(z + 0.044715\,z^3)`, which is faster and at most 5e-4 off.

    Returns
    -------
    out : ndarray with the shape of ``Z``
    cache : tuple of (Z, Phi, approximate)

    References
    ----------
    Hendrycks, Gimpel: Gaussian Error Linear Units (2016), section 2.

    Examples
    --------
    >>> import numpy as np
    >>> out, cache = gelu_forward(np.array([-1.0, 0.0, 1.0]))
    >>> out.round(4)
    array([-0.1587,  0.    ,  0.8413])
    """
    if approximate:
        # Z * Z * Z and not Z**3: a power costs twenty times as much.
        Phi = 0.5 * (1.0 + np.tanh(_ROOT_2_OVER_PI * (Z + 0.044715 * (Z * Z * Z))))
    else:
        from scipy.special import erfc

        Phi = 0.5 * erfc(Z * -math.sqrt(0.5))
    return Z * Phi, (Z, Phi, approximate)


def gelu_backward(dout, cache):
    r"""Return ``dout * (Phi + Z * phi)``, by the product rule on :math:`z\,\Phi(z)`.

    :math:`\varphi = \Phi'`. In the exact form it is the normal density. In the tanh form,
    :math:`\Phi = (1 + \tanh u) / 2`, so :math:`\varphi = (1 - \tanh^2 u)\,u' / 2`, which in
    terms of :math:`\Phi` is :math:`2\,\Phi (1 - \Phi)\,u'`.

    Examples
    --------
    >>> import numpy as np
    >>> out, cache = gelu_forward(np.array([-1.0, 0.0, 1.0]))
    >>> gelu_backward(np.array([1.0, 1.0, 1.0]), cache).round(4)
    array([-0.0833,  0.5   ,  1.0833])
    """
    Z, Phi, approximate = cache
    expect_like(dout, Z)
    if approximate:
        phi = 2.0 * Phi * (1.0 - Phi) * _ROOT_2_OVER_PI * (1.0 + 3 * 0.044715 * (Z * Z))
    else:
        phi = np.exp(-0.5 * (Z * Z)) * (1.0 / math.sqrt(2.0 * math.pi))
    return dout * (Phi + Z * phi)
