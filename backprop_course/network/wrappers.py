"""One class a pair: what makes the parameters and settings of each layer."""

import numpy as np

from backprop_course import layers as pairs
from backprop_course.initializers import he, xavier
from backprop_course.network.layer import Layer, name_parameters, run_in_use


class Linear(Layer):
    """A linear layer from D inputs to M outputs, with zero bias.

    The weights are normal with variance ``gain / D``. The gain of 2 keeps the size of the
    signal from layer to layer when ReLU follows, since ReLU drops half of it.

    References
    ----------
    He, Zhang, Ren, Sun: Delving Deep into Rectifiers (2015), section 2.2.

    Examples
    --------
    >>> Linear(3, 2)
    Linear(W (3, 2), b (2,))
    """

    def __init__(self, D, M, *, gain=2.0, rng=None, dtype=np.float64):
        parameters = {"W": he(D, M, gain=gain, rng=rng, dtype=dtype), "b": np.zeros(M, dtype)}
        super().__init__(pairs.linear_forward, pairs.linear_backward, parameters)


class ReLU(Layer):
    """``max(Z, 0)``, see `backprop_course.layers.relu_forward`."""

    def __init__(self):
        super().__init__(pairs.relu_forward, pairs.relu_backward)


class LeakyReLU(Layer):
    """ReLU with a small slope below 0, see `backprop_course.layers.leaky_relu_forward`."""

    def __init__(self, slope=0.01):
        super().__init__(pairs.leaky_relu_forward, pairs.leaky_relu_backward, slope=slope)


class Sigmoid(Layer):
    """The logistic function, see `backprop_course.layers.sigmoid_forward`."""

    def __init__(self):
        super().__init__(pairs.sigmoid_forward, pairs.sigmoid_backward)


class Tanh(Layer):
    """The hyperbolic tangent, see `backprop_course.layers.tanh_forward`."""

    def __init__(self):
        super().__init__(pairs.tanh_forward, pairs.tanh_backward)


class GELU(Layer):
    """``z * Phi(z)``, see `backprop_course.layers.gelu_forward`."""

    def __init__(self, approximate=False):
        super().__init__(pairs.gelu_forward, pairs.gelu_backward, approximate=approximate)


class Dropout(Layer):
    """A random share of entries off in training, all on in use; see `layers.dropout_forward`."""

    def __init__(self, rate=0.5, *, rng=None):
        rng = np.random.default_rng(rng)
        super().__init__(
            pairs.dropout_forward, pairs.dropout_backward, rate=rate, rng=rng, train=True
        )


class LayerNorm(Layer):
    """Each row normalised over its own D entries, see `layers.layernorm_forward`."""

    def __init__(self, D, *, dtype=np.float64):
        parameters = {"gamma": np.ones(D, dtype), "beta": np.zeros(D, dtype)}
        super().__init__(pairs.layernorm_forward, pairs.layernorm_backward, parameters)


class RMSNorm(Layer):
    """Each row divided by its root mean square, see `layers.rmsnorm_forward`."""

    def __init__(self, D, *, dtype=np.float64):
        super().__init__(
            pairs.rmsnorm_forward, pairs.rmsnorm_backward, {"gamma": np.ones(D, dtype)}
        )


class BatchNorm(Layer):
    """Each of D features normalised over the batch, see `layers.batchnorm_forward`.

    ``running`` holds the statistics that training gathers and use relies on.
    """

    def __init__(self, D, *, momentum=0.1, dtype=np.float64):
        self.running = {"mean": np.zeros(D, dtype), "var": np.ones(D, dtype)}
        super().__init__(
            pairs.batchnorm_forward,
            pairs.batchnorm_backward,
            {"gamma": np.ones(D, dtype), "beta": np.zeros(D, dtype)},
            train=True,
            running=self.running,
            momentum=momentum,
        )


class GroupNorm(Layer):
    """Each picture normalised over groups of its D channels, see `layers.groupnorm_forward`."""

    def __init__(self, D, groups, *, dtype=np.float64):
        parameters = {"gamma": np.ones(D, dtype), "beta": np.zeros(D, dtype)}
        super().__init__(
            pairs.groupnorm_forward, pairs.groupnorm_backward, parameters, groups=groups
        )


class Conv2d(Layer):
    """F square kernels over pictures of C channels, see `layers.conv2d_forward`."""

    def __init__(self, C, F, size, *, groups=1, rng=None, dtype=np.float64, **settings):
        W = _kernels(C, F, (size, size), groups, rng, dtype)
        super().__init__(
            pairs.conv2d_forward,
            pairs.conv2d_backward,
            {"W": W, "b": np.zeros(F, dtype)},
            groups=groups,
            **settings,
        )


class Conv1d(Layer):
    """F kernels over sequences of C channels, see `layers.conv1d_forward`."""

    def __init__(self, C, F, size, *, groups=1, rng=None, dtype=np.float64, **settings):
        W = _kernels(C, F, (size,), groups, rng, dtype)
        super().__init__(
            pairs.conv1d_forward,
            pairs.conv1d_backward,
            {"W": W, "b": np.zeros(F, dtype)},
            groups=groups,
            **settings,
        )


class MaxPool(Layer):
    """The largest entry of each window, see `layers.max_pool_forward`."""

    def __init__(self, size=2, stride=None):
        super().__init__(pairs.max_pool_forward, pairs.max_pool_backward, size=size, stride=stride)


class AveragePool(Layer):
    """The mean of each window, see `layers.average_pool_forward`."""

    def __init__(self, size=2, stride=None):
        super().__init__(
            pairs.average_pool_forward, pairs.average_pool_backward, size=size, stride=stride
        )


class Flatten(Layer):
    """Each example as one row, see `layers.flatten_forward`."""

    def __init__(self):
        super().__init__(pairs.flatten_forward, pairs.flatten_backward)


class LastStep(Layer):
    """The last place of each sequence, see `layers.last_step_forward`."""

    def __init__(self):
        super().__init__(pairs.last_step_forward, pairs.last_step_backward)


class Embedding(Layer):
    """A table of V vectors of D entries, see `layers.embedding_forward`; first in a network."""

    def __init__(self, V, D, *, rng=None, dtype=np.float64):
        W = np.random.default_rng(rng).normal(scale=0.1, size=(V, D)).astype(dtype)
        super().__init__(
            pairs.embedding_forward,
            lambda dout, cache: (None, pairs.embedding_backward(dout, cache)),
            {"W": W},
        )


class RNN(Layer):
    """A recurrent layer from D inputs to H states, starting at 0; see `layers.rnn_forward`."""

    def __init__(self, D, H, *, rng=None, dtype=np.float64):
        parameters = _recurrent_parameters(D, H, 1, ("b",), rng, dtype)
        super().__init__(*_from_zero(pairs.rnn_forward, pairs.rnn_backward, 1), parameters)


class LSTM(Layer):
    """A long short-term memory from D inputs to H states, see `layers.lstm_forward`.

    The bias of the forget gate starts at 1, so that the cell remembers until it learns to forget.

    References
    ----------
    Jozefowicz, Zaremba, Sutskever: An Empirical Exploration of Recurrent Network Architectures
    (2015), section 2.2.
    """

    def __init__(self, D, H, *, rng=None, dtype=np.float64):
        parameters = _recurrent_parameters(D, H, 4, ("b",), rng, dtype)
        parameters["b"][H : 2 * H] = 1.0
        super().__init__(*_from_zero(pairs.lstm_forward, pairs.lstm_backward, 2), parameters)


class GRU(Layer):
    """A gated recurrent unit from D inputs to H states, see `layers.gru_forward`."""

    def __init__(self, D, H, *, rng=None, dtype=np.float64):
        parameters = _recurrent_parameters(D, H, 3, ("bx", "bh"), rng, dtype)
        super().__init__(*_from_zero(pairs.gru_forward, pairs.gru_backward, 1), parameters)


class MultiHeadAttention(Layer):
    """Self-attention over sequences of D columns, see `layers.multihead_forward`."""

    def __init__(self, D, heads, *, causal=False, rng=None, dtype=np.float64):
        rng = np.random.default_rng(rng)
        parameters = {name: xavier(D, D, rng=rng, dtype=dtype) for name in _ATTENTION}
        forward = _causal(pairs.multihead_forward) if causal else pairs.multihead_forward
        super().__init__(forward, pairs.multihead_backward, parameters, heads=heads)


class FeedForward(Layer):
    """Two linear layers with GELU between, at every place; see `layers.feed_forward_forward`."""

    def __init__(self, D, H, *, rng=None, dtype=np.float64):
        parameters = _feed_forward_parameters(D, H, np.random.default_rng(rng), dtype)
        super().__init__(pairs.feed_forward_forward, pairs.feed_forward_backward, parameters)


class TransformerBlock(Layer):
    """Attention and a feed-forward part, each normalised and added to its input.

    See `layers.transformer_block_forward`.
    """

    def __init__(self, D, H, heads, *, causal=False, rng=None, dtype=np.float64):
        rng = np.random.default_rng(rng)
        parameters = {
            "gamma1": np.ones(D, dtype),
            "beta1": np.zeros(D, dtype),
            **{name: xavier(D, D, rng=rng, dtype=dtype) for name in _ATTENTION},
            "gamma2": np.ones(D, dtype),
            "beta2": np.zeros(D, dtype),
            **_feed_forward_parameters(D, H, rng, dtype),
        }
        forward = pairs.transformer_block_forward
        forward = _causal(forward) if causal else forward
        super().__init__(forward, pairs.transformer_block_backward, parameters, heads=heads)


class Residual(Layer):
    """``X`` plus what inner layers make of it.

    The gradient reaches X on two ways, straight and through the layers; the two shares add. The
    straight way has slope 1, so no depth can make it vanish.

    Parameters
    ----------
    layers : list of Layer
        Must give an output of the shape of their input.

    References
    ----------
    He, Zhang, Ren, Sun: Deep Residual Learning for Image Recognition (2016), equation 1.

    Examples
    --------
    >>> layer = Residual([ReLU()])
    >>> layer.forward(np.array([[-1.0, 2.0]]))
    array([[-1.,  4.]])
    >>> layer.backward(np.array([[5.0, 7.0]]))
    array([[ 5., 14.]])
    """

    def __init__(self, layers):
        self.layers = list(layers)
        self._slots = name_parameters(self.layers)
        parameters = {name: layer.parameters[own] for name, layer, own in self._slots}
        self.parameters, self.gradients = parameters, {}

    def __call__(self, X, parameters=None):
        return X + run_in_use(self.layers, self._slots, X, parameters)

    def forward(self, X):
        out = X
        for layer in self.layers:
            out = layer.forward(out)
        return X + out

    def backward(self, dout, *, input_gradient=True):
        dX = dout
        for layer in reversed(self.layers):
            dX = layer.backward(dX)
        self.gradients = {name: layer.gradients[own] for name, layer, own in self._slots}
        return dX + dout


_ATTENTION = ("Wq", "Wk", "Wv", "Wo")


def _kernels(C, F, sides, groups, rng, dtype):
    inputs = C // groups * int(np.prod(sides))
    return he(inputs, F, rng=rng, dtype=dtype).T.reshape(F, C // groups, *sides)


def _recurrent_parameters(D, H, blocks, biases, rng, dtype):
    rng = np.random.default_rng(rng)
    weights = {
        "Wx": xavier(D, blocks * H, rng=rng, dtype=dtype),
        "Wh": xavier(H, blocks * H, rng=rng, dtype=dtype),
    }
    return weights | {name: np.zeros(blocks * H, dtype) for name in biases}


def _feed_forward_parameters(D, H, rng, dtype):
    return {
        "W1": he(D, H, rng=rng, dtype=dtype),
        "b1": np.zeros(H, dtype),
        "W2": xavier(H, D, rng=rng, dtype=dtype),
        "b2": np.zeros(D, dtype),
    }


def _from_zero(forward, backward, states):
    """Return a recurrent pair whose first states are 0 and get no gradient."""

    def forward_from_zero(X, *parameters):
        H = parameters[1].shape[0]
        start = np.zeros((len(X), H), X.dtype)
        return forward(X, *states * [start], *parameters)

    def backward_to_zero(dout, cache):
        dX, *rest = backward(dout, cache)
        return dX, *rest[states:]

    return forward_from_zero, backward_to_zero


def _causal(forward):
    """Return a forward pass over sequences in which no place sees a later one."""

    def causal_forward(X, *parameters, **settings):
        mask = pairs.causal_mask(X.shape[1])
        return forward(X, *parameters, mask=mask, **settings)

    return causal_forward
