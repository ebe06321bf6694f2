"""Where the boxes of a graph stand and how its arrows run: layer by layer, from left to right.

The four steps of Sugiyama, Tagawa and Toda (1981): layers by the longest path; a dummy in each
layer that an arrow passes; an order within the layers with few crossings; coordinates in which
arrows run straight where they can. No random numbers: the same graph gives the same picture.
"""

from bisect import bisect_left, insort
from itertools import pairwise
from typing import NamedTuple

_SWEEPS = 12
_BETWEEN = 18.0  # the least room between two boxes of a layer
_LANE = 7.0  # half the room for an arrow that passes a layer
_ARROW = 14.0  # the straight end of an arrow, besides the room for its label
_CURVE = (28.0, 64.0)  # the least and the greatest width of the place where arrows bend


class Box(NamedTuple):
    """What the layout knows about a node.

    Attributes
    ----------
    width : float
        The whole width, texts included.
    above, below : float
        How far the box and its texts reach from the line on which its arrow leaves.
    core : float
        The width of the box itself, where arrows begin and end.
    ports : tuple of float
        How far under (or above: negative) that line each arrow that comes in ends.
    fixed : bool
        True if the arrows must end in the order given; otherwise they are sorted to cross less.
    """

    width: float
    above: float
    below: float
    core: float
    ports: tuple = ()
    fixed: bool = False


class Arrow(NamedTuple):
    """An arrow to be drawn: from one box to a port of another, with room for a label."""

    source: int
    target: int
    slot: int
    label: float = 0.0


class Run(NamedTuple):
    """A straight, level piece of an arrow; a curve leads from one to the next."""

    left: float
    right: float
    y: float


class Layout(NamedTuple):
    """The result.

    Attributes
    ----------
    places : list of (x, y)
        For each box its middle, and the line on which its arrow leaves.
    routes : list of list of Run
        One for each arrow.
    width, height : float
    """

    places: list
    routes: list
    width: float
    height: float


def lay_out(boxes, arrows):
    """Place boxes and arrows.

    Parameters
    ----------
    boxes : list of Box
        Every box after those whose arrows lead to it.
    arrows : list of Arrow
        They must not form a circle.

    Returns
    -------
    Layout
    """
    return _Layers(boxes, arrows).layout()


class _Layers:
    """The layers, the items in them (boxes first, then dummies), and the pieces between."""

    def __init__(self, boxes, arrows):
        self.boxes, self.arrows = boxes, arrows
        self.rank = _ranks(len(boxes), arrows)
        self.chains = self._cut()
        self.order = self._first_order()
        self.ports = {}  # arrow -> how far from the middle of its target it ends
        for k, box in enumerate(boxes):
            self._give_ports(self._coming(k), box)

    def layout(self):
        self._reduce_crossings()
        y = self._heights()
        return self._draw(y)

    # Layers and dummies ----------------------------------------------------------------------

    def _cut(self):
        """Return for each arrow the items it visits; long ones get a dummy in each layer."""
        self.incoming = [[] for _ in self.boxes]  # (item before, arrow)
        self.outgoing = [[] for _ in self.boxes]  # (item after, arrow)
        self.arrows_to = [[] for _ in self.boxes]
        chains = []
        for k, arrow in enumerate(self.arrows):
            chain = [arrow.source]
            for rank in range(self.rank[arrow.source] + 1, self.rank[arrow.target]):
                chain.append(len(self.rank))
                self.rank.append(rank)
                self.incoming.append([])
                self.outgoing.append([])
            chain.append(arrow.target)
            for one, other in pairwise(chain):
                self.outgoing[one].append((other, k))
                self.incoming[other].append((one, k))
            self.arrows_to[arrow.target].append(k)
            chains.append(chain)
        return chains

    def _is_dummy(self, item):
        return item >= len(self.boxes)

    def _coming(self, box):
        return sorted(self.arrows_to[box], key=lambda k: self.arrows[k].slot)

    def _give_ports(self, arrows, box):
        for k, port in zip(arrows, box.ports, strict=True):
            self.ports[k] = port

    def _port(self, item, arrow):
        return 0.0 if self._is_dummy(item) else self.ports[arrow]

    # Order within the layers -----------------------------------------------------------------

    def _first_order(self):
        """Go back from the last box, argument by argument: a tree comes out without crossings."""
        layers = [[] for _ in range(max(self.rank, default=-1) + 1)]
        seen = set()
        for end in reversed(range(len(self.boxes))):
            stack = [end]
            while stack:
                item = stack.pop()
                if item in seen:
                    continue
                seen.add(item)
                layers[self.rank[item]].append(item)
                stack += [before for before, _ in reversed(self.incoming[item])]
        return layers

    def _reduce_crossings(self):
        best, fewest = [list(layer) for layer in self.order], self._crossings()
        for sweep in range(_SWEEPS):
            if fewest == 0:
                break
            forward = sweep % 2 == 0
            ranks = range(1, len(self.order)) if forward else range(len(self.order) - 2, -1, -1)
            for rank in ranks:
                self._sort(rank, forward)
            self._swap_neighbours()
            crossings = self._crossings()
            if crossings < fewest:
                best, fewest = [list(layer) for layer in self.order], crossings
        self.order = best

    def _positions(self, rank):
        return {item: k for k, item in enumerate(self.order[rank])}

    def _end(self, position, item, arrow):
        """Return where an arrow ends in the order of its layer, finer than whole positions."""
        if self._is_dummy(item) or not self.boxes[item].fixed:
            return float(position[item])
        return position[item] + (self.arrows[arrow].slot + 1) / (len(self.boxes[item].ports) + 1)

    def _sort(self, rank, forward):
        """Sort one layer by the middle of what its items are joined to in the layer before."""
        own = self._positions(rank)
        other = self._positions(rank - 1 if forward else rank + 1)

        def middle(item):
            if forward:
                ends = [float(other[before]) for before, _ in self.incoming[item]]
            else:
                ends = [self._end(other, after, k) for after, k in self.outgoing[item]]
            return sum(ends) / len(ends) if ends else float(own[item])

        self.order[rank].sort(key=lambda item: (middle(item), own[item]))

    def _swap_neighbours(self):
        """Exchange two neighbours wherever that leaves fewer crossings."""
        for rank, layer in enumerate(self.order):
            before = self._positions(rank - 1) if rank else {}
            after = self._positions(rank + 1) if rank + 1 < len(self.order) else {}
            for k in range(len(layer) - 1):
                upper, lower = layer[k], layer[k + 1]
                if self._between(lower, upper, before, after) < self._between(
                    upper, lower, before, after
                ):
                    layer[k], layer[k + 1] = lower, upper

    def _between(self, upper, lower, before, after):
        """Count the crossings of the arrows of two items, the first above the second."""
        count = 0
        for one, _ in self.incoming[upper]:
            count += sum(before[one] > before[other] for other, _ in self.incoming[lower])
        for one, k in self.outgoing[upper]:
            end = self._end(after, one, k)
            count += sum(end > self._end(after, other, j) for other, j in self.outgoing[lower])
        return count

    def _crossings(self):
        count = 0
        for rank, layer in enumerate(self.order[:-1]):
            after = self._positions(rank + 1)
            seen = []
            for item in layer:
                ends = [self._end(after, other, k) for other, k in self.outgoing[item]]
                count += sum(len(seen) - bisect_left(seen, end + 1e-9) for end in ends)
                for end in ends:
                    insort(seen, end)
        return count

    # Coordinates -----------------------------------------------------------------------------

    def _reach(self, item):
        if self._is_dummy(item):
            return _LANE, _LANE
        return self.boxes[item].above, self.boxes[item].below

    def _offsets(self, layer):
        """Return how far each item of a layer is at least below the first."""
        offsets = [0.0]
        for one, other in pairwise(layer):
            room = _BETWEEN if not (self._is_dummy(one) or self._is_dummy(other)) else 4.0
            offsets.append(offsets[-1] + self._reach(one)[1] + room + self._reach(other)[0])
        return offsets

    def _heights(self):
        y = [0.0] * len(self.rank)
        offsets = [self._offsets(layer) for layer in self.order]
        for layer, offset in zip(self.order, offsets, strict=True):
            for item, distance in zip(layer, offset, strict=True):
                y[item] = distance - offset[-1] / 2
        ranks = range(len(self.order))
        for sweep in range(2 * _SWEEPS):
            self._sort_ports(y)
            # First each side alone, so that everything moves; then both, so that it settles.
            sides = ("left", "right", "both")[sweep % 2 if sweep < _SWEEPS else 2]
            for rank in ranks if sweep % 2 == 0 else reversed(ranks):
                self._settle(y, self.order[rank], offsets[rank], sides)
        self._sort_ports(y)
        top = min((y[k] - self._reach(k)[0] for k in range(len(y))), default=0.0)
        return [value - top for value in y]

    def _sort_ports(self, y):
        for k, box in enumerate(self.boxes):
            if not box.fixed and len(box.ports) > 1:
                before = {arrow: y[item] for item, arrow in self.incoming[k]}
                coming = sorted(self._coming(k), key=lambda a: (before[a], self.arrows[a].slot))
                self._give_ports(coming, box)

    def _settle(self, y, layer, offsets, sides):
        """Move the items of a layer as near to their neighbours as the room between allows."""
        wishes, weights = [], []
        for item in layer:
            pulls = []
            if sides != "right":
                pulls += [
                    (y[before] - self._port(item, k), self._stiffness(before, item))
                    for before, k in self.incoming[item]
                ]
            if sides != "left":
                pulls += [
                    (y[after] + self._port(after, k), self._stiffness(item, after))
                    for after, k in self.outgoing[item]
                ]
            weight = sum(w for _, w in pulls)
            wishes.append(sum(p * w for p, w in pulls) / weight if pulls else y[item])
            weights.append(weight or 0.01)
        lowered = [wish - offset for wish, offset in zip(wishes, offsets, strict=True)]
        for item, level, offset in zip(layer, _rising(lowered, weights), offsets, strict=True):
            y[item] = level + offset

    def _stiffness(self, one, other):
        """Return how much an arrow wants to be straight: most where it passes layers."""
        return (1.0, 4.0, 80.0)[self._is_dummy(one) + self._is_dummy(other)]

    # Drawing ---------------------------------------------------------------------------------

    def _draw(self, y):
        columns, width = self._columns(y)
        places = [(sum(columns[self.rank[k]][1:]) / 2, y[k]) for k in range(len(self.boxes))]
        routes = [self._route(k, chain, columns, places, y) for k, chain in enumerate(self.chains)]
        height = max((y[k] + self._reach(k)[1] for k in range(len(y))), default=0.0)
        return Layout(places, routes, width, height)

    def _columns(self, y):
        """Return (start of the straight ends, left, right) of each layer, and the whole width."""
        columns, x = [], 0.0
        for rank, layer in enumerate(self.order):
            start = x
            if rank:
                arrivals = [
                    (y[before], y[item] + self._port(item, k), item, k)
                    for item in layer
                    for before, k in self.incoming[item]
                ]
                climb = max((abs(a - b) for a, b, _, _ in arrivals), default=0.0)
                labels = [self.arrows[k].label for *_, i, k in arrivals if not self._is_dummy(i)]
                start = x + min(max(_CURVE[0], 0.2 * climb), _CURVE[1])
                x = start + max(labels, default=0.0) + _ARROW
            wide = max((self.boxes[i].width for i in layer if not self._is_dummy(i)), default=0.0)
            columns.append((start, x, x + wide))
            x += wide
        return columns, x

    def _route(self, arrow, chain, columns, places, y):
        source, target = self.arrows[arrow].source, self.arrows[arrow].target
        right = columns[self.rank[source]][2]
        runs = [Run(places[source][0] + self.boxes[source].core / 2, right, y[source])]
        for item in chain[1:-1]:
            start, _, right = columns[self.rank[item]]
            runs.append(Run(start, right, y[item]))
        end = places[target][0] - self.boxes[target].core / 2
        runs.append(Run(columns[self.rank[target]][0], end, y[target] + self.ports[arrow]))
        return runs


def _ranks(count, arrows):
    """Return the layer of each box: as far right as its longest path, inputs near their use."""
    rank, users = [0] * count, [[] for _ in range(count)]
    has_arguments = [False] * count
    for arrow in sorted(arrows, key=lambda arrow: arrow.target):
        rank[arrow.target] = max(rank[arrow.target], rank[arrow.source] + 1)
        users[arrow.source].append(arrow.target)
        has_arguments[arrow.target] = True
    return [
        min((rank[user] for user in users[k]), default=1) - 1 if not has_arguments[k] else rank[k]
        for k in range(count)
    ]


def _rising(wishes, weights):
    """Return the rising sequence nearest to the wishes, by pooling neighbours that disagree."""
    pools = []  # [mean, weight, count]
    for wish, weight in zip(wishes, weights, strict=True):
        pools.append([wish, weight, 1])
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            mean, heavy, count = pools.pop()
            last = pools[-1]
            last[0] = (last[0] * last[1] + mean * heavy) / (last[1] + heavy)
            last[1] += heavy
            last[2] += count
    return [mean for mean, _, count in pools for _ in range(count)]
