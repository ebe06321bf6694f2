"""The pictures of lesson 03 show the numbers that they claim to show."""

import matplotlib
import numpy as np
import pytest

matplotlib.use("Agg")

from backprop_course.figures import matrices, style


@pytest.fixture
def drawn():
    rng = np.random.default_rng(0)
    X, W, dZ = rng.normal(size=(3, 4)), rng.normal(size=(4, 2)), rng.normal(size=(3, 2))
    yield X, W, dZ
    import matplotlib.pyplot as plt

    plt.close("all")


def shown(axis):
    """Return the tints of a table, which are the sizes of its entries."""
    return np.asarray(axis.images[0].get_array())


def written(axis):
    return [text.get_text() for text in axis.texts]


def test_tables_of_the_examples_add_up_to_dW(drawn):
    X, _, dZ = drawn
    figure = matrices.sum_over_examples(X, dZ)
    *examples, total = figure.axes
    assert len(examples) == len(X)
    for n, axis in enumerate(examples):
        np.testing.assert_allclose(shown(axis), np.abs(np.outer(X[n], dZ[n])))
    np.testing.assert_allclose(shown(total), np.abs(X.T @ dZ))


def test_rows_of_X_and_dZ_stand_at_their_table(drawn):
    X, _, dZ = drawn
    axis = matrices.sum_over_examples(X, dZ).axes[1]
    assert [label.get_text() for label in axis.get_yticklabels()] == [f"{v:g}" for v in X[1]]
    assert [label.get_text() for label in axis.get_xticklabels()] == [f"{v:g}" for v in dZ[1]]
    assert axis.get_yticklabels()[0].get_color() == style.FORWARD
    assert axis.get_xticklabels()[0].get_color() == style.BACKWARD


def test_chosen_entry_is_outlined_in_every_table(drawn):
    X, _, dZ = drawn
    for axis in matrices.sum_over_examples(X, dZ, entry=(3, 1)).axes:
        (box,) = axis.patches
        assert np.round(box.get_x() + box.get_width() / 2) == 1
        assert np.round(box.get_y() + box.get_height() / 2) == 3


def test_one_tint_means_one_size_in_all_tables(drawn):
    X, _, dZ = drawn
    limits = {axis.images[0].get_clim() for axis in matrices.sum_over_examples(X, dZ).axes}
    assert len(limits) == 1


def test_jacobians_are_those_of_the_product(drawn):
    X, W, _ = drawn
    left, right = matrices.jacobians(X, W).axes
    by_X = [((X + nudge) @ W - X @ W).ravel() for nudge in np.eye(X.size).reshape(-1, *X.shape)]
    by_W = [(X @ (W + nudge) - X @ W).ravel() for nudge in np.eye(W.size).reshape(-1, *W.shape)]
    np.testing.assert_allclose(shown(left), np.abs(np.stack(by_X, axis=1)), atol=1e-12)
    np.testing.assert_allclose(shown(right), np.abs(np.stack(by_W, axis=1)), atol=1e-12)


def test_labels_name_rows_and_columns(drawn):
    X, W, _ = drawn
    left, right = matrices.jacobians(X, W).axes
    assert [label.get_text() for label in right.get_xticklabels()][:3] == ["0,0", "0,1", "1,0"]
    assert [label.get_text() for label in left.get_yticklabels()][-1] == "2,1"


def test_no_table_writes_minus_zero(drawn):
    X, W, _ = drawn
    for axis in matrices.jacobians(-X, -W).axes:
        assert "-0" not in written(axis)
        assert "0" in written(axis)
