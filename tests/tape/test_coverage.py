"""Claims about `sphinx_tape.tape.coverage`."""

# ruff: noqa: ARG005, N812 -- F is the name the documentation uses

import numpy as np
import pytest

from sphinx_tape import Tape, backward, no_grad
from sphinx_tape import functions as F
from sphinx_tape.tape import Node
from sphinx_tape.tape.coverage import Reason, coverage


def cover(output, **keywords):
    """Coverage of the tape of an output."""
    return coverage(output.tape, backward(output, **keywords))


def test_complete_coverage_has_no_reasons_but_those_of_constants():
    """For w * 2 the leaf and the product are reached, the constant was not asked for."""
    w = Tape().leaf(3.0)
    found = cover(w * 2.0)
    assert (found.required, found.reached, found.missing) == ((0, 2), (0, 2), ())
    assert found.reasons == {1: Reason("not_asked")}


def test_zero_gradient_is_reached():
    """An exactly zero gradient counts as one."""
    w = Tape().leaf(-1.0)
    found = cover(F.relu(w))
    assert backward(F.relu(w)).gradient(w) == 0.0
    assert found.missing == ()


def test_unused_and_later_nodes_are_not_reached():
    """A leaf nobody uses, and a node recorded after the output, depend on nothing of it."""
    tape = Tape()
    w, unused = tape.leaf(1.0), tape.leaf(2.0)
    output = w * w
    later = output * w
    found = cover(output)
    assert found.missing == (unused.id, later.id)
    assert found.missing_leaves == (unused.id,)
    assert found.reasons == {unused.id: Reason("not_reached"), later.id: Reason("not_reached")}


def detached(x):
    return x.detach()


def in_no_grad(x):
    with no_grad():
        return x * 1.0


def rounded(x):
    return F.round(x)


def whole(x):
    return x.astype(int)


@pytest.mark.parametrize(
    ("cut", "kind"),
    [
        (detached, "detach"),
        (in_no_grad, "no_grad"),
        (rounded, "not_differentiable"),
        (whole, "integer"),
    ],
)
def test_cut_is_named_for_all_behind_it(cut, kind):
    """What lies behind a cut is missing because of the node that cuts; that node has the reason itself."""
    tape = Tape()
    w, other = tape.leaf(1.5), tape.leaf(2.0)
    behind = w * w
    blocker = cut(behind)
    found = cover(blocker * 3.0 + other)
    assert found.missing == (w.id, behind.id)
    assert [found.reasons[each] for each in (w.id, behind.id, blocker.id)] == [Reason(kind, blocker.id)] * 3


def test_second_way_to_the_output_counts():
    """A value that is cut on one way and not on the other is reached."""
    w = Tape().leaf(1.5)
    assert cover(w.detach() * w).missing == ()


def test_of_several_cuts_the_earliest_consumer_is_named():
    """One blocker is named, the same in every run."""
    w = Tape().leaf(1.5)
    first, second = w.detach(), F.round(w)
    assert cover(second + first).reasons[w.id] == Reason("detach", first.id)


def test_output_without_gradient_is_its_own_blocker():
    """A pass from a detached output reaches nothing, and says so."""
    w = Tape().leaf(1.5)
    output = (w * 2.0).detach()
    found = cover(output)
    assert found.reached == ()
    assert found.reasons[w.id] == Reason("detach", output.id)


def test_operand_without_a_rule_is_not_differentiable():
    """A floating condition of `where` can require a gradient and never gets one."""
    tape = Tape()
    condition, a = tape.leaf(np.array([0.0, 1.0])), tape.leaf(np.array([2.0, 3.0]))
    output = F.where(condition, a, 0.0)
    found = cover(output, seed=np.ones(2))
    assert found.reasons[condition.id] == Reason("not_differentiable", output.id)


def foreign(tape, **fields):
    """Append a node as an adapter does."""
    return tape.append(Node(id=len(tape), value=np.float64(1.0), **fields))


def test_unreadable_node_is_the_blocker():
    """A foreign node whose rule hands nothing back, or that has none, cannot be read."""
    tape = Tape()
    w = tape.leaf(1.0)
    silent = foreign(tape, op="AccumulateGrad", parents=(0,), vjp=lambda g: [None])
    output = foreign(tape, op="Mystery", parents=(silent.id,), vjp=lambda g: [g])
    assert cover(output).reasons[w.id] == Reason("unreadable", silent.id)


def test_foreign_node_that_asks_for_nothing_is_unreadable():
    """A node without a gradient and without a recorded cut gives no better reason."""
    tape = Tape()
    w = tape.leaf(1.0)
    output = foreign(tape, op="Mystery", parents=(0,), requires_grad=False)
    assert cover(output).reasons[w.id] == Reason("unreadable", output.id)
