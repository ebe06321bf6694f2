r"""A network of three linear layers with a ReLU after the first and after the second, and
softmax-cross-entropy at the end. A gradient check of all six parameters says:

| tensor | verdict |
|---|---|
| `W3`, `b3` | agree |
| `W2`, `b2` | differ |
| `W1`, `b1` | differ |

There is one mistake in the backward code. Where do you look first?
"""

from backprop_course.exercises.record import Question

exercise = Question(
    title="Where did it break?",
    number=7,
    points=1,
    minutes=4,
    level=2,
    choices={
        "a": "in the backward of the loss, where the gradient starts",
        "b": "between layers 3 and 2: the dX of layer 3, or the backward of the second ReLU",
        "c": "in the dW and db of layer 2 alone",
        "d": "in layer 1, where the way back ends",
        "e": "in the forward pass of layer 2",
    },
    answer="b",
    because=(
        "A wrong gradient spoils all that it is handed on to. What arrives at layer 3 is right, "
        "for W3 and b3 agree; what arrives at layer 2 is wrong already, for both W2 and b2 differ. "
        "So it went wrong between the two."
    ),
    hints=(
        "The gradient travels from the loss to layer 1. Draw the stops in a row and mark the last "
        "one that is known to be right.",
        "W2 and b2 are both made from the gradient that arrives at layer 2. If that one were "
        "right, could layer 1 be wrong too?",
    ),
)

exercise.wrong(
    "start-of-the-way-back",
    "a",
    "W3 and b3 are made from what the loss hands back, and both agree. So the loss hands back the "
    "right thing.",
)
exercise.wrong(
    "own-gradients-only",
    "c",
    "A mistake in layer 2's own dW and db harms nobody else: layer 1 receives dX, which is made "
    "from dout and W2. But layer 1 differs too.",
)
exercise.wrong(
    "end-of-the-way-back",
    "d",
    "What layer 1 does comes last. It cannot spoil W2 and b2, which were finished before.",
)
exercise.wrong(
    "forward-suspected",
    "e",
    "The text puts the mistake in the backward code. And the check takes the forward pass as it "
    "is: it measures the slopes of what is computed, whatever you meant to compute.",
)
