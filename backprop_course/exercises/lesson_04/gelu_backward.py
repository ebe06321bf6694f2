r"""GELU, the activation of many transformers, weighs $z$ by the chance that a standard normal
number lies below it:

$$a = z\,\Phi(z), \qquad \Phi(z) = \tfrac12 \left(1 + \operatorname{erf}\frac{z}{\sqrt 2}\right)$$

Given `dout`, the gradient of the loss with respect to $A$, return `dZ`. Use this exact form, not
an approximation by tanh.

| array | shape |
|---|---|
| `dout`, `Z`, `dZ` | `(N, H)` |

The error function `erf` is `math.erf` for a single number. For arrays use
`np.vectorize(math.erf)`, or `scipy.special.erf`, which comes with the course. All you must know
about it is its slope:

$$\frac{d}{dx} \operatorname{erf}(x) = \frac{2}{\sqrt\pi}\, e^{-x^2}$$

For `Z = [[0., 1.]]` and `dout = [[4., -1.]]` the answer is `dZ = [[2., -1.0833]]`, to four
decimals. A slope above 1 is no slip: GELU is not steepest far out on the right.
"""

import math

import numpy as np

from backprop_course.exercises.lesson_04.sigmoid_backward import draw_dout
from backprop_course.exercises.lesson_04.tanh_backward import draw_output
from backprop_course.exercises.record import Case, Exercise

exercise = Exercise(
    title="Back through GELU",
    number=9,
    points=2,
    minutes=20,
    level=3,
    outputs=("dZ",),
    hints=(
        "GELU is a product of two things that both depend on z. Which rule is due, and how many "
        "terms does it give?",
        "The first term is the derivative of z times Phi; the second is z times the derivative of "
        "Phi. For the latter the chain rule needs the slope of erf at z over root 2, and the slope "
        "of what stands inside erf.",
        "The derivative of Phi is the normal density: exp(-z*z/2) divided by the root of 2 pi. "
        "At z = 1, Phi is 0.8413 and the density 0.2420. Add Phi and z times the density in "
        "brackets, and multiply the whole by dout.",
    ),
)


@exercise.solution
def gelu_backward(dout, Z):
    """Return the gradient of the loss with respect to the input of GELU.

    Parameters
    ----------
    dout : ndarray of shape (N, H)
        Gradient of the loss with respect to the output of GELU.
    Z : ndarray of shape (N, H)
        Input of GELU.

    Returns
    -------
    dZ : ndarray of shape (N, H)
    """
    # BEGIN SOLUTION
    Phi = 0.5 * (1 + np.vectorize(math.erf)(Z / math.sqrt(2)))
    phi = np.exp(-Z * Z / 2) / math.sqrt(2 * math.pi)
    return dout * (Phi + Z * phi)
    # END SOLUTION


@exercise.cases
def cases(rng):
    for N, H, lowest, highest, note in (
        (5, 4, 0.2, 2.0, ""),
        (3, 3, 0.2, 2.0, "as many examples as units"),
        (1, 6, 0.2, 2.0, "a batch of one row"),
        (4, 2, 2.5, 4.0, "far from 0"),
    ):
        Z = draw_output(rng, N, H, lowest, highest)
        yield Case((draw_dout(rng, N, H), Z), sizes={"N": N, "H": H}, note=note)


def parts(Z):
    """Return the normal distribution function and the normal density."""
    Phi = 0.5 * np.vectorize(math.erfc)(-Z / math.sqrt(2))
    return Phi, np.exp(-0.5 * Z**2) / np.sqrt(2 * np.pi)


def sigmoid(Z):
    return 1 / (1 + np.exp(-Z))


@exercise.right
def with_scipy(dout, Z):
    from scipy.special import erf

    Phi = (1 + erf(Z / np.sqrt(2))) / 2
    return dout * Phi + dout * Z * np.exp(-(Z**2) / 2) / np.sqrt(2 * np.pi)


@exercise.right
def entry_by_entry(dout, Z):
    dZ = np.empty(Z.shape)
    for place, z in np.ndenumerate(Z):
        x = z / math.sqrt(2)
        slope_of_erf = 2 / math.sqrt(math.pi) * math.exp(-x * x)
        slope_of_weight = 0.5 * slope_of_erf / math.sqrt(2)
        dZ[place] = dout[place] * (0.5 * (1 + math.erf(x)) + z * slope_of_weight)
    return dZ


@exercise.right
def with_erfc(dout, Z):
    Phi, phi = parts(Z)
    return (Phi + Z * phi) * dout


@exercise.wrong(
    "product-term-missing",
    "You differentiated z and left its weight alone. The weight Phi depends on z as well, so the "
    "product rule gives a second term. Without it your gradient points almost the right way, and "
    "training would hardly show it.",
)
def product_term_missing(dout, Z):
    return dout * parts(Z)[0]


@exercise.wrong(
    "first-term-missing",
    "You differentiated the weight and left z alone: only the second term of the product rule is "
    "there. Far out on the right GELU is nearly z itself, and your slope there is nearly 0.",
)
def first_term_missing(dout, Z):
    return dout * Z * parts(Z)[1]


@exercise.wrong(
    "tanh-form",
    "Your slope, before dout comes in, is at most 9e-4 off: it belongs to the form of GELU with "
    "tanh, which many libraries use because it is fast, and whose values are at most 5e-4 off. "
    "The exercise asks for the exact form, with erf.",
)
def tanh_form(dout, Z):
    root = math.sqrt(2 / math.pi)
    t = np.tanh(root * (Z + 0.044715 * Z**3))
    slope = 0.5 * Z * (1 - t * t) * root * (1 + 3 * 0.044715 * Z * Z)
    return dout * (0.5 * (1 + t) + slope)


@exercise.wrong(
    "sigmoid-form",
    "Your slope, before dout comes in, is at most 0.03 off: it belongs to z times "
    "sigmoid(1.702 z), the rough approximation of GELU. The exercise asks for the exact form, "
    "with erf.",
)
def sigmoid_form(dout, Z):
    s = sigmoid(1.702 * Z)
    return dout * (s + 1.702 * Z * s * (1 - s))


@exercise.wrong(
    "silu-derivative",
    "This is the derivative of z times sigmoid(z), known as SiLU: a cousin of GELU with a softer "
    "weight. The weight of GELU is the normal distribution function.",
)
def silu_derivative(dout, Z):
    s = sigmoid(Z)
    return dout * (s + Z * s * (1 - s))


@exercise.wrong(
    "relu-derivative",
    "Your slope is 0 or 1: that is ReLU. GELU comes near to it far from 0; near 0 its slope goes "
    "smoothly from one to the other, with 1/2 in the middle.",
)
def relu_derivative(dout, Z):
    return dout * (Z > 0)


@exercise.wrong(
    "z-factor-lost",
    "Both terms of the product rule are there, but the second lost its factor z: where one factor "
    "is differentiated, the other stays. At z = 0 your slope is 0.9 where 0.5 belongs.",
)
def z_factor_lost(dout, Z):
    Phi, phi = parts(Z)
    return dout * (Phi + phi)


@exercise.wrong(
    "sign-between-the-terms",
    "Your two terms are right, and you subtract the second where the product rule adds. At "
    "z = 1 GELU is steeper than 1; your slope there is 0.6.",
)
def sign_between_the_terms(dout, Z):
    Phi, phi = parts(Z)
    return dout * (Phi - Z * phi)


@exercise.wrong(
    "derivatives-multiplied",
    "You multiplied the derivatives of the two factors. The derivative of a product is not the "
    "product of the derivatives: differentiate one factor at a time, and add.",
)
def derivatives_multiplied(dout, Z):
    return dout * parts(Z)[1]


@exercise.wrong(
    "inner-derivative-lost",
    "Your second term is too large by the factor 1.414, root 2: the chain rule also wants the "
    "slope of what stands inside erf, and that is 1 over root 2.",
)
def inner_derivative_lost(dout, Z):
    Phi, phi = parts(Z)
    return dout * (Phi + Z * phi * math.sqrt(2))


@exercise.wrong(
    "half-lost-in-the-density",
    "Your second term is exactly twice too large: the 1/2 in front of Phi is a factor of its "
    "derivative as well.",
)
def half_lost_in_the_density(dout, Z):
    Phi, phi = parts(Z)
    return dout * (Phi + 2 * Z * phi)


@exercise.wrong(
    "density-not-normalised",
    "Your second term is too large by the factor 2.507, the root of 2 pi. The bell curve has the "
    "area 1 beneath it only after a division by that number.",
)
def density_not_normalised(dout, Z):
    Phi, phi = parts(Z)
    return dout * (Phi + Z * phi * math.sqrt(2 * math.pi))


@exercise.wrong(
    "root-two-lost",
    "You took erf at z where z over root 2 belongs. Your weight is the distribution function of a "
    "normal number with a smaller spread: at z = 1 it is 0.9214, and should be 0.8413.",
)
def root_two_lost(dout, Z):
    _, phi = parts(Z)
    return dout * (0.5 * (1 + np.vectorize(math.erf)(Z)) + Z * phi)


@exercise.wrong(
    "root-two-lost",
    "You took erf at z where z over root 2 belongs, and differentiated that correctly: right for "
    "another function. Its weight at z = 1 is 0.9214, and should be 0.8413.",
)
def root_two_lost_throughout(dout, Z):
    Phi, phi = parts(Z * math.sqrt(2))
    return dout * (Phi + Z * phi * math.sqrt(2))


@exercise.wrong(
    "erf-for-weight",
    "You took erf itself as the weight. It runs from -1 to 1; Phi is a chance, from 0 to 1. At "
    "z = 0 your slope is 0 where 1/2 belongs.",
)
def erf_for_weight(dout, Z):
    Phi, phi = parts(Z)
    return dout * (2 * Phi - 1 + Z * phi)


@exercise.wrong(
    "half-lost-in-the-weight",
    "Your first term is exactly twice too large: a chance cannot reach 2. The 1/2 in front of the "
    "bracket is missing in Phi.",
)
def half_lost_in_the_weight(dout, Z):
    Phi, phi = parts(Z)
    return dout * (2 * Phi + Z * phi)


@exercise.wrong(
    "density-differentiated",
    "In your second term the density is differentiated once more: it carries a factor -z too many. "
    "The derivative of Phi is the density itself.",
)
def density_differentiated(dout, Z):
    Phi, phi = parts(Z)
    return dout * (Phi - Z * Z * phi)


@exercise.wrong(
    "value-as-derivative",
    "You multiply dout by the value of GELU where its slope belongs. Test it at z = 0: the value "
    "is 0, but the curve rises there, with slope 1/2.",
)
def value_as_derivative(dout, Z):
    return dout * Z * parts(Z)[0]


@exercise.wrong(
    "derivative-at-the-output",
    "Your slope is taken at the output of GELU instead of its input: the formula is right and got "
    "the wrong array. Sigmoid and tanh have slopes in terms of a; for GELU it takes z.",
)
def derivative_at_the_output(dout, Z):
    A = Z * parts(Z)[0]
    Phi, phi = parts(A)
    return dout * (Phi + A * phi)


@exercise.wrong(
    "upstream-ignored",
    "Your answer is the slope alone; it does not change when dout does. It would be right if every "
    "entry of dout were 1.",
)
def upstream_ignored(dout, Z):
    Phi, phi = parts(Z)
    return Phi + Z * phi


@exercise.wrong(
    "upstream-divided",
    "Your slope is right, and then you divide it by dout where the chain rule multiplies. With a "
    "dout of all ones nobody would notice.",
)
def upstream_divided(dout, Z):
    Phi, phi = parts(Z)
    return (Phi + Z * phi) / dout


@exercise.wrong(
    "upstream-on-one-term",
    "Only the first of your two terms is multiplied by dout: brackets are missing. The gradient "
    "that arrives is a factor of the whole slope.",
)
def upstream_on_one_term(dout, Z):
    Phi, phi = parts(Z)
    return dout * Phi + Z * phi
