"""Claims about `sphinx_tape.tape.einsum`."""

import numpy as np
import pytest

from sphinx_tape import Tape, backward
from sphinx_tape import functions as F  # noqa: N812 -- the customary short name
from sphinx_tape.errors import OperandError
from sphinx_tape.tape.einsum import expand_subscripts

SHAPES = {"i": (3,), "ij": (3, 4), "jk": (4, 2), "ii": (3, 3), "...j": (2, 3, 4), "...": (2, 3), "Zb": (2, 3)}


@pytest.mark.parametrize(
    ("subscripts", "ranks", "terms", "result"),
    [
        ("ij,jk->ik", (2, 2), ["ij", "jk"], "ik"),
        ("ij, jk", (2, 2), ["ij", "jk"], "ik"),
        ("ba", (2,), ["ba"], "ab"),
        ("ii", (2,), ["ii"], ""),
        ("...j,j", (3, 1), ["abj", "j"], "ab"),
        ("...,...", (2, 1), ["ab", "b"], "ab"),
        (",i->i", (0, 1), ["", "i"], "i"),
    ],
)
def test_subscripts_are_written_out(subscripts, ranks, terms, result):
    """Spaces go, dots become letters, the implicit result is NumPy's."""
    assert expand_subscripts(subscripts, ranks) == (terms, result)


@pytest.mark.parametrize("subscripts", ["ij,jk", "ii", "...j->j...", "ij->ji", "...,...", "Zb"])
def test_written_out_subscripts_compute_the_same(subscripts):
    """NumPy gives the same result for the subscripts and for what they are written out to."""
    operands = [
        np.arange(float(np.prod(SHAPES[t]))).reshape(SHAPES[t]) for t in subscripts.split("->")[0].split(",")
    ]
    terms, result = expand_subscripts(subscripts, tuple(operand.ndim for operand in operands))
    explicit = ",".join(terms) + "->" + result
    assert np.array_equal(np.einsum(explicit, *operands), np.einsum(subscripts, *operands))


def test_a_repeated_index_reaches_the_diagonal_only():
    """The trace written as `ii` sends its cotangent to the diagonal, zeros elsewhere."""
    x = Tape().leaf(np.ones((2, 2)))
    assert backward(F.einsum("ii", x)).gradient(x).tolist() == [[1.0, 0.0], [0.0, 1.0]]


def test_an_index_of_one_operand_alone_is_spread():
    """What an index of one operand alone is summed away by, every element along it receives."""
    tape = Tape()
    x, w = tape.leaf(np.ones((2, 3))), tape.leaf([4.0, 5.0])
    reverse = backward(F.einsum("ij,k->", x, w))
    assert reverse.gradient(x).tolist() == [[9.0] * 3] * 2
    assert reverse.gradient(w).tolist() == [6.0, 6.0]


def test_sizes_of_one_stretch():
    """An operand of size 1 along a shared index receives the sum of what was stretched."""
    x = Tape().leaf(np.ones((1, 1)))
    y = F.einsum("ii,i->i", x, np.array([1.0, 2.0, 3.0]))
    assert backward(y.sum()).gradient(x).tolist() == [[6.0]]


@pytest.mark.parametrize(
    ("subscripts", "message"),
    [
        ([0, 1], r"must be a string \(got \[0, 1\]\); write the indices as letters"),
        ("ij,jk->ik", r"must have one term per operand \(got 'ij,jk->ik' for 1 operands\)"),
        ("i", r"must have one letter per axis \(got 'i' for operands with 2 axes\); add letters or '\.\.\.'"),
        ("ijk", r"must have one letter per axis"),
    ],
)
def test_wrong_subscripts_are_refused(subscripts, message):
    """The message says what is wrong with the subscripts and what to write."""
    with pytest.raises(OperandError, match=message):
        expand_subscripts(subscripts, (2,))


def test_lists_of_numbers_are_refused_when_called():
    """NumPy's other form, operands with lists of numbers, is refused before anything is recorded."""
    x = Tape().leaf(np.ones((2, 2)))
    with pytest.raises(OperandError, match="must be a string"):
        F.einsum([0, 1], x)
