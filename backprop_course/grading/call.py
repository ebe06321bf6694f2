"""The learner's side of a check: arguments go in, plain values come out.

Nothing here knows an exercise, a right answer or a tolerance, so this file can run in a process
of its own while answers are compared elsewhere.
"""

import contextlib
import copy
import ctypes
import dis
import inspect
import io
import re
import signal
import sysconfig
import threading
import traceback
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

TIME_LIMIT = 5.0  # seconds a call may take
_LONGEST = 100_000  # items read from a generator
_DEEPEST = 10  # lists within lists
_LARGEST = 10_000_000  # entries of an array


class TimeUp(BaseException):
    """The learner's code ran too long. No ``except Exception`` of theirs catches it."""


@dataclass(frozen=True)
class Crash:
    """An exception of the learner's code, as plain text.

    Attributes
    ----------
    kinds : tuple of str
        Names of the exception's class and of its base classes, nearest first.
    text : str
        The message, in one line.
    line : str
        The line of the learner's own code where it happened, or ``""``.
    """

    kinds: tuple[str, ...]
    text: str
    line: str = ""


@dataclass(frozen=True)
class Other:
    """Stands for a result that is neither number, text, array nor a collection of these."""

    kind: str


@dataclass(frozen=True)
class Reply:
    """What came back from one call.

    Attributes
    ----------
    value
        Arrays, numbers, text, None, and tuples, lists and dicts of them.
    crash : Crash or None
    changed : tuple of str
        Names of the arguments that were written into, such as ``params["W1"]``.
    printed : int
        Number of characters printed.
    first_bad : Crash or None
        Where NumPy first complains, if a nan or an infinity came back.
    """

    value: Any = None
    crash: Crash | None = None
    changed: tuple[str, ...] = ()
    printed: int = 0
    first_bad: Crash | None = None


def collect(function, calls: list[tuple], names: tuple[str, ...]) -> list[Reply]:
    """Return all `replies` of the learner's function."""
    return list(replies(function, calls, names))


def replies(
    function, calls: list[tuple], names: tuple[str, ...], seconds: float | None = None
) -> Iterator[Reply]:
    """Call the learner's function with each tuple of arguments in ``calls``; yield what it gives.

    ``names`` are the names of the arguments, and ``seconds`` is how long one call may take. There
    are fewer replies than ``calls`` when the function cannot be called in this way at all, is a
    starter, or has run out of time.
    """
    problem = _wrong_signature(function, names[: max(map(len, calls))])
    if problem:
        yield Reply(crash=Crash(("Signature",), problem))
        return
    for args in calls:
        reply = ask(function, args, names, seconds)
        if reply.crash is None and reply.value is None and _does_nothing(function):
            reply = Reply(crash=Crash(("NotImplementedError",), ""))
        yield reply
        if reply.crash and reply.crash.kinds[0] in ("NotImplementedError", "TimeUp"):
            return


def ask(function, args: tuple, names: tuple[str, ...] = (), seconds: float | None = None) -> Reply:
    """Call the learner's function once, on copies of ``args``. Only KeyboardInterrupt gets out.

    ``seconds`` is how long it may take; TIME_LIMIT, if not given.
    """
    given = copy.deepcopy(args)
    output = Counter()
    seconds = TIME_LIMIT if seconds is None else seconds
    value, crash = _call(function, given, output, "ignore", seconds)
    first_bad = None
    if crash is None and _has_bad_number(value):
        _, first_bad = _call(function, copy.deepcopy(args), Counter(), "raise", seconds)
        if first_bad and first_bad.kinds[0] != "FloatingPointError":
            first_bad = None
    changed = tuple(
        path
        for position, (before, after) in enumerate(zip(args, given, strict=True))
        if not _untouched(before, after)
        for path in _changes(before, after, names[position] if position < len(names) else "")
    )
    return Reply(value, crash, changed, output.characters, first_bad)


def _call(function, args, output, floating_point, seconds) -> tuple[Any, Crash | None]:
    try:
        with (
            time_limit(seconds),
            warnings.catch_warnings(),
            np.errstate(divide=floating_point, over=floating_point, invalid=floating_point),
            contextlib.redirect_stdout(output),
            contextlib.redirect_stderr(output),
        ):
            warnings.simplefilter("ignore")
            # A generator runs its body only here, so this belongs inside the limits.
            return _plain(function(*args)), None
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        return None, crash_of(error)


def crash_of(error: BaseException) -> Crash:
    """Return an exception of the learner's code as plain text."""
    if isinstance(error, TimeUp):
        return Crash(("TimeUp",), "", _learners_line(error))
    kinds = tuple(kind.__name__ for kind in type(error).__mro__)
    return Crash(kinds, _one_line(error), _learners_line(error))


@contextlib.contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise TimeUp after so many seconds.

    On POSIX, in the main thread, a signal ends nearly everything. Elsewhere Python can only be
    asked to raise it between two steps of Python code: a loop ends, one long call into C does not.
    """
    if hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread():
        yield from _by_signal(seconds)
    else:
        yield from _by_request(seconds)


def _by_signal(seconds):
    def ring(number, frame):
        raise TimeUp

    handler = signal.signal(signal.SIGALRM, ring)
    # It rings again each second, for code that swallows every exception.
    earlier = signal.setitimer(signal.ITIMER_REAL, seconds, 1.0)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, *earlier)
        signal.signal(signal.SIGALRM, handler if handler is not None else signal.SIG_DFL)


def _by_request(seconds):
    raise_in = ctypes.pythonapi.PyThreadState_SetAsyncExc
    thread = ctypes.c_ulong(threading.get_ident())
    done = threading.Event()

    def watch():
        wait = seconds
        while not done.wait(wait):
            raise_in(thread, ctypes.py_object(TimeUp))
            wait = 1.0

    watcher = threading.Thread(target=watch, daemon=True)
    try:
        watcher.start()
        yield
    finally:
        while True:
            try:
                done.set()
                watcher.join()
                for _ in range(2):  # Python raises what was asked for between two rounds
                    pass
                break
            except TimeUp:
                # Asked for in the last moment: it must not come later. (To take it back with None
                # is no way: Python 3.11 goes on waiting for it, under a debugger for ever.)
                continue


class Counter(io.TextIOBase):
    """Counts what is printed and keeps nothing, so that megabytes do no harm."""

    characters = 0

    def write(self, text):
        self.characters += len(text)
        return len(text)


def _wrong_signature(function, names) -> str:
    """Return why the function cannot be called with arguments of these names, in order."""
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return ""
    own = tuple(
        name
        for name, one in signature.parameters.items()
        if one.kind in (one.POSITIONAL_ONLY, one.POSITIONAL_OR_KEYWORD)
    )
    asked = ", ".join(names)
    try:
        signature.bind(*names)
    except TypeError:
        yours = ", ".join(str(one) for one in signature.parameters.values()) or "nothing"
        return f"It is called with ({asked}), but yours takes ({yours})."
    if set(own[: len(names)]) == set(names) and own[: len(names)] != names:
        return f"The order of the arguments is ({asked}), but yours takes ({', '.join(own)})."
    return ""


def _does_nothing(function) -> bool:
    """Whether the body is only a docstring, ``pass`` or ``...``."""
    code = getattr(function, "__code__", None)
    if code is None:
        return False
    idle = {"RESUME", "NOP", "LOAD_CONST", "RETURN_CONST", "RETURN_VALUE"}
    return all(step.opname in idle for step in dis.get_instructions(code))


def _plain(value, depth: int = 0):
    """Return the result as plain data: arrays are copied, iterators run, other things named."""
    if value is None or isinstance(value, bool | int | float | complex | str | np.generic):
        return value
    if isinstance(value, np.ndarray):
        if value.size > _LARGEST:
            return Other(f"an array of {value.size:,} entries")
        # A copy, since the learner may reuse one buffer for all answers.
        return np.array(value, subok=False)
    if depth > _DEEPEST:
        return Other("a list within a list within a list")
    if isinstance(value, dict):
        return {key: _plain(item, depth + 1) for key, item in value.items()}
    if isinstance(value, tuple):
        return tuple(_plain(item, depth + 1) for item in value)
    if isinstance(value, list | range | Iterator):
        return [_plain(item, depth + 1) for item in islice(value, _LONGEST)]
    if isinstance(value, type) or callable(value):
        return Other("a function" if not isinstance(value, type) else "a class")
    if hasattr(value, "__array__"):
        return np.array(value, subok=False)
    return Other(f"an object of type {type(value).__name__}")


def _has_bad_number(value) -> bool:
    if isinstance(value, dict):
        return any(map(_has_bad_number, value.values()))
    if isinstance(value, tuple | list):
        return any(map(_has_bad_number, value))
    if isinstance(value, np.ndarray | np.generic | float | complex):
        array = np.asarray(value)
        return array.dtype.kind in "fc" and not np.isfinite(array).all()
    return False


def _untouched(before, after) -> bool:
    """Whether nothing was written, found without making names: most arguments are untouched."""
    if type(after) is not type(before):
        return False
    if isinstance(before, np.ndarray):
        return before.shape == after.shape and before.tobytes() == after.tobytes()
    if isinstance(before, dict):
        return list(before) == list(after) and all(map(_untouched, before.values(), after.values()))
    if isinstance(before, list | tuple):
        return len(before) == len(after) and all(map(_untouched, before, after))
    return before == after if isinstance(before, bool | int | float | str) else False


def _changes(before, after, name: str) -> Iterator[str]:
    """Yield the names of the arrays, lists and dicts that are no longer what they were."""
    if not isinstance(before, np.ndarray | dict | list | tuple | bool | int | float | str):
        return
    if type(after) is not type(before):
        yield name
    elif isinstance(before, np.ndarray):
        if before.shape != after.shape or before.tobytes() != after.tobytes():
            yield name
    elif isinstance(before, dict):
        if list(before) != list(after):
            yield name
            return
        for key, item in before.items():
            yield from _changes(item, after[key], f"{name}[{quoted(key)}]")
    elif isinstance(before, list | tuple):
        if len(before) != len(after):
            yield name
            return
        for place, item in enumerate(before):
            yield from _changes(item, after[place], f"{name}[{place}]")
    elif before != after:
        yield name


def quoted(key) -> str:
    """Return a dict's key as a report writes it."""
    return f'"{key}"' if isinstance(key, str) else repr(key)


def _one_line(error: BaseException) -> str:
    if isinstance(error, SystemExit):
        return "your function ends Python by calling exit"
    try:
        text = str(error)
    except Exception:
        text = ""
    if isinstance(error, KeyError) and text:
        text = f"{text} is not a key"
    # Addresses differ from run to run, and reports are compared.
    text = re.sub(r"0x[0-9a-fA-F]+", "0x...", " ".join(text.split()))
    text = re.sub(r", with gufunc signature \S+", "", text)
    return text if len(text) <= 300 else text[:297] + "..."


def _library_folders() -> tuple[str, ...]:
    paths = sysconfig.get_paths()
    folders = {paths[key] for key in ("stdlib", "platstdlib", "purelib", "platlib")}
    folders |= {str(Path(np.__file__).parent), str(Path(__file__).parent)}
    return tuple(folders)


_LIBRARIES = _library_folders()


def _learners_line(error: BaseException) -> str:
    """Return the innermost line of the traceback that no library wrote."""
    for frame in reversed(traceback.extract_tb(error.__traceback__, limit=-50)):
        if not frame.filename.startswith(("<frozen", *_LIBRARIES)):
            return " ".join((frame.line or "").split())
    return ""
