r"""Move one entry of `x` by a tiny step in the *imaginary* direction. Taylor's series says

$$f(x + i h\,e_k) = f(x) + i h\, \frac{\partial f}{\partial x_k} -
\frac{h^2}{2} \frac{\partial^2 f}{\partial x_k^2} - \dots$$

Here $e_k$ is 1 at entry $k$ and 0 elsewhere. The slope stands alone in the imaginary part, up to
terms with $h^3$. Nothing is subtracted, so nothing is lost to rounding, and $h$ may be tiny: take
`1e-20`.

Return the gradient of `f` at `x` this way, one entry at a time. `f` takes a complex array as well
as a real one and returns one number. `x` holds floats and has any shape, also `()`; the gradient
is real and has the same shape.

For $f(x) = x_0^2 x_1$ and `x = [2., 5.]` the answer is `[20., 4.]`, exact to 15 digits or so.
"""

import numpy as np

from backprop_course.exercises.record import Case, Exercise

exercise = Exercise(
    title="A step sideways",
    number=5,
    points=2,
    minutes=12,
    level=2,
    outputs=("grad",),
    # Central differences stop at ten digits, on a large f at five.
    tolerance=1e-10,
    hints=(
        "The loop is the one of numerical_gradient, with one call of f for each entry. Which "
        "part of the returned number do you want, and what is still to be divided out?",
        "A float array has no room for an imaginary part: NumPy drops it, with a warning at most. "
        "The array that you move must be complex, the one that you return must not.",
        "For each entry make a complex copy of x with x.astype(complex), add 1j times the step to "
        "that entry, and call f. The slope is the imaginary part of the result, divided by the "
        "step.",
    ),
)


@exercise.solution
def complex_step_gradient(f, x):
    """Return the gradient of f at x by the complex step.

    Parameters
    ----------
    f : function
        Takes a complex array of the shape of ``x``, returns one number.
    x : ndarray of float, any shape

    Returns
    -------
    grad : ndarray of the shape of ``x``
    """
    # BEGIN SOLUTION
    h = 1e-20
    grad = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        moved = x.astype(complex)
        moved[index] += 1j * h
        grad[index] = f(moved).imag / h
    return grad
    # END SOLUTION


# What is measured. Each function stands on its own, knows only NumPy, and takes complex numbers.


def growth(x):
    return np.sum(np.exp(x)) * np.sum(x**2)


def on_a_mountain(x):
    return 1e6 + np.sum(x**3) + np.exp(x[0] * x[2])


def waves(x):
    return np.sum(np.sin(2 * x) * x) / np.sum(1 + x**2)


@exercise.cases
def cases(rng):
    yield Case((growth, rng.uniform(0.4, 1.3, (2, 3))), sizes={"rows": 2, "columns": 3})
    x = rng.uniform(0.5, 1.3, 4)
    yield Case((on_a_mountain, x), sizes={"entries": 4}, note="f is about a million")
    x = rng.uniform(0.2, 0.45, (3, 1, 2))
    yield Case((waves, x), note="x has three axes")
    x = np.array(rng.uniform(0.4, 1.3))
    yield Case((growth, x), note="x is a single number, of shape ()")


@exercise.right
def with_unit_arrays(f, x):
    units = np.eye(x.size).reshape(x.size, *x.shape)
    return np.array([np.imag(f(x + 1e-20j * e)) / 1e-20 for e in units]).reshape(x.shape)


@exercise.right
def both_ways(f, x):
    # A central difference along the imaginary axis: the real parts cancel.
    point, grad = np.array(x, dtype=complex), np.empty(x.shape)
    for index in np.ndindex(x.shape):
        point[index] = x[index] + 1e-100j
        above = f(point)
        point[index] = x[index] - 1e-100j
        grad[index] = ((above - f(point)) / 2e-100j).real
        point[index] = x[index]
    return grad


@exercise.right
def divided_by_an_imaginary_step(f, x):
    grad = np.zeros(x.shape, dtype=complex)
    for index in np.ndindex(x.shape):
        moved = np.array(x, dtype=complex)
        moved[index] += 1e-12j
        grad[index] = f(moved) / 1e-12
    return grad.imag.copy()


def step(f, x, h, read):
    """Return ``read(value, h)`` for each entry, where value is f after an imaginary step of h."""
    grad = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        moved = x.astype(complex)
        moved[index] += 1j * h
        grad[index] = read(f(moved), h)
    return grad


# These stand before the zeros, which they would equal if they were compared the other way round.
not_divided = exercise.wrong(
    "not-divided",
    "You return the imaginary part as it is, a number as tiny as your step. A slope is a movement "
    "of f divided by the step that caused it.",
)
real_part = exercise.wrong(
    "real-part",
    "Your numbers are enormous: that is the real part, f itself, divided by a tiny step, or the "
    "absolute value, which is practically the same. The slope stands in the imaginary part.",
)
for h in (1e-20, 1e-8, 1e-10, 1e-12, 1e-15, 1e-30, 1e-50, 1e-100, 1e-200):
    not_divided(lambda f, x, h=h: step(f, x, h, lambda value, h: value.imag))
    real_part(lambda f, x, h=h: step(f, x, h, lambda value, h: value.real / h))

lost = exercise.wrong(
    "imaginary-part-lost",
    "Your gradient is 0 everywhere: f never saw an imaginary part. Either your step is a real one, "
    "or you add an imaginary step to a float array, which drops it without a word.",
)


@lost
def real_step(f, x):
    grad = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        moved = x.copy()
        moved[index] += 1e-20
        grad[index] = np.imag(f(moved)) / 1e-20
    return grad


@exercise.wrong(
    "factor-half",
    "Every entry is exactly half of the right one. The 2h belongs to the central difference, whose "
    "two points are 2h apart. Here is one point, at the distance h.",
)
def factor_half(f, x):
    return step(f, x, 1e-20, lambda value, h: value.imag / (2 * h))


@exercise.wrong(
    "sign",
    "Every entry has the wrong sign. Did you step downward along the imaginary axis, or use the "
    "conjugate?",
)
def sign(f, x):
    return step(f, x, 1e-20, lambda value, h: -value.imag / h)


@exercise.wrong(
    "all-moved-at-once",
    "All your entries are equal: the whole of x was moved at once, and that measures the sum of "
    "all slopes. Move one entry and leave the others real.",
)
def all_moved_at_once(f, x):
    return np.full(x.shape, f(x + 1e-30j).imag / 1e-30)


@exercise.wrong(
    "rows-moved",
    "Your loop runs over the first axis alone: for a matrix each step moves a whole row, and all "
    "entries of a row get the sum of their slopes. An array of shape () has no first axis at all. "
    "Go through every index of every axis.",
)
def rows_moved(f, x):
    grad = np.zeros(x.shape)
    for i in range(len(x)):
        moved = x.astype(complex)
        moved[i] += 1e-30j
        grad[i] = f(moved).imag / 1e-30
    return grad


@exercise.wrong(
    "flattened",
    "The numbers are right, but they stand in one long row. A gradient has the shape of its array.",
)
def flattened(f, x):
    return complex_step_gradient(f, x).reshape(-1)


@exercise.wrong(
    "complex-result",
    "The numbers are right, but they are complex, with an imaginary part of 0. Slopes are real: "
    "only the array that you move has to be complex.",
)
def complex_result(f, x):
    return complex_step_gradient(f, x).astype(complex)


differences = exercise.wrong(
    "real-differences",
    "You subtract two real values of f, as in numerical_gradient, and where f is about a million "
    "the difference keeps only a few digits. The complex step subtracts nothing: it needs no "
    "second value.",
)
too_large = exercise.wrong(
    "step-too-large",
    "Nearly right, with an error of about the square of your step. The complex step has no "
    "rounding to fear, so let h be so tiny that its square is nothing: 1e-20, say.",
)


def central(f, x, h):
    units = np.eye(x.size).reshape(x.size, *x.shape)
    return np.reshape([(f(x + h * e) - f(x - h * e)) / (2 * h) for e in units], x.shape)


for h in (1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8):
    differences(lambda f, x, h=h: central(f, x, h))
for h in (1e-1, 1e-2, 1e-3, 1e-4):
    too_large(lambda f, x, h=h: step(f, x, h, lambda value, h: value.imag / h))
