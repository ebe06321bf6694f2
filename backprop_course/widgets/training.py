"""Two hundred small networks learn XOR at once; drag their settings and see who succeeds."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from ipywidgets import HTML, HBox, IntSlider, Layout, SelectionSlider, ToggleButtons, VBox

from backprop_course.figures.style import BACKWARD, FORWARD
from backprop_course.widgets import film
from backprop_course.widgets.controls import in_line, in_range, one_of

X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
Y = np.eye(2)[[0, 1, 1, 0]]
_INPUTS = np.column_stack((X, np.ones(len(X))))  # the third one carries the bias

# The numbers of hidden units in the film.
SIZES = (1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 28, 32)
RATES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.7, 1.0, 2.0)


@dataclass(frozen=True)
class XorRun:
    """What became of S networks 2-H-2 that tried to learn XOR.

    Attributes
    ----------
    W1, b1, W2, b2 : ndarrays of shape (S, 2, H), (S, 1, H), (S, H, 2) and (S, 1, 2)
    learnt : ndarray of bool, of shape (S,)
        Whether all four inputs are classified as they should be.
    losses : ndarray of shape (S,)
    dead_at_start, dead_at_end : ndarrays of bool, of shape (S, H)
        Which hidden units put out 0 for all four inputs.
    """

    W1: np.ndarray
    b1: np.ndarray
    W2: np.ndarray
    b2: np.ndarray
    learnt: np.ndarray
    losses: np.ndarray
    dead_at_start: np.ndarray
    dead_at_end: np.ndarray

    def logits(self, network, points):
        """Return the logits of one network for points of shape (N, 2), of shape (N, 2)."""
        A1 = np.maximum(points @ self.W1[network] + self.b1[network], 0)
        return A1 @ self.W2[network] + self.b2[network]


def train_xor(hidden, learning_rate, *, summed=False, epochs=100, networks=200):
    """Train many networks 2-H-2 on XOR at once and return what became of them, an `XorRun`.

    Each network draws its weights from its own seed, at He's scale; all four examples make one
    batch.

    Parameters
    ----------
    hidden : int
        The number of hidden units, H.
    learning_rate : float
    summed : bool
        True sums the gradient over the batch, as the source card does, where the loss is a mean.
    epochs, networks : int
    """
    W1, W2 = _first_weights(hidden, networks)
    layer1 = np.concatenate((W1, np.zeros((1, hidden, networks))))
    dead_at_start = _dead(layer1)
    rate = learning_rate if summed else learning_rate / len(X)
    layer1, moved, b2 = _descend(layer1, W2[:, 1] - W2[:, 0], rate, epochs)
    # The two gradients of a row are opposite, so the two logits share the way evenly.
    W2, b2 = W2 + np.stack((-moved, moved), axis=1) / 2, np.stack((-b2, b2)) / 2
    W1, b1 = layer1[:2].transpose(2, 0, 1), layer1[2:].transpose(2, 0, 1)
    W2, b2 = W2.transpose(2, 0, 1), b2.T[:, np.newaxis]
    Z2 = np.maximum(X @ W1 + b1, 0) @ W2 + b2
    E = np.exp(Z2 - Z2.max(axis=2, keepdims=True))
    right = (E * Y).sum(axis=2) / E.sum(axis=2)
    return XorRun(
        W1, b1, W2, b2,
        learnt=(right > 0.5).all(axis=1),
        losses=-np.log(np.maximum(right, np.finfo(float).tiny)).mean(axis=1),
        dead_at_start=dead_at_start,
        dead_at_end=_dead(layer1),
    )  # fmt: skip


# While they learn, the networks are counted by the last axis: then every product is one large
# product, which takes a fifth of the time of 200 small ones.


@lru_cache(maxsize=32)
def _first_weights(hidden, networks):
    """Return the weights of both layers, of shapes (2, H, S) and (H, 2, S)."""
    W1, W2 = np.empty((2, hidden, networks)), np.empty((hidden, 2, networks))
    for seed in range(networks):
        rng = np.random.default_rng(seed)
        W1[..., seed] = rng.normal(scale=np.sqrt(2 / 2), size=(2, hidden))
        W2[..., seed] = rng.normal(scale=np.sqrt(2 / hidden), size=(hidden, 2))
    return W1, W2


def _pre_activations(layer1):
    return (_INPUTS @ layer1.reshape(3, -1)).reshape(len(X), *layer1.shape[1:])


def _dead(layer1):
    """Return which units put out 0 for all four inputs, of shape (S, H)."""
    return (_pre_activations(layer1) <= 0).all(axis=0).T


def _descend(layer1, w, rate, epochs):
    """Return what gradient descent makes of S networks, of which only the logits' lead counts.

    Parameters
    ----------
    layer1 : ndarray of shape (3, H, S)
        The weights of the two inputs, and the bias as the weight of a third that is always 1.
    w : ndarray of shape (H, S)
        The weights of the lead: those of the second logit less those of the first.
    rate : float

    Returns
    -------
    layer1 : ndarray of shape (3, H, S)
    moved : ndarray of shape (H, S)
        How far ``w`` has moved.
    b : ndarray of shape (S,)
        The bias of the lead, which starts at 0.
    """
    start, layer1, w, b = w, layer1.copy(), w.copy(), np.zeros(w.shape[1])
    for _ in range(epochs):
        A1 = np.maximum(_pre_activations(layer1), 0)
        lead = np.einsum("nhs,hs->ns", A1, w) + b
        # tanh gives the second probability without an overflow.
        step = rate * ((1 + np.tanh(lead / 2)) / 2 - Y[:, 1:])
        dZ1 = step[:, np.newaxis] * w
        dZ1 *= A1 > 0
        w -= 2 * np.einsum("nhs,ns->hs", A1, step)
        b -= 2 * step.sum(axis=0)
        layer1 -= (_INPUTS.T @ dZ1.reshape(len(X), -1)).reshape(layer1.shape)
    return layer1, w - start, b


class XorExplorer(VBox):
    """Sliders for the settings of 200 networks, and a field with one mark for each network.

    Parameters
    ----------
    hidden : int
        Hidden units, 1 to 32.
    learning_rate : float
        One of `RATES`.
    summed : bool
        Whether the gradient is summed over the batch, as on the source card.

    Examples
    --------
    >>> explorer = XorExplorer(hidden=4, learning_rate=0.1, summed=True)
    >>> explorer
    XorExplorer(hidden=4, learning_rate=0.1, summed=True): 135 of 200 learn XOR
    >>> explorer.hidden.value = 16
    >>> int(explorer.run.learnt.sum())
    200
    """

    def __init__(self, hidden=4, learning_rate=0.1, summed=True):
        wide = {"layout": Layout(width="372px"), "style": {"description_width": "110px"}}
        self.hidden = IntSlider(
            in_range("hidden units", hidden, 1, 32), 1, 32, description="hidden units", **wide
        )
        self.learning_rate = in_line(
            SelectionSlider(
                options=RATES,
                value=one_of("learning rate", learning_rate, RATES),
                description="learning rate",
                **wide,
            )
        )
        self.summed = in_line(
            ToggleButtons(
                options=(("mean", False), ("sum, as on the card", True)),
                value=summed,
                description="gradient",
                style={"description_width": "110px", "button_width": "150px"},
                layout=Layout(width="100%", max_width="760px"),
            )
        )
        # A fixed height keeps the page from jumping while the first picture arrives.
        self.picture = HTML(layout=Layout(width="100%", max_width="760px", min_height="270px"))
        for control in (self.hidden, self.learning_rate, self.summed):
            control.observe(self._draw, names="value")
        self._draw()
        row = Layout(flex_flow="row wrap", width="100%", max_width="760px")
        super().__init__(
            (HBox((self.hidden, self.learning_rate), layout=row), self.summed, self.picture)
        )

    @property
    def settings(self):
        """The present settings as a dict, with the names of the arguments of `train_xor`."""
        return {
            "hidden": self.hidden.value,
            "learning_rate": self.learning_rate.value,
            "summed": self.summed.value,
        }

    def _draw(self, _change=None):
        self.run = train_xor(**self.settings)
        self.picture.value = xor_svg(self.run)

    def film(self):
        """Return a reel for each control; the other controls stand where they are now."""
        now = self.settings
        sizes = sorted({*SIZES, now["hidden"]})
        hidden = [(str(size), size) for size in sizes]
        rates = [(f"{rate:g}", rate) for rate in RATES]
        reels = []
        for control, options in (
            ("hidden", hidden),
            ("learning_rate", rates),
            ("summed", self.summed.options),
        ):
            texts, values = zip(*options, strict=True)
            frames = [xor_svg(train_xor(**{**now, control: value})) for value in values]
            label = getattr(self, control).description
            reels.append(film.Reel(label, texts, frames, values.index(now[control])))
        return reels

    def __repr__(self):
        settings = ", ".join(f"{name}={value}" for name, value in self.settings.items())
        return f"XorExplorer({settings}): {_headline(self.run)}"

    def _repr_mimebundle_(self, **options):
        """Add a still picture for pages that cannot show the live one."""
        if film.wanted():
            return film.bundle(self)
        bundle = super()._repr_mimebundle_(**options)
        return {**bundle, "image/svg+xml": xor_svg(self.run, standalone=True)}


_WIDTH, _HEIGHT, _COLUMNS, _STEP = 760, 262, 20, 22

_LIGHT = (
    ".bpc-xor{max-width:100%;height:auto;font:14px sans-serif;color:#1b1b1b;"
    f"--f:{FORWARD};--b:{BACKWARD}}}"
    ".bpc-xor text{fill:currentColor}"
    ".bpc-xor .h{font-size:19px;font-weight:600}"
)
_THEMED = (
    ".bpc-xor{color:var(--jp-content-font-color1,inherit)}"
    '[data-jp-theme-light="false"] .bpc-xor,.vscode-dark .bpc-xor{--f:#56b4e9;--b:#f28c4b}'
)


def _headline(run):
    return f"{run.learnt.sum()} of {len(run.learnt)} learn XOR"


def xor_svg(run, *, standalone=False):
    """Return the picture of a run as SVG text: a dot for each success, a cross for each failure.

    Parameters
    ----------
    run : XorRun
    standalone : bool
        True gives a picture for a page of its own: white ground, fixed colours. False gives one
        that takes its text colour from the page around it and follows dark themes.
    """
    share = run.dead_at_start.mean(), run.dead_at_end.mean()
    words = (
        "one mark is one network, from its own seed",
        f"dead hidden units at the start: {share[0]:.0%}",
        f"dead hidden units at the end: {share[1]:.0%}",
        f"median loss at the end: {np.median(run.losses):.3f}",
    )
    label = f"{_headline(run)}; {'; '.join(words[1:])}."
    ground = f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="white"/>' if standalone else ""
    namespace = 'xmlns="http://www.w3.org/2000/svg" ' if standalone else ""
    marks = "".join(_mark(k, learnt) for k, learnt in enumerate(run.learnt))
    lines = "".join(
        f'<text x="480" y="{96 + 26 * k}">{line}</text>' for k, line in enumerate(words)
    )
    return (
        f'<svg {namespace}class="bpc-xor" viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" '
        f'height="{_HEIGHT}" role="img" aria-label="{label}"><title>{label}</title>'
        f"<style>{_LIGHT if standalone else _LIGHT + _THEMED}</style>{ground}{marks}"
        f'<text class="h" x="480" y="52">{_headline(run)}</text>{lines}'
        f'{_dot(487, 210)}<text x="502" y="215">learnt all four</text>'
        f'{_cross(621, 210)}<text x="636" y="215">did not</text></svg>'
    )


def _mark(k, learnt):
    row, column = divmod(k, _COLUMNS)
    return (_dot if learnt else _cross)(24 + _STEP * column, 32 + _STEP * row)


def _dot(x, y):
    return f'<circle cx="{x}" cy="{y}" r="6.5" fill="var(--f)"/>'


def _cross(x, y):
    path = f"M{x - 5} {y - 5}l10 10m0 -10l-10 10"
    return f'<path d="{path}" stroke="var(--b)" stroke-width="2.6" fill="none"/>'
