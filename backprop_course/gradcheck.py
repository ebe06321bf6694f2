r"""Is this gradient right? Measure the slope of the loss, and compare.

Take a small step :math:`hv` from x, along any direction v. To first order f changes by h times the
sum of ``v * gradient``, whatever a backward pass may say. There are two rulers for that slope:

- central differences, :math:`(f(x + hv) - f(x - hv)) / 2h`, subtract two nearly equal numbers, so
  that of sixteen digits about ten are left;
- the complex step, :math:`\mathrm{Im} f(x + ihv) / h`, subtracts nothing. In the Taylor series
  :math:`f(x) + ih f'(x) v - \tfrac{1}{2} h^2 f''(x) v^2 - \dots` the slope is alone in the
  imaginary part, so h may be 1e-30 and nearly all digits are right. It asks that f treats complex
  numbers as it treats real ones, which ``abs``, ``np.var`` and arrays made as floats do not.

`check_gradients` takes one complex step for each array, along a random direction: a wrong entry
anywhere shifts that one slope. Only if a slope is off does it look for the entry.
"""

import copy
import inspect
import warnings
from dataclasses import dataclass, field
from functools import partial

import numpy as np

COMPLEX_STEP = 1e-30  # nothing is subtracted, so no step is too small
CENTRAL_STEP = 1e-5  # a smaller one drowns in rounding, a larger one in curvature


class NotComplexSafe(TypeError):
    """The function does not treat complex numbers as it treats real ones."""


def numerical_gradient(f, x, h=CENTRAL_STEP):
    """Return the gradient of f at x by central differences, with two calls of f an entry.

    Parameters
    ----------
    f : function from an array like x to one number
    x : float ndarray of any shape; it stays as it is, and integers raise a TypeError
    h : float, the step

    Returns
    -------
    gradient : ndarray of the shape of x

    Examples
    --------
    >>> x = np.array([[1.0, 2.0], [3.0, 4.0]])
    >>> numerical_gradient(lambda x: np.sum(x**2), x).round(6)
    array([[2., 4.],
           [6., 8.]])
    """
    x = _expect_dtype("x", x, np.floating)
    return _entry_by_entry(x, lambda direction: _central_slope(f, x, direction, h))


def complex_step_gradient(f, x):
    """Return the gradient of f at x by the complex step, with one call of f an entry.

    Parameters
    ----------
    f : function from an array like x to one number, safe for complex numbers
    x : float64 ndarray of any shape; it stays as it is

    Returns
    -------
    gradient : ndarray of the shape of x

    Raises
    ------
    NotComplexSafe
        If f raises, warns or returns a real number for complex input. An f that loses only a part
        of the imaginary part cannot be told from a right one here; `check_gradients` finds it out.

    Examples
    --------
    >>> complex_step_gradient(lambda x: x[0] ** 2 * x[1], np.array([2.0, 5.0]))
    array([20.,  4.])
    """
    x = _expect_dtype("x", x, np.float64)
    return _entry_by_entry(x, lambda direction: _complex_slope(f, x, direction)[1])


def directional_derivative(f, x, v):
    """Return the slope of f at x along v: the sum of ``v * gradient``, without the gradient.

    It takes one complex step, or central differences where f is `NotComplexSafe`.

    Parameters
    ----------
    f : function from an array like x to one number
    x, v : float64 ndarrays of one shape; x stays as it is

    Returns
    -------
    slope : float

    Examples
    --------
    >>> directional_derivative(lambda x: x[0] * x[1], np.array([2.0, 5.0]), np.array([1.0, 10.0]))
    25.0
    """
    x, v = _expect_dtype("x", x, np.float64), np.asarray(v)
    if v.shape != x.shape:
        raise ValueError(f"a direction at x has the shape of x, {x.shape}, but v has {v.shape}")
    try:
        return _complex_slope(f, x, v)[1]
    except NotComplexSafe:
        return _central_slope(f, x, v, _central_step(x, v))


def relative_error(a, b):
    """Return the largest ``|a - b| / max(|a|, |b|)`` of all entries, where 0/0 is 0.

    Parameters
    ----------
    a, b : arrays or numbers of one shape

    Returns
    -------
    error : float, from 0 (equal) to 2 (equal but for the sign)

    Examples
    --------
    >>> relative_error(np.array([0.0, 3.0]), np.array([0.0, 4.0]))
    0.25
    """
    a, b = 1.0 * np.asarray(a), 1.0 * np.asarray(b)
    if a.shape != b.shape:
        raise ValueError(f"a has shape {a.shape}, but b has shape {b.shape}")
    larger = np.maximum(np.abs(a), np.abs(b))
    with np.errstate(invalid="ignore"):  # an infinite entry gives NaN, which is below no tolerance
        return float(np.max(np.abs(a - b) / np.where(larger == 0, 1, larger), initial=0))


# How a slope is measured.


def _entry_by_entry(x, slope):
    gradient, direction = np.zeros_like(x), np.zeros_like(x)
    for entry in np.ndindex(x.shape):
        direction[entry] = 1
        gradient[entry] = slope(direction)
        direction[entry] = 0
    return gradient


def _complex_slope(f, x, v):
    """Return f(x) and its slope along v."""
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("error", np.exceptions.ComplexWarning)
            value = _number(f(x + 1j * COMPLEX_STEP * v))
    except Exception as error:
        raise NotComplexSafe(f"complex input raised {type(error).__name__}") from error
    if not isinstance(value, complex):
        raise NotComplexSafe("complex input came back real")
    if not np.isfinite(value):
        raise NotComplexSafe("complex input gave a number that is not finite")
    return value.real, value.imag / COMPLEX_STEP


def _central_slope(f, x, v, h):
    return (_number(f(x + h * v)) - _number(f(x - h * v))) / (2 * h)


def _central_step(x, v):
    """Return h such that h * v is 1e-5 long, or longer if the entries of x are large."""
    length = np.linalg.norm(v)
    return CENTRAL_STEP * _magnitude(x) / (length if length > 0 else 1.0)


def _magnitude(x):
    return max(1.0, np.max(np.abs(x), initial=0))


def _number(value):
    """Return a plain number at once: the array that f returned may be a view of its input."""
    value = np.asarray(value)
    if value.size != 1:
        raise ValueError(
            f"the function must return one number, not an array of shape {value.shape}"
        )
    return value.item()


def _expect_dtype(name, array, dtype):
    array = np.asarray(array)
    if not np.issubdtype(array.dtype, dtype):
        raise TypeError(
            f"{name} is {array.dtype}, but slopes are measured in float64 (integers take no small "
            f"step, float32 has seven digits): use np.asarray({name}, dtype=np.float64)"
        )
    return array


# The check and its report.


@dataclass(frozen=True)
class TensorCheck:
    """What was found for one array: right or wrong, how it was measured and, if wrong, one entry.

    ``relative_error`` is that of the slope if the gradient agrees, that of ``entry`` if not.
    """

    name: str
    shape: tuple
    ok: bool
    relative_error: float = float("nan")
    method: str = "complex step"
    entry: tuple | None = None
    got: float | None = None
    expected: float | None = None
    note: str = ""

    def verdict(self):
        if self.ok:
            # A bound instead of the error: rounding differs from one machine to the next.
            bound = 1e-12 if self.method == "complex step" else 1e-6
            while self.relative_error > bound:
                bound *= 1000
            return f"agrees (below {bound:.0e})"
        if self.entry is None:
            return "WRONG"
        place = f" at {list(self.entry)}" if self.entry else ""
        return f"WRONG{place}: got {self._digits(self.got)}, expected {self._digits(self.expected)}"

    def _digits(self, value):
        rounding = 1e-8 * max(abs(self.got), abs(self.expected))
        return "0" if abs(value) <= rounding < np.inf else f"{value:.6g}"


@dataclass(frozen=True)
class GradientReport:
    """The result of a check: true if all is right, and a small table when it is printed."""

    tensors: list
    problems: list = field(default_factory=list)

    @property
    def ok(self):
        return not self.problems and all(tensor.ok for tensor in self.tensors)

    def __bool__(self):
        return self.ok

    def __str__(self):
        right = sum(tensor.ok for tensor in self.tensors)
        verdict = "passed" if self.ok else "failed"
        lines = [f"Gradient check {verdict}: {right} of {len(self.tensors)} agree."]
        rows = [(f"d{tensor.name}", str(tensor.shape), tensor) for tensor in self.tensors]
        widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
        for name, shape, tensor in rows:
            start = f"  {name:<{widths[0]}}  {shape:<{widths[1]}}  "
            lines.append(start + tensor.verdict())
            if tensor.note:
                lines.append(" " * len(start) + tensor.note)
        return "\n".join([*lines, *(f"  but {problem}" for problem in self.problems)])

    __repr__ = __str__


def check_gradients(loss, arrays, gradients, *, seed=0, tolerance=1e-9):
    """Compare gradients with measured slopes of the loss, one random direction an array.

    Parameters
    ----------
    loss : function, called as ``loss(**arrays)``, that returns one number
    arrays : dict of name -> float64 ndarray; they stay as they are
    gradients : dict of name -> float64 ndarray of the shape of the array of that name
    seed : int, for the directions
    tolerance : float
        How far an entry may be off, as a share of the root mean square of its array's gradient.
        Central differences see less: a thousand times that share of the gradient's norm.

    Returns
    -------
    GradientReport
        True if all agree. Differences below 1e-13 of the loss itself pass as rounding. If the loss
        is not safe for complex numbers, central differences step in, and the report says so.

    Raises
    ------
    TypeError
        If an array or a gradient is not float64.

    Examples
    --------
    >>> def loss(w, b):
    ...     return w[0] * w[1] + b**2
    >>> arrays = {"w": np.array([1.0, 2.0]), "b": np.array(3.0)}
    >>> check_gradients(loss, arrays, {"w": np.array([2.0, 1.0]), "b": np.array(5.0)})
    Gradient check failed: 1 of 2 agree.
      dw  (2,)  agrees (below 1e-12)
      db  ()    WRONG: got 5, expected 6
    """
    if not arrays:
        raise ValueError("there is nothing to check: arrays is empty")
    arrays = {name: _expect_dtype(name, array, np.float64) for name, array in arrays.items()}
    loss, rng = _frozen(loss), np.random.default_rng(seed)
    tensors = []
    for name, x in arrays.items():

        def f(x, name=name):
            copies = {other: array.copy() for other, array in arrays.items()}
            return loss(**copies | {name: x})

        v = _random_direction(rng, x.shape)
        tensors.append(_check_tensor(f, name, x, gradients.get(name), v, tolerance))
    return GradientReport(tensors)


def check_pair(forward, backward, *args, seed=0, **settings):
    """Check a backward function against its forward, with a random dout.

    The loss is the sum of ``dout * out``. If backward returns one array, that is the gradient of
    the first float argument; a tuple holds one gradient for each float argument, in order. Both
    are watched for writing into what they were given, and backward for being linear in dout.

    Parameters
    ----------
    forward : function, called as ``out, cache = forward(*args, **settings)``
    backward : function, called as ``backward(dout, cache)``
    *args : float64 arrays and numbers; integers (labels, indices) and lists get no gradient
    seed : int, for dout and the directions
    **settings : handed to forward; a random generator starts afresh in each call

    Returns
    -------
    GradientReport

    Examples
    --------
    >>> def square_forward(x):
    ...     return x**2, x
    >>> check_pair(square_forward, lambda dout, x: dout * x, np.array([2.0, 3.0]))
    Gradient check failed: 0 of 1 agree.
      dx  (2,)  WRONG at [1]: got -2.88128, expected -5.76256
                every entry is 0.5 times the right one
    """
    names = list(inspect.signature(forward).parameters)[: len(args)]
    names += [f"argument{i}" for i in range(len(names), len(args))]
    inputs = dict(zip(names, args, strict=True))
    arrays = {
        name: _expect_dtype(name, x, np.float64) for name, x in inputs.items() if _is_float(x)
    }

    @_frozen
    def run(inputs):
        result = forward(*inputs.values(), **copy.deepcopy(settings))
        if not isinstance(result, tuple) or len(result) != 2:
            raise TypeError("a forward function returns two things: out, cache")
        return result

    given, rng = copy.deepcopy(inputs), np.random.default_rng(seed)
    out, cache = run(given)
    problems = [f"forward writes into {name}" for name in _changed(inputs, given)]
    dout = _each(lambda part: _random_direction(rng, np.shape(part)), out)
    answer, more_problems = _watch_backward(backward, dout, cache, given)
    gradients = answer if isinstance(answer, tuple) else (answer,)
    if len(gradients) > len(arrays):
        raise TypeError(
            f"backward returned {len(gradients)} gradients, but the float64 arguments are "
            f"{', '.join(arrays) or 'none'}: integers and lists get no gradient"
        )
    if not isinstance(answer, tuple):
        arrays = dict(list(arrays.items())[:1])

    def loss(**tensors):
        out, _ = run(copy.deepcopy(inputs) | tensors)
        return sum(np.sum(d * part) for d, part in zip(_parts(dout), _parts(out), strict=True))

    report = check_gradients(loss, arrays, dict(zip(arrays, gradients, strict=False)), seed=seed)
    return GradientReport(report.tensors, problems + more_problems)


# How the check keeps watch, and how it finds a wrong entry.


def _watch_backward(backward, dout, cache, given):
    """Return what backward gives, and what it does that no backward should do."""
    given = {**given, "dout": copy.deepcopy(dout)}
    before = copy.deepcopy(given)
    answer = copy.deepcopy(backward(given["dout"], cache))
    problems = [f"backward writes into {name}" for name in _changed(before, given)]
    again = backward(_each(lambda part: 2 * part, dout), cache)
    pairs = list(zip(_parts(answer), _parts(again), strict=True))
    pairs = [(once, twice) for once, twice in pairs if once is not None]
    if any(np.any(once) and np.array_equal(once, twice) for once, twice in pairs):
        problems.append("backward ignores dout: for 2 * dout a gradient stays the same")
    elif not all(np.allclose(2 * once, twice, equal_nan=True) for once, twice in pairs):
        problems.append("for 2 * dout and the same cache, backward does not give twice as much")
    return answer, problems


def _is_float(x):
    return isinstance(x, float | np.inexact | np.ndarray) and np.asarray(x).dtype.kind in "fc"


def _changed(before, after):
    """Return the names of the arrays that are no longer what they were."""
    return [
        name
        for name in before
        for old, new in zip(_parts(before[name]), _parts(after[name]), strict=True)
        if isinstance(old, np.ndarray) and old.tobytes() != new.tobytes()
    ]


def _parts(value):
    return value if isinstance(value, tuple) else (value,)


def _each(function, value):
    return tuple(map(function, value)) if isinstance(value, tuple) else function(value)


def _frozen(f):
    """Return f with NumPy's global generator rewound after each call: all see the same numbers."""
    state = np.random.get_state()  # noqa: NPY002 - the generator that f may draw from
    draws = True  # until a complete call leaves the generator as it was

    def call(*args, **kwargs):
        nonlocal draws
        try:
            value = f(*args, **kwargs)
            if draws:
                draws = not all(map(np.array_equal, state, np.random.get_state()))  # noqa: NPY002
            return value
        finally:
            if draws:
                np.random.set_state(state)  # noqa: NPY002

    return call


def _random_direction(rng, shape):
    """Draw entries of random sign and size 0.5 to 1.5: none so small that it hides a mistake."""
    draw = rng.uniform(-1.0, 1.0, shape)
    return draw + np.copysign(0.5, draw)


def _check_tensor(f, name, x, gradient, v, tolerance):
    record = partial(TensorCheck, name, x.shape)
    if gradient is None:
        return record(False, note="the gradient is missing")
    gradient = _expect_dtype(f"d{name}", gradient, np.float64)
    if gradient.shape != x.shape:
        return record(False, note=f"its shape is {gradient.shape}, but {name} has shape {x.shape}")
    if x.size == 0:
        return record(True, 0.0)
    probe = _Probe(f, x, gradient, tolerance)
    if np.isfinite(gradient).all():
        gap = probe.gap(v)
        if not abs(gap) <= probe.limit():
            gap = probe.reconsider(v, gap)
        if abs(gap) <= probe.limit():
            if np.linalg.norm(gradient) <= probe.limit():
                probe.note = probe.note or "every entry is 0, up to rounding"
            return record(True, probe.relative(gap), probe.method, note=probe.note)
        if np.isnan(gap):
            return record(False, method=probe.method, note=probe.note)
        entry = probe.find_entry(v)
        probe.describe(v, entry)
    else:
        entry = tuple(int(i) for i in np.argwhere(~np.isfinite(gradient))[0])
    unit = np.zeros_like(x)
    unit[entry] = 1
    got, expected = float(gradient[entry]), float(probe.slope(unit))
    error = relative_error(got, expected)
    return record(False, error, probe.method, entry, got, expected, probe.note)


class _Probe:
    """Compares the slopes of f at x, along any direction, with those that a gradient predicts."""

    def __init__(self, f, x, gradient, tolerance):
        self.f, self.x, self.gradient, self.tolerance = f, x, gradient, tolerance
        self.method, self.note, self.value = "complex step", "", 0.0

    def slope(self, v):
        if self.method == "complex step":
            try:
                self.value, slope = _complex_slope(self.f, self.x, v)
                return slope
            except NotComplexSafe as reason:
                self.use_central_differences(reason)
        return _central_slope(self.f, self.x, v, _central_step(self.x, v))

    def use_central_differences(self, reason):
        self.method, self.note = "central differences", f"by central differences: {reason}"
        self.value = _number(self.f(self.x.copy()))

    def gap(self, v):
        return float(np.sum(self.gradient * v)) - self.slope(v)

    def scale(self):
        """Return the size of a typical entry; beside the loss itself, tiny ones are rounding."""
        rounding = 1e-4 * abs(self.value) / _magnitude(self.x)
        return np.linalg.norm(self.gradient) / np.sqrt(self.x.size) + rounding

    def relative(self, gap):
        """Return the gap as a share of the norm of the gradient, where 0/0 is 0."""
        return float(abs(gap) / (np.sqrt(self.x.size) * self.scale() or 1.0))

    def limit(self, method=None):
        """Return the largest gap that passes."""
        share = self.tolerance * self.scale()
        if (method or self.method) == "complex step":
            return share
        return share * 1000 * np.sqrt(self.x.size)

    def reconsider(self, v, gap):
        """Ask central differences whether the gradient is to blame, and return the gap that counts.

        If the two rulers differ, the complex step is given up; unless the loss bends here, since
        central differences mix the slopes on both sides of a kink. NaN: there is no slope.
        """
        h = _central_step(self.x, v)
        left, here, again, right = (_number(self.f(self.x + t * v)) for t in (-h, 0, 0, h))
        if not np.isfinite([left, here, right]).all():
            self.note = f"the loss is {here}, and beside it {left} and {right}"
            return np.nan
        if abs(here - again) > 1e-12 * abs(here):
            self.note = "the loss changes from call to call: its random numbers must be fixed"
            return np.nan
        bend = abs(right - 2 * here + left) / (2 * h)
        central = (right - left) / (2 * h)
        apart = abs(central - self.slope(v))
        if apart > max(10 * bend, 1e-6 * abs(central), self.limit("central differences")):
            self.use_central_differences("the complex step gives another slope")
            return self.gap(v)
        if bend > max(0.1 * abs(gap), 1000 * self.limit("central differences")):
            self.note = "the loss has a kink here: check at a point beside it"
        return gap

    def find_entry(self, v):
        """Halve the suspects, keeping the half with the larger gap, until one entry is left."""
        suspects = np.arange(v.size)
        while suspects.size > 1:
            halves = np.array_split(suspects, 2)
            suspects = max(halves, key=lambda half: abs(self.gap(_only(v, half))))
        return tuple(int(i) for i in np.unravel_index(suspects[0], v.shape))

    def describe(self, v, entry):
        """Note the pattern of the wrong entries if it is a plain one."""
        if self.note or v.size == 1:
            return
        # A constant factor gives the same share too much along any direction.
        slopes = [(np.sum(self.gradient * w), self.slope(w)) for w in (v, np.flip(v))]
        excess = [predicted / slope - 1 if slope else np.nan for predicted, slope in slopes]
        if abs(excess[0]) > 1e-5 and np.isclose(*excess, rtol=1e-4, atol=0):
            self.note = f"every entry is {1 + excess[0]:.6g} times the right one"
            return
        # Row and column probes: is the rest right when they are left out?
        places = {"no other entry is wrong": entry}
        if v.ndim == 2:
            places[f"all wrong entries are in row {entry[0]}"] = (entry[0], slice(None))
            places[f"all wrong entries are in column {entry[1]}"] = (slice(None), entry[1])
        for words, place in places.items():
            rest = v.copy()
            rest[place] = 0
            if np.any(rest) and abs(self.gap(rest)) <= self.limit():
                self.note = words
                return


def _only(v, suspects):
    part = np.zeros_like(v)
    part.flat[suspects] = v.flat[suspects]
    return part
