import re

from backprop_course import layers
from backprop_course.authoring import api


def test_the_page_is_up_to_date():
    assert api.PAGE.read_text("utf-8") == api.page(), "run backprop-course api"


def test_every_pair_has_its_shapes_and_its_derivation():
    page = api.page()
    pairs = {name.removesuffix("_forward") for name in layers.__all__ if name.endswith("_forward")}
    assert {"linear", "conv2d", "transformer_block"} <= pairs
    for pair in pairs:
        entry = re.search(rf"^### {pair}\n(.*?)(?=^##)", page + "##", re.M | re.S)[1]
        assert f"`{pair}_forward(" in entry and f"`{pair}_backward(dout, cache" in entry
        assert re.search(r"^\| `out` \| ", entry, re.M), f"{pair} does not say what it returns"
        first = re.search(r"_forward\((\w+)", entry)[1]
        assert f"| `{first}`" in entry or f"| `{first}, " in entry, f"{pair}: no shape of {first}"


def test_docstring_markup_becomes_markdown():
    text = "Take :math:`x\n^2` of ``X``.\n\n.. math:: a =\n    b\n\nThen."
    assert api._markdown(text) == "Take $x ^2$ of `X`.\n\n$$a = b$$\n\nThen."
