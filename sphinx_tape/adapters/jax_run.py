"""The numbers of a plan: forward values, and what each node hands back.

Layer `adapters`; JAX is imported inside functions only. One compiled program computes all forward values,
another a whole reverse pass: compiling every operation by itself takes ten times as long. Barriers keep
the compiler from merging operations of different nodes, so the numbers are those of the single operations.
Read next: `jax_values.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from sphinx_tape.adapters.jax_plan import Fixed, Jax, Known, Operand, Plan, Planned, kind
from sphinx_tape.adapters.jax_rules import pull
from sphinx_tape.adapters.jax_values import is_narrow, to_numpy

if TYPE_CHECKING:
    from sphinx_tape.adapters.jax_walk import Walker


_OPTIONS: dict[str, str | bool] = {"xla_backend_optimization_level": "0"}
"""Compiled once and run once: to optimise takes longer than it saves, and merges multiplications with
additions, which rounds otherwise than the single operations do."""


def _run(program: Callable[..., Any], *arguments: Jax) -> Jax:
    """Compile a program and run it."""
    import jax  # noqa: PLC0415 -- only if the builder did

    lowered = jax.jit(program).lower(*arguments)
    try:
        compiled = lowered.compile(compiler_options=_OPTIONS)
    except Exception:  # noqa: BLE001 -- a compiler without that option says so in its own way
        compiled = lowered.compile()
    return compiled(*arguments)


def _separate(value: Jax) -> Jax:
    """Keep the compiler from merging what makes a value with what uses it."""
    import jax  # noqa: PLC0415 -- only if the builder did

    # Not in every version; without it, numbers may differ in the last digit from those of single operations.
    barrier = getattr(jax.lax, "optimization_barrier", None)
    return barrier(value) if barrier and kind(value) != "k" else value


def forward(nodes: Sequence[Planned], known: dict[int, Jax], ids: Sequence[int]) -> None:
    """Compute the values of some nodes, into `known`.

    Args:
        nodes: The plan's nodes.
        known: Values by id: of leaves and constants, and of nodes computed before.
        ids: What to compute, in ascending order; what these need is known or among them.
    """

    def program(given: dict[int, Jax]) -> list[Jax]:
        values = dict(given)
        for id_ in ids:
            node = nodes[id_]
            if node.run is not None:
                values[id_] = _separate(node.run(*(values[root] for root in node.roots)))
        return [values[id_] for id_ in ids]

    if ids:
        known.update(zip(ids, _run(program, known), strict=True))


def value_of(walker: Walker, operand: Operand) -> np.ndarray[Any, Any]:
    """Compute the value of an operand in mid-walk, without a node for it: a branch depends on it."""
    if isinstance(operand, Fixed):
        return np.asarray(operand.value)
    plan = walker.plan
    roots, made = (
        ([operand.id], None) if isinstance(operand, Known) else walker.unfolded(operand, wholly=True)
    )
    needed: set[int] = set()
    stack = list(roots)
    while stack:
        id_ = stack.pop()
        if id_ not in needed and id_ not in plan.values:
            needed.add(id_)
            stack += plan.nodes[id_].roots
    given_before(plan)
    forward(plan.nodes, plan.values, sorted(needed - plan.values.keys()))
    values = [plan.values[root] for root in roots]
    return np.asarray(made(*values) if made else values[0])


def given_before(plan: Plan) -> None:
    """Enter the values of leaves and constants."""
    for id_, node in enumerate(plan.nodes):
        if node.run is None and id_ not in plan.values:
            plan.values[id_] = node.value


def compute(plan: Plan) -> None:
    """Compute all values that are not known yet."""
    given_before(plan)
    forward(plan.nodes, plan.values, [id_ for id_ in range(len(plan.nodes)) if id_ not in plan.values])


class Rules:
    """The local rules of all nodes of one plan.

    A reverse pass visits nodes in descending order. When one begins, all of it is computed at once; what is
    asked for later is looked up, if the cotangent is the very one that was foreseen, and computed if not.
    """

    def __init__(self, plan: Plan) -> None:
        self._nodes = plan.nodes
        self._values = plan.values
        self._foreseen: dict[int, tuple[Any, list[Any]]] = {}
        self._last = 0

    def rule(self, id_: int, g: Jax) -> list[Any]:
        """Return what a cotangent of a node gives to its operands."""
        if id_ >= self._last:
            self._foreseen = self._sweep(id_, g)
        self._last = id_
        cotangent, parts = self._foreseen.get(id_, (None, []))
        if cotangent is None or cotangent.tobytes() != np.asarray(g).tobytes():
            parts = self._single(id_, g)
        return parts

    def _single(self, id_: int, g: Jax) -> list[Any]:
        found = _run(lambda values, g: self._pull(id_, values, g), self._values, g)
        return [None if part is None else to_numpy(part) for part in found]

    def _pull(self, id_: int, values: dict[int, Jax], g: Jax) -> list[Jax]:
        node = self._nodes[id_]
        assert node.run is not None  # noqa: S101 -- only nodes with operands have a rule
        wanted = [self._nodes[root].wanted for root in node.roots]
        parts = pull(node.run, [values[root] for root in node.roots], wanted, g)
        return [None if part is None else _separate(_widened(part)) for part in parts]

    def _sweep(self, start: int, seed: Jax) -> dict[int, tuple[Any, list[Any]]]:
        """Compute a whole reverse pass."""

        def program(values: dict[int, Jax], seed: Jax) -> dict[int, tuple[Jax, list[Jax]]]:
            cotangents = {start: seed}
            found = {}
            for id_ in range(start, -1, -1):
                node = self._nodes[id_]
                if id_ not in cotangents or not node.wanted or node.run is None:
                    continue
                parts = self._pull(id_, values, cotangents[id_])
                found[id_] = (cotangents[id_], parts)
                for root, part in zip(node.roots, parts, strict=True):
                    if part is not None:
                        held = cotangents.get(root)
                        cotangents[root] = part if held is None else _separate(held + part)
            return found

        return {
            id_: (to_numpy(g), [None if part is None else to_numpy(part) for part in parts])
            for id_, (g, parts) in _run(program, self._values, seed).items()
        }


def _widened(part: Jax) -> Jax:
    """Return a contribution in an element type that NumPy has."""
    return part.astype("float32") if is_narrow(part.dtype) else part
