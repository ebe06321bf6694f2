"""The numbers of one neuron, and their picture as SVG text.

Everything here is plain Python, so that a frame takes well under a millisecond and the text comes
out the same on every machine.
"""

from typing import NamedTuple

from backprop_course.figures.style import BACKWARD, DATA, FORWARD, LOSS, PARAMETER

# The range of the weight slider is also the horizontal axis of the loss curve.
W_RANGE = (-5.0, 5.0)


class NeuronValues(NamedTuple):
    """Every number of one neuron: the way out, the local derivatives, the way back.

    Attributes
    ----------
    x, w, b, y : float
        Input, weight, bias and target.
    z, a, loss : float
        ``z = w x + b``, ``a = max(0, z)``, ``loss = (a - y)**2 / 2``.
    dloss_da, da_dz, dz_dx, dz_dw, dz_db : float
        The local derivative of each stop.
    dz, dx, dw, db : float
        Gradients of the loss. ``dz`` is the part that the last three share.
    """

    x: float
    w: float
    b: float
    y: float
    z: float
    a: float
    loss: float
    dloss_da: float
    da_dz: float
    dz_dx: float
    dz_dw: float
    dz_db: float
    dz: float
    dx: float
    dw: float
    db: float


def neuron_values(x, w, b, y):
    """Return all numbers of the neuron ``(max(0, w x + b) - y)**2 / 2``.

    Parameters
    ----------
    x, w, b, y : float
        Input, weight, bias and target.

    Returns
    -------
    NeuronValues
        At ``z = 0`` exactly the derivative of ReLU is taken as 0.

    Examples
    --------
    >>> values = neuron_values(x=2, w=3, b=1, y=10)
    >>> values.z, values.a, values.loss
    (7, 7, 4.5)
    >>> values.dx, values.dw, values.db
    (-9, -6, -3)
    """
    z = w * x + b
    a = max(0, z)
    dloss_da = a - y
    da_dz = 1 if z > 0 else 0
    dz = dloss_da * da_dz
    return NeuronValues(
        x=x, w=w, b=b, y=y, z=z, a=a, loss=(a - y) ** 2 / 2,
        dloss_da=dloss_da, da_dz=da_dz, dz_dx=w, dz_dw=x, dz_db=1,
        dz=dz, dx=dz * w, dw=dz * x, db=dz,
    )  # fmt: skip


def number(value):
    """Return a number with two decimals, a real minus sign, and never ``-0.00``."""
    text = f"{value:.2f}"
    if float(text) == 0:
        return "0.00"
    return text.replace("-", "\N{MINUS SIGN}")


def summary(values):
    """Return the numbers as one sentence, for readers who hear the picture."""
    return (
        f"One neuron. x = {number(values.x)}, w = {number(values.w)}, b = {number(values.b)}, "
        f"y = {number(values.y)}. Forward: z = {number(values.z)}, a = {number(values.a)}, "
        f"loss = {number(values.loss)}. Backward: the slope of the loss over w is "
        f"{number(values.dloss_da)} times {number(values.da_dz)} times {number(values.dz_dw)} = "
        f"{number(values.dw)}; over x it is {number(values.dx)}, over b {number(values.db)}."
    )


def neuron_svg(values, *, standalone=False):
    """Return the picture of a neuron with all its numbers, as SVG text.

    Parameters
    ----------
    values : NeuronValues
    standalone : bool
        True gives a picture for a page of its own: white ground, fixed colours. False gives one
        that takes its text colour from the page around it and follows dark themes.

    Returns
    -------
    str
    """
    ground = f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>' if standalone else ""
    namespace = 'xmlns="http://www.w3.org/2000/svg" ' if standalone else ""
    label = summary(values)
    return (
        f'<svg {namespace}class="bpc-neuron" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'width="{WIDTH}" height="{HEIGHT}" style="max-width:100%;height:auto" role="img" '
        f'aria-label="{label}">'
        f"<title>{label}</title><style>{_LIGHT if standalone else _LIGHT + _THEMED}</style>"
        f"{ground}{_chain(values)}{_loss_curve(values)}{_products(values)}</svg>"
    )


WIDTH, HEIGHT = 760, 440

# Text needs more contrast than lines do: the two text colours are darker relatives of the
# course's blue and orange on white, lighter ones on black.
_LIGHT = (
    ".bpc-neuron{max-width:100%;height:auto;font:14px sans-serif;color:#1b1b1b;"
    f"--f:{FORWARD};--b:{BACKWARD};--p:{PARAMETER};--d:{DATA};--l:{LOSS};--ft:#00609a;--bt:#b64f00}}"
    ".bpc-neuron text{fill:currentColor}"
    ".bpc-neuron .f{fill:var(--ft);font-weight:600}"
    ".bpc-neuron .b{fill:var(--bt);font-weight:600}"
    ".bpc-neuron .m{text-anchor:middle}.bpc-neuron .e{text-anchor:end}"
    ".bpc-neuron .s{font-size:12px}.bpc-neuron .v{font-style:italic}"
    ".bpc-neuron .box{fill:none;stroke:currentColor;stroke-width:1.3}"
    ".bpc-neuron .wire{stroke:currentColor;stroke-width:1.3;opacity:.75}"
)
_THEMED = (
    ".bpc-neuron{color:var(--jp-content-font-color1,inherit)}"
    '[data-jp-theme-light="false"] .bpc-neuron,.vscode-dark .bpc-neuron'
    "{--f:#56b4e9;--b:#f28c4b;--p:#2cc79a;--d:#8fd0f5;--l:#e3a6c8;--ft:#7cc6f2;--bt:#ffa36b}"
)


def _text(x, y, content, classes=""):
    return f'<text x="{x}" y="{y}" class="{classes}">{content}</text>'


def _wire(x1, x2, y, value, gradient):
    """Return one edge: the value above it, the gradient (if it has one) below it."""
    middle = (x1 + x2) / 2
    return (
        f'<line class="wire" x1="{x1}" y1="{y}" x2="{x2 - 7}" y2="{y}"/>'
        f'<path d="M{x2 - 8} {y - 4}l8 4l-8 4z" fill="currentColor" opacity=".75"/>'
        + _text(middle, y - 7, value, "m f")
        + (_text(middle + 6, y + 18, gradient, "m b") + _back(x1 + 8, y + 13) if gradient else "")
    )


def _back(x, y):
    """Return the small head of an arrow that points back, towards the inputs."""
    return f'<path d="M{x} {y}l8 -4v8z" fill="var(--b)"/>'


def _input(x, y, name, colour):
    return (
        f'<circle cx="{x}" cy="{y}" r="15" fill="none" stroke="var({colour})" stroke-width="2.5"/>'
        + _text(x, y + 5, name, "m v")
    )


def _stop(x, y, width, height, formula):
    """Return the box of one stop, with its formula above it."""
    return f'<rect class="box" x="{x}" y="{y}" width="{width}" height="{height}" rx="6"/>' + _text(
        x + width / 2, y - 8, formula, "m v"
    )


def _factor(x, y, name, value):
    """Return the local derivative that a stop multiplies by on the way back."""
    return _text(x, y - 3, name, "s") + _text(x, y + 13, f"\N{MULTIPLICATION SIGN} {value}", "b s")


def _chain(v):
    top, middle, bottom = 74, 128, 182
    return "".join(
        (
            _text(16, 16, "forward: the value, above each line", "f s"),
            _text(744, 16, "backward: the gradient of the loss, below each line", "b s e"),
            _input(28, top, "x", "--d"),
            _input(28, middle, "w", "--p"),
            _input(28, bottom, "b", "--p"),
            _wire(43, 160, top, number(v.x), number(v.dx)),
            _wire(43, 160, middle, number(v.w), number(v.dw)),
            _wire(43, 160, bottom, number(v.b), number(v.db)),
            _stop(160, 52, 104, 158, "z = w·x + b"),
            _factor(170, top, "∂z/∂x = w", number(v.dz_dx)),
            _factor(170, middle, "∂z/∂w = x", number(v.dz_dw)),
            _factor(170, bottom, "∂z/∂b = 1", "1"),
            _wire(264, 356, middle, number(v.z), number(v.dz)),
            _stop(356, 98, 92, 60, "a = max(0, z)"),
            _factor(366, middle, "∂a/∂z", str(v.da_dz)),
            _wire(448, 550, middle, number(v.a), number(v.dloss_da)),
            _input(478, bottom, "y", "--d"),
            _wire(493, 550, bottom, number(v.y), ""),
            _stop(550, 98, 112, 112, "L = ½ (a − y)²"),
            _factor(560, middle, "∂L/∂a = a − y", number(v.dloss_da)),
            _wire(662, 744, middle, number(v.loss), "1"),
        )
    )


def _ceiling(value):
    """Return the smallest of 1, 2, 5, 10, 20, 50, ... that is not below the value."""
    scale = 1
    while True:
        for step in (1, 2, 5):
            if step * scale >= value:
                return step * scale
        scale *= 10


_PLOT = (62, 254, 290, 144)  # left, top, width, height


def _loss_curve(v):
    """Return the loss over the weight, with the tangent at the present weight."""
    left, top, width, height = _PLOT
    low, high = W_RANGE
    curve = _losses_over_w(v)
    # The scale depends on x, b and y but not on w: while w is dragged, the curve stands still.
    ceiling = _ceiling(max(loss for _, loss in curve))

    def place(w, loss):
        across, down = (w - low) / (high - low), 1 - loss / ceiling
        return f"{left + width * across:.1f},{top + height * down:.1f}"

    points = " ".join(place(*point) for point in curve)
    (x1, y1), (x2, y2) = (place(*point).split(",") for point in _tangent(v, ceiling))
    cx, cy = place(v.w, v.loss).split(",")
    return _axes_of_the_loss(v, ceiling) + "".join(
        (
            f'<polyline points="{points}" fill="none" stroke="var(--l)" stroke-width="2.5"/>',
            f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" stroke="var(--b)" stroke-width="2.5" '
            'stroke-dasharray="7 4"/>',
            f'<circle cx="{cx}" cy="{cy}" r="5.5" fill="var(--p)" stroke="currentColor"/>',
        )
    )


def _losses_over_w(v):
    low, high = W_RANGE
    weights = (low + (high - low) * k / 100 for k in range(101))
    return [(w, (max(0, w * v.x + v.b) - v.y) ** 2 / 2) for w in weights]


def _tangent(v, ceiling):
    """Return both ends of the tangent: two units of w to each side, cut at the plot's edges."""
    low, high = W_RANGE

    def loss(w):
        return v.loss + v.dw * (w - v.w)

    reach = [v.w + k / 20 for k in range(-40, 41) if low <= v.w + k / 20 <= high]
    inside = [w for w in reach if 0 <= loss(w) <= ceiling] or [v.w]
    return [(w, loss(w)) for w in (inside[0], inside[-1])]


def _axes_of_the_loss(v, ceiling):
    left, top, width, height = _PLOT
    low, high = W_RANGE
    return "".join(
        (
            _text(left, top - 12, "loss over w", "s"),
            _text(left + width, top - 12, f"slope of the tangent = {number(v.dw)}", "b s e"),
            f'<path class="wire" fill="none" d="M{left} {top}v{height}h{width}"/>',
            _text(left - 8, top + 5, str(ceiling), "s e"),
            _text(left - 8, top + height + 4, "0", "s e"),
            _text(left - 26, top + height / 2, "L", "m v"),
            *(
                _text(left + width * (tick - low) / (high - low), top + height + 17, label, "s m")
                for tick, label in ((-5, "−5"), (0, "0"), (5, "5"))
            ),
            _text(left + width * 0.75, top + height + 18, "w", "m v"),
        )
    )


_COLUMNS = (472, 543, 614, 706)


def _products(v):
    """Return the three gradients as products; the first two factors are the same in each."""
    top = 254
    shared, relu, last, result = _COLUMNS
    heads = zip(_COLUMNS, ("∂L/∂a", "∂a/∂z", "last stop", "gradient"), strict=True)
    rows = (("∂L/∂x", v.dz_dx, v.dx), ("∂L/∂w", v.dz_dw, v.dw), ("∂L/∂b", v.dz_db, v.db))
    parts = [_text(x, top - 12, head, "s m") for x, head in heads]
    for k, (name, factor, gradient) in enumerate(rows):
        y = top + 18 + 30 * k
        parts += [
            _text(408, y, name, "v m"),
            _text(shared, y, number(v.dloss_da), "b m"),
            _text((shared + relu) / 2, y, "×", "m"),
            _text(relu, y, str(v.da_dz), "b m"),
            _text((relu + last) / 2, y, "×", "m"),
            _text(last, y, number(factor), "b m"),
            _text((last + result) / 2, y, "=", "m"),
            _text(result, y, number(gradient), "b m"),
        ]
    state = (
        "z > 0: ReLU is open, a nudge passes unchanged."
        if v.da_dz
        else "z is not above 0: ReLU is closed, nothing passes."
    )
    parts += [
        f'<rect class="box" x="{shared - 36}" y="{top - 4}" width="{relu - shared + 54}" '
        'height="90" rx="6" stroke-dasharray="4 3"/>',
        _text(shared - 36, top + 106, f"shared by all three: ∂L/∂z = {number(v.dz)}", "s"),
        _text(shared - 36, top + 142, state, "s"),
    ]
    return "".join(parts)
