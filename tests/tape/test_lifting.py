"""One tape per reason: lifting only the cut that is reported brings the gradient back.

Every tape has a second cut, of another leaf, which stays; it must go on to have its own reason.
"""

# ruff: noqa: N812 -- F is the name the documentation uses

from __future__ import annotations

from dataclasses import replace
from typing import get_args

import numpy as np
import pytest

from sphinx_tape import Tape, backward, no_grad
from sphinx_tape import functions as F
from sphinx_tape.report.model import ReasonKind
from sphinx_tape.tape import Node
from sphinx_tape.tape.coverage import coverage


def detach(x, *, lift):
    return x if lift else x.detach()


def recorded_in_no_grad(x, *, lift):
    if lift:
        return x * 2.0
    with no_grad():
        return x * 2.0


def rounding(x, *, lift):
    return x * 1.0 if lift else F.round(x)


def whole_numbers(x, *, lift):
    return x.astype(float if lift else int)


def hidden_rule(x, *, lift):
    tape, right = x.tape, lambda g: [2 * x.value * g]
    node = Node(id=len(tape), op="Square", value=x.value**2, parents=(x.id,), vjp=right if lift else None)
    return tape.append(node if lift else replace(node, requires_grad=False, cut="unreadable"))


CUTS = {
    "detach": detach,
    "no_grad": recorded_in_no_grad,
    "not_differentiable": rounding,
    "integer": whole_numbers,
    "unreadable": hidden_rule,
}


def with_cut(cut, *, lift):
    """Let w go through the cut; v has one of its own, which stays."""
    tape = Tape()
    w, v = tape.leaf(1.5, name="w"), tape.leaf(2.5, name="v")
    return (cut(w * w, lift=lift) * 3.0 + F.floor(v)).named("loss")


def forgotten(*, lift):
    """Leave w on no way to the output."""
    tape = Tape()
    w, v = tape.leaf(1.5, name="w"), tape.leaf(2.5, name="v")
    output = tape.leaf(1.0) * 2.0 + F.floor(v)
    return (output + w if lift else output).named("loss")


def frozen(*, lift):
    """Nobody asked for the gradient of w."""
    tape = Tape()
    w, v = tape.leaf(1.5, name="w", requires_grad=lift), tape.leaf(2.5, name="v")
    return (w * tape.leaf(2.0) + F.floor(v)).named("loss")


FIXTURES = {
    **{kind: (lambda cut=cut, *, lift: with_cut(cut, lift=lift)) for kind, cut in CUTS.items()},
    "not_reached": forgotten,
    "not_asked": frozen,
}


def looked_at(output):
    """The gradients and reasons of w and v."""
    done = backward(output)
    reasons = coverage(output.tape, done).reasons
    ids = {node.name: node.id for node in output.tape.nodes}
    return {name: (done.cotangents[ids[name]], reasons.get(ids[name])) for name in ("w", "v")}


def test_there_is_a_tape_for_every_reason():
    """The closed set, and nothing else."""
    assert set(FIXTURES) == set(get_args(ReasonKind))


@pytest.mark.parametrize("kind", FIXTURES)
def test_lifting_only_the_reported_cut_brings_the_gradient_back(kind):
    """Before: no gradient, and this reason; after: a gradient. The other leaf keeps its reason."""
    before, after = (looked_at(FIXTURES[kind](lift=lift)) for lift in (False, True))
    gradient, reason = before["w"]
    assert gradient is None
    assert reason.kind == kind
    gradient, reason = after["w"]
    assert (reason, bool(np.all(gradient != 0))) == (None, True)
    for found in (before, after):
        gradient, reason = found["v"]
        assert (gradient, reason.kind) == (None, "not_differentiable")


@pytest.mark.parametrize("kind", CUTS)
def test_the_node_that_cuts_is_the_blocker(kind):
    """It is named, so that one knows what to lift; another one would not help."""
    output = FIXTURES[kind](lift=False)
    _, reason = looked_at(output)["w"]
    blocker = output.tape.nodes[reason.blocker]
    assert blocker.cut == kind
    assert blocker.parents[0] == 2
