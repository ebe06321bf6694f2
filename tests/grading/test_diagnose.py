"""A wrong answer is called by its name, two mistakes by two names, and nothing by a wrong one."""

import copy

import numpy as np
import pytest

from backprop_course.exercises.record import Case
from backprop_course.grading.diagnose import fill_in
from backprop_course.grading.judge import judge
from backprop_course.grading.result import FAILED
from tests.grading import bank_for_tests as bank


def mistakes(answer, exercise=bank.linear, seeds=range(5)):
    """Return the mistakes that are named, which must be the same for every seed."""
    named = {judge(exercise, answer, seed).mistakes for seed in seeds}
    assert len(named) == 1, named
    return named.pop()


@pytest.mark.parametrize("wrong", bank.linear.wrong_answers, ids=lambda wrong: wrong.mistake)
def test_a_listed_wrong_answer_has_its_own_message(wrong):
    for seed in range(5):
        result = judge(bank.linear, wrong.answer, seed)
        assert result.mistakes == (wrong.mistake,)
        assert wrong.message.replace("{N}", "5") in result.message


def test_two_listed_mistakes_are_both_named():
    def both(dout, X, W):
        return dout @ W, X.T @ dout, dout.mean(axis=0)

    def both_without_crash(dout, X, W):
        return dout @ W.T, X.T @ X, dout.mean(axis=0)

    assert mistakes(both) == ("weights-not-transposed",)
    assert mistakes(both_without_crash) == ("bias-averaged", "input-for-dout")


def test_a_listed_and_an_unlisted_mistake_are_both_named():
    def answer(dout, X, W):
        return -dout @ W.T, X.T @ dout, dout.mean(axis=0)

    result = judge(bank.linear, answer)
    assert result.mistakes == ("bias-averaged", "sign")
    assert "Your dX has the wrong sign everywhere" in result.message


def test_arrays_with_the_same_mistake_share_a_sentence():
    def answer(dout, X, W):
        return len(X) * dout @ W.T, len(X) * X.T @ dout, dout.sum(axis=0)

    result = judge(bank.linear, answer)
    assert result.mistakes == ("factor-batch-size",)
    assert "Your dX and dW are exactly 5 times too large" in result.message


def test_one_over_n_forgotten_and_bias_averaged_are_both_named():
    # The solution divides by N; the answer does not, and averages db over the rows instead of
    # adding them: then only the other two are off, and both facts are true of them.
    def answer(dout, X, W):
        return 7.0 * dout @ W.T, X.T @ dout * len(X), dout.mean(axis=0)

    result = judge(bank.linear, answer)
    assert result.mistakes == ("bias-averaged", "constant-factor", "factor-batch-size")


def test_a_part_of_a_listed_mistake_is_told_of_that_array_alone():
    def answer(dout, X, W):
        return dout @ W.T, X.T @ X, dout.sum(axis=0) + np.sin(dout[0])

    result = judge(bank.linear, answer)
    assert result.mistakes == ("input-for-dout",)
    assert "dW: You used X where dout belongs." in result.message
    assert "dX is right, so the fault lies in how db is made." in result.message


def test_a_part_that_two_listed_mistakes_share_names_neither():
    exercise = copy.deepcopy(bank.linear)

    @exercise.wrong("one", "One mistake that bends dW.")
    def one(dout, X, W):
        return dout @ W.T, np.arctan(X.T @ dout), np.sin(dout[0])

    def answer(dout, X, W):
        return dout @ W.T, np.arctan(X.T @ dout), np.exp(dout[0])

    assert mistakes(answer, exercise) == ("one",)

    @exercise.wrong("another", "Another mistake that bends dW.")
    def another(dout, X, W):
        return dout @ W.T, np.arctan(X.T @ dout), np.cos(dout[0])

    assert mistakes(answer, exercise) == ()
    assert mistakes(one, exercise) == ("one",)
    assert mistakes(another, exercise) == ("another",)


def test_what_lies_in_dicts_and_lists_is_known_by_its_path():
    def unchanged(params, caches):
        loss, grads, layers = bank.small_structures(params, caches)
        return loss, grads | {"W1": params["W1"].copy()}, [layers[0], caches[1]["Z"] - 1]

    result = judge(bank.structures, unchanged)
    assert 'Your grads["W1"] is params["W1"], unchanged.' in result.message
    assert "Your layers[1] is off by -2 in every entry." in result.message


def test_an_array_that_only_one_case_has_is_no_evidence():
    exercise = copy.deepcopy(bank.structures)

    def two_cases(rng):
        yield from bank.structures.draw(rng)
        yield Case(({"W9": rng.normal(size=(2, 3))}, []), sizes={"N": 2})

    exercise.draw = two_cases

    def answer(params, caches):
        loss, grads, layers = bank.small_structures(params, caches)
        return loss, {name: 1.5 * value for name, value in grads.items()}, layers

    assert mistakes(answer, exercise) == ()


def test_results_in_each_others_place():
    def answer(dout, X, W):
        return X.T @ dout, dout @ W.T, dout.sum(axis=0)

    result = judge(bank.linear, answer)
    assert result.mistakes == ("results-exchanged",)
    assert "dX and dW are right, but stand in each other's place." in result.message


def test_a_guess_is_never_made():
    def answer(dout, X, W):
        return np.arctan(dout @ W.T), X.T @ dout, dout.sum(axis=0)

    assert mistakes(answer) == ()


def test_a_name_must_fit_all_cases():
    def answer(dout, X, W):
        dX, dW, db = bank.small_linear(dout, X, W)
        return dX, dW.T + 0.1 if dW.shape == (4, 4) else dW, db

    result = judge(bank.linear, answer)
    assert result.mistakes == ()
    assert "1 of 3 cases fail: W is square." in result.message


def test_a_factor_that_changes_is_told_as_such():
    def answer(dout, X, W):
        dX, dW, db = bank.small_linear(dout, X, W)
        return dX, 2 * dW if dW.shape == (4, 4) else dW, db

    result = judge(bank.linear, answer)
    assert result.mistakes == ("constant-factor",)
    assert "2 times too large in every entry here; the factor changes" in result.message


def test_where_nan_comes_from():
    def answer(Z):
        odds = np.exp(Z)
        return odds / odds.sum(axis=1, keepdims=True)

    result = judge(bank.softmax, answer)
    assert result.mistakes == ("not-finite",)
    assert "first complaint comes from your line `odds = np.exp(Z)`: overflow" in result.message
    assert "P[0, 0] is nan" in result.message
    assert "1 of 2 cases fail: large logits." in result.message


def test_a_factor_is_named_from_the_cases_that_are_finite():
    exercise = copy.deepcopy(bank.softmax)

    def more_cases(rng):
        yield from bank.softmax.draw(rng)
        yield Case((rng.normal(size=(6, 4)),), sizes={"N": 6, "C": 4})

    exercise.draw = more_cases

    def answer(Z):
        odds = np.exp(Z)
        return odds / odds.sum(axis=1, keepdims=True) / len(Z)

    result = judge(exercise, answer)
    assert result.mistakes == ("not-finite", "divided-by-batch-size")
    assert "Where all is finite, your P is exactly 4 times too small" in result.message
    assert mistakes(lambda Z: answer(Z) + np.exp(Z), exercise) == ("not-finite",)


def test_a_factor_on_top_of_a_listed_mistake_is_named_as_well():
    exercise = copy.deepcopy(bank.linear)

    @exercise.wrong("bent", "This dW bends.")
    def bent(dout, X, W):
        return dout @ W.T, np.arctan(X.T @ dout), dout.sum(axis=0)

    def bent_and_summed(dout, X, W):
        dX, dW, db = bent(dout, X, W)
        return dX, len(X) * dW, db

    result = judge(exercise, bent_and_summed)
    assert result.mistakes == ("bent", "factor-batch-size")
    assert "dW: This dW bends." in result.message
    assert "On top of that, your dW is exactly 5 times too large" in result.message

    def bent_and_more(dout, X, W):
        dX, dW, db = bent(dout, X, W)
        return dX, 1.7 * dW, db

    # A factor that equals nothing, on top of something: that would be a guess.
    assert mistakes(bent_and_more, exercise) == ()

    @exercise.wrong("bent-too", "This dW bends and shrinks.")
    def bent_too(dout, X, W):
        dX, dW, db = bent(dout, X, W)
        return dX, dW / len(X), db

    # N times the one, or N times N times the other: both would fit.
    assert mistakes(bent_and_summed, exercise) == ()


def test_input_modified_is_told_beside_another_mistake():
    def answer(dout, X, W):
        dout *= -1
        return dout @ W.T, X.T @ dout, dout.sum(axis=0)

    assert mistakes(answer) == ("input-modified", "sign")


def test_sizes_are_filled_in():
    assert fill_in("{N} times too small, D is {D}", {"N": 5, "D": 4}) == "5 times too small, D is 4"
    assert fill_in("{N} and {other}", {"N": 5}) == "5 and {other}"
    assert fill_in("half a brace {", {"N": 5}) == "half a brace {"
    assert fill_in("{{N}}", {"N": 5}) == "{N}"


def test_the_report_stays_on_one_screen():
    def answer(dout, X, W):
        X *= 2
        return -dout @ W.T, dout.T @ X, dout.mean(axis=0)

    result = judge(bank.linear, answer)
    assert result.outcome == FAILED
    assert len(result.message.split("\n")) <= 12
    assert "\n  dX   (5, 4)   wrong\n" in result.message
    assert "\n  dW   (3, 4)   wrong shape, (4, 3) belongs here\n" in result.message
    assert result.message.endswith("\nhint(small_linear) goes one step further.")


def test_a_report_is_the_same_each_time():
    def answer(dout, X, W):
        return np.arctan(dout @ W.T), X.T @ dout / 3, dout.max(axis=0)

    first = judge(bank.linear, answer)
    assert all(judge(bank.linear, answer) == first for _ in range(3))


# The solution with one thing changed.


@pytest.mark.parametrize(
    "answer, name",
    [
        (lambda Z, slope, dout: np.where(Z > 0, 1, slope), "upstream-ignored"),
        (lambda Z, slope, dout: dout + np.where(Z > 0, 1, slope), "sum-for-product"),
        (lambda Z, slope, dout: dout / np.where(Z > 0, 1, slope), "divided"),
        (lambda Z, slope, dout: dout * np.where(dout > 0, 1, slope), "wrong-input-used"),
        (lambda Z, slope, dout: dout * np.where(Z > 0, 2, slope), None),
    ],
)
def test_an_unlisted_change_is_named(answer, name):
    def with_default(dout, Z, slope=0.01):
        return answer(Z, slope, dout)

    assert mistakes(with_default, bank.slope) == (() if name is None else (name,))

    def nearly(dout, Z, slope=0.01):
        dZ = np.array(with_default(dout, Z, slope))
        dZ[0, 0] *= 1.001
        return dZ

    assert mistakes(nearly, bank.slope) == ()


def test_a_change_must_be_there_in_all_that_it_does():
    exercise = copy.deepcopy(bank.scalar)

    def half(x, w):
        # Without the factor w in one of the two results.
        return np.exp(-x), -w * np.exp(-x)

    assert mistakes(half, exercise) == ("input-ignored",)

    def two_arrays(params, caches):
        loss, grads, layers = bank.small_structures(params, caches)
        return loss, grads | {"b1": params["b1"] + 2}, layers

    # The sum in place of the product would spoil W1 as well.
    assert "sum-for-product" not in mistakes(two_arrays, bank.structures)


def test_observed_promises_that_are_broken_are_named():
    exercise = copy.deepcopy(bank.order)

    def observe(result, n, rng):
        return {"all are there": set(result) == set(range(n)), "one comes twice": False}

    exercise.view = observe
    result = judge(exercise, lambda n, rng: range(n - 1))
    assert result.mistakes == ("not-all-are-there",)
    assert "This must hold, and does not: all are there." in result.message
