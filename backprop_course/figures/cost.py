"""Pictures of what backpropagation costs: in forward passes, over the batch, and in memory."""

import numpy as np

from backprop_course.figures import style

_LOOKS = (
    {"color": style.BACKWARD, "marker": "o"},
    {"color": style.FORWARD, "marker": "s"},
    {"color": style.PARAMETER, "marker": "^"},
    {"color": style.ACCENT, "marker": "v"},
    {"color": style.LOSS, "marker": "D"},
)


def gradient_cost(parameters, numerical, backprop):
    """Draw the cost of a whole gradient over the number of parameters, in forward passes.

    Parameters
    ----------
    parameters : sequence of k int
    numerical, backprop : sequences of k float
        What central differences and backpropagation took, as multiples of one forward pass.

    Returns
    -------
    matplotlib.figure.Figure
    """
    plt = style.use()
    figure, axis = plt.subplots(figsize=(7, 3.8), layout="constrained")
    n = np.array(parameters)
    axis.plot(n, 2 * n, ":", color=style.NEUTRAL, label="counted: 2 for each parameter")
    axis.plot(
        n, numerical, "s", color=style.FORWARD, markersize=8, label="central differences, measured"
    )
    axis.plot(
        n, backprop, "o-", color=style.BACKWARD, markersize=8, label="backpropagation, measured"
    )
    axis.set(
        xscale="log",
        yscale="log",
        ylim=(0.7, None),
        xlabel="parameters n",
        ylabel="forward passes",
    )
    axis.set_xticks(n, [f"{size:,}" for size in n])
    axis.minorticks_off()
    axis.legend(loc="center right", bbox_to_anchor=(1.0, 0.45))
    return figure


def step_over_forward(batches, measured, counted):
    """Draw how many forward passes one training step is worth, over the size of the batch.

    Parameters
    ----------
    batches : sequence of k int
    measured : dict of str to k floats
        The ratios of each network.
    counted : dict of str to float
        What the operations alone say of the same networks; drawn dashed.

    Returns
    -------
    matplotlib.figure.Figure
    """
    plt = style.use()
    figure, axis = plt.subplots(figsize=(7.4, 3.9), layout="constrained")
    for look, (name, ratios) in zip(_LOOKS, measured.items(), strict=False):
        axis.plot(batches, ratios, markersize=8, label=name, **look)
        axis.axhline(counted[name], color=look["color"], linestyle="--", linewidth=1.2)
    axis.set(xscale="log", yscale="log", xlabel="batch size", ylabel="step / forward pass")
    axis.set_xticks(batches, [str(batch) for batch in batches])
    ticks = [
        tick for tick in (1, 2, 3, 5, 10, 20, 50) if tick <= 1.3 * np.max([*measured.values()])
    ]
    axis.set_yticks(ticks, [str(tick) for tick in ticks])
    axis.minorticks_off()
    axis.set_ylim(min(1.8, 0.9 * np.min([*measured.values()])), None)
    axis.legend(title="dashed: counted")
    return figure


def gain_of_a_batch(batches, gains):
    """Draw how much less time an example takes in a batch than alone.

    Parameters
    ----------
    batches : sequence of k int
    gains : dict of str to k floats
        For each piece of work: time of one example alone, divided by its share of the batch's.

    Returns
    -------
    matplotlib.figure.Figure
    """
    plt = style.use()
    figure, axis = plt.subplots(figsize=(7.4, 3.9), layout="constrained")
    label = "if a batch took no longer than one row"
    axis.plot(batches, batches, ":", color=style.NEUTRAL, label=label)
    for look, (name, values) in zip(_LOOKS, gains.items(), strict=False):
        axis.plot(batches, values, markersize=8, label=name, **look)
    axis.set(xscale="log", yscale="log", xlabel="batch size", ylabel="times faster per example")
    axis.set_xticks(batches, [str(batch) for batch in batches])
    axis.set_yticks((1, 10, 100), ("1", "10", "100"))
    axis.minorticks_off()
    axis.legend()
    return figure


def memory_of_a_step(remembering, forgetting, cache):
    """Draw the memory that is held after each stop of a training step.

    Parameters
    ----------
    remembering : sequence of (str, int)
        Name and bytes held after each stop, out and back; the first ``len(forgetting)`` of them
        are the way out.
    forgetting : sequence of (str, int)
        The same for a pass that remembers nothing.
    cache : int
        Bytes that the formula says are held at the summit; drawn as a line.

    Returns
    -------
    matplotlib.figure.Figure
    """
    plt = style.use()
    figure, axis = plt.subplots(figsize=(9, 3.9), layout="constrained")
    names, held = zip(*remembering, strict=True)
    place, out = np.arange(len(names)), len(forgetting)
    megabytes = np.array(held) / 1e6
    colours = [style.FORWARD if k < out else style.BACKWARD for k in place]
    axis.bar(place, megabytes, color=colours, width=0.8)
    axis.plot(
        place[:out],
        [size / 1e6 for _, size in forgetting],
        "D",
        color="white",
        markeredgecolor="black",
        markersize=7,
        label="a prediction, which keeps nothing",
    )
    axis.axhline(cache / 1e6, color=style.NEUTRAL, linestyle="--", label="cache, by the formula")
    axis.set_xticks(place, names, rotation=60, ha="right", rotation_mode="anchor", fontsize=11)
    axis.set(ylabel="megabytes held", ylim=(0, 1.32 * megabytes.max()))
    axis.grid(False, axis="x")
    axis.text(
        (out - 1) / 2,
        1.2 * megabytes.max(),
        "way out",
        ha="center",
        color=style.FORWARD,
        weight="bold",
    )
    axis.text(
        (out + len(names) - 1) / 2,
        1.2 * megabytes.max(),
        "way back",
        ha="center",
        color=style.BACKWARD,
        weight="bold",
    )
    axis.legend(loc="center left", bbox_to_anchor=(0.0, 0.72))
    return figure
