"""Drag the four numbers of one neuron and watch every factor of its gradient."""

from ipywidgets import HTML, Button, FloatSlider, HBox, Layout, VBox

from backprop_course.widgets import film
from backprop_course.widgets.controls import in_range
from backprop_course.widgets.neuron_picture import (
    HEIGHT,
    W_RANGE,
    neuron_svg,
    neuron_values,
    number,
)

LEARNING_RATE = 0.05
STEPS_DOWNHILL = 15  # in the film
DECIMALS = 2  # one arrow key moves a slider by 0.01, the nudge of the lesson


def neuron_explorer(x=2.0, w=3.0, b=1.0, y=10.0):
    """Return sliders for x, w, b and y with a picture of the neuron that follows them.

    Parameters
    ----------
    x, w, b, y : float
        Where the sliders start, and where the reset button brings them back to.

    Returns
    -------
    NeuronExplorer
        Show it as the last line of a cell. Its sliders are ``.x``, ``.w``, ``.b`` and ``.y``; its
        numbers are in ``.values``.

    Examples
    --------
    >>> explorer = neuron_explorer()
    >>> explorer
    NeuronExplorer(x=2, w=3, b=1, y=10)
    >>> explorer.w.value = 4
    >>> explorer.values.dw
    -2.0
    """
    return NeuronExplorer(x, w, b, y)


class NeuronExplorer(VBox):
    """The box of sliders, buttons and picture that `neuron_explorer` returns."""

    def __init__(self, x, w, b, y):
        self._start = (x, w, b, y)
        self.x = _slider("input x", x, -5.0, 5.0)
        self.w = _slider("weight w", w, *W_RANGE)
        self.b = _slider("bias b", b, -10.0, 10.0)
        self.y = _slider("target y", y, -15.0, 15.0)
        self.step = Button(
            description=f"step downhill ({LEARNING_RATE:g})",
            tooltip=f"w and b each move by {LEARNING_RATE:g} times their gradient, against it",
            layout=Layout(width="170px"),
        )
        self.reset = Button(
            description="reset", tooltip="back to the first numbers", layout=Layout(width="90px")
        )
        # A fixed least height keeps the page from jumping while the first picture arrives.
        self.picture = HTML(
            layout=Layout(width="100%", max_width="760px", min_height=f"{HEIGHT + 8}px")
        )
        for slider in self._sliders:
            slider.observe(self._draw, names="value")
        self.step.on_click(self._step)
        self.reset.on_click(self._reset)
        self._draw()
        super().__init__(
            (
                HBox((self.x, self.w), layout=_ROW),
                HBox((self.b, self.y), layout=_ROW),
                HBox((self.step, self.reset), layout=_ROW),
                self.picture,
            )
        )

    @property
    def _sliders(self):
        return self.x, self.w, self.b, self.y

    @property
    def values(self):
        """All numbers of the neuron at the present sliders, a `NeuronValues`."""
        return neuron_values(*(slider.value for slider in self._sliders))

    def _draw(self, _change=None):
        self.picture.value = neuron_svg(self.values)

    def _move_to(self, *numbers):
        for slider, value in zip(self._sliders, numbers, strict=True):
            # In the browser a slider snaps to its steps; here the number must be the same.
            slider.value = round(value, DECIMALS)

    def _step(self, _button=None):
        now = self.values
        self._move_to(now.x, now.w - LEARNING_RATE * now.dw, now.b - LEARNING_RATE * now.db, now.y)

    def _reset(self, _button=None):
        self._move_to(*self._start)

    def film(self):
        """Return a reel for each slider and for steps downhill; all else stands where it is now."""
        now = [slider.value for slider in self._sliders]
        reels = []
        for k, slider in enumerate(self._sliders):
            values, start = film.places(slider.min, slider.max, slider.value)
            frames = [neuron_svg(neuron_values(*now[:k], v, *now[k + 1 :])) for v in values]
            reels.append(film.Reel(slider.description, [number(v) for v in values], frames, start))
        twin, frames = NeuronExplorer(*now), []
        for _ in range(STEPS_DOWNHILL + 1):
            frames.append(neuron_svg(twin.values))
            twin.step.click()
        values = [str(step) for step in range(len(frames))]
        return [*reels, film.Reel("steps downhill", values, frames)]

    def __repr__(self):
        x, w, b, y = (slider.value for slider in self._sliders)
        return f"NeuronExplorer(x={x:g}, w={w:g}, b={b:g}, y={y:g})"

    def _repr_mimebundle_(self, **options):
        """Add a still picture for pages that cannot show the live one."""
        if film.wanted():
            return film.bundle(self)
        bundle = super()._repr_mimebundle_(**options)
        return {**bundle, "image/svg+xml": neuron_svg(self.values, standalone=True)}


_ROW = Layout(flex_flow="row wrap", width="100%", max_width="760px")


def _slider(description, value, low, high):
    return FloatSlider(
        value=in_range(description, value, low, high),
        min=low,
        max=high,
        step=10**-DECIMALS,
        description=description,
        readout_format=f".{DECIMALS}f",
        layout=Layout(width="372px"),
    )
