r"""Ten sigmoids in a row, every weight equal to 1: $a_0 = x$ and $a_k = \sigma(a_{k-1})$ for
$k = 1, \dots, 10$. The slope of a sigmoid is $\sigma'(z) = \sigma(z)\,(1 - \sigma(z))$, which is
never larger than $\tfrac14$.

You nudge $x$. What can you say about the factor $\partial a_{10} / \partial x$, before you
compute anything? Several statements may be true; choose the one that says most.
"""

from backprop_course.exercises.record import Question

exercise = Question(
    title="Ten sigmoids in a row",
    number=6,
    points=1,
    minutes=3,
    level=1,
    choices={
        "a": "it is at most 2.5",
        "b": "it is at most 0.25",
        "c": "it is at most 0.025",
        "d": "it is below 0.000001",
    },
    answer="d",
    because=(
        "Ten factors, none above 1/4, multiply to at most 0.25**10, which is about 0.00000095. "
        "With larger weights it can be more, since every stop also multiplies by its weight."
    ),
    hints=(
        "A nudge passes ten stops. What happens to it at each of them?",
        "Factors along a chain are multiplied. Compute 0.25 * 0.25 * 0.25 in your head: how many "
        "such steps until a millionth?",
    ),
)

exercise.wrong(
    "factors-added",
    "a",
    "You added the ten factors. A nudge that shrinks to a quarter and then to a quarter of that is "
    "not larger than before: factors along a chain multiply. (It is true that the factor is below "
    "2.5, but you can say far more.)",
)
exercise.wrong(
    "one-factor-only",
    "b",
    "That is the bound after one sigmoid. The nudge has nine more to pass. (It is true that the "
    "factor is below 0.25, but you can say far more.)",
)
exercise.wrong(
    "factors-averaged",
    "c",
    "You divided one factor by the number of stops. Every stop multiplies by its own factor, so "
    "the shrinking repeats. (It is true that the factor is below 0.025, but you can say far more.)",
)
