"""Pick an entry of dW, db or dX and see the row and the column that it is made of."""

import ipywidgets as widgets
import numpy as np

from backprop_course.figures import style
from backprop_course.shapes import expect
from backprop_course.widgets import film
from backprop_course.widgets.controls import in_line

CELL_WIDTH, CELL_HEIGHT = 48, 32
GAP = 44
LEFT, TOP = 14, 58


class GradientEntries(widgets.VBox):
    """Step through the sum behind one entry of a gradient of Z = X W + b.

    The arrays of the forward pass stand above, their gradients below, each right under its
    array. Choose a gradient and an entry of it: the entries that it is made of light up in
    pairs, and the sum is written out. The last slider adds the products one by one.

    Parameters
    ----------
    X : ndarray of shape (N, D)
    W : ndarray of shape (D, M)
    b : ndarray of shape (M,)
    dZ : ndarray of shape (N, M)
        The gradient of the loss with respect to Z.

    Attributes
    ----------
    gradient, row, column, terms : ipywidgets controls
    total : float
        The sum of the products that were added so far.
    """

    def __init__(self, X, W, b, dZ):
        expect(X=(X, "ND"), W=(W, "DM"), b=(b, "M"), dZ=(dZ, "NM"))
        self.forward = {"X": X, "W": W, "b": b[np.newaxis], "Z": X @ W + b}
        self.backward = {
            "dX": dZ @ W.T,
            "dW": X.T @ dZ,
            "db": dZ.sum(axis=0, keepdims=True),
            "dZ": dZ,
        }
        # Three sliders side by side, where the page is as wide as the other explorers.
        wide, words = widgets.Layout(width="248px"), {"description_width": "72px"}
        self.gradient = in_line(
            widgets.ToggleButtons(
                options=["dW", "db", "dX"],
                description="entry of",
                style={**words, "button_width": "64px"},
            )
        )
        self.row, self.column, self.terms = (
            widgets.IntSlider(description=name, min=0, max=most, layout=wide, style=words)
            for name, most in (("row", 0), ("column", 0), ("terms", 1))
        )
        self._picture = widgets.HTML()
        self._sum = widgets.HTML()
        self._choose_gradient()
        # A fixed least height keeps the page from jumping while the first picture arrives.
        self._picture.layout.min_height = f"{self._arrays()[2] + 8:g}px"
        self.column.value = min(1, self.column.max)
        self._draw()
        self.gradient.observe(self._choose_gradient, names="value")
        for slider in (self.row, self.column, self.terms):
            slider.observe(self._draw, names="value")
        super().__init__(
            [
                widgets.HBox([self.gradient], layout=widgets.Layout(flex_flow="row wrap")),
                widgets.HBox(
                    [self.row, self.column, self.terms],
                    layout=widgets.Layout(flex_flow="row wrap"),
                ),
                self._picture,
                self._sum,
            ]
        )

    def __repr__(self):
        (N, D), M = self.forward["X"].shape, self.forward["W"].shape[1]
        return f"GradientEntries(N={N}, D={D}, M={M})"

    def _repr_mimebundle_(self, **options):
        """Add a picture of the present state, for pages without a running kernel."""
        if film.wanted():
            return film.bundle(self)
        bundle = super()._repr_mimebundle_(**options)
        bundle["image/svg+xml"] = self.svg(standalone=True)
        return bundle

    def film(self):
        """Return two reels: every entry of every gradient, and the terms of the present one."""
        X, W, b = (self.forward[name] for name in "XWb")
        twin = GradientEntries(X, W, b[0], self.backward["dZ"])
        names, frames = [], []
        for gradient in self.gradient.options:
            twin.gradient.value = gradient
            for entry in np.ndindex(self.backward[gradient].shape):
                names.append(twin._show(*entry))
                frames.append(twin.svg(standalone=True))
        entries = film.Reel("entry", names, frames, names.index(self._entry_name()))
        twin.gradient.value = self.gradient.value
        twin._show(*self._entry())
        frames = []
        for terms in range(twin.terms.max + 1):
            twin.terms.value = terms
            frames.append(twin.svg(standalone=True))
        values = [str(terms) for terms in range(len(frames))]
        return [entries, film.Reel("terms", values, frames, self.terms.value)]

    def _show(self, row, column):
        """Move to an entry, and return its name."""
        self.row.value, self.column.value = row, column
        return self._entry_name()

    @property
    def total(self):
        return float(sum(left * right for *_, left, right in self._pairs()[: self.terms.value]))

    def lines(self):
        """Return the sum behind the chosen entry: first in names, then in numbers."""
        pairs = self._pairs()
        names = " + ".join(" · ".join(filter(None, pair[:2])) for pair in pairs)
        numbers = " + ".join(
            f"{_in_sum(left)} · {_in_sum(right)}" if name else _in_sum(right)
            for name, _, left, right in pairs[: self.terms.value]
        )
        if self.terms.value == 0:
            numbers = "nothing is added yet"
        elif self.terms.value < len(pairs):
            numbers = f"so far {numbers} = {self.total:.3g}"
        else:
            numbers = f"= {numbers} = {self.total:.3g}"
        return f"{self._entry_name()} = {names}", numbers

    def svg(self, standalone=False):
        """Return the picture; ``standalone`` puts it on white, with the sum below."""
        body, right, bottom = self._arrays()
        height = bottom + (56 if standalone else 0)
        label = f"The entries behind {' '.join(self.lines())}"
        paper, ink = "", "inherit"
        if standalone:
            ink = "#222222"
            paper = f'<rect width="{right}" height="{height}" fill="#ffffff"/>'
            for line, text in enumerate(self.lines()):
                body += _text(LEFT, bottom + 14 + 22 * line, text, anchor="start")
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {right} {height}" '
            f'width="{right}" height="{height}" role="img" aria-label="{label}" '
            f'style="max-width: 100%; height: auto; color: {ink}" '
            f'font-family="sans-serif">{paper}{body}</svg>'
        )

    def _entry(self):
        return (0 if self.gradient.value == "db" else self.row.value), self.column.value

    def _entry_name(self):
        row, column = self._entry()
        place = f"{column}" if self.gradient.value == "db" else f"{row}, {column}"
        return f"{self.gradient.value}[{place}]"

    def _pairs(self):
        """Return one (left name, right name, left value, right value) for each product."""
        row, column = self._entry()
        X, W, dZ = self.forward["X"], self.forward["W"], self.backward["dZ"]
        if self.gradient.value == "dX":
            return [
                (f"dZ[{row}, {m}]", f"W[{column}, {m}]", dZ[row, m], W[column, m])
                for m in range(W.shape[1])
            ]
        pairs = []
        for n in range(len(X)):
            left = ("", 1.0) if self.gradient.value == "db" else (f"X[{n}, {row}]", X[n, row])
            pairs.append((left[0], f"dZ[{n}, {column}]", left[1], dZ[n, column]))
        return pairs

    def _marks(self):
        """Return {(array, row, column): mark}: a term's number, or what else the entry is."""
        row, column = self._entry()
        name = self.gradient.value
        N, M = self.backward["dZ"].shape
        if name == "dX":
            reached = [("Z", row, m) for m in range(M)]
            marks = {("dZ", row, m): m + 1 for m in range(M)}
            marks |= {("W", column, m): m + 1 for m in range(M)}
        else:
            reached = [("Z", n, column) for n in range(N)]
            marks = {("dZ", n, column): n + 1 for n in range(N)}
            if name == "dW":
                marks |= {("X", n, row): n + 1 for n in range(N)}
        marks |= dict.fromkeys(reached, "reached")
        return marks | {(name, row, column): "chosen", (name[1:], row, column): "chosen"}

    def _choose_gradient(self, _change=None):
        rows, columns = self.backward[self.gradient.value].shape
        # A slider clamps its value when its limit moves, and half-moved limits name no entry.
        self._drawing = False
        self.row.max, self.column.max = rows - 1, columns - 1
        self.row.disabled = self.gradient.value == "db"
        self.terms.max = len(self._pairs())
        self.terms.value = self.terms.max
        self._drawing = True
        self._draw()

    def _draw(self, _change=None):
        if not self._drawing:
            return
        self._picture.value = self.svg()
        self._sum.value = (
            f'<div role="status" style="padding-left: {LEFT}px; min-height: 3em; '
            f'font-size: 15px; line-height: 1.5">{"<br>".join(self.lines())}</div>'
        )

    def _arrays(self):
        """Return the drawn arrays, and the right and lower edge of the picture."""
        marks = self._marks()
        (N, D), M = self.forward["X"].shape, self.forward["W"].shape[1]
        band = max(N, D) * CELL_HEIGHT
        lower = TOP + band + 66
        x, parts = LEFT, []
        signs = ("@", "+", "=", "")
        widths = (D, M, M, M)
        for (above, below), sign, width in zip(
            zip(self.forward, self.backward, strict=True), signs, widths, strict=True
        ):
            values = self.forward[above]
            y = TOP + (band - len(values) * CELL_HEIGHT) / 2
            colour = style.PARAMETER if above in "Wb" else style.FORWARD
            parts.append(self._array(above, values, x, y, colour, marks))
            y += lower - TOP
            parts.append(self._array(below, self.backward[below], x, y, style.BACKWARD, marks))
            x += width * CELL_WIDTH
            if sign:
                parts.append(_text(x + GAP / 2, TOP + band / 2 + 6, sign, size=18))
                x += GAP
        right, bottom = x + LEFT, lower + band + 16
        parts.append(_text(LEFT, 18, "forward →", anchor="start", size=13))
        parts.append(_text(right - LEFT, lower - 34, "← backward", anchor="end", size=13))
        return "".join(parts), right, bottom

    def _array(self, name, values, x, y, colour, marks):
        width = values.shape[1] * CELL_WIDTH
        parts = [
            _text(x + width / 2, y - 11, name, size=15, bold=True),
            f'<rect x="{x:g}" y="{y - 6:g}" width="{width}" height="3" fill="{colour}"/>',
        ]
        for (row, column), value in np.ndenumerate(values):
            mark = marks.get((name, row, column))
            left, top = x + column * CELL_WIDTH, y + row * CELL_HEIGHT
            parts.append(self._cell(left, top, value, colour, mark))
        return "".join(parts)

    def _cell(self, left, top, value, colour, mark):
        fill, stroke, width, dash = 0.0, "currentColor", 0.6, ""
        if mark == "chosen":
            fill, stroke, width = 0.3, style.ACCENT, 3.5
        elif mark == "reached":
            stroke, width, dash = colour, 2.5, ' stroke-dasharray="5 3"'
        elif mark is not None:
            added = mark <= self.terms.value
            fill, stroke, width = (0.3 if added else 0.0), colour, 2.5
        inset = width / 2
        box = (
            f'<rect x="{left + inset:g}" y="{top + inset:g}" width="{CELL_WIDTH - width:g}" '
            f'height="{CELL_HEIGHT - width:g}" fill="{colour}" fill-opacity="{fill}" '
            f'stroke="{stroke}" stroke-width="{width}"{dash}/>'
        )
        number = ""
        if isinstance(mark, int):
            number = _text(left + CELL_WIDTH - 4, top + 11, str(mark), anchor="end", size=11)
        middle = top + CELL_HEIGHT / 2 + 5
        return box + _text(left + CELL_WIDTH / 2, middle, f"{value + 0.0:.3g}") + number


def _in_sum(value):
    return f"({value:.3g})" if value < 0 else f"{value:.3g}"


def _text(x, y, text, *, anchor="middle", size=14, bold=False):
    weight = ' font-weight="bold"' if bold else ""
    return (
        f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}" font-size="{size}" '
        f'fill="currentColor"{weight}>{text}</text>'
    )
