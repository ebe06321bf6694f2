"""Each rule for authors has a bad example that it catches and a good one that it lets pass."""

import copy

import nbformat
import pytest
from nbformat import v4

from backprop_course.authoring import cells, rules


def good():
    """Return a small notebook that keeps to every rule."""
    notebook = cells.notebook(
        [
            cells.markdown("# Title\n\nTwo words about $x_1$."),
            cells.code("import matplotlib.pyplot as plt"),
            cells.markdown("## Part\n\n$$\\begin{aligned} a &= b \\end{aligned}$$"),
            cells.code('print("0.5000")'),
            cells.code("plt.plot([1, 2])\nplt.show()"),
        ],
        built_from="notebooks/source/00_x.py",
    )
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for number, cell in enumerate(code, start=1):
        cell.execution_count = number
    code[1].outputs = [v4.new_output("stream", text="0.5000\n")]
    data = {"text/plain": "<Figure size 700x350 with 1 Axes>", "image/png": "aGk="}
    code[2].outputs = [v4.new_output("display_data", data=data)]
    return notebook


@pytest.mark.parametrize("rule", rules.EVERYWHERE + rules.LESSONS)
def test_a_good_notebook_keeps_every_rule(rule):
    assert rule(good()) == []


def output(text, mime="text/plain"):
    return [v4.new_output("display_data", data={mime: text})]


def error():
    return [v4.new_output("error", ename="ValueError", evalue="x", traceback=[])]


# What to change in the good notebook: cell (or None for the notebook), key, value.
BAD = [
    (rules.valid_format, 1, "id", "not an id!"),
    (rules.valid_format, 1, "unknown_key", 1),
    (rules.executed_in_order, 3, "execution_count", None),
    (rules.executed_in_order, 3, "execution_count", 7),
    (rules.no_stored_error, 3, "outputs", error()),
    (rules.no_stored_warning, 3, "outputs", [v4.new_output("stream", name="stderr", text="W")]),
    (rules.no_trailing_semicolon, 3, "source", "plt.plot(x); \nplt.show()"),
    (rules.no_vanishing_output, 3, "source", "clear_output()"),
    (rules.no_vanishing_output, 3, "source", "widgets.interact(f, x=(0, 1))"),
    (rules.no_vanishing_output, 3, "source", "out = widgets.Output()"),
    (rules.plots_end_in_show, 4, "source", "plt.plot([1, 2])"),
    (rules.plots_end_in_show, 4, "source", "plt.show()\nprint(1)"),
    (rules.no_machine_in_outputs, 3, "outputs", output("<object at 0x7fa4c1999700>")),
    (rules.no_machine_in_outputs, 3, "outputs", output("in /tmp/x.py", "text/html")),
    (rules.no_machine_in_outputs, 3, "outputs", output("C:\\Users")),
    (rules.no_machine_in_outputs, 3, "outputs", [v4.new_output("stream", text="/home/me\n")]),
    (rules.no_bare_scalars, 3, "outputs", output("[np.float64(0.5)]")),
    (rules.slide_metadata, 3, "metadata", {}),
    (rules.slide_metadata, 2, "metadata", {"slideshow": {"slide_type": "page"}}),
    (rules.nothing_that_varies, 3, "metadata", {"execution": {"iopub.execute_input": "now"}}),
    (rules.nothing_that_varies, None, "widgets", {"application/vnd.jupyter.widget-state+json": {}}),
    (rules.nothing_that_varies, None, "language_info", {"name": "python", "version": "3.11.7"}),
    (rules.nothing_that_varies, None, "kernelspec", {"name": "mine", "display_name": "Mine"}),
    (rules.plain_latex, 2, "source", "## Part\n\n$\\newcommand{\\R}{R}$"),
    (rules.plain_latex, 2, "source", "## Part\n\n$\\begin{align} a \\end{align}$"),
    (rules.headings_in_order, 0, "source", "## Title"),
    (rules.headings_in_order, 2, "source", "# A second title"),
    (rules.headings_in_order, 2, "source", "### Too deep"),
    (rules.short_prose, 2, "source", "word " * 121),
    (rules.short_code, 3, "source", "x = 1\n" * 13),
]


@pytest.mark.parametrize(("rule", "cell", "key", "value"), BAD)
def test_a_bad_notebook_breaks_its_rule(rule, cell, key, value):
    notebook = good()
    target = notebook.metadata if cell is None else notebook.cells[cell]
    target[key] = nbformat.from_dict(copy.deepcopy(value))
    assert len(rule(notebook)) == 1
    assert len(rules.breaches(notebook, "notebooks")) >= 1


def test_every_rule_has_a_bad_example():
    assert {rule for rule, *_ in BAD} == set(rules.EVERYWHERE + rules.LESSONS)


def test_comments_are_no_headings_in_code_blocks():
    notebook = good()
    notebook.cells[2].source = "## Part\n\n```python\n# comment\n#### another\n```"
    assert rules.headings_in_order(notebook) == []


def test_mathematics_tables_code_and_tags_are_no_words():
    text = (
        "One $a b c$ two\n\n$$\nd e f\n$$\n\n| g | h |\n|---|---|\n\n```\ni j\n```\n"
        "<details><summary>three</summary>\n\n- four 5 --\n\n</details>"
    )
    assert rules.words(text) == 4


def test_addresses_that_are_none():
    notebook = good()
    notebook.cells[3].outputs = output("0x10, X / N / M, 1/2, https://x.org/tmp/a, </tmp>, W:/a")
    assert rules.no_machine_in_outputs(notebook) == []


def test_an_unsolved_notebook_must_hold_no_solution():
    notebook = good()
    notebook.cells[3].source = "dW=X.T@dout"
    secrets = ["dW = X.T @ dout", "a - y"]
    (sentence,) = rules.breaches(notebook, "exercises", secrets)
    assert sentence == "cell 4 (dW=X.T@dout) shows the line 'dW = X.T @ dout' of a solution."
    assert rules.breaches(notebook, "solutions", secrets) == []


def test_exercises_may_be_longer_than_a_slide():
    notebook = good()
    notebook.cells[2].source = "## Part\n\n" + "word " * 180
    notebook.cells[3].source = "x = 1\n" * 20
    assert rules.breaches(notebook, "exercises") == []
    assert len(rules.breaches(notebook, "notebooks")) == 2
