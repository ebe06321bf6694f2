"""Every family over random shapes: backward agrees with complex step and central differences."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backprop_course import layers
from tests.layers.test_all_pairs import block_arguments, norm_arguments, normal
from tests.witness import assert_pair_is_right

small = st.integers(1, 4)

# name of the pair: (arguments from rng and three sizes, settings from the same sizes)
FAMILIES = {
    "relu": (lambda r, n, t, d: (normal(r, n, t, d),), lambda n, t, d: {}),
    "leaky_relu": (lambda r, n, t, d: (normal(r, n, t, d),), lambda n, t, d: {"slope": 0.1 * d}),
    "sigmoid": (lambda r, n, t, d: (normal(r, n, d),), lambda n, t, d: {}),
    "tanh": (lambda r, n, t, d: (normal(r, n, d),), lambda n, t, d: {}),
    "gelu": (
        lambda r, n, t, d: (normal(r, n, d),),
        lambda n, t, d: {"approximate": bool(t % 2)},
    ),
    "flatten": (lambda r, n, t, d: (normal(r, n, t, d),), lambda n, t, d: {}),
    "last_step": (lambda r, n, t, d: (normal(r, n, t, d),), lambda n, t, d: {}),
    "dropout": (
        lambda r, n, t, d: (normal(r, n, t, d),),
        lambda n, t, d: {"rate": 0.2 * t, "rng": d},
    ),
    "layernorm": (lambda r, n, t, d: norm_arguments(r, n, t, d + 1), lambda n, t, d: {}),
    "rmsnorm": (lambda r, n, t, d: norm_arguments(r, n, t, d + 1)[:2], lambda n, t, d: {}),
    "batchnorm": (lambda r, n, t, d: norm_arguments(r, n + 1, d), lambda n, t, d: {}),
    "groupnorm": (
        lambda r, n, t, d: norm_arguments(r, n, 2 * d, t + 1, 2, axis=1),
        lambda n, t, d: {"groups": d},
    ),
    "max_pool": (
        lambda r, n, t, d: (normal(r, n, 2, t + d, t + 3),),
        lambda n, t, d: {"size": min(t, 3), "stride": d},
    ),
    "average_pool": (
        lambda r, n, t, d: (normal(r, n, 2, t + d, t + 3),),
        lambda n, t, d: {"size": min(t, 3), "stride": d},
    ),
    "conv1d": (
        lambda r, n, t, d: (normal(r, n, d, t + 3), normal(r, 3, d, 2), normal(r, 3)),
        lambda n, t, d: {"stride": t, "padding": n - 1},
    ),
    "attention": (
        lambda r, n, t, d: (normal(r, n, t, d), normal(r, n, d, d), normal(r, n, d, t)),
        lambda n, t, d: {},
    ),
    "multihead": (
        lambda r, n, t, d: (normal(r, n, t, 2 * d), *(normal(r, 2 * d, 2 * d) for _ in range(4))),
        lambda n, t, d: {"heads": d, "mask": layers.causal_mask(t)},
    ),
    "transformer_block": (
        lambda r, n, t, d: block_arguments(r, n, t, 2 * d, d + 1),
        lambda n, t, d: {"heads": 2},
    ),
}


@pytest.mark.parametrize("name", FAMILIES)
@settings(deadline=None, max_examples=12)
@given(n=small, t=small, d=small, seed=st.integers(0, 10**6))
def test_backward_agrees_with_the_witness(name, n, t, d, seed):
    arguments, options = FAMILIES[name]
    pair = getattr(layers, f"{name}_forward"), getattr(layers, f"{name}_backward")
    drawn = arguments(np.random.default_rng(seed), n, t, d)
    assert_pair_is_right(*pair, *drawn, rtol=1e-6, **options(n, t, d))


@settings(deadline=None, max_examples=12)
@given(n=small, t=small, d=small, seed=st.integers(0, 10**6))
def test_embedding_agrees_with_the_witness(n, t, d, seed):
    rng = np.random.default_rng(seed)
    pair = layers.embedding_forward, layers.embedding_backward
    tokens = rng.integers(3, size=(n, t))
    assert_pair_is_right(*pair, tokens, normal(rng, 3, d), data=(0,), rtol=1e-8)


def test_statistics_of_an_empty_batch_are_refused():
    with pytest.raises(ValueError, match="empty"):
        layers.batchnorm_forward(np.ones((0, 3)), np.ones(3), np.zeros(3))
