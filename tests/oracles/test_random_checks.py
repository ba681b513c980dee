"""The gradient check on 2,000 random tapes: no false alarm, and planted faults found at their node.

Half of the tapes start from multiples of a half, so that ties and kinks are met exactly.
"""

# ruff: noqa: N812 -- F is the name the documentation uses

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from sphinx_tape import Tape, backward
from sphinx_tape import functions as F
from sphinx_tape.tape.gradient_check import check_tape
from tests.oracles.programs import SHAPES, STEPS, Program

PARTS = 8
"""The tapes are split, so that several workers can share them."""
TAPES = 2000


def program(draw):
    """A random program of up to ten steps."""
    leaves = tuple(SHAPES[kind] for kind in draw.integers(0, len(SHAPES), draw.integers(1, 4)))
    count = draw.integers(1, 11)
    steps = zip(
        draw.integers(0, len(STEPS), count).tolist(),
        draw.integers(0, 6, count).tolist(),
        draw.integers(0, 6, count).tolist(),
        strict=True,
    )
    return Program(leaves, tuple(steps), int(draw.integers(0, 2**16)))


def recorded(number):
    """The tape of that number: its output, which requires a gradient."""
    draw = np.random.default_rng([7, number])
    while True:
        made = program(draw)
        halves = [np.round(2 * operand) / 2 if number % 2 else operand for operand in made.operands]
        tape = Tape()
        output = made.run(F, *[tape.leaf(operand) for operand in halves])
        if getattr(output, "requires_grad", False):
            return output


@pytest.mark.parametrize("part", range(PARTS))
def test_no_false_alarm(part):
    """Every tape is right, or at a kink; both kinds of tapes and both methods are among them."""
    seen = Counter()
    for number in range(part, TAPES, PARTS):
        checked = check_tape(recorded(number))
        assert checked.verdict in {"right", "kink"}, f"tape {number}: {checked}"
        seen.update([checked.verdict, *{leaf.finding.method for leaf in checked.leaves}])
    assert seen["right"] > 200
    assert seen["complex step"] > 50
    assert seen["central differences"] > 50


def test_kinks_are_among_them():
    """The tapes with odd numbers meet kinks, which are neither right nor wrong."""
    assert Counter(check_tape(recorded(number)).verdict for number in range(1, 200, 2))["kink"] >= 3


FAULTS = {
    "sign": lambda sent: -sent,
    "factor": lambda sent: 1.5 * sent,
    "offset": lambda sent: sent + 0.25,
    "reversed": lambda sent: np.reshape(sent, -1)[::-1].reshape(np.shape(sent)),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_planted_faults_are_found_at_their_node(fault):
    """A fault that changes the gradient of a leaf is found, and no other node is blamed."""
    caught = 0
    for number in range(0, 240, 2):
        output = recorded(number)
        tape, spoil = output.tape, FAULTS[fault]
        before = backward(output)
        inner = [
            node for node in tape.nodes if node.vjp is not None and before.cotangents[node.id] is not None
        ]
        node = inner[np.random.default_rng([8, number]).integers(len(inner))]
        tape._nodes[node.id] = replace(
            node,
            vjp=lambda g, right=node.vjp, spoil=spoil: [
                None if sent is None else spoil(sent) for sent in right(g)
            ],
        )
        after = backward(output)
        leaves = [each.id for each in tape.nodes if not each.parents and each.requires_grad]
        changed = any(differ(before.cotangents[leaf], after.cotangents[leaf]) for leaf in leaves)
        checked = check_tape(output)
        blamed = {blame.node for blame in checked.blamed}
        if changed:
            assert checked.verdict == "wrong", f"tape {number}, node {node.id} {node.op}: {checked}"
        assert blamed <= {node.id}
        caught += bool(blamed)
    assert caught > 20


def differ(one, other):
    """Whether two gradients are not the same up to rounding."""
    if one is None or other is None:
        return False
    return not np.allclose(one, other, rtol=1e-5, atol=1e-5 * np.max(np.abs(one), initial=0.0))
