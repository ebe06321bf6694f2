"""The data are what they say: content, not only shapes."""

import hashlib
from importlib import resources

import numpy as np
import pytest

from backprop_course.datasets import digits, spirals, xor

COUNTS = [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]  # of the UCI table, digit by digit


def test_xor_is_one_where_exactly_one_input_is_one():
    X, y = xor()
    assert X.dtype == np.float64 and y.dtype.kind == "i"
    assert sorted(map(tuple, X)) == [(0, 0), (0, 1), (1, 0), (1, 1)]
    assert np.array_equal(y, (X.sum(axis=1) == 1).astype(int))


def test_each_call_gives_its_own_arrays():
    for make in (xor, spirals, digits):
        first, second = make(), make()
        kept = [array.copy() for array in second]
        for array in first:
            array += 1
        for array, before in zip(make(), kept, strict=True):
            assert np.array_equal(array, before)


@pytest.mark.parametrize(("classes", "per_class"), [(1, 4), (2, 7), (3, 100), (5, 1)])
def test_spirals_have_the_points_asked_for_inside_the_unit_disc(classes, per_class):
    X, y = spirals(classes=classes, per_class=per_class)
    assert X.shape == (classes * per_class, 2)
    assert X.dtype == np.float64 and y.dtype.kind == "i"
    assert np.array_equal(np.bincount(y), [per_class] * classes)
    for c in range(classes):
        radius = np.sort(np.linalg.norm(X[y == c], axis=1))
        assert np.allclose(radius, np.arange(1, per_class + 1) / per_class)


def test_spirals_without_noise_lie_on_their_arms():
    X, y = spirals(noise=0)
    radius = np.linalg.norm(X, axis=1)
    turned = np.arctan2(X[:, 1], X[:, 0]) - 4 * radius - 2 * np.pi * y / 3
    assert np.allclose(np.cos(turned), 1)


def test_the_noise_of_spirals_is_in_the_angle_and_as_large_as_asked():
    X, y = spirals(per_class=2000, noise=0.2)
    radius = np.linalg.norm(X, axis=1)
    turned = np.angle(np.exp(1j * (np.arctan2(X[:, 1], X[:, 0]) - 4 * radius - 2 * np.pi * y / 3)))
    assert np.std(turned) == pytest.approx(0.2, rel=0.05)
    assert abs(np.mean(turned)) < 0.02


def test_spirals_come_in_random_order_and_depend_on_the_seed_alone():
    X, y = spirals()
    assert all(np.array_equal(a, b) for a, b in zip((X, y), spirals(), strict=True))
    assert not np.array_equal(y, np.sort(y))
    assert np.count_nonzero(np.bincount(y[:30])) == 3
    assert not np.array_equal(X, spirals(seed=1)[0])


def test_spirals_cannot_be_told_apart_by_straight_lines():
    X, y = spirals()
    inputs = np.column_stack([X, np.ones(len(X))])
    weights, *_ = np.linalg.lstsq(inputs, np.eye(3)[y], rcond=None)
    assert np.mean(np.argmax(inputs @ weights, axis=1) == y) < 0.65
    distance = np.linalg.norm(X[:, None] - X, axis=2) + 9 * np.eye(len(X))
    assert np.mean(y[distance.argmin(axis=1)] == y) > 0.97


@pytest.mark.parametrize("sizes", [{"classes": 0}, {"per_class": 0}, {"classes": -1}])
def test_spirals_without_points_are_refused(sizes):
    with pytest.raises(ValueError, match="must be at least 1"):
        spirals(**sizes)


def test_digits_have_the_shapes_types_and_range_that_they_promise():
    X_train, y_train, X_test, y_test = digits()
    assert X_train.shape == (1437, 64) and y_train.shape == (1437,)
    assert X_test.shape == (360, 64) and y_test.shape == (360,)
    for X, y in ((X_train, y_train), (X_test, y_test)):
        assert X.dtype == np.float64 and y.dtype == np.int64
        assert X.min() == 0 and X.max() == 1
        assert np.array_equal(16 * X, np.round(16 * X))
        assert set(y) == set(range(10))


def test_the_split_of_the_digits_is_stratified_and_leaves_nothing_out_or_in_twice():
    X_train, y_train, X_test, y_test = digits()
    train, test = np.bincount(y_train), np.bincount(y_test)
    assert (train + test).tolist() == COUNTS
    assert np.all(np.abs(test - np.array(COUNTS) * 360 / 1797) < 1)
    pictures = {picture.tobytes() for picture in np.vstack([X_train, X_test])}
    assert len(pictures) == 1797


def test_the_digits_are_those_of_the_uci_table():
    with resources.files("backprop_course").joinpath("data", "digits.npz").open("rb") as stream:
        table = np.load(stream)
        images, labels, test = table["images"], table["labels"], table["test"]
    assert images.dtype == labels.dtype == np.uint8
    assert labels[:12].tolist() == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1]
    assert images[0].reshape(8, 8)[1].tolist() == [0, 0, 13, 15, 10, 15, 5, 0]
    checksums = [hashlib.sha256(a.tobytes()).hexdigest()[:16] for a in (images, labels, test)]
    assert checksums == ["8f26b2bd9d135c25", "8ba4f891220f5e4c", "1933e528ad3e8128"]


def test_pixels_and_labels_belong_together():
    X_train, y_train, X_test, y_test = digits()
    means = np.stack([X_train[y_train == c].mean(axis=0) for c in range(10)])
    nearest = np.linalg.norm(X_test[:, None] - means, axis=2).argmin(axis=1)
    assert np.mean(nearest == y_test) > 0.88


def test_licence_and_origin_are_shipped_beside_the_digits():
    folder = resources.files("backprop_course") / "data"
    text = (folder / "README.md").read_text(encoding="utf-8")
    for words in ("E. Alpaydin", "C. Kaynak", "1998", "10.24432/C50P49", "CC BY 4.0", "1,797"):
        assert words in text
    assert len((folder / "digits.npz").read_bytes()) < 50_000
