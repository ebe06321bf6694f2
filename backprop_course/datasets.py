"""Data to learn from: XOR, spirals, and real handwritten digits. Nothing is downloaded."""

from importlib import resources

import numpy as np


def xor():
    """Return the four examples of exclusive or: the label is 1 if exactly one input is 1.

    No straight line separates the two classes, so a network needs a hidden layer.

    Returns
    -------
    X : ndarray of shape (4, 2)
    y : integer ndarray of shape (4,)

    Examples
    --------
    >>> X, y = xor()
    >>> X[2], y
    (array([1., 0.]), array([0, 1, 1, 0]))
    """
    return np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]), np.array([0, 1, 1, 0])


def spirals(classes=3, per_class=100, noise=0.2, seed=0):
    """Return points on the arms of a spiral, one arm a class, in random order.

    Arm c starts at the centre at an angle of c / classes of a turn. While the radius grows to 1,
    the angle grows by 4 radians, about two thirds of a turn.

    Parameters
    ----------
    classes : int, the number of arms
    per_class : int, the number of points on each arm
    noise : float, the standard deviation of the angle in radians
    seed : int

    Returns
    -------
    X : ndarray of shape (classes * per_class, 2)
        Points in the unit disc. No two are the centre.
    y : integer ndarray of shape (classes * per_class,)

    Raises
    ------
    ValueError
        If there are no arms or no points.

    Examples
    --------
    >>> X, y = spirals(classes=3, per_class=2, noise=0)
    >>> y
    array([1, 1, 0, 2, 2, 0])
    >>> np.sort(np.linalg.norm(X[y == 0], axis=1))
    array([0.5, 1. ])
    """
    if classes < 1 or per_class < 1:
        raise ValueError(f"classes and per_class must be at least 1, not {classes}, {per_class}")
    rng = np.random.default_rng(seed)
    y = np.repeat(np.arange(classes), per_class)
    radius = np.tile(np.arange(1, per_class + 1) / per_class, classes)
    angle = 2 * np.pi * y / classes + 4 * radius + noise * rng.normal(size=y.size)
    X = radius[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
    order = rng.permutation(y.size)
    return X[order], y[order]


def digits():
    """Return 1,797 handwritten digits as pictures of 8 x 8 pixels, split into two parts.

    The split is fixed and stratified: 360 digits are held out, the same share of each. The data
    are from the UCI repository (Alpaydin and Kaynak 1998, CC BY 4.0); see ``data/README.md``.

    Returns
    -------
    X_train : ndarray of shape (1437, 64)
        Pixels from 0 (paper) to 1 (ink), row by row; ``X_train[0].reshape(8, 8)`` is a picture.
    y_train : integer ndarray of shape (1437,)
        The digits that were written, 0 to 9.
    X_test, y_test : ndarrays of shapes (360, 64) and (360,)

    Examples
    --------
    The first picture is a zero: its fourth row has ink on the left and on the right.

    >>> X_train, y_train, X_test, y_test = digits()
    >>> int(y_train[0]), X_train[0].reshape(8, 8)[3]
    (0, array([0.  , 0.25, 0.75, 0.  , 0.  , 0.5 , 0.5 , 0.  ]))
    """
    file = resources.files("backprop_course") / "data" / "digits.npz"
    with file.open("rb") as stream, np.load(stream) as table:
        X, y, test = table["images"] / 16.0, table["labels"].astype(np.int64), table["test"]
    return X[~test], y[~test], X[test], y[test]
