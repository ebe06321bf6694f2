"""The commands say what they wrote, and in one sentence what is wrong."""

import pytest
from typer.testing import CliRunner

from backprop_course.authoring.build import BuildError
from backprop_course.authoring.lecture import command
from backprop_course.cli import app
from tests.authoring.lecture import sample

LESSON = "# %% [markdown]\n# # Lesson 42. A sample\n#\n# **Time:** 3 minutes.\n"
NOTES = "## Lesson 42. A sample\n\n**3 min.** 3 minutes. Ask.\n"


@pytest.fixture
def root(tmp_path, monkeypatch):
    """A course of one lesson; no kernel is started."""
    source = tmp_path / "notebooks" / "source"
    source.mkdir(parents=True)
    (source / "42_sample.py").write_text(LESSON)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(command.running, "run_lesson", lambda *_, **__: sample.notebook())
    return tmp_path


@pytest.fixture
def slides(root):
    return lambda names=(), **rest: command.run_slides(list(names), root=root, **rest)


@pytest.fixture
def handout(root):
    return lambda names=(), **rest: command.run_handout(list(names), root=root, **rest)


def test_a_deck_is_written_and_missing_notes_are_mentioned_once(slides, root, capsys):
    assert slides(["42"]) == 0
    deck = (root / "slides" / "42_sample.html").read_text("utf-8")
    assert "<title>Lesson 42. A sample</title>" in deck and "<aside" not in deck
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("slides/42_sample.html  (")
    assert second == (
        "    Without speaker notes: notebooks/source/42_sample.notes.md is not there."
    )


def test_notes_are_found_and_judged(slides, root, capsys):
    path = root / "notebooks" / "source" / "42_sample.notes.md"
    path.write_text(NOTES)
    assert slides() == 0
    assert len(capsys.readouterr().out.splitlines()) == 1
    assert "<aside" in (root / "slides" / "42_sample.html").read_text("utf-8")
    path.write_text(NOTES + "\n## Nowhere\n\n**1 min.** x\n")
    assert slides() == 0
    assert "The section 'Nowhere' belongs to no slide." in capsys.readouterr().out
    path.write_text("no heading")
    assert slides() == 1
    assert "begin with the heading" in capsys.readouterr().out


def test_out_is_a_file_for_one_lesson_and_a_folder_for_several(slides, root):
    assert slides(["42"], out=root / "deep" / "talk.html") == 0
    assert (root / "deep" / "talk.html").exists()
    assert slides(["42"], out=root / "deep") == 0
    assert (root / "deep" / "42_sample.html").exists()
    (root / "notebooks" / "source" / "43_more.py").write_text(LESSON)
    assert slides(out=root / "both") == 0
    assert sorted(path.name for path in (root / "both").iterdir()) == [
        "42_sample.html",
        "43_more.html",
    ]


def test_a_handout_is_written(handout, root, capsys):
    pytest.importorskip("pypandoc")
    assert handout(["42"]) == 0
    assert (root / "handouts" / "42_sample.pdf").read_bytes().startswith(b"%PDF-")
    assert capsys.readouterr().out.startswith("handouts/42_sample.pdf  (")


def test_an_unknown_lesson(slides, capsys):
    assert slides(["7"]) == 1
    assert capsys.readouterr().out == "No lesson is called 7. The lessons are: 42_sample.\n"


def test_no_lessons_at_all(tmp_path, capsys):
    assert command.run_slides([], root=tmp_path) == 1
    assert capsys.readouterr().out == (
        "There is no lesson in notebooks/source: work in a clone of the course.\n"
    )


@pytest.mark.parametrize(
    "name, extras",
    [
        ("jupytext", "authoring"),
        ("pypandoc", "authoring,handout"),
        ("typst", "authoring,handout"),
    ],
)
def test_a_missing_package_is_named_with_the_command(handout, monkeypatch, capsys, name, extras):
    def missing():
        raise ModuleNotFoundError(f"No module named '{name}'", name=name)

    monkeypatch.setattr(command.handout, "require_tools", missing)
    assert handout() == 1
    assert capsys.readouterr().out == (
        f"{name} is missing. Run: pip install 'backprop-course[{extras}]'\n"
    )


def test_another_missing_package_is_no_advice(handout, monkeypatch):
    def missing():
        raise ModuleNotFoundError("No module named 'attic'", name="attic")

    monkeypatch.setattr(command.handout, "require_tools", missing)
    with pytest.raises(ModuleNotFoundError):
        handout()


def test_a_failing_cell_and_a_folder_that_cannot_be_written(slides, root, monkeypatch, capsys):
    (root / "file").write_text("")
    assert slides(["42"], out=root / "file" / "talk.html") == 1
    assert "cannot be written" in capsys.readouterr().out

    def fails(*_, **__):
        raise BuildError("notebooks/42_sample.ipynb: cell 2 (x) fails: NameError: x")

    monkeypatch.setattr(command.running, "run_lesson", fails)
    assert slides() == 1
    assert capsys.readouterr().out == "notebooks/42_sample.ipynb: cell 2 (x) fails: NameError: x\n"


def test_the_commands_are_in_the_program(monkeypatch):
    said = []
    monkeypatch.setattr(command, "run_slides", lambda names, out: said.append((names, out)) or 0)
    monkeypatch.setattr(command, "run_handout", lambda names, out: said.append((names, out)) or 3)
    assert CliRunner().invoke(app, ["slides", "03", "05"]).exit_code == 0
    assert CliRunner().invoke(app, ["handout", "--out", "x.pdf"]).exit_code == 3
    assert [(names, str(out)) for names, out in said] == [(["03", "05"], "None"), ([], "x.pdf")]
