r"""One step of gradient descent moves every parameter $\theta$ a little against its gradient:

$$\theta \leftarrow \theta - \alpha\, \frac{\partial L}{\partial \theta}.$$

`params` and `grads` are dicts with the same names (any names), and $\alpha$ is `learning_rate`.
Return a **new** dict with new arrays. The two dicts that came in, and the arrays inside them, must
stay as they were: whoever called you may still need the old weights.

For `params = {"W": [[2., 4.]], "b": [1.]}`, `grads = {"W": [[10., -10.]], "b": [5.]}` (as arrays)
and `learning_rate = 0.1` the answer is `{"W": [[1., 5.]], "b": [0.5]}`.
"""

import numpy as np

from backprop_course.exercises.record import Case, Exercise

exercise = Exercise(
    title="One step downhill",
    number=4,
    points=1,
    minutes=5,
    level=1,
    outputs=("params",),
    hints=(
        "The gradient points uphill. Which way do you want to go, and for which of the parameters?",
        "Think about what `-=` does to an array that somebody else also holds. A copy of a dict "
        "is not yet a copy of the arrays inside it.",
        "Build the new dict in one go: for every name in params, the old array less learning_rate "
        "times its gradient, written as an ordinary difference.",
    ),
)


@exercise.solution
def sgd_step(params, grads, learning_rate):
    """Return the parameters after one step of gradient descent.

    Parameters
    ----------
    params : dict
        Arrays of any shape under any names.
    grads : dict
        The gradients, with the same names and shapes.
    learning_rate : float

    Returns
    -------
    params : dict
        New arrays under the same names; the arguments are left as they were.
    """
    # BEGIN SOLUTION
    return {name: value - learning_rate * grads[name] for name, value in params.items()}
    # END SOLUTION


@exercise.cases
def cases(rng):
    for shapes, learning_rate, note in (
        ({"W1": (4, 3), "b1": (3,), "W2": (3, 2), "b2": (2,)}, 0.3, "two layers"),
        ({"scale": (5,), "E": (2, 3, 4)}, 0.07, "other names, three dimensions"),
        ({"W": (3, 4), "b": (4,)}, 2.0, "a learning rate above 1"),
    ):
        params = {name: rng.normal(size=shape) for name, shape in shapes.items()}
        grads = {name: rng.normal(size=shape) for name, shape in shapes.items()}
        yield Case((params, grads, learning_rate), note=note)


@exercise.right
def copy_then_update(params, grads, learning_rate):
    new = {name: value.copy() for name, value in params.items()}
    for name in new:
        new[name] -= learning_rate * grads[name]
    return new


@exercise.right
def with_subtract(params, grads, learning_rate):
    new = {}
    for name in sorted(params):
        new[name] = np.subtract(params[name], np.multiply(learning_rate, grads[name]))
    return new


@exercise.wrong(
    "sign",
    "Every parameter moved the right distance in the wrong direction: uphill. The gradient "
    "points where the loss grows.",
)
def sign(params, grads, learning_rate):
    return {name: value + learning_rate * grads[name] for name, value in params.items()}


@exercise.wrong(
    "input-modified",
    "Your numbers are right, but the arrays that were handed to you have changed too: `-=` writes "
    "into the old array. Whoever still needed the old weights would now go on with the new ones.",
)
def input_modified(params, grads, learning_rate):
    new = dict(params)
    for name in new:
        new[name] -= learning_rate * grads[name]
    return new


@exercise.wrong(
    "learning-rate-ignored",
    "You took the whole gradient as the step. The learning rate says how much of it to take.",
)
def learning_rate_ignored(params, grads, learning_rate):
    return {name: value - grads[name] for name, value in params.items()}


@exercise.wrong(
    "biases-not-updated",
    "Some of the parameters have moved and others have not. The step is for every name in the "
    "dict, whatever it is called; what is left out never learns, and nothing tells you.",
)
def biases_not_updated(params, grads, learning_rate):
    return {
        name: value - learning_rate * grads[name] if value.ndim == 2 else value.copy()
        for name, value in params.items()
    }


@exercise.wrong(
    "old-value-dropped",
    "What you return is the step itself. A step is taken from where you stand: the old "
    "parameters are missing.",
)
def old_value_dropped(params, grads, learning_rate):
    return {name: -learning_rate * grads[name] for name in params}


@exercise.wrong(
    "sign-of-gradient",
    "Every entry moved by the same amount, the learning rate. The size of the gradient counts as "
    "well as its sign: a steep direction gets a long step.",
)
def sign_of_gradient(params, grads, learning_rate):
    return {name: value - learning_rate * np.sign(grads[name]) for name, value in params.items()}


@exercise.wrong(
    "parameters-shrunk",
    "Beside the step, each parameter was made smaller by the factor 1 - learning_rate: the "
    "learning rate was taken out of the difference as a whole, so it also hits the old values.",
)
def parameters_shrunk(params, grads, learning_rate):
    return {name: value - learning_rate * (value + grads[name]) for name, value in params.items()}
