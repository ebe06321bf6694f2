"""Thirty seconds in a terminal, for those who want to see before they open anything."""

import inspect
import os
import sys

import numpy as np
from rich.console import Console
from rich.padding import Padding
from rich.progress import BarColumn, Progress, TextColumn
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from backprop_course import datasets, layers, losses
from backprop_course.exercises.bank import find
from backprop_course.grading.judge import judge
from backprop_course.network import NeuralNetwork

WIDTH = 80
EPOCHS = 30
SHADES = " .:-=+*#%@"


def run_tour(console=None):
    """Show the worked example, train on digits and check a wrong answer.

    Parameters
    ----------
    console : rich.console.Console, optional
        Where to show it; the terminal, at most 80 columns wide, if none is given.
    """
    if console is None:
        # A pipe may speak an encoding that lacks a character: show "?" for it, do not stop.
        sys.stdout.reconfigure(errors="replace")
        console = Console(width=min(WIDTH, Console().width), highlight=False)
    show_neuron(console)
    show_digits(console)
    show_wrong_answer(console)
    chapter(console, "Your turn")
    command = "py course.py lab" if os.name == "nt" else "python3 course.py lab"
    console.print(f"The lessons and the exercises open with  [bold]{command}[/bold]")


def neuron(x, W, b, y):
    """Return the values and the gradients of one ReLU neuron under half squared error.

    Parameters
    ----------
    x, W, b, y : float

    Returns
    -------
    values, gradients : dict of str to float
        By name: ``z``, ``a``, ``L`` and ``a``, ``z``, ``W``, ``b``, ``x``.
    """
    X, W, b, target = np.array([[x]]), np.array([[W]]), np.array([b]), np.array([[y]])
    Z, linear_cache = layers.linear_forward(X, W, b)
    A, relu_cache = layers.relu_forward(Z)
    loss, loss_cache = losses.squared_error_forward(A, target)
    dA = losses.squared_error_backward(1.0, loss_cache)
    dZ = layers.relu_backward(dA, relu_cache)
    dX, dW, db = layers.linear_backward(dZ, linear_cache)
    values = {"z": Z.item(), "a": A.item(), "L": float(loss)}
    gradients = {"a": dA.item(), "z": dZ.item(), "W": dW.item(), "b": db.item(), "x": dX.item()}
    return values, gradients


def show_neuron(console):
    x, W, b, y = 2.0, 3.0, 1.0, 10.0
    v, d = neuron(x, W, b, y)
    slope = 1.0 if v["z"] > 0 else 0.0
    chapter(console, "One neuron, forward and back")
    console.print(
        f"Input x = {x:g}, weight W = {W:g}, bias b = {b:g}, and the target is y = {y:g}."
    )
    columns = Table.grid(padding=(0, 1))
    for justify in ("left", "left", "left", "left", "right"):
        columns.add_column(justify=justify)
    forward, backward = "bold bright_blue", "bold dark_orange"

    def line(name, formula, numbers, value, style):
        columns.add_row(name, f"= {formula}", f"= {numbers}", "=", Text(f"{value:g}", style))

    columns.add_row("forward")
    line("  z", "x * W + b", f"{x:g} * {W:g} + {b:g}", v["z"], forward)
    line("  a", "ReLU(z)", f"max({v['z']:g}, 0)", v["a"], forward)
    line("  L", "(a - y)^2 / 2", f"({v['a']:g} - {y:g})^2 / 2", v["L"], forward)
    columns.add_row("backward")
    line("  dL/da", "a - y", f"{v['a']:g} - {y:g}", d["a"], backward)
    line("  dL/dz", "dL/da * da/dz", f"{d['a']:g} * {slope:g}", d["z"], backward)
    line("  dL/dW", "dL/dz * dz/dW", f"{d['z']:g} * {x:g}", d["W"], backward)
    line("  dL/db", "dL/dz * dz/db", f"{d['z']:g} * 1", d["b"], backward)
    line("  dL/dx", "dL/dz * dz/dx", f"{d['z']:g} * {W:g}", d["x"], backward)
    console.print(Padding(columns, (1, 0, 1, 2), expand=False))
    step = 0.001
    up, down = (neuron(x, W + sign * step, b, y)[0]["L"] for sign in (1, -1))
    console.print(
        f"The last three lines reuse the -3 above them: that is backpropagation.\n"
        f"Ask the loss itself about W: (L({W + step:g}) - L({W - step:g})) / {2 * step:g} "
        f"= {(up - down) / (2 * step):.3f}."
    )


def show_digits(console):
    chapter(console, "The same two passes learn to read")
    X_train, y_train, X_test, y_test = datasets.digits()
    network = NeuralNetwork([64, 32, 10], seed=0)
    count = sum(array.size for array in network.parameters.values())
    console.print(
        f"{len(X_train):,} handwritten digits of 8 x 8 pixels to learn from, {len(X_test)} held "
        f"out;\n{count:,} weights and biases, each with its gradient in every step."
    )
    columns = (
        TextColumn("  epoch {task.completed:>2} of {task.total}"),
        BarColumn(bar_width=30),
        TextColumn("held-out accuracy {task.fields[accuracy]:.1%}"),
    )
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("", total=EPOCHS, accuracy=network.accuracy(X_test, y_test))

        def show(epoch):
            bar.update(task, completed=epoch.number, accuracy=epoch.validation_accuracy)

        network.fit(X_train, y_train, epochs=EPOCHS, validation=(X_test, y_test), on_epoch=show)
    guesses = network.predict(X_test)
    right = int(np.count_nonzero(guesses == y_test))
    console.print(
        f"It reads {right} of {len(y_test)} digits that it never saw. Three, and one misread:"
    )
    is_right = guesses == y_test
    chosen = [*np.flatnonzero(is_right)[:3], *np.flatnonzero(~is_right)[:1]]
    pictures = Table.grid(padding=(0, 3))
    pictures.add_row(*(Text(picture(X_test[i])) for i in chosen))
    pictures.add_row(*(f"says {guesses[i]}, is {y_test[i]}" for i in chosen))
    console.print(Padding(pictures, (1, 0, 0, 2), expand=False))


def picture(pixels):
    """Return a digit as eight lines of text, two characters a pixel.

    Parameters
    ----------
    pixels : ndarray of shape (64,), from 0 to 1
    """
    shades = np.rint(pixels.reshape(8, 8) * (len(SHADES) - 1)).astype(int)
    return "\n".join("".join(2 * SHADES[shade] for shade in row) for row in shades)


def linear_backward(dout, X, W, b):
    dX = dout @ W.T
    dW = X.T @ dout
    db = dout.mean(axis=0)
    return dX, dW, db


def show_wrong_answer(console):
    chapter(console, "A wrong answer, and what the check says")
    console.print("Somebody writes the backward pass of a linear layer:")
    code = inspect.getsource(linear_backward).rstrip()
    listing = Syntax(code, "python", theme="ansi_light", background_color="default")
    console.print(Padding(listing, (1, 0, 1, 2)))
    console.print("and calls [bold]check(linear_backward)[/bold]:\n")
    result = judge(find("linear_backward"), linear_backward)
    verdict, *report = result.message.split("\n")
    console.print(Text(verdict, "bold"))
    for line in report:
        console.print(Text(line))


def chapter(console, title):
    console.print()
    console.rule(Text(title, "bold"), align="left", style="dim")
