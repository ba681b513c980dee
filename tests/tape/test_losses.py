"""Claims about `sphinx_tape.tape.losses` and `functions_losses`."""

from fractions import Fraction

import numpy as np
import pytest

from sphinx_tape import Tape, backward
from sphinx_tape import functions as F  # noqa: N812 -- the customary short name
from sphinx_tape.errors import OperandError
from sphinx_tape.tape.losses import reduce_loss
from tests.support import require_module


def loss_and_gradient(function, prediction, *others, **keywords):
    """The value of a loss and the gradient of the prediction."""
    x = Tape().leaf(prediction)
    y = function(x, *others, **keywords)
    return y.value, backward(y, seed=np.ones(y.shape)).gradient(x)


def test_squared_error_by_hand():
    """The mean of 1 and 9 is 5; the gradient is 2 d / n."""
    value, gradient = loss_and_gradient(F.mse, [2.0, 0.0], [1.0, 3.0])
    assert (value, gradient.tolist()) == (5.0, [1.0, -3.0])


def test_reductions_by_hand():
    """`sum` leaves out the division, `none` keeps every value."""
    assert loss_and_gradient(F.mse, [2.0, 0.0], [1.0, 3.0], reduction="sum")[1].tolist() == [2.0, -6.0]
    value, gradient = loss_and_gradient(F.mse, [2.0, 0.0], [1.0, 3.0], reduction="none")
    assert (value.tolist(), gradient.tolist()) == ([1.0, 9.0], [2.0, -6.0])


def test_the_target_receives_the_opposite():
    """In a loss of the difference the target receives the prediction's gradient, negated."""
    for function in (F.mse, F.mae, F.huber):
        tape = Tape()
        x, t = tape.leaf([2.0, -0.5, 0.3]), tape.leaf([0.1, 0.2, 0.4])
        reverse = backward(function(x, t))
        assert reverse.gradient(x).tolist() == (-reverse.gradient(t)).tolist()


def test_one_target_for_all_is_broadcast():
    """A scalar target counts for every prediction, also in the mean."""
    value, gradient = loss_and_gradient(F.mae, np.array([[1.0, 3.0], [5.0, -3.0]]), 1.0)
    assert value == pytest.approx(10 / 4)
    assert gradient.tolist() == [[0.0, 0.25], [0.25, -0.25]]


def test_huber_turns_from_square_to_linear_at_delta():
    """Half the square up to delta, then slope delta; both branches agree at delta itself."""
    value, gradient = loss_and_gradient(F.huber, [1.0, 2.0, 5.0, -5.0], 0.0, delta=2.0, reduction="none")
    assert value.tolist() == [0.5, 2.0, 8.0, 8.0]
    assert gradient.tolist() == [1.0, 2.0, 2.0, -2.0]


def test_binary_cross_entropy_by_hand():
    """A logit of 0 is a share of one half: the loss is log 2, the gradient 1/2 - target."""
    value, gradient = loss_and_gradient(F.binary_cross_entropy, 0.0, 1.0)
    assert (value, gradient) == (pytest.approx(np.log(2.0)), -0.5)


def test_sure_logits_do_not_overflow():
    """Logits of 1e4 on the wrong side cost 1e4, on the right side nothing; gradients stay in [-1, 1]."""
    value, gradient = loss_and_gradient(
        F.binary_cross_entropy, [1e4, -1e4, 1e4], [0.0, 1.0, 1.0], reduction="none"
    )
    assert value.tolist() == [1e4, 1e4, 0.0]
    assert gradient.tolist() == [1.0, -1.0, 0.0]


def test_fractions_stay_exact():
    """The mean squared error of fractions, and its gradient, are fractions."""
    x = Tape().leaf(np.array([Fraction(1, 3), Fraction(1, 2)], dtype=object))
    y = F.mse(x, np.array([Fraction(0), Fraction(1)], dtype=object))
    assert y.item() == Fraction(13, 72)
    gradient = backward(y).gradient(x).tolist()
    assert gradient == [Fraction(1, 3), Fraction(-1, 2)]
    assert {type(each) for each in gradient} == {Fraction}


def test_cross_entropy_of_a_symbol_is_the_formula():
    """The gradient of the logit is its sigmoid minus the target, right to the letter."""
    sympy = require_module("sympy")
    z, t = sympy.symbols("z t")
    tape = Tape()
    x, target = tape.leaf(z), tape.leaf(t)
    reverse = backward(F.binary_cross_entropy(x, target))
    assert sympy.simplify(reverse.gradient(x).item() - (1 / (1 + sympy.exp(-z)) - t)) == 0
    assert reverse.gradient(target).item() == -z


def test_narrow_elements_stay_narrow():
    """A loss of float32 values is float32, and so is its gradient."""
    value, gradient = loss_and_gradient(F.huber, np.ones(3, dtype=np.float32), np.zeros(3, dtype=np.float32))
    assert (value.dtype, gradient.dtype) == (np.float32, np.float32)


def test_unknown_reductions_are_refused():
    """The message lists what is known."""
    with pytest.raises(OperandError, match=r"reduction must be one of mean, sum, none \(got 'max'\)"):
        F.mse(Tape().leaf([1.0]), [1.0], reduction="max")


@pytest.mark.parametrize("delta", [0.0, -1.0])
def test_delta_is_positive(delta):
    """A delta of zero would be no loss at all."""
    with pytest.raises(OperandError, match="delta of huber must be positive"):
        F.huber(Tape().leaf([1.0]), 0.0, delta=delta)


@pytest.mark.parametrize("shape", [(7,), (3, 5), (1,)])
def test_mean_of_single_losses_is_numpys(shape):
    """The short way taken for float64 gives np.mean() to the last bit; halves do not overflow."""
    each = np.random.default_rng(2).normal(size=shape)
    assert reduce_loss(each, "mean") == np.mean(each)
    assert reduce_loss(np.full(5000, 60.0, np.float16), "mean") == 60.0
