"""The deck of a small notebook: slides where the metadata says, all inside one file."""

import re
from html.parser import HTMLParser

import pytest

from backprop_course.authoring.lecture import deck
from backprop_course.authoring.lecture.deck import deck_html, slides
from backprop_course.authoring.lecture.sources import without_docstrings
from tests.authoring.lecture import sample


class Page(HTMLParser):
    """The elements of a page: tag, attributes, and the tags around it."""

    VOID = ("meta", "img", "input", "br", "link", "hr")

    def __init__(self, html):
        super().__init__()
        self.elements, self.open = [], []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes), tuple(self.open)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag in self.open:
            while self.open.pop() != tag:
                pass

    def all(self, tag):
        return [attributes for name, attributes, _ in self.elements if name == tag]


@pytest.fixture(scope="module")
def html():
    return deck_html(sample.notebook(), "A & B", sample.NOTES)


@pytest.fixture(scope="module")
def page(html):
    return Page(html)


def test_slides_begin_where_the_metadata_says():
    first, second = slides(sample.notebook())
    assert (first.heading, second.heading) == ("Lesson 42. A sample", "See `W`")
    assert [len(screen.cells) for screen in first.screens] == [1]  # the imports are left out
    assert [len(screen.cells) for screen in second.screens] == [4, 3]


def test_the_page_is_made_of_slides_and_screens(page):
    sections = [around for tag, _, around in page.elements if tag == "section"]
    assert [around.count("section") for around in sections] == [0, 1, 0, 1, 1]
    assert [one.get("data-heading") for one in page.all("section")] == [
        "Lesson 42. A sample", None, "See W", None, None,
    ]  # fmt: skip
    blocks = [one["class"] for one in page.all("div") if "cell-block" in one.get("class", "")]
    assert blocks == [f"cell-block {kind}" for kind in (
        "text", "text", "code", "text", "code fragment", "text", "code", "code",
    )]  # fmt: skip


def test_nothing_is_fetched_from_outside(html, page):
    for tag, attributes, _ in page.elements:
        assert tag not in ("link", "iframe", "object", "embed", "base")
        for name in ("src", "srcset", "poster", "data", "action"):
            assert attributes.get(name, "data:").startswith("data:"), (tag, attributes)
        if "href" in attributes:
            assert (tag, attributes["href"]) == ("a", "https://example.org/page")
    styles = "".join(re.findall(r"<style>(.*?)</style>", html, re.DOTALL))
    addresses = re.findall(r"url\(([^)]*)", styles)
    fonts = [one for one in addresses if one.startswith("data:font/woff2;base64,")]
    assert len(fonts) == len(list(deck.ASSETS.glob("katex/fonts/*.woff2"))) == 20
    assert all(one.startswith(("data:", "#")) for one in addresses)
    assert "@import" not in styles and "sourceMappingURL" not in html


def test_scripts_end_where_they_should(html, page):
    assert len(page.all("script")) == len(deck.SCRIPTS) + 2  # the film's data and its script
    assert html.count("</script>") == len(page.all("script"))
    assert html.rstrip().endswith("</html>")


def test_a_script_cannot_end_its_element(tmp_path, monkeypatch):
    monkeypatch.setattr(deck, "ASSETS", tmp_path)
    script = 'a = "</script><!-- <script>";\n//# sourceMappingURL=a.js.map\n'
    (tmp_path / "a.js").write_text(script)
    assert deck._script("a.js") == 'a = "<\\/script><\\!-- <script>";\n\n'


def test_no_other_library_is_carried(html):
    for name in ("require.js", "jquery", "mermaid", "MathJax"):
        assert name.lower() not in html.lower().replace("mathjax_ignore", "")
    assert len(html) < 1_500_000


def test_a_figure_is_described_by_its_caption(page):
    (image,) = page.all("img")
    assert image["alt"] == "The dot of W and W_0."


def test_without_a_caption_a_figure_is_described_by_the_heading():
    notebook = sample.notebook()
    notebook.cells[4].source = "No caption."
    (image,) = Page(deck_html(notebook, "t")).all("img")
    assert image["alt"] == "Figure: See W"


def test_notes_stand_on_every_screen_of_their_slide(html, page):
    assert [one["class"] for one in page.all("aside")] == ["notes"] * 3
    assert html.count("Point at the <em>dot</em>") == 2
    minutes = [one.get("data-minutes") for one in page.all("section")]
    assert minutes == ["0", None, "2", None, None]


def test_without_notes_there_are_none():
    page = Page(deck_html(sample.notebook(), "t"))
    assert page.all("aside") == []
    assert not any("data-minutes" in one for one in page.all("section"))


def test_links_to_other_files_become_text(html):
    assert "<span>a file</span>" in html
    assert 'href="../' not in html


def test_formulas_are_left_for_the_browser(html):
    assert "$$dW = X^\\top dZ \\tag{5}$$" in html and "$W_{01}$" in html


def test_printed_code_is_coloured_and_short(html):
    body = html[html.index("Below") :]
    assert "Parameters" not in body
    assert '<span class="k">def</span>' in body


def test_the_title_is_escaped(html):
    assert "<title>A &amp; B</title>" in html


def test_only_long_docstrings_are_cut():
    short = 'def f():\n    """Do it."""\n    return 1\n'
    long = (
        'class A:\n    """One.\n\n    Two.\n    """\n\n'
        '    def f(self):\n        """a\n\n        b\n        """\n'
    )
    assert without_docstrings(short) == short
    assert without_docstrings(long).splitlines() == [
        "class A:", '    """One.', "", "    (and so on: shapes, an example)", '    """', "",
        "    def f(self):", '        """a', "", "        (and so on: shapes, an example)",
        '        """',
    ]  # fmt: skip
    assert without_docstrings("    not python") == "    not python"


def test_the_licences_lie_beside_what_is_carried():
    for folder in ("reveal", "katex"):
        assert "MIT" in (deck.ASSETS / folder / "LICENSE").read_text("utf-8") or (
            "Permission is hereby granted" in (deck.ASSETS / folder / "LICENSE").read_text("utf-8")
        )
    origin = (deck.ASSETS / "README.md").read_text("utf-8")
    carried = [path for path in deck.ASSETS.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in carried) < 1_500_000
    for name in [name for name in (*deck.STYLES, *deck.SCRIPTS) if "/" in name]:
        assert name.split("/")[1] in origin
