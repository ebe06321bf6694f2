r"""ReLU has a kink at 0. A pre-activation happens to be $z = 4 \cdot 10^{-6}$, and somebody
measures the slope of $\max(0, z)$ there by the central difference with $h = 10^{-5}$.

Which number do they get?
"""

from backprop_course.exercises.record import Question

exercise = Question(
    title="Beside a kink",
    number=8,
    points=1,
    minutes=5,
    level=2,
    answer=0.7,
    because=(
        "The points are 1.4e-5 and -6e-6. ReLU makes them 1.4e-5 and 0, and 1.4e-5 / 2e-5 = 0.7. "
        "The backward pass says 1, and it is right: the check stepped across the kink, and a "
        "mixture of the slopes 1 and 0 came back. So when one entry among thousands is off, try "
        "a smaller h, another x, or the complex step, which decides by the real part and crosses "
        "nothing."
    ),
    hints=(
        "Write down the two points z + h and z - h. On which side of the kink does each lie?",
        "Apply ReLU to both points, take the difference, and divide by their distance, 2e-5.",
    ),
)

exercise.wrong(
    "true-slope",
    1,
    "That is the true slope at z, which lies to the right of the kink. But one of the two points "
    "that are measured lies to the left of it.",
)
exercise.wrong(
    "exactly-on-the-kink",
    0.5,
    "That is what comes out exactly on the kink, at z = 0. Here z lies a little to the right.",
)
exercise.wrong(
    "dead-side",
    0,
    "Only one of the two points lies where ReLU is 0. The other one has a value.",
)
exercise.wrong(
    "divided-by-h",
    1.4,
    "You divided by h. The two points lie 2h apart.",
)
exercise.wrong(
    "left-share",
    0.3,
    "That is the share of the step that lies on the dead side. The measured slope is the other "
    "share.",
)
exercise.wrong(
    "z-by-h",
    0.4,
    "That is z divided by h. Write down the two points, z + h and z - h, and apply ReLU to both.",
)
