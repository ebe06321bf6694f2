"""The textbook: forward/backward pairs, one file a family.

``out, cache = NAME_forward(inputs)`` computes and remembers; ``NAME_backward(dout, cache)``
returns one gradient an input, in the same order and with the same shapes.
"""

from backprop_course.layers.activations import (
    gelu_backward,
    gelu_forward,
    leaky_relu_backward,
    leaky_relu_forward,
    relu_backward,
    relu_forward,
    sigmoid_backward,
    sigmoid_forward,
    tanh_backward,
    tanh_forward,
)
from backprop_course.layers.linear import linear_backward, linear_forward

__all__ = [
    "gelu_backward",
    "gelu_forward",
    "leaky_relu_backward",
    "leaky_relu_forward",
    "linear_backward",
    "linear_forward",
    "relu_backward",
    "relu_forward",
    "sigmoid_backward",
    "sigmoid_forward",
    "tanh_backward",
    "tanh_forward",
]
