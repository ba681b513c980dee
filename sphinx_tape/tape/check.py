"""Check rules and whole tapes against derivatives that no rule takes part in.

Layer `tape`. Reads a primitive and its samples, or a recorded tape, and compares the reverse pass with
central differences, and with complex steps where the operation is analytic. Every number compared is
the derivative of `sum(seed * output)`, with a fixed seed that has no symmetry: a rule that forgets a sum,
a transpose or a sign cannot come out right by accident.
Sources: Squire and Trapp 1998 (complex step); Baydin et al. 2018, section 2.1 (central differences).
Read next: `replay.py`, which reruns a tape from its leaves.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from sphinx_tape.tape.backward import backward, gradients, local_contributions
from sphinx_tape.tape.broadcasting import fit
from sphinx_tape.tape.exact import is_exact
from sphinx_tape.tape.primitives import PRIMITIVES
from sphinx_tape.tape.replay import replay
from sphinx_tape.tape.tape import Tape

if TYPE_CHECKING:
    from sphinx_tape.tape.node import Array, Node, Value
    from sphinx_tape.tape.primitive import Primitive, Sample
    from sphinx_tape.tape.variable import Variable

Method = Literal["central differences", "complex step"]

_CENTRAL_STEP = 6e-6
"""Cube root of the float64 rounding unit: truncation and rounding errors balance there."""
_COMPLEX_STEP = 1e-40
"""A complex step subtracts nothing, so it can be as small as its square still vanishes."""
_TURN = 1 + 0.2j
"""Takes real samples off the real axis, near enough to stay on the right side of branch cuts."""
TOLERANCES = {"float64": 1e-7, "float32": 2e-4, "float16": 2e-2, "complex128": 1e-7}
"""Largest relative error accepted, by the element type in which the rules ran. Central differences
always run in double precision, so the bound is the rule's own rounding, with room for cancellation."""
_COMPLEX_TOLERANCE = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The worst element of one gradient against its independent derivative."""

    subject: str
    """What was checked: `operand 1 of mul`, or a leaf."""
    method: Method
    """Where the independent number comes from."""
    step: float
    """Size of the step taken."""
    element: tuple[int, ...]
    """Index of the worst element."""
    gradient: complex
    """What the reverse pass says there."""
    expected: complex
    """What the differences say there."""
    error: float
    """Largest |gradient - expected| / max(1, |expected|) over all elements."""
    tolerance: float
    """Largest error accepted."""
    compared: int
    """How many elements were compared: all, or a spread of them where that would take too long."""

    @property
    def ok(self) -> bool:
        """Whether the error is within the tolerance; not if it is nan."""
        return self.error <= self.tolerance

    def __str__(self) -> str:
        verdict = "ok" if self.ok else "WRONG"
        return (
            f"{verdict}: {self.subject}: error {self.error:.2g} (tolerance {self.tolerance:.2g}) at element "
            f"{list(self.element)}: {self.gradient:.12g}, by {self.method} {self.expected:.12g}"
        )


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
        return max(self.leaves, key=lambda leaf: _rank(leaf.error), default=None)


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
        return np.sum(_plain_seed(seed) * primitive.forward(*operands, **sample.keywords))

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


def asymmetric(value: Value) -> Value:
    """Make a fixed seed of a value's shape and type without any symmetry, all elements near 1.

    Returns:
        Cotangent; for complex values both parts are filled.
    """
    array = np.asarray(value)
    count = np.arange(array.size, dtype=np.float64).reshape(array.shape)
    weights = 1 + 0.5 * np.sin(1 + 1.7 * count)
    tilt = -0.3j * np.cos(2.3 * count) if array.dtype.kind == "c" else 0.0
    return (weights + tilt).astype(array.dtype)[()]


def _plain_seed(seed: Value) -> Value:
    """Weights w with d Re(sum(w * y)) = the seed's pairing, for complex outputs too."""
    wide = np.asarray(seed)
    return np.conjugate(wide) if np.iscomplexobj(wide) else wide.astype(np.float64)


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
    return _worst(subject, method, np.asarray(gradient), expected, tolerance)


def _worst(subject: str, method: Method, gradient: Array, expected: Array, tolerance: float) -> Comparison:
    """Reduce two arrays to the comparison at their worst element."""
    errors = np.abs(gradient - expected) / np.maximum(1, np.abs(expected))
    ranks = np.array([_rank(float(error)) for error in errors.reshape(-1)])
    where = int(ranks.argmax()) if ranks.size else 0
    element = tuple(int(each) for each in np.unravel_index(where, errors.shape)) if ranks.size else ()
    return Comparison(
        subject=subject,
        method=method,
        step=_CENTRAL_STEP if method == "central differences" else _COMPLEX_STEP,
        element=element,
        gradient=gradient[element].item() if ranks.size else 0.0,
        expected=expected[element].item() if ranks.size else 0.0,
        error=float(errors[element]) if ranks.size else 0.0,
        tolerance=tolerance,
        compared=errors.size,
    )


def _rank(error: float) -> float:
    """Order errors with nan as the worst."""
    return float("inf") if np.isnan(error) else error


def differentiate(
    loss: Callable[[Sequence[Value]], Value],
    operands: Sequence[Value],
    position: int,
    method: Method = "central differences",
    picked: Sequence[int] | None = None,
) -> Array:
    """Differentiate a scalar function in one of its operands without any rule.

    Args:
        loss: Function of the list of operands; the real part counts.
        operands: Where to differentiate, in double precision.
        position: Which operand.
        method: How; complex steps need an analytic function.
        picked: The elements to differentiate in, in row-major order; None: all.

    Returns:
        Derivative, of the operand's shape, 0 where not picked; dL/dRe + i dL/dIm for complex operands.
    """
    operand = np.asarray(operands[position])
    derivative = np.zeros(operand.shape, operand.dtype)

    def along(index: tuple[int, ...], step: complex) -> Any:  # noqa: ANN401 -- real or complex
        moved = operand.astype(np.result_type(operand, type(step)))
        moved[index] += step
        changed = list(operands)
        changed[position] = moved[()]
        return loss(changed)

    for flat in range(operand.size) if picked is None else picked:
        index = tuple(int(each) for each in np.unravel_index(flat, operand.shape))
        if method == "complex step":
            derivative[index] = along(index, _COMPLEX_STEP * 1j).imag / _COMPLEX_STEP
            continue
        step = _CENTRAL_STEP * max(1.0, abs(operand[index].item()))
        slope = (along(index, step) - along(index, -step)).real / (2 * step)
        if operand.dtype.kind == "c":
            slope += 1j * (along(index, 1j * step) - along(index, -1j * step)).real / (2 * step)
        derivative[index] = slope
    return derivative


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
    weights = _plain_seed(asymmetric(output.node.value)) if output.size != 1 else 1.0
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
    worst = _worst(subject, "central differences", got, expected, accepted)
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
        return np.sum(_plain_seed(seed) * primitive.forward(*operands, **(node.keywords or {})))

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
