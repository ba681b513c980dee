"""Graphs of small teaching engines, recognised by their fields and not by their names.

Layer `adapters`. Many courses have their own copy of a scalar engine after Andrej Karpathy's micrograd:
objects with `data`, `grad`, parents in `_prev` (often a set) and a closure `_backward` that adds to the
parents' `grad`. The closure is run on copies, one per operand, so that the order of operands is known, a
parent used twice gets two contributions, and the author's own `grad` fields stay as they are.
Read next: `read.py`.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from types import CellType, FunctionType
from typing import TYPE_CHECKING, Any

import numpy as np

from sphinx_tape.adapters.reading import Reading
from sphinx_tape.tape import Node, Tape

if TYPE_CHECKING:
    from sphinx_tape.tape.node import LocalVjp

FRAMEWORK = "micrograd-like"

OPS = {
    "+": "add",
    "*": "mul",
    "-": "sub",
    "/": "div",
    "relu": "relu",
    "tanh": "tanh",
    "exp": "exp",
    "log": "log",
}
"""What such engines call our operations, in lower case; other texts are kept as they are."""

Value = Any
"""An object of such an engine."""


def read(result: Value) -> Reading | None:
    """Read a graph from its output; None if the object is something else."""
    if not _is_value(result):
        return None
    tape = Tape()
    ids: dict[int, int] = {}
    for value in _in_order(result):
        operands = _operands(value)
        ids[id(value)] = len(tape)
        tape.append(_node(len(tape), value, operands, tuple(ids[id(operand)] for operand in operands)))
    return Reading(tape, ids[id(result)], FRAMEWORK)


def _is_value(value: object) -> bool:
    named = all(hasattr(value, field) for field in ("data", "grad", "_prev"))
    return named and callable(getattr(value, "_backward", None)) and _is_number(getattr(value, "data", None))


def _is_number(data: object) -> bool:
    try:
        return np.asarray(data).dtype.kind in "fciubO" and not isinstance(data, str | dict | set | type(None))
    except ValueError:
        return False


def _in_order(output: Value) -> Iterator[Value]:
    """Give every value after its operands, without recursion and without the order of a set."""
    done: set[int] = set()
    stack = [(output, False)]
    while stack:
        value, seen = stack.pop()
        if id(value) in done:
            continue
        if seen:
            done.add(id(value))
            yield value
        else:
            stack.append((value, True))
            stack += [(operand, False) for operand in reversed(_operands(value)) if id(operand) not in done]


def _operands(value: Value) -> list[Value]:
    """Return the operands in the order in which they were used.

    A set has lost the order and the repeats; the closure still holds both: `self` first, then the other
    names in alphabetical order, as Python keeps them.
    """
    previous = value._prev  # noqa: SLF001 -- the engines' own convention
    listed = list(previous)
    held = [found for found in _held(value) if any(found is parent for parent in listed)]
    if all(any(parent is found for found in held) for parent in listed):
        return held
    if isinstance(previous, set | frozenset):
        # Nothing tells the order: by value, which at least is the same in every build.
        listed.sort(key=lambda parent: repr(parent.data))
    return listed


def _held(value: Value) -> list[Value]:
    """Return the values that the closure of a value holds, itself left out, `self` first."""
    cells = sorted(_cells(value).items(), key=lambda item: item[0] != "self")
    found: list[Value] = []
    for _, content in cells:
        found += content if isinstance(content, list | tuple) else [content]
    return [each for each in found if each is not value and _is_value(each)]


def _cells(value: Value) -> dict[str, Any]:
    """Return the free variables of a value's closure."""
    function = value._backward  # noqa: SLF001 -- the engines' own convention
    if not isinstance(function, FunctionType):
        return {}
    cells = zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
    return {name: cell.cell_contents for name, cell in cells}


def _node(id_: int, value: Value, operands: Sequence[Value], parents: tuple[int, ...]) -> Node:
    op = str(getattr(value, "_op", "") or "").strip()
    readable = not parents or isinstance(value._backward, FunctionType)  # noqa: SLF001 -- the engines' own convention
    return Node(
        id=id_,
        op=OPS.get(op.lower(), op or "operation") if parents else "leaf",
        name=_label(value),
        value=_number(value.data),
        parents=parents,
        requires_grad=readable,
        vjp=_rule(value, operands) if parents and readable else None,
        cut="" if readable else "unreadable",
        note=""
        if readable
        else "Its backward function is no plain function, so its local rule cannot be read.",
    )


def _label(value: Value) -> str:
    label = getattr(value, "label", "")
    return label if isinstance(label, str) else ""


def _number(data: Value) -> Value:
    array = np.array(data, dtype=np.float64 if isinstance(data, int | float) else None)
    array.setflags(write=False)
    return array if array.ndim else array[()]


def _rule(value: Value, operands: Sequence[Value]) -> LocalVjp:
    """Return the local VJP: the value's own closure, run on copies."""

    def rule(g: Value) -> list[Value]:
        copies = [copy.copy(operand) for operand in operands]
        for each in copies:
            each.grad = _zero(each.data)
        out = copy.copy(value)
        out.grad = g
        _run(value, out, operands, copies)
        return [np.asarray(each.grad) for each in copies]

    return rule


def _zero(data: Value) -> Value:
    return np.zeros(np.shape(data))[()]


def _run(value: Value, out: Value, operands: Sequence[Value], copies: Sequence[Value]) -> None:
    """Run the closure of `value` with `out` in its place, and copies in those of its operands."""
    function = value._backward  # noqa: SLF001 -- the engines' own convention
    waiting = list(zip(operands, copies, strict=True))

    def replaced(content: Value) -> Value:
        if content is value:
            return out
        if isinstance(content, list | tuple):
            return type(content)([replaced(item) for item in content])
        for position, (operand, stand_in) in enumerate(waiting):
            if operand is content:
                del waiting[position]
                return stand_in
        return content

    cells = _cells(value)
    order = sorted(cells, key=lambda name: name != "self")
    contents = {name: replaced(cells[name]) for name in order}
    closure = tuple(CellType(contents[name]) for name in cells)
    FunctionType(function.__code__, function.__globals__, function.__name__, function.__defaults__, closure)()
