"""Pictures of activations, of closed and dead units, and of gradients on a long way back."""

import numpy as np

from backprop_course.figures import style

LEAK = 0.1  # ten times the usual 0.01, so that it can be seen


def curves(z):
    """Return values and slopes of six activations, each measured by one complex step.

    Parameters
    ----------
    z : ndarray of shape (K,), without an exact 0

    Returns
    -------
    dict of str to (values, slopes), ndarrays of shape (K,)
    """
    from backprop_course import layers

    def silu(z):
        return z * layers.sigmoid_forward(z)[0]

    functions = {
        "ReLU": lambda z: layers.relu_forward(z)[0],
        f"leaky ReLU, slope {LEAK}": lambda z: layers.leaky_relu_forward(z, slope=LEAK)[0],
        "sigmoid": lambda z: layers.sigmoid_forward(z)[0],
        "tanh": lambda z: layers.tanh_forward(z)[0],
        "GELU": lambda z: layers.gelu_forward(z)[0],
        "SiLU": silu,
    }
    step = 1e-30  # nothing is subtracted, so no step is too small
    return {name: (f(z), f(z + 1j * step).imag / step) for name, f in functions.items()}


def gallery():
    """Draw six activations with their slopes, all on one scale, one unit as long across as up.

    Returns
    -------
    matplotlib.figure.Figure
    """
    plt = style.use()
    z = np.linspace(-4, 4, 400)  # an even number of points leaves out 0
    figure, axes = plt.subplots(
        2, 3, figsize=(9, 4.0), sharex=True, sharey=True, layout="constrained"
    )
    for axis, (name, (values, slopes)) in zip(axes.flat, curves(z).items(), strict=True):
        # A corner makes the slope jump: a gap shows it better than a steep line.
        broken = np.where(np.abs(np.diff(slopes, append=slopes[-1])) > 0.5, np.nan, slopes)
        axis.axhline(0, color="black", linewidth=0.8)
        axis.axvline(0, color="black", linewidth=0.8)
        axis.plot(z, values, color=style.FORWARD, linewidth=3, label="value $a$")
        axis.plot(z, broken, "--", color=style.BACKWARD, label="slope")
        axis.set(title=name, aspect="equal", ylim=(-1.3, 2.6), xticks=range(-4, 5, 2))
        axis.set_yticks(range(-1, 3))
    for axis in axes[1]:
        axis.set_xlabel("$z$")
    axes[0, 0].legend(loc="upper left", fontsize=11)
    return figure


def open_and_closed(Z):
    """Draw a table of pre-activations: open entries filled, units that are dead on them framed.

    Parameters
    ----------
    Z : ndarray of shape (N, H)

    Returns
    -------
    matplotlib.figure.Figure
    """
    from matplotlib.patches import Rectangle

    plt = style.use()
    N, H = Z.shape
    is_open, dead = Z > 0, (Z <= 0).all(axis=0)
    figure, axis = plt.subplots(figsize=(0.95 * H + 1.6, 0.62 * N + 1.1), layout="constrained")
    for n, h in np.ndindex(N, H):
        axis.add_patch(
            Rectangle(
                (h, n), 1, 1, edgecolor="white", linewidth=2,
                facecolor=style.DATA if is_open[n, h] else "#e4e4e4",
            )
        )  # fmt: skip
        axis.text(
            h + 0.5, n + 0.5, f"{Z[n, h]:.1f}".replace("-", "\N{MINUS SIGN}"),
            ha="center", va="center", weight="bold" if is_open[n, h] else "normal",
        )  # fmt: skip
    for h in np.flatnonzero(dead):
        axis.add_patch(
            Rectangle(
                (h + 0.03, 0.03), 0.94, N - 0.06, fill=False, edgecolor=style.BACKWARD,
                linewidth=3, label="dead",
            )
        )  # fmt: skip
    words = ("dead" if gone else "learns" for gone in dead)
    axis.set(xlim=(0, H), ylim=(N, 0))
    axis.set_xticks(np.arange(H) + 0.5, [f"unit {h}\n{word}" for h, word in enumerate(words)])
    axis.set_yticks(np.arange(N) + 0.5, [f"example {n}" for n in range(N)])
    axis.xaxis.tick_top()
    axis.tick_params(length=0)
    axis.grid(visible=False)
    axis.spines[:].set_visible(False)
    return figure


def open_shares(shares):
    """Draw for each data set how large a share of the examples finds a unit open.

    Parameters
    ----------
    shares : dict of str to ndarray of shape (H,)
        For each data set one share a unit, from 0 (dead) to 1 (always open).

    Returns
    -------
    matplotlib.figure.Figure
    """
    plt = style.use()
    figure, axes = plt.subplots(
        1,
        len(shares),
        figsize=(9, 3.1),
        sharex=True,
        sharey=True,
        layout="constrained",
        squeeze=False,
    )
    bins = np.linspace(0, 1, 21)
    for axis, (name, share) in zip(axes.flat, shares.items(), strict=True):
        axis.hist(share, bins, color=style.DATA, edgecolor="white")
        for end, word, side in ((0, "dead", "left"), (1, "always\nopen", "right")):
            count = int((share == end).sum())
            axis.text(
                0.02 + 0.96 * end, 0.97, f"{count} {word}", transform=axis.transAxes, ha=side,
                va="top", color=style.BACKWARD if count else style.NEUTRAL,
                weight="bold" if count else "normal",
            )  # fmt: skip
        axis.set(title=name, xlim=(-0.02, 1.02), xticks=(0, 0.5, 1))
        axis.set_xlabel("open for this share of the examples")
    low, high = axes[0, 0].get_ylim()
    axes[0, 0].set_ylim(low, 1.3 * high)  # room for the words above the ends
    axes[0, 0].set_ylabel("units")
    return figure


def ways_back(panels):
    """Draw sizes of gradients over the layers that they have come back through.

    Parameters
    ----------
    panels : dict of str to dict of str to ndarray of shape (K + 1,)
        For each panel its curves: label, and the size after 0, 1, ..., K layers.

    Returns
    -------
    matplotlib.figure.Figure
    """
    plt = style.use()
    figure, axes = plt.subplots(
        1, len(panels), figsize=(9, 3.8), layout="constrained", squeeze=False
    )
    for axis, (title, lines) in zip(axes.flat, panels.items(), strict=True):
        for (label, sizes), colour, marker in zip(
            lines.items(), style.CLASSES, style.MARKERS, strict=False
        ):
            axis.semilogy(
                np.arange(len(sizes)), sizes, color=colour, marker=marker, markevery=20,
                markersize=7, label=label,
            )  # fmt: skip
        axis.set(title=title, xlabel="layers on the way back")
        axis.legend(fontsize=10)
    axes[0, 0].set_ylabel("size of the gradient")
    return figure
