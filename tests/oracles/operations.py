"""Cases: one operation at a time, against PyTorch. Data for `test_torch.py`."""

# ruff: noqa: ARG005 -- every case takes `torch`, also where operators say it all

from __future__ import annotations

import numpy as np

from sphinx_tape import functions as F  # noqa: N812 -- the customary short name
from tests.oracles.comparison import COMPLEX_TOO, Case, array, positive

X, Y, ROW = array(3, 4), array(3, 4, seed=1), array(4, seed=2)
CUBE = array(2, 3, 4, seed=3)
PLUS, UNIT = positive(3, 4), array(3, 4, seed=4, low=-0.9, high=0.9)
ABOVE_ONE = positive(3, 4) + 1.0
CONDITION = np.array([[True, False, True, False]])

ANALYTIC = ("exp", "sin", "cos", "tan", "sinh", "cosh", "tanh", "square", "reciprocal", "sigmoid")
REAL = ("expm1", "erf", "relu", "silu", "softplus", "elu", "arctan", "arcsinh", "absolute")
NAMES = {"silu": "nn.functional.silu", "softplus": "nn.functional.softplus", "elu": "nn.functional.elu"}


def _torch_function(name: str):
    """Return a caller of the torch function of that dotted name."""

    def call(torch, *operands):
        function = torch
        for part in NAMES.get(name, name).split("."):
            function = getattr(function, part)
        return function(*operands)

    return call


def _same_name(name: str, *operands: np.ndarray, complex_too: bool = False) -> Case:
    return Case(
        name,
        getattr(F, name),
        _torch_function(name),
        operands,
        COMPLEX_TOO if complex_too else ("float64", "float32"),
    )


ELEMENTWISE = [
    *(_same_name(name, X, complex_too=True) for name in ANALYTIC),
    *(_same_name(name, X) for name in REAL),
    *(_same_name(name, PLUS, complex_too=True) for name in ("log", "sqrt")),
    *(_same_name(name, PLUS) for name in ("log1p",)),
    *(_same_name(name, UNIT) for name in ("arcsin", "arccos", "arctanh")),
    _same_name("arccosh", ABOVE_ONE),
    *(_same_name(name, X, Y) for name in ("maximum", "minimum", "hypot", "logaddexp", "arctan2")),
    Case("add broadcast", lambda x, r: x + r, lambda torch, x, r: x + r, (X, ROW), COMPLEX_TOO),
    Case("sub broadcast", lambda x, r: r - x, lambda torch, x, r: r - x, (X, ROW), COMPLEX_TOO),
    Case("mul outer broadcast", lambda x, r: x * r, lambda torch, x, r: x * r, (X[:, :1], ROW), COMPLEX_TOO),
    Case("div broadcast", lambda x, r: x / r, lambda torch, x, r: x / r, (X, PLUS[:, :1]), COMPLEX_TOO),
    Case("neg", lambda x: -x, lambda torch, x: -x, (X,), COMPLEX_TOO),
    Case("power of arrays", lambda x, p: x**p, lambda torch, x, p: x**p, (PLUS, ROW)),
    Case("power, whole exponent", lambda x: x**3, lambda torch, x: x**3, (X,), COMPLEX_TOO),
    Case("power of a number", lambda p: 2.5**p, lambda torch, p: 2.5**p, (X,)),
    Case("scale", lambda x: F.scale(x, 1.5), lambda torch, x: 1.5 * x, (X,), COMPLEX_TOO),
    Case(
        "safe log",
        lambda x: F.safe_log(x, eps=1.0),
        lambda torch, x: torch.log(torch.clamp(x, min=1.0)),
        (PLUS,),
    ),
    Case("gelu", F.gelu, lambda torch, x: torch.nn.functional.gelu(x), (X,)),
    Case(
        "gelu, tanh form",
        lambda x: F.gelu(x, approximate=True),
        lambda torch, x: torch.nn.functional.gelu(x, approximate="tanh"),
        (X,),
    ),
    Case(
        "leaky relu",
        lambda x: F.leaky_relu(x, slope=0.2),
        lambda torch, x: torch.nn.functional.leaky_relu(x, 0.2),
        (X,),
    ),
    Case(
        "elu with alpha",
        lambda x: F.elu(x, alpha=0.5),
        lambda torch, x: torch.nn.functional.elu(x, 0.5),
        (X,),
    ),
    Case("clip", lambda x: F.clip(x, -0.5, 1.0), lambda torch, x: torch.clamp(x, -0.5, 1.0), (X,)),
    Case("clip below", lambda x: F.clip(x, low=0.1), lambda torch, x: torch.clamp(x, min=0.1), (X,)),
    Case("where", F.where, lambda torch, c, x, y: torch.where(c, x, y), (CONDITION, X, Y), COMPLEX_TOO),
    Case("maximum, ties", F.maximum, lambda torch, x, y: torch.maximum(x, y), (X, np.where(X > 0, X, Y))),
    Case("relu at 0", F.relu, lambda torch, x: torch.relu(x), (np.array([-1.0, 0.0, 1.0]),)),
    Case("absolute at 0", F.absolute, lambda torch, x: torch.abs(x), (np.array([-1.0, 0.0, 1.0]),)),
    Case("absolute, complex", F.absolute, lambda torch, x: torch.abs(x), (X,), ("complex128",)),
    Case("real part", F.real, lambda torch, x: torch.real(x), (X,), ("complex128",)),
    Case("imaginary part", F.imag, lambda torch, x: torch.imag(x), (X,), ("complex128",)),
    Case("conjugate", F.conjugate, lambda torch, x: torch.conj(x), (X,), ("complex128",)),
    Case("detach", lambda x: x * x.detach(), lambda torch, x: x * x.detach(), (X,)),
    Case(
        "cast",
        lambda x: F.cast(F.cast(x, "float64") * 2.0, "float32"),
        lambda torch, x: (x.double() * 2.0).float(),
        (X,),
        ("float32",),
    ),
    *(
        Case(
            f"{name} as a factor",
            lambda x, name=name: x * getattr(F, name)(x),
            lambda torch, x, name=name: x * getattr(torch, name)(x),
            (X,),
        )
        for name in ("sign", "floor", "ceil", "round")
    ),
    *(
        Case(
            f"{name} as a mask",
            lambda x, y, name=name: x * F.cast(getattr(F, name)(x, y), x.dtype),
            lambda torch, x, y, name=name: x * getattr(torch, name)(x, y),
            (X, np.where(X > 0, X, Y)),
        )
        for name in ("less", "less_equal", "greater", "greater_equal", "not_equal")
    ),
    Case(
        "equal as a mask",
        lambda x, y: x * F.cast(F.equal(x, y), x.dtype),
        lambda torch, x, y: x * torch.eq(x, y),
        (X, np.where(X > 0, X, Y)),
    ),
]

REDUCTIONS = [
    Case("sum", F.sum, lambda torch, x: x.sum(), (CUBE,), COMPLEX_TOO),
    Case("sum, two axes", lambda x: x.sum((0, -1)), lambda torch, x: x.sum((0, -1)), (CUBE,), COMPLEX_TOO),
    Case(
        "mean, kept axis",
        lambda x: x.mean(1, keepdims=True),
        lambda torch, x: x.mean(1, keepdim=True),
        (CUBE,),
        COMPLEX_TOO,
    ),
    Case("product", lambda x: F.prod(x, 1), lambda torch, x: x.prod(1), (CUBE,)),
    Case("product with a zero", F.prod, lambda torch, x: x.prod(), (np.array([2.0, 0.0, 3.0]),)),
    Case("maximum over axes", lambda x: x.max((0, 2)), lambda torch, x: x.amax((0, 2)), (CUBE,)),
    Case("minimum over all", lambda x: x.min(), lambda torch, x: x.amin(), (CUBE,)),
    Case(
        "maximum, ties",
        lambda x: x.max(1),
        lambda torch, x: x.amax(1),
        (np.array([[1.0, 3.0, 3.0], [2.0, 2.0, 2.0]]),),
    ),
    Case("variance", lambda x: F.var(x, 1), lambda torch, x: x.var(1, correction=0), (CUBE,)),
    Case("sample variance", lambda x: F.var(x, ddof=1), lambda torch, x: x.var(), (CUBE,)),
    Case("deviation", lambda x: F.std(x, -1), lambda torch, x: x.std(-1, correction=0), (CUBE,)),
    Case("norm", lambda x: F.norm(x, 0), lambda torch, x: torch.linalg.vector_norm(x, dim=0), (CUBE,)),
    Case("norm of zeros", F.norm, lambda torch, x: torch.linalg.vector_norm(x), (np.zeros(3),)),
    Case("logsumexp", lambda x: F.logsumexp(x, (0, 1)), lambda torch, x: x.logsumexp((0, 1)), (CUBE,)),
    Case("running sum", lambda x: F.cumsum(x, 1), lambda torch, x: x.cumsum(1), (CUBE,), COMPLEX_TOO),
]

LINEAR = [
    *(
        Case(
            f"matmul {a} @ {b}",
            F.matmul,
            lambda torch, a, b: a @ b,
            (array(*a), array(*b, seed=1)),
            COMPLEX_TOO,
        )
        for a, b in [
            ((3, 4), (4, 2)),
            ((4,), (4,)),
            ((4,), (4, 2)),
            ((3, 4), (4,)),
            ((5, 3, 4), (4,)),
            ((4,), (5, 4, 2)),
            ((5, 3, 4), (4, 2)),
            ((3, 4), (5, 4, 2)),
            ((5, 3, 4), (5, 4, 2)),
            ((5, 1, 3, 4), (2, 4, 3)),
            ((1, 3, 4), (5, 4, 2)),
        ]
    ),
    Case(
        "batched matmul",
        F.batched_matmul,
        lambda torch, a, b: torch.bmm(a, b),
        (array(2, 3, 4), array(2, 4, 5)),
    ),
    *(
        Case(
            f"linear {shape}",
            F.linear,
            lambda torch, x, w, b: torch.nn.functional.linear(x, w, b),
            (array(*shape), array(2, 4), array(2)),
        )
        for shape in [(3, 4), (4,), (5, 3, 4)]
    ),
    Case(
        "linear without bias",
        F.linear,
        lambda torch, x, w: torch.nn.functional.linear(x, w),
        (array(3, 4), array(2, 4)),
    ),
    Case("outer", F.outer, lambda torch, a, b: torch.outer(a, b), (array(3), array(4)), COMPLEX_TOO),
    Case("dot", F.dot, lambda torch, a, b: torch.dot(a, b), (array(4), array(4, seed=1)), COMPLEX_TOO),
    Case("inner", F.inner, lambda torch, a, b: torch.inner(a, b), (array(2, 4), array(3, 4))),
    Case("trace", F.trace, lambda torch, x: torch.trace(x), (array(3, 4),)),
    *(
        Case(
            f"tensordot {axes}",
            lambda a, b, axes=axes: F.tensordot(a, b, axes),
            lambda torch, a, b, axes=axes: torch.tensordot(a, b, axes),
            (array(*a), array(*b, seed=1)),
            COMPLEX_TOO,
        )
        for a, b, axes in [
            ((2, 3, 4), (3, 4, 5), 2),
            ((2, 3, 4), (5, 4, 3), ((1, 2), (2, 1))),
            ((2, 3, 4), (4, 2), ((-1,), (0,))),
            ((3,), (2,), 0),
        ]
    ),
    *(
        Case(
            f"einsum {subscripts}",
            lambda *operands, subscripts=subscripts: F.einsum(subscripts, *operands),
            lambda torch, *operands, subscripts=subscripts: torch.einsum(subscripts, *operands),
            tuple(array(*shape, seed=seed) for seed, shape in enumerate(shapes)),
            COMPLEX_TOO,
        )
        for subscripts, shapes in [
            ("ij,jk->ik", ((2, 3), (3, 4))),
            ("ij,jk", ((2, 3), (3, 4))),
            ("bij,bjk->bik", ((5, 2, 3), (5, 3, 4))),
            ("ij->ji", ((2, 3),)),
            ("ij->", ((2, 3),)),
            ("ij->i", ((2, 3),)),
            ("ii", ((3, 3),)),
            ("ii->i", ((3, 3),)),
            ("iij->j", ((3, 3, 2),)),
            ("i,j,k->ijk", ((2,), (3,), (4,))),
            ("ij,k->k", ((2, 3), (4,))),
            ("bhqd,bhkd->bhqk", ((2, 2, 3, 4), (2, 2, 5, 4))),
            ("...ij,...jk->...ik", ((5, 2, 3), (3, 4))),
            ("i...,i...->...", ((3, 2, 4), (3, 2, 4))),
        ]
    ),
]

SQUARE = array(3, 3) + 3.0 * np.eye(3)
SQUARES = np.stack([SQUARE, SQUARE.T + 0.5])
SYSTEMS = [
    *(
        Case(
            f"solve {a.shape} for {b}",
            F.solve,
            lambda torch, a, b: torch.linalg.solve(a, b),
            (a, array(*b)),
            COMPLEX_TOO,
        )
        for a, b in [(SQUARE, (3,)), (SQUARE, (3, 2)), (SQUARES, (2, 3, 1)), (SQUARES, (3, 2))]
    ),
    *(
        Case(f"{name} of {a.shape}", getattr(F, name), theirs, (a,), COMPLEX_TOO)
        for name, theirs in [
            ("inverse", lambda torch, a: torch.linalg.inv(a)),
            ("det", lambda torch, a: torch.linalg.det(a)),
            ("log_det", lambda torch, a: torch.linalg.slogdet(a)[1]),
        ]
        for a in (SQUARE, SQUARES)
    ),
]

SHAPING = [
    Case("reshape", lambda x: x.reshape(4, -1), lambda torch, x: x.reshape(4, -1), (CUBE,), COMPLEX_TOO),
    Case("flatten", lambda x: F.flatten(x, 1), lambda torch, x: x.flatten(1), (CUBE,)),
    Case("ravel", F.ravel, lambda torch, x: x.ravel(), (CUBE,)),
    Case("transpose", lambda x: x.T, lambda torch, x: x.T, (X,), COMPLEX_TOO),
    Case("permute", lambda x: F.transpose(x, (2, 0, 1)), lambda torch, x: x.permute(2, 0, 1), (CUBE,)),
    Case("swap axes", lambda x: F.swapaxes(x, 0, -1), lambda torch, x: x.swapaxes(0, -1), (CUBE,)),
    Case("move axis", lambda x: F.moveaxis(x, 0, -1), lambda torch, x: x.moveaxis(0, -1), (CUBE,)),
    Case(
        "move axes",
        lambda x: F.moveaxis(x, (0, 1), (2, 0)),
        lambda torch, x: x.moveaxis((0, 1), (2, 0)),
        (CUBE,),
    ),
    Case("squeeze", lambda x: F.squeeze(x, 1), lambda torch, x: x.squeeze(1), (CUBE[:, :1],)),
    Case("unsqueeze", lambda x: F.expand_dims(x, 1), lambda torch, x: x.unsqueeze(1), (CUBE,)),
    Case(
        "broadcast to",
        lambda x: F.broadcast_to(x, (2, 3, 4)),
        lambda torch, x: x.broadcast_to(2, 3, 4),
        (CUBE[0, :, :1],),
        COMPLEX_TOO,
    ),
    Case("flip", lambda x: F.flip(x, (0, 2)), lambda torch, x: x.flip((0, 2)), (CUBE,)),
    Case("roll", lambda x: F.roll(x, 2, 1), lambda torch, x: x.roll(2, 1), (CUBE,)),
    Case("roll, flattened", lambda x: F.roll(x, 3), lambda torch, x: x.roll(3), (CUBE,)),
    Case(
        "pad",
        lambda x: F.pad(x, ((1, 0), (2, 3)), constant_values=0.5),
        lambda torch, x: torch.nn.functional.pad(x, (2, 3, 1, 0), value=0.5),
        (X,),
    ),
    Case("tile", lambda x: F.tile(x, (2, 1, 3)), lambda torch, x: x.tile(2, 1, 3), (X,)),
    Case(
        "repeat",
        lambda x: F.repeat(x, (1, 0, 2, 3), 1),
        lambda torch, x: x.repeat_interleave(torch.tensor([1, 0, 2, 3]), 1),
        (X,),
    ),
    Case("diagonal", F.diagonal, lambda torch, x: x.diagonal(), (X,)),
    Case("lower triangle", lambda x: F.tril(x, -1), lambda torch, x: x.tril(-1), (X,)),
    Case("upper triangle", lambda x: F.triu(x, 1), lambda torch, x: x.triu(1), (X,)),
    Case(
        "concatenate",
        lambda x, y: F.concatenate([x, y, x], 1),
        lambda torch, x, y: torch.cat([x, y, x], 1),
        (X, Y[:, :2]),
        COMPLEX_TOO,
    ),
    Case("stack", lambda x, y: F.stack([x, y], -1), lambda torch, x, y: torch.stack([x, y], -1), (X, Y)),
    Case("hstack", lambda x, y: F.hstack([x, y]), lambda torch, x, y: torch.hstack([x, y]), (X, Y)),
    Case("vstack", lambda x, y: F.vstack([x, y]), lambda torch, x, y: torch.vstack([x, y]), (ROW, Y)),
    Case(
        "split",
        lambda x: F.split(x, 2, 1)[1] * F.split(x, [1, 3], 1)[1],
        lambda torch, x: x.tensor_split(2, 1)[1] * x.tensor_split([1, 3], 1)[1],
        (X,),
    ),
]

ROWS = np.array([0, 2, 0, 1])
PLACES = np.array([[0, 3, 3], [1, 1, 0], [2, 0, 1]])

INDEXING = [
    Case("element", lambda x: x[1, -1], lambda torch, x: x[1, -1], (X,), COMPLEX_TOO),
    Case("slice", lambda x: x[1:, ::2], lambda torch, x: x[1:, ::2], (X,), COMPLEX_TOO),
    Case("new axis", lambda x: x[None, ..., 0], lambda torch, x: x[None, ..., 0], (X,)),
    Case("rows twice", lambda x: x[ROWS], lambda torch, x: x[ROWS], (X,), COMPLEX_TOO),
    Case("columns twice", lambda x: x[:, [3, 3, 0]], lambda torch, x: x[:, [3, 3, 0]], (X,)),
    Case(
        "pairs of indices",
        lambda x: x[ROWS, [1, 1, 1, 2]],
        lambda torch, x: x[ROWS, [1, 1, 1, 2]],
        (X,),
    ),
    Case("boolean mask", lambda x: x[X > 0], lambda torch, x: x[torch.tensor(X > 0)], (X,)),
    Case("gather a scalar", lambda x: F.gather(x, 2), lambda torch, x: x[2], (ROW,)),
    Case("gather numbers", lambda x: F.gather(x, ROWS), lambda torch, x: x[torch.tensor(ROWS)], (ROW,)),
    Case("gather a row", lambda x: F.gather(x, 1), lambda torch, x: x[1], (X,)),
    Case(
        "gather rows",
        lambda x: F.gather(x, ROWS),
        lambda torch, x: x.index_select(0, torch.tensor(ROWS)),
        (X,),
        COMPLEX_TOO,
    ),
    Case(
        "gather columns",
        lambda x: F.gather(x, ROWS, axis=-1),
        lambda torch, x: x.index_select(-1, torch.tensor(ROWS)),
        (X,),
    ),
    Case("take", lambda x: F.take(x, PLACES), lambda torch, x: x.take(torch.tensor(PLACES)), (X,)),
    Case(
        "take along axis",
        lambda x: F.take_along_axis(x, PLACES),
        lambda torch, x: x.take_along_dim(torch.tensor(PLACES), 1),
        (X,),
    ),
    Case(
        "scatter add",
        lambda x, u: F.scatter_add(x, ROWS, u),
        lambda torch, x, u: x.index_add(0, torch.tensor(ROWS), u),
        (X, array(4, 4, seed=9)),
        COMPLEX_TOO,
    ),
    Case(
        "scatter add, columns",
        lambda x, u: F.scatter_add(x, ROWS, u, axis=1),
        lambda torch, x, u: x.index_add(1, torch.tensor(ROWS), u),
        (X, array(3, 4, seed=9)),
    ),
    Case(
        "embedding",
        lambda table: F.embedding(table, PLACES[:, :2] % 3),
        lambda torch, table: torch.nn.functional.embedding(torch.tensor(PLACES[:, :2] % 3), table),
        (X,),
    ),
]
