r"""Recurrence: the same step again and again, its output handed to the next step.

Two rules give every backward pass here. The state of a step goes two ways, out to the loss and
on to the next step, so the gradients of both ways are added. And the weights are used in every
step, so their gradients are sums over steps. Walking back through the steps with these two rules
is called backpropagation through time.

Sequences have shape (N, T, D): N examples, T steps. What does not depend on the state, the
product ``X @ Wx`` and the gradients of the weights, is done for all steps at once.
"""

import numpy as np

from backprop_course.layers.activations import sigmoid_forward
from backprop_course.shapes import expect, expect_like


def rnn_step_forward(x, h, Wx, Wh, b):
    r"""Return :math:`h' = \tanh(x W_x + h W_h + b)`.

    Parameters
    ----------
    x : ndarray of shape (N, D)
    h : ndarray of shape (N, H)
    Wx : ndarray of shape (D, H)
    Wh : ndarray of shape (H, H)
    b : ndarray of shape (H,)

    Returns
    -------
    out : ndarray of shape (N, H)
        The next state.
    cache : tuple

    References
    ----------
    Elman: Finding Structure in Time (1990).

    Examples
    --------
    >>> one = np.ones((1, 1))
    >>> out, cache = rnn_step_forward(0 * one, one, one, np.log(3.0) * one, np.zeros(1))
    >>> out
    array([[0.8]])
    """
    expect(Wx=(Wx, "DH"), Wh=(Wh, "HH"), b=(b, "H"), x=(x, "ND"), h=(h, "NH"))
    out = np.tanh(x @ Wx + h @ Wh + b)
    return out, (x, h, Wx, Wh, out)


def rnn_step_backward(dout, cache):
    """Return dx, dh, dWx, dWh and db: tanh, then a linear layer with two inputs.

    Examples
    --------
    >>> one = np.ones((1, 1))
    >>> out, cache = rnn_step_forward(0 * one, one, one, np.log(3.0) * one, np.zeros(1))
    >>> dx, dh, dWx, dWh, db = rnn_step_backward(one, cache)
    >>> dx.round(4), dWh.round(4), db.round(4)
    (array([[0.36]]), array([[0.36]]), array([0.36]))
    """
    x, h, Wx, Wh, out = cache
    expect_like(dout, out)
    dZ = dout * (1.0 - out * out)
    return dZ @ Wx.T, dZ @ Wh.T, x.T @ dZ, h.T @ dZ, dZ.sum(axis=0)


def rnn_forward(X, h0, Wx, Wh, b):
    """Return the states of all steps, each made from the one before.

    Parameters
    ----------
    X : ndarray of shape (N, T, D)
    h0 : ndarray of shape (N, H)
    Wx, Wh, b : as in `rnn_step_forward`

    Returns
    -------
    out : ndarray of shape (N, T, H)
    cache : tuple

    Examples
    --------
    >>> X, one = np.array([[[0.5], [0.0]]]), np.ones((1, 1))
    >>> out, cache = rnn_forward(X, 0 * one, one, one, np.zeros(1))
    >>> out.round(4).ravel(), np.tanh([0.5, np.tanh(0.5)]).round(4)
    (array([0.4621, 0.4318]), array([0.4621, 0.4318]))
    """
    expect(Wx=(Wx, "DH"), Wh=(Wh, "HH"), b=(b, "H"), X=(X, "NTD"), h0=(h0, "NH"))
    driven = X @ Wx + b
    states = [h0]
    for t in range(X.shape[1]):
        states.append(np.tanh(driven[:, t] + states[-1] @ Wh))
    states = np.stack(states, axis=1)
    return states[:, 1:], (X, states, Wx, Wh)


def rnn_backward(dout, cache):
    """Return dX, dh0, dWx, dWh and db.

    Examples
    --------
    >>> X, one = np.array([[[0.5], [0.0]]]), np.ones((1, 1))
    >>> out, cache = rnn_forward(X, 0 * one, one, one, np.zeros(1))
    >>> dX, *rest = rnn_backward(np.array([[[0.0], [1.0]]]), cache)
    >>> s = 1 - out.ravel() ** 2
    >>> dX.round(4).ravel(), (s[0] * s[1]).round(4), s[1].round(4)
    (array([0.6398, 0.8135]), np.float64(0.6398), np.float64(0.8135))
    """
    X, states, Wx, Wh = cache
    expect_like(dout, states[:, 1:])
    dZ = np.empty_like(dout)
    dh = np.zeros_like(states[:, 0])
    for t in reversed(range(X.shape[1])):
        h = states[:, t + 1]
        dZ[:, t] = (dout[:, t] + dh) * (1.0 - h * h)
        dh = dZ[:, t] @ Wh.T
    dX = dZ @ Wx.T
    return dX, dh, _over_steps(X, dZ), _over_steps(states[:, :-1], dZ), dZ.sum(axis=(0, 1))


def lstm_step_forward(x, h, c, Wx, Wh, b):
    r"""Return the next state and the next cell of a long short-term memory.

    With ``Z = x @ Wx + h @ Wh + b`` cut into four blocks of H columns:

    .. math::
       i, f, o = \sigma(Z_1), \sigma(Z_2), \sigma(Z_4), \quad g = \tanh(Z_3), \quad
       c' = f c + i g, \quad h' = o \tanh(c')

    Parameters
    ----------
    x : ndarray of shape (N, D)
    h, c : ndarray of shape (N, H)
    Wx : ndarray of shape (D, 4H)
    Wh : ndarray of shape (H, 4H)
    b : ndarray of shape (4H,)

    Returns
    -------
    out : tuple of (h, c), ndarrays of shape (N, H)
    cache : tuple

    References
    ----------
    Hochreiter, Schmidhuber: Long Short-Term Memory (1997); the forget gate f: Gers, Schmidhuber,
    Cummins: Learning to Forget (2000).

    Examples
    --------
    >>> x = h = np.zeros((1, 1))
    >>> zeros = np.zeros((1, 4)), np.zeros((1, 4)), np.zeros(4)
    >>> (h, c), cache = lstm_step_forward(x, h, np.array([[4.0]]), *zeros)
    >>> c
    array([[2.]])
    """
    expect(Wx=(Wx, "DG"), Wh=(Wh, "HG"), b=(b, "G"), x=(x, "ND"), h=(h, "NH"), c=(c, "NH"))
    _expect_blocks(Wh, 4)
    gates = _lstm_gates(x @ Wx + h @ Wh + b)
    h_next, c_next, tanh_c = _lstm_update(c, gates)
    return (h_next, c_next), (x, h, c, Wx, Wh, gates, tanh_c)


def lstm_step_backward(dout, cache):
    """Return dx, dh, dc, dWx, dWh and db; ``dout`` is a tuple (dh, dc) for the next state and cell.

    Examples
    --------
    >>> x = h = np.zeros((1, 1))
    >>> zeros = np.zeros((1, 4)), np.zeros((1, 4)), np.zeros(4)
    >>> out, cache = lstm_step_forward(x, h, np.array([[4.0]]), *zeros)
    >>> dx, dh, dc, dWx, dWh, db = lstm_step_backward((0 * x, np.array([[10.0]])), cache)
    >>> dc, db
    (array([[5.]]), array([ 0., 10.,  5.,  0.]))
    """
    x, h, c, Wx, Wh, gates, tanh_c = cache
    for part in dout:
        expect_like(part, c)
    dZ, dc = _lstm_update_backward(*dout, c, gates, tanh_c)
    return dZ @ Wx.T, dZ @ Wh.T, dc, x.T @ dZ, h.T @ dZ, dZ.sum(axis=0)


def lstm_forward(X, h0, c0, Wx, Wh, b):
    """Return the states of all steps of a long short-term memory.

    Parameters
    ----------
    X : ndarray of shape (N, T, D)
    h0, c0 : ndarray of shape (N, H)
    Wx, Wh, b : as in `lstm_step_forward`

    Returns
    -------
    out : ndarray of shape (N, T, H)
    cache : tuple

    Examples
    --------
    >>> X, h = np.zeros((1, 2, 1)), np.zeros((1, 1))
    >>> zeros = np.zeros((1, 4)), np.zeros((1, 4)), np.zeros(4)
    >>> out, cache = lstm_forward(X, h, np.array([[4.0]]), *zeros)
    >>> out.round(4).ravel(), (np.tanh([2.0, 1.0]) / 2).round(4)
    (array([0.482 , 0.3808]), array([0.482 , 0.3808]))
    """
    expect(Wx=(Wx, "DG"), Wh=(Wh, "HG"), b=(b, "G"), X=(X, "NTD"), h0=(h0, "NH"), c0=(c0, "NH"))
    _expect_blocks(Wh, 4)
    driven = X @ Wx + b
    states, cells, steps = [h0], [c0], []
    for t in range(X.shape[1]):
        gates = _lstm_gates(driven[:, t] + states[-1] @ Wh)
        h, c, tanh_c = _lstm_update(cells[-1], gates)
        states.append(h)
        cells.append(c)
        steps.append((gates, tanh_c))
    states = np.stack(states, axis=1)
    return states[:, 1:], (X, states, cells, steps, Wx, Wh)


def lstm_backward(dout, cache):
    """Return dX, dh0, dc0, dWx, dWh and db.

    Examples
    --------
    >>> X, h = np.zeros((1, 2, 1)), np.zeros((1, 1))
    >>> zeros = np.zeros((1, 4)), np.zeros((1, 4)), np.zeros(4)
    >>> out, cache = lstm_forward(X, h, np.array([[4.0]]), *zeros)
    >>> dX, dh0, dc0, *rest = lstm_backward(np.array([[[0.0], [1.0]]]), cache)
    >>> dc0.round(4), (0.5 * 0.5 * 0.5 * (1 - np.tanh(1.0) ** 2)).round(4)
    (array([[0.0525]]), np.float64(0.0525))
    """
    X, states, cells, steps, Wx, Wh = cache
    expect_like(dout, states[:, 1:])
    dZ = np.empty_like(dout, shape=(*X.shape[:2], Wx.shape[1]))
    dh, dc = np.zeros_like(states[:, 0]), np.zeros_like(cells[0])
    for t in reversed(range(X.shape[1])):
        gates, tanh_c = steps[t]
        dZ[:, t], dc = _lstm_update_backward(dout[:, t] + dh, dc, cells[t], gates, tanh_c)
        dh = dZ[:, t] @ Wh.T
    dWx, dWh = _over_steps(X, dZ), _over_steps(states[:, :-1], dZ)
    return dZ @ Wx.T, dh, dc, dWx, dWh, dZ.sum(axis=(0, 1))


def _lstm_gates(Z):
    Zi, Zf, Zg, Zo = np.split(Z, 4, axis=-1)
    return sigmoid_forward(Zi)[0], sigmoid_forward(Zf)[0], np.tanh(Zg), sigmoid_forward(Zo)[0]


def _lstm_update(c, gates):
    i, f, g, o = gates
    c = f * c + i * g
    tanh_c = np.tanh(c)
    return o * tanh_c, c, tanh_c


def _lstm_update_backward(dh, dc, c, gates, tanh_c):
    """Return the gradients of the four blocks of Z, side by side, and of the cell before."""
    i, f, g, o = gates
    dc = dc + dh * o * (1.0 - tanh_c * tanh_c)  # the cell goes two ways: on, and out through tanh
    dZ = (
        dc * g * i * (1.0 - i),
        dc * c * f * (1.0 - f),
        dc * i * (1.0 - g * g),
        dh * tanh_c * o * (1.0 - o),
    )
    return np.concatenate(dZ, axis=-1), dc * f


def gru_step_forward(x, h, Wx, Wh, bx, bh):
    r"""Return the next state of a gated recurrent unit.

    With ``A = x @ Wx + bx`` and ``B = h @ Wh + bh``, both cut into three blocks of H columns:

    .. math::
       r = \sigma(A_1 + B_1), \quad z = \sigma(A_2 + B_2), \quad n = \tanh(A_3 + r B_3), \quad
       h' = (1 - z) n + z h

    Parameters
    ----------
    x : ndarray of shape (N, D)
    h : ndarray of shape (N, H)
    Wx : ndarray of shape (D, 3H)
    Wh : ndarray of shape (H, 3H)
    bx, bh : ndarray of shape (3H,)

    Returns
    -------
    out : ndarray of shape (N, H)
    cache : tuple

    References
    ----------
    Cho et al.: Learning Phrase Representations using RNN Encoder-Decoder (2014), section 2.3; the
    reset gate after the product, as in PyTorch and cuDNN.

    Examples
    --------
    >>> x, h = np.zeros((1, 1)), np.array([[4.0]])
    >>> zeros = np.zeros((1, 3)), np.zeros((1, 3)), np.zeros(3), np.zeros(3)
    >>> out, cache = gru_step_forward(x, h, *zeros)
    >>> out
    array([[2.]])
    """
    expect(Wx=(Wx, "DG"), Wh=(Wh, "HG"), bx=(bx, "G"), bh=(bh, "G"), x=(x, "ND"), h=(h, "NH"))
    _expect_blocks(Wh, 3)
    out, gates = _gru_update(h, x @ Wx + bx, h @ Wh + bh)
    return out, (x, h, Wx, Wh, gates)


def gru_step_backward(dout, cache):
    """Return dx, dh, dWx, dWh, dbx and dbh.

    Examples
    --------
    >>> x, h = np.zeros((1, 1)), np.array([[4.0]])
    >>> zeros = np.zeros((1, 3)), np.zeros((1, 3)), np.zeros(3), np.zeros(3)
    >>> out, cache = gru_step_forward(x, h, *zeros)
    >>> dx, dh, dWx, dWh, dbx, dbh = gru_step_backward(np.array([[1.0]]), cache)
    >>> dh, dbx
    (array([[0.5]]), array([0. , 1. , 0.5]))
    """
    x, h, Wx, Wh, gates = cache
    expect_like(dout, h)
    dA, dB, dh = _gru_update_backward(dout, h, gates)
    dh = dh + dB @ Wh.T
    return dA @ Wx.T, dh, x.T @ dA, h.T @ dB, dA.sum(axis=0), dB.sum(axis=0)


def gru_forward(X, h0, Wx, Wh, bx, bh):
    """Return the states of all steps of a gated recurrent unit.

    Parameters
    ----------
    X : ndarray of shape (N, T, D)
    h0 : ndarray of shape (N, H)
    Wx, Wh, bx, bh : as in `gru_step_forward`

    Returns
    -------
    out : ndarray of shape (N, T, H)
    cache : tuple

    Examples
    --------
    >>> X, h = np.zeros((1, 2, 1)), np.array([[4.0]])
    >>> zeros = np.zeros((1, 3)), np.zeros((1, 3)), np.zeros(3), np.zeros(3)
    >>> out, cache = gru_forward(X, h, *zeros)
    >>> out.ravel()
    array([2., 1.])
    """
    expect(Wx=(Wx, "DG"), Wh=(Wh, "HG"), bx=(bx, "G"), bh=(bh, "G"), X=(X, "NTD"), h0=(h0, "NH"))
    _expect_blocks(Wh, 3)
    A = X @ Wx + bx
    states, steps = [h0], []
    for t in range(X.shape[1]):
        h, gates = _gru_update(states[-1], A[:, t], states[-1] @ Wh + bh)
        states.append(h)
        steps.append(gates)
    states = np.stack(states, axis=1)
    return states[:, 1:], (X, states, steps, Wx, Wh)


def gru_backward(dout, cache):
    """Return dX, dh0, dWx, dWh, dbx and dbh.

    Examples
    --------
    >>> X, h = np.zeros((1, 2, 1)), np.array([[4.0]])
    >>> zeros = np.zeros((1, 3)), np.zeros((1, 3)), np.zeros(3), np.zeros(3)
    >>> out, cache = gru_forward(X, h, *zeros)
    >>> dX, dh0, *rest = gru_backward(np.array([[[0.0], [1.0]]]), cache)
    >>> dh0
    array([[0.25]])
    """
    X, states, steps, Wx, Wh = cache
    expect_like(dout, states[:, 1:])
    dA = np.empty_like(dout, shape=(*X.shape[:2], Wx.shape[1]))
    dB = np.empty_like(dA)
    dh = np.zeros_like(states[:, 0])
    for t in reversed(range(X.shape[1])):
        dA[:, t], dB[:, t], dh = _gru_update_backward(dout[:, t] + dh, states[:, t], steps[t])
        dh = dh + dB[:, t] @ Wh.T
    dWx, dWh = _over_steps(X, dA), _over_steps(states[:, :-1], dB)
    return dA @ Wx.T, dh, dWx, dWh, dA.sum(axis=(0, 1)), dB.sum(axis=(0, 1))


def _gru_update(h, A, B):
    Ar, Az, An = np.split(A, 3, axis=-1)
    Br, Bz, Bn = np.split(B, 3, axis=-1)
    r, z = sigmoid_forward(Ar + Br)[0], sigmoid_forward(Az + Bz)[0]
    n = np.tanh(An + r * Bn)
    return (1.0 - z) * n + z * h, (r, z, n, Bn)


def _gru_update_backward(dout, h, gates):
    """Return the gradients of A and B, blocks side by side, and of h on its direct way."""
    r, z, n, Bn = gates
    dAn = dout * (1.0 - z) * (1.0 - n * n)
    dAr = dAn * Bn * r * (1.0 - r)
    dAz = dout * (h - n) * z * (1.0 - z)
    dA = np.concatenate((dAr, dAz, dAn), axis=-1)
    dB = np.concatenate((dAr, dAz, dAn * r), axis=-1)
    return dA, dB, dout * z


def _over_steps(X, dZ):
    """Return the weight gradient, one product over all examples and steps."""
    return X.reshape(-1, X.shape[-1]).T @ dZ.reshape(-1, dZ.shape[-1])


def _expect_blocks(Wh, count):
    H, G = Wh.shape
    if G != count * H:
        raise ValueError(
            f"Wh must have shape (H, {count}H), one block a gate, but it has shape {Wh.shape}."
        )
