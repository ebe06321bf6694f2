r"""You want the gradient of a 784-512-256-10 network for 256 examples, in NumPy, in float32, on one
core. One way is a Python loop that sends the examples through one at a time and adds up 256
gradients. The other sends them as one batch, so that each layer is one large matrix product.

Both ways do the same multiplications. How much faster is the batch?
"""

from backprop_course.exercises.record import Question

exercise = Question(
    title="What a batch buys",
    number=8,
    points=1,
    minutes=3,
    level=2,
    choices={
        "a": "not at all: the same multiplications take the same time",
        "b": "some 20 to 35 times",
        "c": "50 to 100 times, as for any network",
        "d": "256 times, for it is one pass in place of 256",
    },
    answer="b",
    because=(
        "Lesson 08 measures it on your machine; on two others it was 28 and about 30. One large "
        "product reads each weight once for many rows; the loop reads all weights 256 times and "
        "writes 256 outer products as large as the weights. These are the greater part: the "
        "forward pass alone gained 3.5 and about 5. A 2-16-16-2 network gained more than 100, but "
        "there nearly all the time is Python's own."
    ),
    hints=(
        "What must each way read from memory and write to it, for the 400,000 weights of the first "
        "layer alone?",
        "A multiplication is not the only thing that costs time: there is memory, and there is "
        "Python between the calls. Neither makes the multiplications themselves disappear.",
    ),
)

exercise.wrong(
    "operations-only",
    "a",
    "The count of operations is the same, and yet the times are not: a processor that fetches "
    "each weight for one example only waits for its memory more than it computes.",
)
exercise.wrong(
    "overhead-only",
    "c",
    "So it is often said. A factor near 100 shows in tiny networks, where Python's overhead is "
    "nearly all of the time and the batch pays it once. Here the products themselves take long.",
)
exercise.wrong(
    "one-pass-one-price",
    "d",
    "One pass, but with 256 rows in it: the multiplications do not disappear. Only what is paid "
    "once for each call, in time and in memory, is shared.",
)
