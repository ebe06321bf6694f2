"""The solution with one thing changed: what comes out when a factor is lost, or a sign is turned.

`alterations` makes all such functions from the source of a solution. They serve twice. The
diagnosis asks whether one of them gives the learner's numbers, where nobody listed the mistake.
The proof of an exercise asks whether the judge rejects each of them.
"""

import ast
import copy
import inspect
import re
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

_OTHER_SIDE = {ast.Gt: ast.Lt, ast.Lt: ast.Gt, ast.GtE: ast.LtE, ast.LtE: ast.GtE}
_BOUND = {ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Lt: ast.LtE, ast.LtE: ast.Lt}
_OPPOSITE = {ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.In: ast.NotIn, ast.NotIn: ast.In}
_OPPOSITE |= {ast.Is: ast.IsNot, ast.IsNot: ast.Is}
_LEFT_OUT = {ast.Add: "term-missing", ast.Sub: "term-missing"}
_LEFT_OUT |= {ast.Mult: "factor-missing", ast.Div: "factor-missing"}
_OTHER_CALL = {"sum": "mean", "mean": "sum", "max": "min", "min": "max"}
_OTHER_CALL |= {"maximum": "minimum", "minimum": "maximum", "ones_like": "zeros_like"}
_ALONG_AXES = {"sum", "mean", "max", "min", "expand_dims"}
# Functions of one argument that a learner may forget without an error.
_MAPS = {"exp", "log", "log1p", "expm1", "tanh", "sin", "cos", "sqrt", "square", "abs", "erf"}
_DERIVATIVES = {"cos": "sin", "sin": "cos"}
_ORDERS = {"reversed", "sorted", "permutation"}
_COPIES = {"copy", "array", "list", "tuple", "float", "astype", "asarray"}

# Names that mean the same throughout the course.
_NOTATION = re.compile(r"d?[AHPWXZb]\d*|dout|logP|loss")

Edit = Callable[[ast.AST], ast.AST | None]


@dataclass(frozen=True, eq=False)
class Alteration:
    """A solution with one change.

    Attributes
    ----------
    kind : str
        What was changed, such as ``"factor-missing"``.
    where : str
        The place, as ``"line 3: dout * A -> dout"``, counted from the line of ``def``.
    names : tuple of str
        If one name stands in the place of another: what is used, and what is due.
    function : callable
    ends : bool
        Whether the function surely ends, since the change is in no loop that may go on for ever.
    """

    kind: str
    where: str
    names: tuple[str, ...]
    function: Callable
    ends: bool


@cache
def alterations(function: Callable) -> tuple[Alteration, ...]:
    """Return the functions that differ from this one by one small change.

    There are none for a function whose source cannot be read, or that uses variables of another.
    """
    code = getattr(function, "__code__", None)
    if code is None or code.co_freevars:
        return ()
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, SyntaxError, TypeError):
        return ()
    definition = tree.body[0]
    if not isinstance(definition, ast.FunctionDef):
        return ()
    definition.decorator_list = []
    first = definition.lineno
    if ast.get_docstring(definition) is not None:
        del definition.body[0]
    return tuple(_altered(function, tree, first))


def _altered(function, tree, first) -> Iterator[Alteration]:
    open_ended = _in_open_loops(tree)
    indices = {
        inside
        for node in ast.walk(tree)
        if isinstance(node, ast.Subscript)
        for inside in ast.walk(node.slice)
    }
    seen = {ast.dump(tree)}
    text = ast.unparse(tree)
    for place, node in enumerate(ast.walk(tree)):
        for kind, names, edit in _edits(node, tree):
            # Read again rather than copied: it is four times as fast.
            changed = ast.parse(text)
            old = next(old for at, old in enumerate(ast.walk(changed)) if at == place)
            before, new = _shown(old), edit(old)
            if new is not None:
                ast.copy_location(new, old)
            after = _shown(new) if new is not None else "left out"
            _Replace(old, new).visit(changed)
            ast.fix_missing_locations(changed)
            made = _compiled(function, changed)
            form = ast.dump(changed)
            if made is None or form in seen:
                continue
            seen.add(form)
            if isinstance(node, ast.BinOp) and node in indices:
                kind = "off-by-one"
            where = f"line {node.lineno - first + 1}: {before} -> {after}"
            yield Alteration(kind, where, names, made, node not in open_ended)


class _Replace(ast.NodeTransformer):
    """Put another node, or nothing, in the place of one."""

    def __init__(self, old, new):
        self.old, self.new = old, new

    def visit(self, node):
        if node is self.old:
            return self.new
        node = self.generic_visit(node)
        # A block must not be empty.
        if isinstance(node, ast.If | ast.For | ast.While) and not node.body:
            node.body = [ast.Pass()]
        return node


def _compiled(function, tree):
    """Return the function of a changed tree, in the place of the first one."""
    names = dict(function.__globals__)
    try:
        exec(compile(tree, "<altered>", "exec"), names)
    except (SyntaxError, ValueError):
        return None
    return names[function.__name__]


def _in_open_loops(tree) -> set[ast.AST]:
    """Return the nodes of loops whose end depends on what happens inside."""
    found: set[ast.AST] = set()
    for loop in ast.walk(tree):
        if isinstance(loop, ast.While):
            found |= set(ast.walk(loop))
        elif isinstance(loop, ast.For | ast.comprehension):
            # for node in queue: ... queue.append(...)
            over = {node.id for node in ast.walk(loop.iter) if isinstance(node, ast.Name)}
            grown = {
                node.func.value.id
                for node in ast.walk(loop)
                if isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and isinstance(node.func.value, ast.Name)
            }
            if over & grown:
                found |= set(ast.walk(loop))
    return found


def _shown(node) -> str:
    text = ast.unparse(node).split("\n")[0]
    return text if len(text) <= 60 else text[:57] + "..."


# What a learner reads if an answer is what an alteration gives. The simplest story stands first:
# several changes may give the same numbers. A kind that is not here tells too little.
SENTENCES = {
    "factor-missing": "one factor is left out.",
    "term-missing": "one part of a sum or difference is left out.",
    "overwritten": "a share overwrites the shares before it. Shares add up.",
    "factors-missing": "more than one factor is left out.",
    "factor-twice": "one factor is used twice.",
    "inner-sign": "a plus and a minus are exchanged in one place.",
    "term-doubled": "one of two shares counts twice and the other not at all.",
    "product-for-sum": "two things are multiplied that must be added or subtracted.",
    "sum-for-product": "two things are added that must be multiplied.",
    "divided": "a division stands where a product belongs.",
    "not-divided": "a product stands where a division belongs.",
    "power-missing": "a power is left out.",
    "wrong-power": "a power is one too high.",
    **{f"{name}-missing": f"{name} is left out in one place." for name in sorted(_MAPS)},
    "cut-off-missing": "nothing is cut off where there is a bound.",
    "one-of-two": "one of two numbers is taken where the larger or the smaller of both belongs.",
    "brackets-missing": "a factor reaches only one of the two terms in a bracket.",
    "power-of-the-bracket": "a whole bracket is raised to a power that belongs to a part of it.",
    "doubled-for-squared": "something is multiplied by 2 where it must be squared.",
    "slope-not-taken": "a function stands where its derivative belongs, or the other way round.",
    "value-as-mask": "a number itself counts where only its sign should.",
    "wrong-mask": "a mask comes from another array.",
    "mask-reversed": "a comparison points the wrong way.",
    "bound-included": "the case of equality falls on the wrong side of a comparison.",
    "mean-for-sum": "a mean is taken where a sum belongs.",
    "sum-for-mean": "a sum is taken where a mean belongs.",
    "wrong-axis": "a step runs along the wrong axis.",
    "sum-missing": "a sum over one axis is left out.",
    "axis-lost": "an axis of length 1 is dropped, and rows and columns meet the wrong way.",
    "transpose-missing": "one matrix stands the wrong way round in a product.",
    "reshaped": "a reshape stands where a transpose belongs.",
    "entry-by-entry": "two matrices are multiplied entry by entry.",
    "matrix-product": "a matrix product stands where entries are multiplied one by one.",
    "sides-exchanged": "the two sides of one operation change places.",
    "order": "a loop runs the other way.",
    "whole-columns": "whole columns are taken where one entry of each row belongs.",
    "off-by-one": "an index or a length is off by one.",
    "slice-missing": "all entries are taken where only some belong.",
    "wrong-name": "",
    "condition-missing": "a distinction between two cases is not made.",
    "condition-reversed": "a condition is turned into its opposite.",
    "sign": "a minus sign is lost in one place.",
    "wrong-function": "the smallest is taken where the largest belongs, or the other way round.",
}


def can_be_told(one: Alteration, known: str) -> bool:
    """Whether there are words for it; ``known`` is the text whose names the learner has read."""
    return one.kind in SENTENCES and all(
        _NOTATION.fullmatch(name) or re.search(rf"\b{re.escape(name)}\b", known)
        for name in one.names
    )


def sentence(one: Alteration) -> str:
    """Return what to say of an answer that gives what this alteration gives."""
    told = SENTENCES[one.kind]
    if one.names:
        used, due = one.names
        told = f"{used} stands where {due} belongs."
    return f"{{your}} {{are}} what comes out when {told}"


# The changes. Each edit gets a node of a copy of the tree and returns what stands in its place.


def _edits(node, tree) -> Iterator[tuple[str, tuple[str, ...], Edit]]:
    for kind, edit in _changes(node):
        yield kind, (), edit
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
        known = _variables(tree)
        for other, line in known.items():
            # A name that comes into being later would only be an error.
            if node.id in known and other != node.id and line < node.lineno:
                yield "wrong-name", (other, node.id), lambda old, other=other: _name(other)
    elif isinstance(node, ast.Compare) and not isinstance(node.left, ast.Name):
        for other, line in _variables(tree).items():
            if line < node.lineno:
                yield "wrong-mask", (), lambda old, other=other: _with(old, left=_name(other))


def _changes(node) -> Iterator[tuple[str, Edit]]:
    match node:
        case ast.BinOp():
            yield from _of_operation(node)
        case ast.UnaryOp(op=ast.USub()) | ast.UnaryOp(op=ast.Not()):
            yield "sign", lambda old: old.operand
        case ast.Compare(ops=[op]):
            yield "value-as-mask", lambda old: old.left
            yield "value-as-mask", lambda old: ast.BinOp(old.left, ast.Mult(), old)
            for table, kind in (
                (_OTHER_SIDE, "mask-reversed"),
                (_BOUND, "bound-included"),
                (_OPPOSITE, "condition-reversed"),
            ):
                other = table.get(type(op))
                if other is not None:
                    yield kind, lambda old, other=other: _with(old, ops=[other()])
        case ast.BoolOp(op=op):
            other = ast.Or if isinstance(op, ast.And) else ast.And
            yield "condition-reversed", lambda old: _with(old, op=other())
            for at in range(len(node.values)):
                yield "condition-missing", lambda old, at=at: old.values[at]
        case ast.IfExp():
            yield "condition-missing", lambda old: old.body
            yield "condition-missing", lambda old: old.orelse
        case ast.Call():
            yield from _of_call(node)
        case ast.Constant(value=bool(value)):
            yield "wrong-constant", lambda old: ast.Constant(not value)
        case ast.Constant(value=int() | float() as value):
            for other in sorted({value + 1, value - 1, 0, 2 * value, -value} - {value}):
                yield "wrong-constant", lambda old, other=other: ast.Constant(other)
        case ast.Attribute(attr="T"):
            yield "transpose-missing", lambda old: old.value
            yield "reshaped", _reshaped
        case ast.Subscript():
            yield from _of_subscript(node)
        case ast.AugAssign(op=op):
            yield _LEFT_OUT.get(type(op), "step-missing"), lambda old: None
            if isinstance(op, ast.Add | ast.Sub):
                yield "overwritten", lambda old: ast.Assign([old.target], old.value)
            for kind, other in _other_operators(op):
                yield kind, lambda old, other=other: _with(old, op=other())
        case ast.Assign() | ast.Expr() | ast.For() | ast.Raise():
            yield "step-missing", lambda old: None
        case ast.If():
            yield "condition-missing", lambda old: _with(old, test=ast.Constant(True))
            yield "condition-missing", lambda old: _with(old, test=ast.Constant(False))
        case ast.ListComp() | ast.GeneratorExp() | ast.SetComp() | ast.DictComp():
            if any(one.ifs for one in node.generators):
                yield (
                    "condition-missing",
                    lambda old: _with(
                        old, generators=[_with(one, ifs=[]) for one in old.generators]
                    ),
                )


def _of_operation(node) -> Iterator[tuple[str, Edit]]:
    match node.op:
        case ast.Add() | ast.Sub():
            yield "term-missing", lambda old: old.left
            if isinstance(node.op, ast.Add):
                yield "term-missing", lambda old: old.right
                if not any(isinstance(x, ast.Constant) for x in (node.left, node.right)):
                    yield "term-doubled", lambda old: ast.BinOp(old.left, ast.Add(), old.left)
                    yield "term-doubled", lambda old: ast.BinOp(old.right, ast.Add(), old.right)
            else:
                yield "term-missing", lambda old: ast.UnaryOp(ast.USub(), old.right)
                yield "term-missing", lambda old: old.right
            if isinstance(node.right, ast.BinOp) and isinstance(node.right.op, ast.Pow):
                yield "power-of-the-bracket", _power_of_the_bracket
        case ast.Mult():
            yield _factors(node.right), lambda old: old.left
            yield _factors(node.left), lambda old: old.right
            yield "factor-twice", lambda old: ast.BinOp(old, ast.Mult(), old.left)
            yield "factor-twice", lambda old: ast.BinOp(old, ast.Mult(), old.right)
            if isinstance(node.left, ast.BinOp) and isinstance(node.left.op, ast.Mult):
                yield "factors-missing", lambda old: old.left.left
                yield "factors-missing", lambda old: old.left.right
            for side in ("left", "right"):
                inner = getattr(node, side)
                if isinstance(inner, ast.BinOp) and isinstance(inner.op, ast.Add | ast.Sub):
                    yield "brackets-missing", lambda old, s=side: _one_term(old, s, "left")
                    yield "brackets-missing", lambda old, s=side: _one_term(old, s, "right")
        case ast.Div() | ast.FloorDiv():
            yield "factor-missing", lambda old: old.left
            yield "factor-twice", lambda old: ast.BinOp(old, ast.Div(), old.right)
        case ast.Pow():
            yield "power-missing", lambda old: old.left
            yield "wrong-power", lambda old: ast.BinOp(old, ast.Mult(), old.left)
            yield "doubled-for-squared", lambda old: _with(old, op=ast.Mult())
        case ast.MatMult():
            yield "transpose-missing", lambda old: _with(old, right=_transposed(old.right))
            yield "transpose-missing", lambda old: _with(old, left=_transposed(old.left))
            yield "factor-missing", lambda old: old.left
            yield "factor-missing", lambda old: old.right
    for kind, other in _other_operators(node.op):
        yield kind, lambda old, other=other: _with(old, op=other())
    # The two sides of a sum or a product may change places.
    if not isinstance(node.op, ast.Add | ast.Mult):
        yield "sides-exchanged", lambda old: ast.BinOp(old.right, old.op, old.left)


def _other_operators(op) -> Iterator[tuple[str, type]]:
    match op:
        case ast.Add():
            yield "inner-sign", ast.Sub
            yield "product-for-sum", ast.Mult
        case ast.Sub():
            yield "inner-sign", ast.Add
            yield "product-for-sum", ast.Mult
        case ast.Mult():
            yield "divided", ast.Div
            yield "sum-for-product", ast.Add
            yield "matrix-product", ast.MatMult
        case ast.Div() | ast.FloorDiv():
            yield "not-divided", ast.Mult
        case ast.MatMult():
            yield "entry-by-entry", ast.Mult


def _of_call(node) -> Iterator[tuple[str, Edit]]:
    method = isinstance(node.func, ast.Attribute)
    of_numpy = method and isinstance(node.func.value, ast.Name) and node.func.value.id == "np"
    word = node.func.attr if method else getattr(node.func, "id", "")

    def inside(old):
        return old.func.value if method and not of_numpy else old.args[0]

    def renamed(old, other):
        func = old.func
        return _with(old, func=_with(func, attr=other) if method else _with(func, id=other))

    has_inside = bool(node.args) or (method and not of_numpy)
    if word in _OTHER_CALL:
        other = _OTHER_CALL[word]
        kind = {"mean": "mean-for-sum", "sum": "sum-for-mean"}.get(other, "wrong-function")
        yield kind, lambda old: renamed(old, other)
    if word in _DERIVATIVES:
        yield "slope-not-taken", lambda old: renamed(old, _DERIVATIVES[word])
    if word in _MAPS and has_inside:
        yield f"{word}-missing", inside
    if word in ("maximum", "minimum", "clip", "max", "min") and has_inside:
        for at in range(2 if word != "clip" and len(node.args) == 2 else 1):
            fixed = any(isinstance(one, ast.Constant) for one in node.args)
            kind = "cut-off-missing" if fixed or word == "clip" else "one-of-two"
            yield kind, lambda old, at=at: old.args[at] if at else inside(old)
    if word in _ALONG_AXES and has_inside:
        yield "sum-missing" if word in ("sum", "mean") else "step-missing", inside
    if word in _ORDERS and has_inside:
        yield "order", lambda old: old.args[0]
    if word in _COPIES and has_inside:
        yield "copy-missing", inside
    if word == "where" and len(node.args) == 3:
        yield "condition-missing", lambda old: old.args[1]
        yield "condition-missing", lambda old: old.args[2]
        yield (
            "mask-reversed",
            lambda old: _with(old, args=[old.args[0], old.args[2], old.args[1]]),
        )
    if word == "range":
        yield "off-by-one", lambda old: _with(old, args=[*old.args[:-1], _more(old.args[-1], -1)])
        yield "off-by-one", lambda old: _with(old, args=[*old.args[:-1], _more(old.args[-1], 1)])
        if len(node.args) == 1:
            yield "off-by-one", lambda old: _with(old, args=[ast.Constant(1), *old.args])
            yield "order", lambda old: ast.Call(_name("reversed"), [old], [])
    for at, option in enumerate(node.keywords):
        for kind, value in _other_options(option):
            yield (
                kind,
                lambda old, at=at, value=value: _with(
                    old,
                    keywords=[
                        ast.keyword(one.arg, ast.Constant(value)) if place == at else one
                        for place, one in enumerate(old.keywords)
                    ],
                ),
            )


def _other_options(option) -> Iterator[tuple[str, object]]:
    match option:
        case ast.keyword(arg="axis"):
            for axis in (0, 1, None):
                yield "wrong-axis", axis
        case ast.keyword(arg="keepdims"):
            yield "axis-lost", False


def _of_subscript(node) -> Iterator[tuple[str, Edit]]:
    if isinstance(node.slice, ast.Slice):
        kind = "slice-missing" if node.slice.step is None else "order"
        yield kind, lambda old: old.value
        for end in ("lower", "upper"):
            if getattr(node.slice, end) is not None:
                for step in (1, -1):
                    yield "off-by-one", lambda old, end=end, step=step: _moved_end(old, end, step)
    elif not isinstance(node.slice, ast.Tuple | ast.Constant) or isinstance(
        getattr(node.slice, "value", None), int
    ):
        if isinstance(node.ctx, ast.Load):
            for step in (1, -1):
                yield "off-by-one", lambda old, s=step: _with(old, slice=_more(old.slice, s))
    elif isinstance(node.slice, ast.Tuple) and len(node.slice.elts) == 2:
        # Z[rows, y] and Z[:, y]; and the two the other way round.
        whole = ast.Slice()
        yield (
            "whole-columns",
            lambda old: _with(old, slice=ast.Tuple([whole, old.slice.elts[1]], ast.Load())),
        )


def _factors(side) -> str:
    """Return the kind of change that drops one side of a product."""
    several = isinstance(side, ast.BinOp) and isinstance(side.op, ast.Mult | ast.Div)
    return "factors-missing" if several else "factor-missing"


def _one_term(node, side, term) -> ast.AST:
    """Let a factor in front of a bracket reach one of its two terms alone."""
    bracket = getattr(node, side)
    product = _with(node, **{side: getattr(bracket, term)})
    return _with(bracket, **{term: product})


def _power_of_the_bracket(node) -> ast.AST:
    """Make (1 - a) ** 2 of 1 - a ** 2."""
    power = node.right
    return _with(power, left=_with(node, right=power.left))


def _reshaped(node) -> ast.AST:
    """Make W.reshape(W.shape[::-1]) of W.T."""
    other = ast.parse("x.reshape(x.shape[::-1])", mode="eval").body
    other.func.value = other.args[0].value.value = node.value
    return other


def _with(node, **fields):
    """Return a node of the same kind with other fields."""
    made = copy.copy(node)
    for name, value in fields.items():
        setattr(made, name, value)
    return made


def _name(name: str) -> ast.Name:
    return ast.Name(name, ast.Load())


def _moved_end(node, end, step) -> ast.AST:
    moved = _more(getattr(node.slice, end), step)
    return _with(node, slice=_with(node.slice, **{end: moved}))


def _transposed(node) -> ast.AST:
    if isinstance(node, ast.Attribute) and node.attr == "T":
        return node.value
    return ast.Attribute(node, "T", ast.Load())


def _more(node, step: int) -> ast.AST:
    if isinstance(node, ast.Constant) and isinstance(node.value, int):
        return ast.Constant(node.value + step)
    return ast.BinOp(node, ast.Add() if step > 0 else ast.Sub(), ast.Constant(abs(step)))


def _variables(tree) -> dict[str, int]:
    """Return the arguments and local variables of the function, and the lines of their birth."""
    lines: dict[str, int] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.arg):
            lines[node.arg] = 0
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            lines[node.id] = min(node.lineno, lines.get(node.id, node.lineno))
    return lines
