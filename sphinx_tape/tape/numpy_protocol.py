"""NumPy's own functions on variables: `np.sin(v)`, `np.sum(v, axis=0)`, `np.linalg.norm(v)`.

Layer `tape`. Finds the public function that means the same; a function of NumPy is known by itself and not
only by its name, because `np.linalg.inv` and an elementwise `inv` share one.
Read next: `functions.py`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from sphinx_tape.errors import OperandError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sphinx_tape.tape.variable import Variable

_LINALG = {
    np.linalg.norm: "norm",
    np.linalg.inv: "inverse",
    np.linalg.solve: "solve",
    np.linalg.det: "det",
}
"""Functions of `np.linalg` -> our names."""

_KEYWORDS = {
    "clip": {"a_min": "low", "min": "low", "a_max": "high", "max": "high"},
}
"""Keywords that NumPy calls otherwise than we do."""


def public_function(name: str) -> Callable[..., Variable]:
    """Find a public function.

    Raises:
        OperandError: There is none of that name.
    """
    # The functions record through the tape, which makes variables: imported late, when all exist.
    functions = import_module("sphinx_tape.tape.functions")
    if name not in functions.__all__:
        raise OperandError(_unknown(name))
    return cast("Callable[..., Variable]", getattr(functions, name))


def call_ufunc(
    ufunc: np.ufunc, method: str, operands: tuple[Any, ...], keywords: Mapping[str, Any]
) -> Variable:
    """Answer an elementwise function of NumPy.

    Raises:
        OperandError: It is not called plainly, or there is no such operation.
    """
    name = ufunc.__name__
    if method != "__call__" or keywords:
        message = (
            f"call of np.{name} on a variable must be a plain call "
            f"(got method {method!r}, keywords {sorted(keywords)}); use sphinx_tape.functions"
        )
        raise OperandError(message)
    if getattr(np, name, None) is not ufunc:
        raise OperandError(_unknown(name))
    return public_function(name)(*operands)


def call_function(
    function: Callable[..., Any], operands: tuple[Any, ...], keywords: Mapping[str, Any]
) -> Variable:
    """Answer any other function of NumPy.

    Raises:
        OperandError: There is no such operation, or it does not take these arguments.
    """
    name = function.__name__
    if function in _LINALG:
        ours = _LINALG[function]
        if name == "norm" and (len(operands) > 1 or "ord" in keywords):
            raise OperandError(_arguments(f"linalg.{name}", ours, "an order"))
    elif getattr(np, name, None) is function:
        ours = name
    else:
        raise OperandError(_unknown(name))
    renamed = {_KEYWORDS.get(ours, {}).get(key, key): value for key, value in keywords.items()}
    try:
        return public_function(ours)(*operands, **renamed)
    except OperandError:
        raise
    except TypeError as error:
        raise OperandError(_arguments(name, ours, str(error))) from error


def _unknown(name: str) -> str:
    return (
        f"function {name} must be one that the table knows (got a variable for an operand); "
        "see sphinx_tape.functions, or use variable.value if no gradient is meant"
    )


def _arguments(name: str, ours: str, problem: str) -> str:
    return (
        f"call of np.{name} on a variable must use the arguments of sphinx_tape.functions.{ours} "
        f"(got {problem}); leave out the others"
    )
