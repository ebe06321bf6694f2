r"""A network gives three classes the logits $(0, \ln 2, \ln 3)$, which softmax turns into the
probabilities $\frac16, \frac26, \frac36$. The right class is the middle one. The loss is
$-\ln p$ of the right class, and nothing else: here $-\ln \frac26 = 1.0986$.

Which logits get a gradient that is not zero?
"""

from backprop_course.exercises.record import Question

exercise = Question(
    title="Which logits feel the loss?",
    number=1,
    points=1,
    minutes=2,
    level=1,
    answer="c",
    choices={
        "a": "only the middle one: no other probability enters the loss",
        "b": "only the last one: it is the wrong class that won",
        "c": "all three",
        "d": "the first and the last: the right class needs no correction",
    },
    because="Only one probability enters the loss, but that probability is a quotient whose "
    "denominator holds all three logits. The gradient is (1/6, -2/3, 1/2).",
    hints=("Write the probability of the middle class as a quotient. Which logits occur in it?",),
)

exercise.wrong(
    "diagonal-only",
    "a",
    "Only one probability enters the loss, that is true. But raise the last logit in your mind: "
    "what happens to the probability of the middle class?",
)
exercise.wrong(
    "winner-only",
    "b",
    "The loss does not look for the winner. Would it stay the same if the middle logit rose?",
)
exercise.wrong(
    "true-class-left-out",
    "d",
    "The right class has only 2/6 and should have all. A higher middle logit would lower the loss, "
    "so its gradient is not zero.",
)
