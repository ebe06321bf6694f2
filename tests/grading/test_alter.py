"""An alteration is the solution with one thing changed, and it is called by what was changed."""

import numpy as np
import pytest

from backprop_course.grading.alter import SENTENCES, alterations, can_be_told, sentence


def example(Z, A, n=2):
    """Return something of everything."""
    S = (1 - A**2) * Z + 0.5 * n
    if n > 5:
        S = S * 2
    total = S[:, 0].sum(axis=0)
    for k in range(n):
        total += Z[k, 1] * A.T[0, k]
    return np.exp(-S) / n, total, np.where(Z > 0, Z, 0.1 * Z) @ A.T


def loop(Z):
    count = 0
    while count < 3:
        count += 1
    return count


def found(function=example):
    return {(one.kind, one.where.split(": ", 1)[1]) for one in alterations(function)}


@pytest.mark.parametrize(
    "kind, change",
    [
        ("factor-missing", "0.5 * n -> n"),
        ("term-missing", "1 - A ** 2 -> -A ** 2"),
        ("inner-sign", "1 - A ** 2 -> 1 + A ** 2"),
        ("power-of-the-bracket", "1 - A ** 2 -> (1 - A) ** 2"),
        ("power-missing", "A ** 2 -> A"),
        ("doubled-for-squared", "A ** 2 -> A * 2"),
        ("brackets-missing", "(1 - A ** 2) * Z -> 1 * Z - A ** 2"),
        ("divided", "0.5 * n -> 0.5 / n"),
        ("sign", "-S -> S"),
        ("exp-missing", "np.exp(-S) -> -S"),
        ("mean-for-sum", "S[:, 0].sum(axis=0) -> S[:, 0].mean(axis=0)"),
        ("wrong-axis", "S[:, 0].sum(axis=0) -> S[:, 0].sum(axis=None)"),
        ("off-by-one", "range(n) -> range(n - 1)"),
        ("overwritten", "total += Z[k, 1] * A.T[0, k] -> total = Z[k, 1] * A.T[0, k]"),
        ("term-missing", "total += Z[k, 1] * A.T[0, k] -> left out"),
        ("mask-reversed", "Z > 0 -> Z < 0"),
        ("value-as-mask", "Z > 0 -> Z"),
        ("condition-missing", "np.where(Z > 0, Z, 0.1 * Z) -> Z"),
        ("transpose-missing", "A.T -> A"),
        ("reshaped", "A.T -> A.reshape(A.shape[::-1])"),
        ("wrong-name", "Z -> A"),
        ("wrong-constant", "0.1 -> 1.1"),
        ("step-missing", "S = S * 2 -> left out"),
    ],
)
def test_a_change_is_called_by_its_kind(kind, change):
    assert (kind, change) in found()


def test_an_alteration_runs_and_keeps_the_defaults():
    Z, A = np.random.default_rng(0).normal(size=(2, 4, 3))
    lost = next(one for one in alterations(example) if one.where.endswith("-S -> S"))
    assert lost.where.startswith("line 9: ")
    right, altered = example(Z, A), lost.function(Z, A)
    assert np.allclose(altered[0], 1 / right[0] / 4)
    assert np.array_equal(altered[2], right[2])


def test_there_are_many_and_they_are_made_once():
    assert len(alterations(example)) > 100
    assert alterations(example) is alterations(example)


def test_a_change_inside_an_open_loop_may_never_end():
    inside = {one.where: one.ends for one in alterations(loop)}
    assert inside["line 4: count += 1 -> left out"] is False
    assert inside["line 2: 0 -> 1"] is True
    assert all(one.ends for one in alterations(example))


def test_what_cannot_be_read_has_none():
    factor = 2.0

    def inner(Z):
        return factor * Z

    assert alterations(inner) == ()
    assert alterations(np.tanh) == ()
    assert alterations(lambda Z: 2 * Z) == ()


def test_names_are_told_only_if_the_learner_has_read_them():
    swaps = [one for one in alterations(example) if one.kind == "wrong-name"]
    known = [one for one in swaps if can_be_told(one, "takes Z and A, and n")]
    assert {name for one in known for name in one.names} == {"Z", "A", "n"}
    one = next(one for one in known if one.names == ("A", "Z"))
    assert sentence(one) == "{your} {are} what comes out when A stands where Z belongs."
    assert not can_be_told(next(o for o in swaps if "total" in o.names or "k" in o.names), "Z")


def test_every_sentence_ends_and_gives_no_code():
    for kind, words in SENTENCES.items():
        assert kind == "wrong-name" or words.endswith((".", "?"))
        assert not set(words) & set("`=@*")
