import numpy as np
import pytest

from backprop_course.shapes import expect, expect_like, unbroadcast


def test_a_size_that_does_not_fit_is_named_with_its_owner():
    with pytest.raises(
        ValueError, match=r"W must have shape \(D, M\) with D = 2 as in X, .*\(4, 3"
    ):
        expect(X=(np.ones((5, 2)), "ND"), W=(np.ones((4, 3)), "DM"))


def test_a_wrong_number_of_axes_is_named():
    with pytest.raises(ValueError, match=r"b must have shape \(M,\) .*has shape \(1, 3\)"):
        expect(W=(np.ones((2, 3)), "DM"), b=(np.ones((1, 3)), "M"))


def test_a_letter_twice_in_one_array_means_square():
    expect(A=(np.ones((3, 3)), "CC"))
    with pytest.raises(ValueError, match="A must have shape"):
        expect(A=(np.ones((3, 4)), "CC"))


def test_a_list_is_refused_with_the_remedy():
    with pytest.raises(
        TypeError, match=r"X must be a NumPy array, but it is a list.*np.array\(X\)"
    ):
        expect(X=([[1.0]], "ND"))


def test_dout_of_another_shape_is_refused():
    expect_like(np.ones((2, 3)), np.zeros((2, 3)))
    with pytest.raises(ValueError, match=r"\(2, 3\).*\(3,\)"):
        expect_like(np.ones(3), np.zeros((2, 3)))


@pytest.mark.parametrize(
    ("shape", "wide"),
    [
        ((3,), (4, 3)),
        ((1, 3), (4, 3)),
        ((4, 1), (4, 3)),
        ((), (4, 3)),
        ((1, 1), (4, 3)),
        ((2, 1, 3), (5, 2, 4, 3)),
        ((4, 3), (4, 3)),
        ((1,), (1,)),
    ],
)
def test_unbroadcast_is_the_adjoint_of_broadcasting(shape, wide):
    # <broadcast(v), u> = <v, unbroadcast(u)> for all u and v defines the right gradient.
    rng = np.random.default_rng(0)
    v, u = rng.normal(size=shape), rng.normal(size=wide)
    back = unbroadcast(u, shape)
    assert back.shape == shape
    np.testing.assert_allclose(np.sum(np.broadcast_to(v, wide) * u), np.sum(v * back), rtol=1e-12)


@pytest.mark.parametrize("shape", [(2,), (3, 4), (1, 4, 3)])
def test_unbroadcast_refuses_a_shape_that_never_broadcast(shape):
    with pytest.raises(ValueError, match="cannot have been broadcast"):
        unbroadcast(np.ones((4, 3)), shape)
