"""Judge an answer: draw inputs, let the learner's function turn them into arrays, compare.

`judge` does it all in this process. Class grading does the same in three steps: `draw` here,
`collect` in the learner's process, `assess` here again.
"""

import inspect
import warnings

import numpy as np

from backprop_course.exercises.record import Case, Exercise
from backprop_course.grading import report
from backprop_course.grading.call import Reply, collect
from backprop_course.grading.compare import Part, alike
from backprop_course.grading.diagnose import diagnose
from backprop_course.grading.result import (
    COULD_NOT_RUN,
    FAILED,
    NOT_ATTEMPTED,
    PASSED,
    Result,
    make_result,
)
from backprop_course.grading.trial import REPEAT, Target, Trial, compare, solve


def judge(exercise: Exercise, function, seed: int = 0) -> Result:
    """Return how well a function solves an exercise. Only KeyboardInterrupt is ever raised.

    Parameters
    ----------
    exercise : Exercise
    function : callable
        The learner's function. It gets copies of the inputs.
    seed : int
        Draws the inputs.
    """
    try:
        cases = draw(exercise, seed)
        replies = collect(function, calls(cases), argument_names(exercise))
        return assess(exercise, cases, replies)
    except Exception as error:
        # The learner's errors are inside the replies, so this one is ours.
        return _broken(exercise, f"{type(error).__name__}: {error}")


def draw(exercise: Exercise, seed: int) -> list[Case]:
    """Return the cases on which answers are compared."""
    cases = list(exercise.draw(np.random.default_rng(seed)))
    if not cases:
        raise ValueError("it draws no cases")
    return cases


def calls(cases: list[Case]) -> list[tuple]:
    """Return the arguments of all calls: each case once, then one of them again.

    A function that keeps something from one call to the next shows it in the repetition.
    """
    return [case.args for case in [*cases, cases[_repeated(cases)]]]


def _repeated(cases: list[Case]) -> int:
    return next((i for i, case in enumerate(cases) if case.raises is None), 0)


def argument_names(exercise: Exercise) -> tuple[str, ...]:
    """Return what the solution calls the arguments that a case may pass, in order."""
    parameters = inspect.signature(exercise.solve).parameters.values()
    return tuple(one.name for one in parameters if one.kind is one.POSITIONAL_OR_KEYWORD)


def assess(
    exercise: Exercise, cases: list[Case], replies: list[Reply], memory: dict | None = None
) -> Result:
    """Return the result for what the learner's function gave in the calls of these cases.

    Who assesses many answers with the same cases may hand over one dict as ``memory`` each time:
    it keeps what the solution and the listed wrong answers give.
    """
    memory = {} if memory is None else memory
    first = replies[0].crash
    if first and first.kinds[0] == "NotImplementedError":
        return _result(exercise, NOT_ATTEMPTED)
    if first and first.kinds[0] == "Signature":
        return _result(exercise, COULD_NOT_RUN, [first.text], ["wrong-arguments"])
    trials = _trials(exercise, cases, replies, memory)
    said = report.about_printing(replies)
    if all(trial.right for trial in trials):
        return _result(exercise, PASSED, report.praise(cases) + said)
    crashed = next((trial for trial in trials if trial.crashed), None)
    if crashed and crashed.reply.crash.kinds[0] == "TimeUp":
        lines = report.time_up(exercise, crashed)
        return _result(exercise, COULD_NOT_RUN, lines + said, ["time-limit"])
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        # The arrays may hold anything, and whatever NumPy says of them is no news to the learner.
        warnings.simplefilter("ignore")
        findings = diagnose(exercise, trials, memory)
    mistakes = [finding.mistake for finding in findings]
    if crashed:
        lines = report.crash(exercise, trials, crashed, findings)
        return _result(exercise, COULD_NOT_RUN, lines + said, mistakes)
    return _result(exercise, FAILED, report.failure(exercise, trials, findings) + said, mistakes)


def targets_of(exercise: Exercise, cases: list[Case], memory: dict) -> list[Target]:
    """Return the cases with their solutions."""
    if "targets" not in memory:
        names = argument_names(exercise)
        memory["targets"] = [solve(exercise, case, names) for case in cases]
    return memory["targets"]


def _trials(exercise, cases, replies, memory) -> list[Trial]:
    # The list of replies is shorter after a time-out, and else longer by the repetition.
    targets = targets_of(exercise, cases, memory)[: len(replies)]
    trials = [
        compare(exercise, target, reply) for target, reply in zip(targets, replies, strict=False)
    ]
    if len(replies) > len(cases):
        place = _repeated(cases)
        before = trials[place].parts
        after = compare(exercise, targets[place], replies[-1]).parts
        if before.keys() != after.keys() or not all(
            alike(part, after[name], exercise.tolerance) for name, part in before.items()
        ):
            before[REPEAT] = Part(REPEAT, None, None, "repeat")
    return trials


def _result(exercise, outcome, lines=(), mistakes=()) -> Result:
    return make_result(outcome, report.name_of(exercise), exercise.points, lines, mistakes)


def _broken(exercise: Exercise, text: str) -> Result:
    lines = [f"The exercise itself is broken ({text}). This is not your fault: please report it."]
    return _result(exercise, COULD_NOT_RUN, lines)
