"""Claims about `sphinx_tape.tape.class_losses` and `functions_losses`."""

import numpy as np
import pytest

from sphinx_tape import Tape, backward
from sphinx_tape import functions as F  # noqa: N812 -- the customary short name
from sphinx_tape.errors import OperandError
from tests.support import require_module

SCORES = np.log(np.array([[1.0, 1.0, 2.0], [3.0, 1.0, 4.0]]))
"""Scores whose softmax is (1, 1, 2) / 4 and (3, 1, 4) / 8."""


def test_cross_entropy_by_hand():
    """The loss is the mean of -log p of the classes; the gradient is (p - onehot) / rows."""
    x = Tape().leaf(SCORES)
    y = F.cross_entropy(x, [2, 1])
    assert y.item() == pytest.approx((np.log(2.0) + np.log(8.0)) / 2)
    expected = [[1 / 8, 1 / 8, -1 / 4], [3 / 16, -7 / 16, 1 / 4]]
    assert backward(y).gradient(x) == pytest.approx(np.array(expected))


def test_one_composed_of_others_agrees():
    """Cross-entropy is the negative log-likelihood of the log-softmax, and that of one-hot shares."""
    x = Tape().leaf(SCORES)
    losses = [
        F.cross_entropy(x, [2, 1]),
        F.nll(F.log_softmax(x), [2, 1]),
        F.cross_entropy(x, np.eye(3)[[2, 1]]),
        F.soft_cross_entropy(x, np.eye(3)[[2, 1]]),
    ]
    first, *others = [backward(loss).gradient(x) for loss in losses]
    assert [loss.item() for loss in losses] == pytest.approx([losses[0].item()] * 4)
    for other in others:
        assert other == pytest.approx(first)


def test_the_kind_of_target_chooses_the_operation():
    """Integers are class numbers, not differentiable; probabilities are an operand like any other."""
    tape = Tape()
    x, shares = tape.leaf(SCORES), tape.leaf(np.full((2, 3), 1 / 3))
    assert F.cross_entropy(x, np.array([0, 1], dtype=np.uint8)).node.op == "cross_entropy"
    soft = F.cross_entropy(x, shares)
    assert soft.node.op == "soft_cross_entropy"
    assert backward(soft).gradient(shares) == pytest.approx(-(SCORES - np.log([[4.0], [8.0]])) / 2)


def test_classes_may_lie_on_any_axis():
    """Scores with the classes first, transposed, give the transposed gradient."""
    x, turned = Tape().leaf(SCORES), Tape().leaf(SCORES.T)
    last, first = F.cross_entropy(x, [2, 1]), F.cross_entropy(turned, [2, 1], axis=0)
    assert first.item() == pytest.approx(last.item())
    assert pytest.approx(backward(last).gradient(x)) == backward(first).gradient(turned).T


def test_a_single_row_needs_no_batch():
    """One row of scores takes one class number; its mean has one element."""
    x = Tape().leaf(SCORES[0])
    assert backward(F.cross_entropy(x, 2)).gradient(x) == pytest.approx(np.array([0.25, 0.25, -0.5]))


def test_sure_scores_do_not_overflow():
    """A score of 1e4 for the wrong class costs 1e4 and has a finite gradient."""
    x = Tape().leaf([1e4, 0.0])
    y = F.cross_entropy(x, 1)
    assert y.item() == 1e4
    assert backward(y).gradient(x).tolist() == [1.0, -1.0]


def test_divergence_of_equal_shares_is_zero():
    """The divergence vanishes where both are equal; a share of zero contributes nothing."""
    tape = Tape()
    p = np.array([[0.5, 0.5, 0.0]])
    log_q = tape.leaf(np.log([[0.5, 0.25, 0.25]]))
    share = tape.leaf(p)
    y = F.kl_divergence(log_q, share)
    assert y.item() == pytest.approx(0.5 * np.log(2.0))
    reverse = backward(y)
    assert reverse.gradient(log_q).tolist() == [[-0.5, -0.5, 0.0]]
    assert reverse.gradient(share).tolist() == [pytest.approx([1.0, 1.0 + np.log(2.0), 0.0])]


def test_cross_entropy_of_symbols_is_the_formula():
    """The gradient of each score is its softmax minus one for the class, right to the letter."""
    sympy = require_module("sympy")
    a, b = sympy.symbols("a b")
    x = Tape().leaf(np.array([a, b], dtype=object))
    gradient = backward(F.cross_entropy(x, 1)).gradient(x)
    share = sympy.exp(a) / (sympy.exp(a) + sympy.exp(b))
    assert [sympy.simplify(each) for each in (gradient[0] - share, gradient[1] + share)] == [0, 0]


@pytest.mark.parametrize(
    ("target", "message"),
    [
        (
            [0],
            r"classes of cross_entropy must have the shape of the batch \(got \(1,\) for .*\(2, 3\)",
        ),
        ([0, 3], r"must lie between 0 and 2 \(got 0 to 3\); count classes from 0"),
        ([-1, 0], r"must lie between 0 and 2 \(got -1 to 0\)"),
        (
            [0.5, 0.5],
            r"probabilities of cross_entropy must have the shape of the logits \(2, 3\) \(got \(2,\)\)",
        ),
    ],
)
def test_targets_that_do_not_fit_are_refused(target, message):
    """A wrong count, a class that does not exist and shares of the wrong shape are told apart."""
    with pytest.raises(OperandError, match=message):
        F.cross_entropy(Tape().leaf(SCORES), target)


def test_class_numbers_are_integers():
    """Negative log-likelihood demands integers; probabilities go to the cross-entropy."""
    with pytest.raises(OperandError, match="indices of nll must be integers"):
        F.nll(Tape().leaf(SCORES), [0.0, 1.0])
