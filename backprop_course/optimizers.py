r"""Optimizers: rules that turn gradients into better parameters.

Every rule has ``step(parameters, gradients)``, two dicts of arrays with the same names. It
changes the parameters in place, because a network and its optimizer share them, and it leaves
the gradients as they are. What a rule remembers from step to step, such as a velocity, it keeps
by name, in arrays of the parameters' dtype. A learning rate may be a number or a schedule: a
function from the number of steps done so far to a number.
"""

import math

import numpy as np


class Optimizer:
    """What all rules share: counting steps, reading the learning rate, remembering by name.

    A rule implements ``move(name, parameter, gradient, learning_rate)``.
    """

    def __init__(self, learning_rate):
        if not callable(learning_rate) and not (learning_rate > 0 and math.isfinite(learning_rate)):
            raise ValueError(f"learning_rate must be above 0, but it is {learning_rate}.")
        self.learning_rate = learning_rate
        self.steps = 0
        self._memory = {}

    def step(self, parameters, gradients):
        """Change each array of ``parameters`` in place by its entry in ``gradients``."""
        rate = self.learning_rate
        rate = float(rate(self.steps) if callable(rate) else rate)
        self.steps += 1
        for name, parameter in parameters.items():
            self.move(name, parameter, gradients[name], rate)

    def remember(self, kind, name, like):
        """Return the array remembered under this name; zeros the first time."""
        key = kind, name
        if key not in self._memory:
            self._memory[key] = np.zeros_like(like)
        return self._memory[key]

    def __repr__(self):
        rate = self.learning_rate
        shown = "a schedule" if callable(rate) else f"{rate:g}"
        return f"{type(self).__name__}(learning_rate={shown})"


class SGD(Optimizer):
    r"""Gradient descent: every parameter moves against its gradient.

    ``theta <- theta - learning_rate * dtheta``. It is called stochastic (the S) when the
    gradient comes from a batch drawn at random and not from all examples. With momentum the
    parameters move along a velocity that the gradient pushes:

    .. math:: v \leftarrow \mu v + d\theta, \qquad \theta \leftarrow \theta - \alpha v,

    and in Nesterov's form along :math:`d\theta + \mu v`, the velocity as it will be after one
    more push.

    Parameters
    ----------
    learning_rate : float or schedule
    momentum : float
        :math:`\mu`, from 0 (none) to below 1.
    nesterov : bool

    References
    ----------
    Robbins, Monro: A Stochastic Approximation Method (1951). Polyak: Some methods of speeding up
    the convergence of iteration methods (1964). Sutskever et al.: On the importance of
    initialization and momentum in deep learning (2013).

    Examples
    --------
    >>> parameters = {"w": np.array([3.0])}
    >>> SGD(learning_rate=0.1).step(parameters, {"w": np.array([-6.0])})
    >>> parameters["w"]
    array([3.6])
    """

    def __init__(self, learning_rate=0.1, *, momentum=0.0, nesterov=False):
        super().__init__(learning_rate)
        self.momentum = _share("momentum", momentum)
        self.nesterov = nesterov

    def move(self, name, parameter, gradient, learning_rate):
        if self.momentum:
            velocity = self.remember("velocity", name, parameter)
            velocity *= self.momentum
            velocity += gradient
            gradient = gradient + self.momentum * velocity if self.nesterov else velocity
        parameter -= learning_rate * gradient


class RMSProp(Optimizer):
    r"""Gradient descent with a rate of its own for every entry.

    The gradient is divided by the root of a running mean of its squares:

    .. math:: s \leftarrow \rho s + (1 - \rho)\, d\theta^2, \qquad
              \theta \leftarrow \theta - \alpha\, d\theta / (\sqrt{s} + \epsilon).

    Parameters
    ----------
    learning_rate : float or schedule
    decay : float
        :math:`\rho`, from 0 to below 1.
    eps : float

    References
    ----------
    Tieleman, Hinton: Lecture 6.5, Neural Networks for Machine Learning (2012).

    Examples
    --------
    >>> parameters = {"w": np.array([3.0, 3.0])}
    >>> RMSProp(0.1, decay=0.75, eps=0.0).step(parameters, {"w": np.array([-6.0, 0.01])})
    >>> parameters["w"]
    array([3.2, 2.8])
    """

    def __init__(self, learning_rate=0.001, *, decay=0.99, eps=1e-8):
        super().__init__(learning_rate)
        self.decay, self.eps = _share("decay", decay), eps

    def move(self, name, parameter, gradient, learning_rate):
        mean_square = self.remember("mean square", name, parameter)
        mean_square *= self.decay
        mean_square += (1.0 - self.decay) * (gradient * gradient)
        parameter -= learning_rate * gradient / (np.sqrt(mean_square) + self.eps)


class Adam(Optimizer):
    r"""Momentum and a rate of its own for every entry, both corrected for their start at 0.

    .. math::
       m \leftarrow \beta_1 m + (1 - \beta_1)\, d\theta, \quad
       s \leftarrow \beta_2 s + (1 - \beta_2)\, d\theta^2, \quad
       \theta \leftarrow \theta - \alpha\,
       \frac{m / (1 - \beta_1^t)}{\sqrt{s / (1 - \beta_2^t)} + \epsilon}

    After t steps the weights in m add up to :math:`1 - \beta_1^t` only; dividing by that makes m
    a mean. The first step has size :math:`\alpha` whatever the gradient.

    Parameters
    ----------
    learning_rate : float or schedule
    beta1, beta2 : float
        From 0 to below 1.
    eps : float

    References
    ----------
    Kingma, Ba: Adam (2015), algorithm 1.

    Examples
    --------
    >>> parameters = {"w": np.array([3.0, 3.0])}
    >>> Adam(0.1, eps=0.0).step(parameters, {"w": np.array([-6.0, 0.01])})
    >>> parameters["w"]
    array([3.1, 2.9])
    """

    def __init__(self, learning_rate=0.001, *, beta1=0.9, beta2=0.999, eps=1e-8):
        super().__init__(learning_rate)
        self.beta1, self.beta2 = _share("beta1", beta1), _share("beta2", beta2)
        self.eps = eps

    def move(self, name, parameter, gradient, learning_rate):
        mean = self.remember("mean", name, parameter)
        mean_square = self.remember("mean square", name, parameter)
        mean *= self.beta1
        mean += (1.0 - self.beta1) * gradient
        mean_square *= self.beta2
        mean_square += (1.0 - self.beta2) * (gradient * gradient)
        # Both corrections are numbers, so they are taken out of the arrays.
        root = math.sqrt(1.0 - self.beta2**self.steps)
        rate = learning_rate * root / (1.0 - self.beta1**self.steps)
        parameter -= rate * mean / (np.sqrt(mean_square) + self.eps * root)


class AdamW(Adam):
    r"""Adam with weight decay that does not pass through the running means.

    Before each step :math:`\theta \leftarrow (1 - \alpha \lambda)\, \theta`. Adding
    :math:`\lambda \theta` to the gradient instead would divide the decay by the root of s too, so
    that parameters with large gradients would hardly decay.

    Parameters
    ----------
    learning_rate, beta1, beta2, eps : as in `Adam`
    weight_decay : float
        :math:`\lambda`, at least 0.

    References
    ----------
    Loshchilov, Hutter: Decoupled Weight Decay Regularization (2019), algorithm 2.

    Examples
    --------
    >>> parameters = {"w": np.array([3.0])}
    >>> AdamW(0.1, weight_decay=0.5, eps=0.0).step(parameters, {"w": np.array([-6.0])})
    >>> parameters["w"]
    array([2.95])
    """

    def __init__(self, learning_rate=0.001, *, weight_decay=0.01, **settings):
        super().__init__(learning_rate, **settings)
        if not weight_decay >= 0:
            raise ValueError(f"weight_decay must be at least 0, but it is {weight_decay}.")
        self.weight_decay = weight_decay

    def move(self, name, parameter, gradient, learning_rate):
        parameter *= 1.0 - learning_rate * self.weight_decay
        super().move(name, parameter, gradient, learning_rate)


def clip_by_norm(gradients, limit):
    """Return gradients scaled down together so that their common norm is at most ``limit``.

    The norm runs over all arrays at once, so the direction of the step is kept.

    Parameters
    ----------
    gradients : dict of str to ndarray
    limit : float
        Above 0.

    Returns
    -------
    clipped : dict of str to ndarray
    norm : float
        The norm before clipping, worth watching: a sudden jump announces trouble.

    References
    ----------
    Pascanu, Mikolov, Bengio: On the difficulty of training recurrent neural networks (2013),
    section 3.2.

    Examples
    --------
    >>> clipped, norm = clip_by_norm({"W": np.array([[3.0]]), "b": np.array([4.0])}, 1.0)
    >>> clipped["W"], clipped["b"], norm
    (array([[0.6]]), array([0.8]), 5.0)
    """
    if not limit > 0:
        raise ValueError(f"limit must be above 0, but it is {limit}.")
    norm = math.sqrt(sum(float((g * g).sum()) for g in gradients.values()))
    scale = min(1.0, limit / norm) if norm else 1.0
    return {name: scale * gradient for name, gradient in gradients.items()}, norm


def clip_by_value(gradients, limit):
    """Return gradients with every entry brought between ``-limit`` and ``limit``.

    This changes the direction of the step. It clips the gradient, never the error in the loss:
    outside its range a clipped error has slope 0 and teaches nothing.

    Examples
    --------
    >>> clip_by_value({"W": np.array([[3.0, -0.5]])}, 1.0)["W"]
    array([[ 1. , -0.5]])
    """
    if not limit > 0:
        raise ValueError(f"limit must be above 0, but it is {limit}.")
    return {name: np.clip(gradient, -limit, limit) for name, gradient in gradients.items()}


def step_decay(start, *, factor=0.1, every=1000):
    """Return a schedule that multiplies the rate by ``factor`` after each ``every`` steps.

    Examples
    --------
    >>> rate = step_decay(1.0, factor=0.5, every=10)
    >>> rate(0), rate(9), rate(10), rate(25)
    (1.0, 1.0, 0.5, 0.25)
    """
    return lambda steps: start * factor ** (steps // every)


def cosine_decay(start, *, total, end=0.0):
    """Return a schedule that falls from ``start`` to ``end`` along half a cosine.

    References
    ----------
    Loshchilov, Hutter: SGDR (2017), equation 5, without restarts.

    Examples
    --------
    >>> rate = cosine_decay(1.0, total=100)
    >>> rate(0), round(rate(50), 4), rate(100), rate(500)
    (1.0, 0.5, 0.0, 0.0)
    """

    def schedule(steps):
        done = min(steps / total, 1.0)
        return end + (start - end) * 0.5 * (1.0 + math.cos(math.pi * done))

    return schedule


def warm_up(schedule, *, steps):
    """Return ``schedule`` (or a number) with a linear rise from near 0 over its first steps.

    References
    ----------
    Goyal et al.: Accurate, Large Minibatch SGD (2017), section 2.2.

    Examples
    --------
    >>> rate = warm_up(0.8, steps=4)
    >>> rate(0), rate(3), rate(100)
    (0.2, 0.8, 0.8)
    """

    def rising(done):
        rate = schedule(done) if callable(schedule) else schedule
        return rate * min((done + 1) / steps, 1.0)

    return rising


def _share(name, value):
    if not 0.0 <= value < 1.0:
        raise ValueError(f"{name} must be at least 0 and below 1, but it is {value}.")
    return value
