"""What an equation on fixed numbers gives, by NumPy where that is certain to be the same.

Layer `adapters`; nothing here imports JAX. JAX would compile a program for each such equation, which takes
longer than everything else that is done for it.
Read next: `jax_walk.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from sphinx_tape.adapters.jax_plan import kind

if TYPE_CHECKING:
    from sphinx_tape.adapters.jax_plan import Jax, Step

_EXACT = {
    "add": np.add,
    "sub": np.subtract,
    "mul": np.multiply,
    "lt": np.less,
    "le": np.less_equal,
    "gt": np.greater,
    "ge": np.greater_equal,
    "eq": np.equal,
    "ne": np.not_equal,
    "and": np.bitwise_and,
    "or": np.bitwise_or,
    "not": np.invert,
    "max": np.maximum,
    "min": np.minimum,
}
"""Operations whose result is exact for whole numbers and truth values."""


def computed(step: Step, values: Sequence[Jax]) -> list[Jax] | None:
    """Compute the outputs of a step on fixed numbers; None if that is left to JAX."""
    maker, exact = _MAKERS.get(step.primitive), _EXACT.get(step.primitive)
    kinds = {kind(each) for each in (*values, *step.outputs)} if all(map(_is_array, values)) else {"k"}
    if len(step.outputs) != 1 or step.keepdims or step.squeezed or not kinds <= set("iubf"):
        return None
    operands = [np.asarray(value) for value in values]
    with np.errstate(all="ignore"):
        if maker is not None and (kind(step.outputs[0]) == "f" or "f" not in kinds):
            found = maker(step, operands)
        elif exact is not None and "f" not in kinds:
            found = exact(*operands)
        else:
            return None
    return [np.asarray(found, step.outputs[0].dtype)]


def _is_array(value: Jax) -> bool:
    return hasattr(value, "dtype")


def _iota(step: Step, _operands: Sequence[np.ndarray[Any, Any]]) -> np.ndarray[Any, Any]:
    shape, axis = tuple(step.outputs[0].shape), step.params["dimension"]
    places = np.arange(shape[axis]).reshape([-1 if each == axis else 1 for each in range(len(shape))])
    return np.broadcast_to(places, shape)


def _broadcast(step: Step, operands: Sequence[np.ndarray[Any, Any]]) -> np.ndarray[Any, Any]:
    shape, places = tuple(step.outputs[0].shape), step.params["broadcast_dimensions"]
    lengths = [1] * len(shape)
    for place, size in zip(places, operands[0].shape, strict=True):
        lengths[place] = size
    return np.broadcast_to(operands[0].reshape(lengths), shape)


def _converted(step: Step, operands: Sequence[np.ndarray[Any, Any]]) -> np.ndarray[Any, Any]:
    return operands[0].astype(step.outputs[0].dtype)


def _reshaped(step: Step, operands: Sequence[np.ndarray[Any, Any]]) -> np.ndarray[Any, Any]:
    return operands[0].reshape(step.outputs[0].shape)


_MAKERS: dict[str, Callable[[Step, Sequence[np.ndarray[Any, Any]]], np.ndarray[Any, Any]]] = {
    "iota": _iota,
    "broadcast_in_dim": _broadcast,
    "convert_element_type": _converted,
    "reshape": _reshaped,
    "squeeze": _reshaped,
}
"""Equations that compute nothing: they make, convert and arrange numbers."""
