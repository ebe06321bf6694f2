"""The picture of the README: one neuron there and back, and a check that names a mistake.

``python -m backprop_course.figures.readme`` writes it to ``docs/neuron.svg``.
"""

from pathlib import Path

from backprop_course.figures import style
from backprop_course.figures.style import short

PICTURE = Path(__file__).resolve().parents[2] / "docs" / "neuron.svg"

# What the check really says; a test compares it with a fresh report.
ANSWER = """\
def linear_backward(dout, X, W, b):
    dX = dout @ W.T
    dW = X.T @ dout
    db = dout.mean(axis=0)
    return dX, dW, db"""
VERDICT = "failed: linear_backward, 0 of 4 points"
ARRAYS = """\
dX   (5, 4)   right
dW   (4, 3)   right
db   (3,)     wrong"""
REASON = """\
Your db is the mean over the batch where the
sum belongs: it is exactly 5 times too small."""

WIDTH, HEIGHT = 11.2, 4.1
ROW = 1.75  # height of the nodes' centres
HALF = 0.36  # half the side of a node
GAP = 0.1  # of each arrow from the line between two nodes
EDGE, PALE = "#d0d7de", "#f6f8fa"


def overview(x=2.0, W=3.0, b=1.0, y=10.0):
    """Return the figure: a neuron with a value and a gradient on every edge, and a report.

    Parameters
    ----------
    x, W, b, y : float
        Input, weight, bias and target of the neuron ``(max(0, x W + b) - y)**2 / 2``.

    Returns
    -------
    matplotlib Figure
    """
    plt = style.use()
    figure, ax = plt.subplots(figsize=(WIDTH, HEIGHT))
    figure.subplots_adjust(left=0, right=1, bottom=0, top=1)
    figure.set_facecolor("none")
    ax.set(xlim=(0, WIDTH), ylim=(0, HEIGHT))
    ax.set_axis_off()
    # A white card, so that the picture reads alike on light and dark pages.
    _box(ax, 0.03, 0.03, WIDTH - 0.06, HEIGHT - 0.06, EDGE, rounding=0.2, line=1)
    _neuron(ax, x, W, b, y)
    _report(ax)
    return figure


def _neuron(ax, x, W, b, y):
    z = x * W + b
    a = max(z, 0.0)
    da = a - y
    dz = da if z > 0 else 0.0

    centres = [1.45, 2.9, 4.35, 5.8]
    for centre, name in zip(centres, ("×", "+", "ReLU", "loss"), strict=True):
        _box(ax, centre - HALF, ROW - HALF, 2 * HALF, 2 * HALF, style.NEUTRAL)
        ax.text(centre, ROW, name, ha="center", va="center", size=20 if len(name) == 1 else 13)

    # Along the row the value stands above its arrow, the gradient below its own.
    lefts = [0.45, *(centre + HALF + 0.05 for centre in centres)]
    rights = [*(centre - HALF - 0.05 for centre in centres), 6.8]
    values = [x, x * W, z, a, da**2 / 2]
    gradients = [dz * W, dz, dz, da, 1.0]
    for left, right, value, gradient in zip(lefts, rights, values, gradients, strict=True):
        middle = (left + right) / 2
        _arrow(ax, (left, ROW + GAP), (right, ROW + GAP), style.FORWARD)
        _number(ax, middle, ROW + GAP + 0.22, value, style.FORWARD)
        _arrow(ax, (right, ROW - GAP), (left, ROW - GAP), style.BACKWARD)
        _number(ax, middle, ROW - GAP - 0.24, gradient, style.BACKWARD)
    _letter(ax, 0.28, ROW, "x")
    _letter(ax, 6.98, ROW, "L")

    # From above comes what a node is given besides; a target gets no gradient.
    low, high = ROW + HALF + 0.05, ROW + 1.12
    for centre, name, value, gradient in (
        (centres[0], "W", W, dz * x),
        (centres[1], "b", b, dz),
        (centres[3], "y", y, None),
    ):
        shift = 0 if gradient is None else GAP
        _letter(ax, centre, high + 0.17, name)
        _arrow(ax, (centre - shift, high), (centre - shift, low), style.FORWARD)
        _number(ax, centre - shift - 0.1, (low + high) / 2, value, style.FORWARD, ha="right")
        if gradient is not None:
            _arrow(ax, (centre + shift, low), (centre + shift, high), style.BACKWARD)
            _number(ax, centre + shift + 0.1, (low + high) / 2, gradient, style.BACKWARD, ha="left")

    ax.text(0.28, 3.62, "forward: values", color=style.FORWARD, weight="bold", size=13)
    ax.text(2.4, 3.62, "backward: gradients", color=style.BACKWARD, weight="bold", size=13)
    ax.text(0.28, 0.72, f"{short(dz)} comes back to ×, and x = {short(x)} had gone in:", size=13)
    ax.text(
        0.28, 0.36, f"the gradient of W is {short(dz)} × {short(x)} = {short(dz * x)}", size=13,
        color=style.BACKWARD, weight="bold",
    )  # fmt: skip


def _report(ax):
    """Draw an answer, and what the check says about it."""
    left, right, low, middle, high = 7.35, 10.9, 0.3, 2.38, 3.8
    _box(ax, left, low, right - left, high - low, EDGE, face=PALE, line=1)
    ax.plot([left, right], [middle, middle], color=EDGE, linewidth=1)
    code = {"family": "monospace", "size": 10, "linespacing": 1.45}
    ax.text(left + 0.17, high - 0.17, ANSWER, va="top", **code)
    ax.text(
        left + 0.17, middle - 0.17, VERDICT, va="top", size=11, color=style.BACKWARD, weight="bold"
    )
    ax.text(left + 0.17, middle - 0.52, ARRAYS, va="top", **code)
    ax.text(left + 0.17, low + 0.17, REASON, va="bottom", size=10, linespacing=1.5)


def _box(ax, left, low, width, height, edge, *, face="white", rounding=0.12, line=1.8):
    from matplotlib.patches import FancyBboxPatch

    form = f"round,pad=0,rounding_size={rounding}"
    patch = FancyBboxPatch(
        (left, low), width, height, boxstyle=form, facecolor=face, edgecolor=edge, linewidth=line
    )
    ax.add_patch(patch)


def _arrow(ax, start, end, colour):
    properties = {
        "arrowstyle": "-|>",
        "color": colour,
        "linewidth": 1.8,
        "linestyle": (0, (4, 2)) if colour == style.BACKWARD else "-",
        "shrinkA": 0,
        "shrinkB": 0,
        "mutation_scale": 13,
    }
    ax.annotate("", xy=end, xytext=start, arrowprops=properties)


def _number(ax, x, y, number, colour, ha="center"):
    ax.text(x, y, short(number), color=colour, weight="bold", ha=ha, va="center", size=14)


def _letter(ax, x, y, letter):
    ax.text(x, y, letter, ha="center", va="center", size=15, style="italic")


def save(path=PICTURE):
    """Write the picture as SVG; with one version of matplotlib, the same bytes each time."""
    figure = overview()
    import matplotlib.pyplot as plt

    with plt.rc_context({"svg.hashsalt": "readme", "svg.fonttype": "path"}):
        figure.savefig(path, metadata={"Date": None, "Creator": None}, transparent=True)
    plt.close(figure)


if __name__ == "__main__":
    save()
