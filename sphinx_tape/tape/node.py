"""The two records of the engine: a tape entry and the signature of what it does in reverse.

Layer `tape`: NumPy only. Everything else in the engine is made of `Node`.
Read next: `primitive.py`, then `tape.py`, then `backward.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
"""A value: any shape, one element type (floating, complex, integer, or object for exact elements)."""

Value = Any
"""One forward value, operand, cotangent or contribution: a read-only array or a NumPy scalar."""

Axis = int | tuple[int, ...] | None
"""Axes to reduce over; None means all of them."""

LocalVjp = Callable[[Any], Sequence[Any]]
"""Cotangent of a node's value -> one contribution per operand, `None` where there is none.

The cotangent has the shape of the node's value; its unit is output units per unit of the value.
"""

Cut = Literal["", "detach", "no_grad", "not_differentiable", "integer", "unreadable"]
"""Why a node that uses values which require gradients does not hand any back; empty if it does."""


@dataclass(frozen=True, slots=True)
class Source:
    """A line of the author's code."""

    file: str
    """Path as the interpreter knows it."""
    line: int
    """Line number, from 1."""
    function: str = ""
    """Name of the function that holds the line."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Node:
    """One entry of the tape: one value and how it was made."""

    id: int
    """Index on the tape; every parent's id is smaller."""
    op: str
    """Name of the primitive, or `leaf` / `constant`."""
    name: str = ""
    """The author's label, may be empty."""
    value: Any
    """Forward value: a read-only array or NumPy scalar of any shape."""
    parents: tuple[int, ...] = ()
    """Nodes used as operands, in operand order, repeats kept."""
    requires_grad: bool = True
    """Whether the reverse pass propagates into this node."""
    vjp: LocalVjp | None = None
    """Local VJP, or None for a node without differentiable operands."""
    source: Source | None = None
    """The author's line that recorded this node."""
    scope: tuple[str, ...] = ()
    """Names of the enclosing scopes, outermost first."""
    keywords: Mapping[str, Any] | None = None
    """Keyword arguments of the primitive (axis, stride ...), as recorded."""
    cut: Cut = ""
    """Why gradients of the operands end here, although some operand requires one."""
    note: str = ""
    """What an adapter could not read at this node, in plain words; empty if nothing is missing."""
    tex: str = ""
    """Forward formula of an operation that THE table does not have, as a template of the same form."""
    formulas: tuple[str, ...] = ()
    """Local rules of such an operation, one per operand, the last one for all further operands."""
    known: bool = True
    """False where a foreign graph did not keep the value: of `value` only shape and element type count."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the forward value, `()` for a scalar."""
        # What most nodes of small tapes hold; NumPy takes a microsecond to say so.
        return () if type(self.value) is np.float64 else tuple(np.shape(self.value))
