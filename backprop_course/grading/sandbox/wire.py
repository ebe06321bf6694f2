"""Plain values as bytes and back: the only thing that passes between grader and learner's code.

Nothing here takes code from learners' side: no pickle, no ``eval``, no names looked up. What is
read is capped in depth, number and size before memory is taken for it, and whatever does not fit
the format is `Malformed`.
"""

import struct
from typing import Any

import numpy as np

from backprop_course.grading.call import Other
from backprop_course.grading.sandbox import travel

DEEPEST = 16  # collections within collections
MOST_ITEMS = 250_000  # values in one message
MOST_ENTRIES = 10_000_000  # of one array
MOST_KEYS = 2_000  # of one dict; keys made to collide would make a long one slow
LONGEST_TEXT = 100_000  # characters of a text that came from the other side
MOST_AXES = 16
LONGEST_INTEGER = 64  # bytes

_DTYPES = (
    *("?", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8", "c8", "c16"),
    *("g", "G"),  # long double, whose size is the machine's own
)
_BY_CODE = tuple(np.dtype(name) for name in _DTYPES)
_OBJECTS, _WORDS = len(_BY_CODE), len(_BY_CODE) + 1  # arrays that are written item by item
_CODES = {dtype: code for code, dtype in reversed(list(enumerate(_BY_CODE)))}
_GENERATORS = ("PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64")

_U8, _U32 = struct.Struct("<B"), struct.Struct("<I")
_SHAPES = tuple(struct.Struct(f"<{axes}I") for axes in range(MOST_AXES + 1))
_I64, _F64, _C128 = struct.Struct("<q"), struct.Struct("<d"), struct.Struct("<dd")

# Every message is a letter for its kind, the length of what follows, and that many bytes.
HEAD = struct.Struct("<cI")
READY, TASK, DEFINED, REPLY, DONE = b"H", b"T", b"D", b"R", b"E"
QUESTION, ANSWER = b"Q", b"A"
_KINDS = (READY, DEFINED, REPLY, DONE, QUESTION)  # that come from learners' side


class Malformed(Exception):
    """Bytes that no honest sender writes."""


class TooLarge(Exception):
    """A value with more items, levels or bytes than one message may have."""


def pack(value, largest: int, functions: list | None = None) -> bytes:
    """Return a value as bytes.

    Parameters
    ----------
    value
        None, numbers, text, arrays, NumPy scalars, `Other`, and tuples, lists and dicts of them.
        What is none of these becomes `Other`.
    largest : int
        More bytes than these are `TooLarge`.
    functions : list, optional
        Where callables are put that cannot travel (`travel`); the bytes hold only their places in
        it. If it is not given, callables and random generators become `Other`.
    """
    writer = _Writer(largest, functions)
    writer.put(value, 0)
    return bytes(writer.out)


def unpack(data: bytes, make_function=None) -> Any:
    """Return the value that `pack` made these bytes of, or raise `Malformed`.

    ``make_function(place)`` returns what stands for a callable. If it is not given, neither
    callables nor random generators are accepted.
    """
    reader = _Reader(data, make_function)
    try:
        value = reader.take(0)
    except Malformed:
        raise
    except Exception as error:
        raise Malformed(type(error).__name__) from None
    if reader.place != len(data):
        raise Malformed("bytes are left over")
    return value


class _Writer:
    def __init__(self, largest, functions):
        self.out = bytearray()
        self.largest = largest
        self.functions = functions
        self.items = 0

    def put(self, value, depth):
        self.items += 1
        if depth > DEEPEST or self.items > MOST_ITEMS or len(self.out) > self.largest:
            raise TooLarge
        put = _PUT.get(type(value))
        if put is None:
            put = next((one for kind, one in _PUT.items() if isinstance(value, kind)), None)
        (put or _Writer._put_special)(self, value, depth)

    def _put_none(self, value, depth):
        self.out += b"N"

    def _put_truth(self, value, depth):
        self.out += b"T" if value else b"F"

    def _put_float(self, value, depth):
        self.out += b"f" + _F64.pack(value)

    def _put_complex(self, value, depth):
        self.out += b"c" + _C128.pack(value.real, value.imag)

    def _put_word(self, value, depth):
        self._put_text(b"s", str.__str__(value))

    def _put_other(self, value, depth):
        self._put_text(b"o", value.kind)

    def _put_integer(self, value, depth):
        value = int.__int__(value)
        if -(2**63) <= value < 2**63:
            self.out += b"i" + _I64.pack(value)
            return
        size = value.bit_length() // 8 + 1
        if size > LONGEST_INTEGER:
            self._put_text(b"o", f"a whole number of {value.bit_length():,} bits")
            return
        self.out += b"I" + _U8.pack(size) + value.to_bytes(size, "little", signed=True)

    def _put_text(self, tag, text):
        data = text.encode("utf-8", "replace")
        if len(data) > self.largest:
            raise TooLarge
        self.out += tag + _U32.pack(len(data)) + data

    def _put_array(self, value, depth):
        dtype = value.dtype.newbyteorder("=")
        if isinstance(value, np.str_):
            self._put_text(b"s", str.__str__(value))
        elif value.ndim > MOST_AXES or value.size > MOST_ENTRIES:
            self._put_text(b"o", f"an array of {value.size:,} entries and {value.ndim} axes")
        elif value.size * dtype.itemsize > self.largest:
            raise TooLarge
        elif dtype in _CODES:
            self._put_head(b"g" if isinstance(value, np.generic) else b"a", _CODES[dtype], value)
            self.out += np.ascontiguousarray(value, dtype).tobytes()
        elif dtype.kind in "OU":
            self._put_head(b"a", _OBJECTS if dtype.kind == "O" else _WORDS, value)
            for item in value.ravel().tolist():
                self.put(item, depth + 1)
        else:
            self._put_text(b"o", f"an array of dtype {dtype}"[:200])

    def _put_head(self, tag, code, value):
        self.out += tag + struct.pack(f"<BB{value.ndim}I", code, value.ndim, *value.shape)

    def _put_collection(self, value, depth):
        tag = b"t" if isinstance(value, tuple) else b"d" if isinstance(value, dict) else b"l"
        if tag == b"d" and len(value) > MOST_KEYS and self.functions is None:
            raise TooLarge
        self.out += tag + _U32.pack(len(value))
        if tag == b"d":
            for key, item in value.items():
                self.put(key, depth + 1)
                self.put(item, depth + 1)
        else:
            for item in value:
                self.put(item, depth + 1)

    def _put_special(self, value, depth):
        if self.functions is None:
            self._put_text(b"o", f"an object of type {type(value).__name__}"[:200])
        elif isinstance(value, np.random.Generator):
            self.out += b"r"
            self.put(value.bit_generator.state, depth + 1)
        elif callable(value):
            self._put_function(value)
        else:
            raise TypeError(f"a {type(value).__name__} cannot be handed to learners' code")

    def _put_function(self, value):
        data = travel.packed(value)
        if data is None:
            self.out += b"p" + _U32.pack(len(self.functions))
            self.functions.append(value)
        else:
            self.out += b"e" + _U32.pack(len(data)) + data


# In this order: NumPy's numbers descend from Python's, and truth values are integers.
_PUT = {
    type(None): _Writer._put_none,
    np.ndarray: _Writer._put_array,
    np.generic: _Writer._put_array,
    bool: _Writer._put_truth,
    int: _Writer._put_integer,
    float: _Writer._put_float,
    complex: _Writer._put_complex,
    str: _Writer._put_word,
    tuple: _Writer._put_collection,
    list: _Writer._put_collection,
    dict: _Writer._put_collection,
    Other: _Writer._put_other,
}


class _Reader:
    def __init__(self, data, make_function):
        self.data = data
        self.place = 0
        self.items = 0
        self.make_function = make_function
        self.trusted = make_function is not None

    def take(self, depth):
        self.items += 1
        if depth > DEEPEST or self.items > MOST_ITEMS:
            raise Malformed("too many values")
        tag = self._bytes(1)
        if tag not in _TAKE:
            raise Malformed("no such kind of value")
        return _TAKE[tag](self, depth)

    def _bytes(self, count):
        start, self.place = self.place, self.place + count
        if self.place > len(self.data):
            raise Malformed("it ends too early")
        return self.data[start : self.place]

    def _number(self, form):
        start, self.place = self.place, self.place + form.size
        return form.unpack_from(self.data, start)

    def _integer(self, depth):
        return self._number(_I64)[0]

    def _long_integer(self, depth):
        (size,) = self._number(_U8)
        if size > LONGEST_INTEGER:
            raise Malformed("a number with too many digits")
        return int.from_bytes(self._bytes(size), "little", signed=True)

    def _float(self, depth):
        return self._number(_F64)[0]

    def _complex(self, depth):
        return complex(*self._number(_C128))

    def _text(self, depth):
        (size,) = self._number(_U32)
        if size > LONGEST_TEXT and not self.trusted:
            raise Malformed("a text that is too long")
        return str(self._bytes(size), "utf-8")

    def _other(self, depth):
        return Other(printable(self._text(depth), 200))

    def _count(self, smallest):
        """Return how many items follow, after a look at whether so many can."""
        (count,) = self._number(_U32)
        if count * smallest > len(self.data) - self.place:
            raise Malformed("more items than bytes")
        return count

    def _list(self, depth):
        return [self.take(depth + 1) for _ in range(self._count(1))]

    def _tuple(self, depth):
        return tuple(self._list(depth))

    def _dict(self, depth):
        count = self._count(2)
        if count > MOST_KEYS and not self.trusted:
            raise Malformed("a dict with too many keys")
        # The key is read before its value.
        pairs = ((self.take(depth + 1), self.take(depth + 1)) for _ in range(count))
        return dict(pairs)

    def _array(self, depth):
        code, axes = self._bytes(2)
        if code > _WORDS or axes > MOST_AXES:
            raise Malformed("no such array")
        shape = self._number(_SHAPES[axes])
        entries = room = 1
        for size in shape:
            entries, room = entries * size, room * max(size, 1)
        if room > MOST_ENTRIES:
            raise Malformed("an array that is too large")
        if code >= len(_BY_CODE):
            return self._array_of_items(code, shape, entries, depth)
        dtype = _BY_CODE[code]
        data = self._bytes(entries * dtype.itemsize)
        if dtype.kind == "b" and entries and np.frombuffer(data, np.uint8).max() > 1:
            raise Malformed("a truth value that is neither true nor false")
        # A copy, which owns its memory and can be written into.
        return np.frombuffer(data, dtype).reshape(shape).copy()

    def _array_of_items(self, code, shape, entries, depth):
        if entries > min(MOST_ITEMS, len(self.data) - self.place):
            raise Malformed("more items than bytes")
        items = [self.take(depth + 1) for _ in range(entries)]
        if code == _WORDS:
            return self._words(items).reshape(shape)
        array = np.empty(entries, object)
        for place, item in enumerate(items):
            array[place] = item
        return array.reshape(shape)

    def _words(self, items):
        if not all(isinstance(item, str) for item in items):
            raise Malformed("a text that is none")
        longest = max(map(len, items), default=1)
        if 4 * longest * len(items) > len(self.data) * 64:
            raise Malformed("texts of too different lengths")
        return np.array(items, dtype=f"U{max(longest, 1)}")

    def _scalar(self, depth):
        array = self._array(depth)
        if array.ndim or array.dtype.kind in "OU":
            raise Malformed("a number with axes")
        return array[()]

    def _function(self, depth):
        if not self.trusted:
            raise Malformed("a function")
        return self.make_function(self._number(_U32)[0])

    def _travelled(self, depth):
        if not self.trusted:
            raise Malformed("a function")
        return travel.unpacked(self._bytes(*self._number(_U32)))

    def _generator(self, depth):
        if not self.trusted:
            raise Malformed("a random generator")
        state = self.take(depth + 1)
        if state["bit_generator"] not in _GENERATORS:
            raise Malformed("no such random generator")
        bits = getattr(np.random, state["bit_generator"])(0)
        bits.state = state
        return np.random.Generator(bits)


_TAKE = {
    b"N": lambda reader, depth: None,
    b"T": lambda reader, depth: True,
    b"F": lambda reader, depth: False,
    b"i": _Reader._integer,
    b"I": _Reader._long_integer,
    b"f": _Reader._float,
    b"c": _Reader._complex,
    b"s": _Reader._text,
    b"o": _Reader._other,
    b"a": _Reader._array,
    b"g": _Reader._scalar,
    b"t": _Reader._tuple,
    b"l": _Reader._list,
    b"d": _Reader._dict,
    b"p": _Reader._function,
    b"e": _Reader._travelled,
    b"r": _Reader._generator,
}


def read_head(data: bytes, largest: int) -> tuple[bytes, int]:
    """Return the kind of a message and its length, as far as both are possible."""
    kind, length = HEAD.unpack(data)
    if kind not in _KINDS or length > largest:
        raise Malformed(f"a message of {length:,} bytes")
    return kind, length


def printable(text: str, longest: int) -> str:
    """Return text for a report: in one line, without what a terminal would obey."""
    text = text[:longest]
    return text if text.isprintable() else "".join(c if c.isprintable() else "?" for c in text)
