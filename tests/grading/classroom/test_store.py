"""The file of grades: complete after each submission, for one run at a time, from one version."""

import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

from backprop_course.grading.classroom.store import FILE, VERSION, Store, StoreError


def record(student, digest="d", points=3):
    return {"student": student, "digest": digest, "points": points, "reason": "naïve 中"}


def test_records_come_back_in_the_order_of_students(tmp_path):
    store = Store(tmp_path)
    store.keep([record("zoe"), record("ada", points=None)])
    store.keep([record("zoe", "new", 5)])
    assert list(store.records()) == [record("ada", points=None), record("zoe", "new", 5)]
    assert store.digests() == {"ada": "d", "zoe": "new"}
    store.close()
    again = Store(tmp_path)
    assert [one["student"] for one in again.records()] == ["ada", "zoe"]
    again.close()


def test_who_left_is_forgotten(tmp_path):
    store = Store(tmp_path)
    store.keep([record("ada"), record("bob")])
    store.forget_others({"bob", "cleo"})
    assert list(store.digests()) == ["bob"]
    store.close()


def test_the_plan_is_kept(tmp_path):
    store = Store(tmp_path)
    assert store.plan is None
    store.keep_plan({"seed": 1})
    store.keep_plan({"seed": 2})
    assert store.plan == {"seed": 2}
    store.close()


def test_only_one_run_may_write(tmp_path):
    store = Store(tmp_path)
    store.keep([record("ada")])
    with pytest.raises(StoreError, match="Another grading run"):
        Store(tmp_path)
    store.close()


def test_a_file_of_another_version_is_left_alone(tmp_path):
    Store(tmp_path).close()
    with closing(sqlite3.connect(tmp_path / FILE)) as file:
        file.execute(f"PRAGMA user_version = {VERSION + 1}")
    with pytest.raises(StoreError, match="another version of the course"):
        Store(tmp_path)


def test_a_file_that_is_no_database_is_named(tmp_path):
    (tmp_path / FILE).write_bytes(b"marks of last year, 100 bytes at least " * 40)
    with pytest.raises(StoreError, match="no file of ours"):
        Store(tmp_path)


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot be used"):
        Store(tmp_path / "file")


def test_a_full_disk_loses_nothing(tmp_path):
    store = Store(tmp_path)
    store.keep([record("ada")])
    # A database that may not grow says what a full disk says.
    store._file.execute("PRAGMA max_page_count = 8")
    with pytest.raises(StoreError, match=r"disk .* is full"):
        store.keep([record(f"student {i}", "d" * 500) for i in range(1000)])
    assert list(store.digests()) == ["ada"]
    store.close()


@pytest.mark.parametrize(
    "use",
    [
        lambda store: store.keep_plan({"seed": 1}),
        lambda store: store.plan,
        lambda store: store.digests(),
        lambda store: store.forget_others(set()),
        lambda store: list(store.records()),
    ],
)
def test_a_file_that_fails_later_is_one_sentence_too(tmp_path, use):
    store = Store(tmp_path)
    store.keep([record("ada")])
    store._file.execute("DROP TABLE grades")
    store._file.execute("DROP TABLE plan")
    with pytest.raises(StoreError, match="cannot be used: no such table"):
        use(store)
    store.close()


def test_what_was_written_before_a_kill_is_there_after_it(tmp_path):
    code = (
        "import os, signal, sys, pathlib\n"
        "from backprop_course.grading.classroom.store import Store\n"
        "store = Store(pathlib.Path(sys.argv[1]))\n"
        "for i in range(100):\n"
        "    store.keep([{'student': f'{i:03}', 'digest': 'd'}])\n"
        "    if i == 41: os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False)
    store = Store(tmp_path)
    assert len(store.digests()) == 42
    store.close()
