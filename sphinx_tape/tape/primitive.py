"""What the table holds for one operation.

Layer `tape`. A primitive is data: its forward, one flat rule per operand, the formulas a reader sees,
and a sample on which the tests check every rule.
Read next: `primitives.py` (THE table).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

Rule = Callable[..., Any]
"""`rule(g, out, *operands, **keywords)` -> contribution of the operand's shape.

`g` is the cotangent of `out` (same shape); the contribution may still be unbroadcast: the engine sums
it back to the operand's shape.
"""


@dataclass(frozen=True, slots=True)
class Sample:
    """Operands and keywords on which a primitive is checked."""

    operands: tuple[Any, ...]
    """Operands of the forward function, away from kinks."""
    keywords: dict[str, Any] = field(default_factory=dict)
    """Keyword arguments."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Primitive:
    """One operation: forward, reverse rules, formulas, samples.

    TeX templates use marks that the renderer replaces by symbols or by numbers: `@g` the cotangent,
    `@y` the result, `@0`, `@1` ... the operands, `@{axis}` the keyword of that name.
    """

    name: str
    """Name of the operation as shown to readers (`matmul`)."""
    forward: Callable[..., Any]
    """`forward(*operands, **keywords)` -> value."""
    vjps: tuple[Rule | None, ...]
    """One rule per operand; None: not differentiable in this operand, by definition."""
    tex: str
    """The forward formula as a TeX template: `@0 \\cdot @1`."""
    formulas: tuple[str, ...]
    """Per operand, what it receives, as a TeX template: `@g \\cdot @1`; empty where the rule is None."""
    samples: Sequence[Sample]
    """At least one; every rule is checked on each."""
    analytic: bool = True
    """Whether complex step may be used for the check (no kinks, no absolute values)."""
    note: str = ""
    """The convention at kinks and ties, in one sentence, with its source; empty if there is none."""
    kink: Callable[..., Any] | None = None
    """`kink(out, *operands, **keywords)` -> where the convention in `note` was used; None: the note
    speaks of every use."""
    ordered: bool = False
    """Whether it compares elements by size; complex ones, which have no order, are then refused."""
    variadic: bool = False
    """The last rule and formula serve all further operands (`concatenate`); the rule then gets
    the operand's position as the keyword `position`."""
    elementwise: bool = False
    """Whether operands that are arrays of one shape and one floating type give a result of that shape and
    type, and contributions too: then nobody looks at them again. To be said of one or two operands."""
    total: bool = field(init=False)
    """Whether there is exactly one rule per operand and none is missing: the common case."""

    def __post_init__(self) -> None:
        if len(self.vjps) != len(self.formulas):
            message = (
                f"formulas of primitive {self.name} must be as many as its rules, {len(self.vjps)} "
                f"(got {len(self.formulas)}); write an empty one where there is no rule"
            )
            raise ValueError(message)
        object.__setattr__(self, "total", not self.variadic and None not in self.vjps)
