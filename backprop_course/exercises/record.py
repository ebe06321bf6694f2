"""What one exercise of the bank holds.

A file in ``backprop_course/exercises/lesson_NN/`` is one exercise. It creates one record
named ``exercise`` (an `Exercise`, a `Formula` or a `Question`); its module docstring is the text
that the learner reads.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Case:
    """One set of inputs on which answers are compared.

    Parameters
    ----------
    args : tuple
        Positional arguments, in the order of the solution's signature. Arrays, numbers, lists
        and dicts of them; a ``numpy.random.Generator`` is handed over as a fresh equal copy.
    sizes : dict
        The sizes by their letter, such as ``{"N": 5, "D": 4, "M": 3}``; messages may use them
        as ``{N}``, and the diagnosis looks for factors that equal one of them.
    note : str
        What is special about this case, for the report: ``"a batch with one row"``.
    raises : type or None
        The exception a right answer raises here, if it must refuse this input.
    """

    args: tuple
    sizes: dict[str, int] = field(default_factory=dict)
    note: str = ""
    raises: type[Exception] | None = None


@dataclass(frozen=True)
class WrongAnswer:
    """A likely mistake: its steady short name, its code and what a learner should read."""

    mistake: str
    message: str
    answer: Any


@dataclass
class Record:
    """What every kind of exercise has. ``points`` are whole; ``level`` runs from 1 to 3."""

    title: str
    number: int
    points: int
    minutes: int
    level: int
    hints: tuple[str, ...] = ()
    wrong_answers: list[WrongAnswer] = field(default_factory=list, init=False)
    right_answers: list = field(default_factory=list, init=False)
    # Filled in by the bank from the file: where the exercise lives and what its text is.
    name: str = field(default="", init=False)
    lesson: str = field(default="", init=False)
    text: str = field(default="", init=False)
    source: str = field(default="", init=False)


@dataclass
class Exercise(Record):
    """An exercise whose answer is a function.

    Parameters
    ----------
    outputs : tuple of str
        Names of what the function returns, such as ``("dX", "dW", "db")``.
    tolerance : float
        Largest relative difference that counts as right for float64 input.

    Notes
    -----
    The parts are handed over by decorators, which return the function unchanged::

        @exercise.solution                       the one right function, with the two marks
        @exercise.cases                          cases(rng) yields `Case` records
        @exercise.wrong("transposed", "...")     a likely mistake and its message
        @exercise.right                          a right answer written in another way
        @exercise.observe                        observe(result, *args) -> dict of named values,
                                                 where the result itself cannot be compared
    """

    outputs: tuple[str, ...] = ()
    tolerance: float = 1e-7
    solve: Callable | None = field(default=None, init=False)
    draw: Callable[[Any], Iterator[Case]] | None = field(default=None, init=False)
    view: Callable | None = field(default=None, init=False)

    def solution(self, function):
        self.solve = function
        return function

    def cases(self, function):
        self.draw = function
        return function

    def observe(self, function):
        self.view = function
        return function

    def wrong(self, mistake, message):
        def register(function):
            self.wrong_answers.append(WrongAnswer(mistake, message, function))
            return function

        return register

    def right(self, function):
        self.right_answers.append(function)
        return function


@dataclass
class Formula(Record):
    """An exercise whose answer is one formula as text, such as ``"X.T @ dout"``.

    ``symbol`` is what is asked for and what ``check_formula`` is called with; ``answer`` is a
    right formula. Wrong answers are formulas too: ``exercise.wrong(mistake, formula, message)``.
    Names in the formula are those of the dict that ``cases(rng)`` yields inside each `Case`:
    ``Case(args=({"X": X, "dout": dout},), sizes={...})``.
    """

    symbol: str = ""
    answer: str = ""
    tolerance: float = 1e-7
    draw: Callable[[Any], Iterator[Case]] | None = field(default=None, init=False)

    def cases(self, function):
        self.draw = function
        return function

    def wrong(self, mistake, formula, message):
        self.wrong_answers.append(WrongAnswer(mistake, message, formula))

    def right(self, formula):
        self.right_answers.append(formula)


@dataclass
class Question(Record):
    """A question answered by a number or by the letter of a choice.

    ``choices`` maps letters to texts (empty for a number); ``answer`` is the right letter or
    number; ``because`` is read after a right answer. Each wrong choice is a wrong answer with
    its own message: ``exercise.wrong("summed-gradient", "b", "...")``; for a number likewise.
    """

    answer: Any = None
    because: str = ""
    choices: dict[str, str] = field(default_factory=dict)
    tolerance: float = 1e-6

    def wrong(self, mistake, answer, message):
        self.wrong_answers.append(WrongAnswer(mistake, message, answer))
