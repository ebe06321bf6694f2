"""Tiny files of a bank in a temporary folder, and how to read them."""

import importlib.util
import itertools
from pathlib import Path

from backprop_course.exercises.record import Exercise, Formula, Question, Record

FUNCTION = '''\
r"""Multiply. For `x = [1.]` and `w = 3.` the answer is `[3.]`."""

import numpy as np

from backprop_course.exercises.record import Case, Exercise

exercise = Exercise(
    title="Scale an array",
    number=1,
    points=2,
    minutes=5,
    level=1,
    outputs=("out",),
    hints=("Look at w.", "It is a product.", "Each entry of x is taken w times."),
)


@exercise.solution
def scale(x, w):
    """Return ``x`` scaled by ``w``.

    Parameters
    ----------
    x : ndarray of shape (N,)
    w : float

    Returns
    -------
    out : ndarray of shape (N,)
    """
    # BEGIN SOLUTION
    return np.multiply(w, x)
    # END SOLUTION


@exercise.cases
def cases(rng):
    yield Case((rng.normal(size=4), 2.0), sizes={"N": 4})
    yield Case((rng.normal(size=3), -1.5), sizes={"N": 3, "D": 2})


@exercise.wrong("sign", "All {N} entries have the wrong sign.")
def sign(x, w):
    return -w * x
'''

FORMULA = '''\
r"""What is the gradient with respect to $x$?"""

from backprop_course.exercises.record import Case, Formula

exercise = Formula(
    title="Its gradient",
    number=2,
    points=1,
    minutes=1,
    level=1,
    symbol="dx_scaled",
    answer="w * dout",
    hints=("Which factor stays?",),
)


@exercise.cases
def cases(rng):
    yield Case(({"w": 2.0, "dout": rng.normal(size=4)},), sizes={"N": 4})


exercise.wrong("upstream-ignored", "w", "What arrives from above takes no part.")
'''

QUESTION = '''\
r"""Which is larger?"""

from backprop_course.exercises.record import Question

exercise = Question(
    title="Compare",
    number=3,
    points=1,
    minutes=2,
    level=1,
    answer="b",
    because="Three is more than two.",
    choices={"a": "two", "b": "three"},
    hints=("Count.",),
)

exercise.wrong("too-small", "a", "One finger is missing.")
'''

FILES = {
    "scale.py": FUNCTION,
    "formula_dx_scaled.py": FORMULA,
    "question_compare.py": QUESTION,
}

_count = itertools.count()


def read(path: Path) -> Record:
    """Load one file as the bank would, from wherever it lies."""
    spec = importlib.util.spec_from_file_location(f"tiny_exercise_{next(_count)}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    record = module.exercise
    record.lesson = path.parent.name.removeprefix("lesson_")
    record.text = (module.__doc__ or "").strip()
    record.source = str(path)
    names = {Exercise: path.stem, Question: f"{record.lesson}.q1"}
    record.name = record.symbol if isinstance(record, Formula) else names[type(record)]
    return record


def write(folder: Path, files: dict[str, str] | None = None, lesson: str = "03") -> list[Record]:
    """Write these files (the three above by default) as a lesson's exercises and load them."""
    place = folder / f"lesson_{lesson}"
    place.mkdir(parents=True, exist_ok=True)
    records = []
    for name, text in (FILES if files is None else files).items():
        (place / name).write_text(text, encoding="utf-8")
        records.append(read(place / name))
    return records
