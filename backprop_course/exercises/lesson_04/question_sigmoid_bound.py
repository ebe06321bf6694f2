r"""One stop of a chain takes the number $a_0$, multiplies it by the weight $w = 6$ and passes the
result through a sigmoid: $z = 6 a_0$, $a = \sigma(z)$. On the way back, the gradient with respect
to $a$ becomes the gradient with respect to $a_0$: it is multiplied by $\partial a / \partial a_0$.

What is the largest value that this factor can have, over all $a_0$? Answer with a number.
"""

from backprop_course.exercises.record import Question

exercise = Question(
    title="Can a gradient grow through a sigmoid?",
    number=5,
    points=1,
    minutes=4,
    level=2,
    answer=1.5,
    tolerance=0.001,
    because=(
        "6 times 1/4, at z = 0. So the famous 0.25 is a bound for the sigmoid, not for the layer: "
        "the weight is the other factor, and a gradient may even grow. It seldom does, for large "
        "weights also make z large, and there the slope is far below 1/4: at z = 6 it is 0.0025."
    ),
    hints=(
        "From a back to the number that came in there are two stops. Write down the local "
        "derivative of each.",
        "The sigmoid is steepest at z = 0. What is its slope there? The other stop multiplies by "
        "the same number everywhere.",
    ),
)

exercise.wrong(
    "weight-forgotten",
    0.25,
    "That is the steepest slope of the sigmoid alone. The gradient also goes back through the "
    "product with the weight. To say that every layer shrinks the gradient to a quarter forgets "
    "the weights.",
)
exercise.wrong(
    "sigmoid-passed-freely",
    6,
    "That is the factor of the weight. The sigmoid is never as steep as 1: what is its slope at "
    "the middle, z = 0?",
)
exercise.wrong(
    "factors-added",
    6.25,
    "You added the two factors. Along a chain they multiply.",
)
exercise.wrong(
    "value-for-slope",
    3,
    "You multiplied the weight by 1/2, the value of the sigmoid at z = 0. Its slope there is the "
    "one that belongs.",
)
exercise.wrong(
    "weight-divided",
    0.25 / 6,
    "You divided by the weight. A nudge of the number that comes in arrives at z six times as "
    "large.",
)
exercise.wrong(
    "never-above-one",
    1,
    "The outputs of a sigmoid end at 1; a factor of the way back knows no such end. Multiply the "
    "local derivatives of the two stops.",
)
exercise.wrong(
    "weight-squared",
    9,
    "You used the weight twice. It takes part once between the two numbers.",
)
