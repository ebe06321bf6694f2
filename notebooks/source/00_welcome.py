# %% [markdown]
# # Lesson 00. Welcome
#
# You will take a neural network apart, number by number, until you can say of every weight
# how much it is to blame for a wrong answer. Then you build the machine that says it for all of them
# at once. That machine is called **backpropagation**, and nearly every network of today learns by
# it.
#
# **You need** Python, and the slope of a curve from school. **Time:** 20 minutes.
#
# After the first part of the course you can
# - derive the gradient of each layer of a network, and have every line of it checked by machine;
# - train a network that you wrote yourself on real handwritten digits;
# - look at a wrong gradient and tell what is wrong with it.

# %%
import matplotlib.pyplot as plt

from backprop_course import check, hint, progress
from backprop_course.figures.neuron import return_trip, training_loop

# %% [markdown]
# ## What a gradient is good for
#
# The smallest thing that can learn: one number $w$, a **weight**, that answers $w \cdot x$. It is shown
# $x = 2$ and should answer $y = 10$. At first $w = 3$, so it answers $6$. How wrong is that? We agree
# on half the squared distance and call it the **loss**:
#
# $$L = \tfrac12 (w x - y)^2 = \tfrac12 (6 - 10)^2 = 8$$
#
# **Predict before you run.** We nudge $w$ from $3$ to $3.01$. Will the loss rise or fall, and by more
# or less than $0.01$?

# %%
def loss_of(w, x=2.0, y=10.0):
    return (w * x - y) ** 2 / 2


change = loss_of(3.01) - loss_of(3.00)
print(f"the loss changes by {change:+.4f}, which is {change / 0.01:.2f} times the nudge")

# %% [markdown]
# It falls, about eight times as fast as $w$ rises. This *how many times as much* is the **gradient** of
# the loss with respect to $w$. Its sign says which way to turn $w$, its size how much that matters.
#
# So turn $w$ a little against its gradient, and again. For our loss school calculus gives the
# gradient exactly, $(w x - y)\, x$, which is $-8$ at first.

# %%
w = 3.0
for step in range(6):
    gradient = (w * 2 - 10) * 2
    nudged = (loss_of(w + 0.01) - loss_of(w - 0.01)) / 0.02  # a nudge up against a nudge down
    assert abs(gradient - nudged) < 1e-9
    print(f"step {step}: w = {w:.4f}, answer {w * 2:7.4f}, loss {loss_of(w):.4f}, gradient {gradient:.4f}")
    w = w - 0.1 * gradient

# %% [markdown]
# Nobody told it that $2 \cdot 5 = 10$. It followed the gradient there.
#
# **Your turn.** In the cell above, change `0.1` to `0.2`, then to `0.6`, and run it again. What happens,
# and why?
#
# <details><summary>Answer</summary>With 0.2 it arrives sooner. With 0.6 each step jumps over the target
# and lands farther away than it was: the gradient is right about small steps and promises nothing about
# large ones. Lesson 01 looks into this.</details>

# %% [markdown]
# ## The four steps of training
#
# A real network does the same with millions of numbers such as $w$, its **parameters**. Written
# $\theta$ for all of them together, $\hat y$ for the answer, $\alpha$ for how far to step (the
# **learning rate**), each round has four steps:
#
# 1. **forward**: $\hat y = f(x; \theta)$
# 2. **loss**: $L(y, \hat y)$
# 3. **backward**: $\nabla_\theta L$, one number for each parameter
# 4. **update**: $\theta \leftarrow \theta - \alpha\, \nabla_\theta L$

# %%
figure = training_loop()
plt.show()

# %% [markdown]
# **Figure.** The training loop. Three of the four steps are short pieces of code. The third one, backward,
# is what this course is about.
#
# How would *you* get the gradient of a million weights? We could nudge each weight, as above, and look
# at the loss: a million nudges, at least a million trips through the network, for one single
# step. For a long time hardly anybody saw a way around that.

# %% [markdown]
# ## The return trip
#
# Think of a delivery van. On its way out it passes one stop after the other, and at each it leaves a
# note of what it brought. At the end of the road it learns how wrong the result is. On the way home it
# passes the same stops in reverse. It does not work anything out anew: at each stop it picks up the
# note, multiplies, and drives on. When it is home, *every* stop knows its share of the blame.
#
# One trip out, one trip back, all gradients. That is backpropagation. Here is the trip for a neuron
# that multiplies by $w = 3$, adds $b = 1$ and lets positive numbers pass (ReLU), with $x = 2$ and
# $y = 10$.

# %%
figure = return_trip(x=2, w=3, b=1, y=10)
plt.show()

# %% [markdown]
# **Figure.** Above, in blue, the way out: each stop computes a number and hands it on, until the loss
# comes out. In the middle, the note that is left at the stop. Below, in orange, the way back: it starts
# with a 1 at the loss and multiplies at each stop by a number made from the note. Two branches lead to
# the parameters: `dw` is the gradient of the loss with respect to $w$, `db` the one for $b$.
#
# Follow the orange line with your finger from the right: $1$, times $-3$, times $1$, times $1$, times
# $2$ is $-6$. **Predict:** now the target is $y = 4$, all else as before. Which notes change, and what
# is `dw`?

# %%
def neuron_loss(w, y, x=2, b=1):
    return (max(0, w * x + b) - y) ** 2 / 2


h = 0.0001
for y, dw in ((10, 1 * -3 * 1 * 1 * 2), (4, 1 * 3 * 1 * 1 * 2)):
    nudged = (neuron_loss(3 + h, y) - neuron_loss(3 - h, y)) / (2 * h)
    print(f"y = {y:2}: by the return trip {dw:+}, by nudging {nudged:+.4f}")
    assert abs(nudged - dw) < 1e-6

# %% [markdown]
# One note changes: at the loss $7 - 4 = 3$ is left in place of $-3$. The neuron now answers too
# much, and every gradient turns its sign.
#
# Why each factor is what it is, is lesson 01. The cost you can see already: the way back has as many
# stops as the way out and does one or two multiplications at each. All gradients *together* cost a
# small multiple of one trip out, whether there are three weights or a billion. (About three trips in
# all for wide layers; lesson 08 measures when, and why.)
#
# Seppo Linnainmaa published the general method in 1970; it became famous in 1986 with Rumelhart,
# Hinton and Williams.

# %% [markdown]
# ## How you will learn
#
# | | | |
# |---|---|---|
# | **1** | **Predict** | Before a cell runs, say what it will print. A wrong guess that you look at is worth more than a page that you nod at. |
# | **2** | **Run** | Shift + Enter. Each line of mathematics is followed by a cell that tests that very line. |
# | **3** | **Break** | Change a number, take out a factor. Some cells are wrong on purpose. |
# | **4** | **Solve** | Each lesson from 01 on has a notebook in `exercises/`. |
# | **5** | **Be checked** | `check` says at once whether it is right and, if it knows your mistake, which one it is. |
#
# Number 5 is best seen in action.

# %% [markdown]
# ## Your first check
#
# Here is the way out of our neuron as a function. It runs without complaint, and it is wrong. `check`
# looks an exercise up by the name of the function, tries the function on several inputs and compares.
#
# **Predict:** $z = wx + b$, $a = \max(0, z)$, $L = \tfrac12 (a - y)^2$. What is wrong with the code?

# %%
def neuron_forward(x, w, b, y):
    z = w * x + b
    a = max(0.0, z)
    loss = (a - y) ** 2
    return z, a, loss


check(neuron_forward)

# %% [markdown]
# Read a report from the top: the verdict; which of your results are wrong; your mistake, if it is one
# that the course knows; and one case with the numbers. It tells you what you did, not what to write.
#
# If you are stuck, ask for a hint. A function has three: where to look, what kind of mistake, and
# nearly the line. Each call goes one step further.

# %%
hint(neuron_forward)

# %% [markdown]
# Mend it, and check again.

# %%
def neuron_forward(x, w, b, y):
    z = w * x + b
    a = max(0.0, z)
    loss = (a - y) ** 2 / 2
    return z, a, loss


check(neuron_forward)

# %%
progress("01")

# %% [markdown]
# Your first point, of the ten of lesson 01. Write that function again there, without looking: what your
# fingers have done, your head keeps.
#
# - **Points** say how far you are, nothing else. Only your best try counts, and hints cost nothing.
# - **Outcomes** are *passed*, *failed*, *could not run* (your code stopped with an error) and *not
#   attempted* (nothing there yet).
# - **Progress** lives in a small file, `progress.json`, in the folder of the course. Nothing leaves your
#   computer; delete the file to start afresh.
# - **Solutions** are in `solutions/`, with the mistakes that the checks know. Look there after you
#   have tried.

# %% [markdown]
# ## Notation
#
# The same thing has the same name in every lesson, in the text and in the code.
#
# | thing | written | in code |
# |---|---|---|
# | gradient of the loss with respect to $W$ | $\partial L / \partial W$ | `dW`, always in the shape of `W` |
# | gradient that arrives at a backward pass | $\partial L / \partial \text{out}$ | `dout` |
# | local derivative of one number by another | $\partial q / \partial x$ | `dq_dx` |
# | Jacobian (all local derivatives of an array) | $J$ | `J_out_X`, its rows are outputs |
# | before and after the activation | $Z,\ A$ | `Z1, A1, Z2` |
# | probabilities, loss | $P,\ L$ | `P`, `loss` |
# | examples, inputs, hidden units, outputs, classes | $N, D, H, M, C$ | `N, D, H, M, C` |
#
# Examples stand in rows: $X$ is $(N, D)$, $W$ is $(D, M)$, and a layer computes
# `X @ W + b`. Single numbers are written small: $x$, $w$, $z$.

# %% [markdown]
# ## Names in other courses
#
# You will read other texts too. They speak of the same things.
#
# | here | elsewhere |
# |---|---|
# | `dout`, the gradient that arrives | `dout` (CS231n; Saito), `grad_output` (PyTorch), `out_grad` (CMU needle), `d_output` (minitorch), `g` (autograd), cotangent (JAX), upstream gradient |
# | `dZ` | $\delta$ (Nielsen), `deltas` (scikit-learn), `dZ` (deeplearning.ai) |
# | `dW` | `W.grad` (PyTorch, micrograd), $\partial C / \partial w$ and `nabla_w` (Nielsen), `dw` (CS231n) |
# | loss $L$ | cost $C$ (Nielsen, 3Blue1Brown), cost $J$ (deeplearning.ai), objective |
# | local derivative | local gradient (CS231n), partial; for arrays the Jacobian |
# | backward pass of a layer | VJP, vector-Jacobian product (JAX, autograd) |
# | `X @ W + b`, $W$ is $(D, M)$ | `X @ W.T + b`, $W$ is $(M, D)$ (PyTorch); $WX + b$ with examples in columns (Nielsen, deeplearning.ai) |
#
# The last row is where formulas copied from elsewhere go wrong most often: look at the shapes first.

# %% [markdown]
# ## The way ahead
#
# | lesson | what you will be able to do |
# |---|---|
# | [01 The chain rule](01_chain_rule.ipynb) | compute every gradient of a neuron by hand |
# | [02 Computational graphs](02_computational_graphs.ipynb) | step back through any graph, and add up at every fork |
# | [03 Matrix gradients](03_matrix_gradients.ipynb) | derive the backward pass of a layer for a whole batch |
# | [04 Activations](04_activations.ipynb) | send gradients through a bend, and say where they stop |
# | [05 Softmax and cross-entropy](05_softmax_cross_entropy.ipynb) | derive the most used loss, and write it so that it never overflows |
# | [06 Gradient checking](06_gradient_checking.ipynb) | find one wrong number among thousands |
# | [07 Networks](07_networks.ipynb) | train a network on handwritten digits, above 95 % right |
# | [08 The cost of backpropagation](08_cost_of_backprop.ipynb) | predict the time and the memory of a training step |
#
# Read them in this order; each says at its top what it needs. Still to come are a second part, about training
# and the layers of modern networks, up to attention, and a third, in which you write your own automatic
# differentiation. Where a lesson mentions one of these, you can read on without it.
#
# Now open [lesson 01](01_chain_rule.ipynb). It begins with a nudge.
