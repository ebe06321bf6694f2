"""What a check says: the outcome, the points, and a report as text and as HTML."""

import html
import re
import textwrap
from dataclasses import dataclass, replace

WIDTH = 92

PASSED = "passed"
FAILED = "failed"
COULD_NOT_RUN = "could not run"
NOT_ATTEMPTED = "not attempted"

# The words say it all; the colour of the bar only repeats them.
_COLOURS = {
    PASSED: "#009E73",
    FAILED: "#D55E00",
    COULD_NOT_RUN: "#CC79A7",
    NOT_ATTEMPTED: "#777777",
}
_PLAIN_COLOUR = "#0072B2"


@dataclass(frozen=True)
class Note:
    """A text that shows itself well in a notebook and in a terminal.

    The first line is the headline. Lines that begin with two spaces are aligned columns and keep
    their form; every other line is a paragraph. HTML and text are made from the same lines.
    """

    message: str

    def __str__(self):
        return "\n".join(
            line if line.startswith("  ") else textwrap.fill(line, WIDTH, break_long_words=False)
            for line in self.message.split("\n")
        )

    __repr__ = __str__

    def _repr_html_(self) -> str:
        headline, *lines = self.message.split("\n")
        body = [f'<p style="margin:0"><strong>{_inline(headline)}</strong></p>']
        while lines:
            block = [lines.pop(0)]
            if not block[0].startswith("  "):
                body.append(f'<p style="{_BELOW}">{_inline(block[0])}</p>')
                continue
            while lines and lines[0].startswith("  "):
                block.append(lines.pop(0))
            body.append(self._columns(block))
        bar = f"border-left:4px solid {self._colour()}"
        # Dollar signs in a learner's text are not mathematics.
        return (
            f'<div class="mathjax_ignore tex2jax_ignore" style="{bar};{_BOX}">{"".join(body)}</div>'
        )

    def _columns(self, lines: list[str]) -> str:
        rows = [re.split(r" {3,}", line.strip()) for line in lines]
        width = max(map(len, rows))
        head = f"<thead>{_row(rows.pop(0), 'th', width)}</thead>" if self._has_head() else ""
        body = "".join(_row(cells, "td", width) for cells in rows)
        return f'<table style="{_TABLE}">{head}<tbody>{body}</tbody></table>'

    def _has_head(self) -> bool:
        return False

    def _colour(self) -> str:
        return _PLAIN_COLOUR


# Colours are inherited, so that light and dark themes both work.
_BELOW = "margin:0.5em 0 0"
_BOX = "padding:0.2em 0 0.2em 0.9em;margin:0.3em 0;max-width:48em;line-height:1.5"
_TABLE = f"{_BELOW};border-collapse:collapse;border:0;font-size:inherit;color:inherit"
_CELL = "text-align:left;padding:0.1em 1.8em 0.1em 0;border:0;background:transparent"


def _row(cells: list[str], tag: str, width: int) -> str:
    # A row of one cell is a remark below the table.
    span = f' colspan="{width}"' if len(cells) == 1 < width else ""
    cells = (f'<{tag}{span} style="{_CELL}">{html.escape(cell)}</{tag}>' for cell in cells)
    return f'<tr style="background:transparent">{"".join(cells)}</tr>'


@dataclass(frozen=True, repr=False)
class Table(Note):
    """A note whose columns have a head."""

    def _has_head(self) -> bool:
        return True


@dataclass(frozen=True, repr=False)
class Result(Note):
    """The result of one check.

    Attributes
    ----------
    message : str
        The text a learner reads. Its first line is the verdict.
    outcome : str
        ``"passed"``, ``"failed"``, ``"could not run"`` or ``"not attempted"``.
    points, max_points : int
    mistakes : tuple of str
        Short steady names of the mistakes that were recognised, such as ``"transposed"``.
    """

    outcome: str = NOT_ATTEMPTED
    points: int = 0
    max_points: int = 0
    mistakes: tuple[str, ...] = ()

    def _colour(self) -> str:
        return _COLOURS[self.outcome]


def with_line(note: Note, line: str) -> Note:
    """Return the note with one more line, if there is one."""
    return replace(note, message=f"{note.message}\n{line}") if line else note


def aligned(rows) -> list[str]:
    """Return lines in which the cells of one column stand below each other."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    padded = ([f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)] for row in rows)
    return [f"  {'   '.join(row).rstrip()}" for row in padded]


def make_table(headline: str, heads, rows) -> Table:
    """Return a headline with a table under it."""
    return Table("\n".join([headline, *aligned([heads, *rows])]))


def make_result(outcome, name, max_points, lines=(), mistakes=()) -> Result:
    """Return a result whose report begins with the verdict."""
    points = max_points if outcome == PASSED else 0
    verdict = f"{outcome}: {name}, {points} of {max_points} point{'' if max_points == 1 else 's'}"
    message = "\n".join([verdict, *lines])
    return Result(message, outcome, points, max_points, tuple(dict.fromkeys(mistakes)))


def _inline(text: str) -> str:
    """Escape a line, and set `code` between backticks."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text))


def listed(words, joint: str = "and") -> str:
    """Return ``"dX, dW and db"``."""
    words = list(words)
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {joint} {words[-1]}"


def number(value, scale: float = 0.0) -> str:
    """Return a number at four significant digits, without rounding noise.

    What is tiny beside ``scale`` is written as 0: it is noise, and differs between machines.
    """
    if isinstance(value, complex):
        return f"{number(value.real, scale)} {'-' if value.imag < 0 else '+'} " + (
            f"{number(abs(value.imag), scale)}j"
        )
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    if isinstance(value, int) and abs(value) < 1_000_000_000:
        return str(value)
    if abs(value) <= 1e-12 * scale:
        return "0"
    text = f"{value + 0.0:.4g}"
    return f"{float(text):,.0f}" if 1e4 <= abs(value) < 1e9 else text
