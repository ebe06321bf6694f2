"""Pictures of softmax and of what goes wrong with its loss (lesson 05)."""

import numpy as np

from backprop_course.figures import style

CAP = 1e-8


def odds_figure(logits, names=None):
    """Draw logits, odds and probabilities of one example as three rows of bars.

    Parameters
    ----------
    logits : sequence of C floats
    names : sequence of C str, optional
        Labels under the bars, "class 0" and so on if left out.

    Returns
    -------
    matplotlib.figure.Figure
    """
    plt = style.use()
    logits = np.asarray(logits, dtype=float)
    odds = np.exp(logits)
    names = names or [f"class {k}" for k in range(len(logits))]
    panels = (
        ("logits $z$", logits, style.DATA, ""),
        ("odds $e^z$", odds, style.ACCENT, "//"),
        ("probabilities $p$", odds / odds.sum(), style.FORWARD, ""),
    )
    figure, axes = plt.subplots(1, 3, figsize=(7.5, 2.9), layout="constrained")
    for axis, (title, heights, colour, hatch) in zip(axes, panels, strict=True):
        bars = axis.bar(names, heights, color=colour, hatch=hatch, edgecolor="white", width=0.6)
        axis.bar_label(bars, [f"{height:.2f}" for height in heights], padding=2)
        low, high = min(heights.min(), 0), max(heights.max(), 0)
        room = 0.25 * (high - low or 1)  # for the numbers at the ends of the bars
        axis.set(title=title, ylim=(low - room if low < 0 else 0, high + room))
        axis.axhline(0, color="black", linewidth=1)
        axis.grid(visible=False)
        axis.spines[["left", "bottom"]].set_visible(False)
        axis.tick_params(bottom=False)
        axis.set_yticks([])
    return figure


def loss_curves(gaps):
    """Return loss and slope of one two-class example over its logit gap, in four versions.

    The gap is the wrong logit minus the right one, so positive gaps are mistakes. Slopes are
    with respect to the gap, which is also the wrong class's logit.

    Parameters
    ----------
    gaps : ndarray of shape (K,)

    Returns
    -------
    losses, slopes : dict of str to ndarray of shape (K,)
        With the keys ``right``, ``epsilon`` (1e-8 inside the logarithm), ``naive`` (exponentials
        of unshifted float32 logits; no slope) and ``squared`` (half squared error of the
        probabilities).
    """
    losses = {"right": np.logaddexp(0, gaps)}
    wrong = np.exp(-np.logaddexp(0, -gaps))  # probability of the wrong class
    right = np.exp(-np.logaddexp(0, gaps))
    losses["epsilon"] = -np.log(right + CAP)
    losses["squared"] = wrong**2  # half of wrong^2 + (1 - right)^2
    with np.errstate(all="ignore"):
        odds = np.exp(gaps.astype(np.float32))
        losses["naive"] = -np.log(1 / (1 + odds))
    slopes = {
        "right": wrong,
        "epsilon": wrong * right / (right + CAP),
        "squared": 2 * wrong * wrong * right,
    }
    return losses, slopes


def loss_figure():
    """Draw loss and slope of one example over its logit gap: the right form and three others.

    Returns
    -------
    matplotlib.figure.Figure
        Left the losses, right the slopes.
    """
    plt = style.use()
    gaps = np.linspace(-15, 105, 481)
    losses, slopes = loss_curves(gaps)
    reported = np.isfinite(losses["naive"])
    last = np.flatnonzero(reported)[-1]
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.7), layout="constrained")
    others = {"epsilon": (style.ACCENT, "--"), "squared": (style.DATA, "-.")}

    left.plot(gaps, losses["right"], color=style.LOSS, linewidth=3, label="right")
    right.plot(gaps, slopes["right"], color=style.BACKWARD, linewidth=3, label="right")
    for key, (colour, line) in others.items():
        left.plot(gaps, losses[key], line, color=colour, linewidth=2.5, label=key)
        right.plot(gaps, slopes[key], line, color=colour, linewidth=2.5, label=key)
    left.plot(gaps[reported], losses["naive"][reported], ":", color="black", label="naive")
    left.plot(gaps[last], losses["naive"][last], "X", color="black", markersize=10)

    left.text(82, losses["naive"][last], "naive exp in float32:\ninf from here on", ha="right")
    left.text(46, 54, "log-sum-exp", ha="right")
    left.text(66, 21, "log(p + 1e-8) stops at 18.4", ha="center")
    left.text(66, 4, "squared error of p stops at 1", ha="center")
    left.set(title="reported loss", ylabel="loss", xlabel="logit gap (wrong minus right)")
    right.text(64, 0.93, "P - Y, what backward returns", ha="center", va="top")
    right.text(23, 0.5, "true slope with log(p + 1e-8)")
    right.text(23, 0.06, "squared error of p: no slope")
    right.set(title="slope of the loss", ylabel="slope", xlabel="logit gap (wrong minus right)")
    return figure
