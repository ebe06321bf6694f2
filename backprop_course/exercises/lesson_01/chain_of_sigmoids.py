r"""A chain of $K$ sigmoid neurons without biases. It starts with $a_0 = x$; stop $k$ multiplies by
its weight and squashes:

$$z_k = w_k\, a_{k-1}, \qquad a_k = \sigma(z_k) = \frac{1}{1 + e^{-z_k}}, \qquad k = 1, \dots, K$$

Return the derivative of the output $a_K$ with respect to each weight: an array `dweights` of $K$
numbers, the one for $w_1$ first. There is no loss here: the way back starts with
$\partial a_K / \partial a_K = 1$. Recall $\sigma'(z) = \sigma(z)(1 - \sigma(z))$.

Go out once and keep every $a_k$; come back once and carry one number along.

For `x = 0.0` and `weights = [2.0, 1.0]` the chain is $a_1 = 0.5$, $a_2 = 0.6225$, and the answer is
`[0.0, 0.1175]`: the first weight multiplies 0, so it has no influence.
"""

import numpy as np

from backprop_course.exercises.record import Case, Exercise

exercise = Exercise(
    title="A chain of sigmoids of any length",
    number=8,
    points=2,
    minutes=20,
    level=2,
    outputs=("dweights",),
    hints=(
        "Two loops. The first goes out and stores all the a's, with x in front. The second goes "
        "through the same stops in reverse and carries the sensitivity of the output to the "
        "current a.",
        "At stop k the carried number first passes the sigmoid; from there, one road leads to the "
        "weight and another one to the a before. They have different local derivatives.",
        "Call what you carry da; it starts at 1. Past the sigmoid it has been multiplied by a(1 - "
        "a), with the a that leaves the stop. Towards the weight you multiply by the a that "
        "entered the stop, towards the stop before by the weight.",
    ),
)


@exercise.solution
def chain_of_sigmoids(x, weights):
    """Return the derivative of the last activation with respect to each weight.

    Parameters
    ----------
    x : float
        What enters the chain, ``a_0``.
    weights : ndarray of shape (K,)
        ``a_k = sigmoid(weights[k - 1] * a_{k-1})`` for k from 1 to K.

    Returns
    -------
    dweights : ndarray of shape (K,)
        The derivatives of ``a_K``.
    """
    # BEGIN SOLUTION
    activations = [x]
    for w in weights:
        activations.append(1 / (1 + np.exp(-w * activations[-1])))

    dweights = np.zeros(len(weights))
    da = 1.0
    for k in reversed(range(len(weights))):
        a_in, a_out = activations[k], activations[k + 1]
        dz = da * a_out * (1 - a_out)
        dweights[k] = dz * a_in
        da = dz * weights[k]
    return dweights
    # END SOLUTION


@exercise.cases
def cases(rng):
    yield Case((0.8, _weights(rng, 4)), sizes={"K": 4})
    yield Case((float(rng.uniform(-2.5, -1.2)), _weights(rng, 3)), sizes={"K": 3}, note="x < 0")
    yield Case((float(rng.uniform(1.2, 2.5)), _weights(rng, 6)), sizes={"K": 6})
    yield Case((float(rng.uniform(1.2, 2.5)), _weights(rng, 1)), sizes={"K": 1}, note="one stop")


def _weights(rng, K):
    """Draw K weights of both signs, none near 0 or 1 in size."""
    return rng.uniform(1.3, 2.6, K) * rng.choice((-1.0, 1.0), K)


def _forward(x, weights):
    activations = [x]
    for w in weights:
        activations.append(1 / (1 + np.exp(-w * activations[-1])))
    return np.array(activations)


@exercise.right
def with_products(x, weights):
    a = _forward(x, weights)
    slopes = a[1:] * (1 - a[1:])
    K = len(weights)
    return np.array(
        [a[k] * slopes[k] * np.prod(slopes[k + 1 :] * weights[k + 1 :]) for k in range(K)]
    )


@exercise.right
def from_the_front(x, weights):
    # Forward accumulation: all derivatives of the current a travel along, at K times the work.
    a, dweights = x, np.zeros(len(weights))
    for k, w in enumerate(weights):
        a_in, a = a, 1 / (1 + np.exp(-w * a))
        dweights *= w
        dweights[k] = a_in
        dweights *= a * (1 - a)
    return dweights


def _backward(x, weights, slope=None, towards_weight=None, carry=None):
    """Run the way back with one of its three factors replaced.

    Each factor is a function of (a_in, a_out, w); None stands for the right one.
    """
    slope = slope or (lambda a_in, a_out, w: a_out * (1 - a_out))
    towards_weight = towards_weight or (lambda a_in, a_out, w: a_in)
    carry = carry or (lambda a_in, a_out, w: w)
    a = _forward(x, weights)
    da, dweights = 1.0, np.zeros(len(weights))
    for k in reversed(range(len(weights))):
        stop = a[k], a[k + 1], weights[k]
        dz = da * slope(*stop)
        dweights[k] = dz * towards_weight(*stop)
        da = dz * carry(*stop)
    return dweights


@exercise.wrong(
    "weight-left-out",
    "The last derivative is right, the ones before it are not. On the way from one stop to the "
    "stop before it you pass a sigmoid and a weight: the weight's factor is missing.",
)
def weight_left_out(x, weights):
    return _backward(x, weights, carry=lambda a_in, a_out, w: 1.0)


@exercise.wrong(
    "through-the-weight",
    "The last derivative is right, the ones before it are not. You go on from the weight's "
    "derivative, but no weight depends on an earlier one: the road runs through the activations.",
)
def through_the_weight(x, weights):
    return _backward(x, weights, carry=lambda a_in, a_out, w: a_in)


@exercise.wrong(
    "activation-off-by-one",
    "Each derivative uses the activation that leaves its stop. The weight multiplied another one: "
    "the one that entered.",
)
def activation_off_by_one(x, weights):
    return _backward(x, weights, towards_weight=lambda a_in, a_out, w: a_out)


@exercise.wrong(
    "activation-derivative-missing",
    "The slopes of the sigmoids are missing: you pass each of them as if it were a plain wire. "
    "Even a single stop gives too much, by a factor of at least 4.",
)
def activation_derivative_missing(x, weights):
    return _backward(x, weights, slope=lambda a_in, a_out, w: 1.0)


@exercise.wrong(
    "one-minus-missing",
    "Your slope of the sigmoid is only the first half of the product: it comes out too large at "
    "every stop, and close to 1 where the sigmoid is nearly flat at its top.",
)
def one_minus_missing(x, weights):
    return _backward(x, weights, slope=lambda a_in, a_out, w: a_out)


@exercise.wrong(
    "derivative-with-z",
    "You put z where the sigmoid's value belongs in its slope. The short formula is written with "
    "the output of the sigmoid; a negative slope gives the mix-up away.",
)
def derivative_with_z(x, weights):
    return _backward(x, weights, slope=lambda a_in, a_out, w: w * a_in * (1 - w * a_in))


@exercise.wrong(
    "slope-at-input",
    "You write the slope of each sigmoid with the a that enters its stop. The short formula takes "
    "the value of this sigmoid, not that of the one before.",
)
def slope_at_input(x, weights):
    return _backward(x, weights, slope=lambda a_in, a_out, w: a_in * (1 - a_in))


@exercise.wrong(
    "slope-not-carried",
    "The last derivative is right, the ones before it are not. What you carry to the stop before "
    "has passed the weight, but not the sigmoid of the stop it leaves.",
)
def slope_not_carried(x, weights):
    # The carried number was multiplied by the slope; this takes it out again.
    return _backward(x, weights, carry=lambda a_in, a_out, w: w / (a_out * (1 - a_out)))


@exercise.wrong(
    "sigmoid-twice",
    "You took the slope of the sigmoid at a, after squashing, so every number goes through the "
    "sigmoid twice. Its slope is wanted at z; if you have a already, squash no more.",
)
def sigmoid_twice(x, weights):
    def slope(a_in, a_out, w):
        again = 1 / (1 + np.exp(-a_out))
        return again * (1 - again)

    return _backward(x, weights, slope=slope)


@exercise.wrong(
    "upstream-ignored",
    "The last derivative is right. Each of the others stops at its own sigmoid: what the later "
    "stops make of it has not been multiplied in.",
)
def upstream_ignored(x, weights):
    a = _forward(x, weights)
    return a[:-1] * a[1:] * (1 - a[1:])


@exercise.wrong(
    "own-weight-included",
    "Every derivative carries the weight of its own stop as an extra factor: you multiplied by the "
    "weight before you had written down the derivative with respect to it.",
)
def own_weight_included(x, weights):
    return _backward(x, weights) * weights


@exercise.wrong(
    "reversed",
    "The {K} numbers are right, but they stand in reverse order: you collected them on the way "
    "back, so the last weight came first.",
)
def reversed_order(x, weights):
    return _backward(x, weights)[::-1].copy()


@exercise.wrong(
    "towards-x",
    "Your numbers tell how sensitive the output is to what enters each stop. Asked is how "
    "sensitive it is to the weight of the stop: a parallel road with another last factor.",
)
def towards_x(x, weights):
    return _backward(x, weights, towards_weight=lambda a_in, a_out, w: w)
