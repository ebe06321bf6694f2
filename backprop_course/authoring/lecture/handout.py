"""A lesson on paper: pandoc turns the notebook into Typst, and Typst sets the pages.

Both come as Python packages (the extra ``handout``); neither TeX nor a browser is needed.
"""

import ast
import re
import tempfile
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from backprop_course.authoring.lecture.sources import shorten_sources

STYLE = Path(__file__).with_name("assets") / "handout.typ"

# The first of these that an output has is printed; the rest of it needs a screen.
_PRINTED = ("image/svg+xml", "image/png", "text/plain")
# Signs that pandoc still writes by a name which Typst has changed.
_RENAMED = {".circle": ".o"}
# A table with a line longer than this would get columns as wide as the dashes under its head; in
# this course they are all alike, so that a long text is broken beside an empty column.
_LONGEST_LINE = 10_000
_CHECKS = {"check", "check_answer", "check_formula", "hint", "progress"}


class HandoutError(Exception):
    """The handout cannot be made; the text says why in one sentence."""


def require_tools() -> None:
    """Import what makes the pages, so that a missing package is known before the lesson runs."""
    import pypandoc  # noqa: F401
    import typst  # noqa: F401


def handout_pdf(notebook: NotebookNode, title: str) -> bytes:
    """Return a notebook with outputs as a PDF.

    Parameters
    ----------
    notebook : NotebookNode
        It is not changed.
    title : str
        For the head of each page.

    Raises
    ------
    HandoutError
        A formula or something else in it cannot be set.
    """
    import typst

    with tempfile.TemporaryDirectory(prefix="backprop_course_") as name:
        folder = Path(name)
        source = folder / "handout.typ"
        source.write_text(handout_typst(notebook, title, folder), encoding="utf-8")
        try:
            # The fonts that come with Typst: the pages look the same on every machine.
            return typst.compile(str(source), root=str(folder), ignore_system_fonts=True)
        except typst.TypstError as error:
            raise HandoutError(f"{title}: Typst says: {_last_lines(error.diagnostic)}") from None


def handout_typst(notebook: NotebookNode, title: str, folder: Path) -> str:
    """Return the Typst source of a handout; its pictures go into ``folder``."""
    import pypandoc

    printed = for_print(notebook)
    try:
        body = pypandoc.convert_text(
            nbformat.writes(printed),
            to="typst",
            format="ipynb",
            extra_args=[
                "--wrap=none",
                f"--columns={_LONGEST_LINE}",
                "--fail-if-warnings",
                f"--extract-media={folder}",
            ],
        )
    except RuntimeError as error:
        raise HandoutError(f"{title}: pandoc says: {_last_lines(str(error))}") from None
    body = _without_cells(body.replace(f"{folder.as_posix()}/", ""))
    head = STYLE.read_text(encoding="utf-8").replace("TITLE", _escaped(title))
    return f"{head}\n{_with_numbers(_with_new_names(_with_pictures(body)))}"


# What is printed -------------------------------------------------------------------------------


def for_print(notebook: NotebookNode) -> NotebookNode:
    """Return a copy without what only a screen or a learner at the keyboard can use."""
    copy = nbformat.from_dict(notebook)
    shorten_sources(copy)
    copy.cells = [cell for cell in copy.cells if not _is_for_the_keyboard(cell)]
    for cell in copy.cells:
        cell.metadata = NotebookNode()
        if cell.cell_type == "markdown":
            text = _unfolded(_without_local_links(cell.source))
            cell.source = _numbered(_no_false_lists(text))
        else:
            cell.outputs = [_still(output) for output in cell.outputs]
    return copy


def _is_for_the_keyboard(cell: NotebookNode) -> bool:
    """Whether a cell holds imports, notes, or a question that waits for its answer."""
    kind = cell.metadata.get("slideshow", {}).get("slide_type", "-")
    if kind in ("skip", "notes"):
        return True
    return cell.cell_type == "code" and _is_open_check(cell.source)


def _is_open_check(source: str) -> bool:
    """Whether the code is one call of a check, with dots where the answer belongs."""
    try:
        (statement,) = ast.parse(source).body
    except (SyntaxError, ValueError):
        return False
    call = getattr(statement, "value", None)
    return (
        isinstance(call, ast.Call)
        and getattr(call.func, "id", "") in _CHECKS
        and any(isinstance(one, ast.Constant) and one.value is ... for one in call.args)
    )


def _without_local_links(text: str) -> str:
    return re.sub(r"(?<!!)\[([^\]]*)\]\((?!https?:)[^)\s]*\)", r"\1", text)


def _unfolded(text: str) -> str:
    """Print what is folded on the screen: its summary in bold, the answer after it."""
    text = re.sub(r"<summary>\s*(.*?)\s*</summary>\s*", r"**\1.** ", text, flags=re.DOTALL)
    text = re.sub(r"(\*\*[^*]*[.?!:])\.\*\*", r"\1**", text)  # a question keeps its own mark
    return re.sub(r"</?details[^>]*>\s*", "\n\n", text)


def _no_false_lists(text: str) -> str:
    """Join a line that begins with a number such as ``42.`` to the line of prose before it.

    In a notebook only 1 begins a list inside a paragraph; pandoc takes any number for an item.
    """
    item = r"\s*(?:\d+[.)]|[-*+])\s"
    return re.sub(rf"(?m)^((?!\s|{item}).*\S)\n(?=(?!1[.)])\d+[.)](?:\s|$))", r"\1 ", text)


def _numbered(text: str) -> str:
    """Hide the number of a formula from pandoc, which would refuse or lose it."""
    return re.sub(r"\\tag\{(\w+)\}", r"\\text{number \1}", text)


def _still(output: NotebookNode) -> NotebookNode:
    if "data" not in output:
        return output
    kind = next((kind for kind in _PRINTED if kind in output.data), None)
    data = {kind: output.data[kind]} if kind else {}
    if kind == "image/svg+xml":
        data[kind] = plain_svg(data[kind])
    return NotebookNode(output, data=NotebookNode(data), metadata=NotebookNode())


def plain_svg(svg: str) -> str:
    """Return a picture with the values of its CSS variables put in, for readers without CSS.

    A variable that the picture does not set itself belongs to the page around it; there its
    fallback holds.
    """
    own = dict(re.findall(r"(--[\w-]+):\s*([^;}\"]+)", svg))
    innermost = re.compile(r"var\((--[\w-]+)\s*(?:,\s*([^()]*))?\)")
    while innermost.search(svg):
        svg = innermost.sub(lambda one: own.get(one[1], one[2] or "currentColor").strip(), svg)
    return svg


# What pandoc leaves to do ----------------------------------------------------------------------


def _without_cells(body: str) -> str:
    """Take away the blocks around cells: a picture holds on to what follows only inside."""
    kept, opened, in_code = [], [], False
    for line in body.splitlines():
        text = line.strip()
        if text.startswith("```"):
            in_code = not in_code
        elif not in_code and text.endswith("["):
            opened.append(text)
            if text == "#block[":
                continue
        elif not in_code and text.startswith("]") and opened and opened.pop() == "#block[":
            continue
        kept.append(line)
    return "\n".join(kept)


def _with_pictures(body: str) -> str:
    """Let the style sheet choose the size of pictures."""
    return re.sub(r'#box\(image\(("[^"]+")[^()]*\)\)', r"#picture(\1)", body)


def _with_new_names(body: str) -> str:
    for old, new in _RENAMED.items():
        body = re.sub(rf"\b(dot|plus|times|minus){re.escape(old)}\b", rf"\1{new}", body)
    return body


def _with_numbers(body: str) -> str:
    """Put the number of a formula at the right margin."""

    def numbered(match: re.Match) -> str:
        formula, number = match[1], match[2]
        return f'#numbered("({number})")[\n$ {formula} {match[3]} $\n]'

    return re.sub(
        r'^\$ ([^$]*?)\s*(?:upright\()?"number (\w+)"\)?([^$]*?) \$$', numbered, body, flags=re.M
    )


def _escaped(text: str) -> str:
    return re.sub(r'(["\\])', r"\\\1", text)


def _last_lines(text: str) -> str:
    return " ".join(text.strip().splitlines()[-4:])
