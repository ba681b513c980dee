"""Backward functions of teaching engines: what they hold, and running them so that nothing stays changed.

Layer `adapters`. Such a function adds to the `grad` of the operands, or returns one gradient per operand. It
may be a closure, a lambda with defaults, a `functools.partial`, a method, or an object that can be called.
Read next: `structural.py`, which reads engines through them.
"""

from __future__ import annotations

import copy
import functools
import inspect
from collections.abc import Callable, Iterator, Sequence
from types import CellType, FunctionType, MethodType
from typing import TYPE_CHECKING, Any

import numpy as np

from sphinx_tape.errors import AdapterError

if TYPE_CHECKING:
    from sphinx_tape.tape.node import Value

Backward = Callable[..., Any]
"""A backward function of an engine."""

Foreign = Any
"""An object of an engine."""


def held(function: object) -> list[Any]:
    """Return what a backward function holds, `self` first; what lists hold is taken out of them.

    A closure holds what it uses, so a repeat is a second use; an object may have the same in several fields.
    """
    found: list[Any] = []
    for content in _contents(function):
        found += content if isinstance(content, list | tuple) else [content]
    if isinstance(function, FunctionType | functools.partial):
        return found
    return list({id(each): each for each in found}.values())


def _contents(function: object) -> Iterator[Any]:
    if isinstance(function, functools.partial):
        yield from (*function.args, *function.keywords.values())
        yield from _contents(function.func)
    elif isinstance(function, MethodType):
        yield function.__self__
        yield from getattr(function.__self__, "__dict__", {}).values()
    elif isinstance(function, FunctionType):
        # Python keeps the names of a closure in alphabetical order.
        cells = sorted(_cells(function).items(), key=lambda item: item[0] != "self")
        yield from (content for _, content in cells)
        yield from function.__defaults__ or ()
        yield from (function.__kwdefaults__ or {}).values()
    else:
        yield from getattr(function, "__dict__", {}).values()


def _cells(function: FunctionType) -> dict[str, Any]:
    """Return the free variables of a closure that have a value by now."""
    cells = zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
    return {name: cell.cell_contents for name, cell in cells if _is_filled(cell)}


def _is_filled(cell: CellType) -> bool:
    try:
        cell.cell_contents  # noqa: B018 -- asking is the only way to know
    except ValueError:
        return False
    return True


def takes_gradient(function: Backward) -> bool:
    """Tell whether a backward function wants the gradient of its result as an argument.

    Raises:
        AdapterError: It wants more than that.
    """
    if isinstance(function, FunctionType) and not function.__code__.co_kwonlyargcount:
        count = function.__code__.co_argcount - len(function.__defaults__ or ())
    else:
        parameters = inspect.signature(function).parameters.values()
        count = sum(
            each.default is each.empty and each.kind not in {each.VAR_POSITIONAL, each.VAR_KEYWORD}
            for each in parameters
        )
    if count > 1:
        message = f"backward function must take at most the gradient of its result (got {count} parameters)"
        raise AdapterError(message)
    return count == 1


def rebound(function: Backward, replaced: Callable[[Any], Any]) -> Backward | None:
    """Make a backward function that holds other objects; None if it is of a kind that does not allow it.

    Args:
        function: The engine's.
        replaced: An object it holds -> the one to hold instead; called for `self` first, then in order.
    """
    if isinstance(function, functools.partial):
        inner = rebound(function.func, replaced)
        args = [_inside(each, replaced) for each in function.args]
        keywords = {name: _inside(each, replaced) for name, each in function.keywords.items()}
        return functools.partial(inner or function.func, *args, **keywords)
    if isinstance(function, MethodType):
        return MethodType(function.__func__, _copied(function.__self__, replaced))
    if isinstance(function, FunctionType):
        return _rebound_closure(function, replaced)
    return None


def _rebound_closure(function: FunctionType, replaced: Callable[[Any], Any]) -> FunctionType:
    cells = _cells(function)
    order = sorted(cells, key=lambda name: name != "self")
    contents = {name: CellType(_inside(cells[name], replaced)) for name in order}
    closure = zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
    made = FunctionType(
        function.__code__,
        function.__globals__,
        function.__name__,
        tuple(_inside(each, replaced) for each in function.__defaults__ or ()),
        tuple(contents.get(name, cell) for name, cell in closure),
    )
    keywords = function.__kwdefaults__ or {}
    made.__kwdefaults__ = {name: _inside(each, replaced) for name, each in keywords.items()} or None
    return made


def _copied(owner: Foreign, replaced: Callable[[Any], Any]) -> Foreign:
    """Copy the owner of a method, and let the copy hold what replaces its fields."""
    other = replaced(owner)
    for name, content in list(getattr(other, "__dict__", {}).items()):
        setattr(other, name, _inside(content, replaced))
    return other


def _inside(content: Value, replaced: Callable[[Any], Any]) -> Value:
    if type(content) in {list, tuple}:
        return type(content)([replaced(item) for item in content])
    return replaced(content)


class Run:
    """Running the backward function of one value for a given gradient; afterwards all is as it was."""

    __slots__ = ("_field", "_function", "_operands", "_ordered", "_takes", "_value", "zeros")

    def __init__(  # noqa: PLR0913 -- all that a run depends on
        self,
        value: Foreign,
        function: Backward,
        operands: Sequence[Foreign],
        field: str,
        zeros: Sequence[Value],
        *,
        ordered: bool,
    ) -> None:
        """Remember what is needed.

        Args:
            value: The result of the operation.
            function: Its backward function.
            operands: In their order, with repeats.
            field: Name of the attribute that holds gradients.
            zeros: Per operand a gradient to start from.
            ordered: Whether the engine keeps the order, so that what the function returns can be told apart.
        """
        self._value = value
        self._function = function
        self._operands = operands
        self._field = field
        self.zeros = zeros
        self._ordered = ordered
        self._takes = takes_gradient(function)

    def __call__(self, g: Value) -> list[Value]:
        """Return what the engine adds to each operand."""
        kept = [(each, getattr(each, self._field)) for each in (self._value, *self._operands)]
        try:
            total = self._total(g)
            repeated = len({id(each) for each in self._operands}) < len(self._operands)
            return self._split(g, total) if repeated else total
        finally:
            for each, gradient in kept:
                setattr(each, self._field, gradient)

    def _total(self, g: Value) -> list[Value]:
        """Run the function itself; an operand that is used twice gets all at its first place."""
        self._reset(self._operands)
        returned = self._called(self._function, self._value, g)
        if returned is not None:
            return self._checked(returned)
        seen: set[int] = set()
        total = []
        for operand, zero in zip(self._operands, self.zeros, strict=True):
            total.append(zero if id(operand) in seen else getattr(operand, self._field))
            seen.add(id(operand))
        return total

    def _reset(self, operands: Sequence[Foreign]) -> None:
        for operand, zero in zip(operands, self.zeros, strict=True):
            setattr(operand, self._field, np.array(zero)[()])

    def _called(self, function: Backward, value: Foreign, g: Value) -> object:
        # The engine may change what it is given: it gets a copy.
        gradient = np.array(g)[()]
        setattr(value, self._field, gradient)
        return function(gradient) if self._takes else function()

    def _checked(self, returned: object) -> list[Value]:
        if not self._ordered:
            message = (
                "backward function must add to its operands if they are in a set (got a returned gradient)"
            )
            raise AdapterError(message)
        found = list(returned) if isinstance(returned, list | tuple) else [returned]
        if len(found) != len(self._operands):
            message = (
                f"backward function must return one gradient per operand, {len(self._operands)} "
                f"(got {len(found)})"
            )
            raise AdapterError(message)
        return found

    def _split(self, g: Value, total: list[Value]) -> list[Value]:
        """Tell the contributions of a repeated operand apart by giving the function a copy for each use."""
        copies = [copy.copy(operand) for operand in self._operands]
        out = copy.copy(self._value)
        waiting = list(zip(self._operands, copies, strict=True))

        def replaced(content: Foreign) -> Foreign:
            if content is self._value:
                return out
            for place, (operand, stand_in) in enumerate(waiting):
                if operand is content:
                    del waiting[place]
                    return stand_in
            return content

        function = rebound(self._function, replaced)
        if function is None:
            return total
        self._reset(copies)
        returned = self._called(function, out, g)
        parts = (
            [getattr(each, self._field) for each in copies] if returned is None else self._checked(returned)
        )
        # If it reaches an operand on a way that is not seen here, the parts are not all of it.
        return parts if _same_sum(parts, total) else total


def _same_sum(parts: Sequence[Value], total: Sequence[Value]) -> bool:
    one, other = (sum(np.sum(np.asarray(part)) for part in each) for each in (parts, total))
    if isinstance(one, float | complex):
        return bool(np.isclose(one, other, equal_nan=True))
    return bool(one == other)
