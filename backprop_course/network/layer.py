"""A layer: a pair that holds its parameters and remembers its cache."""

from inspect import signature

_NO_CACHE = object()  # not None, which a pair may well use as its cache


class Layer:
    """A forward/backward pair bound to its parameters.

    ``layer.forward(X)`` computes for training and remembers the cache, which
    ``layer.backward(dout)`` then uses once; it returns the gradient with respect to the input
    and leaves those of the parameters in ``layer.gradients``. ``layer(X)`` computes for use: it
    remembers nothing, and dropout and batch normalisation leave out what only training needs.

    Parameters
    ----------
    forward, backward : callable
        A pair, as in `backprop_course.layers`.
    parameters : dict of str to ndarray
        In the order in which ``forward`` takes them after its input.
    **settings
        Keyword arguments of ``forward``, such as ``slope``. One named ``train`` is given as it
        is in training and as False in use.

    Examples
    --------
    >>> import numpy as np
    >>> from backprop_course.layers import relu_backward, relu_forward
    >>> layer = Layer(relu_forward, relu_backward)
    >>> layer.forward(np.array([[-1.0, 2.0]]))
    array([[0., 2.]])
    >>> layer.backward(np.array([[5.0, 7.0]]))
    array([[0., 7.]])
    """

    def __init__(self, forward, backward, parameters=None, **settings):
        self._pair = forward, backward
        self._settings = settings
        self._can_skip_input = "input_gradient" in signature(backward).parameters
        self._cache = _NO_CACHE
        self.parameters = dict(parameters or {})
        self.gradients = {}

    def __call__(self, X, parameters=None):
        """Return the output for ``X`` in use, with other ``parameters`` if given."""
        forward, _ = self._pair
        in_use = {"train": False} if "train" in self._settings else {}
        return forward(X, *(parameters or self.parameters).values(), **self._settings | in_use)[0]

    def forward(self, X):
        """Return the output for ``X`` and remember the cache for `backward`."""
        forward, _ = self._pair
        out, self._cache = forward(X, *self.parameters.values(), **self._settings)
        return out

    def backward(self, dout, *, input_gradient=True):
        """Return the gradient with respect to the input; store the others in ``gradients``."""
        if self._cache is _NO_CACHE:
            raise RuntimeError(f"{self!r} needs a forward pass before each backward pass.")
        _, backward = self._pair
        cache, self._cache = self._cache, _NO_CACHE
        if not self.parameters:
            return backward(dout, cache)
        skip = {"input_gradient": False} if self._can_skip_input and not input_gradient else {}
        dX, *gradients = backward(dout, cache, **skip)
        self.gradients = dict(zip(self.parameters, gradients, strict=True))
        return dX

    def __repr__(self):
        shapes = ", ".join(f"{name} {array.shape}" for name, array in self.parameters.items())
        return f"{type(self).__name__}({shapes})"


def name_parameters(layers):
    """Return (name for all layers, layer, name in the layer) for every parameter.

    Names are numbered over the layers that have parameters: ``W1``, ``b1``, ``W2``, ...
    """
    slots = []
    number = 0
    for layer in layers:
        number += bool(layer.parameters)
        slots += [(f"{own}{number}", layer, own) for own in layer.parameters]
    return slots


def run_in_use(layers, slots, X, parameters=None):
    """Return what layers make of ``X`` in use, with a dict of other parameters if given.

    ``slots`` come from `name_parameters` and say which name belongs to which layer.
    """
    for layer in layers:
        if parameters is None:
            X = layer(X)
        else:
            X = layer(X, {own: parameters[name] for name, of, own in slots if of is layer})
    return X
