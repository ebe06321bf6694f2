r"""Convolution: one small linear layer, moved over all positions.

What deep learning calls convolution is cross-correlation: the kernel is not flipped. The kernel
has few offsets (i, j), and for each of them the layer is a plain matrix product between the
channels of the kernel at that offset and the picture shifted by it. Both passes are a loop over
these offsets.
"""

import numpy as np

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
    kernels = _split(W, 0, groups)
    out = 0
    for i, j, place in windows:
        out = out + kernels[..., i, j] @ _flat(padded[place], groups)
    out = out.reshape(len(X), len(W), *windows.shape) + b[:, None, None]
    return out, (padded, W, windows, padding, groups)


def conv2d_backward(dout, cache, *, input_gradient=True):
    r"""Return dX, dW and db.

    At one offset the forward pass is ``out += K @ patch`` with K (F, C) and a patch
    (C, positions), so by the rule of the matrix product ``dK = dout @ patch.T``, summed over the
    pictures, and ``dpatch = K.T @ dout``. Patches overlap, so their gradients are added where
    they were taken from.

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
    padded, W, windows, padding, groups = cache
    N, F = len(padded), len(W)
    if dout.shape != (N, F, *windows.shape):
        raise ValueError(
            f"dout must have shape {(N, F, *windows.shape)}, but it has shape {dout.shape}."
        )
    upstream = _flat(dout, groups)
    kernels = _split(W, 0, groups)
    dkernels = np.empty_like(kernels)
    dpadded = np.zeros_like(padded) if input_gradient else None
    for i, j, place in windows:
        patch = _flat(padded[place], groups)
        dkernels[..., i, j] = (upstream @ patch.swapaxes(-1, -2)).sum(axis=0)
        if input_gradient:
            dpatch = kernels[..., i, j].swapaxes(-1, -2) @ upstream
            dpadded[place] += dpatch.reshape(padded[place].shape)
    dX = _unpad(dpadded, padding) if input_gradient else None
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


def _split(array, axis, groups):
    """Return ``array`` with the channels of ``axis`` cut into (groups, channels in a group)."""
    shape = array.shape
    return array.reshape(*shape[:axis], groups, shape[axis] // groups, *shape[axis + 1 :])


def _flat(pictures, groups):
    """Return pictures (N, C, P, Q) as matrices (N, groups, C / groups, P * Q)."""
    N, C = pictures.shape[:2]
    return pictures.reshape(N, groups, C // groups, -1)
