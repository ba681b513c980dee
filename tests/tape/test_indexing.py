"""Claims about `sphinx_tape.tape.indexing` and `functions_indexing`."""

from fractions import Fraction

import numpy as np
import pytest

from sphinx_tape import Tape, backward
from sphinx_tape import functions as F  # noqa: N812 -- the customary short name
from sphinx_tape.errors import OperandError

X = np.arange(6.0).reshape(2, 3)


def test_an_element_receives_the_cotangent_the_others_zero():
    """Elements that were not chosen have a gradient of zero."""
    x = Tape().leaf(X)
    assert backward(x[1, 2]).gradient(x).tolist() == [[0, 0, 0], [0, 0, 1]]


def test_elements_chosen_twice_receive_both():
    """Index arrays with repetitions add up; so do lists and the rows of a table."""
    x = Tape().leaf(X)
    for chosen in (x[[0, 0, 1]], x[np.array([0, 0, 1])], F.gather(x, [0, 0, 1]), F.embedding(x, [0, 0, 1])):
        assert backward(chosen.sum()).gradient(x).tolist() == [[2, 2, 2], [1, 1, 1]]


def test_slices_and_masks_choose_once():
    """Slices with steps, new axes and boolean masks scatter back to their places."""
    x = Tape().leaf(X)
    assert backward(x[:, ::2].sum()).gradient(x).tolist() == [[1, 0, 1], [1, 0, 1]]
    assert backward(x[None, ..., -1].sum()).gradient(x).tolist() == [[0, 0, 1], [0, 0, 1]]
    assert backward(x[X > 2].sum()).gradient(x).tolist() == [[0, 0, 0], [1, 1, 1]]


def test_an_empty_list_chooses_nothing():
    """An empty choice is an array of size 0 whose gradient is zero everywhere."""
    x = Tape().leaf(X)
    assert x[[]].shape == (0, 3)
    assert backward(x[[]].sum()).gradient(x).tolist() == [[0] * 3] * 2


@pytest.mark.parametrize(
    "index", [np.array(1), np.array(True), np.bool_(False), np.int8(-1), (1, np.array(2))]
)
def test_arrays_without_axes_are_indices(index):
    """Single integers and truth values mean what they mean in NumPy."""
    x = Tape().leaf(X)
    assert np.array_equal(x[index].value, X[index])
    assert backward(x[index].sum()).gradient(x).sum() == X[index].size


def test_variables_of_integers_are_indices():
    """An index may be a recorded value; the tape keeps what it was."""
    tape = Tape()
    x, index = tape.leaf(X), tape.constant(np.array([1]))
    assert x[index].value.tolist() == [[3, 4, 5]]
    assert F.gather(x, index).node.parents == (x.id, index.id)


def test_index_operands_have_no_gradient():
    """An index is a parent of the node, but nothing is sent to it."""
    tape = Tape()
    x, index = tape.leaf(X), tape.constant(np.array([[0], [2]]))
    reverse = backward(F.take_along_axis(x, index).sum())
    assert reverse.gradient(index) is None
    assert reverse.gradient(x).tolist() == [[1, 0, 0], [0, 0, 1]]


def test_scatter_add_by_hand():
    """Updates at the same place add up; every update receives the cotangent of its place."""
    tape = Tape()
    x, u = tape.leaf([1.0, 1.0, 1.0]), tape.leaf([10.0, 20.0, 30.0])
    y = F.scatter_add(x, [2, 0, 2], u)
    assert y.value.tolist() == [21.0, 1.0, 41.0]
    reverse = backward(y, seed=np.array([1.0, 2.0, 3.0]))
    assert reverse.gradient(x).tolist() == [1.0, 2.0, 3.0]
    assert reverse.gradient(u).tolist() == [3.0, 1.0, 3.0]


def test_take_without_an_axis_counts_all_elements():
    """NumPy's `take` numbers the elements of the flattened array."""
    x = Tape().leaf(X)
    assert np.take(x, [5, 0]).value.tolist() == [5.0, 0.0]
    assert np.take(x, [2], axis=1).value.tolist() == [[2.0], [5.0]]


def test_numbers_that_are_no_integers_are_refused():
    """The message names the operation and the element type."""
    x = Tape().leaf(X)
    for function in (F.gather, F.embedding, F.take_along_axis):
        with pytest.raises(
            OperandError, match=rf"indices of {function.__name__} must be integers \(got .*float64"
        ):
            function(x, np.array([[0.0]]))


def test_places_that_do_not_exist_are_refused():
    """An index beyond the array is an error of the operand, with NumPy's reason."""
    with pytest.raises(OperandError, match=r"operands of gather must fit together .* out of bounds"):
        F.gather(Tape().leaf(X), 7)


def test_a_changed_index_array_does_not_change_the_tape():
    """Index arrays and lists are copied when they are recorded."""
    index = np.array([0, 1])
    x = Tape().leaf(X)
    y = x[:, index]
    index[0] = 2
    assert backward(y.sum()).gradient(x).tolist() == [[1, 1, 0], [1, 1, 0]]


def test_one_exact_element_stays_exact():
    """An element of an array of fractions sends a fraction back, not an array inside an array."""
    x = Tape().leaf(np.array([Fraction(1, 2), Fraction(1, 3)], dtype=object))
    assert backward(x[1] * x[1]).gradient(x).tolist() == [0, Fraction(2, 3)]
