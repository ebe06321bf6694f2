# %% [markdown]
# # Lesson 08. The cost of backprop
#
# A network has a billion parameters, and all its slopes together cost about as much as three forward passes. You will count why, measure where it is true, and see what it costs in memory.
#
# **You need** lesson 03 (the linear layer) and lesson 07 (networks). **Time:** 75 minutes; the notebook runs in about 10 seconds.
#
# After this you can
# - count the operations and the bytes of a training step on paper, before you rent the machine;
# - say when it is fewer than *three forward passes*, and why the clock may say many more than the count;
# - time code so that the result means something, and say what a batch buys and what it does not.

# %%
import inspect, os, sys, time, timeit, tracemalloc
from functools import partial
from itertools import pairwise
cores = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
os.environ |= dict.fromkeys(cores, "1")  # one core; NumPy looks here when it is imported
import numpy as np
from backprop_course import check_answer, datasets, layers, losses
from backprop_course.figures import cost as draw, style
from backprop_course.gradcheck import check_gradients, numerical_gradient
from backprop_course.layers import linear_backward, linear_forward
from backprop_course.network import Layer, NeuralNetwork, ReLU
from backprop_course.widgets.cost import CostExplorer

# %% [markdown]
# ## Predict before you run
#
# You can find a gradient with no backward pass at all. Nudge one parameter up and run the network; nudge it down and run it again; divide. These are central differences:
#
# $$\frac{\partial L}{\partial \theta_i} \approx \frac{L(\theta_i + h) - L(\theta_i - h)}{2h}$$
#
# A network 2-4-2 has $2 \cdot 4 + 4 + 4 \cdot 2 + 2 = 22$ parameters. **How many forward passes does its whole gradient take?** Put your number in place of the dots.
#
# And two guesses for a slip of paper. The network 784-512-256-10 gets all its slopes by backpropagation. **How many forward passes is that worth (a)** for a batch of 128 images, **(b)** for a single image?

# %%
check_answer("08.q1", ...)

# %% [markdown]
# ## One multiplication, by hand
#
# Take $v = u\,w$ with $u = 3$ and $w = 5$. From the loss arrives $dv = 2$. Each factor's slope is the *other* factor times what arrives:
#
# | | | multiplications |
# |---|---|---|
# | way out | $v = u\,w = 15$ | 1 |
# | way back | $du = dv\,w = 10$, $\;dw = dv\,u = 6$ | 2 |
#
# One out, two back: **that is the 3.** An addition $v = u + w$ multiplies nothing on the way back ($du = dw = dv$). And if $u$ is a pixel, nobody asks for $du$: one out, one back, 2 in all.
#
# We need no trust here. Below is a number that counts what is done with it.

# %% slideshow={"slide_type": "subslide"}
class Counted(float):
    times = plus = 0  # one count for all numbers

    def __mul__(self, other):
        Counted.times += 1
        return Counted(float(self) * float(other))

    def __add__(self, other):
        Counted.plus += 1
        return Counted(float(self) + float(other))

# %%
rng, plt = np.random.default_rng(8), style.use()

def counted(*shape):  # an array of such numbers; NumPy calls their own * and +
    return np.frompyfunc(Counted, 1, 1)(rng.normal(size=shape))

def count(f, *args, **settings):
    Counted.times = Counted.plus = 0
    return f(*args, **settings), Counted.times, Counted.plus

u, w, dv = Counted(3), Counted(5), Counted(2)
print("v, and multiplications out:       ", *count(lambda: u * w)[:2])
print("du and dw, multiplications back: ", *count(lambda: (dv * w, dv * u))[:2])

# %% [markdown]
# ## From one product to a layer
#
# $Z = XW + b$ with $X$ `(N, D)`, $W$ `(D, M)`, $b$ `(M,)`. Each of the $NM$ entries of $Z$ adds up $D$ products:
#
# $$Z_{nm} = \sum_d X_{nd}\, W_{dm} + b_m \quad\Longrightarrow\quad \text{forward: } N D M \text{ multiplications} \tag{1}$$
#
# Between $D$ products stand $D - 1$ additions; the bias makes it $D$. So there are $NDM$ additions too, and $2NDM$ **floating-point operations** (FLOPs) in all. The counting numbers go through the shipped layer:

# %%
N, D, M = 5, 4, 3
X, W, b = counted(N, D), counted(D, M), counted(M)
(Z, cache), times, plus = count(linear_forward, X, W, b)
assert times == plus == N * D * M
print(f"N D M = {N * D * M}; counted: {times} multiplications, {plus} additions")

# %% [markdown]
# **Backward** has two matrix products. An entry of $dW = X^T dZ$ sums over the $N$ rows, one of $dX = dZ\, W^T$ over the $M$ outputs:
#
# $$\underbrace{D M \cdot N}_{dW} + \underbrace{N D \cdot M}_{dX} = 2 N D M \text{ multiplications, } 4NDM \text{ FLOPs} \tag{2}$$
#
# Whichever axis is summed, it is the same triples $(n, d, m)$: each is one product $X_{nd} W_{dm}$ on the way out, and its two slopes on the way back. Per weight and example: **2 operations out, 4 back.**
#
# (A sum of $k$ products counts $k$ additions, as if it began at 0; strictly it needs one less. The bias gradient is left out: it is small.) Below are the counts and, from the package, the lines that were counted: two with an `@`, and the first of them can be skipped.

# %%
dZ = counted(N, M)
(dX, dW, db), times, plus = count(linear_backward, dZ, cache)
assert times == 2 * N * D * M
assert plus == N * D * (M - 1) + D * M * (N - 1) + M * (N - 1)  # the last one is db
_, without_dX, _ = count(linear_backward, dZ, cache, input_gradient=False)
assert without_dX == N * D * M
print(f"multiplications: forward {N * D * M}, backward {times}, backward without dX {without_dX}")
print("".join(inspect.getsourcelines(linear_backward)[0][-6:]))

# %% [markdown]
# ## A whole network
#
# Layer $l$ has $w_l = D_l M_l$ weights. Add up (1) and (2) over the layers, and take away the first layer's $dX$, since the data are not trained:
#
# $$\frac{\text{step}}{\text{forward}} = \frac{2N \sum w_l + 4N \sum w_l - 2N w_1}{2N \sum w_l} = 3 - \frac{w_1}{\sum w_l} \tag{3}$$
#
# $N$ has dropped out. What is not a matrix product (biases, ReLU, the loss) takes a few operations a *unit*, and a unit has hundreds of weights: in wide networks it is small change.

# %% slideshow={"slide_type": "subslide"}
for sizes in ([5, 4, 3, 2], [2, 4, 2], [4, 9, 9, 3], [7, 3]):
    out, dout, caches, forward, backward = counted(N, sizes[0]), counted(N, sizes[-1]), [], 0, 0
    for D, M in pairwise(sizes):
        (out, cache), times, _ = count(linear_forward, out, counted(D, M), counted(M))
        caches, forward = [*caches, cache], forward + times
    for k in reversed(range(len(caches))):
        (dout, *_), times, _ = count(linear_backward, dout, caches[k], input_gradient=k > 0)
        backward += times
    weights = [D * M for D, M in pairwise(sizes)]
    ratio = (forward + backward) / forward
    assert np.isclose(ratio, 3 - weights[0] / sum(weights))
    print(f"{sizes!s:13} ({forward} + {backward}) / {forward} = {ratio:.3f}")

# %% [markdown]
# A single layer costs 2: there, and only there, is backward as cheap as forward. (*The card*, the study card that this course grew from, says so of all. Then its own *about 3* could not be.)
#
# The 3 is no accident of networks. Whatever you compute with $+, -, \times, \div$, its value **and all its slopes together** need at most three times as many multiplications and divisions, for any number of inputs (Baur and Strassen, 1983; multiplying by a fixed number is not counted).
#
# **Your turn.** The first layer of 784-512-256-10 is by far its largest. What is step / forward, to two decimals?

# %%
check_answer("08.q3", ...)

# %% [markdown]
# ## Against 2n forward passes
#
# The card says that the naive way needs one forward pass for each of $n$ parameters. Its own formula, the one above, evaluates the loss **twice**:
#
# $$\text{central differences: } 2n \text{ passes}, \qquad \text{backpropagation: about } 3, \qquad \text{gain: about } \tfrac{2}{3}\, n \tag{4}$$
#
# The cell counts the passes for the smallest network; `numerical_gradient` is the package's own.

# %% slideshow={"slide_type": "subslide"}
def nudge_all(network, X, y):
    passes = []
    for name, value in network.parameters.items():
        def loss(moved):
            passes.append(name)
            return network.loss(X, y, network.parameters | {name: moved})
        numerical_gradient(loss, value)
    return len(passes)
xor_network = NeuralNetwork([2, 4, 2])
passes = nudge_all(xor_network, *datasets.xor())
assert passes == 2 * sum(array.size for array in xor_network.parameters.values())  # line (4)
print(f"22 parameters: {passes} passes by nudging; by backpropagation one out and one back")

# %% [markdown]
# ### How to use a clock
#
# A count is exact; a clock is not. Four rules, which `best_times` keeps:
# - run everything **once before** the clock starts;
# - let the contenders **take turns**, and keep the **shortest** of several rounds: disturbances only add time;
# - use a clock that **stands still** while another program has the core (`thread_time`; on Windows it is too coarse);
# - report **ratios**.
#
# Figures in the text come from one machine, in `float32`; yours will differ. NumPy hands matrix products to a library called BLAS, which may use *all* your cores; the first cell asks it for one. **Your turn**, later: take that line out, restart the kernel. Wide products become faster, nothing else does, and ratios shift.

# %%
clock = time.perf_counter if sys.platform == "win32" else time.thread_time

def best_times(*runs, rounds=5):
    """Return the shortest time of each run, in seconds."""
    once = [timeit.timeit(run, number=2, timer=clock) / 2 for run in runs]
    repeats = [max(1, int(2e-3 / max(seconds, 1e-6))) for seconds in once]  # 2 ms or more
    samples = [
        [timeit.timeit(run, number=k, timer=clock) / k for run, k in zip(runs, repeats)]
        for _ in range(rounds)
    ]
    return np.min(samples, axis=0)

# %% tags=["nbval-ignore-output"] slideshow={"slide_type": "subslide"}
X, y = (part[:32] for part in datasets.digits()[:2])
networks = [NeuralNetwork([64, hidden, 10]) for hidden in (1, 4, 12)]  # by (3), 2.14 for each
parameters = [sum(array.size for array in network.parameters.values()) for network in networks]
runs = [partial(way, X, y) for network in networks
        for way in (network.loss, network.loss_and_gradients, partial(nudge_all, network))]
one, both, nudging = best_times(*runs).reshape(-1, 3).T
for n, slow, quick in zip(parameters, nudging / one, both / one, strict=True):
    print(f"n = {n:4}: nudging is worth {slow:5,.0f} passes, backpropagation {quick:.1f}")
    assert slow > n and quick < 8
draw.gradient_cost(parameters, nudging / one, both / one)
plt.show()

# %% [markdown]
# **Figure.** What a whole gradient costs, in forward passes (loss included), on 32 handwritten digits. Both axes are logarithmic. Nudging climbs along the counted line $2n$, a little above it, since each nudge also copies an array. Backpropagation stays where it is: **its cost in passes does not depend on the number of parameters.** (Formula (3) says $3 - \frac{64}{74} = 2.14$ for all three: nobody asks for the pixels' $dX$. And the loss takes a good part of so small a pass, while its backward is cheap.)
#
# The gap at the right is a thousandfold. For a billion parameters? The card says four orders of magnitude; question 2 of the exercises lets you find the right number.

# %% [markdown]
# ## Where the gain comes from
#
# No single slope became cheaper. **Nothing is computed twice**, that is all. Suppose we ask for $dW_1$, then for $dW_2$, ..., each from scratch. The trip from the loss to layer $l$ of $L$ passes $L - l + 1$ layers, so together
#
# $$1 + 2 + \dots + L = \frac{L(L+1)}{2} \text{ layers instead of } L. \tag{5}$$
#
# One trip serves everybody, because the trip to layer 1 passes all the others. And it may read the caches instead of running forward again. Forward values and arriving gradients, each made once and used often: this is the dynamic programming that the card closes with.

# %% slideshow={"slide_type": "subslide"}
L, caches, visits, separate, one_trip = 6, [], 0, {}, {}
for _ in range(L):
    caches.append(linear_forward(*(rng.normal(size=size) for size in ((5, 4), (4, 4), 4)))[1])
dout = rng.normal(size=(5, 4))
for wanted in reversed(range(L)):  # a trip of its own for each dW
    travelling = dout
    for layer in reversed(range(wanted, L)):
        travelling, dW, _ = linear_backward(travelling, caches[layer])
        visits += 1
    separate[wanted] = dW

# %%
travelling = dout
for layer in reversed(range(L)):  # one trip for all
    travelling, one_trip[layer], _ = linear_backward(travelling, caches[layer])
assert all(np.array_equal(separate[k], one_trip[k]) for k in range(L))
assert visits == L * (L + 1) // 2  # line (5)
print(f"the same {L} gradients: {visits} layers visited one by one, {L} in one trip")

# %% [markdown]
# ## Three, measured
#
# Now the clock. A *step* is forward, loss and backward (without the update); it is compared with a forward pass that only predicts. Four networks, five batches. The first layer's `dX` is left out, as shipped; for the first network it is also computed.
#
# Take out your slip: (a) was a batch of 128, (b) a single image. **Your turn**, afterwards: add a network of your own to `cases`, and predict its line.

# %% slideshow={"slide_type": "subslide"}
def step(network, X, y, first_dX=False):
    out = X
    for layer in network.layers:
        out = layer.forward(out)
    _, cache = losses.softmax_cross_entropy_forward(out, y)
    dout = losses.softmax_cross_entropy_backward(1.0, cache)
    for layer in reversed(network.layers):
        wanted = first_dX or layer is not network.layers[0]
        dout = layer.backward(dout, input_gradient=wanted)

def batch(sizes, N):
    return rng.normal(size=(N, sizes[0])).astype(np.float32), rng.integers(sizes[-1], size=N)

# %%
batches, expected = (1, 4, 32, 128, 256), {}
wide, deep, tiny = [784, 512, 256, 10], [256] * 6, [2, 4, 2]
cases = {"784-512-256-10, first dX made": (wide, True), "784-512-256-10": (wide, False),
         "five 256-256": (deep, False), "five 16-16": ([16] * 6, False), "2-4-2": (tiny, False)}
runs = []  # all take turns, so that whatever disturbs one of them disturbs all
for name, (sizes, first_dX) in cases.items():
    saved = 0 if first_dX else sizes[0] * sizes[1]
    expected[name] = 3 - saved / sum(D * M for D, M in pairwise(sizes))
    network, data = NeuralNetwork(sizes, dtype=np.float32), [batch(sizes, N) for N in batches]
    runs += [partial(network.logits, X) for X, _ in data]
    runs += [partial(step, network, X, y, first_dX) for X, y in data]
times = best_times(*runs, rounds=7).reshape(len(cases), 2, len(batches))

# %% tags=["nbval-ignore-output"] slideshow={"slide_type": "subslide"}
measured = dict(zip(cases, times[:, 1] / times[:, 0], strict=True))
print(f"{'step / forward at batch':29}", *(f"{N:5}" for N in batches), " counted")
for name, ratios in measured.items():
    print(f"{name:29}", *(f"{ratio:5.1f}" for ratio in ratios), f"{expected[name]:8.2f}")
full, shipped, squares = (measured[name] for name in list(cases)[:3])
assert 1.5 < np.median([full[-2:], shipped[-2:], squares[-2:]]) < 5  # with room for a busy machine
assert shipped[0] > 1.2 * np.median(shipped[1:])  # one row is dearer
assert np.median(measured["2-4-2"]) > expected["2-4-2"]
print(f"the first dX makes a step longer by {full[-1] / shipped[-1] - 1:.0%}; by count",
      f"{3 / expected['784-512-256-10'] - 1:.0%}")
draw.step_over_forward(batches, measured, expected)
plt.show()

# %% [markdown]
# **Figure.** How many forward passes a step is worth; dashed, what formula (3) says. Read it from the right.
#
# - **Wide, from a batch of 32 to 128 up: the count is the time.** We saw 2.2 to 2.4 without the first `dX` (2.3 to 2.5 on a second machine), and 3 with it. So the card's *about 3* holds for such networks, if you make a gradient that nobody asks for.
# - **Wide, one row: 8 to 14** (15 and 19 on the other machine), for the same count.
# - **Narrow: 3 to 5, at any batch** (2-4-2 on the other machine: 6 to 9).
#
# The `dX` that nobody needs makes a step of the first network about a third *longer*: by count $3 / 2.25$, measured nearly the same. (The card makes it in every step.)

# %% [markdown]
# ### Equal counts, unequal times
#
# **One row.** Forward, `dX` and `dW` take exactly $DM$ multiplications each. *Which one is slow?* All weights must come from memory, for one multiplication each: the processor waits more than it computes. `dW` is the worst: it *writes* an array of the size of $W$. And NumPy adds a trap: a column times a row, `(D, 1) @ (1, M)`, goes to a plain loop, not to BLAS. `np.outer` makes the same numbers.
#
# **Tiny.** The network 2-4-2 multiplies for some nanoseconds, but Python needs microseconds to *call* NumPy, and backward has more calls. The proof: 64 rows take hardly longer than one.

# %% tags=["nbval-ignore-output"]
x, W, dz = (rng.normal(size=s).astype(np.float32) for s in ((1, 784), (784, 512), (1, 512)))
assert np.array_equal(x.T @ dz, np.outer(x, dz))
times = best_times(lambda: x @ W, lambda: dz @ W.T, lambda: x.T @ dz, lambda: np.outer(x, dz))
names = ("x @ W", "dz @ W.T", "x.T @ dz", "np.outer(x, dz)")
for name, seconds in zip(names, times, strict=True):
    print(f"{name:15} {784 * 512:,} multiplications, {seconds / times[0]:5.1f} times as long")
assert times[2] > times[0] and times[3] > times[0]
network, one, many = NeuralNetwork(tiny, dtype=np.float32), batch(tiny, 1), batch(tiny, 64)
times = best_times(lambda: step(network, *one), lambda: step(network, *many))
print(f"2-4-2: a step with 64 rows takes {times[1] / times[0]:.1f} times as long as with one")
assert times[1] / times[0] < 8

# %% [markdown]
# ## What a batch buys
#
# A gradient of 784-512-256-10 for 256 examples, on one core. One way is a Python loop: one example at a time, 256 gradients added up. The other is one batch. **How much faster is the batch?** The multiplications are the same.
#
# - **a** not at all
# - **b** some 20 to 35 times
# - **c** 50 to 100 times, as the card says of any network
# - **d** 256 times: one pass in place of 256

# %%
check_answer("08.q5", ...)

# %% [markdown]
# ### One matrix product
#
# Row $n$ of $XW$ is $x_n W$, so $N$ products of a row with a matrix *are* one matrix product, a **GEMM** (general matrix multiply), the routine on which BLAS spends most care. On the way back the sum over the examples goes inside the product:
#
# $$(XW)_n = x_n W, \qquad X^T dZ = \sum_n x_n^T\, dz_n \tag{6}$$
#
# The right-hand side is the long way: $N$ tables as large as $W$, written and added (you will build them in the exercises). The left never writes them. What changes is not the work but the traffic: each weight that is read now serves $N$ rows,
#
# $$\frac{2NDM \text{ FLOPs}}{DM \text{ weights read}} = 2N \text{ FLOPs for each weight read.} \tag{7}$$

# %%
X, W, dZ = (rng.normal(size=shape) for shape in ((6, 5), (5, 4), (6, 4)))
assert np.allclose(X @ W, np.stack([X[n] @ W for n in range(6)]))
tables = [np.outer(X[n], dZ[n]) for n in range(6)]
assert np.allclose(X.T @ dZ, sum(tables))
flops = 2 * X.size * W.shape[1]
assert flops / W.size == 2 * len(X)  # line (7)
print("the same numbers; written on the long way:", sum(table.size for table in tables),
      "entries; on the short one:", (X.T @ dZ).size)

# %% slideshow={"slide_type": "subslide"}
def outer_backward(dout, cache, *, input_gradient=True):  # for one row, without the trap
    X, W = cache
    return dout @ W.T if input_gradient else None, np.outer(X, dout), dout[0]

def one_by_one(network, X, y):
    total = {name: np.zeros_like(array) for name, array in network.parameters.items()}
    for n in range(len(X)):
        _, gradients = network.loss_and_gradients(X[[n]], y[[n]])
        for name in total:
            total[name] += gradients[name]
    return total

# %% tags=["nbval-ignore-output"]
network, (X, y) = NeuralNetwork(wide, dtype=np.float32), batch(wide, 256)
careful = NeuralNetwork([Layer(linear_forward, outer_backward, layer.parameters)
                         if layer.parameters else ReLU() for layer in network.layers])
few = X[:32], y[:32]  # the loops are timed on 32 rows, and multiplied
mean, total = network.loss_and_gradients(*few)[1], one_by_one(careful, *few)
assert all(np.allclose(total[name] / 32, mean[name], atol=1e-4) for name in mean)
loops = [partial(one_by_one, network, *few), partial(one_by_one, careful, *few),
         lambda: [network.logits(X[[n]]) for n in range(32)]]
whole = [partial(network.loss_and_gradients, X, y)] * 2 + [partial(network.logits, X)]
gain, fair, out = 8 * np.divide(*best_times(*loops, *whole).reshape(2, 3))
print(f"loop / batch: gradient {gain:.0f}, with np.outer {fair:.0f}, forward alone {out:.1f}")
assert gain > 4 and out > 1.2

# %% tags=["nbval-ignore-output"] slideshow={"slide_type": "subslide"}
batches, gains = [1, 2, 4, 8, 16, 32, 64, 128, 256], {}
for name, sizes, work in (("gradient, 784-512-256-10", wide, "loss_and_gradients"),
                          ("forward, 784-512-256-10", wide, "logits"),
                          ("gradient, 2-16-16-2", [2, 16, 16, 2], "loss_and_gradients")):
    run = getattr(NeuralNetwork(sizes, dtype=np.float32), work)
    data = [batch(sizes, N)[: 1 if work == "logits" else 2] for N in batches]
    times = best_times(*(partial(run, *part) for part in data), rounds=3)
    gains[name] = [N * times[0] / t for N, t in zip(batches, times, strict=True)]
print("gain at a batch of 256:", *(f"{name} {values[-1]:.0f};" for name, values in gains.items()))
assert gains["gradient, 2-16-16-2"][-1] > 20
draw.gain_of_a_batch(batches, gains)
plt.show()

# %% [markdown]
# **Figure.** How much less time one example takes in a batch than alone; dotted: a batch that takes no longer than one row. The tiny network keeps close: Python's calls are paid once. The wide gradient starts *above*: a single row falls into NumPy's trap, two rows do not. Wide forward dips first: BLAS has a quick routine for one row. Then wide networks level off: the processor is busy.
#
# We saw about 30 for the wide gradient (18 to 41 over wide networks on two machines; 14 to 22 in `float64`). With a good outer product 9 to 16 are left, and forward alone gains 3 to 6: much of the famous factor *repairs a slow way to handle one row*. **"50 to 100 times" belongs to tiny networks.**

# %% [markdown]
# ## What the way back costs in memory
#
# A prediction may forget each layer's input at once. Training may not: each linear layer keeps its input, each ReLU a mask of one byte an entry. By hand, for 4-3-2 with $N = 2$ rows of 8-byte numbers:
#
# | kept by | what | bytes |
# |---|---|---|
# | linear 1 | $X$, 2 × 4 numbers | 64 |
# | ReLU | mask, 2 × 3 | 6 |
# | linear 2 | $A_1$, 2 × 3 numbers | 48 |
#
# 118 bytes. The cache grows with batch and depth; the parameters do not care about $N$. With $s$ bytes a number, inputs of width $D_l$ and hidden layers of width $H_l$:
#
# $$\text{cache} = N \Big( s \sum_l D_l + \sum_l H_l \Big), \qquad \text{parameters} = s \sum_l (D_l M_l + M_l) \tag{8}$$

# %% slideshow={"slide_type": "subslide"}
def kept(sizes, N, dtype):  # run the pairs and look at what they keep
    out, arrays = np.ones((N, sizes[0]), dtype), []
    for D, M in pairwise(sizes):
        if arrays:
            out, mask = layers.relu_forward(out)
            arrays.append(mask)
        out, (X, _) = linear_forward(out, np.ones((D, M), dtype), np.ones(M, dtype))
        arrays.append(X)
    return arrays

print([array.nbytes for array in kept([4, 3, 2], 2, np.float64)])

# %%
for sizes, N, dtype in (([4, 3, 2], 2, "f8"), ([9, 7, 5, 4], 6, "f4"), ([5, 3], 8, "f2")):
    s, hidden = np.dtype(dtype).itemsize, sizes[1:-1]
    inputs = [D for D, M in pairwise(sizes)]
    formula = N * (s * sum(inputs) + sum(hidden))  # line (8)
    assert formula == sum(array.nbytes for array in kept(sizes, N, dtype))
    parameters = NeuralNetwork(sizes, dtype=dtype).parameters.values()
    expected_bytes = s * sum(D * M + M for D, M in pairwise(sizes))
    assert expected_bytes == sum(array.nbytes for array in parameters)
    print(f"{sizes!s:12} N = {N}: cache {formula} bytes, parameters {expected_bytes} bytes")

# %% slideshow={"slide_type": "subslide"}
def stops(network, out, y=None):  # one step that halts after each stop; without y a prediction
    for layer in network.layers:
        out = layer(out) if y is None else layer.forward(out)
        yield type(layer).__name__
    if y is not None:
        loss_cache = losses.softmax_cross_entropy_forward(out, y)[1]
        yield "loss"
        dout = losses.softmax_cross_entropy_backward(1.0, loss_cache)
        del out, loss_cache  # nobody needs them any more
        for layer in reversed(network.layers):
            dout = layer.backward(dout, input_gradient=layer is not network.layers[0])
            yield f"d{type(layer).__name__}"

# %% tags=["nbval-ignore-output"] slideshow={"slide_type": "subslide"}
network, (X, y), held = NeuralNetwork(deep, dtype=np.float32), batch(deep, 512), []
for run in (stops(network, X, y), stops(network, X)):
    tracemalloc.start()  # Python's own book-keeper of memory
    held.append([(name, tracemalloc.get_traced_memory()[0]) for name in run])
    tracemalloc.stop()
training, predicting = held
cache = 512 * (4 * sum(deep[1:-1]) + sum(deep[1:-1]))  # line (8), without X: the caller holds it
logits, gradients = 512 * deep[-1] * 4, sum(a.nbytes for a in network.parameters.values())
assert abs(training[len(predicting) - 1][1] - logits - cache) < 0.02 * cache
assert abs(training[-1][1] - gradients) < 0.02 * gradients and predicting[-1][1] < 0.4 * cache
draw.memory_of_a_step(training, predicting, cache)
plt.show()

# %% [markdown]
# **Figure.** Memory held after each stop of one step: five layers 256-256, 512 rows, `float32` (the batch itself not counted). On the way out (blue) every linear layer and every mask adds its share, up to the summit at the loss. On the way back (orange) each stop is cleared as it is passed; what remains at the foot are the gradients. The last blue bar stands above the dashed line by the logits, which are still in hand. A prediction (diamonds) walks along the valley.
#
# So *how large a batch can I take?* is a question about this mountain. A later lesson lowers it: forget some caches, and compute them again.

# %% [markdown]
# ## Drag it
#
# The explorer only counts; nothing is timed. Arrow keys move the sliders.
#
# 1. Drag the batch. Which number at the top does *not* move, and which bar does?
# 2. Make the step cost exactly 2.00 forward passes. How?
# 3. With `first layer's dX` left out, bring the step above 2.95. Which layers must be large?
# 4. At which batch are cache and parameters equal? Double the hidden units: does that batch grow?
#
# <details><summary>Answers</summary>
#
# 1. The ratio stays; the cache grows. 2. One linear layer. 3. Few inputs, many hidden units, many layers: then the first layer is small. 4. It is written above the bars. It grows: weights grow like the square of the width, caches in proportion.
#
# </details>

# %% slideshow={"slide_type": "subslide"}
CostExplorer(N=32, inputs=784, hidden=512, outputs=10, layers=3)

# %% [markdown]
# ## The card's table, measured
#
# The card closes with complexities: forward O(parameters), backward O(parameters), numerical gradient O(parameters × parameters). If a cost is $c\, n^k$, then doubling $n$ multiplies it by $2^k$, so two sizes reveal $k$:
#
# $$k = \frac{\log(\text{cost}_2 / \text{cost}_1)}{\log(n_2 / n_1)} \tag{9}$$
#
# The card's $k$ are 1, 1 and 2. We measure it for three square layers, first tiny (width 4, then 16), then wide (256, then 1024). Of the numerical gradient we time five nudges and multiply.

# %% slideshow={"slide_type": "subslide"}
def costs(width):
    network, (X, y) = NeuralNetwork([width] * 4, dtype=np.float32), batch([width] * 2, 64)
    W, n = network.parameters["W2"], sum(array.size for array in network.parameters.values())
    def five_nudges():
        for k in range(5):
            for h in (1e-3, -1e-3):
                W[0, k % width] += h
                network.loss(X, y)
    forward, both, nudges = best_times(
        lambda: network.loss(X, y), lambda: network.loss_and_gradients(X, y), five_nudges
    )
    return n, forward, both - forward, n * nudges / 5

# %% tags=["nbval-ignore-output"]
print("exponent k     forward  backward  numerical")
for widths in ((4, 16), (256, 1024)):
    (n1, *first), (n2, *second) = map(costs, widths)
    exponents = np.log(np.divide(second, first)) / np.log(n2 / n1)
    print(f"width {widths[0]:3} to {widths[1]:4}", *(f"{k:8.2f}" for k in exponents))
assert list(np.round(exponents)) == [1, 1, 2]  # half an exponent off is a factor of 4

# %% [markdown]
# For wide layers the table is right. For tiny ones $k$ is near 0, 0 and 1: there a pass costs its calls, and *O(parameters)* is a promise about large $n$ only.
#
# ### When parameters are the wrong measure
#
# "O(parameters), as each is used once": true for linear layers (once for each example). But not everywhere.
#
# **Question.** A convolution slides one 3 × 3 filter over an image of 32 × 32 pixels, with a border of zeros, so that 32 × 32 come out. It has 9 weights. **How often is each of them multiplied in one forward pass?**

# %%
check_answer("08.q4", ...)

# %%
Counted.tanh = lambda self: Counted(np.tanh(float(self)))  # the recurrent layer asks for it
conv = counted(1, 1, 5, 6), counted(2, 1, 3, 3), counted(2)
recurrent = counted(1, 7, 4), counted(1, 3), counted(4, 3), counted(3, 3), counted(3)
for name, forward, args, weights, settings in (
    ("linear", layers.linear_forward, (counted(1, 4), counted(4, 3), counted(3)), 12, {}),
    ("convolution", layers.conv2d_forward, conv, 18, {"padding": 1}),
    ("recurrent", layers.rnn_forward, recurrent, 4 * 3 + 3 * 3, {}),
    ("embedding", layers.embedding_forward, (np.array([[2]]), counted(50, 4)), 200, {}),
):
    times = count(forward, *args, **settings)[1]
    print(f"{name:11} {weights:3} weights, each multiplied {times / weights:g} times")

# %% [markdown]
# ## Too cheap to be true
#
# So count *uses*, not parameters: a convolution uses a weight at every pixel (here 5 × 6), a recurrent layer at every step (here 7), and of an embedding, a table of rows, it looks up one and multiplies nothing. Each use in a product has two slopes, so backward is still about twice forward.
#
# If backward is the dear part, let us make it cheaper. *Which of these may you keep?*
#
# - **First average, then multiply:** in place of $X^T dZ$ one outer product of the mean row of $X$ and the summed `dZ`. About $N$ times fewer multiplications.
# - **No dX in the middle layer** either: hand on zeros.
# - **No dX in the first layer.**

# %% slideshow={"slide_type": "subslide"}
def average_first(dout, cache, *, input_gradient=True):
    X, W = cache
    return dout @ W.T, np.outer(X.mean(axis=0), dout.sum(axis=0)), dout.sum(axis=0)

def no_dX(dout, cache, *, input_gradient=True):
    X, W = cache
    return np.zeros_like(X), X.T @ dout, dout.sum(axis=0)

def tampered(place, backward):
    network = NeuralNetwork([4, 6, 5, 3])
    network.layers[place] = Layer(linear_forward, backward, network.layers[place].parameters)
    return NeuralNetwork(network.layers)

# %%
X, y = rng.normal(size=(8, 4)), rng.integers(3, size=8)
for words, place, backward, expected_wrong in (
    ("average first, in layer 2", 2, average_first, ["dW2"]),
    ("no dX in layer 2", 2, no_dX, ["dW1", "db1"]),
    ("no dX in layer 1", 0, no_dX, []),
):
    network = tampered(place, backward)
    report = check_gradients(lambda **parameters: network.loss(X, y, parameters),
                             network.parameters, network.loss_and_gradients(X, y)[1])
    wrong = [f"d{tensor.name}" for tensor in report.tensors if not tensor.ok]
    print(f"{words:26} wrong: {', '.join(wrong) or 'nothing'}")
    assert wrong == expected_wrong

# %% [markdown]
# The checker finds what the clock would have praised. **Average first** has every shape right and only `dW2` wrong: a sum of products is not the product of sums. (They agree by luck alone, as when all rows of $X$ are equal, or there is only one.) **No dX in the middle**: layer 2 is right, and everything in front of it is wrong, since it got nothing. **No dX in the first layer** harms nobody: that is the one saving which is free, and our layers make it.
#
# Speed is measured after the gradient check, never instead of it.

# %% [markdown]
# ## Formula card
#
# $$\begin{aligned} \text{forward} &= 2NDM & \text{backward} &= 4NDM & \frac{\text{step}}{\text{forward}} &= 3 - \frac{w_1}{\sum w_l} \\ \text{nudging} &= 2n \text{ passes} & \text{cache} &= N \big( s \textstyle\sum D_l + \sum H_l \big) & \text{gain} &\approx \tfrac23 n \end{aligned}$$
#
# | what one hears | what holds |
# |---|---|
# | backprop costs about 3 forward passes | wide layers, batch 32 to 128 and more; 2 to 3 without the first `dX`; more for one row or a tiny network |
# | backward costs the same as forward | twice the products |
# | a numerical gradient takes $n$ passes | $2n$ as written |
# | batches are 50 to 100 times faster | where calls are the cost; 20 to 35 for wide layers on one core |
# | O(parameters) | O(uses): equal for linear layers alone |
#
# **[Exercises 08](../exercises/08_cost_of_backprop.ipynb)**: `linear_flops`, `cache_bytes`, `per_example_gradients`, five questions.
