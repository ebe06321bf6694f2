"""One case of an exercise: what is right there, and what an answer gave."""

from dataclasses import dataclass
from typing import Any

from backprop_course.exercises.record import Case, Exercise
from backprop_course.grading.call import Reply, ask, quoted
from backprop_course.grading.compare import Misfit, Part, take_apart

# Parts that are no array of the answer. The brackets keep them apart from any output's name.
ERROR, REFUSAL, INPUTS, REPEAT = "(error)", "(refusal)", "(inputs)", "(repeat)"


class BrokenExercise(Exception):
    """The exercise itself cannot be solved; the learner is not to blame."""


@dataclass(frozen=True)
class Target:
    """A case with its solution.

    Attributes
    ----------
    case : Case
    inputs : dict
        The arguments by name.
    expected
        What the solution returns, or what ``observe`` sees in it; None if the case must be refused.
    outputs : tuple of str
        The names of its parts.
    """

    case: Case
    inputs: dict[str, Any]
    expected: Any
    outputs: tuple[str, ...]


@dataclass(frozen=True)
class Trial:
    """What an answer gave in one case, part by part."""

    target: Target
    reply: Reply
    parts: dict[str, Part]

    @property
    def case(self) -> Case:
        return self.target.case

    @property
    def right(self) -> bool:
        return not any(part.fault for part in self.parts.values())

    @property
    def crashed(self) -> bool:
        return ERROR in self.parts

    def is_wrong(self, name: str) -> bool:
        return name in self.parts and bool(self.parts[name].fault)


def solve(exercise: Exercise, case: Case, names: tuple[str, ...]) -> Target:
    """Return a case with its solution; ``names`` are those of the arguments."""
    # A case may leave out the last arguments, where the solution has defaults.
    inputs = dict(zip(names, case.args, strict=False))
    if case.raises is not None:
        return Target(case, inputs, None, ())
    return Target(case, inputs, *solution(exercise, case.args))


def solution(exercise: Exercise, args) -> tuple[Any, tuple[str, ...]]:
    """Return the right result for these arguments, and the names of its parts."""
    right = ask(exercise.solve, args)
    if right.crash is None and exercise.view is not None:
        right = ask(exercise.view, (right.value, *args))
    if right.crash is not None:
        raise BrokenExercise(f"{right.crash.kinds[0]}: {right.crash.text}")
    if exercise.view is None:
        return right.value, exercise.outputs
    return tuple(right.value.values()), tuple(right.value)


def compare(exercise: Exercise, target: Target, reply: Reply) -> Trial:
    """Compare what an answer gave with what is right."""
    parts = _parts(exercise, target, reply)
    if reply.changed:
        parts[INPUTS] = Part(INPUTS, (), reply.changed, "inputs")
    return Trial(target, reply, parts)


def _parts(exercise, target, reply) -> dict[str, Part]:
    crash = reply.crash
    if target.case.raises is not None:
        due = target.case.raises.__name__
        refused = crash is not None and due in crash.kinds
        came = crash.kinds[0] if crash else None
        return {REFUSAL: Part(REFUSAL, due, came, "" if refused else "refusal")}
    if crash is not None:
        return {ERROR: Part(ERROR, None, (crash.kinds[0], crash.text), "error")}
    value = reply.value
    if exercise.view is not None and value is not None:
        value = _seen(exercise, target, value)
    return take_apart(target.expected, value, target.outputs, exercise.tolerance)


def _seen(exercise, target, value):
    """Return what ``observe`` sees in a result that cannot be compared directly."""
    seen = ask(exercise.view, (value, *target.case.args)).value
    if not isinstance(seen, dict):
        what = exercise.outputs[0] if exercise.outputs else "The result"
        return Misfit("wrong-type", f"{what} does not have the form that is asked for.")
    return tuple(seen.get(name) for name in target.outputs)


def leaves(value, name=""):
    """Yield what lies in dicts and lists by its path, such as ``caches[0]["W"]``."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from leaves(item, f"{name}[{quoted(key)}]" if name else str(key))
    elif isinstance(value, list | tuple):
        for place, item in enumerate(value):
            yield from leaves(item, f"{name}[{place}]")
    else:
        yield name, value


def replaced(value, other, name=""):
    """Return the same with other leaves at some paths."""
    if isinstance(value, dict):
        return {
            key: replaced(item, other, f"{name}[{quoted(key)}]" if name else str(key))
            for key, item in value.items()
        }
    if isinstance(value, list | tuple):
        items = (replaced(item, other, f"{name}[{place}]") for place, item in enumerate(value))
        return type(value)(items)
    return other.get(name, value)
