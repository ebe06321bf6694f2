r"""Ten diamonds in a row. The graph begins with $v_0 = x$. In diamond $k$ the node $v_{k-1}$ goes
into two nodes, $a_k$ and $b_k$, and these two meet again in $v_k$:

$$v_{k-1} \to a_k \to v_k, \qquad v_{k-1} \to b_k \to v_k, \qquad k = 1, \dots, 10.$$

By the chain rule, the derivative of $v_{10}$ with respect to $x$ is a sum over all paths from $x$
to $v_{10}$, one product of local derivatives for each path. How many terms does this sum have?
"""

from backprop_course.exercises.record import Question

exercise = Question(
    title="Ten diamonds",
    number=1,
    points=1,
    minutes=3,
    level=1,
    answer=1024,
    because=(
        "Each diamond offers two ways, whatever was chosen before: 2 to the power 10. The sweep "
        "of lesson 02 never walks these paths. It visits the 31 nodes once each and uses the 40 "
        "arrows once each: at a node it adds up, once, all that the paths beyond it bring. With 60 "
        "diamonds, walking the paths at a billion a second would take 36 years; the sweep uses 240 "
        "arrows."
    ),
    hints=(
        "Count for one diamond, then for two. Draw the paths of two diamonds if you doubt it.",
        "Each of the ways through the first diamond can be continued by each of the ways through "
        "the second. Does that add or multiply?",
    ),
)

exercise.wrong(
    "ways-added",
    20,
    "You added the two ways of each diamond. Each way through one diamond can be continued by "
    "both ways through the next; try it with two diamonds and count the paths.",
)
exercise.wrong(
    "squared",
    100,
    "That is 10 to the power 2. There are ten choices with two possibilities each, not two choices "
    "with ten.",
)
exercise.wrong(
    "nodes-counted",
    31,
    "That is the number of nodes: x, and three for each diamond. A path runs through many of them, "
    "and a node lies on many paths.",
)
exercise.wrong(
    "arrows-counted",
    40,
    "That is the number of arrows, four in each diamond. It is what a sweep in order has to do; "
    "the sum over paths has far more terms.",
)
exercise.wrong(
    "one-diamond-too-few",
    512,
    "The pattern is right, but that is the number for nine diamonds. How many does one diamond "
    "have, and how many do two?",
)
exercise.wrong(
    "one-diamond-too-many",
    2048,
    "The pattern is right, but that is the number for eleven diamonds. How many does one diamond "
    "have, and how many do two?",
)
exercise.wrong(
    "one-diamond-only",
    2,
    "That is one diamond. Behind it the path has to choose again, nine times more.",
)
exercise.wrong(
    "one-path",
    1,
    "That would be a plain chain. Here every diamond makes the path choose.",
)
