"""The parts of a graph: its numbers, and the arrows between them."""

from typing import NamedTuple

from backprop_course.widgets.stepper.operations import Operation
from backprop_course.widgets.stepper.text import number


class Node(NamedTuple):
    """One number of a graph: given, or computed from others.

    Attributes
    ----------
    name : str
    kind : str
        "input" or "parameter" (given, gets a gradient), "target" (given, gets none), "operation".
    operation : Operation or None
    arguments : tuple of int and float
        What the operation is fed: an int is the position of an earlier node, a float a constant.
    given : float or None
        The value of a node that is not computed.
    host : int or None
        The position of the one node that uses this one and is drawn with it inside.
    """

    name: str
    kind: str = "input"
    operation: Operation | None = None
    arguments: tuple = ()
    given: float | None = None
    host: int | None = None

    def formula(self, texts):
        """Write the operation with ``texts[k]`` for node k, and constants as they are."""
        return self.operation.write(*self._written(texts))

    def slope_formulas(self, texts):
        """Write the local derivative with respect to each argument."""
        return self.operation.write_slopes(self.name, *self._written(texts))

    def _written(self, texts):
        return [number(a) if isinstance(a, float) else texts[a] for a in self.arguments]


class Link(NamedTuple):
    """One arrow of a graph: a node that another uses.

    Attributes
    ----------
    source, target : int
        Positions of the nodes.
    slot : int
        Which argument of the target the source is.
    slope : float
        The local derivative of the target with respect to this argument.
    share : float or None
        What comes back over this arrow: the gradient of the target times the slope. None where
        nothing comes back.
    """

    source: int
    target: int
    slot: int
    slope: float
    share: float | None
