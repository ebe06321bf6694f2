"""How races become lines and lines become a table; no peer is needed and nothing is timed."""

import io

import pytest
from rich.console import Console

from benchmarks import table
from benchmarks.__main__ import main
from benchmarks.race import Line, Race, agree, duration, ratio


def test_contenders_that_differ_are_refused():
    race = Race("1", "one and two", {"ours": lambda: 1.0, "peer": lambda: 2.0}, {"peer": 1.0})
    with pytest.raises(AssertionError, match="one and two: peer differs"):
        race.compare()
    with pytest.raises(AssertionError, match="1 results against 2"):
        agree(1.0, (1.0, 1.0))


def test_a_race_gives_one_line_for_each_goal():
    work = {"ours": lambda: 1.0, "peer": lambda: 1.0, "products alone": lambda: None}
    race = Race("1", "nothing", work, {"peer": None, "products alone": 1e9}, "products alone")
    first, second = race.lines(rounds=1, seconds=0.1)
    assert (first.peer, first.goal, first.met) == ("peer", "", None)
    assert (second.peer, second.met) == ("products alone", True)
    assert second.limit == second.theirs


def test_times_and_ratios_are_written_to_be_read():
    assert [duration(t) for t in (2.5, 0.0123, 4.56e-5)] == ["2.5 s", "12.3 ms", "45.6 us"]
    assert [ratio(r) for r in (1.234, 0.5, 0.00167)] == ["1.23", "0.50", "0.0017"]


def a_line(**changes):
    fields = {"row": "1", "what": "step", "ours": "1 ms", "peer": "PyTorch", "theirs": "2 ms"}
    return Line(**fields | {"limit": "", "ratio": "0.50", "goal": "<= 0.88", "met": True} | changes)


def test_the_table_in_the_terminal_says_what_was_met():
    console = Console(record=True, width=120, file=io.StringIO())
    table.show([a_line(), a_line(met=False, disturbed=True)], console)
    text = console.export_text()
    assert "0.50*" in text and "yes" in text and "no" in text and "quiet" in text


def test_saving_replaces_the_table_and_nothing_else(tmp_path):
    readme = tmp_path / "README.md"
    readme.write_text(f"before\n{table.BEGIN}\nold\n{table.END}\nafter\n", "utf-8")
    for _ in range(2):
        table.save(table.markdown([a_line()], "NumPy 2", 0.0), readme)
    text = readme.read_text("utf-8")
    assert text.startswith("before\n") and text.endswith("\nafter\n")
    assert "old" not in text and "1 of 1 goals met." in text
    assert "| 1 | step | 1 ms | PyTorch | 2 ms |  | 0.50 | <= 0.88 | yes |" in text


def test_the_readme_has_a_place_for_the_table():
    text = table.README.read_text("utf-8")
    assert text.count(table.BEGIN) == text.count(table.END) == 1


@pytest.mark.parametrize("arguments", [["chess"], ["mlp", "--save"]])
def test_a_wrong_request_is_refused(arguments, capsys):
    with pytest.raises(SystemExit):
        main(arguments)
    assert "error" in capsys.readouterr().err
