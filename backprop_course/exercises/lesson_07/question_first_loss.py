r"""A network for ten classes of handwritten digits has just been made. Its last layer starts with
weights so small that all ten logits are practically equal, for every image.

Before any training: what is its softmax-cross-entropy, the mean over the training images?
Answer with a number, to two decimals.
"""

from backprop_course.exercises.record import Question

exercise = Question(
    title="The first loss",
    number=6,
    points=1,
    minutes=3,
    level=1,
    answer=2.302585,
    tolerance=0.005,
    because=(
        "Equal logits give each class the probability 1/10, whatever the label is, and -log(1/10) "
        "is ln 10 = 2.30. A first loss far above ln C says that the network is sure of itself "
        "before it has seen anything."
    ),
    hints=(
        "Which probability does softmax give to each of ten classes with equal logits?",
        "The loss of one example is minus the natural logarithm of the probability of its label. "
        "It is the same for every example here, and so is the mean.",
    ),
)

exercise.wrong(
    "log-base-10",
    1.0,
    "You took the logarithm to base 10. Here, and in np.log, it is the natural one.",
)
exercise.wrong(
    "probability-not-loss",
    0.1,
    "That is the probability of the label. The loss is minus its natural logarithm.",
)
exercise.wrong(
    "log-not-taken",
    0.9,
    "That is the share of images which a guess gets wrong, or 1 minus the probability. The "
    "cross-entropy takes the logarithm of the probability.",
)
exercise.wrong(
    "two-classes",
    0.693147,
    "That is ln 2, the first loss with two classes. Here there are ten.",
)
exercise.wrong(
    "log-base-2",
    3.321928,
    "That is in bits: you took the logarithm to base 2. Here, and in np.log, it is the natural "
    "one.",
)
exercise.wrong(
    "summed-over-classes",
    23.02585,
    "You added the loss of all ten classes. Only the probability of the label counts.",
)
exercise.wrong(
    "sign",
    -2.302585,
    "The logarithm of a probability is negative; the loss is minus that.",
)
exercise.wrong(
    "nothing-learnt-no-loss",
    0.0,
    "A loss of 0 means that every label has probability 1. This network knows nothing yet.",
)
