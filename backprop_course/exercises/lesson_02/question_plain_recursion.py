r"""A graph with one fork: $u = 3x$, then $p = 2u$ and $q = 5u$, and at the end $L = p + q$.
Somebody goes back by plain recursion:

```python
def back(node):
    for parent in parents[node]:
        d[parent] += d[node] * local[node, parent]
        back(parent)
```

At first `d["L"]` is 1 and all others are 0; `parents["L"]` is `["p", "q"]`. They call `back("L")`.
What is in `d["x"]` when it returns?
"""

from backprop_course.exercises.record import Question

exercise = Question(
    title="Back without an order",
    number=5,
    points=1,
    minutes=6,
    level=2,
    answer=27,
    because=(
        "The first visit of u comes through p: d[u] is 2, and 2*3 = 6 goes to x. Then q brings 5 "
        "more, d[u] is 7, and u sends 7*3 = 21, although 2 of the 7 had been sent before. "
        "6 + 21 = 27, where the slope is (2 + 5)*3 = 21. A node may send only once, when all its "
        "children have sent: that is why we need the order."
    ),
    hints=(
        "Play the computer: keep a small table of d, and follow the calls one by one.",
        "How often is back called with u? What is in d[u] each time, and what does it send to x?",
    ),
)

exercise.wrong(
    "what-should-be-there",
    21,
    "That is the true slope, (2 + 5) times 3. The recursion does not find it: u is visited twice. "
    "Write down what is in d[u] at each of its two visits.",
)
exercise.wrong(
    "first-visit-only",
    6,
    "That is what x has after the first visit of u, which comes through p. A second one follows, "
    "through q.",
)
exercise.wrong(
    "new-share-only",
    15,
    "That is the share that comes through q alone. But x keeps what it has, and u sends more than "
    "this share.",
)
exercise.wrong(
    "both-visits-full",
    42,
    "You let u send 7 times 3 twice. At its first visit only the share of p has arrived there.",
)
exercise.wrong(
    "one-stop-early",
    7,
    "That is d[u] at the end. One more arrow leads from u to x.",
)
exercise.wrong(
    "local-derivatives-added",
    10,
    "You added 2, 5 and 3. Along a path the local derivatives multiply.",
)
exercise.wrong(
    "local-derivatives-multiplied",
    30,
    "You multiplied 2, 5 and 3. The factors 2 and 5 belong to two different paths.",
)
