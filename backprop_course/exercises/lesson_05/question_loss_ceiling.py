r"""Somebody computes the loss of one example as `-np.log(p + 1e-8)`, with `p` the probability of
the right class from a stable softmax. The logit of the right class lies below the best by a gap
that grows: 10, 100, 1000, ...

What does the reported loss do?
"""

from backprop_course.exercises.record import Question

exercise = Question(
    title="The small number inside the logarithm",
    number=8,
    points=1,
    minutes=3,
    level=1,
    answer="d",
    choices={
        "a": "it grows like the gap: 1e-8 is too small to matter",
        "b": "it becomes inf, because p becomes exactly 0",
        "c": "it is wrong by at most 1e-8",
        "d": "it stops near 18.4, and its slope falls to 0",
    },
    because="As p goes to 0 the loss goes to -ln(1e-8) = 8 ln 10 = 18.42 and stays there. The true "
    "loss goes on growing like the gap, with slope 1.",
    hints=("Put p = 0 into the expression and take the logarithm.",),
)

exercise.wrong(
    "epsilon-harmless",
    "a",
    "Beside p = 0.3 it does not matter. But p falls like exp(-gap): at a gap of 20 it is 2e-9. "
    "Which of the two numbers is then the larger?",
)
exercise.wrong(
    "log-of-zero",
    "b",
    "The added number prevents that: the logarithm never sees 0. What does it see instead?",
)
exercise.wrong(
    "error-of-the-argument",
    "c",
    "The argument of the logarithm is wrong by 1e-8. The logarithm is steep near 0: compare "
    "ln(1e-8) with ln(1e-40).",
)
