r"""A number $v$ takes part twice: in $p = u v$ and in $q = e^v$. Further on, both lead to a loss
$L$. The way back has already been as far as $p$ and $q$: `dp` is $\partial L/\partial p$ and `dq`
is $\partial L/\partial q$.

Write $\partial L/\partial v$ as a formula of `u`, `v`, `dp` and `dq`.

For $u = 2$, $v = 0$, `dp = 3` and `dq = 5` it must give $11$.
"""

from backprop_course.exercises.record import Case, Formula

exercise = Formula(
    title="What arrives at a fork",
    number=3,
    points=1,
    minutes=5,
    level=1,
    symbol="dv",
    answer="dp * u + dq * np.exp(v)",
    hints=(
        "Two arrows leave v. For each of them: what arrives at its end, and what is its local "
        "derivative?",
        "A share is what arrives times the local derivative, and at a fork the shares add. In a "
        "product the local derivative is the other factor; the exponential is its own slope.",
    ),
)


@exercise.cases
def cases(rng):
    for _ in range(3):
        # All sizes apart from each other, so that no two mistakes give the same number.
        u, dp, dq = rng.uniform(1.2, 2.8, 3) * rng.choice((-1.0, 1.0), 3)
        v = rng.choice((-1.0, 1.0)) * rng.uniform(0.4, 0.9)
        yield Case(({"u": float(u), "v": float(v), "dp": float(dp), "dq": float(dq)},))


exercise.right("np.exp(v) * dq + u * dp")

exercise.wrong(
    "first-path-only",
    "dp * u",
    "This is the share of p. The nudge of v also moves q, and q has its own say in the loss.",
)
exercise.wrong(
    "second-path-only",
    "dq * np.exp(v)",
    "This is the share of q. The nudge of v also moves p. If you computed both, the second has "
    "overwritten the first where it should have been added.",
)
exercise.wrong(
    "paths-multiplied",
    "dp * u * dq * np.exp(v)",
    "You multiplied the two shares. Factors multiply along one path; the shares of two paths add.",
)
exercise.wrong(
    "paths-averaged",
    "(dp * u + dq * np.exp(v)) / 2",
    "You took the mean of two shares: exactly half of the right value. Each path moves the loss "
    "for itself.",
)
exercise.wrong(
    "upstream-ignored",
    "u + np.exp(v)",
    "These are the local derivatives alone, as if L were p + q. What arrives, dp and dq, tells "
    "how much the loss cares for each.",
)
exercise.wrong(
    "upstream-added-first",
    "(dp + dq) * (u + np.exp(v))",
    "You added what arrives, added the local derivatives, and multiplied the sums. Each arrow "
    "multiplies what arrives at its own end; only then the shares add.",
)
exercise.wrong(
    "own-factor",
    "dp * v + dq * np.exp(v)",
    "In the product u v a nudge of v is multiplied by its partner, not by v itself.",
)
exercise.wrong(
    "exp-not-differentiated",
    "dp * u + dq * v",
    "The slope of the exponential is the exponential again; you multiply by v, its argument.",
)
exercise.wrong(
    "upstream-exchanged",
    "dq * u + dp * np.exp(v)",
    "The two gradients that arrive have changed places: dp belongs to the arrow into p.",
)
