"""Attention, composed of recorded primitives inside a scope, so that every step of it can be read.

Layer `tape`. Source: Vaswani et al. 2017, "Attention is all you need", equation 1 and section 3.2.2.
Shapes: query (..., queries, model), key (..., keys, model), value (..., keys, values).
Read next: `tape.py`, whose `apply` they call.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from sphinx_tape.errors import OperandError
from sphinx_tape.tape.tape import Tape, apply
from sphinx_tape.tape.variable import Operand, Variable

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = ["multi_head_attention", "scaled_dot_product_attention"]


def scaled_dot_product_attention(
    query: Operand,
    key: Operand,
    value: Operand,
    mask: ArrayLike | None = None,
    *,
    causal: bool = False,
) -> Variable:
    """Mean of the values, weighted by how well each key fits the query.

    Args:
        query: Shape (..., queries, features).
        key: Shape (..., keys, features).
        value: Shape (..., keys, values).
        mask: True where a query may look at a key; broadcasts to (..., queries, keys).
        causal: Whether query i may look at the keys 0 to i only.

    Raises:
        OperandError: A query may look at no key at all.
    """
    tape = _tape_of(query, key, value)
    with tape.scope("attention"):
        transposed = tape.record("swapaxes", (key,), {"axis1": -1, "axis2": -2})
        products = tape.record("matmul", (query, transposed))
        features = transposed.shape[-2]
        scores = tape.record("scale", (products,), {"factor": 1 / math.sqrt(features)}).named("scores")
        hidden = _hidden(scores.shape[-2:], mask, causal=causal)
        if hidden is not None:
            scores = tape.record("add", (scores, hidden.astype(scores.dtype)))
        weights = tape.record("softmax", (scores,), {"axis": -1}).named("weights")
        return tape.record("matmul", (weights, value))


def multi_head_attention(
    inputs: tuple[Operand, Operand, Operand],
    projections: tuple[Operand, Operand, Operand, Operand],
    *,
    heads: int,
    mask: ArrayLike | None = None,
    causal: bool = False,
) -> Variable:
    """Attention in several projections of the inputs at once, joined and projected back.

    Args:
        inputs: Query (..., queries, model), key (..., keys, model) and value (..., keys, model).
        projections: Matrices (model, heads * features) for query, key and value, and the one that leads
            back, (heads * features, model).
        heads: Number of heads.
        mask: True where a query may look at a key; broadcasts to (..., heads, queries, keys).
        causal: Whether query i may look at the keys 0 to i only.

    Raises:
        OperandError: The heads do not divide the columns of a projection.
    """
    *into, back = projections
    tape = _tape_of(*inputs, *projections)
    with tape.scope("multi_head_attention"):
        query, key, value = (
            _heads(tape.record("matmul", (x, weight)).named(name), heads)
            for x, weight, name in zip(inputs, into, ("query", "key", "value"), strict=True)
        )
        mixed = scaled_dot_product_attention(query, key, value, mask, causal=causal)
        side_by_side = apply("swapaxes", mixed, axis1=-3, axis2=-2)
        *leading, count, features = side_by_side.shape
        joined = apply("reshape", side_by_side, shape=(*leading, count * features))
        return tape.record("matmul", (joined, back))


def _tape_of(*operands: Operand) -> Tape:
    """Return the tape of the first variable.

    Raises:
        OperandError: No operand is a variable.
    """
    for operand in operands:
        if isinstance(operand, Variable):
            return operand.tape
    message = "operands of attention must include a variable (got none); record one first: tape.leaf(value)"
    raise OperandError(message)


def _hidden(scores: tuple[int, ...], mask: ArrayLike | None, *, causal: bool) -> np.ndarray | None:
    """Return what is added to the scores: 0 where a query may look, minus infinity where not."""
    if mask is None and not causal:
        return None
    visible = np.ones(scores, dtype=bool) if mask is None else np.asarray(mask, dtype=bool)
    if causal:
        visible = visible & np.tril(np.ones(scores, dtype=bool))
    if not visible.any(axis=-1).all():
        message = (
            "mask of attention must leave at least one key to every query (got a row of False); mend the mask"
        )
        raise OperandError(message)
    return np.where(visible, 0.0, -np.inf)


def _heads(x: Variable, heads: int) -> Variable:
    """Return x (..., places, heads * features) as (..., heads, places, features)."""
    *leading, places, columns = x.shape
    if heads < 1 or columns % heads:
        message = (
            f"heads must divide the columns of the projections (got {heads} heads for {columns} columns); "
            "give each head the same number of features"
        )
        raise OperandError(message)
    split = apply("reshape", x, shape=(*leading, places, heads, columns // heads))
    return apply("swapaxes", split, axis1=-3, axis2=-2)
