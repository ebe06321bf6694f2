"""Drag the sizes of a network and see what one training step costs: operations and bytes.

Nothing is timed here. Every number is counted, by the formulas of lesson 08.
"""

from dataclasses import dataclass
from itertools import pairwise

from ipywidgets import HTML, HBox, IntSlider, Layout, SelectionSlider, ToggleButtons, VBox

from backprop_course.figures.style import BACKWARD, DATA, FORWARD, PARAMETER
from backprop_course.widgets import film
from backprop_course.widgets.controls import in_line, in_range, one_of

BATCHES = tuple(2**k for k in range(13))  # 1 to 4096
WIDTHS = (2, 4, 8, 16, 32, 64, 128, 256, 512, 784, 1024, 2048, 4096)
OUTPUTS = (2, 5, 10, 20, 50, 100, 200, 500, 1000)
ITEMSIZES = (2, 4, 8)
MOST_LAYERS = 6


@dataclass(frozen=True)
class StepCost:
    """What one forward and one backward pass cost, in operations and in bytes.

    Attributes
    ----------
    shapes : list of (D, M)
        The weights of each linear layer.
    forward, dW, dX : list of int
        Floating-point operations of each layer's matrix products; biases are left out.
    inputs, masks : int
        Bytes that linear layers keep of their inputs, and ReLUs of their masks.
    parameters : int
        Bytes of all weights and biases.
    equal_batch : float
        The batch size at which the cache is as large as the parameters.
    """

    shapes: list
    forward: list
    dW: list
    dX: list
    inputs: int
    masks: int
    parameters: int
    equal_batch: float

    @property
    def cache(self):
        """Bytes of the cache: inputs and masks."""
        return self.inputs + self.masks

    @property
    def backward(self):
        """Operations of the whole backward pass."""
        return sum(self.dW) + sum(self.dX)

    @property
    def ratio(self):
        """The whole step, measured in forward passes."""
        return 1 + self.backward / sum(self.forward)


def step_cost(sizes, N, itemsize, *, first_dX=False):
    """Count the cost of one training step of a chain of linear layers with ReLU between them.

    Parameters
    ----------
    sizes : list of int
        Width of the input, of each hidden layer and of the output.
    N : int
        Rows of the batch.
    itemsize : int
        Bytes of one number.
    first_dX : bool
        Whether the first layer computes the gradient of the data, which nobody needs.

    Returns
    -------
    StepCost

    Examples
    --------
    >>> cost = step_cost([3, 4, 2], N=5, itemsize=8)
    >>> cost.forward, cost.dW, cost.dX
    ([120, 80], [120, 80], [0, 80])
    >>> cost.ratio, cost.cache, cost.parameters
    (2.4, 300, 208)
    """
    shapes = list(pairwise(sizes))
    product = [2 * N * D * M for D, M in shapes]
    inputs, masks = N * itemsize * sum(sizes[:-1]), N * sum(sizes[1:-1])
    parameters = itemsize * sum(D * M + M for D, M in shapes)
    return StepCost(
        shapes=shapes,
        forward=product,
        dW=product,
        dX=product if first_dX else [0, *product[1:]],
        inputs=inputs,
        masks=masks,
        parameters=parameters,
        equal_batch=N * parameters / (inputs + masks),
    )


class CostExplorer(VBox):
    """Sliders for a network and its batch, and bars for the operations and the bytes of one step.

    Parameters
    ----------
    N : int
        Rows of the batch, one of `BATCHES`.
    inputs, hidden : int
        Widths, each one of `WIDTHS`.
    outputs : int
        One of `OUTPUTS`.
    layers : int
        Linear layers, 1 to 6; a ReLU stands after each but the last.
    itemsize : int
        Bytes of one number: 2, 4 or 8.
    first_dX : bool
        Whether the first layer computes its input gradient.

    Examples
    --------
    >>> explorer = CostExplorer(N=32, inputs=784, hidden=512, layers=3)
    >>> explorer
    CostExplorer(784-512-512-10, N=32, itemsize=4, first_dX=False): 2.40 forward passes
    >>> explorer.first_dX.value = True
    >>> explorer.cost.ratio
    3.0
    """

    def __init__(
        self, N=32, inputs=784, hidden=512, outputs=10, layers=3, itemsize=4, first_dX=False
    ):
        self.N = _slider("batch N", BATCHES, N)
        self.inputs = _slider("inputs", WIDTHS, inputs)
        self.hidden = _slider("hidden units", WIDTHS, hidden)
        self.outputs = _slider("outputs", OUTPUTS, outputs)
        self.layers = IntSlider(
            in_range("linear layers", layers, 1, MOST_LAYERS), 1, MOST_LAYERS,
            description="linear layers", layout=_WIDE, style=_WORDS,
        )  # fmt: skip
        self.itemsize = _buttons("bytes a number", [(str(size), size) for size in ITEMSIZES], 52)
        self.itemsize.value = one_of("bytes a number", itemsize, ITEMSIZES)
        self.first_dX = _buttons("first layer's dX", [("left out", False), ("computed", True)], 88)
        self.first_dX.value = first_dX
        # A fixed height keeps the page from jumping while the first picture arrives.
        self.picture = HTML(
            layout=Layout(width="100%", max_width=f"{_WIDTH}px", min_height=f"{_HEIGHT + 8}px")
        )
        for control in self._controls:
            control.observe(self._draw, names="value")
        self._draw()
        rows = (
            (self.N, self.layers),
            (self.inputs, self.hidden),
            (self.outputs,),
            (self.itemsize, self.first_dX),
        )
        row = Layout(flex_flow="row wrap", width="100%", max_width=f"{_WIDTH}px")
        super().__init__([HBox(controls, layout=row) for controls in rows] + [self.picture])

    @property
    def _controls(self):
        return (
            self.N, self.layers, self.inputs, self.hidden, self.outputs, self.itemsize,
            self.first_dX,
        )  # fmt: skip

    @property
    def settings(self):
        """The present settings as a dict, with the names of the arguments of the class."""
        return {
            "N": self.N.value,
            "inputs": self.inputs.value,
            "hidden": self.hidden.value,
            "outputs": self.outputs.value,
            "layers": self.layers.value,
            "itemsize": self.itemsize.value,
            "first_dX": self.first_dX.value,
        }

    @property
    def sizes(self):
        """The widths of the network, from its input to its output."""
        return _sizes(**self.settings)

    @property
    def cost(self):
        """The cost of a step at the present settings, a `StepCost`."""
        return _cost(self.settings)

    def svg(self, *, standalone=False, **changed):
        """Return the picture as SVG text, with some of the settings changed."""
        settings = self.settings | changed
        return cost_svg(_cost(settings), settings["N"], standalone=standalone)

    def _draw(self, _change=None):
        self.picture.value = self.svg()

    def film(self):
        """Return a reel for each control; the other controls stand where they are now."""
        reels = []
        for name, now in self.settings.items():
            control = getattr(self, name)
            if name == "layers":
                options = [(str(count), count) for count in range(1, MOST_LAYERS + 1)]
            else:
                options = [o if isinstance(o, tuple) else (str(o), o) for o in control.options]
            texts, values = zip(*options, strict=True)
            frames = [self.svg(**{name: value}) for value in values]
            reels.append(film.Reel(control.description, texts, frames, values.index(now)))
        return reels

    def __repr__(self):
        now = self.settings
        return (
            f"CostExplorer({'-'.join(map(str, self.sizes))}, N={now['N']}, "
            f"itemsize={now['itemsize']}, first_dX={now['first_dX']}): "
            f"{self.cost.ratio:.2f} forward passes"
        )

    def _repr_mimebundle_(self, **options):
        """Add a still picture for pages that cannot show the live one."""
        if film.wanted():
            return film.bundle(self)
        bundle = super()._repr_mimebundle_(**options)
        return {**bundle, "image/svg+xml": self.svg(standalone=True)}


_WIDTH, _HEIGHT = 760, 372
_WIDE, _WORDS = Layout(width="372px"), {"description_width": "110px"}


def _slider(description, options, value):
    return in_line(
        SelectionSlider(
            options=options,
            value=one_of(description, value, options),
            description=description,
            layout=_WIDE,
            style=_WORDS,
        )
    )


def _buttons(description, options, width):
    return in_line(
        ToggleButtons(
            options=options,
            description=description,
            layout=_WIDE,
            style={**_WORDS, "button_width": f"{width}px"},
        )
    )


def _sizes(*, inputs, hidden, outputs, layers, **_others):
    return [inputs, *[hidden] * (layers - 1), outputs]


def _cost(settings):
    return step_cost(
        _sizes(**settings), settings["N"], settings["itemsize"], first_dX=settings["first_dX"]
    )


def short(number, units=("", "k", "M", "G", "T")):
    """Return a number with three digits and a unit.

    Examples
    --------
    >>> short(999), short(25_690_112), short(1536, ("B", "kB", "MB"))
    ('999', '25.7 M', '1.54 kB')
    """
    place = 0
    while number >= 999.5 and place < len(units) - 1:
        number, place = number / 1000, place + 1
    return f"{number:.3g} {units[place]}".strip()


_BYTES = ("B", "kB", "MB", "GB", "TB")
_LEFT, _BAR, _TOP, _ROW = 112, 496, 92, 32  # of the bars: x, greatest width, first y, step
_MEMORY = _TOP + _ROW * MOST_LAYERS + 16

_LIGHT = (
    ".bpc-cost{max-width:100%;height:auto;font:14px sans-serif;color:#1b1b1b;"
    f"--f:{FORWARD};--b:{BACKWARD};--p:{PARAMETER};--m:{DATA};--on:#000;--on-f:#fff}}"
    ".bpc-cost text{fill:currentColor}"
    ".bpc-cost .h{font-size:19px;font-weight:600}"
    ".bpc-cost .e{text-anchor:end}"
    ".bpc-cost .i{font-size:12px;font-weight:600;text-anchor:middle}"
    ".bpc-cost .n{fill:none;stroke:currentColor;stroke-dasharray:3 3}"
    ".bpc-cost .g{stroke:currentColor;stroke-opacity:.45}"
)
_THEMED = (
    ".bpc-cost{color:var(--jp-content-font-color1,inherit)}"
    '[data-jp-theme-light="false"] .bpc-cost,.vscode-dark .bpc-cost'
    "{--f:#56b4e9;--b:#f28c4b;--p:#3ec79b;--m:#bfe3f7;--on:#111;--on-f:#111}"
)


def cost_svg(cost, N, *, standalone=False):
    """Return the picture of a cost as SVG text: a pair of bars a layer, and two for the memory.

    Parameters
    ----------
    cost : StepCost
    N : int
        Rows of the batch.
    standalone : bool
        True gives a picture for a page of its own: white ground, fixed colours. False gives one
        that takes its text colour from the page around it and follows dark themes.
    """
    head = f"one step = {cost.ratio:.2f} forward passes"
    counts = (
        f"forward {short(sum(cost.forward))} operations, backward {short(cost.backward)}; "
        f"each weight that is read serves {N} row{'s' * (N > 1)}"
    )
    memory = (
        f"parameters {short(cost.parameters, _BYTES)}, cache {short(cost.cache, _BYTES)}; "
        f"equal at a batch of {_batch(cost.equal_batch)}"
    )
    label = f"{head}; {counts}; {memory}."
    ground = f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="white"/>' if standalone else ""
    namespace = 'xmlns="http://www.w3.org/2000/svg" ' if standalone else ""
    return "".join(
        (
            f'<svg {namespace}class="bpc-cost" viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" '
            f'height="{_HEIGHT}" role="img" aria-label="{label}"><title>{label}</title>'
            f"<style>{_LIGHT if standalone else _LIGHT + _THEMED}</style>{ground}",
            f'<text class="h" x="12" y="26">{head}</text><text x="12" y="50">{counts}</text>',
            f'<text x="{_LEFT}" y="{_TOP - 14}">operations of each layer: forward above, '
            "backward below</text>"
            f'<text class="e" x="{_WIDTH - 8}" y="{_TOP - 14}">forward + backward</text>',
            *_layer_bars(cost),
            *_memory_bars(cost),
            "</svg>",
        )
    )


def _layer_bars(cost):
    """Yield a row for each layer; its backward bar is dW and dX, end to end."""
    scale = _BAR / (2 * max(cost.forward))
    for k, (D, M) in enumerate(cost.shapes):
        y = _TOP + _ROW * k
        product = scale * cost.forward[k]
        yield f'<text class="e" x="{_LEFT - 10}" y="{y + 18}">{D} → {M}</text>'
        yield _bar(_LEFT, y, product, "--f", "forward")
        yield _bar(_LEFT, y + 14, scale * cost.dW[k], "--b", "dW")
        if cost.dX[k]:
            yield _bar(_LEFT + product + 1, y + 14, scale * cost.dX[k] - 1, "--b", "dX")
        elif product > 60:
            yield _left_out(_LEFT + product + 1, y + 14, product - 2)
        backward = cost.dW[k] + cost.dX[k]
        numbers = f"{short(cost.forward[k])} + {short(backward)}"
        yield f'<text class="e" x="{_WIDTH - 8}" y="{y + 18}">{numbers}</text>'


def _memory_bars(cost):
    y, scale = _MEMORY, _BAR / max(cost.parameters, cost.cache)
    yield f'<path class="g" d="M12 {y - 8}H{_WIDTH - 12}"/>'
    yield (
        f'<text x="{_LEFT}" y="{y + 11}">bytes in memory, equal at a batch of '
        f"{_batch(cost.equal_batch)}; the light part is the masks of the ReLUs</text>"
    )
    inputs = scale * cost.inputs
    for row, name, total in ((24, "parameters", cost.parameters), (46, "cache", cost.cache)):
        yield f'<text class="e" x="{_LEFT - 10}" y="{y + row + 12}">{name}</text>'
        yield f'<text class="e" x="{_WIDTH - 8}" y="{y + row + 12}">{short(total, _BYTES)}</text>'
    yield _bar(_LEFT, y + 24, scale * cost.parameters, "--p", "weights and biases", 15)
    yield _bar(_LEFT, y + 46, inputs, "--f", "inputs of linear layers", 15)
    yield _bar(_LEFT + inputs, y + 46, scale * cost.masks, "--m", "", 15)


def _bar(x, y, width, colour, name, height=13):
    bar = f'<rect x="{x:.1f}" y="{y}" width="{max(width, 0):.1f}" height="{height}" '
    words = ""
    if name and width > 9 * len(name):
        middle = f'x="{x + width / 2:.1f}" y="{y + height / 2 + 4:.1f}"'
        # White can be read on blue alone; orange and green are too light for it.
        ink = "--on-f" if colour == "--f" else "--on"
        words = f'<text class="i" style="fill:var({ink})" {middle}>{name}</text>'
    return f'{bar}style="fill:var({colour})"/>{words}'


def _left_out(x, y, width):
    bar = f'<rect class="n" x="{x:.1f}" y="{y + 0.5}" width="{width:.1f}" height="12"/>'
    if width < 100:
        return bar
    place = f'x="{x + width / 2:.1f}" y="{y + 10.8}"'
    return f'{bar}<text {place} font-size="12" text-anchor="middle">dX: left out</text>'


def _batch(size):
    return f"{size:,.0f}" if size >= 10 else f"{size:.1f}"
