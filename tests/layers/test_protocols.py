"""One array library in, the same out: pairs speak NumPy's protocols and convert nothing.

`Foreign` stands for the arrays of another library, as CuPy's: it answers NumPy's functions by
the protocols and refuses to become a NumPy array. Where CuPy itself is installed it is tried too.
"""

import numpy as np
import pytest
from numpy.lib.mixins import NDArrayOperatorsMixin

from backprop_course import layers, losses
from tests.layers.test_all_pairs import MENU


class Foreign(NDArrayOperatorsMixin):
    """An array of another library."""

    def __init__(self, values):
        self.values = values

    def __array__(self, dtype=None, copy=None):
        raise TypeError("implicit conversion to a NumPy array")

    def __array_ufunc__(self, ufunc, method, *inputs, out=None, **settings):
        if out is not None:
            settings["out"] = tuple(map(home, out))
        return abroad(getattr(ufunc, method)(*map(home, inputs), **settings_at_home(settings)))

    def __array_function__(self, function, types, args, kwargs):
        return abroad(function(*home(args), **settings_at_home(kwargs)))

    def __getattr__(self, name):
        value = getattr(self.values, name)
        if not callable(value):
            return abroad(value)
        return lambda *args, **kwargs: abroad(value(*home(args), **settings_at_home(kwargs)))

    def __getitem__(self, index):
        return abroad(self.values[home(index)])

    def __setitem__(self, index, value):
        self.values[home(index)] = home(value)

    def __len__(self):
        return len(self.values)

    def __bool__(self):
        return bool(self.values)

    def __float__(self):
        return float(self.values)


def home(value):
    if isinstance(value, Foreign):
        return value.values
    if isinstance(value, tuple | list):
        return type(value)(home(item) for item in value)
    return value


def settings_at_home(settings):
    return {name: home(value) for name, value in settings.items()}


def abroad(value):
    if isinstance(value, np.ndarray | np.number):
        return Foreign(value)
    if isinstance(value, tuple | list) and any(isinstance(v, np.ndarray) for v in value):
        return type(value)(abroad(item) for item in value)
    return value


def flat(value):
    return value if isinstance(value, tuple) else (value,)


@pytest.mark.parametrize("case", MENU)
def test_pairs_keep_to_the_library_that_they_are_given(case):
    name, arguments, settings = MENU[case]
    arguments = arguments(np.random.default_rng(7))
    if "running" in settings:
        pytest.skip("running statistics belong to the network, which is NumPy's")
    forward, backward = getattr(layers, f"{name}_forward"), getattr(layers, f"{name}_backward")
    out, cache = forward(*arguments, **settings)
    expected = flat(backward(out, cache))

    foreign_out, cache = forward(*map(Foreign, arguments), **settings)
    foreign = flat(backward(foreign_out, cache))
    for got, right in zip((*flat(foreign_out), *foreign), (*flat(out), *expected), strict=True):
        assert isinstance(got, Foreign)
        np.testing.assert_allclose(got.values, right, rtol=1e-12, atol=1e-12)


def test_losses_keep_to_the_library_that_they_are_given():
    rng = np.random.default_rng(0)
    Z, target, y = rng.normal(size=(4, 3)), rng.normal(size=(4, 3)), np.array([0, 2, 1, 1])
    for name, data in (("softmax_cross_entropy", y), ("hinge", y), ("squared_error", target)):
        forward, backward = getattr(losses, f"{name}_forward"), getattr(losses, f"{name}_backward")
        loss, cache = forward(Z, data)
        foreign_loss, foreign_cache = forward(Foreign(Z), data)
        assert float(foreign_loss) == pytest.approx(float(loss))
        dZ = backward(1.0, foreign_cache)
        assert isinstance(dZ, Foreign)
        np.testing.assert_allclose(dZ.values, backward(1.0, cache))


def test_with_cupy():
    cupy = pytest.importorskip("cupy", reason="CuPy is not installed")
    rng = np.random.default_rng(0)
    X, W, b = rng.normal(size=(5, 4)), rng.normal(size=(4, 3)), rng.normal(size=3)
    out, cache = layers.linear_forward(X, W, b)
    on_device, device_cache = layers.linear_forward(*map(cupy.asarray, (X, W, b)))
    assert isinstance(on_device, cupy.ndarray)
    for got, right in zip(
        layers.linear_backward(on_device, device_cache),
        layers.linear_backward(out, cache),
        strict=True,
    ):
        np.testing.assert_allclose(cupy.asnumpy(got), right)
