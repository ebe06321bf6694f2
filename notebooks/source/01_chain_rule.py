# %% [markdown]
# # Lesson 01. The chain rule
#
# You will send a number through one neuron, send the answer back, and know of each number that went
# in how much it is to blame for the loss.
#
# **You need** Python, and the slope of a curve from school. **Time:** 60 minutes, and as long again
# for the exercises.
#
# After this you can
# - read a derivative as a factor: *how many times as much*;
# - write the gradient of a neuron as a product of three small factors, and compute it by hand;
# - say why one trip back from the loss serves every gradient, and why gradients shrink on a long
#   way through sigmoids.
#
# (Rather play first? Run the next cell, then go to [Drag it](#Drag-it).)

# %%
import inspect

import matplotlib.pyplot as plt
import numpy as np

from backprop_course import check, check_answer, layers, losses
from backprop_course.figures.neuron import nudge_chain, sensitivity_curves
from backprop_course.gradcheck import check_gradients
from backprop_course.widgets import neuron_explorer

np.set_printoptions(precision=4, suppress=True)
rng = np.random.default_rng(1)

# %% [markdown]
# ## One neuron, and a question
#
# A neuron multiplies its input $x$ by a **weight** $w$, adds a **bias** $b$, and lets only what is
# positive pass (this is called **ReLU**). The **loss** $L$ says how far the output $a$ is from the
# **target** $y$: half of the squared distance.
#
# $$z = w x + b, \qquad a = \max(0, z), \qquad L = \tfrac12 (a - y)^2$$
#
# With $x = 2$, $w = 3$, $b = 1$, $y = 10$ we get $z = 2 \cdot 3 + 1 = 7$, $a = 7$ and
# $L = \tfrac12 (7 - 10)^2 = 4.5$.
#
# **Predict before you run.** You raise $w$ by $0.01$. What does the loss do?
#
# - **a** it rises by about 0.06
# - **b** it falls by about 0.06
# - **c** it falls by about 0.03
# - **d** it rises by about 0.02

# %%
check_answer("01.q1", ...)  # your letter in place of the dots, like "a"; then run the cell

# %%
def loss_of(x, w, b, y):
    a = max(0.0, w * x + b)
    return (a - y) ** 2 / 2


before, after = loss_of(2, 3, 1, 10), loss_of(2, 3.01, 1, 10)
print(f"loss before {before:.4f}, after {after:.4f}, change {after - before:+.4f}")

# %% [markdown]
# ## A derivative is a factor
#
# The nudge of $0.01$ became $-0.0598$: about **$-6$ times as much**. Whoever knows this factor knows
# what to do with $w$: raise it, and the loss falls six times as fast. Training a network is finding
# such a factor for each of its weights and acting on it, again and again. So where does the $-6$
# come from?
#
# At school a derivative is a **slope**: how far you climbed divided by how far you went, in the limit
# of small steps. Multiply by the step and read it the other way:
#
# $$f'(x) = \lim_{h \to 0} \frac{f(x + h) - f(x)}{h}
# \qquad \Longrightarrow \qquad f(x + h) \approx f(x) + f'(x)\, h$$
#
# A nudge $h$ goes in, about $f'(x)$ times as much comes out. Take $f(x) = x^2$ at $x = 3$, where
# $f' = 6$:

# %%
def square(v):
    return v**2


for h in (1, 0.1, 0.01, 0.001):
    climbed = square(3 + h) - square(3)
    print(f"went {h:<5}  climbed {climbed:.6f}  ratio {climbed / h:.4f}", end="  ")
    print(f"promised {6 * h:.6f}  missed by {climbed - 6 * h:.6f}")

# %% [markdown]
# ### Three machines in a row
#
# A nudge ten times smaller is missed by a hundred times less. So a derivative is an honest promise
# about small nudges, and no promise at all about large ones. Keep this in mind.
#
# Now three machines: times 3, plus 1, square. $\;x \to u = 3x \to v = u + 1 \to f = v^2$. From
# $x = 2$ come $u = 6$, $v = 7$, $f = 49$.
#
# **Predict.** You nudge $x$ by $0.01$. The machines have the factors $3$, $1$ and, at $v = 7$, $14$.
# By how much does $f$ move, about?
#
# <details><summary>Answer</summary>The nudge leaves the first machine as 0.03, the second still as
# 0.03, the third as about 14 times 0.03, which is 0.42. Factors in a row multiply: 3 · 1 · 14 =
# 42.</details>

# %%
def wires(x):
    u = 3 * x
    v = u + 1
    return [x, u, v, square(v)]


at_rest, nudged = wires(2), wires(2.01)
for name, old, new in zip("xuvf", at_rest, nudged):
    print(f"{name}: {old:2} became {new:7.4f}, moved by {new - old:.4f}")
stops, factors = ["times 3", "plus 1", "square"], [3, 1, 14]
figure = nudge_chain("xuvf", stops, factors, at_rest, nudged)
plt.show()

# %% [markdown]
# **Figure.** A nudge travels through three machines. The bar is as thick as the nudge is large: it
# enters as 0.01, triples, passes the addition unchanged, and leaves as 0.4209, about 42 times what
# went in. Blue numbers are values, orange ones the factors of the machines.

# %% [markdown]
# ## Why factors multiply
#
# Let $u = g(x)$ feed $f(u)$. That $f$ has the derivative $f'(u)$ means: a nudge $\delta$ of $u$ moves
# $f$ by
#
# $$f(u + \delta) - f(u) = \big(f'(u) + \varepsilon(\delta)\big)\, \delta, \qquad
# \varepsilon(\delta) \to 0 \text{ as } \delta \to 0$$
#
# Nudge $x$ by $h$: then $u$ moves by $\delta = g(x + h) - g(x)$. Put it in and divide by $h$:
#
# $$\frac{f(g(x + h)) - f(g(x))}{h} = \big(f'(u) + \varepsilon(\delta)\big) \cdot
# \frac{g(x + h) - g(x)}{h}$$
#
# As $h$ shrinks, so does $\delta$ ($g$ has a slope, so it cannot jump). What remains is the **chain
# rule**:
#
# $$\frac{df}{dx} = \frac{df}{du} \cdot \frac{du}{dx} \qquad
# \text{with } \frac{df}{du} \text{ taken at } u = g(x)$$
#
# (With $\varepsilon(0) = 0$ the lines hold for $\delta = 0$ too; we never divided by it.)

# %%
x = 0.7
u = np.sin(x)  # f = exp, g = sin: the outer derivative is taken at u, not at x
df_du, du_dx = np.exp(u), np.cos(x)
for h in (0.1, 0.01, 0.001, 0.0001):
    delta = np.sin(x + h) - np.sin(x)
    epsilon = (np.exp(u + delta) - np.exp(u)) / delta - df_du
    quotient = (np.exp(np.sin(x + h)) - np.exp(np.sin(x))) / h
    assert np.isclose(quotient, (df_du + epsilon) * delta / h)
    print(f"h = {h:<6}  epsilon = {epsilon:.4f}  quotient = {quotient:.4f}")
print(f"the product df_du * du_dx        = {df_du * du_dx:.4f}")
assert abs(quotient - df_du * du_dx) < 1e-3

# %% [markdown]
# A longer chain $f(g(h(x)))$, where $h$ is for once a function, is a short one twice: with $u = h(x)$
# and $v = g(u)$,
#
# $$\frac{df}{dx} = \frac{df}{dv} \cdot \frac{dv}{du} \cdot \frac{du}{dx}$$
#
# Each factor is a **local derivative**: it belongs to one machine, and needs to know only what that
# machine was fed. From now on we compare with a slope measured on both sides of $x$,
# $\big(f(x + h) - f(x - h)\big) / 2h$, which for a smooth $f$ is far closer to the limit.

# %%
def slope(f, x, h=1e-5):
    return (f(x + h) - f(x - h)) / (2 * h)


for x in rng.normal(size=3):
    u = x**2
    v = np.sin(u)
    df_dv, dv_du, du_dx = np.exp(v), np.cos(u), 2 * x
    measured = slope(lambda x: np.exp(np.sin(x**2)), x)
    print(f"x = {x:.4f}  product {df_dv * dv_du * du_dx:.4f}  measured {measured:.4f}")
    assert abs(df_dv * dv_du * du_dx - measured) < 1e-8

# %% [markdown]
# ## The neuron, stop by stop
#
# The neuron is such a chain: $w \to z \to a \to L$. The loss depends on four numbers; we nudge one,
# hold the others still, and write a round $\partial$ to say so. On the way out we had $z = 7$,
# $a = 7$, $L = 4.5$. Now one local derivative for each stop, beginning at the loss.
#
# **The loss.** $L = \tfrac12 (a - y)^2$. For any nudge $h$ of $a$,
#
# $$\frac{\tfrac12 (a + h - y)^2 - \tfrac12 (a - y)^2}{h} = (a - y) + \frac{h}{2}
# \quad\longrightarrow\quad \frac{\partial L}{\partial a} = a - y$$
#
# This is what the $\tfrac12$ is for: it meets the 2 of the square. With our numbers,
# $7 - 10 = -3$.

# %%
a, y, h = rng.normal(size=3)
quotient = ((a + h - y) ** 2 / 2 - (a - y) ** 2 / 2) / h
assert np.isclose(quotient, (a - y) + h / 2)
print(f"measured at a = 7, y = 10: {slope(lambda a: (a - 10) ** 2 / 2, 7.0):.4f}")

# %% [markdown]
# **ReLU.** $a = \max(0, z)$ copies $z$ where it is positive and stays at 0 where it is negative:
#
# $$\frac{\partial a}{\partial z} = [z > 0] = 1 \text{ if } z > 0, \text{ else } 0$$
#
# The square bracket counts as 1 when what stands in it is true and as 0 otherwise. At $z = 0$
# exactly the graph has a corner: slope 0 on its left, slope 1 on its right, and so no derivative. A
# program must return something; we take $0$, as most libraries do. With our $z = 7$ the factor is
# $1$.

# %%
def relu(z):
    return max(0.0, z)


for z in (7.0, -2.0):
    print(f"z = {z:+.0f}: measured {slope(relu, z):.4f}")
    assert abs(slope(relu, z) - (z > 0)) < 1e-8
left, right = (relu(0.0) - relu(-0.01)) / 0.01, (relu(0.01) - relu(0.0)) / 0.01
print(f"z =  0: {left:.4f} from the left, {right:.4f} from the right")

# %% [markdown]
# **The weighted sum.** $z = w x + b$ takes in three numbers, so it has three local derivatives. For
# any nudge $h$, exactly:
#
# $$\frac{(w + h) x + b - (w x + b)}{h} = x, \qquad
# \frac{w (x + h) + b - (w x + b)}{h} = w, \qquad
# \frac{w x + (b + h) - (w x + b)}{h} = 1$$
#
# | local derivative | is | with our numbers |
# |---|---|---|
# | $\partial z / \partial w$ | $x$ | 2 |
# | $\partial z / \partial x$ | $w$ | 3 |
# | $\partial z / \partial b$ | $1$ | 1 |
#
# In a product, a nudge of one partner is multiplied by the *other* partner.

# %%
x, w, b, h = rng.normal(size=4)
assert np.isclose(((w + h) * x + b - (w * x + b)) / h, x)
assert np.isclose((w * (x + h) + b - (w * x + b)) / h, w)
assert np.isclose((w * x + (b + h) - (w * x + b)) / h, 1)
print("the three local derivatives are x, w and 1")

# %% [markdown]
# ### The product
#
# From the loss back to the weight:
#
# $$\frac{\partial L}{\partial w} =
# \frac{\partial L}{\partial a} \cdot \frac{\partial a}{\partial z} \cdot
# \frac{\partial z}{\partial w} = (a - y) \cdot [z > 0] \cdot x = (-3) \cdot 1 \cdot 2 = -6$$
#
# Here is the $-6$. Each factor tells its story: the output is 3 too small ($-3$), the neuron is open
# ($1$), and every move of the weight arrives doubled, since it multiplies $x = 2$. Check the formula
# at random neurons, open and closed:

# %%
for x, w, b, y in rng.normal(size=(5, 4)):
    z = w * x + b
    a = max(0.0, z)
    product = (a - y) * x if z > 0 else 0.0
    measured = slope(lambda w: loss_of(x, w, b, y), w)
    print(f"z = {z:+.4f}  product {product:+.4f}  measured {measured:+.4f}")
    assert abs(product - measured) < 1e-8

# %% [markdown]
# ### One trip back serves all
#
# The ways from $w$, from $x$ and from $b$ to the loss meet at $z$. From there on they are the same,
# so we walk that part once:
#
# $$\frac{\partial L}{\partial z} = (a - y)\,[z > 0] = -3$$
#
# $$\frac{\partial L}{\partial w} = -3 \cdot 2 = -6, \qquad
# \frac{\partial L}{\partial x} = -3 \cdot 3 = -9, \qquad
# \frac{\partial L}{\partial b} = -3 \cdot 1 = -3$$
#
# In code the gradient of the loss with respect to `w` is called `dw`, and likewise for every other
# name. The trip starts at the loss with a 1: the loss moves exactly as much as itself. `dw` and `db`
# are for training; `dx` is what a neuron hands on to the neuron before it.

# %%
dloss = 1.0
da = dloss * (7 - 10)
dz = da * 1
dw, dx, db = dz * 2, dz * 3, dz * 1
print(f"da = {da:g}, dz = {dz:g}, dw = {dw:g}, dx = {dx:g}, db = {db:g}")

assert abs(slope(lambda w: loss_of(2, w, 1, 10), 3.0) - dw) < 1e-8
assert abs(slope(lambda x: loss_of(x, 3, 1, 10), 2.0) - dx) < 1e-8
assert abs(slope(lambda b: loss_of(2, 3, b, 10), 1.0) - db) < 1e-8

# %% [markdown]
# ### The road runs through the activations
#
# Put one neuron behind another, $x \to z_1 \to a_1 \to z_2 \to L$, both without bias and the second
# without ReLU:
#
# $$z_1 = w_1 x, \qquad a_1 = \max(0, z_1), \qquad z_2 = w_2 a_1, \qquad L = \tfrac12 (z_2 - y)^2$$
#
# How does $w_1$ reach the loss? Many answer "through $w_2$". **Predict:** you nudge
# $w_1$. Which of $z_1$, $a_1$, $w_2$, $z_2$ move?
#
# <details><summary>Answer</summary>All but w₂. A weight is set by training, not computed from other
# weights: ∂w₂/∂w₁ = 0, and no road leads that way.</details>
#
# $$\frac{\partial L}{\partial w_1} =
# \frac{\partial L}{\partial z_2} \cdot \frac{\partial z_2}{\partial a_1} \cdot
# \frac{\partial a_1}{\partial z_1} \cdot \frac{\partial z_1}{\partial w_1}
# \qquad \text{where } \frac{\partial z_2}{\partial a_1} = w_2$$
#
# The weight $w_2$ is in the product as a *factor*, not as a stop.

# %%
def two_neurons(w1, w2=-0.5, x=1.5, y=2.0):
    z1 = w1 * x
    a1 = max(0.0, z1)
    z2 = w2 * a1
    return {"z1": z1, "a1": a1, "w2": w2, "z2": z2, "loss": (z2 - y) ** 2 / 2}


old, new = two_neurons(2.0), two_neurons(2.01)
print(", ".join(f"{name} moves by {new[name] - old[name]:+.4f}" for name in old))
product = (old["z2"] - 2.0) * old["w2"] * 1 * 1.5
print(f"dL/dw1 = {product:.4f}")
assert abs(product - slope(lambda w1: two_neurons(w1)["loss"], 2.0)) < 1e-8

# %% [markdown]
# ### In which order?
#
# Let $z_2$ have an activation too, out of which comes the answer $\hat y$. Then the chain is
# $x \to z_1 \to a_1 \to z_2 \to \hat y \to L$, and the first weight gets five factors:
#
# $$\frac{\partial L}{\partial w_1} =
# \frac{\partial L}{\partial \hat y} \cdot \frac{\partial \hat y}{\partial z_2} \cdot
# \frac{\partial z_2}{\partial a_1} \cdot \frac{\partial a_1}{\partial z_1} \cdot
# \frac{\partial z_1}{\partial w_1}$$
#
# Ordinary numbers may be multiplied in any order. We always start **at the loss**, from left to
# right as written. One reason you have seen: whatever we have multiplied so far is the gradient of
# the place where we stand, and all that lies further back shares it. The other reason comes when
# the factors are matrices: this order multiplies a row by a matrix each time, the other one
# matrices by matrices, which can cost more than a hundred times as much.

# %%
x, w1, w2, y = 1.5, 2.0, -0.5, 2.0
a1 = max(0.0, w1 * x)
y_hat = np.exp(w2 * a1)  # exp for the second activation: it is its own derivative
so_far = np.cumprod([y_hat - y, y_hat, w2, 1, x])
for place, gradient in zip(["y_hat", "z2", "a1", "z1", "w1"], so_far):
    print(f"d{place} = {gradient:.4f}")
measured = slope(lambda w1: (np.exp(w2 * max(0.0, w1 * x)) - y) ** 2 / 2, w1)
assert abs(so_far[-1] - measured) < 1e-8

# %% [markdown]
# ## One step downhill
#
# A gradient is there to be used. Move each parameter a little *against* its gradient, with a small
# **learning rate** $\alpha$. ($x$ and $y$ stay: they are data.)
#
# $$w \leftarrow w - \alpha \frac{\partial L}{\partial w}, \qquad
# b \leftarrow b - \alpha \frac{\partial L}{\partial b}$$
#
# Each promises to move the loss by its factor times its nudge, together by about
#
# $$-\alpha \Big(\frac{\partial L}{\partial w}\Big)^2 -
# \alpha \Big(\frac{\partial L}{\partial b}\Big)^2 = -\alpha\,(36 + 9)$$
#
# **Predict.** For $\alpha = 0.01$ the promise is a fall of $0.45$. Will it be kept? And for
# $\alpha = 0.4$: a fall of $18$, from $4.5$?

# %%
for alpha in (0.01, 0.1, 0.2, 0.4, 0.5):
    w, b = 3 - alpha * dw, 1 - alpha * db
    promised = -alpha * (dw**2 + db**2)
    real = loss_of(2, w, b, 10) - loss_of(2, 3, 1, 10)
    print(f"alpha {alpha:<4}  promised {promised:8.4f}  real {real:8.4f}")

# %% [markdown]
# With $\alpha = 0.01$ the loss falls by $0.4388$, nearly what was promised. With $0.1$ only part of
# the promise is kept; $0.2$ happens to land on the target; $0.4$ overshoots to the same loss on the
# other side; $0.5$ makes things worse.
#
# The gradient was right every time. It speaks about small steps, and we asked it about large ones.

# %% [markdown]
# ## When nothing gets through
#
# Change only the bias, to $b = -8$. Then $z = 2 \cdot 3 - 8 = -2$ and $a = 0$. The target is still
# $10$, and the loss is a large $50$.
#
# **Predict** $\partial L / \partial w$, as a number.

# %%
check_answer("01.q2", ...)  # your number in place of the dots

# %%
for w in (2.9, 3.0, 3.1):
    print(f"w = {w}: loss {loss_of(2, w, -8, 10):.4f}")

# %% [markdown]
# The loss does not care. The neuron is **closed**: its middle factor is 0, and 0 times anything is
# 0, however wrong the answer. From this example it learns nothing.
#
# That is no disaster yet. For another $x$ the same neuron may be open, and in a healthy network at the
# start of training about half of all neurons are closed for any one example. Only a neuron that is
# closed for *every* example is **dead**: its weights get no gradient from any of them, so gradient
# descent leaves them where they are. Lesson 04 shows how that happens and what helps.

# %% [markdown]
# ## A long chain of sigmoids
#
# Before ReLU, neurons used the **sigmoid**, which squeezes any number into the range from 0 to 1:
# $\sigma(z) = 1 / (1 + e^{-z})$. For its slope use the chain rule, with $u = 1 + e^{-z}$ and
# $\sigma = 1/u$:
#
# $$\frac{d\sigma}{dz} = \frac{d\sigma}{du} \cdot \frac{du}{dz}
# = \Big(-\frac{1}{u^2}\Big) \cdot \big(-e^{-z}\big) = \frac1u \cdot \frac{e^{-z}}{u}$$
#
# The first factor is $\sigma$ itself, the second is $(u - 1)/u = 1 - \sigma$. So the way out has
# computed all that the way back needs:
#
# $$\sigma'(z) = \sigma(z)\,\big(1 - \sigma(z)\big) = \tfrac14 - \big(\sigma(z) - \tfrac12\big)^2$$
#
# The last form is the same, multiplied out. It shows that a sigmoid's slope is **never above one
# quarter**.

# %%
def sigmoid(z):
    return 1 / (1 + np.exp(-z))


z = rng.normal(size=5)
u, s = 1 + np.exp(-z), sigmoid(z)
assert np.allclose((-1 / u**2) * -np.exp(-z), 1 / u * np.exp(-z) / u)
assert np.allclose(1 / u * np.exp(-z) / u, s * (1 - s))
assert np.allclose(s * (1 - s), 0.25 - (s - 0.5) ** 2)
assert np.allclose(s * (1 - s), slope(sigmoid, z))
print("\n".join(f"slope at z = {z:2}: {sigmoid(z) * (1 - sigmoid(z)):.6f}" for z in (0, 2, 5, 10)))

# %% [markdown]
# **Predict.** Ten of them in a row, all weights 1: $a_0 = x$ and $a_k = \sigma(a_{k-1})$. What can you
# say about the factor $\partial a_{10} / \partial x$ before you compute it?
#
# - **a** it is at most 2.5
# - **b** it is at most 0.25
# - **c** it is at most 0.025
# - **d** it is below 0.000001
#
# (Several may be true; pick the one that says most.)

# %%
check_answer("01.q3", ...)

# %% [markdown]
# With weights, stop $k$ computes $a_k = \sigma(w_k\, a_{k-1})$. Its factor is
#
# $$\frac{\partial a_k}{\partial a_{k-1}} = a_k\, (1 - a_k)\, w_k$$
#
# Go out once and keep every $a_k$. Come back once and carry **one running number**: how sensitive
# the output is to the place where we stand.

# %%
def go_out(x, weights):
    a = [x]
    for w in weights:
        a.append(sigmoid(w * a[-1]))
    return a


def come_back(a, weights):
    carried = [1.0]
    for k in reversed(range(len(weights))):
        carried.append(carried[-1] * a[k + 1] * (1 - a[k + 1]) * weights[k])
    return np.array(carried)

# %%
weights = rng.uniform(1, 3, size=4)
for x in (0.8, -1.3):
    carried = come_back(go_out(x, weights), weights)[-1]
    measured = slope(lambda x: go_out(x, weights)[-1], x)
    print(f"x = {x:+.1f}  carried back {carried:.6f}  measured {measured:.6f}")
    assert abs(carried - measured) < 1e-10

ones = np.ones(10)
ten = come_back(go_out(1.0, ones), ones)[-1]
print(f"ten sigmoids, weights 1, x = 1: {ten:.2e}, and 0.25^10 is {0.25**10:.2e}")

# %%
curves = {}
for w in (1, 4, -5):
    weights = np.full(20, float(w))
    curve = np.abs(come_back(go_out(1.0, weights), weights))
    curves[f"every weight {w}"] = curve
    print(f"weights {w:2}: 1 stop {curve[1]:.1e}, 10 stops {curve[10]:.1e}, 20 stops {curve[20]:.1e}")
figure = sensitivity_curves(curves)
plt.show()

# %% [markdown]
# **Figure.** The size of the running number, from the output (left) back through 20 sigmoids, on an
# axis where equal steps are equal factors. With weights 1 it stays below the dashed line of one
# quarter a stop: the gradient **vanishes**. Weights of 4 make it worse, since they push the sigmoids
# to where they are flat. Weights of $-5$ happen to keep *slope times weight* near 1 in size, and the
# gradient shrinks far more slowly (the drop at the end is the first sigmoid, which $x = 1$ drives to where it is
# flat).
#
# So "the slope of a sigmoid is below 1, hence gradients vanish" is half of the truth: the weights
# count as well. Lesson 10 builds remedies on that.

# %% [markdown]
# ## The code as shipped
#
# The layers of this course are pairs: a forward that computes and leaves a **cache** at the stop, and
# a backward that is handed `dout`, the gradient that arrives, and multiplies it by the local
# derivative. Here is the stop ReLU as all later lessons use it, for whole arrays. The `mask` is our
# bracket $[z > 0]$ for every entry, and `_keep` multiplies by it.
#
# Below it, our neuron made of three such stops. The pairs want matrices, so they get matrices with
# one entry: one example, one input, one output.

# %%
print(inspect.getsource(layers.relu_forward))
print(inspect.getsource(layers.relu_backward))

# %%
X, W, b, target = np.array([[2.0]]), np.array([[3.0]]), np.array([1.0]), np.array([[10.0]])
Z, linear_cache = layers.linear_forward(X, W, b)
A, relu_cache = layers.relu_forward(Z)
loss, loss_cache = losses.squared_error_forward(A, target)
print(f"the way out:  z = {Z.item():g}, a = {A.item():g}, loss = {loss:g}")

dA = losses.squared_error_backward(1.0, loss_cache)
dZ = layers.relu_backward(dA, relu_cache)
dX, dW, db = layers.linear_backward(dZ, linear_cache)
print(f"the way back: dx = {dX.item():g}, dw = {dW.item():g}, db = {db.item():g}")
assert (dX.item(), dW.item(), db.item()) == (-9, -6, -3)

# %% [markdown]
# ## Units, and where they mislead
#
# Lesson 03 will guess gradients from shapes. A single number has no shape, but it may have a
# **unit**. Say the neuron prices a taxi ride: $x$ in km, $w$ in euro per km, $b$, $z$, $a$ and $y$
# in euro. Then $L$ is in euro², and
#
# $$\frac{\partial L}{\partial w} \text{ is in } \frac{\text{euro}^2}{\text{euro/km}} =
# \text{euro} \cdot \text{km}, \quad \text{just like } (a - y) \cdot x$$
#
# Units find a lost $x$ at once. They are blind to whatever has no unit: a lost bracket $[z > 0]$, a
# factor of 2, a sign. Numbers can mislead too. **Predict:** for which $x$ does a lost factor $x$ not
# show?

# %%
w, b, y = 3, 1, 10
for x in (1, 2, 0):
    z = w * x + b
    print(f"x = {x}: right {(z - y) * x:2}, with the factor x forgotten {z - y:2}")

# %% [markdown]
# ## The gradient check
#
# At $x = 1$ the mistake is invisible. Ones hide forgotten factors, zeros hide forgotten terms, equal
# numbers hide swapped ones: whoever checks a gradient uses random numbers.
#
# `check_gradients` does what you have been doing with `slope`, for all arguments of a loss in one
# go. Its report has a line for each; the empty brackets are the shape of a single number.
# "Agrees (below 1e-12)" says that formula and measurement differ by less than a millionth of a
# millionth of their size (`slope` gave us about ten digits; lesson 06 shows the better ruler).
#
# Two checks: a right gradient, and one with a planted mistake. **Predict** which line of the second
# report complains.

# %%
def loss(x, w, b):
    z = w * x + b
    a = np.where(z.real > 0, z, 0)  # .real, because the check tries complex numbers as well
    return (a - 10) ** 2 / 2


x, w, b = rng.uniform(0.5, 2.5, size=3)
point = {"x": np.array(x), "w": np.array(w), "b": np.array(b)}
dz = w * x + b - 10  # all three are positive, so the neuron is open
print(check_gradients(loss, point, {"x": dz * w, "w": dz * x, "b": dz}))
print(check_gradients(loss, point, {"x": dz * w, "w": dz, "b": dz}))

# %% [markdown]
# ## Drag it
#
# Run the cell. Drag a slider, or click one and press an arrow key: that is a nudge of 0.01. Find
#
# 1. how far the loss falls when you nudge $w$ up from 3: is it the gradient times the nudge?
# 2. two kinds of places where the tangent is flat, so that $\partial L / \partial w = 0$;
# 3. an input $x$ for which $w$ gets no gradient but $b$ does;
# 4. a loss above 20 from which *step downhill* does nothing.
#
# <details><summary>Answers</summary>1. From 4.50 to 4.44: yes, 6 times 0.01. 2. Where the target is
# met, and wherever the neuron is closed. 3. x = 0 (a third flat place), with b above 0 and a missed
# target: the weight multiplies nothing. 4. A closed neuron far from its target, such as w = -3.</details>

# %%
neuron_explorer()

# %% [markdown]
# **Figure.** The neuron with all its numbers. In the upper half, blue values run to the right and
# orange gradients run back to the left; each box shows the local derivative it multiplies by. Below
# left, the loss over $w$ with its tangent at the present weight: the slope of the dashed line *is*
# $\partial L / \partial w$. Below right, the three gradients as products; the framed part is the
# same for all three.

# %% [markdown]
# ## Break it on purpose
#
# Here is a way back with a mistake that nearly everybody makes once. Each local derivative is right.
# Find what is missing, then run the cell and read what the checker says.
#
# The report begins with the verdict, says what the mistake is where it recognises it, and shows one
# case with the numbers. It stops short of the line that you have to write: this function is an
# exercise, and it is yours to mend.

# %%
def neuron_backward(x, w, b, y):
    z = w * x + b
    open_or_closed = 1.0 if z > 0 else 0.0
    dx = open_or_closed * w
    dw = open_or_closed * x
    db = open_or_closed
    return dx, dw, db


check(neuron_backward)

# %% [markdown]
# ## The shortcut, proved equal to the long way
#
# A chain with $K$ stops has factors $f_1, \dots, f_K$. The sensitivity to the place before stop $k$
# is the product of all factors from there on, $f_K \cdot f_{K-1} \cdots f_k$. The **long way**
# multiplies each of these $K$ products out on its own. The **shortcut** carries one running number
# from the loss side and writes it down at every stop. The same numbers; count the multiplications:
#
# $$\text{long way: } 0 + 1 + \dots + (K - 1) = \tfrac12 K (K - 1), \qquad
# \text{shortcut: } K - 1$$

# %%
for K in (3, 10, 300):
    f = rng.uniform(0.5, 1.5, size=K)
    running, shortcut, few = f[-1], [f[-1]], 0
    for factor in f[-2::-1]:
        running, few = running * factor, few + 1
        shortcut.insert(0, running)
    long_way, many = [], 0
    for k in range(K):
        long_way, many = [*long_way, np.prod(f[k:])], many + len(f[k:]) - 1
    assert np.allclose(shortcut, long_way, rtol=1e-12)
    assert (many, few) == (K * (K - 1) // 2, K - 1)
    print(f"{K:3} stops: {many:5} multiplications the long way, {few:3} by the shortcut")

# %% [markdown]
# ## Formula card
#
# That is the idea of backpropagation: **compute each shared part once, from the loss back.** All that
# follows is the same for graphs that fork, for matrices, for layers.
#
# | | |
# |---|---|
# | chain rule | $\dfrac{df}{dx} = \dfrac{df}{du} \cdot \dfrac{du}{dx}$, the outer factor taken at $u = g(x)$ |
# | a derivative is a factor | nudge out $\approx$ derivative $\cdot$ nudge in, for small nudges |
# | half squared error | $\partial L / \partial a = a - y$ |
# | ReLU | $\partial a / \partial z = [z > 0]$; the 0 at $z = 0$ is a convention |
# | sigmoid | $\partial a / \partial z = a\,(1 - a) \le \tfrac14$ |
# | weighted sum $z = wx + b$ | $dw = dz \cdot x$, $\;dx = dz \cdot w$, $\;db = dz$ |
# | one step | $w \leftarrow w - \alpha\, dw$ |

# %% [markdown]
# ## Now you
#
# [Exercises of lesson 01](../exercises/01_chain_rule.ipynb): the way out and the way back of a
# neuron, a chain of sigmoids of any length, two formulas, and the three questions of this page. Ten
# points.
#
# **Elsewhere.** 3Blue1Brown's film *Backpropagation calculus* and the notes *Backpropagation,
# intuitions* of Stanford's CS231n cover the same ground. The paper that made the method known:
# Rumelhart, Hinton and Williams, *Learning representations by back-propagating errors*, Nature 323
# (1986).
