r"""Count the floating-point operations of a linear layer $Z = XW + b$ with $N$ rows, $D$ inputs and
$M$ outputs, forward and backward.

The rules of the count:

- Only the matrix products count. The bias and its gradient are left out: they are small.
- An entry of a product adds up some number of products, $k$ say. Count $k$ multiplications and $k$
  additions for it, as everybody does (the sum starts at 0).
- Backward makes both gradients that take a matrix product: `dW`, and also `dX`, which the layer
  before needs.

Return two whole numbers: the operations of the forward pass and those of the backward pass.

For $N = 2$, $D = 3$, $M = 4$ the output has 8 entries, each a sum of 3 products, so forward takes
$8 \cdot (3 + 3) = 48$ operations. The answer is `(48, 96)`.
"""

import numpy as np

from backprop_course.exercises.record import Case, Exercise

exercise = Exercise(
    title="Count the work of a linear layer",
    number=3,
    points=1,
    minutes=8,
    level=1,
    outputs=("forward", "backward"),
    hints=(
        "Write down the shape of X, of W and of their product. How many entries does the product "
        "have, and over how many terms does each of them sum?",
        "Backward has two matrix products: one makes dW from X and the gradient of Z, the other "
        "makes dX from the gradient of Z and W. Count each like the forward product.",
        "Whatever the order, a product of these three sizes pairs every n with every d and every "
        "m once: N times D times M multiplications, and as many additions. Forward has one such "
        "product; how many has backward?",
    ),
)


@exercise.solution
def linear_flops(N, D, M):
    """Return the number of floating-point operations of a linear layer.

    Parameters
    ----------
    N, D, M : int
        Number of rows, inputs and outputs.

    Returns
    -------
    forward, backward : int
        Multiplications and additions in the matrix products.
    """
    # BEGIN SOLUTION
    one_product = 2 * N * D * M
    return one_product, 2 * one_product
    # END SOLUTION


@exercise.cases
def cases(rng):
    def case(N, D, M, note=""):
        return Case((N, D, M), sizes={"N": N, "D": D, "M": M}, note=note)

    yield case(2, 3, 4, "the numbers of the text")
    # Three primes each, so that no two counts agree by chance.
    yield case(*map(int, rng.permutation([5, 7, 11])))
    yield case(*map(int, rng.permutation([13, 17, 29])))
    yield case(1, int(rng.choice([19, 23])), int(rng.choice([31, 37])), "a batch of one row")


@exercise.right
def product_by_product(N, D, M):
    def product(rows, inner, columns):
        return rows * columns * (inner + inner)

    return product(N, D, M), product(D, N, M) + product(N, M, D)


@exercise.right
def from_shapes(N, D, M):
    X, W = np.empty((N, D)), np.empty((D, M))
    forward = 2 * X.size * W.shape[1]
    return forward, 4 * N * W.size


@exercise.wrong(
    "one-product-backward",
    "Your forward count is right, and backward costs the same in your answer. A popular claim, and "
    "half of the truth: backward makes two gradients by matrix products, one for the weights and "
    "one for the layer before.",
)
def one_product_backward(N, D, M):
    return 2 * N * D * M, 2 * N * D * M


@exercise.wrong(
    "additions-forgotten",
    "Exactly half of the right numbers: you counted the multiplications. The products must also be "
    "added up, one addition for each.",
)
def additions_forgotten(N, D, M):
    return N * D * M, 2 * N * D * M


@exercise.wrong(
    "batch-forgotten",
    "This is the count for a single example; N = {N} of them go through the layer. It is {N} times "
    "too small, and right for a batch of one.",
)
def batch_forgotten(N, D, M):
    return 2 * D * M, 4 * D * M


@exercise.wrong(
    "parameters-counted",
    "You counted the weights, {D} times {M}. Each weight takes part once for every row, in a "
    "multiplication and an addition, and on the way back twice as often. That cost is proportional "
    "to the number of weights is right; equal to it is not.",
)
def parameters_counted(N, D, M):
    return D * M, D * M


@exercise.wrong(
    "forward-counted-in-backward",
    "Your backward is three times forward. The well-known 3 is the whole step, forward and "
    "backward together, measured in forward passes; asked is the backward pass alone.",
)
def forward_counted_in_backward(N, D, M):
    return 2 * N * D * M, 6 * N * D * M


@exercise.wrong(
    "one-addition-less",
    "You count one addition less for each entry: k products need only k - 1 additions. Strictly "
    "you are right; the usual count, and the rule of this exercise, lets the sum start at 0.",
)
def one_addition_less(N, D, M):
    return N * M * (2 * D - 1), N * D * (2 * M - 1) + D * M * (2 * N - 1)


@exercise.wrong(
    "bias-counted",
    "You counted the bias as well: the difference is {N} times {M} in each direction. By the rules "
    "of this count it is left out.",
)
def bias_counted(N, D, M):
    return 2 * N * D * M + N * M, 4 * N * D * M + N * M


@exercise.wrong(
    "entries-for-operations",
    "You added up the sizes of the arrays that go in. That is what must be read from memory; in "
    "a product every row of X meets every column of W, so the three sizes multiply.",
)
def entries_for_operations(N, D, M):
    return N * D + D * M, N * D + D * M + N * M


@exercise.wrong(
    "output-entries-counted",
    "You counted two operations for each entry of the result. Each entry is a sum of several "
    "products: D = {D} of them on the way out.",
)
def output_entries_counted(N, D, M):
    return 2 * N * M, 2 * D * M + 2 * N * D


@exercise.wrong(
    "wrong-order",
    "Your two numbers are right and come in the wrong order: forward first, then backward.",
)
def wrong_order(N, D, M):
    return 4 * N * D * M, 2 * N * D * M
