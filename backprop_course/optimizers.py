"""Optimizers: rules that turn gradients into better parameters."""

import math


class SGD:
    """Gradient descent: every parameter moves against its gradient.

    ``theta <- theta - learning_rate * dtheta``. The arrays are changed in place, because a
    network and its optimizer share them. It is called stochastic (the S) when the gradient
    comes from a batch drawn at random and not from all examples.

    Parameters
    ----------
    learning_rate : float
        Step per unit of gradient, above 0.

    References
    ----------
    Robbins, Monro: A Stochastic Approximation Method (1951).

    Examples
    --------
    >>> import numpy as np
    >>> parameters = {"w": np.array([3.0])}
    >>> SGD(learning_rate=0.1).step(parameters, {"w": np.array([-6.0])})
    >>> parameters["w"]
    array([3.6])
    """

    def __init__(self, learning_rate=0.1):
        if not (learning_rate > 0 and math.isfinite(learning_rate)):
            raise ValueError(f"learning_rate must be above 0, but it is {learning_rate}.")
        self.learning_rate = float(learning_rate)

    def step(self, parameters, gradients):
        """Change each array of ``parameters`` in place by its entry in ``gradients``."""
        for name, parameter in parameters.items():
            parameter -= self.learning_rate * gradients[name]

    def __repr__(self):
        return f"SGD(learning_rate={self.learning_rate:g})"
