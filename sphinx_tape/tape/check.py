"""Check the rules of THE table against derivatives that no rule takes part in.

Layer `tape`. Reads a primitive and its samples, and compares its rules with central differences, and with
complex steps where the operation is analytic.
Read next: `differences.py`, the yardstick; `gradient_check.py`, which checks whole tapes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from sphinx_tape.tape.backward import local_contributions
from sphinx_tape.tape.differences import (
    TOLERANCES,
    Comparison,
    Method,
    asymmetric,
    differentiate,
    weights_of,
    worst_of,
)
from sphinx_tape.tape.tape import Tape

if TYPE_CHECKING:
    from sphinx_tape.tape.node import Value
    from sphinx_tape.tape.primitive import Primitive, Sample
    from sphinx_tape.tape.variable import Variable

_TURN = 1 + 0.2j
"""Takes real samples off the real axis, near enough to stay on the right side of branch cuts."""
_COMPLEX_TOLERANCE = 1e-12


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
