"""Claims about `sphinx_tape.tape.replay`."""

# ruff: noqa: N812 -- F is the name the documentation uses

import numpy as np
import pytest

from sphinx_tape import Tape, no_grad
from sphinx_tape import functions as F
from sphinx_tape.errors import RecordError
from sphinx_tape.tape import Node
from sphinx_tape.tape.replay import replay


def test_replay_from_another_leaf():
    """The same operations on another number, and nothing recorded."""
    tape = Tape()
    x = tape.leaf(2.0)
    output = F.exp(x) * x + 1.0
    size = len(tape)
    assert replay(tape, {x.id: np.float64(3.0)}, output.id) == np.exp(3.0) * 3.0 + 1.0
    assert len(tape) == size


def test_without_changes_it_is_what_was_recorded():
    """The recorded value itself is handed back."""
    output = Tape().leaf(2.0) * 3.0
    assert replay(output.tape, {}, output.id) == 6.0


def test_cut_values_are_held():
    """What is detached, or recorded in no_grad, keeps its recorded value."""
    tape = Tape()
    x = tape.leaf(2.0)
    with no_grad():
        held = x * 10.0
    output = x * x.detach() + held
    assert replay(tape, {x.id: np.float64(3.0)}, output.id) == 3.0 * 2.0 + 20.0


def test_narrowing_is_left_out():
    """A conversion to float16 would drop the digits that differences need."""
    tape = Tape()
    x = tape.leaf(1.0)
    narrow = x.astype(np.float16)
    assert replay(tape, {x.id: np.float64(1.0 + 1e-9)}, narrow.id) == 1.0 + 1e-9


def test_foreign_operation_cannot_be_run_again():
    """A tape read from a framework holds operations that the table does not know."""
    tape = Tape()
    x = tape.leaf(1.0)
    output = tape.append(Node(id=1, op="AddBackward0", value=np.float64(1.0), parents=(0,)))
    with pytest.raises(RecordError, match=r"node 1 must be of a primitive .* \(got AddBackward0\)"):
        replay(tape, {x.id: np.float64(2.0)}, output.id)
