"""A network of layers, and the loop that trains it."""

from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from backprop_course import losses
from backprop_course.network.layer import Layer, name_parameters, run_in_use
from backprop_course.network.wrappers import Embedding, Linear, ReLU
from backprop_course.optimizers import SGD

LOSSES = {
    "softmax_cross_entropy": (
        losses.softmax_cross_entropy_forward,
        losses.softmax_cross_entropy_backward,
    ),
    "hinge": (losses.hinge_forward, losses.hinge_backward),
    "squared_error": (losses.squared_error_forward, losses.squared_error_backward),
    "huber": (losses.huber_forward, losses.huber_backward),
}
CLASSIFYING = ("softmax_cross_entropy", "hinge")


class NeuralNetwork:
    """Layers in a row, with a loss at the end.

    Parameters
    ----------
    architecture : list
        Either sizes such as ``[64, 32, 10]``, which give linear layers with an activation
        between them and none after the last, or a list of `Layer` objects.
    activation : type
        The layer between linear layers when sizes are given.
    loss : str
        ``"softmax_cross_entropy"`` or ``"hinge"`` for labels, ``"squared_error"`` or ``"huber"``
        for targets of shape (N, M).
    seed : int
        Seed of the weights, when sizes are given.
    dtype : numpy dtype
        Precision of parameters and data when sizes are given: float64, or float32, which takes
        half the time in wide networks.

    Notes
    -----
    Hidden layers start at He's scale. The last layer starts at a tenth of it, so that no class
    is preferred and the first loss is close to ``log C``.

    Examples
    --------
    >>> network = NeuralNetwork([2, 16, 2])
    >>> network
    NeuralNetwork(Linear(W (2, 16), b (16,)) -> ReLU() -> Linear(W (16, 2), b (2,)))
    >>> X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    >>> history = network.fit(X, np.array([0, 1, 1, 0]), epochs=200, learning_rate=0.4,
    ...                       batch_size=4, on_epoch=None)
    >>> network.predict(X)
    array([0, 1, 1, 0])
    """

    def __init__(
        self,
        architecture,
        *,
        activation=ReLU,
        loss="softmax_cross_entropy",
        seed=0,
        dtype=np.float64,
    ):
        if loss not in LOSSES:
            raise ValueError(f"loss must be one of {', '.join(LOSSES)}, but it is {loss!r}.")
        if len(architecture) == 0:
            raise ValueError("A network needs at least one layer, or two sizes such as [2, 3].")
        if not all(isinstance(entry, Layer) for entry in architecture):
            architecture = _layers_from_sizes(architecture, activation, seed, dtype)
        self.layers = list(architecture)
        if len({id(layer) for layer in self.layers}) < len(self.layers):
            raise ValueError("The same layer object stands twice: each place needs its own.")
        self.loss_name = loss
        self._slots = name_parameters(self.layers)

    @property
    def parameters(self):
        """Dict of the parameters themselves: ``W1``, ``b1`` of the first layer that has any, ..."""
        return {name: layer.parameters[own] for name, layer, own in self._slots}

    @property
    def dtype(self):
        """The precision of the parameters; data are brought to it."""
        return next(iter(self.parameters.values()), np.empty(0)).dtype

    def logits(self, X, parameters=None):
        """Return the output of the last layer, of shape (N, C), before softmax.

        ``parameters``, a dict like `parameters`, replaces the network's own for this call.
        """
        return run_in_use(self.layers, self._slots, self._data(X), parameters)

    def predict_probabilities(self, X):
        """Return the softmax of the logits, of shape (N, C): the probabilities of the classes."""
        return losses.softmax_forward(self.logits(X))[0]

    def predict(self, X):
        """Return the most probable class of each row, of shape (N,)."""
        return self.logits(X).argmax(axis=1)

    def accuracy(self, X, y):
        """Return the share of rows whose most probable class is the label, from 0 to 1."""
        return float((self.predict(X) == np.asarray(y)).mean())

    def loss(self, X, y, parameters=None):
        """Return the mean loss over the batch, for other ``parameters`` if given."""
        forward, _ = LOSSES[self.loss_name]
        return forward(self.logits(X, parameters), y)[0]

    def loss_and_gradients(self, X, y):
        """Return the mean loss and its gradients, a dict with the names of `parameters`."""
        loss, _, gradients = self._pass(self._data(X), y)
        return loss, gradients

    def _pass(self, X, y):
        """One pass forward and one back; return loss, logits and gradients."""
        loss_forward, loss_backward = LOSSES[self.loss_name]
        out = X
        for layer in self.layers:
            out = layer.forward(out)
        loss, cache = loss_forward(out, y)
        dout = loss_backward(1.0, cache)
        first = self._slots[0][1] if self._slots else None
        for layer in reversed(self.layers):
            dout = layer.backward(dout, input_gradient=layer is not first)
            if layer is first:
                break  # before it there is nothing to learn
        gradients = {name: layer.gradients[own] for name, layer, own in self._slots}
        return loss, out, gradients

    def fit(
        self,
        X,
        y,
        *,
        epochs,
        learning_rate=0.1,
        optimizer=None,
        batch_size=32,
        validation=None,
        seed=0,
        on_epoch="print",
    ):
        """Train by mini-batches and return the `History`.

        Every epoch shuffles the examples and uses each exactly once; the last batch may be
        shorter.

        Parameters
        ----------
        X : array_like of shape (N, D)
        y : array_like
            What the loss expects: labels of shape (N,), or targets of shape (N, M).
        epochs : int
        learning_rate : float
            For plain gradient descent; ``optimizer`` (an object with ``step``) replaces it.
        batch_size : int
        validation : tuple of (X, y), optional
            Held-out data, measured after every epoch and never learnt from.
        seed : int
            Seed of the shuffling.
        on_epoch : "print", callable or None
            ``"print"`` prints about ten lines; a callable gets one `Epoch` each time; None is
            silent.

        Returns
        -------
        History

        Raises
        ------
        ValueError
            If the data do not fit the network or each other; before any training.
        FloatingPointError
            If the loss is no longer finite; the message says in which epoch.
        """
        X, y = self._checked(X, y)
        if validation is not None:
            validation = self._checked(*validation)
        if epochs < 1 or batch_size < 1:
            raise ValueError(f"epochs and batch_size start at 1, not {min(epochs, batch_size)}.")
        optimizer = optimizer or SGD(learning_rate)
        report = print_epoch if on_epoch == "print" else on_epoch
        rng = np.random.default_rng(seed)
        history = History()
        for number in range(1, epochs + 1):
            with np.errstate(over="ignore", invalid="ignore"):  # the error below says it better
                result = self._train_once(X, y, optimizer, batch_size, rng)
            if not np.isfinite(result[0]):
                raise FloatingPointError(
                    f"The loss is {result[0]} in epoch {number} with {optimizer!r}. "
                    "Try a smaller learning rate, or look for very large inputs."
                )
            held_out = self._measure(*validation) if validation else (None, None)
            epoch = Epoch(number, epochs, *result, *held_out)
            history.append(epoch)
            if report is not None:
                report(epoch)
        return history

    def _train_once(self, X, y, optimizer, batch_size, rng):
        """Use every example once; return mean loss and accuracy as seen on the way."""
        N = len(X)
        order = rng.permutation(N)
        total, right = 0.0, 0
        parameters = self.parameters
        for start in range(0, N, batch_size):
            batch = order[start : start + batch_size]
            y_batch = y[batch]
            loss, out, gradients = self._pass(X[batch], y_batch)
            optimizer.step(parameters, gradients)
            total += float(loss) * len(batch)
            if y.ndim == 1:
                right += int(np.count_nonzero(out.argmax(axis=1) == y_batch))
        return total / N, right / N if y.ndim == 1 else None

    def _measure(self, X, y):
        out = self.logits(X)
        loss, _ = LOSSES[self.loss_name][0](out, y)
        accuracy = float((out.argmax(axis=1) == y).mean()) if y.ndim == 1 else None
        return float(loss), accuracy

    def _data(self, X):
        # Tokens stay integers; complex data pass, so that the complex step can probe the input.
        X = np.asarray(X)
        if X.dtype.kind == "c" or isinstance(self.layers[0], Embedding):
            return X
        return X.astype(self.dtype, copy=False)

    def _checked(self, X, y):
        X, y = self._data(X), np.asarray(y)
        if len(X) != len(y):
            raise ValueError(f"X has {len(X)} rows and y has {len(y)}: they must be equal.")
        if len(X) == 0:
            raise ValueError("X is empty: there is nothing to learn from.")
        if not np.isfinite(X).all():
            raise ValueError("X holds NaN or infinity; no gradient survives that.")
        # One row through everything shows early whether sizes and labels fit.
        out = self.logits(X[:1])
        if self.loss_name in CLASSIFYING:
            return X, losses.as_labels(y, len(X), out.shape[1])
        LOSSES[self.loss_name][0](out, y[:1])
        return X, y.astype(self.dtype, copy=False)

    def __repr__(self):
        return f"NeuralNetwork({' -> '.join(map(repr, self.layers))})"


@dataclass(frozen=True)
class Epoch:
    """What one epoch brought. ``accuracy`` and ``loss`` are those met while training."""

    number: int
    epochs: int
    loss: float
    accuracy: float | None
    validation_loss: float | None
    validation_accuracy: float | None


@dataclass
class History:
    """One entry an epoch in each list; validation lists stay empty without validation data."""

    losses: list = field(default_factory=list)
    accuracies: list = field(default_factory=list)
    validation_losses: list = field(default_factory=list)
    validation_accuracies: list = field(default_factory=list)

    def append(self, epoch):
        for values, value in (
            (self.losses, epoch.loss),
            (self.accuracies, epoch.accuracy),
            (self.validation_losses, epoch.validation_loss),
            (self.validation_accuracies, epoch.validation_accuracy),
        ):
            if value is not None:
                values.append(value)

    def __repr__(self):
        return f"History of {len(self.losses)} epochs, last loss {self.losses[-1]:.4f}"


def print_epoch(epoch):
    """Print one line for the first epoch and for every tenth part of the training."""
    if epoch.number != 1 and epoch.number % max(1, epoch.epochs // 10):
        return
    parts = [f"loss {epoch.loss:.4f}"]
    if epoch.accuracy is not None:
        parts.append(f"accuracy {epoch.accuracy:.1%}")
    if epoch.validation_accuracy is not None:
        parts.append(f"held-out accuracy {epoch.validation_accuracy:.1%}")
    elif epoch.validation_loss is not None:
        parts.append(f"held-out loss {epoch.validation_loss:.4f}")
    print(f"epoch {epoch.number:>4} of {epoch.epochs}: " + ", ".join(parts))


def _layers_from_sizes(sizes, activation, seed, dtype):
    if len(sizes) < 2 or any(int(size) != size or size < 1 for size in sizes):
        raise ValueError(f"Sizes must be two or more whole numbers from 1 up, but came as {sizes}.")
    rng = np.random.default_rng(seed)
    built = []
    for D, M in pairwise(sizes[:-1]):
        built += [Linear(D, M, rng=rng, dtype=dtype), activation()]
    built.append(Linear(sizes[-2], sizes[-1], gain=0.02, rng=rng, dtype=dtype))
    return built
