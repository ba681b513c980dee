"""The chapter on gradients that stop."""

import numpy as np
import pytest
from course_tapes import cuts

from sphinx_tape import backward
from sphinx_tape.tape.coverage import coverage


def reasons(output):
    """Return the reason of each named node without a gradient."""
    found = coverage(output.tape, backward(output))
    names = {node.id: node.name for node in output.tape.nodes}
    return {names[node]: reason.kind for node, reason in found.reasons.items() if names[node]}


def test_semi_gradient(work):
    """By hand, after Sutton and Barto (2018), 9.3: -2 (2.35 - 1) 2 = -5.4."""
    found = work(cuts.temporal_difference())
    assert (found.values["v"], found.values["target"]) == pytest.approx((1.0, 2.35))
    assert found.gradients["w"] == pytest.approx(-5.4)


def test_full_gradient(work):
    """By hand: 2 (2.35 - 1) (0.9 * 3 - 2) = 1.89, of the opposite sign."""
    assert work(cuts.temporal_difference(cut=False)).gradients["w"] == pytest.approx(1.89)


def test_detached_target_is_named_as_such():
    """The target required a gradient; what is reported is the cut, not a general hint."""
    assert reasons(cuts.temporal_difference())["target"] == "detach"


def test_logsumexp_shares(work):
    """By definition the gradient of log-sum-exp is the softmax; its shares add up to 1."""
    found = work(cuts.stable_logsumexp())
    shares = np.exp(np.array([-2.0, 0.0, -1.0]))
    assert found.gradients["z"] == pytest.approx(shares / shares.sum())
    assert found.values["L"] == pytest.approx(1000 + np.log(shares.sum()))


def test_gate(work):
    """By hand: y = 1 w, so w gets 1; x is behind a comparison and gets nothing, with the reason."""
    found = work(cuts.hard_gate())
    assert found.gradients["w"] == 1.0
    assert found.gradients["x"] is None
    assert reasons(cuts.hard_gate())["x"] == "not_differentiable"


def test_rounding_gives_nothing_back(work):
    """2.3 is rounded to 2.5 in steps of one half, and x has no gradient, with the reason."""
    found = work(cuts.quantised())
    assert found.values["q"] == 2.5
    assert found.gradients["x"] is None
    assert reasons(cuts.quantised())["x"] == "not_differentiable"


def test_straight_through(work):
    """Bengio et al. (2013): forward the rounded value, backward the identity: 2 (2.5 - 1) = 3."""
    found = work(cuts.straight_through())
    assert found.values["x_q"] == 2.5
    assert found.gradients["x"] == pytest.approx(3.0)


def test_lookup(work):
    """By hand: rows 2, 0, 2 are chosen, so row 2 gets twice 2 E[2] and row 1 gets zeros."""
    found = work(cuts.lookup())
    assert found.gradients["E"].tolist() == [[2.0, 0.0], [0.0, 0.0], [8.0, -4.0]]
    assert found.gradients["t"] is None
    assert found.gradients["b"] is None


def test_lookup_reasons():
    """The forgotten bias is not reached; the measurements end at whole numbers."""
    found = reasons(cuts.lookup())
    assert (found["b"], found["t"]) == ("not_reached", "integer")
