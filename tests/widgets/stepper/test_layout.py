"""Layouts of random graphs: no boxes overlap, no arrow runs through a box, nothing is random."""

import random
from itertools import combinations, pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from backprop_course.widgets.stepper.layout import Arrow, Box, _rising, lay_out


@st.composite
def graphs(draw):
    """Boxes of many sizes with up to three arrows each from boxes before."""
    count = draw(st.integers(1, 24))
    boxes, arrows = [], []
    for k in range(count):
        sources = draw(st.lists(st.integers(0, k - 1), max_size=3)) if k else []
        core = draw(st.floats(20, 160))
        half = draw(st.floats(5, 70)) + 11 * len(sources)
        boxes.append(
            Box(
                width=core + draw(st.floats(0, 60)),
                above=half + 20,
                below=half + draw(st.floats(0, 36)),
                core=core,
                ports=tuple(22 * (i - (len(sources) - 1) / 2) for i in range(len(sources))),
                fixed=draw(st.booleans()),
            )
        )
        arrows += [Arrow(s, k, i, draw(st.floats(0, 60))) for i, s in enumerate(sources)]
    return boxes, arrows


def rectangles(boxes, layout):
    return [
        (x - box.width / 2, y - box.above, x + box.width / 2, y + box.below)
        for box, (x, y) in zip(boxes, layout.places, strict=True)
    ]


def overlap(one, other, slack=1e-6):
    return (
        one[0] < other[2] - slack
        and other[0] < one[2] - slack
        and one[1] < other[3] - slack
        and other[1] < one[3] - slack
    )


def check(boxes, arrows):
    layout = lay_out(boxes, arrows)
    areas = rectangles(boxes, layout)
    for one, other in combinations(areas, 2):
        assert not overlap(one, other)
    for left, top, right, bottom in areas:
        assert left >= -1e-6 and top >= -1e-6
        assert right <= layout.width + 1e-6 and bottom <= layout.height + 1e-6

    for arrow, runs in zip(arrows, layout.routes, strict=True):
        (x, y), box = layout.places[arrow.source], boxes[arrow.source]
        assert (runs[0].left, runs[0].y) == (x + box.core / 2, y)
        (x, y), box = layout.places[arrow.target], boxes[arrow.target]
        assert runs[-1].right == x - box.core / 2
        assert any(abs(runs[-1].y - y - port) < 1e-9 for port in box.ports)
        # There is room for the label and the head of the arrow in front of the box.
        assert runs[-1].right - runs[-1].left >= arrow.label + 10
        assert all(run.left <= run.right + 1e-6 for run in runs)
        assert all(one.right < other.left for one, other in pairwise(runs))  # left to right

        # Level pieces pass no box but their own two; curves lie where there are no boxes at all.
        level = [(run.left, run.y - 0.5, run.right, run.y + 0.5) for run in runs]
        bends = [(a.right, 0, b.left, layout.height) for a, b in pairwise(runs)]
        for k, area in enumerate(areas):
            if k not in (arrow.source, arrow.target):
                assert not any(overlap(piece, area) for piece in level)
            assert not any(overlap(bend, area) for bend in bends)

    # Each arrow has a port of its own.
    for k, box in enumerate(boxes):
        ends = [r[-1].y for a, r in zip(arrows, layout.routes, strict=True) if a.target == k]
        assert len({round(end, 6) for end in ends}) == len(box.ports)
        if box.fixed:
            assert ends == sorted(ends)
    return layout


@settings(max_examples=80, deadline=None)
@given(graphs())
def test_nothing_overlaps(graph):
    boxes, arrows = graph
    assert check(boxes, arrows) == lay_out(boxes, arrows)


def box(inputs=0):
    return Box(80, 40, 40, 70, tuple(22 * (i - (inputs - 1) / 2) for i in range(inputs)))


def random_graph(count, seed):
    rng = random.Random(seed)
    boxes, arrows = [box()] * 4, []
    for k in range(4, count):
        boxes.append(box(2))
        arrows += [Arrow(max(0, k - rng.randint(1, 12)), k, i, 40.0) for i in range(2)]
    return boxes, arrows


def test_sixty_nodes_are_placed():
    check(*random_graph(60, seed=0))


def test_nothing_to_place():
    assert lay_out([], []).places == []
    one = lay_out([box()], [])
    assert (one.width, one.height) == (80, 80)


def test_a_chain_is_straight():
    layout = lay_out([box(), box(1), box(1), box(1)], [Arrow(k, k + 1, 0) for k in range(3)])
    assert len({y for _, y in layout.places}) == 1


def test_an_input_stands_near_its_use():
    # 3 uses 0 and 1, 4 uses 3, and 5 uses 4, 2 and 1: only the last box uses 2.
    boxes = [box(), box(), box(), box(2), box(1), box(3)]
    arrows = [Arrow(0, 3, 0), Arrow(1, 3, 1), Arrow(3, 4, 0), Arrow(4, 5, 0), Arrow(2, 5, 1)]
    arrows.append(Arrow(1, 5, 2))
    layout = lay_out(boxes, arrows)
    assert layout.places[2][0] == layout.places[4][0]
    assert layout.places[0][0] == layout.places[1][0]


def crossings(layout):
    pieces = [
        (one.right, other.left, one.y, other.y)
        for runs in layout.routes
        for one, other in pairwise(runs)
    ]
    return sum(
        (a[2] - b[2]) * (a[3] - b[3]) < -1e-6
        for a, b in combinations(pieces, 2)
        if a[0] == b[0] or max(a[0], b[0]) < min(a[1], b[1])
    )


def test_a_tree_has_no_crossings():
    # The leaves are numbered so that a picture in the order of numbers would cross.
    boxes = [box() for _ in range(8)] + [box(2) for _ in range(7)]
    pairs = [(0, 7), (3, 4), (1, 6), (2, 5), (9, 10), (8, 11), (12, 13)]
    arrows = [
        Arrow(source, 8 + k, i) for k, pair in enumerate(pairs) for i, source in enumerate(pair)
    ]
    assert crossings(check(boxes, arrows)) == 0


def test_arguments_change_places_rather_than_cross():
    # 2 and 3 use the same two, in opposite order.
    boxes = [box(), box(), box(2), box(2), box(2)]
    pairs = {2: (0, 1), 3: (1, 0), 4: (2, 3)}
    arrows = [Arrow(s, k, i) for k, pair in pairs.items() for i, s in enumerate(pair)]
    assert crossings(check(boxes, arrows)) == 1  # 0 to 3 against 1 to 2


def test_a_long_arrow_is_straight_where_it_passes_others():
    # 0 feeds a chain of boxes and, past all of them, the last one.
    boxes = [box(), *(box(1) for _ in range(5)), box(2)]
    arrows = [Arrow(k, k + 1, 0) for k in range(5)] + [Arrow(5, 6, 0), Arrow(0, 6, 1)]
    layout = check(boxes, arrows)
    passing = [run.y for run in layout.routes[-1][1:-1]]
    assert len(passing) == 5
    assert max(passing) - min(passing) < 1


def test_rising_is_the_nearest_rising_sequence():
    assert _rising([1, 2, 3], [1, 1, 1]) == [1, 2, 3]
    assert _rising([3, 1], [1, 1]) == [2, 2]
    assert _rising([3, 1, 0, 5], [1, 3, 1, 1]) == [6 / 5, 6 / 5, 6 / 5, 5]
