"""The stepper in a real JupyterLab and on a page of its own: step, step back, read, look."""

import nbformat
import pytest

from backprop_course.widgets.stepper import Graph, Stepper

NEURON = "z = w*x + b; a = relu(z); L = (a - y)**2 / 2"
CELLS = (
    "from backprop_course.widgets.stepper import Stepper",
    f'neuron = Stepper.from_expression("{NEURON}", x=2, w=3, b=1, y=10)\nneuron',
    'fork = Stepper.from_expression("(x*y + sin(x)) * x", x=2.0, y=3.0)\nfork',
    "network = Stepper.from_network([2, 2, 1])\nnetwork",
    "neuron.step = 8",
    "print(neuron.step, fork.step)",
)

NOW = ".now-forward .core, .now-backward .core, .now-backward .band"


class Live:
    """One stepper as a reader meets it."""

    def __init__(self, page, number=0):
        self.page = page
        self.root = page.locator(".bpc-stepper").nth(number)
        self.root.wait_for()

    def press(self, name, **options):
        self.root.get_by_role("button", name=name, exact=True).click(**options)

    def said(self):
        return self.root.locator("[aria-live=polite] .bpc-sentence").inner_text()

    def lines(self):
        return self.root.locator("[aria-live=polite] .bpc-line").all_inner_texts()

    def count(self):
        return self.root.locator(".bpc-count").inner_text()

    def numbers(self):
        """Return the texts of the picture that can be seen, without the legend."""
        return self.root.locator("svg g text").evaluate_all(
            "all => all.filter(t => getComputedStyle(t).visibility === 'visible')"
            ".map(t => t.textContent)"
        )

    def size(self):
        box = self.root.bounding_box()
        return round(box["width"]), round(box["height"])

    def wait_for(self, text):
        self.root.locator(".bpc-count").filter(has_text=text).wait_for()


def walk(stepper):
    """Step through the graph of the fork by mouse and by keyboard, and read what is said."""
    page, size = stepper.page, stepper.size()
    assert stepper.said() == "Given: x = 2, y = 3. Press step to go forward."
    assert "6" not in stepper.numbers()

    stepper.press("step")
    assert stepper.said() == "Forward: v1 = x × y = 2 × 3 = 6."
    assert "6" in stepper.numbers()
    stepper.press("back")
    assert stepper.count() == "step 0 of 10, start"
    assert "6" not in stepper.numbers()
    stepper.press("end")
    assert "dx = 6 − 0.8323 + 6.909 = 12.08" in stepper.said()
    assert len(stepper.lines()) == 3
    assert "12.08" in stepper.numbers()

    # A press on a button that leads nowhere does nothing; the focus stays for the keys.
    stepper.press("step", force=True)
    assert stepper.count() == "step 10 of 10, backward"
    page.keyboard.press("ArrowLeft")
    assert stepper.said() == "Backward to y: dy = dv1 × ∂v1/∂y = 2 × 2 = 4."
    assert "12.08" not in stepper.numbers()
    page.keyboard.press("Home")
    assert stepper.count() == "step 0 of 10, start"
    for _ in range(10):
        page.keyboard.press("ArrowRight")
        assert stepper.size() == size, "the stepper jumped"
    assert stepper.count() == "step 10 of 10, backward"
    page.keyboard.press("Home")
    page.keyboard.press("End")
    assert stepper.count() == "step 10 of 10, backward"

    # What a box has to say: by mouse, by the arrow keys up and down, and away with Escape.
    stepper.root.locator("svg .node").filter(has_text="v2 = sin(x)").click()
    assert stepper.said() == "v2"
    assert stepper.lines()[0] == "v2 = sin(x) = sin(2) = 0.9093"
    page.keyboard.press("ArrowUp")
    assert stepper.said() == "v1"
    page.keyboard.press("Escape")
    assert stepper.said().startswith("Backward to x")
    assert stepper.size() == size


@pytest.fixture
def notebook_file(tmp_path):
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(source) for source in CELLS],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    )
    file = tmp_path / "stepper.ipynb"
    nbformat.write(notebook, file)
    return file


def test_stepper_in_lab(notebook_file, open_notebook, screenshots):
    notebook = open_notebook(notebook_file, height=1200)
    page = notebook.page
    notebook.run_all()
    assert notebook.errors() == []

    # Python sets the step, and every view follows.
    notebook.show("neuron = ")
    neuron = Live(page, 0)
    neuron.wait_for("step 8 of 16, backward")
    assert neuron.said() == "Backward to v3: dv3 = dL × ∂L/∂v3 = 1 × 0.5 = 0.5."
    page.screenshot(path=screenshots / "stepper_neuron.png")

    notebook.show("fork = ")
    cell = "() => window.jupyterapp.shell.currentWidget.content.activeCellIndex"
    fork = Live(page, 1)
    fork.root.focus()
    before = page.evaluate(cell)
    walk(fork)
    for key in ("b", "a", "y"):  # JupyterLab would add cells and change one
        page.keyboard.press(key)
    assert page.evaluate(cell) == before, "a key went to the notebook"
    assert [each["source"] for each in notebook.cells()] == list(CELLS)
    page.screenshot(path=screenshots / "stepper_fork.png")

    # The browser moved it; Python knows.
    last = notebook.show("print(neuron.step")
    notebook.command("notebook:run-cell")
    notebook.wait_for_text(".jp-OutputArea-output", "8 10")
    assert notebook.cells()[last]["outputs"][0]["text"].strip() == "8 10"

    notebook.show("network = ")
    network = Live(page, 2)
    network.press("end")
    page.screenshot(path=screenshots / "stepper_network.png")

    notebook.use_theme("JupyterLab Dark")
    for number, name in enumerate(("neuron", "fork", "network")):
        notebook.show(f"{name} = ")
        stepper = Live(page, number)
        page.screenshot(path=screenshots / f"stepper_{name}_dark.png")
        assert contrast_of_texts(stepper) >= 4.5
    notebook.use_theme("JupyterLab Light")
    assert contrast_of_texts(Live(page, 0)) >= 4.5
    assert notebook.page_errors == []


def contrast_of_texts(stepper):
    """Return the least contrast between a visible text of the picture and the ground under it."""
    return stepper.root.evaluate(
        """root => {
            const light = colour => {
                const parts = colour.match(/[\\d.]+/g).map(Number);
                const [r, g, b] = parts.slice(0, 3).map(v => v / 255).map(
                    v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
                return 0.2126 * r + 0.7152 * g + 0.0722 * b;
            };
            let place = root, ground;
            while (place) {
                ground = getComputedStyle(place).backgroundColor;
                if (ground !== 'rgba(0, 0, 0, 0)') break;
                place = place.parentElement;
            }
            const paper = light(ground);
            return Math.min(...[...root.querySelectorAll('svg text, .bpc-now p')].map(text => {
                const style = getComputedStyle(text);
                const ink = light(text.closest('svg') ? style.fill : style.color);
                return (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
            }));
        }"""
    )


@pytest.fixture
def open_page(chromium, tmp_path):
    """A function that opens HTML from a file, and records requests, errors and pressed keys."""
    contexts = []

    def open_(html, **settings):
        file = tmp_path / "page.html"
        file.write_text(f"<!doctype html><meta charset=utf-8><body>{html}", "utf-8")
        context = chromium.new_context(viewport={"width": 960, "height": 900}, **settings)
        contexts.append(context)
        page = context.new_page()
        page.requests, page.errors = [], []
        page.on("request", lambda request: page.requests.append(request.url))
        page.on("pageerror", lambda error: page.errors.append(str(error)))
        page.goto(file.as_uri())
        page.evaluate(
            "() => { window.keys = [];"
            "document.addEventListener('keydown', event => window.keys.push(event.key)); }"
        )
        return page

    yield open_
    for context in contexts:
        context.close()


def test_a_page_of_its_own(open_page, screenshots):
    fork = Stepper.from_expression("(x*y + sin(x)) * x", x=2.0, y=3.0)
    network = Stepper.from_network([2, 2, 1])
    network.step = 3
    page = open_page(fork.html() + network.html() + fork.html())
    assert page.locator(".bpc-stepper").count() == 3
    first = Live(page, 0)
    first.root.focus()
    walk(first)

    # Each stands for itself, and begins where its stepper stood.
    assert Live(page, 1).count() == "step 3 of 17, forward"
    assert Live(page, 2).count() == "step 0 of 10, start"
    page.screenshot(path=screenshots / "stepper_page.png", full_page=True)
    assert len(page.requests) == 1 and page.requests[0].startswith("file:")
    assert page.errors == []


def test_keys_of_a_stepper_do_not_turn_the_slide(open_page):
    page = open_page(Stepper.from_expression("x*y", x=2.0, y=3.0).html())
    stepper = Live(page)
    stepper.root.focus()
    ours = ("ArrowRight", "ArrowLeft", "End", "Home", "ArrowDown", "ArrowUp", "Enter", " ")
    for key in ours:
        page.keyboard.press(key)
    assert page.evaluate("window.keys") == []

    # A button works by Enter and by the space bar.
    page.keyboard.press("Escape")
    step = stepper.root.get_by_role("button", name="step", exact=True)
    step.focus()
    page.keyboard.press("Enter")
    page.keyboard.press(" ")
    assert stepper.count() == "step 2 of 4, backward"

    # Keys for the slides pass, and Escape gives the keyboard back to the page.
    for key in ("PageDown", "Escape", "ArrowRight"):
        page.keyboard.press(key)
    assert page.evaluate("window.keys") == ["PageDown", "ArrowRight"]
    assert stepper.count() == "step 2 of 4, backward"


def test_focus_is_visible_and_motion_can_be_off(open_page):
    page = open_page(Stepper.from_expression("x*y", x=2.0, y=3.0).html(), reduced_motion="reduce")
    stepper = Live(page)
    page.keyboard.press("Tab")
    outline = "e => getComputedStyle(e).outlineStyle + getComputedStyle(e).outlineWidth"
    assert stepper.root.evaluate(outline) == "solid3px"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "start"
    assert page.evaluate(f"({outline})(document.activeElement)") == "solid3px"
    duration = "e => getComputedStyle(e).transitionDuration"
    assert stepper.root.locator(".bpc-done").first.evaluate(duration) == "0s"


def test_nothing_jumps_on_a_narrow_page(open_page):
    page = open_page(Stepper.from_network([2, 2, 1]).html())
    page.set_viewport_size({"width": 360, "height": 900})
    stepper = Live(page)
    stepper.root.focus()
    sizes = {stepper.size()}
    for key in 17 * ["ArrowRight"] + 18 * ["ArrowDown"]:
        page.keyboard.press(key)
        sizes.add(stepper.size())
        if key == "ArrowRight":  # the box that the step is about has come into sight
            now = stepper.root.locator(NOW).first.bounding_box()
            assert 0 <= now["x"] and now["x"] + now["width"] <= 360
    assert stepper.count() == "step 17 of 17, backward"
    assert len(sizes) == 1
    # The wide picture scrolls in its place; the page does not.
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_printed_slides_show_all_numbers(open_page):
    page = open_page(Stepper.from_expression("x*y", x=2.0, y=3.0).html())
    assert Live(page).count() == "step 0 of 4, start"
    page.goto(page.url + "?print-pdf")
    assert Live(page).count() == "step 4 of 4, backward"


@pytest.mark.parametrize(
    "graph",
    [
        Graph.from_expression(NEURON, x=2, w=3, b=1, y=10),
        Graph.from_expression("(x*y + sin(x)) * x", x=2.0, y=3.0),
        Graph.from_expression("x*x + x*y + 2*x", x=-2.123, y=3.456),
        Graph.from_network([2, 2, 1]),
        Graph.from_network([2, 3, 2], activation="sigmoid", seed=5),
    ],
    ids=["neuron", "fork", "shares", "2-2-1", "2-3-2"],
)
def test_texts_of_the_picture_do_not_overlap(graph, open_page):
    page = open_page(graph.svg())
    boxes = page.locator("svg text").evaluate_all(
        """all => all.map(t => {
            const b = t.getBoundingClientRect();
            const parts = [t.textContent, b.left, b.top + 2, b.right, b.bottom - 2];
            const core = t.closest('.node')?.querySelector('.core').getBoundingClientRect();
            const inside = t.classList.contains('v');
            return [...parts, inside ? Math.min(b.left - core.left, core.right - b.right) : 1];
        })"""
    )
    assert len(boxes) > 10
    for k, (text, left, top, right, bottom, room) in enumerate(boxes):
        assert room > 0, f"{text} leaves its box"
        for other, left2, top2, right2, bottom2, _ in boxes[:k]:
            apart = right <= left2 or right2 <= left or bottom <= top2 or bottom2 <= top
            assert apart, f"{text} overlaps {other}"
