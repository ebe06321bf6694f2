"""What a built notebook must keep to, so that it reads well, teaches well and tests well.

Each rule takes a notebook and returns one sentence per breach. Most of them guard the comparison of
stored outputs with fresh ones, which every change to the course goes through.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise

import nbformat
from nbformat import NotebookNode

from backprop_course.authoring import marks

MOST_WORDS = 120
MOST_LINES = 12
ENVIRONMENTS = ("aligned", "cases", "pmatrix")

_ADDRESS = re.compile(r"0x[0-9a-fA-F]{6,}")
_PATH = re.compile(
    r"(?<![\w.:/<])/(tmp|home|root|usr|work|var|opt|mnt|private|Users)/|\b[A-Z]:\\\w"
)
_BARE_SCALAR = re.compile(r"\bnp\.(float|int|uint|bool|complex|str)\w*\(")
_MACROS = re.compile(r"\\(newcommand|renewcommand|def|let|DeclareMathOperator|require)\b")


def _cells(notebook: NotebookNode, kind: str) -> Iterator[tuple[str, NotebookNode]]:
    """Yield the cells of one kind, each with the name that a sentence gives it."""
    for number, cell in enumerate(notebook.cells, start=1):
        if cell.cell_type == kind:
            first = (cell.source.strip().splitlines() or [""])[0]
            yield f"cell {number} ({first[:50]})", cell


def _texts(cell: NotebookNode) -> Iterator[str]:
    """Yield every stored text of a code cell: what it printed, and its results as text."""
    for output in cell.outputs:
        if output.output_type == "stream":
            yield output.text
        for mime, data in output.get("data", {}).items():
            if mime.startswith("text/") or mime.endswith("+xml"):
                yield data


def valid_format(notebook: NotebookNode) -> list[str]:
    """The file follows the notebook format, with an id on every cell."""
    try:
        nbformat.validate(notebook)
    except nbformat.ValidationError as error:
        return [f"it is no valid notebook: {error.message}"]
    return []


def executed_in_order(notebook: NotebookNode) -> list[str]:
    """Every code cell was run once, from top to bottom: nbval compares nothing otherwise."""
    counts = [cell.execution_count for _, cell in _cells(notebook, "code")]
    if counts == list(range(1, len(counts) + 1)):
        return []
    return [f"its cells were run in the order {counts}: build it again."]


def no_stored_error(notebook: NotebookNode) -> list[str]:
    """No cell fails: catch an error that you want to show, and print it."""
    return [
        f"{name} stores an error; catch it and print it."
        for name, cell in _cells(notebook, "code")
        if any(output.output_type == "error" for output in cell.outputs)
    ]


def no_stored_warning(notebook: NotebookNode) -> list[str]:
    """Nothing is written to the error stream, where warnings go."""
    return [
        f"{name} stores a warning or other text on stderr; mend its cause."
        for name, cell in _cells(notebook, "code")
        if any(out.output_type == "stream" and out.name == "stderr" for out in cell.outputs)
    ]


def no_trailing_semicolon(notebook: NotebookNode) -> list[str]:
    """nbval does not silence a value for a semicolon: write ``_ = ...``."""
    return [
        f"{name}: take away the ';' at the end of a line."
        for name, cell in _cells(notebook, "code")
        if any(line.rstrip().endswith(";") for line in cell.source.splitlines())
    ]


def no_vanishing_output(notebook: NotebookNode) -> list[str]:
    """No output that is cleared or drawn into another one: nbval cannot follow it."""
    banned = re.compile(r"\b(clear_output|interact|interactive|interactive_output|Output)\(")
    found = []
    for name, cell in _cells(notebook, "code"):
        match = banned.search(cell.source)
        if match:
            found.append(f"{name}: do without {match[1]}(); its output cannot be compared.")
    return found


def plots_end_in_show(notebook: NotebookNode) -> list[str]:
    """A cell with a picture ends in ``plt.show()``, or an object's address is stored beside it."""
    return [
        f"{name} draws a picture; end it with plt.show()."
        for name, cell in _cells(notebook, "code")
        if any("image/png" in output.get("data", {}) for output in cell.outputs)
        and cell.source.rstrip().splitlines()[-1] != "plt.show()"
    ]


def no_machine_in_outputs(notebook: NotebookNode) -> list[str]:
    """No address and no absolute path: they differ on every machine."""
    found = []
    for name, cell in _cells(notebook, "code"):
        for text in _texts(cell):
            match = _ADDRESS.search(text) or _PATH.search(text)
            if match:
                found.append(f"{name} stores '{match[0]}', which differs on every machine.")
    return found


def no_bare_scalars(notebook: NotebookNode) -> list[str]:
    """Numbers are printed with a format, not as ``np.float64(0.5)``."""
    return [
        f"{name} stores '{match[0]}...'; print the number with a format."
        for name, cell in _cells(notebook, "code")
        for text in _texts(cell)
        if (match := _BARE_SCALAR.search(text))
    ]


def slide_metadata(notebook: NotebookNode) -> list[str]:
    """Every cell says where it stands in the deck."""
    places = {"slide", "subslide", "fragment", "notes", "skip", "-"}
    return [
        f"{name} has no slide_type; build it again."
        for kind in ("code", "markdown")
        for name, cell in _cells(notebook, kind)
        if cell.metadata.get("slideshow", {}).get("slide_type") not in places
    ]


def nothing_that_varies(notebook: NotebookNode) -> list[str]:
    """No widget state, no timing, no patch version of Python."""
    found = []
    if "widgets" in notebook.metadata:
        found.append("it stores the state of widgets; build it again.")
    if "version" in notebook.metadata.get("language_info", {}):
        found.append("it stores the version of Python; build it again.")
    if notebook.metadata.get("kernelspec", {}).get("name") != "python3":
        found.append("its kernel is not python3; build it again.")
    if any("execution" in cell.metadata for cell in notebook.cells):
        found.append("it stores when its cells were run; build it again.")
    return found


def plain_latex(notebook: NotebookNode) -> list[str]:
    """No macros, and only the environments that code hosts render."""
    found = []
    for name, cell in _cells(notebook, "markdown"):
        macro = _MACROS.search(cell.source)
        if macro:
            found.append(f"{name}: write \\{macro[1]} out; code hosts do not render macros.")
        for environment in re.findall(r"\\begin\{(.*?)\}", cell.source):
            if environment not in ENVIRONMENTS:
                found.append(
                    f"{name}: the environment '{environment}' is not among "
                    f"{', '.join(ENVIRONMENTS)}; code hosts may not render it."
                )
    return found


def headings_in_order(notebook: NotebookNode) -> list[str]:
    """One title at the top, and no level left out below it: screen readers walk by headings."""
    levels = []
    for _, cell in _cells(notebook, "markdown"):
        text = re.sub(r"```.*?```", "", cell.source, flags=re.DOTALL)
        levels += [len(mark) for mark in re.findall(r"^(#+) ", text, re.MULTILINE)]
    if levels.count(1) != 1 or levels[0] != 1:
        return ["it needs one heading of the first level, at its very top."]
    if any(after > before + 1 for before, after in pairwise(levels)):
        return [f"its headings leave out a level: {levels}."]
    return []


def short_prose(notebook: NotebookNode) -> list[str]:
    """At most 120 words a cell, mathematics and tables aside."""
    return [
        f"{name} has {count} words; {MOST_WORDS} are the limit."
        for name, cell in _cells(notebook, "markdown")
        if (count := words(cell.source)) > MOST_WORDS
    ]


def words(text: str) -> int:
    """Count the words of Markdown prose, without code blocks, mathematics, tables and HTML tags."""
    for aside in (r"(?s)```.*?```", r"(?s)\$\$.*?\$\$", r"\$[^$]*\$", r"(?m)^\s*\|.*$", r"<[^>]*>"):
        text = re.sub(aside, " ", text)
    return sum(any(sign.isalpha() for sign in word) for word in text.split())


def short_code(notebook: NotebookNode) -> list[str]:
    """At most 12 lines a cell: a screen on a projector, one thought."""
    return [
        f"{name} has {count} lines of code; {MOST_LINES} are the limit."
        for name, cell in _cells(notebook, "code")
        if (count := len(cell.source.strip().splitlines())) > MOST_LINES
    ]


def no_solution(notebook: NotebookNode, secrets: Iterable[str]) -> list[str]:
    """No code cell of an unsolved notebook holds a line of a solution."""
    return [
        f"{name} shows the line '{secret}' of a solution."
        for secret in secrets
        for name, cell in _cells(notebook, "code")
        if len(marks.tokens(secret)) >= 5 and marks.contains(cell.source, marks.tokens(secret))
    ]


EVERYWHERE = (
    valid_format,
    executed_in_order,
    no_stored_error,
    no_stored_warning,
    no_trailing_semicolon,
    no_vanishing_output,
    plots_end_in_show,
    no_machine_in_outputs,
    no_bare_scalars,
    slide_metadata,
    nothing_that_varies,
    plain_latex,
    headings_in_order,
)
LESSONS = (short_prose, short_code)


def breaches(notebook: NotebookNode, folder: str, secrets: Iterable[str] = ()) -> list[str]:
    """Return all breaches of one notebook.

    Parameters
    ----------
    notebook : NotebookNode
    folder : str
        Where it lies: ``"notebooks"``, ``"exercises"`` or ``"solutions"``.
    secrets : iterable of str
        Lines of code that an unsolved notebook must not hold.
    """
    chosen = EVERYWHERE + (LESSONS if folder == "notebooks" else ())
    found = [sentence for rule in chosen for sentence in rule(notebook)]
    return found + (no_solution(notebook, secrets) if folder == "exercises" else [])
