"""Claims about `sphinx_tape.tape.joining`."""

import numpy as np
import pytest

from sphinx_tape import Tape, backward
from sphinx_tape import functions as F  # noqa: N812 -- the customary short name
from sphinx_tape.errors import OperandError


def test_every_part_receives_its_own_piece():
    """Joining sends each operand the piece of the cotangent that lies where it was put."""
    tape = Tape()
    a, b, c = tape.leaf([1.0]), tape.leaf([2.0, 3.0]), tape.leaf([4.0])
    reverse = backward(F.concatenate([a, b, c]), seed=np.array([10.0, 20.0, 30.0, 40.0]))
    assert [reverse.gradient(each).tolist() for each in (a, b, c)] == [[10.0], [20.0, 30.0], [40.0]]


def test_one_operand_twice_receives_both_pieces():
    """The same value at two places receives the sum of both pieces."""
    x = Tape().leaf([1.0, 2.0])
    reverse = backward(F.stack([x, x], axis=1), seed=np.array([[1.0, 10.0], [2.0, 20.0]]))
    assert reverse.gradient(x).tolist() == [11.0, 22.0]
    assert [contribution.operand for contribution in reverse.steps[0].contributions] == [0, 1]


def test_joining_flattened_arrays_restores_their_shapes():
    """With `axis=None` each operand's piece comes back in the operand's shape."""
    tape = Tape()
    a, b = tape.leaf(np.ones((2, 1))), tape.leaf([1.0])
    reverse = backward(F.concatenate([a, b], axis=None), seed=np.array([1.0, 2.0, 3.0]))
    assert reverse.gradient(a).tolist() == [[1.0], [2.0]]
    assert reverse.gradient(b).tolist() == [3.0]


def test_parts_that_do_not_fit_are_refused():
    """The message shows all shapes."""
    tape = Tape()
    with pytest.raises(OperandError, match=r"operands of concatenate must fit together .*\[2\].*\[1, 1\]"):
        F.concatenate([tape.leaf([1.0, 2.0]), tape.leaf([[1.0]])])
