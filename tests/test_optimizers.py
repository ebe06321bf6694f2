import numpy as np
import pytest

from backprop_course.optimizers import SGD


def test_a_step_moves_against_the_gradient_in_place():
    w = np.array([3.0, -1.0])
    parameters, gradients = {"w": w}, {"w": np.array([-6.0, 2.0])}
    SGD(0.5).step(parameters, gradients)
    np.testing.assert_array_equal(w, [6.0, -2.0])
    np.testing.assert_array_equal(gradients["w"], [-6.0, 2.0])


def test_float32_parameters_stay_float32():
    parameters = {"w": np.ones(2, "f4")}
    SGD(0.1).step(parameters, {"w": np.ones(2, "f4")})
    assert parameters["w"].dtype == np.float32


@pytest.mark.parametrize("rate", [0, -0.1, float("nan"), float("inf")])
def test_a_learning_rate_that_is_no_step_is_refused(rate):
    with pytest.raises(ValueError, match="learning_rate must be above 0"):
        SGD(rate)
