"""Random programs for the property tests: a list of small steps, each on values made before.

A program runs under any namespace with NumPy's names: our functions, `autograd.numpy`, or NumPy itself.
Every step keeps values within a few units, so that neither engine overflows and differences stay exact.
Data for `test_random_programs.py`.
"""

# ruff: noqa: ARG005 -- every step takes a namespace and two values

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import strategies as st

SHAPES = ((), (3,), (2, 3), (2, 1))
"""Shapes of the leaves; all of them broadcast against each other."""


def _fitting(xp, x, y):
    """Return y, or its mean if it does not broadcast against x."""
    try:
        np.broadcast_shapes(np.shape(_plain(x)), np.shape(_plain(y)))
    except ValueError:
        return xp.mean(y)
    return y


def _plain(x):
    """Look through a variable of either engine at its value, for its shape only."""
    return getattr(x, "value", getattr(x, "_value", x))


def _binary(combine: Callable[..., Any]) -> Callable[..., Any]:
    """Make a step of a function of two values that broadcast."""
    return lambda xp, x, y: combine(xp, x, _fitting(xp, x, y))


def _matrix(xp, x):
    return xp.reshape(x, (-1, 1))


def _chosen(xp, x, y):
    """Choose by the sign of x; HIPS autograd does not undo broadcasting here, so shapes are made equal."""
    return xp.where(np.asarray(_plain(x)) > 0, x, 0.5 * y + 0.0 * x)


UNARY = [
    lambda xp, x: xp.tanh(x),
    lambda xp, x: xp.sin(x),
    lambda xp, x: xp.cos(2.0 * x),
    lambda xp, x: xp.exp(-(x**2)),
    lambda xp, x: xp.sqrt(1.0 + x * x),
    lambda xp, x: xp.log1p(x * x),
    lambda xp, x: xp.arctan(x),
    lambda xp, x: -x,
    lambda xp, x: 1.0 / (2.0 + xp.sin(x)),
    lambda xp, x: xp.abs(x - 0.123),
    lambda xp, x: xp.clip(x, -0.7, 0.9),
    lambda xp, x: (1.5 + xp.tanh(x)) ** 1.7,
]
BINARY = [
    _binary(lambda xp, x, y: 0.5 * (x + y)),
    _binary(lambda xp, x, y: 0.5 * (x - y)),
    _binary(lambda xp, x, y: xp.tanh(x) * y),
    _binary(lambda xp, x, y: x / (1.5 + y**2)),
    _binary(lambda xp, x, y: xp.maximum(x, y)),
    _binary(lambda xp, x, y: xp.minimum(x, 0.3 * y)),
    _binary(lambda xp, x, y: 0.5 * xp.hypot(x, 0.7 + y)),
    _binary(lambda xp, x, y: _chosen(xp, x + 0.0 * y, y)),
    _binary(lambda xp, x, y: (1.2 + xp.sin(x)) ** xp.tanh(y)),
    _binary(lambda xp, x, y: 0.5 * xp.logaddexp(x, y)),
]
STRUCTURAL = [
    lambda xp, x, y: xp.mean(x),
    lambda xp, x, y: xp.max(x),
    lambda xp, x, y: 0.5 * xp.sum(xp.reshape(x, (1, -1)), axis=0),
    lambda xp, x, y: xp.mean(_matrix(xp, x), axis=1, keepdims=True),
    lambda xp, x, y: xp.transpose(_matrix(xp, x)),
    lambda xp, x, y: xp.ravel(x)[[0, 0, -1]],
    lambda xp, x, y: xp.ravel(x)[::-1],
    lambda xp, x, y: xp.concatenate([xp.ravel(x), xp.ravel(y)])[-6:],
    lambda xp, x, y: xp.stack([xp.ravel(x)[0], xp.ravel(y)[-1]]),
    lambda xp, x, y: xp.tanh(xp.dot(_matrix(xp, x)[:3], xp.transpose(_matrix(xp, y)[:2]))),
    lambda xp, x, y: xp.mean(xp.outer(xp.ravel(x), xp.tanh(xp.ravel(y))), axis=1)[:6],
    lambda xp, x, y: 0.3 * xp.cumsum(xp.ravel(x)),
    lambda xp, x, y: xp.einsum("ij,kj->i", _matrix(xp, x), xp.tanh(_matrix(xp, y)[:2])),
    lambda xp, x, y: xp.var(x) * xp.tanh(y),
]
STEPS = [*(lambda xp, x, _y, run=run: run(xp, x) for run in UNARY), *BINARY, *STRUCTURAL]


@dataclass(frozen=True, slots=True)
class Program:
    """A random program: leaves, and steps on values made before."""

    leaves: tuple[tuple[int, ...], ...]
    """Shapes of the leaves."""
    steps: tuple[tuple[int, int, int], ...]
    """Per step its kind and the two values it uses, counted from the last one."""
    seed: int
    """Of the leaves' values."""

    @property
    def operands(self) -> tuple[np.ndarray, ...]:
        """Values of the leaves."""
        draw = np.random.default_rng(self.seed)
        return tuple(draw.uniform(-2, 2, shape) for shape in self.leaves)

    def run(self, xp: Any, *leaves: Any) -> Any:  # noqa: ANN401 -- any namespace, any engine
        """Run the program; the result is a number that depends on the last few values."""
        values: list[Any] = list(leaves)
        for kind, first, second in self.steps:
            count = len(values)
            values.append(STEPS[kind](xp, values[-1 - first % count], values[-1 - second % count]))
        return sum((xp.mean(value) for value in values[-3:]), 0.0)


def programs(least: int = 1, most: int = 10) -> st.SearchStrategy[Program]:
    """Draw programs with that many steps."""
    step = st.tuples(st.integers(0, len(STEPS) - 1), st.integers(0, 5), st.integers(0, 5))
    return st.builds(
        Program,
        st.lists(st.sampled_from(SHAPES), min_size=1, max_size=3).map(tuple),
        st.lists(step, min_size=least, max_size=most).map(tuple),
        st.integers(0, 2**16),
    )


def central_differences(program: Program, step: float = 1e-5) -> list[np.ndarray]:
    """Differentiate a program with plain NumPy, two evaluations per element."""
    operands: Sequence[np.ndarray] = program.operands
    results = []
    for place, operand in enumerate(operands):
        slope = np.zeros(operand.shape)
        for index in np.ndindex(operand.shape):
            sides = []
            for shift in (step, -step):
                moved = [np.array(each) for each in operands]
                moved[place][index] += shift
                sides.append(float(program.run(np, *moved)))
            slope[index] = (sides[0] - sides[1]) / (2 * step)
        results.append(slope)
    return results
