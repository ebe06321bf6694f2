"""The entry explorer of lesson 03: what it adds, what it writes, what it marks."""

from xml.etree import ElementTree

import numpy as np
import pytest

from backprop_course.widgets.matrices import GradientEntries

X = np.array([[1.0, 2.0, 3.0], [4.0, -1.0, 2.0]])
W = np.array([[1.0, -1.0], [2.0, 1.0], [-1.0, 3.0]])
b = np.array([3.0, 1.0])
dZ = np.array([[1.0, 2.0], [-2.0, 3.0]])
GRADIENTS = {"dW": X.T @ dZ, "dX": dZ @ W.T, "db": dZ.sum(axis=0, keepdims=True)}


@pytest.fixture
def explorer():
    return GradientEntries(X, W, b, dZ)


def test_begins_with_the_entry_of_the_lesson(explorer):
    assert explorer.total == 14
    assert explorer.lines() == (
        "dW[0, 1] = X[0, 0] · dZ[0, 1] + X[1, 0] · dZ[1, 1]",
        "= 1 · 2 + 4 · 3 = 14",
    )


@pytest.mark.parametrize("name", GRADIENTS)
def test_every_entry_is_the_sum_of_its_products(explorer, name):
    explorer.gradient.value = name
    for row, column in np.ndindex(GRADIENTS[name].shape):
        explorer.row.value, explorer.column.value = row, column
        assert explorer.total == pytest.approx(GRADIENTS[name][row, column])
        ElementTree.fromstring(explorer.svg())


def test_terms_are_added_one_by_one(explorer):
    totals = []
    for terms in range(explorer.terms.max + 1):
        explorer.terms.value = terms
        totals.append(explorer.total)
    assert totals == [0, 2, 14]
    explorer.terms.value = 1
    assert explorer.lines()[1] == "so far 1 · 2 = 2"
    explorer.terms.value = 0
    assert explorer.lines()[1] == "nothing is added yet"


def test_a_bias_has_no_row_and_no_factors(explorer):
    explorer.gradient.value = "db"
    assert explorer.row.disabled
    assert explorer.lines() == ("db[1] = dZ[0, 1] + dZ[1, 1]", "= 2 + 3 = 5")
    explorer.gradient.value = "dX"
    assert not explorer.row.disabled


def test_limits_follow_the_array(explorer):
    for name, gradient in GRADIENTS.items():
        explorer.gradient.value = name
        rows, columns = gradient.shape
        assert (explorer.row.max, explorer.column.max) == (rows - 1, columns - 1)
    # From the last column of dX to db, which has fewer: the choice moves inside.
    explorer.gradient.value = "dX"
    explorer.column.value = 2
    explorer.gradient.value = "db"
    assert explorer.column.value == 1
    assert explorer.total == 5


def test_negative_factors_stand_in_brackets(explorer):
    explorer.gradient.value = "dX"
    explorer.row.value, explorer.column.value = 1, 2
    assert explorer.lines()[1] == "= (-2) · (-1) + 3 · 3 = 11"


def test_picture_follows_the_sliders(explorer):
    _, _, picture, text = explorer.children
    before = picture.value, text.value
    explorer.column.value = 0
    assert picture.value != before[0]
    assert text.value != before[1]
    assert "dW[0, 0]" in text.value


def test_page_without_a_kernel_gets_a_picture(explorer):
    bundle = explorer._repr_mimebundle_()
    picture = bundle["image/svg+xml"]
    ElementTree.fromstring(picture)
    assert "= 1 · 2 + 4 · 3 = 14" in picture
    assert 'aria-label="The entries behind dW[0, 1]' in picture
    assert bundle["text/plain"] == "GradientEntries(N=2, D=3, M=2)"


def test_arrays_that_do_not_fit_are_named():
    with pytest.raises(ValueError, match=r"dZ must have shape \(N, M\)"):
        GradientEntries(X, W, b, dZ[:1])
