"""Arrows: one per operand, merged where a box stands for several nodes."""

from __future__ import annotations

from sphinx_tape.render.wiring import make_edges
from tests.render.sample_reports import Sketch, neuron


def test_without_folds_every_operand_has_its_arrow():
    """Keys are parent, consumer and operand."""
    report = neuron()
    edges = make_edges(report, {row.id: row.id for row in report.nodes}, frozenset(), gradients=False)
    assert [edge.key for edge in edges] == [
        f"{parent}-{row.id}-{operand}" for row in report.nodes for operand, parent in enumerate(row.parents)
    ]


def test_arrows_between_two_boxes_become_one():
    """Nodes 2 and 3 are in one box: the leaf's two arrows to them are one, the one between them none."""
    sketch = Sketch()
    x = sketch.leaf("x", 1.0)
    one = sketch.scalar("sub", 0.0, (x, x), (1.0, -1.0))
    two = sketch.scalar("sub", 0.0, (x, one), (1.0, -1.0))
    three = sketch.scalar("sub", 0.0, (x, two), (1.0, -1.0))
    last = sketch.scalar("sub", 0.0, (two, three), (1.0, -1.0))
    report = sketch.report(last)
    index = {x: 0, one: 1, two: 2, three: 2, last: 3}
    edges = make_edges(report, index, frozenset({2}), gradients=True)
    assert [edge.key for edge in edges] == ["0-1-0", "0-1-1", "0-2-0 0-3-0", "1-2-1", "2-4-0 3-4-1"]
    assert [edge.arrival for edge in edges] == [0, 1, 0, 0, 0]
    assert all(edge.carries for edge in edges)


def test_cut_arrows_stay_apart():
    """Where a gradient comes back along one and not along the other, both are drawn."""
    sketch = Sketch()
    x = sketch.leaf("x", 1.0)
    one = sketch.scalar("mul", 1.0, (x,), (1.0,))
    two = sketch.node("detach", 1.0, (x,), (None,), requires_grad=False, cut="detach")
    edges = make_edges(sketch.report(one), {x: 0, one: 1, two: 1}, frozenset({1}), gradients=True)
    assert [(edge.key, edge.cut) for edge in edges] == [("0-1-0", ""), ("0-2-0", "detach")]
