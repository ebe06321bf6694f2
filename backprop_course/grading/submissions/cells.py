"""From the bytes of a notebook or a Python file to the text of its code cells.

The metadata of a notebook, its kernel, its outputs and the ids and tags of its cells are not looked
at, so none of them can be in the way.
"""

import codecs
import io
import json
import re
import tokenize
from dataclasses import dataclass

from backprop_course.grading.submissions.records import CannotRead

_MOST_BRACKETS = 300_000  # arrays and objects in the JSON, so that a small file cannot fill memory
_MOST_CODE = 200_000  # characters of code; a notebook of the course has some 5,000
_NOT_A_NOTEBOOK = "is JSON, but not a notebook: it has no cells."
# UTF-32 first: its mark begins with the one of UTF-16.
_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# The marks between the cells of a Python file, as Jupytext, VS Code and nbconvert write them.
_MARK = re.compile(r"^#[ \t]*(?:%%|In\[[ \d]*\]:)(.*)$", re.MULTILINE)
_TEXT_CELL = re.compile(r"[^#]*\[(?:markdown|md|raw)\]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Cell:
    """The text of one code cell, and how to name the cell in a sentence.

    ``first`` is the number of its first line, which is 1 in a notebook.
    """

    source: str
    label: str
    first: int = 1


def cells_of(content: bytes, name: str) -> list[Cell]:
    """Return the code cells of a file, in order.

    Raises
    ------
    CannotRead
        With one sentence, such as "is empty."
    """
    if not content.strip(b"\0 \t\r\n"):
        raise CannotRead("is empty.")
    cells = _notebook(content) if name.endswith(".ipynb") else _script(content)
    if sum(len(cell.source) for cell in cells) > _MOST_CODE:
        raise CannotRead(f"holds more than {_MOST_CODE:,} characters of code, and was not read.")
    return cells


def _notebook(content: bytes) -> list[Cell]:
    notebook = _json(content)
    if not isinstance(notebook, dict):
        raise CannotRead(_NOT_A_NOTEBOOK)
    cells = notebook.get("cells")
    if not isinstance(cells, list):
        # Until nbformat 3 the cells lay on worksheets.
        sheets = notebook.get("worksheets")
        if not isinstance(sheets, list):
            raise CannotRead(_NOT_A_NOTEBOOK)
        cells = [
            cell
            for sheet in sheets
            if isinstance(sheet, dict) and isinstance(sheet.get("cells"), list)
            for cell in sheet["cells"]
        ]
    found = []
    for number, cell in enumerate(cells, start=1):
        if isinstance(cell, dict) and cell.get("cell_type") == "code":
            source = _source(cell.get("source", cell.get("input")))
            if source.strip():
                found.append(Cell(source, f"cell {number}"))
    return found


def _source(source) -> str:
    if isinstance(source, str):
        return _lines(source)
    if isinstance(source, list):
        return _lines("".join(line for line in source if isinstance(line, str)))
    return ""


def _lines(text: str) -> str:
    """Return the text with the line ends that ``ast`` counts."""
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _json(content: bytes):
    if content.count(b"[") + content.count(b"{") > _MOST_BRACKETS:
        raise CannotRead("holds more lists and objects than a notebook has, and was not read.")
    encoding = next((name for bom, name in _BOMS if content.startswith(bom)), None)
    try:
        text = content.decode(encoding or json.detect_encoding(content))
    except UnicodeDecodeError:
        raise CannotRead("is not UTF-8 text, as notebooks are.") from None
    try:
        # Control characters inside of strings harm nobody.
        return json.loads(text, strict=False)
    except RecursionError:
        raise CannotRead("is nested too deeply for a notebook, and was not read.") from None
    except json.JSONDecodeError as error:
        if text.lstrip()[:1] not in ("{", "["):
            raise CannotRead("is not a notebook: its text is not JSON.") from None
        if error.pos >= len(text.rstrip()) or "Unterminated" in error.msg:
            raise CannotRead("ends in the middle: it was saved or sent only in part.") from None
        raise CannotRead(f"is damaged: line {error.lineno} is not JSON.") from None
    except ValueError:
        raise CannotRead("is damaged: it holds a number of thousands of digits.") from None


def _script(content: bytes) -> list[Cell]:
    text = _lines(_decoded(content))
    marks = list(_MARK.finditer(text))
    if not marks:
        return [Cell(text, "")]
    cells = []
    starts = [0, *(mark.start() for mark in marks)]
    ends = [*starts[1:], len(text)]
    heads = ["", *(mark[1] for mark in marks)]
    for start, end, head in zip(starts, ends, heads, strict=True):
        source = text[start:end]
        if source.strip() and not _TEXT_CELL.match(head):
            cells.append(Cell(source, "", text.count("\n", 0, start) + 1))
    return cells


def _decoded(content: bytes) -> str:
    encoding = next((name for bom, name in _BOMS if content.startswith(bom)), None)
    try:
        encoding = encoding or tokenize.detect_encoding(io.BytesIO(content).readline)[0]
        text = content.decode(encoding).removeprefix("\ufeff")
    except (SyntaxError, UnicodeDecodeError, LookupError):
        raise CannotRead("is not UTF-8 text, as Python files are.") from None
    if "\0" in text:
        raise CannotRead("holds NUL bytes, so it is not a text file.")
    return text
