"""The values of a graph, operands before what is made of them.

Layer `adapters`.
Read next: `foreign.py`, which wants them in this order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from sphinx_tape.errors import AdapterError

if TYPE_CHECKING:
    from sphinx_tape.tape.node import Value


def operands_first(
    output: Value, operands_of: Callable[[Any], Iterable[Any]]
) -> Iterator[tuple[Any, Sequence[Any]]]:
    """Give every value behind an output with its operands, each after its operands, without recursion.

    Args:
        output: The object that everything else is behind.
        operands_of: A value -> its operands, in their order; none for a leaf. It is asked once per value.

    Raises:
        AdapterError: A value is made of itself.
    """
    found: dict[int, tuple[Any, Sequence[Any]]] = {}
    done: set[int] = set()
    stack = [output]
    while stack:
        value = stack[-1]
        if id(value) in done:
            stack.pop()
        elif id(value) in found:
            done.add(id(stack.pop()))
            yield found[id(value)]
        else:
            operands = tuple(operands_of(value))
            found[id(value)] = (value, operands)
            waiting = [operand for operand in reversed(operands) if id(operand) not in done]
            if any(id(operand) in found for operand in waiting):
                message = (
                    f"graph of {type(output).__name__} must have no cycle (got a value made of itself); "
                    "make a new object for every result"
                )
                raise AdapterError(message)
            stack += waiting
