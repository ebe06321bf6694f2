r"""A network with layers 784-512-256-10 is trained on images. A step is one forward and one
backward pass. Count only the multiplications in the matrix products of its three linear layers;
they are the same for every example.

Nobody asks for the gradient with respect to the images, so the first layer makes no `dX`; its `dW`
and everything in the other layers are made.

How many times the cost of the forward pass is the cost of the whole step? Answer with a number, to
two decimals.
"""

from backprop_course.exercises.record import Question

exercise = Question(
    title="When three is not three",
    number=4,
    points=1,
    minutes=6,
    level=2,
    answer=2.249761,
    tolerance=0.0015,
    because=(
        "With all gradients it is exactly 3: one product forward, two backward. The dX of the "
        "first layer alone is 401,408 of 535,040, three quarters of a forward pass, because most "
        "weights sit there: 3 - 0.75 = 2.25. Lesson 08 measures it on your machine; on two others "
        "it was 2.2 to 2.5 from batch 32 up, but 12 and 19 for a single example, whose outer "
        "product for dW moves as much memory as the weights."
    ),
    hints=(
        "Count the multiplications of one example in each layer: 784*512, 512*256, 256*10. Each "
        "product of a layer costs that much.",
        "Forward: three products. Backward: a dW for each of three layers, and a dX for only two "
        "of them. Divide all by forward.",
    ),
)

exercise.wrong(
    "input-gradient-counted",
    3,
    "That holds when every layer makes its dX. Here the first layer makes none, and it is by far "
    "the largest.",
)
exercise.wrong(
    "backward-like-forward",
    2,
    "So it would be if backward cost the same as forward. Backward makes two products where "
    "forward makes one, save for the dX that nobody asks for.",
)
exercise.wrong(
    "layers-counted-alike",
    8 / 3,
    "You counted products: 3 forward and 5 backward. The layers have very different sizes, and the "
    "one that is saved is the largest.",
)
exercise.wrong(
    "backward-only",
    1.249761,
    "That is the backward pass alone, measured in forward passes. The step also has the way out.",
)
exercise.wrong(
    "first-layer-left-out",
    1.499521,
    "You left out the first layer's dW as well. Its weights are trained like all others; only its "
    "dX is saved.",
)
exercise.wrong(
    "last-layer-saved",
    2.995215,
    "You saved the dX of the last layer. That one is needed: the layers below wait for it. The one "
    "that nobody asks for belongs to the layer that sees the images.",
)
