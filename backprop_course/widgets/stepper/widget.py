"""The stepper as a live widget of a notebook."""

import anywidget
from traitlets import Dict, Int, TraitError, validate

from backprop_course.widgets import film
from backprop_course.widgets.stepper.graph import Graph
from backprop_course.widgets.stepper.page import asset, content, standalone


class Stepper(anywidget.AnyWidget):
    """Step through a computational graph, forward and back, by mouse or by keyboard.

    Parameters
    ----------
    graph : Graph

    Attributes
    ----------
    graph : Graph
    step : int
        How far it has come; setting it moves the picture. Step 0 shows only what is given.
    steps : int
        The number of the last step.

    Examples
    --------
    >>> stepper = Stepper.from_expression("(x*y + sin(x)) * x", x=2.0, y=3.0)
    >>> stepper
    Stepper: 6 nodes, 10 steps, at step 0
    >>> stepper.step = 4
    >>> stepper.sentence
    'Forward: f = v3 × x = 6.909 × 2 = 13.82. Now all values are known, and we go back.'
    """

    _esm = asset("stepper.js")
    _css = asset("stepper.css")

    step = Int(0).tag(sync=True)
    steps = Int(0, read_only=True).tag(sync=True)
    content = Dict(read_only=True).tag(sync=True)

    def __init__(self, graph):
        self.graph = graph
        shown = content(graph)
        self.set_trait("content", shown)
        self.set_trait("steps", len(shown["steps"]) - 1)
        super().__init__()

    @classmethod
    def from_expression(cls, text, /, **values):
        """Build the graph of a formula and step through it; see `Graph.from_expression`."""
        return cls(Graph.from_expression(text, **values))

    @classmethod
    def from_network(cls, sizes, **settings):
        """Build a small network and step through it; see `Graph.from_network`."""
        return cls(Graph.from_network(sizes, **settings))

    @property
    def sentence(self):
        """What the present step says."""
        return self.content["steps"][self.step]["sentence"]

    def html(self):
        """Return HTML that works on a page of its own, without a kernel and without requests."""
        return standalone(self.graph, self.step)

    @validate("step")
    def _within(self, proposal):
        if not 0 <= proposal["value"] <= self.steps:
            raise TraitError(
                f"This stepper has the steps 0 to {self.steps}, not {proposal['value']}."
            )
        return proposal["value"]

    def __repr__(self):
        return f"Stepper: {len(self.graph.nodes)} nodes, {self.steps} steps, at step {self.step}"

    def _repr_mimebundle_(self, **options):
        """Add a still picture for pages that cannot show the live one, or stand alone in a deck."""
        if film.wanted():
            return {"text/plain": repr(self), "text/html": self.html()}
        bundle = super()._repr_mimebundle_(**options)
        data, *metadata = bundle if isinstance(bundle, tuple) else (bundle,)
        data = {**data, "text/plain": repr(self), "image/svg+xml": self.graph.svg()}
        return (data, *metadata) if metadata else data
