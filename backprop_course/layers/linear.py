"""The linear layer, from which most of a network is made."""

from backprop_course.shapes import expect


def linear_forward(X, W, b):
    r"""Return ``X @ W + b`` for a batch whose rows are examples.

    Parameters
    ----------
    X : ndarray of shape (N, D)
    W : ndarray of shape (D, M)
    b : ndarray of shape (M,)

    Returns
    -------
    out : ndarray of shape (N, M)
    cache : tuple
        What `linear_backward` needs: references to ``X`` and ``W``, not copies, so leave both
        unchanged until the backward pass is done.

    Raises
    ------
    ValueError
        If the shapes do not fit.

    Examples
    --------
    >>> import numpy as np
    >>> X, W, b = np.array([[3.0]]), np.array([[5.0, 6.0]]), np.array([0.5, 1.0])
    >>> out, cache = linear_forward(X, W, b)
    >>> out
    array([[15.5, 19. ]])
    """
    expect(W=(W, "DM"), X=(X, "ND"), b=(b, "M"))
    return X @ W + b, (X, W)


def linear_backward(dout, cache, *, input_gradient=True):
    r"""Return the gradients of the loss with respect to X, W and b.

    The derivation starts from one entry, :math:`out_{nm} = \sum_d X_{nd} W_{dm} + b_m`:

    - ``X[n, d]`` meets ``W[d, m]`` in every column m of row n, so
      ``dX[n, d] = sum_m dout[n, m] W[d, m]``, which is ``dout @ W.T``;
    - ``W[d, m]`` meets ``X[n, d]`` in every row n, so
      ``dW[d, m] = sum_n X[n, d] dout[n, m]``, which is ``X.T @ dout``;
    - ``b[m]`` is added in every row n, so ``db[m] = sum_n dout[n, m]``.

    Parameters
    ----------
    dout : ndarray of shape (N, M)
        Gradient of the loss with respect to ``out``.
    cache : tuple
        From `linear_forward`.
    input_gradient : bool
        False leaves out ``dX``, a third of the layer's work: nobody asks for the gradient of
        the data that enter the first layer.

    Returns
    -------
    dX : ndarray of shape (N, D), or None without ``input_gradient``
    dW : ndarray of shape (D, M)
    db : ndarray of shape (M,)

    References
    ----------
    Rumelhart, Hinton, Williams: Learning representations by back-propagating errors, Nature 323
    (1986), equations 6 and 7, there for one example and without matrices.

    Examples
    --------
    >>> import numpy as np
    >>> X, W, b = np.array([[3.0]]), np.array([[5.0, 6.0]]), np.array([0.5, 1.0])
    >>> out, cache = linear_forward(X, W, b)
    >>> dX, dW, db = linear_backward(np.array([[1.0, 2.0]]), cache)
    >>> dX
    array([[17.]])
    >>> dW
    array([[3., 6.]])
    >>> db
    array([1., 2.])
    """
    X, W = cache
    expect(X=(X, "ND"), W=(W, "DM"), dout=(dout, "NM"))
    dX = dout @ W.T if input_gradient else None
    dW = X.T @ dout
    db = dout.sum(axis=0)
    return dX, dW, db
