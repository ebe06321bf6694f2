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
from backprop_course.layers.arrangement import (
    flatten_backward,
    flatten_forward,
    last_step_backward,
    last_step_forward,
)
from backprop_course.layers.attention import (
    attention_backward,
    attention_forward,
    causal_mask,
    feed_forward_backward,
    feed_forward_forward,
    multihead_backward,
    multihead_forward,
    transformer_block_backward,
    transformer_block_forward,
)
from backprop_course.layers.convolution import (
    conv1d_backward,
    conv1d_forward,
    conv2d_backward,
    conv2d_forward,
)
from backprop_course.layers.dropout import (
    dropout_backward,
    dropout_forward,
)
from backprop_course.layers.embedding import (
    embedding_backward,
    embedding_forward,
)
from backprop_course.layers.linear import (
    linear_backward,
    linear_forward,
)
from backprop_course.layers.normalization import (
    batchnorm_backward,
    batchnorm_forward,
    groupnorm_backward,
    groupnorm_forward,
    layernorm_backward,
    layernorm_forward,
    rmsnorm_backward,
    rmsnorm_forward,
)
from backprop_course.layers.pooling import (
    average_pool_backward,
    average_pool_forward,
    max_pool_backward,
    max_pool_forward,
)
from backprop_course.layers.recurrent import (
    gru_backward,
    gru_forward,
    gru_step_backward,
    gru_step_forward,
    lstm_backward,
    lstm_forward,
    lstm_step_backward,
    lstm_step_forward,
    rnn_backward,
    rnn_forward,
    rnn_step_backward,
    rnn_step_forward,
)

__all__ = [
    "attention_backward",
    "attention_forward",
    "average_pool_backward",
    "average_pool_forward",
    "batchnorm_backward",
    "batchnorm_forward",
    "causal_mask",
    "conv1d_backward",
    "conv1d_forward",
    "conv2d_backward",
    "conv2d_forward",
    "dropout_backward",
    "dropout_forward",
    "embedding_backward",
    "embedding_forward",
    "feed_forward_backward",
    "feed_forward_forward",
    "flatten_backward",
    "flatten_forward",
    "gelu_backward",
    "gelu_forward",
    "groupnorm_backward",
    "groupnorm_forward",
    "gru_backward",
    "gru_forward",
    "gru_step_backward",
    "gru_step_forward",
    "last_step_backward",
    "last_step_forward",
    "layernorm_backward",
    "layernorm_forward",
    "leaky_relu_backward",
    "leaky_relu_forward",
    "linear_backward",
    "linear_forward",
    "lstm_backward",
    "lstm_forward",
    "lstm_step_backward",
    "lstm_step_forward",
    "max_pool_backward",
    "max_pool_forward",
    "multihead_backward",
    "multihead_forward",
    "relu_backward",
    "relu_forward",
    "rmsnorm_backward",
    "rmsnorm_forward",
    "rnn_backward",
    "rnn_forward",
    "rnn_step_backward",
    "rnn_step_forward",
    "sigmoid_backward",
    "sigmoid_forward",
    "tanh_backward",
    "tanh_forward",
    "transformer_block_backward",
    "transformer_block_forward",
]
