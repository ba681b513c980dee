"""Claims about `sphinx_tape.tape.normalization` and `functions_normalization`."""

import numpy as np
import pytest

from sphinx_tape import Tape, backward
from sphinx_tape import functions as F  # noqa: N812 -- the customary short name
from sphinx_tape.errors import OperandError

X = np.array([[1.0, 2.0, 6.0], [0.0, -3.0, 3.0], [2.0, 0.0, 2.0]])
IMAGE = np.sin(np.arange(2 * 4 * 3 * 3, dtype=float)).reshape(2, 4, 3, 3)


def leaf(value):
    return Tape().leaf(value)


def test_two_values_become_minus_one_and_one():
    """Two different numbers lie one deviation from their mean on either side."""
    assert F.standardize(leaf([3.0, 7.0]), eps=0.0).value.tolist() == [-1.0, 1.0]


@pytest.mark.parametrize(
    ("function", "axis"),
    [
        (lambda x: F.layer_norm(x, eps=0.0), -1),
        (lambda x: F.batch_norm(x, eps=0.0), 0),
        (lambda x: F.group_norm(x, 1, eps=0.0), -1),
    ],
)
def test_mean_and_variance_are_normalised(function, axis):
    """Along its axes the result has mean 0 and variance 1."""
    y = function(leaf(X)).value
    assert y.mean(axis=axis) == pytest.approx(0.0, abs=1e-15)
    assert y.var(axis=axis) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("function", "axis"),
    [(F.layer_norm, -1), (F.batch_norm, 0), (lambda x: F.group_norm(x, 1), -1)],
)
def test_moving_everything_changes_nothing(function, axis):
    """Contributions add up to zero along the axes: a common shift is undone."""
    x = leaf(X)
    y = function(x)
    gradient = backward(y, seed=np.cos(np.arange(9.0)).reshape(3, 3)).gradient(x)
    assert np.abs(gradient).max() > 0.01
    assert np.abs(gradient.sum(axis=axis)).max() < 1e-14


def test_scaling_everything_changes_nothing():
    """Without eps, contributions are at right angles to the operand: a common factor is undone."""
    for function in (F.layer_norm, F.rms_norm):
        x = leaf(X)
        y = function(x, eps=0.0)
        gradient = backward(y, seed=np.cos(np.arange(9.0)).reshape(3, 3)).gradient(x)
        assert np.abs((gradient * X).sum(axis=-1)).max() < 1e-13


def test_gain_and_bias_by_hand():
    """The gain receives the standardised values, the bias the plain sum."""
    tape = Tape()
    x, gain, bias = tape.leaf([[3.0, 7.0]]), tape.leaf([2.0, 2.0]), tape.leaf([10.0, 20.0])
    y = F.layer_norm(x, gain, bias, eps=0.0)
    assert y.value.tolist() == [[8.0, 22.0]]
    reverse = backward(y.sum())
    assert reverse.gradient(gain).tolist() == [-1.0, 1.0]
    assert reverse.gradient(bias).tolist() == [1.0, 1.0]


def test_channels_have_one_gain_and_bias_each():
    """Gain and bias of images receive one number per channel."""
    tape = Tape()
    x, gain, bias = tape.leaf(IMAGE), tape.leaf(np.ones(4)), tape.leaf(np.zeros(4))
    for y in (F.batch_norm(x, gain, bias), F.group_norm(x, 2, gain, bias)):
        reverse = backward(y.sum())
        assert reverse.gradient(gain).shape == (4,)
        assert reverse.gradient(bias).tolist() == [18.0] * 4


def test_missing_parts_are_one_and_zero():
    """A gain without a bias, or a bias without a gain, gives what 0 and 1 would."""
    gain, bias = np.array([2.0, 3.0, 4.0]), np.array([1.0, 0.0, -1.0])
    for function in (F.layer_norm, F.batch_norm):
        plain = function(leaf(X)).value
        assert function(leaf(X), gain).value == pytest.approx(plain * gain)
        assert function(leaf(X), None, bias).value == pytest.approx(plain + bias)


def test_plain_norms_are_one_node():
    """Without gain and bias the layer is the standardisation alone, without constants."""
    for function in (F.layer_norm, F.batch_norm):
        y = function(leaf(X))
        assert [node.op for node in y.tape.nodes] == ["leaf", "standardize"]


def test_groups_of_all_and_of_one():
    """One group of all channels is a layer norm of the image; one per channel looks at space only."""
    whole = F.standardize(leaf(IMAGE), (1, 2, 3)).value
    single = F.standardize(leaf(IMAGE), (2, 3)).value
    assert F.group_norm(leaf(IMAGE), 1).value == pytest.approx(whole)
    assert F.group_norm(leaf(IMAGE), 4).value == pytest.approx(single)


def test_root_mean_square_by_hand():
    """(3, 4) has the mean square 12.5."""
    assert F.rms_norm(leaf([3.0, 4.0]), eps=0.0).value == pytest.approx(np.array([3, 4]) / np.sqrt(12.5))


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (
            lambda: F.batch_norm(leaf([1.0, 2.0]), 1.0),
            r"operand of batch_norm must have a batch and a channel axis",
        ),
        (
            lambda: F.batch_norm(leaf(IMAGE), np.ones(3)),
            r"gain and bias of batch_norm must have one number per channel, shape \(4,\) \(got \(3,\)\)",
        ),
        (lambda: F.group_norm(leaf(IMAGE), 3), r"groups must divide the number of channels 4 \(got 3\)"),
        (lambda: F.group_norm(leaf(IMAGE), 0), "groups must divide"),
    ],
)
def test_operands_that_do_not_fit_are_refused(function, message):
    """Missing axes, other channels and groups that do not divide them are told apart."""
    with pytest.raises(OperandError, match=message):
        function()
