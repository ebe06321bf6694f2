r"""`parents[node]` lists the nodes that `node` is computed from; the list of an input is empty.
Return a list in which every parent stands before its children. It holds `output` and its
ancestors (all that it is computed from), each once, and nothing else. Any such order is right.

- If one of them is its own ancestor, no such order exists: raise a `ValueError`.
- The graph may hold other nodes, of no use to `output`.
- A list may name a parent twice, as for $x \cdot x$.
- Graphs can be deep. One case is a chain of 1,200 nodes, and Python allows about 1,000 calls
  inside one another.

For `parents = {"L": ["x", "q"], "q": ["x"], "x": [], "unused": ["q"]}` and `output = "L"` the
answer is `["x", "q", "L"]`.
"""

import sys
from itertools import pairwise

from backprop_course.exercises.record import Case, Exercise

exercise = Exercise(
    title="Parents first",
    number=4,
    points=3,
    minutes=25,
    level=3,
    outputs=("order",),
    hints=(
        "A node may take its place when all its parents have theirs. Try it by hand on L = q x "
        "with q = x x: when is it the turn of x, though you reach it first from L?",
        "Two ways are common. Search backward from output and place a node when you leave it, not "
        "when you enter it. Or count how many parents each node still waits for, and place those "
        "that wait for none. A cycle shows as a node met again before it was left, or as nodes "
        "that wait for ever.",
        "Deep graphs need a stack of your own instead of calls within calls: a list, on which each "
        "node lies twice, first to be entered (mark it, and put its parents on top), later to be "
        "left (append it to the order). A parent that is entered and not yet left closes a cycle.",
    ),
)


@exercise.solution
def topological_order(parents, output):
    """Return the ancestors of a node, and the node itself, with every parent before its children.

    Parameters
    ----------
    parents : dict of node -> list of nodes
        What each node is computed from.
    output : node

    Returns
    -------
    order : list of nodes
        Ends with ``output``.

    Raises
    ------
    ValueError
        If a node is its own ancestor.
    """
    # BEGIN SOLUTION
    order, state = [], {}
    stack = [(output, "enter")]
    while stack:
        node, step = stack.pop()
        if step == "leave":
            state[node] = "left"
            order.append(node)
        elif node not in state:
            state[node] = "entered"
            stack.append((node, "leave"))
            for parent in parents[node]:
                if state.get(parent) == "entered":
                    raise ValueError(f"{parent} is its own ancestor")
                stack.append((parent, "enter"))
    return order
    # END SOLUTION


@exercise.cases
def cases(rng):
    # f = (x * y + sin(x)) * x, in a dict that is written from the output down.
    graph = {
        "f": ["x", "q"],
        "q": ["p", "s"],
        "unused": ["p", "f"],
        "p": ["x", "y"],
        "s": ["x"],
        "y": [],
        "x": [],
    }
    yield Case((graph, "f"), note="a number that is used three times")
    # Numbers are names here, and their size says nothing about the order.
    a, b, c, d, e = (10 * rng.permutation(5) + rng.integers(1, 9)).tolist()
    graph = {c: [b, a, a], d: [c], b: [a, a], e: [b, d], a: []}
    yield Case((graph, c), note="a parent is listed twice")
    yield Case(({"loss": ["w"], "w": []}, "w"), note="the output is an input")
    yield Case((_layers(rng), 0), note="many paths")
    graph = {"L": ["v", "x"], "v": ["u"], "u": ["x", "w"], "w": ["v"], "x": []}
    yield Case((graph, "L"), note="a cycle", raises=ValueError)
    yield Case((_chain(rng, 1200), 0), note="a chain of 1,200 nodes")


def _layers(rng):
    """Return five layers of two nodes above the output 0, every node fed by the whole layer above.

    There are 32 paths. The names are numbers in random order; some nodes are of no use to 0.
    """
    names = (1 + rng.permutation(12)).tolist()
    layers = [[0], *(names[at : at + 2] for at in range(0, 10, 2)), []]
    graph = {}
    for layer, above in pairwise(layers):
        for node in layer:
            graph[node] = above[:: rng.choice((-1, 1))]
    graph[names[10]] = [0, names[3]]
    graph[names[11]] = [names[10]]
    return graph


def _chain(rng, length):
    """Return a chain from the output 0 upward, with names in random order."""
    names = [0, *(1 + rng.permutation(length - 1)).tolist()]
    graph = {node: [parent] for node, parent in pairwise(names)}
    return graph | {names[-1]: []}


@exercise.observe
def observe(result, parents, output):
    """What every right order has in common."""
    order = list(result)
    if isinstance(result, str | dict):
        raise TypeError("a list of nodes is asked for")
    due, waiting = {output}, [output]
    while waiting:
        new = set(parents[waiting.pop()]) - due
        due |= new
        waiting += new
    place = {node: at for at, node in reversed(list(enumerate(order)))}
    steps = [
        place[child] - place[parent]
        for child in due
        for parent in parents[child]
        if child in place and parent in place
    ]
    return {
        "no node is missing": due <= set(order),
        "only the output and its ancestors are there": set(order) <= due,
        "each node is there once": len(place) == len(order),
        "parents stand before their children": all(step > 0 for step in steps),
        "all children stand before their parents": bool(steps) and all(step < 0 for step in steps),
        "the output stands last": order[-1:] == [output],
    }


@exercise.right
def counting_parents(parents, output):
    # Kahn's way: first the ancestors, then those that wait for no parent any more.
    due, waiting = {output}, [output]
    while waiting:
        for parent in parents[waiting.pop()]:
            if parent not in due:
                due.add(parent)
                waiting.append(parent)
    missing = {node: len(set(parents[node])) for node in due}
    children = {node: [] for node in due}
    for node in due:
        for parent in set(parents[node]):
            children[parent].append(node)
    order = [node for node in due if missing[node] == 0]
    for node in order:
        for child in children[node]:
            missing[child] -= 1
            if missing[child] == 0:
                order.append(child)
    if len(order) < len(due):
        raise ValueError("cycle")
    return order


@exercise.right
def with_more_calls_allowed(parents, output):
    allowed = sys.getrecursionlimit()
    sys.setrecursionlimit(allowed + 5 * len(parents))
    try:
        return _by_calls(parents, output)
    finally:
        sys.setrecursionlimit(allowed)


def _by_calls(parents, output):
    order, entered, left = [], set(), set()

    def visit(node):
        if node in left:
            return
        if node in entered:
            raise ValueError("cycle")
        entered.add(node)
        for parent in parents[node]:
            visit(parent)
        left.add(node)
        order.append(node)

    visit(output)
    return order


@exercise.right
def with_iterators(parents, output):
    order, path, left = [], {output: iter(parents[output])}, set()
    while path:
        node = next(reversed(path))
        parent = next((p for p in path[node] if p not in left), None)
        if parent is None:
            path.popitem()
            left.add(node)
            order.append(node)
        elif parent in path:
            raise ValueError("cycle")
        else:
            path[parent] = iter(parents[parent])
    return tuple(order)


too_deep = exercise.wrong(
    "recursion-too-deep",
    "Your function calls itself once for each step of a path, and Python allows about 1,000 calls "
    "inside one another. A recurrent network or a long sum easily makes deeper graphs. Keep a list "
    "of the nodes still to be left, instead of calls that wait.",
)


@too_deep
def recursion_too_deep(parents, output):
    return _by_calls(parents, output)


@too_deep
def recursion_with_states(parents, output):
    order, state = [], {}

    def visit(node):
        if state.get(node) == "left":
            return
        if state.get(node) == "entered":
            raise ValueError("cycle")
        state[node] = "entered"
        for parent in parents[node]:
            visit(parent)
        state[node] = "left"
        order.append(node)

    visit(output)
    return order


@exercise.wrong(
    "recursion-without-end",
    "Where the graph has a cycle your function calls itself without end, and in the long chain it "
    "runs out of calls as well. Mark a node when you enter it, so that a cycle shows, and keep a "
    "list of the nodes still to be left, instead of calls that wait.",
)
def recursion_without_end(parents, output):
    order = []

    def visit(node):
        if node in order:
            return
        for parent in parents[node]:
            visit(parent)
        order.append(node)

    visit(output)
    return order


@exercise.wrong(
    "cycle-not-detected",
    "In the graph with a cycle you return something. There no order can be right: each node of the "
    "cycle would have to stand before itself. To remember which nodes were met is not enough; "
    "among these, tell the ones still in work from the ones that are finished.",
)
def cycle_not_detected(parents, output):
    order, seen, stack = [], set(), [(output, False)]
    while stack:
        node, ready = stack.pop()
        if ready:
            order.append(node)
        elif node not in seen:
            seen.add(node)
            stack.append((node, True))
            stack.extend((parent, False) for parent in parents[node])
    return order


fork_as_cycle = exercise.wrong(
    "fork-taken-for-cycle",
    "You report a cycle as soon as a node is met for the second time. A node that is used twice is "
    "a fork, and forks are what the order is for. It is a cycle only if you meet a node again "
    "while you are still busy with its own ancestors.",
)


@fork_as_cycle
def fork_taken_for_cycle(parents, output):
    order, seen, stack = [], set(), [(output, False)]
    while stack:
        node, ready = stack.pop()
        if ready:
            order.append(node)
            continue
        if node in seen:
            raise ValueError("cycle")
        seen.add(node)
        stack.append((node, True))
        stack.extend((parent, False) for parent in parents[node])
    return order


@fork_as_cycle
def fork_taken_for_cycle_by_calls(parents, output):
    order, seen = [], set()

    def visit(node):
        if node in seen:
            raise ValueError("cycle")
        seen.add(node)
        for parent in parents[node]:
            visit(parent)
        order.append(node)

    visit(output)
    return order


placed_early = exercise.wrong(
    "placed-when-reached",
    "A node stands before one of its parents. You settle a node's place when the search first "
    "reaches it, but a short way can reach x long before the nodes that also need x. A node may "
    "take its place only after all its parents have theirs.",
)


@placed_early
def placed_when_reached(parents, output):
    topological_order(parents, output)  # refuses cycles
    order, seen, stack = [], {output}, [output]
    while stack:
        node = stack.pop()
        order.append(node)
        for parent in parents[node]:
            if parent not in seen:
                seen.add(parent)
                stack.append(parent)
    return order[::-1]


@placed_early
def marked_when_pushed(parents, output):
    topological_order(parents, output)  # refuses cycles
    order, seen, stack = [], {output}, [(output, False)]
    while stack:
        node, ready = stack.pop()
        if ready:
            order.append(node)
            continue
        stack.append((node, True))
        for parent in parents[node]:
            if parent not in seen:
                seen.add(parent)
                stack.append((parent, False))
    return order


@exercise.wrong(
    "reversed",
    "The order is right but runs the wrong way: every child stands before its parents. This is "
    "the order in which gradients go back; the forward pass, and this exercise, ask for its "
    "reverse.",
)
def reversed_order(parents, output):
    return topological_order(parents, output)[::-1]


@exercise.wrong(
    "children-first",
    "You write a node down before you look at its parents, so the output comes first. On a chain "
    "this is the wanted order reversed; with a fork it is no good order in either direction.",
)
def children_first(parents, output):
    topological_order(parents, output)  # refuses cycles
    order, seen, stack = [], set(), [output]
    while stack:
        node = stack.pop()
        if node not in seen:
            seen.add(node)
            order.append(node)
            stack.extend(parents[node])
    return order


repeated = exercise.wrong(
    "once-per-path",
    "Some nodes stand in your list several times, once for each path that leads to them. With ten "
    "diamonds in a row that would be 1,024 times. Remember which nodes have their place already.",
)


@repeated
def once_per_path_by_calls(parents, output):
    order = []

    def visit(node):
        for parent in parents[node]:
            visit(parent)
        order.append(node)

    visit(output)
    return order


@repeated
def once_per_path(parents, output):
    topological_order(parents, output)  # refuses cycles
    order, stack = [], [(output, False)]
    while stack:
        node, ready = stack.pop()
        if ready:
            order.append(node)
        else:
            stack.append((node, True))
            stack.extend((parent, False) for parent in parents[node])
    return order


@exercise.wrong(
    "strangers-included",
    "Your list holds nodes that the output is not computed from. They would cost time on the way "
    "back and get a gradient of 0. Begin at the output and go up to parents; all that you never "
    "meet stays out.",
)
def strangers_included(parents, output):
    topological_order(parents, output)  # refuses cycles
    missing = {node: len(set(parents[node])) for node in parents}
    children = {node: [] for node in parents}
    for node in parents:
        for parent in set(parents[node]):
            children[parent].append(node)
    order = [node for node in parents if missing[node] == 0]
    for node in order:
        for child in children[node]:
            missing[child] -= 1
            if missing[child] == 0:
                order.append(child)
    return order


@exercise.wrong(
    "order-of-the-dict",
    "This is the order in which the nodes stand in the dict. A dict remembers how it was filled, "
    "which has nothing to do with what needs what, and it also holds nodes of no use to the "
    "output.",
)
def order_of_the_dict(parents, output):
    topological_order(parents, output)  # refuses cycles
    return list(parents)


@exercise.wrong(
    "sorted-by-name",
    "You sorted the nodes by their names. Names are only names: what needs what is written in the "
    "lists of parents alone.",
)
def sorted_by_name(parents, output):
    return sorted(topological_order(parents, output))


@exercise.wrong(
    "one-generation-only",
    "You stop at the parents of the output. They have parents too: ancestors are all nodes that "
    "can be reached by going up, however far.",
)
def one_generation_only(parents, output):
    order = topological_order(parents, output)
    return [node for node in order if node in parents[output] or node == output]


@exercise.wrong(
    "output-missing",
    "The output itself is missing at the end of your list. The way back begins there.",
)
def output_missing(parents, output):
    return topological_order(parents, output)[:-1]


@exercise.wrong(
    "inputs-missing",
    "The nodes without parents are missing. They are the inputs and the weights, those whose "
    "gradients we want in the end.",
)
def inputs_missing(parents, output):
    return [node for node in topological_order(parents, output) if parents[node]]


@exercise.wrong(
    "twice-listed-parent",
    "Your function waits for ever where a parent is listed twice: you count it twice among those "
    "that a node waits for, and cross it off once. The two uses of x in x times x are one node.",
)
def twice_listed_parent(parents, output):
    due = set(topological_order(parents, output))  # refuses cycles
    missing = {node: len(parents[node]) for node in due}
    children = {node: set() for node in due}
    for node in due:
        for parent in parents[node]:
            children[parent].add(node)
    order = [node for node in due if missing[node] == 0]
    for node in order:
        for child in children[node]:
            missing[child] -= 1
            if missing[child] == 0:
                order.append(child)
    if len(order) < len(due):
        raise ValueError("cycle")
    return order


@exercise.wrong(
    "input-modified",
    "The order is right, but you crossed parents off in the caller's own lists, and the graph is "
    "empty afterwards. The sweep back still needs these lists: work on copies, or count.",
)
def input_modified(parents, output):
    order = topological_order(parents, output)
    for node in order:
        parents[node].clear()
    return order
