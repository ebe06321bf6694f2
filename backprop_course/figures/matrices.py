"""Pictures of matrix gradients: the sum over the examples, and what a Jacobian is made of."""

import numpy as np

from backprop_course.figures import style


def sum_over_examples(X, dZ, entry=(0, 1)):
    """Draw dW as the sum of one outer product for each example.

    Each of the first N panels is the table of all products ``X[n, i] * dZ[n, j]`` of one example,
    with its row of X written at the left and its row of dZ on top. The last panel is their sum.

    Parameters
    ----------
    X : ndarray of shape (N, D)
    dZ : ndarray of shape (N, M)
    entry : tuple of int
        The entry (row, column) of dW that is outlined in every panel.

    Returns
    -------
    matplotlib.figure.Figure
    """
    plt = style.use()
    (N, D), M = X.shape, dZ.shape[1]
    tables = [np.outer(x, dz) for x, dz in zip(X, dZ, strict=True)]
    tables.append(sum(tables))
    largest = max(np.abs(table).max() for table in tables)
    figure, axes = plt.subplots(1, N + 1)
    figure.subplots_adjust(left=0.08, right=0.98, top=0.72, bottom=0.03, wspace=0.62)
    for n, (axis, table) in enumerate(zip(axes, tables, strict=True)):
        _draw_table(axis, table, style.BACKWARD, largest)
        _outline(axis, entry)
        axis.xaxis.tick_top()
        if n < N:
            axis.set_title(f"example {n}", y=1.25)
            axis.set_xticks(range(M), [f"{value:g}" for value in dZ[n]], color=style.BACKWARD)
            axis.set_yticks(range(D), [f"{value:g}" for value in X[n]], color=style.FORWARD)
            corner = {"xycoords": "axes fraction", "ha": "right", "fontsize": 11}
            axis.annotate(f"X[{n}]", (-0.03, 1.02), color=style.FORWARD, **corner)
            axis.annotate(f"dZ[{n}]", (0.6, 1.14), color=style.BACKWARD, **corner)
        else:
            axis.set_title("dW, the sum", y=1.25)
            axis.set_xticks([])
            axis.set_yticks([])
    for axis, sign in zip(axes[1:], ["+"] * (N - 1) + ["="], strict=True):
        axis.annotate(
            sign,
            (0, 0.5),
            xytext=(-48 if sign == "+" else -33, 0),
            xycoords="axes fraction",
            textcoords="offset points",
            ha="center",
            va="center",
            fontsize=20,
        )
    return figure


def jacobians(X, W):
    """Draw both Jacobians of Z = X W as tables, shaded where an entry is not zero.

    Parameters
    ----------
    X : ndarray of shape (N, D)
    W : ndarray of shape (D, M)

    Returns
    -------
    matplotlib.figure.Figure
    """
    plt = style.use()
    (N, D), M = X.shape, W.shape[1]
    pictures = (
        (np.kron(np.eye(N), W.T), style.PARAMETER, "J_Z_X is made of W", "X", (N, D)),
        (np.kron(X, np.eye(M)), style.FORWARD, "J_Z_W is made of X", "W", (D, M)),
    )
    figure, axes = plt.subplots(1, 2, figsize=(7, 3.3), layout="constrained")
    for axis, (J, colour, title, name, shape) in zip(axes, pictures, strict=True):
        _draw_table(axis, J, colour, np.abs(J).max())
        axis.set_title(title)
        axis.set_xticks(range(J.shape[1]), _labels(shape))
        axis.set_yticks(range(J.shape[0]), _labels((N, M)))
        axis.set_xlabel(f"entry of {name}")
        axis.set_ylabel("entry of Z")
    return figure


def _draw_table(axis, table, colour, largest):
    """Write the entries on a grid of squares; the tint grows with the size of the entry."""
    from matplotlib.colors import LinearSegmentedColormap

    tints = LinearSegmentedColormap.from_list("tints", ["white", colour])
    axis.imshow(np.abs(table), cmap=tints, vmin=0, vmax=1.8 * largest, aspect="auto")
    for (row, column), value in np.ndenumerate(table):
        shade = "#8a8a8a" if value == 0 else "black"
        # A zero times a negative number is -0.0, which would be written "-0".
        axis.text(column, row, f"{value + 0.0:g}", ha="center", va="center", color=shade)
    rows, columns = table.shape
    axis.set_xticks(np.arange(columns + 1) - 0.5, minor=True)
    axis.set_yticks(np.arange(rows + 1) - 0.5, minor=True)
    axis.grid(False, which="major")
    axis.grid(which="minor", color="#c8c8c8", linewidth=1, alpha=1, clip_on=False)
    axis.tick_params(which="both", length=0)
    for side in axis.spines.values():
        side.set_visible(False)


def _labels(shape):
    """Return one label such as ``0,1`` for each index of an array, row by row."""
    return [",".join(map(str, index)) for index in np.ndindex(shape)]


def _outline(axis, entry):
    from matplotlib.patches import Rectangle

    row, column = entry
    box = Rectangle((column - 0.46, row - 0.46), 0.92, 0.92, fill=False)
    box.set(edgecolor=style.NEUTRAL, linewidth=3)
    axis.add_patch(box)
