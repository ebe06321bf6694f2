"""nbgrader: an exercise notebook of the course as the source of an nbgrader assignment.

nbgrader (its docs, "Creating and grading assignments", metadata version 3) wants to know which
cells are answers and which give points. The answer of a function is a solution cell whose body is a
solution region; nbgrader puts its own stub there. Behind each check comes a locked cell worth the
exercise's points, whose last expression is the number of points: nbgrader takes that as the mark.
"""

import ast
import copy
import hashlib
import json
import re
from pathlib import Path

from backprop_course.exercises.bank import load_bank
from backprop_course.exercises.record import Exercise
from backprop_course.grading.reports.atomic import replacing

_BEGIN, _END = "### BEGIN SOLUTION", "### END SOLUTION"
_CHECKS = ("check", "check_formula", "check_answer")


class NotUnsolved(ValueError):
    """The notebook is not an unsolved exercise notebook; the message says why."""


def nbgrader_source(path: Path) -> dict:
    """Return an exercise notebook with the metadata of nbgrader, as JSON.

    Parameters
    ----------
    path : Path
        A notebook from the folder ``exercises``, unsolved.

    Raises
    ------
    NotUnsolved
        If it holds no exercise, or an answer.
    """
    try:
        notebook = json.loads(Path(path).read_text("utf-8"))
        bare = [_bare(cell) for cell in notebook["cells"]]
    except (ValueError, TypeError, KeyError):
        raise NotUnsolved(f"{path} is not a notebook.") from None
    bank = load_bank()
    cells, graded = [], 0
    for cell in bare:
        cells.append(cell)
        only = _only_statement(cell)
        if isinstance(only, ast.FunctionDef) and isinstance(bank.get(only.name), Exercise):
            _mark_function(cell, only, path)
        name = _checked(only)
        if name in bank:
            cells.append(_points_cell(cell, bank[name], path))
            graded += 1
    if not graded:
        raise NotUnsolved(f"{path} holds no exercise of the course.")
    return {**notebook, "cells": cells}


def write_nbgrader_source(path: Path, folder: Path) -> Path:
    """Write the source of an assignment into ``folder/NAME/NAME.ipynb``, and return its path."""
    name = Path(path).stem
    target = Path(folder) / name / f"{name}.ipynb"
    source = nbgrader_source(path)
    with replacing(target) as file:
        json.dump(source, file, indent=1, ensure_ascii=False)
        file.write("\n")
    return target


def _only_statement(cell: dict) -> ast.stmt | None:
    """Return what a code cell says, if it is one statement."""
    if cell["cell_type"] != "code":
        return None
    try:
        body = ast.parse(cell["source"]).body
    except (SyntaxError, ValueError):
        # A line such as `%matplotlib inline` is no Python, and no exercise.
        return None
    return body[0] if len(body) == 1 else None


def _bare(cell: dict) -> dict:
    """Return a cell without outputs, its source as one text."""
    cell = copy.deepcopy(cell)
    cell["source"] = "".join(cell["source"])
    cell["metadata"] = dict(cell["metadata"])
    if cell["cell_type"] == "code":
        cell |= {"outputs": [], "execution_count": None}
    return cell


def _mark_function(cell: dict, node: ast.FunctionDef, path) -> None:
    """Make the body of a function, below its docstring, a solution region."""
    if not isinstance(node.body[-1], ast.Raise):
        raise NotUnsolved(f"{path} holds an answer to {node.name}; give the unsolved notebook.")
    lines = cell["source"].split("\n")
    begin = node.body[-2].end_lineno if len(node.body) > 1 else node.lineno
    body = [f"    {_BEGIN}", *lines[begin:], f"    {_END}"]
    cell["source"] = "\n".join([*lines[:begin], *body])
    cell["metadata"]["nbgrader"] = _metadata(f"{node.name}-answer", solution=True)


def _checked(node) -> str | None:
    """Return the name of the exercise that a cell checks, if that is all it does."""
    call = node.value if isinstance(node, ast.Expr) else None
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name) or not call.args:
        return None
    if call.func.id not in _CHECKS:
        return None
    first = call.args[0]
    return first.id if isinstance(first, ast.Name) else getattr(first, "value", None)


def _points_cell(cell: dict, record, path) -> dict:
    """Return the locked cell that gives the points for a check, and let the check be kept."""
    if isinstance(record, Exercise):
        source = f"check({record.name}).points"
    else:
        # What was answered stands in the call, so its result has to be kept.
        blank = re.fullmatch(r'\w+\("[^"]+", (?:""|\.\.\.)\)', cell["source"])
        if blank is None:
            raise NotUnsolved(
                f"{path} holds an answer to {record.name}; give the unsolved notebook."
            )
        result = f"result_{_plain(record.name, '_')}"
        cell["source"] = f"{result} = {cell['source']}\n{result}"
        source = f"{result}.points"
    grade_id = f"{_plain(record.name, '-')}-points"
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": hashlib.sha256(grade_id.encode()).hexdigest()[:12],
        "metadata": {"nbgrader": _metadata(grade_id, points=record.points)},
        "outputs": [],
        "source": f"# Points come from this cell. Leave it as it is.\n{source}",
    }


def _plain(name: str, joint: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", joint, name)


def _metadata(grade_id: str, *, solution: bool = False, points: int | None = None) -> dict:
    found = {
        "grade": points is not None,
        "grade_id": grade_id,
        "locked": points is not None,
        "schema_version": 3,
        "solution": solution,
        "task": False,
    }
    return found if points is None else found | {"points": points}
