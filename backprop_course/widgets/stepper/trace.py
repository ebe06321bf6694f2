"""What happens at each step, in words; the picture and the browser only show it."""

from typing import NamedTuple

from backprop_course.widgets.stepper.text import PARTIAL, listed, number, product, total

_MOST_GIVEN = 8  # more numbers than these are counted, not listed


class Step(NamedTuple):
    """One step of the way.

    Attributes
    ----------
    phase : str
        "start", "forward" or "backward".
    nodes : tuple of int
        The nodes whose value (forward) or gradient (backward) appears.
    sentence : str
        What happens, with its numbers.
    lines : tuple of str
        Where the factors come from, one line for each.
    """

    phase: str
    nodes: tuple
    sentence: str
    lines: tuple = ()


class Trace:
    """All steps of a graph.

    Parameters
    ----------
    graph : Graph

    Attributes
    ----------
    steps : list of Step
        The first one (number 0) shows what is given.
    hosted : dict
        Position of a unit -> positions of the weights, biases or targets inside it.
    value_at, gradient_at : dict
        Position of a node -> number of the step at which its value or gradient appears.
    """

    def __init__(self, graph):
        self.graph = graph
        self._names = [node.name for node in graph.nodes]
        self.hosted = {
            host: [k for k, node in enumerate(graph.nodes) if node.host == host]
            for host in {node.host for node in graph.nodes} - {None}
        }
        self.steps = [self._start(), *self._forward(), *self._backward()]
        self.value_at = self._first("start", "forward")
        self.gradient_at = self._first("backward")

    @property
    def last(self):
        """The number of the last step."""
        return len(self.steps) - 1

    def details(self, node):
        """Return what there is to say about one node: pairs (step from which it holds, text)."""
        graph, name = self.graph, self._names[node]
        steps = [(self.value_at[node], self._value_line(node))]
        if node in self.gradient_at:
            at = self.gradient_at[node]
            lines = self._shares(node) if node != graph.output else []
            steps += [(at, line) for line in (*lines, self._gradient_line(node))]
        elif graph.nodes[node].kind == "target":
            steps.append((0, f"{name} is a target: data, which gets no gradient."))
        else:
            steps.append((0, f"No arrow leads from {name} to the output: its gradient is 0."))
        return steps

    def summary(self):
        """Return the whole graph in a few sentences, for readers who hear the picture."""
        given = [k for k, node in enumerate(self.graph.nodes) if node.operation is None]
        values = ", ".join(self._value_line(k) for k in range(len(self._names)) if k not in given)
        gradients = ", ".join(
            f"d{self._names[k]} = {number(self.graph.gradient(k))}" for k in self.gradient_at
        )
        return f"Given: {self._all(given)}. Forward: {values}. Backward: {gradients}."

    def _first(self, *phases):
        """Return the step at which each node appears in one of the phases."""
        return {
            node: k
            for k, step in enumerate(self.steps)
            if step.phase in phases
            for node in step.nodes
        }

    def _all(self, nodes):
        return ", ".join(self._value_line(k) for k in nodes)

    def _start(self):
        nodes = self.graph.nodes
        given = tuple(k for k, node in enumerate(nodes) if node.operation is None)
        text = self._all(given)
        if len(given) > _MOST_GIVEN:
            kinds = [nodes[k].kind for k in given]
            # Each kind in the order in which it is first met.
            text = listed([_count(kinds.count(kind), kind) for kind in dict.fromkeys(kinds)])
        return Step("start", given, f"Given: {text}. Press step to go forward.")

    def _forward(self):
        steps = [
            Step("forward", (k,), f"Forward: {self._value_line(k)}.")
            for k, node in enumerate(self.graph.nodes)
            if node.operation
        ]
        return _end(steps, "Now all values are known, and we go back.")

    def _backward(self):
        graph = self.graph
        order = [k for k in reversed(range(len(graph.nodes))) if graph.gradient(k) is not None]
        order = [k for k in order if graph.nodes[k].host is None]
        steps = []
        for k in order:
            steps.append(self._seed(k) if k == graph.output else self._back_to(k))
            inside = [n for n in self.hosted.get(k, ()) if graph.gradient(n) is not None]
            if inside:
                steps.append(self._back_inside(k, inside))
        return _end(steps, "Now every gradient is known.")

    def _seed(self, node):
        name = self._names[node]
        return Step(
            "backward",
            (node,),
            f"Backward begins: d{name} = 1, because a nudge of {name} moves {name} just as much.",
        )

    def _back_to(self, node):
        """Return the step that brings the gradient to one node."""
        links = self._coming_back(node)
        name = self._names[node]
        if len(links) == 1:
            link = links[0]
            sentence = f"Backward to {name}: d{name} = {self._product(link)}."
            return Step("backward", (node,), sentence, (f"{self._reason(link)}.",))
        return Step(
            "backward",
            (node,),
            f"Backward to {name}, where {len(links)} arrows leave and {len(links)} shares add up: "
            f"{self._gradient_line(node)}.",
            tuple(self._shares(node)),
        )

    def _back_inside(self, host, nodes):
        """Return the step that brings the gradients to all parameters of a unit."""
        lines = tuple(
            f"d{self._names[link.source]} = {self._product(link)}, as {self._slope(link)}"
            for k in nodes
            for link in self._coming_back(k)
        )
        found = listed([f"d{self._names[k]} = {number(self.graph.gradient(k))}" for k in nodes])
        return Step(
            "backward", tuple(nodes), f"Backward inside {self._names[host]}: {found}.", lines
        )

    def _coming_back(self, node):
        return [link for link in self.graph.links_from(node) if link.share is not None]

    def _value_line(self, node):
        """Write how a value came about: p = x × y = 2 × 3 = 6."""
        graph = self.graph
        name, value = self._names[node], number(graph.value(node))
        if graph.nodes[node].operation is None:
            return f"{name} = {value}"
        formula = graph.nodes[node].formula(self._names)
        filled = graph.nodes[node].formula(
            [number(graph.value(k)) for k in range(len(graph.nodes))]
        )
        return f"{name} = {formula} = {filled} = {value}"

    def _gradient_line(self, node):
        name, gradient = self._names[node], number(self.graph.gradient(node))
        if node == self.graph.output:
            return f"d{name} = 1"
        shares = [link.share for link in self._coming_back(node)]
        if len(shares) == 1:
            return f"d{name} = {gradient}"
        return f"d{name} = {total(shares)} = {gradient}"

    def _shares(self, node):
        return [
            f"through {self._names[link.target]}: {self._product(link)}, as {self._slope(link)}"
            for link in self._coming_back(node)
        ]

    def _product(self, link):
        """Write what comes back over an arrow: da × ∂a/∂z = −3 × 1 = −3."""
        target, source = self._names[link.target], self._names[link.source]
        symbols = product(f"d{target}", f"{PARTIAL}{target}/{PARTIAL}{source}")
        numbers = product(number(self.graph.gradient(link.target)), number(link.slope))
        return f"{symbols} = {numbers} = {number(link.share)}"

    def _slope(self, link):
        """Write a local derivative, as a formula and as a number."""
        target, source = self._names[link.target], self._names[link.source]
        formula = self.graph.nodes[link.target].slope_formulas(self._names)[link.slot]
        value = number(link.slope)
        symbol = f"{PARTIAL}{target}/{PARTIAL}{source} = {formula}"
        if formula == value:
            return symbol
        return f"{symbol}, here {value}" if "else" in formula else f"{symbol} = {value}"

    def _reason(self, link):
        target = self._names[link.target]
        formula = self.graph.nodes[link.target].formula(self._names)
        return f"{target} = {formula}, so {self._slope(link)}"


def _end(steps, sentence):
    """Add a sentence to the last of some steps, if there are any."""
    return [*steps[:-1], *(s._replace(sentence=f"{s.sentence} {sentence}") for s in steps[-1:])]


def _count(number_of, kind):
    return f"{number_of} {kind}{'' if number_of == 1 else 's'}"
