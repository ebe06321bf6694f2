"""Functions that go along with the other arguments."""

import math

import numpy as np
import pytest

from backprop_course.grading.sandbox import travel, wire

LARGEST = 1 << 20


def cubes(x, power=3):
    return sum([np.sum(row**power) for row in np.atleast_2d(x)])


def with_a_module(x):
    return math.exp(x)


def with_a_module_within(x):
    return [math.exp(one) for one in x]


def with_a_keyword(x, *, power=3):
    return x**power


def closed(power):
    return lambda x: x**power


def test_a_plain_function_comes_back_as_itself():
    copy = travel.unpacked(travel.packed(cubes))
    x = np.array([[1.0, 2.0], [3.0, -1.0]])
    assert copy(x) == cubes(x) and copy(x, power=2) == cubes(x, 2)
    assert copy.__globals__ == {"np": np}


@pytest.mark.parametrize(
    "function",
    [with_a_module, with_a_module_within, with_a_keyword, closed(3), len, np.sum, str],
    ids=["global", "global within", "keyword", "closure", "builtin", "NumPy's", "class"],
)
def test_what_needs_more_stays_with_the_grader(function):
    assert travel.packed(function) is None


def test_the_files_of_the_course_are_not_named():
    def files(code):
        yield code.co_filename
        for one in code.co_consts:
            if isinstance(one, type(code)):
                yield from files(one)

    assert set(files(travel.unpacked(travel.packed(cubes)).__code__)) == {"<frozen argument>"}


def test_messages_carry_both_kinds():
    functions = []
    data = wire.pack((cubes, len), LARGEST, functions)
    first, second = wire.unpack(data, functions.__getitem__)
    assert functions == [len] and second is len
    assert first is not cubes and first(2.0) == 8.0
    with pytest.raises(wire.Malformed):
        wire.unpack(data)
