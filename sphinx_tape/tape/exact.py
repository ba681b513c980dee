"""Exact elements: fractions and symbols through object arrays, with the same forwards and rules.

Layer `tape`. NumPy's functions on object arrays call a method of that name on each element (`np.sin`
calls `element.sin()`). Fractions and SymPy expressions have no such methods, so each element is wrapped
in an `Exact`, which has them, while a forward or a rule runs.
Read next: `local.py`.
"""

from __future__ import annotations

import operator
import sys
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from sphinx_tape.errors import OperandError

if TYPE_CHECKING:
    from sphinx_tape.tape.node import Array, Value
    from sphinx_tape.tape.primitive import Primitive

_SYMPY_NAMES = {
    "arcsin": "asin",
    "arccos": "acos",
    "arctan": "atan",
    "arcsinh": "asinh",
    "arccosh": "acosh",
    "arctanh": "atanh",
    "arctan2": "atan2",
}


def _symbolic(name: str, *elements: Value) -> Value:
    """Call SymPy's function of a NumPy name, or say why an element has none."""
    # A symbol can only exist if SymPy is already loaded; nothing is imported for its sake.
    sympy = sys.modules.get("sympy")
    if sympy is None or not any(isinstance(element, sympy.Basic) for element in elements):
        kinds = ", ".join(type(element).__name__ for element in elements)
        message = (
            f"operand of {name} must be floating, complex or symbolic (got elements of type {kinds}); "
            f"{name} of an exact number is in general not exact, so convert it with float() first"
        )
        raise OperandError(message)
    if name == "log1p":
        return sympy.log(1 + elements[0])
    if name == "expm1":
        return sympy.exp(elements[0]) - 1
    if name == "hypot":
        return sympy.sqrt(elements[0] ** 2 + elements[1] ** 2)
    return getattr(sympy, _SYMPY_NAMES.get(name, name))(*elements)


class Exact:
    """One exact element that answers to NumPy's names."""

    __slots__ = ("element",)

    def __init__(self, element: Value) -> None:
        self.element = element

    def conjugate(self) -> Exact:
        """Return the complex conjugate; numbers that have none are real."""
        conjugate = getattr(self.element, "conjugate", None)
        return self if conjugate is None else Exact(conjugate())

    def __bool__(self) -> bool:
        return _decided(self.element)

    def __float__(self) -> float:
        # Asked for where an operand beside the exact one is a machine number: so is its contribution.
        return float(self.element)

    def __complex__(self) -> complex:
        return complex(self.element)

    def __hash__(self) -> int:
        return hash(self.element)


def _decided(truth: Value) -> bool:
    """Turn a comparison into a bool, or say that symbols have no order."""
    try:
        return bool(truth)
    except TypeError as error:
        message = (
            f"comparison of exact elements must be decidable (got {truth}); "
            "give the symbol a value, or use an operation without a kink"
        )
        raise OperandError(message) from error


def _bare(other: Value) -> Value:
    """Take an element out of its wrapper."""
    if isinstance(other, Exact):
        return other.element
    # A NumPy number would swallow the operation and answer with a float64.
    return other.item() if isinstance(other, np.generic) else other


# An operation with an array is left to the array, which takes the element apart and comes back.


def _binary(function: Callable[[Any, Any], Any]) -> Callable[[Exact, Any], Any]:
    def method(self: Exact, other: Value) -> Value:
        if isinstance(other, np.ndarray):
            return NotImplemented
        return Exact(function(self.element, _bare(other)))

    return method


def _divided(a: Value, b: Value) -> Value:
    """Divide; two integers give a fraction, not a rounded float."""
    return Fraction(a, b) if isinstance(a, int) and isinstance(b, int) and b else a / b


def _reflected(function: Callable[[Any, Any], Any]) -> Callable[[Exact, Any], Any]:
    def method(self: Exact, other: Value) -> Value:
        return Exact(function(_bare(other), self.element))

    return method


def _comparison(function: Callable[[Any, Any], Any]) -> Callable[[Exact, Any], Any]:
    def method(self: Exact, other: Value) -> Value:
        if isinstance(other, np.ndarray):
            return NotImplemented
        return _decided(function(self.element, _bare(other)))

    return method


def _unary(function: Callable[[Any], Any]) -> Callable[[Exact], Exact]:
    def method(self: Exact) -> Exact:
        return Exact(function(self.element))

    return method


def _named(name: str) -> Callable[..., Exact]:
    def method(self: Exact, *others: Value) -> Exact:
        return Exact(_symbolic(name, self.element, *map(_bare, others)))

    return method


for _name, _function in {
    "add": operator.add,
    "sub": operator.sub,
    "mul": operator.mul,
    "pow": operator.pow,
    "truediv": _divided,
}.items():
    setattr(Exact, f"__{_name}__", _binary(_function))
    setattr(Exact, f"__r{_name}__", _reflected(_function))
for _name in ("lt", "le", "gt", "ge", "eq", "ne"):
    setattr(Exact, f"__{_name}__", _comparison(getattr(operator, _name)))
for _name in ("neg", "pos", "abs"):
    setattr(Exact, f"__{_name}__", _unary(getattr(operator, _name)))
for _name in (
    *("sqrt", "exp", "expm1", "log", "log1p", "sin", "cos", "tan", "sinh", "cosh", "tanh", "hypot", "erf"),
    *_SYMPY_NAMES,
):
    setattr(Exact, _name, _named(_name))


def is_exact(value: Value) -> bool:
    """Tell whether a value is an object array."""
    return isinstance(value, np.ndarray) and value.dtype.kind == "O"


def run(primitive: Primitive, inputs: tuple[Value, ...], keywords: Mapping[str, Any]) -> Value:
    """Run a primitive's forward where complex or exact elements take part.

    Returns:
        Its result with bare elements; an object array if a number of any other kind came out.

    Raises:
        OperandError: The primitive compares by size, and an operand is complex.
    """
    if primitive.ordered and any(map(np.iscomplexobj, inputs)):
        message = (
            f"operands of {primitive.name} must be real or exact (got complex elements, "
            "which have no order); take the real part or the modulus first"
        )
        raise OperandError(message)
    result = unwrap(primitive.forward(*map(wrap, inputs), **keywords))
    if isinstance(result, bool | np.generic | np.ndarray):
        return result
    return as_object(result)


def wrap(value: Value) -> Value:
    """Wrap every element of an object array; leave all other values alone."""
    return _each(Exact, value) if is_exact(value) else value


def unwrap(value: Value) -> Value:
    """Undo `wrap` on a result: bare wrappers become object arrays of shape ()."""
    if isinstance(value, Exact):
        value = as_object(value)
    return _each(_bare, value) if is_exact(value) else value


def as_object(element: Value) -> Array:
    """Put one element into an object array of shape ()."""
    array = np.empty((), dtype=object)
    array[()] = element
    return array


def numeric(element: Value) -> bool:
    """Tell whether something can be an element: it adds, multiplies and has an opposite."""
    return all(hasattr(element, name) for name in ("__add__", "__mul__", "__neg__"))


def _each(function: Callable[[Any], Any], value: Array) -> Array:
    """Apply a function to every element of an object array."""
    result = np.empty(value.shape, dtype=object)
    for index in np.ndindex(value.shape):
        result[index] = function(value[index])
    return result
