# %% [markdown]
# # Lesson 06. Gradient checking
#
# **A wrong gradient rarely crashes, and often trains. You will learn to measure any gradient without
# calculus, to the last digits, and to notice one wrong number among thousands with a single extra
# forward pass.**
#
# **You need** lesson 01 (a slope), lesson 03 (a layer with its `dout`) and, for some examples, the
# softmax of lesson 05. **Time:** 85 minutes, then the exercises.
#
# After this you can
#
# - choose a ruler and a step, and say beforehand how many digits will be right;
# - check a whole network with one pass an array, and read from the report where the mistake sits;
# - write a test that a wrong gradient cannot get past, and say what no such test can see.

# %%
import inspect
import math
import numpy as np

from backprop_course import check, check_answer, datasets, gradcheck, layers, losses
from backprop_course.figures import gradient_checking as figures, style
from backprop_course.gradcheck import check_gradients, check_pair, complex_step_gradient
from backprop_course.gradcheck import numerical_gradient, relative_error
from backprop_course.network import NeuralNetwork, Tanh
from backprop_course.widgets.step_size import StepSizeExplorer
np.set_printoptions(precision=4, suppress=True)
rng, plt = np.random.default_rng(6), style.use()

# %% [markdown]
# ## Predict before you run
#
# A slope is what this quotient tends to when $h$ goes to 0:
#
# $$\frac{f(x + h) - f(x - h)}{2h}$$
#
# It needs no calculus, only two values of $f$. So it can judge a formula that you derived, and code
# that you wrote. You compute in float64, with about sixteen digits; $x$, $f$ and the slope are of size
# 1 or so. **Which step $h$ gives the most accurate slope?**
#
# - **a** `1e-15`: the smaller, the better
# - **b** `1e-8`
# - **c** `1e-5`
# - **d** `1e-2`: a step must stand out from the rounding

# %%
check_answer("06.q1", ...)  # your letter in quotes in place of the dots, then run

# %% [markdown]
# ## The smallest case, by hand
#
# Take $f(x) = x^4$ at $x = 1$. School says that the slope is $4x^3 = 4$. Now measure it, with the step
# $h = 0.1$. You need $1.1^4 = 1.4641$ and $0.9^4 = 0.6561$.
#
# | | | | error |
# |---|---|---|---|
# | **one-sided**: from $x$ to $x + h$ | $(1.4641 - 1) / 0.1$ | $4.641$ | $0.641$ |
# | **central**: from $x - h$ to $x + h$ | $(1.4641 - 0.6561) / 0.2$ | $4.04$ | $0.04$ |
#
# Both are slopes of a *secant*, a line through two points of the curve; we call such a way to measure a
# *ruler*. **Predict:** with a step ten times as small, what becomes of each error?

# %%
def one_sided(f, x, h):
    return (f(x + h) - f(x)) / h

def central(f, x, h):
    return (f(x + h) - f(x - h)) / (2 * h)

for h in (0.1, 0.01, 0.001):
    slopes = [ruler(lambda x: x**4, 1.0, h) for ruler in (one_sided, central)]
    print(f"h = {h:5}   one-sided {slopes[0]:.6f}   central {slopes[1]:.6f}")

# %% [markdown]
# ## Why two sides beat one
#
# The first error fell by ten, the second by a hundred. Here is why. Write $f, f', f'', \dots$ for the
# function and its derivatives at $x$, and let $f$ be smooth. Taylor's series says
#
# $$f(x + h) = f + h f' + \tfrac{h^2}{2} f'' + \tfrac{h^3}{6} f''' + \tfrac{h^4}{24} f'''' + \dots
# \tag{1}$$
#
# **One-sided**: take $f$ over to the left, divide by $h$.
#
# $$\frac{f(x + h) - f(x)}{h} = f' + \tfrac{h}{2} f'' + \dots \tag{2}$$
#
# **Central**: write (1) once more with $-h$. Its odd powers change sign, its even powers do not. In the
# difference of the two lines the even ones cancel, and the odd ones count twice. (What is left over comes
# from the *bending* of the curve: on a straight line it is 0.)
#
# $$\frac{f(x + h) - f(x - h)}{2h} = f' + \tfrac{h^2}{6} f''' + \dots \tag{3}$$

# %%
k, x, h = 1.7, rng.uniform(0.5, 1.0), 1e-3
D = [k**n * np.exp(k * x) for n in range(5)]  # the derivatives of exp(kx), all different
f = lambda x: np.exp(k * x)

rest = f(x + 0.05) - sum(D[n] * 0.05**n / math.factorial(n) for n in range(4))
assert np.isclose(rest, 0.05**4 / 24 * D[4], rtol=0.05, atol=0)  # (1): its next term, nearly
assert np.isclose(one_sided(f, x, h) - D[1], h / 2 * D[2], rtol=0.01, atol=0)  # (2)
assert np.isclose(central(f, x, h) - D[1], h**2 / 6 * D[3], rtol=0.01, atol=0)  # (3)
print(f"one-sided, off by {one_sided(f, x, h) - D[1]:.3e}; h/2 times f'' is {h / 2 * D[2]:.3e}")
print(f"central, off by {central(f, x, h) - D[1]:.3e}; h^2/6 times f''' is {h**2 / 6 * D[3]:.3e}")

# %% [markdown]
# ## Why not take a tiny step?
#
# By (3) the error is gone once $h$ is tiny. But a computer keeps a fixed number of digits. Imagine one
# that keeps five, and let it measure the slope of $e^x$ at 1, which is $2.7183$. **Predict** what it
# finds at $h = 0.00001$.

# %%
for h in (1e-1, 1e-2, 1e-3, 1e-4, 1e-5):
    above, below = np.exp(1 + h).round(4), np.exp(1 - h).round(4)
    difference = above - below
    print(f"h = {h:.0e}   {above:.4f} - {below:.4f} = {difference:.4f}", end="")
    print(f"   slope {difference / (2 * h):.4f}")

# %% [markdown]
# ### What rounding costs
#
# The two values agree in ever more digits, and what they agree in is lost in the difference. Only
# their rounding is left. How much is that?
#
# A stored number is off by at most its size times $u$, where $u = 2^{-53} \approx 1.1 \cdot 10^{-16}$
# in float64 and $2^{-24} \approx 6 \cdot 10^{-8}$ in float32. At worst both values are off in opposite
# directions, which makes $2u|f|$ in the numerator. The central difference divides by $2h$:
#
# $$|\text{error by rounding}| \le \frac{u\,|f|}{h} \tag{4}$$
#
# (For two values rounded once each. A long computation rounds often, and $x \pm h$ is rounded as well:
# expect a few times as much.) Note the $|f|$. **A large loss drowns a small slope**: below, we lift the
# function by 1000, which changes no slope at all.

# %%
u, h, points = 2.0**-24, 1e-3, rng.uniform(0.5, 1.5, 1000)  # we watch float32 from float64
for lift in (0.0, 1000.0):
    above, below = np.exp(points + h) + lift, np.exp(points - h) + lift
    stored = above.astype(np.float32).astype(float) - below.astype(np.float32).astype(float)
    errors = np.abs(stored - (above - below)) / (2 * h)
    bound = u * above / h
    assert (errors <= bound).all() and errors.max() > 0.3 * bound.max()  # (4), nearly reached
    print(f"lifted by {lift:4.0f}: slopes near 2.7, rounding costs up to {errors.max():.1g}")

# %% [markdown]
# ### The best step
#
# Rounding (4) and bending (3) together, at worst:
#
# $$E(h) = \frac{u\,|f|}{h} + \frac{h^2}{6}\,|f'''| \tag{5}$$
#
# The first term falls with $h$, the second rises. In between $E$ is smallest, and there its own slope
# is 0. (If $f'''$ is 0, as for a parabola, nothing rises: the wider the step, the better.)
#
# $$-\frac{u\,|f|}{h^2} + \frac{h}{3}\,|f'''| = 0, \qquad
# h_{\text{best}} = \sqrt[3]{\frac{3u\,|f|}{|f'''|}}, \qquad
# E(h_{\text{best}}) = \frac{h_{\text{best}}^2}{2}\,|f'''| \tag{6}$$
#
# The one-sided difference has $E(h) = 2u|f|/h + h|f''|/2$, and by the same steps
# $h_{\text{best}} = 2\sqrt{u|f|/|f''|}$ and $E(h_{\text{best}}) = h_{\text{best}}\,|f''|$.
# Roughly: of the computer's digits, one side keeps half, two sides keep two thirds.

# %%
steps = 10 ** np.linspace(-12, 0, 200001)
for precision, u in (("float64", 2.0**-53), ("float32", 2.0**-24)):
    f0, f2, f3 = rng.uniform(0.3, 3, size=3)  # sizes of f, f'' and f'''
    E1, h1 = 2 * u * f0 / steps + steps * f2 / 2, 2 * np.sqrt(u * f0 / f2)
    E2, h2 = u * f0 / steps + steps**2 * f3 / 6, (3 * u * f0 / f3) ** (1 / 3)
    for E, h, least in ((E1, h1, h1 * f2), (E2, h2, h2**2 * f3 / 2)):
        assert np.allclose([steps[E.argmin()], E.min()], [h, least], rtol=0.01, atol=0)  # (6)
    print(f"{precision}, sizes 1: one-sided h = {2 * u**0.5:.1e}, error {2 * u**0.5:.1e}", end="")
    print(f"; central h = {(3 * u) ** (1 / 3):.1e}, error {(3 * u) ** (2 / 3) / 2:.1e}")
figures.error_figure()
plt.show()

# %% [markdown]
# **Figure.** So **c**, `1e-5`. Measured: the slope of $e^x$, at 200 points with every step; drawn is the
# worst point. Both axes are logarithmic. From right to left, first the bending shrinks, with $h$ or with
# $h^2$, then the rounding grows like $1/h$. Dotted: formula (5); the measured curves rise a few times above
# it, since $x \pm h$ is rounded too. In float32 the V stands higher and further right: four or five digits
# at best, and left of $3 \cdot 10^{-8}$ the step is lost, since $x + h$ is rounded to $x$. **Gradients are
# checked in float64.** The dash-dotted curve has no left arm at all. What is it?

# %% [markdown]
# ## A step sideways
#
# Let the step be *imaginary*: $x + ih$ with $i^2 = -1$. If $f$ is the sum of its Taylor series near $x$, as
# $e^x$ or $\tanh$ are, the series (1) does not mind:
#
# $$f(x + ih) = f + ihf' - \tfrac{h^2}{2} f'' - i\tfrac{h^3}{6} f''' + \dots$$
#
# $f, f', \dots$ are real, so the slope is in the imaginary part, alone but for powers of $h$. Divide by $h$:
#
# $$\frac{\mathrm{Im}\, f(x + ih)}{h} = f' - \tfrac{h^2}{6} f''' + \dots \tag{7}$$
#
# **Nothing is subtracted, so nothing drowns.** We may take $h = 10^{-30}$; its square is nothing, and
# all digits are right. And one pass does it. By hand: $(3 + ih)^2 = 9 - h^2 + 6ih$, and $6h / h = 6$ for
# every $h$. (What this asks of the code of $f$ comes below.)

# %%
def sideways(f, x, h=1e-30):
    return f(x + 1j * h).imag / h

f = lambda x: np.exp(k * x)
assert np.isclose(sideways(f, x, 1e-3) - D[1], -(1e-3**2) / 6 * D[3], rtol=0.01, atol=0)  # (7)
points = rng.uniform(0.5, 1.5, 200)
errors = [relative_error(sideways(f, one), k * f(one)) for one in points]
print("200 points, error below 1e-14 at every one:", max(errors) < 1e-14)
print(f"(3 + ih)^2 gives {sideways(lambda x: x**2, 3.0):.1f}")

# %% [markdown]
# ## A whole gradient: count the passes
#
# A loss has many arguments. To measure one entry, move that entry and leave the others: each entry
# costs passes of its own. The study card that this course grew from (*the card*, from here on) writes
# the central formula $(L(\theta_i + \varepsilon) - L(\theta_i - \varepsilon)) / 2\varepsilon$, and says
# that $n$ parameters need $n$ forward passes. (`NeuralNetwork` is the subject of lesson 07. Here it is a
# loss and a dict of parameters, no more.)
#
# **Predict**, then count: how many does its own XOR network 2-4-2 need, with
# $2 \cdot 4 + 4 + 4 \cdot 2 + 2 = 22$ parameters?

# %%
def one_at_a_time(network, X, y):
    """Yield each parameter, with the loss as a function of it alone."""
    for name, array in network.parameters.items():
        yield array, lambda x, name=name: network.loss(X, y, network.parameters | {name: x})

network = NeuralNetwork([2, 4, 2], seed=0)
X, y = rng.normal(size=(5, 2)), rng.integers(2, size=5)
for measure in (numerical_gradient, complex_step_gradient):
    passes = []
    for array, loss in one_at_a_time(network, X, y):
        measure(lambda x: passes.append(1) or loss(x), array)  # append returns None
    print(f"{measure.__name__:22} {len(passes)} forward passes for 22 parameters")

# %% [markdown]
# ## One random direction
#
# It takes $2n$, not $n$ (one-sided $n + 1$, the complex step $n$). Two million passes for a million
# parameters! So move *all* entries at once, along an array $v$ of the shape of $x$: from $x$ to $x + tv$.
# With $g$ for the gradient, the loss changes at the rate
#
# $$\frac{d}{dt} f(x + tv) \Big|_{t = 0} = \sum_i g_i v_i = \langle g, v \rangle \tag{8}$$
#
# Entry $i$ moves at the rate $v_i$, a unit of that costs $g_i$, and the shares add: the chain rule. The
# left side takes *one* pass with a complex step. The right side is a sum over the gradient that is to be
# checked. **Two numbers that must agree, whatever the size of $x$.** Here it is 6,400 weights of a network
# for digits.

# %%
digits, labels = (array[:16] for array in datasets.digits()[:2])
network = NeuralNetwork([64, 100, 10], seed=0)
W1, loss = next(one_at_a_time(network, digits, labels))
dW1 = network.loss_and_gradients(digits, labels)[1]["W1"]
v = rng.normal(size=W1.shape)
along, predicted = sideways(lambda t: loss(W1 + t * v), 0.0), (dW1 * v).sum()
assert np.isclose(along, predicted, rtol=1e-9, atol=0)  # (8)
print(f"measured along v, one pass: {along:.6f}; predicted from dW1: {predicted:.6f}")
figures.direction_figure()
plt.show()

# %% [markdown]
# **Figure.** Left: a gradient of two entries, and a wrong one. For a $v$ of length 1 the slope along $v$ is
# the length of the shadow on it, with a sign. Right: the gap between the shadows, for every angle of $v$.
# One direction is blind, at a right angle to the mistake.
#
# How likely is *nearly* blind? Say $g + e$ is claimed; then the gap is $|\langle e, v \rangle|$. With
# standard normal entries in $v$, $\langle e, v \rangle$ is normal too, with mean 0 and standard deviation
# $|e|$, the length of the mistake. So $\langle e, v \rangle / |e|$ is standard normal, with the density
# $1/\sqrt{2\pi}$ at 0, and for small $t$
#
# $$P\big(|\langle e, v \rangle| < t\,|e|\big) \approx \frac{2t}{\sqrt{2\pi}} \approx 0.8\, t \tag{9}$$
#
# **This holds however many entries there are, and however few of them are wrong.**

# %%
e = np.zeros(50)
e[[3, 17]] = 2.0, -0.5  # two wrong entries of fifty
gaps = np.abs(rng.normal(size=(100_000, 50)) @ e) / np.sqrt((e**2).sum())
for t in (0.1, 0.01):
    share = (gaps < t).mean()
    assert abs(share - 0.8 * t) < 0.12 * t  # (9)
    print(f"t = {t}: {share:.2g} of the directions see less than t times the mistake")

# %% [markdown] slideshow={"slide_type": "subslide"}
# Many courses advise to check a few entries, picked at random. **Predict:** one of the 6,400 entries is
# wrong. In how many of a hundred trials do ten random entries see it, and in how many does one direction?
# (The ten are compared with the exact entries. Along the direction, 1e-5 is allowed to the central
# difference for its rounding, and 1e-9 to the complex step. What even that misses is a mistake in an entry
# near 0, too small to matter.)

# %% tags=["nbval-ignore-output"]
places = np.flatnonzero(dW1)  # a pixel that is 0 in all images gives zeros, right or not
for words, factor in (("1 % too large", 1.01), ("0.01 % too large", 1.0001), ("nothing wrong", 1)):
    seen = np.zeros(3, int)
    for v in rng.normal(size=(100, *W1.shape)):
        F, h, claimed = lambda t: loss(W1 + t * v), 1e-5 / np.linalg.norm(v), dW1.copy()
        claimed.flat[rng.choice(places)] *= factor
        ten = rng.choice(dW1.size, 10, replace=False)
        by_ten, predicted = (claimed.flat[ten] != dW1.flat[ten]).any(), (claimed * v).sum()
        off = [relative_error(slope, predicted) for slope in (central(F, 0.0, h), sideways(F, 0.0))]
        seen += [by_ten, off[0] > 1e-5, off[1] > 1e-9]
    print(f"{words:17} ten entries {seen[0]:3}   central {seen[1]:3}   complex step {seen[2]:3}")
    assert not seen.any() if factor == 1 else seen[2] >= 98

# %% [markdown]
# ## How far apart is too far?
#
# A difference alone says little: 0.001 is nothing beside 1000, and everything beside 0.001. Compare it
# with the larger of the two, and in arrays take the worst entry:
#
# $$\text{relative error} = \frac{|a - b|}{\max(|a|, |b|)}, \qquad 0 \text{ where both are } 0 \tag{10}$$
#
# It is 0 for equals, 1 where one of the two is lost, 2 for opposite signs. (Some courses divide by
# $|a| + |b|$, or by a small number if that is larger. Then 3e-20 and 4e-20 look equal, though deep in a
# network such a gradient may be all there is.)
#
# | below | complex step | central, float64 |
# |---|---|---|
# | 1e-12 | right | better than expected |
# | 1e-9 | right, after a long computation | right |
# | 1e-6 | wrong, a little | right |
# | 1e-3 | wrong | a kink? a small slope beside a large loss? or wrong |
# | beyond | wrong | wrong, or a kink |

# %%
for a, b in ((1000, 1000.001), (2e-6, 3e-6), (3e-20, 4e-20), (0.0, 0.7), (0.2, -0.2), (0.0, 0.0)):
    print(f"{a:5g} and {b:8.7g}   difference {abs(a - b):7.1g}", end="")
    print(f"   relative error {relative_error(a, b):.2g}")
a, b = rng.normal(size=(2, 1000))
assert relative_error(a, b) == relative_error(b, a) == max(map(relative_error, a, b)) <= 2

# %% [markdown]
# ## The code as shipped
#
# Both rulers of `backprop_course/gradcheck.py`, and how it draws a direction.
#
# The complex step asks something of $f$: every operation on the way must treat complex numbers as algebra
# does. Sums, products, powers, `np.exp`, `np.tanh` do. What asks for a *size* does not: `np.abs` is real,
# and the imaginary part is gone; so it is in an array made for floats. Hence the mistrust below: what
# raises, warns, comes back real or is not finite is refused, and central differences step in.
#
# The entries of a direction have random signs and sizes from 0.5 to 1.5: none is so small that a mistake
# could hide behind it.

# %%
for piece in (gradcheck._complex_slope, gradcheck._central_slope, gradcheck._random_direction):
    print(inspect.getsource(piece))

# %% [markdown]
# ## Where tests deceive
#
# A good ruler is half of a test. The other half is *where* you lay it. Somebody tests `linear_backward`
# with one example ($N = 1$), a square `W` ($D = M = 3$) and a `dout` of ones. `X` and `W` are random,
# every entry of `dX`, `dW` and `db` is compared with measured slopes. Whose mistake does the test find?
#
# - **a** Ada leaves dout out: `dW = X.T @ np.ones_like(dout)`
# - **b** Ben averages: `db = dout.mean(axis=0)`
# - **c** Cem forgets a transpose: `dX = dout @ W`
# - **d** Dora multiplies sums: `dW = np.outer(X.sum(axis=0), dout.sum(axis=0))`

# %%
check_answer("06.q2", ...)

# %% [markdown]
# ### Seven mistakes, five tests
#
# Four tests, each with one convenience that people like: only shapes compared, all sizes 3; a `dout` of
# ones; a single example; a `W` of zeros. The fifth has none of them, and is no more work. (Measured slopes
# are right to fifteen digits, so the right formulas stand in for them here.)
#
# **Before you run it**, find for each of the four a mistake below that it misses.

# %%
mistakes = {
    "dout left out": ("dW", lambda X, W, dout: X.T @ np.ones_like(dout)),
    "sums multiplied": ("dW", lambda X, W, dout: np.outer(X.sum(axis=0), dout.sum(axis=0))),
    "dW transposed": ("dW", lambda X, W, dout: dout.T @ X),
    "db averaged": ("db", lambda X, W, dout: dout.mean(axis=0)),
    "db, wrong axis": ("db", lambda X, W, dout: dout.sum(axis=1)),
    "W only reshaped": ("dX", lambda X, W, dout: dout @ W.reshape(W.T.shape)),
    "sign of dX": ("dX", lambda X, W, dout: -dout @ W.T)}
def finds(which, wrong, X, W, dout, only_shapes=False):
    got, right = wrong(X, W, dout), {"dX": dout @ W.T, "dW": X.T @ dout, "db": dout.sum(0)}[which]
    return got.shape != right.shape or not (only_shapes or np.allclose(got, right))

# %% slideshow={"slide_type": "subslide"}
def draw(N=5, D=4, M=3):
    return rng.normal(size=(N, D)), rng.normal(size=(D, M)), rng.normal(size=(N, M))

X, W, dout = draw()
tests = {"shapes": (*draw(3, 3, 3), True), "ones": (X, W, np.ones_like(dout)),
         "N = 1": draw(N=1), "W = 0": (X, 0 * W, dout), "fair": (X, W, dout)}
print(" " * 15, *(f"{test:>7}" for test in tests))
for mistake, (which, wrong) in mistakes.items():
    found = [finds(which, wrong, *test) for test in tests.values()]
    print(f"{mistake:15}", *(f"{'found' if one else '-':>7}" for one in found))
    assert found[-1] and not all(found)

# %% [markdown]
# ## Free checks: directions whose slope you know
#
# Ones deceive most behind a softmax. Its rows sum to 1, whatever the logits, so with a `dout` of ones the
# loss is constant: the right gradient is 0, and *returning zeros passes*. But turn it round. If something
# may be done to the input without effect, the slope in that direction is 0, and nothing need be measured:
#
# - softmax, a number added to a row: **each row of `dZ` sums to 0**, for any `dout`;
# - a linear layer, $X$ times $1 + t$ and $W$ divided by it:
#   $\langle X, dX \rangle - \langle W, dW \rangle = 0$.
#
# Such an *invariant* sees a lost term or a wrong axis. It cannot see a common factor: twice zero is zero.

# %%
Z, upstream = rng.normal(size=(5, 4)), rng.normal(size=(5, 4))
P, cache = losses.softmax_forward(Z)
slopes = complex_step_gradient(lambda Z: losses.softmax_forward(Z)[0].sum(), Z)
print("dout of ones: a backward that returns zeros passes:", np.allclose(slopes, 0))
dZ, diagonal_alone = losses.softmax_backward(upstream, cache), upstream * P * (1 - P)
for words, array in (("right dZ", dZ), ("without the products p_i p_j", diagonal_alone)):
    print(f"{words}: rows sum to 0: {np.allclose(array.sum(axis=1), 0)}")
dX, dW, db = layers.linear_backward(dout, (X, W))
assert np.isclose((X * dX).sum(), (W * dW).sum())
print(f"<X, dX> = {(X * dX).sum():.4f} = <W, dW> = {(W * dW).sum():.4f}")

# %% [markdown]
# ## The check, and how to read it
#
# `check_pair(forward, backward, *inputs)` draws a random `dout`, takes the sum of `dout * out` as loss
# and one random direction for each input. It also looks whether anything was written into, and whether
# twice the `dout` gives twice as much. `check_gradients(loss, arrays, gradients)` takes any loss.
#
# The verdict comes first, then a line for each array. *Agrees (below 1e-12)* is a bound; the error itself
# differs from machine to machine. First a right pair, then five wrong ones: **predict** what their reports
# will say besides "wrong".

# %%
def spoilt(change):
    return lambda dout, cache: change(dout, *cache, *layers.linear_backward(dout, cache))

def overwriting(dout, cache):
    dout *= 2
    return layers.linear_backward(dout / 2, cache)

X, W, b = rng.normal(size=(5, 4)), rng.normal(size=(4, 3)), rng.normal(size=3)
right = check_pair(layers.linear_forward, layers.linear_backward, X, W, b)
assert right
print(right)

# %% slideshow={"slide_type": "subslide"}
patients = {
    "db averaged": spoilt(lambda dout, X, W, dX, dW, db: (dX, dW, db / len(X))),
    "db with its axis kept": spoilt(lambda dout, X, W, dX, dW, db: (dX, dW, db[np.newaxis])),
    "one input forgotten": spoilt(lambda dout, X, W, dX, dW, db: (dX * [1, 1, 0, 1], dW, db)),
    "dout left out": spoilt(lambda dout, X, W, dX, dW, db: (dX, X.T @ np.ones_like(dout), db)),
    "written into dout": overwriting,
}
for name, backward in patients.items():
    report = check_pair(layers.linear_forward, backward, X, W, b)
    assert not report
    print(f"{name}: {report}\n")

# %% [markdown] slideshow={"slide_type": "subslide"}
# | the report says | look for |
# |---|---|
# | every entry is 0.2 times the right one | a constant: $1/N$ twice or never, a lost $\frac12$ or 2, a sign |
# | all wrong entries are in row or column ... | a slice, an index, a unit left out |
# | no other entry is wrong | ties, repeated indices, one special case |
# | its shape is ... | a sum that is missing or kept its axis; a transpose |
# | backward ignores dout | the local derivative, returned alone |
# | writes into ... | `+=` and `*=` on an array that belongs to somebody else |
#
# Sometimes the report speaks about the *check*, not about the gradient. Four such cases:

# %% slideshow={"slide_type": "subslide"}
dice, point = np.random.default_rng(0), np.array([0.3, -1.2, 2.0])
for words, f, claimed in (
    ("fresh random numbers", lambda x: (x * (dice.random(3) < 0.5)).sum(), np.ones(3)),
    ("abs", lambda x: np.abs(x).sum(), np.sign(point)),
    ("vdot", lambda x: np.vdot(x, x), 2 * point),
    ("exactly on a kink", lambda x: np.where(x.real > point, x - point, 0).sum(), np.ones(3)),
):
    print(f"{words}: {check_gradients(f, {'x': point}, {'x': claimed})}\n")

# %% [markdown] slideshow={"slide_type": "subslide"}
# The first draws new random numbers in each pass, as a layer of a later lesson does: freeze them. The next
# two are right, but the complex step was given up, so fewer digits are promised. (`np.vdot` conjugates, and
# passes every guard of `_complex_slope` with a slope of 0. It was found out because the other ruler is asked
# before a gradient is called wrong.) The kink comes below.
#
# ### A whole network
#
# One call, four arrays, 7,510 parameters, four passes. If an array is wrong, the check halves the suspects
# until one entry is left: about $2 \log_2 n$ passes more. The second time, we put 0.01 % too much on one of
# 6,400 entries.

# %% slideshow={"slide_type": "subslide"}
gradients = network.loss_and_gradients(digits, labels)[1]
for place in (None, (37, 58)):
    if place:
        gradients["W1"][place] *= 1.0001
    passes = []
    count = lambda **arrays: passes.append(1) or network.loss(digits, labels, arrays)
    report = check_gradients(count, network.parameters, gradients)
    print(report)
    print("passes:", "4\n" if len(passes) == 4 else "fewer than 60; entry by entry 15,020")
    assert len(passes) == 4 if place is None else report.tensors[0].entry == place
assert len(passes) < 60

# %% [markdown]
# ## Kinks
#
# ReLU has a corner at 0. A pre-activation happens to be $z = 4 \cdot 10^{-6}$, to the right of it, where
# the slope is 1. Somebody measures it by the central difference, with $h = 10^{-5}$. **Which number do
# they get?** Write down the two points.

# %%
check_answer("06.q3", ...)  # your number in place of the dots, then run

# %% slideshow={"slide_type": "subslide"}
figures.kink_figure()
plt.show()

# %% [markdown]
# **Figure.** Left: a point half a step to the *left* of the corner. The secant reaches across; its slope is
# 0.25, where the backward pass rightly says 0. Right: the measured slope at every place. Within one step of
# the corner the central difference mixes two slopes. The complex step does not: ReLU decides by the real
# part, which did not move.
#
# ### Exactly on the corner
#
# XOR has the example $(0, 0)$, and biases start at 0. So there $z = 0$ exactly, in every unit. There is no
# slope; the backward pass says 0, a convention. The central difference finds half of the slope on the right,
# for *every* $h$: on the card's own example it calls a right `db1` wrong, by half of `dA1[0]`.

# %%
network = NeuralNetwork([2, 4, 2], seed=2)
X, y = datasets.xor()
db1 = network.loss_and_gradients(X, y)[1]["b1"]
b1, loss = list(one_at_a_time(network, X, y))[1]
db_num = numerical_gradient(loss, b1)
dZ2 = (network.predict_probabilities(X) - np.eye(2)[y]) / len(X)
dA1 = dZ2 @ network.parameters["W2"].T
assert np.allclose(db_num - db1, dA1[0] / 2, rtol=1e-5, atol=0)
assert relative_error(complex_step_gradient(loss, b1), db1) < 1e-9  # by its real part, as backward
print(f"backward {db1}\ncentral  {db_num}")

# %% [markdown]
# ## Drag it yourself
#
# The explorer starts with the case by hand. Its lower window takes the true slope away and enlarges the
# rest. An arrow key moves the step by a quarter of a decade.
#
# 1. Lower the step. Where is the error smallest? What comes in the lower window?
# 2. `1000 + sin(x)`: which arm moves, and how far?
# 3. `float32`; then the complex step, down to 1e-20.
# 4. `ReLU(x - 1)`, point 1.05: at which step does the error jump? (So near a kink: another point, or a
#    smaller step, or sideways.)
#
# <details><summary>Answers</summary>
#
# 1: near 3e-6; below it the stairs of the stored numbers. 2: rounding, up by three decades, as (4) says.
# 3: a higher V; no left arm. 4: at 0.05, the distance to the kink.
#
# </details>

# %% slideshow={"slide_type": "subslide"}
StepSizeExplorer()

# %% [markdown]
# ## Break it on purpose: the card's loss
#
# The card takes the mean of $-\log(p_y + 10^{-8})$ over the batch, and returns `P - Y`. Lesson 05 told you
# what is wrong with that. Suppose you did not know. We check (round 1), mend what the report names (round
# 2), and check again.
#
# **Predict:** how many rounds does it take?

# %%
y = np.array([2, 0, 3, 2, 1])  # five examples, four classes

def card_loss(Z, epsilon):
    P = losses.softmax_forward(Z)[0]
    return -np.log(P[np.arange(5), y] + epsilon).mean()

Z = rng.normal(size=(5, 4))
dZ = losses.softmax_forward(Z)[0] - np.eye(4)[y]
for words, epsilon, N in (("the card", 1e-8, 1), ("divided by N", 1e-8, 5), ("no 1e-8", 0, 5)):
    report = check_gradients(lambda Z: card_loss(Z, epsilon), {"Z": Z}, {"Z": dZ / N})
    print(f"{words}: {report}")

# %% [markdown] slideshow={"slide_type": "subslide"}
# Round 1 names the factor 5, the number of examples: a mean in the loss, a sum in the gradient. Round 2
# shows six equal digits, and still says *wrong*: the slope of $\log(p + 10^{-8})$ is $1/(p + 10^{-8})$, and a
# check to nine digits sees it. A generous one would not; yet where $p$ is near 0 the same line is off by
# nearly everything. **A small disagreement may be a large one somewhere else.**
#
# Now a ruler with a fault. You will write `numerical_gradient` in the exercises. This one saves the copies
# and moves `x` itself, there and back. Its slopes are right. What does the checker find?

# %%
def numerical_gradient(f, x, h=1e-5):
    if not np.issubdtype(x.dtype, np.floating):
        raise TypeError("x must hold floats")
    grad = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        x[i] += h
        above = float(f(x))
        x[i] -= 2 * h
        grad[i] = (above - float(f(x))) / (2 * h)
        x[i] += h
    return grad
check(numerical_gradient)

# %% [markdown]
# ## The short way equals the long way
#
# The long way measures all $n$ entries, with $2n$ passes, and then adds them up along $v$. The short way
# measures once, along $v$. By (8) both are $\langle g, v \rangle$, and so is what the backward pass
# predicts. Three witnesses for each of six arrays:

# %%
network = NeuralNetwork([6, 7, 5, 3], activation=Tanh, seed=1)
X, y = rng.normal(size=(4, 6)), rng.integers(3, size=4)
gradients, passes = network.loss_and_gradients(X, y)[1], 0
for (name, g), (array, loss) in zip(gradients.items(), one_at_a_time(network, X, y)):
    v = rng.normal(size=array.shape)
    long_way = (gradcheck.numerical_gradient(loss, array) * v).sum()
    short_way, backward = sideways(lambda t: loss(array + t * v), 0.0), (g * v).sum()
    assert relative_error(long_way, short_way) < 1e-5 and relative_error(backward, short_way) < 1e-9
    passes += 2 * array.size
    print(f"{name}: long way {long_way:8.5f}  short way {short_way:8.5f}  backward {backward:8.5f}")
print(f"the long way took {passes} passes, the short way {len(gradients)}")

# %% [markdown]
# ## What no gradient check sees
#
# A check compares the backward pass with the forward pass. If the *forward* pass is not what you meant,
# both agree, and both are wrong. A classic: predictions of shape `(N, 1)`, targets of shape `(N,)`. NumPy
# pairs every prediction with every target.

# %%
X, w, target = rng.normal(size=(5, 4)), rng.normal(size=(4, 1)), rng.normal(size=5)

def loss(w):
    return ((X @ w - target) ** 2).mean() / 2

dw = X.T @ (X @ w - target).mean(axis=1, keepdims=True) / 5
print(check_gradients(loss, {"w": w}, {"w": dw}))
meant = ((X @ w - target[:, np.newaxis]) ** 2).mean() / 2
print(f"shape of the difference: {(X @ w - target).shape}; loss {loss(w):.4f}, meant {meant:.4f}")

# %% [markdown]
# ## Formula card
#
# | ruler | formula | bending | best $h$, error in float64 | passes |
# |---|---|---|---|---|
# | one-sided | $(f(x + h) - f(x)) / h$ | $h f''/2$ | 2e-8, 2e-8 | $n + 1$ |
# | central | $(f(x + h) - f(x - h)) / 2h$ | $h^2 f'''/6$ | 7e-6, 2e-11 | $2n$ |
# | complex step | $\mathrm{Im} f(x + ih) / h$ | $-h^2 f'''/6$ | 1e-30, 1e-16 | $n$ |
# | along $v$ | $\langle g, v \rangle$ | as above | as above | 1 or 2 an array |
#
# **A fair test**: float64; several examples; sizes that all differ; random everything, `dout` too;
# random numbers frozen; a point beside kinks; also extreme inputs; relative errors, shapes compared.
#
# | what no gradient check sees | what does |
# |---|---|
# | a forward pass that you did not mean | a case by hand, the first loss, invariants |
# | gradients that are used wrongly | one step of training by hand (lesson 07) |
# | a right gradient of nearly 0 | looking at its size (lessons 04, 05) |
#
# **[Exercises 06](../exercises/06_gradient_checking.ipynb)** (12 points): `numerical_gradient`,
# `relative_error`, `complex_step_gradient`, `directional_check`, one formula, the three questions of this
# page. **Elsewhere.** Others say *centred* or *symmetric difference*; PyTorch has `torch.autograd.gradcheck`,
# JAX `check_grads`. *Gradient checks* in the notes of Stanford's CS231n is the best-known page: its advice
# on float64, kinks and relative errors is measured here. The complex step: Squire and Trapp, *Using
# complex variables to estimate derivatives of real functions*, SIAM Review 40 (1998).
