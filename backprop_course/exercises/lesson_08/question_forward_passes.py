r"""A network with 2 inputs, 4 hidden units and 2 outputs has the parameters $W_1$ `(2, 4)`, $b_1$
`(4,)`, $W_2$ `(4, 2)` and $b_2$ `(2,)`: 22 numbers. Somebody wants the whole gradient by central
differences,

$$\frac{\partial L}{\partial \theta_i} \approx
\frac{L(\theta_i + h) - L(\theta_i - h)}{2h}.$$

How many forward passes does that take? Answer with a number.
"""

from backprop_course.exercises.record import Question

exercise = Question(
    title="A gradient by forward passes",
    number=1,
    points=1,
    minutes=3,
    level=1,
    answer=44,
    because=(
        "Two for each of the n = 22 parameters: 2n. Backpropagation needs one forward and one "
        "backward pass, however many parameters there are."
    ),
    hints=(
        "How often does L stand in the formula, each time with other parameters?",
        "The formula gives one number of the gradient, for one parameter. Count its evaluations of "
        "L, and repeat for all 22.",
    ),
)

exercise.wrong(
    "one-pass-a-parameter",
    22,
    "This is n, the number that one often reads. Look at the formula: L stands in it twice, at two "
    "different points.",
)
exercise.wrong(
    "one-sided",
    23,
    "That is the price of one-sided differences, which share the value at the middle. Central "
    "differences never compute the middle.",
)
exercise.wrong(
    "middle-counted",
    45,
    "You added a pass with the parameters as they are. Central differences do not need it.",
)
exercise.wrong(
    "parameters-squared",
    484,
    "That is 22 times 22. A forward pass does work in proportion to the number of parameters, so "
    "in single operations the cost does grow like the square; the question asks for passes.",
)
exercise.wrong(
    "biases-forgotten",
    32,
    "You counted the 16 weights. The 6 biases are parameters too.",
)
exercise.wrong(
    "all-nudged-at-once",
    2,
    "With all parameters nudged at once you learn the slope in one direction, a single number. "
    "The gradient has 22.",
)
exercise.wrong(
    "one-formula-only",
    1,
    "One pass gives one number, the loss. Each entry of the gradient compares two losses.",
)
exercise.wrong(
    "price-of-backpropagation",
    3,
    "That is about what backpropagation costs, measured in forward passes. Here somebody does "
    "without it.",
)
