"""Repeated blocks are found, and nothing else is taken for one."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sphinx_tape.render.folding import find_folds
from tests.render.random_reports import reports
from tests.render.repeats import recurrent
from tests.render.sample_reports import Sketch, neuron


def chain(length, *, unlike=0):
    """A leaf and as many operations, one of which may be another."""
    sketch = Sketch()
    node = sketch.leaf("x", 0.5)
    for place in range(1, length + 1):
        node = sketch.scalar("exp" if place == unlike else "tanh", 0.5, (node,), (0.75,))
    return sketch.report(node)


def test_steps_of_a_recurrence_are_one_block_each():
    """Four nodes a step from node 2 on; the first step is drawn, nineteen are folded, the loss is not."""
    (fold,) = find_folds(recurrent(20), "auto")
    assert (fold.first, fold.repeats, fold.nodes) == (range(2, 6), 19, tuple(range(6, 82)))


def test_inputs_made_before_the_loop_are_folded_with_the_step_that_uses_them():
    """Constants 3 to 21 belong to steps 2 to 20; the first step keeps its own."""
    (fold,) = find_folds(recurrent(20, first_inputs=True), "auto")
    assert (fold.first, fold.repeats) == (range(22, 25), 19)
    assert fold.nodes == (*range(3, 22), *range(25, 82))


def test_chain_keeps_its_ends():
    """The first operation stands for the others; the output is always drawn."""
    (fold,) = find_folds(chain(80), "auto")
    assert (fold.first, fold.inside) == (range(1, 2), range(2, 80))


def test_another_operation_ends_a_block():
    """Steps before and after the odd one are folded, the odd one is drawn."""
    folds = find_folds(recurrent(20, odd=10), "auto")
    hidden = {node for fold in folds for node in fold.nodes}
    odd = {row.id for row in recurrent(20, odd=10).nodes if row.op == "sub"}
    assert len(folds) == 2
    assert not hidden & odd


def test_block_wired_in_another_way_is_no_repeat():
    """The same operations on other parents: from step 11 on the product takes an older state."""
    report = recurrent(20)
    rows = list(report.nodes)
    for step in range(11, 21):
        product = 2 + 4 * (step - 1) + 1
        rows[product] = rows[product]._replace(parents=(rows[product].parents[0] - 4, 0))
    (fold, *others) = find_folds(report._replace(nodes=tuple(rows)), "auto")
    assert fold.inside.stop <= 2 + 4 * 10
    assert all(other.first.start >= fold.inside.stop for other in others)


@pytest.mark.parametrize(("choice", "steps", "folds"), [("auto", 14, 0), ("auto", 15, 1), ("always", 3, 1)])
def test_small_tapes_are_folded_on_request_only(choice, steps, folds):
    """`auto` begins with 61 nodes (3 and 4 a step make 59 and 63), `always` with three blocks."""
    assert len(find_folds(recurrent(steps), choice)) == folds
    assert find_folds(recurrent(steps), "never") == ()


def test_leaves_alone_are_no_block():
    """Sixty weights in a row are not folded: who uses which would be lost."""
    sketch = Sketch()
    for number in range(80):
        sketch.leaf(f"w{number}", 1.0)
    assert find_folds(sketch.report(None), "always") == ()


def test_output_in_the_middle_is_drawn():
    """Blocks end before the node that the reverse pass starts from."""
    report = chain(80)._replace(output=40)
    assert all(40 not in fold.nodes for fold in find_folds(report, "auto"))


def test_shapes_and_cuts_matter():
    """A block whose values have another shape, or whose gradient is cut, is another block."""
    report = recurrent(20)
    for change in ({"cut": "detach"}, {"requires_grad": False}, {"op": "relu"}):
        rows = list(report.nodes)
        rows[41] = rows[41]._replace(**change)
        folds = find_folds(report._replace(nodes=tuple(rows)), "auto")
        assert folds
        assert all(41 not in fold.nodes for fold in folds)


def test_sums_over_what_is_folded_are_folded_too():
    """One loss a step, added up after the loop: the additions take from one box."""
    sketch = Sketch()
    w, h = sketch.leaf("w", 0.5), sketch.leaf("h0", 0.5)
    losses = []
    for _ in range(20):
        h = sketch.scalar("mul", 0.25, (h, w), (0.5, 0.25))
        losses.append(sketch.scalar("square", 0.25, (h,), (1.0,)))
    total = losses[0]
    for loss in losses[1:]:
        total = sketch.scalar("add", 0.5, (total, loss), (1.0, 1.0))
    steps, sums = find_folds(sketch.report(total), "auto")
    assert (steps.first, steps.inside) == (range(2, 4), range(4, 42))
    assert (sums.first, sums.inside) == (range(42, 43), range(43, 60))


@given(reports(), st.sampled_from(["auto", "always"]))
def test_folds_never_overlap(report, choice):
    """Whatever the tape: no node is in two folds, none of a first block is hidden, no output is."""
    folds = find_folds(report, choice)
    hidden = [node for fold in folds for node in fold.nodes]
    assert len(hidden) == len(set(hidden))
    assert not set(hidden) & {node for fold in folds for node in fold.first}
    assert report.output not in hidden


def test_random_operations_are_not_folded():
    """Without any pattern there is no block of three that looks alike for long."""
    chance, sketch = random.Random(3), Sketch()  # noqa: S311 -- reproducible, no secret
    sketch.leaf("x", 1.0)
    for node in range(1, 90):
        op = chance.choice(["add", "mul", "sub", "div", "pow"])
        parents = (chance.randrange(node), chance.randrange(node))
        sketch.scalar(op, 1.0, parents, (1.0, 1.0))
    assert find_folds(sketch.report(89), "always") == ()
    assert find_folds(neuron(), "always") == ()
