r"""When NumPy adds an array of shape `(3,)` to one of shape `(5, 3)`, it uses each of the three
numbers five times. Each use sends a gradient back, and the five must be added. You get `grad`,
the gradient of the loss with respect to the *broadcast* array, and `shape`, the shape the array
had before. Return the gradient with respect to the array itself.

NumPy's rule: line the shapes up at the **right**. Axes missing on the left are added; an axis of
length 1 is stretched.

| before | after | what happened |
|---|---|---|
| `(3,)` | `(5, 3)` | a new axis on the left |
| `(5, 1)` | `(5, 3)` | the last axis was stretched |
| `()` | `(5, 3)` | two new axes |
| `(5, 3)` | `(5, 3)` | nothing |

For `grad = [[1., 2.], [3., 4.]]` and `shape = (2, 1)` the answer is `[[3.], [7.]]`;
for `shape = (2,)` it is `[4., 6.]`.
"""

import numpy as np

from backprop_course.exercises.record import Case, Exercise

exercise = Exercise(
    title="Undo broadcasting",
    number=8,
    points=2,
    minutes=15,
    level=2,
    outputs=("grad",),
    hints=(
        "What was copied in the forward pass must be added in the backward pass. So: along which "
        "axes of grad was something copied?",
        "There are two kinds of such axes: those that shape does not have at all (they are the "
        "first ones of grad), and those where shape says 1 and grad has more.",
        "Sum the extra first axes away, so that grad has as many axes as shape. Then sum along "
        "each axis where shape has a 1, and look up what keepdims does in np.sum.",
    ),
)


@exercise.solution
def unbroadcast(grad, shape):
    """Return the gradient for an array of the given shape that was broadcast to grad's shape.

    Parameters
    ----------
    grad : ndarray
        Gradient of the loss with respect to the broadcast array.
    shape : tuple of int
        Shape of the array before broadcasting.

    Returns
    -------
    grad : ndarray of that shape
    """
    # BEGIN SOLUTION
    extra = grad.ndim - len(shape)
    grad = grad.sum(axis=tuple(range(extra)))
    stretched = tuple(axis for axis, length in enumerate(shape) if length == 1)
    return grad.sum(axis=stretched, keepdims=True)
    # END SOLUTION


@exercise.cases
def cases(rng):
    for big, shape, note in (
        ((5, 3), (3,), "a bias, used by every row"),
        ((4, 3), (4, 1), "one number for each row"),
        ((2, 4, 3), (4, 1), "a new axis and a stretched one"),
        ((3, 2, 3), (1, 2, 1), "two stretched axes"),
        ((5, 3), (), "a single number"),
        ((4, 3), (4, 3), "nothing was broadcast"),
    ):
        yield Case((rng.normal(size=big), shape), note=note)


@exercise.right
def with_loops(grad, shape):
    padded = (1,) * (grad.ndim - len(shape)) + tuple(shape)
    answer = np.zeros(padded)
    for index in np.ndindex(grad.shape):
        home = tuple(0 if length == 1 else i for i, length in zip(index, padded, strict=True))
        answer[home] += grad[index]
    return answer.reshape(shape)


@exercise.right
def axis_by_axis(grad, shape):
    while grad.ndim > len(shape):
        grad = grad.sum(axis=0)
    for axis, length in enumerate(shape):
        if length == 1 and grad.shape[axis] > 1:
            grad = np.sum(grad, axis=axis, keepdims=True)
    return grad


@exercise.right
def sum_then_reshape(grad, shape):
    padded = (1,) * (grad.ndim - len(shape)) + tuple(shape)
    axes = tuple(axis for axis, length in enumerate(padded) if length != grad.shape[axis])
    return grad.sum(axis=axes).reshape(shape)


@exercise.wrong(
    "averaged",
    "You averaged over the copies where their gradients must be added. If one number is used five "
    "times, nudging it moves the loss in five ways at once, and the five effects add up.",
)
def averaged(grad, shape):
    extra = grad.ndim - len(shape)
    for _ in range(extra):
        grad = grad.mean(axis=0)
    for axis, length in enumerate(shape):
        if length == 1:
            grad = grad.mean(axis=axis, keepdims=True)
    return grad


@exercise.wrong(
    "first-copy-only",
    "You kept the gradient of the first copy and dropped the others. Each copy carries the same "
    "number into another place of the loss, and each place answers.",
)
def first_copy_only(grad, shape):
    while grad.ndim > len(shape):
        grad = grad[0]
    for axis, length in enumerate(shape):
        if length == 1:
            grad = grad.take([0], axis=axis)
    return grad


@exercise.wrong(
    "keepdims-lost",
    "The sums are right, but where shape has an axis of length 1 yours has none: you lost it in "
    "the sum. The gradient has exactly the shape of the array, ones included.",
)
def keepdims_lost(grad, shape):
    extra = grad.ndim - len(shape)
    grad = grad.sum(axis=tuple(range(extra)))
    return grad.sum(axis=tuple(axis for axis, length in enumerate(shape) if length == 1))


@exercise.wrong(
    "stretched-axis-kept",
    "You took away the axes that shape does not have, and left those that were stretched from 1. "
    "A stretched axis is a copy as well: with shape (4, 1) and grad (4, 3) three gradients go "
    "back to each number.",
)
def stretched_axis_kept(grad, shape):
    return grad.sum(axis=tuple(range(grad.ndim - len(shape))))


@exercise.wrong(
    "new-axis-kept",
    "You summed the stretched axes and left the axes that broadcasting put in front: with "
    "shape (3,) and grad (5, 3) your answer still has five rows.",
)
def new_axis_kept(grad, shape):
    extra = grad.ndim - len(shape)
    axes = tuple(extra + axis for axis, length in enumerate(shape) if length == 1)
    return grad.sum(axis=axes, keepdims=True)


@exercise.wrong(
    "aligned-left",
    "You lined the shapes up at the left, as if broadcasting added its axes at the end. It adds "
    "them in front: (5, 3) minus (3,) leaves axis 0 to be summed, not axis 1.",
)
def aligned_left(grad, shape):
    while grad.ndim > len(shape):
        grad = grad.sum(axis=-1)
    for axis, length in enumerate(shape):
        if length == 1:
            grad = grad.sum(axis=axis, keepdims=True)
    return grad


@exercise.wrong(
    "summed-to-one-number",
    "You added all entries and filled the answer with that one number. Only the copies of the "
    "same number belong together; entries of different numbers stay apart.",
)
def summed_to_one_number(grad, shape):
    return np.full(shape, grad.sum())


@exercise.wrong(
    "reshaped",
    "You cut the first entries out of grad and put them into the new shape. A reshape or a slice "
    "never adds anything, and here several gradients must become one.",
)
def reshaped(grad, shape):
    return np.resize(grad, shape)
