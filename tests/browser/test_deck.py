"""Decks in a real browser, opened from a file: nothing is fetched, everything can be used."""

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
import numpy as np
import pytest

from backprop_course.authoring import cells as cells_module
from backprop_course.authoring.lecture import running
from backprop_course.authoring.lecture.deck import deck_html
from backprop_course.authoring.lecture.notes import notes_file, read_notes
from backprop_course.authoring.lessons import find_lessons, lesson_notebook
from backprop_course.widgets import film
from backprop_course.widgets.activation import ActivationExplorer
from backprop_course.widgets.cost import CostExplorer
from backprop_course.widgets.matrices import GradientEntries
from backprop_course.widgets.neuron import neuron_explorer
from backprop_course.widgets.softmax import SoftmaxExplorer
from backprop_course.widgets.spirals import SpiralsExplorer
from backprop_course.widgets.step_size import StepSizeExplorer
from backprop_course.widgets.training import XorExplorer

LESSONS = {
    lesson.number: lesson
    for lesson in find_lessons(Path(__file__).parents[2] / "notebooks" / "source")
}
READY = "html[data-ready]"
OVERFULL = """() => deck.getSlides().filter(slide => {
    const page = slide.querySelector('.page');
    return page.scrollHeight > page.clientHeight + 1 || page.scrollWidth > page.clientWidth;
}).map(slide => slide.dataset.heading)"""


class Deck:
    """One deck, open in the browser."""

    def __init__(self, chromium, file):
        self.context = chromium.new_context(viewport={"width": 1280, "height": 720})
        self.page = self.context.new_page()
        self.requests, self.complaints = [], []
        self.context.on("request", lambda request: self.requests.append(request.url))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", self._hear)
        self.open(file.as_uri())

    def open(self, address):
        self.page.goto(address)
        self.page.wait_for_selector(READY, state="attached", timeout=60_000)

    def _hear(self, message):
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    @property
    def outside(self):
        return [url for url in self.requests if not url.startswith(("file:", "data:", "about:"))]

    @property
    def number(self):
        return self.page.evaluate("deck.getSlidePastCount()")

    def go_to(self, selector):
        """Show the slide that holds the first such element, and return the element."""
        self.page.evaluate(
            """selector => {
                const place = document.querySelector(selector).closest('section');
                const { h, v } = deck.getIndices(place);
                deck.slide(h, v);
            }""",
            selector,
        )
        return self.page.locator(selector).first


def widgets_only(lesson, *words):
    """Return a lesson with its imports and the cells that hold one of the words, and no others."""
    notebook = lesson_notebook(lesson)
    imports = next(cell for cell in notebook.cells if cell.cell_type == "code")
    notebook.cells = [
        cell
        for cell in notebook.cells
        if cell.cell_type == "markdown" or cell is imports or cell.source.startswith(words)
    ]
    return notebook


@pytest.fixture(scope="module")
def open_deck(chromium, tmp_path_factory):
    """A function that writes the deck of a notebook to a file and opens it."""
    folder, decks = tmp_path_factory.mktemp("decks"), []

    def open_(notebook, name, notes=()):
        file = folder / f"{name}.html"
        file.write_text(deck_html(notebook, f"Deck {name}", notes), encoding="utf-8")
        decks.append(Deck(chromium, file))
        return decks[-1]

    yield open_
    for deck in decks:
        deck.context.close()


def run(monkeypatch, number, *words):
    """Run the few cells of a lesson that show widgets, as the deck's builder does."""
    monkeypatch.setattr(running, "lesson_notebook", lambda lesson: widgets_only(lesson, *words))
    # Playwright keeps an event loop in this thread; the kernel needs one of its own.
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(running.run_lesson, LESSONS[number], running.WALL).result()


def test_a_lesson_in_the_lecture_hall(open_deck, monkeypatch, screenshots):
    notes = read_notes(notes_file(LESSONS["01"]))
    deck = open_deck(run(monkeypatch, "01", "neuron_explorer("), "01", notes)
    page = deck.page
    assert page.locator(".katex").count() > 50
    assert page.evaluate(OVERFULL) == []
    page.screenshot(path=screenshots / "deck_1_title.png")

    # Keys turn the slides; each shows its heading and its number.
    for key in ("ArrowRight", "Space", "PageDown", "ArrowLeft"):
        page.keyboard.press(key)
    assert deck.number == 2
    assert "A derivative is a factor" in page.locator(".running").inner_text()

    # Every slide has the notes of its heading, and the seconds for the speaker's clock.
    first = page.locator("aside.notes").first
    assert "Sixty minutes" in first.text_content()
    assert page.locator(".slides section section").count() == page.locator("aside.notes").count()
    seconds = page.evaluate(
        "deck.getSlides().map(slide => Number(slide.dataset.timing)).reduce((a, b) => a + b)"
    )
    assert seconds == pytest.approx(3600, abs=60)

    # A folded answer opens with the keyboard, which then still turns the slides.
    summary = deck.go_to("summary")
    here = deck.number
    summary.focus()
    page.keyboard.press("Space")
    assert page.evaluate("document.querySelector('details').open")
    assert deck.number == here
    page.keyboard.press("ArrowRight")
    assert deck.number == here + 1

    # The film: keyboard and mouse move the picture, and not the slides.
    slider = deck.go_to(".bpc-film input[aria-label='weight w']")
    picture = page.locator(".bpc-film__frame")
    here, before = deck.number, picture.inner_html()
    slider.focus()
    page.keyboard.press("ArrowRight")
    assert deck.number == here
    assert slider.get_attribute("aria-valuetext") == "3.50"
    moved = picture.inner_html()
    assert moved != before
    other = page.locator(".bpc-film input[aria-label='input x']")
    box = other.bounding_box()
    page.mouse.click(box["x"] + box["width"] * 0.1, box["y"] + box["height"] / 2)
    assert picture.inner_html() not in (before, moved)
    assert slider.get_attribute("aria-valuetext") == "3.00", "the others go back to their start"
    page.screenshot(path=screenshots / "deck_2_film.png")

    # A remote control sends PageDown: it turns the slide wherever the focus is.
    page.keyboard.press("PageDown")
    assert deck.number == here + 1
    assert deck.outside == [] and deck.complaints == []


def test_the_window_of_the_speaker(open_deck):
    lesson = LESSONS["03"]
    deck = open_deck(lesson_notebook(lesson), "03", read_notes(notes_file(lesson)))
    with deck.context.expect_page() as opened:
        deck.page.keyboard.press("s")
    window = opened.value
    notes = window.locator(".speaker-controls-notes .value")
    notes.get_by_text("Sixty minutes").wait_for(timeout=30_000)
    deck.page.keyboard.press("ArrowRight")
    notes.get_by_text("Let them work on paper").wait_for(timeout=30_000)
    window.locator(".pacing").wait_for(timeout=30_000)  # the minutes reach the speaker's clock
    assert deck.outside == []


def test_the_stepper_steps(open_deck, monkeypatch, screenshots):
    deck = open_deck(run(monkeypatch, "02", "Stepper."), "02")
    page = deck.page
    assert page.evaluate(OVERFULL) == []
    step = deck.go_to(".bpc-stepper .bpc-step")
    words = page.locator(".bpc-stepper .bpc-count").first
    here, before = deck.number, words.inner_text()
    step.click()
    after = words.inner_text()
    assert before != after
    page.keyboard.press("ArrowRight")
    assert words.inner_text() not in (before, after)
    assert deck.number == here
    page.screenshot(path=screenshots / "deck_3_stepper.png")
    page.keyboard.press("PageDown")
    assert deck.number == here + 1
    assert deck.outside == [] and deck.complaints == []


def test_a_printed_deck(open_deck, monkeypatch, screenshots):
    """One sheet for each page, nothing cut off, nothing left that only a finger could open."""
    notes = read_notes(notes_file(LESSONS["01"]))
    deck = open_deck(run(monkeypatch, "01", "neuron_explorer("), "on paper", notes)
    page, slides = deck.page, deck.page.evaluate("deck.getTotalSlides()")
    assert page.locator("details:not([open])").count() > 0
    deck.open(page.url.partition("#")[0] + "?print-pdf")
    page.wait_for_selector(".pdf-page", timeout=60_000)
    assert page.locator(".pdf-page").count() == slides
    assert page.locator("details:not([open])").count() == 0
    assert page.evaluate(OVERFULL) == []
    cut_off = """() => [...document.querySelectorAll('.pdf-page')].filter(sheet => {
        const { bottom, right } = sheet.querySelector('.page').getBoundingClientRect();
        const edge = sheet.getBoundingClientRect();
        return bottom > edge.bottom || right > edge.right;
    }).length"""
    assert page.evaluate(cut_off) == 0
    pdf = page.pdf(prefer_css_page_size=True, print_background=True)
    (screenshots / "deck.pdf").write_bytes(pdf)
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == slides
    assert not page.locator(".running").is_visible()
    assert deck.outside == [] and deck.complaints == []


@pytest.mark.parametrize("number", LESSONS)
def test_every_formula_of_every_lesson_is_set(open_deck, number):
    """Without outputs, which saves the kernel: the formulas are in the text."""
    lesson = LESSONS[number]
    notes = read_notes(notes_file(lesson)) if notes_file(lesson).exists() else ()
    deck = open_deck(lesson_notebook(lesson), f"text of {number}", notes)
    page = deck.page
    assert (
        page.evaluate("[...document.querySelectorAll('.katex-error')].map(error => error.title)")
        == []
    )
    left_over = page.evaluate(
        """() => {
            const words = document.createTreeWalker(
                document.querySelector('.slides'), NodeFilter.SHOW_TEXT);
            const found = [];
            while (words.nextNode()) {
                const { data, parentElement } = words.currentNode;
                if (data.includes('$') && !parentElement.closest('code, pre, .katex')) {
                    found.push(data);
                }
            }
            return found;
        }"""
    )
    assert left_over == []
    assert page.evaluate(OVERFULL) == []
    assert deck.outside == [] and deck.complaints == []


def films():
    """Each explorer of the course, as a lesson shows it."""
    X = np.array([[1.0, 2.0, 3.0], [4.0, -1.0, 2.0]])
    W, b = np.array([[1.0, -1.0], [2.0, 1.0], [-1.0, 3.0]]), np.array([3.0, 1.0])
    yield "neuron", neuron_explorer()
    yield "entries", GradientEntries(X, W, b, np.array([[1.0, 2.0], [-2.0, 3.0]]))
    yield "activation", ActivationExplorer("GELU")
    yield "softmax", SoftmaxExplorer()
    yield "step", StepSizeExplorer()
    yield "xor", XorExplorer(hidden=4, learning_rate=0.1, summed=True)
    yield "spirals", SpiralsExplorer(frame=100)
    yield "cost", CostExplorer()


def test_every_explorer_is_dragged_in_a_deck(open_deck):
    """Each slider of each film, by the keyboard: the picture changes, and the slide does not."""
    cells = [nbformat.v4.new_code_cell("import this")]  # a deck leaves the first code cell out
    for name, explorer in films():
        bundle = film.bundle(explorer)
        shown = nbformat.v4.new_output("display_data", data=bundle)
        cells.append(nbformat.v4.new_markdown_cell(f"## {name}"))
        cells.append(nbformat.v4.new_code_cell("show()", outputs=[shown]))
    deck = open_deck(cells_module.notebook(cells, built_from="here"), "films")
    for number, (name, explorer) in enumerate(films()):
        slide = deck.page.locator(".bpc-film").nth(number)
        for reel in explorer.film():
            deck.page.evaluate(
                """number => {
                    const place = document.querySelectorAll('.bpc-film')[number];
                    const { h, v } = deck.getIndices(place.closest('section'));
                    deck.slide(h, v);
                }""",
                number,
            )
            slider = slide.get_by_label(reel.label, exact=True)
            here, before = deck.number, slide.locator(".bpc-film__frame").inner_html()
            slider.focus()
            last = reel.start == len(reel.values) - 1
            for _ in range(3):
                deck.page.keyboard.press("ArrowLeft" if last else "ArrowRight")
            after = slide.locator(".bpc-film__frame").inner_html()
            assert after != before, f"{name}: {reel.label} moves nothing"
            assert deck.number == here, f"{name}: {reel.label} turns the slide"
    assert deck.outside == [] and deck.complaints == []


def test_a_film_plays_until_somebody_takes_over(open_deck):
    """Whoever moves a slider or presses the button again stops it; at its end it stops itself."""
    frames = [f"<svg><text>{k}</text></svg>" for k in range(8)]
    numbers = [str(k) for k in range(8)]
    reels = [film.Reel("steps", numbers, frames, plays=True), film.Reel("rate", numbers, frames)]
    html = film.film_html(reels)
    shown = nbformat.v4.new_output("display_data", data={"text/html": html})
    cells = [
        nbformat.v4.new_markdown_cell("## Play"),
        nbformat.v4.new_code_cell("import this"),
        nbformat.v4.new_code_cell("show()", outputs=[shown]),
    ]
    deck = open_deck(cells_module.notebook(cells, built_from="here"), "play")
    page, button = deck.page, deck.go_to(".bpc-film button")
    steps, rate = (page.get_by_label(name, exact=True) for name in ("steps", "rate"))
    picture = page.locator(".bpc-film__frame")

    def plays_to(number):
        page.wait_for_function(
            "n => document.querySelector('.bpc-film__frame').textContent === n", arg=number
        )

    def stands_still():
        before = picture.inner_text()
        page.wait_for_timeout(700)
        return button.inner_text() == "play" and picture.inner_text() == before

    button.click()
    assert button.inner_text() == "pause"
    plays_to("2")
    button.click()
    assert stands_still()

    button.click()
    plays_to("4")
    rate.focus()
    page.keyboard.press("ArrowRight")
    assert picture.inner_text() == "1" and steps.get_attribute("aria-valuetext") == "0"
    assert stands_still()

    button.click()
    plays_to("2")
    steps.focus()
    page.keyboard.press("End")
    assert stands_still() and picture.inner_text() == "7"

    button.click()  # from the end it begins anew
    plays_to("1")
    plays_to("7")
    assert stands_still()
