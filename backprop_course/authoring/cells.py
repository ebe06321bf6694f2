"""Notebook cells with steady ids and slide metadata, the same on every build."""

import hashlib
from collections import Counter

from nbformat import NotebookNode, from_dict, v4

KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}

# Without the patch version of Python, which would change the files on every machine.
LANGUAGE = {
    "codemirror_mode": {"name": "ipython", "version": 3},
    "file_extension": ".py",
    "mimetype": "text/x-python",
    "name": "python",
    "nbconvert_exporter": "python",
    "pygments_lexer": "ipython3",
}


def markdown(source: str, **metadata) -> NotebookNode:
    return v4.new_markdown_cell(source.strip("\n"), metadata=metadata)


def code(source: str, **metadata) -> NotebookNode:
    return v4.new_code_cell(source.strip("\n"), metadata=metadata)


def notebook(cells: list[NotebookNode], *, built_from: str) -> NotebookNode:
    """Return a notebook of these cells, with ids, slide metadata and nothing that varies.

    Parameters
    ----------
    cells : list of NotebookNode
    built_from : str
        The file or folder to edit instead of the notebook, kept in its metadata.
    """
    _add_slides(cells)
    _add_ids(cells)
    metadata = {
        "backprop_course": {"built_from": built_from},
        "kernelspec": KERNEL,
        "language_info": LANGUAGE,
    }
    return v4.new_notebook(cells=cells, metadata=from_dict(metadata), nbformat_minor=5)


def _add_slides(cells: list[NotebookNode]) -> None:
    """Give each cell its place in the deck, unless its author chose one.

    A heading of the first or second level opens a slide, one of the third level a subslide. The
    first code cell (the imports) is left out, all else continues the slide.
    """
    imports = next((cell for cell in cells if cell.cell_type == "code"), None)
    for cell in cells:
        if cell.cell_type == "markdown" and cell.source.startswith(("# ", "## ")):
            place = "slide"
        elif cell.cell_type == "markdown" and cell.source.startswith("### "):
            place = "subslide"
        else:
            place = "skip" if cell is imports else "-"
        cell.metadata.setdefault("slideshow", NotebookNode(slide_type=place))


def _add_ids(cells: list[NotebookNode]) -> None:
    """Name each cell by a hash of its text, so that an edit touches only the edited cell's id."""
    seen: Counter[str] = Counter()
    for cell in cells:
        digest = hashlib.sha256(f"{cell.cell_type}\n{cell.source}".encode()).hexdigest()[:12]
        seen[digest] += 1
        cell.id = digest if seen[digest] == 1 else f"{digest}-{seen[digest]}"
