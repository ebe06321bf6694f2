r"""A network with one hidden layer computes, for a batch of $N$ rows,

$$Z_1 = XW_1 + b_1, \qquad A_1 = \mathrm{ReLU}(Z_1), \qquad Z_2 = A_1W_2 + b_2,$$

and its loss is the softmax-cross-entropy of the logits $Z_2$ with the labels $y$, the **mean**
over the batch. Return the loss and its gradients with respect to the four parameters, in a dict
with the same four names. The loss must stay right when the logits are in the thousands.

| array | shape |
|---|---|
| `X` | `(N, D)` |
| `y` | `(N,)`, integers from 0 to C - 1 |
| `params["W1"]`, `params["b1"]` | `(D, H)`, `(H,)` |
| `params["W2"]`, `params["b2"]` | `(H, C)`, `(C,)` |

The example that the lesson works by hand: for `X = [[1., 2.]]`, `y = [0]`,
`W1 = [[1., -1.], [1., 0.]]`, `b1 = [0., 0.]`, `W2 = [[1., 2.], [4., -2.]]` and `b2 = [3., 0.]` the
loss is 0.6931 (ln 2), and `grads["W1"]` is `[[0.5, 0.], [1., 0.]]`.
"""

import numpy as np

from backprop_course.exercises.record import Case, Exercise

exercise = Exercise(
    title="A network with one hidden layer",
    number=1,
    points=4,
    minutes=30,
    level=3,
    outputs=("loss", "grads"),
    hints=(
        "Write the forward pass in four numbered lines and give every intermediate a name. The "
        "backward pass has the same four lines in reverse, each with a d in front of its names.",
        "Three things go wrong here most often: where 1/N belongs (once, at the loss), which array "
        "decides the ReLU mask (the one that entered the ReLU), and which matrix must be "
        "transposed. Print the shape of each gradient beside its parameter.",
        "Start from the softmax of the logits: take 1 away at each row's own label and divide by "
        "N. That is dZ2. Then W2 and b2 get their share, dA1 goes back through W2 turned over, the "
        "mask makes dZ1 of it, and W1 and b1 get theirs like W2 and b2, with X in the place of A1.",
    ),
)


@exercise.solution
def two_layer_loss(params, X, y):
    """Return the mean loss of a network with one hidden layer, and its gradients.

    Parameters
    ----------
    params : dict
        "W1" of shape (D, H), "b1" of shape (H,), "W2" of shape (H, C), "b2" of shape (C,).
    X : ndarray of shape (N, D)
    y : ndarray of shape (N,)
        Integer labels from 0 to C - 1.

    Returns
    -------
    loss : float
        Softmax-cross-entropy, the mean over the N rows.
    grads : dict
        The gradient of the loss for each entry of ``params``, under the same name.
    """
    # BEGIN SOLUTION
    N = len(X)
    rows = np.arange(N)
    Z1 = X @ params["W1"] + params["b1"]  # (1)
    A1 = np.maximum(Z1, 0)  # (2)
    Z2 = A1 @ params["W2"] + params["b2"]  # (3)
    # (4) Shifting a row by its largest logit changes nothing but keeps exp in range.
    Z2 = Z2 - Z2.max(axis=1, keepdims=True)
    logP = Z2 - np.log(np.exp(Z2).sum(axis=1, keepdims=True))
    loss = -logP[rows, y].mean()

    dZ2 = np.exp(logP)  # (4)
    dZ2[rows, y] -= 1
    dZ2 /= N
    dA1 = dZ2 @ params["W2"].T  # (3)
    dZ1 = dA1 * (Z1 > 0)  # (2)
    grads = {
        "W1": X.T @ dZ1,  # (1)
        "b1": dZ1.sum(axis=0),
        "W2": A1.T @ dZ2,  # (3)
        "b2": dZ2.sum(axis=0),
    }
    return loss, grads
    # END SOLUTION


@exercise.cases
def cases(rng):
    for N, D, H, C, scale, note in (
        (7, 5, 6, 3, 1.0, ""),
        (5, 3, 4, 4, 1.0, "W2 is square"),
        (4, 3, 5, 2, 2000.0, "logits in the thousands"),
        (1, 3, 4, 2, 1.0, "a batch of one row"),
    ):
        # Rows of X and columns of W1 have one sign each, so that in every draw about half of the
        # units are on and half are off, in every row.
        X = (0.3 + np.abs(rng.normal(size=(N, D)))) * _signs(N)[:, None]
        X[N // 2] *= 0.08  # one row close to ReLU's corner, on both sides of it
        params = {
            "W1": (0.2 + np.abs(rng.normal(size=(D, H)))) * _signs(H),
            "b1": 0.1 * rng.normal(size=H),
            "W2": scale * rng.normal(size=(H, C)),
            "b2": rng.normal(size=C),
        }
        logits = _network(params, X)[2]
        y = rng.permutation(np.arange(N) % C)
        if scale > 1:
            # All others are sure and right: the first row alone makes the loss, far above 18.4.
            y = logits.argmax(axis=1)
        y[0] = logits[0].argmin()
        yield Case((params, X, y), sizes={"N": N, "D": D, "H": H, "C": C}, note=note)


def _signs(n):
    return np.where(np.arange(n) % 2 == 0, 1.0, -1.0)


def _network(params, X):
    """The forward pass, for the right and wrong answers below."""
    Z1 = X @ params["W1"] + params["b1"]
    A1 = np.maximum(Z1, 0)
    Z2 = A1 @ params["W2"] + params["b2"]
    E = np.exp(Z2 - Z2.max(axis=1, keepdims=True))
    P = E / E.sum(axis=1, keepdims=True)
    return Z1, A1, Z2, P


def _gradients(params, X, A1, dZ2, dZ1):
    return {
        "W1": X.T @ dZ1,
        "b1": dZ1.sum(axis=0),
        "W2": A1.T @ dZ2,
        "b2": dZ2.sum(axis=0),
    }


def _from_logits(params, X, y, dZ2):
    """The right way down from a dZ2, which may itself be wrong."""
    Z1, A1, _, _ = _network(params, X)
    return _gradients(params, X, A1, dZ2, (dZ2 @ params["W2"].T) * (Z1 > 0))


def _right_dZ2(params, X, y):
    P = _network(params, X)[3]
    return (P - np.eye(P.shape[1])[y]) / len(X)


def _with_dZ1(params, X, y, slope):
    """All right but for the ReLU, where the gradient is multiplied by ``slope(Z1)``."""
    loss, grads = two_layer_loss(params, X, y)
    dZ1 = (_right_dZ2(params, X, y) @ params["W2"].T) * slope(_network(params, X)[0])
    return loss, {**grads, "W1": X.T @ dZ1, "b1": dZ1.sum(axis=0)}


@exercise.right
def one_example_at_a_time(params, X, y):
    N = len(X)
    loss, grads = 0.0, {name: np.zeros_like(value) for name, value in params.items()}
    for x, label in zip(X, y, strict=True):
        z1 = x @ params["W1"] + params["b1"]
        a1 = np.maximum(z1, 0)
        z2 = a1 @ params["W2"] + params["b2"]
        shifted = z2 - z2.max()
        log_p = shifted - np.log(np.exp(shifted).sum())
        loss -= log_p[label] / N
        dz2 = np.exp(log_p)
        dz2[label] -= 1
        dz1 = np.where(z1 > 0, params["W2"] @ dz2, 0)
        for name, share in (
            ("W1", np.outer(x, dz1)),
            ("b1", dz1),
            ("W2", np.outer(a1, dz2)),
            ("b2", dz2),
        ):
            grads[name] += share / N
    return loss, grads


@exercise.right
def one_hot_with_einsum(params, X, y):
    W1, b1, W2, b2 = (params[name] for name in ("W1", "b1", "W2", "b2"))
    Y = np.eye(len(b2))[y]
    Z1 = np.einsum("nd,dh->nh", X, W1) + b1
    A1 = Z1 * (Z1 > 0)
    Z2 = np.einsum("nh,hc->nc", A1, W2) + b2
    top = Z2.max(axis=1)
    log_sum = top + np.log(np.exp(Z2 - top[:, None]).sum(axis=1))
    loss = (log_sum - (Y * Z2).sum(axis=1)).mean()
    dZ2 = (np.exp(Z2 - log_sum[:, None]) - Y) / len(X)
    dZ1 = np.einsum("nc,hc->nh", dZ2, W2) * (A1 > 0)
    return loss, {
        "W2": np.einsum("nh,nc->hc", A1, dZ2),
        "b2": np.einsum("nc->c", dZ2),
        "W1": np.einsum("nd,nh->dh", X, dZ1),
        "b1": np.einsum("nh->h", dZ1),
    }


@exercise.wrong(
    "factor-batch-size",
    "Your loss is right, and all four gradients are exactly {N} times too large, which is the "
    "number of rows. The loss is a mean; its gradient must be the gradient of that mean. Training "
    "would work, at a learning rate that silently grows with the batch.",
)
def factor_batch_size(params, X, y):
    loss, grads = two_layer_loss(params, X, y)
    return loss, {name: len(X) * grad for name, grad in grads.items()}


@exercise.wrong(
    "mean-taken-twice",
    "W2 and b2 have the right gradient; those of W1 and b1 are exactly {N} times too small. "
    "The mean was taken once at the loss and then again further down. 1/N comes in once.",
)
def mean_taken_twice(params, X, y):
    loss, grads = two_layer_loss(params, X, y)
    return loss, {**grads, "W1": grads["W1"] / len(X), "b1": grads["b1"] / len(X)}


@exercise.wrong(
    "loss-summed",
    "Loss and gradients fit each other, so a gradient check would be content; but both are exactly "
    "{N} times too large. You summed over the {N} rows where the text asks for the mean.",
)
def loss_summed(params, X, y):
    loss, grads = two_layer_loss(params, X, y)
    return len(X) * loss, {name: len(X) * grad for name, grad in grads.items()}


@exercise.wrong(
    "mask-missing",
    "W2 and b2 are right, W1 and b1 are not: so what goes wrong lies between the two layers. Your "
    "gradient passes the ReLU as if it were not there, also where Z1 is negative and a "
    "small change of Z1 changes nothing.",
)
def mask_missing(params, X, y):
    return _with_dZ1(params, X, y, np.ones_like)


@exercise.wrong(
    "mask-from-upstream",
    "W2 and b2 are right, W1 and b1 are not: the entries you set to zero are those where the "
    "arriving gradient is negative. Whether a unit passes the gradient was decided on the way "
    "forward, by what entered the ReLU.",
)
def mask_from_upstream(params, X, y):
    loss, grads = two_layer_loss(params, X, y)
    dA1 = _right_dZ2(params, X, y) @ params["W2"].T
    dZ1 = dA1 * (dA1 > 0)
    return loss, {**grads, "W1": X.T @ dZ1, "b1": dZ1.sum(axis=0)}


@exercise.wrong(
    "multiplied-by-z",
    "W2 and b2 are right, W1 and b1 are not: at the ReLU you multiply by Z1 itself. What belongs "
    "there is the slope of the ReLU at Z1, which is 0 or 1.",
)
def multiplied_by_z(params, X, y):
    return _with_dZ1(params, X, y, lambda Z1: Z1)


@exercise.wrong(
    "multiplied-by-output",
    "W2 and b2 are right, W1 and b1 are not: at the ReLU you multiply by A1, its output. What "
    "belongs there is its slope, which is 1 where Z1 is positive and 0 elsewhere, however large A1 "
    "is.",
)
def multiplied_by_output(params, X, y):
    return _with_dZ1(params, X, y, lambda Z1: np.maximum(Z1, 0))


@exercise.wrong(
    "softmax-slope-again",
    "The loss is right and all four gradients are not: each entry at the logits is the right one "
    "times a factor of its own, never more than 1/4. You multiplied by p(1 - p) although P - Y "
    "already holds the slope of the softmax.",
)
def softmax_slope_again(params, X, y):
    loss, _ = two_layer_loss(params, X, y)
    P = _network(params, X)[3]
    return loss, _from_logits(params, X, y, _right_dZ2(params, X, y) * P * (1 - P))


@exercise.wrong(
    "softmax-twice",
    "Your loss itself is off: it cannot come near 0, however sure the network is. That happens "
    "when probabilities go in where softmax-cross-entropy wants logits: the softmax is taken "
    "twice. A gradient check would be content with it: it is the right gradient of another loss.",
)
def softmax_twice(params, X, y):
    Z1, A1, _, P = _network(params, X)
    rows = np.arange(len(X))
    Q = np.exp(P) / np.exp(P).sum(axis=1, keepdims=True)
    dP = Q.copy()
    dP[rows, y] -= 1
    dP /= len(X)
    dZ2 = P * (dP - (dP * P).sum(axis=1, keepdims=True))
    dZ1 = (dZ2 @ params["W2"].T) * (Z1 > 0)
    return -np.log(Q[rows, y]).mean(), _gradients(params, X, A1, dZ2, dZ1)


@exercise.wrong(
    "sign",
    "The loss is right and every gradient has exactly the opposite sign: you have Y - P where the "
    "slope of the loss is P - Y. With it, each step would go uphill.",
)
def sign(params, X, y):
    loss, grads = two_layer_loss(params, X, y)
    return loss, {name: -grad for name, grad in grads.items()}


@exercise.wrong(
    "labels-as-columns",
    "The rows of your dZ2 do not sum to zero. P[:, y] takes 1 away in the columns of *all* labels, "
    "in every row; each row has one label of its own, so you need pairs of row and column.",
)
def labels_as_columns(params, X, y):
    loss, _ = two_layer_loss(params, X, y)
    dZ2 = _network(params, X)[3]
    dZ2[:, y] -= 1
    return loss, _from_logits(params, X, y, dZ2 / len(X))


@exercise.wrong(
    "bias-averaged",
    "W1 and W2 are right; b1 and b2 are exactly {N} times too small. You took the mean over the "
    "batch where the sum belongs: 1/N is already inside dZ2.",
)
def bias_averaged(params, X, y):
    loss, grads = two_layer_loss(params, X, y)
    return loss, {**grads, "b1": grads["b1"] / len(X), "b2": grads["b2"] / len(X)}


@exercise.wrong(
    "bias-not-summed",
    "The gradients of b1 and b2 still have one row for each of the {N} examples. An entry of a "
    "bias is used by every row of the batch, so the gradients of all rows add up in it. NumPy "
    "need not complain at the update: b - learning_rate * db would turn your bias into a matrix.",
)
def bias_not_summed(params, X, y):
    loss, grads = two_layer_loss(params, X, y)
    Z1 = _network(params, X)[0]
    dZ2 = _right_dZ2(params, X, y)
    return loss, {**grads, "b1": (dZ2 @ params["W2"].T) * (Z1 > 0), "b2": dZ2}


@exercise.wrong(
    "before-the-relu",
    "Only W2 is wrong. Its gradient was made with Z1, the values that entered the ReLU; layer 2 "
    "never saw those. A layer's weights are multiplied with that layer's own input.",
)
def before_the_relu(params, X, y):
    loss, grads = two_layer_loss(params, X, y)
    Z1 = _network(params, X)[0]
    return loss, {**grads, "W2": Z1.T @ _right_dZ2(params, X, y)}


@exercise.wrong(
    "reshaped-not-transposed",
    "W2 and b2 are right, W1 and b1 are not, and the shapes all fit: on the way back through W2 "
    "its numbers were put into the shape ({C}, {H}) without moving each to its mirrored place. "
    "A reshape is no transpose.",
)
def reshaped_not_transposed(params, X, y):
    loss, grads = two_layer_loss(params, X, y)
    Z1 = _network(params, X)[0]
    W2 = params["W2"]
    dZ1 = (_right_dZ2(params, X, y) @ W2.reshape(W2.shape[::-1])) * (Z1 > 0)
    return loss, {**grads, "W1": X.T @ dZ1, "b1": dZ1.sum(axis=0)}


@exercise.wrong(
    "first-layer-not-connected",
    "W2 and b2 are right; the gradients of W1 and b1 are all zero. Nothing came back through the "
    "second layer. With this the first layer would keep its random weights for ever, "
    "and the loss would still go down.",
)
def first_layer_not_connected(params, X, y):
    loss, grads = two_layer_loss(params, X, y)
    return loss, {**grads, "W1": np.zeros_like(grads["W1"]), "b1": np.zeros_like(grads["b1"])}


@exercise.wrong(
    "loss-capped",
    "Your loss can never exceed 18.4, since a small constant was added inside the logarithm; with "
    "large logits the true loss is far beyond that, and your gradients no longer belong to the "
    "loss that you report. Take the logarithm of the softmax by log-sum-exp instead.",
)
def loss_capped(params, X, y):
    P = _network(params, X)[3]
    _, grads = two_layer_loss(params, X, y)
    return -np.log(P[np.arange(len(X)), y] + 1e-8).mean(), grads


@exercise.wrong(
    "overflow",
    "With logits in the thousands your loss or gradients are not finite: exp of 710 and more is "
    "infinite in float64. Take each row's largest logit away first; the softmax stays the same.",
)
def overflow(params, X, y):
    Z1, A1, Z2, _ = _network(params, X)
    rows = np.arange(len(X))
    with np.errstate(all="ignore"):
        E = np.exp(Z2)
        P = E / E.sum(axis=1, keepdims=True)
        loss = -np.log(P[rows, y]).mean()
        dZ2 = (P - np.eye(P.shape[1])[y]) / len(X)
        dZ1 = (dZ2 @ params["W2"].T) * (Z1 > 0)
        return loss, _gradients(params, X, A1, dZ2, dZ1)
