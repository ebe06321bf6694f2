"""The class that every grader gets: five questions, and what forty students handed in.

The answers come from the bank of exercises: right ones in several ways, and listed mistakes. Each
is written as a student would hand it in, one function with all it needs.
"""

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import cycle, islice

from backprop_course.exercises.bank import load_bank
from backprop_course.exercises.record import Exercise

QUESTIONS = (
    "relu_backward",
    "linear_backward",
    "softmax_cross_entropy",
    "two_layer_loss",
    "numerical_gradient",
)
RIGHT, WRONG, CRASHING, LOOPING = "right", "wrong", "crashing", "looping"
SIZES = {RIGHT: 24, WRONG: 10, CRASHING: 5, LOOPING: 1}
EXIT = "crashing_4"  # calls os._exit inside a function


@dataclass(frozen=True)
class HandedIn:
    """What one student handed in.

    Attributes
    ----------
    student, kind : str
    cells : dict
        For each question the text of its cell.
    mistaken : tuple of str
        The questions with a listed mistake.
    """

    student: str
    kind: str
    cells: dict[str, str]
    mistaken: tuple[str, ...] = ()


def bank() -> dict[str, Exercise]:
    """Return the five exercises by name."""
    every = load_bank()
    return {name: every[name] for name in QUESTIONS}


def the_class() -> list[HandedIn]:
    """Return the forty."""
    kinds = {RIGHT: right_ones(), WRONG: wrong_ones(), CRASHING: crashing(), LOOPING: looping()}
    return [
        HandedIn(f"{kind}_{number + 1}", kind, cells, mistaken(number) if kind == WRONG else ())
        for kind, hand_ins in kinds.items()
        for number, cells in enumerate(islice(hand_ins, SIZES[kind]))
    ]


def repeated(handed_in: list[HandedIn], *, unlike: bool = False) -> Iterator[HandedIn]:
    """Yield some hand-ins over and over.

    With ``unlike``, every wrong answer is off by another factor besides, so that none of them can
    be looked up among those that came before.
    """
    for number, one in enumerate(cycle(handed_in)):
        cells = dict(one.cells)
        for name in one.mistaken if unlike else ():
            cells[name] = scaled(cells[name], name, 1 + 1e-4 * number)
        yield HandedIn(f"{one.student}_{number}", one.kind, cells, one.mistaken)


def starters() -> dict[str, str]:
    """Return the cells as they are before anybody has worked on them."""
    return {name: starter(exercise) for name, exercise in bank().items()}


def right_ones() -> Iterator[dict[str, str]]:
    """Yield right hand-ins; each combines other ways to write the answers."""
    ways = {
        name: _texts(name, [exercise.solve, *exercise.right_answers])
        for name, exercise in bank().items()
    }
    while True:
        yield {name: next(texts) for name, texts in ways.items()}
        next(ways[QUESTIONS[0]])  # so that the combinations change as well


def wrong_ones() -> Iterator[dict[str, str]]:
    """Yield hand-ins with one listed mistake in two of the five questions, for ever."""
    mistakes = {
        name: _texts(name, [wrong.answer for wrong in exercise.wrong_answers])
        for name, exercise in bank().items()
    }
    for number, cells in enumerate(right_ones()):
        yield cells | {name: next(mistakes[name]) for name in mistaken(number)}


def mistaken(number: int) -> tuple[str, str]:
    """Return the questions that a wrong hand-in has wrong."""
    return QUESTIONS[number % len(QUESTIONS)], QUESTIONS[(number + 2) % len(QUESTIONS)]


def crashing() -> Iterator[dict[str, str]]:
    """Yield the five that break down, each in its own way."""
    right = next(right_ones())
    yield right | {"linear_backward": "print(undefined_name)\n" + right["linear_backward"]}
    yield right | {"softmax_cross_entropy": "def softmax_cross_entropy(Z, y:\n    return Z"}
    yield right | {"relu_backward": "import sys\nsys.exit()\n" + right["relu_backward"]}
    exits = "def two_layer_loss(params, X, y):\n    import os\n    os._exit(0)"
    yield right | {"two_layer_loss": exits}
    yield starters()


def looping() -> Iterator[dict[str, str]]:
    """Yield one whose third answer never ends."""
    loop = "def softmax_cross_entropy(Z, y):\n    while True:\n        pass"
    yield next(right_ones()) | {"softmax_cross_entropy": loop}


# From the bank to the text of a cell --------------------------------------------------------------


_SCALED = """
def _scaled(value, factor={factor}):
    if isinstance(value, tuple):
        return tuple(map(_scaled, value))
    if isinstance(value, dict):
        return {{name: _scaled(item) for name, item in value.items()}}
    return value * factor
"""


def scaled(text: str, name: str, factor: float) -> str:
    """Return the text of an answer whose results are all off by a factor."""
    tree = ast.parse(text)
    main = next(node for node in tree.body if getattr(node, "name", "") == name)
    for statement in main.body:
        if not isinstance(statement, ast.FunctionDef):
            for node in ast.walk(statement):
                if isinstance(node, ast.Return) and node.value is not None:
                    node.value = ast.Call(ast.Name("_scaled", ast.Load()), [node.value], [])
    return _SCALED.format(factor=factor) + "\n\n" + ast.unparse(tree)


def _texts(name: str, functions: list[Callable]) -> Iterator[str]:
    """Return the texts of some functions, as answers to one exercise, over and over."""
    texts = [standing_alone(function, name) for function in functions]
    return cycle([text for text in texts if text])


def starter(exercise: Exercise) -> str:
    """Return the head of the solution, its docstring, and nothing to do."""
    head = ast.parse(textwrap.dedent(inspect.getsource(exercise.solve))).body[0]
    head.decorator_list = []
    head.body = [head.body[0], *ast.parse("raise NotImplementedError").body]
    return ast.unparse(head)


def standing_alone(function: Callable, name: str) -> str | None:
    """Return the text of a function of the bank under another name, with its helpers inside.

    None stands for a function that is not written out in its file, such as a lambda.
    """
    parts = _parts(inspect.getsource(inspect.getmodule(function)))
    if not isinstance(parts.get(function.__name__), ast.FunctionDef):
        return None
    main = parts[function.__name__]
    helpers = _helpers(main, parts)
    main.name, main.decorator_list = name, []
    for helper in helpers:
        if isinstance(helper, ast.FunctionDef):
            helper.decorator_list = []
    main.body = [*helpers, *main.body]
    return ast.unparse(main)


def _parts(source: str) -> dict[str, ast.stmt]:
    """Return the functions and values at the top level of a file, by name."""
    parts = {}
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef):
            parts[node.name] = node
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            parts[node.targets[0].id] = node
    return parts


def _helpers(main: ast.FunctionDef, parts: dict[str, ast.stmt]) -> list[ast.stmt]:
    """Return what the function needs of its file, in the file's order."""
    needed, looked_at = set(), [*main.body, main.args]
    while looked_at:
        for node in ast.walk(looked_at.pop()):
            if isinstance(node, ast.Name) and node.id in parts.keys() - needed - {main.name}:
                needed.add(node.id)
                part = parts[node.id]
                looked_at += part.body if isinstance(part, ast.FunctionDef) else [part.value]
    return [part for name, part in parts.items() if name in needed]
