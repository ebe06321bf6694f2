r"""The slope of $f(x) = x^3$ is $3x^2$. The central difference

$$\frac{(x + h)^3 - (x - h)^3}{2h}$$

gives a little more, even when nothing is rounded. Multiply the two cubes out, and write the error,
which is what the difference gives minus $3x^2$, as a short formula of `x` and `h`.

For $x = 2$ and $h = 0.1$ it must give $0.01$.
"""

from backprop_course.exercises.record import Case, Formula

exercise = Formula(
    title="The error of the central difference",
    number=4,
    points=1,
    minutes=6,
    level=2,
    symbol="central_error",
    answer="h**2",
    hints=(
        "Multiply out the two cubes and write them below each other. Which terms cancel in the "
        "difference, and which count twice?",
        "The even powers of h cancel. What is left is 6 times x squared times h, and one more "
        "term; divide both by 2h and take away the slope.",
    ),
)


@exercise.cases
def cases(rng):
    for side in (1.0, -1.0, 1.0):
        x, h = side * rng.uniform(1.2, 2.8), rng.uniform(0.05, 0.3)
        yield Case(({"x": float(x), "h": float(h)},))


exercise.right("h * h")
exercise.right("((x + h)**3 - (x - h)**3) / (2 * h) - 3 * x**2")

exercise.wrong(
    "one-sided",
    "3 * x * h + h**2",
    "That is the error of the one-sided difference, with x itself as the second point. Its first "
    "term shrinks only as fast as h; taking a point on both sides makes that term cancel.",
)
exercise.wrong(
    "not-divided",
    "2 * h**3",
    "That is what is left over in the numerator. It is still to be divided by the distance of the "
    "two points.",
)
exercise.wrong(
    "divided-by-h-only",
    "2 * h**2",
    "Exactly twice too large: the two points are 2h apart, not h.",
)
exercise.wrong(
    "slope-not-subtracted",
    "3 * x**2 + h**2",
    "That is the whole central difference. Its error is what it has too much beside the slope.",
)
exercise.wrong(
    "third-derivative-forgotten",
    "h**2 / 6",
    "This is the number that belongs in front of the third derivative in Taylor's series. For the "
    "cube the third derivative is not 1.",
)
exercise.wrong(
    "factorial-forgotten",
    "6 * h**2",
    "This has the third derivative, 6, but not what Taylor's series divides it by. Multiply the "
    "cubes out instead, and nothing can be forgotten.",
)
exercise.wrong(
    "sign",
    "-(h**2)",
    "The right size with the wrong sign: asked is what the difference gives, minus the slope.",
)
exercise.wrong(
    "no-error",
    "0 * x",
    "That would be true for a parabola. A cube bends differently on its two sides, and the "
    "difference feels it.",
)
exercise.wrong(
    "grows-with-x",
    "3 * x * h",
    "A term with x in it would come from the terms with h squared in the two cubes. Both cubes "
    "have it with the same sign, so it cancels in their difference.",
)
