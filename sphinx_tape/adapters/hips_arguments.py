"""Arguments of NumPy's functions -> operands and keyword arguments, as a tape keeps them apart.

Layer `adapters`. HIPS autograd records the arguments of a call as they were given: arrays, numbers, axes and
shapes side by side, by position or by name.
Read next: `hips.py`, which reads them.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sphinx_tape.tape.node import Value

NAMES = {
    "__getitem__": "getitem",
    "absolute": "abs",
    "amax": "max",
    "amin": "min",
    "array_from_args": "stack",
    "astype": "cast",
    "concatenate_args": "concatenate",
    "conj": "conjugate",
    "divide": "div",
    "dot": "matmul",
    "expit": "sigmoid",
    "inner": "matmul",
    "inv": "inverse",
    "multiply": "mul",
    "negative": "neg",
    "ravel": "flatten",
    "subtract": "sub",
    "true_divide": "div",
}
"""NumPy's and SciPy's functions whose operation has another name in THE table. Whether it does the same with
the arguments at hand is found out for each call (`recognition.py`)."""

_SHOWN = {
    "__getitem__": "getitem",
    "_array_from_scalar_or_array": "array",
    "array_from_args": "array",
    "concatenate_args": "concatenate",
}
"""Names that only autograd's inside uses -> what the author has written."""

_KEYWORDS = {"idx": "index", "a_min": "low", "a_max": "high", "newshape": "shape"}
"""Parameters that THE table calls otherwise."""

_ADDED: dict[str, dict[str, Any]] = {"array_from_args": {"axis": 0}, "cumsum": {"axis": None}}
"""What a function does without being told."""

_NOT_SHOWN = frozenset({"array_args", "array_kwargs", "out", "self", "vs"})

_NUMBERS = frozenset({"where"})
"""Functions beside the elementwise ones whose plain numbers are operands, not settings."""


@dataclass(frozen=True, slots=True)
class Call:
    """One recorded call, taken apart."""

    op: str
    """Name of the operation in THE table that it may be."""
    own: str
    """What the author has called."""
    operands: tuple[tuple[int, Value], ...]
    """Position among the arguments and value, in order."""
    keywords: Mapping[str, Any]
    """Everything else."""


def take_apart(
    function: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any], boxed: Sequence[int]
) -> Call:
    """Tell operands from settings.

    Args:
        function: What was called, without autograd's wrapper.
        args: Its positional arguments.
        kwargs: Its keyword arguments.
        boxed: Positions of the arguments that autograd follows: operands in any case.
    """
    name = getattr(function, "__name__", "operation")
    numbers = isinstance(function, np.ufunc) or name in _NUMBERS
    operands, keywords = [], {}
    for position, (parameter, value) in enumerate(_named(function, args)):
        if position in boxed or (parameter != "idx" and _is_operand(value, numbers)):
            operands.append((position, value))
        elif value is not None and parameter not in _NOT_SHOWN:
            keywords[_KEYWORDS.get(parameter, parameter)] = value
    keywords.update((_KEYWORDS.get(key, key), value) for key, value in kwargs.items() if value is not None)
    keywords = {**_ADDED.get(name, {}), **keywords}
    return Call(NAMES.get(name, name), _SHOWN.get(name, name), tuple(operands), keywords)


def _is_operand(value: Value, numbers: bool) -> bool:  # noqa: FBT001 -- one call, two lines above
    if isinstance(value, np.ndarray):
        return value.dtype.kind in "fciubO"
    return numbers and isinstance(value, int | float | complex | np.generic)


def _named(function: Callable[..., Any], args: Sequence[Any]) -> list[tuple[str, Any]]:
    """Give each positional argument the name of its parameter."""
    names: list[str] = []
    try:
        for parameter in inspect.signature(function).parameters.values():
            if parameter.kind is parameter.VAR_POSITIONAL:
                break
            names.append(parameter.name)
    except (TypeError, ValueError):
        names = []
    first = "subscripts" if getattr(function, "__name__", "") == "einsum" else "argument 0"
    further = [first, *(f"argument {position}" for position in range(1, len(args)))]
    return list(zip((names + further[len(names) :])[: len(args)], args, strict=True))
