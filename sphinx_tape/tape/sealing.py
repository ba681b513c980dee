"""Make frozen records fast.

Layer `tape`. The constructor of a frozen dataclass sets every field through `object.__setattr__`, which
costs more than all the rest of recording. A draft is of a subclass that has ordinary attributes again; once
filled it becomes the frozen class, and nobody can change it any more.
Measured with 15 fields: 0.2 us instead of 2.2 us.
Read next: `tape.py`, the only user.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sphinx_tape.tape.node import Cut, LocalVjp, Node, Source, Value
from sphinx_tape.tape.variable import Variable

if TYPE_CHECKING:
    from sphinx_tape.tape.tape import Tape


class NodeDraft(Node):
    """A node whose fields can still be set, by plain assignment."""

    __slots__ = ()
    __init__ = object.__init__  # no arguments
    __setattr__ = object.__setattr__  # the two that freezing replaced
    __delattr__ = object.__delattr__


class VariableDraft(Variable):
    """As `NodeDraft`."""

    __slots__ = ()
    __init__ = object.__init__
    __setattr__ = object.__setattr__
    __delattr__ = object.__delattr__


def sealed_node(  # noqa: PLR0913, PLR0917 -- one argument per field that recording sets
    id: int,  # noqa: A002 -- the field's name
    op: str,
    value: Value,
    parents: tuple[int, ...],
    requires_grad: bool,  # noqa: FBT001 -- positional, inside the engine only
    vjp: LocalVjp | None,
    source: Source | None,
    scope: tuple[str, ...],
    keywords: Mapping[str, Any] | None,
    cut: Cut,
) -> Node:
    """Make a `Node` by position."""
    node: Any = NodeDraft()
    node.id = id
    node.op = op
    node.name = ""
    node.value = value
    node.parents = parents
    node.requires_grad = requires_grad
    node.vjp = vjp
    node.source = source
    node.scope = scope
    node.keywords = keywords
    node.cut = cut
    node.note = ""
    node.tex = ""
    node.formulas = ()
    node.known = True
    node.__class__ = Node
    return node  # type: ignore[no-any-return]  # a Node since the line before; cast() would cost time


def sealed_variable(tape: Tape, id: int) -> Variable:  # noqa: A002 -- the field's name
    """Make a `Variable` by position."""
    variable: Any = VariableDraft()
    variable.tape = tape
    variable.id = id
    variable.__class__ = Variable
    return variable  # type: ignore[no-any-return]  # as above
