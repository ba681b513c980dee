"""Programs inside JAX programs: opened where their equations are what is differentiated.

Layer `adapters`; JAX is imported inside functions only. A program through which no gradient can flow is
one node. So is a function with a derivative of its own (`custom_vjp`, `custom_jvp`), because the operations
inside take no part in its derivative.
Read next: `jax_program.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from sphinx_tape.adapters.jax_grouping import bound
from sphinx_tape.adapters.jax_ops import ALWAYS_CLOSED
from sphinx_tape.adapters.jax_plan import Fixed, Jax, Operand, Outputs, Place, Step
from sphinx_tape.adapters.jax_run import value_of
from sphinx_tape.adapters.jax_sources import is_library, program_name

if TYPE_CHECKING:
    from sphinx_tape.adapters.jax_walk import Call, Walker

MOST = 400
"""Equations up to which a loop is written out step by step."""


def _called(walker: Walker, call: Call) -> Outputs:
    """Open a function that is called: `jit`, `checkpoint`."""
    params, kind = call.equation.params, call.equation.primitive.name
    name = program_name(params, kind) if kind in {"jit", "pjit"} else "checkpoint"
    library = is_library(params)
    if name in walker.closed or (library and name in ALWAYS_CLOSED) or not walker.wants(call):
        return _whole(walker, call, name=name)
    scope = walker.plan.enter(call.place.scope, name)
    inner = params["jaxpr"] if "jaxpr" in params else params["call_jaxpr"]
    inside = replace(call.place, scope=scope)
    return [*_open(walker, inner, call.operands, inside, own=not library)]


def _open(
    walker: Walker, inner: Jax, operands: Sequence[Operand], place: Place, *, own: bool = True
) -> list[Operand]:
    """Walk through a program with or without constants of its own."""
    jaxpr: Jax = getattr(inner, "jaxpr", inner)
    values = getattr(inner, "consts", ())
    consts = [Fixed(value, each.aval) for value, each in zip(values, jaxpr.constvars, strict=True)]
    return walker.program(jaxpr, consts, operands, place, own=own)


def _whole(walker: Walker, call: Call, *, name: str = "", note: str = "", always: bool = False) -> Outputs:
    """Plan an equation as it is, however much it holds."""
    equation = call.equation
    step = Step(
        primitive=equation.primitive.name,
        params=equation.params,
        run=lambda *values: bound(equation, values),
        operands=call.operands,
        outputs=tuple(variable.aval for variable in equation.outvars),
        place=call.place,
        call=name,
        note=note,
        used=call.used,
        always=always,
    )
    return walker.step(step)


def _custom(walker: Walker, call: Call) -> Outputs:
    """Keep a function with a derivative of its own closed."""
    params = call.equation.params
    kind = "custom_vjp" if "vjp" in call.equation.primitive.name else "custom_jvp"
    owner = "JAX gives" if is_library(params) else "Its author gives"
    note = (
        f"{owner} this function a derivative of its own ({kind}); the operations inside take no part in it."
    )
    return _whole(walker, call, name=program_name(params, kind), note=note, always=True)


def _cond(walker: Walker, call: Call) -> Outputs:
    """Open the branch that was taken."""
    branches = call.equation.params["branches"]
    if not walker.wants(call):
        return _whole(walker, call)
    index = int(np.clip(value_of(walker, call.operands[0]), 0, len(branches) - 1))
    name = f"cond: {bool(index)}" if len(branches) == 2 else f"switch: branch {index}"
    scope = walker.plan.enter(call.place.scope, name)
    return [*_open(walker, branches[index], call.operands[1:], replace(call.place, scope=scope))]


def _while(walker: Walker, call: Call) -> Outputs:
    """Keep a loop closed that JAX itself cannot go back through."""
    return _whole(
        walker, call, note="A loop whose number of rounds depends on values; it is shown as one node."
    )


def _scan(walker: Walker, call: Call) -> Outputs:
    """Write a loop out, step by step, where it is short."""
    params = call.equation.params
    length, body = params["length"], params["jaxpr"]
    if not length or not walker.wants(call):
        return _whole(walker, call)
    if length * len(body.jaxpr.eqns) > MOST:
        note = f"A loop of {length} steps, shown as one node; its derivative is that of the whole loop."
        return _whole(walker, call, note=note)
    first, last = params["num_consts"], params["num_consts"] + params["num_carry"]
    shared, carry, rows = call.operands[:first], call.operands[first:last], call.operands[last:]
    made: dict[int, list[Operand]] = {}
    scope = walker.plan.enter(call.place.scope, "scan")
    for index in sorted(range(length), reverse=params["reverse"]):
        inside = replace(call.place, scope=(*scope, f"step {index}"))
        parts = [_row(walker, each, index, inside) for each in rows]
        outputs = _open(walker, body, [*shared, *carry, *parts], inside)
        carry, made[index] = tuple(outputs[: len(carry)]), outputs[len(carry) :]
    return [*carry, *_collected(walker, call, len(carry), [made[index] for index in range(length)])]


def _row(walker: Walker, rows: Operand, index: int, place: Place) -> Operand:
    """Plan one step's share of what a loop goes through."""
    import jax  # noqa: PLC0415 -- only if the builder did

    aval = walker.plan.aval(rows)
    starts, limits = (index, *([0] * (len(aval.shape) - 1))), (index + 1, *aval.shape[1:])
    step = Step(
        primitive="slice",
        params={"start_indices": starts, "limit_indices": limits, "strides": None},
        run=lambda values: [jax.lax.index_in_dim(values, index, keepdims=False)],
        operands=(rows,),
        outputs=(jax.core.ShapedArray(aval.shape[1:], aval.dtype),),
        place=place,
        squeezed=(0,),
    )
    return walker.single(step)


def _collected(walker: Walker, call: Call, first: int, made: Sequence[list[Operand]]) -> Outputs:
    """Plan the collections of what the steps of a loop gave, where they are used."""
    variables = call.equation.outvars[first:]
    return [
        _stack(walker, [rows[which] for rows in made], variable.aval, call.place) if used else None
        for which, (variable, used) in enumerate(zip(variables, call.used[first:], strict=True))
    ]


def _stack(walker: Walker, rows: list[Operand], aval: Jax, place: Place) -> Operand:
    import jax.numpy as jnp  # noqa: PLC0415 -- only if the builder did

    step = Step(
        primitive="stack",
        params={"axis": 0},
        run=lambda *values: [jnp.stack(values)],
        operands=tuple(rows),
        outputs=(aval,),
        place=place,
    )
    return walker.single(step)


NESTED: dict[str, Callable[[Walker, Call], Outputs]] = {
    **dict.fromkeys(("jit", "pjit", "closed_call", "core_call", "remat", "remat2", "checkpoint"), _called),
    **dict.fromkeys(("custom_jvp_call", "custom_vjp_call", "custom_vjp_call_jaxpr"), _custom),
    "cond": _cond,
    "while": _while,
    "scan": _scan,
}
"""Primitives that hold programs -> how they are planned."""
