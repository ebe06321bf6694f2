"""The learner's side: tasks come in, the learner's functions are called, plain values go out.

This runs in the process that holds the learner's code, so nothing here is a secret, and nothing
that it sends is trusted: `replies.py` checks it on the other side.
"""

import builtins
import contextlib
import functools
import importlib.abc
import importlib.machinery
import linecache
import os
import signal
import sys
import threading
import types

import numpy as np

from backprop_course.grading import call
from backprop_course.grading.call import Crash, Reply
from backprop_course.grading.sandbox import wire

_CHUNK = 65_536
_MOST_NAMES = 10_000  # of arguments that were written into; more are left out
_SPARE = 1 << 20  # bytes of a message besides the value
_MOST_KINDS = 100
_NOT_HERE = (
    "In class grading your file stands alone: it may import NumPy, SciPy and the standard library, "
    "and not "
)
_IDLE = ("check", "check_answer", "check_formula", "hint", "progress")
_PICTURES = ("matplotlib", "ipywidgets", "IPython")  # imported in notebooks, never worth a mark


class Pipe:
    """Both ends of the way to the grader, read and written in whole messages."""

    def __init__(self, reads: int, writes: int):
        self.reads = reads
        self.writes = writes
        self._rest = bytearray()

    def send(self, kind: bytes, data: bytes = b"") -> None:
        rest = memoryview(wire.HEAD.pack(kind, len(data)) + data)
        while rest:
            rest = rest[os.write(self.writes, rest) :]

    def receive(self) -> tuple[bytes, bytes]:
        """Return the next message; its kind is empty when the grader is gone."""
        head = self._read(wire.HEAD.size)
        if not head:
            return b"", b""
        kind, length = wire.HEAD.unpack(head)
        return kind, self._read(length)

    def _read(self, count) -> bytes:
        while len(self._rest) < count:
            part = os.read(self.reads, max(count - len(self._rest), _CHUNK))
            if not part:
                return b""
            self._rest += part
        data = bytes(self._rest[:count])
        del self._rest[:count]
        return data


class Asked:
    """Stands for a function that the grader keeps: a call here is answered there."""

    __slots__ = ("_ask", "_place")

    def __init__(self, ask, place: int):
        self._ask = ask
        self._place = place

    def __call__(self, *args):
        return self._ask(self._place, args)

    def __copy__(self):
        return self

    def __deepcopy__(self, memory):
        return self

    def __repr__(self):
        return "<function f>"


def run(pipe: Pipe) -> None:
    """Answer tasks until the grader hangs up; `furnish` comes first."""
    asker = _Asker(pipe)
    pipe.send(wire.READY)
    while True:
        kind, data = pipe.receive()
        if kind == wire.TASK:
            _run_task(pipe, asker, data)
        elif not kind:
            return


def _run_task(pipe, asker, data):
    number, code, function, names, calls, seconds, largest = wire.unpack(
        data, lambda place: Asked(asker.ask, place)
    )
    asker.largest = largest
    value, crash = _defined(code, function, seconds)
    if crash is None:
        pipe.send(wire.DEFINED, wire.pack(number, largest))
        replies = _replies(value, calls, names, seconds)
    else:
        replies = [Reply(crash=crash)]
    for place, reply in enumerate(replies):
        pipe.send(wire.REPLY, _packed((number, place), reply, largest))
    pipe.send(wire.DONE, wire.pack(number, largest))


def _replies(function, calls, names, seconds):
    """Yield the replies of one task, and whatever stops them as the last one."""
    try:
        yield from call.replies(function, calls, names, seconds)
    except BaseException as error:
        # KeyboardInterrupt, which `ask` lets pass, and what was raised while an error was read.
        yield Reply(crash=_crash(error))


def _defined(code, name, seconds):
    """Run the learner's code and return the function of that name, or why there is none."""
    module = types.ModuleType("__main__")
    sys.modules["__main__"] = module
    file = f"<{name}>"
    linecache.cache[file] = (len(code), None, code.splitlines(keepends=True), file)
    output = call.Counter()
    try:
        with (
            call.time_limit(seconds),
            contextlib.redirect_stdout(output),
            contextlib.redirect_stderr(output),
        ):
            exec(compile(code, file, "exec"), module.__dict__)
        return module.__dict__[name], None
    except BaseException as error:
        if isinstance(error, KeyError) and name not in module.__dict__:
            error = NameError(f"{name} is not defined")
        return None, _crash(error)


def _crash(error):
    try:
        return call.crash_of(error)
    except BaseException:
        return Crash(("Exception",), "an error that cannot be read")


def _packed(place, reply, largest):
    body = (
        reply.changed[:_MOST_NAMES],
        reply.printed,
        _plain(reply.crash),
        _plain(reply.first_bad),
    )
    try:
        return wire.pack((*place, reply.value, *body), largest - _SPARE)
    except wire.TooLarge:
        return wire.pack((*place, call.Other("more than fits into an answer"), *body), largest)


def _plain(crash):
    return None if crash is None else (crash.kinds[:_MOST_KINDS], crash.text, crash.line)


class _Asker:
    """Sends the calls of functions that the grader keeps, and waits for what they give."""

    def __init__(self, pipe):
        self.pipe = pipe
        self.largest = 0
        self.lock = threading.Lock()
        # A time limit that rang between the two halves of an exchange would tear it apart.
        self.quiet = {signal.SIGALRM} if hasattr(signal, "pthread_sigmask") else None

    def ask(self, place, args):
        data = wire.pack((place, args), self.largest)
        with self.lock, self._undisturbed():
            self.pipe.send(wire.QUESTION, data)
            _, data = self.pipe.receive()
        kind, *rest = wire.unpack(data)
        if kind == "value":
            return rest[0]
        if kind == "view":
            return _view(args, *rest)
        error = getattr(builtins, rest[0], None)
        known = isinstance(error, type) and issubclass(error, Exception)
        raise (error if known else RuntimeError)(rest[1])

    @contextlib.contextmanager
    def _undisturbed(self):
        if self.quiet is None:
            yield
            return
        before = signal.pthread_sigmask(signal.SIG_BLOCK, self.quiet)
        try:
            yield
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _view(args, position, start, shape, strides, value):
    """Return a part of an argument as a view of it, as the grader's function did."""
    whole = args[position]
    if not whole.flags.c_contiguous:
        return value
    return np.ndarray(shape, whole.dtype, whole, start, strides)


_REHEARSAL = """
import numpy as np

def rehearse(X, W, b):
    \"""Do what learners' code does.\"""
    if X.shape[1] != W.shape[0]:
        raise ValueError("shapes")
    out = np.maximum(X @ W + b, 0) * np.exp(-X).sum(axis=1, keepdims=True)
    return out.T, {"b": b.mean()}, [float(out.max()), len(X)]
"""


class _Stage:
    """A pipe for rehearsals: it has a few tasks to give, and forgets what is said."""

    def __init__(self, tasks):
        self.tasks = iter(tasks)

    def send(self, kind, data=b""):
        pass

    def receive(self):
        return next(self.tasks, (b"", b""))


def rehearse(times: int = 20) -> None:
    """Run a task as it will be run in children, so that they find all paths well trodden."""
    X, W, b = np.ones((3, 2)), np.ones((2, 4)), np.ones(4)
    calls = [(X, W, b), (W, X, b), (X, W, b)]
    task = (0, _REHEARSAL, "rehearse", ("X", "W", "b"), calls, 2.0, 1 << 20)
    data = wire.pack(task, 1 << 20, [])
    run(_Stage([(wire.TASK, data)] * times))


# The room that the learner's code finds itself in ------------------------------------------------


def furnish() -> None:
    """Keep the course and its answers away from imports, and leave the usual lines harmless."""
    for name in [name for name in sys.modules if name.split(".")[0] == "backprop_course"]:
        del sys.modules[name]
    course = types.ModuleType("backprop_course")
    course.__path__ = []
    for name in _IDLE:
        setattr(course, name, _do_nothing)
    course.__getattr__ = functools.partial(_refuse, "backprop_course.")
    sys.modules["backprop_course"] = course
    sys.meta_path.insert(0, _Doorkeeper())
    builtins.exit = builtins.quit = sys.exit
    builtins.input = _refuse_input


def _do_nothing(*args, **settings):
    return None


def _refuse(before, name):
    if name.startswith("__"):
        raise AttributeError(name)
    raise ImportError(f"{_NOT_HERE}{before}{name}.")


def _refuse_input(prompt=""):
    raise EOFError("nobody is there to answer an input")


class _Doorkeeper(importlib.abc.MetaPathFinder):
    """Answers first when something is imported that is not loaded yet."""

    def find_spec(self, fullname, path=None, target=None):
        first = fullname.split(".")[0]
        if first in _PICTURES:
            return importlib.machinery.ModuleSpec(fullname, _Blank(), is_package=True)
        if first in sys.stdlib_module_names or first in ("numpy", "scipy"):
            return None
        raise ModuleNotFoundError(f"{_NOT_HERE}{fullname}.", name=fullname)


class _Blank(importlib.abc.Loader):
    """Loads modules for pictures as modules that draw nothing."""

    def create_module(self, spec):
        return _Nothing(spec.name)

    def exec_module(self, module):
        pass


class _Nothing(types.ModuleType):
    """Whatever is asked of it or done with it is itself again."""

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __call__(self, *args, **settings):
        # A decorator leaves its function as it was.
        return args[0] if len(args) == 1 and isinstance(args[0], types.FunctionType) else self

    def __iter__(self):
        return iter((self, self))

    def __getitem__(self, key):
        return self

    def __enter__(self):
        return self

    def __exit__(self, *what):
        return None
