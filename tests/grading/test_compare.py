"""Numbers are the same as far as their dtype can tell, and no further."""

import numpy as np
import pytest

from backprop_course.grading.call import Other
from backprop_course.grading.compare import describe, fault, same, take_apart


@pytest.mark.parametrize(
    "right, got, equal",
    [
        ([1.0, 2.0], [1.0, 2.0 + 1e-8], True),
        ([1.0, 2.0], [1.0, 2.0 + 1e-6], False),
        ([1e-61], [1.0000000001e-61], True),
        ([1e-61], [0.0], False),
        ([1e-61], [2e-61], False),
        # Beside large numbers a zero may carry their rounding; a small true value may not vanish.
        ([1.0, 0.0], [1.0, 1e-16], True),
        ([1.0, 0.0], [1.0, 1e-9], False),
        ([1e5, 1e-4], [1e5, 0.0], False),
        ([0.0, 0.0], [0.0, 1e-15], True),
        ([0.0, 0.0], [0.0, 1e-6], False),
        ([np.nan, np.inf], [np.nan, np.inf], True),
        ([np.inf], [-np.inf], False),
        ([np.nan], [1.0], False),
        ([], [], True),
        ([1.0], [[1.0]], False),
        ([True, False], [1, 0], True),
    ],
)
def test_same(right, got, equal):
    assert same(np.array(got), np.array(right), 1e-7) is equal


def test_float32_has_fewer_digits():
    a = np.array([1.0, 2.0], dtype=np.float32)
    assert same(a * np.float32(1 + 1e-5), a, 1e-7)
    assert not same(a * np.float32(1 + 1e-3), a, 1e-7)


@pytest.mark.parametrize(
    "expected, got, word",
    [
        (np.ones(3), np.ones(3), ""),
        (np.ones(3), np.ones((1, 3)), "shape"),
        (2.0, [2.0], "shape"),
        (np.ones(3), np.array([1, 1, np.nan]), "nan"),
        (np.array([1, np.inf]), np.array([1, np.inf]), ""),
        (np.ones(3), np.ones(3, dtype=np.float32), "dtype"),
        (np.ones(3), np.ones(3, dtype=int), ""),
        (np.ones(3, dtype=np.float32), np.ones(3), ""),
        (np.ones(3), np.ones(3, dtype=complex), "dtype"),
        (np.ones(3), 2 * np.ones(3, dtype=np.float32), "values"),
        (12, 12.0, ""),
        ("a", "a", ""),
        ("a", "b", "values"),
        (["a", "b"], ["a", "b"], ""),
        (None, None, ""),
        (None, np.ones(3), "values"),
        (["a"], [np.ones(3)], "values"),
        (True, True, ""),
        (True, False, "values"),
    ],
)
def test_fault(expected, got, word):
    assert fault(expected, got, 1e-7) == word


def test_parts_have_the_names_of_the_outputs():
    expected = 1.0, {"W1": np.ones(2)}, [np.ones(2), {"b": np.ones(3)}], [1.0, 2.0]
    parts = take_apart(expected, expected, ("loss", "grads", "layers", "losses"), 1e-7)
    assert list(parts) == ["loss", 'grads["W1"]', "layers[0]", 'layers[1]["b"]', "losses"]
    assert not any(part.fault for part in parts.values())


def test_a_tuple_of_one_is_told():
    parts = take_apart(np.ones(3), (np.ones(3),), ("dZ",), 1e-7)
    assert parts["dZ"].fault == "misfit"
    assert "comma" in parts["dZ"].got.sentence


@pytest.mark.parametrize(
    "thing, words",
    [
        (np.ones((2, 3)), "an array of shape (2, 3)"),
        (np.float64(1), "a number"),
        (np.array(1.0), "a number"),
        ("text", "a text"),
        ([1, 2], "a list of 2"),
        ({}, "a dict"),
        (None, "None"),
        (Other("a class"), "a class"),
    ],
)
def test_describe(thing, words):
    assert describe(thing) == words


@pytest.mark.parametrize(
    ("expected", "got"),
    [(5, np.float16(9)), (True, np.float16(0.5)), (np.arange(3), np.float16([0, 1, 3]))],
)
def test_a_coarse_float_is_not_near_to_a_whole_number(expected, got):
    (part,) = take_apart(expected, got, ("n",), 1e-7).values()
    assert part.fault


def test_a_whole_number_may_come_as_a_float():
    for got in (5.0, np.float32(5), np.float16(5)):
        (part,) = take_apart(5, got, ("n",), 1e-7).values()
        assert not part.fault
