"""Expressions that HIPS autograd tests and demonstrates, written once for both engines.

Each takes a namespace first: `sphinx_tape.functions` or `autograd.numpy`. The mathematics is that of the
named file of github.com/HIPS/autograd (as of August 2026, commit bff107b), restated here; data are ours
unless said otherwise. Data for `test_autograd.py`.
"""

# ruff: noqa: ARG005 -- every expression takes a namespace; a model takes each of its weights

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from tests.oracles.comparison import array


@dataclass(frozen=True, slots=True)
class Expression:
    """One expression and the operands it is run on."""

    source: str
    """File of the HIPS repository that has the same mathematics."""
    name: str
    """What it is there."""
    run: Callable[..., Any]
    """Namespace and operands -> output."""
    operands: tuple[Any, ...]
    """One per differentiable parameter."""


def _complex(*shape: int) -> np.ndarray:
    return array(*shape) + 1j * array(*shape, seed=1)


A, B, V, W = array(4, 5), array(4, 5, seed=1), array(5), array(5, seed=1)
BLOCK = array(3, 4, 5)
SCALARS = {
    "abs": 1.1,
    "sin": 0.7,
    "exp": 0.7,
    "log": 0.9,
    "log1p": 0.9,
    "expm1": 0.7,
    "cos": 0.7,
    "tan": 0.7,
    "cosh": 0.7,
    "sinh": 0.7,
    "tanh": 0.7,
    "arccos": 0.1,
    "arcsin": 0.1,
    "arctan": 0.2,
    "arccosh": 1.7,
    "arcsinh": 0.7,
    "arctanh": 0.2,
    "sqrt": 4.2,
    "reciprocal": 0.6,
    "negative": 0.6,
    "square": 0.6,
}
COMPLEX = (
    "sin",
    "cos",
    "tan",
    "sinh",
    "cosh",
    "tanh",
    "exp",
    "log",
    "sqrt",
    "real",
    "imag",
    "conjugate",
    "abs",
)
BINARY = {
    "add": lambda xp, x, y: x + y,
    "sub": lambda xp, x, y: x - y,
    "mul": lambda xp, x, y: x * y,
    "div": lambda xp, x, y: x / xp.sqrt(y**2 + 0.5),
    "pow": lambda xp, x, y: (xp.abs(x) + 1.1) ** y,
    "hypot": lambda xp, x, y: xp.hypot(x, y),
    "arctan2": lambda xp, x, y: xp.arctan2(x, y),
    "maximum": lambda xp, x, y: xp.maximum(x, y),
    "minimum": lambda xp, x, y: xp.minimum(x, y),
    "logaddexp": lambda xp, x, y: xp.logaddexp(x, y),
}
SHAPES = ((), (4,), (3, 4), (1, 4))

OPERATORS = [
    *(
        Expression(
            "tests/test_scalar_ops.py",
            name,
            lambda xp, x, name=name: 3.0 * getattr(xp, name)(x),
            (np.float64(value),),
        )
        for name, value in SCALARS.items()
    ),
    *(
        Expression(
            "tests/test_systematic.py and tests/test_complex.py",
            f"{name} of complex values",
            lambda xp, x, name=name: getattr(xp, name)(x),
            (_complex(3, 2),),
        )
        for name in COMPLEX
    ),
    *(
        Expression("tests/test_binary_ops.py", f"{name} of {a} and {b}", run, (array(*a), array(*b, seed=1)))
        for name, run in BINARY.items()
        for a in SHAPES
        for b in SHAPES
    ),
]

PRODUCTS = [
    *(
        Expression(
            "tests/test_systematic.py",
            f"dot of {a} and {b}",
            lambda xp, x, y: xp.dot(x, y),
            (array(*a), array(*b)),
        )
        for a, b in [
            ((3,), (3,)),
            ((2, 3), (3,)),
            ((3,), (3, 4)),
            ((2, 3), (3, 4)),
            ((2, 2, 3), (2, 3, 4)),
            ((), (2, 3)),
        ]
    ),
    *(
        Expression(
            "tests/test_systematic.py",
            f"matmul of {a} and {b}",
            lambda xp, x, y: xp.matmul(x, y),
            (array(*a), array(*b)),
        )
        for a, b in [((3,), (2, 3, 4)), ((2, 2, 3), (3,)), ((1, 2, 2), (3, 2, 1)), ((2, 2, 3), (2, 3, 4))]
    ),
    *(
        Expression(
            "tests/test_systematic.py",
            f"tensordot of {a} and {b} over {axes}",
            lambda xp, x, y, axes=axes: xp.tensordot(x, y, axes=axes),
            (array(*a), array(*b)),
        )
        for a, b, axes in [
            ((2, 3, 2), (3, 4, 2), [(1,), (0,)]),
            ((2, 3, 4), (2, 2, 3, 4), [(1, 2), (2, 3)]),
            ((4, 2, 2), (2, 2, 4), 2),
            ((2, 6), (6, 3), [[-1], [0]]),
            ((4,), (), 0),
        ]
    ),
    *(
        Expression(
            "tests/test_systematic.py",
            f"einsum {subscripts}",
            lambda xp, *operands, subscripts=subscripts: xp.einsum(subscripts, *operands),
            tuple(array(*shape, seed=seed) for seed, shape in enumerate(shapes)),
        )
        for subscripts, shapes in [
            ("ij->ji", [(3, 4)]),
            ("ij,jk->ik", [(2, 3), (3, 4)]),
            ("ij->", [(3, 4)]),
            ("i,ij,j->", [(3,), (3, 4), (4,)]),
            ("...ij,...jk", [(5, 2, 3), (5, 3, 4)]),
        ]
    ),
    Expression(
        "tests/test_systematic.py", "inner", lambda xp, x, y: xp.inner(x, y), (array(2, 3), array(4, 3))
    ),
    Expression(
        "tests/test_systematic.py", "outer", lambda xp, x, y: xp.outer(x, y), (_complex(3), _complex(4))
    ),
]

MAPS = {
    "max over an axis": lambda xp, x: xp.max(x, axis=1),
    "max, kept": lambda xp, x: xp.max(x, axis=1, keepdims=True),
    "min of all": lambda xp, x: xp.min(x),
    "sum over a tuple": lambda xp, x: xp.sum(x, axis=(1, 2)),
    "mean, kept": lambda xp, x: xp.mean(x, axis=0, keepdims=True),
    "prod": lambda xp, x: xp.prod(x, axis=2),
    "var": lambda xp, x: xp.var(x, axis=1),
    "std": lambda xp, x: xp.std(x),
    "cumsum": lambda xp, x: xp.cumsum(x, axis=1),
    "one element": lambda xp, x: x[2, 0, 1],
    "reversed slice": lambda xp, x: x[::-1, 2:4, :],
    "lists": lambda xp, x: x[[0, 1, 2], :, :],
    "mixed index": lambda xp, x: x[2, 2:, [1, 3]],
    "a place twice": lambda xp, x: x[np.array([0, 0, 1])],
    "transpose": lambda xp, x: xp.transpose(x, [2, 0, 1]),
    "moveaxis": lambda xp, x: xp.moveaxis(x, 2, 0),
    "swapaxes": lambda xp, x: xp.swapaxes(x, 0, 2),
    "repeat": lambda xp, x: xp.repeat(x, 2, axis=1),
    "repeat, flattened": lambda xp, x: xp.repeat(x, 2),
    "tile": lambda xp, x: xp.tile(x, (1, 2, 2)),
    "roll": lambda xp, x: xp.roll(x, 2, axis=1),
    "flatten": lambda xp, x: xp.ravel(x),
    "reshape": lambda xp, x: xp.reshape(x, (6, -1)),
    "expand": lambda xp, x: xp.expand_dims(x, 2),
    "squeeze": lambda xp, x: xp.squeeze(x[:, :1]),
    "where": lambda xp, x: xp.where(np.arange(5) > 2, x, 2.0 * x),
    "clip": lambda xp, x: xp.clip(x, -1.0, 1.0),
    "concatenate": lambda xp, x: xp.concatenate((x, 2.0 * x), axis=1),
    "stack": lambda xp, x: xp.stack([x, x * x], axis=2),
    "vstack": lambda xp, x: xp.vstack((x[0], x[1])),
    "hstack": lambda xp, x: xp.hstack((x[0], x[1])),
    "triu": lambda xp, x: xp.triu(x[0], 1),
    "tril": lambda xp, x: xp.tril(x[0]),
    "pad": lambda xp, x: xp.pad(x, ((1, 0), (2, 1), (0, 0)), "constant"),
}
ARRAYS = [Expression("tests/test_numpy.py", name, run, (BLOCK,)) for name, run in MAPS.items()]


def _fan_out(xp, x):
    return xp.sin(xp.sin(x) + xp.sin(x))


def _mutating(xp, a):
    b = a + 1.0
    c = b + 1.5
    return a + b + c


def _mutating_index(xp, a):
    b = a + 1.0
    c = b[0] + 1.5
    return a + b + c


def _complex_index(xp, a):
    b = a + 1.0j
    c = b[0] + 1.5
    return xp.sum(xp.sin(xp.real(a + b + c)))


def _separate_parts(xp, a):
    return xp.sum(xp.sin(xp.abs(xp.real(a)) ** 1.4 + xp.abs(xp.imag(a)) ** 1.3))


GRAPHS = [
    Expression("tests/test_graphs.py", "fan-out", _fan_out, (np.float64(0.8),)),
    Expression("tests/test_graphs.py", "identity", lambda xp, x: 1.0 * x, (np.float64(2.0),)),
    Expression("tests/test_graphs.py", "sin of a product", lambda xp, x, v: xp.sin(xp.dot(x, v)), (V, W)),
    Expression(
        "tests/test_graphs.py", "two arguments", lambda xp, x, y: xp.sin(xp.sin(x) + xp.sin(y)), (V, W)
    ),
    Expression("tests/test_graphs.py", "sums that share a cotangent", _mutating, (V,)),
    Expression("tests/test_graphs.py", "the same through an index", _mutating_index, (V,)),
    Expression("tests/test_graphs.py", "the same with complex values", _complex_index, (V,)),
    Expression("tests/test_graphs.py", "real and imaginary parts", _separate_parts, (_complex(3, 2),)),
    Expression(
        "tests/test_jacobian.py",
        "powers stacked",
        lambda xp, x: xp.stack([x, x**2, x**3]),
        (np.float64(0.6),),
    ),
    Expression(
        "tests/test_jacobian.py",
        "sin of an outer product",
        lambda xp, x: xp.sin(xp.outer(x, x)) + xp.cos(xp.dot(x, x)),
        (array(2),),
    ),
]
