"""What is packed comes back the same, and no bytes whatsoever do more than be refused."""

import struct
import time
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backprop_course.grading.call import Other
from backprop_course.grading.sandbox import wire

LARGEST = 1 << 20
ARRAYS = [
    np.arange(6.0).reshape(2, 3),
    np.arange(6).reshape(3, 2)[::-1].T,
    np.zeros((0, 3), np.float32),
    np.array(3 + 1j),
    np.array([True, False]),
    np.array([["a", "bcd"]]),
    np.array([1, "a", None], object),
    np.arange(3, dtype=">i4"),
    np.array([1, 2], np.longdouble),
]
VALUES = [
    None, True, 0, -(2**63), 2**200, 1.5, float("inf"), 1j, "hé\n", "", (), [], {},
    (1, [2, {"a": 3, (1, 2): 4, None: 5}]), Other("a function"),
]  # fmt: skip


def there_and_back(value):
    return wire.unpack(wire.pack(value, LARGEST))


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_plain_values_come_back(value):
    again = there_and_back(value)
    assert again == value and type(again) is type(value)


def test_what_equality_does_not_see_comes_back_too():
    assert str(there_and_back(-0.0)) == "-0.0"
    assert np.isnan(there_and_back(float("nan")))
    assert type(there_and_back(np.float32(2))) is np.float32
    assert type(there_and_back(np.bool_(True))) is np.bool_


@pytest.mark.parametrize("array", ARRAYS, ids=lambda array: f"{array.dtype} {array.shape}")
def test_arrays_come_back_as_arrays_of_their_own(array):
    again = there_and_back(array)
    assert again.dtype == array.dtype.newbyteorder("=") and again.shape == array.shape
    owner = again if again.base is None else again.base
    assert (again == array).all() and again.flags.writeable and owner.flags.owndata


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (print, "an object of type builtin_function_or_method"),
        (10**400, "a whole number of 1,329 bits"),
        (np.zeros(2, "datetime64[s]"), "an array of dtype datetime64[s]"),
        (np.random.default_rng(0), "an object of type Generator"),
    ],
    ids=["function", "integer", "dtype", "generator"],
)
def test_what_has_no_place_is_named(value, kind):
    assert there_and_back([value]) == [Other(kind)]


def test_subclasses_become_what_they_descend_from():
    class Number(float):
        pass

    class Word(str):
        def encode(self, *args):
            return b"something else"

    assert [type(one) for one in there_and_back([Number(2), Word("x")])] == [float, str]
    assert there_and_back(Word("x")) == "x"


@pytest.mark.parametrize(
    "value",
    [
        list(range(300_000)),
        "x" * 2_000_000,
        np.zeros(200_000),
        {n: n for n in range(5000)},
        np.empty(300_000, object),
    ],
    ids=["items", "text", "array", "keys", "objects"],
)
def test_what_is_too_large_is_not_packed(value):
    with pytest.raises(wire.TooLarge):
        wire.pack(value, LARGEST)


def test_a_list_in_itself_is_not_packed():
    ring = []
    ring.append(ring)
    with pytest.raises(wire.TooLarge):
        wire.pack(ring, LARGEST)


def test_functions_and_generators_go_one_way_only():
    functions = []
    data = wire.pack((len, np.random.default_rng(3), max), LARGEST, functions)
    first, rng, second = wire.unpack(data, functions.__getitem__)
    assert (first, second) == (len, max)
    assert rng.random() == np.random.default_rng(3).random()
    with pytest.raises(wire.Malformed):
        wire.unpack(data)


@pytest.mark.parametrize("kind", ["PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64"])
def test_every_kind_of_generator_goes_on_where_it_was(kind):
    rng = np.random.Generator(getattr(np.random, kind)(7))
    rng.normal(size=3)
    again = wire.unpack(wire.pack(rng, LARGEST, []), lambda place: None)
    assert (again.integers(1000, size=5) == rng.integers(1000, size=5)).all()


# Bytes that no honest sender writes --------------------------------------------------------------

WORDS = wire.pack(np.array(["x" * 90_000] + ["y"] * 100_000, object), 1 << 22)
FORGED = {
    "nothing": b"",
    "an unknown tag": b"z",
    "more than one value": b"NN",
    "half a number": b"i123",
    "brackets": b"l\1\0\0\0" * 100_000 + b"N",
    "more items than bytes": b"l\xff\xff\xff\xff",
    "more keys than bytes": b"d\xff\xff\xff\xff",
    "a list as a key": b"d\1\0\0\0l\0\0\0\0N",
    "an array as a key": b"d\1\0\0\0" + wire.pack(np.zeros(2), LARGEST) + b"N",
    "text that is none": b"s\2\0\0\0\xff\xfe",
    "a long text": b"s" + struct.pack("<I", 200_000) + b"x" * 200_000,
    "a long integer": b"I\xff" + b"\1" * 255,
    "an unknown dtype": b"a\xc8\0",
    "too many axes": b"a\x0b\xff" + b"\0" * 2000,
    "a huge shape": b"a\x0b\x04" + b"\xff" * 16,
    "a huge shape with a zero": b"a\x0b\x03" + struct.pack("<3I", 0, 2**31, 2**31),
    "fewer bytes than entries": b"a\x0b\x01\x02\0\0\0" + b"x" * 8,
    "a truth value of 2": b"a\0\x01\x01\0\0\0\x02",
    "a number with axes": b"g\x0b\x01\x01\0\0\0" + b"x" * 8,
    "words that are numbers": b"a\x11\x01\x01\0\0\0N",
    "objects without end": b"a\x10\x01\xff\xff\0\0",
    "one long word among many": WORDS.replace(b"a\x10", b"a\x11", 1),
    "a function": b"p\0\0\0\0",
    "a function's code": wire.pack(lambda x: x, LARGEST, []),
    "a generator": b"rN",
}  # fmt: skip


@pytest.mark.parametrize("name", FORGED)
def test_forged_bytes_are_refused(name):
    with pytest.raises(wire.Malformed):
        wire.unpack(FORGED[name])


@given(st.binary(max_size=200))
def test_any_bytes_are_a_value_or_refused(data):
    try:
        wire.unpack(data)
    except wire.Malformed:
        pass


@given(st.data())
def test_a_changed_byte_is_a_value_or_refused(data):
    good = bytearray(wire.pack([*ARRAYS, *VALUES], LARGEST))
    for _ in range(data.draw(st.integers(1, 3))):
        good[data.draw(st.integers(0, len(good) - 1))] = data.draw(st.integers(0, 255))
    try:
        wire.unpack(bytes(good))
    except wire.Malformed:
        pass


def test_a_message_takes_little_more_memory_than_its_bytes():
    data = wire.pack([np.array(1.0)] * 200_000, 1 << 24)
    tracemalloc.start()
    wire.unpack(data)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 50 * len(data)


def test_keys_made_to_collide_cost_little():
    collide = {(2**61 - 1) * n: None for n in range(wire.MOST_KEYS)}
    data = wire.pack([collide] * 20, 1 << 24)
    began = time.perf_counter()
    wire.unpack(data)
    assert time.perf_counter() - began < 5


@pytest.mark.parametrize(
    ("text", "shown"),
    [("plain", "plain"), ("\x1b[31mred\n", "?[31mred?"), ("a\u202eb", "a?b"), ("x" * 50, "x" * 40)],
)
def test_text_for_reports_obeys_no_terminal(text, shown):
    assert wire.printable(text, 40) == shown
