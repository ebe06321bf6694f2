"""The class, its notebooks and the report of the grading benchmark; nothing is timed."""

import sys
from itertools import islice

import nbformat
import pytest

from backprop_course.grading.judge import judge
from benchmarks import grading, grading_class, grading_notebooks
from benchmarks.grading_class import CRASHING, LOOPING, QUESTIONS, RIGHT, WRONG
from benchmarks.grading_peers import Run, Trouble, timed


@pytest.fixture(scope="module")
def everybody():
    return grading_class.the_class()


def outcomes(cells):
    """Judge each answer as the notebook would."""
    import numpy as np

    exercises, found = grading_class.bank(), {}
    for name, text in cells.items():
        room = {"np": np}
        exec(text, room)
        found[name] = judge(exercises[name], room[name]).outcome
    return found


def test_the_class_is_the_one_that_was_promised(everybody):
    kinds = [one.kind for one in everybody]
    assert [kinds.count(kind) for kind in (RIGHT, WRONG, CRASHING, LOOPING)] == [24, 10, 5, 1]
    assert len({one.student for one in everybody}) == 40
    assert all(tuple(one.cells) == QUESTIONS for one in everybody)
    assert grading_class.EXIT in {one.student for one in everybody if "_exit" in str(one.cells)}


def test_the_right_are_right_and_not_all_the_same(everybody):
    right = [one.cells for one in everybody if one.kind == RIGHT]
    assert len({tuple(cells.values()) for cells in right}) > 10
    for cells in right[:4]:
        assert set(outcomes(cells).values()) == {"passed"}


def test_the_wrong_are_wrong_in_two_answers(everybody):
    for one in everybody:
        if one.kind == WRONG:
            found = outcomes(one.cells)
            assert tuple(name for name in found if found[name] != "passed") == tuple(
                name for name in QUESTIONS if name in one.mistaken
            )


def test_repeated_mistakes_can_be_made_unlike(everybody):
    wrong = [one for one in everybody if one.kind == WRONG][:1]
    alike = list(islice(grading_class.repeated(wrong), 3))
    unlike = list(islice(grading_class.repeated(wrong, unlike=True), 3))
    assert len({one.student for one in unlike}) == 3
    assert len({tuple(one.cells.values()) for one in alike}) == 1
    assert len({tuple(one.cells.values()) for one in unlike}) == 3
    assert list(outcomes(unlike[2].cells).values()).count("passed") == 3


def test_the_source_for_nbgrader_hides_solutions(tmp_path):
    grading_notebooks.nbgrader_source(tmp_path / "source.ipynb")
    cells = nbformat.read(tmp_path / "source.ipynb", as_version=4).cells
    told = [cell.metadata.get("nbgrader", {}) for cell in cells]
    assert sum(one.get("points", 0) for one in told) == len(QUESTIONS) * grading_notebooks.POINTS
    assert sum(one.get("solution", False) for one in told) == len(QUESTIONS)
    shown = [cell.source for cell in cells if "BEGIN" not in cell.source]
    assert not any(f"def right_{name}" in text for text in shown for name in QUESTIONS)
    compile("\n\n".join(cell.source for cell in cells if cell.cell_type == "code"), "all", "exec")


def test_answers_take_the_place_of_starters(everybody, tmp_path):
    grading_notebooks.nbgrader_source(tmp_path / "given_out.ipynb")
    grading_notebooks.answered(tmp_path / "given_out.ipynb", everybody[0], tmp_path / "in.ipynb")
    sources = [cell.source for cell in nbformat.read(tmp_path / "in.ipynb", as_version=4).cells]
    assert all(text in sources for text in everybody[0].cells.values())


def test_the_source_for_otter_has_all_its_parts(tmp_path):
    grading_notebooks.otter_source(tmp_path / "master.ipynb")
    cells = nbformat.read(tmp_path / "master.ipynb", as_version=4).cells
    heads = [cell.source.split("\n")[0] for cell in cells if cell.cell_type == "raw"]
    for part in ("QUESTION", "SOLUTION", "TESTS"):
        assert heads.count(f"# BEGIN {part}") == heads.count(f"# END {part}") == len(QUESTIONS)


def test_a_command_that_does_not_end_is_stopped(tmp_path):
    sleep = [sys.executable, "-c", "import time; time.sleep(600)"]
    run = timed(sleep, tmp_path, {}, patience=0.2)
    assert run.stopped and run.seconds < 60


def test_a_grader_that_errs_is_refused(everybody):
    points = {one.student: (14, 14) for one in everybody if one.kind == RIGHT}
    wrong = next(one for one in everybody if one.kind == WRONG)
    grading._check("ours", everybody[:24], Run(1, 1, points))
    with pytest.raises(Trouble, match=f"ours gave {wrong.student} 14 of 14 points"):
        grading._check("ours", [wrong], Run(1, 1, {wrong.student: (14, 14)}))
    with pytest.raises(Trouble, match="no result"):
        grading._check("ours", everybody[:1], Run(1, 1, {}))


class Told:
    """Stands for a contest that was held."""

    loads = (0.5, 2.0)
    fates = (grading.Fate("ours", "2 s; 11 of 14 points", "10 of 14 points"),)

    def __init__(self, seconds):
        lines = [
            grading.Measured("ours, 2 jobs", grading.SMALL, 39, [Run(3.9, 3.9)]),
            grading.Measured("ours, 2 jobs", grading.LARGE, 1000, [Run(seconds, 20.0)] * 3),
            grading.Measured("nbgrader autograde", grading.SMALL, 39, [Run(39.0, 39.0)], turn=1),
        ]
        self.lines = {(line.grader, line.what): line for line in lines}


def test_others_are_compared_with_what_ours_took_beside_them():
    ours = grading.Measured("ours", grading.LARGE, 10, [Run(s, 0.0) for s in (1, 3, 70, 90)])
    peer = grading.Measured("peer", grading.SMALL, 5, [Run(100.0, 0.0)], turn=3)
    assert peer.times(ours) == (100 / 5) / (80 / 10)


def test_the_report_says_which_goals_are_met():
    met = [row[-1] for row in grading.goals(Told(10.0))]
    assert met == ["yes", "yes", "no"]
    assert [row[-1] for row in grading.goals(Told(100.0))] == ["no", "no", "no"]
    text = grading.report(Told(10.0))
    assert "| ours, 2 jobs | 1000, repeated | 0.01 | 6,000 | 0.02 |  |" in text
    assert "| nbgrader autograde | class of 39 | 1.0 | 60 | 1.0 | 100 |" in text
    assert "load of the machine, ours included: 0.5 to 2.0" in text


def test_the_readme_has_a_place_for_the_report(tmp_path):
    text = grading.README.read_text("utf-8")
    assert text.count(grading.BEGIN) == text.count(grading.END) == 1
    copy = tmp_path / "README.md"
    copy.write_text(text, "utf-8")
    for report in ("an old one", "a new one"):
        grading.save(report, copy)
    assert "a new one" in copy.read_text("utf-8") and "an old one" not in copy.read_text("utf-8")
