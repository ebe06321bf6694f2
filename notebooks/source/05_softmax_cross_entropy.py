# %% [markdown]
# # Lesson 05. Softmax and cross-entropy
#
# **A classifier's gradient is its prediction minus the truth. You will derive that twice, check
# every line by machine, and write it so that no logit can break it.**
#
# **You need** lesson 01 (chain rule), lesson 03 (`dW = X.T @ dZ`) and the derivatives of $e^x$ and
# $\ln x$. **Time:** 75 minutes, then the exercises.
#
# After this you can
#
# - derive the Jacobian of softmax, go backward through it without building it, and say why it
#   meets cross-entropy in $(P - Y)/N$;
# - put 1/N where it belongs: in one place;
# - write a loss that is right at logits of 100,000, and explain what `log(p + 1e-8)` spoils.

# %%
import inspect

import numpy as np

from backprop_course import check, check_answer, losses
from backprop_course.figures import softmax as figures
from backprop_course.figures import style
from backprop_course.gradcheck import check_pair, complex_step_gradient
from backprop_course.widgets.softmax import SoftmaxExplorer

np.set_printoptions(precision=4, suppress=True)
rng, plt = np.random.default_rng(5), style.use()

# %% [markdown]
# ## Predict before you run
#
# A network gives three classes the scores $(0, \ln 2, \ln 3)$. Its probabilities for them are
# $\frac16, \frac26, \frac36$; how, you will see in a minute. The right class is the middle one, and
# the loss looks at nothing but that class's probability: $-\ln \frac26 = 1.0986$.
#
# Which scores get a gradient that is not zero?
#
# - **a** only the middle one: no other probability enters the loss
# - **b** only the last one: it is the wrong class that won
# - **c** all three
# - **d** the first and the last: the right class needs no correction

# %%
check_answer("05.q1", ...)  # your letter in quotes in place of the dots, then run

# %% [markdown]
# ## From odds to probabilities
#
# Three horses win with the odds 1 : 2 : 3: the second twice as often as the first, the third three
# times as often. Their probabilities are $\frac16, \frac26, \frac36$: divide each number by the
# sum. Odds must be positive, but a network's last layer puts out any real numbers. So we read them
# as *logarithms* of odds and call them **logits**.
#
# Let $z$ be the logits of one example, shape `(C,)` for `C` classes. Exponentials give the odds,
# division by their sum $s$ gives the probabilities. This is **softmax**:
#
# $$p_i = \frac{e^{z_i}}{s}, \qquad s = \sum_k e^{z_k}$$
#
# The logits $(0, \ln 2, \ln 3)$ have the odds 1 : 2 : 3.

# %%
def softmax(z):
    odds = np.exp(z)
    return odds / odds.sum()


z = np.log([1.0, 2.0, 3.0])
p = softmax(z)
assert np.allclose(p, [1 / 6, 2 / 6, 3 / 6])
print(f"logits {z}   odds {np.exp(z)}   probabilities {p}")
figures.odds_figure(z)
plt.show()

# %% [markdown]
# **Figure.** The same example three times: logits, odds, probabilities. From the first panel to the
# second, differences become ratios: a logit that is $\ln 2$ higher has twice the odds. From the
# second to the third only the scale changes: the bars keep their shape, and now they sum to 1.

# %% [markdown]
# ### Only the gaps count
#
# Add the same number $c$ to all logits. All odds are multiplied by $e^c$, their sum too, and the
# factor cancels:
#
# $$\frac{e^{z_i + c}}{\sum_k e^{z_k + c}} = \frac{e^c e^{z_i}}{e^c \sum_k e^{z_k}} = p_i$$
#
# This small line does two things for us. It lets us **shift any row to a safe place**: minus its
# largest logit, so that no exponential is above 1 and none overflows. And it is a **promise about
# gradients**: whatever is computed from $p$ does not feel a common shift. Its slope along the shift
# is the sum of the entries of its gradient with respect to $z$, so that sum must be 0.

# %%
assert np.allclose(softmax(z + 7), softmax(z))

large = z + 1000
with np.errstate(over="ignore", invalid="ignore"):
    print("inf / inf, exponentials of 1000 and more:", softmax(large))
print("the same row, shifted first:             ", softmax(large - large.max()))

# %% [markdown]
# ## The loss: how surprised are we?
#
# Let $y$ be the label, the number of the right class. The loss of the example is
#
# $$\ell = -\ln p_y$$
#
# It is 0 if the network was certain and right, and grows without bound as $p_y$ goes to 0. Written
# with the **one-hot** row $Y$, which is 1 at the label and 0 elsewhere, the same number is the
# **cross-entropy**
#
# $$\ell = -\sum_k Y_k \ln p_k$$
#
# (NumPy's name for $\ln$ is `np.log`, and the exercises write $\log$.) A first yardstick: a network
# that knows nothing spreads its belief evenly over `C` classes, and its loss is $\ln C$. For ten
# digits that is 2.30; your first loss should be near it.

# %%
y = 1
Y = np.eye(3)[y]
loss = -np.log(p[y])
assert np.isclose(loss, -(Y * np.log(p)).sum())
print(f"one-hot row {Y}   loss -ln(1/3) = {loss:.4f}")

even = np.full(10, 1 / 10)
print(f"an even guess among ten classes costs {-np.log(even[0]):.4f} = ln 10")

# %% [markdown]
# ### A witness, and the first slope
#
# Each line below will be checked against slopes that know nothing of our formulas. `slopes`
# measures them by a tiny *imaginary* step: the slope comes out in the imaginary part, exact to the
# last digits. Lesson 06 says why; here it is simply our witness. From now on $z$ is random, with
# `C = 4`, so that no lucky number helps a wrong formula.
#
# Our first line is the gradient of the loss with respect to the probabilities. Only the logarithm
# has to be differentiated. Each $p_k$ may move alone here; softmax will tie them together.
#
# $$dp_k = \frac{\partial \ell}{\partial p_k} = -\frac{Y_k}{p_k}$$

# %%
def slopes(f, x, h=1e-30):
    """Return df/dx at x: one slope a column, one row an output if f has several."""
    return np.stack([f(x + 1j * h * unit).imag / h for unit in np.eye(len(x))], axis=-1)


z = rng.normal(size=4)
p, Y = softmax(z), np.eye(4)[2]
dp = -Y / p
assert np.allclose(slopes(lambda p: -(Y * np.log(p)).sum(), p), dp, rtol=1e-12)
print(f"label 2: dp is {dp[2]:.4f} there and 0 elsewhere, like the measured slopes")

# %% [markdown]
# ## Road one: through the Jacobian
#
# The loss depends on $p$, and $p$ on $z$. We need all slopes $\partial p_i / \partial z_j$: `C`
# times `C` numbers, of two kinds. **Line 1: a probability and its own logit.** The quotient rule
# $(u/v)' = (u'v - uv')/v^2$ with $u = e^{z_i}$ and $v = s$. Both answer to $z_i$, and both with
# $e^{z_i}$:
#
# $$\frac{\partial p_i}{\partial z_i} = \frac{e^{z_i} s - e^{z_i} e^{z_i}}{s^2}
# = p_i - p_i^2 = p_i (1 - p_i)$$
#
# It is positive, and largest where the network is undecided: $\frac14$ at $p_i = \frac12$.

# %%
odds, s = np.exp(z), np.exp(z).sum()
own = (odds * s - odds * odds) / s**2
assert np.allclose(own, p - p**2, rtol=1e-12)
assert np.allclose(own, p * (1 - p), rtol=1e-12)
assert np.allclose(own, np.diag(slopes(softmax, z)), rtol=1e-12)
print("own logit:", own, " agrees with the measured slopes")

# %% [markdown]
# ### Line 2: a probability and another logit
#
# Let $j \neq i$. The numerator $e^{z_i}$ does not contain $z_j$, so $u' = 0$. The sum does, with
# the slope $e^{z_j}$:
#
# $$\frac{\partial p_i}{\partial z_j} = \frac{0 \cdot s - e^{z_i} e^{z_j}}{s^2} = -p_i p_j$$
#
# It is negative: what one class wins, the others lose. This is the answer to the prediction above.
# The loss looks at one probability, but each logit sits in its denominator.

# %%
i, j = 0, 3
other = (0 * s - odds[i] * odds[j]) / s**2
assert np.isclose(other, -p[i] * p[j], rtol=1e-12)

off_diagonal = ~np.eye(4, dtype=bool)
assert np.allclose(slopes(softmax, z)[off_diagonal], -np.outer(p, p)[off_diagonal], rtol=1e-12)
print(f"p[{i}] answers to z[{j}] with {other:.4f}; all 12 pairs agree with the measured slopes")

# %% [markdown]
# ### Line 3: both kinds in one matrix
#
# Line 1 is $p_i - p_i p_i$ and line 2 is $0 - p_i p_j$. With $\delta_{ij}$, which is 1 for $i = j$
# and 0 otherwise, both are
#
# $$J_{ij} = \frac{\partial p_i}{\partial z_j} = p_i \delta_{ij} - p_i p_j, \qquad
# J = \mathrm{diag}(p) - p\, p^T$$
#
# $\mathrm{diag}(p)$ has $p$ on its diagonal, $p\, p^T$ is the table of all products $p_i p_j$. Rows
# are outputs, columns inputs. Each **column** sums to 0, because the probabilities always sum
# to 1. Each **row** sums to 0, because a common shift of the logits changes nothing. For the hand
# case we print 36 times the Jacobian, which is all whole numbers.

# %%
J_p_z = np.diag(p) - np.outer(p, p)
assert np.allclose(J_p_z, slopes(softmax, z), rtol=1e-12)
assert np.allclose(J_p_z.sum(axis=0), 0) and np.allclose(J_p_z.sum(axis=1), 0)

hand = np.array([1.0, 2.0, 3.0]) / 6
print(36 * (np.diag(hand) - np.outer(hand, hand)))

# %% [markdown]
# ### Line 4: backward, without the matrix
#
# Some gradient $dp$ arrives, and we want $dz$. The chain rule adds up over all outputs $i$; put line
# 3 in and the $\delta_{ij}$ keeps one term:
#
# $$dz_j = \sum_i dp_i \, J_{ij} = dp_j\, p_j - p_j \sum_i dp_i\, p_i
# = p_j \Big( dp_j - \sum_i dp_i\, p_i \Big)$$
#
# The sum is an average of $dp$, weighted with the probabilities. So a logit hears only **how its
# class compares with the average**, and weighs that with its probability. Nobody needs the matrix.

# %%
dp = rng.normal(size=4)  # any gradient that might arrive
dz = p * (dp - (dp * p).sum())
assert np.allclose(dz, dp @ J_p_z, rtol=1e-12)
assert np.allclose(dz, slopes(lambda z: (dp * softmax(z)).sum(), z), rtol=1e-12)

N, C = 128, 1000
print(f"{N} rows, {C} classes: Jacobians {N * C * C * 8 / 1e6:.0f} MB, dZ {N * C * 8 / 1e6:.0f} MB")

# %% [markdown]
# ### Line 5: now the loss arrives
#
# Put $dp_i = -Y_i / p_i$ into line 4. The $p$ cancels in both places:
#
# $$dz_j = p_j \Big( -\frac{Y_j}{p_j} + \sum_i \frac{Y_i}{p_i}\, p_i \Big)
# = -Y_j + p_j \sum_i Y_i = p_j - Y_j$$
#
# In the last step we used that **the targets sum to 1**, and nothing else about them. Remember
# that: it will give us label smoothing for free.
#
# Prediction minus truth. In the hand case $(\frac16, \frac26, \frac36)$ minus $(0, 1, 0)$ is
# $(\frac16, -\frac46, \frac36)$.

# %%
targets = np.array([0.5, 2.0, -1.0, 3.0])  # any numbers: only the last step needs the sum 1
dp = -targets / p
assert np.allclose(p * (dp - (dp * p).sum()), -targets + p * targets.sum(), rtol=1e-12)
assert np.allclose(-Y + p * Y.sum(), p - Y, rtol=1e-12)
assert np.allclose(p - Y, slopes(lambda z: -(Y * np.log(softmax(z))).sum(), z), rtol=1e-12)
print("p - Y =", p - Y, " agrees with the measured slopes of the loss")
print("by hand:", hand - np.array([0, 1, 0]))

# %% [markdown]
# ## Road two: no Jacobian at all
#
# A long way for two symbols. When so much cancels, there should be a shorter way. **Line 1: take
# the logarithm first.** The logarithm of a quotient is a difference, and $\ln e^{z_y} = z_y$:
#
# $$\ell = -\ln \frac{e^{z_y}}{s} = \ln s - z_y = \ln \sum_k e^{z_k} - z_y$$
#
# The first term is called **log-sum-exp**. It is a soft maximum: above the largest logit by at most
# $\ln C$ (when all are equal), and by next to nothing when one logit leads by far. So the loss says
# how far the label's logit stays behind the (soft) winner.

# %%
def log_sum_exp(z):
    return np.log(np.exp(z).sum())


assert np.isclose(log_sum_exp(z) - z[2], -np.log(softmax(z)[2]), rtol=1e-12)
for name, logits in (("tie", [2, 2, 2]), ("close race", [2, 1, 0]), ("clear win", [9, 1, 0])):
    above = log_sum_exp(np.array(logits)) - max(logits)
    assert 0 < above <= np.log(3) + 1e-12
    print(f"{name:10}  maximum {max(logits)}, log-sum-exp above it by {above:.4f}")

# %% [markdown]
# ### Line 2: the gradient of log-sum-exp is the softmax
#
# The derivative of $\ln s$ is $1/s$ times the derivative of $s$, and only one term of the sum
# contains $z_j$. The other part of the loss, $z_y$, has slope 1 at the label and 0 elsewhere, which
# is the one-hot row:
#
# $$\frac{\partial \ln s}{\partial z_j} = \frac1s\, e^{z_j} = p_j, \qquad
# \frac{\partial z_y}{\partial z_j} = Y_j, \qquad dz_j = p_j - Y_j$$
#
# Two lines, no Jacobian, no division by $p$. The difference was there from the beginning: $p$ comes
# from one term of the loss, $-Y$ from the other.

# %%
assert np.allclose(slopes(log_sum_exp, z), softmax(z), rtol=1e-12)
assert np.allclose(slopes(lambda z: z[2], z), Y)
assert np.allclose(slopes(lambda z: log_sum_exp(z) - z[2], z), p - Y, rtol=1e-12)
print("gradient of log-sum-exp:", slopes(log_sum_exp, z))
print("softmax:                ", softmax(z))

# %% [markdown]
# ### It is no accident
#
# Line 2 works for every loss of the form $A(z) - \sum_k z_k Y_k$, up to a constant: its gradient is
# the gradient of $A$, minus the target. Take the gradient of $A$ as the prediction, and "prediction
# minus target" is certain. Such a pair of prediction and loss is said to have the **canonical
# link**. (In the first two rows $z$ is one entry; $A$ and the loss add up over the entries.)
#
# | prediction | $A(z)$ | loss |
# |---|---|---|
# | identity, $z$ | $z^2/2$ | half squared error |
# | sigmoid, $p = 1 / (1 + e^{-z})$ | $\ln(1 + e^z)$ | binary cross-entropy, $-y \ln p - (1 - y) \ln (1 - p)$ |
# | softmax, $p$ | $\ln \sum_k e^{z_k}$ | cross-entropy |
#
# For instance, half squared error is $\frac12 (z - y)^2 = \frac12 z^2 - z y + \frac12 y^2$, and its
# last term has no slope. Softmax with squared error is *not* such a pair; a figure below shows what
# that costs.

# %%
links = {  # the prediction, its A, and the loss as a function of the prediction
    "identity": (lambda z: z, lambda z: z**2 / 2, lambda p: (p - Y) ** 2 / 2),
    "sigmoid": (lambda z: 1 / (1 + np.exp(-z)), lambda z: np.log(1 + np.exp(z)),
                lambda p: -Y * np.log(p) - (1 - Y) * np.log(1 - p)),
    "softmax": (softmax, log_sum_exp, lambda p: -Y * np.log(p)),
}
for name, (prediction, A, its_loss) in links.items():
    difference = prediction(z) - Y
    assert np.allclose(slopes(lambda z: A(z).sum(), z), prediction(z), rtol=1e-12)
    assert np.allclose(slopes(lambda z: its_loss(prediction(z)).sum(), z), difference, rtol=1e-12)
    print(f"{name:8}  prediction - target = {difference}  agrees")

# %% [markdown]
# ## A batch: where 1/N goes
#
# Now `N` examples: logits $Z$ of shape `(N, C)`, one row each, labels $y$ of shape `(N,)`, and $P$,
# $Y$ with the shape of $Z$. The loss of the batch is the mean. Row $n$ of $Z$ occurs in one term of
# it only, and that term carries the factor $1/N$:
#
# $$L = \frac1N \sum_n \ell_n, \qquad
# \frac{\partial L}{\partial Z_{nj}} = \frac1N \frac{\partial \ell_n}{\partial Z_{nj}}
# = \frac1N (P_{nj} - Y_{nj}), \qquad dZ = \frac{P - Y}{N}$$
#
# The witness is now `complex_step_gradient`: the same tiny step, for arrays of any shape.

# %%
def mean_loss(Z, y):
    odds = np.exp(Z)
    P = odds / odds.sum(axis=1, keepdims=True)
    return -np.log(P[np.arange(len(y)), y]).mean()


Z, y = rng.normal(size=(5, 4)), np.array([2, 0, 3, 2, 1])
P, Y = losses.softmax_forward(Z)[0], np.eye(4)[y]  # [0] leaves out the cache
dZ = (P - Y) / len(y)
assert np.allclose(dZ, complex_step_gradient(lambda Z: mean_loss(Z, y), Z), rtol=1e-12)
print(dZ)

# %% [markdown]
# ### Exactly once
#
# The mean is taken in one place, so $1/N$ appears in one place. Layers below receive it inside `dZ`
# and add up over the examples: `dW = X.T @ dZ`, `db = dZ.sum(axis=0)`, with no mean of their own.
#
# Predict: every example is written down twice, so that `N` becomes `2N`. What happens?
#
# - **a** loss the same, a row of dZ the same, dW doubled
# - **b** loss the same, a row of dZ halved, dW the same
# - **c** loss the same, a row of dZ halved, dW halved
# - **d** loss doubled, a row of dZ the same, dW doubled

# %%
check_answer("05.q2", ...)

# %%
X = rng.normal(size=(5, 3))
results = []
for rows in (np.arange(5), np.tile(np.arange(5), 2)):
    loss, cache = losses.softmax_cross_entropy_forward(Z[rows], y[rows])
    dZ_rows = losses.softmax_cross_entropy_backward(1.0, cache)
    results.append((loss, dZ_rows[0], X[rows].T @ dZ_rows))
    print(f"N = {len(rows):2}   loss {loss:.4f}   first row of dZ {dZ_rows[0]}")
(loss_1, row_1, dW_1), (loss_2, row_2, dW_2) = results
assert np.isclose(loss_1, loss_2) and np.allclose(row_1, 2 * row_2) and np.allclose(dW_1, dW_2)

# %% [markdown]
# ## Targets that are not one-hot
#
# Line 5 used only that the targets sum to 1. So for **any** row $Q$ of targets that sums to 1, the
# loss $-\sum_k Q_k \ln p_k$ has the gradient $p - Q$. *Label smoothing* is one choice: take a share
# $\varepsilon$ of the certainty and spread it evenly over all `C` classes.
#
# $$Q_k = (1 - \varepsilon)\, Y_k + \frac{\varepsilon}{C}, \qquad dZ = \frac{P - Q}{N}$$
#
# What is it good for? With one-hot targets no finite logits have gradient 0: the network is pushed
# to ever larger gaps. With smoothing the push ends where $p = Q$, at a finite gap.

# %%
epsilon, C = 0.1, 4
Q = (1 - epsilon) * Y + epsilon / C
assert np.allclose(Q.sum(axis=1), 1)


def smoothed_loss(Z):
    return -(Q * np.log(np.exp(Z) / np.exp(Z).sum(axis=1, keepdims=True))).sum() / len(Z)


assert np.allclose((P - Q) / len(Z), complex_step_gradient(smoothed_loss, Z), rtol=1e-12)
print("target of label 2:", Q[0])
print(f"the push stops at a logit gap of {np.log(Q[0, 2] / Q[0, 0]):.4f}")

# %% [markdown]
# ### Temperature
#
# Divide the logits by a number $T > 0$ before softmax: $U = Z / T$ and $P = \mathrm{softmax}(U)$. A
# high temperature evens the probabilities out, a low one sharpens them. We know the gradient with
# respect to $U$; each entry of $Z$ moves its own entry of $U$ with the slope $1/T$. One more factor
# of the chain rule:
#
# $$dZ = \frac1T\, dU = \frac{P - Y}{N\, T}$$

# %%
T = 2.5
P_T = losses.softmax_forward(Z / T)[0]
dZ_T = (P_T - Y) / (len(Z) * T)
assert np.allclose(dZ_T, complex_step_gradient(lambda Z: mean_loss(Z / T, y), Z), rtol=1e-12)

for T in (0.5, 1.0, 2.5, 100.0):
    print(f"T = {T:5.1f}   probabilities of the odds 1 : 2 : 3 become", softmax(np.log(6 * hand) / T))

# %% [markdown]
# ## Why `log(p + 1e-8)` is wrong
#
# If a mistake is confident enough, $p_y$ becomes 0 in floating point and $\ln 0$ is $-\infty$. Much
# code, and the card this course grew from, adds a small number: `-np.log(p + 1e-8)`. The infinity
# is gone. But it is another function, with a ceiling of $-\ln 10^{-8} = 18.42$.
#
# Two classes; the label loses by a growing gap. We print the true loss, the reported loss, and for
# the winning wrong logit two slopes: $1 - p_y$, which the backward pass returns, and the slope that
# the reported loss really has.

# %%
def card_loss(z, y):
    return -np.log(softmax(z - z.real.max())[y] + 1e-8)


print("   gap   true loss   reported   1 - p_y   its slope")
for gap in (0.0, 10.0, 20.0, 40.0, 1000.0):
    z = np.array([gap, 0.0])
    true = np.logaddexp(0, gap)  # ln(1 + e^gap), without overflow
    claimed, slope = 1 - np.exp(-true), abs(slopes(lambda z: card_loss(z, 1), z)[0])
    print(f"{gap:6.0f} {true:11.4f} {card_loss(z, 1):10.4f} {claimed:9.4f} {slope:11.4f}")
print(f"a perfect prediction: {card_loss(np.array([1000.0, 0.0]), 0):.1e}, less than nothing")

# %% [markdown]
# The loss is capped, it is negative for a perfect prediction, and the gradient belongs to another
# function: from a gap of 20 on, a gradient check fails by 80 % and more.
#
# ### The right form, to the last digit
#
# Road two already has it: no probability, so no logarithm of 0. Let $m$ be the largest logit, $t$
# its place (one of them, if several are equal). Its own exponential is $e^0 = 1$; the rest of the
# sum is $r$:
#
# $$\ell = m + \ln(1 + r) - z_y, \qquad r = \sum_{k \neq t} e^{z_k - m}$$
#
# One trap is left. When the label leads clearly, $r$ is tiny, `1 + r` rounds to 1, and the loss
# becomes 0 (in PyTorch 2.13 too: we measured it). `np.log1p(r)` computes $\ln(1 + r)$ without
# forming the sum.

# %%
z = np.array([2.0, -1.0, 0.5])
assert np.isclose(2.0 + np.log1p(np.exp(-3.0) + np.exp(-1.5)) - z[1], -np.log(softmax(z)[1]))

r = np.exp(np.float32(-20))  # the label leads by 20, in float32
print(f"log(1 + r) = {np.log(1 + r):.3g}   log1p(r) = {np.log1p(r):.3g}")
shipped, _ = losses.softmax_cross_entropy_forward(np.float32([[20, 0]]), np.array([0]))
hopeless, _ = losses.softmax_cross_entropy_forward(np.array([[1e5, 0.0]]), np.array([1]))
print(f"our loss: {shipped:.3g} here, and {hopeless:.0f} where the label loses by 100,000")
assert np.isclose(shipped, 2.0611536e-9, rtol=1e-6) and hopeless == 1e5

# %% [markdown]
# ## The code as shipped
#
# Below is the pair from `backprop_course/losses.py`, the forward pass without its docstring. Its
# first lines refuse what does not fit; `as_labels` turns one-hot rows into labels. Read the rest
# beside road two: `shifted` is $z - m$, `rest` is $r$. The largest entry of `E` is set to 0 while
# the rest is summed, and to 1 afterwards. `.real` lets the imaginary step of our witness through.
# Smoothed targets take $\sum_k Q_k (z_k - m)$ from $\ln(1 + r)$, in two parts: the label's and the
# mean.
#
# The backward pass is the formula with the smoothed target: `smoothing / C` for all, and what is
# left of the 1 for the label. `dout` is 1 unless the loss is itself part of a larger sum.

# %%
forward = inspect.getsource(losses.softmax_cross_entropy_forward)
signature, _, body = forward.split('"""')
print(signature.splitlines()[0] + body)
print(inspect.getsource(losses.softmax_cross_entropy_backward))
loss, _ = losses.softmax_cross_entropy_forward(Z, y, smoothing=epsilon)
assert np.isclose(loss, smoothed_loss(Z), rtol=1e-12)

# %% [markdown]
# ## Shapes, and where they mislead
#
# `P[np.arange(N), y]` takes **pairs**: row 0 with `y[0]`, row 1 with `y[1]`, and so on, `N` numbers.
# `P[:, y]` takes whole **columns**: shape `(N, N)`, no error, and in an assignment it writes into
# every row. Both run; only one is the formula.
#
# Labels come as whole numbers, shape `(N,)`, or as one-hot rows, `(N, C)`. A column of labels,
# `(N, 1)`, is neither: with `(N, C)` it broadcasts without a word. Our pair refuses it.

# %%
rows = np.arange(len(y))
right, wrong = P.copy(), P.copy()
right[rows, y] -= 1
wrong[:, y] -= 1
print("shapes:", P[rows, y].shape, "and", P[:, y].shape)
print("sums of the rows of P - Y, pairs:  ", np.abs(right.sum(axis=1).round(10)))
print("sums of the rows of P - Y, columns:", wrong.sum(axis=1))
try:
    losses.softmax_cross_entropy_forward(Z, y[:, None])
except ValueError as error:
    print("refused:", error)

# %% [markdown]
# ## Check it, with and without calculus
#
# Some checks need no slopes. A row of $P - Y$
#
# - **sums to 0**: both rows sum to 1, and so must it be, since a common shift changes nothing;
# - has **one negative entry**, the label's, so a step downhill lifts the label and lowers the rest;
# - is **bounded**: no entry is above 1 in size, and their sizes add up to $2 (1 - p_y)$. However
#   wrong one example is, it cannot shout louder than that.
#
# Then the real check: one random direction for the whole of `Z`. "Agrees (below 1e-12)" means that
# the formula and the measured slope agree to about twelve digits.

# %%
many, labels = 5 * rng.normal(size=(1000, 6)), rng.integers(6, size=1000)
loss, cache = losses.softmax_cross_entropy_forward(many, labels)
P_Y = 1000 * losses.softmax_cross_entropy_backward(1.0, cache)  # P - Y
assert np.allclose(P_Y.sum(axis=1), 0) and np.abs(P_Y).max() <= 1
assert (P_Y[np.arange(1000), labels] < 0).all() and (P_Y < 0).sum() == 1000
assert np.allclose(np.abs(P_Y).sum(axis=1), 2 * (1 - cache[0][np.arange(1000), labels]))
print("1000 rows: sums 0, one negative entry each, no entry above 1")

pair = losses.softmax_cross_entropy_forward, losses.softmax_cross_entropy_backward
print(check_pair(*pair, Z, y, smoothing=0.1))

# %% [markdown]
# ## See it
#
# One example, two classes. From left to right the network becomes more wrong: the axis is the wrong
# logit minus the right one. What do four ways to write a loss report, and how steep are they? Three
# curves show the slopes, for exponentials without a shift have the right one until they break. The
# fourth way, squared error of the probabilities, is the loss that many would try first.

# %%
gaps = np.array([0.0, 5.0, 10.0, 20.0, 40.0])
_, slope = figures.loss_curves(gaps)
print("logit gap              ", "".join(f"{gap:9.0f}" for gap in gaps))
for name, key in (("P - Y", "right"), ("with log(p + 1e-8)", "epsilon"), ("squared", "squared")):
    print(f"slope, {name:18}", "".join(f"{value:9.4f}" for value in slope[key]))
figures.loss_figure()
plt.show()

# %% [markdown]
# **Figure.** Left: the true loss grows like the gap. `log(p + 1e-8)` leaves it at 18.4, exponentials
# without a shift end in inf (in float32 from a gap of 89 on). Right: the slopes. Cross-entropy pushes
# with nearly full strength for as long as the network is clearly wrong. The loss with 1e-8 goes flat
# near 20, though the backward pass says 1. Squared error **saturates**: the Jacobian's entries fade
# as $p$ becomes certain, even of a mistake, and its $dp$, at most 1 in size, cannot make up for that.
# Cross-entropy's $dp = -1/p_y$ makes up for it exactly.

# %% [markdown]
# ### Drag it yourself
#
# Drag a logit and watch probabilities, loss and gradient. Things to try:
#
# 1. *add 1 to every logit*: what changes in the picture?
# 2. Make the network certain and wrong. How large can a gradient bar become?
# 3. *step downhill* several times. When do the bars become small?
# 4. Raise the smoothing, and step on. Where does it come to rest?
#
# <details><summary>Answers</summary>
#
# 1: nothing. 2: 1, never more (at T = 1). 3: as the filled bars reach the dashed ones; the loss
# then falls ever more slowly. 4: where filled and dashed bars agree, at a finite gap.
#
# </details>

# %%
SoftmaxExplorer()

# %% [markdown]
# ## Break it on purpose
#
# Three slips that every teacher knows. All three run without an error, and the first two borrow a
# right loss from the package, so that only the gradient is wrong.
#
# 1. **1/N forgotten**: the loss is a mean, the gradient a sum.
# 2. **P - Y, and then P(1 - P) again**: "the derivative of the last activation" is applied once
#    more, though $P - Y$ has it inside. It still trains, but the factor is nearly 0 wherever the
#    network is certain, even of a mistake.
# 3. **Softmax over the batch**: one digit, `axis=0` for `axis=1`. Now the examples compete for a
#    class, instead of the classes for an example.
#
# Before you read a report, say what its evidence could be.

# %%
# Slip 1
def softmax_cross_entropy(Z, y):
    loss, (P, _, _) = losses.softmax_cross_entropy_forward(Z, y)
    Y = np.eye(Z.shape[1])[y]
    return loss, P - Y


check(softmax_cross_entropy)

# %%
# Slip 2
def softmax_cross_entropy(Z, y):
    loss, (P, _, _) = losses.softmax_cross_entropy_forward(Z, y)
    Y = np.eye(Z.shape[1])[y]
    return loss, (P - Y) * P * (1 - P) / len(y)


check(softmax_cross_entropy)

# %%
# Slip 3
def softmax_cross_entropy(Z, y):
    logP = Z - np.logaddexp.reduce(Z, axis=0, keepdims=True)  # a stable log-sum-exp
    Y = np.eye(Z.shape[1])[y]
    return -(Y * logP).sum() / len(y), (np.exp(logP) - Y) / len(y)


check(softmax_cross_entropy)

# %% [markdown]
# ## The short way equals the long way
#
# The long way goes back through each step: the mean, the logarithm, the softmax. The short way is
# one subtraction. They agree, as road one and road two promised. They do *not* agree once a
# probability is 0: the long way then divides by it and multiplies by it. On paper it cancels, in
# floating point $0 \cdot \infty$ is nan. That is why softmax and cross-entropy live in **one** pair.

# %%
P, cache = losses.softmax_forward(Z)
long_way = losses.softmax_backward(-Y / P / len(y), cache)
assert np.allclose(long_way, (P - Y) / len(y), rtol=1e-12)
print("ordinary logits: largest difference below 1e-12:", np.abs(long_way - dZ).max() < 1e-12)

P, cache = losses.softmax_forward(np.array([[1000.0, 0.0]]))
Y = np.array([[0.0, 1.0]])
with np.errstate(divide="ignore", invalid="ignore"):
    print("a gap of 1000:  long way", losses.softmax_backward(-Y / P, cache), "  short way", P - Y)

# %% [markdown]
# ## Formula card
#
# | what | formula |
# |---|---|
# | softmax and its Jacobian | $p_i = e^{z_i} / s$, $J = \mathrm{diag}(p) - p\,p^T$ |
# | softmax backward, row by row | $dz = p \odot (dp - \sum_i dp_i\, p_i)$ |
# | loss of one example | $\ell = \ln \sum_k e^{z_k} - z_y$ |
# | batch, any targets $Q$ with rows that sum to 1 | $dZ = (P - Q) / N$ |
# | temperature | $dZ = (P - Y) / (N\,T)$ |
# | free checks | rows of `dZ` sum to 0, entries at most $1/N$ in size |
#
# Nielsen's book calls `dZ` of one example $\delta^L$; PyTorch's `cross_entropy` takes logits, so give
# it no softmax.
#
# **[Exercises 05](../exercises/05_softmax_cross_entropy.ipynb)** (18 points): `log_softmax`,
# `softmax_jacobian`, `softmax_backward`, `softmax_cross_entropy`, `smoothed_cross_entropy`,
# `binary_cross_entropy_with_logits`, two formulas, three questions.
