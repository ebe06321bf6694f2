"""``backprop-course export``: it says what it wrote, or in one sentence why not."""

from pathlib import Path

from backprop_course.grading.reports.command import (
    export_github,
    export_gradescope,
    export_nbgrader,
)

ROOT = Path(__file__).resolve().parents[3]


def test_each_export_is_written_and_said(tmp_path, capsys):
    assert export_gradescope(tmp_path / "new" / "a.zip", "03", 2.0, trust=True) == 0
    assert export_github(tmp_path / "classroom.yml", "03-04", "git+https://example.org") == 0
    assert export_nbgrader([ROOT / "exercises" / "01_chain_rule.ipynb"], tmp_path / "source") == 0
    assert (tmp_path / "new" / "a.zip").stat().st_size > 100_000
    assert "pip install 'git+https://example.org'" in (tmp_path / "classroom.yml").read_text()
    assert (tmp_path / "source" / "01_chain_rule" / "01_chain_rule.ipynb").exists()
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    assert lines[2].endswith("nbgrader generate_assignment 01_chain_rule")


def test_what_cannot_be_exported_is_one_sentence(tmp_path, capsys):
    assert export_gradescope(tmp_path / "a.zip", "99", 2.0, trust=False) == 1
    assert export_github(tmp_path / "classroom.yml", "nosuch", "x") == 1
    assert export_nbgrader([tmp_path / "nowhere.ipynb"], tmp_path) == 1
    assert export_nbgrader([ROOT / "solutions" / "01_chain_rule.ipynb"], tmp_path) == 1
    assert export_nbgrader([ROOT / "docs"], tmp_path) == 1
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 5
    assert "99" in lines[0] and "nosuch" in lines[1]
    assert lines[2].endswith("nowhere.ipynb: No such file or directory.")
    assert "give the unsolved notebook" in lines[3]
    assert lines[4].endswith("docs: Is a directory.")
    assert list(tmp_path.iterdir()) == []
