# %% [markdown]
# # Lesson 03. Matrix gradients
#
# One linear layer, one gradient that arrives, three gradients that leave. You will find them from indices, from shapes and from small changes, and a machine will check every line.
#
# **You need** lesson 01 (the chain rule) and the product of two matrices. **Time:** 60 minutes.
#
# After this you can
# - find the gradient of any matrix product on paper, without a table of formulas;
# - say where each sum over the batch comes from, and undo any broadcasting;
# - tell, in bytes, why nobody builds the table of all local derivatives, the Jacobian.

# %%
import inspect
from itertools import permutations
import matplotlib.pyplot as plt
import numpy as np

from backprop_course import check, check_answer, layers, shapes
from backprop_course.figures.matrices import jacobians, sum_over_examples
from backprop_course.gradcheck import check_gradients, check_pair
from backprop_course.widgets.matrices import GradientEntries

np.set_printoptions(precision=4, suppress=True)
rng = np.random.default_rng(3)

# %% [markdown]
# ## Predict before you run
#
# Two examples, three inputs, two outputs: $Z = XW + b$, one example in each row. Behind $Z$ sits the rest of the network. It hands us one array, `dZ`: what one more unit in each entry of $Z$ would cost.
#
# To compute with whole numbers we take the simplest loss that has exactly this gradient,
#
# $$L = \sum_{n,m} dZ_{nm}\, Z_{nm}.$$
#
# (Every smooth loss looks like this one close to the present $Z$, up to a constant. We test a curved one later.)
#
# **Your turn.** The weight $W_{01} = -1$ (row 0, column 1, counted from 0) grows by 1. By how much does $L$ change? Use paper, then answer in the second cell.

# %%
X = np.array([[1.0, 2.0, 3.0], [4.0, -1.0, 2.0]])  # (N, D): 2 examples, 3 inputs
W = np.array([[1.0, -1.0], [2.0, 1.0], [-1.0, 3.0]])  # (D, M): 3 inputs, 2 outputs
b = np.array([3.0, 1.0])  # (M,)
dZ = np.array([[1.0, 2.0], [-2.0, 3.0]])  # (N, M)

def loss(X, W, b):
    return (dZ * (X @ W + b)).sum()

print(f"Z =\n{X @ W + b}\nL = {loss(X, W, b):g}")

# %%
check_answer("03.q1", ...)  # put your number in place of the dots, and run

# %% [markdown]
# ## The smallest case, by hand
#
# $W_{01}$ leads from input 0 to output 1. So it moves column 1 of $Z$ and nothing else: each row by what that example feeds in.
#
# | example | $Z_{n1}$ grows by $X_{n0}$ | a unit of $Z_{n1}$ costs $dZ_{n1}$ | so $L$ grows by |
# |---|---|---|---|
# | 0 | 1 | 2 | $1 \cdot 2 = 2$ |
# | 1 | 4 | 3 | $4 \cdot 3 = 12$ |
# | both | | | $14$ |
#
# Both examples go through the *same* weight, so their shares add. This sum is the whole secret of `dW`; the rest of the lesson is bookkeeping.
#
# Our loss is linear in each array, so a nudge of 1 gives the slope exactly; no limit is needed. We nudge every entry of every array like this. The slopes, put where their entries stand, are the **gradients** `dX`, `dW`, `db`. A gradient has the shape of its array: that is a convention, and the reason why `W -= 0.1 * dW` works.

# %% slideshow={"slide_type": "subslide"}
def nudge_all(f, A):
    slopes = np.empty_like(A)
    for index in np.ndindex(A.shape):
        nudge = np.zeros_like(A)
        nudge[index] = 1
        slopes[index] = f(A + nudge) - f(A)
    return slopes

print("dX =", nudge_all(lambda X: loss(X, W, b), X), sep="\n")
print("dW =", nudge_all(lambda W: loss(X, W, b), W), sep="\n")
print("db =", nudge_all(lambda b: loss(X, W, b), b))

# %% [markdown]
# ## First way: from indices
#
# Nudging costs a forward pass for each entry. We want one formula for each array, and start from a single entry. From here on all sizes differ, so that nothing fits by luck.
#
# **Line 1** is the layer itself, written for one entry:
#
# $$Z_{nm} = \sum_d X_{nd}\, W_{dm} + b_m \tag{1}$$

# %%
hand = X, W, b, dZ  # the small case returns in the pictures
N, D, M = 5, 4, 3
X, W = rng.normal(size=(N, D)), rng.normal(size=(D, M))
b, dZ = rng.normal(size=M), rng.normal(size=(N, M))  # loss() reads the new dZ
Z = X @ W + b
for n, m in np.ndindex(N, M):
    assert np.isclose(Z[n, m], sum(X[n, d] * W[d, m] for d in range(D)) + b[m])
print("line 1 holds in all", Z.size, "entries")

# %% [markdown] slideshow={"slide_type": "subslide"}
# **Line 2**, the chain rule. Pick one weight $W_{ij}$. It may move many entries of $Z$, each of these moves $L$, and what comes along different paths adds up. (For our loss you can read it off: it is a sum over all entries of $Z$.)
#
# $$dW_{ij} = \frac{\partial L}{\partial W_{ij}} = \sum_n \sum_m dZ_{nm}\, \frac{\partial Z_{nm}}{\partial W_{ij}} \tag{2}$$
#
# We measure both sides: `dZ_dw` holds how every entry of $Z$ answers to the one weight.

# %%
i, j = 2, 1
nudge = np.zeros((D, M))
nudge[i, j] = 1
dZ_dw = (X @ (W + nudge) + b) - Z  # (N, M): every local derivative with respect to W[2, 1]
slope = loss(X, W + nudge, b) - loss(X, W, b)
assert np.isclose(slope, (dZ * dZ_dw).sum())
print(f"slope {slope:.4f}, sum over all paths {(dZ * dZ_dw).sum():.4f}")

# %% [markdown] slideshow={"slide_type": "subslide"}
# **Line 3**, the local derivative. By line 1 only the weights of column $m$ occur in $Z_{nm}$, and among them $W_{im}$ stands beside $X_{ni}$. So
#
# $$\frac{\partial Z_{nm}}{\partial W_{ij}} = X_{ni}\,[m = j], \tag{3}$$
#
# where the bracket $[m = j]$ is 1 if $m$ equals $j$, and 0 if not. In the array below you see it: column $i$ of $X$ stands in column $j$, all else is 0.

# %%
print(dZ_dw)
assert np.allclose(dZ_dw[:, j], X[:, i])
assert np.allclose(np.delete(dZ_dw, j, axis=1), 0)
print(f"column {j} is X[:, {i}]:", X[:, i])

# %% [markdown] slideshow={"slide_type": "subslide"}
# **Line 4.** Put (3) into (2). The bracket strikes out every $m$ but $m = j$; the sum over the examples stays, because every example goes through this weight:
#
# $$dW_{ij} = \sum_n X_{ni}\, dZ_{nj} \tag{4}$$
#
# **Line 5.** $X_{ni}$ is the entry $(i, n)$ of $X^\top$, so (4) is row $i$ of $X^\top$ times column $j$ of $dZ$:
#
# $$dW = X^\top dZ \tag{5}$$

# %%
dW = np.zeros((D, M))
for i, j in np.ndindex(D, M):
    dW[i, j] = sum(X[n, i] * dZ[n, j] for n in range(N))  # line 4
assert np.allclose(dW, X.T @ dZ)  # line 5
assert np.allclose(dW, nudge_all(lambda W: loss(X, W, b), W))  # and it is the slope
print(f"dW, shape {dW.shape}:\n{dW}")

# %% [markdown]
# ### The bias, by the same steps
#
# In $Z_{nm}$ only the bias $b_m$ occurs, with the factor 1. So $\partial Z_{nm} / \partial b_j = [m = j]$, the bracket strikes out the sum over $m$ again, and the examples remain:
#
# $$db_j = \sum_n \sum_m dZ_{nm}\,[m = j] = \sum_n dZ_{nj} \tag{6}$$

# %%
db = np.array([sum(dZ[n, j] for n in range(N)) for j in range(M)])
assert np.allclose(db, dZ.sum(axis=0))
assert np.allclose(db, nudge_all(lambda b: loss(X, W, b), b))
print(f"db, shape {db.shape}:\n{db}")

# %% [markdown]
# ### The input, by the same steps
#
# In $Z_{nm}$ only row $n$ of $X$ occurs, and $X_{ni}$ stands beside $W_{im}$. So $\partial Z_{nm} / \partial X_{ki} = [n = k]\, W_{im}$. This time the bracket strikes out the *examples*, and the sum over the outputs remains:
#
# $$dX_{ki} = \sum_m dZ_{km}\, W_{im}, \qquad dX = dZ\, W^\top \tag{7}$$
#
# Examples do not talk to each other: row $k$ of `dX` needs row $k$ of `dZ` only. But *all* outputs of its row listened to $X_{ki}$.

# %%
dX = np.zeros((N, D))
for k, i in np.ndindex(N, D):
    dX[k, i] = sum(dZ[k, m] * W[i, m] for m in range(M))
assert np.allclose(dX, dZ @ W.T)
assert np.allclose(dX, nudge_all(lambda X: loss(X, W, b), X))
print(f"dX, shape {dX.shape}:\n{dX}")

# %% [markdown]
# ## Second way: from shapes
#
# `dW` must have the shape of `W`, and can only be made from `X` and `dZ`. So try all products of `dZ` with one other array, each as it stands or transposed, and keep those of the right shape. Many courses stop at this trick. Let the machine try it, for several sizes.

# %%
def products_that_fit(shape, name, A, dZ):
    written = {name: A, f"{name}.T": A.T, "dZ": dZ, "dZ.T": dZ.T}
    return [
        f"{p} @ {q}"
        for p, q in permutations(written, 2)
        if p[0] != q[0]  # one of each
        and written[p].shape[1] == written[q].shape[0]
        and (written[p].shape[0], written[q].shape[1]) == shape
    ]

# %% slideshow={"slide_type": "subslide"}
for n, d, m in [(5, 4, 3), (5, 3, 3), (4, 4, 3), (3, 4, 3), (1, 4, 3)]:
    some_X, some_W, some_dZ = np.ones((n, d)), np.ones((d, m)), np.ones((n, m))
    print(f"N, D, M = {n}, {d}, {m}")
    print("    dW:", " or ".join(products_that_fit((d, m), "X", some_X, some_dZ)))
    print("    dX:", " or ".join(products_that_fit((n, d), "W", some_W, some_dZ)))

# %% [markdown]
# ### Where shapes mislead
#
# With three different sizes exactly one product fits, and it is the right one. As soon as two sizes agree, wrong ones fit as well:
#
# | sizes | what else has the right shape |
# |---|---|
# | $D = M$, square $W$ | `dZ.T @ X` for `dW`; `dZ @ W` for `dX` |
# | $N = D$ | `X @ dZ` for `dW`; `W @ dZ.T` for `dX` |
# | $N = M$ | `X.T @ dZ.T` for `dW`; `dZ.T @ W.T` for `dX`; `dZ.sum(axis=1)` for `db` |
# | $N = 1$ | `db` needs no sum: one row, its sum and its mean are the same |
#
# Our case by hand had $N = M = 2$: did you notice? And no shape ever shows a forgotten sign or a stray $1/N$. Use shapes to *recall* a formula that you have derived, and test with sizes that all differ.

# %%
X_hand, W_hand, b_hand, dZ_hand = hand
print("db by hand:", dZ_hand.sum(axis=0), "  over the wrong axis:", dZ_hand.sum(axis=1))
W_square = rng.normal(size=(3, 3))
right, wrong = dZ @ W_square.T, dZ @ W_square
print(f"dZ @ W for a square W: shape {wrong.shape}, as it should be")
print("first row:", wrong[0], "  should be", right[0])

# %% [markdown]
# ## Third way: from small changes
#
# No indices now. Let $\delta Z$ be any small change of $Z$ (many books write $dZ$; here that is the gradient). The gradient is what turns it into the change of the loss:
#
# $$\delta L = \langle dZ, \delta Z \rangle, \qquad \langle A, B \rangle = \sum_{n,m} A_{nm} B_{nm} \tag{8}$$
#
# The bracket multiplies entry by entry and adds: `(A * B).sum()`. For a curved loss (8) is true to first order: what it leaves out shrinks like the *square* of the change. Half the change, a quarter of the error:

# %%
G = rng.normal(size=(N, M))
change = rng.normal(size=(N, M))

def left_out(size):
    curved = (G * np.sin(Z + size * change)).sum() - (G * np.sin(Z)).sum()
    return curved - ((G * np.cos(Z)) * size * change).sum()  # its gradient is G cos(Z)

ratio = left_out(0.001) / left_out(0.0005)
assert abs(ratio - 4) < 0.1
print(f"error at half the change: 1/{ratio:.2f} of the error")

# %% [markdown] slideshow={"slide_type": "subslide"}
# **How does $Z$ change** when all three arrays change a little? Multiply out. With $\mathbf{1}$ for a column of $N$ ones, and $b$ as a row, the bias of the whole batch is $\mathbf{1}\, b$:
#
# $$(X + \delta X)(W + \delta W) + \mathbf{1}(b + \delta b) - Z = \delta X\, W + X\, \delta W + \mathbf{1}\, \delta b + \delta X\, \delta W$$
#
# The last product is a small change of a small change. To first order it is gone:
#
# $$\delta Z = \delta X\, W + X\, \delta W + \mathbf{1}\, \delta b \tag{9}$$

# %%
step_X, step_W, step_b = (rng.normal(size=A.shape) for A in (X, W, b))
one = np.ones((N, 1))
exact = (X + step_X) @ (W + step_W) + (b + step_b) - Z
first_order = step_X @ W + X @ step_W + one @ step_b[np.newaxis]
assert np.allclose(exact - first_order, step_X @ step_W)
print("what (9) leaves out is the product of the two changes, and nothing else")

# %% [markdown] slideshow={"slide_type": "subslide"}
# **Moving a factor.** The changes are buried in products. One rule digs them out: inside the bracket a factor may change sides if it is transposed.
#
# $$\langle A, BC \rangle = \langle B^\top A,\, C \rangle = \langle A\, C^\top,\, B \rangle \tag{10}$$
#
# Proof: all three are the same sum of the same products, $\sum_{n,d,m} A_{nm} B_{nd} C_{dm}$, only bracketed differently. A left factor stays on the left, a right factor on the right.
#
# (Other texts write $\langle A, B \rangle$ as the trace of $A^\top B$ and call (10) the cyclic property. It is this triple sum.)

# %%
def inner(A, B):
    return (A * B).sum()

A, B, C = rng.normal(size=(5, 3)), rng.normal(size=(5, 4)), rng.normal(size=(4, 3))
triple = sum(A[n, m] * B[n, d] * C[d, m] for n, d, m in np.ndindex(5, 4, 3))
for value in (inner(A, B @ C), inner(B.T @ A, C), inner(A @ C.T, B)):
    assert np.isclose(value, triple)
    print(f"{value:.4f}")
assert np.isclose(np.trace(A.T @ (B @ C)), triple)  # the name in other texts

# %% [markdown] slideshow={"slide_type": "subslide"}
# **Put (9) into (8)** and move the factors with (10) until each change stands alone:
#
# $$\begin{aligned} \delta L &= \langle dZ,\, \delta X\, W \rangle + \langle dZ,\, X\, \delta W \rangle + \langle dZ,\, \mathbf{1}\, \delta b \rangle \\ &= \langle dZ\, W^\top, \delta X \rangle + \langle X^\top dZ,\, \delta W \rangle + \langle \mathbf{1}^\top dZ,\, \delta b \rangle \end{aligned} \tag{11}$$
#
# This holds for *every* change. Take $\delta X = 0$, $\delta b = 0$ and let $\delta W$ move one entry only: then $\delta L$ is that entry of $X^\top dZ$ times the movement, so it is the slope. **What stands opposite a change is the gradient.** All three at once, and $\mathbf{1}^\top dZ$ is the sum over the examples.

# %%
first = inner(dZ, step_X @ W) + inner(dZ, X @ step_W) + inner(dZ, one @ step_b[np.newaxis])
second = inner(dZ @ W.T, step_X) + inner(X.T @ dZ, step_W) + inner(one.T @ dZ, step_b[np.newaxis])
assert np.isclose(first, second) and np.isclose(second, inner(dZ, first_order))
assert np.allclose(one.T @ dZ, dZ.sum(axis=0))
print(f"both lines of (11): {first:.4f} and {second:.4f}")

# %% [markdown]
# ### The adjoint test
#
# Line (10) is a test as well. Forward takes a change of $W$ to a change of $Z$, a linear map; call it $J$. Backward goes the other way, and must be its transpose $J^\top$ (its *adjoint*), which means that for all $v$ and $u$
#
# $$\langle J v,\, u \rangle = \langle v,\, J^\top u \rangle \tag{12}$$
#
# Here $Jv = Xv$ and $J^\top u = X^\top u$. No step size to choose, one line, and two random arrays find a wrong backward at once:

# %%
v, u = rng.normal(size=(D, M)), rng.normal(size=(N, M))
print(f"<J v, u>          {inner(X @ v, u):8.4f}")
print(f"<v, X.T @ u>      {inner(v, X.T @ u):8.4f}   the backward pass")
print(f"<v, X.T @ u> / N  {inner(v, X.T @ u / N):8.4f}   a stray 1/N is seen")
assert np.isclose(inner(X @ v, u), inner(v, X.T @ u))

# %% [markdown]
# ## The code as shipped
#
# This is the backward pass that every network in this course uses, read from the package while you look at it. `dout` is its name for the gradient that arrives, our `dZ`. `cache` is what the forward pass kept: you can see in (5) and (7) why it must keep $X$ and $W$, and in (6) why it may forget $b$. `expect` refuses arrays whose shapes do not fit. In the first layer of a network nobody asks for (7), since data are not trained: `input_gradient=False` saves that product.

# %% slideshow={"slide_type": "subslide"}
print(inspect.getsource(layers.linear_backward))

# %% [markdown]
# ### Check it, and read the report
#
# `check_pair` draws a random `dout`, measures the slope of the sum of `dout * out` along one random direction in each array, and compares. One line for each gradient: name, shape, verdict. "Agrees (below 1e-12)" means that about twelve digits are right.
#
# Then the promised **curved loss**, $L = \sum_{n,m} G_{nm} \sin Z_{nm}$. Its $dZ = G \odot \cos Z$ (entry by entry) changes with $Z$; the three formulas do not care where `dZ` came from.

# %%
print("random dout:", check_pair(layers.linear_forward, layers.linear_backward, X, W, b))

def curved_loss(X, W, b):
    return (G * np.sin(X @ W + b)).sum()

out, cache = layers.linear_forward(X, W, b)
dX, dW, db = layers.linear_backward(G * np.cos(out), cache)
report = check_gradients(curved_loss, {"X": X, "W": W, "b": b}, {"X": dX, "W": dW, "b": db})
print("curved loss:", report)
assert report

# %% [markdown]
# ## See it
#
# Line (4) says: each example brings a table of all products "its input times its gradient", an *outer product*. `dW` is the sum of these tables.

# %%
sum_over_examples(X_hand, dZ_hand, entry=(0, 1))
plt.show()

# %% [markdown]
# **Figure.** The case by hand. Each example's row of `X` stands at the left of its table, its row of `dZ` on top, and every entry is the product of the two. The outlined entry is our weight $W_{01}$: 2 from the first example, 12 from the second, 14 in the sum. Read across the tables it needs column 0 of `X` (1, 4) and column 1 of `dZ` (2, 3), as line (4) says. A darker tint means a larger entry, whatever its sign.
#
# **A question.** A pixel in the corner is 0 in every image of the batch. What is its row of `dW`?
#
# <details><summary>Answer</summary>
#
# Exactly zero, whatever the loss says: in every table that row has the factor 0. These weights do not move.
#
# </details>

# %% [markdown]
# ### Step through it
#
# Run the cell, then pick a gradient and an entry. Above, dashed: the entries of $Z$ that it moves. Below, solid: what comes back from them. Pairs carry the same small number; the last slider adds them one by one. Arrow keys move the sliders.
#
# Try three things. Pick an entry of `dX`: why do its partners lie in *rows*? Switch to `db`: which arrays are no longer needed? Find two entries of `dW` that read the same column of `X`.
#
# <details><summary>Answers</summary>
#
# $X_{ki}$ moves its own row of $Z$, by way of row $i$ of $W$. `db` needs neither `X` nor `W`. Any two in the same row of `dW`: they leave the same input.
#
# </details>

# %%
GradientEntries(*hand)

# %% [markdown]
# ## Batches and broadcasting
#
# NumPy adds the row `b` to all $N$ rows of $XW$: it copies $b$ without being asked. A copy is a *fork*: one value goes several ways, and what comes back along them adds up. This is (6) again, and a rule to keep:
#
# **What forward copies, backward adds. What forward adds, backward copies.**
#
# In general: line the shapes up at the right; sum `dout` over every axis that broadcasting put in front or stretched from 1. The package calls this `unbroadcast`; you will write your own.

# %%
print("before    after        gradient")
for before in [(3,), (5, 1), (1, 3), (), (5, 3)]:
    a = rng.normal(size=before)
    grad = shapes.unbroadcast(dZ, before)
    v = rng.normal(size=before)
    assert np.isclose(inner(np.broadcast_to(v, (5, 3)), dZ), inner(v, grad))  # line 12
    print(f"{before!s:9} {(a + dZ).shape}       {grad.shape}")
# The other way round: b for what arrives behind a sum over the examples, one @ b its copies.
assert np.isclose(inner(change.sum(axis=0), b), inner(change, one @ b[np.newaxis]))

# %% [markdown]
# ### Where is the 1/N?
#
# Not here. A linear layer adds what the examples send; it does not know that someone wants a mean. The mean belongs to the loss, and so does its derivative. With $\ell_n$ for the loss of example $n$, which sees only row $n$ of $Z$:
#
# $$L = \frac{1}{N} \sum_n \ell_n \quad\Longrightarrow\quad dZ_{nm} = \frac{1}{N} \frac{\partial \ell_n}{\partial Z_{nm}}$$
#
# Once inside `dZ`, it flows through every layer. Divide again in `dW`, and you are off by exactly $N$. Below, $\ell_n$ is half the squared distance to a target.

# %%
target = rng.normal(size=(N, M))
error = Z - target  # gradient of each example's own loss
assert check_gradients(lambda Z: ((Z - target) ** 2).sum() / (2 * N), {"Z": Z}, {"Z": error / N})
per_example = [np.outer(X[n], error[n]) for n in range(N)]
assert np.allclose(X.T @ (error / N), np.mean(per_example, axis=0))
X_twice, error_twice = np.vstack([X, X]), np.vstack([error, error])
of_sum = (X_twice.T @ error_twice) / (X.T @ error)
of_mean = (X_twice.T @ (error_twice / (2 * N))) / (X.T @ (error / N))
print("every example taken twice, loss a sum:  dW grows by the factor", np.unique(of_sum.round(9)))
print("every example taken twice, loss a mean: dW grows by the factor", np.unique(of_mean.round(9)))

# %% [markdown]
# ## Why nobody builds the Jacobian
#
# The Jacobian $J_{Z,W}$ (`J_Z_W` in code) has one row for each entry of $Z$, one column for each entry of $W$: all local derivatives of the layer. The chain rule needs only the product of `dZ` with it, a **vector-Jacobian product** (VJP). The formula $X^\top dZ$ *is* that product, without the Jacobian.
#
# How much would the Jacobian take? A modest layer: 128 images of 784 pixels to 512 units, 8 bytes a number. Guess first: megabytes, gigabytes, terabytes?

# %%
n, d, m = 128, 784, 512
for name, numbers in (
    ("J_Z_W", (n * m) * (d * m)),
    ("J_Z_X", (n * m) * (n * d)),
    ("dW", d * m),
    ("dX", n * d),
):
    print(f"{name:6} {numbers:>14,} numbers {8 * numbers:>16,} bytes")
print(f"J_Z_W is {n * m:,} times as large as dW: once for each entry of Z")

# %% slideshow={"slide_type": "subslide"}
jacobians(X_hand, W_hand)
plt.show()

# %% [markdown]
# **Figure.** The two Jacobians of the case by hand; a label such as `1,0` means row 1, column 0 of the array. Left: blocks on the diagonal, because an example's $Z$ depends on its own row of $X$ only; each block is $W^\top$, again and again. Right: line (3), $X_{ni}\,[m = j]$: the entries of $X$, spread out and repeated once for each output. White entries are zero. Neither Jacobian holds a number that $W$ and $X$ did not hold already: 210 gigabytes against 3 megabytes, for nothing.

# %% slideshow={"slide_type": "subslide"}
def jacobian(f, A):
    nudges = np.eye(A.size).reshape(A.size, *A.shape)  # one entry of A at a time
    return np.stack([(f(A + nudge) - f(A)).ravel() for nudge in nudges], axis=1)

J_Z_W = jacobian(lambda W: X @ W + b, W)  # (N * M, D * M)
J_Z_X = jacobian(lambda X: X @ W + b, X)  # (N * M, N * D)
assert np.allclose(dZ.ravel() @ J_Z_W, (X.T @ dZ).ravel())
assert np.allclose(dZ.ravel() @ J_Z_X, (dZ @ W.T).ravel())
print("dZ times the Jacobian is the short formula, for W and for X")
print("not zero in J_Z_W:", np.count_nonzero(J_Z_W.round(9)), "of", J_Z_W.size, "entries")

# %% [markdown]
# ## A weight that is used twice
#
# A *tied autoencoder* squeezes and unfolds with the same weights: $\text{out} = X W W^\top$. Now $W$ itself is a fork. The third way needs no new idea; the product rule meets $W$ twice:
#
# $$\delta\,\text{out} = X\,\delta W\, W^\top + X W\, \delta W^\top$$
#
# Two terms, so two shares. Move the factors with (10); in the second line a transpose goes over to the other side (the same products, read across):
#
# $$\begin{aligned} \langle \text{dout},\; X\,\delta W\, W^\top \rangle &= \langle X^\top \text{dout}\, W,\; \delta W \rangle \\ \langle \text{dout},\; X W\,\delta W^\top \rangle &= \langle (XW)^\top \text{dout},\; \delta W^\top \rangle = \langle \text{dout}^\top X W,\; \delta W \rangle \end{aligned}$$
#
# $$dW = X^\top \text{dout}\, W + \text{dout}^\top X W \tag{13}$$
#
# One share alone is wrong, and the check says so. (The gradient of $X$ is left to you.)

# %% slideshow={"slide_type": "subslide"}
dout = rng.normal(size=(N, D))
first_use = X.T @ dout @ W
second_use = dout.T @ X @ W
assert np.isclose(inner(dout, X @ step_W @ W.T), inner(first_use, step_W))
assert np.isclose(inner(dout, X @ W @ step_W.T), inner(second_use, step_W))

def tied_loss(W):
    return (dout * (X @ W @ W.T)).sum()

for name, dW_try in [("both", first_use + second_use), ("first only", first_use)]:
    print(f"{name}: {check_gradients(tied_loss, {'W': W}, {'W': dW_try})}")

# %% [markdown]
# ## Break it on purpose
#
# In the exercises you write `linear_backward(dout, X, W, b)` yourself, and `check` reads your answer. Here is a slip: a mean over the batch where the sum belongs. See what `check` makes of it.
#
# Then mend it and make other slips, one at a time: write `dout @ W` for `dX`; return `dW` before `dX`; take `np.outer(X.sum(axis=0), dout.sum(axis=0))` for `dW`. For which batch is that last one right?
#
# <details><summary>Answer</summary>For a batch of one row: there is no other example whose input it could meet.</details>

# %%
def linear_backward(dout, X, W, b):
    return dout @ W.T, X.T @ dout / len(X), dout.sum(axis=0) / len(X)

check(linear_backward)

# %% [markdown]
# ## The short way equals the long way
#
# One more road, by letters. The layer is `nd,dm->nm`. For the gradient of one factor, put `dZ` in its place and exchange its letters with those of the result; letters that the wanted array lacks are summed.
#
# | | letters | summed over |
# |---|---|---|
# | forward | `nd,dm->nm` | inputs $d$ |
# | `dW` | `nd,nm->dm` | examples $n$ |
# | `dX` | `nm,dm->nd` | outputs $m$ |
# | `db` | `nm->m` | examples $n$ |
#
# So there are many roads to `dW`. The product is one line, one call of the fastest routine in your computer, and the same numbers.

# %% slideshow={"slide_type": "subslide"}
roads = {
    "nudging every weight": nudge_all(lambda W: loss(X, W, b), W),
    "a loop over examples": sum(np.outer(X[n], dZ[n]) for n in range(N)),
    "the whole Jacobian": (dZ.ravel() @ J_Z_W).reshape(W.shape),
    "letters": np.einsum("nd,nm->dm", X, dZ),
    "PyTorch's layout": (dZ.T @ X).T,
    "the shipped code": layers.linear_backward(dZ, (X, W))[1],
}
for name, dW in roads.items():
    print(f"{name:20}  equals X.T @ dZ, below 1e-12: {np.abs(dW - X.T @ dZ).max() < 1e-12}")
assert np.allclose(np.einsum("nm,dm->nd", dZ, W), dZ @ W.T)

# %% [markdown]
# ### In other books
#
# PyTorch stores the weights of a linear layer as $V$ of shape `(M, D)` and computes $Z = X V^\top + b$; then $dV = dZ^\top X$. Courses that keep examples in *columns* write $Z = WX + b$ and $dW = dZ\, X^\top$, sometimes with $1/m$ in front, where $m$ counts the examples: then their `dZ` comes from a loss without the mean.
#
# None of this needs to be learnt. Write the small changes down, move the factors, done.

# %% [markdown]
# ## Formula card
#
# For $Z = XW + b$ with $X$ `(N, D)`, $W$ `(D, M)`, $b$ `(M,)` and `dZ` `(N, M)`:
#
# | gradient | formula | summed over | forward must keep |
# |---|---|---|---|
# | `dX` `(N, D)` | `dZ @ W.T` | outputs | `W` |
# | `dW` `(D, M)` | `X.T @ dZ` | examples | `X` |
# | `db` `(M,)` | `dZ.sum(axis=0)` | examples | nothing |
#
# - A factor changes sides transposed: $\langle A, BC \rangle = \langle B^\top A, C \rangle = \langle A C^\top, B \rangle$.
# - What forward copies, backward adds. Used twice means two shares, added.
# - $1/N$ lives in the loss. The Jacobian lives nowhere.
#
# **Now you:** open [exercises/03_matrix_gradients.ipynb](../exercises/03_matrix_gradients.ipynb) (16 points, about 90 minutes). Lesson 04 then puts a bend between two linear layers, and lesson 05 finds out where the first `dZ` comes from.
