"""A small network as a graph of scalars, with its weights inside the units that use them."""

import math
from itertools import pairwise
from random import Random

from backprop_course.widgets.stepper.node import Node
from backprop_course.widgets.stepper.operations import (
    OPERATIONS,
    half_squared_error,
    weighted_sum,
)

ACTIVATIONS = ("tanh", "relu", "sigmoid")
MOST_UNITS = 8


def network(
    sizes,
    *,
    x=None,
    y=None,
    weights=None,
    biases=None,
    activation="tanh",
    output_activation=None,
    seed=0,
):
    """Return the nodes of a network; the parameters are those of `Graph.from_network`."""
    sizes = _sizes(sizes)
    _known(activation)
    if output_activation is not None:
        _known(output_activation)
    x, y, weights, biases = _numbers(sizes, x, y, weights, biases, _Draw(seed))

    nodes = [Node(f"x[{d}]", given=value) for d, value in enumerate(x)]
    before = list(range(len(nodes)))
    for k, (W, b) in enumerate(zip(weights, biases, strict=True), start=1):
        before = [_unit(nodes, before, k, m, W, b) for m in range(len(b))]
        function = output_activation if k == len(weights) else activation
        if function:
            before = [
                _add(nodes, Node(f"a{k}[{m}]", "operation", OPERATIONS[function], (place,)))
                for m, place in enumerate(before)
            ]
    _loss(nodes, before, y)
    return nodes


def _numbers(sizes, x, y, weights, biases, draw):
    """Return example, target, weights and biases as lists, drawn where they are not given.

    Everything is drawn in the same order whether it is given or not: to give one table leaves the
    others as they were.
    """
    layers = list(pairwise(sizes))
    drawn_weights = [[draw.row(M) for _ in range(D)] for D, M in layers]
    drawn_biases = [draw.row(M) for _, M in layers]
    drawn_x, drawn_y = draw.row(sizes[0]), draw.row(sizes[-1])
    weights = _each("weights", weights, drawn_weights)
    biases = _each("biases", biases, drawn_biases)
    return (
        _row("x", drawn_x if x is None else x, sizes[0]),
        _row("y", drawn_y if y is None else y, sizes[-1]),
        [_table(f"weights[{k}]", weights[k], D, M) for k, (D, M) in enumerate(layers)],
        [_row(f"biases[{k}]", biases[k], M) for k, (_, M) in enumerate(layers)],
    )


def _unit(nodes, inputs, layer, m, W, b):
    """Add one linear unit and its parameters; the unit comes right after them."""
    host = len(nodes) + len(inputs) + 1
    own = [
        *(
            Node(f"W{layer}[{d}, {m}]", "parameter", given=W[d][m], host=host)
            for d in range(len(W))
        ),
        Node(f"b{layer}[{m}]", "parameter", given=b[m], host=host),
    ]
    places = [_add(nodes, node) for node in own]
    operation = weighted_sum(len(inputs))
    return _add(nodes, Node(f"z{layer}[{m}]", "operation", operation, (*inputs, *places)))


def _loss(nodes, outputs, y):
    host = len(nodes) + len(y)
    targets = [
        _add(nodes, Node(f"y[{m}]", "target", given=value, host=host)) for m, value in enumerate(y)
    ]
    _add(nodes, Node("L", "operation", half_squared_error(len(y)), (*outputs, *targets)))


def _add(nodes, node):
    nodes.append(node)
    return len(nodes) - 1


class _Draw:
    """Numbers with one decimal, never 0, so that everything can be followed by hand."""

    def __init__(self, seed):
        self._random = Random(seed).random  # the one method that is the same in every Python

    def row(self, size):
        return [self._one() for _ in range(size)]

    def _one(self):
        size = (1 + int(self._random() * 10)) / 10
        return size if self._random() < 0.5 else -size


def _sizes(sizes):
    try:
        units = [int(size) for size in sizes]
    except (TypeError, ValueError):
        units = []
    if len(units) < 2 or min(units) < 1:
        raise ValueError(f"sizes must name inputs and outputs, such as [2, 2, 1], not {sizes!r}.")
    if max(units) > MOST_UNITS:
        raise ValueError(f"A layer of more than {MOST_UNITS} units cannot be read in one picture.")
    return units


def _known(activation):
    if activation not in ACTIVATIONS:
        raise ValueError(f"{activation!r} is not an activation: take tanh, relu or sigmoid.")


def _each(name, given, drawn):
    if given is None:
        return drawn
    given = _listed(name, given)
    if len(given) != len(drawn):
        raise ValueError(
            f"{name} needs one entry for each of the {len(drawn)} layers, not {len(given)}."
        )
    return [own if own is not None else other for own, other in zip(given, drawn, strict=True)]


def _table(name, table, D, M):
    rows = _listed(name, table)
    if len(rows) != D:
        raise ValueError(f"{name} must have {D} rows of {M} numbers, not {len(rows)} rows.")
    return [_row(f"{name}[{d}]", row, M) for d, row in enumerate(rows)]


def _listed(name, entries):
    try:
        return list(entries)
    except TypeError:
        raise ValueError(f"{name} must be a list, not {entries!r}.") from None


def _row(name, row, size):
    try:
        numbers = [float(value) for value in row]
    except (TypeError, ValueError):
        numbers = None
    if numbers is None or len(numbers) != size or not all(map(math.isfinite, numbers)):
        things = "one finite number" if size == 1 else f"{size} finite numbers"
        raise ValueError(f"{name} must be a list of {things}, not {row!r}.")
    return numbers
