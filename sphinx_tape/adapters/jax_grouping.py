"""Equations of a jaxpr -> groups that are one operation to an author, and what a group does.

Layer `adapters`; nothing here imports JAX. Two equations make `x[1]`,
and two make `sum(x, axis=1, keepdims=True)`.
Read next: `jax_walk.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from sphinx_tape.adapters.jax_folding import is_lowest
from sphinx_tape.adapters.jax_plan import Jax, Operand, Place, Run, Step

Used = tuple[bool, ...]
"""For each output of an equation whether anything uses it."""
Users = dict[Any, list[int]]
"""Variable -> the equations that use it."""

_REDUCTIONS = frozenset({"reduce_sum", "reduce_max", "reduce_min", "reduce_prod"})
_SLICES = frozenset({"slice", "dynamic_slice"})


def is_literal(atom: Jax) -> bool:
    """Whether an operand of an equation is a number."""
    return hasattr(atom, "val")


def groups(jaxpr: Jax) -> Iterator[list[Jax]]:
    """Give the equations of a program in order, each with those that belong to it."""
    users: Users = {}
    for index, equation in enumerate(jaxpr.eqns):
        for atom in equation.invars:
            if not is_literal(atom):
                users.setdefault(atom, []).append(index)
    for atom in jaxpr.outvars:
        if not is_literal(atom):
            # A result has a user that is no equation.
            users.setdefault(atom, []).append(len(jaxpr.eqns))
    taken: set[int] = set()
    for index, equation in enumerate(jaxpr.eqns):
        if index not in taken:
            tail = _tail(jaxpr.eqns, equation, users)
            taken.update(tail)
            yield [equation, *(jaxpr.eqns[each] for each in tail)]


def _tail(equations: Sequence[Jax], first: Jax, users: Users) -> list[int]:
    """Find the equation that puts a reduction's axes back, or takes a slice's out.

    Returns:
        It, and the ones before it, which change nothing; empty if there is none.
    """
    found: list[int] = []
    last = first
    while first.primitive.name in _REDUCTIONS | _SLICES and len(users.get(last.outvars[0], ())) == 1:
        index = users[last.outvars[0]][0]
        if index == len(equations):
            return []
        found.append(index)
        last = equations[index]
        if _closes(first, last):
            return found
        if last.primitive.name != "max" or not any(
            is_literal(atom) and is_lowest(atom.val) for atom in last.invars
        ):
            return []
    return []


def _closes(first: Jax, after: Jax) -> bool:
    """Whether an equation gives a reduction its axes back, or takes sliced axes out."""
    name = after.primitive.name
    if first.primitive.name in _SLICES:
        return bool(name == "squeeze")
    reduced = set(first.params["axes"])
    before = first.invars[0].aval.shape
    shape = [1 if axis in reduced else size for axis, size in enumerate(before)]
    kept = [axis for axis in range(len(before)) if axis not in reduced]
    puts_back = name == "reshape" or (
        name == "broadcast_in_dim" and list(after.params["broadcast_dimensions"]) == kept
    )
    return bool(puts_back and list(after.outvars[0].aval.shape) == shape)


def as_step(group: list[Jax], operands: tuple[Operand, ...], place: Place, used: Used) -> Step:
    """Make a step of a group of equations."""
    first, last = group[0], group[-1]
    closed = len(group) > 1
    sliced = first.primitive.name in _SLICES
    return Step(
        primitive=first.primitive.name,
        params=first.params,
        run=_function(group),
        operands=operands,
        outputs=tuple(variable.aval for variable in last.outvars),
        place=place,
        used=used,
        keepdims=closed and not sliced,
        squeezed=tuple(last.params["dimensions"]) if closed and sliced else (),
    )


def _function(group: list[Jax]) -> Run:
    """Return what equations do, each on the result of the one before and on its own literals."""

    def run(*values: Jax) -> Sequence[Any]:
        outputs = bound(group[0], values)
        for before, equation in pairwise(group):
            given = dict(zip(before.outvars, outputs, strict=True))
            outputs = bound(
                equation, [atom.val if is_literal(atom) else given[atom] for atom in equation.invars]
            )
        return outputs

    return run


def bound(equation: Jax, values: Sequence[Any]) -> Sequence[Any]:
    """Run one equation on values."""
    found = equation.primitive.get_bind_params(equation.params)
    # In older versions the functions among the parameters come apart.
    functions, params = found if isinstance(found, tuple) else ((), found)
    with equation.ctx.manager:
        result = equation.primitive.bind(*functions, *values, **params)
    return result if equation.primitive.multiple_results else [result]


def used_variables(jaxpr: Jax) -> set[Jax]:
    """Return the variables that an equation or the result of a program uses."""
    atoms = [atom for equation in jaxpr.eqns for atom in equation.invars]
    return {atom for atom in (*atoms, *jaxpr.outvars) if not is_literal(atom)}
