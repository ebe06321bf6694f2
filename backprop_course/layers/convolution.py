r"""Convolution: one small linear layer, moved over all positions.

What deep learning calls convolution is cross-correlation: the kernel is not flipped. Each position
of the kernel sees one window of the picture. Written as columns side by side, the windows turn the
whole layer into one matrix product, and its backward pass into those of the linear layer. A picture
entry stands in several windows, so its gradient is the sum over them.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from backprop_course.shapes import expect


def conv2d_forward(X, W, b, *, stride=1, padding=0, dilation=1, groups=1):
    r"""Return the cross-correlation of pictures with kernels.

    .. math:: out_{nfpq} = b_f + \sum_{c,i,j} X_{n,c,\,ps+id,\,qs+jd}\, W_{fcij}

    with stride s and dilation d, and X padded by zeros.

    Parameters
    ----------
    X : ndarray of shape (N, C, H, W)
        N pictures of C channels.
    W : ndarray of shape (F, C / groups, I, J)
        F kernels.
    b : ndarray of shape (F,)
    stride, padding, dilation : int
        The same for rows and columns.
    groups : int
        Channels and kernels are cut into this many groups that do not see each other.

    Returns
    -------
    out : ndarray of shape (N, F, P, Q)
        ``P = (H + 2 padding - dilation (I - 1) - 1) // stride + 1``, Q likewise.
    cache : tuple

    Raises
    ------
    ValueError
        If shapes or settings do not fit, or the kernel is larger than the padded picture.

    References
    ----------
    LeCun et al.: Gradient-Based Learning Applied to Document Recognition (1998), section II.
    Dumoulin, Visin: A guide to convolution arithmetic for deep learning (2016).

    Examples
    --------
    >>> X = np.arange(9.0).reshape(1, 1, 3, 3)
    >>> W = np.array([[[[1.0, 0.0], [0.0, -1.0]]]])
    >>> out, cache = conv2d_forward(X, W, np.array([10.0]))
    >>> out[0, 0]
    array([[6., 6.],
           [6., 6.]])
    """
    expect(W=(W, "FGIJ"), X=(X, "NCHW"), b=(b, "F"))
    _check_groups(X.shape[1], W, groups)
    padded = _pad(X, padding)
    windows = Windows(padded.shape[2:], W.shape[2:], stride, dilation)
    columns = _by_group(windows.columns(padded), groups)
    kernels = W.reshape(groups, len(W) // groups, -1)
    out = (kernels @ columns).reshape(len(X), len(W), *windows.shape) + b[:, None, None]
    return out, (columns, W, windows, padded.shape, padding)


def conv2d_backward(dout, cache, *, input_gradient=True):
    r"""Return dX, dW and db.

    For one picture the forward pass is ``out = K @ columns``, with the kernels K as rows
    (F, C I J) and one column (C I J) for each of the P Q windows. By the rule of the matrix
    product ``dK = dout @ columns.T``, summed over the pictures, and ``dcolumns = K.T @ dout``.
    Windows overlap, so their gradients are added where they were taken from.

    Examples
    --------
    >>> X = np.arange(9.0).reshape(1, 1, 3, 3)
    >>> W = np.array([[[[1.0, 0.0], [0.0, -1.0]]]])
    >>> out, cache = conv2d_forward(X, W, np.array([10.0]))
    >>> dX, dW, db = conv2d_backward(np.ones((1, 1, 2, 2)), cache)
    >>> dX[0, 0]
    array([[ 1.,  1.,  0.],
           [ 1.,  0., -1.],
           [ 0., -1., -1.]])
    >>> dW[0, 0], db
    (array([[ 8., 12.],
           [20., 24.]]), array([4.]))
    """
    columns, W, windows, shape, padding = cache
    N, groups = columns.shape[:2]
    if dout.shape != (N, len(W), *windows.shape):
        raise ValueError(
            f"dout must have shape {(N, len(W), *windows.shape)}, but it has shape {dout.shape}."
        )
    upstream = dout.reshape(N, groups, len(W) // groups, columns.shape[-1])
    dkernels = (upstream @ columns.swapaxes(-1, -2)).sum(axis=0)
    dX = None
    if input_gradient:
        kernels = W.reshape(groups, len(W) // groups, -1)
        dcolumns = kernels.swapaxes(-1, -2) @ upstream
        dX = _unpad(windows.add_up(dcolumns, shape), padding)
    return dX, dkernels.reshape(W.shape), dout.sum(axis=(0, 2, 3))


def conv1d_forward(X, W, b, *, stride=1, padding=0, dilation=1, groups=1):
    """Return the cross-correlation of sequences with kernels: pictures of height 1.

    Parameters
    ----------
    X : ndarray of shape (N, C, T)
    W : ndarray of shape (F, C / groups, J)
    b : ndarray of shape (F,)
    stride, padding, dilation, groups : int
        As in `conv2d_forward`.

    Returns
    -------
    out : ndarray of shape (N, F, Q)
    cache : tuple

    Examples
    --------
    >>> X, W = np.array([[[1.0, 2.0, 4.0, 8.0]]]), np.array([[[-1.0, 1.0]]])
    >>> out, cache = conv1d_forward(X, W, np.zeros(1))
    >>> out
    array([[[1., 2., 4.]]])
    """
    expect(W=(W, "FGJ"), X=(X, "NCT"), b=(b, "F"))
    X = np.pad(X, ((0, 0), (0, 0), (padding, padding)))
    settings = {"stride": stride, "dilation": dilation, "groups": groups}
    out, cache = conv2d_forward(X[:, :, None], W[:, :, None], b, **settings)
    return out[:, :, 0], (cache, padding)


def conv1d_backward(dout, cache, *, input_gradient=True):
    """Return dX, dW and db, through `conv2d_backward`.

    Examples
    --------
    >>> X, W = np.array([[[1.0, 2.0, 4.0, 8.0]]]), np.array([[[-1.0, 1.0]]])
    >>> out, cache = conv1d_forward(X, W, np.zeros(1))
    >>> dX, dW, db = conv1d_backward(np.array([[[1.0, 1.0, 10.0]]]), cache)
    >>> dX, dW, db
    (array([[[-1.,  0., -9., 10.]]]), array([[[43., 86.]]]), array([12.]))
    """
    cache, padding = cache
    dX, dW, db = conv2d_backward(dout[:, :, None], cache, input_gradient=input_gradient)
    if dX is not None:
        dX = dX[:, :, 0, padding : dX.shape[-1] - padding]
    return dX, dW[:, :, 0], db


class Windows:
    """Where a kernel's offsets meet a picture: iterate to get (i, j, index of the shifted picture).

    ``shape`` is (P, Q), the number of positions along rows and columns.
    """

    def __init__(self, picture, kernel, stride, dilation):
        if min(stride, dilation, *kernel) < 1:
            raise ValueError("stride, dilation and the kernel's sides start at 1.")
        spans = [dilation * (side - 1) + 1 for side in kernel]
        if any(span > side for span, side in zip(spans, picture, strict=True)):
            raise ValueError(
                f"The kernel spans {tuple(spans)} but the padded picture is {picture}."
            )
        pairs = zip(picture, spans, strict=True)
        self.shape = tuple((side - span) // stride + 1 for side, span in pairs)
        self.kernel, self.stride, self.dilation = tuple(kernel), stride, dilation

    def __iter__(self):
        for i, j in np.ndindex(self.kernel):
            rows, columns = (
                self._slice(k, count) for k, count in zip((i, j), self.shape, strict=True)
            )
            yield i, j, (..., rows, columns)

    def columns(self, pictures):
        """Return all windows, of shape (N, C, I, J, P, Q), as a view."""
        spans = [self.dilation * (side - 1) + 1 for side in self.kernel]
        seen = sliding_window_view(pictures, spans, axis=(2, 3))
        s, d = self.stride, self.dilation
        return seen[:, :, ::s, ::s, ::d, ::d].transpose(0, 1, 4, 5, 2, 3)

    def add_up(self, dcolumns, shape):
        """Return pictures in which every window's gradient is added where it was taken from."""
        dpictures = np.zeros_like(dcolumns, shape=shape)
        dwindows = dcolumns.reshape(*shape[:2], *self.kernel, *self.shape)
        for i, j, place in self:
            dpictures[place] += dwindows[:, :, i, j]
        return dpictures

    def _slice(self, offset, count):
        start = offset * self.dilation
        return slice(start, start + self.stride * (count - 1) + 1, self.stride)


def _check_groups(C, W, groups):
    if groups < 1 or C % groups or len(W) % groups or W.shape[1] * groups != C:
        raise ValueError(
            f"W must have shape (F, C / groups, I, J) with C = {C} as in X, groups = {groups} "
            f"and F a multiple of groups, but it has shape {W.shape}."
        )


def _pad(X, padding):
    return np.pad(X, ((0, 0), (0, 0), (padding, padding), (padding, padding))) if padding else X


def _unpad(X, padding):
    return X[:, :, padding:-padding, padding:-padding] if padding else X


def _by_group(columns, groups):
    """Return columns (N, C, I, J, P, Q) as matrices (N, groups, C I J / groups, P Q)."""
    N, C, I, J, P, Q = columns.shape
    return columns.reshape(N, groups, C // groups * I * J, P * Q)
