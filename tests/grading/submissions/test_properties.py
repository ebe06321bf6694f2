"""What is true of every notebook: moving, doubling, tagging and clearing cells changes nothing."""

import ast
import json
import random
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backprop_course.exercises.bank import load_bank
from backprop_course.exercises.record import Exercise
from backprop_course.grading.judge import judge
from backprop_course.grading.result import PASSED
from backprop_course.grading.submissions import CannotRead, read_source
from backprop_course.grading.submissions.names import natural, owners
from backprop_course.grading.submissions.places import shown
from tests.grading.submissions.builders import as_bytes

ROOT = Path(__file__).resolve().parents[3]
SOLVED = json.loads((ROOT / "solutions" / "03_matrix_gradients.ipynb").read_text("utf-8"))
FULL = read_source(json.dumps(SOLVED).encode(), "a.ipynb")
QUICK = settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))


def lines(answers):
    """Return the functions as sets of lines, since moved cells are put in another order."""
    return {name: sorted(one.code.split("\n")) for name, one in answers.functions.items()}


@QUICK
@given(st.randoms(use_true_random=False))
def test_moved_doubled_and_retagged_cells_change_no_answer(rng):
    cells = json.loads(json.dumps(SOLVED["cells"]))
    for cell in list(cells):
        change = rng.choice(["double", "tag", "clear", "list", "no id", "copy id", "none"])
        if change == "double":
            cells.insert(rng.randrange(len(cells) + 1), dict(cell))
        elif change == "tag":
            cell["metadata"] = {"tags": ["otter_ignore", "remove-cell"], "deletable": False}
        elif change == "clear":
            cell.pop("metadata", None)
            cell.pop("outputs", None)
            cell.pop("execution_count", None)
        elif change == "list":
            cell["source"] = "".join(cell["source"]).splitlines(keepends=True)
        elif change == "no id":
            cell.pop("id", None)
        elif change == "copy id":
            cell["id"] = cells[0].get("id")
    kept = [cell for cell in cells if cell["cell_type"] == "code" or rng.random() < 0.5]
    rng.shuffle(kept)
    checks = [cell for cell in kept if "".join(cell["source"]).startswith("check(")]
    for cell in checks[: rng.randrange(len(checks) + 1)]:
        kept.remove(cell)
    found = read_source(json.dumps({"cells": kept}).encode(), "a.ipynb")
    assert lines(found) == lines(FULL)
    assert (found.formulas, found.questions) == (FULL.formulas, FULL.questions)


@pytest.mark.parametrize("seed", range(6))
def test_a_shuffled_notebook_earns_the_same(seed):
    cells = list(SOLVED["cells"])
    random.Random(seed).shuffle(cells)
    found = read_source(json.dumps({"cells": cells}).encode(), "a.ipynb")
    for name, record in load_bank().items():
        if isinstance(record, Exercise) and record.lesson == "03":
            space = {}
            exec(compile(found.functions[name].code, "answer", "exec"), space)
            assert judge(record, space[name]).outcome == PASSED


NAMES = st.sampled_from(["relu_backward", "a", "b", "c", "np"])
BODIES = st.recursive(
    st.one_of(NAMES, st.sampled_from(["1", "'x'", "..."])),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda two: f"({two[0]} + {two[1]})"),
        st.tuples(NAMES, inner).map(lambda two: f"(lambda {two[0]}: {two[1]})"),
        st.tuples(NAMES, inner, inner).map(lambda t: f"[{t[1]} for {t[0]} in {t[2]}]"),
        st.tuples(NAMES, inner).map(lambda two: f"({two[0]} := {two[1]})"),
        st.tuples(inner, inner).map(lambda two: f"{two[0]}({two[1]})"),
    ),
    max_leaves=6,
)
STATEMENTS = st.one_of(
    st.tuples(NAMES, BODIES).map(lambda two: f"{two[0]} = {two[1]}"),
    st.tuples(NAMES, BODIES).map(lambda two: f"{two[0]} += {two[1]}"),
    st.tuples(NAMES, NAMES, BODIES).map(lambda t: f"def {t[0]}({t[1]}):\n    return {t[2]}"),
    st.tuples(NAMES, NAMES, BODIES).map(
        lambda t: f"def {t[0]}():\n    global {t[1]}\n    {t[1]} = {t[2]}"
    ),
    st.tuples(NAMES, BODIES).map(lambda two: f"class {two[0]}:\n    a = {two[1]}"),
    st.tuples(NAMES, BODIES).map(lambda two: f"for {two[0]} in {two[1]}:\n    b = 1"),
    st.tuples(NAMES, BODIES).map(lambda two: f"if {two[1]}:\n    {two[0]} = 2"),
    NAMES.map(lambda name: f"import numpy as {name}"),
    NAMES.map(lambda name: f"from numpy import {name}"),
    BODIES,
    st.sampled_from(["del a", "from numpy import *", "%time a", "x ="]),
)


@QUICK
@given(st.lists(STATEMENTS, max_size=12))
def test_any_program_is_read_and_what_is_taken_is_part_of_it(cells):
    found = read_source(as_bytes(*cells), "a.ipynb", frozenset({"relu_backward"}))
    answer = found.functions.get("relu_backward")
    if answer is not None and not answer.problem:
        ast.parse(answer.code)
        written = "\n".join(cells)
        assert all(line in written for line in answer.code.split("\n"))


@QUICK
@given(st.one_of(st.binary(max_size=300), st.text(max_size=300).map(lambda t: t.encode())))
def test_any_bytes_are_read_or_refused_in_one_sentence(content):
    for name in ("a.ipynb", "a.py"):
        try:
            read_source(content, name)
        except CannotRead as error:
            assert str(error).endswith(".") and "\n" not in str(error)


@QUICK
@given(
    st.recursive(
        st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=9)),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(
                st.sampled_from(["cells", "cell_type", "source", "worksheets", "input"]),
                inner | st.just("code"),
                max_size=4,
            )
        ),
        max_leaves=20,
    )
)
def test_any_json_is_read_or_refused_in_one_sentence(value):
    try:
        read_source(json.dumps(value).encode(), "a.ipynb")
    except CannotRead as error:
        assert str(error).endswith(".")


@QUICK
@given(st.binary(min_size=1, max_size=40), st.integers(0, 100_000))
def test_a_notebook_with_flipped_bytes_is_read_or_refused(noise, where):
    content = bytearray(json.dumps(SOLVED).encode())
    where %= len(content)
    content[where : where + len(noise)] = noise
    try:
        read_source(bytes(content), "a.ipynb")
    except CannotRead as error:
        assert str(error).endswith(".")


PARTS = st.text(st.characters(exclude_characters="/\0"), min_size=1, max_size=20).filter(
    lambda part: part not in (".", "..")
)
TAILS = st.sampled_from(
    ["_1_2_hw.ipynb", " (1).ipynb", "-1.py", "_03_matrix_gradients.ipynb", ".md"]
)


@QUICK
@given(
    st.lists(
        st.lists(PARTS, max_size=3)
        .map(tuple)
        .flatmap(lambda above: st.tuples(PARTS, TAILS).map(lambda two: (*above, two[0] + two[1]))),
        max_size=8,
    ),
    st.booleans(),
)
def test_every_file_has_an_owner_with_a_name(paths, packed):
    paths = [tuple(map(shown, parts)) for parts in paths]
    found = owners(paths, "class", packed=packed)
    assert len(found) == len(paths)
    assert all(one.student and one.name and one.file for one in found)
    sorted((one.student for one in found), key=natural)


def test_reading_a_notebook_takes_a_few_milliseconds():
    # Ten times the time on the machine this was written on, and of the best of five.
    content = json.dumps(SOLVED).encode()
    best = min(_seconds(content) for _ in range(5))
    assert best < 0.03


def _seconds(content):
    began = time.perf_counter()
    read_source(content, "a.ipynb")
    return time.perf_counter() - began


def test_hostile_code_is_not_waited_for():
    # The most code that is read, in the form that takes longest.
    for code in ("x = f(a, b) + 1\n" * 9_900, "def relu_backward(): f(1)\n" * 7_000):
        began = time.perf_counter()
        try:
            read_source(as_bytes(code), "a.ipynb")
        except CannotRead:
            pass
        assert time.perf_counter() - began < 20
