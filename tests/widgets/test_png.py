"""The PNG writer is read back by matplotlib, which knows nothing of it."""

import base64
import io

import numpy as np
import pytest

from backprop_course.widgets.png import data_uri, palette_png


@pytest.mark.parametrize("shape", [(1, 1), (5, 3), (64, 80)])
def test_every_pixel_comes_back_in_its_colour(shape):
    from matplotlib import image

    rng = np.random.default_rng(0)
    palette = rng.integers(256, size=(7, 3), dtype=np.uint8)
    indices = rng.integers(7, size=shape, dtype=np.uint8)
    picture = image.imread(io.BytesIO(palette_png(indices, palette)), format="png")
    np.testing.assert_array_equal((255 * picture[..., :3]).round(), palette[indices])


def test_the_address_holds_the_file():
    head, _, text = data_uri(b"\x89PNG").partition(",")
    assert head == "data:image/png;base64"
    assert base64.b64decode(text) == b"\x89PNG"
