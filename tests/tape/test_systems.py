"""Claims about `sphinx_tape.tape.systems`."""

from fractions import Fraction

import numpy as np
import pytest

from sphinx_tape import Tape, backward
from sphinx_tape import functions as F  # noqa: N812 -- the customary short name
from sphinx_tape.errors import OperandError

A = np.array([[2.0, 0.0], [0.0, 4.0]])


def test_a_diagonal_system_by_hand():
    """The solution is (1/2, 1/4); the right side receives 1/a, element (i, j) of the matrix -x_j / a_i."""
    tape = Tape()
    a, b = tape.leaf(A), tape.leaf([1.0, 1.0])
    x = F.solve(a, b)
    assert x.value.tolist() == [0.5, 0.25]
    reverse = backward(x.sum())
    assert reverse.gradient(b).tolist() == [0.5, 0.25]
    assert reverse.gradient(a).tolist() == [[-0.25, -0.125], [-0.125, -0.0625]]


def test_solving_is_the_product_with_the_inverse():
    """Both ways to the solution agree, in value and in both gradients."""
    matrix, right = A + np.array([[0.5, 1.0], [-1.0, 0.0]]), np.array([[1.0, 2.0, 0.5], [3.0, -1.0, 0.0]])
    results = []
    for solution in (F.solve, lambda a, b: F.inverse(a) @ b):
        tape = Tape()
        a, b = tape.leaf(matrix), tape.leaf(right)
        x = solution(a, b)
        reverse = backward(x, seed=np.arange(6.0).reshape(2, 3))
        results.append([x.value, reverse.gradient(a), reverse.gradient(b)])
    for one, other in zip(*results, strict=True):
        assert one == pytest.approx(other)


def test_determinants_by_hand():
    """The differential of det is det tr(A^-1 dA); the logarithm divides by the determinant."""
    a = Tape().leaf(A)
    assert backward(F.det(a)).gradient(a) == pytest.approx(np.diag([4.0, 2.0]))
    assert backward(F.log_det(a)).gradient(a) == pytest.approx(np.diag([0.5, 0.25]))


def test_a_determinant_too_large_for_a_number_has_a_logarithm():
    """The logarithm of the determinant does not overflow where the determinant does."""
    a = Tape().leaf(1e3 * np.eye(200))
    assert F.log_det(a).item() == pytest.approx(200 * np.log(1e3))


def test_one_vector_serves_a_whole_batch():
    """A vector beside a stack of matrices is solved for each, and receives the sum."""
    tape = Tape()
    a, b = tape.leaf(np.stack([A, A / 2, A / 4])), tape.leaf([1.0, 1.0])
    x = F.solve(a, b)
    assert x.value.tolist() == [[0.5, 0.25], [1.0, 0.5], [2.0, 1.0]]
    assert backward(x.sum()).gradient(b).tolist() == [3.5, 1.75]


def test_half_precision_comes_back_as_half_precision():
    """The routines know no float16; the result is float16 all the same."""
    a = Tape().leaf(A.astype(np.float16))
    for y in (F.solve(a, np.ones(2, dtype=np.float16)), F.inverse(a), F.det(a), F.log_det(a)):
        assert (y.dtype, backward(y.sum()).gradient(a).dtype) == (np.float16, np.float16)


@pytest.mark.parametrize(
    ("function", "reason"),
    [
        (lambda: F.solve(Tape().leaf(np.ones((2, 2))), np.ones(2)), "Singular matrix"),
        (lambda: F.inverse(Tape().leaf(np.zeros((2, 2)))), "Singular matrix"),
        (lambda: F.det(Tape().leaf(np.ones((2, 3)))), "square"),
        (lambda: F.inverse(Tape().leaf(np.array([[Fraction(2)]]))), r"\(got exact elements\); convert them"),
    ],
)
def test_matrices_without_a_solution_are_refused(function, reason):
    """Singular and oblong matrices are errors of the operand, with NumPy's reason."""
    with pytest.raises(OperandError, match=reason):
        function()
