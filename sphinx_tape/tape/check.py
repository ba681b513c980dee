"""Check rules and whole tapes against derivatives that no rule takes part in.

Layer `tape`. Reads a primitive and its samples, or a recorded tape, and compares the reverse pass with
central differences, and with complex steps where the operation is analytic.
Read next: `differences.py`, the yardstick; `replay.py`, which reruns a tape from its leaves.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from sphinx_tape.tape.backward import backward, gradients, local_contributions
from sphinx_tape.tape.broadcasting import fit
from sphinx_tape.tape.differences import (
    Comparison,
    Method,
    asymmetric,
    differentiate,
    rank,
    weights_of,
    worst_of,
)
from sphinx_tape.tape.exact import is_exact
from sphinx_tape.tape.primitives import PRIMITIVES
from sphinx_tape.tape.replay import replay
from sphinx_tape.tape.tape import Tape

if TYPE_CHECKING:
    from sphinx_tape.tape.node import Node, Value
    from sphinx_tape.tape.primitive import Primitive, Sample
    from sphinx_tape.tape.variable import Variable

_TURN = 1 + 0.2j
"""Takes real samples off the real axis, near enough to stay on the right side of branch cuts."""
TOLERANCES = {"float64": 1e-7, "float32": 2e-4, "float16": 2e-2, "complex128": 1e-7, "complex64": 2e-4}
"""Largest relative error accepted, by the element type in which the rules ran. Central differences
always run in double precision, so the bound is the rule's own rounding, with room for cancellation."""
_COMPLEX_TOLERANCE = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True)
class TapeCheck:
    """A whole tape against central differences from its leaves."""

    leaves: tuple[Comparison, ...]
    """One comparison per leaf that requires a gradient."""
    blamed: tuple[tuple[int, Comparison], ...]
    """Nodes whose own local VJP is wrong, with the comparison that shows it."""

    @property
    def ok(self) -> bool:
        """Whether every leaf's gradient is right."""
        return all(leaf.ok for leaf in self.leaves)

    @property
    def worst(self) -> Comparison | None:
        """The leaf with the largest error in units of its tolerance; None without leaves."""
        return max(self.leaves, key=lambda leaf: rank(leaf.error), default=None)


def check_primitive(primitive: Primitive, dtype: str = "float64") -> list[Comparison]:
    """Check every rule of a primitive on each of its samples.

    Args:
        primitive: A table entry.
        dtype: Element type in which the rules run: `float64`, `float32`, `float16`, or `complex128` for
            analytic primitives, whose samples are then turned off the real axis.

    Returns:
        A comparison per sample, operand and method; none for operands without a rule.
    """
    found: list[Comparison] = []
    for sample in primitive.samples:
        found += _check_sample(primitive, sample, dtype)
    return found


def _check_sample(primitive: Primitive, sample: Sample, dtype: str) -> list[Comparison]:
    """Compare all operands of one sample."""
    tape = Tape()
    # Differences are taken at the very points that the rules see, rounded to their element type.
    rounded = [_as_type(operand, dtype) for operand in sample.operands]
    variables = [_root(tape, operand) for operand in rounded]
    output = tape.run(primitive, tuple(variables), sample.keywords)
    if not output.requires_grad:
        return []
    seed = asymmetric(output.node.value)
    got = local_contributions(output.node, seed)
    wide = [_as_type(operand, "float64") for operand in rounded]

    def loss(operands: Sequence[Value]) -> Value:
        return np.sum(weights_of(seed) * primitive.forward(*operands, **sample.keywords))

    found = []
    for position, contribution in enumerate(got):
        if contribution is None:
            continue
        subject = f"operand {position} of {primitive.name}"
        tolerance = TOLERANCES[str(np.asarray(contribution).dtype)]
        found += [
            _compare(subject, method, loss, wide, position, contribution, tolerance)
            for method in _methods(primitive, wide)
        ]
    return found


def _methods(primitive: Primitive, operands: Sequence[Value]) -> tuple[Method, ...]:
    """Complex steps only where the operation is analytic and nothing is complex already."""
    if primitive.analytic and not any(map(np.iscomplexobj, operands)):
        return ("central differences", "complex step")
    return ("central differences",)


def _root(tape: Tape, operand: Value) -> Variable:
    """Make a leaf of what can have a gradient, a constant of the rest."""
    return tape.leaf(operand) if np.asarray(operand).dtype.kind in "fc" else tape.constant(operand)


def _as_type(operand: Value, dtype: str) -> Value:
    """Convert real floating operands; complex, integer and bool ones stay."""
    array = np.asarray(operand)
    if dtype == "complex128" and array.dtype.kind == "f":
        return (array * _TURN)[()]
    return array.astype(dtype)[()] if array.dtype.kind == "f" else array[()]


def _compare(  # noqa: PLR0913, PLR0917 -- the parts of one comparison
    subject: str,
    method: Method,
    loss: Callable[[Sequence[Value]], Value],
    operands: Sequence[Value],
    position: int,
    gradient: Value,
    tolerance: float,
) -> Comparison:
    """Differentiate a loss in one operand, element by element, and find the worst element."""
    expected = differentiate(loss, operands, position, method)
    if method == "complex step" and tolerance <= TOLERANCES["float64"]:
        tolerance = _COMPLEX_TOLERANCE
    return worst_of(subject, method, np.asarray(gradient), expected, tolerance)


def check_tape(output: Variable, tolerance: float | None = None, most: int = 64) -> TapeCheck:
    """Check the gradients of a recorded tape: replay it from its leaves, each element moved both ways.

    Args:
        output: The output; a non-scalar one is seeded with `asymmetric` weights.
        tolerance: Largest relative error accepted; None: by the leaf's element type.
        most: How many elements of a leaf to compare; of larger ones, so many evenly spread.

    Returns:
        The comparison of every leaf; if one is wrong, also the nodes whose local VJP is to blame.
    """
    tape = output.tape
    seed = asymmetric(output.node.value) if output.size != 1 else None
    weights = weights_of(asymmetric(output.node.value)) if output.size != 1 else 1.0
    found = gradients(output, seed)
    leaves = [
        _check_leaf(output, node, found[node.id], weights, tolerance, most)
        for node in tape.nodes[: output.id + 1]
        if node.op == "leaf" and node.requires_grad and not is_exact(node.value)
    ]
    blamed: tuple[tuple[int, Comparison], ...] = ()
    if not all(leaf.ok for leaf in leaves):
        blamed = blame(output)
    return TapeCheck(leaves=tuple(leaves), blamed=blamed)


def _check_leaf(  # noqa: PLR0913, PLR0917 -- the parts of one comparison
    output: Variable, node: Node, gradient: Value, weights: Value, tolerance: float | None, most: int
) -> Comparison:
    """Compare one leaf's gradient; one that nothing reached counts as zero."""

    def loss(operands: Sequence[Value]) -> Value:
        return np.sum(weights * replay(output.tape, {node.id: operands[0]}, output.id))

    value = np.asarray(node.value)
    wide = value.astype(np.complex128 if value.dtype.kind == "c" else np.float64)
    got = np.zeros_like(wide) if gradient is None else np.asarray(gradient)
    picked = sorted({round(each) for each in np.linspace(0, max(wide.size - 1, 0), min(most, wide.size))})
    expected = got.astype(wide.dtype)
    expected.flat[picked] = differentiate(loss, [wide], 0, picked=picked).flat[picked]
    subject = f"leaf {node.id} {node.name}".rstrip()
    accepted = TOLERANCES.get(str(value.dtype), 1e-7) if tolerance is None else tolerance
    worst = worst_of(subject, "central differences", got, expected, accepted)
    return replace(worst, compared=len(picked))


def blame(output: Variable) -> tuple[tuple[int, Comparison], ...]:
    """Find the nodes whose local VJP disagrees with differences of their own forward.

    Args:
        output: The output whose reverse pass is suspect.

    Returns:
        Pairs of node id and the first comparison that fails, in the order of the reverse pass.
    """
    tape = output.tape
    found = []
    for step in backward(output, seed=asymmetric(output.node.value)).steps:
        node = tape.nodes[step.node]
        if node.vjp is None or node.op not in PRIMITIVES:
            continue
        for comparison in _check_node(tape, node):
            if not comparison.ok:
                found.append((node.id, comparison))
                break
    return tuple(found)


def _check_node(tape: Tape, node: Node) -> list[Comparison]:
    """Compare the local VJP of one node, at the values it saw."""
    primitive = PRIMITIVES[node.op]
    inputs = [tape.nodes[parent].value for parent in node.parents]
    wide = [_as_type(value, "float64") for value in inputs]
    seed = asymmetric(node.value)

    def loss(operands: Sequence[Value]) -> Value:
        return np.sum(weights_of(seed) * primitive.forward(*operands, **(node.keywords or {})))

    return [
        _compare(
            f"operand {position} of node {node.id} ({node.op})",
            "central differences",
            loss,
            wide,
            position,
            fit(contribution, inputs[position]),
            TOLERANCES[str(np.asarray(inputs[position]).dtype)],
        )
        for position, contribution in enumerate(local_contributions(node, seed))
        if contribution is not None
    ]
