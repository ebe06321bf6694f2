"""A small class for the tests: what each student hands in, and what must come out."""

import nbformat

from backprop_course.grading.classroom.marking import Plan

PLAN = Plan(("linear_backward", "dW", "03.q1"), seed=11)

RIGHT = """
import numpy as np
from backprop_course import check, check_answer, check_formula

def linear_backward(dout, X, W, b):
    return dout @ W.T, X.T @ dout, dout.sum(axis=0)

check(linear_backward)
check_formula("dW", "X.T @ dout")
check_answer("03.q1", 14)
"""
HANDED_IN = {
    "ada": RIGHT,
    "bob": RIGHT.replace("dout.sum(axis=0)", "dout.mean(axis=0)"),
    "cleo": "raise RuntimeError('nothing here yet')",
    "dan": "import numpy as np\ndef linear_backward(dout, X, W, b):\n    while True:\n        pass",
    "eve": "def linear_backward(dout, X, W, b):\n    import os\n    os._exit(0)",
    "fay": RIGHT.replace("X.T @ dout", "dout.T @ X").replace("14)", "14.5)"),
}
POINTS = {"ada": 6, "bob": 2, "cleo": 0, "dan": 0, "eve": 0, "fay": 0}
OUTCOMES = {
    "ada": ["passed", "passed", "passed"],
    "bob": ["failed", "passed", "passed"],
    "cleo": ["not attempted", "not attempted", "not attempted"],
    "dan": ["could not run", "not attempted", "not attempted"],
    "eve": ["could not run", "not attempted", "not attempted"],
    "fay": ["failed", "failed", "failed"],
}
BROKEN = "gus"  # hands in half a notebook


def hand_in(folder, copies=1):
    """Write the notebooks of the class, some times over, and return the folder."""
    folder.mkdir()
    for copy in range(copies):
        for student, code in HANDED_IN.items():
            notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
            nbformat.write(notebook, folder / f"{student}{copy or ''}.ipynb")
        (folder / f"{BROKEN}{copy or ''}.ipynb").write_text('{"cells": [{"cell_type": "co')
    return folder
