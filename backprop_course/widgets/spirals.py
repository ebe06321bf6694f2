"""A small network learns to tell the arms of a spiral apart, while you watch and interfere.

A frame is some steps of training, a field of colours written by hand as PNG, and a line plot
written by hand as SVG: a few milliseconds in all.
"""

from functools import cache
from itertools import pairwise
from math import log10
from typing import NamedTuple

import ipywidgets
import numpy as np

from backprop_course import datasets
from backprop_course.figures.style import ACCENT, BACKWARD, FORWARD, PARAMETER
from backprop_course.network import NeuralNetwork
from backprop_course.optimizers import SGD
from backprop_course.widgets import film
from backprop_course.widgets.controls import in_line, in_range, one_of
from backprop_course.widgets.png import data_uri, palette_png
from backprop_course.widgets.theme import PAPER, TEXT

FRAMES, STEPS = 100, 8  # frames of a whole training, steps of training in one frame
RATES = (0.01, 0.03, 0.1, 0.2, 0.3, 0.5, 1.0, 2.0, 4.0)
SIZES = (2, 3, 4, 6, 8, 12, 16, 24, 32)  # hidden units in the film
FIELD = 56  # pixels along each side of the plane
REACH = 1.15  # the plane shows points from -REACH to REACH
LEVELS = 12  # tints from undecided to certain, for each class
COLOURS = (FORWARD, BACKWARD, PARAMETER)
PAUSE = 150  # milliseconds between two frames


class State(NamedTuple):
    """What there is to know of a network after some steps.

    Attributes
    ----------
    parameters : dict of str to ndarray
    loss, accuracy : float
        On all examples.
    norms : tuple of float
        The length of the gradient of each weight matrix: ``dW1``, ``dW2``, ``dW3``.
    """

    parameters: dict
    loss: float
    accuracy: float
    norms: tuple


class Training:
    """A network 2-H-H-3 on three spirals, trained frame by frame; every frame is remembered.

    All examples make one batch, so that nothing but the settings decides what happens.

    Parameters
    ----------
    hidden : int
        The number of units in each of the two hidden layers, H.
    learning_rate : float
    """

    def __init__(self, hidden, learning_rate):
        self.hidden, self.learning_rate = hidden, learning_rate
        self.X, self.y = _examples()
        self.network = NeuralNetwork([2, hidden, hidden, 3], seed=0)
        self.states = [self._state()]

    def state(self, frame):
        """Return the state after a number of frames, and train as far as it takes."""
        if frame >= len(self.states):
            self._load(self.states[-1])
        while frame >= len(self.states):
            self._train()
            self.states.append(self._state())
        return self.states[frame]

    def change_rate(self, frame, learning_rate):
        """Forget what came after a frame, and go on from there at another rate."""
        self.learning_rate = learning_rate
        self.state(frame)
        del self.states[frame + 1 :]

    def field(self, frame):
        """Return the probabilities at each pixel of the plane, of shape (FIELD, FIELD, 3)."""
        self._load(self.state(frame))
        return self.network.predict_probabilities(_PLANE).reshape(FIELD, FIELD, 3)

    def _load(self, state):
        for name, values in self.network.parameters.items():
            values[...] = state.parameters[name]

    def _train(self):
        optimizer = SGD(self.learning_rate)
        # Too large a rate may blow the network up: that is worth seeing, not a warning.
        with np.errstate(all="ignore"):
            for _ in range(STEPS):
                _, gradients = self.network.loss_and_gradients(self.X, self.y)
                optimizer.step(self.network.parameters, gradients)

    def _state(self):
        with np.errstate(all="ignore"):
            loss, gradients = self.network.loss_and_gradients(self.X, self.y)
            norms = tuple(float(np.linalg.norm(gradients[f"W{k}"])) for k in (1, 2, 3))
        parameters = {name: values.copy() for name, values in self.network.parameters.items()}
        return State(parameters, float(loss), self.network.accuracy(self.X, self.y), norms)


@cache
def _examples():
    return datasets.spirals(classes=3, per_class=50, noise=0.15)


def _plane():
    across = np.linspace(-REACH, REACH, FIELD)
    return np.stack(np.meshgrid(across, across[::-1]), axis=-1).reshape(-1, 2)


def _palette():
    """Return the tints of the three classes, from nearly white to the class's own colour."""
    tints = []
    for colour in COLOURS:
        full = np.array([int(colour[k : k + 2], 16) for k in (1, 3, 5)])
        strength = np.linspace(0.05, 0.6, LEVELS)[:, np.newaxis]
        tints.append(255 + strength * (full - 255))
    return np.concatenate(tints).round().astype(np.uint8)


_PLANE, _PALETTE = _plane(), _palette()


def field_png(probabilities):
    """Return the plane as PNG: the most probable class in its colour, darker if more certain.

    Parameters
    ----------
    probabilities : ndarray of shape (H, W, 3)
    """
    best = probabilities.argmax(axis=2)
    lead = (probabilities.max(axis=2) - 1 / 3) * 1.5
    # A network that blew up gives nan; it is shown as undecided.
    levels = np.nan_to_num((lead * (LEVELS - 1)).round()).clip(0, LEVELS - 1)
    return palette_png((best * LEVELS + levels).astype(np.uint8), _PALETTE)


class SpiralsExplorer(ipywidgets.VBox):
    """Play, pause and step through the training of a small network on three spirals.

    Parameters
    ----------
    hidden : int
        Units in each of the two hidden layers, 2 to 32. A change starts the training anew.
    learning_rate : float
        One of `RATES`. A change holds from the present frame on.
    frame : int
        How far the training is when the explorer appears, 0 to `FRAMES`.

    Attributes
    ----------
    hidden, learning_rate, frame, play, step, reset : ipywidgets controls
    state : State
        The network as it is shown.

    Examples
    --------
    >>> explorer = SpiralsExplorer(hidden=16, learning_rate=0.3)
    >>> explorer
    SpiralsExplorer(hidden=16, learning_rate=0.3, frame=0)
    """

    def __init__(self, hidden=16, learning_rate=0.3, frame=0):
        wide = {
            "layout": ipywidgets.Layout(width="372px"),
            "style": {"description_width": "110px"},
        }
        self.hidden = ipywidgets.IntSlider(
            in_range("hidden units", hidden, 2, 32), 2, 32, description="hidden units", **wide
        )
        self.learning_rate = in_line(
            ipywidgets.SelectionSlider(
                options=RATES,
                value=one_of("learning rate", learning_rate, RATES),
                description="learning rate",
                **wide,
            )
        )
        self.frame = ipywidgets.IntSlider(
            in_range("frame", frame, 0, FRAMES), 0, FRAMES, description="frame", **wide
        )
        self.play = ipywidgets.Play(
            value=frame, min=0, max=FRAMES, interval=PAUSE, show_repeat=False,
            tooltip="play, pause, stop",
        )  # fmt: skip
        # The two are linked in the browser, so that one message a frame comes to the kernel.
        ipywidgets.jslink((self.play, "value"), (self.frame, "value"))
        self.step = _button("step", f"{STEPS} steps of gradient descent")
        self.reset = _button("reset", "the same first weights again")
        # A fixed least height keeps the page from jumping while the first picture arrives.
        self.picture = ipywidgets.HTML(
            layout=ipywidgets.Layout(width="100%", max_width="760px", min_height="350px")
        )
        self._start = hidden, learning_rate
        self.training = Training(hidden, learning_rate)
        self._quiet = False
        self.hidden.observe(self._begin_anew, "value")
        self.learning_rate.observe(self._change_rate, "value")
        self.frame.observe(self._draw, "value")
        self.step.on_click(lambda _: self._go_to(min(self.frame.value + 1, FRAMES)))
        self.reset.on_click(self._reset)
        self._draw()
        row = ipywidgets.Layout(flex_flow="row wrap", width="100%", max_width="760px")
        super().__init__(
            [
                ipywidgets.HBox([self.hidden, self.learning_rate], layout=row),
                ipywidgets.HBox([self.play, self.step, self.reset, self.frame], layout=row),
                self.picture,
            ]
        )

    @property
    def state(self):
        return self.training.state(self.frame.value)

    def svg(self):
        """Return the present picture as SVG text."""
        return spirals_svg(self.training, self.frame.value)

    def film(self):
        """Return a reel over the training and, from the second frame on, one for each setting."""
        now, places = self.frame.value, sorted({*range(0, FRAMES + 1, 5), self.frame.value})
        frames = [spirals_svg(self.training, place) for place in places]
        steps = [str(STEPS * place) for place in places]
        reels = [film.Reel("steps", steps, frames, places.index(now), plays=True)]
        if now == 0:
            return reels
        hidden, rate = self.hidden.value, self.learning_rate.value
        sizes = sorted({*SIZES, hidden})
        frames = [self._after(now, size, rate) for size in sizes]
        texts = [str(size) for size in sizes]
        reels.append(film.Reel("hidden units", texts, frames, sizes.index(hidden)))
        frames = [self._after(now, hidden, other) for other in RATES]
        texts = [f"{other:g}" for other in RATES]
        return [*reels, film.Reel("learning rate", texts, frames, RATES.index(rate))]

    def _after(self, frame, hidden, rate):
        """Return the picture of a training with these settings, or the present one for its own."""
        if (hidden, rate) == (self.hidden.value, self.learning_rate.value):
            return self.svg()
        return spirals_svg(Training(hidden, rate), frame)

    def _begin_anew(self, _change=None):
        if not self._quiet:
            self.training = Training(self.hidden.value, self.learning_rate.value)
            self._go_to(0)

    def _change_rate(self, _change=None):
        if not self._quiet:
            self.training.change_rate(self.frame.value, self.learning_rate.value)

    def _reset(self, _button=None):
        self._quiet = True
        self.hidden.value, self.learning_rate.value = self._start
        self._quiet = False
        self._begin_anew()

    def _go_to(self, frame):
        self.frame.value = frame
        # In the browser this follows by itself; without one the two shall agree as well.
        self.play.value = frame
        self._draw()

    def _draw(self, _change=None):
        self.picture.value = self.svg()

    def __repr__(self):
        return (
            f"SpiralsExplorer(hidden={self.hidden.value}, "
            f"learning_rate={self.learning_rate.value:g}, frame={self.frame.value})"
        )

    def _repr_mimebundle_(self, **options):
        """Add a still picture for pages that cannot show the live one."""
        if film.wanted():
            return film.bundle(self)
        return super()._repr_mimebundle_(**options) | {"image/svg+xml": self.svg()}


def _button(description, tooltip):
    return ipywidgets.Button(
        description=description, tooltip=tooltip, layout=ipywidgets.Layout(width="80px")
    )


# The picture -----------------------------------------------------------------------------------

_WIDTH, _HEIGHT = 760, 340
_SIDE, _TOP = 300, 34  # of the plane
_PLOT = (420, 62, 270, 230)  # left, top, width, height of the plot of the norms
_LOW, _HIGH = -3, 1  # powers of ten
_LINES = (("dW1", BACKWARD, ""), ("dW2", ACCENT, "8 4"), ("dW3", FORWARD, "2 3"))


def spirals_svg(training, frame):
    """Return the plane with its regions, and the lengths of the gradients up to this frame.

    Parameters
    ----------
    training : Training
    frame : int
    """
    state = training.state(frame)
    field = data_uri(field_png(training.field(frame)))
    label = (
        f"After {STEPS * frame} steps: loss {state.loss:.3f}, "
        f"{state.accuracy:.0%} of the examples right"
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
        f'width="{_WIDTH}" height="{_HEIGHT}" role="img" aria-label="{label}" '
        'style="max-width:100%;height:auto;font-family:sans-serif;font-size:14px">'
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" style="fill:{PAPER}"/>'
        f"{_text(8, 20, label, weight='bold')}"
        f'<image x="8" y="{_TOP}" width="{_SIDE}" height="{_SIDE}" href="{field}" '
        'preserveAspectRatio="none"/>'
        f"{_marks()}{_norms(training.states[: frame + 1])}</svg>"
    )


def _text(x, y, text, anchor="start", weight="normal"):
    return (
        f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}" font-weight="{weight}" '
        f'style="fill:{TEXT}">{text}</text>'
    )


# A circle, a triangle and a square about the present point, for colour-blind readers too.
_SHAPES = (
    "m-3.5 0a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0-7 0",
    "m0-4.5l4.2 7.5h-8.4z",
    "m-3.2-3.2h6.4v6.4h-6.4z",
)


@cache
def _marks():
    """Return the examples, one path a class."""
    X, y = _examples()
    places = (X / REACH + 1) / 2 * _SIDE
    paths = []
    for k, (colour, shape) in enumerate(zip(COLOURS, _SHAPES, strict=True)):
        own = "".join(
            f"M{8 + right:.1f} {_TOP + _SIDE - up:.1f}{shape}" for right, up in places[y == k]
        )
        paths.append(f'<path d="{own}" fill="{colour}" stroke="#ffffff" stroke-width="0.9"/>')
    return "".join(paths)


def _norms(states):
    left, top, width, height = _PLOT
    parts = [
        _text(left - 44, top - 16, "length of the gradient of each weight matrix"),
        f'<path d="M{left} {top}v{height}h{width}" style="fill:none;stroke:{TEXT}"/>',
        _text(left, top + height + 20, "0", "middle"),
        _text(left + width / 2, top + height + 20, "steps", "middle"),
        _text(left + width, top + height + 20, f"{STEPS * FRAMES}", "middle"),
    ]
    for power in range(_LOW, _HIGH + 1):
        y = _height(10.0**power)
        parts.append(_text(left - 6, y + 5, f"{10.0**power:g}", "end"))
        parts.append(f'<path d="M{left} {y:g}h{width}" style="stroke:{TEXT};stroke-opacity:0.15"/>')
    ends = _apart([_height(norm) for norm in states[-1].norms])
    for k, (name, colour, dash) in enumerate(_LINES):
        points = " ".join(
            f"{left + width * frame / FRAMES:.1f},{_height(state.norms[k]):.1f}"
            for frame, state in enumerate(states)
        )
        x, y = left + width * (len(states) - 1) / FRAMES, _height(states[-1].norms[k])
        parts.append(
            f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2.5" '
            f'stroke-dasharray="{dash}"/>'
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{colour}"/>'
        )
        parts.append(_text(x + 8, ends[k] + 5, name, weight="bold"))
    return "".join(parts)


def _height(norm):
    """Return where a length stands, on an axis of powers of ten that goes on at its ends."""
    _, top, _, height = _PLOT
    # A network that blew up has no length: it stands at the upper end.
    power = (
        min(max(log10(norm), _LOW), _HIGH) if 0 < norm < float("inf") else (_HIGH if norm else _LOW)
    )
    return top + height * (_HIGH - power) / (_HIGH - _LOW)


def _apart(heights, gap=16):
    """Move the heights of labels apart until none covers another, and none leaves the plot."""
    order = sorted(range(len(heights)), key=heights.__getitem__)
    moved = list(heights)
    for above, below in pairwise(order):
        moved[below] = max(moved[below], moved[above] + gap)
    moved[order[-1]] = min(moved[order[-1]], _PLOT[1] + _PLOT[3])
    for below, above in pairwise(reversed(order)):
        moved[above] = min(moved[above], moved[below] - gap)
    return moved
