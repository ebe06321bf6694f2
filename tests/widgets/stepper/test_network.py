"""Networks as graphs: the numbers given, the numbers drawn, and the mistakes."""

import pytest

from backprop_course.widgets.stepper import Graph

GIVEN = dict(
    x=[1.0, 2.0],
    y=[3.0],
    weights=[[[1.0, -1.0], [0.5, 2.0]], [[2.0], [-1.0]]],
    biases=[[0.0, -1.0], [1.0]],
)


def test_by_hand():
    graph = Graph.from_network([2, 2, 1], activation="relu", **GIVEN)
    values, gradients = graph.values(), graph.gradients()
    # z1 = [1 + 1, -1 + 4 - 1] = [2, 2], z2 = 4 - 2 + 1 = 3, so the target is met exactly.
    assert (values["z1[0]"], values["z1[1]"], values["z2[0]"], values["L"]) == (2, 2, 3, 0)
    assert set(gradients.values()) == {0.0, 1.0}

    graph = Graph.from_network([2, 2, 1], activation="relu", **GIVEN | {"y": [1.0]})
    gradients = graph.gradients()
    assert graph.values()["L"] == 2
    assert gradients["z2[0]"] == gradients["b2[0]"] == 2
    assert (gradients["W2[0, 0]"], gradients["W2[1, 0]"]) == (4, 4)
    assert (gradients["W1[1, 0]"], gradients["W1[1, 1]"]) == (8, -4)
    assert gradients["x[0]"] == 4 * 1 + -2 * -1


def test_arrays_are_welcome():
    np = pytest.importorskip("numpy")
    arrays = {name: value for name, value in GIVEN.items()}
    arrays["weights"] = [np.array(W) for W in GIVEN["weights"]]
    arrays["x"] = np.array(GIVEN["x"])
    one, other = Graph.from_network([2, 2, 1], **arrays), Graph.from_network([2, 2, 1], **GIVEN)
    assert one.gradients() == other.gradients()
    assert one.svg() == other.svg()


def test_draws_depend_on_the_seed_alone():
    one, two, other = (Graph.from_network([2, 3, 1], seed=seed).values() for seed in (4, 4, 5))
    assert one == two != other
    given = Graph.from_network([2, 3, 1], seed=4, x=[1, 1]).values()
    assert given["W1[0, 0]"] == one["W1[0, 0]"]
    assert given["y[0]"] == one["y[0]"]
    drawn = [value for name, value in one.items() if name[0] in "Wbxy"]
    assert 0 not in drawn
    assert all(abs(value) <= 1 and round(value, 1) == value for value in drawn)


def test_the_default_is_the_same_everywhere():
    names = ("x[0]", "x[1]", "W1[0, 0]", "b2[0]", "y[0]")
    values = Graph.from_network([2, 2, 1]).values()
    assert [values[name] for name in names] == [-0.9, -0.4, -0.9, -1.0, -0.9]


def test_output_activation():
    names = list(Graph.from_network([1, 1], output_activation="sigmoid").values())
    assert names == ["x[0]", "W1[0, 0]", "b1[0]", "z1[0]", "a1[0]", "y[0]", "L"]


@pytest.mark.parametrize(
    ("sizes", "settings", "message"),
    [
        ([2], {}, "sizes must name inputs and outputs"),
        ([2, 0], {}, "sizes must name"),
        (3, {}, "sizes must name inputs and outputs, such as [2, 2, 1], not 3."),
        (["two", 1], {}, "sizes must name"),
        ([2, 9, 1], {}, "more than 8 units"),
        ([2, 1], {"activation": "gelu"}, "'gelu' is not an activation"),
        ([2, 1], {"output_activation": "softmax"}, "'softmax' is not an activation"),
        ([2, 1], {"x": [1]}, "x must be a list of 2 finite numbers, not [1]."),
        ([2, 1], {"y": [None]}, "y must be a list of one finite number"),
        ([2, 1], {"x": 3}, "x must be a list of 2 finite numbers, not 3."),
        ([2, 1], {"weights": [[[1, 2]]]}, "weights[0] must have 2 rows of 1 numbers, not 1 rows."),
        ([2, 1], {"weights": [[[1, 2], [3, 4]]]}, "weights[0][0] must be a list of one finite"),
        ([2, 1], {"weights": 0.5}, "weights must be a list, not 0.5."),
        ([2, 1], {"weights": [0.5]}, "weights[0] must be a list, not 0.5."),
        ([2, 2, 1], {"biases": [[0, 0]]}, "biases needs one entry for each of the 2 layers, not 1"),
    ],
)
def test_mistakes_get_one_sentence(sizes, settings, message):
    with pytest.raises(ValueError) as raised:
        Graph.from_network(sizes, **settings)
    assert message in str(raised.value)
