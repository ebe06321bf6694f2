# %% [markdown]
# # Lesson 07. Networks
#
# You put the pairs you know into a network, check every gradient of it at once, and train it to read handwritten digits that it has never seen: more than 95 of 100 right.
#
# **You need** lessons 03 (the linear layer), 04 (ReLU), 05 (softmax and cross-entropy) and 06 (how to read a gradient check). **Time:** 90 minutes; the notebook runs in about 15 seconds.
#
# After this you can
# - write the backward pass of any chain of layers as one reversed loop, and say what each layer must remember;
# - read from a gradient check *where* a network is wrong;
# - train honestly: shuffled batches, held-out data, several seeds, and no trust in a falling loss.

# %%
import inspect
import matplotlib.pyplot as plt
import numpy as np
from backprop_course import check_answer, datasets, losses
from backprop_course.figures import training as draw
from backprop_course.gradcheck import check_gradients
from backprop_course.layers import linear_backward, linear_forward, relu_backward, relu_forward
from backprop_course.network import Layer, Linear, NeuralNetwork, ReLU
from backprop_course.widgets.spirals import SpiralsExplorer
from backprop_course.widgets.training import XorExplorer, train_xor
np.set_printoptions(precision=4, suppress=True)
rng = np.random.default_rng(7)

# %% [markdown]
# ## Predict before you run
#
# Later you make a network for ten kinds of digits. At the start its ten logits are practically equal for every image. **What is its first loss**, the mean cross-entropy? Put your number, to two decimals, in place of the dots.
#
# And a guess to write down for the laboratory at the end. Eight networks are trained, each with a mistake: biases averaged, the ReLU mask forgotten, the first layer never moved, ... **How many of the eight will read more than 85 % of new digits right?**

# %%
check_answer("07.q1", ...)

# %% [markdown]
# ## The smallest network, by hand
#
# One example $x = (1, 2)$ with label 0; $b_1 = 0$, $b_2 = (3, 0)$,
#
# $$W_1 = \begin{pmatrix} 1 & -1 \\ 1 & 0 \end{pmatrix}, \qquad W_2 = \begin{pmatrix} 1 & 2 \\ 4 & -2 \end{pmatrix}.$$
#
# | | forward: read down | backward: read up |
# |---|---|---|
# | linear 1 | $z_1 = (3, -1)$ | $dW_1 = x^T dz_1$ |
# | ReLU | $a_1 = (3, 0)$ | $dz_1 = (\tfrac12, 0)$ |
# | linear 2 | $z_2 = (3 + 3,\ 6 + 0)$ | $da_1 = dz_2 W_2^T = (-\tfrac12 + 1,\ -2 - 1)$ |
# | loss | $p = (\tfrac12, \tfrac12)$, $L = \ln 2$ | $dz_2 = p - (1, 0) = (-\tfrac12, \tfrac12)$ |
#
# Unit 2 receives the larger gradient, $-3$, and none of it passes. Its outgoing weights (row 2 of $dW_2$) learn nothing either, as $a_1$ is 0 there: **a unit that is off shuts both ways.**

# %%
x = np.array([[1.0, 2.0]])
W1, W2 = np.array([[1.0, -1.0], [1.0, 0.0]]), np.array([[1.0, 2.0], [4.0, -2.0]])
z1 = x @ W1
a1, _ = relu_forward(z1)
z2 = a1 @ W2 + np.array([3.0, 0.0])
dz2 = losses.softmax_forward(z2)[0] - np.array([[1.0, 0.0]])
da1 = dz2 @ W2.T
dz1 = np.where(z1 > 0, da1, 0)
print("z1", z1[0], " a1", a1[0], " z2", z2[0])
print("dz2", dz2[0], " da1", da1[0], " dz1", dz1[0])
print("dW1 =", x.T @ dz1, "dW2 =", a1.T @ dz2, sep="\n")

# %% [markdown]
# ## A batch, in four numbered lines
#
# | array | shape | | array | shape |
# |---|---|---|---|---|
# | $X$ | $(N, D)$ | | $y$, labels | $(N,)$ |
# | $W_1, b_1$ | $(D, H), (H,)$ | | $W_2, b_2$ | $(H, C), (C,)$ |
#
# $$\begin{aligned} Z_1 &= XW_1 + b_1 && (1) \\ A_1 &= \mathrm{ReLU}(Z_1) && (2) \\ Z_2 &= A_1W_2 + b_2 && (3) \\ L &= \text{mean over the rows of the cross-entropy of } Z_2 \text{ with } y && (4) \end{aligned}$$

# %%
N, D, H, C = 5, 4, 6, 3
X, y = rng.normal(size=(N, D)), rng.integers(C, size=N)
W1, b1 = rng.normal(size=(D, H)), rng.normal(size=H)
W2, b2 = rng.normal(size=(H, C)), rng.normal(size=C)

Z1 = X @ W1 + b1  # (1)  (N, H)
A1, _ = relu_forward(Z1)  # (2)  (N, H)
Z2 = A1 @ W2 + b2  # (3)  (N, C)
loss, _ = losses.softmax_cross_entropy_forward(Z2, y)  # (4)  one number
print(f"loss {loss:.4f}, and {(Z1 > 0).sum()} of the {Z1.size} entries of Z1 are above 0")

# %% [markdown]
# ## The way back: the same numbers, in reverse
#
# To test each line *on its own* we cut the network open. Behind every cut lies a smaller network, a function of the array at the cut alone; its slope can be measured.
#
# **Line (4)**, from lesson 05, with $P$ the softmax of $Z_2$ and $Y$ the labels as one-hot rows:
#
# $$dZ_2 = \frac{P - Y}{N} \tag{4}$$
#
# The factor $1/N$ belongs to the mean in line (4). It comes in here, once, and never again.

# %%
def loss_from_Z2(Z2):
    return losses.softmax_cross_entropy_forward(Z2, y)[0]

P, Y = losses.softmax_forward(Z2)[0], np.eye(C)[y]
dZ2 = (P - Y) / N  # (4)
report = check_gradients(loss_from_Z2, {"Z2": Z2}, {"Z2": dZ2})
assert report
print(report)

# %% [markdown]
# **Line (3)** is a linear layer with input $A_1$ and arriving gradient $dZ_2$. Lesson 03 gives all three gradients:
#
# $$dA_1 = dZ_2\, W_2^T, \qquad dW_2 = A_1^T\, dZ_2, \qquad db_2 = \sum_n dZ_2[n] \tag{3}$$
#
# $dW_2$ and $db_2$ have arrived: they are for the optimizer. $dA_1$ is a traveller. Nobody wants it for itself, but everything in front of it needs it.

# %%
dA1 = dZ2 @ W2.T  # (3)  (N, H)
dW2 = A1.T @ dZ2  # (3)  (H, C)
db2 = dZ2.sum(axis=0)  # (3)  (C,)
report = check_gradients(
    lambda A1, W2, b2: loss_from_Z2(A1 @ W2 + b2),
    {"A1": A1, "W2": W2, "b2": b2},
    {"A1": dA1, "W2": dW2, "b2": db2},
)
assert report
print(report)

# %% [markdown]
# **Line (2)**, entry by entry: the ReLU lets the gradient pass where it let the value pass. The mask looks at $Z_1$, at what *entered*, not at the gradient. (At exactly 0 there is no slope; we take 0.) **Line (1)** is line (3) with other names:
#
# $$dZ_1 = dA_1 \odot [Z_1 > 0] \tag{2}$$
#
# $$dW_1 = X^T\, dZ_1, \qquad db_1 = \sum_n dZ_1[n] \tag{1}$$
#
# There is a $dX = dZ_1 W_1^T$ too, but nobody learns from it: the data do not change. The study card that this course grew from (*the card*, from here on) computes it in every step and throws it away. With a wide first layer that makes the step about a third longer (lesson 08 measures it).

# %%
def loss_from_Z1(Z1):
    return loss_from_Z2(relu_forward(Z1)[0] @ W2 + b2)

dZ1 = dA1 * (Z1 > 0)  # (2)  (N, H)
report_2 = check_gradients(loss_from_Z1, {"Z1": Z1}, {"Z1": dZ1})

dW1, db1 = X.T @ dZ1, dZ1.sum(axis=0)  # (1)  (D, H) and (H,)
report_1 = check_gradients(
    lambda W1, b1: loss_from_Z1(X @ W1 + b1), {"W1": W1, "b1": b1}, {"W1": dW1, "b1": db1}
)
assert report_2 and report_1
print(report_2, report_1, sep="\n")

# %% [markdown]
# ## First rewrite: a network is a list
#
# Numbered lines will not do for fifty layers. But each stop takes what arrives and hands something on. So let the network be a **list of pairs**: go through it forward, and keep what each stop wants to remember, its *cache*.
#
# Then the whole backward pass is **one reversed loop**. One variable, `dout`, travels. Each stop replaces it by what it hands on, and a stop with parameters leaves their gradients behind.
#
# We shall rewrite three times, and each time `same_as_by_hand` must agree.

# %%
by_hand = {"W1": dW1, "b1": db1, "W2": dW2, "b2": db2}
def same_as_by_hand(gradients):
    for name, expected in by_hand.items():
        assert np.allclose(gradients[name], expected, rtol=1e-12, atol=1e-15), name
    print("the same four gradients as by hand")

linear, relu = (linear_forward, linear_backward), (relu_forward, relu_backward)
chain = [(linear, (W1, b1)), (relu, ()), (linear, (W2, b2))]
out, caches = X, []
for (forward, _), parameters in chain:
    out, cache = forward(out, *parameters)
    caches.append(cache)

# %%
loss, loss_cache = losses.softmax_cross_entropy_forward(out, y)
dout, found = losses.softmax_cross_entropy_backward(1.0, loss_cache), []
for ((_, backward), parameters), cache in zip(reversed(chain), reversed(caches)):
    if parameters:
        dout, dW, db = backward(dout, cache)
        found = [dW, db, *found]  # in front: we come from the end
    else:
        dout = backward(dout, cache)
same_as_by_hand(dict(zip(by_hand, found)))
draw.return_trip()
plt.show()

# %% [markdown]
# **Figure.** The return trip. Blue arrows lead out, orange ones back: each gradient stands under the value that it belongs to and has its shape. On the way out every stop keeps only what it will need: a linear layer its input and its weights, a ReLU a mask, the loss its probabilities and the labels. The green gradients leave the road at the layer that owns the parameters. In front of the first layer nobody waits, so the trip ends there.

# %% [markdown]
# ## Second and third rewrite: layer and network
#
# Pair, parameters and cache always go together, so `Layer` binds them. `NeuralNetwork` holds the list of layers and names all parameters: `W1`, `b1`, `W2`, ... It finds them by asking every layer, so the optimizer can forget none. (On the card only the class `LinearLayer` is ever updated; any other layer would keep its first weights for ever, and nothing would say so.)
#
# The code as shipped; the last function is the loop you have just written. (In it `_slots` lists all parameters: name, layer, and the layer's own name for it. `input_gradient=False` leaves out the first layer's $dX$.)

# %%
for method in (Layer.__call__, Layer.forward, Layer.backward, NeuralNetwork._pass):
    print(inspect.getsource(method))

# %%
layers = [Linear(D, H), ReLU(), Linear(H, C)]  # they draw weights of their own; we set ours
layers[0].parameters, layers[2].parameters = {"W": W1, "b": b1}, {"W": W2, "b": b2}
out = X
for layer in layers:
    out = layer.forward(out)
dout = losses.softmax_cross_entropy_backward(1.0, losses.softmax_cross_entropy_forward(out, y)[1])
for layer in reversed(layers):
    dout = layer.backward(dout)
first, last = layers[0].gradients, layers[2].gradients
same_as_by_hand({"W1": first["W"], "b1": first["b"], "W2": last["W"], "b2": last["b"]})
network = NeuralNetwork(layers)
same_as_by_hand(network.loss_and_gradients(X, y)[1])

# %% [markdown]
# ## Check the whole network
#
# All that a check needs is the loss as a function of the parameters. The report has one line for each array: name, shape, verdict.

# %%
def check_network(network, X, y):
    _, gradients = network.loss_and_gradients(X, y)
    return check_gradients(
        lambda **parameters: network.loss(X, y, parameters), network.parameters, gradients
    )

report = check_network(network, X, y)
assert report
print(report)

# %% [markdown]
# ### Break it, and read the report
#
# Three linear layers, and the middle one forgets a transpose: it hands on `dout @ W`. Its `W` is square, $4 \times 4$, so **every shape is right** and nothing crashes. (This is why our sizes all differ elsewhere: NumPy would have refused.)
#
# Before you run it: *which of the six arrays will be wrong?*

# %%
def untransposed(dout, cache):
    X, W = cache
    return dout @ W, X.T @ dout, dout.sum(axis=0)  # W.T is what belongs here

middle = Layer(linear_forward, untransposed, Linear(4, 4, rng=rng).parameters)
broken = NeuralNetwork([Linear(D, 4, rng=rng), ReLU(), middle, ReLU(), Linear(4, C, rng=rng)])
report = check_network(broken, X, y)
assert [tensor.ok for tensor in report.tensors] == [False, False, True, True, True, True]
print(report)

# %% [markdown]
# The broken layer's *own* gradients agree! What it hands on is wrong, so the damage shows one layer further back. The rule:
#
# > The gradient travels from the loss to the input and spoils all that comes later on its way. **Find the first wrong array on the way back. The mistake sits between it and the right ones before it.**
#
# <details><summary>In another network only W2 is wrong, and b2 agrees. Where do you look?</summary>
#
# In the line that makes dW2. What arrives at layer 2 is right, or b2 would be wrong too; and this line hands nothing on, so nobody else is harmed.
#
# </details>

# %% [markdown]
# ## What can happen to a note
#
# A cache is a note left for later. Meanwhile it can be
#
# **overwritten.** The card's layers take a new note at *every* call. Predict something between forward and backward, and backward reads the wrong note: no error, wrong gradient. Our `layer(X)` computes without a note; only `layer.forward(X)` takes one. That is why `Layer` has both. Or it can be
#
# **changed.** Our linear layer keeps a reference to `X`, as the card's does; a copy would cost memory and time in every step. So leave `X` alone until the way back is done.

# %%
class CardLayer(Layer):
    def __call__(self, X, parameters=None):  # every call takes a note, as on the card
        return self.forward(X)

for kind, change in ((Layer, 0), (CardLayer, 0), (Layer, 1)):
    layer, own = kind(linear_forward, linear_backward, {"W": W1, "b": b1}), X.copy()
    layer.forward(own)
    layer(own + 1)  # somebody predicts
    own += change  # somebody writes into the batch
    layer.backward(dZ1)
    right = np.allclose(layer.gradients["W"], dW1)
    print(f"{kind.__name__:9}  {'X changed' if change else 'X as it was'}, still right: {right}")

# %% [markdown]
# ## XOR: two hundred networks at once
#
# The card's demonstration is XOR: $(0,0)$ and $(1,1)$ are class 0, $(0,1)$ and $(1,0)$ class 1. No straight line parts them; a hidden layer can. The card takes 4 hidden units, learning rate 0.1, 100 epochs, all four examples in a batch. One run proves nothing, so we run 200, each with its own seed, as arrays with one more axis.
#
# The card averages the loss and **sums the gradient**. With four rows that is 4 times too much, so its learning rate of 0.1 is secretly 0.4. *What will happen when we repair the gradient and touch nothing else?*

# %%
settings = [
    (4, 0.1, True, "the card as it is"),
    (4, 0.1, False, "the gradient repaired, nothing else"),
    (4, 0.4, False, "the learning rate as it secretly was"),
    (16, 0.4, False, "and 16 hidden units instead of 4"),
]
runs = [train_xor(hidden, rate, summed=summed) for hidden, rate, summed, _ in settings]
for (*_, words), run in zip(settings, runs, strict=True):
    print(f"{words:36}  {run.learnt.sum():3} of {len(run.learnt)} learn XOR")
assert np.allclose(runs[0].losses, runs[2].losses)  # rows 1 and 3 are the same computation
assert runs[3].learnt.all()

# %% [markdown]
# Repairing the gradient *alone* makes it worse: every step shrinks to a quarter. **A wrong factor hides in whatever was tuned around it.**
#
# With the old rate back, a third of the networks still fail, and ten times the epochs save only three of them. Something is broken before training begins:
#
# **Question.** A hidden unit computes $\max(0, w_1x_1 + w_2x_2 + b)$ and starts with $b = 0$ and two independent random weights, normal with mean 0. It is *dead* if it puts out 0 for all four inputs. What is the chance of that?

# %%
check_answer("07.q3", ...)

# %%
run, longer = runs[0], train_xor(4, 0.4, epochs=1000)
print(f"ten times the epochs: {longer.learnt.sum()} learn XOR instead of {run.learnt.sum()}")
print(f"units dead at the start: {run.dead_at_start.mean():.0%}")
print("of these came alive again:", int((run.dead_at_start & ~run.dead_at_end).sum()))
living = (~run.dead_at_start).sum(axis=1)
for count in range(5):
    chosen = living == count
    print(f"{count} living units: {run.learnt[chosen].sum():2} of {chosen.sum():2} networks learn")

# %% [markdown]
# With both weights negative, and only then, the four pre-activations $0, w_2, w_1, w_1 + w_2$ are never above 0: no gradient passes, and the unit keeps its weights for ever. Chance: $\frac12 \cdot \frac12 = \frac14$. With one living unit or none there is no hope; sixteen have spares. (Here four points are *all* the data. On rich data a unit is off for some examples and on for others: that is health, not death.)
#
# Another trap: with $b = 0$ the input $(0, 0)$ sits exactly on ReLU's corner. Central differences call right code wrong there (lesson 06).
#
# **Your turn.** How few hidden units reach 200 of 200? Then take 16 units and learning rate 1, and switch the gradient: so much for the card's *1 is too large*.
#
# <details><summary>Answers</summary>
#
# 14, at the first rate. With the sum 0 learn, with the mean 199.
#
# </details>

# %%
XorExplorer(hidden=4, learning_rate=0.1, summed=True)

# %%
shown = [(runs[2], 3), (runs[2], 0), (runs[3], 0)]
titles = ["4 units, seed 3: fails", "4 units, seed 0: learns", "16 units, seed 0: learns"]
run, seed = shown[0]
Z1 = datasets.xor()[0] @ run.W1[seed] + run.b1[seed]
living = Z1[:, ~run.dead_at_end[seed]] > 0
assert (living == [[0], [0], [1], [0]]).all()  # on for (1, 0) alone
assert [train_xor(units, 0.4).learnt.sum() for units in (13, 14)] == [199, 200]
assert [train_xor(16, 1.0, summed=summed).learnt.sum() for summed in (True, False)] == [0, 199]
print("living units:", [int((~run.dead_at_end[seed]).sum()) for run, seed in shown])
draw.xor_regions(*zip(*shown), titles)
plt.show()

# %% [markdown]
# **Figure.** What three of the networks have learnt. The ground shows the predicted class, the marks the four examples. Each dotted line is the fold of one living unit: off on one side, growing on the other. The first network has two living units left. Both are off for $(0, 0)$, $(0, 1)$ and $(1, 1)$, so it cannot tell these three apart. The second has one unit more, and that is enough; the third has plenty.

# %% [markdown]
# ## Real digits
#
# 1,797 digits by 13 writers, 8 × 8 pixels each, from 0 (paper) to 1 (ink); they come with the course. We cut them in three:
#
# - **training**: the network learns from these alone;
# - **validation**: we look at these as often as we like, to choose settings;
# - **test**: stays in the drawer until everything is decided, and is used once. If you choose by the test set, you have trained on it, with yourself as the optimizer.

# %%
X_all, y_all, X_test, y_test = datasets.digits()
order = np.random.default_rng(0).permutation(len(X_all))
X_val, y_val = X_all[order[:287]], y_all[order[:287]]
X_train, y_train = X_all[order[287:]], y_all[order[287:]]
print("training", X_train.shape, " validation", X_val.shape, " test", X_test.shape)
draw.digit_images(X_train[:16], [str(label) for label in y_train[:16]])
plt.show()

# %% [markdown]
# **Figure.** Sixteen training digits under their labels. Some are hard for us too: at this size a few pixels decide.

# %% [markdown]
# ## The first loss
#
# With equal logits each class has $p = \frac1{10}$, so the first loss is $\ln 10 = 2.30$. Look at it before anything else: a larger one says that the network is *sure of nonsense*. Logits that are independent noise of a small variance $\sigma^2$ cost
#
# $$L \approx \ln C + \left(1 - \tfrac1C\right) \tfrac{\sigma^2}{2}.$$
#
# **He's scale** (random weights of standard deviation $\sqrt{2/D}$ behind $D$ inputs) makes up for the ReLU that follows. After the *last* layer none follows, and inputs of unit size give logits of variance 2. The card uses that scale everywhere; we start the last layer at a tenth of it.

# %%
noise, labels = rng.normal(size=(1000, 64)), rng.integers(10, size=1000)
for words, gain in (("He's scale", 2.0), ("a tenth of it", 0.02)):  # weights of variance gain / D
    first_losses, variances = [], []
    for own in map(np.random.default_rng, range(20)):
        layers = [Linear(64, 128, rng=own), ReLU(), Linear(128, 10, gain=gain, rng=own)]
        first_losses.append(NeuralNetwork(layers).loss(noise, labels))
        variances.append(NeuralNetwork(layers).logits(noise).var())
    formula = np.log(10) + 0.9 * np.mean(variances) / 2  # 0.02 is small, 2 is not
    print(f"{words:13}  first loss {np.mean(first_losses):.2f}, the formula says {formula:.2f}")
Z = 0.3 * np.random.default_rng(0).normal(size=(400_000, 10))  # pure noise, of variance 0.09
excess = losses.softmax_cross_entropy_forward(Z, np.zeros(len(Z), int))[0] - np.log(10)
assert np.isclose(excess, 0.9 * 0.09 / 2, rtol=0.05)  # the loss beyond ln C

# %% [markdown]
# ## Mini-batches
#
# A step for all 1,150 images at once is slow going, so each step takes a small batch and uses its gradient as an estimate. Is that fair? The loss is a mean, so the gradient of all rows is the mean of the batches' gradients, **weighted by their sizes** ($dW_B$ is the gradient for batch $B$ alone, $|B|$ its number of rows):
#
# $$dW = \sum_B \frac{|B|}{N}\, dW_B$$
#
# Batches of one row are the long way, one batch of all rows is the short one. Every cut agrees, as long as no row is left out. The card leaves out the last short batch; on its own XOR data with its own default batch size, 32, no batch remains, and it divides by zero.

# %%
network = NeuralNetwork([D, H, C], seed=1)
many, labels = rng.normal(size=(23, D)), rng.integers(C, size=23)
whole = network.loss_and_gradients(many, labels)[1]["W1"]
for size in (1, 5, 23):
    total = 0
    for start in range(0, 23, size):
        batch = slice(start, min(start + size, 23))  # the last one may be short
        _, gradients = network.loss_and_gradients(many[batch], labels[batch])
        total += (batch.stop - start) / 23 * gradients["W1"]
    assert np.allclose(total, whole, rtol=1e-12, atol=1e-15)
print("batches of 1, 5 and 23 rows: the same gradient")
print("card: batches of 5 use", 23 // 5 * 5, "of 23 rows; 4 rows give", 4 // 32, "batches of 32")

# %% [markdown]
# ### Shuffle
#
# That holds while the weights stand still. In training they move after every batch, so each batch should look like the whole set: **shuffle, anew in each epoch.** The card does not.
#
# Below is the training loop in the open, the card's four steps: forward, loss, backward, update. We run it on shuffled digits, and on digits sorted by class, so that a batch holds one or two classes. Only the order differs. *How much will it matter?*

# %% tags=["nbval-ignore-output"]
def train(orders):
    network = NeuralNetwork([64, 32, 10], seed=0)
    for order in orders:
        for batch in np.split(order, range(32, len(order), 32)):
            loss, gradients = network.loss_and_gradients(X_train[batch], y_train[batch])
            for name, parameter in network.parameters.items():
                parameter -= 0.1 * gradients[name]
    return network.accuracy(X_val, y_val)
shuffled = train([rng.permutation(len(y_train)) for epoch in range(20)])
in_order = train([np.argsort(y_train, kind="stable")] * 20)
print(f"held-out accuracy: shuffled {shuffled:.1%}, sorted by class {in_order:.1%}")
assert shuffled > 0.9 and in_order < shuffled - 0.05

# %% [markdown]
# ## Train
#
# In sorted order each class pulls the network its own way, and the next one pulls it back. No gradient was wrong there.
#
# `fit` is this loop with a progress report, validation data, a seed of its own for the shuffling, and clear errors before it starts when the data do not fit. Held-out accuracy is measured after each epoch and never learnt from.

# %% tags=["nbval-ignore-output"]
network = NeuralNetwork([64, 128, 10], seed=0)
print(f"first loss {network.loss(X_train, y_train):.2f}")
history = network.fit(
    X_train, y_train, epochs=50, learning_rate=0.2, batch_size=32, validation=(X_val, y_val), seed=0
)
assert history.losses[-1] < 0.1
draw.loss_curves(history)
plt.show()

# %% [markdown]
# **Figure.** Loss (left) and accuracy (right). At first both losses fall together. Later the training loss creeps on towards 0 while the held-out loss levels off: from there on the network learns these images by heart rather than the digits. In epoch 1 the training curve is the *worse* one: it is a mean over an epoch in which the network was still getting better.
#
# Everything is decided now. We open the drawer, once; and for modesty we put a network without any hidden layer beside ours.

# %% tags=["nbval-ignore-output"]
accuracy, predictions = network.accuracy(X_test, y_test), network.predict(X_test)
plain = NeuralNetwork([64, 10], seed=0)
plain.fit(X_train, y_train, epochs=50, learning_rate=0.2, on_epoch=None)
print(f"test accuracy {accuracy:.1%}; without a hidden layer {plain.accuracy(X_test, y_test):.1%}")
print(f"one standard error: {np.sqrt(accuracy * (1 - accuracy) / len(y_test)):.1%}")
assert accuracy > 0.95 and plain.accuracy(X_test, y_test) > 0.9
draw.confusion_matrix(y_test, predictions)
draw.misread_digits(X_test, y_test, predictions)
plt.show()

# %% [markdown]
# **Figures.** First, the confusion matrix: the row is what a digit is, the column what it was read as; each number on a coloured ground is a confusion. Then every digit that was misread. Which would *you* have read right?
#
# More than 95 of 100, as promised. Honesty asks for three remarks.
# - Without a hidden layer it is nearly as many. These digits are easy; *above 95 %* alone is no praise.
# - One of 360 images is 0.28 points, and luck alone shifts such a result by about 0.9 (one standard error): this test cannot tell two networks apart that differ by a point.
# - The same 13 people wrote both parts. A stranger's hand would be harder.

# %% [markdown]
# ### Watch one learn
#
# Three spirals, a network 2-16-16-3, all examples in every step. The ground shows what it predicts, darker where it is surer; each line is the length of a gradient, the root of its sum of squares. Press play.
#
# 1. At the start `dW3` is twenty times as long as `dW1`. Why?
# 2. Reset, learning rate 4, play. Reset, 3 hidden units, play. All three runs end with tiny gradients. What does a tiny gradient tell you?
#
# <details><summary>Answers</summary>
#
# 1. `dW1` came back through $W_3$, which starts at a tenth of He's scale.
# 2. Only that the weights stand still. Read the loss: the first has learnt, the second is dead (no unit of layer 2 ever opens), the third is stuck on a plateau; rate 1 leaves it.
#
# </details>

# %% tags=["nbval-ignore-output"]
SpiralsExplorer(hidden=16, learning_rate=0.3, frame=100)

# %% [markdown]
# ## The laboratory: wrong gradients that still train
#
# Seven of the mistakes are a backward that does not belong to its forward; one is of another kind. `Layer` takes any pair, so we can plant all eight, on two problems: the digits, and three spirals in the plane.
#
# Take out your guess from the beginning: how many of the eight will read more than 85 % of new digits right?

# %%
RATE = 0.1
def linear(hand_on=lambda dout, W, dW: dout @ W.T, factors=lambda N: (1, 1)):
    def backward(dout, cache):  # right, as long as both arguments are left as they are
        _, dW, db = linear_backward(dout, cache)
        for_W, for_b = factors(len(dout))
        return hand_on(dout, cache[1], dW), for_W * dW, for_b * db
    return linear_forward, backward
def build(sizes, seed, planted):
    layers = dict(enumerate(NeuralNetwork(sizes, seed=seed).layers))  # linear, ReLU, linear
    for place, pair in planted.items():
        layers[place] = Layer(*pair, layers[place].parameters if place in layers else {})
    return NeuralNetwork(list(layers.values()))

# %%
keep_P = lambda Z: (Z, losses.softmax_forward(Z)[0])  # hands Z on as it is
mistakes = {  # a place (0: first layer, 2: last, 3: behind it) and the pair that is put there
    "nothing wrong": {},
    "biases averaged over the batch": dict.fromkeys((0, 2), linear(factors=lambda N: (1, 1 / N))),
    "W2 updated before it was used": {2: linear(lambda dout, W, dW: dout @ (W - RATE * dW).T)},
    "W2 reshaped, not transposed": {2: linear(lambda dout, W, dW: dout @ W.reshape(W.T.shape))},
    "ReLU mask forgotten": {1: (relu_forward, lambda dout, mask: dout)},
    "1/N taken again in layer 1": {0: linear(factors=lambda N: (1 / N, 1 / N))},
    "first layer never moved": {0: linear(factors=lambda N: (0, 0))},
    "p(1 - p) multiplied in again": {3: (keep_P, lambda dout, P: dout * P * (1 - P))},
    "softmax before the loss, too": {3: (losses.softmax_forward, losses.softmax_backward)},
}

# %%
(X_old, y_old), (X_new, y_new) = (datasets.spirals(seed=seed) for seed in (0, 1))
problems = [  # sizes, epochs, training data, new data; the spirals are brought to unit size
    ((64, 32, 10), 15, (X_train, y_train), (X_val, y_val)),
    ((2, 64, 3), 60, (X_old / X_old.std(), y_old), (X_new / X_new.std(), y_new)),
]
def score(planted, seed, sizes, epochs, old, new):
    network = build(sizes, seed, planted)
    network.fit(*old, epochs=epochs, learning_rate=RATE, on_epoch=None)
    return network.accuracy(*new)
results = {}

# %% tags=["nbval-ignore-output"]
print(f"{'mean of 3 seeds':32} digits  spirals  gradient check finds wrong")
for words, planted in mistakes.items():
    both = [[score(planted, seed, *problem) for seed in range(3)] for problem in problems]
    report = check_network(build((64, 32, 10), 0, planted), X_train[:20], y_train[:20])
    wrong = ", ".join(f"d{tensor.name}" for tensor in report.tensors if not tensor.ok)
    print(f"{words:32} {np.mean(both[0]):6.1%}  {np.mean(both[1]):7.1%}  {wrong or 'nothing'}")
    results[words] = report.ok, both
unseen = [words for words, (agrees, both) in results.items() if agrees]
assert unseen == ["nothing wrong", "softmax before the loss, too"]
draw.laboratory(results, ["digits", "spirals"])
plt.show()

# %% [markdown]
# **Figure.** Eight mistakes, three seeds each; dotted: the right gradient; orange: the check says *wrong*. Four of the eight read more than 85 % of the digits: *that number would not tell.* On the spirals two of these four lose nearly half.
#
# - **Neither a falling loss nor a good accuracy is a check.**
# - **W2 reshaped** sends gradients back through wrong weights and still learns. How can that be? See below.
# - **W2 updated too early** is wrong by a share of the step. Set `RATE = 0.3`: right code reads 96 % of the digits, this explodes.
# - **Softmax before the loss** learns the digits slowest, and the check finds *nothing*: that backward *is* the derivative of that forward.

# %% [markdown]
# ### Right by turning
#
# Take the weights that the reshaped way back uses and those that are right, `W2.T`, as two arrows with 320 entries. At the start they stand at about 90 degrees, as random arrows do: what is sent back has nothing to do with the gradient. **Predict:** at which angle do they stand after training? (With right code nobody uses the first arrow; it is here for comparison.)

# %% tags=["nbval-ignore-output"]
def apart(W2):  # the angle in degrees; both arrows have the same length
    return np.degrees(np.arccos((W2.reshape(W2.T.shape) * W2.T).sum() / (W2**2).sum()))
for words in ("nothing wrong", "W2 reshaped, not transposed"):
    for seed in range(3):
        network = build((64, 32, 10), seed, mistakes[words])
        before = apart(network.parameters["W2"])
        network.fit(X_train, y_train, epochs=15, learning_rate=RATE, on_epoch=None)
        after = apart(network.parameters["W2"])
        print(f"{words:27}  seed {seed}: {before:.0f} degrees, after training {after:.0f}")
        assert before > 80 and (after < 75) == (words != "nothing wrong")
digits, spirals = np.mean([both for _, both in results.values()], axis=2).T  # for the caption
assert digits.argmin() == 8 and (spirals[digits > 0.85] < 0.6).sum() == 2

# %% [markdown]
# The two have turned towards each other, so what is sent back has more and more to do with the gradient. With right code nothing turns. Even fixed random weights work (Lillicrap and others, 2016).

# %% [markdown]
# ## Formula card
#
# $$\begin{aligned} dZ_2 &= (P - Y) / N & dW_2 &= A_1^T dZ_2 & db_2 &= \textstyle\sum_n dZ_2[n] \\ dZ_1 &= (dZ_2 W_2^T) \odot [Z_1 > 0] & dW_1 &= X^T dZ_1 & db_1 &= \textstyle\sum_n dZ_1[n] \end{aligned}$$
#
# - Any depth: through the list with caches, then one reversed loop. `dout` travels, parameter gradients stay.
# - In a report, the mistake sits between the last right array on the way back and the first wrong one.
#
# | what you want to know | what tells you |
# |---|---|
# | does backward belong to forward? | a gradient check of every array |
# | is forward what I meant? | a case by hand; the first loss $\ln C$; rows that sum to 1 |
# | does the loop use the gradients rightly? | one step by hand; every example used once |
# | does it learn what it should? | held-out data, several seeds, a plain baseline |
#
# **Elsewhere**: our $dZ$ is Nielsen's $\delta$, our `dout` PyTorch's `grad_output`.
#
# **[Exercises 07](../exercises/07_networks.ipynb)**: `two_layer_loss`, `network_backward`, `minibatches`, `sgd_step`, the formula `dW1`, three questions.
