"""The judge accepts every right answer, refuses every wrong one, and survives anything."""

import contextlib
import functools
import subprocess
import sys
import threading
import time
import types
from pathlib import Path

import numpy as np
import pytest

from backprop_course.grading import call
from backprop_course.grading import judge as judging
from backprop_course.grading.judge import judge
from backprop_course.grading.result import COULD_NOT_RUN, FAILED, NOT_ATTEMPTED, PASSED
from tests.grading import bank_for_tests as bank


def right_linear(dout, X, W):
    return dout @ W.T, X.T @ dout, dout.sum(axis=0)


def outcome(exercise, answer):
    return judge(exercise, answer).outcome


# Right answers in every form.


def by_loops(dout, X, W):
    (N, M), D = dout.shape, X.shape[1]
    dX = [[sum(dout[n, m] * W[d, m] for m in range(M)) for d in range(D)] for n in range(N)]
    dW = [[sum(X[n, d] * dout[n, m] for n in range(N)) for m in range(M)] for d in range(D)]
    db = [float(sum(dout[n, m] for n in range(N))) for m in range(M)]
    return dX, dW, tuple(db)


def in_place_on_a_copy(dout, X, W):
    dout = dout.copy()
    result = dout @ W.T, X.T @ dout, dout.sum(axis=0)
    dout *= 0
    return result


def with_prints(dout, X, W):
    print("dout", dout.shape)
    return right_linear(dout, X, W)


def with_more_arguments(dout, X, W, *, check=False, **more):
    return right_linear(dout, X, W)


class Callable:
    def __call__(self, dout, X, W):
        return right_linear(dout, X, W)


@pytest.mark.parametrize(
    "answer",
    [
        right_linear,
        by_loops,
        in_place_on_a_copy,
        with_prints,
        with_more_arguments,
        Callable(),
        functools.partial(right_linear),
        lambda *args: list(right_linear(*args)),
        lambda a, b, c: tuple(np.asfortranarray(x) for x in right_linear(a, b, c)),
        lambda dout, X, W: (
            np.einsum("nm,dm->nd", dout, W),
            np.dot(X.T, dout),
            np.asarray(np.ones(len(X)) @ dout),
        ),
    ],
)
@pytest.mark.parametrize("seed", range(3))
def test_right_answers_pass(answer, seed):
    result = judge(bank.linear, answer, seed)
    assert result.outcome == PASSED, str(result)
    assert (result.points, result.max_points, result.mistakes) == (4, 4, ())


def test_numbers_may_come_in_any_form():
    import math

    assert outcome(bank.scalar, lambda x, w: (w * math.exp(-x), -w * math.exp(-x))) == PASSED
    assert outcome(bank.scalar, lambda x, w: np.array([1, -1]) * w * np.exp(-x)) == PASSED


def test_tiny_right_values_count():
    # At x = 140 the right value is about 1e-61: zero is wrong there.
    def clipped(x, w):
        loss = w * np.exp(-x)
        return (loss, -loss) if x < 100 else (0.0, 0.0)

    result = judge(bank.scalar, clipped)
    assert result.outcome == FAILED
    assert "far out" in result.message


def test_rounding_is_forgiven():
    def noisy(dout, X, W):
        return tuple(x * (1 + 1e-12) + 1e-14 for x in right_linear(dout, X, W))

    assert outcome(bank.linear, noisy) == PASSED


def test_a_thousandth_is_not_forgiven():
    def off(dout, X, W):
        dX, dW, db = right_linear(dout, X, W)
        return dX, dW * (1 + 1e-3 * (np.arange(dW.size).reshape(dW.shape) == 1)), db

    result = judge(bank.linear, off)
    assert result.outcome == FAILED
    assert result.mistakes == ()
    assert "dX and db are right, so the fault lies in how dW is made." in result.message
    # Nothing is named, so the smallest failing case is shown.
    assert "With N=1, D=2, M=3 (one row): dW[0, 1]" in result.message


def test_structures_are_compared_by_name():
    def wrong(params, caches):
        grads = {name: 2 * value for name, value in params.items()}
        grads["b1"] = grads["b1"] + [0, 0, 1.0]
        return 1.5, grads, tuple(cache["Z"] + 1 for cache in caches)

    result = judge(bank.structures, wrong)
    assert 'grads["W1"]   (2, 3)   right' in result.message
    assert 'grads["b1"][2] is' in result.message
    assert "layers[1]" in result.message


@pytest.mark.parametrize(
    ("wrong", "rows"),
    [
        ("bq", ['  d["a"]   number   right', '  d["b"]   number   wrong',
                '  d["c"]   number   right', "  and 8 more, 1 of them wrong"]),
        ("abc", ['  d["a"]   number   wrong', '  d["b"]   number   wrong',
                 '  d["c"]   number   wrong', "  and 8 more, all right"]),
        ("pqrstuvw", [f'  d["{name}"]   number   wrong' for name in "pqrst"]
                     + ["  and 6 more, 3 of them wrong"]),
        ("abcpqrstuvw", [f'  d["{name}"]   number   wrong' for name in "abc"]
                        + ["  and 8 more, all wrong"]),
    ],
)  # fmt: skip
def test_many_parts_are_those_of_the_case_that_is_shown_and_the_rest_is_counted(wrong, rows):
    def answer(values):
        return {name: 2 * value + (name in wrong) for name, value in values.items()}

    lines = judge(bank.many, answer).message.split("\n")
    assert [line for line in lines if line.startswith("  ")] == rows


def test_no_rows_where_all_the_parts_are_right():
    def answer(values):
        result = bank.small_many(values)
        if len(values) > 3:
            values["p"] = 0.0
        return result

    assert "\n  11 results, all right\n" in judge(bank.many, answer).message


def test_a_thousand_keys_too_many_are_not_a_wall():
    def answer(values):
        return bank.small_many(values) | {f"{'key' * 50} {key}": 0.0 for key in range(1000)}

    message = judge(bank.many, answer).message
    assert len(message) < 1500 and "... and 980 more. Asked are a, b, c." in message


def test_an_error_that_is_called_like_one_of_ours_keeps_its_name():
    def answer(dout, X, W):
        raise type("FormulaError", (ValueError,), {})("mine")

    assert "FormulaError: mine" in judge(bank.linear, answer).message


@pytest.mark.parametrize(
    "change, mistake, words",
    [
        (lambda r: (r[0], {"W1": r[1]["W1"]}, r[2]), "wrong-keys", 'has no key "b1"'),
        (lambda r: (r[0], r[1] | {"Z": 1}, r[2]), "wrong-keys", "key too many: Z"),
        (lambda r: (r[0], r[1], r[2][:1]), "wrong-number-of-results", "list of 2 items"),
        (lambda r: (r[0], list(r[1].values()), r[2]), "wrong-type", "dict with the keys W1, b1"),
        (lambda r: (r[0], r[1], None), "returned-none", "layers is None"),
        (lambda r: ("1.5", r[1], r[2]), "wrong-type", "loss should be a number; yours is a text"),
        (lambda r: (len, r[1], r[2]), "wrong-type", "yours is a function"),
        (lambda r: r[:2], "wrong-number-of-results", "returns 2 things where 3 are asked for"),
    ],
)
def test_a_wrong_form_is_told(change, mistake, words):
    result = judge(
        bank.structures, lambda params, caches: change(bank.small_structures(params, caches))
    )
    assert result.outcome == FAILED
    assert result.mistakes == (mistake,)
    assert words in result.message


def test_observed_results():
    assert outcome(bank.order, lambda n, rng: list(range(n))) == PASSED
    assert outcome(bank.order, lambda n, rng: (i for i in reversed(range(n)))) == PASSED
    result = judge(bank.order, lambda n, rng: range(n - 1))
    assert result.outcome == FAILED
    assert "how many" in result.message
    assert judge(bank.order, lambda n, rng: 7).mistakes == ("wrong-type",)
    assert judge(bank.order, lambda n, rng: [n] and None).mistakes == ("returned-none",)


def test_generators_of_the_caller_are_handed_over_fresh():
    seen = []

    def remembers(n, rng):
        seen.append((n, rng.random()))
        return range(n)

    judge(bank.order, remembers)
    # The first case is called again at the end, with an equal generator.
    assert seen[0] == seen[-1]


def test_an_input_that_must_be_refused():
    assert outcome(bank.refusing, bank.small_refusing) == PASSED
    result = judge(bank.refusing, lambda x: 2 * x)
    assert (result.outcome, result.mistakes) == (FAILED, ("not-refused",))
    assert "(x holds integers) with TypeError; it returns something." in result.message

    def other(x):
        if x.dtype.kind != "f":
            raise ValueError("no")
        return 2 * x

    assert "it raises ValueError" in judge(bank.refusing, other).message


# dtypes.


def test_float32_goes_in_and_out():
    assert outcome(bank.single, np.tanh) == PASSED

    def by_exponentials(x):
        e = np.exp(2 * x)
        return (e - 1) / (e + 1)

    assert outcome(bank.single, by_exponentials) == PASSED
    # More digits than asked for are no mistake.
    assert outcome(bank.single, lambda x: np.tanh(x.astype(np.float64))) == PASSED


def test_digits_must_not_be_lost():
    result = judge(bank.single, lambda x: np.tanh(x.astype(np.float32)))
    assert (result.outcome, result.mistakes) == (FAILED, ("float32-result",))
    result = judge(bank.single, lambda x: np.tanh(x) + 0j)
    assert result.mistakes == ("complex-result",)


# Starters.


def starter(dout, X, W):
    """Return the gradients."""
    # Your code goes here.
    raise NotImplementedError("09.1 small_linear")


def passing(dout, X, W):
    """Return the gradients."""
    pass


def dots(dout, X, W): ...


@pytest.mark.parametrize("answer", [starter, passing, dots, lambda dout, X, W: None])
def test_starters_are_not_attempted(answer):
    result = judge(bank.linear, answer)
    assert (result.outcome, result.points, result.mistakes) == (NOT_ATTEMPTED, 0, ())
    assert str(result) == "not attempted: small_linear, 0 of 4 points"


def test_forgetting_to_return_is_an_attempt():
    def forgot(dout, X, W):
        X.T @ dout

    result = judge(bank.linear, forgot)
    assert (result.outcome, result.mistakes) == (FAILED, ("returned-none",))


# Functions that misbehave.


def crashing(dout, X, W):
    dX = dout @ W.T
    return dX, X.T @ dout, undefined_name  # noqa: F821


def test_a_crash_shows_the_learners_line():
    result = judge(bank.linear, crashing)
    assert result.outcome == COULD_NOT_RUN
    assert "NameError: name 'undefined_name' is not defined" in result.message
    assert "your line `return dX, X.T @ dout, undefined_name" in result.message
    assert "Traceback" not in result.message


def test_a_crash_is_named_if_it_is_listed():
    def not_transposed(dout, X, W):
        return dout @ W, X.T @ dout, dout.sum(axis=0)

    result = judge(bank.linear, not_transposed)
    assert result.outcome == COULD_NOT_RUN
    assert result.mistakes == ("weights-not-transposed",)
    assert "1 of 3 cases run" in result.message


def recursion(dout, X, W):
    return recursion(dout, X, W)


def leaving(dout, X, W):
    raise SystemExit(0)


class Strange(Exception):
    def __str__(self):
        raise RuntimeError("no text either")


def strange(dout, X, W):
    raise Strange


def liar(dout, X, W):
    class Anything:
        def __eq__(self, other):
            return True

        def __array__(self, dtype=None, copy=None):
            raise RuntimeError("no array")

    return Anything(), Anything(), Anything()


def endless_list(dout, X, W):
    inside = []
    inside.append(inside)
    return inside, inside, inside


@pytest.mark.parametrize(
    "answer, expected",
    [
        (recursion, COULD_NOT_RUN),
        (leaving, COULD_NOT_RUN),
        (strange, COULD_NOT_RUN),
        (liar, COULD_NOT_RUN),
        (endless_list, FAILED),
        (types.SimpleNamespace, COULD_NOT_RUN),
        (dict, COULD_NOT_RUN),
        (lambda dout, X: None, COULD_NOT_RUN),
        (lambda *, dout, X, W: None, COULD_NOT_RUN),
        (lambda dout, X, W: 1 / 0, COULD_NOT_RUN),
        (lambda dout, X, W: "dX, dW, db", FAILED),
        (lambda dout, X, W: {1, 2, 3}, FAILED),
        (lambda dout, X, W: [[1, 2], [3]], FAILED),
        (lambda dout, X, W: ([[1, 2], [3]], "a", None), FAILED),
        (lambda dout, X, W: (np.array([object()]), np.array(["a"]), {}), FAILED),
        (lambda dout, X, W: (np.empty(0), np.empty((0, 3)), np.nan), FAILED),
    ],
)
def test_nothing_escapes(answer, expected):
    result = judge(bank.linear, answer)
    assert result.outcome == expected, str(result)
    assert result.points == 0
    assert "broken" not in result.message
    assert str(result) and result._repr_html_()


def test_only_an_interrupt_by_the_learner_escapes():
    def interrupted(dout, X, W):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        judge(bank.linear, interrupted)


def test_arguments_in_another_order_are_told():
    result = judge(bank.linear, lambda X, dout, W: None)
    assert (result.outcome, result.mistakes) == (COULD_NOT_RUN, ("wrong-arguments",))
    assert "(dout, X, W), but yours takes (X, dout, W)" in result.message


def test_a_case_may_leave_out_an_argument_with_a_default():
    def other_default(dout, Z, slope=0.1):
        return bank.small_slope(dout, Z, slope)

    assert outcome(bank.slope, bank.small_slope) == PASSED
    assert outcome(bank.slope, other_default) == FAILED
    result = judge(bank.slope, lambda dout, Z: dout)
    assert "called with (dout, Z, slope), but yours takes (dout, Z)" in result.message


def test_too_few_arguments_are_told():
    result = judge(bank.linear, lambda X, W: None)
    assert "It is called with (dout, X, W), but yours takes (X, W)." in result.message


@pytest.mark.skipif(not hasattr(call.signal, "setitimer"), reason="no timer on this system")
@pytest.mark.parametrize("swallow", [(), Exception])
def test_an_endless_loop_is_stopped(monkeypatch, swallow):
    monkeypatch.setattr(call, "TIME_LIMIT", 0.2)

    def endless(dout, X, W):
        while True:
            try:
                time.sleep(0.01)
            except swallow:
                pass

    begin = time.perf_counter()
    result = judge(bank.linear, endless)
    assert time.perf_counter() - begin < 2
    assert (result.outcome, result.mistakes) == (COULD_NOT_RUN, ("time-limit",))
    assert "Does a loop never end?" in result.message


@pytest.mark.parametrize("swallow", [(), Exception])
def test_an_endless_loop_is_stopped_in_any_thread(monkeypatch, swallow):
    monkeypatch.setattr(call, "TIME_LIMIT", 0.2)

    def endless(dout, X, W):
        while True:
            try:
                sum(range(1000))
            except swallow:
                pass

    results = []
    thread = threading.Thread(
        target=lambda: results.extend(judge(bank.linear, one) for one in (endless, right_linear))
    )
    begin = time.perf_counter()
    thread.start()
    thread.join()
    assert time.perf_counter() - begin < 3
    assert results[0].mistakes == ("time-limit",)
    # Nothing that was asked for too late comes after all.
    assert results[1].outcome == PASSED


def test_a_limit_asks_for_nothing_when_it_is_over():
    late = []

    def hurry():
        for rounds in range(300):
            with contextlib.suppress(call.TimeUp), call.time_limit(1e-4):
                sum(range(10 * rounds))
        try:
            for _ in range(10_000):
                pass
        except call.TimeUp as error:
            late.append(error)

    threads = threading.active_count()
    thread = threading.Thread(target=hurry)
    thread.start()
    thread.join()
    assert not late
    assert threading.active_count() == threads


def test_a_debugger_steps_on_after_a_limit():
    # Python 3.11 steps no more where a request was taken back that had not come.
    code = (
        "import sys, threading\n"
        "from backprop_course.grading import call\n"
        "def check():\n"
        "    with call.time_limit(5):\n"
        "        pass\n"
        "thread = threading.Thread(target=check)\n"
        "thread.start()\n"
        "thread.join()\n"
        "def trace(frame, event, argument):\n"
        "    return trace\n"
        "sys.settrace(trace)\n"
        "print(max(range(3), key=lambda x: x))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr) == ("2\n", "")


def test_a_huge_result_is_not_copied():
    def huge(dout, X, W):
        return np.broadcast_to(0.0, (10**6, 10**6)), X.T @ dout, dout.sum(axis=0)

    result = judge(bank.linear, huge)
    assert (result.outcome, result.mistakes) == (FAILED, ("wrong-type",))
    assert "yours is an array of 1,000,000,000,000 entries" in " ".join(str(result).split())


def test_megabytes_of_print_do_no_harm(capsys):
    def chatty(dout, X, W):
        for _ in range(100):
            print("x" * 50_000)
        return right_linear(dout, X, W)

    result = judge(bank.linear, chatty)
    assert result.outcome == PASSED
    assert "printed 20,000,400 characters" in result.message
    assert capsys.readouterr().out == ""


def test_long_printing_is_mentioned_and_left_out(capsys):
    def chatty(dout, X, W):
        print("x" * 1000)
        return right_linear(dout, X, W)

    result = judge(bank.linear, chatty)
    assert result.outcome == PASSED
    assert "printed 4,004 characters" in result.message
    assert capsys.readouterr().out == ""


def test_writing_into_an_input_is_a_mistake():
    def careless(dout, X, W):
        result = right_linear(dout, X, W)
        dout *= 0
        return result

    result = judge(bank.linear, careless)
    assert (result.outcome, result.mistakes) == (FAILED, ("input-modified",))
    assert "writes into dout" in result.message


def test_writing_into_a_dict_of_arrays_is_named_by_its_key():
    def careless(params, caches):
        result = bank.small_structures(params, caches)
        params["W1"] += 1
        caches[1]["Z"] = 0
        return result

    result = judge(bank.structures, careless)
    assert 'writes into params["W1"] and caches[1]["Z"]' in result.message


def test_a_result_that_changes_from_call_to_call():
    total = []

    def accumulates(dout, X, W):
        total.append(1)
        dX, dW, db = right_linear(dout, X, W)
        # Right in each case, wrong when the first case comes again.
        return dX, dW, db * max(1, len(total) - 2)

    result = judge(bank.linear, accumulates)
    assert (result.outcome, result.mistakes) == (FAILED, ("changes-between-calls",))


def test_random_answers_change_from_call_to_call():
    result = judge(
        bank.linear,
        lambda dout, X, W: tuple(
            x + np.random.default_rng().normal() for x in right_linear(dout, X, W)
        ),
    )
    assert result.mistakes == ("changes-between-calls",)


def test_one_buffer_for_all_answers_does_no_harm():
    buffer = np.empty(100)

    def reuses(dout, X, W):
        dX, dW, db = right_linear(dout, X, W)
        buffer[: dW.size] = dW.ravel()
        return dX, buffer[: dW.size].reshape(dW.shape), db

    assert outcome(bank.linear, reuses) == PASSED


def test_a_broken_exercise_is_not_the_learners_fault():
    result = judge(bank.broken, lambda x: x)
    assert result.outcome == COULD_NOT_RUN
    assert "This is not your fault" in result.message


def test_the_learners_side_knows_no_answers():
    """`collect` gets arguments and gives plain values; another process may run it."""
    cases = judging.draw(bank.linear, seed=0)
    calls = judging.calls(cases)
    assert [len(args) for args in calls] == [3] * 4
    replies = call.collect(right_linear, calls, ("dout", "X", "W"))
    assert all(isinstance(part, np.ndarray) for reply in replies for part in reply.value)
    assert judging.assess(bank.linear, cases, replies).outcome == PASSED
    source = Path(call.__file__).read_text(encoding="utf-8")
    assert "from backprop_course" not in source


def test_a_check_takes_little_time():
    judge(bank.linear, right_linear)
    begin = time.process_time()
    for seed in range(10):
        judge(bank.linear, bank.bias_averaged, seed)
    assert (time.process_time() - begin) / 10 < 0.05


def test_an_answer_that_stopped_half_way_spoils_nothing_for_the_next():
    exercise = bank.linear
    cases, names = judging.draw(exercise, 0), judging.argument_names(exercise)

    def transposed(dout, X, W):
        return dout @ W.T, dout.T @ X, dout.sum(axis=0)

    replies = call.collect(transposed, judging.calls(cases), names)
    ended = [call.Reply(crash=call.Crash(("Killed",), "Python ended."))]
    memory = {}
    judging.assess(exercise, cases, ended, memory)
    after = judging.assess(exercise, cases, replies, memory)
    assert after == judging.assess(exercise, cases, replies)
