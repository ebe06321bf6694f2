"""What a learner calls: check, check_formula, check_answer, hint and progress."""

from backprop_course.exercises.bank import UnknownExercise, find, load_bank
from backprop_course.exercises.record import Exercise, Formula, Question, Record
from backprop_course.grading.formula import FormulaError, as_exercise, as_function
from backprop_course.grading.judge import judge
from backprop_course.grading.progress import Progress
from backprop_course.grading.question import judge_answer
from backprop_course.grading.result import (
    COULD_NOT_RUN,
    NOT_ATTEMPTED,
    PASSED,
    Note,
    Result,
    Table,
    make_result,
    make_table,
    with_line,
)

_CALLS = {
    Exercise: "check({0})",
    Formula: 'check_formula("{0}", "...")',
    Question: 'check_answer("{0}", ...)',
}


def check(function, name: str | None = None, *, seed: int = 0) -> Result:
    """Check a function, and say what is wrong with it and why.

    Parameters
    ----------
    function : callable
        Your function. The exercise is found by its name.
    name : str, optional
        The exercise, where the function has another name.
    seed : int, optional
        Another seed draws other inputs.
    """
    if not callable(function):
        return _cannot("Give the function itself, without quotes or parentheses: check(f).")
    if name is None:
        name = getattr(function, "__name__", "")
        if not name.isidentifier():
            return _cannot('This function has no name. Name the exercise: check(f, "...").')
    return _judged(name, Exercise, lambda exercise: judge(exercise, function, seed))


def check_formula(symbol: str, formula: str, *, seed: int = 0) -> Result:
    """Check a formula given as text, as in ``check_formula("dW", "X.T @ dout")``.

    Parameters
    ----------
    symbol : str
        What the formula is for.
    formula : str
        Names, numbers, ``+ - * / ** @``, ``.T``, ``.sum(axis=...)`` and some functions of NumPy.
    seed : int, optional
        Another seed draws other arrays.
    """

    def judged(record: Formula) -> Result:
        blank = isinstance(formula, str) and not formula.strip(" .")
        if formula is None or formula is Ellipsis or blank:
            return make_result(NOT_ATTEMPTED, symbol, record.points)
        exercise, names = as_exercise(record)
        try:
            function = as_function(formula, names)
        except FormulaError as error:
            return make_result(COULD_NOT_RUN, symbol, record.points, [str(error)])
        return judge(exercise, function, seed)

    return _judged(symbol, Formula, judged)


def check_answer(question: str, answer) -> Result:
    """Check the answer to a question, as in ``check_answer("01.q1", "b")``.

    Parameters
    ----------
    question : str
        The question's name.
    answer : float or str
        A number, or the letter of a choice.
    """
    return _judged(question, Question, lambda record: judge_answer(record, answer))


def hint(exercise) -> Note:
    """Give the next hint. Each call goes one step further, up to the last.

    Parameters
    ----------
    exercise : callable or str
        Your function, or the name of an exercise, formula or question.
    """
    name = exercise if isinstance(exercise, str) else getattr(exercise, "__name__", "")
    record, problem = _find(name)
    if record is None:
        return Note(problem)
    count = len(record.hints)
    if not count:
        return Note(f"There is no hint for {name}.")
    kept = Progress()
    rung = min(kept.hints_read(name) + 1, count)
    kept.keep_hint(name, rung)
    lines = [f"Hint {rung} of {count} for {name}", record.hints[rung - 1]]
    if kept.trouble:
        lines.append(kept.trouble)
    return Note("\n".join(lines))


def progress(lesson: str | int | None = None) -> Note:
    """Show your points: of one lesson, as in ``progress("03")``, or of all.

    Parameters
    ----------
    lesson : str or int, optional
        The lesson's number.
    """
    try:
        bank = load_bank()
    except ValueError as error:
        return Note(f"The bank of exercises is broken: {error}")
    by_lesson: dict[str, list[Record]] = {}
    for record in bank.values():
        by_lesson.setdefault(record.lesson, []).append(record)
    kept = Progress()
    if lesson is None:
        table = _all_lessons(by_lesson, kept)
    else:
        number = str(lesson).strip().zfill(2)
        if number not in by_lesson:
            return Note(
                f"Lesson {lesson} has no exercises. There are some in {', '.join(by_lesson)}."
            )
        table = _one_lesson(number, by_lesson[number], kept)
    return with_line(table, kept.trouble)


def _all_lessons(by_lesson, kept: Progress) -> Table:
    rows = []
    reached = total = 0
    for number, records in by_lesson.items():
        passed = [record for record in records if kept.outcome(record.name) == PASSED]
        points, most = (sum(record.points for record in some) for some in (passed, records))
        rows.append((number, f"{len(passed)} of {len(records)}", f"{points} of {most}"))
        reached, total = reached + points, total + most
    return make_table(f"{reached} of {total} points", ("lesson", "passed", "points"), rows)


def _one_lesson(number, records, kept: Progress) -> Table:
    rows = []
    reached = 0
    for record in records:
        outcome = kept.outcome(record.name)
        points = record.points if outcome == PASSED else 0
        label = f"{record.lesson}.{record.number}"
        rows.append((label, record.title, outcome, f"{points} of {record.points}"))
        reached += points
    total = sum(record.points for record in records)
    return make_table(
        f"Lesson {number}: {reached} of {total} points",
        ("number", "exercise", "best result", "points"),
        rows,
    )


def _judged(name, kind: type[Record], judged) -> Result:
    """Find an exercise of this kind, judge it and keep the result."""
    record, problem = _find(name)
    if record is None:
        return _cannot(problem)
    if not isinstance(record, kind):
        call = _CALLS[type(record)].format(name)
        return _cannot(f"{name} is checked by {call}.")
    result = judged(record)
    kept = Progress()
    kept.keep(record.name, result)
    return with_line(result, kept.trouble)


def _find(name) -> tuple[Record | None, str]:
    """Return the exercise of this name, or why there is none."""
    if not isinstance(name, str) or not name:
        return None, 'Name an exercise as text between quotes, such as "linear_backward".'
    try:
        return find(name), ""
    except (UnknownExercise, ValueError) as error:
        return None, str(error)


def _cannot(reason: str) -> Result:
    return Result(f"{COULD_NOT_RUN}: {reason}", COULD_NOT_RUN)
