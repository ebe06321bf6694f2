"""A lesson as a deck: one HTML file that shows everything without a kernel and without a network.

nbconvert turns the cells of the lesson into HTML; their slide metadata says where slides begin;
``deck.js`` breaks what does not fit the screen, when the deck is opened.
"""

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from html import escape
from pathlib import Path

from nbformat import NotebookNode

from backprop_course.authoring.lecture.notes import Section
from backprop_course.authoring.lecture.sources import printed_sources, shorten_sources

ASSETS = Path(__file__).with_name("assets")
STYLES = ("reveal/reset.css", "reveal/reveal.css", "katex/katex.min.css", "deck.css")
SCRIPTS = (
    "reveal/reveal.js",
    "reveal/notes.js",
    "katex/katex.min.js",
    "katex/auto-render.min.js",
    "deck.js",
)
COLOURS = "xcode"  # of code: each of them is dark enough on the light ground


@dataclass
class Screen:
    """What stands between two breaks that the lesson asks for."""

    cells: list[NotebookNode] = field(default_factory=list)


@dataclass
class Slide:
    """A heading of the lesson with all that follows it: one screen or several.

    Attributes
    ----------
    heading : str
        Plain text, as in the notes; empty if the slide begins without one.
    screens : list of Screen
    """

    heading: str
    screens: list[Screen]


def slides(notebook: NotebookNode) -> list[Slide]:
    """Return the slides that the metadata of the cells ask for; skipped cells are left out."""
    found: list[Slide] = []
    for cell in notebook.cells:
        kind = cell.metadata.get("slideshow", {}).get("slide_type", "-")
        if kind in ("skip", "notes"):
            continue
        if kind == "slide" or not found:
            found.append(Slide(_heading(cell), [Screen()]))
        elif kind == "subslide":
            found[-1].screens.append(Screen())
        found[-1].screens[-1].cells.append(cell)
    return found


def _heading(cell: NotebookNode) -> str:
    heading = re.match(r"#+ +(\S.*?)\s*$", cell.source, re.MULTILINE)
    return heading[1] if heading and cell.cell_type == "markdown" else ""


def describe_figures(notebook: NotebookNode) -> None:
    """Give every figure its caption, or the slide's heading, as the text that stands for it."""
    heading = ""
    for cell, following in zip(notebook.cells, [*notebook.cells[1:], None], strict=True):
        heading = _heading(cell) or heading
        caption = following.source if following is not None else ""
        if not caption.startswith("**Figure.**"):
            caption = f"Figure: {heading}"
        for output in cell.get("outputs", ()):
            if "image/png" in output.get("data", {}):
                output.metadata.setdefault("image/png", {})["alt"] = _plain(caption)


def _plain(markdown: str) -> str:
    """Return the first paragraph without the signs that only markup needs."""
    paragraph = markdown.replace("**Figure.**", "").strip().split("\n\n")[0]
    return " ".join(re.sub(r"[*`$]|\\(?=[a-z])", "", paragraph).split())


def colour_sources(notebook: NotebookNode) -> None:
    """Give printed code the colours that the code of cells has."""
    for output in printed_sources(notebook):
        html = _coloured(output.pop("text"))
        output.pop("name")
        output.update(output_type="display_data", data={"text/html": html}, metadata={})


def _coloured(code: str) -> str:
    from pygments import highlight
    from pygments.formatters import HtmlFormatter
    from pygments.lexers import PythonLexer

    return highlight(code, PythonLexer(), HtmlFormatter())


def deck_html(notebook: NotebookNode, title: str, notes: Sequence[Section] = ()) -> str:
    """Return a notebook with outputs as a deck.

    Parameters
    ----------
    notebook : NotebookNode
        It is changed: figures get a description, printed code loses its long docstrings.
    title : str
        For the window, and for the line below each slide.
    notes : sequence of Section
        Speaker notes; a slide without a section gets none.
    """
    describe_figures(notebook)
    shorten_sources(notebook)
    colour_sources(notebook)
    by_heading = {section.heading: section for section in notes}
    body = "".join(_slide_html(slide, by_heading.get(slide.heading)) for slide in slides(notebook))
    styles = "\n".join(f"<style>\n{_style(name)}\n</style>" for name in STYLES)
    scripts = "\n".join(f"<script>\n{_script(name)}\n</script>" for name in SCRIPTS)
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light">
<title>{escape(title)}</title>
{styles}
<style>
{_code_style()}
</style>
</head>
<body>
<div class="reveal"><div class="slides">
{body}</div></div>
<p class="running" aria-hidden="true"></p>
{scripts}
</body>
</html>
"""


def _slide_html(slide: Slide, section: Section | None) -> str:
    aside = f'<aside class="notes">{_markdown(section.text)}</aside>' if section else ""
    told = section is not None and section.minutes is not None
    minutes = f' data-minutes="{section.minutes}"' if told else ""
    screens = "".join(
        "<section>" + "".join(_cell_html(cell) for cell in screen.cells) + f"{aside}</section>\n"
        for screen in slide.screens
    )
    return (
        f'<section data-heading="{escape(_plain(slide.heading))}"{minutes}>\n{screens}</section>\n'
    )


def _cell_html(cell: NotebookNode) -> str:
    """Return one cell as nbconvert writes it, in a block of its own."""
    alone = NotebookNode(cells=[cell], metadata={}, nbformat=4, nbformat_minor=5)
    body, _ = _exporter().from_notebook_node(alone)
    kind = "text" if cell.cell_type == "markdown" else "code"
    place = cell.metadata.get("slideshow", {}).get("slide_type")
    fragment = " fragment" if place == "fragment" else ""
    return f'<div class="cell-block {kind}{fragment}">{_without_local_links(body)}</div>\n'


@cache
def _exporter():
    from nbconvert import HTMLExporter

    return HTMLExporter(
        template_name="basic",
        exclude_input_prompt=True,
        exclude_output_prompt=True,
        exclude_anchor_links=True,
    )


def _markdown(text: str) -> str:
    from nbconvert.filters import markdown2html

    return markdown2html(text)


def _without_local_links(html: str) -> str:
    """Take the address out of links to other cells and to other files: a deck has neither."""
    return re.sub(r'<a href="(?!https?:)[^"]*">(.*?)</a>', r"<span>\1</span>", html)


# One file out of many --------------------------------------------------------------------------


def _style(name: str) -> str:
    """Return a style sheet with its fonts written into it."""
    path = ASSETS / name

    def embedded(match: re.Match) -> str:
        font = base64.b64encode((path.parent / match[1]).read_bytes()).decode()
        return f'src:url(data:font/woff2;base64,{font}) format("woff2")'

    return re.sub(r"src:url\((fonts/[^)]+\.woff2)\)[^;}]*", embedded, path.read_text("utf-8"))


def _script(name: str) -> str:
    """Return a script that can stand inside a page, without the reference to its source map."""
    text = re.sub(r"^//# sourceMappingURL=.*$", "", (ASSETS / name).read_text("utf-8"), flags=re.M)
    # Both occur in strings only, where the backslash changes nothing.
    return text.replace("</script", r"<\/script").replace("<!--", r"<\!--")


def _code_style() -> str:
    from pygments.formatters import HtmlFormatter

    return HtmlFormatter(style=COLOURS).get_style_defs(".highlight")
