"""The nodes of a tape, to look at but not to change.

Layer `tape`.
Read next: `tape.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import overload

from sphinx_tape.tape.node import Node


class Nodes(Sequence[Node]):
    """A view of a tape's nodes that grows with the tape."""

    __slots__ = ("_nodes",)

    def __init__(self, nodes: list[Node]) -> None:
        self._nodes = nodes

    @overload
    def __getitem__(self, index: int) -> Node: ...
    @overload
    def __getitem__(self, index: slice) -> list[Node]: ...
    def __getitem__(self, index: int | slice) -> Node | list[Node]:
        return self._nodes[index]

    def __len__(self) -> int:
        return len(self._nodes)

    def __iter__(self) -> Iterator[Node]:
        return iter(self._nodes)

    def __repr__(self) -> str:
        return f"Nodes({self._nodes!r})"
