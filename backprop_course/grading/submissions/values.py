"""Read the answers to formulas and questions from the calls that check them.

The last call that holds an answer counts, wherever it stands at the top level; a blank one
(``...``, ``None``, ``""``) never erases an answer, so a copy of the empty cell does no harm. An
answer is read, not computed by running anything: it is a number or a text as it stands, the
arithmetic of such (``32 * 200``, ``np.exp(-2)``), or a name that was given one.
"""

import ast
import math
import operator
from typing import Any

from backprop_course.grading.submissions.closure import Closures
from backprop_course.grading.submissions.records import GivenAnswer
from backprop_course.grading.submissions.statements import (
    FUNCTIONS,
    Statement,
    called,
    place_of,
)

_PARAMETERS = {"check_formula": ("symbol", "formula"), "check_answer": ("question", "answer")}
_DEEPEST = 50
_LONGEST = 10_000  # characters of a text, and bits of a number
_OPERATORS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
}
_FUNCTIONS = {
    "abs": abs,
    "exp": math.exp,
    "float": float,
    "int": int,
    "log": math.log,
    "log2": math.log2,
    "log10": math.log10,
    "prod": math.prod,
    "round": round,
    "sqrt": math.sqrt,
    "tanh": math.tanh,
}
_CONSTANTS = {"pi": math.pi, "e": math.e}
_MODULES = {"np", "numpy", "math"}


class _NoValue(Exception):
    """The answer is not written as a value."""


def answers_of(
    statements: list[Statement], closures: Closures
) -> tuple[dict[str, GivenAnswer], dict[str, GivenAnswer]]:
    """Return the answers to formulas and to questions by their names."""
    found: dict[str, dict[str, GivenAnswer]] = {name: {} for name in _PARAMETERS}
    aliases = _aliases(statements)
    for statement in statements:
        if isinstance(statement.node, (*FUNCTIONS, ast.ClassDef, ast.Import, ast.ImportFrom)):
            continue
        for call in called(statement.node):
            function = _function(call, aliases)
            if function:
                reader = _Reader(closures, statement.order)
                name, answer = _given(call, function, reader, statement)
                if name:
                    found[function][name] = answer
    return found["check_formula"], found["check_answer"]


def _aliases(statements: list[Statement]) -> dict[str, str]:
    aliases = {name: name for name in _PARAMETERS}
    for statement in statements:
        node = statement.node
        if isinstance(node, ast.ImportFrom):
            for one in node.names:
                if one.asname and one.name in _PARAMETERS:
                    aliases[one.asname] = one.name
        elif isinstance(node, ast.Assign):
            value = node.value
            last = value.attr if isinstance(value, ast.Attribute) else getattr(value, "id", "")
            if last in _PARAMETERS and isinstance(node.targets[0], ast.Name):
                aliases[node.targets[0].id] = last
    return aliases


def _function(call: ast.Call, aliases: dict[str, str]) -> str:
    """Return which of the two functions is called, or ``""``."""
    if isinstance(call.func, ast.Name):
        return aliases.get(call.func.id, "")
    if isinstance(call.func, ast.Attribute) and call.func.attr in _PARAMETERS:
        return call.func.attr
    return ""


def _given(call: ast.Call, function: str, reader, statement) -> tuple[str, GivenAnswer | None]:
    """Return the name and the answer of one call, or ``""`` if there is none."""
    given = dict(zip(_PARAMETERS[function], call.args, strict=False))
    given |= {word.arg: word.value for word in call.keywords if word.arg}
    first, second = (given.get(parameter) for parameter in _PARAMETERS[function])
    if first is None or second is None:
        return "", None
    try:
        name = reader.value(first)
    except _NoValue:
        return "", None
    if not isinstance(name, str):
        return "", None
    try:
        value = reader.value(second)
        if _is_blank(value):
            return "", None
        if function == "check_formula" and not isinstance(value, str):
            raise _NoValue
    except _NoValue:
        where = place_of(statement.cell, call.lineno)
        what = "the formula as a text" if function == "check_formula" else "a number or a letter"
        problem = f"could not be read: {where}: write the answer itself in the call, {what}."
        return name, GivenAnswer(None, problem)
    return name, GivenAnswer(value)


def _is_blank(value) -> bool:
    if isinstance(value, str):
        return not value.strip(" .\t\n")
    return value is None or value is Ellipsis


class _Reader:
    """Read values at one place of a program."""

    def __init__(self, closures: Closures, order: float):
        self._closures = closures
        self._order = order

    def value(self, node: ast.expr, depth: int = 0) -> Any:
        if depth > _DEEPEST:
            raise _NoValue
        deeper = depth + 1
        if isinstance(node, ast.Constant):
            value = node.value
        elif isinstance(node, ast.Name):
            value = self._named(node.id, deeper)
        elif isinstance(node, ast.UnaryOp | ast.BinOp):
            value = self._computed(node, deeper)
        elif isinstance(node, ast.JoinedStr):
            value = "".join(self.value(part, deeper) for part in _without_holes(node))
        elif isinstance(node, ast.Attribute) and _module(node):
            value = _CONSTANTS.get(node.attr)
        elif isinstance(node, ast.Call):
            value = self._called(node, deeper)
        elif isinstance(node, ast.Tuple | ast.List):
            value = [self.value(one, deeper) for one in node.elts]
        else:
            raise _NoValue
        return _small(value)

    def _named(self, name: str, depth: int) -> Any:
        statement = self._closures.binder(name, self._order)
        node = statement.node if statement else None
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            target = node.targets[0]
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            target = node.target
        else:
            raise _NoValue
        if not isinstance(target, ast.Name) or depth > _DEEPEST:
            raise _NoValue
        return _Reader(self._closures, statement.order).value(node.value, depth)

    def _computed(self, node: ast.UnaryOp | ast.BinOp, depth: int) -> Any:
        operation = _OPERATORS.get(type(node.op))
        sides = [node.operand] if isinstance(node, ast.UnaryOp) else [node.left, node.right]
        values = [self.value(side, depth) for side in sides]
        joins = isinstance(node.op, ast.Add) and all(isinstance(value, str) for value in values)
        if operation is None or not (joins or all(map(_is_number, values))):
            raise _NoValue
        if isinstance(node.op, ast.Pow) and (abs(values[1]) > 64 and isinstance(values[0], int)):
            raise _NoValue
        return _computed(operation, values)

    def _called(self, node: ast.Call, depth: int) -> Any:
        function = node.func
        known = isinstance(function, ast.Name) or _module(function)
        name = getattr(function, "attr", getattr(function, "id", ""))
        if not known or name not in _FUNCTIONS or node.keywords:
            raise _NoValue
        values = [self.value(argument, depth) for argument in node.args]
        if not all(_is_number(value) or isinstance(value, list) for value in values):
            raise _NoValue
        return _computed(_FUNCTIONS[name], values)


def _computed(operation, values: list) -> Any:
    try:
        return operation(*values)
    except (ArithmeticError, TypeError, ValueError):
        raise _NoValue from None


def _is_number(value) -> bool:
    return isinstance(value, int | float)


def _module(node: ast.expr) -> bool:
    return (
        isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id in _MODULES
    )


def _without_holes(node: ast.JoinedStr) -> list[ast.Constant]:
    if not all(isinstance(part, ast.Constant) for part in node.values):
        raise _NoValue
    return node.values


def _small(value) -> Any:
    if isinstance(value, str) and len(value) > _LONGEST:
        raise _NoValue
    if isinstance(value, int) and value.bit_length() > _LONGEST:
        raise _NoValue
    if isinstance(value, bytes | complex):
        raise _NoValue
    return value
