"""A lesson is run with the switch that its widgets look at, and comes back with its own text."""

import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from backprop_course.authoring import build
from backprop_course.authoring.lecture import running
from backprop_course.authoring.lecture.running import PAPER, WALL, run_lesson
from backprop_course.authoring.lessons import find_lessons
from backprop_course.widgets.film import SWITCH

LESSON = """\
# %% [markdown]
# # Lesson 42. A sample

# %%
import matplotlib.pyplot as plt
from backprop_course.widgets import neuron_explorer

# %%
plt.plot([1, 2])
plt.show()

# %%
neuron_explorer()
"""


@pytest.fixture
def lesson(tmp_path):
    source = tmp_path / "notebooks" / "source"
    source.mkdir(parents=True)
    (source / "42_sample.py").write_text(LESSON)
    return find_lessons(source)[0]


@pytest.mark.parametrize(
    "figures, picture, widget",
    [(WALL, "image/png", "text/html"), (PAPER, "image/svg+xml", "image/svg+xml")],
)
def test_outputs_fit_their_purpose(lesson, tmp_path, figures, picture, widget):
    # In a thread, since playwright keeps an event loop in the main one for all later tests.
    with ThreadPoolExecutor(1) as pool:
        notebook = pool.submit(run_lesson, lesson, figures, root=tmp_path).result()
    assert picture in notebook.cells[2].outputs[0].data
    assert set(notebook.cells[3].outputs[0].data) == {"text/plain", widget}
    assert "InlineBackend" not in notebook.cells[1].source
    assert list((tmp_path / "notebooks").glob("*.ipynb")) == []


@pytest.mark.parametrize("before", [None, "7"])
def test_the_switch_is_set_back(lesson, tmp_path, monkeypatch, before):
    monkeypatch.delenv(SWITCH, raising=False)
    if before:
        monkeypatch.setenv(SWITCH, before)
    seen = []

    def fails(notebook, path):
        seen.append((os.environ[SWITCH], notebook.cells[1].source.splitlines()[-1]))
        raise build.BuildError("cell 2 fails")

    monkeypatch.setattr(running.build, "execute", fails)
    for figures in (WALL, PAPER):
        with pytest.raises(build.BuildError):
            run_lesson(lesson, figures, root=tmp_path)
    assert [value for value, _ in seen] == ["1", "0"]
    assert [line.split("=")[1] for _, line in seen] == [" 'retina'", " 'svg'"]
    assert os.environ.get(SWITCH) == before
