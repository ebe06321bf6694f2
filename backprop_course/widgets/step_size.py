"""An explorer for measured slopes: drag the step over twenty decades and watch the error.

Left the error over the step, right the function as the computer sees it between x - 2h and
x + 2h. Each frame is one SVG string, written by hand, so that it appears within milliseconds.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from html import escape

import ipywidgets
import numpy as np

from backprop_course.figures.gradient_checking import FLOOR, LOOK, RULERS, measured_slope
from backprop_course.figures.style import BACKWARD, FORWARD
from backprop_course.gradcheck import relative_error
from backprop_course.widgets import film
from backprop_course.widgets.controls import in_line, in_range, one_of
from backprop_course.widgets.theme import PAPER, TEXT

KINK = 1.0


@dataclass(frozen=True)
class Subject:
    """A function to be measured, with its first three derivatives in float64."""

    name: str
    f: Callable
    derivatives: Callable


def _relu(x):
    return np.where(np.real(x) > KINK, x - x.dtype.type(KINK), 0)


SUBJECTS = {
    subject.name: subject
    for subject in (
        # Products alone, which are rounded alike on every machine.
        Subject("x**4", lambda x: (x * x) * (x * x), lambda x: (4 * x**3, 12 * x**2, 24 * x)),
        Subject("exp(x)", np.exp, lambda x: (np.exp(x),) * 3),
        Subject("sin(x)", np.sin, lambda x: (np.cos(x), -np.sin(x), -np.cos(x))),
        Subject(
            "1000 + sin(x)",
            lambda x: 1000 + np.sin(x),
            lambda x: (np.cos(x), -np.sin(x), -np.cos(x)),
        ),
        Subject("ReLU(x - 1)", _relu, lambda x: (float(x > KINK), 0.0, 0.0)),
    )
}
PRECISIONS = {"float64": np.float64, "float32": np.float32}

SMALLEST = -20  # exponent of the smallest step; the largest is 1
# Written as decimals, so that the curve has the same points on every machine.
_MANTISSAS = ("1", "1.25", "1.6", "2", "2.5", "3.2", "4", "5", "6.3", "8")
STEPS = np.array([float(f"{m}e{k}") for k in range(SMALLEST, 0) for m in _MANTISSAS] + [1.0])

WIDTH, HEIGHT = 760, 384
DECADE = 14  # pixels, on both axes: an error that grows like h rises at 45 degrees
TOP = 82
LEFT, RIGHT = 66, 66 - SMALLEST * DECADE
HIGHEST = 1  # exponent of the largest error
LOWEST = int(np.log10(FLOOR))
BOTTOM = TOP + (HIGHEST - LOWEST) * DECADE
LENS = (430, 740)  # left and right end of the two windows on the function
VIEW = 108  # height of each
SMALL = f"font-size:12px;paint-order:stroke;stroke:{PAPER};stroke-width:4px"
RULER_LINES = {"one-sided": "6 4", "central": "none", "complex step": "9 3 2 3"}
_MEASURED = f"stroke:{BACKWARD};stroke-width:2"
_TRUE = f"stroke:{TEXT};stroke-width:1.4;stroke-dasharray:7 4"
# Where each ruler asks for values, in steps from x.
_ENDS = {
    "one-sided": np.array([0.0, 1.0]),
    "central": np.array([-1.0, 1.0]),
    "complex step": np.array([0.0]),
}


@dataclass(frozen=True)
class Measurement:
    """One slope, measured and true, and the two errors that theory allows (NaN: none to tell)."""

    measured: float
    true: float
    error: float
    rounding: float
    bending: float


def measure(name, x=1.0, h=0.1, ruler="central", precision="float64"):
    """Measure one slope.

    Parameters
    ----------
    name : str
        One of `SUBJECTS`.
    x, h : float
        Point and step.
    ruler : str
        "one-sided", "central" or "complex step".
    precision : str
        "float64" or "float32".

    Returns
    -------
    Measurement

    Examples
    --------
    >>> found = measure("x**4", x=1.0, h=0.1)
    >>> print(f"{found.measured:.4f} {found.true:.4f} {found.error:.2f}")
    4.0400 4.0000 0.01
    """
    subject = SUBJECTS[one_of("function", name, SUBJECTS)]
    dtype = PRECISIONS[one_of("precision", precision, PRECISIONS)]
    measured = float(measured_slope(subject.f, x, h, ruler, dtype))
    true = subject.derivatives(_stored(x, dtype))[0]
    rounding, bending = (float(guide) for guide in _guides(name, x, h, ruler, precision))
    return Measurement(measured, true, relative_error(measured, true), rounding, bending)


def _stored(x, dtype):
    """Return x as it is after rounding: the truth belongs to this point."""
    return float(dtype(x))


def _guides(name, x, h, ruler, precision):
    """Return what rounding and bending cost at the steps h, as shares of the true slope."""
    dtype = PRECISIONS[precision]
    point = _stored(x, dtype)
    first, second, third = SUBJECTS[name].derivatives(point)
    u = np.finfo(dtype).eps / 2
    h, nothing = np.asarray(h, dtype=float), np.full(np.shape(h), np.nan)
    if first == 0:
        return nothing, nothing
    size = abs(float(SUBJECTS[name].f(np.float64(point)))) / abs(first)
    if ruler == "one-sided":
        return 2 * u * size / h, h * abs(second / first) / 2
    bending = h**2 * abs(third / first) / 6
    return (nothing if ruler == "complex step" else u * size / h), bending


def explain(name, x, h, ruler, precision):
    """Say in one sentence what decides the error."""
    dtype, found = PRECISIONS[precision], measure(name, x, h, ruler, precision)
    u = np.finfo(dtype).eps / 2
    kinked = name.startswith("ReLU")
    ends = dtype(x) + _ENDS[ruler].astype(dtype) * dtype(h)
    if ruler != "complex step" and (ends == dtype(x)).all():
        return "The step is lost: x + h is rounded to x."
    if kinked and x == KINK:
        return "Exactly on the kink: there is no slope; a backward pass says 0."
    if (
        kinked
        and ruler != "complex step"
        and abs(x - KINK) < h
        and (ruler == "central" or x < KINK)
    ):
        return "The step reaches across the kink: two slopes are mixed."
    if ruler == "complex step" and not found.bending > u:
        return "A step sideways: nothing is subtracted, so nothing drowns."
    if ruler == "complex step" or found.bending > 10 * found.rounding:
        return "Too wide: the curve bends away from its tangent." if found.bending else _STRAIGHT
    if found.rounding > 10 * found.bending and found.bending > 0:
        return "Too small: the difference drowns in the rounding of f."
    if found.rounding > 0 and found.bending > 0:
        return "About the best step: rounding and bending cost the same."
    return _STRAIGHT


_STRAIGHT = "The function is straight here: only rounding is left."


@lru_cache(maxsize=64)
def _curve(name, x, ruler, precision):
    """Return the error at each of `STEPS`, as points of the picture."""
    dtype = PRECISIONS[precision]
    measured = measured_slope(SUBJECTS[name].f, x, STEPS, ruler, dtype).astype(float)
    true = SUBJECTS[name].derivatives(_stored(x, dtype))[0]
    larger = np.maximum(np.abs(measured), abs(true))
    errors = np.abs(measured - true) / np.where(larger == 0, 1, larger)
    across = LEFT + DECADE * (np.log10(STEPS) - SMALLEST)
    return _points(across, _height(errors))


def _height(error):
    return TOP + DECADE * (HIGHEST - np.log10(np.maximum(error, FLOOR)))


def _points(xs, ys):
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in zip(xs.tolist(), ys.tolist(), strict=True))


def step_size_svg(name="x**4", x=1.0, h=0.1, ruler="central", precision="float64"):
    """Return the picture of one measurement as SVG text; the parameters are those of `measure`."""
    state = name, x, h, ruler, precision
    found = measure(*state)
    sentence = explain(*state)
    numbers = f"measured {found.measured:.12g}, true {found.true:.12g}, "
    numbers += f"relative error {found.error:.1e}" if found.error else "no error at all"
    label = f"Slope of {name} at x = {x:g} with step h = {h:.1e}: {numbers}. {sentence}"
    return "".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
            f'width="{WIDTH}" height="{HEIGHT}" role="img" aria-label="{escape(label)}" '
            f'style="max-width:100%;height:auto;font-family:sans-serif;font-size:13px;'
            f'font-variant-numeric:tabular-nums">',
            f'<rect width="{WIDTH}" height="{HEIGHT}" style="fill:{PAPER}"/>',
            _text(16, 20, numbers, "start", "font-weight:bold;font-size:15px"),
            _text(16, 42, sentence, "start", "font-size:15px"),
            *_axes(),
            *_guide_lines(name, x, ruler, precision),
            f'<polyline points="{_curve(name, x, ruler, precision)}" fill="none" '
            f'stroke="{LOOK[ruler][0]}" stroke-width="2.2" stroke-linejoin="round" '
            f'stroke-dasharray="{RULER_LINES[ruler]}"/>',
            *_present(h, found.error),
            *_microscope(name, x, h, ruler, precision, found),
            "</svg>",
        ]
    )


def _text(x, y, text, anchor="middle", style=""):
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" style="fill:{TEXT};{style}">'
        f"{escape(text)}</text>"
    )


def _power(x, y, exponent, anchor):
    """Return the label 10 to the exponent."""
    text = "1" if exponent == 0 else f'10<tspan dy="-5" font-size="10px">{exponent}</tspan>'
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}" style="fill:{TEXT}">{text}</text>'


def _axes():
    yield _text((LEFT + RIGHT) / 2, TOP - 12, "relative error, over the step h")
    grid = []
    for k in range(-16, 1, 4):
        y = TOP + DECADE * (HIGHEST - k)
        grid.append(f"M{LEFT} {y}H{RIGHT}")
        yield _power(LEFT - 8, y + 5, k, "end")
    for k in range(SMALLEST, 1, 4):
        x = LEFT + DECADE * (k - SMALLEST)
        grid.append(f"M{x} {TOP}V{BOTTOM}")
        yield _power(x, BOTTOM + 19, k, "middle")
    yield f'<path d="{"".join(grid)}" style="stroke:{TEXT};stroke-opacity:0.18"/>'
    yield f'<path d="M{LEFT} {TOP}V{BOTTOM}H{RIGHT}" style="fill:none;stroke:{TEXT}"/>'
    yield _text((LEFT + RIGHT) / 2, BOTTOM + 40, "step h")


def _guide_lines(name, x, ruler, precision):
    """Yield the two straight arms that theory predicts, each with its label."""
    rounding, bending = (
        float(np.log10(guide)) if guide > 0 else None
        for guide in _guides(name, x, STEPS[0], ruler, precision)
    )
    power = 1 if ruler == "one-sided" else 2
    lowest = LOWEST
    if rounding is not None and bending is not None:
        # A little below the point where the arms cross; further down they mean nothing.
        lowest = max(LOWEST, rounding - (rounding - bending) / (power + 1) - 1)
    if rounding is not None:
        level = -6 if precision == "float64" else -3
        yield _arm(rounding, -1, lowest)
        across = LEFT + DECADE * (rounding - level) - 34
        yield _text(across, TOP + DECADE * (HIGHEST - level), "rounding: 1/h", "end", SMALL)
    if bending is not None:
        words = "bending: h" if power == 1 else "bending: h\N{SUPERSCRIPT TWO}"
        yield _arm(bending, power, lowest)
        level = -6 if power == 1 else -13
        yield _text(RIGHT - 22, TOP + DECADE * (HIGHEST - level), words, "end", SMALL)


def _arm(start, power, lowest):
    """Draw an error that grows like h to a power from 10**start at the smallest step."""
    # How many decades of h from the left the line enters and leaves the picture.
    low, high = sorted((edge - start) / power for edge in (lowest, HIGHEST))
    (x1, y1), (x2, y2) = (
        (LEFT + DECADE * k, TOP + DECADE * (HIGHEST - start - power * k))
        for k in (max(low, 0), min(high, -SMALLEST))
    )
    return (
        f'<path d="M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}" '
        f'style="stroke:{TEXT};stroke-width:1.3;stroke-dasharray:2 4"/>'
    )


def _present(h, error):
    x = LEFT + DECADE * (float(np.log10(h)) - SMALLEST)
    y = float(_height(error))
    yield (
        f'<path d="M{x:.1f} {y:.1f}V{BOTTOM}" style="stroke:{BACKWARD};stroke-dasharray:3 3"/>'
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="6" '
        f'style="fill:{BACKWARD};stroke:{PAPER};stroke-width:1.5"/>'
    )


@dataclass(frozen=True)
class _View:
    """A window on the function from x - 2h to x + 2h; ``reach`` is half of its height."""

    middle: float  # pixels from the top
    reach: float

    def place(self, share, value):
        """Return where a value at x + share * h stands."""
        across = (LENS[0] + LENS[1]) / 2 + (LENS[1] - LENS[0]) / 4 * share
        return across, self.middle - 0.45 * VIEW * value / (self.reach or 1.0)

    def frame(self, title):
        left, wide = LENS[0], LENS[1] - LENS[0]
        yield _text(sum(LENS) / 2, self.middle - VIEW / 2 - 8, title)
        yield (
            f'<rect x="{left}" y="{self.middle - VIEW / 2:.1f}" width="{wide}" height="{VIEW}" '
            f'style="fill:none;stroke:{TEXT};stroke-opacity:0.4"/>'
        )

    def function(self, shares, values):
        points = _points(*self.place(shares, values))
        yield f'<polyline points="{points}" fill="none" stroke="{FORWARD}" stroke-width="2.2"/>'

    def line(self, rise, style, start=0.0):
        """Draw the line that starts with a value at x and rises by so much on each step h."""
        (x1, y1), (x2, y2) = (self.place(share, start + rise * share) for share in (-2, 2))
        yield f'<path d="M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}" style="{style}"/>'

    def dots(self, shares, values):
        for share, value in zip(shares, values, strict=True):
            x, y = self.place(share, value)
            yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4.5" style="fill:{BACKWARD}"/>'


def _microscope(name, x, h, ruler, precision, found):
    """Yield the function near x as the computer sees it, and below what its tangent leaves."""
    f, dtype = SUBJECTS[name].f, PRECISIONS[precision]
    shares, ends = np.linspace(-2, 2, 161), _ENDS[ruler]
    point, step = np.asarray(x, dtype), np.asarray(h, dtype)

    def rise(shares):
        # A difference of two such neighbours is exact, so the stairs are those of f itself.
        return f(point + shares.astype(dtype) * step).astype(float) - float(f(point))

    values, at_ends = rise(shares), rise(ends)
    true, measured = found.true * h, found.measured * h
    # A secant goes through its two points; a step sideways leaves no point on this line.
    start = 0.0 if ruler == "complex step" else float(at_ends[0] - measured * ends[0])
    most = max(np.abs(values).max(), 2 * abs(true), abs(start) + 2 * abs(measured))
    whole = _View(TOP + VIEW / 2, most)
    left_over = values - true * shares
    tilt = measured - true
    rest = _View(BOTTOM - VIEW / 2, max(np.abs(left_over).max(), abs(start) + 2 * abs(tilt)))
    yield from whole.frame(f"the function from x - 2h to x + 2h, in {precision}")
    yield from whole.function(shares, values)
    yield from whole.line(true, _TRUE)
    yield from whole.line(measured, _MEASURED, start)
    yield from whole.dots(ends, at_ends)
    larger = _larger(whole.reach / rest.reach) if rest.reach else ""
    yield from rest.frame("the same without the true slope" + larger)
    yield from rest.function(shares, left_over)
    yield from rest.line(0.0, _TRUE)
    yield from rest.line(tilt, _MEASURED, start)
    yield from rest.dots(ends, at_ends - true * ends)
    for share, words in ((-1, "x - h"), (0, "x"), (1, "x + h")):
        across, _ = rest.place(share, 0.0)
        yield f'<path d="M{across:.1f} {BOTTOM}v5" style="stroke:{TEXT}"/>'
        yield _text(across, BOTTOM + 19, words)
    yield from _key()


def _larger(factor):
    if factor < 1.5:
        return ", not enlarged"
    return f", {factor:.0f} times as large" if factor < 1000 else f", {factor:.0e} times as large"


def _key():
    for x, style, words in (
        (LENS[0], f"stroke:{FORWARD};stroke-width:2.4", "f"),
        (LENS[0] + 60, _MEASURED, "measured slope"),
        (LENS[0] + 212, _TRUE, "true slope"),
    ):
        yield f'<path d="M{x} {BOTTOM + 36}h24" style="{style}"/>'
        yield _text(x + 30, BOTTOM + 40, words, "start")


class StepSizeExplorer(ipywidgets.VBox):
    """A slider for the step and controls for all else that decides how well a slope is measured.

    Parameters
    ----------
    name : str
        The function, one of `SUBJECTS`.
    x : float
        The point, from 0.5 to 1.5.
    h : float
        The step, from 1e-20 to 1.
    ruler : str
        "one-sided", "central" or "complex step".
    precision : str
        "float64" or "float32".

    Examples
    --------
    >>> explorer = StepSizeExplorer()
    >>> explorer
    StepSizeExplorer(name='x**4', x=1, h=1.0e-01, ruler='central', precision='float64')
    >>> explorer.ruler.value = "one-sided"
    >>> print(f"{explorer.found.measured:.4f}")
    4.6410
    """

    def __init__(self, name="x**4", x=1.0, h=0.1, ruler="central", precision="float64"):
        wide = {"layout": {"width": "360px"}, "style": {"description_width": "80px"}}
        self.name = ipywidgets.Dropdown(
            options=list(SUBJECTS),
            value=one_of("function", name, SUBJECTS),
            description="function",
            **wide,
        )
        self.x = ipywidgets.FloatSlider(
            value=in_range("point x", x, 0.5, 1.5), min=0.5, max=1.5, step=0.01,
            description="point x", **wide,
        )  # fmt: skip
        self.h = ipywidgets.FloatLogSlider(
            value=in_range("step h", h, STEPS[0], STEPS[-1]), min=SMALLEST, max=0, step=0.25,
            description="step h", readout_format=".1e", layout={"width": "724px"},
            style={"description_width": "80px"},
        )  # fmt: skip
        self.ruler = _toggles("ruler", RULERS, ruler)
        self.precision = _toggles("precision", PRECISIONS, precision)
        # A fixed least height keeps the page from jumping while the first picture arrives.
        self.picture = ipywidgets.HTML(
            layout={"width": "100%", "max_width": "760px", "min_height": f"{HEIGHT + 8}px"}
        )
        for control in self._controls:
            control.observe(self._draw, "value")
        self._draw()
        row = {"flex_flow": "row wrap", "width": "100%", "max_width": "760px"}
        super().__init__(
            [
                ipywidgets.HBox([self.name, self.x], layout=row),
                ipywidgets.HBox([self.ruler, self.precision], layout=row),
                ipywidgets.HBox([self.h], layout=row),
                self.picture,
            ]
        )

    @property
    def _controls(self):
        return self.name, self.x, self.h, self.ruler, self.precision

    @property
    def settings(self):
        """The present settings as a dict, with the names of the arguments of `measure`."""
        names = ("name", "x", "h", "ruler", "precision")
        return {name: control.value for name, control in zip(names, self._controls, strict=True)}

    @property
    def found(self):
        """What is measured as the controls stand, a `Measurement`."""
        return measure(**self.settings)

    def svg(self, **changed):
        """Return the present picture as SVG text, with some of the settings changed."""
        return step_size_svg(**(self.settings | changed))

    def film(self):
        """Return a reel for each control; the other controls stand where they are now."""
        now = self.settings
        steps = sorted({*(float(f"1e{k}") for k in range(SMALLEST, 1)), now["h"]})
        xs, _ = film.places(self.x.min, self.x.max, now["x"], steps=10)
        places = (
            ("h", [(f"{h:.1e}", h) for h in steps]),
            ("ruler", [(ruler, ruler) for ruler in RULERS]),
            ("name", [(name, name) for name in SUBJECTS]),
            ("precision", [(precision, precision) for precision in PRECISIONS]),
            ("x", [(f"{x:.2f}", x) for x in xs]),
        )
        reels = []
        for name, options in places:
            texts, values = zip(*options, strict=True)
            frames = [self.svg(**{name: value}) for value in values]
            label = getattr(self, name).description
            reels.append(film.Reel(label, texts, frames, values.index(now[name])))
        return reels

    def _draw(self, _change=None):
        self.picture.value = self.svg()

    def __repr__(self):
        now = self.settings
        return (
            f"StepSizeExplorer(name={now['name']!r}, x={now['x']:g}, h={now['h']:.1e}, "
            f"ruler={now['ruler']!r}, precision={now['precision']!r})"
        )

    def _repr_mimebundle_(self, **options):
        if film.wanted():
            return film.bundle(self)
        # Where no widget can run (a printed page, a code host), the picture stands in.
        return super()._repr_mimebundle_(**options) | {"image/svg+xml": self.svg()}


def _toggles(description, options, value):
    return in_line(
        ipywidgets.ToggleButtons(
            options=list(options),
            value=one_of(description, value, options),
            description=description,
            style={"description_width": "80px", "button_width": "108px"},
        )
    )
