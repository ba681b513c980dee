"""What a closed builder may use of libraries: pure functions, as they were before any author's code ran.

Layer `execution`, worker side. A pure function's result depends on its arguments alone, and all that it
changes is its arguments: nothing of files, streams, clocks, environment, process-wide settings, addresses
(`id`, `hash`, sets) or memory that nobody has written (`numpy.empty`). Objects are known by identity, so a
name that an author has given to something else is not taken for ours.
Read next: `closed.py`, the only user.
"""

from __future__ import annotations

import builtins
import cmath
import fractions
import functools
import gc
import itertools
import math
import operator
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import cache, partial
from types import FunctionType, ModuleType
from typing import Any, Final

import numpy as np

from sphinx_tape.tape import functions

BUILTINS = """
    abs all any bool bytes chr complex dict divmod enumerate filter float int isinstance issubclass iter
    len list map max min next ord pow range reversed round slice sorted str sum tuple zip ArithmeticError
    AssertionError Exception IndexError KeyError NotImplementedError OverflowError RuntimeError TypeError
    ValueError ZeroDivisionError Ellipsis NotImplemented"""
OPERATORS = """
    abs add and_ concat contains eq floordiv ge getitem gt inv invert is_ is_not itemgetter le lshift lt
    matmul mod mul ne neg not_ or_ pos pow rshift sub truediv truth xor"""
ITERATORS = """
    accumulate batched chain combinations combinations_with_replacement compress count cycle dropwhile
    filterfalse islice pairwise permutations product repeat starmap takewhile zip_longest"""
NUMPY = """
    all allclose amax amin angle any append arange argmax argmin argsort argwhere around array array_equal
    array_split asarray atleast_1d atleast_2d atleast_3d average broadcast_arrays broadcast_shapes
    broadcast_to clip column_stack concatenate convolve copy correlate count_nonzero cross cumprod cumsum
    delete diag diagflat diagonal diff dot dsplit dstack e einsum euler_gamma expand_dims eye finfo
    flatnonzero flip fliplr flipud full full_like geomspace gradient histogram hsplit hstack identity
    iinfo imag inf inner insert interp isclose iscomplexobj isrealobj isscalar kron linalg linspace
    logspace max mean median meshgrid min moveaxis nan nan_to_num nanmax nanmean nanmin nanstd nansum
    nanvar ndim newaxis nonzero ones ones_like outer percentile pi prod ptp quantile random ravel real
    repeat reshape roll rollaxis rot90 round searchsorted shape sinc size sort split squeeze stack std sum
    swapaxes take take_along_axis tensordot tile trace transpose trapezoid tri tril triu vander var vdot
    vsplit vstack where zeros zeros_like bool bool_ complex64 complex128 double float16 float32 float64
    int8 int16 int32 int64 intp single uint8 uint16 uint32 uint64"""
LINEAR_ALGEBRA = """
    cholesky cond cross det diagonal eig eigh eigvals eigvalsh inv lstsq matmul matrix_norm matrix_power
    matrix_rank matrix_transpose multi_dot norm outer pinv qr slogdet solve svd svdvals tensordot trace
    vecdot vector_norm"""
TAPE = "Tape Variable functions gradients no_grad"


_ROOT = sys.modules["sphinx_tape"]
"""Our public names, each made when it is asked for; not imported as others are, because that module also
names what belongs to Sphinx."""


def _members(module: ModuleType, names: str) -> dict[str, object]:
    there = dir(module)  # Not `hasattr`: NumPy 1 warns when it is asked for a name of NumPy 2 (`bool`).
    return {name: getattr(module, name) for name in names.split() if name in there}


def _public(module: ModuleType) -> str:
    return " ".join(name for name in vars(module) if not name.startswith("_"))


_UFUNCS = " ".join(name for name, value in vars(np).items() if isinstance(value, np.ufunc))
_MODULES: dict[ModuleType, dict[str, object]] = {
    builtins: _members(builtins, BUILTINS),
    math: _members(math, _public(math)),
    cmath: _members(cmath, _public(cmath)),
    fractions: _members(fractions, "Fraction"),
    functools: _members(functools, "reduce"),
    itertools: _members(itertools, ITERATORS),
    operator: _members(operator, OPERATORS),
    np: _members(np, f"{NUMPY} {_UFUNCS}"),
    np.linalg: _members(np.linalg, LINEAR_ALGEBRA),
    # Without a seed it starts from what `randomness.py` gives, which begins anew with each figure.
    np.random: _members(np.random, "default_rng"),
    _ROOT: {name: getattr(_ROOT, name) for name in TAPE.split()},
    functions: _members(functions, " ".join(functions.__all__)),
}
"""Module -> what may be taken from it, itself included where it is a module."""
_PURE: dict[int, object] = {
    id(value): value
    for members in _MODULES.values()
    for value in members.values()
    if not isinstance(value, ModuleType)
}
"""The same by the id of the object; the objects stay alive, so ids are not used again."""

FORBIDDEN: Final = object()
"""Stands for whatever may not be used."""

_CONSTANTS = frozenset({
    int, float, complex, bool, str, bytes, type(None), type(...), range, fractions.Fraction,
    np.float16, np.float32, np.float64, np.complex64, np.complex128, np.bool_, np.int32, np.int64,
})  # fmt: skip
"""Types, none of whose objects can be changed."""


def is_constant(value: object) -> bool:
    """Whether nothing can change a value, nor what is in it."""
    todo = [value]
    while todo:
        each = todo.pop()
        if type(each) is tuple or type(each) is frozenset:
            todo.extend(each)
        elif type(each) not in _CONSTANTS:
            return False
    return True


def is_pure(value: object) -> bool:
    """Whether a value is one of the pure functions, or a type of a library that may be used."""
    return id(value) in _PURE


def is_known(module: object) -> bool:
    """Whether a value is a module of which something may be used."""
    return type(module) is ModuleType and module in _MODULES


def member(module: ModuleType, name: str) -> object:
    """Return what a known module has under a name; `FORBIDDEN` if it may not be used or was replaced."""
    known = _MODULES[module].get(name, FORBIDDEN)
    return known if getattr(module, name, FORBIDDEN) is known else FORBIDDEN


_RELIED_ON = (
    "sphinx_tape",
    "numpy",
    "json",
    "dataclasses",
    "functools",
    "contextlib",
    "fractions",
    "numbers",
    "warnings",
)
"""Packages whose Python code takes part in making a report."""


@cache
def untouched() -> tuple[tuple[Mapping[str, Any], dict[str, Any]], ...]:
    """Remember what libraries consist of; first called before any author's code runs.

    Returns:
        Name spaces (modules, classes, public tables and the attributes of functions), each with a copy.
    """
    return tuple((space, dict(space)) for space in _name_spaces())


def is_untouched() -> bool:
    """Whether the libraries are as they were: nothing was replaced, added or taken away by an import.

    Nor is code of the author's called while something else runs: a tracing function could change local
    variables, and whoever shows warnings could change anything.
    """
    return all(_same(space, kept) for space, kept in untouched())


def _same(space: Mapping[str, Any], kept: dict[str, Any]) -> bool:
    """Whether a name space holds the very objects it did; a submodule or a list of warnings may be new."""
    if len(space) == len(kept):
        return all(map(operator.is_, space.values(), kept.values())) and list(space) == list(kept)
    new = space.keys() - kept.keys()
    return all(space.get(name) is value for name, value in kept.items()) and all(
        isinstance(space[name], ModuleType) or name == "__warningregistry__" for name in new
    )


def _name_spaces() -> Iterator[Mapping[str, Any]]:
    for name, module in list(sys.modules.items()):
        if module in _MODULES or name.partition(".")[0] in _RELIED_ON:
            yield vars(module)
            for label, value in list(vars(module).items()):
                if isinstance(value, type) and value.__module__ == name:
                    yield vars(value)
                elif type(value) is dict and label.isupper() and not label.startswith("_"):
                    yield value
    for value in _PURE.values():
        if hasattr(value, "__dict__") and not isinstance(value, type):
            yield vars(value)
            if isinstance(value, FunctionType):
                yield _Asked({part: partial(getattr, value, part) for part in _PARTS})
    yield _Asked(_HOOKS)
    if hasattr(sys, "monitoring"):
        yield _Asked({str(each): partial(sys.monitoring.get_tool, each) for each in range(6)})


_PARTS = ("__code__", "__defaults__", "__kwdefaults__", "__closure__")
"""What a function is made of."""


_HOOKS: dict[str, Callable[[], object]] = {
    "trace": sys.gettrace,
    "profile": sys.getprofile,
    "formatter": lambda: np.get_printoptions()["formatter"],
    "error of NumPy": np.geterrcall,
    "collection": lambda: len(gc.callbacks),
    "warning": lambda: type(sys.stderr),
}
"""Where code of an author's could be called from while something else runs."""


class _Asked(Mapping[str, Any]):
    """A name space of what is asked for each time."""

    def __init__(self, questions: dict[str, Callable[[], object]]) -> None:
        self._questions = questions

    def __getitem__(self, name: str) -> object:
        return self._questions[name]()

    def __iter__(self) -> Iterator[str]:
        return iter(self._questions)

    def __len__(self) -> int:
        return len(self._questions)
