"""The reverse pass: from one output back over the tape, in descending id order.

Layer `tape`. Reads a tape, makes a `ReversePass` (every step, for readers) or a plain list of gradients
(the fast path). Both run the same loop over the same accumulation.
Sources: Griewank and Walther 2008, chapter 3; Baydin et al. 2018, section 3.2.
Read next: `coverage.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sphinx_tape.errors import (
    AccumulationError,
    BackwardError,
    ContributionParentError,
    ContributionShapeError,
    LocalRuleError,
    OperandError,
    SeedError,
    UnknownOutputError,
)
from sphinx_tape.tape.broadcasting import fit
from sphinx_tape.tape.local import OWN, BinaryRules, UnaryRules
from sphinx_tape.tape.node import Node, Value
from sphinx_tape.tape.values import READ_ONLY, constant, settled
from sphinx_tape.tape.variable import Variable

if TYPE_CHECKING:
    from sphinx_tape.tape.tape import Tape


@dataclass(frozen=True, slots=True, eq=False)
class Contribution:
    """What one operand position sends to one parent in one step."""

    source: int
    """The node visited in this step."""
    operand: int
    """Position at which the parent was used."""
    parent: int
    """The node that receives."""
    value: Value
    """Array of the parent's shape; unit: output units per unit of the parent."""


@dataclass(frozen=True, slots=True, eq=False)
class ReverseStep:
    """The visit of one node that a cotangent has reached."""

    node: int
    """The node visited."""
    cotangent: Any
    """Its accumulated cotangent; unit: output units per unit of the node."""
    contributions: tuple[Contribution, ...] = ()
    """In operand order; none for a leaf."""


@dataclass(frozen=True, slots=True, eq=False)
class ReversePass:
    """What happened in reverse: the seed, the steps in order, the final cotangents."""

    output: int
    """The node the pass started from."""
    seed: Value
    """The cotangent given to it."""
    steps: tuple[ReverseStep, ...]
    """One per node reached, in descending id order."""
    cotangents: tuple[Any, ...]
    """Per node of the tape its gradient; None where nothing arrived, which is not the same as zero."""

    def gradient(self, node: Variable | int) -> Value:
        """Look up the gradient of a node.

        Returns:
            Array of the node's shape, or None if nothing arrived.
        """
        return self.cotangents[node.id if isinstance(node, Variable) else node]


def backward(
    start: Tape | Variable,
    output: Variable | int | str | None = None,
    seed: Value = None,
) -> ReversePass:
    """Run the reverse pass and keep every step.

    Args:
        start: A tape, or the variable to start from.
        output: The node to start from if `start` is a tape: a variable, an id or a name; None: the last.
        seed: Cotangent of the output, of its shape; None: 1 for a scalar output.

    Raises:
        UnknownOutputError: `output` names no node, or several.
        SeedError: The seed does not have the output's shape, or is missing for a non-scalar output.
        BackwardError: A step failed; `partial` holds the pass as far as it got.
    """
    tape, id_ = _start(start, output)
    first = _seed(tape.nodes[id_], seed)
    steps: list[ReverseStep] = []
    cotangents: list[Any] = [None] * len(tape)
    try:
        _sweep(tape, id_, first, cotangents, steps)
    except BackwardError as error:
        error.partial = ReversePass(id_, first, tuple(steps), _frozen(cotangents))
        raise
    return ReversePass(id_, first, tuple(steps), _frozen(cotangents))


def gradients(variable: Variable, seed: Value = None) -> list[Any]:
    """Run the reverse pass for its result only.

    Args:
        variable: The output.
        seed: Cotangent of the output, of its shape; None: 1 for a scalar output.

    Returns:
        Per node of the tape its gradient, or None where nothing arrived.
    """
    tape = variable.tape
    cotangents: list[Any] = [None] * len(tape)
    _sweep(tape, variable.id, _seed(variable.node, seed), cotangents, None)
    return list(_frozen(cotangents))


def _sweep(  # noqa: C901, PLR0912 -- the loop that every node goes through: a call for each part would double its time
    tape: Tape,
    output: int,
    seed: Value,
    cotangents: list[Value],
    steps: list[ReverseStep] | None,
) -> None:
    """Visit the nodes from the output down and fill in their cotangents (and steps)."""
    nodes = tape.nodes[: output + 1]
    if not nodes[output].requires_grad:
        return
    owned: set[int] = set()
    cotangents[output] = seed
    node = nodes[output]
    try:
        for node in reversed(nodes):
            g = cotangents[node.id]
            if g is None:
                continue
            vjp = node.vjp
            values: Sequence[Value] = ()
            if vjp is None:
                if steps is None:
                    continue
            elif type(vjp) is BinaryRules:
                values = vjp.pull(g)
            elif type(vjp) is UnaryRules:
                values = (vjp.pull(g),)
            else:
                values = vjp(g) if type(vjp) in OWN else checked(tape, node, vjp(g))
            if steps is not None:
                steps.append(_step(node, g, values))
            parents, operand = node.parents, 0
            for value in values:
                if value is not None:
                    parent = parents[operand]
                    if cotangents[parent] is None:
                        cotangents[parent] = value
                    else:
                        accumulate(cotangents, owned, parent, value)
                operand += 1  # noqa: SIM113 -- enumerate(), like zip(), costs more than the rest of this loop
    except BackwardError as error:
        error.node = node.id if error.node is None else error.node
        raise
    except Exception as error:
        message = (
            f"local rule of node {node.id} ({node.op}) must return its contributions "
            f"(got {type(error).__name__}: {error}); mend the rule or its operands"
        )
        raise LocalRuleError(message, node.id) from error


def _step(node: Node, g: Value, values: Sequence[Value]) -> ReverseStep:
    """Keep what a visit did."""
    contributions = [
        Contribution(node.id, operand, parent, value)
        for operand, (parent, value) in enumerate(zip(node.parents, values, strict=True))
        if value is not None
    ]
    return ReverseStep(node.id, g, tuple(contributions))


def local_contributions(node: Node, g: Value) -> Sequence[Value]:
    """Run the local VJP of one node; a node without one contributes nothing."""
    return () if node.vjp is None else node.vjp(g)


def checked(tape: Tape, node: Node, contributions: Iterable[Value]) -> list[Value]:
    """Hold what a local VJP that is not ours returned against the tape.

    Returns:
        One contribution per operand; None also where the parent requires none.

    Raises:
        ContributionParentError: There are more or fewer contributions than parents.
        ContributionShapeError: A contribution does not have its parent's shape.
    """
    values = list(contributions)
    if len(values) != len(node.parents):
        message = (
            f"local rule of node {node.id} ({node.op}) must return one contribution per operand, here "
            f"{len(node.parents)} (got {len(values)}); return None where there is none"
        )
        raise ContributionParentError(message, node.id)
    for operand, parent in enumerate(node.parents):
        if not tape.nodes[parent].requires_grad:
            values[operand] = None
        if values[operand] is None:
            continue
        expected = tape.nodes[parent].shape
        if np.shape(values[operand]) != expected:
            message = (
                f"contribution of node {node.id} ({node.op}) to node {parent} must have its shape {expected} "
                f"(got {np.shape(values[operand])}); mend the rule"
            )
            raise ContributionShapeError(message, node.id)
        values[operand] = fit(values[operand], np.asarray(tape.nodes[parent].value))
    return values


def accumulate(cotangents: list[Value], owned: set[int], parent: int, value: Value) -> None:
    """Add a further contribution to what its parent has received so far.

    Args:
        cotangents: Per node the sum so far.
        owned: Nodes whose sum is an array made here, which may be changed in place.
        parent: The node that receives.
        value: The contribution.

    Raises:
        AccumulationError: The two cannot be added.
    """
    held = cotangents[parent]
    try:
        if parent in owned:
            held += value
            return
        total = held + value
    except (TypeError, ValueError) as error:
        message = f"contributions to node {parent} must be addable (got {error}); mend the rule"
        raise AccumulationError(message, parent) from error
    if type(total) is np.ndarray:
        owned.add(parent)
        cotangents[parent] = total
    else:
        cotangents[parent] = settled(total)


def _start(start: Tape | Variable, output: Variable | int | str | None) -> tuple[Tape, int]:
    """Find the tape and the output's id."""
    if isinstance(start, Variable):
        if output is None:
            return start.tape, start.id
        start = start.tape
    return start, find_output(start, output)


def find_output(tape: Tape, output: Variable | int | str | None) -> int:
    """Find a node by id or by name.

    Raises:
        UnknownOutputError: There is none, or several bear the name.
    """
    if isinstance(output, Variable):
        if output.tape is not tape:
            message = (
                "output must be a variable of this tape (got one of another tape); run the pass on its own"
            )
            raise UnknownOutputError(message)
        return output.id
    size = len(tape)
    if not size:
        message = "output must be a node of the tape (got an empty tape); record something first"
        raise UnknownOutputError(message)
    if output is None:
        output = size - 1
    if isinstance(output, str):
        found = [node.id for node in tape.nodes if node.name == output]
        if len(found) == 1:
            return found[0]
        named = ", ".join(sorted({node.name for node in tape.nodes if node.name})[:12]) or "none"
        wrong = f"borne by nodes {found}" if found else f"unknown; names on this tape: {named}"
        message = (
            f"output must be the name of one node (got {output!r}, {wrong}); name the node or give its id"
        )
        raise UnknownOutputError(message)
    if not isinstance(output, int | np.integer) or not 0 <= output < size:
        message = f"output must be a node id from 0 to {size - 1} (got {output}); the tape has {size} nodes"
        raise UnknownOutputError(message)
    return int(output)


def _seed(node: Node, seed: Value) -> Value:
    """Make the cotangent of the output."""
    if seed is None and type(node.value) is np.float64:  # nearly always: a loss
        return np.float64(1)
    value = np.asarray(node.value)
    if seed is None:
        if value.size != 1:
            message = (
                f"seed must be given for output {node.id} ({node.op}) of shape {value.shape} (got none); "
                "reduce the output to a scalar, or pass a seed of its shape"
            )
            raise SeedError(message, node.id)
        return settled(np.ones_like(value))
    try:
        array = np.asarray(constant(seed))
    except OperandError as error:
        message = f"seed of output {node.id} ({node.op}): {error}"
        raise SeedError(message, node.id) from error
    if array.shape != value.shape:
        message = (
            f"seed must have the shape {value.shape} of output {node.id} ({node.op}) (got {array.shape}); "
            "reshape it, or choose another output"
        )
        raise SeedError(message, node.id)
    if not np.can_cast(array.dtype, value.dtype, "same_kind"):
        message = (
            f"seed must fit the element type {value.dtype} of output {node.id} ({node.op}) "
            f"(got {array.dtype}); convert it"
        )
        raise SeedError(message, node.id)
    with np.errstate(over="ignore"):
        cast = array.astype(value.dtype)
    if cast.dtype.kind in "fc" and np.isfinite(array).all() and not np.isfinite(cast).all():
        message = (
            f"seed must fit the range of {value.dtype}, the element type of output {node.id} ({node.op}) "
            f"(got {np.abs(array).max():.3g}); scale it down"
        )
        raise SeedError(message, node.id)
    return settled(cast)


def _frozen(cotangents: list[Any]) -> tuple[Any, ...]:
    """Make the final cotangents read-only."""
    for cotangent in cotangents:
        if type(cotangent) is np.ndarray:
            cotangent.setflags(READ_ONLY)  # type: ignore[call-arg]  # stubs know keywords only
    return tuple(cotangents)
