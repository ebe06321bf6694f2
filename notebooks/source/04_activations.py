# %% [markdown]
# # Lesson 04. Activations
#
# Between two linear layers stands a bend. You will find the slopes of five bends, send gradients back through them, and know where a gradient stops: at an entry, at a unit, or somewhere in a hundred layers.
#
# **You need** lesson 01 (the chain rule) and lesson 03 (the linear layer). **Time:** 80 minutes; the notebook runs in about ten seconds.
#
# After this you can
# - write the backward pass of any function that works entry by entry, and say which array it must remember;
# - tell closed from dead and from saturated, and find all three in real data;
# - say what the famous $0.25^{100}$ proves, and what it leaves out.

# %%
import inspect

import matplotlib.pyplot as plt
import numpy as np
from backprop_course import check, check_answer, datasets, gradcheck, layers
from backprop_course.figures import activations as draw
from backprop_course.network import GELU, LeakyReLU, Linear, NeuralNetwork, ReLU
from backprop_course.widgets.activation import ActivationExplorer
from scipy.special import erf
np.set_printoptions(precision=4, suppress=True)
rng = np.random.default_rng(4)

# %% [markdown]
# ## Predict before you run
#
# A hidden layer has six ReLU units. Each keeps its number if it is positive and puts out 0 if not. These numbers went in, for the four examples of a small training set; a row is an example, a column a unit:
#
# $$Z = \begin{pmatrix} -0.3 & 1.2 & -0.7 & 0.4 & -2.0 & -0.1 \\ -1.1 & -0.9 & 0.5 & 2.1 & -0.6 & 0.8 \\ -0.2 & 0.7 & -1.5 & 0.3 & -0.4 & 1.9 \\ -0.8 & 0.1 & 0.6 & 1.3 & -1.7 & 0.5 \end{pmatrix}$$
#
# On the way back a gradient passes an entry only if its number was positive. A unit that gets no gradient from any example does not learn: on these data it is **dead**. **How many of the six are dead?** Then count the entries that let nothing pass.

# %%
Z_hand = np.array([[-0.3, 1.2, -0.7, 0.4, -2.0, -0.1], [-1.1, -0.9, 0.5, 2.1, -0.6, 0.8],
                   [-0.2, 0.7, -1.5, 0.3, -0.4, 1.9], [-0.8, 0.1, 0.6, 1.3, -1.7, 0.5]])
check_answer("04.q1", ...)  # your number in place of the dots, then run

# %% [markdown]
# ## Why a bend at all?
#
# Put two linear layers in a row and multiply out:
#
# $$(X W_1 + b_1)\, W_2 + b_2 = X\, (W_1 W_2) + (b_1 W_2 + b_2)$$
#
# That is *one* linear layer with other numbers, and so are a hundred. So between them we put an **activation**: a function $f$ that is no straight line, applied to every entry of $Z$ on its own, $A = f(Z)$. $Z$ is called the *pre-activation*.
#
# One bend goes a long way. A linear layer cannot compute $|x|$; two ReLU units can:
#
# $$|x| = \max(0, x) + \max(0, -x)$$

# %%
X, W1, W2 = rng.normal(size=(5, 3)), rng.normal(size=(3, 6)), rng.normal(size=(6, 2))
b1, b2 = rng.normal(size=6), rng.normal(size=2)
assert np.allclose((X @ W1 + b1) @ W2 + b2, X @ (W1 @ W2) + (b1 @ W2 + b2))
assert np.allclose(np.abs(X), np.maximum(0, X) + np.maximum(0, -X))
print("two linear layers are one; two ReLUs make the absolute value")
draw.gallery()
plt.show()

# %% [markdown]
# **Figure.** Six activations (blue) and their slopes (orange, dashed), on one scale: a slope of 1 climbs at 45 degrees. Leaky ReLU is drawn with the slope 0.1 to be seen; usual is 0.01. We shall derive five of these orange curves; the sixth is an exercise.
#
# Read before we compute. Which slopes never exceed 1? Which one never exceeds a quarter? Which curve *falls* somewhere? Which have a slope near 0 on both ends?
#
# <details><summary>Answers</summary>ReLU, leaky ReLU, sigmoid and tanh. The sigmoid, which reaches a quarter at 0. GELU and SiLU fall, left of 0. Sigmoid and tanh.</details>

# %% [markdown]
# ## The smallest case, by hand
#
# One example, three ReLU units: $z = (-2, 0, 3)$. From above arrives `dout`, what one more unit of each output would cost: $(10, 20, -30)$. Nudge each $z$ up by 0.01:
#
# | $z$ | $a$ | $a$ moves by | `dout` | so the loss moves by | per nudge: `dz` |
# |---|---|---|---|---|---|
# | $-2$ | 0 | 0 | 10 | 0 | **0** |
# | $3$ | 3 | 0.01 | $-30$ | $-0.3$ | $\mathbf{-30}$ |
# | $0$ | 0 | 0.01 | 20 | 0.2 | 20? |
#
# In the last row nudge *down* instead: $a$ does not move at all. From the left the slope is 0, from the right it is 1. We come back to this corner.

# %%
z, dout = np.array([-2.0, 0.0, 3.0]), np.array([10.0, 20.0, -30.0])
for nudge in (0.01, -0.01):
    moved = np.maximum(0, z + nudge) - np.maximum(0, z)
    print(f"nudge {nudge:+.2f}: a moves by {moved}, so dz is {dout * moved / nudge + 0}")
_, mask = layers.relu_forward(z)
print("our layer says:", layers.relu_backward(dout, mask))

# %% [markdown]
# ## One rule for all of them
#
# $Z$, $A$ and `dout` have the shape $(N, H)$; $f$ has a slope $f'$ and takes each entry alone:
#
# $$A_{nh} = f(Z_{nh}) \tag{1}$$
#
# **Line 2**, the chain rule. One entry $Z_{ij}$ might move every entry of $A$; paths add up:
#
# $$dZ_{ij} = \sum_{n,h} \text{dout}_{nh}\, \frac{\partial A_{nh}}{\partial Z_{ij}} \tag{2}$$
#
# **Line 3.** By (1) it moves its own entry and no other; $[\;]$ is 1 if true, else 0:
#
# $$\frac{\partial A_{nh}}{\partial Z_{ij}} = f'(Z_{ij})\, [n = i]\,[h = j] \tag{3}$$
#
# **Line 4.** The brackets strike out every term but one. With $\odot$ for entry times entry:
#
# $$dZ = \text{dout} \odot f'(Z) \tag{4}$$
#
# The witness is a tiny *imaginary* step, which leaves the slope in the imaginary part, exact to the last digits (lesson 06 says why).

# %%
def slopes(f, Z):
    return f(Z + 1e-30j).imag / 1e-30  # line 3: one call measures them all

Z, G = rng.normal(size=(5, 4)), rng.normal(size=(5, 4))
dout = G * np.cos(np.tanh(Z))  # what arrives from the curved loss: the sum of G sin(A)
dZ = dout * slopes(np.tanh, Z)  # line 4
for one in np.eye(Z.size).reshape(Z.size, *Z.shape):  # a single entry of Z moves
    J = slopes(lambda t: np.tanh(Z + t * one), 0)  # how all of A answers
    dZ_ij = slopes(lambda t: (G * np.sin(np.tanh(Z + t * one))).sum(), 0)
    assert np.allclose(J, slopes(np.tanh, Z) * one, rtol=1e-12)  # line 3
    assert np.allclose([(dout * J).sum(), (dZ * one).sum()], dZ_ij)  # lines 2 and 4
print("each entry of Z moves its own entry of A, by its own slope, and nothing else")

# %% [markdown]
# ## ReLU, and its value at 0
#
# Two straight lines, two slopes:
#
# $$f(z) = \max(0, z), \qquad f'(z) = [z > 0] \quad \text{for } z \neq 0 \tag{5}$$
#
# **At exactly 0** there is a corner and no derivative. A line through the corner stays below the graph if its slope $g$ is anywhere from 0 to 1; each such $g$ is called a *subgradient*. A program must pick one. We take 0, as PyTorch does. So the backward pass multiplies `dout` by a **mask**, the array `Z > 0` of true and false.
#
# Does it matter? Among random numbers an exact 0 hardly ever comes. But XOR's input $(0, 0)$ with zero bias, or a blank image, puts every unit of a layer right on the corner.

# %%
def relu(Z):
    return np.where(Z.real > 0, Z, 0)  # the imaginary step decides nothing

assert np.array_equal(slopes(relu, Z), Z > 0)  # line 5
line = np.linspace(-1, 1, 201)
for g in (-0.1, 0.0, 0.5, 1.0, 1.1):
    print(f"slope {g:+.1f} stays below the graph:", bool((g * line <= relu(line)).all()))
noise, XOR = rng.normal(size=(1000, 2)), datasets.xor()[0]
W = rng.normal(size=(2, 512))
for name, data in (("random input", noise), ("XOR", XOR)):
    print(f"{name}: {(data @ W == 0).mean():.0%} of the entries of Z are exactly 0")

# %% [markdown]
# ## Closed is not dead
#
# Back to the first question. A closed *entry* is one unit for one example. What a unit learns is a sum over the examples, with $X$ for what enters the layer:
#
# $$dW_{dh} = \sum_n X_{nd}\, dZ_{nh}, \qquad dZ_{nh} = \text{dout}_{nh}\, [Z_{nh} > 0]$$
#
# It is 0, whatever arrives, only if the whole *column* is closed. Then the bias gets nothing either. And as column $h$ of $A$ is 0, row $h$ of the next layer's $dW_2 = A^\top dZ_2$ is 0 too: a dead unit shuts both ways.

# %%
X, dout_hand = rng.normal(size=(4, 3)), rng.normal(size=(4, 6))
dZ_hand, A_hand = dout_hand * (Z_hand > 0), relu(Z_hand)
dW, db, dW2 = X.T @ dZ_hand, dZ_hand.sum(axis=0), A_hand.T @ rng.normal(size=(4, 2))
for gradient in (dW.T, db[:, None], dW2):
    assert (np.flatnonzero((gradient == 0).all(axis=1)) == [0, 4]).all()
print(f"closed: {(Z_hand <= 0).sum()} of {Z_hand.size} entries; dead: units 0 and 4")
draw.open_and_closed(Z_hand)
plt.show()

# %% [markdown]
# **Figure.** The pre-activations of the first question. Blue entries are open, grey ones are closed: half of them. The framed columns have no open entry, so these two units are dead on the four examples. Unit 2 is closed twice and unit 1 once, but other examples still teach them.

# %% [markdown]
# ## Half closed is normal
#
# A fresh weight is as likely $w$ as $-w$. So, with zero bias, is each pre-activation as likely $z$ as $-z$, for *any* example that is not all zeros. Half of all entries are closed at the start: no sickness.
#
# It is no proof of health either. **Predict.** We send three data sets through a fresh layer of 512 units: random noise; our handwritten digits, whose pixels run from 0 to 1; the digits with the mean of each pixel taken off. Half of the entries will be closed each time. Where will units be dead?

# %%
X, y, X_test, y_test = datasets.digits()
W = rng.normal(scale=np.sqrt(2 / 64), size=(64, 512))
inputs = {"noise": rng.normal(size=(1000, 64)), "digits": X}
inputs["digits, centred"] = X - X.mean(axis=0)
shares = {name: (data @ W > 0).mean(axis=0) for name, data in inputs.items()}
for name, share in shares.items():
    print(f"{name:16} closed entries {1 - share.mean():5.1%}", end="   ")
    print(f"dead units {(share == 0).sum():2}   always open {(share == 1).sum():2}")
draw.open_shares(shares)
plt.show()

# %% [markdown]
# **Figure.** For what share of the examples is a unit open? Each panel counts the 512 units of one fresh layer. About half of all entries are closed in every panel, yet they differ. In noise, and in centred digits, every unit is open for about half of the examples. Raw digits have no negative pixel, so they all point roughly one way, and a unit tends to say the same to all of them: some are dead before training begins, and about as many are *always* open. Those have lost their bend: on these data they are linear.

# %% [markdown]
# ## Leaky ReLU
#
# If a flat line is the trouble, tilt it. Leaky ReLU keeps a small slope $s$ below 0, usually $0.01$:
#
# $$f(z) = \begin{cases} z & z > 0 \\ s z & z \le 0 \end{cases} \qquad f'(z) = \begin{cases} 1 & z > 0 \\ s & z < 0 \end{cases} \tag{6}$$
#
# With $0 < s < 1$ this is $\max(sz, z)$, as many texts write it. At 0 we count to the left, as before. Now every unit gets a gradient from every example; the question is how much it helps. We train one network (100 hidden units; lesson 07 builds it) with either activation, at a calm learning rate and at a wild one, on raw and on centred digits. *Which of the five runs will fail?*

# %%
def leaky_relu(Z, s):
    return np.where(Z.real > 0, Z, s * Z)

assert np.array_equal(leaky_relu(Z, 0.2), np.maximum(0.2 * Z, Z))
assert np.allclose(slopes(lambda Z: leaky_relu(Z, 0.2), Z), np.where(Z > 0, 1, 0.2))
def train(activation, rate, X=X, X_test=X_test):
    own = np.random.default_rng(0)
    hidden = Linear(64, 100, rng=own)
    network = NeuralNetwork([hidden, activation(), Linear(100, 10, gain=0.02, rng=own)])
    network.fit(X, y, epochs=10, learning_rate=rate, on_epoch=None)
    is_open = X @ hidden.parameters["W"] + hidden.parameters["b"] > 0
    return int((~is_open.any(axis=0)).sum()), network.accuracy(X_test, y_test)

# %% tags=["nbval-ignore-output"]
mean = X.mean(axis=0)
runs = {
    "ReLU, rate 0.5": train(ReLU, 0.5),
    "leaky ReLU, rate 0.5": train(LeakyReLU, 0.5),
    "ReLU, rate 2": train(ReLU, 2.0),
    "leaky ReLU, rate 2": train(LeakyReLU, 2.0),
    "ReLU, rate 2, centred": train(ReLU, 2.0, X - mean, X_test - mean),
}
for name, (closed, accuracy) in runs.items():
    print(f"{name:22} always closed: {closed:3} of 100   new digits right: {accuracy:.0%}")
(_, calm), (_, leaky), (dead, wild), (_, leaky_wild), (few, centred) = runs.values()
assert dead > 80 and few < 10 and wild < 0.3 < leaky_wild and min(calm, leaky, centred) > 0.9

# %% [markdown]
# ### What the table says
#
# - **A few dead units cost little.** At the calm rate ReLU and leaky ReLU read the digits equally well.
# - **Too large a step kills.** It throws a unit's weights to where every example is closed. Nothing comes back, so nothing brings it back: with plain gradient descent the unit keeps these weights for ever. (That holds in the first hidden layer, whose input stands still. Further up, moving inputs may reopen a unit.)
# - **The leak** keeps the wild network learning, if badly. Its closed units still pass something on and still move.
# - **Centring the data** removes the cause: the same wild rate, ReLU, and hardly a unit lost.

# %% [markdown]
# ## The sigmoid
#
# $$a = \sigma(z) = \frac{1}{1 + e^{-z}}$$
#
# Lesson 01 found the slope by the chain rule. Here is a shorter way: turn it over, and differentiate both sides of $\tfrac1a = 1 + e^{-z}$ with respect to $z$:
#
# $$-\frac{a'}{a^2} = -e^{-z} = -\left(\frac1a - 1\right) \quad\Longrightarrow\quad a' = a^2 \left(\frac1a - 1\right) = a\,(1 - a) \tag{7}$$
#
# No $z$ and no exponential is left: **the way back needs only the output.** Complete the square to see the bound, reached at $z = 0$ alone:
#
# $$a\,(1 - a) = \tfrac14 - \left(a - \tfrac12\right)^2 \le \tfrac14 \tag{8}$$
#
# On paper it is never 0. In floating point it can be: at $z = 40$ the output rounds to 1.

# %%
def sigmoid(Z):
    return 1 / (1 + np.exp(-Z))

A, measured = sigmoid(Z), slopes(sigmoid, Z)
assert np.allclose(slopes(lambda Z: 1 / sigmoid(Z), Z), -measured / A**2, rtol=1e-12)
assert np.allclose(-measured / A**2, -(1 / A - 1), rtol=1e-12)
assert np.allclose(measured, A * (1 - A), rtol=1e-12)  # line 7
assert np.allclose(A * (1 - A), 1 / 4 - (A - 1 / 2) ** 2)  # line 8
for z in (0.0, 3.0, 40.0, -40.0):
    a = sigmoid(z)
    print(f"z = {z:3.0f}: output {a:.4f}, slope {a * (1 - a):.2g}")

# %% [markdown]
# ## A quarter is not the whole factor
#
# "Each sigmoid shrinks the gradient to a quarter or less; a hundred make it $0.25^{100}$, which is nothing." You find this sentence in many places. Let us take it apart, beginning with one stop of a chain: $z = 6 a_0$, $a = \sigma(z)$.
#
# **Predict.** What is the largest value that $\partial a / \partial a_0$ can have?

# %%
check_answer("04.q2", ...)

# %%
a0 = np.linspace(-1, 1, 201)
factor = slopes(lambda a0: sigmoid(6 * a0), a0)
print(f"at a0 = {a0[factor.argmax()]:.0f} the factor is {factor.max():.4f}", end="; ")
print(f"at a0 = 1 it is {factor[-1]:.4f}")
small = np.float32(0.25) ** np.float32(100)
print(f"0.25 to the power of 100 is {0.25**100:.1g} in float64, and {small:g} in float32")

# %% [markdown]
# ### Measure it
#
# So the bound speaks of the sigmoid, not of the layer: **the weight is a factor too.** And $0.25^{100}$ is 0 only in float32, whose smallest positive number is about $10^{-45}$; float64 goes down to $10^{-308}$ and further.
#
# Now real layers: 100 of them, 128 units wide, weights drawn with the standard deviation $g / \sqrt{128}$, where $g$ is the *gain*. We send a random gradient back and note its size (the root of the sum of its squares). For a start, **no activation at all**, so every slope is exactly 1. **Predict:** with the gains 0.9, 1 and 1.1, what comes back through 100 layers?

# %%
def sizes_on_the_way_back(name, gain, **settings):
    forward, backward = (getattr(layers, f"{name}_{way}") for way in ("forward", "backward"))
    own = np.random.default_rng(4)
    A, dA, caches = own.normal(size=(32, 128)), own.normal(size=(32, 128)), []
    for _ in range(100):
        W = own.normal(scale=gain / np.sqrt(128), size=(128, 128))
        A, cache = forward(A @ W, **settings)
        caches.append((W, cache))
    sizes = [np.linalg.norm(dA)]
    for W, cache in reversed(caches):
        sizes.append(np.linalg.norm(dA := backward(dA, cache) @ W.T))
    return np.array(sizes) / sizes[0]

# %%
line = {"slope": 1}  # leaky ReLU with slope 1 on both sides is no bend at all
bare = {f"gain {g}": sizes_on_the_way_back("leaky_relu", g, **line) for g in (0.9, 1, 1.1)}
bent = {f"sigmoid, gain {g}": sizes_on_the_way_back("sigmoid", g) for g in (1, 6, 12)}
bent["tanh, gain 1"] = sizes_on_the_way_back("tanh", 1)
bent["ReLU, gain 1.41"] = sizes_on_the_way_back("relu", np.sqrt(2))
for name, sizes in (bare | bent).items():
    print(f"{name:16}  100 layers {sizes[-1]:7.0e}   one layer {sizes[-1] ** 0.01:.2f}")
assert bare["gain 0.9"][-1] < 1e-3 and bare["gain 1.1"][-1] > 1e3
assert bent["sigmoid, gain 1"][-1] < 1e-55 and bent["sigmoid, gain 12"][-1] > 1
draw.ways_back({"no activation": bare, "with an activation": bent})
plt.show()

# %% [markdown]
# **Figure.** The size of a gradient on its way back through 100 layers; equal steps upwards are equal factors. Left: without any activation it vanishes or explodes all the same, by the gain alone. Right: sigmoids with gain 1 shrink it to 0.23 a layer, with gain 6 to 0.75, and with gain 12 the gradient *grows*, though every slope is a quarter or less. Tanh and ReLU, at fitting gains, nearly keep it.

# %% [markdown]
# ### What decides, then?
#
# A layer is no number. Going back, a row $d$ of gradients becomes $(d \odot f')\, W^\top = d\, J$ with the Jacobian $J = \mathrm{diag}(f')\, W^\top$. How much longer can a row get? By at most the largest **singular value** of $J$ (that is what the word means), and for square $J$ by at least the smallest.
#
# "All factors are below 1" proves nothing: make every entry of a $64 \times 64$ matrix $J$ equal to $0.1$, and a row of ones grows 6.4 times. Nor does one large singular value prove growth: what stretches in one layer may be flattened in the next. For many layers, the singular values of the *product* of all Jacobians decide.

# %%
J, row = np.full((64, 64), 0.1), np.ones(64)
print(f"every entry 0.1: a row of ones grows {np.linalg.norm(row @ J) / 8:.1f} times")
W, z = rng.normal(scale=6 / np.sqrt(5), size=(5, 5)), rng.normal(size=5)
J, d = np.diag(slopes(sigmoid, z)) @ W.T, rng.normal(size=(1000, 5))
assert np.allclose((d * slopes(sigmoid, z)) @ W.T, d @ J)
stretch = np.linalg.norm(d @ J, axis=1) / np.linalg.norm(d, axis=1)
values = np.linalg.svd(J, compute_uv=False)
assert values[-1] <= stretch.min() and stretch.max() <= values[0]
print("five sigmoids, gain 6: singular values", values)
print(f"1000 random rows become {stretch.min():.2f} to {stretch.max():.2f} times as long")

# %% [markdown]
# ## Tanh
#
# $$a = \tanh z = \frac{u}{v}, \qquad u = e^z - e^{-z}, \quad v = e^z + e^{-z}$$
#
# Each is the other's derivative: $u' = v$ and $v' = u$. The quotient rule:
#
# $$a' = \frac{u' v - u v'}{v^2} = \frac{v^2 - u^2}{v^2} = 1 - a^2 \tag{9}$$
#
# Again the output is enough. The slope is 1 in the middle, four times the sigmoid's, and outputs have both signs. At both ends it is as flat.

# %%
u, v = np.exp(Z) - np.exp(-Z), np.exp(Z) + np.exp(-Z)
assert np.allclose(slopes(lambda Z: np.exp(Z) - np.exp(-Z), Z), v)
assert np.allclose(slopes(lambda Z: np.exp(Z) + np.exp(-Z), Z), u)
A, measured = np.tanh(Z), slopes(np.tanh, Z)
assert np.allclose(measured, (v * v - u * u) / v**2, rtol=1e-12)
assert np.allclose(measured, 1 - A**2, rtol=1e-12)  # line 9
for a in (0.0, 0.8, 0.99):
    print(f"output {a:.2f}: slope {1 - a * a:.4f}")

# %% [markdown]
# ## Saturated: wrong, sure, and slow
#
# Where a curve is nearly flat, the unit is **saturated**: some gradient passes, but little. Two sigmoid units should both say 0, with the loss $L = \tfrac12 a^2$. One says 0.6, the other 0.99. Which gets the larger gradient with respect to $z$?
#
# - **a** the unit at 0.99, about 1.7 times as large
# - **b** the unit at 0.6, about 15 times as large
# - **c** the unit at 0.6, about 24 times as large
# - **d** the unit at 0.6: at 0.99 none comes back at all

# %%
check_answer("04.q3", ...)  # a letter in quotes in place of the dots

# %% [markdown]
# ### The cure is another loss
#
# With target $t$, the loss $\tfrac12 (a - t)^2$ sends $a - t$ to the output, and (7) makes it $dz = (a - t)\, a\,(1 - a)$. The cross-entropy $-t \ln a - (1 - t) \ln (1 - a)$ sends
#
# $$\frac{\partial L}{\partial a} = -\frac{t}{a} + \frac{1 - t}{1 - a} = \frac{a - t}{a\,(1 - a)} \quad\text{so that}\quad dz = a - t \tag{10}$$
#
# The slope cancels. Below, the target is 0 and $z$ goes downhill with learning rate 1 until $a < 0.1$: how many steps does it take?

# %%
a, t = rng.uniform(0.1, 0.9, size=(2, 5))
da = slopes(lambda a: -t * np.log(a) - (1 - t) * np.log(1 - a), a)
assert np.allclose([da, da * a * (1 - a)], [(a - t) / (a * (1 - a)), a - t])  # line 10

def steps_downhill(a, dz):
    z, steps = np.log(a / (1 - a)), 0
    while sigmoid(z) >= 0.1:
        z, steps = z - dz(sigmoid(z)), steps + 1
    return steps
for a in (0.6, 0.9, 0.99, 0.999):
    squared, cross = steps_downhill(a, lambda a: a * a * (1 - a)), steps_downhill(a, lambda a: a)
    print(f"from {a:<5}  squared error: {squared:4} steps   cross-entropy: {cross:2} steps")

# %% [markdown]
# ## GELU: a bend without a corner
#
# ReLU multiplies $z$ by 0 or by 1. GELU multiplies it by the chance $\Phi(z)$ that a standard normal number lies below $z$:
#
# $$a = z\,\Phi(z), \qquad \Phi(z) = \tfrac12 \left(1 + \mathrm{erf}\,\tfrac{z}{\sqrt2}\right)$$
#
# About erf we need one fact, $\mathrm{erf}'(x) = \tfrac{2}{\sqrt\pi}\, e^{-x^2}$. With $x = z / \sqrt2$ inside,
#
# $$\varphi(z) = \Phi'(z) = \tfrac12 \cdot \tfrac{2}{\sqrt\pi}\, e^{-z^2/2} \cdot \tfrac{1}{\sqrt2} = \tfrac{1}{\sqrt{2\pi}}\, e^{-z^2/2} \tag{11}$$
#
# the bell curve. Both factors of $a$ contain $z$, so the product rule gives two terms:
#
# $$a' = \Phi(z) + z\,\varphi(z) \tag{12}$$

# %%
def Phi(Z):
    return 0.5 * (1 + erf(Z / np.sqrt(2)))

phi = np.exp(-(Z**2) / 2) / np.sqrt(2 * np.pi)
assert np.allclose(slopes(erf, Z), 2 / np.sqrt(np.pi) * np.exp(-(Z**2)), rtol=1e-12)
assert np.allclose(slopes(Phi, Z), phi, rtol=1e-12)  # line 11
assert np.allclose(slopes(lambda Z: Z * Phi(Z), Z), Phi(Z) + Z * phi, rtol=1e-12)  # line 12
for z in (-1.0, 0.0, 1.0):
    print(f"z = {z:+.0f}: slope {slopes(lambda z: z * Phi(z), z):+.4f}")

# %% [markdown]
# ### Three surprises
#
# 1. **It is steeper than 1.** As $\varphi' = -z\varphi$, the slope's own derivative is $\varphi + \varphi - z^2 \varphi = \varphi\,(2 - z^2)$: the slope peaks at $z = \sqrt2$.
# 2. **It falls** left of $z \approx -0.75$. So two different $z$ can have the *same* output and different slopes. No formula in $a$ alone can exist: GELU must remember $Z$.
# 3. **It can die.** Far left the slope is not 0, but as good as. The network from before, at the wild rate:

# %% tags=["nbval-ignore-output"]
def gelu_slope(z):
    return slopes(lambda z: z * Phi(z), z)

steepest, twice = gelu_slope(np.sqrt(2)), np.array([-1.2, -0.40126])  # found by trying
assert steepest > gelu_slope(np.linspace(-8, 8, 10_000)).max() - 1e-9
assert np.ptp(twice * Phi(twice)) < 1e-5
closed, accuracy = train(GELU, 2.0)
assert closed > 60 and accuracy < 0.8
print(f"1. the steepest slope: {steepest:.4f}")
print(f"2. z of {twice}: outputs {twice * Phi(twice)}, slopes {gelu_slope(twice)}")
print(f"3. slope at z = -5: {gelu_slope(-5.0):.0e}; at rate 2, {closed} of 100 units are negative")
print(f"   for all examples, and {accuracy:.0%} of new digits are right")

# %% [markdown]
# ## The code as shipped, and what it must remember
#
# | pair | keeps | because |
# |---|---|---|
# | ReLU, leaky ReLU | a mask, 1 byte an entry | there are only two slopes |
# | sigmoid, tanh | $A$ | (7) and (9) need nothing else |
# | GELU | $Z$, and $\Phi$ to save an `erf` | $A$ does not tell the slope |
#
# Keeping $A$ costs nothing: the linear layer that follows keeps it anyway, as its input. It is the *same* array, so leave it alone until the way back is done.
#
# Below, the five backward functions without their docstrings. `expect_like` refuses a `dout` of another shape; `_keep` multiplies by the mask; `approximate` is GELU's faster form with tanh, which we do not use.

# %%
for name in ("relu", "leaky_relu", "sigmoid", "tanh", "gelu"):
    head, _, body = inspect.getsource(getattr(layers, f"{name}_backward")).split('"""')
    print(head.splitlines()[0] + body.rstrip())
Z = rng.normal(size=(5, 4))
A, kept = layers.sigmoid_forward(Z)
_, (kept_by_linear, _) = layers.linear_forward(A, rng.normal(size=(4, 3)), np.zeros(3))
assert kept is A and kept_by_linear is A
print("\nbytes kept: sigmoid", kept.nbytes, " ReLU", layers.relu_forward(Z)[1].nbytes)

# %% [markdown]
# ## Shapes, and where they mislead
#
# On the way back four arrays of the shape $(N, H)$ may lie about: $Z$, $A$, `dout`, and the pre-activation of the next layer. **Each can make a mask for ReLU, and each fits. Which are right?**
#
# <details><summary>Answer</summary>Z and A: for ReLU, a is positive exactly when z is. A mask from dout is a common slip. But an entry was open or closed on the way out, before any dout existed.</details>
#
# Two more that fit: a `dout` that lost its rows, of shape $(H,)$, is copied to every row by broadcasting; and for $N = H$ a matrix product, which lets examples talk to each other. No activation does that.

# %%
Z, dout, W2 = (rng.normal(size=shape) for shape in ((5, 4), (5, 4), (4, 4)))
A, right = relu(Z), dout * slopes(relu, Z)
for name, array in {"Z": Z, "A": A, "dout": dout, "Z of the next layer": A @ W2}.items():
    wrong = (dout * (array > 0) != right).sum()
    print(f"mask from {name:19}  shape {array.shape}, {wrong:2} of {Z.size} entries wrong")
print("a dout without rows:", (dout.mean(axis=0) * (Z > 0)).shape, "and no complaint")
print("a matrix product, N = H:", (dout[:4] @ (Z[:4] > 0)).shape)
try:
    layers.relu_backward(dout.mean(axis=0), Z > 0)
except ValueError as error:
    print("our layer:", error)

# %% [markdown]
# ## Check them, and know what a check sees
#
# `check_pair` draws a random `dout` and compares with measured slopes. Two warnings.
#
# **Look at both sides.** Where all of $Z$ is positive, a ReLU without any mask is *right*. A test must hold both signs.
#
# **Mind the corner.** Central differences step from $-h$ to $+h$. A corner in between is averaged: at exactly 0 they say one half, and close to it some other mixture. The complex step does not move to the side, and agrees.

# %%
for name in ("relu", "leaky_relu", "sigmoid", "tanh", "gelu"):
    pair = getattr(layers, f"{name}_forward"), getattr(layers, f"{name}_backward")
    print(f"{name:11}", str(gradcheck.check_pair(*pair, Z)).splitlines()[1])
no_mask = layers.relu_forward, lambda dout, mask: dout
print("no mask, Z all positive:", gradcheck.check_pair(*no_mask, np.abs(Z)).ok)
print("no mask, both signs:    ", gradcheck.check_pair(*no_mask, Z).ok)
corner = np.array([-1.0, -1e-6, 0.0, 1e-6, 1.0])
measured = gradcheck.numerical_gradient(lambda Z: relu(Z).sum(), corner)
assert np.array_equal(slopes(relu, corner), corner > 0)  # the complex step
print("near the corner, central differences:", measured)
print("near the corner, ReLU as shipped:    ", layers.relu_backward(np.ones(5), corner > 0))

# %% [markdown]
# ## Drag it
#
# Run the cell. Choose an activation; drag a slider, or click one and use the arrow keys. The hollow bar is the gradient that arrives, the filled one what passes. Find
#
# 1. a place where it comes out with the *other* sign, and one where it comes out larger;
# 2. how far left tanh passes less than 5 %, and where the sigmoid does;
# 3. a place where nothing passes. Can `dout` change that?
# 4. what the leak does to a closed ReLU.
#
# <details><summary>Answers</summary>1. GELU left of -0.75, SiLU left of -1.28; right of 0.75 and 1.28 they pass more than arrived. 2. From -2.2 on; from -2.9 on. 3. ReLU left of 0, and no. 4. It passes that share of dout.</details>

# %%
ActivationExplorer("GELU", z=-1.2)

# %% [markdown]
# **Figure.** One activation at one place. Left, the function in blue with its tangent, and below it the slope over all of $z$; the two dots stand at the same $z$. Right, the stop as the two passes see it: blue values run through to the right, orange gradients to the left, multiplied by the slope. The two bars share one scale.

# %% [markdown]
# ## Break it on purpose
#
# This backward looks at `dout` for its mask. Every shape fits and nothing crashes. Before you run it: what evidence could `check` give?
#
# Then try others, one at a time: `dout * (Z >= 0)`; `dout * Z`; `dout @ (Z > 0)`. Or write `tanh_backward(dout, A)` with the slope $1 - a$.

# %%
def relu_backward(dout, Z):
    return dout * (dout > 0)


check(relu_backward)

# %% [markdown]
# ## The short way equals the long way
#
# The long way builds the whole Jacobian of the layer, $(NH)^2$ numbers, and multiplies. The short way (4) is one product entry by entry. For 128 examples and 512 units that is 4.3 billion numbers against 65,536.
#
# And two slopes are one: with $s = \sigma(2z)$, $\tanh z = 2s - 1$. The chain rule gives $2 \cdot s(1 - s) \cdot 2$, and putting $s = \tfrac12 (1 + a)$ in gives $(1 + a)(1 - a)$, which is (9).

# %%
for name in ("relu", "leaky_relu", "sigmoid", "tanh", "gelu"):
    forward, backward = (getattr(layers, f"{name}_{way}") for way in ("forward", "backward"))
    units = np.eye(Z.size).reshape(Z.size, *Z.shape)  # one entry of Z at a time
    columns = [slopes(lambda t: forward(Z + t * unit)[0], 0).ravel() for unit in units]
    long_way = (dout.ravel() @ np.stack(columns, axis=1)).reshape(Z.shape)
    short_way = backward(dout, forward(Z)[1])
    assert np.allclose(long_way, short_way, rtol=1e-12, atol=1e-15)
s, a = sigmoid(2 * Z), np.tanh(Z)
assert np.allclose(a, 2 * s - 1) and np.allclose(2 * s * (1 - s) * 2, 1 - a**2)
print("for all five pairs, dout times the whole Jacobian is the short way")
print(f"numbers in the Jacobian of 128 x 512: {(128 * 512) ** 2:,}")

# %% [markdown]
# ## Formula card
#
# | activation | slope | keep |
# |---|---|---|
# | any, entry by entry | `dZ = dout * f'(Z)` | |
# | ReLU | $[z > 0]$, and 0 at the corner | mask from $Z$ |
# | leaky ReLU | $1$ or $s$ | mask from $Z$ |
# | sigmoid | $a\,(1 - a) \le \tfrac14$ | $A$ |
# | tanh | $1 - a^2 \le 1$ | $A$ |
# | GELU | $\Phi + z\varphi$, from $-0.13$ to $1.13$ | $Z$ |
#
# - **Closed**: no gradient at one entry. **Dead**: closed for every example. **Saturated**: hardly any.
# - Slopes are half of the story: weights multiply too, and singular values decide.
#
# **Exercises** (10 points): [exercises/04_activations.ipynb](../exercises/04_activations.ipynb). SiLU waits for you there. Lesson 05 then finds out where the first gradient comes from.
