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

from sphinx_tape.adapters.jax_grouping import bound, is_dropped
from sphinx_tape.adapters.jax_plan import Fixed, Jax, Operand, Place, Step
from sphinx_tape.adapters.jax_run import value_of
from sphinx_tape.adapters.jax_sources import is_library, program_name

if TYPE_CHECKING:
    from sphinx_tape.adapters.jax_walk import Walker

MOST = 400
"""Equations up to which a loop is written out step by step."""

Operands = Sequence[Operand]


def _called(walker: Walker, equation: Jax, operands: Operands, place: Place) -> list[Operand]:
    """Open a function that is called: `jit`, `checkpoint`."""
    params = equation.params
    inner = params["jaxpr"] if "jaxpr" in params else params["call_jaxpr"]
    kind = equation.primitive.name
    name = program_name(params, kind) if kind in {"jit", "pjit"} else "checkpoint"
    library = is_library(params)
    if name in walker.closed or not any(map(walker.plan.wanted, operands)):
        return _whole(walker, equation, operands, place, call=name)
    inside = replace(place, scope=walker.plan.enter(place.scope, name))
    return _open(walker, inner, operands, inside, own=not library)


def _open(
    walker: Walker,
    inner: Jax,
    operands: Operands,
    place: Place,
    *,
    own: bool = True,
) -> list[Operand]:
    jaxpr: Jax = getattr(inner, "jaxpr", inner)
    consts = [
        Fixed(value, variable.aval)
        for value, variable in zip(getattr(inner, "consts", ()), jaxpr.constvars, strict=True)
    ]
    return walker.program(jaxpr, consts, operands, place, own=own)


def _whole(  # noqa: PLR0913 -- all that a step is made of
    walker: Walker,
    equation: Jax,
    operands: Operands,
    place: Place,
    *,
    call: str = "",
    note: str = "",
    always: bool = False,
) -> list[Operand]:
    """Plan an equation as it is, however much it holds."""
    step = Step(
        primitive=equation.primitive.name,
        params=equation.params,
        run=lambda *values: bound(equation, values),
        operands=tuple(operands),
        outputs=tuple(variable.aval for variable in equation.outvars),
        place=place,
        call=call,
        note=note,
        always=always,
    )
    return walker.step(step)


def _custom(walker: Walker, equation: Jax, operands: Operands, place: Place) -> list[Operand]:
    """Keep a function with a derivative of its own closed."""
    kind = "custom_vjp" if "vjp" in equation.primitive.name else "custom_jvp"
    owner = "JAX gives" if is_library(equation.params) else "Its author gives"
    note = (
        f"{owner} this function a derivative of its own ({kind}); the operations inside take no part in it."
    )
    name = program_name(equation.params, kind)
    return _whole(walker, equation, operands, place, call=name, note=note, always=True)


def _cond(walker: Walker, equation: Jax, operands: Operands, place: Place) -> list[Operand]:
    """Open the branch that was taken."""
    branches = equation.params["branches"]
    if not any(map(walker.plan.wanted, operands)):
        return _whole(walker, equation, operands, place)
    index = int(np.clip(value_of(walker, operands[0]), 0, len(branches) - 1))
    name = f"cond: {bool(index)}" if len(branches) == 2 else f"switch: branch {index}"
    inside = replace(place, scope=walker.plan.enter(place.scope, name))
    return _open(walker, branches[index], operands[1:], inside)


def _while(walker: Walker, equation: Jax, operands: Operands, place: Place) -> list[Operand]:
    return _whole(
        walker,
        equation,
        operands,
        place,
        note="A loop whose number of rounds depends on values; shown as one node.",
    )


def _scan(walker: Walker, equation: Jax, operands: Operands, place: Place) -> list[Operand]:
    """Write a loop out, step by step, where it is short."""
    params = equation.params
    length, body = params["length"], params["jaxpr"]
    if not any(map(walker.plan.wanted, operands)):
        return _whole(walker, equation, operands, place)
    if not length or length * len(body.jaxpr.eqns) > MOST:
        note = f"A loop of {length} steps, shown as one node; its derivative is that of the whole loop."
        return _whole(walker, equation, operands, place, note=note)
    first, last = params["num_consts"], params["num_consts"] + params["num_carry"]
    shared, carry, rows = operands[:first], list(operands[first:last]), operands[last:]
    made: dict[int, list[Operand]] = {}
    scope = walker.plan.enter(place.scope, "scan")
    for index in sorted(range(length), reverse=params["reverse"]):
        inside = replace(place, scope=(*scope, f"step {index}"))
        parts = [_row(walker, each, index, inside) for each in rows]
        outputs = _open(walker, body, [*shared, *carry, *parts], inside)
        carry, made[index] = outputs[: len(carry)], outputs[len(carry) :]
    stacked = [
        None
        if is_dropped(variable)
        else _stack(walker, [made[index][which] for index in range(length)], variable.aval, place)
        for which, variable in enumerate(equation.outvars[len(carry) :])
    ]
    return [*carry, *stacked]  # type: ignore[list-item]  # dropped ones are never read


def _row(walker: Walker, rows: Operand, index: int, place: Place) -> Operand:
    """Plan one step's share of what a loop goes through."""
    import jax  # noqa: PLC0415 -- only if the builder did

    aval = walker.plan.aval(rows)
    row = jax.core.ShapedArray(aval.shape[1:], aval.dtype)
    starts, limits = (index, *([0] * (len(aval.shape) - 1))), (index + 1, *aval.shape[1:])
    step = Step(
        primitive="slice",
        params={"start_indices": starts, "limit_indices": limits, "strides": None},
        run=lambda values: [jax.lax.index_in_dim(values, index, keepdims=False)],
        operands=(rows,),
        outputs=(row,),
        place=place,
        squeezed=(0,),
    )
    return walker.step(step)[0]


def _stack(walker: Walker, rows: list[Operand], aval: Jax, place: Place) -> Operand:
    """Plan the collection of what the steps of a loop gave."""
    import jax.numpy as jnp  # noqa: PLC0415 -- only if the builder did

    step = Step(
        primitive="stack",
        params={"axis": 0},
        run=lambda *values: [jnp.stack(values)],
        operands=tuple(rows),
        outputs=(aval,),
        place=place,
    )
    return walker.step(step)[0]


NESTED: dict[str, Callable[[Walker, Jax, Operands, Place], list[Operand]]] = {
    **dict.fromkeys(("jit", "pjit", "closed_call", "core_call", "remat", "remat2", "checkpoint"), _called),
    **dict.fromkeys(("custom_jvp_call", "custom_vjp_call", "custom_vjp_call_jaxpr"), _custom),
    "cond": _cond,
    "while": _while,
    "scan": _scan,
}
"""Primitives that hold programs -> how they are planned when a gradient may flow through."""
