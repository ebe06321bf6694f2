"""Name the mistake in an answer that is wrong.

First the exercise's listed wrong answers are tried on the same cases: one that gives the same
numbers in an array is what the learner did there. What they leave unexplained goes to the table of
signatures. A wrong name is worse than none, so both must fit in every case.
"""

import inspect
import re
from dataclasses import dataclass, replace
from itertools import permutations
from string import Formatter

import numpy as np

from backprop_course.exercises.record import Exercise, WrongAnswer
from backprop_course.grading import slopes  # noqa: F401 - it adds its signatures to the table
from backprop_course.grading.alter import SENTENCES, Alteration, alterations, can_be_told
from backprop_course.grading.alter import sentence as sentence_of
from backprop_course.grading.call import ask
from backprop_course.grading.compare import Part, alike, numbers, same, take_apart
from backprop_course.grading.result import listed
from backprop_course.grading.signatures import (
    INVARIANTS,
    SIGNATURES,
    Look,
    constant_factor,
    factor_of,
)
from backprop_course.grading.trial import (
    INPUTS,
    REFUSAL,
    REPEAT,
    BrokenExercise,
    Trial,
    compare,
    leaves,
    replaced,
    solution,
)


@dataclass(frozen=True)
class Finding:
    """A mistake with its name and sentence, and the parts that it explains."""

    mistake: str
    sentence: str
    explains: tuple[str, ...]


def diagnose(exercise: Exercise, trials: list[Trial], memory: dict) -> list[Finding]:
    """Return what was found out about a wrong answer, the best explanation first.

    ``memory`` keeps what other functions give in the same cases.
    """
    wrong = list(
        dict.fromkeys(name for trial in trials for name in trial.parts if trial.is_wrong(name))
    )
    candidates = [
        _Candidate(answer, *_overlap(exercise, trials, answer.answer, wrong, memory))
        for answer in exercise.wrong_answers
    ]
    whole = [one for one in candidates if one.spoils == one.explains]
    findings: list[Finding] = []
    for explain in (
        # A listed wrong answer that is there in all that it does, then a signature, and only then
        # one of which the learner made a part: its message may speak of other arrays as well.
        lambda left: _listed(whole, trials, left),
        lambda left: (
            _faults(trials, left)
            + _where_finite(exercise, trials, left)
            + _exchanged(exercise, trials, left)
        ),
        lambda left: _signatures(exercise, trials, left, SIGNATURES),
        lambda left: _listed(candidates, trials, left),
        lambda left: _listed_times_a_factor(exercise, trials, left, memory),
        lambda left: _altered(exercise, trials, left, memory),
        lambda left: _broken_promises(trials, left),
        lambda left: _signatures(exercise, trials, left, INVARIANTS),
    ):
        explained = {name for finding in findings for name in finding.explains}
        findings += explain([name for name in wrong if name not in explained])
    return findings


# The listed wrong answers.


@dataclass(frozen=True)
class _Candidate:
    """A listed wrong answer, the parts that it spoils, and those that it explains here."""

    answer: WrongAnswer
    spoils: frozenset[str]
    explains: frozenset[str]


def _overlap(exercise, trials, function, wrong, memory) -> tuple[frozenset[str], frozenset[str]]:
    """Try another function on the same cases; return the parts that it spoils and explains.

    It explains a part if it spoils it and gives the same as the learner's function in every case.
    """
    spoils: set[str] = set()
    explains = set(wrong)
    for place in _cheapest_first(trials, memory):
        mine, theirs = trials[place], _tried(exercise, trials, place, function, memory)
        spoils |= {name for name in theirs.parts if theirs.is_wrong(name)}
        explains = {
            name
            for name in explains
            if _agree(mine.parts.get(name), theirs.parts.get(name), exercise.tolerance)
        }
        if not explains:
            break
    return frozenset(spoils), frozenset(explains & spoils)


def _cheapest_first(trials: list[Trial], memory: dict) -> list[int]:
    """Return the places of the cases, first those that soonest tell two answers apart."""
    for place, trial in enumerate(trials):
        # One by one, since the trials may be fewer this time: an answer can stop half-way.
        if ("length", place) not in memory:
            inputs = leaves(trial.target.inputs)
            memory["length", place] = sum(np.size(value) for _, value in inputs)
    return sorted(
        range(len(trials)), key=lambda place: (trials[place].right, memory["length", place])
    )


def _tried(exercise, trials, place, function, memory) -> Trial:
    """Return what another function gives in one of the cases."""
    if (function, place) not in memory:
        target = trials[place].target
        reply = ask(function, target.case.args, tuple(target.inputs))
        memory[function, place] = compare(exercise, target, reply)
    return memory[function, place]


def _agree(one: Part | None, other: Part | None, tolerance: float) -> bool:
    if one is None or other is None:
        return one is other
    return alike(one, other, tolerance)


def _listed(candidates, trials, left) -> list[Finding]:
    """Explain as much as possible by as few listed wrong answers as possible."""
    findings: list[Finding] = []
    while useful := [one for one in candidates if one.explains & set(left)]:
        most = max(len(one.explains & set(left)) for one in useful)
        best = [one for one in useful if len(one.explains & set(left)) == most]
        one = min(best, key=lambda one: len(one.spoils))
        explains = tuple(name for name in left if name in one.explains)
        left = [name for name in left if name not in one.explains]
        message = fill_in(one.answer.message, first_fault(trials, explains).case.sizes)
        if one.spoils != one.explains:
            rivals = {other.answer.mistake for other in best if other.explains >= set(explains)}
            if len(rivals) > 1:
                # A part of this and a part of that: which of them it was, nobody can tell.
                continue
            message = f"{_few(explains)}: {message}"
        findings.append(Finding(one.answer.mistake, message, explains))
    return findings


def _listed_times_a_factor(exercise, trials, names, memory) -> list[Finding]:
    """Find a listed wrong answer in an array that beside it is off by a factor with a name."""
    findings: list[Finding] = []
    for name in names:
        looks = _looks(exercise, trials, name)
        # A single number is a multiple of every other.
        if not any(look.got.size >= 3 and not look.right for look in looks):
            continue
        found: dict[tuple[str, str], tuple[Finding, Finding]] = {}
        for one in exercise.wrong_answers:
            tried = (
                _tried(exercise, trials, place, one.answer, memory) for place in range(len(trials))
            )
            beside = _beside(looks, [trial.parts.get(name) for trial in tried], trials)
            evidence = _ask_table(constant_factor, beside)
            if evidence is None or evidence[0] == "constant-factor":
                continue
            mistake, sentence = evidence
            sizes = first_fault(trials, [name]).case.sizes
            on_top = f"On top of that, {sentence.replace('{your}', f'your {name}')}"
            found[one.mistake, mistake] = (
                Finding(one.mistake, f"{name}: {fill_in(one.message, sizes)}", (name,)),
                Finding(mistake, _address(on_top, [name]), (name,)),
            )
        # Two stories would both be guesses.
        if len(found) == 1:
            findings += next(iter(found.values()))
    return findings


def _beside(looks, theirs, trials) -> list[Look]:
    """Return the looks with a listed wrong answer in the place of what is right.

    There are none if that is not wrong in its own way, or not an array of the same form.
    """
    parts = [
        part for part, trial in zip(theirs, trials, strict=True) if looks[0].name in trial.parts
    ]
    beside = []
    for look, part in zip(looks, parts, strict=True):
        wrong = numbers(part.got) if part is not None else None
        if wrong is None or wrong.shape != look.got.shape or not np.isfinite(wrong).all():
            return []
        beside.append(replace(look, expected=wrong))
    own = [replace(look, got=other.expected) for look, other in zip(looks, beside, strict=True)]
    alone = any(factor_of(look) is None for look in own)
    return beside if alone and any(not look.right for look in beside) else []


def fill_in(message: str, sizes: dict[str, int]) -> str:
    """Put the sizes of a case into a message such as ``"exactly {N} times too large"``."""
    try:
        return Formatter().vformat(message, (), _Sizes(sizes))
    except (ValueError, IndexError, AttributeError):
        return message


class _Sizes(dict):
    def __missing__(self, name):
        return f"{{{name}}}"


def first_fault(trials: list[Trial], names) -> Trial:
    """Return the first trial in which one of these parts is wrong."""
    return next(trial for trial in trials if any(map(trial.is_wrong, names)))


# What nobody listed.


def _faults(trials, names) -> list[Finding]:
    """Find what can be said without looking at the numbers of an array."""
    findings = []
    if REPEAT in names:
        sentence = (
            "Called again with the same arguments, your function returns something else. Does it "
            "keep something from the call before, or draw random numbers?"
        )
        # Numbers that change from call to call fit no signature: this explains them all.
        return [Finding("changes-between-calls", sentence, tuple(names))]
    if INPUTS in names:
        changed = list(dict.fromkeys(name for trial in trials for name in trial.reply.changed))
        owned = "which belongs" if len(changed) == 1 else "which belong"
        sentence = (
            f"Your function writes into {_few(changed)}, {owned} to the caller. Work on a copy."
        )
        findings.append(Finding("input-modified", sentence, (INPUTS,)))
    if REFUSAL in names:
        trial = first_fault(trials, [REFUSAL])
        part = trial.parts[REFUSAL]
        which = f" ({trial.case.note})" if trial.case.note else ""
        sentence = (
            f"Your function must refuse one of the inputs{which} with {part.expected}; it "
            f"{f'raises {part.got}' if part.got else 'returns something'}."
        )
        findings.append(Finding("not-refused", sentence, (REFUSAL,)))
    return findings + _misfits(trials, [name for name in names if not name.startswith("(")])


def _misfits(trials, names) -> list[Finding]:
    """Say where no array came at all, or one of a wrong kind, or with nan in it."""
    found: dict[tuple[str, str], list[str]] = {}
    for name in names:
        faults = {t.parts[name].fault: t for t in reversed(trials) if name in t.parts}
        faults.pop("", None)
        if "misfit" in faults:
            misfit = faults["misfit"].parts[name].got
            key = misfit.mistake, misfit.sentence
        elif "nan" in faults:
            key = _not_finite(faults["nan"])
        elif set(faults) == {"dtype"}:
            key = _coarser(faults["dtype"].parts[name])
        else:
            continue
        found.setdefault(key, []).append(name)
    return [
        Finding(mistake, _address(sentence, parts), tuple(parts))
        for (mistake, sentence), parts in found.items()
    ]


def _coarser(part: Part) -> tuple[str, str]:
    dtype = np.asarray(part.got).dtype
    if dtype.kind == "c":
        return "complex-result", "{your} {have} the right numbers, but as complex ones."
    return f"{dtype}-result", (
        f"{{your}} {{are}} right to the few digits of {dtype}. The arguments are "
        f"{np.asarray(part.expected).dtype}, and so must be the result."
    )


def _not_finite(trial: Trial) -> tuple[str, str]:
    bad = trial.reply.first_bad
    sentence = "{your} {have} entries that are not finite."
    if bad is not None:
        # NumPy says "overflow encountered in exp".
        where = f"comes from your line `{bad.line}`" if bad.line else "is"
        sentence += f" NumPy's first complaint {where}: {bad.text}."
    return "not-finite", sentence


def _looks(exercise, trials, name) -> list[Look]:
    """Return one array in all cases that have it; nothing if it is not one of real numbers."""
    looks = []
    for trial in trials:
        part = trial.parts.get(name)
        if part is None:
            if trial.crashed or any(other.fault == "misfit" for other in trial.parts.values()):
                # It would be there if the answer had come in the right form.
                return []
            continue
        got, expected = numbers(part.got), numbers(part.expected)
        if got is None or expected is None or not np.isfinite(expected).all():
            return []
        # What an exercise observes may be counts, which agree by chance.
        kinds = "iuf" if exercise.view is None else "f"
        if got.dtype.kind not in "iuf" or expected.dtype.kind not in kinds:
            return []
        looks.append(
            Look(
                name,
                got,
                expected,
                dict(leaves(trial.target.inputs)),
                trial.case.sizes,
                exercise.tolerance,
                _solver(exercise, trial, name),
            )
        )
    # In one case of several a coincidence is possible: 1 - rate is -1 where the rate is 2.
    cases = sum(trial.case.raises is None for trial in trials)
    return looks if len(looks) >= min(2, cases) else []


def _solver(exercise, trial, name):
    """Return a function that solves this case with some of its arguments replaced."""

    def solve(**other):
        try:
            args = tuple(replaced(trial.target.inputs, other).values())
            value, outputs = solution(exercise, args)
        except BrokenExercise:
            raise ValueError("the solution does not take this") from None
        return take_apart(value, value, outputs, exercise.tolerance)[name].expected

    return solve


def _signatures(exercise, trials, names, table, opening="Your") -> list[Finding]:
    found: dict[tuple[str, str], list[str]] = {}
    for name in names:
        looks = _looks(exercise, trials, name)
        evidence = next(filter(None, (_ask_table(one, looks) for one in table)), None)
        if evidence:
            found.setdefault(evidence, []).append(name)
    return [
        Finding(mistake, _address(sentence, parts, opening), tuple(parts))
        for (mistake, sentence), parts in found.items()
    ]


def _ask_table(signature, looks):
    try:
        return signature(looks) if looks else None
    except Exception:
        # Arrays can be stranger than a signature expects; then it has nothing to say.
        return None


def _where_finite(exercise, trials, names) -> list[Finding]:
    """Find what else is wrong with an array that holds nan in some cases, from the others."""
    findings = []
    for name in names:
        having = [trial for trial in trials if name in trial.parts]
        finite = [trial for trial in having if trial.parts[name].fault != "nan"]
        # One case is little evidence.
        if 2 <= len(finite) < len(having) and any(trial.is_wrong(name) for trial in finite):
            findings += _signatures(
                exercise, finite, [name], SIGNATURES, "Where all is finite, your"
            )
    return findings


def _altered(exercise, trials, names, memory) -> list[Finding]:
    """Find an answer that is the solution with one thing changed."""
    if not any(_is_evidence(exercise, trials, name) for name in names):
        return []
    known = f"{exercise.text} {inspect.signature(exercise.solve)} {exercise.outputs}"
    candidates: list[tuple[Alteration, frozenset[str]]] = []
    for one in alterations(exercise.solve):
        # A result that stands for something else is no story.
        if one.ends and can_be_told(one, known) and not {*one.names} & {*exercise.outputs}:
            spoils, explains = _overlap(exercise, trials, one.function, names, memory)
            # All that the change does must be there.
            if spoils == explains and any(
                _is_evidence(exercise, trials, name) for name in explains
            ):
                candidates.append((one, explains))
    order = list(SENTENCES)
    findings: list[Finding] = []
    left = set(names)
    while useful := [one for one in candidates if one[1] & left]:
        # As much as possible by one change, in the simplest words.
        best, explains = min(
            useful, key=lambda one: (-len(one[1] & left), order.index(one[0].kind))
        )
        parts = tuple(name for name in names if name in explains & left)
        left -= explains
        told = [name for name in parts if not name.startswith("(")]
        kinds = {one.kind for one, also in candidates if also & explains}
        # Single numbers agree by chance where there are many stories.
        if told and (len(kinds) == 1 or any(_is_long(trials, name) for name in told)):
            findings.append(Finding(best.kind, _address(sentence_of(best), told), parts))
    return findings


def _is_long(trials, name) -> bool:
    return any(np.size(trial.parts[name].got) >= 3 for trial in trials if name in trial.parts)


def _broken_promises(trials, names) -> list[Finding]:
    """Name what all right answers have in common, where an exercise looks at nothing else."""
    broken = {}
    for name in names:
        part = first_fault(trials, [name]).parts[name]
        if isinstance(part.expected, bool | np.bool_):
            broken[name] = bool(part.expected), sum(trial.is_wrong(name) for trial in trials)
    # One thing may break another in a special case; the one that is always broken came first.
    most = max((count for _, count in broken.values()), default=0)
    findings = []
    for name, (due, count) in broken.items():
        if count == most:
            slug = "-".join(re.findall(r"[a-z0-9]+", name.lower()))
            findings.append(
                Finding(f"not-{slug}", f"This must hold, and does not: {name}.", tuple(broken))
                if due
                else Finding(slug, f"This must not be, and is: {name}.", tuple(broken))
            )
    return findings


def _is_evidence(exercise, trials, name) -> bool:
    """Whether the wrong numbers of an array are so many that none agrees with them by chance."""
    count = 0
    for trial in trials:
        part = trial.parts.get(name)
        if part is None or part.fault not in ("values", "shape"):
            continue
        got = numbers(part.got)
        due = numbers(part.expected)
        # What an exercise observes may be counts, which agree by chance.
        kinds = "iuf" if exercise.view is None else "f"
        if got is None or due is None or got.dtype.kind not in "iuf" or due.dtype.kind not in kinds:
            return False
        if part.fault == "values":
            got = got[~np.isclose(got, due, rtol=1e-6, atol=0)]
        count += np.count_nonzero(got)
    return count >= 2


def _exchanged(exercise, trials, names) -> list[Finding]:
    """Find results that are right but returned in each other's place."""
    trials = [trial for trial in trials if trial.case.raises is None]
    names = [
        name
        for name in names
        # Small numbers and truth values are too few to tell an exchange from a coincidence.
        if all(name in t.parts and _is_real(t.parts[name].expected) for t in trials)
    ]
    place = {}
    for name, other in permutations(names, 2):
        got_and_due = (
            (numbers(trial.parts[name].got), numbers(trial.parts[other].expected))
            for trial in trials
        )
        if all(got is not None and same(got, due, exercise.tolerance) for got, due in got_and_due):
            place[name] = other
    moved = [name for name in names if name in place]
    if len(moved) < 2 or set(place.values()) != set(moved):
        return []
    sentence = f"{listed(moved)} are right, but stand in each other's place."
    return [Finding("results-exchanged", sentence, tuple(moved))]


def _is_real(value) -> bool:
    """Whether this can be told from a coincidence: digits behind the point, or many before it."""
    array = numbers(value)
    if array is None or array.dtype.kind not in "iuf":
        return False
    return array.dtype.kind == "f" or bool((np.abs(array) >= 10).all())


def _few(names) -> str:
    """Return a list of names, without those that would make it a wall."""
    names = list(names)
    return listed(names if len(names) <= 5 else [*names[:3], f"{len(names) - 3} more"])


def _address(sentence: str, names, opening="Your") -> str:
    """Let a sentence speak of these arrays."""
    many = len(names) > 1
    words = {
        "{your}": f"{opening} {_few(names)}",
        "{are}": "are" if many else "is",
        "{have}": "have" if many else "has",
    }
    for place, word in words.items():
        # Not str.format: a sentence may quote the learner's code, braces and all.
        sentence = sentence.replace(place, word)
    return sentence
