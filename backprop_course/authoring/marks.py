"""Cut the starter out of a solution.

A file of the bank holds the right answer once, between two marks::

    @exercise.solution
    def linear_forward(X, W, b):
        '''Return the output of a linear layer.'''
        # BEGIN SOLUTION
        out = X @ W + b
        return out
        # END SOLUTION

The learner's starter, the solved cell and the lines that no hint may give away all come from
this one place. A file that leaves any doubt is refused: to guess would publish a solution.
"""

import ast
import io
import re
import tokenize
from dataclasses import dataclass
from functools import cache

BEGIN = "# BEGIN SOLUTION"
END = "# END SOLUTION"

_LOOKS_LIKE_A_MARK = re.compile(r"\b(begin|end)[\s_-]*solution", re.IGNORECASE)


class MarkError(ValueError):
    """The marks of a bank file do not say clearly what the solution is."""


@dataclass(frozen=True)
class Pieces:
    """What `cut` finds in one file of the bank.

    Attributes
    ----------
    name : str
        Name of the function.
    head : str
        Signature and docstring: what learner and solution share.
    body : str
        The lines between the marks, indented as in the file.
    imports : tuple of str
        The import lines of the file that the function needs, NumPy first.
    """

    name: str
    head: str
    body: str
    imports: tuple[str, ...]

    @property
    def solved(self) -> str:
        """The function as the solved notebook shows it."""
        return f"{self.head}\n{self.body}"

    def starter(self, label: str) -> str:
        """The function as the learner finds it; ``label`` names the exercise, as in ``"03.2"``."""
        return (
            f"{self.head}\n"
            "    # Your code goes here, in place of the next line.\n"
            f'    raise NotImplementedError("{label} {self.name}")'
        )


@cache
def cut(text: str, file: str) -> Pieces:
    """Split the solution in ``text`` at its marks.

    Parameters
    ----------
    text : str
        The whole bank file.
    file : str
        How to name the file in an error.

    Raises
    ------
    MarkError
        In one sentence with file and line: a mark is missing, doubled, nested, misspelt or in the
        wrong place, or there is not exactly one solution.
    """
    try:
        tree = ast.parse(text)
    except SyntaxError as error:
        raise MarkError(
            f"{file}:{error.lineno}: Python cannot read this file: {error.msg}."
        ) from None
    function = _solution(tree, file)
    begin, end = _marks(text, file)
    lines = text.splitlines()

    docstring, *statements = function.body
    if not (isinstance(docstring, ast.Expr) and isinstance(docstring.value, ast.Constant)):
        raise MarkError(
            f"{file}:{function.lineno}: {function.name} has no docstring; the starter needs one, "
            "with the shapes."
        )
    if not statements:
        raise MarkError(f"{file}:{begin}: there is no code between the marks.")
    where = f"{file}:{{}}: '{{}}' must stand"
    if not docstring.end_lineno < begin < statements[0].lineno:
        raise MarkError(
            where.format(begin, BEGIN) + f" in {function.name}, right after the docstring and "
            "before the first line of code."
        )
    between = lines[function.end_lineno : end - 1]
    if end <= function.end_lineno or any(not _is_blank(line) for line in between):
        raise MarkError(
            where.format(end, END) + f" in {function.name}, right after the last line of code."
        )
    for line in (begin, end):
        if _indentation(lines[line - 1]) != statements[0].col_offset:
            raise MarkError(
                f"{file}:{line}: indent the mark like the code of {function.name} "
                f"({statements[0].col_offset} spaces)."
            )
    return Pieces(
        name=function.name,
        head="\n".join(lines[function.lineno - 1 : docstring.end_lineno]),
        body="\n".join(lines[begin : end - 1]),
        imports=_imports(tree, function, file),
    )


def _is_blank(line: str) -> bool:
    return not line.strip() or line.lstrip().startswith("#")


def _indentation(line: str) -> int:
    return len(line) - len(line.lstrip())


def _solution(tree: ast.Module, file: str) -> ast.FunctionDef:
    """Return the one function under ``@exercise.solution``."""
    found = [
        node
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
        and any(ast.unparse(mark) == "exercise.solution" for mark in node.decorator_list)
    ]
    if not found:
        raise MarkError(f"{file}: no function has the line '@exercise.solution' above it.")
    if len(found) > 1:
        names = " and ".join(function.name for function in found)
        raise MarkError(
            f"{file}:{found[1].lineno}: {names} both have '@exercise.solution'; keep one."
        )
    return found[0]


def _marks(text: str, file: str) -> tuple[int, int]:
    """Return the lines (from 1) of the two marks; only comments count, not strings."""
    begin = end = None
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type != tokenize.COMMENT or not _LOOKS_LIKE_A_MARK.search(token.string):
            continue
        line = token.start[0]
        if token.string not in (BEGIN, END) or token.line.strip() != token.string:
            raise MarkError(
                f"{file}:{line}: this looks like a mark; write '{BEGIN}' or '{END}', alone on "
                "its line."
            )
        if token.string == BEGIN:
            if begin is not None:
                raise MarkError(
                    f"{file}:{line}: a second '{BEGIN}' (the first is in line {begin}); keep one."
                )
            begin = line
        else:
            if begin is None:
                raise MarkError(f"{file}:{line}: '{END}' comes before any '{BEGIN}'.")
            if end is not None:
                raise MarkError(
                    f"{file}:{line}: a second '{END}' (the first is in line {end}); keep one."
                )
            end = line
    if begin is None:
        raise MarkError(f"{file}: the mark '{BEGIN}' is missing; put it after the docstring.")
    if end is None:
        raise MarkError(
            f"{file}: '{BEGIN}' in line {begin} is never closed; put '{END}' after the last line."
        )
    return begin, end


def _imports(tree: ast.Module, function: ast.FunctionDef, file: str) -> tuple[str, ...]:
    """Return the import lines that the function needs.

    The solved cell must run with what the learner has, so every other name that the file defines
    for itself is refused.
    """
    used = {node.id for node in ast.walk(function) if isinstance(node, ast.Name)}
    own = {node.arg for node in ast.walk(function) if isinstance(node, ast.arg)}
    own |= {
        node.id
        for node in ast.walk(function)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    own |= {node.name for node in ast.walk(function) if isinstance(node, ast.FunctionDef)}
    needed = used - own
    # The decorator is cut off, so its names do not count, unless the body uses them as well.
    for mark in function.decorator_list:
        needed -= {node.id for node in ast.walk(mark) if isinstance(node, ast.Name)}
    lines = set()
    for node in tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            for alias in node.names:
                if (alias.asname or alias.name).split(".")[0] in needed:
                    lines.add(ast.unparse(type(node)(**{**vars(node), "names": [alias]})))
        else:
            for name in _defined_by(node) & needed:
                raise MarkError(
                    f"{file}:{function.lineno}: the solution uses {name} from this file, which "
                    f"the learner does not have; move {name} into the function or import it."
                )
    return tuple(sorted(lines, key=lambda line: (line != "import numpy as np", line)))


def _defined_by(node: ast.stmt) -> set[str]:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return {node.name}
    if isinstance(node, ast.Assign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        return {
            name.id for target in targets for name in ast.walk(target) if isinstance(name, ast.Name)
        }
    return set()


# Words, numbers, and every other sign for itself; enough to find a line of code inside prose.
_TOKEN = re.compile(r"\*\*|//|[<>=!]=|[^\W\d]\w*|\d+\.?\d*(?:e[+-]?\d+)?|[^\s\w`]")


def tokens(text: str) -> tuple[str, ...]:
    """Return the words and signs of a text, blind to spaces and backticks."""
    return tuple(_TOKEN.findall(text))


def contains(text: str, line: tuple[str, ...]) -> bool:
    """Whether the tokens of ``line`` stand in ``text`` one after the other."""
    words = tokens(text)
    return any(words[i : i + len(line)] == line for i in range(len(words) - len(line) + 1))


def telling_lines(pieces: Pieces) -> list[str]:
    """Return the code that gives the solution away, as short lines.

    These are the statements that compute something, and their right-hand sides where those combine
    values into more than ``a - y``. ``return dX, dW, db`` tells nothing.
    """
    found = []
    for node in ast.walk(ast.parse(pieces.solved)):
        if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign | ast.Return) and node.value:
            parts = list(ast.walk(node.value))
            if any(isinstance(part, ast.BinOp | ast.Compare | ast.Call) for part in parts):
                found.append(ast.get_source_segment(pieces.solved, node))
            value = ast.get_source_segment(pieces.solved, node.value)
            if any(isinstance(part, ast.BinOp) for part in parts) and len(tokens(value)) >= 5:
                found.append(value)
    return list(dict.fromkeys(found))
