"""From bytes to cells: whatever is wrong with a file, there is one sentence or it simply works."""

import json
import time

import pytest

from backprop_course.grading.submissions import CannotRead, read_source
from backprop_course.grading.submissions.cells import cells_of
from backprop_course.grading.submissions.magics import without_magics
from tests.grading.submissions.builders import RIGHT, answers, as_bytes, cell, code, notebook, run

GOOD = as_bytes("import numpy as np", RIGHT)


def read(content, name="hw.ipynb"):
    return read_source(content, name, frozenset({"relu_backward"}))


def is_right(found):
    answer = found.functions["relu_backward"]
    return answer.problem == "" and "return dout * (Z > 0)" in answer.code


def without(key):
    broken = cell(RIGHT)
    del broken[key]
    return json.dumps(notebook("x = 1", broken, RIGHT)).encode()


WORKS = {
    "as it is": GOOD,
    "BOM": b"\xef\xbb\xbf" + GOOD,
    "UTF-16": GOOD.decode().encode("utf-16"),
    "UTF-16 without BOM": GOOD.decode().encode("utf-16-le"),
    "UTF-32": GOOD.decode().encode("utf-32"),
    "CRLF": json.dumps(json.loads(GOOD), indent=1).replace("\n", "\r\n").encode(),
    "CRLF in the source": as_bytes("import numpy as np\r\n\r\n" + RIGHT.replace("\n", "\r\n")),
    "source as a list": as_bytes(cell(RIGHT.splitlines(keepends=True))),
    "all metadata lost": json.dumps({"cells": [cell(RIGHT)]}).encode(),
    "no metadata in cells": json.dumps(
        {"cells": [{"cell_type": "code", "source": RIGHT}]}
    ).encode(),
    "cell without source": without("source"),
    "nbformat 3 label": as_bytes(RIGHT, nbformat=3),
    "nbformat 3": json.dumps(
        {"worksheets": [{"cells": [{"cell_type": "code", "input": RIGHT}]}], "nbformat": 3}
    ).encode(),
    "nbformat 99": as_bytes(RIGHT, nbformat=99, nbformat_minor="x"),
    "unknown kernel": as_bytes(RIGHT, metadata={"kernelspec": {"name": "nosuch"}}),
    "metadata is a list": as_bytes(RIGHT, metadata=[]),
    "ids doubled": as_bytes(cell(RIGHT, id="a"), cell("x = 1", id="a"), cell("y = 2", id=5)),
    "otter_ignore": as_bytes(cell(RIGHT, metadata={"tags": ["otter_ignore", "skip"]})),
    "cells of other kinds": as_bytes(None, 3, [], "x = 1", cell("%%", "raw"), {}, RIGHT),
    "cells of unknown kinds": as_bytes(cell("a b", "widget"), {"cell_type": 3}, RIGHT),
    "source of other kinds": as_bytes({"cell_type": "code", "source": 3}, cell([1, None]), RIGHT),
    "outputs of a megabyte": as_bytes(cell(RIGHT, outputs=[{"text": "x" * 1_000_000}])),
    "lone surrogate elsewhere": as_bytes("x = '\ud800'", RIGHT),
    "NUL elsewhere": as_bytes("x = 1\0", RIGHT),
    "raw control characters": GOOD.replace(b"import", b"import\t"),
    "deep elsewhere": as_bytes("x = " + "-" * 50_000 + "1", "y = a" + ".b" * 50_000, RIGHT),
    "invalid escape": as_bytes("x = '\\d'", RIGHT),
}

FAILS = {
    "empty": (b"", "is empty."),
    "blank": (b" \n\0\0", "is empty."),
    "truncated": (GOOD[:-40], "ends in the middle: it was saved or sent only in part."),
    "truncated early": (GOOD[:30], "ends in the middle: it was saved or sent only in part."),
    "damaged": (GOOD.replace(b'"metadata"', b"metadata"), "is damaged: line 1 is not JSON."),
    "not JSON": (b"import numpy", "is not a notebook: its text is not JSON."),
    "HTML": (b"<html>log in</html>", "is not a notebook: its text is not JSON."),
    "zip": (b"PK\x03\x04" + bytes(range(256)), "is not UTF-8 text, as notebooks are."),
    "other JSON": (b"[1, 2]", "is JSON, but not a notebook: it has no cells."),
    "no cells": (b'{"a": 1}', "is JSON, but not a notebook: it has no cells."),
    "cells no list": (b'{"cells": {}}', "is JSON, but not a notebook: it has no cells."),
    "deep lists": (b"[" * 200_000, "is nested too deeply for a notebook, and was not read."),
    "deep and closed": (
        b'{"cells": ' + b"[" * 5_000 + b"]" * 5_000 + b"}",
        "is nested too deeply for a notebook, and was not read.",
    ),
    "deep objects": (
        b'{"k":' * 50_000 + b"1" + b"}" * 50_000,
        "is nested too deeply for a notebook, and was not read.",
    ),
    "many lists": (
        b"[" + b"[]," * 400_000 + b"[]]",
        "holds more lists and objects than a notebook has, and was not read.",
    ),
    "a long number": (
        b'{"cells": [' + b"1" * 5_000 + b"]}",
        "is damaged: it holds a number of thousands of digits.",
    ),
    "much code": (
        as_bytes("x = 1\n" * 100_000),
        "holds more than 200,000 characters of code, and was not read.",
    ),
    "many statements": (
        as_bytes("x;" * 10_001),
        "holds more than 10,000 statements, and was not read.",
    ),
    "latin-1": (
        as_bytes("x = 1").replace(b"x = 1", b"x = '\xe9'"),
        "is not UTF-8 text, as notebooks are.",
    ),
}


@pytest.mark.parametrize("title", WORKS)
def test_it_simply_works(title):
    assert is_right(read(WORKS[title]))


@pytest.mark.parametrize("title", FAILS)
def test_one_sentence_says_why_it_cannot_be_read(title):
    content, sentence = FAILS[title]
    began = time.perf_counter()
    with pytest.raises(CannotRead) as caught:
        read(content)
    assert str(caught.value) == sentence
    assert time.perf_counter() - began < 5


@pytest.mark.parametrize("cut", range(0, len(GOOD) - 1, 7))
def test_a_notebook_cut_anywhere_has_one_sentence(cut):
    with pytest.raises(CannotRead, match=r"^(is empty|ends in the middle)"):
        read(GOOD[:cut])


def test_markdown_and_raw_cells_do_not_count():
    assert read(as_bytes(cell(RIGHT, "markdown"), cell(RIGHT, "raw"))).functions == {}


def test_a_notebook_without_cells_answers_nothing():
    assert read(as_bytes()).functions == {}


# Python files --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        RIGHT.encode(),
        b"\xef\xbb\xbf" + RIGHT.encode(),
        RIGHT.replace("\n", "\r\n").encode(),
        RIGHT.encode("utf-16"),
        b"# -*- coding: latin-1 -*-\nx = '\xe9'\n" + RIGHT.encode(),
        b"# %%\nx = (\n# %% [markdown]\n# that's it\n# %% more\n" + RIGHT.encode(),
        b"# In[1]:\n\nx = )\n\n# In[ ]:\n\n" + RIGHT.encode(),
    ],
)
def test_a_python_file_is_read_too(content):
    assert is_right(read(content, "hw.py"))


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty."),
        (b"x = '\xe9'", "is not UTF-8 text, as Python files are."),
        (b"# coding: nosuch\nx = 1", "is not UTF-8 text, as Python files are."),
        (b"x = 1\0", "holds NUL bytes, so it is not a text file."),
    ],
)
def test_a_python_file_that_cannot_be_read_has_one_sentence(content, sentence):
    with pytest.raises(CannotRead) as caught:
        read(content, "hw.py")
    assert str(caught.value) == sentence


def test_lines_of_a_python_file_are_counted_from_its_top():
    found = read(b"# %%\nx = 1\n# %%\n\ndef relu_backward(d, Z):\n    return d *\n", "hw.py")
    problem = found.functions["relu_backward"].problem
    assert problem == "could not be read: line 6: SyntaxError: invalid syntax"


# What only IPython understands ---------------------------------------------------------------


@pytest.mark.parametrize(
    "magic",
    [
        "%matplotlib inline",
        "%load_ext autoreload\n%autoreload 2",
        "!pip install numpy",
        "!pip install \\\n    numpy",
        "files = !ls",
        "t = %timeit -o 1 + 1",
        "?print",
        "print?",
        "np.dot??",
        "%%time",
        "\n%%capture out",
        "%%prun -s cumulative",
        "if True:\n    %time 1 + 1",
    ],
)
def test_magics_are_dropped_and_the_rest_stays(magic):
    found = code(magic + "\nimport numpy as np\n" + RIGHT + "\n    # a comment")
    assert found == RIGHT + "\n"


@pytest.mark.parametrize(
    "magic", ["%%bash", "%%writefile a.py", "%%html", "%%timeit", "%%javascript"]
)
def test_cells_in_other_languages_are_dropped(magic):
    assert answers(f"{magic}\n{RIGHT}").functions == {}


def test_what_only_looks_like_a_magic_stays():
    text = 'x = """\n!wow\n%d\nwhat?\n""" \\\n% 5\ny = (7\n% 4)\n%time\n'
    assert without_magics(text).splitlines()[:8] == text.splitlines()[:8]
    assert run(
        "%time\n" + text + "def relu_backward(d, Z):\n    return x, y", name="relu_backward"
    )(0, 0) == ("\n!wow\n5\nwhat?\n", 3)


def test_an_indented_cell_is_read_as_ipython_reads_it():
    indented = "\n".join("    " + line for line in RIGHT.splitlines())
    assert run(indented)(2.0, 1.0) == 2.0


def test_line_numbers_stay_true_behind_magics():
    found = answers("%time\n!ls \\\n  -l\nx = 1\ndef relu_backward(d, Z):\n    return d *\n")
    assert "cell 1, line 6" in found.functions["relu_backward"].problem


def test_cells_are_counted_with_the_text_between_them():
    cells = cells_of(as_bytes(cell("# Title", "markdown"), "x = 1", "", "y = 2"), "hw.ipynb")
    assert [one.label for one in cells] == ["cell 2", "cell 4"]
