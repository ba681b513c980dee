"""Compare a computation on our tape with the same one in PyTorch: forward value and every gradient.

Used by the tests beside it. The engines share no code; the computation is written twice, once with
`sphinx_tape.functions` and once with `torch`. The cotangent of the output is a fixed array without
symmetry, so that a forgotten transpose, sum or sign shows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from sphinx_tape import Tape, gradients
from tests.support import require_module

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

DTYPES = ("float64", "float32")
COMPLEX_TOO = (*DTYPES, "complex128")
TOLERANCE = {"float64": 1e-10, "float32": 1e-4, "complex128": 1e-10}
"""Largest error relative to the largest element (or to 1), by element type."""


@dataclass(frozen=True, slots=True)
class Case:
    """One computation, written for both engines."""

    name: str
    """What the test is called."""
    ours: Callable[..., Any]
    """Our variables -> our output."""
    theirs: Callable[..., Any]
    """`torch` and its tensors -> its output."""
    operands: tuple[Any, ...]
    """Values of the leaves, in double precision."""
    dtypes: tuple[str, ...] = DTYPES
    """Element types in which the two are compared."""

    def runs(self) -> list[tuple[Case, str]]:
        """Pair the case with each of its element types."""
        return [(self, dtype) for dtype in self.dtypes]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one engine computed."""

    value: np.ndarray
    """Forward value."""
    gradients: list[np.ndarray | None]
    """Per operand; None where nothing arrived."""
    operations: set[str] = field(default_factory=set)
    """Names of the primitives that took part (ours only)."""


def array(*shape: int, seed: int = 0, low: float = -2.0, high: float = 2.0) -> np.ndarray:
    """Make a reproducible operand, uniform between two bounds."""
    return np.random.default_rng([seed, *shape]).uniform(low, high, shape)


def positive(*shape: int, seed: int = 0) -> np.ndarray:
    """Make a reproducible operand well above zero."""
    return array(*shape, seed=seed, low=0.5, high=3.0)


def _converted(operand: ArrayLike, dtype: str) -> np.ndarray:
    """Give floating operands the element type of the run; complex ones get an imaginary part."""
    values = np.asarray(operand)
    if values.dtype.kind != "f":
        return values
    if dtype.startswith("complex"):
        return values + 1j * np.cos(3 * values)
    return values.astype(dtype)


def _seed_of(value: np.ndarray) -> np.ndarray:
    """Make a cotangent without symmetry for an output."""
    steps = np.sin(1.0 + np.arange(value.size, dtype=np.float64)).reshape(value.shape)
    if value.dtype.kind == "c":
        steps = steps + 1j * np.cos(2 * steps)
    return steps.astype(value.dtype)


def run_ours(case: Case, dtype: str) -> Outcome:
    """Run a case on our tape."""
    tape = Tape()
    leaves = [
        tape.leaf(operand) if operand.dtype.kind in "fc" else tape.constant(operand)
        for operand in (_converted(operand, dtype) for operand in case.operands)
    ]
    output = case.ours(*leaves)
    value = np.asarray(output.value)
    found = gradients(output, _seed_of(value))
    return Outcome(
        value,
        [None if found[leaf.id] is None else np.asarray(found[leaf.id]) for leaf in leaves],
        {node.op for node in tape.nodes},
    )


def run_torch(case: Case, dtype: str) -> Outcome:
    """Run a case in PyTorch."""
    torch = require_module("torch")
    torch.set_num_threads(
        1
    )  # the arrays are small, and threads that wait for each other take most of the time
    leaves = []
    for operand in (_converted(operand, dtype) for operand in case.operands):
        leaf = torch.tensor(operand)
        leaves.append(leaf.requires_grad_() if operand.dtype.kind in "fc" else leaf)
    output = case.theirs(torch, *leaves)
    value = output.detach().resolve_conj().numpy()
    output.backward(torch.tensor(_seed_of(value)))
    return Outcome(
        value, [None if leaf.grad is None else leaf.grad.resolve_conj().numpy() for leaf in leaves]
    )


def _disagreement(what: str, ours: np.ndarray | None, theirs: np.ndarray | None, tolerance: float) -> str:
    """Say how two arrays differ; empty if they agree."""
    if ours is None or theirs is None:
        return "" if ours is theirs else f"{what}: ours {ours}, theirs {theirs}"
    if ours.shape != theirs.shape or ours.dtype != theirs.dtype:
        return f"{what}: ours {ours.dtype}{ours.shape}, theirs {theirs.dtype}{theirs.shape}"
    if not ours.size:
        return ""
    error = np.max(np.abs(ours - theirs)) / max(1.0, np.max(np.abs(theirs)))
    # Written so that nan is a disagreement.
    return "" if error <= tolerance else f"{what}: error {error:.3g}\nours\n{ours}\ntheirs\n{theirs}"


def disagreements(case: Case, dtype: str) -> list[str]:
    """Run a case in both engines and list everything on which they differ."""
    ours, theirs = run_ours(case, dtype), run_torch(case, dtype)
    tolerance = TOLERANCE[dtype]
    found = [_disagreement("forward value", ours.value, theirs.value, tolerance)]
    found += [
        _disagreement(f"gradient of operand {position}", mine, other, tolerance)
        for position, (mine, other) in enumerate(zip(ours.gradients, theirs.gradients, strict=True))
    ]
    return [line for line in found if line]
