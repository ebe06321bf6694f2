"""The picture of a graph as SVG text: the whole way, or as far as a step has come.

Everything that appears at a step carries its number, so that a browser needs no more than to
compare numbers.
"""

import re
from html import escape
from itertools import pairwise
from typing import NamedTuple

from backprop_course.figures.style import BACKWARD, DATA, FORWARD, PARAMETER
from backprop_course.widgets.stepper.layout import Arrow, Box, lay_out
from backprop_course.widgets.stepper.text import TIMES, number, total
from backprop_course.widgets.stepper.trace import Trace

_MARGIN, _LEGEND = 12, 34
_LEAST_WIDTH = 470  # room for the legend
_ROW, _TITLE = 38, 28  # heights inside a unit
_FACTOR, _SUM = 12.5, 12.5  # sizes of type; all else is 14
_THIN, _WIDE = "fijlrtI.,:;|()[]/' ", "mwMW½…"
_MOST_SHARES = 3  # a longer sum is not written out under its node

_LIGHT = {
    "ink": "#1b1b1b",
    "fill": "#ffffff",
    "wire": "#5c5c5c",
    "forward": FORWARD,
    "backward": BACKWARD,
    "parameter": PARAMETER,
    "data": DATA,
    # Text needs more contrast than lines do: darker relatives on white, lighter ones on black.
    "forward-text": "#00609a",
    "backward-text": "#b64f00",
}
_DARK = {
    "wire": "#a8a8a8",
    "forward": "#56b4e9",
    "backward": "#f28c4b",
    "parameter": "#2cc79a",
    "data": "#8fd0f5",
    "forward-text": "#7cc6f2",
    "backward-text": "#ffa36b",
}
_RULES = (
    ".bpc-graph{font-family:Helvetica,Arial,'Liberation Sans',sans-serif;font-size:14px}"
    ".bpc-graph text{fill:$ink}"
    ".bpc-graph .m{text-anchor:middle}.bpc-graph .e{text-anchor:end}"
    ".bpc-graph .f{fill:$forward-text;font-weight:600}"
    ".bpc-graph .b{fill:$backward-text;font-weight:600}"
    ".bpc-graph .s{font-size:12.5px;font-weight:400}"
    ".bpc-graph .v{font-style:italic}"
    ".bpc-graph .core{fill:$fill;stroke:$ink;stroke-width:1.3}"
    ".bpc-graph .given .core{stroke:$parameter;stroke-width:2.5}"
    ".bpc-graph .output .core{stroke-width:2.6}"
    ".bpc-graph .rule{stroke:$wire;stroke-width:1;opacity:.5}"
    ".bpc-graph .band{fill:$backward;fill-opacity:0}"
    ".bpc-graph .now-backward>.band{fill-opacity:.12}"
    ".bpc-graph .parameter{fill:$parameter}.bpc-graph .target{fill:$data}"
    ".bpc-graph .wire{fill:none;stroke:$wire;stroke-width:1.3}"
    ".bpc-graph .head{fill:$wire}"
    ".bpc-graph .mark{fill:$backward}"
    ".bpc-graph .return{display:none}"
    ".bpc-graph .now-forward .wire{stroke:$forward;stroke-width:3}"
    ".bpc-graph .now-forward .head{fill:$forward}"
    ".bpc-graph .now-backward .wire{stroke:$backward;stroke-width:3;stroke-dasharray:7 4}"
    ".bpc-graph .now-backward .head{display:none}"
    ".bpc-graph .now-backward .return{display:inline;fill:$backward}"
    ".bpc-graph .now-forward>.core{stroke:$forward;stroke-width:3.5}"
    ".bpc-graph .now-backward>.core{stroke:$backward;stroke-width:3.5;stroke-dasharray:7 4}"
)
_LIVE = (
    ".bpc-graph .later{visibility:hidden}"
    ".bpc-graph [data-node]{cursor:pointer}"
    ".bpc-graph .chosen>.core{fill:var(--jp-layout-color2,#e4e4e4)}"
    ".bpc-graph .row.chosen text{text-decoration:underline}"
)
_INK = "var(--jp-ui-font-color1,var(--vscode-foreground,currentColor))"
_PAPER = "var(--jp-layout-color0,var(--vscode-editor-background,transparent))"


def _fixed_style():
    """Return rules with plain colours: programs that print do not know CSS variables."""
    return re.sub(r"\$([\w-]+)", lambda name: _LIGHT[name[1]], _RULES)


def _themed_style():
    """Return rules that take their colours from the page, and know dark pages."""
    light, dark = (
        ";".join(f"--bpc-{name}:{colour}" for name, colour in colours.items())
        for colours in (_LIGHT | {"ink": _INK, "fill": _PAPER}, _DARK)
    )
    return (
        re.sub(r"\$([\w-]+)", r"var(--bpc-\1)", _RULES)
        + f".bpc-graph{{{light}}}"
        + f'[data-jp-theme-light="false"] .bpc-graph,.vscode-dark .bpc-graph{{{dark}}}'
        + _LIVE
    )


class _Pen(NamedTuple):
    """How parts are drawn that come at a step: all and numbered (live), or those there are."""

    step: int | None
    live: bool

    def part(self, at, text):
        if self.live:
            later = ' class="later"' if at > 0 else ""
            return f'<g data-at="{at}"{later}>{text}</g>'
        return text if self.step is None or at <= self.step else ""

    def group(self, classes, forward, backward, text, more=""):
        """Return a group that stands out at two steps, one on each way."""
        steps = {"forward": forward, "backward": backward}
        if self.live:
            more += "".join(f' data-{way}="{k}"' for way, k in steps.items() if k is not None)
        elif self.step is not None:
            classes += "".join(f" now-{way}" for way, k in steps.items() if k == self.step)
        return f'<g class="{classes}"{more}>{text}</g>'


class Picture:
    """The layout of a graph, ready to be drawn at any step.

    Parameters
    ----------
    graph : Graph
    """

    def __init__(self, graph):
        self.graph, self.trace = graph, Trace(graph)
        self._hosted = self.trace.hosted
        self._drawn = [k for k, node in enumerate(graph.nodes) if node.host is None]
        place = {k: i for i, k in enumerate(self._drawn)}
        self._links = [link for link in graph.links if link.source in place]
        slots = self._slots()
        arrows = [
            Arrow(place[link.source], place[link.target], slot, _breadth(_factor(link), _FACTOR))
            for link, slot in zip(self._links, slots, strict=True)
        ]
        self._layout = lay_out([self._box(k) for k in self._drawn], arrows)
        self._width = max(self._layout.width + 2 * _MARGIN, _LEAST_WIDTH)
        self._height = self._layout.height + _LEGEND + _MARGIN

    def still(self, step=None):
        """Return the picture for a page of its own: white ground, fixed colours.

        Parameters
        ----------
        step : int, optional
            Only what has appeared up to this step; left out, everything.
        """
        last = self.trace.last
        if step is not None and not 0 <= step <= last:
            raise ValueError(f"This graph has the steps 0 to {last}, not {step}.")
        ground = f'<rect width="{self._width:.0f}" height="{self._height:.0f}" fill="white"/>'
        description = self.trace.summary() if step is None else self.trace.steps[step].sentence
        return self._svg(_Pen(step, False), _fixed_style(), ground, description)

    def live(self):
        """Return the picture with all its parts, each with the number of its step."""
        names = ", ".join(self.graph.nodes[k].name for k in self._drawn)
        description = (
            f"A graph of {len(self._drawn)} boxes: {names}. "
            "The sentence under the picture says what each step does."
        )
        return self._svg(_Pen(0, True), _themed_style(), "", description)

    def _svg(self, pen, style, ground, description):
        width, height = f"{self._width:.0f}", f"{self._height:.0f}"
        output = self.graph.nodes[self.graph.output].name
        title = f"Computational graph of {output}"
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="bpc-graph" role="img" '
            f'viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
            f'aria-label="{escape(title)}">'
            f"<title>{escape(title)}</title><desc>{escape(description)}</desc>"
            f"<style>{style}</style>{ground}{self._legend(output)}"
            f'<g transform="translate({_MARGIN} {_LEGEND})">'
            + "".join(self._wire(pen, k) for k in range(len(self._links)))
            + "".join(self._node(pen, i) for i in range(len(self._drawn)))
            + "</g></svg>"
        )

    def _legend(self, output):
        parts, x = [], _MARGIN
        for text, classes, mark in (
            ("above a box: its value", "f s", False),
            (f"below: the gradient d{output}/d\N{HORIZONTAL ELLIPSIS}", "b s", True),
            (f"{TIMES} on an arrow: local derivative", "b s", False),
        ):
            if mark:
                parts.append(_mark(x, 12))
                x += 12
            parts.append(_text(x, 16, text, classes))
            x += _breadth(text, 12.5) + 18
        return "".join(parts)

    # Sizes -----------------------------------------------------------------------------------

    def _slots(self):
        """Return for each arrow its place among those that its target receives from outside."""
        counts, slots = {}, []
        for link in self._links:
            slots.append(counts.get(link.target, 0))
            counts[link.target] = slots[-1] + 1
        return slots

    def _box(self, k):
        core = self._core_width(k)
        sums = self._sum(k)
        texts = [_breadth(number(self.graph.value(k)), 14)]
        gradient = self.graph.gradient(k)
        if gradient is not None:
            texts.append(_breadth(number(gradient), 14) + 12)
        if sums:
            texts.append(_breadth(sums, _SUM))
        below = 0 if gradient is None else 36 if sums else 20
        top, bottom, ports = self._frame(k)
        return Box(
            width=max(core, *texts),
            above=top + 20,
            below=bottom + below,
            core=core,
            ports=ports,
            fixed=k in self._hosted,
        )

    def _frame(self, k):
        """Return how far a box reaches above and below its middle line, and where arrows end."""
        count = sum(link.target == k for link in self._links)
        if k not in self._hosted:
            half = 16 if count < 2 else 23
            return half, half, tuple(22 * (i - (count - 1) / 2) for i in range(count))
        rows = len(self._rows(k))
        half = (_TITLE + rows * _ROW) / 2
        return half, half, tuple(_TITLE - half + _ROW * (i + 0.5) for i in range(count))

    def _rows(self, k):
        """Return what stands inside a unit: its weights beside their arrows, then its bias."""
        return self._hosted.get(k, [])

    def _core_width(self, k):
        wide = _breadth(self._label(k), 14) + 20
        for row in self._rows(k):
            name = _breadth(self.graph.nodes[row].name, 14)
            value = _breadth(number(self.graph.value(row)), 14)
            gradient = self.graph.gradient(row)
            below = 0 if gradient is None else _breadth(number(gradient), 14) + 14
            wide = max(wide, 21 + max(name + 14 + value, below) + 8)
        return max(wide, 36)

    def _label(self, k):
        node = self.graph.nodes[k]
        if node.operation is None:
            return node.name
        names = [other.name for other in self.graph.nodes]
        if node.operation.shorten:
            return f"{node.name} = {node.operation.shorten(*(names[a] for a in node.arguments))}"
        return f"{node.name} = {node.formula(names)}"

    def _sum(self, k):
        """Return the sum that makes the gradient of a fork, or an empty text."""
        shares = [link.share for link in self.graph.links_from(k) if link.share is not None]
        if len(shares) < 2:
            return ""
        if len(shares) > _MOST_SHARES:
            return f"sum of {len(shares)} shares"
        return f"= {total(shares)}"

    # Parts -----------------------------------------------------------------------------------

    def _node(self, pen, i):
        k = self._drawn[i]
        x, y = self._layout.places[i]
        node, wide = self.graph.nodes[k], self._core_width(k)
        top, bottom, _ = self._frame(k)
        given = node.operation is None
        classes = "node" + (" given" if given else "") + self._output_class(k)
        parts = [
            f'<rect class="core" x="{_n(x - wide / 2)}" y="{_n(y - top)}" width="{_n(wide)}" '
            f'height="{_n(top + bottom)}" rx="{16 if given else 4}"/>'
        ]
        if k in self._hosted:
            parts += self._inside(pen, k, x - wide / 2, y - top, wide)
        else:
            parts.append(_text(x, y + 5, self._label(k), "m v"))
        value = _text(x, y - top - 7, number(self.graph.value(k)), "m f")
        parts.append(pen.part(self.trace.value_at[k], value))
        if k in self.trace.gradient_at:
            parts.append(pen.part(self.trace.gradient_at[k], self._gradient(k, x, y + bottom)))
        forward = None if given else self.trace.value_at[k]
        return pen.group(
            classes, forward, self.trace.gradient_at.get(k), "".join(parts), _data_node(k, pen)
        )

    def _output_class(self, k):
        return " output" if k == self.graph.output else ""

    def _gradient(self, k, x, y):
        sums = self._sum(k)
        text = _below(x, y + 16, number(self.graph.gradient(k)))
        return text + (_text(x, y + 32, sums, "m b s") if sums else "")

    def _inside(self, pen, k, left, top, wide):
        """Yield the title of a unit and the rows of its weights."""
        yield _text(left + wide / 2, top + 19, self._label(k), "m v")
        for i, row in enumerate(self._rows(k)):
            y = top + _TITLE + _ROW * (i + 0.5)
            at, name = self.trace.gradient_at.get(row), self.graph.nodes[row].name
            parts = [
                f'<rect class="band" x="{_n(left)}" y="{_n(y - _ROW / 2)}" width="{_n(wide)}" '
                f'height="{_ROW}"/>',
                f'<path class="rule" d="M{_n(left)} {_n(y - _ROW / 2)}h{_n(wide)}"/>',
                f'<rect x="{_n(left + 8)}" y="{_n(y - 12)}" width="8" height="8" '
                f'class="{self.graph.nodes[row].kind}"/>',
                _text(left + 21, y - 4, name, "v"),
                _text(left + wide - 8, y - 4, number(self.graph.value(row)), "e f"),
            ]
            if at is not None:
                gradient = number(self.graph.gradient(row))
                start = left + wide - 8 - _breadth(gradient, 14)
                text = _text(left + wide - 8, y + 13, gradient, "e b") + _mark(start - 12, y + 8)
                parts.append(pen.part(at, text))
            yield pen.group("row", None, at, "".join(parts), _data_node(row, pen))

    def _wire(self, pen, i):
        link, runs = self._links[i], self._layout.routes[i]
        end = runs[-1]
        path = f"M{_n(runs[0].left)} {_n(runs[0].y)}H{_n(runs[0].right)}"
        for before, run in pairwise(runs):
            middle = (before.right + run.left) / 2
            stop = run.right - 7 if run is end else run.right
            path += (
                f"C{_n(middle)} {_n(before.y)} {_n(middle)} {_n(run.y)} {_n(run.left)} {_n(run.y)}"
                f"H{_n(stop)}"
            )
        parts = [
            f'<path class="wire" d="{path}"/>',
            f'<path class="head" d="M{_n(end.right - 8)} {_n(end.y - 4)}l8 4l-8 4z"/>',
            f'<path class="return" d="M{_n(runs[0].left)} {_n(runs[0].y)}l9 -5v10z"/>',
        ]
        if link.share is not None:
            factor = _text(end.right - 10, end.y - 5, _factor(link), "e b s")
            parts.append(pen.part(self.trace.gradient_at[link.source], factor))
        back = None if link.share is None else self.trace.gradient_at[link.source]
        return pen.group("edge", self.trace.value_at[link.target], back, "".join(parts))


def _data_node(k, pen):
    return f' data-node="{k}"' if pen.live else ""


def _factor(link):
    return f"{TIMES} {number(link.slope)}"


def _below(x, y, text):
    """Return a gradient with the mark that points back."""
    start = x + 6 - _breadth(text, 14) / 2
    return _text(x + 6, y, text, "m b") + _mark(start - 12, y - 5)


def _mark(x, y):
    """Return the small head of an arrow that points back, towards the inputs."""
    return f'<path class="mark" d="M{_n(x)} {_n(y)}l8 -4v8z"/>'


def _text(x, y, content, classes):
    return f'<text x="{_n(x)}" y="{_n(y)}" class="{classes}">{escape(content)}</text>'


def _n(value):
    """Write a coordinate: one decimal at most."""
    text = f"{value:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text


def _breadth(text, size):
    """Return about how wide a text is, rather too much than too little."""
    wide = sum(0.31 if c in _THIN else 0.88 if c in _WIDE else 0.59 for c in text)
    return wide * size
