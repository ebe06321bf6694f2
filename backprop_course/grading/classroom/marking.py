"""Mark one submission: its code runs in the sandbox, its results are assessed here.

A `Marker` belongs to one process. It draws the inputs once and keeps what the solutions and the
listed wrong answers give for them, so that a class costs little more than its own code.
"""

import hashlib
import pickle
from dataclasses import dataclass
from importlib.metadata import version

from backprop_course.exercises.bank import load_bank
from backprop_course.exercises.record import Exercise, Formula, Question
from backprop_course.grading.call import Reply, collect
from backprop_course.grading.formula import FormulaError, as_exercise, as_function
from backprop_course.grading.judge import argument_names, assess, calls, draw
from backprop_course.grading.question import judge_answer
from backprop_course.grading.result import COULD_NOT_RUN, NOT_ATTEMPTED, Result, make_result
from backprop_course.grading.sandbox import Layers, Limits, Sandbox, SandboxError, Task
from backprop_course.grading.submissions import Answers, Submission, read_answers

GRADED = "graded"
COULD_NOT_BE_GRADED = "could not be graded"

_REMEMBERED = 256  # different results of one exercise whose assessment is kept


def course_version() -> str:
    """Return the version of the course that grades."""
    return version("backprop-course")


@dataclass(frozen=True)
class Plan:
    """What every submission of a class is graded by.

    Attributes
    ----------
    exercises : tuple of str
        Names in the bank, in its order.
    seed : int
        Draws the inputs. It never enters the process that runs a submission.
    seconds : float
        Time limit of one call.
    layers : Layers, optional
        Layers of the sandbox; all that the host offers, if not given.
    """

    exercises: tuple[str, ...]
    seed: int
    seconds: float = 2.0
    layers: Layers | None = None


class Marker:
    """Marks submissions, one after the other, each in a fresh child of one sandbox."""

    def __init__(self, plan: Plan):
        bank = load_bank()
        self.records = {name: bank[name] for name in plan.exercises}
        self._drawn = {
            name: _Drawn(record, plan.seed)
            for name, record in self.records.items()
            if not isinstance(record, Question)
        }
        self._sandbox = Sandbox(Limits(seconds=plan.seconds), plan.layers)
        self._sandbox.__enter__()

    def close(self) -> None:
        self._sandbox.close()

    def grade(self, submission: Submission) -> dict:
        """Return the record of one submission, as ``docs/results.md`` describes it."""
        if submission.problem:
            return ungraded(submission, submission.problem)
        try:
            answers = read_answers(submission)
            if answers.problem:
                return ungraded(submission, answers.problem)
            return graded(submission, self.mark(answers), answers.notes)
        except SandboxError:
            # Without a sandbox nobody can be graded: this is for the teacher, not for one row.
            raise
        except Exception as error:
            return ungraded(submission, f"the grader failed ({type(error).__name__}: {error})")

    def mark(self, answers: Answers) -> list[dict]:
        """Return one mark for each exercise, in the order of the plan."""
        tasks = [
            Task(name, given.code, name, self._drawn[name].calls, self._drawn[name].names)
            for name, given in answers.functions.items()
            if isinstance(self.records.get(name), Exercise) and not given.problem
        ]
        replies = dict(zip((task.name for task in tasks), self._sandbox.run(tasks), strict=True))
        return [
            self._mark(record, answers, replies.get(name)) for name, record in self.records.items()
        ]

    def _mark(self, record, answers, replies) -> dict:
        try:
            result = self._result(record, answers, replies)
        except Exception as error:
            # The answer's own errors are inside the replies, so this one is the grader's.
            reason = f"{COULD_NOT_BE_GRADED}: the grader failed ({type(error).__name__}: {error})"
            return _mark(record, COULD_NOT_BE_GRADED, None, (), reason)
        return _mark(record, result.outcome, result.points, result.mistakes, result.message)

    def _result(self, record, answers, replies) -> Result:
        if isinstance(record, Question):
            return _of_question(record, answers)
        drawn = self._drawn[record.name]
        if isinstance(record, Formula):
            return _of_formula(record, drawn, answers)
        given = answers.functions.get(record.name)
        if given is None:
            return _absent(record)
        if given.problem:
            return _unreadable(record, given)
        return drawn.assess(replies)


class _Drawn:
    """One exercise with its inputs, and what was found about results for them."""

    def __init__(self, record: Exercise | Formula, seed: int):
        self.exercise, formula_names = (
            as_exercise(record) if isinstance(record, Formula) else (record, None)
        )
        self.cases = draw(self.exercise, seed)
        self.calls = calls(self.cases)
        self.names = formula_names or argument_names(self.exercise)
        self._memory: dict = {}
        self._assessed: dict[bytes, Result] = {}

    def assess(self, replies: list[Reply]) -> Result:
        # Half a class makes the same five mistakes: equal replies have equal results.
        key = hashlib.sha256(pickle.dumps(replies)).digest()
        if key not in self._assessed:
            if len(self._assessed) >= _REMEMBERED:
                self._assessed.pop(next(iter(self._assessed)))
            self._assessed[key] = assess(self.exercise, self.cases, replies, self._memory)
        return self._assessed[key]


def graded(submission: Submission, marks: list[dict], notes: tuple[str, ...] = ()) -> dict:
    """Return the record of a submission that was graded."""
    return _record(
        submission,
        notes=[*submission.notes, *notes],
        outcome=GRADED,
        reason="",
        points=sum(mark["points"] or 0 for mark in marks),
        max_points=sum(mark["max_points"] for mark in marks),
        marks=marks,
    )


def ungraded(submission: Submission, reason: str) -> dict:
    """Return the record of a submission that could not be graded. It has no points, not even 0."""
    return _record(
        submission,
        outcome=COULD_NOT_BE_GRADED,
        reason=reason,
        points=None,
        max_points=None,
        marks=[],
    )


def _record(submission: Submission, **rest) -> dict:
    return {
        "student": submission.student,
        "name": submission.name,
        "files": list(submission.files),
        "digest": submission.digest,
        "late": submission.late,
        "notes": list(submission.notes),
        "columns": submission.columns,
        **rest,
    }


def _of_question(record, answers) -> Result:
    if record.name not in answers.questions:
        return _absent(record)
    given = answers.questions[record.name]
    return _unreadable(record, given) if given.problem else judge_answer(record, given.value)


def _of_formula(record, drawn, answers) -> Result:
    if record.name not in answers.formulas:
        return _absent(record)
    given = answers.formulas[record.name]
    if given.problem:
        return _unreadable(record, given)
    if not isinstance(given.value, str) or not given.value.strip(" ."):
        return make_result(NOT_ATTEMPTED, record.name, record.points)
    try:
        function = as_function(given.value, drawn.names)
    except FormulaError as error:
        return make_result(COULD_NOT_RUN, record.name, record.points, [str(error)])
    return drawn.assess(collect(function, drawn.calls, drawn.names))


def _absent(record) -> Result:
    lines = ["The submission holds nothing for this exercise."]
    return make_result(NOT_ATTEMPTED, record.name, record.points, lines)


def _unreadable(record, given) -> Result:
    return make_result(COULD_NOT_RUN, record.name, record.points, [given.problem])


def _mark(record, outcome, points, mistakes, message) -> dict:
    return {
        "exercise": record.name,
        "outcome": outcome,
        "points": points,
        "max_points": record.points,
        "mistakes": list(mistakes),
        "message": message,
    }
