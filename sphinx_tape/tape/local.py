"""Local VJPs: the table's rules bound to what one node saw.

Layer `tape`. Reads a primitive's rules and a node's operands, makes the callable `Node.vjp`.

The convention for complex values, once for all rules: the cotangent of a complex value z is
dL/dRe(z) + i dL/dIm(z), the direction of steepest ascent of the real output L (PyTorch's convention;
twice the conjugate Wirtinger derivative). Rules are written for the plain derivative dL/dRe - i dL/dIm,
in which an analytic operation multiplies by f'(z) without any conjugate, exactly as for real values.
`ComplexVjp` conjugates the cotangent on the way in and the contributions on the way out, so a rule never
mentions the conjugate unless its operation does.
Read next: `tape.py`, which binds them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sphinx_tape.tape.broadcasting import fit
from sphinx_tape.tape.exact import unwrap, wrap

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sphinx_tape.tape.node import Value
    from sphinx_tape.tape.primitive import Rule

_FLOAT64 = np.float64


class LocalRules:
    """Rules bound to the operands and the result of one node, for real values."""

    __slots__ = ("keywords", "operands", "out", "rules")

    def __init__(
        self,
        rules: tuple[Rule | None, ...],
        operands: tuple[Value, ...],
        out: Value,
        keywords: dict[str, Any],
    ) -> None:
        self.rules = rules
        self.operands = operands
        self.out = out
        self.keywords = keywords

    def __call__(self, g: Value) -> Sequence[Value]:
        """Turn the cotangent of the node's value into one contribution per operand.

        Args:
            g: Cotangent, of the shape of the node's value.

        Returns:
            Per operand the contribution, of the operand's shape and dtype, or None.
        """
        operands = self.operands
        out = self.out
        keywords = self.keywords
        contributions: list[Value] = []
        for rule, operand in zip(self.rules, operands):  # noqa: B905 -- same length by construction; strict costs
            if rule is None:
                contributions.append(None)
                continue
            part = rule(g, out, *operands, **keywords)
            kind = type(part)
            # What fits already, which is nearly everything, is let through without a call.
            if kind is type(operand) and (
                kind is _FLOAT64 or (part.shape == operand.shape and part.dtype is operand.dtype)
            ):
                contributions.append(part)
            else:
                contributions.append(fit(part, operand))
        return contributions


class VariadicRules(LocalRules):
    """Rules of a primitive with any number of operands: each is told its position."""

    __slots__ = ()

    def __call__(self, g: Value) -> Sequence[Value]:
        """As `LocalRules.__call__`, with the keyword `position`."""
        return [
            None
            if rule is None
            else fit(rule(g, self.out, *self.operands, position=position, **self.keywords), operand)
            for position, (rule, operand) in enumerate(zip(self.rules, self.operands, strict=True))
        ]


class ComplexVjp:
    """Local VJP where a complex value takes part: conjugates at the door (see the module's docstring)."""

    __slots__ = ("inner",)

    def __init__(self, inner: LocalRules) -> None:
        self.inner = inner

    def __call__(self, g: Value) -> Sequence[Value]:
        """As `LocalRules.__call__`, in the convention dL/dRe + i dL/dIm."""
        return [None if part is None else np.conjugate(part) for part in self.inner(np.conjugate(g))]


class ExactVjp:
    """Local VJP on object arrays: elements are wrapped so that the same rules work on them."""

    __slots__ = ("inner",)

    def __init__(self, inner: LocalRules) -> None:
        self.inner = type(inner)(
            inner.rules, tuple(map(wrap, inner.operands)), wrap(inner.out), inner.keywords
        )

    def __call__(self, g: Value) -> Sequence[Value]:
        """As `LocalRules.__call__`, for exact elements."""
        return [None if part is None else unwrap(part) for part in self.inner(wrap(g))]


OWN: frozenset[type] = frozenset({LocalRules, VariadicRules, ComplexVjp, ExactVjp})
"""Kinds of local VJP whose contributions fit their operands by construction."""
