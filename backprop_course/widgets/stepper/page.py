"""What the browser gets: everything that a stepper shows, and a page that needs no kernel."""

import json
from html import escape
from importlib.resources import files

from backprop_course.widgets.stepper.picture import Picture
from backprop_course.widgets.stepper.text import number


def asset(name):
    """Return the text of a file that lies beside this one."""
    return files(__package__).joinpath(name).read_text("utf-8")


def content(graph):
    """Return what a stepper shows, as plain data.

    Parameters
    ----------
    graph : Graph

    Returns
    -------
    dict
        ``label``; ``svg``; ``steps``, one record each (phase, sentence, lines); ``nodes``, one
        record each (node, name, lines as pairs of the step from which they hold and their text).
    """
    picture = Picture(graph)
    trace = picture.trace
    output = graph.nodes[graph.output].name
    return {
        "label": f"Stepper through the graph of {output}",
        "svg": picture.live(),
        "steps": [
            {"phase": step.phase, "sentence": step.sentence, "lines": list(step.lines)}
            for step in trace.steps
        ],
        "nodes": [
            {"node": k, "name": node.name, "lines": [list(line) for line in trace.details(k)]}
            for k, node in enumerate(graph.nodes)
        ],
    }


def standalone(graph, step=0):
    """Return HTML that shows the stepper without a kernel and without any request.

    It can stand in a page any number of times.

    Parameters
    ----------
    graph : Graph
    step : int
        Where it begins.

    Returns
    -------
    str
    """
    data = json.dumps({"step": step, "content": content(graph)}, ensure_ascii=False)
    # Inside a script only "</" and "<!--" have a meaning of their own.
    data = data.replace("<", "\\u003c")
    output = graph.nodes[graph.output]
    missing = (
        f"The graph of {output.name} = {number(graph.value(graph.output))} needs JavaScript here."
    )
    return (
        '<div class="bpc-stepper-place">'
        f'<script type="application/json">{data}</script>'
        f"<style>{asset('stepper.css')}</style>"
        f"<noscript>{escape(missing)}{graph.svg()}</noscript></div>"
        f'<script type="module">\n{asset("stepper.js")}\n{asset("standalone.js")}</script>'
    )
