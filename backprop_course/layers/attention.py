r"""Attention: every place of a sequence looks at the others and takes a weighted mean.

Sequences have shape (N, T, D), heads (N, heads, T, D / heads). Linear maps here work on the last
axis, with the axes before it as one long batch.
"""

import math

import numpy as np

from backprop_course.layers.activations import gelu_backward, gelu_forward
from backprop_course.layers.linear import linear_backward, linear_forward
from backprop_course.layers.normalization import layernorm_backward, layernorm_forward
from backprop_course.shapes import expect, expect_like


def causal_mask(T):
    """Return a (T, T) mask, True where place t may look at place s: at itself and before.

    Examples
    --------
    >>> causal_mask(3).astype(int)
    array([[1, 0, 0],
           [1, 1, 0],
           [1, 1, 1]])
    """
    return np.tril(np.ones((T, T), bool))


def attention_forward(Q, K, V, *, mask=None):
    r"""Return :math:`\mathrm{softmax}(Q K^\top / \sqrt{d})\, V`, the softmax along each row.

    Parameters
    ----------
    Q : ndarray of shape (..., T, d)
        Queries: what each place looks for.
    K : ndarray of shape (..., S, d)
        Keys: what each place offers.
    V : ndarray of shape (..., S, e)
        Values: what each place gives.
    mask : ndarray of bool, broadcastable to (..., T, S), optional
        True where a query may look. A query that may look nowhere gets 0.

    Returns
    -------
    out : ndarray of shape (..., T, e)
    cache : tuple

    Raises
    ------
    ValueError
        If the shapes do not fit.

    References
    ----------
    Vaswani et al.: Attention Is All You Need (2017), section 3.2.1.

    Examples
    --------
    Equal scores give the plain mean of the values.

    >>> Q, K, V = np.zeros((1, 2)), np.ones((2, 2)), np.array([[1.0], [5.0]])
    >>> out, cache = attention_forward(Q, K, V)
    >>> out
    array([[3.]])
    """
    _expect_attention(Q, K, V)
    scale = 1.0 / math.sqrt(Q.shape[-1])
    Q = Q * scale  # fewer numbers to scale than the scores
    S = Q @ K.swapaxes(-1, -2)
    if mask is not None:
        S = np.where(mask, S, -np.inf)
    top = S.real.max(axis=-1, keepdims=True)
    S -= np.where(np.isfinite(top), top, 0)
    P = np.exp(S, out=S)  # the scores are not needed any more
    total = P.sum(axis=-1, keepdims=True)
    P /= np.where(total == 0, 1, total)
    out = P @ V
    return out, (Q, K, V, P, out, scale)


def attention_backward(dout, cache):
    r"""Return dQ, dK and dV.

    With scores :math:`S = Q K^\top / \sqrt d`, probabilities P and ``out = P @ V``:

    - ``dV = P.T @ dout`` and ``dP = dout @ V.T``, the rule of the matrix product;
    - ``dS = P * (dP - rowsum(dP * P))``, the rule of softmax; the row sum equals
      ``rowsum(dout * out)``, which needs no (T, S) array;
    - ``dQ = dS @ K / sqrt(d)`` and ``dK = dS.T @ Q / sqrt(d)``.

    Where the mask hides a key, P is 0 and so is dS: the mask needs no line of its own.

    Examples
    --------
    >>> Q, K, V = np.zeros((1, 1)), np.array([[1.0], [3.0]]), np.array([[1.0], [5.0]])
    >>> out, cache = attention_forward(Q, K, V)
    >>> dQ, dK, dV = attention_backward(np.array([[1.0]]), cache)
    >>> dQ, dV.ravel()
    (array([[2.]]), array([0.5, 0.5]))
    """
    Q, K, V, P, out, scale = cache
    expect_like(dout, out)
    dV = P.swapaxes(-1, -2) @ dout
    dS = dout @ V.swapaxes(-1, -2)
    dS -= (dout * out).sum(axis=-1, keepdims=True)
    dS *= P
    dQ = (dS @ K) * scale
    dK = dS.swapaxes(-1, -2) @ Q  # which carries the scale already
    return dQ, dK, dV


def multihead_forward(X, Wq, Wk, Wv, Wo, *, heads, mask=None):
    """Return self-attention with several heads, each on its own slice of the columns.

    Parameters
    ----------
    X : ndarray of shape (N, T, D)
    Wq, Wk, Wv, Wo : ndarray of shape (D, D)
        Maps to queries, keys and values, and from the heads' outputs to the result.
    heads : int
        Must divide D.
    mask : ndarray of bool, broadcastable to (N, heads, T, T), optional

    Returns
    -------
    out : ndarray of shape (N, T, D)
    cache : tuple

    Raises
    ------
    ValueError
        If shapes do not fit or ``heads`` does not divide D.

    References
    ----------
    Vaswani et al.: Attention Is All You Need (2017), section 3.2.2.

    Examples
    --------
    >>> X, eye = np.array([[[1.0, 0.0], [0.0, 1.0]]]), np.eye(2)
    >>> out, cache = multihead_forward(X, 0 * eye, 0 * eye, eye, eye, heads=2)
    >>> out
    array([[[0.5, 0.5],
            [0.5, 0.5]]])
    """
    expect(X=(X, "NTD"), Wq=(Wq, "DD"), Wk=(Wk, "DD"), Wv=(Wv, "DD"), Wo=(Wo, "DD"))
    D = X.shape[-1]
    if heads < 1 or D % heads:
        raise ValueError(f"heads must divide the {D} columns, but it is {heads}.")
    Q, K, V = (_to_heads(X @ W, heads) for W in (Wq, Wk, Wv))
    A, attention_cache = attention_forward(Q, K, V, mask=mask)
    A = _from_heads(A)
    return A @ Wo, (X, A, Wq, Wk, Wv, Wo, heads, attention_cache)


def multihead_backward(dout, cache):
    """Return dX, dWq, dWk, dWv and dWo.

    X goes three ways, into queries, keys and values, so its gradient is the sum of three.

    Examples
    --------
    >>> X, eye = np.array([[[1.0, 0.0], [0.0, 1.0]]]), np.eye(2)
    >>> out, cache = multihead_forward(X, 0 * eye, 0 * eye, eye, eye, heads=2)
    >>> dX, *dW = multihead_backward(np.array([[[2.0, 0.0], [0.0, 0.0]]]), cache)
    >>> dX
    array([[[1., 0.],
            [1., 0.]]])
    """
    X, A, Wq, Wk, Wv, Wo, heads, attention_cache = cache
    expect_like(dout, X)
    dA = _to_heads(dout @ Wo.T, heads)
    dQ, dK, dV = (_from_heads(part) for part in attention_backward(dA, attention_cache))
    dX = dQ @ Wq.T + dK @ Wk.T + dV @ Wv.T
    dW = (_weight_gradient(X, part) for part in (dQ, dK, dV))
    return dX, *dW, _weight_gradient(A, dout)


def feed_forward_forward(X, W1, b1, W2, b2):
    """Return a linear layer, GELU (tanh form) and a second linear layer, at every place alike.

    Parameters
    ----------
    X : ndarray of shape (N, T, D)
    W1 : ndarray of shape (D, H)
    b1 : ndarray of shape (H,)
    W2 : ndarray of shape (H, D)
    b2 : ndarray of shape (D,)

    Returns
    -------
    out : ndarray of shape (N, T, D)
    cache : tuple

    References
    ----------
    Vaswani et al. (2017), section 3.3; with GELU as in Radford et al. (2018).

    Examples
    --------
    >>> X, W, b = np.array([[[0.0]]]), np.ones((1, 1)), np.ones(1)
    >>> out, cache = feed_forward_forward(X, W, 0 * b, W, 5 * b)
    >>> out
    array([[[5.]]])
    """
    expect(X=(X, "NTD"))
    Z1, first = linear_forward(_rows(X), W1, b1)
    A1, middle = gelu_forward(Z1, approximate=True)
    Z2, last = linear_forward(A1, W2, b2)
    return Z2.reshape(*X.shape[:2], -1), (first, middle, last, X.shape)


def feed_forward_backward(dout, cache):
    """Return dX, dW1, db1, dW2 and db2: the three layers in reverse.

    Examples
    --------
    >>> X, W, b = np.array([[[0.0]]]), np.ones((1, 1)), np.ones(1)
    >>> out, cache = feed_forward_forward(X, W, 0 * b, W, 5 * b)
    >>> dX, dW1, db1, dW2, db2 = feed_forward_backward(np.array([[[2.0]]]), cache)
    >>> dX, db1, db2
    (array([[[1.]]]), array([1.]), array([2.]))
    """
    first, middle, last, shape = cache
    dA1, dW2, db2 = linear_backward(_rows(dout), last)
    dX, dW1, db1 = linear_backward(gelu_backward(dA1, middle), first)
    return dX.reshape(shape), dW1, db1, dW2, db2


def transformer_block_forward(
    X, gamma1, beta1, Wq, Wk, Wv, Wo, gamma2, beta2, W1, b1, W2, b2, *, heads, mask=None
):
    """Return ``Y + feed_forward(layernorm(Y))`` with ``Y = X + multihead(layernorm(X))``.

    The normalisation stands before each part ("pre-norm"), so the two residual connections lead
    from the output straight back to X.

    Parameters
    ----------
    X : ndarray of shape (N, T, D)
    gamma1, beta1, gamma2, beta2 : ndarray of shape (D,)
    Wq, Wk, Wv, Wo : ndarray of shape (D, D)
    W1, b1, W2, b2 : as in `feed_forward_forward`
    heads, mask : as in `multihead_forward`

    Returns
    -------
    out : ndarray of shape (N, T, D)
    cache : tuple

    References
    ----------
    Xiong et al.: On Layer Normalization in the Transformer Architecture (2020), figure 1b.

    Examples
    --------
    With all weights 0 both parts add nothing, and the block hands X on.

    >>> X, v, W = np.array([[[1.0, 2.0]]]), np.zeros(2), np.zeros((2, 2))
    >>> out, cache = transformer_block_forward(X, v, v, W, W, W, W, v, v, W, v, W, v, heads=1)
    >>> out
    array([[[1., 2.]]])
    """
    normed1, norm1 = layernorm_forward(X, gamma1, beta1)
    mixed, attention = multihead_forward(normed1, Wq, Wk, Wv, Wo, heads=heads, mask=mask)
    Y = X + mixed
    normed2, norm2 = layernorm_forward(Y, gamma2, beta2)
    thought, feed_forward = feed_forward_forward(normed2, W1, b1, W2, b2)
    return Y + thought, (norm1, attention, norm2, feed_forward)


def transformer_block_backward(dout, cache):
    """Return the gradients of X and of all twelve parameters, in the order of the arguments.

    At each residual connection the gradient goes both ways and the two shares are added.

    Examples
    --------
    >>> X, v, W = np.array([[[1.0, 2.0]]]), np.zeros(2), np.zeros((2, 2))
    >>> out, cache = transformer_block_forward(X, v, v, W, W, W, W, v, v, W, v, W, v, heads=1)
    >>> dX, *rest = transformer_block_backward(np.array([[[3.0, 4.0]]]), cache)
    >>> dX, len(rest)
    (array([[[3., 4.]]]), 12)
    """
    norm1, attention, norm2, feed_forward = cache
    dnormed2, *dfeed_forward = feed_forward_backward(dout, feed_forward)
    dY, dgamma2, dbeta2 = layernorm_backward(dnormed2, norm2)
    dY = dY + dout
    dnormed1, *dattention = multihead_backward(dY, attention)
    dX, dgamma1, dbeta1 = layernorm_backward(dnormed1, norm1)
    dX = dX + dY
    return dX, dgamma1, dbeta1, *dattention, dgamma2, dbeta2, *dfeed_forward


def _expect_attention(Q, K, V):
    fits = (
        min(Q.ndim, K.ndim, V.ndim) >= 2
        and Q.shape[-1] == K.shape[-1]
        and K.shape[-2] == V.shape[-2]
        and Q.shape[:-2] == K.shape[:-2] == V.shape[:-2]
    )
    if not fits:
        raise ValueError(
            "Q, K and V must have shapes (..., T, d), (..., S, d) and (..., S, e), "
            f"but they have {Q.shape}, {K.shape} and {V.shape}."
        )


def _to_heads(X, heads):
    """Return (N, T, D) as (N, heads, T, D / heads)."""
    N, T, D = X.shape
    return X.reshape(N, T, heads, D // heads).swapaxes(1, 2)


def _from_heads(X):
    """Return (N, heads, T, d) as (N, T, heads * d)."""
    N, heads, T, d = X.shape
    return X.swapaxes(1, 2).reshape(N, T, heads * d)


def _rows(X):
    return X.reshape(-1, X.shape[-1])


def _weight_gradient(X, dout):
    return _rows(X).T @ _rows(dout)
