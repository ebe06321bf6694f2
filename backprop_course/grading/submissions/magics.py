"""Take the lines of a cell that only IPython understands out of it.

Dropped are ``%matplotlib inline``, ``!pip install ...``, ``?np.dot``, ``np.dot?`` and
``files = !ls``. Of a cell that begins with ``%%time``, ``%%capture`` or ``%%prun`` the rest stays;
what begins with another ``%%`` is no Python of this notebook (``%%bash``), or binds nothing
(``%%timeit``), and is dropped whole. A line keeps its place, so that line numbers stay true.
"""

import re

_RUNS_BODY = {"time", "capture", "prun"}
_CELL_MAGIC = re.compile(r"\s*%%(\w*)")
_LINE = re.compile(
    r"(?P<space>[ \t]*)"
    r"(?:[%!?].*|[\w.\[\]'\"*]+\?{1,2}[ \t;]*|[\w, \t.]+=[ \t]*(?:!|%(?=[a-z])).*)"
)
# What opens and closes strings and brackets, for knowing where a statement goes on.
_TOKEN = re.compile(
    r"(?P<triple>'''|\"\"\")|'(?:[^'\\\n]|\\.)*'|\"(?:[^\"\\\n]|\\.)*\"|#.*|(?P<bracket>[()\[\]{}])"
)


def without_magics(source: str) -> str:
    """Return the cell with ``pass`` in place of each line of IPython's own language."""
    lines = _dedented(_body(source).split("\n"))
    found = []
    quote, depth, continued, magic = "", 0, False, False
    for line in lines:
        if magic:
            found.append("")
            magic = line.endswith("\\")
            continue
        if not quote and not depth and not continued:
            match = _LINE.fullmatch(line)
            if match:
                # A magic may be all that stands in a block.
                found.append(f"{match['space']}pass")
                magic = line.endswith("\\")
                continue
        quote, depth = _state_after(line, quote, depth)
        continued = line.endswith("\\") and not quote
        found.append(line)
    return "\n".join(found)


def _body(source: str) -> str:
    """Return what a cell magic leaves of its cell."""
    first = _CELL_MAGIC.match(source)
    if first is None:
        return source
    if first[1] not in _RUNS_BODY:
        return ""
    head, _, body = source[first.start() :].partition("%%")
    return head + "#" + body


def _dedented(lines: list[str]) -> list[str]:
    """Take the indentation of the first line from all of them, as IPython does."""
    indent = re.match(r"[ \t]*", next((line for line in lines if line.strip()), ""))[0]
    return [line.removeprefix(indent) for line in lines]


def _state_after(line: str, quote: str, depth: int) -> tuple[str, int]:
    """Return the open triple quote and the open brackets at the end of a line."""
    place = 0
    while place < len(line):
        if quote:
            end = line.find(quote, place)
            if end < 0:
                return quote, depth
            place, quote = end + 3, ""
            continue
        token = _TOKEN.search(line, place)
        if token is None:
            break
        place = token.end()
        if token["triple"]:
            quote = token["triple"]
        elif token["bracket"]:
            depth = depth + 1 if token["bracket"] in "([{" else max(0, depth - 1)
    return quote, depth
