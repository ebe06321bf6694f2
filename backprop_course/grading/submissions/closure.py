"""A function with all it needs, and nothing else, as text that can be executed as a module.

The rule. A name that a statement looks up means the nearest binding above that statement; a name
that a function looks up when it is called means, for the function that is asked for, the last
binding of all. A binding that replaces what was there (``x = ...``, ``def``, ``class``, ``import``)
ends the search; one that may leave or change it (``x += 1``, ``x[0] = 1``, ``x.append(1)``, a
binding inside of ``if``, ``for``, ``while``, ``try`` or ``with``, the call of a function that does
so by ``global x``) asks for the one above it too. Where there is none above, because cells were
moved, the last one is taken and put in front. All that is found is kept in its order. Loops, calls,
prints and plots that bind nothing that is needed are left out, so what they do (``np.seterr``, say)
does not happen.

Among several bindings of one name, a starter that only raises ``NotImplementedError`` never hides
an answer. For the name of an exercise an import never hides a definition, and is no answer: the
function has to be written. ``check(my_version, "relu_backward")`` stands for
``relu_backward = my_version`` where nothing else answers. ``from x import *`` is kept whenever
there is a name that nothing else explains. A name that nothing binds is left to fail by itself.
"""

import ast
from bisect import bisect_left
from collections import defaultdict

from backprop_course.grading.submissions.statements import (
    FUNCTIONS,
    Program,
    Statement,
    called,
)

_END = float("inf")
_MOST_STEPS = 50_000  # in one file; a long notebook takes some hundreds
_REPLACING = (*FUNCTIONS, ast.ClassDef, ast.Import, ast.ImportFrom)


class TooTangled(Exception):
    """There are more dependencies than a notebook can have."""


class Closures:
    """Take functions out of a program.

    Parameters
    ----------
    program : Program
    wanted : set of str
        The names of the exercises.
    """

    def __init__(self, program: Program, wanted: frozenset[str]):
        self._statements = list(program.statements)
        self._binders: dict[str, list[int]] = defaultdict(list)
        self._replacing: set[tuple[str, int]] = set()
        self._futures: list[int] = []
        self._stars: list[int] = []
        self._imported: dict[str, str] = {}
        self._steps = 0
        for statement in program.statements:
            self._register(statement)
        self._register_globals()
        for name in list(self._binders):
            self._prefer_answers(name, name in wanted)
        for statement in program.statements:
            self._register_check(statement, wanted)

    def binder(self, name: str, at: float = _END) -> Statement | None:
        """Return the nearest statement above ``at`` that binds a name, or else the last of all."""
        orders = self._binders.get(name)
        if not orders:
            return None
        place = bisect_left(orders, at)
        return self._statements[orders[place - 1]]

    def origin(self, name: str) -> str:
        """Return the module that an exercise's name is only imported from, or ``""``."""
        return self._imported.get(name, "")

    def is_starter(self, name: str) -> bool:
        """Return whether all there is of a function is its starter."""
        statement = self.binder(name)
        return statement is not None and _is_starter(statement.node)

    def code(self, name: str) -> str:
        """Return the function of this name with all it needs.

        Raises
        ------
        TooTangled
            If that would take too long to find out.
        """
        kept, needs, unexplained = self._reach(name)
        chosen = kept.union(self._stars) if unexplained else kept
        order = self._futures + self._in_order(chosen, needs)
        return "\n".join(self._statements[one].text for one in order) + "\n"

    # What binds what -------------------------------------------------------------------------

    def _register(self, statement: Statement) -> None:
        node, order = statement.node, statement.order
        if isinstance(node, ast.ImportFrom):
            if node.module == "__future__":
                self._futures.append(order)
                return
            if node.names[0].name == "*":
                self._stars.append(order)
                return
        if isinstance(node, (*FUNCTIONS, ast.ClassDef)):
            bound = {node.name}
        else:
            bound = statement.names.bound
        for name in bound:
            self._binders[name].append(order)
        if isinstance(node, _REPLACING):
            self._replacing.update((name, order) for name in bound)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            self._replacing.update((name, order) for name in _plain_names(targets))

    def _register_globals(self) -> None:
        """Let the call of a function that says ``global x``, or ``x["a"] = 1``, bind ``x``."""
        declared = {
            statement.node.name: statement.names.declared
            for statement in self._statements
            if isinstance(statement.node, FUNCTIONS) and statement.names.declared
        }
        if not declared:
            return
        for statement in self._statements:
            if isinstance(statement.node, (*FUNCTIONS, ast.ClassDef)):
                continue
            for call in called(statement.node):
                function = call.func.id if isinstance(call.func, ast.Name) else ""
                for name in declared.get(function, ()):
                    if statement.order not in self._binders[name]:
                        self._binders[name].append(statement.order)
        for orders in self._binders.values():
            orders.sort()

    def _prefer_answers(self, name: str, is_wanted: bool) -> None:
        orders = self._binders[name]
        nodes = {order: self._statements[order].node for order in orders}
        if is_wanted:
            written = [o for o in orders if not isinstance(nodes[o], ast.Import | ast.ImportFrom)]
            if not written:
                node = nodes[orders[-1]]
                self._imported[name] = getattr(node, "module", None) or node.names[0].name
            orders = written or orders
        if len(orders) > 1:
            orders = [o for o in orders if not _is_starter(nodes[o])] or orders[-1:]
        self._binders[name] = orders

    def _register_check(self, statement: Statement, wanted: frozenset[str]) -> None:
        node = statement.node
        if not isinstance(node, ast.Expr) or not isinstance(node.value, ast.Call):
            return
        call = node.value
        function = call.func.attr if isinstance(call.func, ast.Attribute) else call.func
        function = function.id if isinstance(function, ast.Name) else function
        names = [*call.args[1:2], *(word.value for word in call.keywords if word.arg == "name")]
        if function != "check" or not call.args or not names:
            return
        name = names[0].value if isinstance(names[0], ast.Constant) else None
        answer = call.args[0]
        if name not in wanted or not isinstance(answer, ast.Name | ast.Lambda | ast.Attribute):
            return
        if isinstance(answer, ast.Name) and answer.id == name:
            return
        known = self.binder(name)
        if known is not None and name not in self._imported and not _is_starter(known.node):
            return
        text = f"{name} = {ast.unparse(answer)}"
        order = len(self._statements)
        self._statements.append(Statement(ast.parse(text).body[0], [text], order, statement.cell))
        self._binders[name] = [order]
        self._replacing.add((name, order))
        self._imported.pop(name, None)

    # What is needed --------------------------------------------------------------------------

    def _reach(self, name: str) -> tuple[set[int], dict[float, set[int]], bool]:
        """Return the statements that are needed, what each needs, and whether a name is open."""
        waiting: list[tuple[str, float]] = [(name, _END)]
        seen = set(waiting)
        needs: dict[float, set[int]] = defaultdict(set)
        kept: set[int] = set()
        unexplained = False
        while waiting:
            name, at = waiting.pop()
            self._steps += 1
            if self._steps > _MOST_STEPS:
                raise TooTangled
            statement = self.binder(name, at)
            if statement is None:
                unexplained = True
                continue
            order = statement.order
            needs[at].add(order)
            found = {(later, at) for later in statement.names.later}
            if order not in kept:
                kept.add(order)
                found |= {(now, order) for now in statement.names.now}
                if not isinstance(statement.node, (*FUNCTIONS, ast.ClassDef)):
                    # A lambda in it may be called at once.
                    found |= {(later, order) for later in statement.names.later}
            if (name, order) not in self._replacing:
                found.add((name, order))
            new = found - seen
            seen |= new
            waiting.extend(new)
        return kept, needs, unexplained

    def _in_order(self, chosen: set[int], needs: dict[float, set[int]]) -> list[int]:
        """Return the statements in their order, with what they need in front of them."""
        order: list[int] = []
        begun: set[int] = set()
        for first in sorted(chosen):
            waiting = [(first, False)]
            while waiting:
                one, ready = waiting.pop()
                if ready:
                    order.append(one)
                elif one not in begun:
                    begun.add(one)
                    waiting.append((one, True))
                    before = sorted(needs.get(one, ()), reverse=True)
                    waiting.extend((need, False) for need in before if need in chosen)
        return order


def _plain_names(targets: list) -> set[str]:
    """Return the names that an assignment gives a new value, whatever they had."""
    names = set()
    waiting = list(targets)
    while waiting:
        target = waiting.pop()
        if isinstance(target, ast.Name):
            names.add(target.id)
        elif isinstance(target, ast.Tuple | ast.List):
            waiting += target.elts
        elif isinstance(target, ast.Starred):
            waiting.append(target.value)
    return names


def _is_starter(node: ast.stmt) -> bool:
    """Return whether a function does nothing but raise ``NotImplementedError``."""
    if not isinstance(node, FUNCTIONS):
        return False
    body = node.body
    if isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        body = body[1:]
    if len(body) != 1 or not isinstance(body[0], ast.Raise):
        return False
    raised = body[0].exc
    raised = raised.func if isinstance(raised, ast.Call) else raised
    return isinstance(raised, ast.Name) and raised.id == "NotImplementedError"
