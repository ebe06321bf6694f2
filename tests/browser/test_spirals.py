"""The explorer of the spirals in a real JupyterLab: it plays, pauses, steps and starts again."""

import nbformat
import pytest

from backprop_course.authoring import cells

SOURCE = "from backprop_course.widgets.spirals import SpiralsExplorer\nSpiralsExplorer()"
PICTURE = ".jp-OutputArea svg[aria-label^='After']"


@pytest.fixture
def notebook(open_notebook, tmp_path):
    path = tmp_path / "spirals.ipynb"
    nbformat.write(cells.notebook([cells.code(SOURCE)], built_from="a test"), path)
    opened = open_notebook(path)
    opened.run_all()
    return opened


def steps(page):
    """Return how many steps the picture says the training has taken."""
    return int(page.locator(PICTURE).get_attribute("aria-label").split()[1])


def wait_for_steps(page, condition):
    page.wait_for_function(
        f'() => {{ const steps = parseInt(document.querySelector("{PICTURE}")'
        f".getAttribute('aria-label').split(' ')[1]); return steps {condition}; }}"
    )


def test_it_plays_and_obeys_the_keyboard(notebook, screenshots):
    page = notebook.page
    assert notebook.errors() == []
    page.locator(PICTURE).wait_for()
    assert steps(page) == 0
    page.screenshot(path=screenshots / "spirals_1_start.png")

    play = page.locator(".widget-play button").first
    play.click()
    wait_for_steps(page, ">= 160")
    play.click()  # now it says pause
    page.wait_for_timeout(1000)
    paused = steps(page)
    page.wait_for_timeout(1000)
    assert steps(page) == paused >= 160
    page.screenshot(path=screenshots / "spirals_2_playing.png")

    # Steps by the keyboard, forward and back.
    handle = page.locator(".widget-slider").filter(has_text="frame").locator(".noUi-handle")
    handle.focus()
    page.keyboard.press("ArrowRight")
    wait_for_steps(page, f"=== {paused + 8}")
    page.keyboard.press("ArrowLeft")
    wait_for_steps(page, f"=== {paused}")
    page.get_by_role("button", name="step").click()
    wait_for_steps(page, f"=== {paused + 8}")

    notebook.use_theme("JupyterLab Dark")
    page.locator("#jupyterlab-splash").wait_for(state="detached")
    page.screenshot(path=screenshots / "spirals_3_dark.png")
    page.get_by_role("button", name="reset").click()
    wait_for_steps(page, "=== 0")
    assert notebook.errors() == [] and notebook.page_errors == []
