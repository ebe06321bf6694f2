r"""A hidden layer has six ReLU units. For the four examples of a training set its pre-activations
are (rows are examples, columns are units)

$$Z = \begin{pmatrix}
-0.3 & 1.2 & -0.7 & 0.4 & -2.0 & -0.1 \\
-1.1 & -0.9 & 0.5 & 2.1 & -0.6 & 0.8 \\
-0.2 & 0.7 & -1.5 & 0.3 & -0.4 & 1.9 \\
-0.8 & 0.1 & 0.6 & 1.3 & -1.7 & 0.5
\end{pmatrix}$$

A unit that gets no gradient from any example does not learn: it is **dead** on these data. How many
of the six units are dead? Answer with a number.
"""

from backprop_course.exercises.record import Question

exercise = Question(
    title="Which units are dead?",
    number=2,
    points=1,
    minutes=4,
    level=1,
    answer=2,
    because=(
        "Columns 0 and 4 hold no positive number, so these two units are closed for every example. "
        "The others are open for at least one and learn from it. That half of all entries "
        "are negative, 12 of 24, is no sickness: lesson 04 sends 1,000 examples of noise through a "
        "fresh layer of 512 units and counts half of the entries negative, and no dead unit."
    ),
    hints=(
        "A unit is a column. Through which entries of a column does a gradient come back?",
        "One open example is enough for a unit to learn. Look for columns without a single "
        "positive entry.",
    ),
)

exercise.wrong(
    "entries-for-units",
    12,
    "That is the number of negative entries. An entry is one unit for one example; the unit may "
    "well be open for another.",
)
exercise.wrong(
    "closed-once-is-dead",
    5,
    "You counted every unit that is negative for some example. Closed for one example is no "
    "death: the other examples still send their gradients through.",
)
exercise.wrong(
    "column-sum-negative",
    3,
    "You added up the columns. The gradient does not ask whether a unit is negative on average, "
    "only whether it is open for at least one example.",
)
exercise.wrong(
    "wrong-axis",
    0,
    "No row is negative throughout, but rows are examples. Units are columns.",
)
exercise.wrong(
    "first-example-only",
    4,
    "You judged the units by the first example alone. A unit that is closed for one example may be "
    "open for the next.",
)
