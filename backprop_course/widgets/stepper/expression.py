"""From the text of a formula to the nodes of a graph."""

import ast
import math
from textwrap import dedent

from backprop_course.widgets.stepper.node import Node
from backprop_course.widgets.stepper.operations import OPERATIONS
from backprop_course.widgets.stepper.text import listed

MOST_NODES = 200

_BINARY = {
    ast.Add: "add",
    ast.Sub: "subtract",
    ast.Mult: "multiply",
    ast.Div: "divide",
    ast.Pow: "power",
}
_FUNCTIONS = ("sin", "cos", "exp", "log", "tanh", "sqrt", "relu", "sigmoid", "square", "maximum")


def read(text, values):
    """Read a formula.

    Parameters
    ----------
    text : str
        Expressions and assignments; the last of them is the output.
    values : dict
        name -> number.

    Returns
    -------
    nodes : list of Node
    output : int
    aliases : dict
        Second names of nodes: name -> position.
    """
    statements = _parse(text)
    reader = _Reader(statements, values)
    try:
        for k, statement in enumerate(statements):
            reader.take(statement, last=k == len(statements) - 1)
    except RecursionError:
        raise ValueError("The expression is nested too deeply to be drawn.") from None
    return reader.result()


def _parse(text):
    if not isinstance(text, str):
        raise ValueError(f"The formula must be text such as 'x*y + 1', not {text!r}.")
    try:
        statements = ast.parse(dedent(text).strip()).body
    except SyntaxError as error:
        line = (error.text or text).strip()
        raise ValueError(f"This is not a formula that can be read: {line!r}.") from None
    except (RecursionError, MemoryError):
        raise ValueError("The expression is nested too deeply to be drawn.") from None
    if not statements:
        raise ValueError("There is no expression to draw: the text is empty.")
    return statements


class _Reader:
    """Collects nodes; whatever was met before, a name or a subexpression, is met again."""

    def __init__(self, statements, values):
        self._given = {name: _checked(name, value) for name, value in values.items()}
        self._nodes = []
        self._known = {}  # (operation, arguments) -> position
        self._names = {}  # name -> position
        self._unnamed = set()
        words = [word for part in statements for word in ast.walk(part)]
        self._taken = {word.id for word in words if isinstance(word, ast.Name)} | set(values)

    def take(self, statement, *, last):
        name, expression = _split(statement)
        if name is None and not last:
            raise ValueError(
                "Only the last line may go without a name: "
                f"write 'name = {ast.unparse(statement)}'."
            )
        if name is not None and (name in self._given or name in self._names):
            raise ValueError(f"{name} has a value already: give the new number another name.")
        found = self._visit(expression)
        if isinstance(found, float):
            if name is None or last:
                raise ValueError(
                    f"{ast.unparse(expression)} does not depend on any name, "
                    "so there is no way back from it."
                )
            self._given[name] = found
            self._input(name)
            return
        self._output = found
        if name is None and found in self._unnamed:
            name = self._free(("f", "out"))
        if name is not None:
            self._give_name(found, name)

    def result(self):
        unused = sorted(self._given.keys() - self._names.keys())
        if unused:
            verb = "have values but do" if len(unused) > 1 else "has a value but does"
            raise ValueError(f"{listed(unused)} {verb} not occur in the formula.")
        self._name_the_rest()
        aliases = {
            name: place for name, place in self._names.items() if self._nodes[place].name != name
        }
        return self._nodes, self._output, aliases

    def _visit(self, expression):
        """Return the position of the node of an expression, or its value if it is a constant."""
        match expression:
            case ast.Constant(value=bool() | complex() | str() | bytes() | None):
                raise ValueError(f"{ast.unparse(expression)} is not a real number.")
            case ast.Constant(value=int() | float() as value):
                return _checked("The constant", value)
            case ast.Name(id=name):
                return self._names[name] if name in self._names else self._input(name)
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self._visit(operand)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return self._operation("negate", self._visit(operand))
            case ast.BinOp(left=left, op=operator, right=right) if type(operator) in _BINARY:
                return self._binary(_BINARY[type(operator)], left, right)
            case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
                return self._call_of(name, arguments)
        raise ValueError(
            f"{ast.unparse(expression)} cannot be drawn: use + - * / **, numbers, names, and "
            f"{listed(_FUNCTIONS)}."
        )

    def _binary(self, operation, left, right):
        left, right = self._visit(left), self._visit(right)
        if operation == "power" and not isinstance(right, float):
            raise ValueError(
                "The power must be a number, as in x**2; write x**y as exp(y * log(x))."
            )
        return self._operation(operation, left, right)

    def _call_of(self, name, arguments):
        name = {"max": "maximum"}.get(name, name)
        if name not in _FUNCTIONS:
            raise ValueError(f"There is no function {name} here, only {listed(_FUNCTIONS)}.")
        wanted = 2 if name == "maximum" else 1
        if len(arguments) != wanted or any(isinstance(a, ast.Starred) for a in arguments):
            things = "two arguments" if wanted == 2 else "one argument"
            raise ValueError(f"{name} takes {things}, not {len(arguments)}.")
        found = [self._visit(argument) for argument in arguments]
        if name == "square":
            return self._operation("power", found[0], 2.0)
        if name == "maximum" and isinstance(found[1], float):
            found.reverse()  # so that at a tie the constant wins, as in relu
        return self._operation(name, *found)

    def _operation(self, operation, *arguments):
        if all(isinstance(a, float) for a in arguments):
            return _constant(operation, arguments)
        key = operation, arguments
        if key not in self._known:
            self._known[key] = self._add(
                Node("", "operation", OPERATIONS[operation], arguments), unnamed=True
            )
        return self._known[key]

    def _input(self, name):
        if name not in self._given:
            raise ValueError(
                f"{name} has no value: add {name}=..., or compute it on a line before."
            )
        self._names[name] = self._add(Node(name, given=self._given[name]))
        return self._names[name]

    def _add(self, node, *, unnamed=False):
        place = len(self._nodes)
        if place == MOST_NODES:
            raise ValueError(f"More than {MOST_NODES} nodes cannot be read in one picture.")
        self._nodes.append(node)
        if unnamed:
            self._unnamed.add(place)
        return place

    def _give_name(self, place, name):
        """Give a node its name; a node that has one already gets a second."""
        self._names[name] = place
        self._taken.add(name)
        if place in self._unnamed:
            self._unnamed.remove(place)
            self._nodes[place] = self._nodes[place]._replace(name=name)

    def _name_the_rest(self):
        for place in sorted(self._unnamed):
            self._give_name(place, self._free(f"v{k}" for k in range(1, MOST_NODES + 1)))

    def _free(self, names):
        return next(
            (name for name in names if name not in self._taken),
            next(name for k in range(1, 9999) if (name := f"out{k}") not in self._taken),
        )


def _split(statement):
    match statement:
        case ast.Expr(value=expression):
            return None, expression
        case ast.Assign(targets=[ast.Name(id=name)], value=expression):
            return name, expression
    raise ValueError(
        f"{ast.unparse(statement)!r} is neither an expression nor 'name = expression'."
    )


def _constant(operation, arguments):
    """Compute an operation on constants at once: it needs no node."""
    try:
        return _checked("The constant", OPERATIONS[operation].compute(*arguments))
    except (ValueError, ArithmeticError):
        text = OPERATIONS[operation].write(*(f"{a:g}" for a in arguments))
        raise ValueError(f"{text} has no value that could be used.") from None


def _checked(name, value):
    """Return a value as a float, or say which name got something else."""
    is_text = isinstance(value, (str, bytes))
    try:
        result = math.nan if is_text else float(value)
    except (TypeError, ValueError, OverflowError):
        result = math.nan
    if not math.isfinite(result):
        raise ValueError(f"{name} must be a finite number, not {value!r}.")
    return result
