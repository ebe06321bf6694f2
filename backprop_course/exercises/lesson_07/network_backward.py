r"""A network is a list of linear layers and ReLUs, in any number and order. On its way forward
each layer left a dict behind, what it must remember for the way back, and `caches` is the list of
them, **first layer first**:

| layer | its cache | shapes |
|---|---|---|
| linear | `{"X": X, "W": W}`: its input and its weights | `(N, D)`, `(D, M)` |
| ReLU | `{"Z": Z}`: its input | `(N, H)` |

You receive `dout`, the gradient of the loss with respect to the output of the *last* layer. Carry
it back through all layers. Return a list with one dict `{"W": dW, "b": db}` for each **linear**
layer, again first layer first. Do not write into the arrays you were given.

For `dout = [[1., 2.]]` and `caches = [{"X": [[3.]], "W": [[5., 6.]]}, {"Z": [[15., -18.]]}]`
(as arrays) the ReLU stops the second entry, and the answer is
`[{"W": [[3., 0.]], "b": [1., 0.]}]`.
"""

import numpy as np

from backprop_course.exercises.record import Case, Exercise

exercise = Exercise(
    title="The way back through any number of layers",
    number=2,
    points=3,
    minutes=20,
    level=2,
    outputs=("gradients",),
    hints=(
        "One variable holds the gradient that arrives, and each layer replaces it by the gradient "
        "it hands on. The loop starts at the last layer. How do you tell which kind of layer a "
        "cache belongs to?",
        "A ReLU only changes the arriving gradient. A linear layer does two things with it: it "
        "makes its own dW and db, and it hands on dX. Then ask in which order your list of results "
        "comes out.",
        "Loop over reversed(caches). If the cache has a W: put a new dict at the *front* of the "
        "results, then make dX from dout and W as in lesson 03 and call it dout. If it has a Z: "
        "keep dout where Z is positive, as a new array.",
    ),
)


@exercise.solution
def network_backward(dout, caches):
    """Return the gradients of every linear layer of a network, first layer first.

    Parameters
    ----------
    dout : ndarray of shape (N, M)
        Gradient of the loss with respect to the output of the last layer.
    caches : list of dict
        One a layer, first layer first: {"X": (N, D), "W": (D, M)} of a linear layer,
        {"Z": (N, H)} of a ReLU.

    Returns
    -------
    gradients : list of dict
        One {"W": dW, "b": db} for each linear layer, first layer first.
    """
    # BEGIN SOLUTION
    gradients = []
    for cache in reversed(caches):
        if "W" in cache:
            gradients.append({"W": cache["X"].T @ dout, "b": dout.sum(axis=0)})
            dout = dout @ cache["W"].T
        else:
            # A new array: the caller still owns the dout that came in.
            dout = dout * (cache["Z"] > 0)
    return gradients[::-1]
    # END SOLUTION


def _signs(n):
    return np.where(np.arange(n) % 2 == 0, 1.0, -1.0)


def _draw(rng, N, layers):
    """A dout and the caches of a network, such as ``[5, 4, "relu", 3]``."""
    width, *rest = layers
    A, caches = rng.normal(size=(N, width)), []
    for layer in rest:
        if layer == "relu":
            # Some units on and some off in every row and column, whatever the draw.
            A = (0.2 + np.abs(A)) * np.outer(_signs(N), _signs(width))
            caches.append({"Z": A})
            A = np.maximum(A, 0)
        else:
            W = rng.normal(size=(width, layer))
            caches.append({"X": A, "W": W})
            A, width = A @ W + rng.normal(size=layer), layer
    return rng.normal(size=(N, width)), caches


@exercise.cases
def cases(rng):
    for N, layers, note in (
        (6, [4, 5, "relu", 3], "two linear layers"),
        (5, [3, 6, "relu", 4, "relu", 7, "relu", 2], "four linear layers"),
        (4, [3, 3, "relu", 3, "relu"], "square weights, and a ReLU at the end"),
        (7, [4, 2, 3], "two linear layers with nothing between them"),
        (1, [3, 4, "relu", 2], "a batch of one row"),
    ):
        yield Case(_draw(rng, N, layers), sizes={"N": N, "D": layers[0]}, note=note)


@exercise.right
def with_recursion(dout, caches):
    if not caches:
        return []
    *earlier, cache = caches
    if "Z" in cache:
        return network_backward(np.where(cache["Z"] > 0, dout, 0), earlier)
    own = {"b": np.ones(len(dout)) @ dout, "W": np.einsum("nd,nm->dm", cache["X"], dout)}
    return [*network_backward(np.einsum("nm,dm->nd", dout, cache["W"]), earlier), own]


@exercise.right
def row_by_row(dout, caches):
    gradients = []
    for cache in caches[::-1]:
        if "Z" in cache:
            dout = np.array([d * (z > 0) for d, z in zip(dout, cache["Z"], strict=True)])
            continue
        dW, db = np.zeros_like(cache["W"]), np.zeros(cache["W"].shape[1])
        for x, d in zip(cache["X"], dout, strict=True):
            dW += np.outer(x, d)
            db += d
        gradients.insert(0, {"W": dW, "b": db})
        dout = np.array([cache["W"] @ d for d in dout])
    return gradients


def _backward(dout, caches, mask=None, matrix=None, own=None):
    """The loop with one of its three steps replaced."""
    mask = mask or (lambda dout, Z: dout * (Z > 0))
    matrix = matrix or (lambda W: W.T)
    own = own or (lambda X, dout: {"W": X.T @ dout, "b": dout.sum(axis=0)})
    gradients = []
    for cache in reversed(caches):
        if "W" in cache:
            gradients.append(own(cache["X"], dout))
            dout = dout @ matrix(cache["W"])
        else:
            dout = mask(dout, cache["Z"])
    return gradients[::-1]


@exercise.wrong(
    "order-reversed",
    "The gradients themselves are right, but your list starts with the last layer. You "
    "walked the network backward and kept the results in that order; the caller expects the "
    "first linear layer first.",
)
def order_reversed(dout, caches):
    return network_backward(dout, caches)[::-1]


@exercise.wrong(
    "mask-missing",
    "Everything after the last ReLU is right, everything before it is not: your gradient passes "
    "the ReLU unchanged. Where Z is negative, the output does not depend on Z, so nothing may "
    "come back.",
)
def mask_missing(dout, caches):
    return _backward(dout, caches, mask=lambda dout, Z: dout)


@exercise.wrong(
    "mask-from-upstream",
    "Your ReLU stops the entries where the arriving gradient is negative. What counts is the sign "
    "of Z, the ReLU's own input on the way forward; that is why it was remembered.",
)
def mask_from_upstream(dout, caches):
    return _backward(dout, caches, mask=lambda dout, Z: dout * (dout > 0))


@exercise.wrong(
    "multiplied-by-output",
    "At a ReLU you multiply by the output of the ReLU, where its slope belongs. The slope is 1 "
    "where Z is positive and 0 elsewhere, however large Z is.",
)
def multiplied_by_output(dout, caches):
    return _backward(dout, caches, mask=lambda dout, Z: dout * np.maximum(Z, 0))


@exercise.wrong(
    "multiplied-by-z",
    "At a ReLU you multiply by Z, its input. What belongs there is the slope of the ReLU at Z: 1 "
    "where Z is positive and 0 elsewhere.",
)
def multiplied_by_z(dout, caches):
    return _backward(dout, caches, mask=lambda dout, Z: dout * Z)


@exercise.wrong(
    "reshaped-not-transposed",
    "The last linear layer is right, those before it are not, although all shapes fit. On the way "
    "back through W its numbers were only put into the other shape; entry (i, j) must "
    "move to (j, i).",
)
def reshaped_not_transposed(dout, caches):
    return _backward(dout, caches, matrix=lambda W: W.reshape(W.shape[::-1]))


@exercise.wrong(
    "upstream-ignored",
    "Your answer does not depend on dout: it is what comes out when dout is all ones. The gradient "
    "that arrives from the loss takes part in every layer, the last one included.",
)
def upstream_ignored(dout, caches):
    return network_backward(np.ones_like(dout), caches)


@exercise.wrong(
    "bias-averaged",
    "The weights are right, and every db is exactly {N} times too small. You averaged over the "
    "batch; the mean was taken in the loss already, so here the rows are summed.",
)
def bias_averaged(dout, caches):
    return _backward(dout, caches, own=lambda X, dout: {"W": X.T @ dout, "b": dout.mean(axis=0)})


@exercise.wrong(
    "bias-not-summed",
    "The weights are right, but every db still has one row for each of the {N} examples. All rows "
    "share the bias, so their gradients add up.",
)
def bias_not_summed(dout, caches):
    return _backward(dout, caches, own=lambda X, dout: {"W": X.T @ dout, "b": dout})


@exercise.wrong(
    "mean-taken-twice",
    "Every gradient is exactly {N} times too small. You divided by the number of rows in each "
    "layer; 1/N comes in once, in the loss, and is already inside dout.",
)
def mean_taken_twice(dout, caches):
    def own(X, dout):
        return {"W": X.T @ dout / len(X), "b": dout.mean(axis=0)}

    return _backward(dout, caches, own=own)


@exercise.wrong(
    "mean-taken-at-each-layer",
    "The last linear layer is right; the one before it is {N} times too small, the one before that "
    "{N} times {N} times. A factor 1/N comes in again at every layer.",
)
def mean_taken_at_each_layer(dout, caches):
    return _backward(dout, caches, matrix=lambda W: W.T / len(dout))


@exercise.wrong(
    "not-connected",
    "Only the last linear layer has a gradient; those before it get zeros. Its dX was never handed "
    "on, so the rest of the network would keep its random weights.",
)
def not_connected(dout, caches):
    return _backward(dout, caches, matrix=lambda W: np.zeros_like(W).T)


@exercise.wrong(
    "input-modified",
    "Your numbers are right, but the dout that was handed to you has changed. Something like "
    "`dout *= mask` writes into the caller's array; a second call would give another "
    "answer. Make a new array instead.",
)
def input_modified(dout, caches):
    gradients = []
    for cache in reversed(caches):
        if "W" in cache:
            gradients.append({"W": cache["X"].T @ dout, "b": dout.sum(axis=0)})
            dout = dout @ cache["W"].T
        else:
            dout *= cache["Z"] > 0
    return gradients[::-1]
