"""The widget, its HTML for pages without a kernel, and what it may import."""

import json
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest
from traitlets import TraitError

from backprop_course.widgets.stepper import Graph, Stepper, page

ROOT = Path(__file__).parents[3]
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


@pytest.fixture
def stepper():
    return Stepper.from_expression("(x*y + sin(x)) * x", x=2.0, y=3.0)


def bundle_of(stepper):
    bundle = stepper._repr_mimebundle_()
    return bundle[0] if isinstance(bundle, tuple) else bundle


def test_repr_is_one_steady_line(stepper):
    assert repr(stepper) == "Stepper: 6 nodes, 10 steps, at step 0"
    stepper.step = 7
    assert repr(stepper) == "Stepper: 6 nodes, 10 steps, at step 7"


def test_step_can_be_set_and_watched(stepper):
    seen = []
    stepper.observe(lambda change: seen.append(change["new"]), "step")
    stepper.step = 4
    stepper.step = stepper.steps
    assert seen == [4, 10]
    assert "dx = 6 − 0.8323 + 6.909 = 12.08." in stepper.sentence
    for step in (-1, 11):
        with pytest.raises(TraitError, match=f"steps 0 to 10, not {step}"):
            stepper.step = step
    assert stepper.step == 10
    with pytest.raises(TraitError):
        stepper.steps = 3


def test_only_what_is_shown_is_sent(stepper):
    sent = stepper.get_state()
    assert {"step", "steps", "content", "_esm", "_css"} <= sent.keys()
    json.dumps(sent["content"])
    assert len(sent["content"]["steps"]) == sent["steps"] + 1


def test_bundle_holds_the_live_view_and_a_still_picture(stepper):
    bundle = bundle_of(stepper)
    assert bundle["text/plain"] == repr(stepper)
    assert bundle[WIDGET_VIEW]["model_id"] == stepper.model_id
    other = Stepper.from_expression("(x*y + sin(x)) * x", x=2.0, y=3.0)
    assert bundle["image/svg+xml"] == bundle_of(other)["image/svg+xml"] == stepper.graph.svg()
    stepper.step = 3
    assert bundle_of(stepper)["image/svg+xml"] == stepper.graph.svg()  # always the finished one
    assert "text/html" not in bundle


def test_bundle_in_a_deck_stands_alone(stepper, monkeypatch):
    monkeypatch.setenv("BACKPROP_COURSE_DECK", "1")
    bundle = bundle_of(stepper)
    assert bundle == {"text/plain": repr(stepper), "text/html": stepper.html()}
    monkeypatch.setenv("BACKPROP_COURSE_DECK", "0")
    assert WIDGET_VIEW in bundle_of(stepper)


class Page(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.scripts, self.links, self._kind = {}, [], None
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self._kind = attributes.get("type") if tag == "script" else None
        self.links += [attributes[name] for name in ("src", "href") if name in attributes]

    def handle_data(self, data):
        if self._kind:
            self.scripts[self._kind] = self.scripts.get(self._kind, "") + data


def test_html_asks_for_nothing_and_is_steady(stepper):
    html = stepper.html()
    assert html == Stepper.from_expression("(x*y + sin(x)) * x", x=2.0, y=3.0).html()
    assert Page(html).links == []
    for way in ("import ", "fetch(", "url(", "@import", "require"):
        assert way not in re.sub(r'"xmlns":? ?"?http://www.w3.org/2000/svg', "", html)
    assert len(html) < 60_000


def test_html_carries_the_same_content_and_begins_where_the_stepper_is(stepper):
    stepper.step = 5
    data = json.loads(Page(stepper.html()).scripts["application/json"])
    assert data == {"step": 5, "content": stepper.content}
    ElementTree.fromstring(data["content"]["svg"])


def test_no_text_can_leave_its_script():
    graph = Graph.from_expression("x + 1", x=2)
    node = graph.nodes[0]._replace(name="</script><!--<script>")
    html = page.standalone(Graph([node, *graph.nodes[1:]]))
    parsed = Page(html)
    assert json.loads(parsed.scripts["application/json"])["content"]["nodes"][0]["name"] == (
        node.name
    )
    assert html.count("</script>") == 2


@pytest.mark.parametrize("scripts", [("stepper.js",), ("stepper.js", "standalone.js")])
def test_node_reads_the_scripts(scripts):
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")
    source = "\n".join(map(page.asset, scripts))
    subprocess.run(
        [node, "--input-type=module", "--check"], input=source, text=True, check=True, timeout=60
    )


def run_without(blocked, code):
    """Run code in a fresh Python where some modules cannot be imported."""
    program = (
        "import sys\n"
        "class Block:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        f"        if name.partition('.')[0] in {blocked!r}:\n"
        "            raise ImportError(f'{name} is blocked')\n"
        "sys.meta_path.insert(0, Block())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program + code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_runs_where_there_is_no_numpy():
    said = run_without(
        ("numpy", "matplotlib", "scipy"),
        "from backprop_course.widgets.stepper import Graph, Stepper\n"
        "print(Stepper.from_network([2, 2, 1], seed=1))\n"
        "print(len(Stepper(Graph.from_expression('x*x', x=3)).html()) > 1000)\n",
    )
    assert said == "Stepper: 18 nodes, 17 steps, at step 0\nTrue"


def test_graph_and_picture_need_no_anywidget():
    said = run_without(
        ("numpy", "matplotlib", "anywidget"),
        "from backprop_course.widgets.stepper import Graph, page\n"
        "graph = Graph.from_expression('x*x', x=3)\n"
        "print(graph, graph.gradients(), graph.svg()[:4], page.standalone(graph)[:4])\n",
    )
    assert said == "Graph: 2 nodes, f = 9 {'x': 6.0, 'f': 1.0} <svg <div"


def test_importing_loads_neither_anywidget_nor_numpy():
    said = run_without(
        (),
        "import backprop_course.widgets.stepper\n"
        "print(*sorted({'numpy', 'matplotlib', 'anywidget'} & set(sys.modules)))\n",
    )
    assert said == ""
