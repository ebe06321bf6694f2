"""The lines of a report: which arrays are right, what the mistake is, one number as evidence."""

import numpy as np

from backprop_course.exercises.record import Case, Exercise
from backprop_course.grading.call import TIME_LIMIT, Reply
from backprop_course.grading.compare import Part, excess, numbers
from backprop_course.grading.diagnose import Finding, first_fault
from backprop_course.grading.result import aligned, listed, number
from backprop_course.grading.trial import REPEAT, Trial, leaves

_LONG_OUTPUT = 2_000  # characters printed that are worth a word
_MOST_ROWS = 6
_MOST_FINDINGS = 3


def name_of(exercise: Exercise) -> str:
    return exercise.name or exercise.solve.__name__


def praise(cases: list[Case]) -> list[str]:
    if len(cases) == 1:
        return ["The result agrees."]
    notes = [case.note for case in cases if case.note]
    among = f", among them: {'; '.join(notes)}" if notes else ""
    return [f"All {len(cases)} cases agree{among}."]


def failure(exercise: Exercise, trials: list[Trial], findings: list[Finding]) -> list[str]:
    """Return the lines below the verdict for an answer that is wrong."""
    shown = _shown(trials, findings)
    explained = {name for finding in findings for name in finding.explains}
    lines = _table(trials, shown) + _sentences(findings)
    if not any(trial.is_wrong(REPEAT) for trial in trials):
        # Numbers that change from call to call are no evidence.
        lines += _only_some(exercise, trials, explained)
        lines += _worst(exercise, trials, shown, explained)
    return lines + _hint(exercise)


def crash(
    exercise: Exercise, trials: list[Trial], crashed: Trial, findings: list[Finding]
) -> list[str]:
    """Return the lines below the verdict for an answer that stopped with an error."""
    error = crashed.reply.crash
    if _is_formula(exercise) and "FormulaError" in error.kinds:
        return [error.text, *_sentences(findings), *_hint(exercise)]
    lines = [f"{error.kinds[0]}: {error.text}" if error.text else error.kinds[0]]
    if error.line:
        lines.append(f"It comes from your line `{error.line}`")
    lines += _sentences(findings)
    shapes = [
        f"{name} {np.shape(value)}"
        for name, value in crashed.target.inputs.items()
        if isinstance(value, np.ndarray)
    ]
    where = _describe(crashed)
    if shapes and len(shapes) <= 6 and crashed.case.sizes:
        where += f": {', '.join(shapes)}"
    lines.append(f"{where}.")
    count = sum(1 for trial in trials if trial.crashed)
    if count < len(trials):
        lines[-1] += f" {len(trials) - count} of {len(trials)} cases run."
    return [*lines, *_hint(exercise)]


def time_up(exercise: Exercise, trial: Trial) -> list[str]:
    """Return the lines below the verdict for an answer that did not end."""
    crash = trial.reply.crash
    lines = [f"{crash.text or f'Stopped after {TIME_LIMIT:g} seconds.'} Does a loop never end?"]
    if crash.line:
        lines.append(f"It was then at your line `{crash.line}`")
    return lines + _hint(exercise)


def about_printing(replies: list[Reply]) -> list[str]:
    printed = sum(reply.printed for reply in replies)
    if printed <= _LONG_OUTPUT:
        return []
    return [f"Your function printed {printed:,} characters meanwhile; they are left out here."]


def _shown(trials: list[Trial], findings: list[Finding]) -> Trial:
    """Choose the case to show: the one a sentence speaks of, or the smallest that fails."""
    bad = [t for t in trials if any(part.fault == "nan" for part in t.parts.values())]
    if bad and findings and findings[0].mistake == "not-finite":
        return bad[0]
    if findings:
        return first_fault(trials, findings[0].explains)
    wrong = [trial for trial in trials if not trial.right]
    return min(wrong, key=lambda t: sum(np.size(value) for _, value in leaves(t.target.inputs)))


def _names(trials: list[Trial]) -> list[str]:
    """Return the arrays of the answer, in order."""
    names = dict.fromkeys(name for trial in trials for name in trial.parts)
    return [name for name in names if not name.startswith("(")]


def _is_wrong(trials: list[Trial], name: str) -> bool:
    return any(trial.is_wrong(name) for trial in trials)


def _table(trials: list[Trial], shown: Trial) -> list[str]:
    rows = [(name, *_row(trials, shown, name)) for name in _names(trials)]
    if len(rows) <= _MOST_ROWS:
        return aligned(rows)
    # What only other cases have is counted: row by row it would hide what this case shows.
    kept = [row for row in rows if row[0] in shown.parts]
    if len(kept) > _MOST_ROWS:
        kept = [row for row in kept if row[2] != "right"][: _MOST_ROWS - 1]
    left = [row for row in rows if row not in kept]
    return [*aligned(kept), f"  {_counted(left, bool(kept))}"]


def _counted(rows, more: bool) -> str:
    wrong = sum(verdict != "right" for _, _, verdict in rows)
    verdict = {0: "all right", len(rows): "all wrong"}.get(wrong, f"{wrong} of them wrong")
    return f"{f'and {len(rows)} more' if more else f'{len(rows)} results'}, {verdict}"


def _row(trials, shown, name) -> tuple[str, str]:
    """Return the shape of an array in the shown case, and the verdict on it."""
    part = shown.parts.get(name)
    shape = _shape(part) if part else "-"
    if part is None or not part.fault:
        return shape, "wrong in another case" if _is_wrong(trials, name) else "right"
    if part.fault == "shape":
        return shape, f"wrong shape, {np.shape(part.expected) or 'a number'} belongs here"
    verdicts = {
        "misfit": "missing",
        "dtype": "wrong kind of number",
        "nan": "not finite",
        "values": "wrong",
    }
    return shape, verdicts[part.fault]


def _shape(part: Part) -> str:
    if isinstance(part.got, bool | np.bool_):
        return _short(part.got)
    array = numbers(part.got)
    if array is None:
        return "-"
    return str(array.shape) if array.ndim else "number"


def _sentences(findings: list[Finding]) -> list[str]:
    return list(dict.fromkeys(finding.sentence for finding in findings))[:_MOST_FINDINGS]


def _only_some(exercise, trials, explained) -> list[str]:
    """Say which arrays are right, where nothing else is known about the wrong ones."""
    names = _names(trials)
    puzzling = [name for name in names if _is_wrong(trials, name) and name not in explained]
    right = [name for name in names if not _is_wrong(trials, name)]
    if exercise.view is not None or not puzzling or not 0 < len(right) <= 4 or len(puzzling) > 4:
        return []
    return [
        f"{listed(right)} {_are(right)} right, so the fault lies in how {listed(puzzling)} "
        f"{_are(puzzling)} made."
    ]


def _are(names) -> str:
    return "is" if len(names) == 1 else "are"


def _worst(exercise, trials, shown, explained) -> list[str]:
    """Return one line with the worst entry of the array that most needs it."""
    wrong = [
        part
        for part in shown.parts.values()
        if part.fault in ("values", "nan") and not part.name.startswith("(")
    ]
    wrong.sort(key=lambda part: part.name in explained)
    lines = []
    if wrong:
        lines.append(f"{_describe(shown)}: {_evidence(exercise, wrong[0], explained)}.")
    failing = [trial for trial in trials if not trial.right]
    notes = [trial.case.note for trial in failing]
    # Worth a word if the plain cases are right and only special ones are not.
    if len(failing) < len(trials) and all(notes) and len(notes) <= 3:
        lines.append(f"{len(failing)} of {len(trials)} cases fail: {'; '.join(notes)}.")
    return [" ".join(lines)] if lines else []


def _evidence(exercise, part: Part, explained) -> str:
    got, expected = numbers(part.got), numbers(part.expected)
    if got is None or expected is None or isinstance(part.expected, bool | np.bool_):
        return f"{part.name} is {_short(part.got)}, expected {_short(part.expected)}"
    over = excess(got, expected, exercise.tolerance)
    if part.fault == "nan":
        entry = np.argmax(~np.isfinite(got) & np.isfinite(expected))
    else:
        with np.errstate(all="ignore"):
            off = np.where(over > 1, np.abs(np.subtract(got, expected, dtype=complex)), 0.0)
        # Several entries may be worst up to rounding; the first of them is the same everywhere.
        entry = (
            np.argmax(off >= (1 - 1e-6) * off.max()) if np.isfinite(off).all() else np.argmax(over)
        )
    index = np.unravel_index(entry, got.shape)
    place = f"[{', '.join(map(str, index))}]" if index else ""
    scale = float(np.abs(expected[np.isfinite(expected)]).max(initial=0.0))
    text = (
        f"{part.name}{place} is {number(got[index].item(), scale)}, "
        f"expected {number(expected[index].item(), scale)}"
    )
    if part.name in explained or got.size < 2:
        return text
    return f"{text}; {_extent(over > 1)}"


def _extent(wrong: np.ndarray) -> str:
    """Say how far a fault reaches: in how many entries, and whether all are in one row."""
    count = np.count_nonzero(wrong)
    text = f"{count} of {wrong.size} entries {'is' if count == 1 else 'are'} wrong"
    if count > 1 and wrong.ndim == 2:
        for axis, word in ((1, "row"), (0, "column")):
            lines = np.flatnonzero(wrong.any(axis=axis))
            if len(lines) == 1 and wrong.shape[1 - axis] > 1:
                return f"{text}, all in {word} {lines[0]}"
    return text


def _short(value) -> str:
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    text = str(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _describe(trial: Trial) -> str:
    """Return which case this is: its sizes, or its numbers, and what is special about it."""
    known = [f"{name}={value}" for name, value in trial.case.sizes.items()]
    if not known:
        values = trial.target.inputs.items()
        if all(isinstance(value, int | float) for _, value in values):
            known = [f"{name}={number(value)}" for name, value in values]
        else:
            known = [
                f"{name} {np.shape(value)}"
                for name, value in values
                if isinstance(value, np.ndarray)
            ]
    text = f"With {', '.join(known)}" if known else "In one case"
    return f"{text} ({trial.case.note})" if trial.case.note else text


def _hint(exercise: Exercise) -> list[str]:
    if not exercise.hints:
        return []
    name = name_of(exercise)
    passed = f'"{name}"' if _is_formula(exercise) else name
    return [f"hint({passed}) goes one step further."]


def _is_formula(exercise: Exercise) -> bool:
    # It has no function of its name that could be passed.
    return exercise.solve.__name__ != name_of(exercise)
