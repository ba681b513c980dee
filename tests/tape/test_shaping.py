"""Claims about `sphinx_tape.tape.shaping` and `functions_shaping`."""

import numpy as np
import pytest

from sphinx_tape import Tape, backward
from sphinx_tape import functions as F  # noqa: N812 -- the customary short name
from sphinx_tape.errors import OperandError

X = np.arange(6.0).reshape(2, 3)


def gradient(function, value=X, weights=None):
    """The gradient of the sum of what a function makes of a leaf, each element with its own weight."""
    x = Tape().leaf(value)
    y = function(x)
    seed = np.arange(1.0, y.size + 1).reshape(y.shape) if weights is None else weights
    return backward(y, seed=seed).gradient(x).tolist()


def test_reshaping_carries_the_cotangent_back_in_order():
    """Element n of the cotangent belongs to element n of the operand, in row-major order."""
    assert gradient(lambda x: x.reshape(3, 2)) == [[1, 2, 3], [4, 5, 6]]
    assert gradient(lambda x: x.reshape((6,))) == [[1, 2, 3], [4, 5, 6]]
    assert gradient(F.ravel) == [[1, 2, 3], [4, 5, 6]]


def test_transposing_carries_it_back_transposed():
    """Rows of the cotangent go to columns."""
    assert gradient(lambda x: x.T) == [[1, 3, 5], [2, 4, 6]]


def test_broadcast_copies_add_up():
    """Each element receives the sum over its copies."""
    assert gradient(lambda x: F.broadcast_to(x, (2, 2, 3)), X) == [[8, 10, 12], [14, 16, 18]]
    assert gradient(lambda x: F.tile(x, (1, 2)), X[:1]) == [[5, 7, 9]]
    assert gradient(lambda x: F.repeat(x, 2, 1), X[:1]) == [[3, 7, 11]]


def test_an_element_that_is_not_copied_receives_zero():
    """Zero copies are a derivative of zero, not a missing gradient."""
    assert gradient(lambda x: F.repeat(x, (2, 0, 1), 1), X[:1]) == [[3, 0, 3]]


def test_padding_is_cut_off_again():
    """Constants around the array receive nothing."""
    assert gradient(lambda x: F.pad(x, ((0, 1), (1, 0))), X) == [[2, 3, 4], [6, 7, 8]]


def test_triangles_and_diagonals_fill_with_zeros():
    """What was left out receives zero."""
    assert gradient(F.diagonal) == [[1, 0, 0], [0, 2, 0]]
    assert gradient(F.tril) == [[1, 0, 0], [4, 5, 0]]
    assert gradient(lambda x: F.triu(x, 1)) == [[0, 2, 3], [0, 0, 6]]


def test_rolling_comes_back():
    """The cotangent is rolled the other way."""
    assert gradient(lambda x: F.roll(x, 1, 1)) == [[2, 3, 1], [5, 6, 4]]


def test_numpy_functions_find_ours():
    """NumPy's functions, called on a variable, record our operations."""
    x = Tape().leaf(X)
    made = [
        np.reshape(x, (3, 2)),
        np.transpose(x),
        np.expand_dims(x, 0),
        np.concatenate([x, x]),
        np.stack([x, x]),
        np.squeeze(np.expand_dims(x, 0)),
        np.swapaxes(x, 0, 1),
        np.moveaxis(x, 0, 1),
        np.flip(x),
        np.pad(x, 1),
        np.tile(x, 2),
        np.ravel(x),
        np.broadcast_to(x, (2, 2, 3)),
    ]
    assert [each.node.op for each in made] == [
        *("reshape", "transpose", "expand_dims", "concatenate", "stack", "squeeze", "swapaxes", "moveaxis"),
        *("flip", "pad", "tile", "flatten", "broadcast_to"),
    ]


def test_stacks_of_rows_follow_numpy():
    """`hstack` and `vstack` treat vectors as NumPy does."""
    x, row = X, X[0]
    for function, name in [(F.hstack, "hstack"), (F.vstack, "vstack")]:
        for parts in [(x, x), (row, row)]:
            first = Tape().leaf(parts[0])
            assert function([first, parts[1]]).value.tolist() == getattr(np, name)(parts).tolist()
    assert F.vstack([Tape().leaf(row), x]).value.tolist() == np.vstack([row, x]).tolist()


def test_splitting_gives_every_part_its_own_cotangent():
    """The parts of a split together cover the operand exactly once."""
    x = Tape().leaf(X)
    first, second = F.split(x, [1], axis=1)
    y = first.sum() * 2.0 + second.sum() * 3.0
    assert backward(y).gradient(x).tolist() == [[2.0, 3.0, 3.0]] * 2
    assert [part.shape for part in F.split(x, 2)] == [(1, 3), (1, 3)]


@pytest.mark.parametrize("sections", [2, 0])
def test_unequal_parts_are_refused(sections):
    """A number of parts that does not divide the axis is refused with the size."""
    with pytest.raises(OperandError, match=r"must divide the axis of size 3 \(got [02]\)"):
        F.split(Tape().leaf(X), sections, axis=1)


def test_only_constant_padding_is_known():
    """Other modes of NumPy's pad are refused by name."""
    with pytest.raises(OperandError, match=r"mode of pad must be 'constant' \(got 'reflect'\)"):
        F.pad(Tape().leaf(X), 1, mode="reflect")


def test_diagonals_of_stacks_are_refused():
    """The diagonal is that of one matrix."""
    with pytest.raises(OperandError, match=r"must be a matrix \(got shape \(2, 2, 2\)\)"):
        F.diagonal(Tape().leaf(np.ones((2, 2, 2))))


def test_what_is_recorded_does_not_change_with_the_author_s_list():
    """A list given as a shape is copied."""
    shape = [3, 2]
    y = F.reshape(Tape().leaf(X), shape)
    shape[0] = 99
    assert y.node.keywords["shape"] == (3, 2)
