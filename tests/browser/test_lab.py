"""Lessons in a real JupyterLab: run all without a complaint, move a slider, see numbers change."""

import re
import shutil
from pathlib import Path

import pytest

from backprop_course.widgets import neuron_values

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
LESSON = NOTEBOOKS / "01_chain_rule.ipynb"
PICTURE = ".jp-OutputArea .bpc-neuron"


def number(text):
    return float(text.replace("\N{MINUS SIGN}", "-"))


class Explorer:
    """The explorer as a learner sees it: handles to move, text to read."""

    def __init__(self, notebook):
        self.notebook = notebook
        self.page = notebook.page
        self.picture = self.page.locator(PICTURE).first

    def slider(self, name):
        return self.page.locator(".widget-slider").filter(has_text=name).first

    def handle(self, name):
        return self.slider(name).locator(".noUi-handle")

    def value(self, name):
        return number(self.slider(name).locator(".widget-readout").inner_text())

    def gradient(self):
        """Return the slope that the picture shows."""
        text = self.picture.locator("text", has_text="slope of the tangent").text_content()
        return number(re.search(r"= (.*)$", text)[1])

    def expected(self):
        names = ("input x", "weight w", "bias b", "target y")
        return neuron_values(*(self.value(name) for name in names)).dw

    def wait_for_gradient(self, gradient):
        text = f"slope of the tangent = {gradient:.2f}".replace("-", "\N{MINUS SIGN}")
        self.notebook.wait_for_text(PICTURE, text)

    def place(self):
        return {key: round(value) for key, value in self.picture.bounding_box().items()}


@pytest.fixture
def lesson(tmp_path):
    if not LESSON.exists():
        pytest.skip("notebooks/01_chain_rule.ipynb is not built: run backprop-course build 01")
    return shutil.copy(LESSON, tmp_path)


def test_lesson_runs_and_the_explorer_moves(lesson, open_notebook, screenshots):
    notebook = open_notebook(lesson)
    page = notebook.page
    notebook.show("neuron_explorer()")
    page.screenshot(path=screenshots / "1_before_running.png")

    notebook.clear_outputs()
    notebook.run_all()
    assert notebook.errors() == []
    assert notebook.page_errors == []

    notebook.show("neuron_explorer()")
    explorer = Explorer(notebook)
    explorer.wait_for_gradient(-6.0)
    page.screenshot(path=screenshots / "2_after_running.png")
    place = explorer.place()

    # The keyboard: one arrow key is one step of the slider.
    explorer.handle("weight w").focus()
    page.keyboard.press("ArrowRight")
    explorer.wait_for_gradient(-5.96)
    assert explorer.value("weight w") == pytest.approx(3.01)
    page.keyboard.press("ArrowLeft")
    explorer.wait_for_gradient(-6.0)

    # The mouse: drag w far to the left, where the neuron is closed.
    box = explorer.handle("weight w").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    for step in range(1, 9):
        page.mouse.move(x - 15 * step, y)
    page.mouse.up()
    explorer.wait_for_gradient(0.0)
    assert explorer.value("weight w") < -0.5
    page.screenshot(path=screenshots / "3_after_dragging.png")

    # The buttons.
    page.get_by_role("button", name="reset").click()
    explorer.wait_for_gradient(-6.0)
    page.get_by_role("button", name="step downhill").click()
    explorer.wait_for_gradient(-4.5)
    assert explorer.gradient() == pytest.approx(explorer.expected(), abs=0.005)
    assert explorer.place() == place, "the picture jumped"

    notebook.use_theme("JupyterLab Dark")
    page.screenshot(path=screenshots / "4_dark.png")
    assert notebook.page_errors == []


@pytest.mark.parametrize("name", sorted(path.stem for path in NOTEBOOKS.glob("*.ipynb")))
def test_every_lesson_runs_without_error_or_warning(name, open_notebook):
    notebook = open_notebook(NOTEBOOKS / f"{name}.ipynb")
    notebook.clear_outputs()
    notebook.run_all()
    assert notebook.errors() == []
    assert notebook.page_errors == []
    rendered = notebook.page.locator(".jp-RenderedHTMLCommon mjx-container, .jp-RenderedLatex")
    assert name.startswith("00") or rendered.count() > 0, "no formula was rendered"
