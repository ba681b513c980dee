"""Claims about `sphinx_tape.tape.blame`; what a whole check blames is in `test_gradient_check.py`."""

# ruff: noqa: N812 -- F is the name the documentation uses

from dataclasses import replace

import numpy as np
import pytest

from sphinx_tape import Tape, backward
from sphinx_tape import functions as F
from sphinx_tape.errors import OperandError
from sphinx_tape.tape.blame import Nodes, wrong_sums
from sphinx_tape.tape.primitives import PRIMITIVES

KINDS = {
    "as sampled": lambda operand: operand,
    "float32": lambda operand: operand.astype(np.float32),
    "all zero": np.zeros_like,
    "all equal": np.ones_like,
    "rounded": np.round,
    "tiny": lambda operand: operand * 1e-9,
    "huge": lambda operand: operand * 1e6,
}


def recorded(primitive, sample, change):
    """Record one operation on changed operands; None if it refuses them."""
    tape = Tape()
    operands = []
    for operand in map(np.asarray, sample.operands):
        real = operand.dtype.kind == "f"
        value = change(operand)[()] if real else operand[()]
        operands.append(tape.leaf(value) if operand.dtype.kind in "fc" else tape.constant(value))
    try:
        return tape.run(primitive, tuple(operands), sample.keywords)
    except OperandError:
        return None


@pytest.mark.parametrize("kind", KINDS)
def test_no_rule_of_the_table_is_blamed(kind):
    """Nor any value, on all samples, at kinks, ties, edges and far out."""
    for name, primitive in PRIMITIVES.items():
        for sample in primitive.samples:
            with np.errstate(all="ignore"):
                output = recorded(primitive, sample, KINDS[kind])
                if output is None or not output.requires_grad:
                    continue
                nodes = Nodes(output.tape)
                assert nodes.wrong_rule(output.node) is None, name
                assert nodes.stale(output.node) is None, name


def test_a_tie_with_itself_is_no_kink():
    """max(x, x) is x: to hand back 1.5 of it is wrong, though each 0.75 could be right."""
    tape = Tape()
    x = tape.leaf(np.array([1.0, 2.0]))
    node = F.maximum(x, x).node
    assert Nodes(tape).wrong_rule(node) is None
    blame = Nodes(tape).wrong_rule(replace(node, vjp=lambda g: [0.75 * g, 0.75 * g]))
    assert (blame.kind, blame.operand) == ("rule", 0)


def test_rule_that_raises_is_not_judged():
    """Nothing is known of it."""

    def refuses(_g):
        raise RuntimeError

    tape = Tape()
    node = replace(F.exp(tape.leaf(1.0)).node, vjp=refuses)
    assert Nodes(tape).wrong_rule(node) is None


def test_right_sums_are_not_blamed():
    """Also with a seed, fan-out and a leaf that nothing reached."""
    tape = Tape()
    x = tape.leaf(np.array([1.0, 2.0]))
    tape.leaf(1.0)
    output = x * x + x
    assert list(wrong_sums(tape, backward(output, seed=np.array([1.0, -1.0])))) == []


def test_missing_and_changed_sums_are_blamed():
    """With the element, what is held, and what arrived."""
    tape = Tape()
    x = tape.leaf(np.array([1.0, 2.0]))
    done = backward((x * x).sum())
    for held, found in ((None, 0.0), (np.array([2.0, 9.0]), 9.0)):
        (blame,) = wrong_sums(tape, replace(done, cotangents=(held, *done.cotangents[1:])))
        assert (blame.node, blame.kind, blame.found) == (0, "sum", found)
        assert blame.expected in {2.0, 4.0}
