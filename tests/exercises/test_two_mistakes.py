"""Two mistakes at once, in the exercises of the bank: both are named, and nothing else."""

import inspect
from itertools import combinations

import numpy as np
import pytest

from backprop_course.exercises.bank import find
from backprop_course.grading.call import ask
from backprop_course.grading.judge import argument_names, draw, judge
from backprop_course.grading.trial import compare, solve

SEEDS = (0, 1, 2)
OF_SEVERAL_ARRAYS = (
    "neuron_backward",
    "fork_gradient",
    "linear_backward",
    "tied_backward",
    "softmax_cross_entropy",
    "smoothed_cross_entropy",
    "binary_cross_entropy_with_logits",
    "linear_flops",
)


def spoiled_by(exercise, wrong):
    """Return the results that a wrong answer spoils, or None if it crashes or does more."""
    names = argument_names(exercise)
    spoiled = set()
    for case in draw(exercise, 0):
        trial = compare(exercise, solve(exercise, case, names), ask(wrong.answer, case.args, names))
        spoiled |= {name for name in trial.parts if trial.is_wrong(name)}
    return spoiled if spoiled <= set(exercise.outputs) else None


def pairs_of(name):
    """Return pairs of listed wrong answers that spoil different results."""
    exercise = find(name)
    spoiled = {
        wrong.mistake: (wrong, spoiled_by(exercise, wrong)) for wrong in exercise.wrong_answers
    }
    return [
        pytest.param(exercise, one, other, here, there, id=f"{name}-{one.mistake}-{other.mistake}")
        for (one, here), (other, there) in combinations(spoiled.values(), 2)
        if here and there and not here & there
    ]


PAIRS = [pair for name in OF_SEVERAL_ARRAYS for pair in pairs_of(name)]


def test_there_are_many_pairs():
    assert len(PAIRS) > 50


@pytest.mark.parametrize("exercise, one, other, here, there", PAIRS)
def test_both_are_named(exercise, one, other, here, there):
    place = {name: at for at, name in enumerate(exercise.outputs)}

    def both(*args):
        result = list(one.answer(*args))
        for name in there:
            result[place[name]] = other.answer(*args)[place[name]]
        return tuple(result)

    both.__signature__ = inspect.signature(exercise.solve)
    for seed in SEEDS:
        result = judge(exercise, both, seed)
        assert set(result.mistakes) == {one.mistake, other.mistake}, str(result)


# A factor on top of a listed mistake in the same array.


@pytest.mark.parametrize(
    "name, mistake, output, factor, said",
    [
        ("linear_backward", "sums-multiplied", "dW", len, "factor-batch-size"),
        (
            "tied_backward",
            "first-use-only",
            "dW",
            lambda dout: 1 / len(dout),
            "divided-by-batch-size",
        ),
        ("tied_backward", "paths-subtracted", "dW", len, "factor-batch-size"),
        ("softmax_backward", "unweighted-sum", "dZ", len, "factor-batch-size"),
        ("softmax_backward", "row-sum-left-out", "dZ", len, "factor-batch-size"),
        ("softmax_cross_entropy", "columns-for-pairs", "dZ", len, "factor-batch-size"),
        ("softmax_cross_entropy", "true-class-left-out", "dZ", len, "factor-batch-size"),
    ],
)
def test_a_factor_on_top_is_named_beside_the_listed_mistake(name, mistake, output, factor, said):
    exercise = find(name)
    wrong = next(one for one in exercise.wrong_answers if one.mistake == mistake)
    place = exercise.outputs.index(output)

    def with_factor(*args):
        result = wrong.answer(*args)
        if len(exercise.outputs) == 1:
            return factor(args[0]) * result
        result = list(result)
        result[place] = factor(args[0]) * result[place]
        return tuple(result)

    for seed in SEEDS:
        assert judge(exercise, with_factor, seed).mistakes == (mistake, said)


def test_a_naive_exponential_does_not_hide_the_batch_size():
    exercise = find("softmax_cross_entropy")

    def naive_and_summed(Z, y):
        rows = np.arange(len(y))
        P = np.exp(Z) / np.exp(Z).sum(axis=1, keepdims=True)
        loss = -np.log(P[rows, y]).mean()
        P[rows, y] -= 1
        return loss, P

    for seed in SEEDS:
        result = judge(exercise, naive_and_summed, seed)
        assert "factor-batch-size" in result.mistakes, str(result)
        assert {"not-finite", "unstable"} & set(result.mistakes)
        assert "5 times too large, and your batch has 5 rows" in " ".join(str(result).split())
