"""Code of the package that a lesson prints: its long docstrings are cut for wall and paper."""

import ast
from collections.abc import Iterator

from nbformat import NotebookNode


def printed_sources(notebook: NotebookNode) -> Iterator[NotebookNode]:
    """Yield every output that shows code by ``inspect.getsource``."""
    for cell in notebook.cells:
        if "inspect.getsource" in cell.source:
            yield from (out for out in cell.get("outputs", ()) if out.output_type == "stream")


def shorten_sources(notebook: NotebookNode) -> None:
    """Leave of every long docstring its first line: the code is to be seen at a glance."""
    for output in printed_sources(notebook):
        output.text = without_docstrings(output.text)


def without_docstrings(code: str) -> str:
    """Return code with each docstring of four lines or more cut after its first line."""
    try:
        nodes = list(ast.walk(ast.parse(code)))
    except SyntaxError:  # methods, indented as in their class, or more than code
        return code
    lines = code.splitlines()
    kinds = ast.FunctionDef | ast.ClassDef
    named = [node for node in nodes if isinstance(node, kinds) and ast.get_docstring(node)]
    for text in sorted((node.body[0] for node in named), key=lambda text: -text.lineno):
        if text.end_lineno - text.lineno > 2:
            cut = ["", f"{' ' * text.col_offset}(and so on: shapes, an example)"]
            lines[text.lineno : text.end_lineno - 1] = cut
    return "\n".join(lines) + "\n"
