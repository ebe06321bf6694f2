r"""How far apart are two gradients? For one pair of entries the relative error is

$$\frac{|a - b|}{\max(|a|, |b|)}, \qquad \text{and } 0 \text{ where both are } 0 .$$

Return the largest of these over all entries, as one number. It lies between 0 (equal) and 2
(opposite signs), and it is 1 where one of the two is lost and 0 stands in its place.

- Tiny gradients count like large ones: 3e-20 beside 4e-20 gives 0.25.
- If the shapes of `a` and `b` differ, raise a `ValueError`: NumPy would quietly pair each entry of
  one with several of the other.

For `a = [0., 3.]` and `b = [0., 4.]` the answer is 0.25.
"""

import numpy as np

from backprop_course.exercises.record import Case, Exercise

exercise = Exercise(
    title="How far apart?",
    number=3,
    points=2,
    minutes=12,
    level=2,
    outputs=("error",),
    hints=(
        "Work entry by entry: an array of differences, an array of sizes to compare them with, and "
        "at the very end one number.",
        "np.maximum(u, v) compares two arrays entry by entry; np.max(u) gives the largest entry of "
        "one. You need each of them once. And which sign may a difference have?",
        "Where both entries are 0, the size to divide by is 0 as well. np.where can put a 1 there "
        "before you divide: the difference above it is 0 anyway. A small number added to every "
        "size is another thing: it would hide tiny gradients.",
    ),
)


@exercise.solution
def relative_error(a, b):
    """Return the largest relative difference between the entries of two arrays.

    Parameters
    ----------
    a, b : ndarrays of one shape

    Returns
    -------
    error : float
        Between 0 and 2.

    Raises
    ------
    ValueError
        If the shapes differ.
    """
    # BEGIN SOLUTION
    if a.shape != b.shape:
        raise ValueError(f"a has shape {a.shape}, b has shape {b.shape}")
    larger = np.maximum(np.abs(a), np.abs(b))
    errors = np.abs(a - b) / np.where(larger == 0, 1, larger)
    return float(errors.max())
    # END SOLUTION


@exercise.cases
def cases(rng):
    yield Case(_pair(rng, (2, 3), share=0.3, larger="a"))
    a, b = _pair(rng, (5,), share=0.25, larger="b")
    place = np.argmax(np.abs(a))
    a[place] = b[place] = 0.0
    yield Case((a, b), note="one entry is 0 in both")
    a, b = _pair(rng, (3, 2), share=0.2, larger="b")
    a.flat[np.argmin(np.abs(a))] = 0.0
    yield Case((a, b), note="one entry is 0 in a, but not in b")
    a, b = _pair(rng, (2, 2), share=0.3, larger="a")
    b.flat[np.argmin(np.abs(b))] = 0.0
    yield Case((a, b), note="one entry is 0 in b, but not in a")
    a, b = _pair(rng, (3,), share=0.3, larger="b")
    yield Case((-a, -b), note="the entry that counts is negative in both")
    a, b = _pair(rng, (4,), share=0.2, larger="a")
    b[np.argmin(np.abs(b))] *= -1
    yield Case((a, b), note="one entry has the opposite sign")
    a, b = _pair(rng, (4, 2), share=0.35, larger="b")
    yield Case((1e-20 * a, 1e-20 * b), note="all entries are tiny")
    a = rng.normal(size=3)
    yield Case((a, a.reshape(3, 1)), note="shapes (3,) and (3, 1)", raises=ValueError)


def _pair(rng, shape, share, larger):
    """Return two arrays whose relative error is ``share``, reached in their smallest entry.

    The other entries are some ten to a hundred times larger and differ by 2 to 6 %. At the
    smallest, ``larger`` names the array with the larger size, and a - b is negative.
    """
    size = int(np.prod(shape))
    a = np.geomspace(1.0, 10.0, size) * rng.uniform(0.9, 1.1, size)
    a *= rng.choice((-1.0, 1.0), size)
    b = a * (1 + rng.uniform(0.02, 0.06, size) * rng.choice((-1.0, 1.0), size))
    small = rng.uniform(0.08, 0.12)
    low = small * (1 - share)
    a[0], b[0] = (-small, -low) if larger == "a" else (low, small)
    order = rng.permutation(size)
    return a[order].reshape(shape), b[order].reshape(shape)


@exercise.right
def entry_by_entry(a, b):
    if np.shape(a) != np.shape(b):
        raise ValueError("shapes differ")
    worst = 0.0
    for x, y in zip(a.flat, b.flat, strict=True):
        if x != y:
            worst = max(worst, abs(x - y) / max(abs(x), abs(y)))
    return worst


@exercise.right
def divided_where_possible(a, b):
    if a.shape != b.shape:
        raise ValueError(f"{a.shape} is not {b.shape}")
    size = np.maximum(np.abs(a), np.abs(b))
    errors = np.divide(np.abs(b - a), size, out=np.zeros(a.shape), where=size > 0)
    return np.max(errors)


@exercise.right
def nan_made_zero(a, b):
    if a.shape != b.shape:
        raise ValueError
    with np.errstate(invalid="ignore"):
        return np.nanmax(np.abs(a - b) / np.maximum(abs(a), abs(b)), initial=0.0)


def largest(a, b, error):
    """Return the largest entry of ``error(a, b)``, or 0 where a and b are both 0."""
    if a.shape != b.shape:
        raise ValueError("shapes differ")
    with np.errstate(all="ignore"):
        return float(np.where((a == 0) & (b == 0), 0.0, error(np.abs(a), np.abs(b))).max())


@exercise.wrong(
    "zero-by-zero",
    "Where an entry is 0 in both arrays you compute 0/0, which is nan, and the largest entry of an "
    "array with a nan is nan: one dead unit, and the whole check says nothing. Two zeros agree, so "
    "their error is 0.",
)
def zero_by_zero(a, b):
    if a.shape != b.shape:
        raise ValueError("shapes differ")
    return np.max(np.abs(a - b) / np.maximum(np.abs(a), np.abs(b)))


@exercise.wrong(
    "absolute-error",
    "This is the largest difference itself, without anything to compare it with. An error of 0.01 "
    "is nothing beside 1,000 and everything beside 0.01.",
)
def absolute_error(a, b):
    return largest(a, b, lambda p, q: np.abs(a - b))


@exercise.wrong(
    "averaged",
    "You return the mean over the entries. One wrong entry among ten thousand would vanish in it. "
    "We want the worst.",
)
def averaged(a, b):
    if a.shape != b.shape:
        raise ValueError("shapes differ")
    size = np.maximum(np.abs(a), np.abs(b))
    return float(np.mean(np.abs(a - b) / np.where(size == 0, 1, size)))


@exercise.wrong(
    "summed-denominator",
    "You divide by the sum of the two sizes. Some courses do; your errors then end at 1 where ours "
    "end at 2, and are about half as large. Here the larger of the two sizes is asked for.",
)
def summed_denominator(a, b):
    return largest(a, b, lambda p, q: np.abs(a - b) / (p + q))


summed_and_floored = exercise.wrong(
    "summed-and-floored",
    "You divide by the sum of the two sizes, or by a small number if that is larger. This form is "
    "often seen, but it ends at 1 where ours ends at 2, and tiny gradients look equal in it. Here "
    "the larger of the two sizes is asked for, and only 0/0 is a case by itself.",
)
for small in (1e-7, 1e-8, 1e-12):
    summed_and_floored(
        lambda a, b, e=small: largest(a, b, lambda p, q: np.abs(a - b) / np.maximum(p + q, e))
    )
    summed_and_floored(
        lambda a, b, e=small: largest(a, b, lambda p, q: np.abs(a - b) / (p + q + e))
    )


@exercise.wrong(
    "divided-by-a",
    "You divide by the size of a alone. If a is the one that lost an entry, this is a division by "
    "0, and exchanging a and b would change the answer. The larger of the two sizes is safe.",
)
def divided_by_a(a, b):
    return largest(a, b, lambda p, q: np.abs(a - b) / p)


@exercise.wrong(
    "divided-by-b",
    "You divide by the size of b alone. Exchange a and b, and the answer changes; an entry that is "
    "0 only in b gives a division by 0. The larger of the two sizes is safe.",
)
def divided_by_b(a, b):
    return largest(a, b, lambda p, q: np.abs(a - b) / q)


@exercise.wrong(
    "smaller-in-denominator",
    "You divide by the smaller of the two sizes. Where an entry is 0 in one array only, that is a "
    "division by 0; the larger of the two keeps the error between 0 and 2.",
)
def smaller_in_denominator(a, b):
    return largest(a, b, lambda p, q: np.abs(a - b) / np.minimum(p, q))


by_largest = exercise.wrong(
    "largest-by-largest",
    "You divide the largest difference by the largest entry. A small entry may then be completely "
    "wrong without a trace. Divide entry by entry first, and look for the largest afterwards.",
)


@by_largest
def by_largest_of_both(a, b):
    return largest(a, b, lambda p, q: np.abs(a - b) / np.maximum(p, q).max())


@by_largest
def by_largest_of_a(a, b):
    return largest(a, b, lambda p, q: np.abs(a - b) / p.max())


@by_largest
def by_largest_of_b(a, b):
    return largest(a, b, lambda p, q: np.abs(a - b) / q.max())


@exercise.wrong(
    "norms-compared",
    "You compare lengths of whole arrays. That is one fair measure, but a small entry can be "
    "completely wrong without a trace. Here the worst single entry is asked for.",
)
def norms_compared(a, b):
    if a.shape != b.shape:
        raise ValueError("shapes differ")
    return float(np.linalg.norm(a - b) / max(np.linalg.norm(a), np.linalg.norm(b)))


@exercise.wrong(
    "signs-lost",
    "You take the absolute values before you subtract. Then 3 and -3 agree, and a gradient with "
    "the wrong sign passes. Subtract first.",
)
def signs_lost(a, b):
    return largest(a, b, lambda p, q: np.abs(p - q) / np.maximum(p, q))


@exercise.wrong(
    "difference-signed",
    "Your differences keep their sign, so the largest of them ignores every entry where a is below "
    "b. How far apart they are has no sign.",
)
def difference_signed(a, b):
    return largest(a, b, lambda p, q: (a - b) / np.maximum(p, q))


@exercise.wrong(
    "sizes-signed",
    "You compare with the larger entry where the entry of larger size belongs: for -3 and -4 that "
    "is -4. Negative entries come out wrong, or even with a negative error.",
)
def sizes_signed(a, b):
    return largest(a, b, lambda p, q: np.abs(a - b) / np.maximum(a, b))


@exercise.wrong(
    "lost-entry-forgiven",
    "Where an entry is 0 in one array only you report no error. But a 0 in the place of a gradient "
    "is the mark of a lost path: only where *both* are 0 there is nothing to complain of.",
)
def lost_entry_forgiven(a, b):
    return largest(
        a, b, lambda p, q: np.where((p == 0) | (q == 0), 0, np.abs(a - b) / np.maximum(p, q))
    )


@exercise.wrong(
    "not-reduced",
    "You return one error for each entry. The exercise asks for a single number, the largest.",
)
def not_reduced(a, b):
    if a.shape != b.shape:
        raise ValueError("shapes differ")
    size = np.maximum(np.abs(a), np.abs(b))
    return np.abs(a - b) / np.where(size == 0, 1, size)


@exercise.wrong(
    "shapes-ignored",
    "Arrays of shape (3,) and (3, 1) get a number from you. NumPy pairs every entry of one with "
    "every entry of the other, nine pairs in all; and a gradient in the wrong shape is wrong "
    "however its entries look. Compare the shapes first.",
)
def shapes_ignored(a, b):
    size = np.maximum(np.abs(a), np.abs(b))
    return float(np.max(np.abs(a - b) / np.where(size == 0, 1, size)))


hidden = exercise.wrong(
    "tiny-hidden",
    "A small number in the denominator saves you from 0/0, but it also makes tiny gradients look "
    "equal: deep in a network 1e-20 is a fair size, and 3e-20 beside 4e-20 is a gross error. Treat "
    "the case 0/0 by itself.",
)
for small in (1e-6, 1e-7, 1e-8, 1e-10, 1e-12):
    hidden(lambda a, b, e=small: largest(a, b, lambda p, q: np.abs(a - b) / (np.maximum(p, q) + e)))
    hidden(
        lambda a, b, e=small: largest(
            a, b, lambda p, q: np.abs(a - b) / np.maximum(np.maximum(p, q), e)
        )
    )
