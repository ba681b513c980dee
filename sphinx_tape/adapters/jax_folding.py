"""Equations of a jaxpr that get no node of their own, because an author would not call them operations.

Layer `adapters`; nothing here imports JAX. No number is hidden by it: the node that takes such an equation in
computes and differentiates both.
Read next: `jax_walk.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from sphinx_tape.adapters.jax_ops import is_numpy_broadcast
from sphinx_tape.adapters.jax_plan import Fixed, Folded, Jax, Kind, Operand, Step, kind

ELEMENTWISE = frozenset(
    {"add", "sub", "mul", "div", "max", "min", "pow", "rem", "atan2", "add_any", "nextafter"}
    | {"lt", "le", "gt", "ge", "eq", "ne", "and", "or", "xor"}
)
"""Primitives that NumPy would broadcast by itself."""
INDEXERS = {"gather": 1, "dynamic_slice": 1, "dynamic_update_slice": 2}
"""Primitives with an index -> its first operand."""
DEEPEST = 30
"""Equations that may be folded into one another."""
LONGEST_INDEX = 8
"""Numbers of an index that are shown as an argument."""

_SAME = frozenset({"copy", "copy_p", "pvary", "sharding_constraint", "optimization_barrier"})
_RESHAPING = frozenset({"reshape", "squeeze", "broadcast_in_dim", "transpose"})


def folding(step: Step, avals: Sequence[Any], *, wanted: bool) -> Kind | None:
    """Tell why a step may be left to its consumers; None if it may not.

    Args:
        step: A step with one output.
        avals: JAX's description of each operand.
        wanted: Whether an operand requires a gradient.
    """
    if changes_nothing(step, avals):
        return "same"
    if step.primitive == "broadcast_in_dim" and is_numpy_broadcast(step.params, tuple(avals[0].shape)):
        return "broadcast"
    whole = all(kind(each) in "iub" for each in (*avals, *step.outputs))
    return "index" if whole and not wanted else None


def changes_nothing(step: Step, avals: Sequence[Any]) -> bool:
    """Whether a step hands on one operand as it is."""
    aval, name = step.outputs[0], step.primitive
    if name in _SAME or name in _RESHAPING:
        # A transposition of equal axes keeps the shape, but not the places.
        moved = name == "transpose" and tuple(step.params["permutation"]) != tuple(range(len(aval.shape)))
        return len(avals) == 1 and tuple(avals[0].shape) == tuple(aval.shape) and not moved
    if name == "convert_element_type":
        return bool(avals[0].dtype == aval.dtype)
    if name == "max":
        return any(isinstance(each, Fixed) and is_lowest(each.value) for each in step.operands)
    if name == "select_n":
        return _always_selects(step)
    return False


def is_lowest(value: Jax) -> bool:
    """Whether a number is below all others, so that a maximum with it is the other number."""
    return np.size(value) == 1 and bool(np.all(np.asarray(value) == -np.inf))


def _always_selects(step: Step) -> bool:
    """Whether a condition that depends on nothing picks the one operand that is no fixed number."""
    which, *cases = step.operands
    if not isinstance(which, Fixed) or np.size(which.value) != 1:
        return False
    chosen = int(np.asarray(which.value).item())
    return all(isinstance(case, Fixed) != (index == chosen) for index, case in enumerate(cases))


def strictest(operand: Folded) -> Kind:
    """Return the kind that decides who may take an operand in: of all equations folded behind it."""
    kinds = {operand.kind}
    behind = going_on(operand)
    while isinstance(behind, Folded):
        kinds.add(behind.kind)
        behind = going_on(behind)
    return next(kind for kind in ("index", "broadcast", "same") if kind in kinds)


def going_on(operand: Folded) -> Operand:
    """Return the operand that a folded equation starts from."""
    operands = operand.step.operands
    return next((each for each in operands if not isinstance(each, Fixed)), operands[0])


def origin(operand: Operand) -> Operand:
    """Return what lies behind all folded equations."""
    while isinstance(operand, Folded):
        operand = going_on(operand)
    return operand


def is_index(step: Step, position: int) -> bool:
    """Whether an operand is an index."""
    if step.primitive.startswith("scatter"):
        return position == 1
    first = INDEXERS.get(step.primitive)
    return first is not None and position >= first


def fixed_index(step: Step) -> dict[str, Any]:
    """Return an index that is the same for all arguments, as the keyword `index`, if it is short."""
    found = [
        np.asarray(each.value).tolist()
        for position, each in enumerate(step.operands)
        if isinstance(each, Fixed) and is_index(step, position) and np.size(each.value) <= LONGEST_INDEX
    ]
    return {"index": found[0] if len(found) == 1 else tuple(found)} if found else {}
