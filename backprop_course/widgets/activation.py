"""An explorer for activations: drag z and the arriving gradient, watch the slope let it pass.

Plain Python and one SVG string a frame, so that a move of a slider costs about a millisecond.
"""

from functools import lru_cache
from math import erf, exp, hypot, pi, sqrt, tanh
from typing import NamedTuple

from ipywidgets import HTML, FloatSlider, HBox, Layout, ToggleButtons, VBox

from backprop_course.figures.style import BACKWARD, FORWARD
from backprop_course.widgets import film
from backprop_course.widgets.controls import in_line, in_range, one_of

Z_LIMIT, DOUT_LIMIT, LEAK_LIMIT = 5.0, 3.0, 0.25
STEP = 0.05  # of the sliders for z and dout: one press of an arrow key


class Bend(NamedTuple):
    """One activation at one place: its value, its slope there, and how the slope is found."""

    value: float
    slope: float
    why: str


def _relu(z, leak):
    return Bend(z, 1.0, "1, for z > 0") if z > 0 else Bend(0.0, 0.0, "0, for z ≤ 0")


def _leaky_relu(z, leak):
    return Bend(z, 1.0, "1, for z > 0") if z > 0 else Bend(leak * z, leak, f"{leak:.2f}, for z ≤ 0")


def _sigmoid(z, leak):
    a = 1 / (1 + exp(-z))
    return Bend(a, a * (1 - a), f"a (1 − a) = {a:.4f} · {1 - a:.4f}")


def _tanh(z, leak):
    a = tanh(z)
    return Bend(a, 1 - a * a, f"1 − a² = 1 − {a * a:.4f}")


def _gelu(z, leak):
    weight, density = (1 + erf(z / sqrt(2))) / 2, exp(-z * z / 2) / sqrt(2 * pi)
    why = f"Φ + zφ = {number(weight)} {_signed(z * density)}"
    return Bend(z * weight, weight + z * density, why)


def _silu(z, leak):
    weight = 1 / (1 + exp(-z))
    return Bend(z * weight, weight + z * weight * (1 - weight), "yours to find, as an exercise")


ACTIVATIONS = {
    "ReLU": _relu,
    "leaky ReLU": _leaky_relu,
    "sigmoid": _sigmoid,
    "tanh": _tanh,
    "GELU": _gelu,
    "SiLU": _silu,
}


def bend(activation, z, leak=0.1):
    """Return value and slope of an activation at one place.

    Parameters
    ----------
    activation : str
        One of `ACTIVATIONS`.
    z : float
    leak : float
        The slope of leaky ReLU where z is not positive; the others do without it.

    Returns
    -------
    Bend
        At a corner the slope of its left side is taken, as the layers of the course do.

    Examples
    --------
    >>> bend("sigmoid", 0.0).slope
    0.25
    >>> bend("leaky ReLU", -2.0, leak=0.1)[:2]
    (-0.2, 0.1)
    """
    return ACTIVATIONS[one_of("activation", activation, ACTIVATIONS)](z, leak)


def number(value, decimals=4):
    """Return a number with fixed decimals, a real minus sign, and never a negative zero."""
    text = f"{value:.{decimals}f}"
    return text.lstrip("-") if float(text) == 0 else text.replace("-", "−")


def _signed(value):
    return f"{'−' if value < 0 else '+'} {abs(value):.4f}"


def verdict(slope):
    """Say in words how much of a gradient gets past a slope."""
    if slope == 0:
        return "closed: nothing passes"
    if slope == 1:
        return "open: all of it passes, unchanged"
    if slope < 0:
        return "falling: it comes out with the other sign"
    if slope > 1:
        return "steeper than 1: more passes than arrived"
    share = f"{slope:.1%} of it passes"
    return f"nearly flat: only {share}" if slope < 0.05 else share


class ActivationExplorer(VBox):
    """Buttons for the activation, sliders for z, the arriving gradient and the leak, a picture.

    Parameters
    ----------
    activation : str
        One of `ACTIVATIONS`.
    z : float
        What enters, from -5 to 5.
    dout : float
        The gradient that arrives, from -3 to 3.
    leak : float
        The slope of leaky ReLU below 0, from 0 to 0.25.

    Examples
    --------
    >>> explorer = ActivationExplorer("sigmoid", z=0.0, dout=2.0)
    >>> explorer
    ActivationExplorer('sigmoid', z=0.00, dout=2.00): slope 0.2500, dZ 0.5000
    >>> explorer.activation.value = "ReLU"
    >>> explorer.dZ
    0.0
    """

    def __init__(self, activation="sigmoid", z=1.0, dout=2.0, leak=0.1):
        self.activation = in_line(
            ToggleButtons(
                options=list(ACTIVATIONS),
                value=one_of("activation", activation, ACTIVATIONS),
                style={"button_width": "104px"},
                layout=_WIDE,
                tooltips=[f"the activation is {name}" for name in ACTIVATIONS],
            )
        )
        self.z = _slider("z enters", z, Z_LIMIT, "what enters the activation")
        self.dout = _slider("dout arrives", dout, DOUT_LIMIT, "the gradient that comes back to it")
        self.leak = _slider("leaky slope", leak, LEAK_LIMIT, "below 0, for leaky ReLU alone", 0.0)
        # A fixed least height keeps the page from jumping while the first picture arrives.
        self.picture = HTML(
            layout=Layout(width="100%", max_width="760px", min_height=f"{_HEIGHT + 8}px")
        )
        for control in (self.activation, self.z, self.dout, self.leak):
            control.observe(self._draw, names="value")
        self._draw()
        sliders = HBox((self.z, self.dout, self.leak), layout=_ROW)
        super().__init__((self.activation, sliders, self.picture))

    @property
    def settings(self):
        """The present settings as a dict, with the names of the arguments of `activation_svg`."""
        return {
            "activation": self.activation.value,
            "z": self.z.value,
            "dout": self.dout.value,
            "leak": self.leak.value,
        }

    @property
    def slope(self):
        """The slope of the activation at the present z."""
        return bend(self.activation.value, self.z.value, self.leak.value).slope

    @property
    def dZ(self):
        """The gradient that passes: ``dout`` times the slope."""
        return self.dout.value * self.slope

    def film(self):
        """Return one reel for each control that acts: the deck shows them without a kernel."""

        def reel(label, name, places, words):
            settings = [self.settings | {name: place} for place in places]
            frames = [activation_svg(**setting, standalone=True) for setting in settings]
            start = places.index(self.settings[name])
            return film.Reel(label, [words(place) for place in places], frames, start)

        def across(control):
            return film.places(control.min, control.max, control.value)[0]

        def two_decimals(place):
            return number(place, 2)

        reels = [reel("activation", "activation", list(ACTIVATIONS), str)]
        reels += [
            reel("z enters", "z", across(self.z), two_decimals),
            reel("dout arrives", "dout", across(self.dout), two_decimals),
        ]
        if self.activation.value == "leaky ReLU":
            reels.append(reel("leaky slope", "leak", across(self.leak), two_decimals))
        return reels

    def _draw(self, _change=None):
        self.leak.disabled = self.activation.value != "leaky ReLU"
        self.picture.value = activation_svg(**self.settings)

    def __repr__(self):
        return (
            f"ActivationExplorer('{self.activation.value}', z={self.z.value:.2f}, "
            f"dout={self.dout.value:.2f}): slope {self.slope + 0.0:.4f}, dZ {self.dZ + 0.0:.4f}"
        )

    def _repr_mimebundle_(self, **options):
        """Add a still picture for pages that cannot show the live one; in a deck, the film."""
        if film.wanted():
            return film.bundle(self)
        still = activation_svg(**self.settings, standalone=True)
        return {**super()._repr_mimebundle_(**options), "image/svg+xml": still}


_WIDE = Layout(width="100%", max_width="760px")
_ROW = Layout(flex_flow="row wrap", width="100%", max_width="760px")


def _slider(description, value, limit, tooltip, lowest=None):
    low = -limit if lowest is None else lowest
    return FloatSlider(
        value=in_range(description, value, low, limit),
        min=low,
        max=limit,
        step=STEP if lowest is None else STEP / 5,
        description=description,
        readout_format=".2f",
        tooltip=tooltip,
        layout=Layout(width="372px"),
    )


# The picture ---------------------------------------------------------------------------------

_WIDTH, _HEIGHT = 760, 402
_LEFT, _TOP, _UNIT = 34, 24, 38  # of the upper plot; one unit is as long across as up
_PLOT_WIDTH, _PLOT_HEIGHT, _HIGHEST = 396, 252, 5.15
_STRIP_TOP, _STRIP_HEIGHT, _STRIP_UNIT, _STRIP_HIGHEST = 306, 78, 52, 1.25
_MIDDLE, _BAR_UNIT = 606, 40  # of the bars for the two gradients

_LIGHT = (
    ".bpc-activation{max-width:100%;height:auto;font:14px sans-serif;color:#1b1b1b;"
    f"--f:{FORWARD};--b:{BACKWARD};--ft:#00609a;--bt:#b64f00}}"
    ".bpc-activation text{fill:currentColor}"
    ".bpc-activation .f{fill:var(--ft);font-weight:600}"
    ".bpc-activation .b{fill:var(--bt);font-weight:600}"
    ".bpc-activation .m{text-anchor:middle}.bpc-activation .e{text-anchor:end}"
    ".bpc-activation .s{font-size:12px}"
    ".bpc-activation .grid{stroke:currentColor;stroke-width:1;opacity:.13}"
    ".bpc-activation .wire{fill:none;stroke:currentColor;stroke-width:1.3;opacity:.75}"
    ".bpc-activation .curve{fill:none;stroke-width:3;stroke-linejoin:round}"
    ".bpc-activation .tangent{stroke:var(--b);stroke-width:5;stroke-dasharray:8 4}"
)
_THEMED = (
    ".bpc-activation{color:var(--jp-content-font-color1,inherit)}"
    '[data-jp-theme-light="false"] .bpc-activation,.vscode-dark .bpc-activation'
    "{--f:#56b4e9;--b:#f28c4b;--ft:#7cc6f2;--bt:#ffa36b}"
)


def activation_svg(activation, z, dout, leak=0.1, *, standalone=False):
    """Return the picture of an activation and of the gradient that passes it, as SVG text.

    Parameters
    ----------
    activation : str
        One of `ACTIVATIONS`.
    z, dout, leak : float
        What enters, the gradient that arrives, the slope of leaky ReLU below 0.
    standalone : bool
        True gives a picture for a page of its own: white ground, fixed colours. False gives one
        that takes its text colour from the page around it and follows dark themes.
    """
    here = bend(activation, z, leak)
    dZ = dout * here.slope
    label = (
        f"{activation} at z = {number(z, 2)}: value {number(here.value)}, slope "
        f"{number(here.slope)}. The gradient {number(dout, 2)} arrives, {number(dZ)} passes; "
        f"{verdict(here.slope).replace('>', 'above')}."
    )
    ground = f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="white"/>' if standalone else ""
    namespace = 'xmlns="http://www.w3.org/2000/svg" ' if standalone else ""
    return (
        f'<svg {namespace}class="bpc-activation" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
        f'width="{_WIDTH}" height="{_HEIGHT}" style="max-width:100%;height:auto" role="img" '
        f'aria-label="{label}"><title>{label}</title>'
        f"<style>{_LIGHT if standalone else _LIGHT + _THEMED}</style>{ground}"
        f"{_function(activation, z, here, leak)}{_slopes(activation, z, here, leak)}"
        f"{_way_through(activation, z, here, dout, dZ)}{_bars(dout, dZ, here)}</svg>"
    )


def _text(x, y, content, classes=""):
    return f'<text x="{x:g}" y="{y:g}" class="{classes}">{_plain(content)}</text>'


def _plain(content):
    return content.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


@lru_cache(maxsize=256)
def _paths(activation, leak):
    """Return function and slope as SVG path data, in the pixels of their plots."""
    function, slopes = [], []
    for sign in (-1, 1):  # two strokes, so that a jump of the slope at 0 stays open
        places = [sign * max(k / 20, 1e-9) for k in range(int(20 * Z_LIMIT) + 5)]
        bends = [bend(activation, z, leak) for z in places]
        values = [(_across(z), _up(b.value)) for z, b in zip(places, bends, strict=True)]
        steep = [(_across(z), _strip(b.slope)) for z, b in zip(places, bends, strict=True)]
        function.append("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in values))
        slopes.append("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in steep))
    return "".join(function), "".join(slopes)


def _across(z):
    return _PLOT_WIDTH / 2 + _UNIT * z


def _up(a):
    return _UNIT * (_HIGHEST - a)


def _strip(slope):
    return _STRIP_UNIT * (_STRIP_HIGHEST - slope)


def _window(top, height, content):
    """Return a plot whose content is cut at its edges."""
    return (
        f'<svg x="{_LEFT}" y="{top}" width="{_PLOT_WIDTH}" height="{height}" '
        f'overflow="hidden">{content}</svg>'
    )


def _grid(levels, place, height, ends):
    across = "".join(f"M0 {place(level):g}h{_PLOT_WIDTH}" for level in levels)
    up = "".join(f"M{_across(z):g} 0v{height}" for z in (-4, -2, 2, 4))
    axes = f"M0 {place(0):g}h{_PLOT_WIDTH}M{_across(0):g} {ends}"
    return f'<path class="grid" d="{across}{up}"/><path class="wire" d="{axes}"/>'


def _function(activation, z, here, leak):
    x, y = _across(z), _up(here.value)
    reach = 62 / hypot(1, here.slope)
    tangent = f"M{x - reach:.1f} {y + reach * here.slope:.1f}L{x + reach:.1f} "
    tangent += f"{y - reach * here.slope:.1f}"
    inside = (
        _grid(range(-1, 6), _up, _PLOT_HEIGHT, f"0v{_PLOT_HEIGHT}")
        + f'<path class="curve" stroke="var(--f)" d="{_paths(activation, leak)[0]}"/>'
        f'<path d="M{x:.1f} {_up(0):g}V{y:.1f}" class="wire" stroke-dasharray="2 3"/>'
        f'<path d="{tangent}" class="tangent"/>'
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5.5" fill="var(--f)" stroke="currentColor"/>'
    )
    ticks = "".join(_text(_LEFT - 6, _TOP + _up(a) + 4, number(a, 0), "s e") for a in range(-1, 6))
    return (
        _text(_LEFT, 15, f"a = {activation}(z)", "f")
        + _text(_LEFT + _PLOT_WIDTH, 15, "dashed: the tangent", "b e s")
        + _window(_TOP, _PLOT_HEIGHT, inside)
        + ticks
    )


def _slopes(activation, z, here, leak):
    x, y = _across(z), _strip(here.slope)
    inside = (
        _grid((1,), _strip, _STRIP_HEIGHT, f"0v{_STRIP_HEIGHT}")
        + '<path class="curve" stroke="var(--b)" stroke-dasharray="7 4" '
        f'd="{_paths(activation, leak)[1]}"/>'
        f'<path d="M{x:.1f} {_strip(0):g}V{y:.1f}" class="wire" stroke-dasharray="2 3"/>'
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5.5" fill="var(--b)" stroke="currentColor"/>'
    )
    ticks = "".join(
        _text(_LEFT - 6, _STRIP_TOP + _strip(s) + 4, str(s), "s e") for s in (0, 1)
    ) + "".join(
        _text(_LEFT + _across(k), _STRIP_TOP + _STRIP_HEIGHT + 14, number(k, 0), "s m")
        for k in (-4, -2, 0, 2, 4)
    )
    return (
        _text(_LEFT, _STRIP_TOP - 8, "its slope", "b")
        + _window(_STRIP_TOP, _STRIP_HEIGHT, inside)
        + ticks
        + _text(_LEFT + _PLOT_WIDTH - 14, _STRIP_TOP + _STRIP_HEIGHT + 14, "z", "m")
    )


def _way_through(activation, z, here, dout, dZ):
    """Return the stop with its two wires: values above them run right, gradients below run left."""
    y, left, right = 80, 548, 664
    return (
        _text(464, 15, "values run right", "f s")
        + _text(750, 15, "gradients run left", "b s e")
        + f'<path class="wire" d="M464 {y}H{left - 7}M{right} {y}H743"/>'
        + "".join(
            f'<path d="M{x - 8} {y - 4}l8 4l-8 4z" fill="currentColor" opacity=".75"/>'
            f'<path d="M{x - 78} {y + 14}l8 -4v8z" fill="var(--b)"/>'
            for x in (left, 750)
        )
        + f'<rect x="{left}" y="{y - 34}" width="{right - left}" height="68" rx="6" class="wire"/>'
        + _text((left + right) / 2, y - 11, activation, "m")
        + _text((left + right) / 2, y + 21, f"× {number(here.slope)}", "m b")
        + _text(504, y - 9, f"z = {number(z, 2)}", "m f")
        + _text(706, y - 9, number(here.value), "m f")
        + _text(512, y + 19, number(dZ), "m b")
        + _text(712, y + 19, number(dout, 2), "m b")
        + _text(504, y - 40, "z enters", "m s")
        + _text(706, y - 40, "a leaves", "m s")
        + _text(504, y + 38, "dZ passes", "m s")
        + _text(706, y + 38, "dout arrives", "m s")
        + _text(464, y + 76, "slope = " + here.why, "b")
    )


def _bars(dout, dZ, here):
    """Return the two gradients as bars on one scale."""
    rows = (("dout arrives", dout, 226), ("dZ = dout × slope", dZ, 284))
    parts = [f'<path class="wire" d="M{_MIDDLE} 196v128"/>']
    for k, (name, value, y) in enumerate(rows):
        size = _BAR_UNIT * abs(value)
        x = _MIDDLE if value > 0 else _MIDDLE - size
        filled = "var(--b)" if k else "none"  # hollow: what arrives; filled: what passes
        parts += [
            f'<rect x="{x:.1f}" y="{y}" width="{size:.1f}" height="20" fill="{filled}" '
            'stroke="var(--b)" stroke-width="2"/>',
            _text(464, y - 8, name, "s"),
            _text(750, y - 8, number(value, 4 if k else 2), "b e"),
        ]
    parts += [
        _text(_MIDDLE, 340, "0", "s m"),
        _text(464, 372, verdict(here.slope), "b"),
    ]
    return "".join(parts)
