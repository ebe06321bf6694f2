r"""Two sigmoid units should both put out 0, and each has the loss $L = \tfrac12 a^2$. The first
puts out $a = 0.6$, the second $a = 0.99$: the second is more wrong.

Which of them gets the larger gradient with respect to its pre-activation $z$, and so learns faster?
"""

from backprop_course.exercises.record import Question

exercise = Question(
    title="Wrong and sure of it",
    number=7,
    points=1,
    minutes=5,
    level=2,
    choices={
        "a": "the unit at 0.99, about 1.7 times as large, for its error is larger",
        "b": "the unit at 0.6, about 15 times as large",
        "c": "the unit at 0.6, about 24 times as large",
        "d": "the unit at 0.6, for at 0.99 no gradient comes back at all",
    },
    answer="b",
    because=(
        "Error times slope: 0.6 * 0.24 = 0.144 against 0.99 * 0.0099 = 0.0098. The more wrong and "
        "the more certain the unit, the slower it learns: it is saturated. With cross-entropy in "
        "place of the squared error the slope cancels and what is left is the error itself."
    ),
    hints=(
        "The chain has two stops. What is the slope of the loss over a, and the slope of the "
        "sigmoid at that output?",
        "The sigmoid with output a has the slope a times (1 - a). Work out error times slope for "
        "both units.",
    ),
)

exercise.wrong(
    "derivative-missing",
    "a",
    "You compared the errors, 0.99 with 0.6. That is what arrives at the outputs; to reach z it "
    "must still pass the sigmoid. How steep is it at these two places?",
)
exercise.wrong(
    "upstream-ignored",
    "c",
    "You compared the slopes of the sigmoid, 0.24 with 0.0099. They are one factor; what arrives "
    "at the two outputs is not the same either.",
)
exercise.wrong(
    "saturated-taken-for-dead",
    "d",
    "A closed ReLU sends back exactly 0; a saturated sigmoid sends back little. At 0.99 its slope "
    "is 0.0099, so it does move, only slowly.",
)
