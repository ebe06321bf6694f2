"""The figures of lesson 06 show the numbers that the lesson speaks of."""

import matplotlib
import numpy as np
import pytest

from backprop_course.figures import gradient_checking as figures

matplotlib.use("Agg")


@pytest.fixture(autouse=True)
def close_figures():
    import matplotlib.pyplot as plt

    yield
    plt.close("all")


def lines(axis):
    return {line.get_label(): line for line in axis.lines}


def test_rulers_measure_what_their_formulas_say():
    x, h = 2.0, 0.1
    assert figures.measured_slope(np.square, x, h, "one-sided") == pytest.approx(2 * x + h)
    for ruler in ("central", "complex step"):
        assert figures.measured_slope(np.square, x, h, ruler) == pytest.approx(2 * x)
    slopes = [figures.measured_slope(lambda x: x * x * x, x, h, ruler) for ruler in figures.RULERS]
    np.testing.assert_allclose(slopes, [12 + 6 * h + h**2, 12 + h**2, 12 - h**2])


@pytest.mark.parametrize("ruler", figures.RULERS)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_every_operation_has_the_precision_that_was_asked_for(ruler, dtype):
    seen = []

    def f(x):
        seen.append(x.dtype)
        return x * x

    slope = figures.measured_slope(f, [1.0, 2.0], 0.01, ruler, dtype)
    assert slope.dtype == dtype and slope.shape == (2,)
    complex_dtype = np.complex64 if dtype is np.float32 else np.complex128
    assert set(seen) == {np.dtype(complex_dtype if ruler == "complex step" else dtype)}


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("ruler", ["one-sided", "central"])
def test_the_measured_errors_follow_the_formula(ruler, dtype):
    u = np.finfo(dtype).eps / 2
    steps = figures.STEPS[figures.STEPS > 100 * u]
    shares = figures.worst_errors(ruler, dtype, steps) / figures.bound(steps, ruler, dtype)
    # x + h is rounded as well, which the formula leaves out; and h**4 counts near h = 1.
    assert shares.max() < 6
    assert shares.min() > 0.1


def test_the_best_steps_are_where_the_lesson_says():
    def best(ruler, dtype):
        errors = figures.worst_errors(ruler, dtype)
        return figures.STEPS[errors.argmin()], errors.min()

    for ruler, dtype, step, error in (
        ("central", np.float64, 7e-6, 2e-11),
        ("one-sided", np.float64, 2e-8, 2e-8),
        ("central", np.float32, 6e-3, 2e-5),
        ("one-sided", np.float32, 5e-4, 5e-4),
    ):
        found_step, found_error = best(ruler, dtype)
        assert step / 10 < found_step < step * 10
        assert error / 5 < found_error < error * 5
    assert figures.worst_errors("complex step")[:50].max() < 1e-15


def test_error_figure_draws_measured_errors_and_bounds():
    double, single = figures.error_figure().axes
    for axis, dtype in ((double, np.float64), (single, np.float32)):
        drawn = lines(axis)
        for ruler in figures.RULERS:
            expected = np.maximum(figures.worst_errors(ruler, dtype), figures.FLOOR)
            np.testing.assert_array_equal(drawn[ruler].get_ydata(), expected)
        bounds = [line.get_ydata() for line in axis.lines if line.get_label() == "_bound"]
        np.testing.assert_array_equal(bounds[1], figures.bound(figures.STEPS, "central", dtype))
        assert axis.get_xlabel() == "step $h$"
    assert single.get_legend() is not None


def test_direction_figure_shows_shadows_and_the_blind_angle():
    gradient, claimed, angle = (2.0, 1.0), (2.6, 0.2), 75.0
    left, right = figures.direction_figure(gradient, claimed, angle).axes
    v = np.array([np.cos(np.radians(angle)), np.sin(np.radians(angle))])
    for name, vector in (("true", gradient), ("claimed", claimed)):
        shadow = np.ravel(lines(left)[name].get_data())
        np.testing.assert_allclose(shadow @ v, np.dot(vector, v))
        np.testing.assert_allclose(shadow @ [-v[1], v[0]], 0, atol=1e-12)
    curve = right.lines[0]
    angles, gaps = curve.get_xdata(), curve.get_ydata()
    at = int(np.flatnonzero(angles == angle)[0])
    np.testing.assert_allclose(gaps[at], abs(np.subtract(claimed, gradient) @ v))
    assert float(lines(right)["v"].get_ydata()[0]) == pytest.approx(gaps[at])
    blind = angles[gaps.argmin()]
    np.testing.assert_allclose(blind, np.degrees(np.arctan2(0.6, 0.8)), atol=0.5)
    np.testing.assert_allclose(right.lines[-1].get_xdata(), blind, atol=0.5)


def test_kink_figure_shows_the_mixture_of_two_slopes():
    left, right = figures.kink_figure().axes
    (x1, x2), (y1, y2) = lines(left)["secant"].get_data()
    share = float(lines(left)["point"].get_xdata()[0])
    assert (y2 - y1) / (x2 - x1) == pytest.approx((1 + share) / 2)
    drawn = lines(right)
    z, slopes = drawn["central"].get_data()
    np.testing.assert_allclose(slopes, np.clip((1 + z) / 2, 0, 1), atol=1e-12)
    np.testing.assert_array_equal(drawn["complex step"].get_ydata(), z > 0)
    assert float(drawn["point"].get_ydata()[0]) == pytest.approx((y2 - y1) / (x2 - x1))
