"""Pictures of networks and their training: caches, loss curves, digits, mistakes."""

import numpy as np

from backprop_course.figures import style

_BOLD = {"fontweight": "bold"}


def return_trip():
    """Draw a network with one hidden layer: forward above, caches inside, backward below.

    Returns
    -------
    matplotlib.figure.Figure
    """
    plt = style.use()
    figure, axis = plt.subplots(figsize=(9, 3.3))
    figure.subplots_adjust(left=0.01, right=0.99, bottom=0.02, top=0.98)
    axis.set(xlim=(0.2, 19.8), ylim=(0, 7))
    axis.axis("off")
    stops = (
        ("linear 1", "X, W1", "dW1, db1"),
        ("ReLU", "Z1 > 0", ""),
        ("linear 2", "A1, W2", "dW2, db2"),
        ("loss", "P, y", ""),
    )
    for k, (name, cache, gradients) in enumerate(stops):
        left = 2.2 + 4.3 * k
        axis.add_patch(
            plt.Rectangle((left, 2.6), 2.5, 3.0, facecolor="white", edgecolor=style.NEUTRAL, lw=1.5)
        )
        axis.text(left + 1.25, 5.05, name, ha="center", **_BOLD)
        axis.text(left + 1.25, 3.95, "keeps", ha="center", fontsize=11, color=style.NEUTRAL)
        axis.text(left + 1.25, 3.15, cache, ha="center", family="monospace", fontsize=11)
        if gradients:
            axis.annotate(
                "",
                (left + 1.25, 0.95),
                (left + 1.25, 2.6),
                arrowprops={"arrowstyle": "->", "color": style.PARAMETER, "lw": 2},
            )
            axis.text(
                left + 1.25, 0.25, gradients, ha="center", color=style.PARAMETER, family="monospace"
            )
    values = ("X", "Z1", "A1", "Z2", "loss")
    arriving = ("not needed", "dZ1", "dA1", "dZ2", "1")
    for k, (value, gradient) in enumerate(zip(values, arriving, strict=True)):
        left, right = 0.5 + 4.3 * k, 2.1 + 4.3 * k
        forward = {"arrowstyle": "->", "color": style.FORWARD, "lw": 2}
        axis.annotate("", (right, 4.9), (left, 4.9), arrowprops=forward)
        middle = (left + right) / 2
        axis.text(middle, 5.15, value, ha="center", color=style.FORWARD, family="monospace")
        if k:
            backward = {"arrowstyle": "->", "color": style.BACKWARD, "lw": 2, "linestyle": "--"}
            axis.annotate("", (left, 3.4), (right, 3.4), arrowprops=backward)
            axis.text(middle, 2.75, gradient, ha="center", color=style.BACKWARD, family="monospace")
        else:
            axis.text(middle, 2.85, "stops\nhere", ha="center", fontsize=11, color=style.NEUTRAL)
    axis.text(0.3, 6.5, "way out: values", color=style.FORWARD, **_BOLD)
    axis.text(19.6, 6.5, "way back: gradients", ha="right", color=style.BACKWARD, **_BOLD)
    return figure


def loss_curves(history):
    """Draw loss and accuracy over the epochs, for training and held-out data.

    Parameters
    ----------
    history : object
        With lists ``losses``, ``accuracies``, ``validation_losses``, ``validation_accuracies``,
        such as `NeuralNetwork.fit` returns.

    Returns
    -------
    matplotlib.figure.Figure
    """
    plt = style.use()
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.5), layout="constrained")
    epochs = np.arange(1, len(history.losses) + 1)
    for axis, train, held_out in (
        (left, history.losses, history.validation_losses),
        (right, history.accuracies, history.validation_accuracies),
    ):
        axis.plot(epochs, train, color=style.FORWARD, label="training")
        axis.plot(epochs, held_out, color=style.ACCENT, linestyle="--", label="held out")
        axis.set_xlabel("epoch")
        axis.legend()
    left.set(ylabel="loss", ylim=(0, None))
    right.set(ylabel="accuracy", ylim=(0.8, 1.0))
    right.set_yticks(np.arange(0.8, 1.01, 0.05))
    right.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    return figure


def confusion_counts(labels, predictions, classes):
    """Return how often each label was read as each class, of shape (classes, classes).

    Rows are the labels, columns the predictions.

    Parameters
    ----------
    labels, predictions : int ndarrays of shape (N,)
    classes : int

    Examples
    --------
    >>> confusion_counts(np.array([0, 0, 1]), np.array([0, 1, 1]), 2)
    array([[1, 1],
           [0, 1]])
    """
    counts = np.zeros((classes, classes), dtype=int)
    np.add.at(counts, (labels, predictions), 1)
    return counts


def confusion_matrix(labels, predictions, classes=10):
    """Draw the confusion counts: right ones in grey numbers, confusions on a coloured ground.

    Parameters
    ----------
    labels, predictions : int ndarrays of shape (N,)
    classes : int

    Returns
    -------
    matplotlib.figure.Figure
    """
    from matplotlib.colors import LinearSegmentedColormap

    plt = style.use()
    counts = confusion_counts(labels, predictions, classes)
    wrong = np.where(np.eye(classes, dtype=bool), 0, counts)
    figure, axis = plt.subplots(figsize=(5.4, 5), layout="constrained")
    shades = LinearSegmentedColormap.from_list("confusions", ["white", style.BACKWARD])
    axis.imshow(wrong, cmap=shades, vmin=0, vmax=max(2, 1.6 * wrong.max()))
    for (label, prediction), count in np.ndenumerate(counts):
        if count:
            right = label == prediction
            axis.text(
                prediction,
                label,
                str(count),
                ha="center",
                va="center",
                color=style.NEUTRAL if right else "black",
                **({} if right else _BOLD),
            )
    axis.set(xlabel="read as", ylabel="is", xticks=range(classes), yticks=range(classes))
    axis.grid(False)
    return figure


def digit_images(X, titles, columns=8):
    """Draw digits of 8 x 8 pixels in rows, with a title over each.

    Parameters
    ----------
    X : ndarray of shape (n, 64)
        Brightness of the ink, 0 to 1.
    titles : list of str
        One for each image.
    columns : int
        Images in a row.

    Returns
    -------
    matplotlib.figure.Figure
    """
    plt = style.use()
    rows = max(1, -(-len(X) // columns))
    figure, axes = plt.subplots(
        rows, columns, figsize=(9, 1.45 * rows), layout="constrained", squeeze=False
    )
    for axis in axes.flat:
        axis.axis("off")
    for axis, image, title in zip(axes.flat, X, titles, strict=False):
        axis.imshow(image.reshape(8, 8), cmap="gray_r", vmin=0, vmax=1)
        axis.set_title(title, fontsize=11)
    return figure


def misread_digits(X, labels, predictions, most=16):
    """Draw the digits that were read wrongly, each titled ``"8, read as 1"``.

    Parameters
    ----------
    X : ndarray of shape (N, 64)
    labels, predictions : int ndarrays of shape (N,)
    most : int
        How many are drawn at most, the first ones.

    Returns
    -------
    matplotlib.figure.Figure
    """
    wrong = np.flatnonzero(predictions != labels)[:most]
    titles = [f"{labels[i]}, read as {predictions[i]}" for i in wrong]
    return digit_images(X[wrong], titles)


def xor_regions(runs, networks, titles):
    """Draw how some networks divide the plane, with the fold of each hidden unit.

    Parameters
    ----------
    runs : list of XorRun
        One a panel.
    networks : list of int
        Which network of each run to draw.
    titles : list of str

    Returns
    -------
    matplotlib.figure.Figure
    """
    plt = style.use()
    figure, axes = plt.subplots(1, len(networks), figsize=(9, 4), sharex=True, sharey=True)
    figure.subplots_adjust(left=0.06, right=0.99, bottom=0.22, top=0.9, wspace=0.08)
    grid = np.linspace(-0.5, 1.5, 201)
    across, up = np.meshgrid(grid, grid)
    points = np.stack([across.ravel(), up.ravel()], axis=1)
    for axis, run, network, title in zip(axes, runs, networks, titles, strict=True):
        logits = run.logits(network, points)
        surplus = (logits[:, 1] - logits[:, 0]).reshape(across.shape)
        axis.contourf(
            across, up, surplus > 0, levels=[-0.5, 0.5, 1.5], colors=["#cfe3f1", "#f6dcc6"]
        )
        _draw_folds(axis, run, network)
        for label, colour, marker in ((0, style.FORWARD, "o"), (1, style.BACKWARD, "^")):
            corners = [(0, 0), (1, 1)] if label == 0 else [(0, 1), (1, 0)]
            axis.plot(
                *zip(*corners, strict=True),
                marker,
                color=colour,
                markeredgecolor="white",
                markersize=13,
                label=f"class {label}",
            )
        axis.set(title=title, xlabel="$x_1$", xlim=(-0.5, 1.5), ylim=(-0.5, 1.5), aspect="equal")
        axis.set(xticks=(0, 1), yticks=(0, 1))
        axis.grid(False)
    axes[0].set_ylabel("$x_2$")
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="lower center", ncols=3)
    return figure


def _draw_folds(axis, run, network):
    """Draw the line w1 x1 + w2 x2 + b = 0 of each unit that is not dead."""
    W, b = run.W1[network], run.b1[network, 0]
    label = "where a living unit switches on"
    for unit in np.flatnonzero(~run.dead_at_end[network]):
        (w1, w2), ends = W[:, unit], np.array([-0.5, 1.5])
        if abs(w2) > abs(w1):
            line = ends, -(w1 * ends + b[unit]) / w2
        else:
            line = -(w2 * ends + b[unit]) / w1, ends
        axis.plot(*line, color=style.NEUTRAL, linestyle=":", linewidth=1.3, label=label)
        label = None


def laboratory(results, problems):
    """Draw the accuracy that each wrong gradient reaches, and what the gradient check says.

    Parameters
    ----------
    results : dict of str to tuple
        For each mistake ``(check_ok, accuracies)``: the verdict of the gradient check, and one
        list of accuracies (one a seed) for each problem. The first entry is the right gradient.
    problems : list of str
        Titles of the panels.

    Returns
    -------
    matplotlib.figure.Figure
    """
    plt = style.use()
    figure, axes = plt.subplots(
        1,
        len(problems),
        figsize=(9, 0.42 * len(results) + 1.6),
        layout="constrained",
        sharey=True,
        sharex=True,
    )
    right = next(iter(results.values()))[1]
    for column, (axis, problem) in enumerate(zip(axes, problems, strict=True)):
        axis.axvline(np.mean(right[column]), color=style.NEUTRAL, linewidth=1, linestyle=":")
        for row, (ok, accuracies) in enumerate(results.values()):
            axis.plot(
                accuracies[column],
                [row] * len(accuracies[column]),
                "o" if ok else "X",
                color=style.FORWARD if ok else style.BACKWARD,
                markersize=8,
                alpha=0.75,
                linestyle="none",
            )
        axis.set(title=problem, xlabel="held-out accuracy", xlim=(0, 1.03))
        axis.xaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    axes[0].set_yticks(range(len(results)), list(results))
    axes[0].invert_yaxis()
    for ok, marker, words in (
        (True, "o", "gradient check: agrees"),
        (False, "X", "gradient check: wrong"),
    ):
        colour = style.FORWARD if ok else style.BACKWARD
        axes[0].plot([], [], marker, color=colour, markersize=8, label=words)
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=2)
    return figure
