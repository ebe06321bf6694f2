"""Grading in several processes: the same records whatever the number, and whoever dies."""

import multiprocessing
import os
import signal
import time
from dataclasses import replace

import pytest

from backprop_course.grading.classroom import workers
from backprop_course.grading.submissions import collect_submissions
from tests.grading.classroom.small_class import BROKEN, HANDED_IN, OUTCOMES, PLAN, POINTS, hand_in


@pytest.fixture(scope="module")
def submissions(tmp_path_factory):
    return collect_submissions(hand_in(tmp_path_factory.mktemp("class") / "in", 3)).submissions


@pytest.fixture(scope="module")
def quiet(submissions):
    """What one process gives, undisturbed."""
    return by_student(workers.grade(submissions, PLAN, 1))


def by_student(batches):
    return {record["student"]: record for batch in batches for record in batch}


def test_every_submission_gets_its_record(quiet, submissions):
    assert len(quiet) == len(submissions) == 3 * (len(HANDED_IN) + 1)
    for student, points in POINTS.items():
        record = quiet[student]
        assert record["outcome"] == "graded"
        assert (record["points"], record["max_points"]) == (points, 6)
        assert [mark["outcome"] for mark in record["marks"]] == OUTCOMES[student]


def test_a_mistake_is_named_as_in_the_notebook(quiet):
    mark = quiet["bob"]["marks"][0]
    assert mark["mistakes"] == ["bias-averaged"]
    assert "failed: linear_backward, 0 of 4 points" in mark["message"]


def test_what_cannot_be_read_has_a_reason_and_no_points(quiet):
    record = quiet[BROKEN]
    assert record["outcome"] == "could not be graded"
    assert record["points"] is None
    assert record["reason"]


def test_two_processes_give_the_same(quiet, submissions):
    assert by_student(workers.grade(submissions, PLAN, 2)) == quiet


def test_a_process_that_is_killed_costs_nothing_but_time(quiet, submissions):
    records, killed = {}, False
    for batch in workers.grade(submissions, PLAN, 2):
        records |= by_student([batch])
        if not killed:
            os.kill(multiprocessing.active_children()[0].pid, signal.SIGKILL)
            killed = True
    assert records == quiet


class Deadly:
    """A file whose reading kills the grading process: what no submission should manage to do."""

    def read(self):
        os.kill(os.getpid(), signal.SIGKILL)


def test_a_submission_that_kills_the_grader_is_one_row(quiet, submissions):
    some = [one for one in submissions if one.student in ("ada", "bob", "fay")]
    some[1] = replace(some[1], places=(Deadly(),))
    some[1].__dict__["digest"] = "known"
    records = by_student(workers.grade(some, PLAN, 2))
    assert records["bob"]["outcome"] == "could not be graded"
    assert "ended the process" in records["bob"]["reason"]
    assert records["ada"] == quiet["ada"] and records["fay"] == quiet["fay"]


def test_a_process_that_cannot_begin_stops_the_run(submissions):
    with pytest.raises(KeyError, match="no_such_exercise"):
        list(workers.grade(submissions, replace(PLAN, exercises=("no_such_exercise",)), 1))


def test_no_process_is_left(submissions):
    graded = workers.grade(submissions, PLAN, 2)
    next(graded)
    graded.close()
    deadline = time.monotonic() + 20
    while multiprocessing.active_children() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not multiprocessing.active_children()


def test_a_run_that_is_broken_off_waits_for_nobody(submissions):
    by_name = {one.student: one for one in submissions}
    order = ["ada", "bob", "cleo", "fay", "dan", "dan1", "dan2"]
    patient = replace(PLAN, seconds=30.0)
    graded = workers.grade([by_name[name] for name in order], patient, 2)
    next(graded)
    began = time.monotonic()
    graded.close()
    # Those that loop would take a quarter of a minute each.
    assert time.monotonic() - began < 10
