"""The words of each step, with their numbers."""

import pytest

from backprop_course.widgets.stepper import Graph
from backprop_course.widgets.stepper.text import number
from backprop_course.widgets.stepper.trace import Trace


@pytest.fixture(scope="module")
def neuron():
    return Trace(
        Graph.from_expression("z = w*x + b; a = relu(z); L = (a - y)**2 / 2", x=2, w=3, b=1, y=10)
    )


@pytest.fixture(scope="module")
def fork():
    return Trace(Graph.from_expression("(x*y + sin(x)) * x", x=2.0, y=3.0))


def sentences(trace, phase):
    return [step.sentence for step in trace.steps if step.phase == phase]


def test_the_way_out(neuron):
    assert neuron.steps[0].sentence == (
        "Given: w = 3, x = 2, b = 1, y = 10. Press step to go forward."
    )
    assert sentences(neuron, "forward") == [
        "Forward: v1 = w × x = 3 × 2 = 6.",
        "Forward: z = v1 + b = 6 + 1 = 7.",
        "Forward: a = relu(z) = relu(7) = 7.",
        "Forward: v2 = a − y = 7 − 10 = −3.",
        "Forward: v3 = v2² = (−3)² = 9.",
        "Forward: L = v3 / 2 = 9 / 2 = 4.5. Now all values are known, and we go back.",
    ]


def test_the_way_back_shows_the_product_of_each_gradient(neuron):
    back = sentences(neuron, "backward")
    assert len(back) == 10
    assert back[0].startswith("Backward begins: dL = 1")
    assert "Backward to z: dz = da × ∂a/∂z = −3 × 1 = −3." in back
    assert back[-1] == (
        "Backward to w: dw = dv1 × ∂v1/∂w = −3 × 2 = −6. Now every gradient is known."
    )
    lines = {step.sentence: step.lines for step in neuron.steps}
    assert lines[back[-1]] == ("v1 = w × x, so ∂v1/∂w = x = 2.",)
    open_relu = next(step for step in neuron.steps if step.sentence.startswith("Backward to z"))
    assert open_relu.lines == ("a = relu(z), so ∂a/∂z = 1 where z > 0, else 0, here 1.",)


def test_a_fork_shows_its_sum():
    small = Trace(Graph.from_expression("p = 3*x; q = x*y; L = q - p", x=-3, y=2))
    last = small.steps[-1]
    assert last.sentence == (
        "Backward to x, where 2 arrows leave and 2 shares add up: dx = −3 + 2 = −1. "
        "Now every gradient is known."
    )
    assert last.lines == (
        "through p: dp × ∂p/∂x = −1 × 3 = −3, as ∂p/∂x = 3",
        "through q: dq × ∂q/∂x = 1 × 2 = 2, as ∂q/∂x = y = 2",
    )


def test_three_shares(fork):
    assert "dx = 6 − 0.8323 + 6.909 = 12.08." in fork.steps[-1].sentence
    assert len(fork.steps[-1].lines) == 3


def test_every_value_and_gradient_has_its_step(neuron, fork):
    beyond = Graph.from_expression("u = x*y; g = 2*u; f = u", x=2, y=3)  # g needs the output
    alone = Graph.from_expression("x", x=2)
    network = Graph.from_network([2, 2, 1])
    for trace in (neuron, fork, *map(Trace, (beyond, alone, network))):
        nodes = range(len(trace.graph.nodes))
        assert sorted(trace.value_at) == list(nodes)
        assert sorted(trace.gradient_at) == [
            k for k in nodes if trace.graph.gradient(k) is not None
        ]
        for link in trace.graph.links:
            assert trace.value_at[link.source] < trace.value_at[link.target]
            if link.share is not None:
                assert trace.gradient_at[link.source] > trace.gradient_at[link.target]
        assert max(trace.value_at.values()) < min(trace.gradient_at.values())


def test_a_unit_gets_the_gradients_of_its_weights_in_one_step():
    trace = Trace(Graph.from_network([2, 2, 1]))
    assert trace.steps[0].sentence == (
        "Given: 2 inputs, 9 parameters and 1 target. Press step to go forward."
    )
    inside = [step for step in trace.steps if step.sentence.startswith("Backward inside")]
    assert [len(step.nodes) for step in inside] == [3, 3, 3]
    assert inside[0].lines[0] == (
        "dW2[0, 0] = dz2[0] × ∂z2[0]/∂W2[0, 0] = −0.1619 × 0.2636 = −0.04269, "
        "as ∂z2[0]/∂W2[0, 0] = a1[0] = 0.2636"
    )


def test_details_come_with_the_step_from_which_they_hold(fork):
    names = [node.name for node in fork.graph.nodes]
    x, v2 = names.index("x"), names.index("v2")
    assert fork.details(v2) == [
        (2, "v2 = sin(x) = sin(2) = 0.9093"),
        (7, "through v3: dv3 × ∂v3/∂v2 = 2 × 1 = 2, as ∂v3/∂v2 = 1"),
        (7, "dv2 = 2"),
    ]
    assert fork.details(x)[0] == (0, "x = 2")
    assert fork.details(x)[-1] == (10, "dx = 6 − 0.8323 + 6.909 = 12.08")


def test_nodes_without_a_gradient_say_so():
    trace = Trace(Graph.from_expression("u = x*y; f = x + 1", x=2, y=3))
    names = [node.name for node in trace.graph.nodes]
    assert trace.details(names.index("u"))[1] == (
        0,
        "No arrow leads from u to the output: its gradient is 0.",
    )
    assert [step.sentence for step in trace.steps if step.phase == "forward"][-1].startswith(
        "Forward: f = x + 1 = 2 + 1 = 3. Now"
    )
    network = Trace(Graph.from_network([1, 1]))
    y = [node.name for node in network.graph.nodes].index("y[0]")
    assert network.details(y)[1] == (0, "y[0] is a target: data, which gets no gradient.")


@pytest.mark.parametrize(
    ("text", "values", "written"),
    [
        ("x - y", {"x": 1, "y": -2}, "1 − (−2) = 3"),
        ("x * y", {"x": -1, "y": -2}, "−1 × (−2) = 2"),
        ("x / y", {"x": 1, "y": -2}, "1 / (−2) = −0.5"),
        ("-x", {"x": -1}, "−(−1) = 1"),
        ("x**-3", {"x": -2}, "(−2)⁻³ = −0.125"),
        ("x**1.5", {"x": 4}, "4^1.5 = 8"),
        ("maximum(x, y)", {"x": 4, "y": -1}, "max(4, −1) = 4"),
        ("1 - x", {"x": 4}, "1 − 4 = −3"),
    ],
)
def test_formulas_with_numbers(text, values, written):
    forward = sentences(Trace(Graph.from_expression(text, **values)), "forward")
    assert written in forward[-1]


@pytest.mark.parametrize(
    ("text", "values", "written"),
    [
        ("x**3", {"x": 2}, "∂f/∂x = 3 × x² = 12."),
        ("x**2", {"x": 2}, "∂f/∂x = 2 × x = 4."),
        ("x**1", {"x": 2}, "∂f/∂x = 1."),
        ("x**0", {"x": 2}, "∂f/∂x = 0."),
        ("x**-1", {"x": 2}, "∂f/∂x = −1 × x⁻² = −0.25."),
        ("x**2.5", {"x": 4}, "∂f/∂x = 2.5 × x^1.5 = 20."),
        ("5 / x", {"x": 2}, "∂f/∂x = −5 / x² = −1.25."),
        ("x / -2", {"x": 2}, "∂f/∂x = 1 / (−2) = −0.5."),
        ("tanh(x)", {"x": 0}, "∂f/∂x = 1 − f² = 1."),
        ("sigmoid(x)", {"x": 0}, "∂f/∂x = f × (1 − f) = 0.25."),
        ("cos(x)", {"x": 0}, "∂f/∂x = −sin(x) = 0."),
        ("sqrt(x)", {"x": 4}, "∂f/∂x = 1 / (2 × f) = 0.25."),
        ("log(x)", {"x": 4}, "∂f/∂x = 1 / x = 0.25."),
        ("exp(x)", {"x": 0}, "∂f/∂x = f = 1."),
        ("relu(x)", {"x": -1}, "∂f/∂x = 1 where x > 0, else 0, here 0."),
        ("maximum(x, 0)", {"x": 1}, "∂f/∂x = 1 where x is the larger, else 0, here 1."),
    ],
)
def test_formulas_of_local_derivatives(text, values, written):
    trace = Trace(Graph.from_expression(text, **values))
    assert written in trace.steps[-1].lines[0]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (-0.0, "0"),
        (3.0, "3"),
        (-3.0, "−3"),
        (0.1 + 0.2, "0.3"),
        (2.9999999999999996, "3"),
        (123456.0, "123456"),
        (12345.67, "12346"),
        (1234.567, "1235"),
        (1e6, "1e6"),
        (-1.23456e-7, "−1.235e−7"),
        (1.5e100, "1.5e100"),
    ],
)
def test_numbers_are_short_and_steady(value, text):
    assert number(value) == text
