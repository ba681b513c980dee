"""`render.reasons`: sentences for missing and for zero gradients."""

from __future__ import annotations

from typing import get_args

import pytest

from sphinx_tape.render import reasons
from sphinx_tape.render.content import plain
from sphinx_tape.render.reasons import reason_line, zero_causes, zero_line
from sphinx_tape.report.model import Reason, ReasonKind
from tests.render.sample_reports import Sketch, detached, neuron, times
from tests.support import require_module


@pytest.mark.parametrize("kind", get_args(ReasonKind))
@pytest.mark.parametrize("blocker", [None, 3])
def test_every_reason_has_its_sentence(kind, blocker):
    """The closed set is covered; a blocking node is named, linked and located."""
    line = reason_line(neuron(), Reason(kind, blocker))
    text = plain(line)
    assert "{" not in text
    assert len({plain(reason_line(neuron(), Reason(k))) for k in get_args(ReasonKind)}) == 7
    if blocker is not None:
        assert "course/notes.py:13: v = multiply(...)" in text
        assert [part.node for part in line if part.node is not None] == [3]


def test_a_cut_names_node_and_source_line():
    """The reader learns where to look, in the tape and in the code."""
    report = detached()
    text = plain(reason_line(report, report.reverse.gradients[2].reason))
    assert text == "cut by detach at 5: detach (course/notes.py:15: v = detach(...))"


def gated(op, *, factor=0.0):
    """`loss = 2 * op(x)` whose rule multiplies by `factor`."""
    sketch = Sketch()
    x = sketch.leaf("x", -1.0)
    y = sketch.scalar(op, 0.0, (x,), (factor,))
    return sketch.report(sketch.scalar("scale", 0.0, (y,), (2.0,), name="loss"))


def said(report, node):
    """The sentence about a zero."""
    return plain(zero_line(report, node, zero_causes(report.reverse)))


@pytest.mark.parametrize(
    ("op", "words"),
    [
        ("relu", "1: relu is inactive, its input is not positive"),
        ("where", "it is not selected at 1: where"),
        ("maximum", "another operand wins at 1: maximum"),
        ("clip", "it is out of the range of 1: clip"),
        ("sigmoid", "1: sigmoid is saturated"),
        ("mul", "it is multiplied by zero at 1: mul"),
        ("square", "the slope of 1: square is zero here"),
        ("mystery", "the local rule of 1: mystery gives zero"),
    ],
)
def test_a_zero_is_explained_by_the_node_that_made_it(op, words):
    """Present but exactly zero is no missing gradient, and it has a cause."""
    assert said(gated(op), 0).startswith(f"present, but exactly zero: {words} (course/notes.py:11")


def test_a_zero_further_down_has_the_same_cause():
    """Below the inactive gate everything is zero because of that gate."""
    sketch = Sketch()
    x = sketch.leaf("x", 1.0)
    double = sketch.scalar("scale", 2.0, (x,), (2.0,))
    gate = sketch.scalar("relu", 0.0, (double,), (0.0,))
    report = sketch.report(sketch.scalar("scale", 0.0, (gate,), (1.0,)))
    assert zero_causes(report.reverse)[0].node == gate
    assert zero_causes(report.reverse)[double].node == gate


def test_two_causes_are_no_explanation():
    """Where two gates are shut, neither alone explains the zero."""
    sketch = Sketch()
    x = sketch.leaf("x", -1.0)
    gates = [sketch.scalar("relu", 0.0, (x,), (0.0,)) for _ in range(3)]
    report = sketch.report(sketch.scalar("add", 0.0, tuple(gates), (1.0, 1.0, 1.0)))
    assert x not in zero_causes(report.reverse)
    assert said(report, x) == "present, but exactly zero"


def test_contributions_that_cancel_are_said():
    """In x - x both contributions are there, their sum is zero; a node below is zero because of that."""
    sketch = Sketch()
    z = sketch.leaf("z", 2.0)
    x = sketch.scalar("exp", 2.0, (z,), (2.0,), name="x")
    report = sketch.report(sketch.scalar("subtract", 0.0, (x, x), (1.0, -1.0)))
    assert said(report, x) == "present, but exactly zero: its contributions cancel"
    assert said(report, z).startswith("present, but exactly zero: the contributions to 1: x cancel")


def test_a_zero_seed_blames_nobody():
    """With a seed of zero every gradient is zero, and no node made it so."""
    sketch = Sketch()
    x = sketch.leaf("x", 1.0)
    report = sketch.report(sketch.scalar("exp", 2.7, (x,), (2.7,)), seed=0.0)
    assert zero_causes(report.reverse) == {}


def test_arrays_are_zero_only_as_a_whole():
    """Half an inactive relu is an ordinary gradient."""
    sketch = Sketch()
    x = sketch.leaf("x", [1.0, -1.0], (2,))
    gate = sketch.node("relu", [1.0, 0.0], (x,), (times(1.0, 0.0),), shape=(2,))
    report = sketch.report(sketch.node("sum", 1.0, (gate,), (lambda g: (g[0], g[0]),)))
    assert zero_causes(report.reverse) == {}


def test_explanations_name_real_operations():
    """Every op that has an explanation is one that the tape knows, or one that another framework has."""
    table = require_module("sphinx_tape.tape.primitives").PRIMITIVES
    explained = frozenset().union(
        reasons._GATES,
        reasons._MASKS,
        reasons._CHOICES,
        reasons._RANGES,
        reasons._SATURATING,
        reasons._PRODUCTS,
        reasons._FLAT,
    )
    assert explained - set(table) == {"relu6", "clamp", "multiply"}


def test_a_cut_without_a_source_line_is_still_named():
    """Tapes of other frameworks know no lines."""
    report = detached()
    rows = tuple(row._replace(source=None) for row in report.nodes)
    line = reason_line(report._replace(nodes=rows), Reason("detach", 5))
    assert plain(line) == "cut by detach at 5: detach"
