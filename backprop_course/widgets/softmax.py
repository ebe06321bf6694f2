"""An explorer for softmax and cross-entropy: drag logits, watch probabilities, loss and gradient.

Each frame is one SVG string, written by hand, so that it appears within a few milliseconds.
"""

from html import escape

import ipywidgets
import numpy as np

from backprop_course.figures.style import BACKWARD, FORWARD, LOSS
from backprop_course.widgets import film
from backprop_course.widgets.controls import in_range, one_of
from backprop_course.widgets.theme import PAPER, TEXT

HAND_CASE = (0.0, float(np.log(2)), float(np.log(3)))  # odds of 1 : 2 : 3
WIDTH, HEIGHT = 660, 278
BASE, TALL = 206, 140  # y of the floor of the bars, height of a bar of size 1
LOSS_SCALE = 8.0  # the loss bar is full here
RANGE, STEP = 6.0, 0.01  # of the logits' sliders
STEPS_DOWNHILL = 20  # in the film
CONTROL_WIDTH = "330px"
WORDS = {"description_width": "90px"}  # wide enough for "temperature"


def explore(logits, label, *, temperature=1.0, smoothing=0.0):
    """Return everything that the explorer shows for one example.

    Parameters
    ----------
    logits : sequence of C floats
    label : int
    temperature : float
        The logits are divided by it before softmax.
    smoothing : float
        Share of the target that is spread evenly over all C classes.

    Returns
    -------
    p, target, gradient : ndarrays of shape (C,)
        Probabilities, target and the gradient of the loss with respect to the logits.
    loss : float

    Examples
    --------
    >>> p, target, gradient, loss = explore(np.log([1.0, 2.0, 3.0]), 1)
    >>> gradient.round(4)
    array([ 0.1667, -0.6667,  0.5   ])
    """
    scaled = np.asarray(logits, dtype=float) / temperature
    top = scaled.argmax()
    shifted = scaled - scaled[top]
    rest = np.exp(np.delete(shifted, top)).sum()
    p = np.exp(shifted) / (1 + rest)
    target = np.full(len(p), smoothing / len(p))
    target[label] += 1 - smoothing
    loss = np.log1p(rest) - (target * shifted).sum()
    return p, target, (p - target) / temperature, float(loss)


def softmax_svg(logits, label, *, temperature=1.0, smoothing=0.0, names=None):
    """Return a picture of one example: probabilities, target, loss and gradient, as SVG text.

    The parameters are those of `explore`; ``names`` are the labels under the bars.
    """
    names = names or [f"class {k}" for k in range(len(logits))]
    p, target, gradient, loss = explore(logits, label, temperature=temperature, smoothing=smoothing)
    limit = 1 if temperature >= 1 else 2
    shown = ", ".join(
        f"{name}: probability {p_k:.2f}, gradient {g_k:+.2f}"
        for name, p_k, g_k in zip(names, p, gradient, strict=True)
    )
    label_text = f"Loss {loss:.4f}, label {names[label]}. {shown}."
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'width="{WIDTH}" height="{HEIGHT}" role="img" aria-label="{escape(label_text)}" '
        f'style="max-width:100%;height:auto;font-family:sans-serif;font-size:14px">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" style="fill:{PAPER}"/>',
        *_loss_bar(loss),
        _text(16, 52, "probabilities P (filled) and target (dashed)", "start"),
        _text(356, 52, "gradient dZ = P - target" + _over(temperature), "start"),
        f'<g style="stroke:{TEXT}"><path d="M16 {BASE}H310 M356 {BASE - TALL / 2}H650"/></g>',
        _text(352, BASE - TALL + 5, f"+{limit}", "end"),
        _text(352, BASE - TALL / 2 + 5, "0", "end"),
        _text(352, BASE + 5, f"-{limit}", "end"),
    ]
    step = 294 / len(p)
    for k, name in enumerate(names):
        middle = 16 + step * (k + 0.5)
        parts += _probability(middle, step, p[k], target[k], name, k == label)
        parts += _gradient(middle + 340, step, gradient[k], limit, name)
    parts.append("</svg>")
    return "".join(parts)


def _over(temperature):
    return "" if temperature == 1 else f", divided by T = {temperature:.1f}"


def _text(x, y, text, anchor="middle", weight="normal"):
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-weight="{weight}" '
        f'style="fill:{TEXT}">{escape(text)}</text>'
    )


def _loss_bar(loss):
    width = 420 * min(loss / LOSS_SCALE, 1)
    yield _text(16, 23, f"loss {loss:.4f}", "start", "bold")
    yield f'<rect x="130" y="11" width="{width:.1f}" height="14" fill="{LOSS}"/>'
    yield (
        '<rect x="130" y="11" width="420" height="14" '
        f'style="fill:none;stroke:{TEXT};stroke-opacity:0.35"/>'
    )
    yield _text(556, 23, f"{LOSS_SCALE:.0f}" if loss <= LOSS_SCALE else "beyond 8", "start")


def _probability(middle, step, p, target, name, is_label):
    wide = 0.5 * step
    left = middle - wide / 2
    top = BASE - TALL * p
    yield (
        f'<rect x="{left:.1f}" y="{top:.1f}" width="{wide:.1f}" height="{TALL * p:.1f}" '
        f'fill="{FORWARD}"/>'
    )
    yield (
        f'<rect x="{left - 4:.1f}" y="{BASE - TALL * target:.1f}" width="{wide + 8:.1f}" '
        f'height="{TALL * target:.1f}" '
        f'style="fill:none;stroke:{TEXT};stroke-width:1.5;stroke-dasharray:5 3"/>'
    )
    weight = "bold" if is_label else "normal"
    yield _text(middle, BASE + 19, f"{p:.4f}", weight=weight)
    yield _text(middle, BASE + 39, name, weight=weight)
    if is_label:
        yield _text(middle, BASE + 58, "label", weight=weight)


def _gradient(middle, step, gradient, limit, name):
    wide = 0.5 * step
    zero = BASE - TALL / 2
    size = TALL / 2 * min(abs(gradient) / limit, 1)
    top = zero - size if gradient > 0 else zero
    yield (
        f'<rect x="{middle - wide / 2:.1f}" y="{top:.1f}" width="{wide:.1f}" '
        f'height="{size:.1f}" fill="{BACKWARD}"/>'
    )
    yield _text(middle, BASE + 19, f"{gradient:+.4f}")
    yield _text(middle, BASE + 39, name)
    yield _text(middle, BASE + 58, _direction(gradient))


def _direction(gradient):
    """Say what a step downhill does to the logit."""
    if abs(gradient) < 5e-5:
        return "stays"
    return "falls" if gradient > 0 else "rises"


class SoftmaxExplorer(ipywidgets.VBox):
    """Sliders for the logits of one example, and buttons that act on all of them.

    Parameters
    ----------
    logits : sequence of C floats
        Where the sliders start, from -6 to 6.
    label : int
        The right class.
    names : sequence of C str, optional

    Attributes
    ----------
    logits : list of C floats
        As they are, with all their digits; the sliders show two.
    """

    def __init__(self, logits=HAND_CASE, label=1, names=None):
        self.logits = list(logits)
        self.names = list(names or (f"class {k}" for k in range(len(self.logits))))
        if len(self.names) != len(self.logits):
            raise ValueError(
                f"Each logit needs one name: there are {len(self.logits)} logits and "
                f"{len(self.names)} names."
            )
        self.sliders = [
            _slider(name, z, -RANGE, RANGE, STEP, "+.2f", f"logit of {name}")
            for name, z in zip(self.names, self.logits, strict=True)
        ]
        self.label = ipywidgets.Dropdown(
            options=[(name, k) for k, name in enumerate(self.names)],
            value=one_of("label", label, range(len(self.names))),
            description="label",
            tooltip="the right class",
            layout=ipywidgets.Layout(width=CONTROL_WIDTH),
            style=WORDS,
        )
        self.temperature = _slider(
            "temperature", 1.0, 0.5, 5.0, 0.1, ".1f", "divides the logits before softmax"
        )
        self.smoothing = _slider(
            "smoothing", 0.0, 0.0, 0.5, 0.05, ".2f", "share of the target spread over all classes"
        )
        self.downhill = _button("step downhill", "subtract the gradient from the logits")
        self.shift = _button("add 1 to every logit", "watch what changes, and what does not")
        self.reset = _button("start again", "back to the first picture")
        # A fixed least height keeps the page from jumping while the first picture arrives.
        self.picture = ipywidgets.HTML(layout=ipywidgets.Layout(min_height=f"{HEIGHT + 8}px"))

        self._settings = (self.label, self.temperature, self.smoothing)
        start = list(self.logits), [control.value for control in self._settings]
        self._quiet = False
        for slider in self.sliders:
            slider.observe(self._slid, "value")
        for control in self._settings:
            control.observe(self._draw, "value")
        self.downhill.on_click(self._step)
        self.shift.on_click(lambda _: self._move_to([z + 1 for z in self.logits]))
        self.reset.on_click(lambda _: self._move_to(*start))
        self._draw()
        row = ipywidgets.Layout(flex_flow="row wrap")
        super().__init__(
            [
                ipywidgets.HBox(
                    [ipywidgets.VBox(self.sliders), ipywidgets.VBox(self._settings)], layout=row
                ),
                ipywidgets.HBox([self.downhill, self.shift, self.reset], layout=row),
                self.picture,
            ]
        )

    @property
    def state(self):
        """Probabilities, target, gradient and loss as the controls stand (see `explore`)."""
        return explore(
            self.logits,
            self.label.value,
            temperature=self.temperature.value,
            smoothing=self.smoothing.value,
        )

    def svg(self, **changed):
        """Return the present picture as SVG text, with some of `softmax_svg`'s settings changed."""
        present = {
            "logits": self.logits,
            "label": self.label.value,
            "temperature": self.temperature.value,
            "smoothing": self.smoothing.value,
            "names": self.names,
        }
        return softmax_svg(**(present | changed))

    def _slid(self, change):
        if self._quiet:
            return
        k = self.sliders.index(change["owner"])
        # The browser sends a value back as it rounds it; that is no move of the learner.
        if abs(change["new"] - self.logits[k]) > 0.51 * STEP:
            self.logits[k] = change["new"]
            self._draw()

    def _step(self, _):
        gradient = self.state[2]
        self._move_to([z - float(g) for z, g in zip(self.logits, gradient, strict=True)])

    def _move_to(self, logits, settings=()):
        # All stop together: a single logit held back at the end of its slider would change gaps.
        beyond = max(max(logits) - RANGE, 0) + min(min(logits) + RANGE, 0)
        self.logits = [z - beyond for z in logits]
        self._quiet = True
        for slider, z in zip(self.sliders, self.logits, strict=True):
            slider.value = z
        for control, value in zip(self._settings, settings, strict=False):
            control.value = value
        self._quiet = False
        self._draw()

    def _draw(self, _change=None):
        if not self._quiet:
            self.picture.value = self.svg()

    def film(self):
        """Return a reel for each control; the others stand where they are now."""
        reels = [self._logit_reel(k) for k in range(len(self.logits))]
        labels = range(len(self.names))
        frames = [self.svg(label=k) for k in labels]
        reels.append(film.Reel("label", self.names, frames, self.label.value))
        for slider, steps in ((self.temperature, 18), (self.smoothing, 10)):
            values, start = film.places(slider.min, slider.max, slider.value, steps=steps)
            frames = [self.svg(**{slider.description: value}) for value in values]
            reels.append(film.Reel(slider.description, _written(slider, values), frames, start))
        return [*reels, *self._button_reels()]

    def _button_reels(self):
        twin = SoftmaxExplorer([0.0] * len(self.logits), self.label.value, self.names)
        twin.logits = list(self.logits)  # two of them may lie a little beyond their sliders
        twin.temperature.value, twin.smoothing.value = self.temperature.value, self.smoothing.value
        downhill = []
        for _ in range(STEPS_DOWNHILL + 1):
            downhill.append(twin.svg())
            twin.downhill.click()
        shifts = [-2, -1, 0, 1, 2]
        frames = [self.svg(logits=[z + shift for z in self.logits]) for shift in shifts]
        return [
            film.Reel("steps downhill", [str(k) for k in range(len(downhill))], downhill),
            film.Reel("to every logit", [f"{shift:+d}" for shift in shifts], frames, start=2),
        ]

    def _logit_reel(self, k):
        slider = self.sliders[k]
        values, start = film.places(slider.min, slider.max, self.logits[k], steps=24)
        frames = [self.svg(logits=[*self.logits[:k], v, *self.logits[k + 1 :]]) for v in values]
        return film.Reel(slider.description, _written(slider, values), frames, start)

    def __repr__(self):
        logits = ", ".join(f"{z:.2f}" for z in self.logits)
        name, loss = self.names[self.label.value], self.state[3]
        return f"SoftmaxExplorer(logits=({logits}), label='{name}', loss={loss:.4f})"

    def _repr_mimebundle_(self, **options):
        if film.wanted():
            return film.bundle(self)
        # Where no widget can run (a printed page, a code host), the picture stands in.
        return super()._repr_mimebundle_(**options) | {"image/svg+xml": self.svg()}


def _slider(description, value, low, high, step, readout_format, tooltip):
    return ipywidgets.FloatSlider(
        value=in_range(description, value, low, high),
        min=low,
        max=high,
        step=step,
        description=description,
        readout_format=readout_format,
        tooltip=tooltip,
        layout=ipywidgets.Layout(width=CONTROL_WIDTH),
        style=WORDS,
    )


def _written(slider, values):
    return [format(value, slider.readout_format) for value in values]


def _button(description, tooltip):
    return ipywidgets.Button(
        description=description, tooltip=tooltip, layout=ipywidgets.Layout(width="auto")
    )
