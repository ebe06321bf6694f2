# %% [markdown]
# # Lesson 02. Computational graphs
#
# In lesson 01 each number was used once. Now it may be used as often as you like: you will draw any computation as a graph, send **one** sweep back through it, and have the gradient of every number in it.
#
# **You need** lesson 01; for one part, the product of two matrices. **Time:** 90 minutes, and about 70 for the exercises.
#
# After this you can
# - read the gradient of any number off a graph, forks included;
# - say why the sweep needs an order, and show what happens without one;
# - tell by counting when to go forward, when to go back, and why networks go back.
#
# (Rather play first? Run the next cell, then go to [Step through it](#Step-through-it).)

# %%
import inspect
from graphlib import TopologicalSorter
from time import perf_counter
import matplotlib.pyplot as plt
import numpy as np
from backprop_course import check, check_answer
from backprop_course.figures import graphs as draw
from backprop_course.gradcheck import check_gradients
from backprop_course.network import NeuralNetwork
from backprop_course.widgets.stepper import Graph, Stepper
np.set_printoptions(precision=4, suppress=True)
rng = np.random.default_rng(2)

# %% [markdown]
# ## One number, used twice
#
# $$s = x + y, \qquad L = s \cdot x$$
#
# With $x = 3$ and $y = -1$ we get $s = 2$ and $L = 6$. You raise $x$ by $0.01$. In a product, says lesson 01, a nudge of one partner is multiplied by the other partner, and in $s \cdot x$ the partner of $x$ is $s = 2$.
#
# **Predict before you run.** By how much does $L$ rise, about?
#
# - **a** 0.02: that is what the rule says
# - **b** 0.03
# - **c** 0.05
# - **d** 0.06

# %%
def forward(x, y):
    s = x + y
    return {"x": x, "y": y, "s": s, "L": s * x}


at_rest, nudged = forward(3, -1), forward(3.01, -1)
for name in at_rest:
    print(f"{name} = {at_rest[name]:2}, moves by {nudged[name] - at_rest[name]:+.4f}")

# %% [markdown]
# ## A graph says what is made from what
#
# It is **c**. The rule speaks of $x$ moving *alone*, but $s$ moved as well: $x$ reaches $L$ on two roads. In a network that is normal, so we draw a map.
#
# - Each number is a **node**. An **arrow** leads to it from each number that its own step uses: its **parents**. It is their **child**.
# - A node without parents is an **input**; one with several children is a **fork**; the one we ask about is the **output**.
# - On each arrow stands its **local derivative**: how many times as much the child moves when this parent alone is nudged and the *others are held still*.
#
# No road leads in a circle: nothing is computed from itself.

# %%
parents = {"x": [], "y": [], "s": ["x", "y"], "L": ["s", "x"]}
local = {("s", "x"): 1, ("s", "y"): 1, ("L", "s"): 3, ("L", "x"): 2}  # (child, parent)
step = {"s": lambda x, y: x + y, "L": lambda s, x: s * x}
for (child, parent), factor in local.items():
    before = [at_rest[p] for p in parents[child]]
    after = [at_rest[p] + 0.001 * (p == parent) for p in parents[child]]
    assert np.isclose((step[child](*after) - step[child](*before)) / 0.001, factor)
print("four arrows measured, each alone: the local derivatives are right")
places = {"x": (0, 1.3), "y": (0, 0), "s": (1.4, 0.35), "L": (2.8, 0.9)}
draw.graph(parents, places, values=at_rest, local=local)
plt.show()

# %% [markdown]
# **Figure.** The computation as a graph. Blue: the values. On the arrows: the local derivatives. The node $x$ is a fork: one arrow goes straight to $L$, one goes by way of $s$.
#
# **Two numbers, often written alike.** Nudge $x$, and $L$ moves
#
# - $2$ times as much if $s$ is held still. This belongs to the *arrow*: $\text{local}_{L,x} = 2$, in code `local["L", "x"]`.
# - $5$ times as much if everything follows that is made from $x$. This is the *gradient*: $dx = 5$.
#
# For both you will meet $\partial L / \partial x$: the stepper below means the arrow, the exercises mean the gradient. So always ask what is held still.

# %% [markdown]
# ## At a fork, shares add
#
# Nudge $x$ by $h$; then $s$ moves by $\delta s = h$. Let the two partners of the product move one after the other:
#
# $$(s + \delta s)(x + h) - s x = \underbrace{s \cdot h}_{x \text{ moves}} + \underbrace{\delta s \cdot (x + h)}_{\text{then } s \text{ moves}}$$
#
# Nothing is left out. Divide by $h = \delta s$ and let it shrink: $s + (x + h) \to s + x = 2 + 3 = 5$. **Two moves one after the other, two changes: they add.** This is all there is to a fork.
#
# The same for any smooth step $c$ with parents $p_1, \dots, p_k$ (its local derivatives exist around the point and do not jump). Again one parent moves after the other: each move is an affair of one number, and its slope has hardly changed since the start. In sum, for small moves,
#
# $$\delta c \approx \sum_{i=1}^{k} \text{local}_{c, p_i}\, \delta p_i \tag{1}$$
#
# What is left out shrinks faster than the moves: like their square, if the slopes are smooth too.

# %%
s, x, moved_s, h = rng.normal(size=4)
assert np.isclose((s + moved_s) * (x + h) - s * x, s * h + moved_s * (x + h))

def c(p):
    return p[0] * np.sin(p[1]) * np.exp(p[2])

p, move = rng.normal(size=3), rng.normal(size=3)
own = np.array([np.sin(p[1]), p[0] * np.cos(p[1]), p[0] * np.sin(p[1])]) * np.exp(p[2])
left_out = [c(p + size * move) - c(p) - own @ (size * move) for size in (0.002, 0.001)]
assert abs(left_out[0] / left_out[1] - 4) < 0.1
print(f"half the moves leave out 1/{left_out[0] / left_out[1]:.2f} as much")

# %% [markdown]
# ## Along a path multiply, over paths add
#
# Now go from $x$ through the whole graph. The parents in (1) moved because *their* parents moved, and so on, up to $x$. Put (1) into itself until only the nudge of $x$ remains: each term is one way from $x$ to $L$.
#
# $$dx = \sum_{\text{paths } x \to L} \;\; \prod_{\text{arrows of the path}} \text{local} \tag{2}$$
#
# *Proof.* Say it of every node $c$ in place of $L$, in the order of computing. For $c = x$ there is one path, without arrows: an empty product, $1$; for any other input there is none, and the sum is $0$. Each path to a computed $c$ comes in through exactly one parent $p_i$, so (1), divided by the nudge of $x$, turns the sums for the parents into the sum for $c$.
#
# With the graph above: $2 + 1 \cdot 3 = 5$. (Nudge an inner node by hand, like an input: $ds = 3$.)

# %%
def paths(start, end, parents):
    """All paths from start to end, each a list of arrows (child, parent)."""
    if start == end:
        return [[]]
    return [
        [*path, (end, parent)] for parent in parents[end] for path in paths(start, parent, parents)
    ]


for path in paths("x", "L", parents):
    print(path, "gives", np.prod([local[arrow] for arrow in path]))
print(f"measured: x {(nudged['L'] - 6) / 0.01:.2f}, s by hand {(step['L'](2.01, 3) - 6) / 0.01:.2f}")

# %% [markdown]
# ## Ten diamonds
#
# Formula (2) is right. As a method it is hopeless. Let $v_0$ go into two nodes $a_1$, $b_1$, which meet again in $v_1$: a **diamond**. Put ten of them in a row; the arrows run from left to right.
#
# ```text
#      a1          a2                  a10
#    /    \      /    \              /     \
# v0        v1          v2   ...  v9         v10
#    \    /      \    /              \     /
#      b1          b2                  b10
# ```
#
# **Predict:** how many terms does the sum (2) have, from $v_0$ to $v_{10}$?
#
# (Do not think that nobody builds such graphs. Each time a network adds what went around a layer to what went through it, that is a diamond, and there are networks with a hundred of them.)

# %%
check_answer("02.q1", ...)  # your number in place of the dots; then run the cell

# %% [markdown]
# ### Factor out
#
# Two diamonds. Let $a$ and $b$ be the products along the two ways of the first, $c$ and $d$ those of the second. Formula (2) multiplies everything out; at school you learnt to do the opposite:
#
# $$ac + ad + bc + bd = (a + b)(c + d) \tag{3}$$
#
# On the right each diamond is added up **once** and the sum is **reused**, whatever the other diamond does. For $n$ diamonds, multiplied out and multiplied path by path, that is $2^n (n - 1)$ products against $n - 1$.

# %%
for n in (2, 3, 10):
    ways = rng.uniform(0.5, 1.5, size=(n, 2))  # the two ways of each diamond
    choices = np.indices((2,) * n).reshape(n, -1)  # (n, 2**n): each column is one path
    multiplied_out = np.prod([ways[k, choices[k]] for k in range(n)], axis=0).sum()
    factored = np.prod(ways.sum(axis=1))
    assert np.isclose(multiplied_out, factored)
    products = choices.shape[1] * (n - 1)
    print(f"{n:2} diamonds: {products:5} products multiplied out, {n - 1} factored")

# %% [markdown]
# ## The sweep: every node once
#
# The same in any graph. All paths from $v$ to the output $L$ begin with one of the arrows that leave $v$. Sort them by this first arrow $v \to c$, and factor it out: what remains in the bracket is the sum over all paths from $c$ to $L$, and that is $dc$.
#
# $$dL = 1, \qquad dv = \sum_{\text{children } c \text{ of } v} dc \cdot \text{local}_{c, v} \tag{4}$$
#
# In words: **what arrives at each child, times the arrow, added up over the arrows that leave.** (A node without a way to $L$ gets the empty sum, $0$.) By hand, from the end:
#
# $$dL = 1, \quad ds = 1 \cdot 3 = 3, \quad dx = 3 \cdot 1 + 1 \cdot 2 = 5, \quad dy = 3 \cdot 1 = 3$$
#
# Below it is tested on nine nodes with many forks and random local derivatives, and we count.

# %%
def sweep(parents, local, output):
    d = {output: 1}
    for v in reversed(list(parents)):  # our dicts name parents before children
        if v != output:
            d[v] = sum(d[c] * local[c, v] for c in d if v in parents[c])
    return d


print(sweep(parents, local, "L"))

# %%
class Counted(dict):  # local derivatives that count how often they are multiplied with
    used = 0
    def __getitem__(self, arrow):
        self.used += 1
        return super().__getitem__(arrow)
tangle = {0: [], 1: [], 2: [0, 1], 3: [0, 1, 2], 4: [1, 3], 5: [2, 3], 6: [3, 4, 5], 7: [4, 6]}
tangle[8] = [5, 6, 7]
factors = Counted({(c, p): rng.normal() for c in tangle for p in tangle[c]})
d, used = sweep(tangle, factors, 8), factors.used
by_paths = [sum(np.prod([factors[a] for a in p]) for p in paths(k, 8, tangle)) for k in tangle]
assert np.allclose([d[k] for k in tangle], by_paths, rtol=1e-12) and used == len(factors)
print(f"{len(factors)} arrows, {used} multiplications; along paths {factors.used - used}")

# %% [markdown]
# ### This is dynamic programming
#
# A method is called so when
#
# 1. the answer to a problem is made from answers to smaller ones: $dv$ from the $dc$;
# 2. the same small answers are needed again and again: $dc$ by every path through $c$;
# 3. so each is computed **once**, when all it needs is there already, and **kept**.
#
# Backpropagation is that. One multiplication an arrow, and we hold the gradient of *every* node, not only of the one we asked about. It **reuses intermediate results** twice: the values kept on the way out (the local derivatives are made of them), and the gradients kept on the way back.
#
# $dv$ is also called the **adjoint** of $v$; the exercises use this word.

# %% [markdown]
# ## Without an order
#
# Point 3 asks for an order. Do we need one? Many who write this for the first time just walk back from the output, by recursion. Let $u = 3x$, then $p = 2u$, $q = 5u$, and $L = p + q$.
#
# ```python
# def back(node):
#     for parent in parents[node]:
#         d[parent] += d[node] * local[node, parent]
#         back(parent)
# ```
#
# At first $d[L] = 1$, all others are 0; `parents["L"]` is `["p", "q"]`. **Predict** what is in `d["x"]` after `back("L")`. Play the computer, with paper.

# %%
check_answer("02.q2", ...)

# %%
def walk_back(parents, local, output):
    def back(node):
        for parent in parents[node]:
            d[parent] += d[node] * local[node, parent]
            back(parent)
    d = dict.fromkeys(parents, 0) | {output: 1}
    back(output)
    return d

forked = {"x": [], "u": ["x"], "p": ["u"], "q": ["u"], "L": ["p", "q"]}
factor = {("u", "x"): 3, ("p", "u"): 2, ("q", "u"): 5, ("L", "p"): 1, ("L", "q"): 1}
print("recursion", walk_back(forked, factor, "L"), "\nsweep    ", sweep(forked, factor, "L"))

# %% [markdown]
# ### Wrong, or hopeless
#
# The slope is $(2 + 5) \cdot 3 = 21$. But $u$ is visited twice, and at its second visit it sends $2 + 5$, though the $2$ had been sent before: $2 \cdot 3 + 7 \cdot 3 = 27$. **A node may send only when everything has arrived.**
#
# Repair it: let each visit send on only the share that it brought. Then every path is walked by itself: right, and slow. In $n$ diamonds $v_k$ gets $2^{n-k}$ visits, and so does each of its parents $a_k$ and $b_k$. In all
#
# $$\sum_{k=0}^{n} 2^{n-k} + 2 \sum_{k=1}^{n} 2^{n-k} = (2^{n+1} - 1) + 2\,(2^n - 1) = 4 \cdot 2^n - 3$$
#
# **Predict:** at 1,000,000,000 visits a second, how long do 60 diamonds take? Seconds, hours, years?

# %%
def visit(node, parents, visits):
    visits[node] += 1
    for parent in parents[node]:
        visit(parent, parents, visits)
for n in (14, 10, 3):
    graph = draw.diamond_row(n)  # the dict of parents
    visits = dict.fromkeys(graph, 0)
    visit(f"v{n}", graph, visits)
    assert (sum(visits.values()), len(graph)) == (4 * 2**n - 3, 3 * n + 1)
    print(f"{n:2} diamonds: {sum(visits.values()):6,} visits by recursion, {len(graph):2} by the sweep")
draw.diamonds(visits, dict.fromkeys(graph, 1))
plt.show()

# %% [markdown]
# **Figure.** Three diamonds; the way back begins at the right. In each node stands how often it is visited, by the repaired recursion (above) and by a sweep (below); a darker tint means more visits. The recursion visits $v_0$ once for each path, 8 times. With 60 diamonds there are $4 \cdot 2^{60} \approx 4.6 \cdot 10^{18}$ visits: 146 years at a billion a second. The sweep makes 181.

# %% [markdown]
# ## An order that always works
#
# In a **topological order** every parent stands before its children. The way out follows it, the way back follows it in reverse: each node's turn comes after its children.
#
# **It exists exactly if the graph has no circle.** In a circle none could be first. Without one: start at any node without a place and walk up, from parent to parent without a place. You never meet a node twice, and the graph is finite, so you get stuck, where all parents have a place. Place it. Repeat.
#
# Python has a sorter in `graphlib`. You will write your own, without calls inside calls: Python allows about a thousand, and graphs are deeper.

# %%
def parents_first(order, parents):
    place = {node: k for k, node in enumerate(order)}
    return all(place[p] < place[c] for c in parents for p in parents[c])

mixed = {node: tangle[node] for node in (5, 8, 2, 0, 7, 3, 1, 6, 4)}
in_order = TopologicalSorter(mixed).static_order()
print("as the dict stands:", parents_first(mixed, mixed))
print("after sorting:     ", parents_first(in_order, mixed))
try:
    TopologicalSorter({"x": ["L"], "s": ["x"], "L": ["s"]}).prepare()
except ValueError as error:
    print("x needs L, s needs x, L needs s:", type(error).__name__)

# %% [markdown]
# ## Step through it
#
# The function of exercise 02.2, $f = (xy + \sin x)\, x$, at $x = 2$, $y = 3$. Here $x$ is used three times. Step with the buttons or the arrow keys.
#
# 1. On the way out: which nodes *could* be next? Is there a choice?
# 2. On the way back: say the product before it appears.
# 3. How many shares does $x$ get? Could $dx$ have been finished earlier?
# 4. Change the text to `"p = x*y; q = p + x; f = q * p"`. Which node is a fork now, besides $x$?
#
# <details><summary>Answers</summary>1. Yes: p or s. 3. Three, by way of p, s and f. No, since p and s must have all of theirs before they send. Only y could change places with x. 4. p goes into q and into f.</details>

# %%
Stepper.from_expression("p = x*y; s = sin(x); q = p + s; f = q * x", x=2.0, y=3.0)

# %% [markdown]
# **Figure.** A graph to step through. Blue numbers are values and appear from the inputs to the output; orange ones are gradients and appear from the output back, each with the product that made it. At a fork the shares stand as a sum.

# %% [markdown]
# ## A network is a graph
#
# Here is a small network: two inputs, two units with $\tanh$, one output, half the squared error. Its weights and biases are *inputs* of the graph, like the data: nodes without parents.
#
# So **weights do not depend on weights.** Some texts write a chain from $W_2$ to $W_1$ as if the second layer's weights were made from the first's; so does the study card that this course grew from (*the card*, from here on). No arrow leads there. A weight moves its unit, and the road goes on through activations; later weights lie *beside* it, as factors on its arrows.
#
# **Predict:** which weights get their gradients first, those of the first layer or of the last?

# %%
Stepper.from_network([2, 2, 1], seed=194)  # a seed that draws twelve different numbers

# %% [markdown]
# **Figure.** Each unit is drawn with its weights and bias inside. The input `x[0]` is a fork, since both hidden units listen to it; a weight has one road. The way back meets the last layer's weights first.
#
# **Until there is a batch.** With two examples the same $w$ takes part in two computations. It is a fork now, and its shares add: one for each example. That is why a weight's gradient is a *sum over the examples*, as lesson 03 will find for whole matrices. A weight that slides over an image, or is used at each word of a text, is a fork with as many children as it has uses.

# %%
net = Graph.from_network([2, 2, 1])
name = [node.name for node in net.nodes]
wiring = {n: [name[a.source] for a in net.links if name[a.target] == n] for n in name}
print("paths from W1[0, 0] to W2[0, 0]:", len(paths("W1[0, 0]", "W2[0, 0]", wiring)))
for first in ("W1[0, 0]", "x[0]"):
    for path in paths(first, "L", wiring):
        print(" -> ".join([first, *(child for child, _ in path)]))
loss = "((w*x1 - y1)**2 + (w*x2 - y2)**2) / 2"
pair = Graph.from_expression(loss, w=1.5, x1=2.0, y1=1.0, x2=-1.0, y2=0.5)
shares = [link.share for link in pair.links if pair.nodes[link.source].name == "w"]
assert shares == [(1.5 * 2 - 1) * 2, (1.5 * -1 - 0.5) * -1]
print("shares of two examples:", shares, " dw =", pair.gradients()["w"])

# %% [markdown]
# ## The tape, and what it costs
#
# Where does a program get its order from? It has one already: nobody can use a number before it is there. Write down each step as it is computed: operation, and the places of its two operands. This list is the **tape**. Read from its end, it is the way back.
#
# For sums and products here is *all* of backpropagation. Each step sends two shares, and `+=` collects them, also in $x \cdot x$, where both go to the same node.
#
# **Predict:** a tape has 200 inputs and 1,000 steps, about half of them products. A product costs 1 multiplication on the way out. How many on the way back, for all 200 gradients?

# %%
def out(tape, inputs):
    v = list(inputs)
    for op, i, j in tape:
        v.append(v[i] * v[j] if op == "*" else v[i] + v[j])
    return v

def back(tape, v):
    d = [0.0] * (len(v) - 1) + [1.0]
    for k, (op, i, j) in zip(range(len(v) - 1, -1, -1), reversed(tape)):
        d[i] += d[k] * v[j] if op == "*" else d[k]
        d[j] += d[k] * v[i] if op == "*" else d[k]
    return d

# %%
signs, steps = rng.choice(["+", "*"], size=1000).tolist(), range(200, 1200)
near = [k - int(rng.integers(1, 20)) for k in steps]  # step k uses a node shortly before it
anywhere = [int(rng.integers(k)) for k in steps]  # and any other
tape, inputs = list(zip(signs, near, anywhere)), rng.uniform(-1, 1, size=200)
v = out(tape, inputs)
gradient = np.array(back(tape, v)[:200])
report = check_gradients(lambda x: out(tape, x)[-1], {"x": inputs}, {"x": gradient})
assert report and (gradient != 0).sum() > 100
print(report)
products = signs.count("*")
print(f"{products} multiplications out, {2 * products} back; by nudging {201 * products:,}")

# %% [markdown]
# A product is 1 multiplication out and 2 back, a sum none at all. So the whole gradient costs **three times** the multiplications of the way out, however many inputs there are. (Baur and Strassen, 1983: three times is always enough, divisions included.) Without it the work grows with the number of parameters, and before the 1970s it mostly did. The card's "about 3 times a forward pass" is this count; what a *clock* says is lesson 08. The price: all values must be **kept** for the way back.

# %% [markdown]
# ### The code as shipped
#
# The tape of this course's networks. Each layer is one step with many numbers, and `self.layers` is the order. (`first` is the first layer with weights. Before it nobody needs a gradient, so it makes none for its input, and the way back ends there.)

# %%
print(inspect.getsource(NeuralNetwork._pass))

# %% [markdown]
# ## Or carry slopes forward
#
# You can also carry derivatives along on the way *out*. Choose one input $x$ and let $\dot v$ be the derivative of node $v$ with respect to $x$. Formula (1), divided by the nudge:
#
# $$\dot x = 1, \quad \dot v = 0 \text{ for all other inputs}, \qquad \dot c = \sum_{\text{parents } p \text{ of } c} \text{local}_{c, p}\; \dot p \tag{5}$$
#
# In our graph: $\dot x = 1$, $\dot y = 0$, $\dot s = 1 \cdot 1 + 1 \cdot 0 = 1$, $\dot L = 3 \cdot 1 + 2 \cdot 1 = 5$.
#
# This is **forward mode**; the sweep (4) is **reverse mode**. The same arrows, the same factors, the same sum over paths, begun at the other end. Forward mode keeps nothing: $\dot v$ and $v$ travel together.

# %%
def carry_forward(parents, local, source):
    slope = {}
    for c in parents:
        slope[c] = 1 if c == source else sum(local[c, p] * slope[p] for p in parents[c])
    return slope

for k in tangle:
    assert np.isclose(carry_forward(tangle, factors, k)[8], d[k], rtol=1e-12)
ahead, backward = carry_forward(parents, local, "x"), sweep(parents, local, "L")
print("forward from x:", ahead, "\nback from L:   ", backward)
draw.two_modes(parents, places, ahead, backward, source="x", output="L")
plt.show()

# %% [markdown]
# **Figure.** One pass of each mode through the same graph; the thick ring is where it starts, with a 1. Left: how every node answers to $x$. There is a 0 at $y$, and $dy$ would need another pass. Right: how $L$ answers to every node, $dx$ and $dy$ both. They meet in one number, $dL/dx = 5$.

# %% [markdown]
# ## Which way?
#
# A function takes 3 numbers and returns 1,000. You want its whole Jacobian, the derivative of every output with respect to every input. What is the cheapest way?
#
# - **a** reverse mode, 1 pass: one sweep back gives all derivatives at once
# - **b** reverse mode, 3 passes: one for each input
# - **c** reverse mode, 1,000 passes: it is the method that networks use
# - **d** forward mode, 3 passes: one for each input
# - **e** forward mode, 1,000 passes: one for each output

# %%
check_answer("02.q3", ...)

# %%
for n, m in ((60, 1), (1, 60), (3, 40)):
    xs, ys = [f"x{i}" for i in range(n)], [f"y{j}" for j in range(m)]
    graph = dict.fromkeys(xs, []) | {"h": xs} | dict.fromkeys(ys, ["h"])
    factor = {(c, p): rng.normal() for c in graph for p in graph[c]}
    ahead, backward = Counted(factor), Counted(factor)
    columns = [carry_forward(graph, ahead, x) for x in xs]
    rows = [sweep(graph, backward, y) for y in ys]
    assert np.allclose([[col[y] for col in columns] for y in ys], [[r[x] for x in xs] for r in rows])
    assert (ahead.used, backward.used) == (n * len(factor), m * len(factor))
    print(f"{n:2} inputs, {m:2} outputs: {ahead.used:5} forward, {backward.used:5} back")
draw.passes(outputs=7, inputs=3)
plt.show()

# %% [markdown]
# **Figure.** The Jacobian of a function with 3 inputs and 7 outputs. A pass of forward mode fills one **column**, a pass of reverse mode one **row**; each multiplies once an arrow. (We count zeros too; a clever program would skip them.)
#
# So it is columns against rows, not good against bad. A loss is **one** number and has millions of inputs: one row. This is why networks learn by reverse mode. The Jacobian of a robot arm with three joints and a thousand points on it is a matter for forward mode.

# %% [markdown]
# ## With matrices: start at the row
#
# Take whole layers as nodes. Six of them with 512 units each, one after the other, have Jacobians $J_1, \dots, J_6$ (rows are outputs), and the loss hands in a row $g$. A matrix product adds up over all middle nodes, so it *is* the sum over paths (2):
#
# $$dv_0 = g\, J_6\, J_5\, J_4\, J_3\, J_2\, J_1 \tag{6}$$
#
# Brackets may be set anywhere; the result is the same. An $a \times b$ matrix times a $b \times c$ matrix takes $a\,b\,c$ multiplications.
#
# - from the loss side (left to right, as written): six times row by matrix, $6 \cdot 512^2$
# - from the input side: five times matrix by matrix, then the row, $5 \cdot 512^3 + 512^2$
#
# **Predict** the ratio: twice, ten times, hundreds?

# %%
def multiply(factors):
    result, count = factors[0], 0
    for factor in factors[1:]:  # from left to right
        result, count = result @ factor, count + len(result) * factor.size
    return result, count

from_the_left = [rng.normal(size=(1, 512)), *rng.normal(size=(6, 512, 512)) / 20]
from_the_right = [factor.T for factor in reversed(from_the_left)]  # (A B).T is B.T A.T
(row, few), (column, many) = multiply(from_the_left), multiply(from_the_right)
assert np.allclose(row, column.T) and (few, many) == (6 * 512**2, 5 * 512**3 + 512**2)
print(f"loss side {few:,}, input side {many:,} multiplications: {many / few:.1f} times as many")

# %% tags=["nbval-ignore-output"]
def seconds(factors):
    rounds = []
    for _ in range(5):
        begin = perf_counter()
        multiply(factors)
        rounds.append(perf_counter() - begin)
    return min(rounds)


ratio = seconds(from_the_right) / seconds(from_the_left)
print(f"on this machine the input side takes about {10 ** round(np.log10(ratio))} times as long")
assert ratio > 8

# %% [markdown]
# The count says $2561/6 \approx 427$ times, and additions give the same ratio. The clock says less (150 where the card was examined; yours stands above to the nearest power of ten, `print(ratio)` shows it): in a product of two matrices every number fetched from memory is used 512 times, in row times matrix once.
#
# Mind the direction. As (6) is written the loss stands at the *left*, so we multiply from left to right; the card says the opposite. What counts is the thin factor: a loss is a row. With one input and many outputs the right end is thin: forward mode. Other bracketings may beat both; for graphs in general the best is hard to find (NP-complete; Naumann 2008).

# %% [markdown]
# ## Where numbers mislead
#
# One number has no shape that could warn you. Three mistakes at the fork of $L = (x + y)\, x$, whose shares are $x$ (through $s$) and $s$ (straight):
#
# - **last one wins**: `=` where `+=` belongs, so that the straight share is lost;
# - **first one wins**: the share through $s$ is lost;
# - **paths multiplied**, not added.
#
# **Predict:** at $x = 2$, $y = 0$ one of the three does not show. Which?

# %%
print("   x     y   right   last wins  first wins  multiplied")
for x, y in ((3.0, -1.0), (2.0, 0.0), (0.0, 4.0), (1.5, -1.5)):
    through_s, straight = x, x + y
    right = through_s + straight
    mistakes = [through_s, straight, through_s * straight]
    shown = "".join(f"{m:9.2f}" + (" ok" if m == right else "   ") for m in mistakes)
    print(f"{x:4.1f} {y:5.1f} {right:6.2f} {shown}")

# %% [markdown]
# ## The gradient check
#
# At $(2, 0)$ it is the product: $2 + 2 = 2 \cdot 2$. Where one share is zero, whoever loses it loses nothing. And in a plain chain all three are right, always.
#
# So test at random numbers, and with forks **in the middle**: the plain recursion is *right* on our first graph, whose fork is an input and sends nothing on.
#
# Here each of the nine nodes but the inputs becomes a small neuron, the $\tanh$ of a weighted sum of its parents. `check_gradients` measures the slope of the output along a random direction of the inputs and compares; where they differ, it shows an entry that is off. **Predict** the second report.

# %%
w = {(c, p): rng.normal() for c in tangle for p in tangle[c]}
def run(inputs):
    v = list(inputs)  # v[k] is the value of node k
    for k in range(2, 9):
        v.append(np.tanh(sum(w[k, p] * v[p] for p in tangle[k])))
    return v
start = rng.normal(size=2)
slopes = {(c, p): w[c, p] * (1 - run(start)[c] ** 2) for c, p in w}  # the local derivatives
for name, method in (("sweep", sweep), ("recursion", walk_back)):
    d = method(tangle, slopes, 8)
    print(name, check_gradients(lambda x: run(x)[8], {"x": start}, {"x": np.array([d[0], d[1]])}))
assert walk_back(parents, local, "L") == sweep(parents, local, "L")  # blind to the mistake

# %% [markdown]
# ## Break it on purpose
#
# In the exercises you write `reverse_sweep(order, parents, local, output)`. Here somebody lets each child hand its shares out to its parents, in good order. On a chain it is right, which is why slips of this kind live long.
#
# Find what is wrong, then run the cell and read what the checker says. (`a |= b` puts everything from dict `b` into dict `a`.)

# %%
def reverse_sweep(order, parents, local, output):
    adjoint = {output: 1.0}
    for child in reversed(order):
        adjoint |= {parent: adjoint[child] * local[child, parent] for parent in parents[child]}
    return adjoint


check(reverse_sweep)

# %% [markdown]
# ## The short way equals the long way
#
# Three roads to the gradient of one output, in a random graph of 20 nodes with 3 inputs: add up all paths (2); forward mode, one pass for each input (5); one sweep back (4). The same numbers. **Predict** the order of the three counts, and roughly how far they lie apart.

# %%
tangle = {0: [], 1: [], 2: []}
tangle |= {k: rng.choice(k, size=3, replace=False).tolist() for k in range(3, 20)}
slopes = {(c, p): rng.normal() for c in tangle for p in tangle[c]}
on_paths, on_passes, on_sweep = Counted(slopes), Counted(slopes), Counted(slopes)
d = sweep(tangle, on_sweep, 19)
for x in (0, 1, 2):
    by_paths = sum(np.prod([on_paths[a] for a in path]) for path in paths(x, 19, tangle))
    by_pass = carry_forward(tangle, on_passes, x)[19]
    assert np.allclose([by_paths, by_pass], d[x], rtol=1e-9)
print(f"multiplications: {on_paths.used:,} along paths, ", end="")
print(f"{on_passes.used} in three passes, {on_sweep.used} in one sweep")

# %% [markdown]
# ## Formula card
#
# | | |
# |---|---|
# | small moves of the parents | $\delta c \approx \sum_i \text{local}_{c, p_i}\, \delta p_i$ |
# | sum over paths | along a path multiply, over paths add |
# | reverse mode, one output | $dL = 1$, $\; dv = \sum_c dc \cdot \text{local}_{c, v}$, children first |
# | forward mode, one input | $\dot x = 1$, $\; \dot c = \sum_p \text{local}_{c, p}\, \dot p$, parents first |
# | work | one multiplication an arrow in each pass; a pass for each input forward, for each output back |
# | plain recursion | wrong, or $2^n$ paths for $n$ diamonds |
# | matrices | begin at the thin factor: a loss is a row |
#
# In other books: reverse mode is *reverse accumulation* or *VJP*, forward mode is *JVP*, $dv$ is written $\bar v$, the tape is a *Wengert list*.
#
# **Now you:** the [exercises of lesson 02](../exercises/02_computational_graphs.ipynb), twelve points. The topological order and the sweep that you write there are the heart of every automatic differentiator. Then [lesson 03](03_matrix_gradients.ipynb) makes each node a matrix.
#
# **Elsewhere.** Christopher Olah, *Calculus on Computational Graphs* (2015). Stanford's CS231n, *Backpropagation, Intuitions*. Griewank and Walther, *Evaluating Derivatives* (2008).
