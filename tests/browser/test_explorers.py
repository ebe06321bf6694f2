"""Every explorer in a real JupyterLab: drag it, press its keys and buttons, read its numbers.

What a picture should say is computed here once more, from what its sliders show.
"""

import re
import time

import nbformat
import numpy as np
import pytest

from backprop_course import datasets
from backprop_course.network import NeuralNetwork
from backprop_course.widgets.spirals import STEPS
from backprop_course.widgets.training import train_xor
from tests.browser.conftest import REACT, Notebook

IMPORTS = """\
import numpy as np
from backprop_course.widgets import neuron_explorer
from backprop_course.widgets.activation import ActivationExplorer
from backprop_course.widgets.cost import CostExplorer
from backprop_course.widgets.matrices import GradientEntries
from backprop_course.widgets.softmax import SoftmaxExplorer
from backprop_course.widgets.spirals import SpiralsExplorer
from backprop_course.widgets.step_size import StepSizeExplorer
from backprop_course.widgets.training import XorExplorer
X, W = np.array([[1.0, 2.0], [3.0, -1.0]]), np.array([[2.0, 0.0, 1.0], [-1.0, 4.0, 3.0]])
b, dZ = np.array([1.0, -2.0, 0.5]), np.array([[1.0, 2.0, -3.0], [4.0, 5.0, 7.0]])"""

CONTRAST = 4.5  # of small text with its ground, after WCAG 2 level AA

# The colours of every visible text and of all that lies under its middle, from the top down.
TEXTS_AND_GROUNDS = """root => {
    const opacity = element => {
        let product = 1;
        for (let e = element; e; e = e.parentElement) product *= getComputedStyle(e).opacity;
        return product;
    };
    const fill = element => {
        const style = getComputedStyle(element);
        return [style.fill, style.fillOpacity * opacity(element)];
    };
    const paint = (element, x, y) => {
        if (!(element instanceof SVGGeometryElement))
            return [getComputedStyle(element).backgroundColor, opacity(element)];
        // A line that was hit on its stroke covers nothing.
        const place = new DOMPoint(x, y).matrixTransform(element.getScreenCTM().inverse());
        return element.isPointInFill(place) ? fill(element) : ['none', 0];
    };
    const texts = root.querySelectorAll(
        'svg text, .widget-label, .widget-readout, button, select, [role=status]');
    return Array.from(texts).filter(text => text.textContent.trim() && !text.disabled
            && !text.closest('.widget-inline-hbox')?.querySelector('[disabled]'))
        .map(text => {
            const box = text.getBoundingClientRect();
            const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
            const under = document.elementsFromPoint(x, y);
            const drawn = text instanceof SVGElement;
            return {
                text: text.textContent.trim(),
                ink: drawn ? fill(text) : [getComputedStyle(text).color, opacity(text)],
                grounds: under.filter(element => !element.closest('text'))
                    .map(element => paint(element, x, y)),
            };
        }).filter(({grounds}) => grounds.length > 0);
}"""


def number(text):
    return float(text.replace("\N{MINUS SIGN}", "-"))


def shown(value, decimals=2):
    """Return a number as the pictures write it that have a real minus sign."""
    return f"{value + 0.0:.{decimals}f}".replace("-", "\N{MINUS SIGN}")


class Explorer:
    """One explorer as a reader meets it: handles to drag, buttons to press, text to read."""

    def __init__(self, notebook, source):
        self.notebook, self.page = notebook, notebook.page
        notebook.show(source)
        notebook.command("notebook:run-cell")  # anew, from its first state
        self.root = self.page.locator(".jp-Notebook-cell.jp-mod-active .jp-OutputArea-output")
        self.picture = self.root.locator("svg[role=img]")
        self.picture.wait_for()

    def sees(self, *texts):
        """Wait until the picture, or the line below it, shows these texts."""
        for text in texts:
            place = self.root.locator("svg text, [role=status]")
            place.filter(has_text=text).first.wait_for()

    def settles(self, expected):
        """Wait until the explorer shows the texts that belong to what its sliders now read.

        A slider may still be on its way when it is read, so it is read again until both agree.
        """
        end = time.monotonic() + REACT
        while not all(map(self.shows, texts := expected())):
            if time.monotonic() > end:
                pytest.fail(f"expected {texts}, but the picture shows: {self.root.text_content()}")
            self.page.wait_for_timeout(100)

    def shows(self, text):
        return self.root.locator("svg text, [role=status]").filter(has_text=text).count() > 0

    def count(self, selector):
        return self.picture.locator(selector).count()

    def control(self, name):
        label = self.page.locator(".widget-label", has_text=re.compile(f"^{re.escape(name)}$"))
        return self.root.locator(".widget-inline-hbox").filter(has=label)

    def reads(self, name):
        """Return the number beside a slider."""
        return number(self.control(name).locator(".widget-readout").inner_text())

    def keys(self, name, *keys):
        """Press keys on a slider, and return what it then reads."""
        before = self.reads(name)
        self.control(name).locator(".noUi-handle").focus()
        for key in keys:
            self.page.keyboard.press(key)
        return self._moved(name, before)

    def drag(self, name, share):
        """Drag a slider by a share of its length, and return what it then reads."""
        before, control = self.reads(name), self.control(name)
        length = control.locator(".noUi-base").bounding_box()["width"]
        box = control.locator(".noUi-handle").bounding_box()
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        self.page.mouse.move(x, y)
        self.page.mouse.down()
        self.page.mouse.move(x + share * length, y, steps=5)
        self.page.mouse.up()
        return self._moved(name, before)

    def _moved(self, name, before):
        end = time.monotonic() + REACT
        while self.reads(name) == before:
            assert time.monotonic() < end, f"the slider '{name}' did not move from {before}"
            self.page.wait_for_timeout(50)
        return self.rests(name)

    def rests(self, name):
        """Wait until a slider stands still, and return what it reads."""
        last = None
        while (now := self.reads(name)) != last:
            last = now
            self.page.wait_for_timeout(200)
        return now

    def press(self, name):
        self.root.get_by_role("button", name=name, exact=True).click()

    def choose(self, name, option):
        self.control(name).locator("select").select_option(label=option)

    def size(self):
        end = time.monotonic() + REACT
        while (box := self.picture.bounding_box()) is None:  # it is just being replaced
            assert time.monotonic() < end, "the picture is gone"
            self.page.wait_for_timeout(50)
        return round(box["width"]), round(box["height"])

    def labels_astray(self):
        """Return the names of controls that stand above their control instead of before it."""
        return self.root.locator(".widget-label:visible").evaluate_all(
            """labels => labels.filter(label => label.nextElementSibling.getBoundingClientRect().top
                >= label.getBoundingClientRect().bottom).map(label => label.textContent)"""
        )

    def faint_texts(self):
        """Return the texts with too little contrast, and how much they have."""
        found = self.root.evaluate(TEXTS_AND_GROUNDS)
        assert len(found) > 10, "the texts of this explorer were not found"
        contrasts = [(text["text"], contrast(text["ink"], text["grounds"])) for text in found]
        return [f"{text}: {ratio:.2f}" for text, ratio in contrasts if ratio < CONTRAST]


def rgba(paint):
    """Return a CSS colour with an opacity beside it as ([red, green, blue], opacity)."""
    colour, opacity = paint
    if colour == "none":
        return np.zeros(3), 0.0
    parts = [float(part) for part in re.findall(r"[\d.]+", colour)]
    return np.array(parts[:3]), float(opacity) * (parts[3] if len(parts) > 3 else 1.0)


def contrast(ink, grounds):
    """Return the contrast of a colour with the layers under it, 1 to 21, after WCAG 2."""
    ground = np.full(3, 255.0)
    for colour, opacity in map(rgba, reversed(grounds)):
        ground = opacity * colour + (1 - opacity) * ground
    colour, opacity = rgba(ink)
    lights = sorted(map(luminance, (ground, opacity * colour + (1 - opacity) * ground)))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def luminance(colour):
    shares = np.asarray(colour) / 255
    linear = np.where(shares <= 0.04045, shares / 12.92, ((shares + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def test_contrast_of_known_colours():
    white, black = ("rgb(255, 255, 255)", 1), ("rgb(0, 0, 0)", 1)
    assert contrast(black, [white]) == pytest.approx(21)
    assert contrast(("rgb(118, 118, 118)", 1), [white]) == pytest.approx(4.54, abs=0.01)
    assert contrast(black, [("rgba(0, 0, 0, 0)", 1), ("none", 1), black, white]) == 1
    assert contrast(("rgba(0, 0, 0, 0.5)", 1), [white]) == contrast(("rgb(0, 0, 0)", 0.5), [white])


# One function for each explorer; it leaves a state in which the picture has something to show.


def neuron(explorer):
    names = ("input x", "weight w", "bias b", "target y")

    def slope():
        x, w, b, y = map(explorer.reads, names)
        z = w * x + b
        return (z - y) * x if z > 0 else 0.0

    explorer.sees("slope of the tangent = −6.00")
    assert explorer.keys("weight w", "ArrowRight") == 3.01
    explorer.sees("slope of the tangent = −5.96")
    for name, share in (("input x", 0.1), ("bias b", 0.2), ("target y", -0.1)):
        explorer.drag(name, share)
        explorer.settles(lambda: [f"slope of the tangent = {shown(slope())}"])
    explorer.press("reset")
    explorer.sees("slope of the tangent = −6.00")
    explorer.press("step downhill (0.05)")
    explorer.sees("slope of the tangent = −4.50")
    assert slope() == pytest.approx(-4.5)


def gradient_entries(explorer):
    explorer.sees("dW[0, 1] = X[0, 0] · dZ[0, 1] + X[1, 0] · dZ[1, 1]", "= 1 · 2 + 3 · 5 = 17")
    assert explorer.keys("row", "ArrowRight") == 1
    explorer.sees("dW[1, 1] =", "= 2 · 2 + (-1) · 5 = -1")
    assert explorer.drag("column", 0.6) == 2
    explorer.sees("dW[1, 2] =", "= 2 · (-3) + (-1) · 7 = -13")
    assert explorer.keys("terms", "ArrowLeft") == 1
    explorer.sees("so far 2 · (-3) = -6")
    explorer.press("db")
    explorer.sees("db[2] = dZ[0, 2] + dZ[1, 2]", "= (-3) + 7 = 4")
    explorer.press("dX")  # two columns; and db left the first row
    explorer.sees("dX[0, 1] = ", "= 1 · (-1) + 2 · 4 + (-3) · 3 = -2")


def softmax(explorer):
    def texts(logits, label=1):
        E = np.exp(logits)
        P, target = E / E.sum(), np.eye(3)[label]
        loss = f"loss {-np.log(P[label]):.4f}"
        return [loss, *(f"{p:.4f}" for p in P), *(f"{g:+.4f}" for g in P - target)]

    def agrees(*state, **label):
        explorer.sees(*texts(*state, **label))

    start = np.log([1, 2, 3])
    agrees(start)
    explorer.keys("class 0", "PageUp")
    explorer.drag("class 2", -0.2)

    def dragged():
        return [explorer.reads("class 0"), start[1], explorer.reads("class 2")]

    explorer.settles(lambda: texts(dragged()))
    moved = dragged()
    explorer.press("add 1 to every logit")
    explorer.control("class 1").filter(has_text="+1.69").wait_for()
    agrees(moved)
    explorer.drag("temperature", 0.2)
    explorer.settles(lambda: [f"divided by T = {explorer.reads('temperature'):.1f}"])
    explorer.press("start again")
    agrees(start)
    explorer.press("step downhill")
    agrees(start - [1 / 6, -2 / 3, 1 / 2])
    explorer.choose("label", "class 2")
    agrees(start - [1 / 6, -2 / 3, 1 / 2], label=2)


def activation(explorer):
    def agrees(slope):
        def expected():
            return [f"× {shown(slope(), 4)}", shown(explorer.reads("dout arrives") * slope(), 4)]

        explorer.settles(expected)

    def sigmoid_slope():
        a = 1 / (1 + np.exp(-explorer.reads("z enters")))
        return a * (1 - a)

    agrees(sigmoid_slope)
    assert explorer.keys("z enters", "ArrowRight") == 1.05
    agrees(sigmoid_slope)
    assert explorer.drag("z enters", -0.2) < 0
    explorer.drag("dout arrives", -0.5)
    agrees(sigmoid_slope)
    explorer.press("ReLU")
    agrees(lambda: 0.0)
    explorer.sees("closed: nothing passes")
    explorer.press("leaky ReLU")
    agrees(lambda: 0.1)
    explorer.drag("leaky slope", 0.3)
    agrees(lambda: explorer.reads("leaky slope"))
    explorer.press("tanh")
    agrees(lambda: 1 - np.tanh(explorer.reads("z enters")) ** 2)
    explorer.sees("a = tanh(z)")


def step_size(explorer):
    def agrees():
        def expected():
            x, h = explorer.reads("point x"), explorer.reads("step h")
            error = h**2 / x**2 / (1 + h**2 / x**2)  # of the larger one, 4 x**3 + 4 x h**2
            return [re.compile(rf"true {4 * x**3:.4g}.*, relative error {error:.1e}")]

        explorer.settles(expected)

    explorer.sees("measured 4.04, true 4, relative error 9.9e-03")
    assert explorer.keys("step h", *["ArrowLeft"] * 4) == 0.01
    explorer.sees("measured 4.0004, true 4, relative error 1.0e-04")
    explorer.drag("point x", 0.25)
    agrees()
    explorer.drag("step h", -0.6)
    explorer.sees("Too small: the difference drowns in the rounding of f.")
    explorer.press("complex step")
    explorer.sees("A step sideways: nothing is subtracted, so nothing drowns.")
    explorer.press("one-sided")
    explorer.press("float32")
    explorer.sees("The step is lost: x + h is rounded to x.", "measured 0, true")
    explorer.choose("function", "ReLU(x - 1)")
    explorer.sees("measured 0, true 1, relative error 1.0e+00")


def xor(explorer):
    def agrees(*, summed):
        def expected():
            hidden, rate = int(explorer.reads("hidden units")), explorer.reads("learning rate")
            learnt = train_xor(hidden, rate, summed=summed).learnt.sum()
            return [f"{learnt} of 200 learn XOR"]

        explorer.settles(expected)
        learnt = int(explorer.picture.locator("text.h").text_content().split()[0])
        # One circle and one cross belong to the key.
        assert explorer.count("circle") == learnt + 1
        assert explorer.count("path") == 200 - learnt + 1

    agrees(summed=True)
    assert explorer.keys("hidden units", "ArrowRight") == 5
    agrees(summed=True)
    assert explorer.drag("hidden units", 0.15) > 6
    explorer.keys("learning rate", "ArrowLeft")
    agrees(summed=True)
    explorer.press("mean")
    agrees(summed=False)


def spirals(explorer):
    X, y = datasets.spirals(classes=3, per_class=50, noise=0.15)

    def agrees(frame, hidden=16, rate=0.3):
        network = NeuralNetwork([2, hidden, hidden, 3], seed=0)
        if frame:
            everything = {"batch_size": len(X), "on_epoch": None}
            network.fit(X, y, epochs=STEPS * frame, learning_rate=rate, **everything)
        loss, accuracy = network.loss(X, y), network.accuracy(X, y)
        explorer.sees(
            f"After {STEPS * frame} steps: loss {loss:.3f}, {accuracy:.0%} of the examples right"
        )
        for line in explorer.picture.locator("polyline").all():
            assert len(line.get_attribute("points").split()) == frame + 1

    def regions():
        return explorer.picture.locator("image").get_attribute("href")

    agrees(0)
    first = regions()
    explorer.press("step")
    agrees(1)
    assert regions() != first
    assert explorer.keys("frame", "ArrowRight", "ArrowRight") == 3
    agrees(3)
    agrees(int(explorer.drag("frame", 0.1)))
    explorer.press("reset")
    agrees(0)
    assert regions() == first
    explorer.keys("learning rate", "ArrowRight")
    explorer.press("step")
    agrees(1, rate=explorer.reads("learning rate"))
    assert explorer.keys("hidden units", "ArrowLeft") == 15
    agrees(0, hidden=15)
    play = explorer.root.locator(".widget-play button")
    play.first.click()
    explorer.sees("After 16 steps")
    play.first.click()
    agrees(int(explorer.rests("frame")), hidden=15, rate=explorer.reads("learning rate"))


def cost(explorer):
    explorer.sees("one step = 2.40")
    explorer.keys("batch N", *["ArrowRight"] * 4)
    explorer.sees("serves 512 rows")
    explorer.press("computed")
    explorer.sees("one step = 3.00")
    explorer.press("left out")
    explorer.drag("linear layers", 0.4)
    inputs, hidden, outputs = map(explorer.reads, ("inputs", "hidden units", "outputs"))

    def weights():
        layers = int(explorer.reads("linear layers"))
        return inputs * hidden + (layers - 2) * hidden**2 + hidden * outputs

    explorer.settles(lambda: [f"one step = {3 - inputs * hidden / weights():.2f}"])
    biases = (explorer.reads("linear layers") - 1) * hidden + outputs
    explorer.press("8")
    explorer.sees(f"{8 * (weights() + biases) / 1e6:.3g} MB")


EXPLORERS = {
    "neuron_explorer()": neuron,
    "GradientEntries(X, W, b, dZ)": gradient_entries,
    "SoftmaxExplorer()": softmax,
    "ActivationExplorer('sigmoid')": activation,
    "StepSizeExplorer()": step_size,
    "XorExplorer()": xor,
    "SpiralsExplorer()": spirals,
    "CostExplorer()": cost,
}


@pytest.fixture(scope="module")
def notebook(lab, chromium):
    """One notebook with all explorers, open in JupyterLab."""
    cells = [nbformat.v4.new_code_cell(source) for source in (IMPORTS, *EXPLORERS)]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    page = nbformat.v4.new_notebook(cells=cells, metadata=kernel)
    nbformat.write(page, lab.folder / "explorers.ipynb")
    context = chromium.new_context(viewport={"width": 1280, "height": 960})
    context.set_default_timeout(REACT * 1000)
    notebook = Notebook(context.new_page())
    notebook.open(lab, "explorers.ipynb")
    notebook.run_all()
    assert notebook.errors() == []
    yield notebook
    context.close()


@pytest.mark.parametrize("source", EXPLORERS, ids=lambda source: EXPLORERS[source].__name__)
@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_explorer(notebook, theme, source, screenshots):
    notebook.use_theme(f"JupyterLab {theme}")
    explorer, play = Explorer(notebook, source), EXPLORERS[source]
    size = explorer.size()
    play(explorer)
    assert explorer.size() == size, "the picture jumped"
    explorer.root.screenshot(path=screenshots / f"{play.__name__}_{theme.lower()}.png")
    assert explorer.labels_astray() == []
    assert explorer.faint_texts() == []
    assert notebook.errors() == []
    assert notebook.page_errors == []
