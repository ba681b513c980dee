"""Claims about `sphinx_tape.tape.neural` and `functions_neural`."""

import numpy as np
import pytest

from sphinx_tape import Tape, backward
from sphinx_tape import functions as F  # noqa: N812 -- the customary short name
from sphinx_tape.errors import OperandError
from tests.support import require_module


def test_softmax_of_equal_scores_by_hand():
    """Of two equal scores each has the share 1/2, and d y0 = (dx0 - dx1) / 4."""
    x = Tape().leaf([3.0, 3.0])
    y = F.softmax(x)
    assert y.value.tolist() == [0.5, 0.5]
    assert backward(y[0]).gradient(x).tolist() == [0.25, -0.25]


def test_softmax_sends_back_contributions_that_add_up_to_zero():
    """Adding a constant to all scores changes nothing, so contributions along the axis cancel."""
    x = Tape().leaf(np.array([[0.3, -1.0, 2.0], [5.0, 0.0, -5.0]]))
    for function in (F.softmax, F.log_softmax):
        g = backward(function(x), seed=np.arange(6.0).reshape(2, 3)).gradient(x)
        assert np.abs(g.sum(axis=-1)).max() < 1e-14


def test_large_scores_neither_overflow_nor_vanish():
    """Scores of 1e4 give finite values and gradients."""
    x = Tape().leaf([1e4, 0.0, -1e4])
    for function in (F.softmax, F.log_softmax, F.smooth_max):
        y = function(x)
        assert np.isfinite(y.value).all()
        assert np.isfinite(backward(y.sum()).gradient(x)).all()


def test_smooth_maximum_by_hand():
    """Of two equal numbers x it is x + T log 2, and each receives half."""
    x = Tape().leaf([1.0, 1.0])
    y = F.smooth_max(x, temperature=0.5)
    assert y.item() == pytest.approx(1.0 + 0.5 * np.log(2.0))
    assert backward(y).gradient(x).tolist() == pytest.approx([0.5, 0.5])


def test_a_low_temperature_comes_close_to_the_maximum():
    """As the temperature falls the value tends to the maximum, which then receives everything."""
    x = Tape().leaf([1.0, 2.0, 1.9])
    y = F.smooth_max(x, temperature=1e-3)
    assert y.item() == pytest.approx(2.0, abs=1e-12)
    assert backward(y).gradient(x).tolist() == pytest.approx([0.0, 1.0, 0.0], abs=1e-12)


def test_softmax_of_symbols_is_the_formula():
    """Symbols go through the same entry: the gradient is p (1 - p), right to the letter."""
    sympy = require_module("sympy")
    a, b = sympy.symbols("a b")
    x = Tape().leaf(np.array([a, b], dtype=object))
    share = F.softmax(x)[0]
    assert sympy.simplify(share.item() - 1 / (1 + sympy.exp(b - a))) == 0
    p = share.item()
    assert sympy.simplify(backward(share).gradient(x)[0] - p * (1 - p)) == 0


def test_dropout_keeps_the_mean():
    """What stays is divided by the share that stays; what is dropped receives zero."""
    x = Tape().leaf([1.0, 2.0, 3.0, 4.0])
    y = F.dropout(x, [1, 0, 1, 1], rate=0.25)
    assert y.value.tolist() == pytest.approx([4 / 3, 0.0, 4.0, 16 / 3])
    assert backward(y.sum()).gradient(x).tolist() == pytest.approx([4 / 3, 0.0, 4 / 3, 4 / 3])


def test_the_mask_is_a_parent_without_a_gradient():
    """A recorded mask is shown in the graph, but nothing is sent to it."""
    tape = Tape()
    x, mask = tape.leaf([1.0, 2.0]), tape.constant(np.array([True, False]), name="mask")
    y = F.dropout(x, mask)
    assert y.node.parents == (x.id, mask.id)
    assert backward(y.sum()).gradient(mask) is None


@pytest.mark.parametrize("rate", [1.0, -0.1, float("nan")])
def test_a_rate_is_a_share(rate):
    """Everything cannot be dropped, nor less than nothing."""
    with pytest.raises(OperandError, match="rate of dropout must be at least 0 and below 1"):
        F.dropout(Tape().leaf([1.0]), [1], rate=rate)
