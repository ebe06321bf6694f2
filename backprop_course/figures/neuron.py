"""Pictures for the first lessons: one neuron, the way out and the way back."""

from itertools import pairwise

import numpy as np

from backprop_course.figures import style
from backprop_course.figures.style import short

_NOTHING = "nothing needed"


def training_loop():
    """Return a figure of the four steps that training repeats."""
    plt = style.use()
    figure, ax = _empty(plt, (8, 1.9), (0, 10), (0.2, 2.8))
    steps = (
        ("1  forward", "prediction from x", style.FORWARD),
        ("2  loss", "how far off?", style.LOSS),
        ("3  backward", "gradient of the loss", style.BACKWARD),
        ("4  update", "move the parameters", style.PARAMETER),
    )
    centres = [1.25 + 2.5 * k for k in range(4)]
    for centre, (head, below, colour) in zip(centres, steps, strict=True):
        _box(ax, centre, 2.0, 2.14, 1.2, colour)
        ax.text(centre, 2.2, head, ha="center", va="center", color=colour, weight="bold", size=13)
        ax.text(centre, 1.72, below, ha="center", va="center", size=9)
    for left, right in pairwise(centres):
        _arrow(ax, (left + 1.09, 2.0), (right - 1.09, 2.0), style.NEUTRAL)
    ax.plot([centres[3], centres[3], centres[0]], [1.38, 0.7, 0.7], color=style.NEUTRAL)
    _arrow(ax, (centres[0], 0.68), (centres[0], 1.36), style.NEUTRAL)
    ax.text(5, 0.42, "again, with the next examples", ha="center", va="center", size=11)
    return figure


def return_trip(x=2.0, w=3.0, b=1.0, y=10.0):
    """Return a figure of one neuron as a delivery route: out, and back past the same stops.

    Parameters
    ----------
    x, w, b, y : float
        Input, weight, bias and target.

    Returns
    -------
    matplotlib Figure
    """
    plt = style.use()
    figure, ax = _empty(plt, (8, 4.3), (-0.62, 5.1), (-0.95, 3.0))
    product, z = w * x, w * x + b
    a = max(0.0, z)
    miss, gate = a - y, 1.0 if z > 0 else 0.0
    dz = miss * gate

    stops = (
        ("times w", f"x = {short(x)}, w = {short(w)}", f"× {short(w)}"),
        ("plus b", _NOTHING, "× 1"),
        ("ReLU", f"z = {short(z)}", f"× {short(gate)}"),
        ("loss", f"a − y = {short(miss)}", f"× {short(miss)}"),
    )
    out = [short(v) for v in (x, product, z, a, miss**2 / 2)]
    back = [short(v) for v in (dz * w, dz, dz, miss, 1)]

    _draw_stops(ax, stops)
    for k, name, value, colour in (
        (1, "w", w, style.PARAMETER),
        (2, "b", b, style.PARAMETER),
        (4, "y", y, "black"),
    ):
        ax.text(k, 2.66, f"{name} = {short(value)}", ha="center", color=colour, size=11)
    _draw_wires(ax, out, back)
    _draw_gradients(ax, (1, "dw", f"× {short(x)}", dz * x), (2, "db", "× 1", dz))
    ax.text(-0.6, 2.84, "the way out", color=style.FORWARD, weight="bold", size=11)
    ax.text(-0.6, 1.3, "left at\nthe stop", va="center", color=style.NEUTRAL, size=10)
    ax.text(5.05, -0.72, "the way back", ha="right", va="center", color=style.BACKWARD,
            weight="bold", size=11)  # fmt: skip
    return figure


def _draw_stops(ax, stops):
    """Draw each stop three times: on the way out, what is left there, and on the way back."""
    for k, (name, left_here, factor) in enumerate(stops, start=1):
        _box(ax, k, 2.3, 0.6, 0.5, style.FORWARD)
        ax.text(k, 2.3, name, ha="center", va="center", size=11)
        _box(ax, k, 1.3, 0.94, 0.36, style.NEUTRAL, dashed=True)
        ax.text(k, 1.3, left_here, ha="center", va="center", size=9)
        _box(ax, k, 0.3, 0.6, 0.5, style.BACKWARD)
        ax.text(k, 0.3, factor, ha="center", va="center", size=11)
        if left_here != _NOTHING:
            _arrow(ax, (k, 2.03), (k, 1.5), style.NEUTRAL, thin=True)
            _arrow(ax, (k, 1.1), (k, 0.57), style.NEUTRAL, thin=True)


def _draw_wires(ax, out, back):
    """Draw the wires between the stops: values above, gradients below, with their names."""
    for k, (value, gradient) in enumerate(zip(out, back, strict=True)):
        _arrow(ax, (k + 0.32, 2.3), (k + 0.68, 2.3), style.FORWARD)
        ax.text(k + 0.5, 2.42, value, ha="center", color=style.FORWARD, weight="bold")
        _arrow(ax, (k + 0.68, 0.3), (k + 0.32, 0.3), style.BACKWARD)
        ax.text(k + 0.5, 0.42, gradient, ha="center", color=style.BACKWARD, weight="bold")
    ax.text(0.26, 2.3, "x", ha="right", va="center", style="italic", size=14)
    ax.text(4.86, 2.3, "L", ha="center", va="center", style="italic", size=14)
    ax.text(0.26, 0.3, "dx", ha="right", va="center", style="italic", size=14)
    ax.text(4.86, 0.3, "start\nhere", ha="center", va="center", size=9)


def _draw_gradients(ax, *gradients):
    """Draw what leaves a stop on its way back: (number of the stop, name, factor, value)."""
    for k, name, factor, value in gradients:
        _arrow(ax, (k, 0.03), (k, -0.5), style.BACKWARD)
        ax.text(k + 0.06, -0.25, factor, va="center", size=10)
        ax.text(
            k, -0.72, f"{name} = {short(value)}", ha="center", va="center",
            color=style.BACKWARD, weight="bold",
        )  # fmt: skip


def nudge_chain(names, stops, factors, before, after):
    """Return a figure of a nudge on its way through a chain of functions.

    Parameters
    ----------
    names : sequence of str
        One name for each of the K + 1 wires.
    stops : sequence of str
        What each of the K stops does.
    factors : sequence of float
        The derivative of each stop.
    before, after : sequence of float
        The value on each wire before the nudge and after it.

    Returns
    -------
    matplotlib Figure
    """
    plt = style.use()
    last = len(stops)
    figure, ax = _empty(plt, (7.6, 2.3), (-0.5, last + 0.62), (-0.35, 1.85))
    for k, (name, old, new) in enumerate(zip(names, before, after, strict=True)):
        nudge = new - old
        start, end = k - 0.24 if k else k - 0.4, k + 0.24 if k < last else k + 0.4
        # The wire is as thick as the nudge is large, up to what still looks like a wire.
        ax.plot(
            [start, end], [0.8, 0.8], color=style.ACCENT, solid_capstyle="butt",
            linewidth=float(np.clip(100 * abs(nudge), 1.0, 45.0)), zorder=1,
        )  # fmt: skip
        ax.text(k, 1.32, f"{name} = {short(old)}", ha="center", color=style.FORWARD, weight="bold")
        ax.text(k, 0.1, f"{nudge:+.4f}".replace("-", "\N{MINUS SIGN}"), ha="center", color="black")
    for k, (stop, factor) in enumerate(zip(stops, factors, strict=True)):
        centre = k + 0.5
        _box(ax, centre, 0.8, 0.5, 0.56, style.NEUTRAL)
        ax.text(centre, 0.8, stop, ha="center", va="center", size=11)
        ax.text(
            centre, 1.62, f"× {short(factor)}", ha="center", va="center", color=style.BACKWARD,
            weight="bold",
        )  # fmt: skip
    ax.text(last / 2, -0.25, "the same nudge, wire by wire", ha="center", size=10)
    return figure


def sensitivity_curves(curves):
    """Return a figure of sensitivities along a chain, on a logarithmic axis.

    Parameters
    ----------
    curves : dict of str to ndarray of shape (K + 1,)
        For each label, how many times as much the output moves as the number k stops before it;
        positive numbers.

    Returns
    -------
    matplotlib Figure
    """
    plt = style.use()
    figure, ax = plt.subplots(figsize=(7, 3.4))
    for (label, values), colour, marker in zip(
        curves.items(), style.CLASSES, style.MARKERS, strict=False
    ):
        ax.semilogy(
            np.arange(len(values)), values, color=colour, marker=marker, markersize=4, label=label
        )
    last = max(len(values) for values in curves.values()) - 1
    ax.semilogy([0, last], [1, 0.25**last], color=style.NEUTRAL, linestyle="--", label="1/4 a stop")
    ax.set_xlabel("stops between the nudge and the output")
    ax.set_ylabel("size of the sensitivity")
    ax.xaxis.get_major_locator().set_params(integer=True)
    ax.legend()
    return figure


def _empty(plt, size, across, up):
    """Return a figure without axes lines, in the coordinates of a drawing."""
    figure, ax = plt.subplots(figsize=size)
    figure.subplots_adjust(left=0, right=1, bottom=0, top=1)
    ax.set(xlim=across, ylim=up)
    ax.set_axis_off()
    return figure, ax


def _box(ax, x, y, width, height, colour, *, dashed=False):
    from matplotlib.patches import FancyBboxPatch

    ax.add_patch(
        FancyBboxPatch(
            (x - width / 2, y - height / 2), width, height,
            boxstyle="round,pad=0,rounding_size=0.08", facecolor="white", edgecolor=colour,
            linewidth=1 if dashed else 1.8, linestyle="--" if dashed else "-", zorder=2,
        )
    )  # fmt: skip


def _arrow(ax, start, end, colour, *, thin=False):
    ax.annotate(
        "", xy=end, xytext=start,
        arrowprops={
            "arrowstyle": "-|>", "color": colour, "linewidth": 1 if thin else 2,
            "linestyle": "--" if thin else "-", "shrinkA": 0, "shrinkB": 0,
        },
    )  # fmt: skip
