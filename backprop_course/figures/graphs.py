"""Pictures of computational graphs: values, local derivatives, and what comes back."""

import numpy as np

from backprop_course.figures import style

RADIUS = 0.27  # of a node, where 1 is the step from one column of the graph to the next


def graph(parents, places, *, values=None, local=None, gradients=None):
    """Draw a graph with its arrows from parents to children.

    Parameters
    ----------
    parents : dict of node -> list of nodes
    places : dict of node -> (float, float)
        Where each node stands; one column of the graph is 1 wide.
    values, gradients : dict of node -> float, optional
        Written above the nodes in blue, and below them in orange.
    local : dict of (child, parent) -> float, optional
        Local derivatives, written on the arrows.

    Returns
    -------
    matplotlib.figure.Figure
    """
    plt = style.use()
    figure, axis = plt.subplots(figsize=(6.4, 3), layout="constrained")
    _draw(axis, parents, places)
    for node, value in (values or {}).items():
        _beside(axis, places[node], f"{node} = {_short(value)}", style.FORWARD, above=True)
    for node, value in (gradients or {}).items():
        _beside(axis, places[node], f"d{node} = {_short(value)}", style.BACKWARD, above=False)
    for (child, parent), factor in (local or {}).items():
        # Nearer to the child than to the parent: arrows that leave a fork are apart there.
        at = _between(places[parent], places[child], 0.55)
        axis.text(*at, f"× {_short(factor)}", ha="center", va="center", backgroundcolor="white")
    return figure


def diamond_row(count):
    """Return the graph of a row of diamonds, a dict of node -> parents, parents first.

    Examples
    --------
    >>> diamond_row(1)
    {'v0': [], 'a1': ['v0'], 'b1': ['v0'], 'v1': ['a1', 'b1']}
    """
    parents = {"v0": []}
    for k in range(1, count + 1):
        parents |= {f"a{k}": [f"v{k - 1}"], f"b{k}": [f"v{k - 1}"], f"v{k}": [f"a{k}", f"b{k}"]}
    return parents


def diamonds(plain, in_order):
    """Draw a row of diamonds twice, with the number of visits that each node gets.

    Parameters
    ----------
    plain, in_order : dict of node -> int
        How often each node of a `diamond_row` is visited by plain recursion, and by a sweep in
        order.

    Returns
    -------
    matplotlib.figure.Figure
    """
    plt = style.use()
    figure, axes = plt.subplots(2, 1, figsize=(7.6, 4.2), layout="constrained")
    count = sum(node.startswith("a") for node in plain)
    parents, places = diamond_row(count), {"v0": (0, 0)}
    for k in range(1, count + 1):
        places |= {f"a{k}": (2 * k - 1, 0.55), f"b{k}": (2 * k - 1, -0.55), f"v{k}": (2 * k, 0)}
    for axis, visits, title in zip(
        axes,
        (plain, in_order),
        ("visits by plain recursion", "visits by a sweep in order"),
        strict=True,
    ):
        _draw(axis, parents, places, inside=visits, largest=max(plain.values()))
        axis.set_title(f"{title}: {sum(visits.values())}", loc="left")
        _beside(axis, places["v0"], "v0", style.NEUTRAL, above=True)
        _beside(axis, places[f"v{count}"], f"v{count}, start", style.NEUTRAL, above=True)
    return figure


def two_modes(parents, places, slopes, gradients, *, source, output):
    """Draw the same graph as forward mode and as reverse mode fill it.

    Parameters
    ----------
    parents, places : dict
        As in `graph`.
    slopes : dict of node -> float
        Derivative of each node with respect to ``source``.
    gradients : dict of node -> float
        Derivative of ``output`` with respect to each node.
    source, output : node
        Where the two passes begin.

    Returns
    -------
    matplotlib.figure.Figure
    """
    plt = style.use()
    figure, axes = plt.subplots(1, 2, figsize=(7.6, 3.2), layout="constrained")
    for axis, numbers, start, colour, title in (
        (axes[0], slopes, source, style.ACCENT, f"forward mode, from {source}"),
        (axes[1], gradients, output, style.BACKWARD, f"reverse mode, from {output}"),
    ):
        inside = {node: _short(value) for node, value in numbers.items()}
        backward = axis is axes[1]
        _draw(axis, parents, places, inside=inside, start=start, colour=colour, backward=backward)
        for node in parents:
            label = f"d{output}/d{node}" if backward else f"d{node}/d{source}"
            _beside(axis, places[node], label, style.NEUTRAL, above=True)
        axis.set_title(title)
    return figure


def passes(outputs, inputs):
    """Draw a Jacobian twice: what one pass of each mode fills in.

    Parameters
    ----------
    outputs, inputs : int
        Rows and columns of the Jacobian.

    Returns
    -------
    matplotlib.figure.Figure
    """
    from matplotlib.colors import ListedColormap

    plt = style.use()
    figure, axes = plt.subplots(1, 2, figsize=(7, 3), layout="constrained")
    for axis, title, colour, place in (
        (axes[0], f"forward: 1 of {inputs} passes", style.ACCENT, np.s_[:, 0]),
        (axes[1], f"reverse: 1 of {outputs} passes", style.BACKWARD, np.s_[0, :]),
    ):
        filled = np.zeros((outputs, inputs))
        filled[place] = 1
        axis.imshow(filled, cmap=ListedColormap(["#f2f2f2", colour]), vmin=0, vmax=1)
        axis.set_xticks(np.arange(inputs + 1) - 0.5, minor=True)
        axis.set_yticks(np.arange(outputs + 1) - 0.5, minor=True)
        axis.grid(False, which="major")
        axis.grid(which="minor", color="white", linewidth=2, alpha=1)
        axis.set(xticks=[], yticks=[], title=title, xlabel="inputs", ylabel="outputs")
        axis.tick_params(which="both", length=0)
        for side in axis.spines.values():
            side.set_visible(False)
    return figure


def _draw(
    axis, parents, places, *, inside=None, largest=None, start=None, colour=style.NEUTRAL,
    backward=False,
):  # fmt: skip
    """Draw nodes and arrows; a node shows its name, or what ``inside`` says about it.

    With ``largest`` the numbers inside are also tints. With ``backward`` the arrows show the way
    back, from children to parents.
    """
    from matplotlib.colors import to_rgba
    from matplotlib.patches import Circle

    for child, found in parents.items():
        for parent in found:
            tail, head = (child, parent) if backward else (parent, child)
            axis.annotate(
                "",
                xy=_rim(places[head], places[tail]),
                xytext=_rim(places[tail], places[head]),
                arrowprops={
                    "arrowstyle": "-|>", "color": colour, "linewidth": 1.6,
                    "shrinkA": 0, "shrinkB": 1,
                },
            )  # fmt: skip
    for node in parents:
        face = to_rgba(style.BACKWARD, 0.6 * inside[node] / largest) if largest else "white"
        edge = colour if node == start else style.NEUTRAL
        width = 3.5 if node == start else 1.6
        axis.add_patch(
            Circle(places[node], RADIUS, facecolor=face, edgecolor=edge, linewidth=width, zorder=2)
        )
        text = node if inside is None else str(inside[node])
        axis.text(*places[node], text, ha="center", va="center", zorder=3)
    across, up = zip(*places.values(), strict=True)
    axis.set(xlim=(min(across) - 0.6, max(across) + 0.6), ylim=(min(up) - 0.65, max(up) + 0.65))
    axis.set_aspect("equal")
    axis.set_axis_off()


def _beside(axis, place, text, colour, *, above):
    """Write above or below a node."""
    across, up = place
    axis.text(
        across, up + (0.36 if above else -0.36), text, color=colour, weight="bold", ha="center",
        va="bottom" if above else "top", size=11,
    )  # fmt: skip


def _between(start, end, share):
    start, end = np.asarray(start, float), np.asarray(end, float)
    return start + share * (end - start)


def _rim(centre, towards):
    """Return the point on the rim of a node that looks towards another place."""
    return _between(centre, towards, RADIUS / np.hypot(*np.subtract(towards, centre)))


def _short(value):
    return style.short(value, digits=4)
