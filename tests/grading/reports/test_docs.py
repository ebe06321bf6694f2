"""docs/results.md names every field that is written."""

from pathlib import Path

from tests.grading.reports.small_class import results, student

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "results.md").read_text("utf-8")


def test_every_field_is_described():
    record = student("s")
    for field in {*results(), *record, *record["marks"][0]}:
        assert f"`{field}`" in PAGE, field
    for field in results()["exercises"][0]:
        assert f'"{field}"' in PAGE, field
