"""Claims about `sphinx_tape.tape.broadcasting`."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis.extra.numpy import mutually_broadcastable_shapes

from sphinx_tape import Tape, gradients
from sphinx_tape.errors import ContributionShapeError
from sphinx_tape.tape.broadcasting import fit, summed_axes, unbroadcast


@pytest.mark.parametrize(
    ("shape", "operand", "axes"),
    [
        ((2, 3), (2, 3), ()),
        ((2, 3), (3,), (0,)),
        ((2, 3), (2, 1), (1,)),
        ((2, 3), (1, 1), (0, 1)),
        ((4, 2, 3), (2, 1), (0, 2)),
        ((2, 3), (), (0, 1)),
        ((1, 3), (1, 3), ()),
    ],
)
def test_summed_axes_are_those_that_were_repeated(shape, operand, axes):
    """Axes added in front, and axes stretched from length 1."""
    assert summed_axes(shape, operand) == axes


@given(mutually_broadcastable_shapes(num_shapes=2, max_dims=4, max_side=3))
def test_unbroadcast_is_the_transpose_of_broadcasting(shapes):
    """For all x and g: <g, broadcast x> = <unbroadcast g, x>, exactly, on small integers."""
    first, result = shapes.input_shapes[0], shapes.result_shape
    x = np.arange(np.prod(first, dtype=int), dtype=float).reshape(first)
    g = np.arange(np.prod(result, dtype=int), dtype=float).reshape(result) - 3.0
    back = unbroadcast(g, first)
    assert back.shape == first
    assert np.sum(g * np.broadcast_to(x, result)) == np.sum(back * x)


@pytest.mark.parametrize("shape", [(3,), (2, 2), (2, 3, 1), (5, 2, 3)])
def test_shape_that_does_not_broadcast_is_refused(shape):
    """Neither a too short, nor another, nor a larger shape can have become (2, 3)."""
    array = np.ones((2,)) if shape == (3,) else np.ones((2, 3))
    with pytest.raises(ContributionShapeError, match=r"contribution must have its parent's shape"):
        unbroadcast(array, shape)


def test_fit_casts_to_the_operand():
    """A wider contribution comes back in the operand's element type; scalars are NumPy scalars."""
    fitted = fit(np.ones((2, 3)), np.zeros(3, dtype=np.float32))
    assert (fitted.dtype, fitted.tolist()) == (np.float32, [2.0, 2.0, 2.0])
    assert type(fit(1, np.float64(0))) is np.float64


def test_fit_keeps_the_real_part_for_real_operands():
    """A real value can only move along the real axis."""
    assert fit(np.complex128(3 + 4j), np.float64(0)) == 3.0


def test_rules_with_broadcast_operands_on_a_tape():
    """A row, a column and a number against a matrix: each receives its sum."""
    tape = Tape()
    matrix = tape.constant(np.arange(6.0).reshape(2, 3))
    row, column, number = tape.leaf(np.ones(3)), tape.leaf(np.ones((2, 1))), tape.leaf(1.0)
    found = gradients((matrix * row * column * number).sum())
    assert found[row.id].tolist() == [3.0, 5.0, 7.0]
    assert found[column.id].tolist() == [[3.0], [12.0]]
    assert found[number.id] == 15.0
