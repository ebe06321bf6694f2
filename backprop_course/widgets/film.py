"""An explorer without a kernel: each of its controls moves through pictures made beforehand.

A deck for the lecture hall has no Python behind it. There an explorer shows itself as a *film*:
one slider for each control, and a picture for each place of the slider. One control moves at a
time; the others stand where they started.
"""

import json
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

SWITCH = "BACKPROP_COURSE_DECK"

_SCRIPT = Path(__file__).with_suffix(".js")
_STYLE = """
.bpc-film{max-width:100%}
.bpc-film__controls{display:flex;flex-wrap:wrap;gap:.15em 1.8em;margin:0 0 .3em}
.bpc-film__control{display:flex;align-items:center;gap:.6em;flex:1 1 16em}
.bpc-film__label{min-width:5.5em}
.bpc-film__control input{flex:1 1 6em;min-width:6em;accent-color:#0072b2}
.bpc-film__control output{white-space:nowrap;text-align:right;font-variant-numeric:tabular-nums}
.bpc-film__control button{font:inherit;min-width:4.2em}
.bpc-film__frame img{max-width:100%}
"""


@dataclass(frozen=True)
class Reel:
    """The pictures of one control.

    Attributes
    ----------
    label : str
        The name of the control, as the explorer shows it.
    values : sequence of n str
        The places of the control, in order: ``"-1.00"``, ``"0.3"``, ``"cat"``.
    frames : sequence of n str
        The picture at each place, as HTML or SVG text.
    start : int
        The place of the start, counted from 0. The reels of one film start with the same picture.
    plays : bool
        Whether a button runs through the pictures by itself, for a control that is time.
    """

    label: str
    values: Sequence[str]
    frames: Sequence[str]
    start: int = 0
    plays: bool = False

    def __post_init__(self):
        if len(self.values) != len(self.frames) or not self.frames:
            raise ValueError(
                f"The reel '{self.label}' has {len(self.values)} values and {len(self.frames)} "
                "frames; give one frame for each value, and at least one."
            )
        if not 0 <= self.start < len(self.frames):
            raise ValueError(
                f"The reel '{self.label}' starts at {self.start}, but its frames are counted "
                f"from 0 to {len(self.frames) - 1}."
            )


def wanted() -> bool:
    """Whether widgets are to show themselves as films: inside the kernel of the deck's builder."""
    return os.environ.get(SWITCH) == "1"


def bundle(widget) -> dict[str, str]:
    """Return what an explorer hands to the notebook where a film is wanted.

    Parameters
    ----------
    widget : an explorer with a method ``film() -> list[Reel]``
    """
    return {"text/plain": repr(widget), "text/html": film_html(widget.film())}


def places(low: float, high: float, start: float, *, steps: int = 20) -> tuple[list[float], int]:
    """Return evenly spread places of a slider, with its start among them, and the start's index.

    Examples
    --------
    >>> places(-1, 1, 0.3, steps=4)
    ([-1.0, -0.5, 0.0, 0.3, 0.5, 1.0], 3)
    """
    grid = [low + (high - low) * k / steps for k in range(steps + 1)]
    # A place next to the start, too close to see, would only be in the way.
    far = [place for place in grid if abs(place - start) > (high - low) / (4 * steps)]
    found = sorted([*far, start])
    return found, found.index(start)


def film_html(reels: Sequence[Reel]) -> str:
    """Return a film as a piece of HTML that needs no kernel and no other file.

    Parameters
    ----------
    reels : sequence of Reel
        One for each control. Without JavaScript the picture of the first one's start is shown.

    Raises
    ------
    ValueError
        There is no reel.
    """
    if not reels:
        raise ValueError("A film needs at least one reel.")
    controls = "".join(_control(reel, number) for number, reel in enumerate(reels))
    script = _SCRIPT.read_text(encoding="utf-8")
    return (
        # Reveal.js turns the slide when a finger swipes, but not across an element marked so.
        f'<div class="bpc-film" data-prevent-swipe><style>{_STYLE}</style>'
        f'<div class="bpc-film__controls">{controls}</div>'
        f'<div class="bpc-film__frame">{reels[0].frames[reels[0].start]}</div>'
        f'<script type="application/json">{_packed(reels)}</script>'
        f"<script>{script}</script></div>"
    )


def _control(reel: Reel, number: int) -> str:
    value = escape(reel.values[reel.start])
    longest = max(map(len, reel.values))  # room for it, so that the slider keeps its place
    play = '<button type="button">play</button>' if reel.plays else ""
    # The slider itself says its value to those who hear the page; the text beside it is silent.
    return (
        '<div class="bpc-film__control">'
        f'<span class="bpc-film__label">{escape(reel.label)}</span>'
        f'<input type="range" min="0" max="{len(reel.frames) - 1}" step="1" value="{reel.start}" '
        f'data-reel="{number}" aria-label="{escape(reel.label)}" aria-valuetext="{value}">'
        f'<output aria-hidden="true" style="min-width:{longest}ch">{value}</output>{play}</div>'
    )


def _packed(reels: Sequence[Reel]) -> str:
    """Return values and frames as JSON, in which equal pieces of frames are written once.

    From frame to frame only some numbers change; cut before each tag, most pieces are equal.
    """
    pieces: dict[str, int] = {}
    packed = []
    for reel in reels:
        frames = [
            [pieces.setdefault(piece, len(pieces)) for piece in re.split(r"(?=<)", frame) if piece]
            for frame in reel.frames
        ]
        packed.append({"values": list(reel.values), "start": reel.start, "frames": frames})
    text = json.dumps({"pieces": list(pieces), "reels": packed}, separators=(",", ":"))
    # Inside a script element only the end tag, and what looks like one, must not be written out.
    return text.replace("<", "\\u003c")
