"""From the text of a cell to its top-level statements, and what each of them binds and needs.

Nothing is run. What a name in a function means is decided by Python's rules of scope: a parameter
``W`` has nothing to do with a ``W`` that stands at the top level of the notebook.
"""

import ast
import re
import warnings
from dataclasses import dataclass, field

from backprop_course.grading.submissions.cells import Cell
from backprop_course.grading.submissions.magics import without_magics
from backprop_course.grading.submissions.records import CannotRead

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_SCOPES = (*FUNCTIONS, ast.Lambda, ast.ClassDef)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_IMPORTS = (ast.Import, ast.ImportFrom)
# Methods that change a list, a dict or a set; ``table.update(...)`` belongs to ``table = {}``.
_CHANGING = frozenset(
    "append extend insert update add setdefault fill pop remove discard clear sort reverse".split()
)
_MOST_STATEMENTS = 10_000  # at the top level of one file
_HEAD = re.compile(r"^[ \t]*(?:async[ \t]+)?def[ \t]+(\w+)[ \t]*\(", re.MULTILINE)


@dataclass(slots=True)
class Names:
    """What a piece of code does with the names of the top level.

    Attributes
    ----------
    bound : set of str
        Names that it gives a value.
    now : set of str
        Names that it looks up while it is executed.
    later : set of str
        Names that functions in it look up when they are called.
    given : set of str
        Names that are declared ``global`` in it.
    changed : set of str
        Names whose value it changes, as in ``table["a"] = 1``.
    declared : set of str
        Names that functions in it give a value or change, when they are called.
    """

    bound: set[str] = field(default_factory=set)
    now: set[str] = field(default_factory=set)
    later: set[str] = field(default_factory=set)
    given: set[str] = field(default_factory=set)
    changed: set[str] = field(default_factory=set)
    declared: set[str] = field(default_factory=set)


class Statement:
    """One top-level statement: its tree, and its text."""

    __slots__ = ("_lines", "_names", "cell", "node", "order")

    def __init__(self, node: ast.stmt, lines: list[str], order: int, cell: Cell):
        self.node = node
        self.order = order
        self.cell = cell
        self._lines = lines
        self._names: Names | None = None

    @property
    def names(self) -> Names:
        """What it binds and needs; worked out when it is first asked for."""
        if self._names is None:
            self._names = Names()
            _look(self.node, self._names)
        return self._names

    @property
    def text(self) -> str:
        node = self.node
        first, column = node.lineno, node.col_offset
        if isinstance(node, _SCOPES) and node.decorator_list:
            first, column = node.decorator_list[0].lineno, 0
        lines = self._lines[first - 1 : node.end_lineno]
        # Columns are counted in bytes. Cut the end first: both may lie in the same line.
        lines[-1] = lines[-1].encode("utf-8")[: node.end_col_offset].decode("utf-8")
        lines[0] = lines[0].encode("utf-8")[column:].decode("utf-8")
        return "\n".join(lines)


@dataclass(slots=True)
class Program:
    """All statements of a file, and the functions in cells that cannot be read.

    ``broken`` holds a sentence by the function's name.
    """

    statements: list[Statement] = field(default_factory=list)
    broken: dict[str, str] = field(default_factory=dict)


def program_of(cells: list[Cell]) -> Program:
    """Return the statements of all cells, in order; a cell that cannot be read has none."""
    program = Program()
    with warnings.catch_warnings():
        # A "\d" in a learner's text is no news to the teacher.
        warnings.simplefilter("ignore")
        for cell in cells:
            _read(cell, program)
    return program


def _read(cell: Cell, program: Program) -> None:
    source, problem = cell.source, None
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        tree, problem = None, error
    if tree is None:
        source = without_magics(source)
        try:
            tree = ast.parse(source)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            # The first error is about what the learner wrote, unless a magic was in the way.
            problem = error if source != cell.source else problem
            sentence = _sentence(cell, problem)
            for name in _HEAD.findall(cell.source):
                program.broken[name] = sentence
            return
    lines = source.split("\n")
    if len(program.statements) + len(tree.body) > _MOST_STATEMENTS:
        raise CannotRead(f"holds more than {_MOST_STATEMENTS:,} statements, and was not read.")
    for node in tree.body:
        program.statements.append(Statement(node, lines, len(program.statements), cell))


def place_of(cell: Cell, line: int) -> str:
    """Return ``"cell 3, line 2"``, or ``"line 40"`` of a Python file."""
    line += cell.first - 1
    return f"{cell.label}, line {line}" if cell.label else f"line {line}"


def _sentence(cell: Cell, error: BaseException) -> str:
    """Return why a cell cannot be read."""
    if isinstance(error, SyntaxError) and error.lineno:
        where = place_of(cell, error.lineno)
        said = re.sub(r"\(<unknown>, .*?\)", "", error.msg or "").strip()[:200]
        return f"could not be read: {where}: {type(error).__name__}: {said}"
    where = f"{cell.label}: " if cell.label else ""
    if isinstance(error, RecursionError | MemoryError):
        return f"could not be read: {where}its expressions are nested too deeply."
    return f"could not be read: {where}it holds characters that Python does not take."


def called(node: ast.stmt) -> list[ast.Call]:
    """Return the calls that a statement makes itself, outside of functions and classes."""
    calls = []
    waiting: list[ast.AST] = [node]
    while waiting:
        one = waiting.pop()
        if isinstance(one, ast.Call):
            calls.append(one)
        elif isinstance(one, _SCOPES):
            continue
        _push_children(one, waiting)
    calls.reverse()
    return calls


# Scopes --------------------------------------------------------------------------------------


def _look(node: ast.stmt, names: Names) -> None:
    """Fill in what one top-level statement binds and needs."""
    _walk([node], names.now, names.bound, names)
    if isinstance(node, ast.Delete) or (isinstance(node, ast.AnnAssign) and node.value is None):
        names.bound.clear()
    names.bound |= names.changed
    changed = _changed_by_method(node)
    if changed:
        names.bound.add(changed)


def _changed_by_method(node: ast.stmt) -> str | None:
    """Return ``table`` for ``table.update(...)`` and ``table["a"].append(...)``."""
    if not isinstance(node, ast.Expr) or not isinstance(node.value, ast.Call):
        return None
    method = node.value.func
    if isinstance(method, ast.Attribute) and method.attr in _CHANGING:
        return _root(method.value)
    return None


def _root_of(node: ast.expr) -> set[str]:
    """Return the name that ``table["a"].b`` begins with, if it does."""
    root = _root(node)
    return {root} if root else set()


def _root(node: ast.expr) -> str | None:
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Starred):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None


def _walk(nodes: list, loads: set[str], stores: set[str], names: Names) -> None:
    """Collect the names that these nodes load and store in their own scope.

    What functions inside of them need goes to ``names.later``; of a class, to ``loads``.
    """
    while nodes:
        node = nodes.pop()
        kind = type(node)
        if kind is ast.Name:
            (loads if type(node.ctx) is ast.Load else stores).add(node.id)
        elif kind is ast.Constant:
            pass
        elif kind is ast.Attribute:
            if type(node.ctx) is not ast.Load:
                names.changed |= _root_of(node)
            nodes.append(node.value)
        elif kind is ast.Subscript:
            if type(node.ctx) is not ast.Load:
                names.changed |= _root_of(node)
            nodes += (node.value, node.slice)
        elif kind is ast.AugAssign:
            if type(node.target) is ast.Name:
                loads.add(node.target.id)
            nodes += (node.target, node.value)
        elif kind in _SCOPES:
            _scope(node, nodes, loads, stores, names)
        elif kind in _COMPREHENSIONS:
            _comprehension(node, loads, stores, names)
        elif kind in _IMPORTS:
            stores.update((alias.asname or alias.name.partition(".")[0]) for alias in node.names)
        elif kind is ast.Global:
            names.given.update(node.names)
        else:
            if kind is ast.ExceptHandler or kind is ast.MatchAs or kind is ast.MatchStar:
                if node.name:
                    stores.add(node.name)
            elif kind is ast.MatchMapping and node.rest:
                stores.add(node.rest)
            _push_children(node, nodes)


def _push_children(node, nodes: list) -> None:
    """Add what a node holds to a list; quicker than ``ast.iter_child_nodes``."""
    # A list of nodes may hold None or names as well, which hold nothing.
    for name in getattr(node, "_fields", ()):
        child = getattr(node, name, None)
        if isinstance(child, list):
            nodes += child
        elif isinstance(child, ast.AST) and name not in ("ctx", "op"):
            nodes.append(child)


def _scope(node, nodes: list, loads: set[str], stores: set[str], names: Names) -> None:
    """Look into a function, a lambda or a class."""
    if isinstance(node, ast.ClassDef):
        stores.add(node.name)
        nodes += [*node.decorator_list, *node.bases, *node.keywords]
        inner, own = set(), set()
        _walk(list(node.body), inner, own, names)
        # The body of a class is executed at once, and its names are not the functions' around it.
        loads |= inner - own
        return
    arguments = node.args
    nodes += [*arguments.defaults, *(default for default in arguments.kw_defaults if default)]
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    every += [one for one in (arguments.vararg, arguments.kwarg) if one]
    if isinstance(node, ast.Lambda):
        body = [node.body]
    else:
        stores.add(node.name)
        nodes += node.decorator_list
        nodes += [one.annotation for one in every if one.annotation]
        if node.returns:
            nodes.append(node.returns)
        body = list(node.body)
    names.later |= _free(body, {one.arg for one in every}, names)


def _free(body: list, parameters: set[str], names: Names) -> set[str]:
    """Return the names that a function's body takes from outside of it."""
    loads: set[str] = set()
    stores: set[str] = set()
    inner = Names()
    _walk(body, loads, stores, inner)
    own = (stores | parameters) - inner.given
    names.declared |= inner.given | inner.declared | (inner.changed - own)
    return ((loads | inner.later) - own) | inner.given


def _comprehension(node, loads: set[str], stores: set[str], names: Names) -> None:
    """Look into a comprehension: its variables are its own, and ``:=`` reaches outside."""
    inner: set[str] = set()
    own: set[str] = set()
    parts: list = []
    for one in node.generators:
        _walk([one.target], inner, own, names)
        parts += [one.iter, *one.ifs]
    parts += [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
    outside: set[str] = set()
    _walk(parts, inner, outside, names)
    loads |= inner - own
    stores |= outside
