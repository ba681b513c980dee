"""The `einsum` primitive: any product of arrays and sum over axes, written as subscripts.

Layer `tape`. Reads subscripts and makes one `Primitive`. The result is linear in each operand, so the
contribution of an operand is again an `einsum`: of the cotangent with the other operands, with the
operand's own subscripts as the result (Laue, Mitterreiter and Giesen 2018, "Computing higher order
derivatives of matrix and tensor expressions", for the notation).

All of NumPy's string form is covered: implicit results, `...`, sizes of 1 that stretch, an index that
occurs only in one operand, and an index that an operand repeats (a diagonal). The form with lists of
numbers instead of a string is refused.
Read next: `shaping.py`.
"""

from __future__ import annotations

import string
from typing import TYPE_CHECKING

import numpy as np

from sphinx_tape.errors import OperandError
from sphinx_tape.tape.primitive import Primitive, Sample

if TYPE_CHECKING:
    from sphinx_tape.tape.node import Value


def expand_subscripts(subscripts: object, ranks: tuple[int, ...]) -> tuple[list[str], str]:
    """Write subscripts out: no spaces, explicit result, letters instead of `...`.

    Args:
        subscripts: NumPy's subscripts, such as `ij,jk->ik` or `...i->...`.
        ranks: Number of axes of each operand.

    Returns:
        One string of letters per operand, and that of the result.

    Raises:
        OperandError: The subscripts are no string or do not fit the operands.
    """
    if not isinstance(subscripts, str):
        msg = f"subscripts of einsum must be a string (got {subscripts!r}); write the indices as letters"
        raise OperandError(msg)
    left, arrow, result = subscripts.replace(" ", "").partition("->")
    terms = left.split(",")
    if len(terms) != len(ranks):
        msg = (
            f"subscripts of einsum must have one term per operand (got {subscripts!r} for "
            f"{len(ranks)} operands); separate the terms by commas"
        )
        raise OperandError(msg)
    unused = [letter for letter in string.ascii_letters if letter not in subscripts]
    missing = [rank - len(term.replace("...", "")) for term, rank in zip(terms, ranks, strict=True)]
    if any(
        count < 0 or (count > 0 and "..." not in term) for term, count in zip(terms, missing, strict=True)
    ):
        msg = (
            f"subscripts of einsum must have one letter per axis (got {subscripts!r} for operands with "
            f"{', '.join(map(str, ranks))} axes); add letters or '...'"
        )
        raise OperandError(msg)
    longest = max((count for term, count in zip(terms, missing, strict=True) if "..." in term), default=0)
    dots = "".join(unused[:longest])
    full = [term.replace("...", dots[longest - count :]) for term, count in zip(terms, missing, strict=True)]
    if not arrow:
        # NumPy's implicit result: the dots, then every letter that occurs once, in alphabetical order.
        named = left.replace(",", "").replace("...", "")
        result = "..." + "".join(sorted(letter for letter in set(named) if named.count(letter) == 1))
    return full, result.replace("...", dots)


def _contract(subscripts: str, *operands: Value) -> Value:
    """Run NumPy's einsum, through matrix products where the elements are machine numbers."""
    exact = any(np.asarray(operand).dtype.kind == "O" for operand in operands)
    return np.einsum(subscripts, *operands, optimize=not exact)


def _einsum(*operands: Value, subscripts: str) -> Value:
    return _contract(subscripts, *operands)


def _ones(letters: str, sizes: dict[str, int]) -> Value:
    return np.ones([sizes[letter] for letter in letters], dtype=np.int8)


def _einsum_rule(g: Value, _out: Value, *operands: Value, subscripts: str, position: int) -> Value:
    """Contract the cotangent with all operands but one; the axes are those of that one."""
    terms, result = expand_subscripts(subscripts, tuple(np.ndim(operand) for operand in operands))
    own = terms[position]
    distinct = "".join(dict.fromkeys(own))
    others = [
        (term, operand)
        for at, (term, operand) in enumerate(zip(terms, operands, strict=True))
        if at != position
    ]
    known = set(result).union(*(term for term, _ in others))
    # An index of this operand alone is summed away by the forward; g is repeated along it.
    lonely = "".join(letter for letter in distinct if letter not in known)
    sizes = dict(zip(own, np.shape(operands[position]), strict=True))
    inputs = [(result, g), *others]
    if lonely:
        inputs.append((lonely, _ones(lonely, sizes)))
    contraction = ",".join(term for term, _ in inputs) + "->" + distinct
    contribution = _contract(contraction, *(value for _, value in inputs))
    return contribution if distinct == own else _on_diagonal(contribution, own, distinct, operands[position])


def _on_diagonal(contribution: Value, own: str, distinct: str, operand: Value) -> Value:
    """Put the contribution of a repeated index on the operand's diagonal, zeros elsewhere."""
    whole = np.zeros(np.shape(operand), dtype=contribution.dtype)
    diagonal = np.einsum(f"{own}->{distinct}", whole)  # a writable view of `whole`
    stretched = tuple(axis for axis, size in enumerate(diagonal.shape) if size != contribution.shape[axis])
    diagonal[...] = contribution.sum(axis=stretched, keepdims=True)
    return whole


_A = np.array([[0.5, -1.25, 2.0], [1.5, 0.25, -0.75]])
_B = np.array([[1.0, -0.5, 0.25, 2.0], [-1.5, 0.75, 1.25, -0.25], [0.5, 1.75, -2.0, 1.0]])
_S = np.array([[0.5, -1.0, 0.75], [1.5, 2.0, -0.5], [0.25, 1.25, -1.5]])
_X = np.array([0.5, -1.5, 2.0])
_T = np.linspace(-1.0, 1.5, 12).reshape(2, 3, 2)

einsum = Primitive(
    name="einsum",
    forward=_einsum,
    vjps=(_einsum_rule,),
    tex=r"\operatorname{einsum}_{@{subscripts}}(@0, \ldots)",
    formulas=(r"\operatorname{einsum}(@g, \text{other operands})",),
    samples=(
        Sample((_A, _B), {"subscripts": "ij,jk->ik"}),
        Sample((_A, _B), {"subscripts": "ij,jk"}),
        Sample((_A, _B, _X), {"subscripts": "ij, jk, j -> k"}),
        Sample((_A,), {"subscripts": "ij->j"}),
        Sample((_A, _X), {"subscripts": "ij,k->k"}),
        Sample((_S,), {"subscripts": "ii"}),
        Sample((_S, _X), {"subscripts": "ii,j->ij"}),
        Sample((_S, _X[:1]), {"subscripts": "ii,i->i"}),
        Sample((_S[:1, :1], _X), {"subscripts": "ii,i->i"}),
        Sample((_T, _T[0]), {"subscripts": "...j,ij->...i"}),
        Sample((_T, _T[0]), {"subscripts": "i...,...->i..."}),
        Sample((_T, _X), {"subscripts": "i...k,...->ki..."}),
        Sample((np.float64(1.5), _A), {"subscripts": ",ij->ji"}),
    ),
    variadic=True,
)

PRIMITIVES = (einsum,)
