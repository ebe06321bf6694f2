r"""What must stay in memory between the way out and the way back? Take a chain of linear layers
with a ReLU after each but the last, for `N` rows. `sizes = [3, 4, 2]` means 3 inputs, 4 hidden
units and 2 outputs. Count as the layers of this course do:

| layer | keeps | bytes |
|---|---|---|
| linear | its input | `itemsize` for each number |
| ReLU | its mask | 1 for each entry, whatever `itemsize` is |

Nothing else counts. The input of the first layer is the batch itself. What a ReLU puts out is the
input of the next layer: one array, counted once. Parameters are there anyway, and the loss is not
part of the chain.

Return the number of bytes.

For `sizes = [3, 4, 2]`, `N = 5` and `itemsize = 8`, the batch takes $5 \cdot 3 \cdot 8 = 120$, the
mask $5 \cdot 4 = 20$, and the input of the second layer $5 \cdot 4 \cdot 8 = 160$. The answer is
`300`.
"""

from itertools import pairwise

import numpy as np

from backprop_course.exercises.record import Case, Exercise

exercise = Exercise(
    title="What the way back needs in memory",
    number=6,
    points=1,
    minutes=10,
    level=2,
    outputs=("total",),
    hints=(
        "Draw the chain and write under each layer what it keeps and with which shape. Which of "
        "the sizes are inputs of a linear layer? After which of them stands a ReLU?",
        "Every size but the last is the width of an input that is kept. Every size but the first "
        "and the last is the width of a ReLU.",
        "Two sums over slices of sizes: one without the last, in numbers of itemsize bytes; one "
        "without the first and the last, in single bytes. Both are multiplied by N.",
    ),
)


@exercise.solution
def cache_bytes(sizes, N, itemsize):
    """Return how many bytes a network keeps between the forward and the backward pass.

    Parameters
    ----------
    sizes : list of int
        Width of the input, of each hidden layer and of the output.
    N : int
        Number of rows in the batch.
    itemsize : int
        Bytes of one number: 8 in float64, 4 in float32.

    Returns
    -------
    total : int
        Bytes of all inputs and masks together.
    """
    # BEGIN SOLUTION
    inputs = N * sum(sizes[:-1]) * itemsize
    masks = N * sum(sizes[1:-1])
    return inputs + masks
    # END SOLUTION


@exercise.cases
def cases(rng):
    def case(sizes, N, itemsize, note=""):
        widths = [int(width) for width in sizes]
        note = f"sizes {widths}, {note}" if note else f"sizes {widths}"
        return Case((widths, N, itemsize), sizes={"N": N, "itemsize": itemsize}, note=note)

    yield case([3, 4, 2], 5, 8, "the numbers of the text")
    yield case(rng.permutation([7, 11, 19, 31]), int(rng.integers(12, 20)), 4, "two hidden layers")
    yield case(rng.permutation([5, 13, 17, 23, 29]), int(rng.integers(20, 30)), 8)
    yield case(rng.permutation([6, 10, 16]), 3, 2, "half precision")
    yield case(rng.permutation([9, 14]), 6, 4, "one linear layer, no ReLU")


@exercise.right
def layer_by_layer(sizes, N, itemsize):
    total = 0
    for place, width in enumerate(sizes[:-1]):
        total += N * width * itemsize
        if place > 0:
            total += N * width
    return total


@exercise.right
def hidden_layers_together(sizes, N, itemsize):
    first, *hidden, _ = sizes
    return N * (first * itemsize + sum(hidden) * (itemsize + 1))


@exercise.right
def from_real_arrays(sizes, N, itemsize):
    dtype = np.dtype(f"f{itemsize}")
    kept = [np.empty((N, width), dtype) for width in sizes[:-1]]
    kept += [np.empty((N, width), bool) for width in sizes[1:-1]]
    return sum(array.nbytes for array in kept)


@exercise.wrong(
    "mask-as-numbers",
    "Your ReLUs keep {itemsize} bytes an entry. That is the price of keeping the pre-activations "
    "themselves; to know which units were open, one byte of True or False is enough.",
)
def mask_as_numbers(sizes, N, itemsize):
    return N * itemsize * (sum(sizes[:-1]) + sum(sizes[1:-1]))


@exercise.wrong(
    "masks-forgotten",
    "The inputs of the linear layers are right. The ReLUs keep something as well: on the way back "
    "each must know which units were open.",
)
def masks_forgotten(sizes, N, itemsize):
    return N * itemsize * sum(sizes[:-1])


@exercise.wrong(
    "inputs-forgotten",
    "You counted the masks and nothing else. To make its dW, each linear layer needs the input "
    "that it saw on the way out.",
)
def inputs_forgotten(sizes, N, itemsize):
    return N * sum(sizes[1:-1])


@exercise.wrong(
    "output-kept",
    "You also count the output of the last layer. No layer of the chain needs it on the way back: "
    "a linear layer keeps what came in, not what went out.",
)
def output_kept(sizes, N, itemsize):
    return N * itemsize * sum(sizes) + N * sum(sizes[1:-1])


@exercise.wrong(
    "outputs-for-inputs",
    "You count what the linear layers put out. Kept is what came in: the first size belongs to "
    "the count and the last one does not.",
)
def outputs_for_inputs(sizes, N, itemsize):
    return N * itemsize * sum(sizes[1:]) + N * sum(sizes[1:-1])


@exercise.wrong(
    "batch-not-counted",
    "You left out the batch itself. The first linear layer keeps its input like all others, and "
    "needs it for its dW.",
)
def batch_not_counted(sizes, N, itemsize):
    return N * sum(sizes[1:-1]) * (itemsize + 1)


@exercise.wrong(
    "mask-after-the-last-layer",
    "You count a mask after the last linear layer too. No ReLU stands there: the outputs are "
    "logits and may be negative.",
)
def mask_after_the_last_layer(sizes, N, itemsize):
    return N * itemsize * sum(sizes[:-1]) + N * sum(sizes[1:])


@exercise.wrong(
    "mask-on-the-input",
    "You count a mask for the input as well. The batch enters the first linear layer as it is; a "
    "ReLU stands only behind a linear layer.",
)
def mask_on_the_input(sizes, N, itemsize):
    return N * sum(sizes[:-1]) * (itemsize + 1)


@exercise.wrong(
    "shared-array-counted-twice",
    "You count what a ReLU puts out and what the next linear layer takes in. It is the same array: "
    "two layers know it, and it is in memory once.",
)
def shared_array_counted_twice(sizes, N, itemsize):
    return N * itemsize * (sum(sizes[:-1]) + sum(sizes[1:-1])) + N * sum(sizes[1:-1])


@exercise.wrong(
    "batch-size-forgotten",
    "This is the cache of a single example, {N} times too small. Every row of the batch must be "
    "kept until the way back. (So memory, not time, often decides how large a batch may be.)",
)
def batch_size_forgotten(sizes, N, itemsize):
    return itemsize * sum(sizes[:-1]) + sum(sizes[1:-1])


@exercise.wrong(
    "numbers-for-bytes",
    "You counted entries. An entry of an input takes {itemsize} bytes here; only the entries of a "
    "mask take one.",
)
def numbers_for_bytes(sizes, N, itemsize):
    return N * sum(sizes[:-1]) + N * sum(sizes[1:-1])


@exercise.wrong(
    "parameters-counted",
    "You counted the weights, which are there whether anybody trains or not, and which do not grow "
    "with the batch. The cache holds what a batch leaves behind on its way out.",
)
def parameters_counted(sizes, N, itemsize):
    return itemsize * sum(D * M for D, M in pairwise(sizes))


@exercise.wrong(
    "parameters-added",
    "Your cache is right, and then you add the weights. They are in memory anyway, training or "
    "not, so they are no price of the way back.",
)
def parameters_added(sizes, N, itemsize):
    return cache_bytes(sizes, N, itemsize) + parameters_counted(sizes, N, itemsize)


@exercise.wrong(
    "mask-in-bits",
    "You count one bit for each entry of a mask. That would be enough for a True or False, but "
    "NumPy spends a whole byte on it.",
)
def mask_in_bits(sizes, N, itemsize):
    return N * sum(sizes[:-1]) * itemsize + N * sum(sizes[1:-1]) / 8
