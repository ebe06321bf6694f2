r"""SiLU weighs each number by its own sigmoid: $a = z\,\sigma(z)$, entry by entry. `dout` is the
gradient of the loss with respect to $A$.

| name | what it is |
|---|---|
| `Z` | input of the activation, shape `(N, H)` |
| `S` | $\sigma(Z)$, already computed |
| `dout` | shape `(N, H)` |

Write `dZ_silu`, the gradient with respect to $Z$, as a formula of `Z`, `S` and `dout`. It is the
product rule, with a slope that you know, and a good rehearsal for GELU.

For `Z = [[0., 2.]]`, `S = [[0.5, 0.8808]]` and `dout = [[4., 1.]]` it must give
`[[2., 1.0908]]`.
"""

import numpy as np

from backprop_course.exercises.lesson_04.sigmoid_backward import draw_dout
from backprop_course.exercises.lesson_04.tanh_backward import draw_output
from backprop_course.exercises.record import Case, Formula

exercise = Formula(
    title="An activation with a product in it",
    number=8,
    points=1,
    minutes=8,
    level=2,
    symbol="dZ_silu",
    answer="dout * (S + Z * S * (1 - S))",
    hints=(
        "Two factors depend on z: z itself and its sigmoid. Differentiate one at a time, leave the "
        "other as it is, and add.",
        "The first term is 1 times the sigmoid. The second is z times the slope of the sigmoid, "
        "which you can write with S alone. Put brackets round the two before dout comes in.",
    ),
)


@exercise.cases
def cases(rng):
    for N, H, note in ((5, 4, ""), (1, 6, "a batch of one row")):
        Z = draw_output(rng, N, H, 0.2, 2.0)
        names = {"Z": Z, "S": 1 / (1 + np.exp(-Z)), "dout": draw_dout(rng, N, H)}
        yield Case((names,), sizes={"N": N, "H": H}, note=note)


exercise.right("dout * S * (1 + Z * (1 - S))")
exercise.right("dout * S + dout * Z * (S - S**2)")
exercise.right("dout / (1 + np.exp(-Z)) * (1 + Z - Z * S)")

exercise.wrong(
    "product-term-missing",
    "dout * S",
    "This differentiates z and leaves its weight alone. The weight depends on z as well, so the "
    "product rule has a second term.",
)
exercise.wrong(
    "first-term-missing",
    "dout * Z * S * (1 - S)",
    "This differentiates the weight and leaves z alone. At z = 0 it gives 0, where the curve rises "
    "with slope 1/2.",
)
exercise.wrong(
    "derivatives-multiplied",
    "dout * S * (1 - S)",
    "This multiplies the derivatives of the two factors. The derivative of a product is a sum: "
    "differentiate one factor at a time.",
)
exercise.wrong(
    "derivative-written-with-z",
    "dout * (S + Z * Z * (1 - Z))",
    "The slope of the sigmoid is written with its output; you put Z in its place. With Z it has "
    "no bound and can even be negative.",
)
exercise.wrong(
    "z-factor-lost",
    "dout * (S + S * (1 - S))",
    "Both terms are there, but the second lost its factor z: where one factor is differentiated, "
    "the other stays.",
)
exercise.wrong(
    "one-factor-lost",
    "dout * (S + Z * (1 - S))",
    "In the second term the slope of the sigmoid lacks a factor. Far out on the left the true "
    "slope of SiLU goes to 0; yours goes to Z.",
)
exercise.wrong(
    "sign-between-the-terms",
    "dout * (S - Z * S * (1 - S))",
    "Both terms are right, and you subtract the second. The product rule adds.",
)
exercise.wrong(
    "upstream-ignored",
    "S + Z * S * (1 - S)",
    "This is the slope alone; it does not change when dout does.",
)
exercise.wrong(
    "upstream-on-one-term",
    "dout * S + Z * S * (1 - S)",
    "Only the first term is multiplied by dout: brackets are missing. The gradient that arrives is "
    "a factor of the whole slope.",
)
exercise.wrong(
    "value-as-derivative",
    "dout * Z * S",
    "This is dout times the value of SiLU. What belongs there is its slope: at z = 0 the value is "
    "0, and the slope 1/2.",
)
