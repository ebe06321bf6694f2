r"""Every example of a batch is written down twice: the batch grows from `N` to `2N` rows and holds
nothing new. The loss is the mean cross-entropy, `dZ` its gradient with respect to the logits,
`dW = X.T @ dZ` the gradient of the weights below.

Compared with the old batch, what happens to the loss, to one row of `dZ`, and to `dW`?
"""

from backprop_course.exercises.record import Question

exercise = Question(
    title="The batch written down twice",
    number=7,
    points=1,
    minutes=3,
    level=2,
    answer="b",
    choices={
        "a": "loss the same, a row of dZ the same, dW doubled",
        "b": "loss the same, a row of dZ halved, dW the same",
        "c": "loss the same, a row of dZ halved, dW halved",
        "d": "loss doubled, a row of dZ the same, dW doubled",
    },
    because="The mean does not change. Each example now has the weight 1/(2N), so its row of dZ is "
    "halved, and dW adds up twice as many rows of half the size.",
    hints=(
        "The mean of (3, 5) is 4. What is the mean of (3, 5, 3, 5), and what is the weight of "
        "each number in it?",
    ),
)

exercise.wrong(
    "factor-batch-size",
    "a",
    "That is what happens when 1/N is forgotten in the gradient: the same loss, and yet steps "
    "that grow with the batch.",
)
exercise.wrong(
    "batch-size-twice",
    "c",
    "dW adds up twice as many rows, each of half the size. It would be halved only if 1/N were "
    "applied a second time on the way down.",
)
exercise.wrong(
    "loss-not-averaged",
    "d",
    "That is the sum of the losses. The mean of a list does not change when the list is written "
    "down twice.",
)
