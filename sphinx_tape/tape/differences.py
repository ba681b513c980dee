"""Derivatives that no rule takes part in: central differences and complex steps.

Layer `tape`. Reads a scalar function and a point, makes an array of slopes, and compares arrays element by
element. What is differentiated is `sum(weights * output)`, with fixed weights that have no symmetry: a rule
that forgets a sum, a transpose or a sign cannot come out right by accident.
Sources: Squire and Trapp 1998 (complex step); Baydin et al. 2018, section 2.1 (central differences).
Read next: `check.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

if TYPE_CHECKING:
    from sphinx_tape.tape.node import Array, Value

Method = Literal["central differences", "complex step"]

CENTRAL_STEP = 6e-6
"""Cube root of the float64 rounding unit: truncation and rounding errors balance there."""
COMPLEX_STEP = 1e-40
"""A complex step subtracts nothing, so it can be as small as its square still vanishes."""

TOLERANCES = {"float64": 1e-7, "float32": 2e-4, "float16": 2e-2, "complex128": 1e-7, "complex64": 2e-4}
"""Largest relative error accepted, by the element type in which the rules ran. Differences always run in
double precision, so the bound is the rule's own rounding, with room for cancellation."""


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


def tolerance_of(value: Value) -> float:
    """Return the largest relative error accepted of a value's element type."""
    return TOLERANCES.get(str(np.asarray(value).dtype), TOLERANCES["float64"])


def wide(value: Value) -> Array:
    """Return a value in double precision; exact numbers too.

    Raises:
        TypeError: It is symbolic.
    """
    array = np.asarray(value)
    return array.astype(np.complex128 if array.dtype.kind == "c" else np.float64)


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


def weights_of(seed: Value) -> Value:
    """Weights w with d Re(sum(w * y)) = the seed's pairing, for complex outputs too."""
    wide = np.asarray(seed)
    return np.conjugate(wide) if np.iscomplexobj(wide) else wide.astype(np.float64)


def worst_of(subject: str, method: Method, gradient: Array, expected: Array, tolerance: float) -> Comparison:
    """Reduce two arrays to the comparison at their worst element."""
    errors = np.abs(gradient - expected) / np.maximum(1, np.abs(expected))
    ranks = np.array([rank(float(error)) for error in errors.reshape(-1)])
    where = int(ranks.argmax()) if ranks.size else 0
    element = tuple(int(each) for each in np.unravel_index(where, errors.shape)) if ranks.size else ()
    return Comparison(
        subject=subject,
        method=method,
        step=CENTRAL_STEP if method == "central differences" else COMPLEX_STEP,
        element=element,
        gradient=gradient[element].item() if ranks.size else 0.0,
        expected=expected[element].item() if ranks.size else 0.0,
        error=float(errors[element]) if ranks.size else 0.0,
        tolerance=tolerance,
        compared=errors.size,
    )


def rank(error: float) -> float:
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
            derivative[index] = along(index, COMPLEX_STEP * 1j).imag / COMPLEX_STEP
            continue
        step = CENTRAL_STEP * max(1.0, abs(operand[index].item()))
        slope = (along(index, step) - along(index, -step)).real / (2 * step)
        if operand.dtype.kind == "c":
            slope += 1j * (along(index, 1j * step) - along(index, -1j * step)).real / (2 * step)
        derivative[index] = slope
    return derivative
