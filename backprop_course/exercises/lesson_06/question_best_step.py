r"""You measure a slope in float64 by the central difference

$$\frac{f(x + h) - f(x - h)}{2h},$$

where $x$, $f$ and its derivatives are all of size 1 or so. The curve bends, which costs an error
of about $h^2$. And each value of $f$ is rounded, with an error of about $10^{-16}$.

Which step $h$ gives the smallest error in all?
"""

from backprop_course.exercises.record import Question

exercise = Question(
    title="The best step",
    number=1,
    points=1,
    minutes=5,
    level=1,
    choices={
        "a": "h = 1e-15: the smaller the step, the better",
        "b": "h = 1e-8",
        "c": "h = 1e-5",
        "d": "h = 1e-2: a step must stand out from the rounding",
    },
    answer="c",
    because=(
        "Rounding costs about 1e-16 / h, bending about h squared. At h = 1e-5 both are near 1e-10 "
        "or 1e-11. A smaller step lets the first grow, a larger one the second: drawn against h "
        "on logarithmic axes the error is a V. In float32 the rounding is about 1e-7, the best "
        "step near 1e-2 and its error 1e-5 at best, which is no way to check a gradient."
    ),
    hints=(
        "Two errors add. The rounding in the numerator is divided by 2h: what does a small h do to "
        "it?",
        "Write down 1e-16 / h and h times h for each of the four steps, and look at the larger of "
        "the two.",
    ),
)

exercise.wrong(
    "as-small-as-possible",
    "a",
    "In exact arithmetic, yes. Here f(x + h) and f(x - h) agree in nearly all their digits, and "
    "the difference keeps only the rounding: 1e-16 / 1e-15 is an error of 10 %.",
)
exercise.wrong(
    "one-sided-step",
    "b",
    "That is the best step for the one-sided difference, whose bending error is about h instead "
    "of h squared. For the central difference rounding costs 1e-16 / 1e-8 = 1e-8 there, and a "
    "larger step does better.",
)
exercise.wrong(
    "too-large",
    "d",
    "Rounding is no worry then: 1e-14. But the bending costs about 1e-4. The two errors should be "
    "of about the same size.",
)
