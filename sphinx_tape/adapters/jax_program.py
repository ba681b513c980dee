"""A function for JAX and its arguments -> a tape, through the function's jaxpr.

Layer `adapters`; JAX is imported inside functions only: who calls `from_jax` has imported it.
Read next: `jax_plan.py`, then `jax_walk.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import partial, update_wrapper
from typing import TYPE_CHECKING, Any

import numpy as np

from sphinx_tape.adapters.jax_names import argument_names, local_names, output_names
from sphinx_tape.adapters.jax_nested import NESTED
from sphinx_tape.adapters.jax_ops import OTHERWISE_AT_KINKS
from sphinx_tape.adapters.jax_plan import Fixed, Jax, Operand, Place, Plan, Planned
from sphinx_tape.adapters.jax_run import Rules, compute
from sphinx_tape.adapters.jax_values import to_numpy, type_note
from sphinx_tape.adapters.jax_walk import Walker
from sphinx_tape.adapters.reading import Reading
from sphinx_tape.errors import AdapterError
from sphinx_tape.tape import Node, Tape
from sphinx_tape.tape.primitives import PRIMITIVES

if TYPE_CHECKING:
    from sphinx_tape.tape.node import LocalVjp, Value

FRAMEWORK = "jax"
_BY_VALUE = (
    "ConcretizationTypeError",
    "TracerArrayConversionError",
    "TracerIntegerConversionError",
    "NonConcreteBooleanIndexError",
)
"""What JAX raises if Python needs the value of something that is only traced."""


def from_jax(
    function: Callable[..., Any],
    /,
    *arguments: Jax,
    argnums: int | Iterable[int] | None = None,
    names: Sequence[str] | None = None,
    closed: Collection[str] = (),
) -> Reading:
    """Read what a function of JAX computes for its arguments.

    Args:
        function: What `jax.grad` would take: a function of arrays, or of dictionaries, lists and tuples of
            them. If it returns several arrays, the first is the output.
        arguments: Its arguments. Floating numbers and arrays become leaves; integers, texts, functions and
            the like are passed on as they are, as by `jax.grad`.
        argnums: Arguments that a gradient is asked for, as in `jax.grad`; None: all that are floating.
        names: Names of the arguments instead of those of the function's parameters.
        closed: Names of functions with `jax.jit` that are shown as one node each, not opened.

    Raises:
        AdapterError: JAX cannot trace the function, because a value decides what it does; or an argument that
            is asked for cannot have a gradient.
    """
    import jax  # noqa: PLC0415 -- only if the builder did

    function = _without_jit(function)
    every, structure = jax.tree_util.tree_flatten_with_path(arguments)
    asked = _asked(argnums, len(arguments))
    wanted = _wanted(every, asked)
    given = [each for each in every if _is_traced(each[1])]
    labels = argument_names(function, [path for path, _ in given], names)
    locals_: list[str] = []

    def called(*leaves: Jax) -> Jax:
        traced = iter(leaves)
        filled = [next(traced) if _is_traced(leaf) else leaf for _, leaf in every]
        return function(*jax.tree_util.tree_unflatten(structure, filled))

    def program(*leaves: Jax) -> Jax:
        return local_names(called, locals_, *leaves)

    # JAX names the function in its messages.
    program = update_wrapper(program, function)
    try:
        jaxpr, shape = jax.make_jaxpr(program, return_shape=True)(*(leaf for _, leaf in given))
    except tuple(getattr(jax.errors, name) for name in _BY_VALUE) as error:
        message = (
            "function must not decide or compute in Python by the values of its arguments "
            f"(got {type(error).__name__}: {_first_line(error)}); write jnp.where, lax.cond or "
            "lax.fori_loop, as for jax.jit, or pass whole numbers and truth values as such"
        )
        raise AdapterError(message) from error
    plan = Plan()
    leaves = [
        _leaf(plan, leaf, label, wanted[path], aval)
        for (path, leaf), label, aval in zip(given, labels, jaxpr.in_avals, strict=True)
    ]
    walker = Walker(plan, NESTED, frozenset(closed))
    consts = [
        plan.constant(Fixed(value, variable.aval), Place())
        for value, variable in zip(jaxpr.consts, jaxpr.jaxpr.constvars, strict=True)
    ]
    outputs = walker.program(jaxpr.jaxpr, consts, leaves, Place())
    count = len(jax.tree_util.tree_leaves(shape[0]))
    results = [walker.known(each, Place()).id for each in outputs[:count]]
    held = [walker.node_of(each) for each in outputs[count:]]
    _name(
        plan, [*zip(held, locals_, strict=True), *zip(results, output_names(function, shape[0]), strict=True)]
    )
    compute(plan)
    return Reading(_tape(plan), results[0] if results else None, FRAMEWORK)


def read(result: object) -> Reading | None:
    """Say what to return instead of an array of JAX, which holds no graph.

    Raises:
        AdapterError: The builder returned an array.
    """
    if not hasattr(result, "aval"):
        return None
    message = (
        f"builder must return what from_jax returns (got an array of JAX, {result.aval}, which does not know "
        "how it was computed); write `return from_jax(function, *arguments)`"
    )
    raise AdapterError(message)


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0][:200]


def _is_traced(leaf: Jax) -> bool:
    """Whether JAX traces an argument: arrays and floating numbers."""
    return hasattr(leaf, "dtype") or isinstance(leaf, float | complex)


def _without_jit(function: Callable[..., Any]) -> Callable[..., Any]:
    """Take off `jax.jit`, which changes no result but hides local variables, and so their names."""
    import jax  # noqa: PLC0415 -- only if the builder did

    while isinstance(function, type(jax.jit(len))) and hasattr(function, "__wrapped__"):
        function = function.__wrapped__
    return function


def _asked(argnums: int | Iterable[int] | None, count: int) -> set[int]:
    """Return the arguments that a gradient is asked for; negative numbers count from the end."""
    if argnums is None:
        return set()
    numbers = {argnums} if isinstance(argnums, int) else set(argnums)
    wrong = sorted(number for number in numbers if not -count <= number < count)
    if wrong:
        message = f"argnums must name arguments, 0 to {count - 1} (got {wrong[0]}); count from 0"
        raise AdapterError(message)
    return {number % count for number in numbers}


def _wanted(given: Sequence[tuple[Any, Any]], asked: set[int]) -> dict[Any, bool]:
    """Tell for each place among the arguments whether a gradient is asked for what is there."""
    import jax.numpy as jnp  # noqa: PLC0415 -- only if the builder did

    wanted = {}
    for path, leaf in given:
        dtype = getattr(leaf, "dtype", type(leaf))
        floating = _is_traced(leaf) and bool(jnp.issubdtype(dtype, jnp.inexact))
        if path[0].idx in asked and not floating:
            kind = getattr(dtype, "__name__", dtype)
            message = (
                f"argument {path[0].idx} must have floating elements to have a gradient (got {kind}); "
                "write 1.0 for 1, or leave it out of argnums"
            )
            raise AdapterError(message)
        wanted[path] = floating and (not asked or path[0].idx in asked)
    return wanted


def _leaf(plan: Plan, leaf: Jax, name: str, wanted: bool, aval: Jax) -> Operand:  # noqa: FBT001 -- by position, inside only
    import jax  # noqa: PLC0415 -- only if the builder did

    note = type_note(aval.dtype)
    given = getattr(leaf, "dtype", None)
    if given is not None and given != aval.dtype and wanted:
        note = f"Given in {given}; JAX computes in {aval.dtype} unless jax_enable_x64 is set."
    # What NumPy holds may be changed by its owner later.
    value = leaf if isinstance(leaf, jax.Array) else np.array(leaf, aval.dtype)
    node = Planned(op="leaf" if wanted else "constant", value=value, aval=aval, wanted=wanted, note=note)
    known = plan.add(node)
    plan.names[known.id] = name
    return known


def _name(plan: Plan, found: Sequence[tuple[int | None, str]]) -> None:
    """Name nodes that have no name yet; no name is given twice."""
    taken = set(plan.names.values())
    for id_, name in found:
        if id_ is not None and name and name not in taken and id_ not in plan.names:
            plan.names[id_] = name
            taken.add(name)


def _tape(plan: Plan) -> Tape:
    tape, rules = Tape(), Rules(plan)
    values = {id_: to_numpy(value) for id_, value in plan.values.items()}
    for id_, (node, scope) in enumerate(zip(plan.nodes, plan.scopes(), strict=True)):
        tape.append(
            Node(
                id=id_,
                op=_op(node, values),
                name=plan.names.get(id_, ""),
                value=values[id_],
                parents=node.roots,
                requires_grad=node.wanted,
                vjp=_rule(rules, id_) if node.wanted and node.roots else None,
                source=node.place.source,
                scope=scope,
                keywords=node.keywords,
                cut=node.cut,
                note=node.note or type_note(node.aval.dtype),
            )
        )
    return tape


def _op(node: Planned, values: Mapping[int, Value]) -> str:
    """Return the operation's name, unless JAX has another convention that matters for these operands."""
    if node.op not in OTHERWISE_AT_KINKS:
        return node.op
    kink = PRIMITIVES[node.op].kink
    met = kink is not None and np.any(kink(None, *(values[root] for root in node.roots)))
    return f"lax.{node.op}" if met else node.op


def _rule(rules: Rules, id_: int) -> LocalVjp:
    return partial(rules.rule, id_)
