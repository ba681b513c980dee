"""Is an operation of another engine one of THE table? Asked by computing, not by comparing names.

Layer `adapters`. A figure explains operations of the table with formulas, and a name alone proves nothing:
an engine's `clip` may hand nothing back on its bounds, and a student's `tanh` may have a wrong rule. So
the table's operation is run on the same operands, forward and back, and only if both results agree does the
node bear its name.
Read next: `foreign.py`, which asks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from sphinx_tape.tape import exact
from sphinx_tape.tape.binding import bind
from sphinx_tape.tape.broadcasting import fit
from sphinx_tape.tape.primitives import PRIMITIVES
from sphinx_tape.tape.values import is_plain

if TYPE_CHECKING:
    from sphinx_tape.tape.node import LocalVjp, Value

_DIGITS = {"e": 2e-2, "f": 1e-3, "F": 1e-3}
"""Largest relative difference by element type (NumPy's character); two formulas for one slope differ by
rounding."""


def is_operation(  # noqa: PLR0913, PLR0917 -- all that is known of a node
    op: str,
    operands: Sequence[Value],
    wanted: Sequence[bool],
    value: Value,
    vjp: LocalVjp | None,
    keywords: Mapping[str, Any],
) -> bool:
    """Tell whether a node does what THE table's operation does, forward and back.

    Args:
        op: Name of the operation in the table.
        operands: Values of the operands.
        wanted: Per operand, whether it requires a gradient.
        value: The node's value.
        vjp: The node's local VJP, None if it hands nothing back.
        keywords: Keyword arguments in the table's names.
    """
    primitive = PRIMITIVES.get(op)
    if primitive is None or not (primitive.variadic or len(operands) == len(primitive.vjps)):
        return False
    inputs, given = tuple(map(_settled, operands)), dict(keywords)
    plain = all(map(is_plain, (*inputs, value)))
    try:
        with np.errstate(all="ignore"):
            result = primitive.forward(*inputs, **given) if plain else exact.run(primitive, inputs, given)
            if not _agree(result, value):
                return False
            if True not in wanted:
                return True
            rule, _ = bind(primitive, tuple(wanted), inputs, value, given, plain)
            return _same_rule(rule, vjp, inputs, _probe(value))
    except Exception:  # noqa: BLE001 -- operands or a rule that do not suit show that it is another operation
        return False


def _settled(value: Value) -> Value:
    return value if isinstance(value, np.ndarray | np.generic) else np.asarray(value)[()]


def _probe(value: Value) -> Value:
    """Make a cotangent without symmetry, so that a forgotten transpose or sum shows."""
    array = np.asarray(value)
    if not array.ndim and array.dtype.char == "d":
        return np.float64(4 / 3)
    if array.dtype.kind == "O":
        return np.ones(array.shape, dtype=object)
    steps: Value = 1.0 + np.cos(np.arange(array.size)).reshape(array.shape) / 3
    if array.dtype.kind == "c":
        steps = steps + 0.5j * np.sin(1.0 + steps)
    return steps.astype(array.dtype)[()]


def _same_rule(ours: LocalVjp | None, theirs: LocalVjp | None, inputs: Sequence[Value], probe: Value) -> bool:
    if ours is None or theirs is None:
        return ours is theirs
    pairs = zip(ours(probe), theirs(probe), inputs, strict=True)
    return all(_agree_for(mine, other, operand) for mine, other, operand in pairs)


def _agree_for(mine: Value, other: Value, operand: Value) -> bool:
    if mine is None or other is None:
        return mine is None and (other is None or not np.any(np.asarray(other)))
    return np.shape(other) == np.shape(operand) and _agree(mine, fit(other, operand))


def _agree(mine: Value, other: Value) -> bool:
    first, second = np.asarray(mine), np.asarray(other)
    if first.shape != second.shape:
        return False
    same = first == second
    if same.all():  # nearly always, and much faster than what follows
        return True
    if first.dtype.kind == "O" or second.dtype.kind == "O":
        return False
    finite = np.abs(second[np.isfinite(second)])
    share = _DIGITS.get(second.dtype.char, 1e-9)
    near = np.abs(first - second) <= share * (finite.max(initial=0) + np.abs(second))
    return bool((same | near | (np.isnan(first) & np.isnan(second))).all())
