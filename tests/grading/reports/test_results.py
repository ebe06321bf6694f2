"""results.json: read back, streamed, storable whatever a submission holds."""

import json
import tracemalloc

import pytest

from backprop_course.grading.reports import SCHEMA, VERSION, write_results_json
from tests.grading.reports.small_class import results, small_class, student


def read(path):
    return json.loads(path.read_text("utf-8"))


def test_what_is_written_can_be_read_back(tmp_path):
    write_results_json(results(), tmp_path / "results.json")
    found = read(tmp_path / "results.json")
    assert found == results() | {"submissions": small_class()}
    assert (found["schema"], found["version"]) == (SCHEMA, VERSION)


def test_each_submission_is_one_line(tmp_path):
    write_results_json(results(), tmp_path / "results.json")
    lines = (tmp_path / "results.json").read_text("utf-8").split("\n")
    first = lines.index(' "submissions": [') + 1
    records = lines[first : first + len(small_class())]
    assert [json.loads(line.removesuffix(",")) for line in records] == small_class()


def test_a_class_of_nobody_is_valid(tmp_path):
    write_results_json(results([]), tmp_path / "results.json")
    assert read(tmp_path / "results.json")["submissions"] == []


def test_half_characters_can_be_stored(tmp_path):
    record = student("s", name="a\ud800b\u2028c\0d ü")
    write_results_json(results([record]), tmp_path / "results.json")
    assert read(tmp_path / "results.json")["submissions"] == [record]


def test_what_is_no_number_is_refused(tmp_path):
    with pytest.raises(ValueError, match="JSON"):
        write_results_json(results([student("s", points=float("nan"))]), tmp_path / "r.json")
    assert list(tmp_path.iterdir()) == []


def test_memory_stays_flat(tmp_path):
    def peak(count):
        record = student("s")
        tracemalloc.start()
        write_results_json(results(record for _ in range(count)), tmp_path / "results.json")
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    peak(10)
    assert peak(5_000) < peak(50) + 200_000
