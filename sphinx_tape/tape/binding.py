"""Decide what a new node keeps for the reverse pass: bound rules, or why there are none.

Layer `tape`. Reads a primitive and what it was given, makes a local VJP or a `Cut`.
Read next: `local.py`, what is bound; `tape.py`, which binds.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

import numpy as np

from sphinx_tape.tape.exact import is_exact
from sphinx_tape.tape.local import ComplexVjp, ExactVjp, LocalRules, VariadicRules, bound_rules
from sphinx_tape.tape.values import has_gradient

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sphinx_tape.tape.node import Cut, LocalVjp, Value
    from sphinx_tape.tape.primitive import Primitive

asking: ContextVar[bool] = ContextVar("asking", default=True)
"""Whether recorded nodes may require a gradient."""


@contextmanager
def no_grad() -> Iterator[None]:
    """Record values without gradients: operations recorded inside do not require any."""
    token = asking.set(False)
    try:
        yield
    finally:
        asking.reset(token)


def bind(  # noqa: PLR0913, PLR0917 -- all that recording knows
    primitive: Primitive,
    wanted: tuple[bool, ...],
    inputs: tuple[Value, ...],
    value: Value,
    keywords: dict[str, Any],
    plain: bool,  # noqa: FBT001 -- positional for speed
) -> tuple[LocalVjp | None, Cut]:
    """Bind the rules that are needed.

    Args:
        primitive: What was run.
        wanted: Per operand, whether it requires a gradient.
        inputs: Forward values of the operands.
        value: Forward value of the result.
        keywords: Keyword arguments.
        plain: Whether all values are real machine numbers.

    Returns:
        A local VJP and no cut, or no local VJP and the cut; neither for an operation on constants.
    """
    if True not in wanted:
        return None, ""
    rules = primitive.vjps
    if not primitive.total or False in wanted:
        if len(rules) != len(inputs):
            # The last rule of a variadic primitive serves all further operands.
            rules = (*rules, *(rules[-1:] * (len(inputs) - len(rules))))[: len(inputs)]
        rules = tuple([rule if want else None for rule, want in zip(rules, wanted, strict=True)])
        if not any(rules):
            return None, "detach" if primitive.name == "detach" else "not_differentiable"
    if not (has_gradient(value) and asking.get()):
        return None, "no_grad" if has_gradient(value) else "integer"
    if primitive.variadic:
        return _dressed(VariadicRules(rules, inputs, value, keywords)), ""
    if plain:
        return bound_rules(rules, inputs, value, keywords), ""
    return _dressed(LocalRules(rules, inputs, value, keywords)), ""


def _dressed(bound: LocalRules) -> LocalVjp:
    """Wrap rules for exact and complex elements where such take part."""
    seen = (bound.out, *bound.operands)
    if any(map(is_exact, seen)):
        return ExactVjp(bound)
    return ComplexVjp(bound) if any(map(np.iscomplexobj, seen)) else bound
