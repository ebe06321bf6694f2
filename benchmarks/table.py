"""The table of results, for the terminal and for the README."""

from pathlib import Path

from rich.console import Console
from rich.table import Table

README = Path(__file__).with_name("README.md")
BEGIN, END = "<!-- the last table -->", "<!-- end of the last table -->"
WIDTH = 124  # narrower terminals would break every word
HEADS = ("row", "work", "ours", "peer", "theirs", "products", "ratio", "goal", "met")
DISTURBED = (
    "A number with * was taken while other programs wanted the core: too few rounds were quiet, so "
    "CPU times of all rounds stand in for it."
)


def cells(line):
    met = {True: "yes", False: "no", None: ""}[line.met]
    star = "*" if line.disturbed else ""
    ours, share = (line.ours, line.ratio + star) if line.ratio else (line.ours + star, "")
    return line.row, line.what, ours, line.peer, line.theirs, line.limit, share, line.goal, met


def show(lines, console=None):
    """Print the table; ratios are ours / theirs, smaller is better."""
    table = Table(title="ours / theirs, one thread; smaller is better")
    for head in HEADS:
        table.add_column(head, justify="left" if head in ("work", "peer") else "right")
    for line in lines:
        style = {True: "green", False: "red", None: None}[line.met]
        table.add_row(*cells(line)[:-1], f"[{style}]{cells(line)[-1]}" if style else "")
    console = console or Console(width=max(WIDTH, Console().width))
    console.print(table)
    if any(line.disturbed for line in lines):
        console.print(DISTURBED)


def markdown(lines, versions, load):
    """Return the table as Markdown, with what it was measured on."""
    rows = [HEADS, ["---"] * len(HEADS), *map(cells, lines)]
    table = "\n".join(f"| {' | '.join(row)} |".replace("*", r"\*") for row in rows)
    goals = [line.met for line in lines if line.met is not None]
    parts = [
        f"Measured with {versions}; other programs on the machine: a load of {load:.1f}.",
        table,
        f"{sum(goals)} of {len(goals)} goals met.",
    ]
    if any(line.disturbed for line in lines):
        parts.append(DISTURBED.replace("*", r"\*"))
    return "\n\n".join(parts)


def save(text, path=README):
    """Put ``text`` between the two marks of the README."""
    before, _, rest = path.read_text("utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    path.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}", "utf-8")
