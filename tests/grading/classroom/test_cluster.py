"""Grading on a cluster of real worker processes: the same records, and a worker may die."""

import os
import signal

import pytest

from backprop_course.grading.classroom import workers
from backprop_course.grading.classroom.cluster import Cluster, ClusterError
from backprop_course.grading.submissions import collect_submissions
from tests.grading.classroom.small_class import PLAN, hand_in

distributed = pytest.importorskip("distributed")


@pytest.fixture(scope="module")
def submissions(tmp_path_factory):
    folder = hand_in(tmp_path_factory.mktemp("class") / "in", 8)
    for loop in folder.glob("dan?.ipynb"):
        loop.unlink()
    return collect_submissions(folder).submissions


@pytest.fixture(scope="module")
def quiet(submissions):
    return by_student(workers.grade(submissions, PLAN, 1))


@pytest.fixture
def two_workers():
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    ) as cluster:
        yield cluster


def by_student(batches):
    return {record["student"]: record for batch in batches for record in batch}


# distributed warns of what it does itself when a worker is killed or a cluster is closed.
@pytest.mark.filterwarnings("default")
def test_a_worker_that_is_killed_half_way_costs_only_time(two_workers, submissions, quiet):
    pids = [worker.pid for worker in two_workers.workers.values()]
    records = {}
    with Cluster(two_workers.scheduler_address) as cluster:
        for batch in cluster.grade(submissions, PLAN):
            if not records:
                os.kill(pids[0], signal.SIGKILL)
            records |= by_student([batch])
    assert records == quiet


@pytest.mark.filterwarnings("default")
def test_a_cluster_without_workers_is_refused():
    with distributed.LocalCluster(n_workers=0, dashboard_address=None) as nobody:
        with pytest.raises(ClusterError, match="no workers"):
            Cluster(nobody.scheduler_address)
