r"""A function $f$ takes 3 numbers and returns 1,000. Its graph is large, and you want the whole
Jacobian: the derivative of every output with respect to every input.

A pass of forward mode carries the derivatives with respect to *one* input through the graph. A
pass of reverse mode carries the derivatives of *one* output back. Either costs a few evaluations
of $f$.

What is the cheapest way?
"""

from backprop_course.exercises.record import Question

exercise = Question(
    title="Forward or reverse?",
    number=7,
    points=1,
    minutes=4,
    level=2,
    choices={
        "a": "reverse mode, 1 pass: one sweep back gives all derivatives at once",
        "b": "reverse mode, 3 passes: one for each input",
        "c": "reverse mode, 1,000 passes: it is the method that networks use",
        "d": "forward mode, 3 passes: one for each input",
        "e": "forward mode, 1,000 passes: one for each output",
    },
    answer="d",
    because=(
        "One forward pass fills one column of the Jacobian, one reverse pass fills one row. Here "
        "are 3 columns and 1,000 rows. A loss is the other extreme, one row and millions of "
        "columns: there one reverse pass gives the whole gradient, and forward mode would need one "
        "pass for each weight. Reverse mode is not faster as such; it fits losses."
    ),
    hints=(
        "Draw the Jacobian with one row for each output and one column for each input. What does "
        "one pass of each mode fill in?",
        "Reverse mode begins at one output and ends at all inputs. Forward mode begins at one "
        "input. Which of the two are there fewer of?",
    ),
)

exercise.wrong(
    "reverse-gives-all",
    "a",
    "One sweep back starts from one output and gives the derivatives of that one with respect to "
    "all inputs. For a loss, which is a single number, that is everything. Here are 1,000 outputs.",
)
exercise.wrong(
    "modes-exchanged",
    "b",
    "A reverse pass belongs to an output, not to an input: after 3 of them you would know 3 of "
    "the 1,000 rows.",
)
exercise.wrong(
    "reverse-always",
    "c",
    "It would give the right numbers, at 1,000 passes. Networks use reverse mode because their "
    "loss is one number and their weights are many. Here it is the other way round.",
)
exercise.wrong(
    "forward-by-outputs",
    "e",
    "A forward pass belongs to an input: it starts there and reaches all 1,000 outputs at once.",
)
