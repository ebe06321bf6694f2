r"""The adjoint of a node is the derivative of the output with respect to that node. Compute all of
them in one sweep.

- `order` has every parent before its children, and `output` at its end.
- `parents[node]` lists the nodes that `node` is computed from, each of them once.
- `local[(child, parent)]` is the local derivative of the child with respect to the parent, all
  direct uses together: for $s = x \cdot x$ the list of `s` is `["x"]`, and `local[("s", "x")]` is
  $2x$.
- `parents` and `local` may hold nodes that are not in `order`. Leave these out.

Return a dict with the adjoint of every node in `order`, a float. The adjoint of `output` is 1.

For $q = x^2$ and $L = qx$ at $x = 3$: `order = ["x", "q", "L"]`,
`parents = {"x": [], "q": ["x"], "L": ["q", "x"]}`,
`local = {("q", "x"): 6.0, ("L", "q"): 3.0, ("L", "x"): 9.0}`. The answer is
`{"L": 1.0, "q": 3.0, "x": 27.0}`; indeed the slope of $x^3$ at 3 is 27.
"""

from backprop_course.exercises.record import Case, Exercise

exercise = Exercise(
    title="The sweep back",
    number=6,
    points=3,
    minutes=15,
    level=2,
    outputs=("adjoint",),
    hints=(
        "Begin with 0 for every node of the order and with 1 for the output. Then each node tells "
        "its parents what it has. In which order must the nodes speak?",
        "When a node speaks, everything it will ever receive must have arrived. Going through "
        "order from its end guarantees that: all children come before their parent.",
        "Walk through order backward. For each parent of the current node, the parent's adjoint "
        "grows by a product of two numbers: the adjoint of the current node, and the local "
        "derivative of that arrow.",
    ),
)


@exercise.solution
def reverse_sweep(order, parents, local, output):
    """Return the derivative of the output with respect to each node.

    Parameters
    ----------
    order : list of nodes
        Every parent before its children; ends with ``output``.
    parents : dict of node -> list of nodes
        What each node is computed from.
    local : dict of (child, parent) -> float
        Local derivative of the child with respect to the parent.
    output : node

    Returns
    -------
    adjoint : dict of node -> float
        For every node in ``order``.
    """
    # BEGIN SOLUTION
    adjoint = dict.fromkeys(order, 0.0)
    adjoint[output] = 1.0
    for child in reversed(order):
        for parent in parents[child]:
            adjoint[parent] += adjoint[child] * local[(child, parent)]
    return adjoint
    # END SOLUTION


# f = (x * y + sin(x)) * x; and two diamonds, one behind the other, with a short cut.
_THREE_USES = {"x": [], "y": [], "p": ["x", "y"], "s": ["x"], "q": ["p", "s"], "f": ["q", "x"]}
_DIAMONDS = {0: [], 1: [0], 2: [0], 3: [1, 2], 4: [3], 5: [3], 6: [4, 5, 0]}
_STRANGERS = {7: [3], 8: [7, 6]}


@exercise.cases
def cases(rng):
    yield _case(rng, _THREE_USES, "f", note="a number that is used three times")
    yield _case(rng, {"x": [], "z": ["x"], "a": ["z"], "L": ["a"]}, "L", note="a plain chain")
    yield _case(rng, _DIAMONDS, 6, note="two diamonds")
    yield _case(rng, _DIAMONDS | _STRANGERS, 6, note="some nodes are not in the order")
    yield _case(rng, {"x": []}, "x", note="the output alone")


def _case(rng, parents, output, note):
    """Draw local derivatives of both signs, none near 0 or 1 in size."""
    local = {
        (child, parent): float(rng.uniform(1.2, 2.8) * rng.choice((-1.0, 1.0)))
        for child, found in parents.items()
        for parent in found
    }
    # The nodes are written down parents first, and the output stands before all strangers.
    order = list(parents)[: list(parents).index(output) + 1]
    return Case((order, dict(parents), local, output), note=note)


@exercise.right
def asking_the_children(order, parents, local, output):
    # Each node collects from its children, where above each child hands out to its parents.
    adjoint = {output: 1.0}
    for node in order[-2::-1]:
        adjoint[node] = sum(
            adjoint[child] * local[child, node] for child in adjoint if node in parents[child]
        )
    return adjoint


@exercise.right
def path_by_path(order, parents, local, output):
    # Slow for deep graphs, and right: one product for each path, added up.
    adjoint = {node: 0.0 for node in order}

    def walk(node, product):
        adjoint[node] += product
        for parent in parents[node]:
            walk(parent, product * local[node, parent])

    walk(output, 1.0)
    return adjoint


@exercise.right
def forward_mode(order, parents, local, output):
    # One forward sweep for each node: the derivatives with respect to this one node.
    adjoint = {}
    for source in order:
        slope = {}
        for node in order:
            through = sum(local[node, parent] * slope[parent] for parent in parents[node])
            slope[node] = 1.0 if node == source else through
        adjoint[source] = slope[output]
    return adjoint


def _sweep(order, parents, local, output, gather):
    """Go back in order; ``gather(old, carried, slope)`` is the new adjoint of a parent."""
    adjoint = dict.fromkeys(order, 0.0)
    adjoint[output] = 1.0
    for child in reversed(order):
        for parent in parents[child]:
            adjoint[parent] = gather(adjoint[parent], adjoint[child], local[child, parent])
    return adjoint


@exercise.wrong(
    "fork-overwritten",
    "Right where a node is used once. Where it is used several times you keep the share that "
    "arrives last and lose the others: each use writes over the one before. At a fork the shares "
    "add up.",
)
def fork_overwritten(order, parents, local, output):
    return _sweep(order, parents, local, output, lambda old, carried, slope: carried * slope)


@exercise.wrong(
    "first-share-only",
    "Right where a node is used once. Where it is used several times you keep the share that "
    "arrives first and send later ones away. At a fork the shares add up.",
)
def first_share_only(order, parents, local, output):
    return _sweep(order, parents, local, output, lambda old, carried, slope: old or carried * slope)


@exercise.wrong(
    "swept-forward",
    "You go through order from its beginning. Then the inputs speak first, before anything has "
    "arrived, and hand on zeros; only the parents of the output get something. The way back "
    "begins at the output.",
)
def swept_forward(order, parents, local, output):
    adjoint = dict.fromkeys(order, 0.0)
    adjoint[output] = 1.0
    for child in order:
        for parent in parents[child]:
            adjoint[parent] += adjoint[child] * local[child, parent]
    return adjoint


@exercise.wrong(
    "sent-at-every-visit",
    "You go back by recursion and ignore the order: a node behind a fork is visited once for each "
    "path, and at each visit it sends all it has, also what it sent before. Without a fork your "
    "numbers are right; behind one they are too many. Each node must speak once, when all has "
    "arrived.",
)
def sent_at_every_visit(order, parents, local, output):
    adjoint = dict.fromkeys(order, 0.0)
    adjoint[output] = 1.0

    def back(node):
        for parent in parents[node]:
            adjoint[parent] += adjoint[node] * local[node, parent]
            back(parent)

    back(output)
    return adjoint


@exercise.wrong(
    "upstream-ignored",
    "The parents of the output are right. Further up you add local derivatives alone: what has "
    "arrived at the child is not multiplied in.",
)
def upstream_ignored(order, parents, local, output):
    return _sweep(order, parents, local, output, lambda old, carried, slope: old + slope)


@exercise.wrong(
    "factors-added",
    "You add the local derivative to what has arrived. Along a path nudges are magnified one after "
    "the other, so the factors multiply; only the shares of different paths add.",
)
def factors_added(order, parents, local, output):
    return _sweep(order, parents, local, output, lambda old, carried, slope: old + carried + slope)


@exercise.wrong(
    "paths-multiplied",
    "Where a node is used several times you multiply the shares. Factors multiply along one path; "
    "the shares of different paths add.",
)
def paths_multiplied(order, parents, local, output):
    return _sweep(
        order, parents, local, output, lambda old, carried, slope: (old or 1.0) * carried * slope
    )


@exercise.wrong(
    "paths-averaged",
    "Where a node is used k times, you have the mean of k shares: k times too small. A nudge of "
    "the node moves all its children at once, so nothing is divided.",
)
def paths_averaged(order, parents, local, output):
    adjoint = {output: 1.0}
    for node in order[-2::-1]:
        shares = [
            adjoint[child] * local[child, node] for child in adjoint if node in parents[child]
        ]
        adjoint[node] = sum(shares) / len(shares)
    return adjoint


@exercise.wrong(
    "seed-missing",
    "Every adjoint is 0. The sweep only hands on and adds up, so something must be there at the "
    "start: how fast does the output move when the output itself is nudged?",
)
def seed_missing(order, parents, local, output):
    return dict.fromkeys(order, 0.0)


@exercise.wrong(
    "start-missing",
    "Your dict knows the output alone when the sweep begins, and the first share for another node "
    "has nothing to be added to: a KeyError. Let every node of the order begin with 0.",
)
def start_missing(order, parents, local, output):
    adjoint = {output: 1.0}
    for child in reversed(order):
        for parent in parents[child]:
            adjoint[parent] += adjoint[child] * local[child, parent]
    return adjoint


@exercise.wrong(
    "ones-everywhere",
    "You let every node begin with 1. Only the output does, since it moves as it is nudged itself; "
    "all others begin with 0 and collect. With a 1 in every node, each counts as an output too.",
)
def ones_everywhere(order, parents, local, output):
    adjoint = dict.fromkeys(order, 1.0)
    for child in reversed(order):
        for parent in parents[child]:
            adjoint[parent] += adjoint[child] * local[child, parent]
    return adjoint


@exercise.wrong(
    "key-turned-round",
    "The keys of local are pairs with the child first and its parent second, as in d child / d "
    "parent. You look them up the other way round.",
)
def key_turned_round(order, parents, local, output):
    adjoint = dict.fromkeys(order, 0.0)
    adjoint[output] = 1.0
    for child in reversed(order):
        for parent in parents[child]:
            adjoint[parent] += adjoint[child] * local[parent, child]
    return adjoint


@exercise.wrong(
    "strangers-included",
    "Your dict holds nodes that are not in order. The output does not depend on them; their "
    "derivative is 0, and nobody asks for it.",
)
def strangers_included(order, parents, local, output):
    return dict.fromkeys(parents, 0.0) | reverse_sweep(order, parents, local, output)


@exercise.wrong(
    "children-outside-the-order",
    "You let every child of a node have its say, also those that are not in order and do not lead "
    "to the output. Their adjoints do not exist.",
)
def children_outside_the_order(order, parents, local, output):
    adjoint = {output: 1.0}
    for node in order[-2::-1]:
        adjoint[node] = sum(
            adjoint[child] * local[child, node] for child in parents if node in parents[child]
        )
    return adjoint


@exercise.wrong(
    "inputs-only",
    "You return the adjoints of the inputs alone. They are what we want in the end, but the "
    "exercise asks for every node in order: the inner ones show where a gradient goes wrong.",
)
def inputs_only(order, parents, local, output):
    adjoint = reverse_sweep(order, parents, local, output)
    return {node: adjoint[node] for node in order if not parents[node]}


@exercise.wrong(
    "input-modified",
    "The adjoints are right, but you turned the caller's own list order round, and it stays so. "
    "Go through it backward without changing it.",
)
def input_modified(order, parents, local, output):
    order.reverse()
    return reverse_sweep(order[::-1], parents, local, output)
