"""Claims about `sphinx_tape.tape.linear` and `functions_linear`."""

from fractions import Fraction

import numpy as np
import pytest

from sphinx_tape import Tape, backward
from sphinx_tape import functions as F  # noqa: N812 -- the customary short name
from sphinx_tape.errors import OperandError
from sphinx_tape.tape.primitives import PRIMITIVES

A = np.array([[1.0, 2.0], [3.0, 4.0]])
B = np.array([[5.0, 6.0], [7.0, 8.0]])


def leaves(*values):
    tape = Tape()
    return [tape.leaf(value) for value in values]


def test_matrix_product_by_hand():
    """Of the sum of A B, element (i, k) of A receives the sum of row k of B, and B those of A's columns."""
    a, b = leaves(A, B)
    reverse = backward((a @ b).sum())
    assert reverse.gradient(a).tolist() == [[11.0, 15.0], [11.0, 15.0]]
    assert reverse.gradient(b).tolist() == [[4.0, 4.0], [6.0, 6.0]]


def test_scalar_product_exchanges_its_operands():
    """d(v w) = w dv + v dw."""
    v, w = leaves([1.0, 2.0, 3.0], [4.0, 5.0, 6.0])
    reverse = backward(v @ w)
    assert reverse.gradient(v).tolist() == [4.0, 5.0, 6.0]
    assert reverse.gradient(w).tolist() == [1.0, 2.0, 3.0]


def test_product_with_itself_receives_both_contributions():
    """d(v v) = 2 v dv: the two positions of one operand add up."""
    (v,) = leaves([1.0, -2.0])
    assert backward(v @ v).gradient(v).tolist() == [2.0, -4.0]


def test_one_matrix_for_a_whole_batch_sums_over_the_batch():
    """A matrix used for every sample receives the sum of what the samples would send."""
    x, w = leaves(np.arange(24.0).reshape(2, 3, 4), np.ones((4, 2)))
    together = backward((x @ w).sum()).gradient(w)
    singly = sum(x.value[sample].sum(axis=0)[:, None] * np.ones(2) for sample in range(2))
    assert together.tolist() == singly.tolist()


def test_affine_layer_is_one_node():
    """`linear` records one node with three parents; its bias receives the sum over the batch."""
    x, w, b = leaves(A, B, [1.0, -1.0])
    y = F.linear(x, w, b)
    assert (y.node.op, y.node.parents) == ("linear", (0, 1, 2))
    assert y.value.tolist() == [[18.0, 22.0], [40.0, 52.0]]
    assert backward(y.sum()).gradient(b).tolist() == [2.0, 2.0]


@pytest.mark.parametrize("bias", [1.0, np.ones((2, 2)), np.ones(2, dtype=np.complex128)])
def test_a_bias_may_have_any_shape_that_broadcasts(bias):
    """A number, a matrix or a wider element type is added as NumPy adds it."""
    x, b = leaves(A, bias)
    y = F.linear(x, B, b)
    assert y.value.tolist() == (A @ B.T + bias).tolist()
    assert backward(y.sum()).gradient(b).sum() == 4.0


def test_affine_layer_without_bias_is_a_product():
    """Without a bias the layer is a transpose and a product, whether the weight is recorded or not."""
    x, w = leaves(A, B)
    assert F.linear(x, w).value.tolist() == F.linear(x, B).value.tolist() == (A @ B.T).tolist()
    assert [node.op for node in x.tape.nodes] == ["leaf", "leaf", "transpose", "matmul", "constant", "matmul"]


def test_dot_follows_numpy_in_every_rank():
    """`dot` is a product of scalars, of matrices, or over one axis of each, as in NumPy."""
    cube, matrix = np.arange(12.0).reshape(2, 3, 2), np.arange(8.0).reshape(2, 2, 2)
    for a, b in [
        (2.0, A),
        (A, 2.0),
        (A[0], B[0]),
        (A, B[0]),
        (A, B),
        (cube, B[0]),
        (cube, B),
        (cube, matrix),
    ]:
        (first,) = leaves(a)
        assert F.dot(first, b).value.tolist() == np.dot(a, b).tolist()


def test_inner_follows_numpy():
    """`inner` sums over the last axes of both, or multiplies by a scalar."""
    for a, b in [(A, B), (A[0], B), (2.0, B)]:
        (first,) = leaves(a)
        assert F.inner(first, b).value.tolist() == np.inner(a, b).tolist()


def test_fractions_stay_exact():
    """Products of fractions and their gradients are fractions, right to the letter."""
    third = Fraction(1, 3)
    a, b = leaves(np.array([[third, third]]), np.array([[Fraction(1, 2)], [Fraction(1, 7)]]))
    y = (a @ b).sum()
    assert y.item() == Fraction(3, 14)
    assert backward(y).gradient(a).tolist() == [[Fraction(1, 2), Fraction(1, 7)]]


def test_trace_and_outer_by_hand():
    """The trace sends its cotangent to the diagonal; an outer product sums over the other factor."""
    a, u, v = leaves(A, [1.0, 2.0], [3.0, 4.0, 5.0])
    assert backward(F.trace(a)).gradient(a).tolist() == [[1.0, 0.0], [0.0, 1.0]]
    assert backward(F.outer(u, v).sum()).gradient(u).tolist() == [12.0, 12.0]


def test_shapes_that_do_not_fit_are_refused():
    """The message names the operation and both shapes."""
    a, b = leaves(np.ones((2, 3)), np.ones((2, 3)))
    with pytest.raises(
        OperandError, match=r"operands of matmul must fit together \(got .*\[2, 3\].*\[2, 3\]"
    ):
        a @ b


def test_the_trace_is_that_of_one_matrix():
    """Stacks are refused, with the way to write what was probably meant."""
    (x,) = leaves(np.ones((2, 3, 3)))
    with pytest.raises(
        OperandError, match=r"must be a matrix \(got shape \(2, 3, 3\)\); write einsum\('\.\.\.ii'"
    ):
        F.trace(x)
    assert F.einsum("...ii", x).value.tolist() == [3.0, 3.0]


def test_batched_product_demands_stacks():
    """A single matrix is refused, with the operation that takes it."""
    a, b = leaves(A, B)
    with pytest.raises(OperandError, match=r"must have the axes \(batch, rows, columns\).*use matmul"):
        F.batched_matmul(a, b)


def test_the_convention_for_vectors_is_told_only_of_vectors():
    """Products of matrices need no word about rows and columns."""
    kink = PRIMITIVES["matmul"].kink
    assert [kink(None, A, B), kink(None, A[0], B), kink(None, A, B[0])] == [False, True, True]
