"""What lesson 07 says of the three spirals, and of what to find in them."""

import numpy as np
import pytest

from backprop_course.widgets.spirals import FRAMES, RATES, Training

UNDECIDED = np.log(3)  # the loss of equal logits


@pytest.fixture(scope="module")
def learnt():
    training = Training(16, 0.3)
    training.state(FRAMES)
    return training


def lengths_of_the_first_gradients(factor):
    """Return them with the last weights made larger by a factor."""
    training = Training(16, 0.3)
    training.network.parameters["W3"][...] *= factor
    _, gradients = training.network.loss_and_gradients(training.X, training.y)
    return [np.linalg.norm(gradients[name]) for name in ("W1", "W2", "W3")]


def test_at_first_the_last_gradient_is_twenty_times_as_long(learnt):
    dW1, _, dW3 = learnt.states[0].norms
    assert dW3 / dW1 == pytest.approx(20, abs=3)
    # At the scale of the other layers nothing would hold the gradient back.
    dW1, _, dW3 = lengths_of_the_first_gradients(10)
    assert dW3 / dW1 < 4


def test_learnt_dead_and_stuck_all_have_tiny_gradients(learnt):
    dead, stuck = Training(16, RATES[-1]), Training(3, 0.3)
    ends = [training.state(FRAMES) for training in (learnt, dead, stuck)]
    assert all(max(end.norms) < 0.01 for end in ends)
    assert [end.loss > UNDECIDED - 0.01 for end in ends] == [False, True, True]
    assert ends[0].accuracy == 1

    dead.field(FRAMES)
    hidden = dead.network.layers[:4]
    out = dead.X
    for layer in hidden:
        out = layer(out)
    assert not out.any(), "some unit of layer 2 is still open"
    assert max(ends[1].norms) == 0 < max(ends[2].norms)


def test_a_larger_rate_leaves_the_plateau():
    freed = Training(3, 1.0).state(FRAMES)
    assert freed.loss < UNDECIDED - 0.1
