r"""One epoch of training uses every example exactly once, in small batches and in a new random
order. Write it as a generator: `minibatches(X, y, batch_size, rng)` yields pairs
`(X_batch, y_batch)`.

- All examples are shuffled with `rng`, a `numpy.random.Generator` that the caller owns; calling
  again with the same `rng` gives another order.
- Row i of `X` and entry i of `y` stay together.
- Each batch has `batch_size` rows, and the last one has what is left, if anything is.
- `X` and `y` are not changed.

For `X` of shape `(10, 2)` and `batch_size=4` you yield three batches, of 4, 4 and 2 rows.
With `batch_size=32` you yield one batch of 10 rows.

A generator is a function with `yield` in it. A list of pairs is accepted as well.
"""

from functools import cache

import numpy as np

from backprop_course.exercises.record import Case, Exercise

exercise = Exercise(
    title="Mini-batches",
    number=3,
    points=2,
    minutes=15,
    level=2,
    outputs=("batches",),
    hints=(
        "Shuffle positions, not data. If you know in which order the rows come, you can take X and "
        "y in that same order.",
        "Cut the shuffled positions into pieces of batch_size. Slicing past the end of an array is "
        "allowed in Python: what do you get there? And what if the pieces fit exactly?",
        "Take a random permutation of N from rng. Let a start position run from 0 to N in "
        "steps of batch_size, slice the permutation there, and yield X and y at these positions.",
    ),
)


@exercise.solution
def minibatches(X, y, batch_size, rng):
    """Yield one epoch of shuffled mini-batches.

    Parameters
    ----------
    X : ndarray of shape (N, D)
    y : ndarray of shape (N,)
    batch_size : int
    rng : numpy.random.Generator
        Shuffles the examples.

    Yields
    ------
    X_batch : ndarray of shape (batch_size, D), fewer rows in the last batch
    y_batch : ndarray of shape (batch_size,), fewer entries in the last batch
    """
    # BEGIN SOLUTION
    order = rng.permutation(len(X))
    for start in range(0, len(X), batch_size):
        batch = order[start : start + batch_size]
        yield X[batch], y[batch]
    # END SOLUTION


@exercise.cases
def cases(rng):
    for N, batch_size, note in (
        (23, 5, "the last batch is short"),
        (24, 6, "all batches are full"),
        (21, 64, "fewer examples than the batch size"),
        (31, 10, "one example is left over"),
    ):
        # Column 0 numbers the rows, so that each can be found again; labels repeat.
        X = np.column_stack([rng.permutation(N) + 0.5, rng.normal(size=N)])
        y = rng.permutation(np.arange(N) % 7)
        epoch = np.random.default_rng(rng.integers(1000, 1_000_000))
        sizes = {"N": N, "D": 2, "batch_size": batch_size}
        yield Case((X, y, batch_size, epoch), sizes, note)
    # Whoever draws from this rng, in whatever way, gets an error; whoever does not, gets none.
    note = "-1 for rng, from which nobody can draw"
    yield Case((X, y, batch_size, -1), sizes, note, raises=Exception)


@exercise.observe
def observe(result, X, y, batch_size, rng):
    """What every right answer has in common, whatever its order."""
    batches = [(np.atleast_2d(rows), np.atleast_1d(labels)) for rows, labels in result]
    places = {tuple(row): place for place, row in enumerate(X)}
    found = [[places.get(tuple(row), -1) for row in rows] for rows, _ in batches]
    order = [place for batch in found for place in batch]
    labels = [label for _, batch in batches for label in batch]
    pairs = list(zip(order, labels, strict=False))
    blocks = [set(range(len(X))[at : at + batch_size]) for at in range(0, len(X), batch_size)]
    return {
        "rows in each batch": np.array([len(rows) for rows, _ in batches]),
        "labels in each batch": np.array([len(batch) for _, batch in batches]),
        "every example is used": set(order) >= set(range(len(X))),
        "an example is used twice": len(set(order)) < len(order),
        "labels stay with their examples": all(at >= 0 and y[at] == label for at, label in pairs),
        "the examples are shuffled": order != sorted(order),
        "the order comes from rng": tuple(order) not in _fixed_orders(len(X)),
        # With a single batch there is nothing to mix.
        "examples mix across batches": len(blocks) == 1 or any(set(b) not in blocks for b in found),
    }


@cache
def _fixed_orders(N):
    """The orders that come out when somebody makes a generator of their own with a usual seed."""
    makers = (np.random.default_rng, np.random.RandomState)
    seeds = (*range(100), 123, 1234)
    return {tuple(make(seed).permutation(N).tolist()) for make in makers for seed in seeds}


@exercise.right
def as_list(X, y, batch_size, rng):
    order = np.arange(len(y))
    rng.shuffle(order)
    X, y = X[order], y[order]
    return [(X[i : i + batch_size], y[i : i + batch_size]) for i in range(0, len(y), batch_size)]


@exercise.right
def whatever_makes_a_generator(X, y, batch_size, rng):
    order = np.random.default_rng(rng).choice(len(X), len(X), replace=False)
    return list(_batches(X, y, order, batch_size))


@exercise.right
def with_split(X, y, batch_size, rng):
    order = np.argsort(rng.random(len(X)))
    for batch in np.split(order, range(batch_size, len(order), batch_size)):
        yield X[batch], y[batch]


def _batches(X, y, order, batch_size):
    for start in range(0, len(order), batch_size):
        batch = order[start : start + batch_size]
        yield X[batch], y[batch]


@exercise.wrong(
    "last-batch-dropped",
    "The last, shorter batch is missing: with {N} examples and batches of {batch_size}, some are "
    "never used in this epoch. With fewer examples than the batch size there would be no batch at "
    "all, and nothing would be learnt, silently.",
)
def last_batch_dropped(X, y, batch_size, rng):
    order = rng.permutation(len(X))
    for k in range(len(X) // batch_size):
        batch = order[k * batch_size : (k + 1) * batch_size]
        yield X[batch], y[batch]


@exercise.wrong(
    "not-shuffled",
    "Your batches are fine, but the examples come in the order in which they are stored. Data are "
    "often sorted; then each batch knows a few classes only, in every epoch the same ones.",
)
def not_shuffled(X, y, batch_size, rng):
    return _batches(X, y, np.arange(len(X)), batch_size)


@exercise.wrong(
    "fixed-seed",
    "The order does not depend on the rng you were given but on a fixed seed, so every epoch would "
    "come in the same order. Draw from the caller's rng, which goes on from epoch to epoch.",
)
def fixed_seed(X, y, batch_size, rng):
    return _batches(X, y, np.random.default_rng(0).permutation(len(X)), batch_size)


unasked = exercise.wrong(
    "rng-ignored",
    "You never draw from rng: with -1 in its place, from which nothing can be drawn, you yield "
    "batches all the same. So the caller can neither choose the order nor repeat a run. Draw the "
    "order from rng.",
)


@unasked
def a_generator_of_its_own(X, y, batch_size, rng):
    return _batches(X, y, np.random.default_rng().permutation(len(X)), batch_size)


@unasked
def another_fixed_seed(X, y, batch_size, rng):
    order = np.arange(len(X))
    np.random.default_rng(2024).shuffle(order)
    return _batches(X, y, order, batch_size)


@exercise.wrong(
    "pairs-torn-apart",
    "Every example comes once, but the labels no longer belong to them: X and y were put into "
    "different orders, or only one of them was shuffled. The network would learn from random "
    "labels. Draw one order and use it for both.",
)
def pairs_torn_apart(X, y, batch_size, rng):
    X, y = X[rng.permutation(len(X))], y[rng.permutation(len(y))]
    return _batches(X, y, np.arange(len(X)), batch_size)


@exercise.wrong(
    "drawn-with-replacement",
    "Some examples come more than once in this epoch and others not at all: they were drawn "
    "without regard to which had their turn already. Shuffle all {N} once, then go through them.",
)
def drawn_with_replacement(X, y, batch_size, rng):
    for start in range(0, len(X), batch_size):
        batch = rng.integers(len(X), size=min(batch_size, len(X) - start))
        # A pure draw could by luck hold every example; this one repeats for certain.
        batch[-1] = batch[0] if len(batch) > 1 else 0
        yield X[batch], y[batch]


@exercise.wrong(
    "shuffled-within-batches",
    "Each batch is shuffled inside, but it holds the same examples in every epoch. Only "
    "the order within a batch changes, and a batch's gradient does not depend on that. "
    "Shuffle all examples before you cut.",
)
def shuffled_within_batches(X, y, batch_size, rng):
    for start in range(0, len(X), batch_size):
        batch = start + rng.permutation(min(batch_size, len(X) - start))
        yield X[batch], y[batch]


@exercise.wrong(
    "only-batches-shuffled",
    "The batches come in random order, but each holds neighbours from the stored data. If these "
    "are sorted by class, a batch still knows one class only. Shuffle the examples.",
)
def only_batches_shuffled(X, y, batch_size, rng):
    starts = np.arange(0, len(X), batch_size)
    # The last batch stays last, so that only the mixing is wrong; the others are never in order.
    for start in [*np.roll(starts[:-1], 1 + rng.integers(2)), starts[-1]]:
        yield X[start : start + batch_size], y[start : start + batch_size]


@exercise.wrong(
    "empty-batch",
    "Where the batches fit exactly, yours end with a batch of no rows. A mean over no examples is "
    "not a number: the loss of such a batch is NaN or an error.",
)
def empty_batch(X, y, batch_size, rng):
    order = rng.permutation(len(X))
    for k in range(len(X) // batch_size + 1):
        batch = order[k * batch_size : (k + 1) * batch_size]
        yield X[batch], y[batch]


@exercise.wrong(
    "batches-overlap",
    "Neighbouring batches share examples: yours step forward by one row less than they are long. "
    "Some examples are used twice in the epoch.",
)
def batches_overlap(X, y, batch_size, rng):
    order = rng.permutation(len(X))
    for start in range(0, len(X), batch_size - 1):
        batch = order[start : start + batch_size]
        yield X[batch], y[batch]


@exercise.wrong(
    "one-row-lost",
    "Each full batch is one row short, and the rows between the batches are never used. The end of "
    "a slice is already left out in Python; there is no need to take 1 away.",
)
def one_row_lost(X, y, batch_size, rng):
    order = rng.permutation(len(X))
    for start in range(0, len(X), batch_size):
        batch = order[start : start + batch_size - 1]
        yield X[batch], y[batch]


@exercise.wrong(
    "last-batch-padded",
    "The last batch was filled up to {batch_size} rows with examples that had their turn already. "
    "They count twice in this epoch. A short last batch is no problem, since the loss takes "
    "the mean over whatever comes.",
)
def last_batch_padded(X, y, batch_size, rng):
    order = rng.permutation(len(X))
    missing = -len(X) % batch_size
    return _batches(X, y, np.concatenate([order, np.resize(order, missing)]), batch_size)


@exercise.wrong(
    "input-modified",
    "The batches are right, but X and y themselves were put into another order, and they belong to "
    "the caller. Shuffle positions instead of data.",
)
def input_modified(X, y, batch_size, rng):
    order = rng.permutation(len(X))
    X[:], y[:] = X[order], y[order]
    return list(_batches(X, y, np.arange(len(X)), batch_size))
