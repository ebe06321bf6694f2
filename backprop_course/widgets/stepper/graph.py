"""A computational graph of scalars: its values on the way out, its gradients on the way back.

Plain Python, so that it runs where there is no NumPy.
"""

import math
import sys

from backprop_course.widgets.stepper.expression import read
from backprop_course.widgets.stepper.network import network
from backprop_course.widgets.stepper.node import Link
from backprop_course.widgets.stepper.picture import Picture
from backprop_course.widgets.stepper.text import number

# A sum that is smaller than this share of its terms is a rounding error of their cancellation.
_ROUNDING = 8 * sys.float_info.epsilon


class Graph:
    """A computational graph with all its values, and the gradients of its output.

    Usually made by `Graph.from_expression` or `Graph.from_network`.

    Parameters
    ----------
    nodes : sequence of Node
        Every node after those that it uses.
    output : int, optional
        Position of the node whose gradients are wanted; the last one if left out.
    aliases : dict, optional
        Further names: name -> position of the node.

    Examples
    --------
    >>> graph = Graph.from_expression("L = (relu(w*x + b) - y)**2 / 2", w=3, x=2, b=1, y=10)
    >>> graph
    Graph: 10 nodes, L = 4.5
    >>> graph.gradients()["w"]
    -6.0
    """

    def __init__(self, nodes, output=None, aliases=None):
        self.nodes = tuple(nodes)
        self.output = len(self.nodes) - 1 if output is None else output
        self._aliases = dict(aliases or {})
        self._values = self._forward()
        self._gradients, self.links = self._backward()

    @classmethod
    def from_expression(cls, text, /, **values):
        """Build a graph from a formula.

        Parameters
        ----------
        text : str
            An expression such as ``"(x*y + sin(x)) * x"``, or several lines (or parts between
            semicolons) that name what they compute: ``"z = w*x + b; a = relu(z)"``. The last one
            is the output. Allowed are ``+ - * /``, ``**`` with a number, and ``sin cos exp log
            tanh sqrt relu sigmoid square maximum``. What occurs twice is one node.
        **values : float
            A number for each name that the text does not compute.

        Returns
        -------
        Graph

        Examples
        --------
        >>> Graph.from_expression("(x*y + sin(x)) * x", x=2, y=3).gradients()["y"]
        4.0
        """
        return cls(*read(text, values))

    @classmethod
    def from_network(cls, sizes, **settings):
        """Build a small network of scalars with half the squared error as its loss.

        Parameters
        ----------
        sizes : sequence of int
            Inputs, hidden units, outputs: ``[2, 2, 1]``.
        **settings
            ``x`` and ``y``, one example and its target; ``weights`` (a D x M table for each layer)
            and ``biases`` (M numbers for each layer); what is left out is drawn with ``seed``.
            ``activation`` ("tanh", "relu" or "sigmoid") follows every layer but the last, and
            ``output_activation`` (none) follows that one.

        Returns
        -------
        Graph
            With the names ``x[0]``, ``W1[0, 1]``, ``b1[0]``, ``z1[0]``, ``a1[0]``, ``L``.

        Examples
        --------
        >>> Graph.from_network([2, 2, 1])
        Graph: 18 nodes, L = 0.01311
        """
        return cls(network(sizes, **settings))

    def values(self):
        """Return the value of each node, name -> float, in the order they are computed."""
        return self._by_name(self._values)

    def gradients(self):
        """Return the gradient of the output with respect to each node, name -> float.

        A node that the output does not depend on has the gradient 0. Targets are left out.
        """
        return {
            name: 0.0 if gradient is None else gradient
            for name, gradient in self._by_name(self._gradients).items()
            if self._kind(name) != "target"
        }

    def value(self, node):
        """Return the value of the node at a position."""
        return self._values[node]

    def gradient(self, node):
        """Return the gradient at the node at a position, None where none arrives."""
        return self._gradients[node]

    def links_from(self, node):
        """Return the arrows that leave a node, in the order of the nodes they lead to."""
        return [link for link in self.links if link.source == node]

    def links_to(self, node):
        """Return the arrows that lead to a node, in the order of its arguments."""
        return [link for link in self.links if link.target == node]

    def svg(self, step=None):
        """Return the picture of the graph as SVG text.

        Parameters
        ----------
        step : int, optional
            How far the stepper has come; left out, all values and gradients are there.

        Returns
        -------
        str
        """
        return Picture(self).still(step)

    def _repr_svg_(self):
        return self.svg()

    def __repr__(self):
        output = self.nodes[self.output].name
        return f"Graph: {len(self.nodes)} nodes, {output} = {number(self._values[self.output])}"

    def _by_name(self, numbers):
        named = {node.name: value for node, value in zip(self.nodes, numbers, strict=True)}
        return named | {name: numbers[node] for name, node in self._aliases.items()}

    def _kind(self, name):
        places = self._aliases | {node.name: k for k, node in enumerate(self.nodes)}
        return self.nodes[places[name]].kind

    def _forward(self):
        values = []
        for node in self.nodes:
            numbers = self._numbers(node, values)
            value = node.given if node.operation is None else self._compute(node, numbers)
            values.append(value + 0.0)  # -0.0 becomes 0.0
        return values

    def _compute(self, node, numbers):
        try:
            value = node.operation.compute(*numbers)
            if not math.isfinite(value):
                raise OverflowError
            slopes = node.operation.slopes(value, *numbers)
            if not all(map(math.isfinite, slopes)):
                raise OverflowError
        except OverflowError:
            raise self._complaint(node, numbers, "the number is too large") from None
        except ZeroDivisionError:
            raise self._complaint(node, numbers, "the number is too small to divide by") from None
        except ValueError as reason:
            raise self._complaint(node, numbers, reason) from None
        # What a relative nudge of the arguments could do to the value: below that it is noise.
        reach = sum(abs(slope * a) for slope, a in zip(slopes, numbers, strict=True))
        return 0.0 if abs(value) < _ROUNDING * reach else value

    def _complaint(self, node, numbers, reason):
        names = node.formula([node.name for node in self.nodes])
        fed = node.operation.write(*map(number, numbers))
        return ValueError(f"{names} cannot be computed as {fed}: {reason}.")

    def _numbers(self, node, values):
        return [a if isinstance(a, float) else values[a] for a in node.arguments]

    def _backward(self):
        """Go through the nodes from the last to the first, so that no share comes too late."""
        gradients = [None] * len(self.nodes)
        shares = [[] for _ in self.nodes]
        gradients[self.output] = 1.0
        links = []
        for k in reversed(range(len(self.nodes))):
            node = self.nodes[k]
            if shares[k]:
                gradients[k] = _add(shares[k])
            if node.operation is None:
                continue
            numbers = self._numbers(node, self._values)
            slopes = node.operation.slopes(self._values[k], *numbers)
            for slot, (a, slope) in enumerate(zip(node.arguments, slopes, strict=True)):
                if isinstance(a, float):
                    continue
                wanted = gradients[k] is not None and self.nodes[a].kind != "target"
                share = gradients[k] * slope + 0.0 if wanted else None
                links.append(Link(a, k, slot, slope + 0.0, share))
                if wanted:
                    shares[a].append(share)
        links.sort(key=lambda link: (link.target, link.slot))
        return gradients, links


def _add(shares):
    result = math.fsum(shares)
    noise = _ROUNDING * sum(map(abs, shares))
    return 0.0 if abs(result) < noise else result
