"""A film holds every frame, starts where its explorer starts, and asks for nothing from outside."""

import json
import re
from html.parser import HTMLParser

import numpy as np
import pytest

from backprop_course.widgets import film
from backprop_course.widgets.film import Reel, film_html
from backprop_course.widgets.matrices import GradientEntries
from backprop_course.widgets.neuron import neuron_explorer
from backprop_course.widgets.softmax import SoftmaxExplorer
from backprop_course.widgets.training import XorExplorer

FRAMES = [
    f'<svg role="img"><title>a</title><text x="{k}">{k} &lt; 9</text></svg>' for k in range(4)
]


def reels():
    return [
        Reel("weight w", ["0", "1", "2", "3"], FRAMES, start=2),
        Reel("label", ["cat", "dog & co"], [FRAMES[2], FRAMES[0]]),
    ]


def played(html):
    """Return every frame of every reel, put together from the pieces as the browser does."""
    data = json.loads(re.search(r'<script type="application/json">(.*?)</script>', html)[1])
    return [
        ["".join(data["pieces"][number] for number in frame) for frame in reel["frames"]]
        for reel in data["reels"]
    ]


class Tags(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.found = []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.found.append((tag, dict(attributes)))


def test_every_frame_comes_back_as_it_was():
    assert played(film_html(reels())) == [FRAMES, [FRAMES[2], FRAMES[0]]]


def test_equal_pieces_are_stored_once():
    long = "<path d='" + "M0 0l1 1" * 500 + "'/>"
    frames = [f"<svg>{long}<text>{k}</text></svg>" for k in range(20)]
    html = film_html([Reel("x", [str(k) for k in range(20)], frames)])
    assert html.count("M0 0l1 1") == 2 * 500  # in the first picture, and in the data


def test_the_film_opens_at_the_start_of_its_explorer():
    html = film_html(reels())
    sliders = [attributes for tag, attributes in Tags(html).found if tag == "input"]
    assert [slider["value"] for slider in sliders] == ["2", "0"]
    assert [slider["max"] for slider in sliders] == ["3", "1"]
    assert [slider["aria-label"] for slider in sliders] == ["weight w", "label"]
    assert [slider["aria-valuetext"] for slider in sliders] == ["2", "cat"]
    assert f'<div class="bpc-film__frame">{FRAMES[2]}</div>' in html


def test_only_time_gets_a_button():
    assert "<button" not in film_html(reels())
    assert "<button" in film_html([Reel("epoch", ["0", "1"], FRAMES[:2], plays=True)])


def test_nothing_is_asked_from_outside():
    for _tag, attributes in Tags(film_html(reels())).found:
        assert not {"src", "href", "srcset"} & set(attributes)
    assert "url(" not in film_html(reels()) and "http" not in film_html(reels())


def test_a_script_in_a_frame_cannot_end_the_data():
    frames = ["<b></script><!-- <script>", "<i></i>"]
    html = film_html([Reel("x", ["0", "1"], list(reversed(frames)))])
    assert played(html) == [list(reversed(frames))]


@pytest.mark.parametrize(
    "wrong, sentence",
    [
        ({"values": ["0"], "frames": FRAMES}, "has 1 values and 4 frames"),
        ({"values": [], "frames": []}, "at least one"),
        ({"values": ["0"], "frames": FRAMES[:1], "start": 1}, "starts at 1"),
    ],
)
def test_a_reel_that_does_not_fit_is_refused(wrong, sentence):
    with pytest.raises(ValueError, match=sentence):
        Reel("x", **wrong)


def test_a_film_needs_a_reel():
    with pytest.raises(ValueError, match="at least one reel"):
        film_html([])


@pytest.mark.parametrize("value, expected", [("1", True), ("0", False), (None, False)])
def test_films_are_wanted_only_in_the_kernel_of_the_deck(monkeypatch, value, expected):
    monkeypatch.delenv(film.SWITCH, raising=False)
    if value is not None:
        monkeypatch.setenv(film.SWITCH, value)
    assert film.wanted() is expected


def test_the_bundle_of_an_explorer():
    class Explorer:
        def film(self):
            return reels()

        def __repr__(self):
            return "Explorer(w=2)"

    bundle = film.bundle(Explorer())
    assert set(bundle) == {"text/plain", "text/html"}
    assert bundle["text/plain"] == "Explorer(w=2)"
    assert played(bundle["text/html"])[0] == FRAMES


@pytest.mark.parametrize(
    "steps, start, expected",
    [
        (2, 0.0, ([-1.0, 0.0, 1.0], 1)),
        (2, 0.05, ([-1.0, 0.05, 1.0], 1)),
        (2, 0.5, ([-1.0, 0.0, 0.5, 1.0], 2)),
        (2, 1.0, ([-1.0, 0.0, 1.0], 2)),
    ],
)
def test_places_hold_the_start_and_nothing_too_close_to_it(steps, start, expected):
    assert film.places(-1, 1, start, steps=steps) == expected


def explorers():
    X, W = np.array([[1.0, 2.0], [4.0, -1.0], [2.0, 1.0]]), np.array([[1.0, -1.0], [2.0, 1.0]])
    return [
        neuron_explorer(),
        SoftmaxExplorer(),
        GradientEntries(X, W, np.ones(2), X @ W),
        XorExplorer(hidden=3),
    ]


@pytest.mark.parametrize("explorer", explorers(), ids=lambda one: type(one).__name__)
def test_the_films_of_the_explorers(explorer, monkeypatch):
    before = repr(explorer)
    bundle = explorer._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle and "text/html" not in bundle

    monkeypatch.setenv(film.SWITCH, "1")
    bundle = explorer._repr_mimebundle_()
    assert set(bundle) == {"text/plain", "text/html"}
    frames = played(bundle["text/html"])
    assert (
        len({reel[shown.start] for reel, shown in zip(frames, explorer.film(), strict=True)}) == 1
    )
    # The sliders change what is seen; only a shift of all logits changes nothing.
    still = [len(set(reel)) <= len(reel) / 2 for reel in frames]
    assert sum(still) == isinstance(explorer, SoftmaxExplorer)
    assert len(bundle["text/html"]) < 400_000
    assert repr(explorer) == before
