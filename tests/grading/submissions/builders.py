"""Small notebooks and classes for the tests of this folder."""

import json
import zipfile
from pathlib import Path

from backprop_course.grading.submissions import (
    collect_submissions,
    read_answers,
    read_source,
)

RIGHT = "def relu_backward(dout, Z):\n    return dout * (Z > 0)"
STARTER = 'def relu_backward(dout, Z):\n    """Say."""\n    raise NotImplementedError("04.1")'
BLANK = {"codes": ["import numpy as np", STARTER, "check(relu_backward)"]}


def cell(source, kind="code", **more):
    if kind != "code":
        return {"cell_type": kind, "metadata": {}, "source": source} | more
    plain = {"execution_count": None, "metadata": {}, "outputs": []}
    return {"cell_type": "code", "source": source} | plain | more


def notebook(*codes, **more):
    cells = [cell(code) if isinstance(code, str) else code for code in codes]
    return {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5} | more


def as_bytes(*codes, **more) -> bytes:
    return json.dumps(notebook(*codes, **more)).encode("utf-8")


def answers(*codes, wanted=("relu_backward", "linear_backward")):
    """Return what is read from a notebook with these code cells."""
    return read_source(as_bytes(*codes), "hw.ipynb", frozenset(wanted))


def code(*codes, name="relu_backward") -> str:
    """Return the code that is taken for one function."""
    answer = answers(*codes, wanted=(name,)).functions[name]
    assert answer.problem == ""
    return answer.code


def run(*codes, name="relu_backward"):
    """Return the function itself, as the grader's child makes it."""
    space = {"__name__": "answer"}
    exec(compile(code(*codes, name=name), "answer", "exec"), space)
    return space[name]


def write(folder: Path, files: dict) -> Path:
    """Write files; a value of None is a notebook with a right answer."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        content = as_bytes(RIGHT) if content is None else content
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    return folder


def pack(path: Path, files: dict) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, as_bytes(RIGHT) if content is None else content)
    return path


def students(collected) -> dict:
    """Return the files by student."""
    return {one.student: one.files for one in collected.submissions}


def encrypt(path: Path) -> Path:
    """Mark the first entry of an archive as encrypted."""
    with zipfile.ZipFile(path) as archive:
        flags = archive.start_dir + 8
    content = bytearray(path.read_bytes())
    content[flags] |= 1
    path.write_bytes(content)
    return path


def overlap(path: Path) -> Path:
    """Let the second entry of an archive begin where the first one does."""
    with zipfile.ZipFile(path) as archive:
        first, *_ = archive.infolist()
        offset = archive.start_dir + 46 + len(first.filename) + 42
    content = bytearray(path.read_bytes())
    content[offset : offset + 4] = bytes(4)
    path.write_bytes(content)
    return path


def pack_links(path: Path, names: list[str]) -> Path:
    """Add links to an archive, or make one of them."""
    with zipfile.ZipFile(path, "a") as archive:
        for name in names:
            link = zipfile.ZipInfo(name)
            link.external_attr = 0o120777 << 16
            archive.writestr(link, "/etc/passwd")
    return path


def reasons(collected) -> dict:
    """Return why a student cannot be graded, for each who cannot."""
    found = {one.student: read_answers(one).problem for one in collected.submissions}
    return {student: problem for student, problem in found.items() if problem}


def collect(folder: Path, files: dict, **options):
    return collect_submissions(write(folder / "class", files), **options)
