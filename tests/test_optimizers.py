import math

import numpy as np
import pytest

from backprop_course import optimizers
from backprop_course.optimizers import SGD, Adam, AdamW, RMSProp

RULES = {
    "SGD": lambda rate: SGD(rate),
    "momentum": lambda rate: SGD(rate, momentum=0.9),
    "Nesterov": lambda rate: SGD(rate, momentum=0.9, nesterov=True),
    "RMSProp": lambda rate: RMSProp(rate),
    "Adam": lambda rate: Adam(rate),
    "AdamW": lambda rate: AdamW(rate, weight_decay=0.1),
}


def run(rule, steps=5):
    """Return the path of one parameter under gradients that depend on nothing else."""
    theta = np.array([1.0, -2.0])
    path = []
    for t in range(steps):
        rule.step({"theta": theta}, {"theta": np.array([0.5 + t, (-1.0) ** t])})
        path.append(theta.copy())
    return np.array(path)


def written_out(name, rate=0.1, steps=5):
    """Return the same path from the papers' formulas, entry by entry, one step at a time."""
    path = []
    theta, v, m, s = [1.0, -2.0], [0.0, 0.0], [0.0, 0.0], [0.0, 0.0]
    for t in range(steps):
        for k, g in enumerate((0.5 + t, (-1.0) ** t)):
            if name == "SGD":
                theta[k] -= rate * g
            elif name in ("momentum", "Nesterov"):
                v[k] = 0.9 * v[k] + g
                theta[k] -= rate * (g + 0.9 * v[k] if name == "Nesterov" else v[k])
            elif name == "RMSProp":
                s[k] = 0.99 * s[k] + 0.01 * g**2
                theta[k] -= rate * g / (math.sqrt(s[k]) + 1e-8)
            else:
                if name == "AdamW":
                    theta[k] -= rate * 0.1 * theta[k]
                m[k] = 0.9 * m[k] + 0.1 * g
                s[k] = 0.999 * s[k] + 0.001 * g**2
                m_hat, s_hat = m[k] / (1 - 0.9 ** (t + 1)), s[k] / (1 - 0.999 ** (t + 1))
                theta[k] -= rate * m_hat / (math.sqrt(s_hat) + 1e-8)
        path.append(list(theta))
    return np.array(path)


@pytest.mark.parametrize("name", RULES)
def test_a_rule_follows_its_formula(name):
    np.testing.assert_allclose(run(RULES[name](0.1)), written_out(name), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", RULES)
def test_parameters_move_in_place_and_gradients_stay(name):
    w, gradient = np.array([3.0, -1.0]), np.array([-6.0, 2.0])
    RULES[name](0.5).step({"w": w}, {"w": gradient})
    assert w[0] > 2.9 and w[1] < -1.0
    np.testing.assert_array_equal(gradient, [-6.0, 2.0])


@pytest.mark.parametrize("name", RULES)
def test_float32_parameters_stay_float32(name):
    parameters = {"w": np.ones(2, "f4")}
    rule = RULES[name](0.1)
    for _ in range(3):
        rule.step(parameters, {"w": np.ones(2, "f4")})
    assert parameters["w"].dtype == np.float32


@pytest.mark.parametrize("rate", [0, -0.1, float("nan"), float("inf")])
def test_a_learning_rate_that_is_no_step_is_refused(rate):
    with pytest.raises(ValueError, match="learning_rate must be above 0"):
        SGD(rate)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: SGD(momentum=1.0), "momentum"),
        (lambda: RMSProp(decay=-0.1), "decay"),
        (lambda: Adam(beta2=1.0), "beta2"),
        (lambda: AdamW(weight_decay=-1), "weight_decay"),
        (lambda: optimizers.clip_by_norm({}, 0), "limit"),
        (lambda: optimizers.clip_by_value({}, -1), "limit"),
    ],
)
def test_settings_out_of_range_are_refused(make, words):
    with pytest.raises(ValueError, match=words):
        make()


def test_a_schedule_is_asked_at_every_step():
    rule = SGD(optimizers.step_decay(1.0, factor=0.5, every=2))
    w = np.zeros(1)
    path = []
    for _ in range(5):
        rule.step({"w": w}, {"w": np.array([-1.0])})
        path.append(float(w[0]))
    np.testing.assert_allclose(path, [1.0, 2.0, 2.5, 3.0, 3.25])


def test_warm_up_rises_and_then_follows_the_schedule():
    rate = optimizers.warm_up(optimizers.cosine_decay(1.0, total=10), steps=2)
    falling = optimizers.cosine_decay(1.0, total=10)
    assert rate(0) == 0.5 and rate(1) == falling(1) and rate(7) == falling(7)


def test_clipping_by_norm_keeps_the_direction_and_small_gradients():
    rng = np.random.default_rng(0)
    gradients = {"W": rng.normal(size=(3, 4)), "b": rng.normal(size=4)}
    clipped, norm = optimizers.clip_by_norm(gradients, 0.5)
    flat = np.concatenate([g.ravel() for g in gradients.values()])
    flat_clipped = np.concatenate([g.ravel() for g in clipped.values()])
    np.testing.assert_allclose(norm, np.linalg.norm(flat))
    np.testing.assert_allclose(flat_clipped, flat * 0.5 / norm)
    same, _ = optimizers.clip_by_norm(gradients, 2 * norm)
    np.testing.assert_array_equal(same["W"], gradients["W"])
    nothing, norm = optimizers.clip_by_norm({"W": np.zeros(2)}, 1.0)
    assert norm == 0 and not nothing["W"].any()


def test_repr_names_the_rate():
    assert repr(SGD(0.25)) == "SGD(learning_rate=0.25)"
    assert "schedule" in repr(Adam(optimizers.step_decay(1.0)))
