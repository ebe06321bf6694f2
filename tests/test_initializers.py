import numpy as np
import pytest

from backprop_course import initializers as init


@pytest.mark.parametrize(
    ("make", "variance"),
    [
        (init.xavier, 2 / 500),
        (init.he, 2 / 300),
        (lambda *sizes, **k: init.he(*sizes, gain=1.0, **k), 1 / 300),
    ],
)
def test_mean_and_variance_are_the_promised_ones(make, variance):
    W = make(300, 200, rng=0)
    assert W.shape == (300, 200)
    np.testing.assert_allclose(W.var(), variance, rtol=0.03)
    assert abs(W.mean()) < 0.02 * variance**0.5


@pytest.mark.parametrize(("D", "M"), [(5, 5), (5, 3), (3, 5)])
def test_orthogonal_weights_are_orthonormal_on_the_shorter_side(D, M):
    W = init.orthogonal(D, M, rng=0)
    assert W.shape == (D, M)
    product = W.T @ W if D >= M else W @ W.T
    np.testing.assert_allclose(product, np.eye(min(D, M)), atol=1e-12)


def test_signals_keep_their_size_through_many_layers():
    rng = np.random.default_rng(0)
    A = rng.normal(size=(200, 256))
    for _ in range(20):
        A = np.maximum(A @ init.he(256, 256, rng=rng), 0)
    assert 0.3 < (A * A).mean() < 3


@pytest.mark.parametrize("make", [init.xavier, init.he, init.orthogonal])
def test_seed_and_dtype_are_followed(make):
    np.testing.assert_array_equal(make(3, 2, rng=1), make(3, 2, rng=1))
    assert not np.array_equal(make(3, 2, rng=1), make(3, 2, rng=2))
    assert make(3, 2, dtype=np.float32).dtype == np.float32
