"""Pictures of measured slopes: their error over the step, directions, and a kink (lesson 06)."""

import numpy as np

from backprop_course.figures import style

RULERS = ("one-sided", "central", "complex step")
LOOK = {
    "one-sided": (style.DATA, "--"),
    "central": (style.FORWARD, "-"),
    "complex step": (style.ACCENT, "-."),
}
STEPS = 10.0 ** np.linspace(-16, 0, 161)
POINTS = np.linspace(0.5, 1.5, 200)
FLOOR = 1e-17  # what is drawn for an error of 0
ACROSS = -0.5  # where the figure of the kink takes its point, as a share of the step


def measured_slope(f, x, h, ruler, dtype=np.float64):
    """Return the slope of f at x as a ruler measures it, every operation in one precision.

    Parameters
    ----------
    f : function of an array, entry by entry
    x, h : arrays or numbers that broadcast: points and steps
    ruler : str
        One of `RULERS`.
    dtype : float64 or float32

    Returns
    -------
    slope : ndarray of ``dtype``, of the common shape of ``x`` and ``h``

    Raises
    ------
    ValueError
        There is no such ruler.

    Examples
    --------
    >>> measured_slope(np.square, 3.0, [0.1, 0.01], "one-sided").round(4)
    array([6.1 , 6.01])
    """
    if ruler not in RULERS:
        raise ValueError(f"The ruler must be one of {', '.join(RULERS)}, not {ruler!r}.")
    x, h = np.asarray(x, dtype), np.asarray(h, dtype)
    if ruler == "complex step":
        step = 1j * h.astype(np.result_type(dtype, np.complex64))
        return np.asarray(np.imag(f(x + step)) / h)
    if ruler == "central":
        return np.asarray((f(x + h) - f(x - h)) / (2 * h))
    return np.asarray((f(x + h) - f(x)) / h)


def bound(h, ruler, dtype=np.float64):
    """Return the error that rounding and bending allow for a function like exp, as shares.

    All derivatives of exp are exp itself, so that relative errors need no further number.
    """
    u = np.finfo(dtype).eps / 2
    if ruler == "one-sided":
        return 2 * u / h + h / 2
    return u / h + h**2 / 6


def worst_errors(ruler, dtype=np.float64, steps=STEPS, points=POINTS):
    """Return the largest relative error of the slope of exp over many points, for each step.

    Parameters
    ----------
    ruler : str
    dtype : float64 or float32
    steps : ndarray of shape (K,)
    points : ndarray of shape (P,)

    Returns
    -------
    errors : ndarray of shape (K,)
    """
    x = points.astype(dtype)[:, np.newaxis]  # the truth belongs to the point that is stored
    slopes = measured_slope(np.exp, x, steps, ruler, dtype).astype(float)
    truth = np.exp(x.astype(float))
    return np.max(np.abs(slopes - truth) / truth, axis=0)


def error_figure():
    """Draw the error over the step, in both precisions, for the three rulers.

    Returns
    -------
    matplotlib.figure.Figure
    """
    plt = style.use()
    figure, axes = plt.subplots(1, 2, figsize=(9.5, 4.3), sharey=True, layout="constrained")
    for axis, dtype in zip(axes, (np.float64, np.float32), strict=True):
        for ruler, (colour, line) in LOOK.items():
            errors = np.maximum(worst_errors(ruler, dtype), FLOOR)
            axis.loglog(STEPS, errors, line, color=colour, label=ruler, linewidth=2.4)
        for ruler in ("one-sided", "central"):
            allowed = bound(STEPS, ruler, dtype)
            axis.loglog(STEPS, allowed, ":", color="black", linewidth=1.2, label="_bound")
        axis.set(title=np.dtype(dtype).name, xlabel="step $h$", ylim=(FLOOR, 20), xlim=(1e-16, 1))
        axis.set_xticks([1e-16, 1e-12, 1e-8, 1e-4, 1])
    axes[0].set_yticks([1e-16, 1e-12, 1e-8, 1e-4, 1])
    axes[0].set_ylabel("relative error of the slope")
    axes[0].text(3e-13, 1e-6, "rounding\n$\\sim 1/h$", ha="right", va="top")
    axes[0].text(0.9, 1e-10, "bending\n$\\sim h^2$", ha="right", va="top")
    axes[0].text(2e-4, 1.5e-4, "bending $\\sim h$", ha="right")
    axes[1].text(1e-15, 0.25, "the step is lost", va="top")
    axes[1].legend(loc="lower left")
    return figure


def direction_figure(gradient=(2.0, 1.0), claimed=(2.6, 0.2), angle=75.0):
    """Draw two gradients of two entries with their shadows on a direction, and all directions.

    Parameters
    ----------
    gradient, claimed : pairs of float
        The true gradient and the one that is to be checked.
    angle : float
        Of the direction, in degrees.

    Returns
    -------
    matplotlib.figure.Figure
        Left the shadows, right the gap between the two slopes over the angle of the direction.
    """
    plt = style.use()
    figure, (left, right) = plt.subplots(
        1, 2, figsize=(9.5, 3.7), layout="constrained", width_ratios=(1, 1.25)
    )
    v = np.array([np.cos(np.radians(angle)), np.sin(np.radians(angle))])
    left.plot(*np.outer(v, (-0.4, 2.4)), color="black", linewidth=1.2)
    left.annotate("direction $v$", 2.2 * v + (0.1, 0))
    arrows = ((gradient, style.BACKWARD, "-", "true"), (claimed, style.ACCENT, "--", "claimed"))
    for vector, colour, line, name in arrows:
        shadow = np.dot(vector, v) * v
        left.plot(
            *np.transpose([vector, shadow]), ":", color=style.NEUTRAL, linewidth=1.5, label="_"
        )
        left.plot(*np.outer(vector, (0, 0.95)), line, color=colour, label="_")
        left.annotate(
            "", vector, np.multiply(vector, 0.9), arrowprops={"arrowstyle": "-|>", "color": colour}
        )
        left.plot(*shadow, "o", color=colour, label=name)
        left.annotate(
            f"{name} slope", shadow, xytext=(-10, -4), textcoords="offset points", ha="right"
        )
        left.annotate(name, vector, xytext=(6, 2), textcoords="offset points")
    left.set(xlim=(-1.9, 3.7), ylim=(-0.5, 2.5), aspect="equal")
    left.set(xlabel="first entry", ylabel="second entry")

    error = np.subtract(claimed, gradient)
    angles = np.linspace(0, 180, 361)
    gaps = np.abs(error[0] * np.cos(np.radians(angles)) + error[1] * np.sin(np.radians(angles)))
    right.plot(angles, gaps, color=style.BACKWARD)
    blind = np.degrees(np.arctan2(error[1], error[0]) + np.pi / 2) % 180
    right.plot(angle, abs(error @ v), "o", color="black", label="v")
    right.axvline(blind, linestyle=":", color="black")
    right.text(blind + 3, 1.12 * gaps.max(), "blind: $v$ at a right angle to the mistake")
    right.set(xlim=(0, 180), ylim=(0, 1.25 * gaps.max()), xticks=(0, 45, 90, 135, 180))
    right.set(xlabel="angle of $v$, in degrees", ylabel="gap between the slopes")
    return figure


def kink_figure():
    """Draw a central difference across the kink of ReLU, and what it measures near the kink.

    Returns
    -------
    matplotlib.figure.Figure
    """
    plt = style.use()
    figure, (left, right) = plt.subplots(1, 2, figsize=(9.5, 3.4), layout="constrained")
    z = np.linspace(-2.2, 2.2, 221)
    left.plot(z, np.maximum(z, 0), color=style.FORWARD, label="ReLU")
    ends = np.array([ACROSS - 1, ACROSS + 1])
    left.plot(ends, np.maximum(ends, 0), "o--", color=style.BACKWARD, label="secant")
    left.plot(ACROSS, 0, "s", color="black", label="point", markersize=7)
    left.annotate("secant", (0.1, 0.52), xytext=(-18, 12), textcoords="offset points", ha="right")
    left.annotate("$z$", (ACROSS, 0), xytext=(0, -18), textcoords="offset points", ha="center")
    left.set(xlabel="pre-activation, in steps $h$", ylabel="ReLU, in steps $h$", ylim=(-0.5, 2.3))
    for ruler, h in (("central", 1.0), ("complex step", 1e-20)):
        colour, line = LOOK[ruler]
        slopes = measured_slope(_relu, z, h, ruler)
        right.plot(z, slopes, line, color=colour, label=ruler, linewidth=2.4)
    right.plot(ACROSS, (1 + ACROSS) / 2, "s", color="black", markersize=7, label="point")
    right.set(xlabel="pre-activation, in steps $h$", ylabel="measured slope", ylim=(-0.1, 1.15))
    right.legend(*_legend(right, RULERS), loc="upper left")
    return figure


def _relu(z):
    return np.where(np.real(z) > 0, z, 0)


def _legend(axis, names):
    """Return handles and labels of those lines alone."""
    lines = [line for line in axis.lines if line.get_label() in names]
    return lines, [line.get_label() for line in lines]
