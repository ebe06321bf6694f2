"""Shapes: say which were expected and which came, and undo broadcasting."""


def expect(**arrays):
    """Check that arrays have the shapes that their letters promise.

    Parameters
    ----------
    **arrays : tuple of (ndarray, str)
        Each array with one letter an axis. A letter stands for one size in all arrays.

    Raises
    ------
    TypeError
        If something without a shape came, such as a list.
    ValueError
        If the number of axes or a size is wrong. The message names the array, the shape that was
        expected and the shape that came.

    Examples
    --------
    >>> import numpy as np
    >>> expect(X=(np.ones((5, 2)), "ND"), W=(np.ones((2, 3)), "DM"))
    >>> expect(X=(np.ones((5, 2)), "ND"), W=(np.ones((4, 3)), "DM"))
    Traceback (most recent call last):
    ValueError: W must have shape (D, M) with D = 2 as in X, but it has shape (4, 3).
    """
    sizes = {}
    for name, (array, letters) in arrays.items():
        try:
            shape = array.shape
        except AttributeError:
            raise TypeError(_not_an_array(name, array)) from None
        if len(shape) != len(letters):
            raise ValueError(_mismatch(name, arrays))
        for letter, size in zip(letters, shape, strict=False):
            if sizes.setdefault(letter, size) != size:
                raise ValueError(_mismatch(name, arrays))


def expect_like(dout, out):
    """Check that a gradient has the shape of the output that it belongs to.

    Raises
    ------
    ValueError
        If it has not. The message names both shapes.

    Examples
    --------
    >>> import numpy as np
    >>> expect_like(np.ones((3, 2)), np.ones((2, 3)))
    Traceback (most recent call last):
    ValueError: dout must have the shape of the output, (2, 3), but it has shape (3, 2).
    """
    if dout.shape != out.shape:
        raise ValueError(
            f"dout must have the shape of the output, {out.shape}, but it has shape {dout.shape}."
        )


def _mismatch(name, arrays):
    """Say what is wrong with the array ``name``; only now do the owners of letters matter."""
    array, letters = arrays[name]
    known = {}
    for owner, (other, its_letters) in arrays.items():
        if owner == name:
            break
        for letter, size in zip(its_letters, other.shape, strict=True):
            known.setdefault(letter, f"{letter} = {size} as in {owner}")
    said = " and ".join(known[letter] for letter in dict.fromkeys(letters) if letter in known)
    wanted = "(" + ", ".join(letters) + ("," if len(letters) == 1 else "") + ")"
    with_known = f" with {said}" if said else ""
    return f"{name} must have shape {wanted}{with_known}, but it has shape {tuple(array.shape)}."


def _not_an_array(name, value):
    kind = type(value).__name__
    return f"{name} must be a NumPy array, but it is a {kind}: write np.array({name}) first."


def unbroadcast(grad, shape):
    """Return the gradient of an array that was broadcast from ``shape`` to ``grad.shape``.

    Broadcasting repeats entries; an entry that was used several times collects the gradient of
    every use. So the gradient is summed over each axis that broadcasting added or stretched.

    Parameters
    ----------
    grad : ndarray
        Gradient with respect to the broadcast array.
    shape : tuple of int
        Shape of the array before broadcasting.

    Returns
    -------
    ndarray of shape ``shape``

    Raises
    ------
    ValueError
        If ``shape`` does not broadcast to ``grad.shape``.

    Examples
    --------
    A bias of shape (2,) was added to three rows, so its gradient adds up three rows.

    >>> import numpy as np
    >>> unbroadcast(np.array([[1.0, 10.0], [2.0, 20.0], [3.0, 30.0]]), (2,))
    array([ 6., 60.])
    """
    added = grad.ndim - len(shape)
    fits = added >= 0 and all(
        size in (1, wide) for size, wide in zip(shape, grad.shape[added:], strict=True)
    )
    if not fits:
        raise ValueError(
            f"An array of shape {tuple(shape)} cannot have been broadcast to {grad.shape}."
        )
    grad = grad.sum(axis=tuple(range(added)))
    stretched = tuple(axis for axis, size in enumerate(shape) if size == 1)
    return grad.sum(axis=stretched, keepdims=True)
