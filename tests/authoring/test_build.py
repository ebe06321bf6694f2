"""Building is repeatable, writes only what changed, and says what is stale."""

import os
import stat

import nbformat
import pytest

from backprop_course.authoring import build as building
from backprop_course.authoring.build import (
    BuildError,
    build,
    kernel_environment,
    plan,
    stale,
    without_lesson,
)
from tests.authoring import bank

LESSON = """\
# %% [markdown]
# # Matrix gradients

# %%
import os
from pathlib import Path

import ipywidgets
import matplotlib.pyplot as plt
import numpy as np

# %%
here = Path.cwd()
print(here.name, Path(os.environ["BACKPROP_COURSE_PROGRESS"]).exists())
print({"a", "b", "c", "d", "e"})

# %%
np.eye(2)

# %%
ipywidgets.IntSlider(3)

# %%
plt.plot([1, 2])
plt.show()
"""

TINY = "# %% [markdown]\n# # Softmax\n\n# %%\nprint(1)\n"


def write(root, **lessons):
    """Write a lesson's source for each ``_03_name="..."``."""
    source = root / "notebooks" / "source"
    source.mkdir(parents=True, exist_ok=True)
    for name, text in lessons.items():
        (source / f"{name[1:]}.py").write_text(text, encoding="utf-8")
    return root


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Return a course of one lesson that was built twice, and the bytes after the first time."""
    root = write(tmp_path_factory.mktemp("course"), _03_matrix_gradients=LESSON)
    (page,) = build(root=root, bank={})
    first = page.path.read_bytes()
    (again,) = build(root=root, bank={})
    return root, page, first, again


def test_two_builds_change_no_byte(built):
    _, page, first, again = built
    assert page.changed
    assert not again.changed
    assert page.path.read_bytes() == first


def test_outputs_are_stored(built):
    _, page, _, _ = built
    notebook = nbformat.read(page.path, as_version=4)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == [1, 2, 3, 4, 5]
    assert code[1].outputs[0].text.startswith("notebooks False\n{'")
    assert code[2].outputs[0].data["text/plain"] == "array([[1., 0.],\n       [0., 1.]])"
    assert code[3].outputs[0].data == {"text/plain": "IntSlider(value=3)"}
    assert "image/png" in code[4].outputs[0].data


def test_nothing_of_this_machine_is_stored(built):
    _, page, _, _ = built
    notebook = nbformat.read(page.path, as_version=4)
    assert set(notebook.metadata) == {"backprop_course", "kernelspec", "language_info"}
    assert "version" not in notebook.metadata.language_info
    assert all(set(cell.metadata) == {"slideshow"} for cell in notebook.cells)
    assert page.breaches == []
    assert stat.S_IMODE(page.path.stat().st_mode) == 0o644
    assert [path.name for path in page.path.parent.iterdir() if path.name.startswith(".")] == []


def test_a_built_course_is_not_stale(built):
    root, *_ = built
    assert stale(root=root, bank={}) == []


def test_a_failing_cell_is_named_and_its_notebook_stays_as_it_was(tmp_path):
    root = write(tmp_path, _05_softmax=TINY + "\n# %%\nx = 0\n1 / x\n", _07_networks=TINY)
    with pytest.raises(BuildError) as caught:
        build(root=root, bank={})
    assert str(caught.value) == (
        "notebooks/05_softmax.ipynb: cell 3 (x = 0) fails: ZeroDivisionError: division by zero"
    )
    built = [path.name for path in (root / "notebooks").glob("*.ipynb")]
    assert built == ["07_networks.ipynb"]


CLOCK = "# %% [markdown]\n# # Cost\n\n# %%\nimport time\n\n# %%{}\nprint(time.perf_counter_ns())\n"
TAG = ' tags=["nbval-ignore-output"]'


def test_times_stay_as_they_were_measured_until_code_changes(tmp_path):
    root = write(tmp_path, _08_cost=CLOCK.format(TAG))
    first = build(root=root, bank={})[0].path.read_bytes()
    write(tmp_path, _08_cost=CLOCK.format(TAG).replace("Cost", "The cost"))
    (prose,) = build(root=root, bank={})
    write(tmp_path, _08_cost=CLOCK.format(TAG) + "pass\n")
    (code,) = build(root=root, bank={})
    notebooks = (nbformat.reads(first.decode(), 4), prose.notebook, code.notebook)
    outputs = [notebook.cells[2].outputs[0].text for notebook in notebooks]
    assert outputs[0] == outputs[1] != outputs[2]


def test_what_is_compared_is_always_new(tmp_path):
    root = write(tmp_path, _08_cost=CLOCK.format(""))
    first = build(root=root, bank={})[0].path.read_bytes()
    assert build(root=root, bank={})[0].path.read_bytes() != first


# From here on no kernel is started.


@pytest.fixture
def course(tmp_path, monkeypatch):
    """Return a course of two lessons and three exercises, written but not run."""
    monkeypatch.setattr(building, "execute", lambda notebook, path: None)
    monkeypatch.setattr(building, "_build_font_cache", lambda: None)
    root = write(tmp_path, _03_matrix_gradients=LESSON, _05_softmax=TINY)
    records = {record.name: record for record in bank.write(tmp_path / "bank")}
    build(root=root, bank=records)
    return root, records


def files(pages, root):
    return [page.path.relative_to(root).as_posix() for page in pages]


def test_plan(course):
    root, records = course
    assert files(plan(root=root, bank=records), root) == [
        "notebooks/03_matrix_gradients.ipynb",
        "exercises/03_matrix_gradients.ipynb",
        "solutions/03_matrix_gradients.ipynb",
        "notebooks/05_softmax.ipynb",
    ]


@pytest.mark.parametrize(
    "name",
    ["05", "5", "05_softmax", "notebooks/source/05_softmax.py", "notebooks/05_softmax.ipynb"],
)
def test_one_lesson_by_number_name_or_path(course, name):
    root, records = course
    assert files(plan([name, name], root=root, bank=records), root) == [
        "notebooks/05_softmax.ipynb"
    ]


def test_an_unknown_lesson_is_refused(course):
    root, records = course
    with pytest.raises(BuildError) as caught:
        plan(["04"], root=root, bank=records)
    assert str(caught.value) == (
        "No lesson is called 04. The lessons are: 03_matrix_gradients, 05_softmax."
    )


def test_a_folder_without_lessons_is_refused(tmp_path):
    with pytest.raises(BuildError, match="no lesson in notebooks/source"):
        plan(root=tmp_path, bank={})


def test_a_bad_exercise_stops_its_own_lesson_only(course):
    root, records = course
    records["scale"].hints = ()
    with pytest.raises(BuildError, match=r"lesson_03/scale.py: it has 0 hints; write 3"):
        plan(["03"], root=root, bank=records)
    assert len(plan(["05"], root=root, bank=records)) == 1


def test_exercises_without_a_lesson_wait_for_it_and_are_still_validated(course):
    root, records = course
    assert without_lesson(root=root, bank=records) == []
    records["scale"].lesson = "07"
    assert "scale" not in str(plan(root=root, bank=records))
    assert without_lesson(root=root, bank=records) == [
        "exercises/lesson_07 waits for its lesson, notebooks/source/07_name.py."
    ]
    records["scale"].hints = ()
    with pytest.raises(BuildError, match="it has 0 hints"):
        plan(root=root, bank=records)


def test_stale_missing_and_orphaned_files_are_named(course):
    root, records = course
    assert stale(root=root, bank=records) == []
    (root / "notebooks" / "05_softmax.ipynb").unlink()
    (root / "solutions" / "04_old.ipynb").write_text("{}")
    records["scale"].title = "Another title"
    assert stale(root=root, bank=records) == [
        "exercises/03_matrix_gradients.ipynb is stale, backprop_course/exercises/lesson_03 says "
        "something else: run 'backprop-course build 03_matrix_gradients'.",
        "solutions/03_matrix_gradients.ipynb is stale, backprop_course/exercises/lesson_03 says "
        "something else: run 'backprop-course build 03_matrix_gradients'.",
        "notebooks/05_softmax.ipynb is missing: run 'backprop-course build 05_softmax'.",
        "solutions/04_old.ipynb has no source: remove it, or name its source so.",
    ]
    assert stale(["05"], root=root, bank=records) == [
        "notebooks/05_softmax.ipynb is missing: run 'backprop-course build 05_softmax'."
    ]


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("source", "changed by hand"),
        ("metadata", {"slideshow": {"slide_type": "-"}, "tags": ["nbval-skip"]}),
        ("id", "another"),
    ],
)
def test_any_edit_of_a_built_cell_is_found(course, part, value):
    root, records = course
    path = root / "notebooks" / "05_softmax.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[1][part] = value
    nbformat.write(notebook, path)
    assert len(stale(root=root, bank=records)) == 1


@pytest.mark.parametrize("text", ["<<<<<<< ours\n", "{}", '{"nbformat": 4}'])
def test_a_broken_file_is_stale(course, text):
    root, records = course
    (root / "notebooks" / "05_softmax.ipynb").write_text(text)
    (problem,) = stale(root=root, bank=records)
    assert "notebooks/05_softmax.ipynb is stale" in problem


def test_outputs_do_not_make_a_notebook_stale(course):
    root, records = course
    path = root / "notebooks" / "05_softmax.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[1].outputs = [nbformat.v4.new_output("stream", text="1\n")]
    nbformat.write(notebook, path)
    assert stale(root=root, bank=records) == []


def test_files_are_written_only_when_bytes_change(course):
    root, records = course
    path = root / "notebooks" / "05_softmax.ipynb"
    os.utime(path, (1, 1))
    pages = build(root=root, bank=records)
    assert not any(page.changed for page in pages)
    assert path.stat().st_mtime == 1


def test_the_environment_hides_the_author(tmp_path, monkeypatch):
    monkeypatch.setenv("MPLBACKEND", "Agg")
    monkeypatch.setenv("PYTHONPATH", "elsewhere")
    environment = kernel_environment(tmp_path, hash_seed=3)
    assert "MPLBACKEND" not in environment
    assert environment["PYTHONHASHSEED"] == "3"
    assert environment["PYTHONPATH"] == os.pathsep.join([str(building.ROOT), "elsewhere"])
    assert environment["BACKPROP_COURSE_PROGRESS"] == str(tmp_path / "progress.json")
    assert environment["PATH"] == os.environ["PATH"]
