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

    from sphinx_tape.tape.node import LocalVjp, Value
    from sphinx_tape.tape.primitive import Rule

_FLOAT64 = np.float64


class LocalRules:
    """Rules bound to the operands and the result of one node, for real values: the general case."""

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
        out, operands, keywords = self.out, self.operands, self.keywords
        parts: list[Value] = []
        for rule, operand in zip(self.rules, operands, strict=True):
            part = None
            if rule is not None:
                part = rule(g, out, *operands, **keywords)
                # As below: what fits already is let through without a call.
                if (
                    type(part) is not type(operand)
                    or part.shape != operand.shape
                    or part.dtype is not operand.dtype
                ):
                    part = fit(part, operand)
            parts.append(part)
        return parts


class UnaryRules:
    """As `LocalRules`, for one operand and no keywords: half of the work, as there is no loop.

    `bound_rules` fills in the fields of this class and of the next: the call of an `__init__` would cost
    more than all of them.
    """

    __slots__ = ("fits", "out", "rule", "x")

    fits: bool
    """Whether the contribution fits without looking, as that of an elementwise primitive does (see there)."""
    rule: Rule
    x: Value
    out: Value

    def __call__(self, g: Value) -> Sequence[Value]:
        """As `LocalRules.__call__`."""
        return (self.pull(g),)

    def pull(self, g: Value) -> Value:
        """As `__call__`, which costs twice as much to call, for the bare contribution."""
        x = self.x
        part = self.rule(g, self.out, x)
        if self.fits:
            return part
        kind = type(part)
        # What fits already, which is nearly everything, is let through without a call.
        if kind is type(x) and (kind is _FLOAT64 or (part.shape == x.shape and part.dtype is x.dtype)):
            return part
        return fit(part, x)


class BinaryRules:
    """As `LocalRules`, for two operands and no keywords."""

    __slots__ = ("a", "b", "fits", "left", "out", "right")

    fits: bool
    """As in `UnaryRules`; no rule is missing then."""
    left: Rule | None
    right: Rule | None
    a: Value
    b: Value
    out: Value

    def __call__(self, g: Value) -> Sequence[Value]:
        """As `LocalRules.__call__`."""
        return self.pull(g)

    def pull(self, g: Value) -> tuple[Value, Value]:
        """As `__call__`, which costs twice as much to call."""
        left, right = self.left, self.right
        a, b, out = self.a, self.b, self.out
        if self.fits:
            return left(g, out, a, b), right(g, out, a, b)  # type: ignore[misc]  # neither is missing
        first = second = None
        if left is not None:
            first = left(g, out, a, b)
            kind = type(first)
            if kind is not type(a) or (
                kind is not _FLOAT64 and (first.shape != a.shape or first.dtype is not a.dtype)
            ):
                first = fit(first, a)
        if right is not None:
            second = right(g, out, a, b)
            kind = type(second)
            if kind is not type(b) or (
                kind is not _FLOAT64 and (second.shape != b.shape or second.dtype is not b.dtype)
            ):
                second = fit(second, b)
        return (first, second)


def bound_rules(
    rules: tuple[Rule | None, ...],
    operands: tuple[Value, ...],
    out: Value,
    keywords: dict[str, Any],
    elementwise: bool = False,  # noqa: FBT001, FBT002 -- positional for speed
) -> LocalVjp:
    """Bind rules for real values in the leanest form.

    Args:
        rules: Per operand its rule, or None where no contribution is asked for.
        operands: Forward values of the operands.
        out: Forward value of the result.
        keywords: Keyword arguments.
        elementwise: Whether they are all the rules of an elementwise primitive.
    """
    if keywords or len(operands) > 2:
        return LocalRules(rules, operands, out, keywords)
    if len(operands) == 2:
        two = BinaryRules()
        two.left, two.right = rules
        two.a, two.b = a, b = operands
        two.out = out
        two.fits = (
            elementwise
            and type(out) is not _FLOAT64
            and a.shape == b.shape
            and a.dtype is b.dtype is out.dtype
        )
        return two
    one = UnaryRules()
    one.rule = rules[0]  # type: ignore[assignment]  # a single rule is never missing
    (x,) = operands
    one.x = x
    one.out = out
    one.fits = elementwise and type(out) is not _FLOAT64 and x.dtype is out.dtype
    return one


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


OWN: frozenset[type] = frozenset({LocalRules, UnaryRules, BinaryRules, VariadicRules, ComplexVjp, ExactVjp})
"""Kinds of local VJP whose contributions fit their operands by construction."""
