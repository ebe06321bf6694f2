"""The same class as notebooks of this course, as an nbgrader assignment and as an otter one.

The tests in the notebooks of the others are the cases of the bank, compared with its solutions: as
many calls of a student's function as our own grading makes.
"""

from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_raw_cell

from benchmarks.grading_class import QUESTIONS, HandedIn, bank, standing_alone

ASSIGNMENT = "backprop"
IMPORTS = "import numpy as np"
OURS = f"{IMPORTS}\nfrom backprop_course import check, hint"
TOOLS = '''\
import copy
import numpy as np

def Case(args, sizes=None, note="", raises=None):
    """What the draws below yield: arguments, and the error that a right answer raises."""
    return args, raises

def same(got, expected):
    """Return whether two results agree: numbers, arrays, and tuples and dicts of them."""
    if isinstance(expected, dict):
        return got.keys() == expected.keys() and all(same(got[k], expected[k]) for k in expected)
    if isinstance(expected, tuple):
        return len(got) == len(expected) and all(map(same, got, expected))
    return np.shape(got) == np.shape(expected) and np.allclose(got, expected)

def refuses(function, args, error):
    """Return whether the function raises what it should."""
    try:
        function(*copy.deepcopy(args))
    except error:
        return True
    return False
'''
VISIBLE = """\
args, _ = next(iter(cases_{name}(np.random.default_rng(0))))
assert {name}(*copy.deepcopy(args)) is not None
"""
HIDDEN = """\
for args, error in cases_{name}(np.random.default_rng(1)):
    if error:
        assert refuses({name}, args, error)
    else:
        assert same({name}(*copy.deepcopy(args)), right_{name}(*copy.deepcopy(args)))
"""
UNTOUCHED = """\
args, _ = next(iter(cases_{name}(np.random.default_rng(2))))
given = copy.deepcopy(args)
result = {name}(*given)
assert all(same(now, before) for now, before in zip(given, args) if not callable(now))
assert same(result, {name}(*copy.deepcopy(args)))
"""
POINTS = 3  # one for each of the three tests of a question


def tests_of(name: str) -> tuple[str, str, str]:
    """Return the three tests of a question; the second is the hidden one and holds the solution."""
    solution = standing_alone(bank()[name].solve, f"right_{name}")
    hidden = f"{solution}\n\n{HIDDEN}"
    return tuple(text.replace("{name}", name) for text in (VISIBLE, hidden, UNTOUCHED))


def tools() -> str:
    """Return the first cell: what the tests need, and the draws of all questions."""
    draws = [standing_alone(one.draw, f"cases_{name}") for name, one in bank().items()]
    return "\n\n".join([TOOLS, *draws])


def save(path: Path, cells: list) -> None:
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(new_notebook(cells=cells, metadata=kernel), path)


def ours(handed_in: HandedIn, path: Path) -> None:
    """Write a notebook as this course gives it out, answered."""
    cells = [new_code_cell(OURS)]
    for name, text in handed_in.cells.items():
        cells += [new_markdown_cell(f"## {name}"), new_code_cell(text)]
        cells += [new_code_cell(f"check({name})"), new_code_cell(f"# hint({name})")]
    save(path, cells)


# nbgrader -----------------------------------------------------------------------------------------


def nbgrader_source(path: Path) -> None:
    """Write the notebook from which nbgrader makes the one for students."""
    cells = [_nbgrader(new_code_cell(tools()), "tools", locked=True)]
    for name, exercise in bank().items():
        text = f"### BEGIN SOLUTION\n{standing_alone(exercise.solve, name)}\n### END SOLUTION"
        cells.append(new_markdown_cell(f"## {name}"))
        cells.append(_nbgrader(new_code_cell(text), name, solution=True))
        first, hidden, last = tests_of(name)
        hidden = f"### BEGIN HIDDEN TESTS\n{hidden}\n### END HIDDEN TESTS"
        for number, test in enumerate((first, hidden, last), start=1):
            one = f"{name}_test_{number}"
            cells.append(_nbgrader(new_code_cell(test), one, grade=True, locked=True, points=1))
    save(path, cells)


def _nbgrader(cell, name, *, grade=False, solution=False, locked=False, points=None):
    told = {"schema_version": 3, "grade_id": name, "grade": grade, "solution": solution}
    told |= {"locked": locked, "task": False} | ({"points": points} if grade else {})
    cell.metadata["nbgrader"] = told
    return cell


def answered(given_out: Path, handed_in: HandedIn, path: Path) -> None:
    """Write a notebook that was given out by nbgrader or otter, with the answers in its cells."""
    notebook = nbformat.read(given_out, as_version=4)
    cells = [cell for cell in notebook.cells if _is_for_an_answer(cell.metadata)]
    for cell, name in zip(cells, QUESTIONS, strict=True):
        cell.source = handed_in.cells[name]
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)


def _is_for_an_answer(metadata: dict) -> bool:
    told = metadata.get("nbgrader", {})
    return told.get("solution", False) or "otter_answer_cell" in metadata.get("tags", ())


# otter --------------------------------------------------------------------------------------------


def otter_source(path: Path) -> None:
    """Write the notebook from which otter makes the one for students and the archive of tests."""
    cells = [new_raw_cell(f"# ASSIGNMENT CONFIG\nname: {ASSIGNMENT}\ninit_cell: true")]
    cells.append(new_code_cell(tools()))
    for name, exercise in bank().items():
        cells.append(new_raw_cell(f"# BEGIN QUESTION\nname: {name}\npoints: {POINTS}"))
        cells += [new_markdown_cell(f"## {name}"), new_raw_cell("# BEGIN SOLUTION")]
        text = standing_alone(exercise.solve, name)
        cells.append(new_code_cell(f"# BEGIN SOLUTION\n{text}\n# END SOLUTION"))
        cells += [new_raw_cell("# END SOLUTION"), new_raw_cell("# BEGIN TESTS")]
        first, hidden, last = tests_of(name)
        cells += [new_code_cell(text) for text in (first, f"# HIDDEN\n{hidden}", last)]
        cells += [new_raw_cell("# END TESTS"), new_raw_cell("# END QUESTION")]
    save(path, cells)
