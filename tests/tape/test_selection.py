"""Claims about `sphinx_tape.tape.selection`. Rules: `test_check.py`."""

# ruff: noqa: N812 -- F is the name the documentation uses

import numpy as np
import pytest

from sphinx_tape import Tape, backward, gradients
from sphinx_tape import functions as F


def slopes(function, *arrays):
    """Gradients of the sum of a function of leaves."""
    tape = Tape()
    leaves = [tape.leaf(array) for array in arrays]
    found = gradients(function(*leaves).sum())
    return [found[leaf.id].tolist() for leaf in leaves]


def test_ties_are_shared():
    """Where two operands are equal each gets half; elsewhere the winner gets all."""
    a, b = [1.0, 2.0, 3.0], [3.0, 2.0, 1.0]
    assert slopes(F.maximum, a, b) == [[0.0, 0.5, 1.0], [1.0, 0.5, 0.0]]
    assert slopes(F.minimum, a, b) == [[1.0, 0.5, 0.0], [0.0, 0.5, 1.0]]


def test_tie_with_itself_is_the_identity():
    """The shares of max(x, x) add up to the slope of x."""
    assert slopes(lambda x: F.maximum(x, x), [1.0, -2.0]) == [[1.0, 1.0]]


def test_bounds_count_as_inside():
    """Clipping has slope 1 on its bounds, 0 beyond; one bound may be missing."""
    points = [-1.0, 0.0, 0.5, 1.0, 2.0]
    assert slopes(lambda x: F.clip(x, 0.0, 1.0), points) == [[0.0, 1.0, 1.0, 1.0, 0.0]]
    assert slopes(lambda x: F.clamp(x, low=0.0), points) == [[0.0, 1.0, 1.0, 1.0, 1.0]]
    assert slopes(lambda x: F.clip(x, high=1.0), points) == [[1.0, 1.0, 1.0, 1.0, 0.0]]


def test_where_splits_the_gradient():
    """Each branch receives where it was taken; a broadcast branch receives the sum."""
    tape = Tape()
    a, b = tape.leaf([1.0, 2.0, 3.0]), tape.leaf(10.0)
    output = F.where(np.array([True, False, True]), a, b)
    found = gradients(output.sum())
    assert output.value.tolist() == [1.0, 10.0, 3.0]
    assert (found[a.id].tolist(), found[b.id]) == ([1.0, 0.0, 1.0], 1.0)


def test_where_keeps_nan_of_the_other_branch_out():
    """The branch not taken contributes exactly 0, even where its own slope is infinite."""
    assert slopes(lambda x: F.where(x > 0, F.square(x), 0.0), [0.0, 3.0]) == [[0.0, 6.0]]


@pytest.mark.parametrize(
    ("function", "values"),
    [
        (F.sign, [-1.0, 0.0, 1.0]),
        (F.floor, [-2.0, 0.0, 1.0]),
        (F.ceil, [-1.0, 0.0, 2.0]),
        (F.round, [-2.0, 0.0, 2.0]),
    ],
)
def test_staircases_hand_nothing_back(function, values):
    """They are declared not differentiable: no gradient, instead of zeros."""
    x = Tape().leaf([-1.5, 0.0, 1.5])
    output = function(x)
    assert output.value.tolist() == values
    assert (output.requires_grad, output.node.cut) == (False, "not_differentiable")
    assert backward(output, seed=np.ones(3)).gradient(x) is None


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (F.less, [True, False, False]),
        (F.less_equal, [True, True, False]),
        (F.greater, [False, False, True]),
        (F.greater_equal, [False, True, True]),
        (F.equal, [False, True, False]),
        (F.not_equal, [True, False, True]),
    ],
)
def test_comparisons(function, expected):
    """Elementwise, as bools."""
    x = Tape().constant([1.0, 2.0, 3.0])
    assert function(x, 2.0).value.tolist() == expected


def test_cast_to_complex_and_back():
    """The real part of the cotangent comes home."""
    x = Tape().leaf([1.0, 2.0])
    z = F.cast(x, np.complex128) * (2 - 3j)
    assert gradients(F.real(z).sum())[0].tolist() == [2.0, 2.0]
