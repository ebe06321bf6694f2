"""What comes back from learners' code, checked before anybody looks at it."""

from backprop_course.grading.call import Crash, Reply
from backprop_course.grading.sandbox import wire

_LONGEST = 300  # characters of a message or a line, as in `call`
_MOST_NAMES = 10_000  # of arguments that were written into
_MOST_KINDS = 100


def read_reply(data: bytes, number: int, place: int) -> Reply:
    """Return one reply, or raise `wire.Malformed`.

    ``number`` and ``place`` are those of the task and the call that it must belong to.
    """
    message = wire.unpack(data)
    if not isinstance(message, tuple) or len(message) != 7:
        raise wire.Malformed("not a reply")
    value, changed, printed, crash, first_bad = message[2:]
    if not (_is_count(message[0], number) and _is_count(message[1], place)):
        raise wire.Malformed("an answer to another question")
    if not _is_count(printed) or not _are_texts(changed, _MOST_NAMES):
        raise wire.Malformed("not a reply")
    names = tuple(wire.printable(name, _LONGEST) for name in changed)
    return Reply(value, _crash(crash), names, printed, _crash(first_bad))


def _is_count(value, exactly: int | None = None) -> bool:
    return type(value) is int and value >= 0 and (exactly is None or value == exactly)


def _are_texts(value, most: int) -> bool:
    return (
        isinstance(value, tuple)
        and len(value) <= most
        and all(isinstance(text, str) for text in value)
    )


def _crash(value) -> Crash | None:
    if value is None:
        return None
    if not isinstance(value, tuple) or len(value) != 3:
        raise wire.Malformed("not an error")
    kinds, text, line = value
    if not _are_texts(kinds, _MOST_KINDS) or not kinds or not _are_texts((text, line), 2):
        raise wire.Malformed("not an error")
    names = tuple(wire.printable(kind, 100) for kind in kinds)
    return Crash(names, wire.printable(text, _LONGEST), wire.printable(line, _LONGEST))
