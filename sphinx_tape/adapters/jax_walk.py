"""The equations of a JAX program, one after the other -> a plan.

Layer `adapters`; nothing here imports JAX. One node per equation, with these exceptions, none of which
changes a number: what depends on no argument is a constant; what `jax_folding` knows is taken in by the node
that uses it; what `jax_grouping` puts together is one node. The derivative of such a node is that of its
equations together.
Read next: `jax_nested.py` (programs inside), `jax_run.py` (numbers).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from sphinx_tape.adapters.jax_constants import computed
from sphinx_tape.adapters.jax_folding import (
    DEEPEST,
    ELEMENTWISE,
    INDEXERS,
    fixed_index,
    folding,
    is_index,
    origin,
    strictest,
)
from sphinx_tape.adapters.jax_grouping import Used, as_step, groups, is_literal, used_variables
from sphinx_tape.adapters.jax_ops import described
from sphinx_tape.adapters.jax_plan import (
    Fixed,
    Folded,
    Jax,
    Kind,
    Known,
    Operand,
    Outputs,
    Place,
    Plan,
    Planned,
    Run,
    Step,
)
from sphinx_tape.adapters.jax_rules import obstacle
from sphinx_tape.adapters.jax_sources import is_library, place_of
from sphinx_tape.tape.primitives import PRIMITIVES

Maker = Callable[..., Any]
"""Values of some nodes -> the value of an operand."""


@dataclass(slots=True, eq=False)
class Frame:
    """One program while it is walked through."""

    values: dict[Any, Operand]
    place: Place
    own: bool
    """Whether its equations know lines of the author's; those of a library's kept programs do not."""

    def read(self, atom: Jax) -> Operand:
        """Look up an operand of an equation."""
        return Fixed(atom.val, atom.aval) if is_literal(atom) else self.values[atom]


@dataclass(frozen=True, slots=True, eq=False)
class Call:
    """One equation that holds programs."""

    equation: Jax
    operands: tuple[Operand, ...]
    place: Place
    used: Used


class Walker:
    """Fills a plan; `jax_nested` gives it the ways into nested programs."""

    def __init__(
        self, plan: Plan, nested: Mapping[str, Callable[..., Outputs]], closed: frozenset[str]
    ) -> None:
        self.plan = plan
        self.nested = nested
        self.closed = closed
        self._given: dict[Folded, Known] = {}

    def program(
        self,
        jaxpr: Jax,
        consts: Sequence[Operand],
        inputs: Sequence[Operand],
        place: Place,
        *,
        own: bool = True,
    ) -> list[Operand]:
        """Walk through a program; return its outputs."""
        named = [*zip(jaxpr.constvars, consts, strict=True), *zip(jaxpr.invars, inputs, strict=True)]
        frame, uses = Frame(dict(named), place, own), used_variables(jaxpr)
        for group in groups(jaxpr):
            variables = group[-1].outvars
            used = tuple(variable in uses for variable in variables)
            outputs = self._equations(group, frame, used)
            pairs = zip(variables, outputs, strict=True)
            frame.values.update((variable, output) for variable, output in pairs if output is not None)
        return [frame.read(atom) for atom in jaxpr.outvars]

    def _equations(self, group: list[Jax], frame: Frame, used: Used) -> Outputs:
        """Plan one equation, or a few that belong together."""
        first = group[0]
        operands = tuple(frame.read(atom) for atom in first.invars)
        place = place_of(first, frame.place, own=frame.own)
        name = first.primitive.name
        if name == "name":
            return [self._named(operands[0], first.params["name"])]
        if not first.outvars:
            return []  # printing and the like: it makes no value
        if name in self.nested:
            return self.nested[name](self, Call(first, operands, place, used))
        return self.step(as_step(group, operands, place, used))

    def step(self, step: Step) -> Outputs:
        """Plan a step: compute it, fold it away, or give it nodes."""
        fixed = [each for each in step.operands if isinstance(each, Fixed)]
        if len(fixed) == len(step.operands):
            given = [each.value for each in fixed]
            values = computed(step, given) or step.run(*given)
            return [Fixed(value, aval) for value, aval in zip(values, step.outputs, strict=True)]
        kind = self._folding(step)
        if kind is not None:
            depth = 1 + max((each.depth for each in step.operands if isinstance(each, Folded)), default=0)
            if depth < DEEPEST:
                return [Folded(step, kind, any(map(self.plan.wanted, step.operands)), depth)]
        return list(self.emit(step))

    def single(self, step: Step) -> Operand:
        """Plan a step with one output."""
        return cast(Operand, self.step(step)[0])

    def wants(self, call: Call) -> bool:
        """Whether a gradient may flow through an equation."""
        return any(map(self.plan.wanted, call.operands))

    def known(self, operand: Operand, place: Place) -> Known:
        """Give an operand a node if it has none yet."""
        if isinstance(operand, Known):
            return operand
        if isinstance(operand, Fixed):
            return self.plan.constant(operand, place)
        if operand not in self._given:
            self._given[operand] = cast(Known, next(self.emit(operand.step)))
        return self._given[operand]

    def node_of(self, operand: Operand) -> int | None:
        """Return the node that has an operand's value already, if there is one."""
        if isinstance(operand, Folded) and strictest(operand) == "same":
            operand = origin(operand)
        return operand.id if isinstance(operand, Known) else None

    def emit(self, step: Step) -> Iterator[Known | None]:
        """Add the nodes of a step, one per output that is used; of several, the first in any case."""
        look = described(step, [self._shape(each) for each in step.operands], library=is_library(step.params))
        roots, gather = self._roots(step, look.order)
        op, count = look.op, len(step.outputs)
        if op in PRIMITIVES and not PRIMITIVES[op].variadic and len(PRIMITIVES[op].vjps) != len(roots):
            op = f"lax.{step.primitive}"
        nodes = [self.plan.nodes[root] for root in roots]
        wanted = [node.wanted for node in nodes]
        used = step.used if step.used and any(step.used) else (True, *([False] * (count - 1)))
        used = used if step.used else (True,) * count
        for index, aval in enumerate(step.outputs):
            if not used[index]:
                yield None
                continue
            run = _output(step.run, gather, index)
            why = obstacle(step, run, [node.aval for node in nodes], wanted, aval)
            keywords = {**look.keywords, **({"output": index} if count > 1 else {}), **fixed_index(step)}
            yield self.plan.add(
                Planned(
                    op=op,
                    roots=roots,
                    run=run,
                    aval=aval,
                    wanted=any(wanted) and not why.cut,
                    cut=why.cut,
                    # An operation of THE table is explained there.
                    note=why.note or ("" if op in PRIMITIVES else step.note),
                    keywords=keywords or None,
                    place=step.place,
                )
            )

    # What gets no node

    def _folding(self, step: Step) -> Kind | None:
        if len(step.outputs) != 1:
            return None
        avals = [self.plan.aval(each) for each in step.operands]
        return folding(step, avals, wanted=any(map(self.plan.wanted, step.operands)))

    def _takes_in(self, step: Step, position: int) -> bool:
        """Whether a step takes in the folded operand at a position."""
        operand = step.operands[position]
        if not isinstance(operand, Folded):
            return False
        kind = strictest(operand)
        if kind == "same":
            return True
        if kind == "broadcast":
            return step.primitive in ELEMENTWISE and self._broadcasts(step)
        # An author's own arithmetic with whole numbers stands on another line than the indexing.
        together = step.place.source == operand.step.place.source
        arithmetic = step.primitive not in INDEXERS and self._folding(step) == "index"
        return together and (arithmetic or is_index(step, position))

    def _broadcasts(self, step: Step) -> bool:
        """Whether the operands behind a step's broadcasts give its shape by themselves."""
        try:
            shape = np.broadcast_shapes(*(self._shape(origin(each)) for each in step.operands))
        except ValueError:
            return False
        return shape == tuple(step.outputs[0].shape)

    def _roots(self, step: Step, order: Sequence[int]) -> tuple[tuple[int, ...], Run]:
        """Find the nodes behind a step's operands, and how to get the operands' values from theirs."""
        roots: list[int] = []
        ways: dict[int, tuple[int, int, Maker]] = {}
        for position in order:
            nodes, maker = self._behind(step, position)
            ways[position] = (len(roots), len(roots) + len(nodes), maker)
            roots += nodes

        def gather(*values: Jax) -> list[Any]:
            parts = [ways[position] for position in range(len(ways))]
            return [maker(*values[start:stop]) for start, stop, maker in parts]

        return tuple(roots), gather

    def _behind(self, step: Step, position: int) -> tuple[list[int], Maker]:
        """Return the nodes behind an operand, and what makes its value of theirs."""
        operand = step.operands[position]
        if isinstance(operand, Fixed) and is_index(step, position):
            return [], _always(operand.value)
        if isinstance(operand, Folded) and self._takes_in(step, position):
            return self.unfolded(operand)
        return [self.known(operand, step.place).id], _itself

    def unfolded(self, operand: Folded, *, wholly: bool = False) -> tuple[list[int], Maker]:
        """Return the nodes that a folded operand is made of, and what makes its value of theirs.

        Args:
            operand: The result of a step without a node.
            wholly: Whether to go on to nodes that are there already, whatever lies between.
        """
        step = operand.step
        nodes: list[int] = []
        ways = []
        for position, each in enumerate(step.operands):
            found: list[int] = []
            # A number that only an equation without a node of its own uses is not shown.
            maker = _always(each.value) if isinstance(each, Fixed) else _itself
            if isinstance(each, Folded) and (wholly or self._takes_in(step, position)):
                found, maker = self.unfolded(each, wholly=wholly)
            elif not isinstance(each, Fixed):
                found = [self.known(each, step.place).id]
            ways.append((len(nodes), len(nodes) + len(found), maker))
            nodes += found
        # One index used in several equations of JAX's own is one operand.
        repeated = len(nodes) if len(set(nodes)) == 1 and not self.plan.nodes[nodes[0]].wanted else 1

        def made(*values: Jax) -> Jax:
            given = values * repeated
            return step.run(*(maker(*given[start:stop]) for start, stop, maker in ways))[0]

        return (nodes[:1] if repeated > 1 else nodes), made

    def _shape(self, operand: Operand) -> tuple[int, ...]:
        return tuple(self.plan.aval(operand).shape)

    def _named(self, operand: Operand, name: str) -> Operand:
        """Let an operand bear the author's name."""
        if isinstance(operand, Fixed):
            return operand
        known = self.known(operand, Place())
        self.plan.names.setdefault(known.id, name)
        return known


def _always(value: Jax) -> Maker:
    return lambda: value


def _itself(value: Jax) -> Jax:
    return value


def _output(run: Run, gather: Run, index: int) -> Maker:
    """Return what computes one output of a step from the values of its roots."""

    def output(*values: Jax) -> Jax:
        return run(*gather(*values))[index]

    return output
