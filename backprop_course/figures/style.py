"""One look for every figure of the course: colours that stay apart for colour-blind readers."""

FORWARD = "#0072B2"  # values, forward pass
BACKWARD = "#D55E00"  # gradients, backward pass
PARAMETER = "#009E73"  # weights and biases
DATA = "#56B4E9"
LOSS = "#CC79A7"
ACCENT = "#E69F00"
NEUTRAL = "#555555"

CLASSES = (FORWARD, BACKWARD, PARAMETER, LOSS, ACCENT, DATA)
MARKERS = ("o", "^", "s", "D", "v", "P")

_SETTINGS = {
    "figure.dpi": 100,
    "figure.figsize": (7, 3.5),
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    "font.size": 12,
    "axes.titlesize": 13,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.alpha": 0.3,
    "lines.linewidth": 2,
    "legend.frameon": False,
}


def use():
    """Apply the style of the course to matplotlib and return ``matplotlib.pyplot``."""
    import matplotlib.pyplot as plt

    plt.rcParams.update(_SETTINGS)
    return plt


def short(value, digits=6):
    """Return a number as short text with a real minus sign, and never a negative zero.

    Examples
    --------
    >>> short(3.0), short(-0.0), short(-1 / 3, 4)
    ('3', '0', '−0.3333')
    """
    return f"{value + 0.0:.{digits}g}".replace("-", "\N{MINUS SIGN}")
