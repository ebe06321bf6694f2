"""The proof that an exercise keeps what it promises.

The solution and every right variant pass, the starter is "not attempted", every wrong answer fails
under its own name with its own message, for many draws of the inputs; and the judge rejects the
solution with anything changed in it. What does not hold is a `Hole`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np

from backprop_course.authoring.marks import MarkError
from backprop_course.authoring.pages import label, pieces_of
from backprop_course.exercises.record import Exercise, Formula, Question, Record
from backprop_course.grading.alter import Alteration, alterations
from backprop_course.grading.call import ask, collect
from backprop_course.grading.diagnose import fill_in
from backprop_course.grading.formula import as_exercise, as_function
from backprop_course.grading.judge import argument_names, assess, calls, draw, judge, targets_of
from backprop_course.grading.question import judge_answer
from backprop_course.grading.result import (
    COULD_NOT_RUN,
    FAILED,
    NOT_ATTEMPTED,
    PASSED,
    Result,
)
from backprop_course.grading.trial import compare

SOLUTION, STARTER, RIGHT, WRONG = "solution", "starter", "right variant", "wrong answer"
ALTERATION_SEEDS = 2
_SECONDS = 0.5  # for a changed solution, which may never end


@dataclass(frozen=True)
class Hole:
    """What does not hold: of what kind of answer, which one, and why."""

    what: str
    name: str
    why: str

    def __str__(self):
        return f"{self.what} {self.name}: {self.why}"


@dataclass
class Proof:
    """What was tried of one exercise, and what did not hold.

    Attributes
    ----------
    tried : dict
        How many answers of each kind.
    altered : int
        How many changes of the solution were judged.
    survivors : list of Alteration
        Those that pass for some draw: either they change no value, or a case is missing.
    """

    record: Record
    tried: dict[str, int] = field(default_factory=dict)
    holes: list[Hole] = field(default_factory=list)
    altered: int = 0
    survivors: list[Alteration] = field(default_factory=list)


def prove(record: Record, seeds: Iterable[int] = range(20), *, alter: bool = True) -> Proof:
    """Return the proof of one exercise.

    Parameters
    ----------
    record : Record
    seeds : iterable of int
        The draws of inputs for all answers.
    alter : bool
        Whether to judge changed solutions as well.
    """
    proof = Proof(record)
    if isinstance(record, Question):
        proof.tried = {SOLUTION: 1, WRONG: len(record.wrong_answers)}
        proof.holes = list(_question(record))
        return proof
    if isinstance(record, Formula):
        exercise, names = as_exercise(record)
        rights = [as_function(text, names) for text in record.right_answers]
    else:
        exercise, rights = record, record.right_answers
        proof.tried[STARTER] = 1
        proof.holes += _starter(record)
    proof.tried |= {SOLUTION: 1, RIGHT: len(rights), WRONG: len(exercise.wrong_answers)}
    proof.holes += _functions(exercise, rights, seeds)
    if alter and isinstance(record, Exercise):
        proof.altered = len(alterations(record.solve))
        proof.survivors = survivors(record)
    return proof


def _functions(exercise: Exercise, rights, seeds) -> Iterator[Hole]:
    """Judge all answers with the same draws, so that what they share is computed once."""
    right = [(SOLUTION, exercise.name, exercise.solve)]
    right += [(RIGHT, getattr(one, "__name__", ""), one) for one in rights]
    failing = set()
    for seed in seeds:
        cases, memory = draw(exercise, seed), {}

        def judged(function, cases=cases, memory=memory) -> Result:
            replies = collect(function, calls(cases), argument_names(exercise))
            return assess(exercise, cases, replies, memory)

        for what, name, function in right:
            result = judged(function)
            if result.outcome != PASSED or result.points != exercise.points:
                if (what, name) not in failing:
                    yield Hole(what, name, f"it must pass. Seed {seed}:\n{result}")
                failing.add((what, name))
        for place, wrong in enumerate(exercise.wrong_answers):
            why = _misjudged(wrong, judged(wrong.answer), cases)
            if why:
                if place not in failing:
                    yield Hole(WRONG, wrong.mistake, f"{why} Seed {seed}.")
                failing.add(place)


def _misjudged(wrong, result: Result, cases) -> str:
    """Return what is amiss in the judgement of a wrong answer, or ``""``."""
    if result.outcome not in (FAILED, COULD_NOT_RUN) or result.points:
        return f"it must fail.\n{result}\n"
    if result.mistakes != (wrong.mistake,):
        said = ", ".join(result.mistakes) or "nothing"
        return f"it must be called by this name and no other; the judge says {said}.\n{result}\n"
    messages = {fill_in(wrong.message, case.sizes) for case in cases}
    if not any(message in result.message for message in messages):
        return f"its message is not told.\n{result}\n"
    return ""


def _starter(record: Exercise) -> Iterator[Hole]:
    """Run the starter as the learner finds it."""
    names: dict = {}
    try:
        exec(f"import numpy as np\n{pieces_of(record).starter(label(record))}", names)
        result = judge(record, names[record.name])
    except (MarkError, KeyError, SyntaxError) as error:
        yield Hole(STARTER, record.name, f"it cannot be cut out: {error}.")
        return
    if result.outcome != NOT_ATTEMPTED or result.points:
        yield Hole(STARTER, record.name, f"it must count as not attempted.\n{result}")


def _question(record: Question) -> Iterator[Hole]:
    result = judge_answer(record, record.answer)
    if result.outcome != PASSED or record.because not in result.message:
        yield Hole(SOLUTION, record.name, f"it must pass, and say why.\n{result}")
    for wrong in record.wrong_answers:
        result = judge_answer(record, wrong.answer)
        if result.outcome != FAILED or result.mistakes != (wrong.mistake,):
            yield Hole(WRONG, wrong.mistake, f"it must fail by this name.\n{result}")
        elif wrong.message not in result.message:
            yield Hole(WRONG, wrong.mistake, f"its message is not told.\n{result}")
    explained = {wrong.answer for wrong in record.wrong_answers} | {record.answer}
    for letter in record.choices:
        if letter not in explained:
            yield Hole(WRONG, letter, "this choice has no message.")


def survivors(exercise: Exercise) -> list[Alteration]:
    """Return the changed solutions that the judge takes for right in some draw."""
    draws = []
    for seed in range(ALTERATION_SEEDS):
        cases = draw(exercise, seed)
        targets = targets_of(exercise, cases, {})
        # Small cases first: most changes show at once.
        draws.append(sorted(targets, key=lambda target: sum(map(np.size, target.inputs.values()))))
    return [
        one
        for one in alterations(exercise.solve)
        if any(_passes(exercise, one.function, targets) for targets in draws)
    ]


def _passes(exercise, function, targets) -> bool:
    return all(
        compare(
            exercise,
            target,
            ask(function, target.case.args, tuple(target.inputs), _SECONDS),
        ).right
        for target in targets
    )
