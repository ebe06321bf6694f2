"""The language of formulas computes what it lists and refuses everything else."""

import numpy as np
import pytest

from backprop_course.grading.formula import (
    FormulaError,
    as_exercise,
    as_function,
    evaluate,
    parse,
)
from backprop_course.grading.judge import judge
from backprop_course.grading.result import COULD_NOT_RUN, FAILED, PASSED
from tests.grading import bank_for_tests as bank

RNG = np.random.default_rng(0)
VALUES = {
    "X": RNG.normal(size=(5, 4)),
    "Z": RNG.normal(size=(5, 3)),
    "dout": RNG.normal(size=(5, 3)),
    "p": RNG.uniform(0.1, 1, size=4),
    "y": np.array([0, 2, 1, 1, 0]),
    "N": 5,
    "eps": 0.25,
}


@pytest.mark.parametrize(
    "text",
    [
        "X.T @ dout",
        "dout.sum(axis=0)",
        "dout.sum(0)",
        "np.sum(dout, axis=1, keepdims=True)",
        "dout.mean(axis=-1)",
        "np.max(Z, axis=1, keepdims=True)",
        "dout * (Z > 0)",
        "np.where(Z > 0, dout, 0)",
        "np.maximum(Z, 0) - np.minimum(Z, 0)",
        "-dout / len(X) + N * eps",
        "np.exp(Z) / np.exp(Z).sum(axis=1, keepdims=True)",
        "1 - np.tanh(Z)**2",
        "np.diag(p) - np.outer(p, p)",
        "np.sqrt(np.square(Z)) == np.abs(Z)",
        "np.log(p) @ X.T",
        "X.T.dot(dout)",
        "np.dot(p, p)",
        "np.matmul(X.T, dout)",
        "np.transpose(X)",
        "(2 * Z + 1) ** 2 >= 1",
        "X.shape[0] * +1.5e-3",
        "dout.sum(axis=(0, 1))",
        "y * (y != 2)",
    ],
)
def test_a_formula_gives_what_python_gives(text):
    # Only here, where the text is our own, Python may evaluate it.
    expected = eval(text, {"np": np, "len": len}, VALUES)
    assert np.allclose(evaluate(parse(text), VALUES), np.asarray(expected, dtype=float))


def test_a_formula_may_begin_with_its_name_and_forget_np():
    assert np.allclose(evaluate(parse("dW = X.T @ dout"), VALUES), VALUES["X"].T @ VALUES["dout"])
    assert np.allclose(evaluate(parse("exp(Z)"), VALUES), np.exp(VALUES["Z"]))


@pytest.mark.parametrize(
    "text, words",
    [
        ("X.T @ W", "There is no W here. The names are X, Z, dout, p, y, N, eps."),
        ("X^2", r"write \*\* for a power"),
        ("X @ dout", r"In `X @ dout`, shape \(5, 4\) and shape \(5, 3\) do not fit"),
        ("X * dout", "do not fit"),
        ("X @ 2", r"shape \(5, 4\) and a number do not fit"),
        ("X.T dout", "Python cannot read the formula"),
        ("X.T @ (dout", "Python cannot read the formula"),
        ("X; dout", "Python cannot read the formula"),
        ("'X'", "cannot be used"),
        ("True", "cannot be used"),
        ("np", "cannot be used"),
        ("np.exp", "cannot be used"),
        ("X[0]", "cannot be used"),
        ("X.flat", "cannot be used"),
        ("X.reshape(4, 5)", "cannot be used"),
        ("[X, X]", "cannot be used"),
        ("{X}", "cannot be used"),
        ("lambda: X", "cannot be used"),
        ("X if X else X", "cannot be used"),
        ("X and X", "cannot be used"),
        ("not X", "cannot be used"),
        ("0 < Z < 1", "cannot be used"),
        ("y % 2", "cannot be used"),
        ("f'{X}'", "cannot be used"),
        ("(X := 3)", "cannot be used"),
        ("[x for x in X]", "cannot be used"),
        ("1j", "cannot be used"),
        ("None", "cannot be used"),
        ("np.exp(X, X)", "exp takes 1 argument"),
        ("np.where(X > 0)", "where takes 3 arguments"),
        ("np.exp(X, axis=0)", "exp takes 1 argument"),
        ("X.sum(**p)", "sum takes 1 argument"),
        ("X.sum(axis=N)", "write the axis as a number"),
        ("X.sum(axis=7)", "out of bounds"),
        ("X.shape[9]", "out of range"),
        ("len(N)", "no len"),
        ("len(X, X)", "cannot be used"),
    ],
)
def test_everything_else_is_refused_with_a_sentence(text, words):
    with pytest.raises(FormulaError, match=words):
        evaluate(parse(text), VALUES)


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('true')",
        "X.__class__.__bases__",
        "X.T.tofile('stolen')",
        "np.load('progress.json')",
        "np.lib.format",
        "getattr(X, 'T')",
        "eval('1')",
        "exec('1')",
        "(lambda: exit())()",
        "np.sum.__globals__",
        "X.sum(axis=exit())",
        "X.sum(out=X)",
        "X.dot.__self__",
        "np.where.__wrapped__(X)",
    ],
)
def test_nothing_of_python_is_within_reach(text):
    with pytest.raises(FormulaError):
        evaluate(parse(text), VALUES)


@pytest.mark.parametrize(
    "text",
    [
        "9**9**9**9",
        "10**400",
        "2.0 ** Z ** 999",
        "np.outer(X, np.outer(X, np.outer(X, X)))",
        "np.diag(np.diag(np.diag(np.outer(X, X).sum(0))))",
        "np.outer(X, X).T @ np.outer(X, X) @ np.outer(np.outer(X, X), X)",
        "np.outer(X, X).sum(0, keepdims=True) + np.outer(np.outer(X, X), p)",
        "X" + " + X" * 200,
        "-" * 5000 + "X",
        "(" * 150 + "X" + ")" * 150,
    ],
)
def test_huge_formulas_are_refused_at_once(text):
    with pytest.raises(FormulaError):
        evaluate(parse(text), VALUES)


def test_undefined_numbers_are_nan_and_not_an_error():
    for text in ("1 / 0", "(-1) ** 0.5", "np.log(0 * p)", "1e400 - 1e400 * 0 / 0"):
        with np.errstate(all="ignore"):
            assert not np.isfinite(evaluate(parse(text), VALUES)).any()


def test_what_is_no_text_is_refused():
    for thing in (None, 3, VALUES["X"], len):
        with pytest.raises(FormulaError, match="text between quotes"):
            parse(thing)


# As an exercise.


def judged(text, seed=0):
    exercise, names = as_exercise(bank.formula)
    return judge(exercise, as_function(text, names), seed)


@pytest.mark.parametrize("text", ["X.T @ dout", "(dout.T @ X).T", "np.dot(X.T, dout)"])
def test_right_formulas_pass(text):
    assert all(judged(text, seed).outcome == PASSED for seed in range(5))


def test_wrong_formulas_are_diagnosed_like_code():
    result = judged("X.T @ dout / len(X)")
    assert (result.outcome, result.mistakes) == (FAILED, ("factor-batch-size",))
    assert "Exactly 5 times too small." in result.message
    assert result.message.endswith('hint("dW") goes one step further.')
    assert judged("dout.T @ X").mistakes == ("transposed",)
    assert judged("X.T @ dout * M").mistakes == ("factor-m",)
    assert judged("-X.T @ dout").mistakes == ("sign",)


def test_a_formula_that_does_not_fit_is_named_if_listed():
    result = judged("X @ dout")
    assert (result.outcome, result.mistakes) == (COULD_NOT_RUN, ("not-transposed",))
    assert "shape (5, 4) and shape (5, 3) do not fit" in result.message
    assert "X needs its other side in front." in result.message


def test_names_are_those_of_the_case_and_its_sizes():
    assert as_exercise(bank.formula)[1] == ("X", "dout", "N", "D", "M")
    assert "The names are X, dout, N, D, M." in judged("W").message
