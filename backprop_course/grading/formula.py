"""The language of formulas: ``"X.T @ dout / len(X)"`` as text, read and computed by ourselves.

The text is parsed with `ast`, and `evaluate` knows a few kinds of nodes and the tables below.
Everything else is refused, and nothing is ever handed to ``eval``.
"""

import ast
import inspect
import operator
import re
import warnings
from dataclasses import replace

import numpy as np

from backprop_course.exercises.record import Exercise, Formula, WrongAnswer

_LONGEST = 300  # characters
_LARGEST = 100_000  # entries of an array on the way
_HIGHEST_POWER = 100

_OPERATIONS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
    ast.MatMult: operator.matmul,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
# How many arguments each function takes; those along axes also take axis and keepdims.
_FUNCTIONS = {
    "abs": 1,
    "diag": 1,
    "dot": 2,
    "exp": 1,
    "log": 1,
    "matmul": 2,
    "max": 1,
    "maximum": 2,
    "mean": 1,
    "minimum": 2,
    "outer": 2,
    "sqrt": 1,
    "square": 1,
    "sum": 1,
    "tanh": 1,
    "transpose": 1,
    "where": 3,
}
_ALONG_AXES = ("sum", "mean", "max")
_METHODS = (*_ALONG_AXES, "dot", "transpose")


class FormulaError(ValueError):
    """The text is no formula of this language; the message says where and what is allowed."""


class MisfitError(FormulaError):
    """The arrays of one step do not fit together."""


def parse(text: str) -> ast.expr:
    """Return the tree of a formula.

    Raises
    ------
    FormulaError
        In one sentence, if the text is not one expression.
    """
    if not isinstance(text, str):
        raise FormulaError('Write the formula as text between quotes, such as "X.T @ dout".')
    if len(text) > _LONGEST:
        raise FormulaError(f"The formula is too long: {_LONGEST} characters are enough.")
    # "dW = X.T @ dout" means its right-hand side.
    text = re.sub(r"^\s*\w+\s*=(?!=)", "", text).strip()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text, mode="eval").body
    except SyntaxError as error:
        raise FormulaError(f"Python cannot read the formula: {error.msg}.") from None
    except (ValueError, MemoryError, RecursionError):
        raise FormulaError("Python cannot read the formula.") from None


def evaluate(node: ast.expr, values: dict):
    """Return the value of a formula for named arrays and numbers.

    Raises
    ------
    FormulaError
        If something in it is not of this language, or its arrays do not fit together.

    Examples
    --------
    >>> import numpy as np
    >>> evaluate(parse("X.T @ dout"), {"X": np.array([[3.0]]), "dout": np.array([[1.0, 2.0]])})
    array([[3., 6.]])
    """

    def value(operand):
        return evaluate(operand, values)

    match node:
        case ast.Constant(value=bool()):
            pass
        case ast.Constant(value=int() | float() as number):
            # A float, since the powers of whole numbers have no bound.
            return float(min(number, 1e300))
        case ast.Name(id=name) if name != "np":
            return _look_up(name, values)
        case ast.UnaryOp(op=op, operand=x) if type(op) in _OPERATIONS:
            return _compute(node, _OPERATIONS[type(op)], value(x))
        case ast.BinOp(op=ast.BitXor()):
            raise FormulaError(f"In `{_shown(node)}`, write ** for a power.")
        case ast.BinOp(left=x, op=op, right=y) if type(op) in _OPERATIONS:
            return _compute(node, _OPERATIONS[type(op)], value(x), value(y))
        case ast.Compare(left=x, ops=[op], comparators=[y]) if type(op) in _OPERATIONS:
            return _compute(node, _OPERATIONS[type(op)], value(x), value(y))
        case ast.Attribute(value=x, attr="T"):
            return np.transpose(value(x))
        case ast.Subscript(value=ast.Attribute(value=x, attr="shape"), slice=place):
            return _compute(node, lambda array: float(array.shape[_literal(node, place)]), value(x))
        case ast.Call(func=ast.Name(id="len"), args=[x], keywords=[]):
            return _compute(node, lambda array: float(len(array)), value(x))
        # np.exp(Z), and exp(Z) for those who forget the np.
        case ast.Call(func=ast.Attribute(value=ast.Name(id="np"), attr=name) | ast.Name(id=name)):
            if name in _FUNCTIONS:
                return _apply(node, name, node.args, values)
        case ast.Call(func=ast.Attribute(value=x, attr=name)) if name in _METHODS:
            return _apply(node, name, [x, *node.args], values)
    raise FormulaError(
        f"`{_shown(node)}` cannot be used. A formula may have + - * / ** @, comparisons, .T, "
        f".sum(axis=...), len(...), and np. with {', '.join(_FUNCTIONS)}."
    )


def _look_up(name, values):
    if name not in values:
        raise FormulaError(f"There is no {name} here. The names are {', '.join(values)}.")
    value = values[name]
    return value if isinstance(value, np.ndarray) else float(value)


def _apply(node: ast.Call, name: str, args: list[ast.expr], values: dict):
    """Compute a function of the table."""
    options = {word.arg: word.value for word in node.keywords}
    if name in _ALONG_AXES and len(args) == 2:
        args, options["axis"] = args[:1], args[1]
    allowed = {"axis", "keepdims"} if name in _ALONG_AXES else set()
    if len(args) != _FUNCTIONS[name] or not options.keys() <= allowed:
        extra = ", and axis= and keepdims=" if allowed else ""
        raise FormulaError(
            f"In `{_shown(node)}`, {name} takes {_FUNCTIONS[name]} "
            f"argument{'' if _FUNCTIONS[name] == 1 else 's'}{extra}."
        )
    options = {word: _literal(node, value) for word, value in options.items()}
    function = operator.matmul if name == "matmul" else getattr(np, name)
    return _compute(node, function, *(evaluate(arg, values) for arg in args), **options)


def _literal(node, value: ast.expr):
    """Return a number, truth value or tuple that is written out."""
    try:
        return ast.literal_eval(value)
    except (ValueError, TypeError, SyntaxError):
        raise FormulaError(f"In `{_shown(node)}`, write the axis as a number.") from None


def _compute(node, function, *args, **options):
    """Compute one step; if its arrays do not fit, name the step and their shapes."""
    _limit(node, function, args)
    try:
        result = function(*args, **options)
    except ZeroDivisionError:
        return float("nan")
    except OverflowError:
        return float("inf")
    except (ValueError, TypeError, IndexError) as error:
        if len(args) < 2:
            raise FormulaError(f"In `{_shown(node)}`: {error}.") from None
        shapes = " and ".join(f"shape {np.shape(x)}" if np.ndim(x) else "a number" for x in args)
        raise MisfitError(f"In `{_shown(node)}`, {shapes} do not fit.") from None
    # A comparison counts as 0 and 1; a root of a negative number is no number here.
    if isinstance(result, complex):
        return float("nan")
    return np.asarray(result, dtype=float) if np.ndim(result) else float(result)


def _limit(node, function, args) -> None:
    """Refuse a step whose result would be huge, before it is computed."""
    if function is operator.pow and not (np.abs(args[1]) <= _HIGHEST_POWER).all():
        raise FormulaError(f"In `{_shown(node)}`, the power is too high.")
    shapes = [np.shape(x) for x in args]
    if function is np.diag:
        shape = 2 * shapes[0]
    elif function is np.outer:
        shape = shapes[0] + shapes[1]
    elif function in (operator.matmul, np.dot):
        shape = shapes[0][:-1] + shapes[1][:-2] + shapes[1][-1:]
    else:
        try:
            shape = np.broadcast_shapes(*shapes)
        except ValueError:
            # They do not fit together; computing will say so.
            return
    if np.prod(shape, dtype=float) > _LARGEST:
        raise FormulaError(f"In `{_shown(node)}`, the arrays become too large.")


def _shown(node) -> str:
    text = ast.unparse(node)
    return text if len(text) <= 60 else text[:57] + "..."


# A formula exercise is judged like any other: by a function that computes the formula.


def as_function(text: str, names: tuple[str, ...]):
    """Return a function of these names that computes a formula."""
    tree = parse(text)

    def formula(*args):
        return evaluate(tree, dict(zip(names, args, strict=True)))

    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    formula.__signature__ = inspect.Signature([inspect.Parameter(name, kind) for name in names])
    return formula


def as_exercise(record: Formula) -> tuple[Exercise, tuple[str, ...]]:
    """Return a formula exercise as one about functions, and the names that a formula may use."""
    first = next(iter(record.draw(np.random.default_rng(0))))
    names = tuple(first.args[0] | first.sizes)
    exercise = Exercise(
        title=record.title,
        number=record.number,
        points=record.points,
        minutes=record.minutes,
        level=record.level,
        hints=record.hints,
        outputs=(record.symbol,),
        tolerance=record.tolerance,
    )
    exercise.name = record.symbol
    exercise.solve = as_function(record.answer, names)
    exercise.draw = lambda rng: (
        replace(case, args=tuple((case.sizes | case.args[0])[name] for name in names))
        for case in record.draw(rng)
    )
    exercise.wrong_answers.extend(
        WrongAnswer(wrong.mistake, wrong.message, as_function(wrong.answer, names))
        for wrong in record.wrong_answers
    )
    return exercise, names
