"""Local rules of a planned node: JAX's own, of exactly the equations that the node stands for.

Layer `adapters`; JAX is imported inside functions only.
Read next: `jax_run.py`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sphinx_tape.adapters.jax_ops import SMOOTH
from sphinx_tape.adapters.jax_plan import kind
from sphinx_tape.tape.node import Cut

if TYPE_CHECKING:
    from sphinx_tape.adapters.jax_plan import Jax, Step

_ADDRESS = re.compile(r"\b0x[0-9a-fA-F]{6,}")
_COMPARISONS = frozenset({"lt", "le", "gt", "ge", "eq", "ne"})
_FLAT = "JAX takes its derivative to be zero everywhere."
LONGEST = 160
"""Characters of what JAX says that are kept."""


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why a node hands no gradient back; both empty if it does."""

    cut: Cut = ""
    note: str = ""


def pull(
    run: Callable[..., Any],
    values: Sequence[Any],
    wanted: Sequence[bool],
    g: Jax,
) -> list[Any]:
    """Return what a cotangent of the value gives to each operand that wants one; None for the others.

    JAX's cotangent of a complex value z is dL/dRe(z) - i dL/dIm(z); ours is its conjugate.
    """
    import jax  # noqa: PLC0415 -- only if the builder did
    import jax.numpy as jnp  # noqa: PLC0415 -- the same

    places = [place for place, want in enumerate(wanted) if want]

    def of_wanted(*given: Jax) -> Jax:
        every = list(values)
        for place, value in zip(places, given, strict=True):
            every[place] = value
        return run(*every)

    out, back = jax.vjp(of_wanted, *(values[place] for place in places))
    parts = back(jnp.conj(g.astype(out.dtype)))
    found: list[Any] = [None] * len(wanted)
    for place, part in zip(places, parts, strict=True):
        found[place] = jnp.conj(part)
    return found


def obstacle(
    step: Step,
    run: Callable[..., Any],
    avals: Sequence[Any],
    wanted: Sequence[bool],
    out: Jax,
) -> Obstacle:
    """Find out whether JAX hands a gradient from a node to its operands, without computing any number.

    Args:
        step: What the node stands for.
        run: Values of its roots -> its value.
        avals: JAX's description of each root.
        wanted: Whether each root requires a gradient.
        out: JAX's description of the node.
    """
    if any(wanted) and step.primitive == "stop_gradient":
        return Obstacle("detach")
    if any(wanted) and kind(out) not in "fcV":
        return Obstacle("not_differentiable" if step.primitive in _COMPARISONS else "integer")
    if not any(wanted) or step.primitive in SMOOTH:
        return Obstacle()
    try:
        depends = step.always or _depends(run, avals, wanted, out)
    except Exception as error:  # noqa: BLE001 -- JAX says in many ways that it has no rule
        return Obstacle("not_differentiable", f"JAX has no reverse rule here: {_first_sentence(error)}")
    return Obstacle() if depends else Obstacle("not_differentiable", _FLAT)


def _depends(run: Callable[..., Any], avals: Sequence[Any], wanted: Sequence[bool], out: Jax) -> bool:
    """Whether anything that is handed back depends on the cotangent."""
    import jax  # noqa: PLC0415 -- only if the builder did

    described: Jax = jax.ShapeDtypeStruct
    shapes = [described(aval.shape, aval.dtype) for aval in (*avals, out)]

    def back(*values: Jax) -> list[Any]:
        return [part for part in pull(run, values[:-1], wanted, values[-1]) if part is not None]

    jaxpr = jax.make_jaxpr(back)(*shapes).jaxpr
    reached = {jaxpr.invars[-1]}
    for equation in jaxpr.eqns:
        if any(not hasattr(atom, "val") and atom in reached for atom in equation.invars):
            reached.update(equation.outvars)
    return any(not hasattr(atom, "val") and atom in reached for atom in jaxpr.outvars)


def _first_sentence(error: Exception) -> str:
    text = _ADDRESS.sub("0x...", " ".join(str(error).split()))
    sentence = text.split(". ")[0].rstrip(".")
    return (sentence if len(sentence) <= LONGEST else sentence[: LONGEST - 3] + "...") + "."
