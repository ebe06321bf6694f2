"""The pages: everything escaped, nothing asked for from anywhere, readable without a mouse."""

import base64
import hashlib
import re
from html.parser import HTMLParser

import pytest

from backprop_course.grading.reports import write_html
from backprop_course.grading.reports.pages import class_page, page_name, said, student_page
from backprop_course.grading.reports.summary import Summary
from tests.grading.reports.small_class import (
    EXERCISES,
    HOSTILE,
    WRONG,
    mark,
    results,
    small_class,
    student,
    ungraded,
)

VOID = {"meta", "img", "br", "link", "input", "hr"}


class Page(HTMLParser):
    """Reads a page, and complains where tags do not match."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.texts = [], [], []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, text):
        if "style" not in self.open:
            self.texts.append(text)

    @property
    def text(self):
        return " ".join(" ".join(self.texts).split())

    def attributes(self):
        return [(tag, name, value) for tag, found in self.tags for name, value in found.items()]


def pages(folder, records=None):
    write_html(results(records), folder)
    return {
        path.relative_to(folder).as_posix(): path.read_text("utf-8")
        for path in folder.rglob("*.html")
    }


def of(record):
    return Page(student_page(results([]), record))


def test_every_page_is_well_formed_and_harmless(tmp_path):
    for text in pages(tmp_path).values():
        page = Page(text)
        names = {tag for tag, _ in page.tags}
        assert not names & {"script", "img", "iframe", "object", "embed", "form", "link", "base"}
        for _, name, value in page.attributes():
            assert not name.startswith("on")
            assert name not in {"style", "src", "srcset", "action", "background", "ping"}
            if name == "href":
                assert re.fullmatch(r"students/[a-z0-9-]+\.html", value)
            if "url(" in (value or ""):
                raise AssertionError(value)
        assert "@import" not in text and "url(" not in text
        assert "http://" not in text and "https://" not in text


def test_the_first_lines_forbid_scripts_and_requests(tmp_path):
    for text in pages(tmp_path).values():
        page = Page(text)
        policy = next(a["content"] for tag, a in page.tags if "http-equiv" in a)
        assert text.index("Content-Security-Policy") < text.index("<style>")
        style = re.search(r"<style>(.*?)</style>", text, re.DOTALL)[1]
        digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        assert policy == (
            f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
        )


def test_hostile_text_is_shown_as_text(tmp_path):
    found = pages(tmp_path)
    assert HOSTILE in Page(found["class.html"]).text
    hostile = found[f"students/{page_name(HOSTILE)}"]
    assert HOSTILE in Page(hostile).text
    assert '"><img src=x onerror=alert(1)>' in Page(hostile).text
    ben = Page(found[f"students/{page_name('ben')}"])
    assert ben.text.count(HOSTILE) == 2


@pytest.mark.parametrize(
    "text", ["{{ 7 * 7 }}", "{% raw %}", "&lt;b&gt;", "</style>", "]]>", "<!--"]
)
def test_templates_and_entities_of_students_are_only_text(text):
    record = student(text, mark("03.q1", "failed", [text], f"failed\n{text}\n  {text}   {text}"))
    record |= {"reason": text, "notes": [text]}
    page = of(record)
    assert page.text.count(text) == 7
    summary = Summary(most=6)
    summary.add(record)
    assert text in Page(class_page(results([]), summary, [])).text


def test_half_characters_are_replaced(tmp_path):
    (name,) = (n for n in pages(tmp_path, [student("a\ud800", name="b\udfff")]) if "/" in n)
    assert "<h1>b?</h1>" in (tmp_path / name).read_text("utf-8")


def test_names_of_pages_are_safe_and_differ():
    names = ["anna", "Anna", "../../etc/passwd", "CON", "", "a" * 500, "ä", "ö", "a/b", "a\\b", "."]
    found = [page_name(name) for name in names]
    assert len({one.lower() for one in found}) == len(names)
    assert all(re.fullmatch(r"[a-z0-9][a-z0-9-]{0,60}\.html", one) for one in found)
    assert page_name("anna") == page_name("anna")


def test_a_student_reads_what_was_wrong_and_why():
    page = of(small_class()[1])
    assert "1 of 6 points" in page.text
    assert "failed , 0 of 4" in page.text
    assert "Your dW is the transpose of the right one." in page.text
    assert "wrong shape, (4, 3) belongs here" in page.text
    assert ("code", {}) in page.tags
    assert "Handed in late." in page.text
    assert "seed" not in page.text and "abab" not in page.text


def test_a_student_reads_no_input_that_was_drawn():
    page = of(student("s", mark("03.q1", "failed", [], "failed\nWith x=1.025: dx is 3.")))
    assert "In one case: dx is 3." in page.text and "1.025" not in page.text


def test_who_could_not_be_graded_reads_why_and_sees_no_zero():
    page = of(ungraded("dora"))
    assert "This could not be graded. hw.ipynb is empty." in page.text
    assert "Handed in: dora/hw.ipynb." in page.text and "Graded:" not in page.text
    assert "0" not in page.text.replace("0.1.0", "")


def test_a_mark_that_could_not_be_graded_has_no_points():
    part = mark("03.q1", "could not be graded") | {"points": None}
    assert "could not be graded" in of(student("s", part)).text
    assert "could not be graded ," not in of(student("s", part)).text


def test_the_class_page_lists_first_who_could_not_be_graded(tmp_path):
    text = Page(pages(tmp_path)["class.html"]).text
    assert text.index("Could not be graded (1)") < text.index("Marks") < text.index("Exercises")
    assert text.index("Exercises") < text.index("Mistakes the class made") < text.index("Students")
    assert "6 of 7 submissions graded" in text
    assert "dora.ipynb" in text


def test_the_class_page_shows_marks_and_mistakes_in_bars(tmp_path):
    text = pages(tmp_path)["class.html"]
    page = Page(text)
    assert "Mean 4.3, median 6 of 6 points. 1 handed in late." in page.text
    labels = [a["aria-label"] for tag, a in page.tags if tag == "svg" and "aria-label" in a]
    assert "passed 4, failed 2" in labels
    assert "passed 5, could not run 1" in labels
    rows = re.findall(r"<strong>([a-z-]+)</strong>.*?<rect width=\"([\d.]+)\"", text, re.DOTALL)
    assert rows == [("transposed", "400.0"), ("sign", "200.0")]
    assert "transposed: 2" in page.text
    assert "Your dW is the transpose of the right one." in page.text
    assert "It came together with other mistakes" in page.text


def test_the_letters_of_the_marks_do_not_shrink_with_the_page(tmp_path):
    text = pages(tmp_path)["class.html"]
    page = Page(text)
    (picture,) = (a for tag, a in page.tags if a.get("aria-label", "").startswith("How many"))
    # A view box would scale the letters; places in percent leave them as they are.
    assert picture["width"] == "100%" and "viewbox" not in picture
    assert picture["aria-label"].endswith("percent. 10 to 20 %: 2, 90 to 100 %: 4")
    edges = re.findall(r'<text x="([\d.]+)%" y="168"[^>]*>(\d+)</text>', text)
    assert [(float(left) - 2) / 9.6 * 10 for left, _ in edges] == pytest.approx(
        [float(edge) for _, edge in edges]
    )
    assert [int(edge) for _, edge in edges] == [*range(0, 101, 10)]


def test_bars_fill_their_width(tmp_path):
    text = pages(tmp_path)["class.html"]
    for bar in re.findall(r'aria-label="passed[^>]*>(.*?)</svg>', text, re.DOTALL):
        pieces = re.findall(r'<rect x="([\d.]+)" width="([\d.]+)"', bar)
        left, width = map(float, pieces[-1])
        assert left + width == pytest.approx(398.5)


def test_a_class_of_nobody_and_one_of_failures_have_pages(tmp_path):
    assert "0 of 0 submissions graded" in Page(pages(tmp_path / "a", [])["class.html"]).text
    nobody = pages(tmp_path / "b", [ungraded("x"), ungraded("y")])
    assert "0 of 2 submissions graded" in Page(nobody["class.html"]).text


def test_a_large_class_stays_readable(tmp_path):
    summary = Summary(most=6, listed=3)
    for number in range(10):
        summary.add(ungraded(f"u{number}"))
    text = Page(class_page(results([]), summary, [])).text
    assert "And 7 more, in gradebook.csv." in text
    assert "And 10 more, in gradebook.csv and in the folder students." in text


def test_pages_of_students_who_left_are_removed(tmp_path):
    pages(tmp_path, [student("anna"), student("ben")])
    (tmp_path / "students" / "mine.html").write_text("x")
    found = pages(tmp_path, [student("anna")])
    assert set(found) == {"class.html", f"students/{page_name('anna')}", "students/mine.html"}


def test_a_message_is_taken_apart():
    assert said(WRONG) == [
        (
            "table",
            [["dX", "(5, 4)", "right"], ["dW", "(3, 4)", "wrong shape, (4, 3) belongs here"]],
        ),
        ("text", [(False, "Your dW is the transpose of the right one.")]),
        ("text", [(False, "It comes from your line "), (True, "return dW.T"), (False, "")]),
    ]
    assert said("passed") == said("") == []


def test_the_distribution_counts_everybody_once():
    summary = Summary(most=20)
    for points in (0, 1, 2, 19, 20, 20):
        summary.add(student("s", points=points))
    counts = [count for _, _, count in summary.distribution()]
    assert counts == [2, 1, 0, 0, 0, 0, 0, 0, 0, 3]
    assert (summary.mean, summary.median) == (pytest.approx(62 / 6), 10.5)


def test_titles_of_exercises_are_escaped():
    text = student_page(results([]), student("s"))
    assert EXERCISES[2]["title"] == "ReLU <b>" and "ReLU &lt;b&gt;" in text
