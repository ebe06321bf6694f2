"""Values and gradients against numbers by hand, the complex step and central differences."""

import cmath
import math
import random
import re

import pytest

from backprop_course.widgets.stepper import Graph


def test_the_neuron_of_the_card():
    graph = Graph.from_expression(
        "z = w*x + b; a = relu(z); L = (a - y)**2 / 2", x=2.0, w=3.0, b=1.0, y=10.0
    )
    values, gradients = graph.values(), graph.gradients()
    assert (values["z"], values["a"], values["L"]) == (7, 7, 4.5)
    wanted = {"L": 1, "a": -3, "z": -3, "w": -6, "x": -9, "b": -3, "y": 3}
    assert {name: gradients[name] for name in wanted} == wanted


def test_three_paths_add_up():
    graph = Graph.from_expression("(x*y + sin(x)) * x", x=2.0, y=3.0)
    assert list(graph.values()) == ["x", "y", "v1", "v2", "v3", "f"]
    assert graph.values()["v3"] == pytest.approx(6.9093, abs=5e-5)
    assert graph.gradients()["x"] == pytest.approx(12.0770, abs=5e-5)
    assert graph.gradients()["y"] == 4
    x = list(graph.nodes).index(next(node for node in graph.nodes if node.name == "x"))
    shares = [link.share for link in graph.links_from(x)]
    assert shares == pytest.approx([6, 2 * math.cos(2), 6 + math.sin(2)])


@pytest.mark.parametrize(
    ("text", "x", "slope"),
    [
        ("sin(x)", 0.0, 1),
        ("cos(x)", math.pi / 2, -1),
        ("exp(x)", 0.0, 1),
        ("log(x)", 4.0, 0.25),
        ("tanh(x)", 0.0, 1),
        ("sqrt(x)", 4.0, 0.25),
        ("sigmoid(x)", 0.0, 0.25),
        ("sigmoid(x)", -800.0, 0),
        ("sigmoid(x)", 40.0, math.exp(-40)),
        ("tanh(x)", 20.0, 4 * math.exp(-40)),
        ("relu(x)", 3.0, 1),
        ("relu(x)", 0.0, 0),
        ("relu(x)", -3.0, 0),
        ("maximum(x, 1)", 2.0, 1),
        ("maximum(x, 1)", 1.0, 0),
        ("max(1, x)", 1.0, 0),
        ("square(x)", 3.0, 6),
        ("x**3", -2.0, 12),
        ("x**-1", 2.0, -0.25),
        ("x**0.5", 4.0, 0.25),
        ("x**0", 4.0, 0),
        ("x**(1/2)", 4.0, 0.25),
        ("-x", 5.0, -1),
        ("+x * 2", 5.0, 2),
        ("2 / x", 2.0, -0.5),
        ("x / 2 - 3 + x", 2.0, 1.5),
        ("x", 7.0, 1),
    ],
)
def test_each_operation(text, x, slope):
    graph = Graph.from_expression(text, x=x)
    assert graph.gradients()["x"] == pytest.approx(slope, rel=1e-12, abs=1e-300)


def random_formula(rng, depth, names):
    """Return a formula that is smooth for positive names, in Python and in the complex plane."""
    if depth == 0 or rng.random() < 0.1:
        return rng.choice([*names, f"{rng.uniform(0.5, 2):.2f}"])
    one, other = (random_formula(rng, depth - 1, names) for _ in range(2))
    return rng.choice(
        [
            f"({one} + {other})",
            f"({one} - {other})",
            f"{one} * {other}",
            f"{one} / ({other} * {other} + 1.5)",
            f"sin({one})",
            f"cos({one})",
            f"exp(sin({one}))",
            f"tanh({one})",
            f"sigmoid({one})",
            f"log({one} * {one} + 1.1)",
            f"sqrt({one} * {one} + 0.5)",
            f"square({one})",
            f"(-{one})",
            f"({one})**3",
        ]
    )


def complex_value(text, values):
    functions = {name: getattr(cmath, name) for name in "sin cos exp log tanh sqrt".split()}
    functions["sigmoid"] = lambda a: 1 / (1 + cmath.exp(-a))
    functions["square"] = lambda a: a * a
    return eval(text, {"__builtins__": {}}, functions | values)


def test_random_formulas_against_the_complex_step():
    rng = random.Random(0)
    compared = 0
    for _ in range(300):
        text = "x * y + " + random_formula(rng, 4, ["x", "y", "u"])
        values = {name: rng.uniform(0.2, 1.5) for name in "xyu" if re.search(rf"\b{name}\b", text)}
        graph = Graph.from_expression(text, **values)
        reference = complex_value(text, {name: complex(v) for name, v in values.items()}).real
        assert graph.value(graph.output) == pytest.approx(reference, rel=1e-12, abs=1e-12), text
        for name in values:
            nudged = values | {name: values[name] + 1e-30j}
            slope = complex_value(text, nudged).imag / 1e-30
            assert graph.gradients()[name] == pytest.approx(slope, rel=1e-9, abs=1e-11), text
            compared += 1
    assert compared > 600


def test_random_networks_against_central_differences():
    rng = random.Random(1)
    for seed in range(12):
        sizes = [rng.randint(1, 4) for _ in range(rng.randint(2, 4))]
        output_activation = rng.choice([None, "tanh", "sigmoid"])
        settings = dict(
            activation=rng.choice(["tanh", "sigmoid", "relu"]),
            output_activation=output_activation,
            seed=seed,
        )
        graph = Graph.from_network(sizes, **settings)
        gradients = graph.gradients()
        given = [node for node in graph.nodes if node.operation is None]
        for node in given:
            if node.kind == "target":
                assert node.name not in gradients
                continue
            slope = (loss(graph, node, 1e-6) - loss(graph, node, -1e-6)) / 2e-6
            assert gradients[node.name] == pytest.approx(slope, abs=1e-8), (sizes, node.name)


def loss(graph, nudged, step):
    nodes = [
        node._replace(given=node.given + step) if node is nudged else node for node in graph.nodes
    ]
    other = Graph(nodes)
    return other.value(other.output)


def test_what_occurs_twice_is_one_node():
    graph = Graph.from_expression("exp(x*y) + sin(x*y) * exp(x*y)", x=0.5, y=0.25)
    assert len(graph.nodes) == 7  # x, y, x*y, exp, sin, *, +
    assert len(Graph.from_expression("square(x) + x**2", x=3.0).nodes) == 3
    twice = Graph.from_expression("x*x", x=3.0)
    assert len(twice.nodes) == 2
    assert [link.share for link in twice.links] == [3, 3]
    assert twice.gradients()["x"] == 6


def test_names_given_to_parts():
    graph = Graph.from_expression("p = x*y\nq = sin(x)\ns = p + q\nf = s*x", x=2, y=3)
    assert list(graph.values()) == ["x", "y", "p", "q", "s", "f"]
    again = Graph.from_expression("p = x*y; q = x*y; p*q", x=2, y=3)
    assert again.values() == {"x": 2, "y": 3, "p": 6, "q": 6, "f": 36}
    assert again.gradients()["q"] == again.gradients()["p"] == 12
    constants = Graph.from_expression("x = 2; y = 1.5 * 2; x*y")
    assert constants.gradients() == {"x": 3, "y": 2, "f": 1}
    taken = Graph.from_expression("f = x + 1; v1 = f * 2; sin(f + v1 * 3)", x=1)
    assert list(taken.values()) == ["x", "f", "v1", "v2", "v3", "out"]


def test_a_node_that_leads_nowhere_has_no_gradient():
    graph = Graph.from_expression("u = x*y; f = x + 1", x=2, y=3)
    assert graph.gradients() == {"x": 1, "y": 0, "u": 0, "f": 1}


def test_what_is_only_rounding_is_zero():
    values = Graph.from_expression("d = a - b - c; d * 1000", a=0.3, b=0.1, c=0.2).values()
    assert 0.3 - 0.1 - 0.2 != 0
    assert values["d"] == values["f"] == 0
    assert Graph.from_expression("sin(x)", x=math.pi).values()["f"] == 0
    # A small number that is no leftover stays.
    assert Graph.from_expression("x * y", x=1e-12, y=1e-12).values()["f"] == 1e-24
    shares = Graph.from_expression("0.1*x + 0.2*x - 0.3*x", x=1.0)
    assert 0.1 + 0.2 - 0.3 != 0
    assert shares.gradients()["x"] == 0


def test_a_long_chain_is_walked_without_recursion():
    text = "; ".join(["a0 = x + 1"] + [f"a{k} = sin(a{k - 1}) + x" for k in range(1, 95)])
    assert Graph.from_expression(text, x=0.1).gradients()["a94"] == 1


@pytest.mark.parametrize(
    ("text", "values", "message"),
    [
        ("x + z", {"x": 1}, "z has no value: add z=..., or compute it on a line before."),
        ("a = relu(z); z = x + 1", {"x": 1}, "z has no value"),
        ("arcsin(x)", {"x": 1}, "There is no function arcsin here, only sin, cos"),
        ("x / y", {"x": 1, "y": 0}, "x / y cannot be computed as 1 / 0: nothing can be divided"),
        ("x / 0", {"x": 1}, "x / 0 cannot be computed as 1 / 0"),
        ("x**-2", {"x": 0}, "nothing can be divided by 0"),
        ("log(x)", {"x": -1}, "a logarithm needs a number above 0"),
        ("sqrt(x)", {"x": -4}, "a square root needs"),
        ("sqrt(x)", {"x": 0}, "the slope of the square root at 0 is infinite"),
        ("x**0.5", {"x": 0}, "infinite"),
        ("x**0.5", {"x": -1}, "no power that is not whole"),
        ("exp(x)", {"x": 1000}, "the number is too large"),
        ("x**2", {"x": 1e200}, "the number is too large"),
        ("1 / x", {"x": 1e-200}, "the number is too small to divide by"),
        ("x**y", {"x": 1, "y": 2}, "The power must be a number"),
        ("x + y", {"x": 1, "y": math.nan}, "y must be a finite number, not nan."),
        ("x + y", {"x": 1, "y": "2"}, "y must be a finite number, not '2'."),
        ("x + y", {"x": 1, "y": None}, "y must be a finite number, not None."),
        ("x + 1", {"x": 1, "y": 2}, "y has a value but does not occur in the formula."),
        ("x + 1", {"x": 1, "lambda": 2}, "lambda has a value but does not occur in the formula."),
        ("x", {"x": 1, "y": 2, "u": 3}, "u and y have values but do not occur"),
        ("x = y; x", {"x": 1, "y": 2}, "x has a value already"),
        ("a = x; b = 2*a; a = b", {"x": 1}, "a has a value already"),
        ("2 * 3", {}, "2 * 3 does not depend on any name"),
        ("x + 1 / 0", {"x": 1}, "1 / 0 has no value"),
        ("", {}, "There is no expression"),
        ("x +", {"x": 1}, "This is not a formula that can be read: 'x +'."),
        ("x % 2", {"x": 1}, "x % 2 cannot be drawn"),
        ("x if x else x", {"x": 1}, "cannot be drawn"),
        ("x.real", {"x": 1}, "cannot be drawn"),
        ("sin(x, x)", {"x": 1}, "sin takes one argument, not 2."),
        ("maximum(x)", {"x": 1}, "maximum takes two arguments, not 1."),
        ("sin(*x)", {"x": 1}, "sin takes one argument"),
        ("x + True", {"x": 1}, "True is not a real number."),
        ("x + 2j", {"x": 1}, "2j is not a real number."),
        ("x * 2; x + 1", {"x": 1}, "Only the last line may go without a name"),
        ("import os", {}, "'import os' is neither an expression"),
        ("x, y = 1, 2", {}, "neither an expression"),
        ("(" * 90 + "x" + ")" * 90 + "+" + "-" * 3000 + "x", {"x": 1}, "nested too deeply"),
        ("+".join(f"sin({k}*x)" for k in range(1, 99)), {"x": 1}, "More than 200 nodes"),
        (3, {}, "The formula must be text"),
    ],
)
def test_mistakes_get_one_sentence(text, values, message):
    with pytest.raises(ValueError) as raised:
        Graph.from_expression(text, **values)
    said = str(raised.value)
    assert message in said
    assert "\n" not in said
    assert said.endswith((".", "?"))
