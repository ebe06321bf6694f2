"""What a teacher may rely on: who pays for what, how long it takes, and what comes back."""

import time

import numpy as np
import pytest

from backprop_course.grading.call import Other
from backprop_course.grading.sandbox import Layers, Limits, Sandbox, SandboxError, Task

QUICK = Limits(seconds=0.3, wall=6.0, memory=300 << 20)


@pytest.fixture(scope="module", params=["server", "spawned"])
def box(request):
    layers = Layers() if request.param == "server" else Layers().without("server")
    with Sandbox(QUICK, layers) as box:
        if request.param == "server" and not box.layers.server:
            pytest.skip("this host has no fork server")
        yield box


def ask(box, code, *calls, names=("x",), function="f"):
    return box.run([Task("f", code, function, list(calls) or [(1,)], names)])[0]


def value(box, code, *args, names=("x",)):
    (reply,) = ask(box, code, args, names=names)
    assert reply.crash is None, reply.crash
    return reply.value


def kind(replies):
    return replies[-1].crash.kinds[0]


def test_values_go_there_and_back(box):
    X, W = np.arange(6.0).reshape(2, 3), np.ones((3, 4))
    code = "def f(X, W):\n    return X @ W, {'db': X.sum(axis=0)}, [len(X), None, 'word']"
    out, grads, rest = value(box, code, X, W, names=("X", "W"))
    assert (out == X @ W).all() and (grads["db"] == X.sum(axis=0)).all()
    assert rest == [2, None, "word"]


def test_the_dtype_and_the_kind_of_number_stay(box):
    code = "def f(x):\n    return x.astype('f4'), x[0], 2, True"
    array, scalar, number, truth = value(box, code, np.ones(3))
    assert array.dtype == np.float32 and type(scalar) is np.float64
    assert type(number) is int and truth is True


def test_what_was_written_into_and_printed_is_told(box):
    code = "def f(x, p):\n    x += 1\n    p['W'][0] = 5\n    print('hello')\n    return x"
    args = (np.zeros(2), {"W": np.zeros(2)})
    (reply,) = ask(box, code, args, names=("x", "p"))
    assert reply.changed == ("x", 'p["W"]') and reply.printed == 6


def test_an_error_comes_with_its_line(box):
    code = "def g(x):\n    return x['a']\n\ndef f(x):\n    return g({})"
    (reply,) = ask(box, code)
    assert reply.crash.kinds[:2] == ("KeyError", "LookupError")
    assert reply.crash.line == "return x['a']"


@pytest.mark.parametrize(
    ("code", "first", "text"),
    [
        ("def f(x) return", "SyntaxError", "expected ':'"),
        ("1 / 0", "ZeroDivisionError", "division by zero"),
        ("def g(x):\n    pass", "NameError", "f is not defined"),
        ("f = 5", "TypeError", "not callable"),
        ("def f(x, y):\n    return x", "Signature", "yours takes (x, y)"),
        ("def f(x):\n    pass", "NotImplementedError", ""),
        ("def f(x):\n    raise NotImplementedError('write me')", "NotImplementedError", "write me"),
        ("import sys\nsys.exit()", "SystemExit", "exit"),
        ("exit()", "SystemExit", "exit"),
        ("x = input('?')", "EOFError", "nobody"),
        ("import torch", "ModuleNotFoundError", "not torch"),
        ("from backprop_course.layers import relu_forward", "ModuleNotFoundError", "stands alone"),
        ("from backprop_course import layers", "ImportError", "backprop_course.layers"),
        ("import backprop_course.exercises.bank", "ModuleNotFoundError", "stands alone"),
    ],
)
def test_code_that_does_not_work_says_why(box, code, first, text):
    replies = ask(box, code)
    assert len(replies) == 1 and kind(replies) == first
    assert text in replies[0].crash.text


@pytest.mark.parametrize(
    "line",
    [
        "from backprop_course import check, check_answer, check_formula, hint, progress",
        "from backprop_course import check\ncheck(print)",
        "import backprop_course",
        "import matplotlib.pyplot as plt\nfig, ax = plt.subplots()\nax.plot([1]).set_color('r')",
        "from IPython.display import display, HTML\ndisplay(HTML('x'))",
        "import ipywidgets as widgets\nwidgets.interact(lambda x: x, x=(1, 5))",
        "import math, json, random, tempfile, dataclasses, functools, itertools, typing",
        "%s",
    ],
)
def test_lines_left_over_from_a_notebook_do_no_harm(box, line):
    line = "import numpy.testing, numpy.lib.stride_tricks" if line == "%s" else line
    assert value(box, f"{line}\ndef f(x):\n    return x + 1", 1) == 2


def test_scipy_may_be_used(box):
    slow = Sandbox(Limits(seconds=60, wall=90), box.layers)
    with slow:
        code = "from scipy.special import erf\ndef f(x):\n    return erf(x)"
        assert value(slow, code, 0.0) == 0.0
        code = "import scipy.linalg\ndef f(x):\n    return scipy.linalg.norm(x)"
        assert value(slow, code, np.array([3.0, 4.0])) == pytest.approx(5.0)


def test_a_dataclass_and_a_main_guard_work(box):
    code = (
        "from dataclasses import dataclass\n"
        "@dataclass\nclass P:\n    x: int\n"
        "done = __name__ == '__main__'\n"
        "def f(x):\n    return P(x).x, done"
    )
    assert value(box, code, 3) == (3, True)


# Functions and generators as arguments -----------------------------------------------------------


def test_a_function_is_asked_where_it_is(box):
    seen = []

    def square(x):
        seen.append(x)
        return np.sum(x**2)

    code = "def f(g, x):\n    return [g(x), g(x + 1j).imag, g(2)]"
    got = value(box, code, square, np.array([1.0, 2.0]), names=("g", "x"))
    assert got == [5.0, 6.0, 4] and len(seen) == 3


def test_a_function_s_error_arrives_as_its_kind(box):
    wanted = (2,)

    def picky(x):
        raise ValueError(f"shape {wanted} is wanted")

    code = (
        "def f(g):\n    try:\n        g(1)\n    except ValueError as error:\n"
        "        return str(error)"
    )
    assert value(box, code, picky, names=("g",)) == "shape (2,) is wanted"
    (reply,) = ask(box, "def f(g):\n    return g(1)", (picky,), names=("g",))
    assert reply.crash.kinds[0] == "ValueError" and reply.crash.line == "return g(1)"


def test_a_plain_function_goes_along(box):
    def picky(x):
        if np.ndim(x) != 1:
            raise ValueError("one axis is wanted")
        return sum([one**2 for one in x])

    code = "def f(g, x):\n    return g(x)"
    assert value(box, code, picky, np.array([1.0, 2.0]), names=("g", "x")) == 5.0
    # The line is the learner's own, not one of the function.
    (reply,) = ask(box, "def f(g):\n    return g(1)", (picky,), names=("g",))
    assert reply.crash.kinds[0] == "ValueError" and reply.crash.line == "return g(1)"
    (reply,) = ask(box, "def f(g):\n    return g([None])", (picky,), names=("g",))
    assert reply.crash.kinds[0] == "TypeError" and reply.crash.line == "return g([None])"


def test_a_view_of_an_argument_stays_one(box):
    code = "def f(g, x):\n    y = g(x)\n    x[1] = 9.0\n    return y"
    x, one = np.arange(3.0), 1
    for second in (lambda x: x[1, ...], lambda x: x[one, ...]):
        assert value(box, code, second, x, names=("g", "x")) == 9.0
    for second in (lambda x: x[1] + 0, lambda x: x[one] + 0):
        assert value(box, code, second, x, names=("g", "x")) == 1.0
    for turn in (lambda x: x[::-1], lambda x: x[::-one]):
        assert value(box, code, turn, x, names=("g", "x")).tolist() == [2.0, 9.0, 0.0]


def test_a_function_that_needs_more_shows_nothing_of_itself(box):
    def growth(x):
        return kept or x

    kept = []
    code = (
        "def f(g):\n"
        "    words = '__code__ __globals__ __closure__ __defaults__ __wrapped__ __module__'\n"
        "    return [getattr(g, w, None) for w in words.split()][:5], repr(g)"
    )
    assert value(box, code, growth, names=("g",)) == ([None] * 5, "<function f>")


@pytest.mark.parametrize(
    "code",
    [
        "def f(g):\n    while True:\n        g(1.0)",
        "def f(g):\n    return g([[[]]] * 10)",
        "def f(g):\n    import numpy as np\n    return g(np.zeros(100_000))",
        "def f(g):\n    return g('text')",
    ],
    ids=["endless", "empty lists", "large", "text"],
)
def test_a_function_cannot_be_made_to_work_for_ever(box, code):
    began = time.monotonic()
    total = np.sum
    replies = ask(box, code, (lambda x: total(x),), names=("g",))
    assert time.monotonic() - began < 3
    assert replies[-1].crash is None or kind(replies) in ("TimeUp", "Tampered")


def test_questions_are_counted():
    with Sandbox(Limits(questions=5)) as box:
        code = "def f(g):\n    return [g(1.0) for _ in range({})]"
        assert len(value(box, code.format(5), abs, names=("g",))) == 5
        assert kind(ask(box, code.format(6), (abs,), names=("g",))) == "Tampered"


def test_a_generator_is_an_equal_copy(box):
    code = "def f(rng):\n    return rng.normal(size=3)"
    rng = np.random.default_rng(5)
    first = value(box, code, rng, names=("rng",))
    assert (first == value(box, code, rng, names=("rng",))).all()
    assert (first == np.random.default_rng(5).normal(size=3)).all()


# Who pays for what -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "first"),
    [
        ("import os\ndef f(x):\n    os._exit(3)", "Killed"),
        ("import ctypes\ndef f(x):\n    ctypes.string_at(0)", "Killed"),
        ("def f(x):\n    while True:\n        pass", "TimeUp"),
        ("def f(x):\n    sum(range(10**13))", "TimeUp"),
        ("def f(x):\n    import numpy as np\n    return np.ones(10**9)", "MemoryError"),
        ("def f(x):\n    return [0] * 10**10", "MemoryError"),
    ],
)
def test_a_kill_costs_the_question_it_happened_in(box, code, first):
    good = "def f(x):\n    return x + 1"
    tasks = [Task("f", text, "f", [(1,), (2,)], ("x",)) for text in (good, code, good)]
    before, bad, after = box.run(tasks)
    assert [reply.value for reply in (*before, *after)] == [2, 3, 2, 3]
    assert kind(bad) == first and (bad[-1].crash.text or first == "MemoryError")


def test_the_calls_before_a_kill_count(box):
    code = "import os\ndef f(x):\n    return os._exit(0) if x == 3 else x"
    replies = ask(box, code, (1,), (2,), (3,), (4,))
    assert [reply.value for reply in replies[:2]] == [1, 2]
    assert len(replies) == 3 and kind(replies) == "Killed"


def test_a_question_does_not_see_the_one_before(box):
    tasks = [
        Task("f", "secret = 5\ndef f(x):\n    return secret", "f", [(1,)], ("x",)),
        Task("f", "def f(x):\n    return 'secret' in globals()", "f", [(1,)], ("x",)),
    ]
    assert [replies[0].value for replies in box.run(tasks)] == [5, False]


def test_a_submission_does_not_see_the_one_before(box):
    code = (
        "import builtins, numpy as np\ndef f(x):\n    seen = hasattr(builtins, 'mark')\n"
        "    builtins.mark = 1\n    np.dot = None\n    return seen, np.dot is None"
    )
    assert [value(box, code, 1) for _ in range(2)] == [(False, True)] * 2


@pytest.mark.parametrize(
    "code", ["while True:\n    pass", "sum(range(10**13))"], ids=["soft", "hard"]
)
def test_a_hang_at_the_top_is_charged_once(box, code):
    began = time.monotonic()
    replies = box.run([Task("f", code, "f", [(1,)], ("x",))] * 6)
    assert [kind(one) for one in replies] == ["TimeUp"] * 6
    assert time.monotonic() - began < 3


def test_a_submission_has_only_so_much_time():
    with Sandbox(Limits(seconds=0.3, wall=1.0)) as box:
        codes = [f"# {n}\ndef f(x):\n    while True:\n        pass" for n in range(20)]
        began = time.monotonic()
        replies = box.run([Task("f", code, "f", [(1,)], ("x",)) for code in codes])
        assert time.monotonic() - began < 3
        assert [kind(one) for one in replies] == ["TimeUp"] * 20
        assert "used up" in replies[-1][0].crash.text


def test_an_answer_has_only_so_much_room():
    with Sandbox(Limits(answer=2 << 20, answers=5 << 20)) as box:
        code = "import numpy as np\ndef f(x):\n    return np.zeros(x)"
        fine, large = ask(box, code, (100_000,), (400_000,))
        assert fine.value.size == 100_000
        assert large.value == Other("more than fits into an answer")
        many = ask(box, code, *[(120_000,)] * 8)
        assert kind(many) == "Tampered" and len(many) == 6


def test_text_in_reports_is_harmless(box):
    code = "def f(x):\n    raise type('\\x1b[2J', (Exception,), {})('\\x1b[31m\\u202e' * 1000)"
    crash = ask(box, code)[0].crash
    assert crash.kinds[0] == "?[2J" and crash.text.isprintable() and len(crash.text) <= 300


def test_no_tasks_no_replies(box):
    assert box.run([]) == []


def test_it_must_be_open():
    with pytest.raises(SandboxError, match="not open"):
        Sandbox().run([])
