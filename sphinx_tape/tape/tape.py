"""The tape: an append-only record of executed primitives, and the one function that records.

Layer `tape`. Reads THE table, makes `Node`s. Index order is topological order, because a node can only
use nodes that exist already.
Read next: `local.py` (what a node keeps for the reverse pass), then `backward.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from sphinx_tape.errors import ForeignTapeError, OperandError, RecordError
from sphinx_tape.tape import exact, values
from sphinx_tape.tape.binding import asking, bind, no_grad
from sphinx_tape.tape.local import bound_rules
from sphinx_tape.tape.nodes import Nodes
from sphinx_tape.tape.primitives import PRIMITIVES
from sphinx_tape.tape.sealing import sealed_node, sealed_variable
from sphinx_tape.tape.source import author_line
from sphinx_tape.tape.variable import Operand, Variable

if TYPE_CHECKING:
    from sphinx_tape.tape.node import Cut, LocalVjp, Node, Value
    from sphinx_tape.tape.primitive import Primitive

_NO_KEYWORDS: dict[str, Any] = {}
_FLOAT64 = np.float64
_ARRAY = np.ndarray
_READ_ONLY: Any = values.READ_ONLY
_FLOATING = "dfe"
"""Characters of the real floating element types."""


class Tape:
    """Append-only record of executed primitives (Wengert list); `nodes[i].id == i`."""

    __slots__ = ("_nodes", "_plain", "_scope", "nodes")

    def __init__(self) -> None:
        self._nodes: list[Node] = []
        # True as long as every value is real and floating, an integer or a bool: rules then run bare.
        self._plain = True
        self._scope: tuple[str, ...] = ()
        self.nodes = Nodes(self._nodes)

    def __len__(self) -> int:
        return len(self._nodes)

    def __repr__(self) -> str:
        return f"Tape({len(self._nodes)} nodes)"

    def variable(self, id: int) -> Variable:  # noqa: A002 -- the field's name
        """Make the variable of a node.

        Args:
            id: A node's id; negative ones count from the end.
        """
        return sealed_variable(self, self._nodes[id].id)

    def append(self, node: Node) -> Variable:
        """Add a finished node, as an adapter does that reads a foreign graph.

        Raises:
            RecordError: The id is not the next one, or a parent's id is not smaller.
        """
        if node.id != len(self._nodes):
            message = f"id of the next node must be {len(self._nodes)} (got {node.id}); append in order"
            raise RecordError(message)
        late = [parent for parent in node.parents if not 0 <= parent < node.id]
        if late:
            message = (
                f"parents of node {node.id} ({node.op}) must be earlier nodes (got {late}); "
                "append parents before the nodes that use them"
            )
            raise RecordError(message)
        self._plain = self._plain and values.is_plain(node.value)
        self._nodes.append(node)
        return sealed_variable(self, node.id)

    def leaf(self, value: Value, name: str = "", *, requires_grad: bool = True) -> Variable:
        """Record a value that gradients are asked for.

        Args:
            value: Number or array of any shape; Python integers become float64.
            name: The author's label.
            requires_grad: False makes it a leaf that is not asked for.

        Raises:
            OperandError: The element type has no gradient (integers, bools, text).
        """
        kept = values.differentiable(value) if requires_grad else values.constant(value)
        return sealed_variable(self, self._root("leaf", kept, name, requires_grad).id)

    def constant(self, value: Value, name: str = "") -> Variable:
        """Record a value that no gradient is asked for.

        Args:
            value: Number or array of any shape and element type.
            name: The author's label.
        """
        return sealed_variable(self, self._root("constant", values.constant(value), name, False).id)

    def rename(self, id: int, name: str) -> None:  # noqa: A002 -- the field's name
        """Replace a node's entry by one that bears the author's label."""
        self._nodes[id] = replace(self._nodes[id], name=str(name))

    @contextmanager
    def scope(self, name: str) -> Iterator[None]:
        """Group the nodes recorded inside under a name; scopes nest."""
        outer = self._scope
        self._scope = (*outer, str(name))
        try:
            yield
        finally:
            self._scope = outer

    @staticmethod
    def no_grad() -> AbstractContextManager[None]:
        """Record values without gradients; the same as the function `no_grad`."""
        return no_grad()

    def record(
        self,
        name: str,
        operands: tuple[Any, ...],
        keywords: dict[str, Any] = _NO_KEYWORDS,
    ) -> Variable:
        """Run a primitive and append what it did.

        Args:
            name: The primitive's name in THE table.
            operands: Variables of this tape; anything else becomes a constant.
            keywords: Keyword arguments of the primitive.

        Returns:
            The variable of the new node.

        Raises:
            OperandError: The primitive cannot take these operands.
            ForeignTapeError: An operand belongs to another tape.
        """
        return self.run(PRIMITIVES[name], operands, keywords)

    def run(  # noqa: C901, PLR0912 -- the path of every operation: each part made a function costs a tenth of it
        self,
        primitive: Primitive,
        operands: tuple[Any, ...],
        keywords: dict[str, Any] = _NO_KEYWORDS,
        depth: int = 3,
    ) -> Variable:
        """As `record`, for a primitive itself; to be called by functions of this package only.

        This is the path that every operation takes, so it is written for speed: one and two operands are
        taken apart without a loop, and what nearly always holds is tested before anything is called.

        Args:
            primitive: An entry of THE table.
            operands: As for `record`.
            keywords: As for `record`.
            depth: How many callers up from `author_line` the author's code can be at the earliest.
        """
        nodes = self._nodes
        inputs: tuple[Value, ...]
        parents: tuple[int, ...]
        if len(operands) == 2:
            a, b = operands
            if type(a) is Variable and type(b) is Variable and a.tape is b.tape is self:
                first, second = nodes[a.id], nodes[b.id]
            else:
                first, second = self._used(primitive, operands)
            inputs = (first.value, second.value)
            parents = (first.id, second.id)
            wanted = first.requires_grad and second.requires_grad
        elif len(operands) == 1 and type(operands[0]) is Variable:
            first = nodes[operands[0].id]
            inputs = (first.value,)
            parents = (first.id,)
            wanted = first.requires_grad
        else:
            used = self._used(primitive, operands)
            inputs = tuple([node.value for node in used])
            parents = tuple([node.id for node in used])
            wanted = False not in [node.requires_grad for node in used]
        if keywords:
            keywords = values.kept_keywords(keywords)
        try:
            if not self._plain:
                value = exact.run(primitive, inputs, keywords)
            elif keywords:
                value = primitive.forward(*inputs, **keywords)
            else:
                value = primitive.forward(*inputs)
        except _REFUSALS as error:
            _refuse(primitive, inputs, keywords, error)
        if values.NARROWS and primitive.name != "cast":
            value = values.narrowed(value, inputs)
        common = wanted and self._plain and primitive.total and len(primitive.vjps) == len(parents)
        if type(value) is _ARRAY and value.ndim and value.dtype.char in _FLOATING:
            value.setflags(_READ_ONLY)  # type: ignore[call-arg]  # stubs know keywords only
        elif type(value) is not _FLOAT64:
            value = self._settled(value)
            common = False
        cut: Cut = ""
        if common and asking.get():
            vjp: LocalVjp | None = bound_rules(primitive.vjps, inputs, value, keywords, primitive.elementwise)
        else:
            wants = tuple([nodes[parent].requires_grad for parent in parents])
            vjp, cut = bind(primitive, wants, inputs, value, keywords, self._plain)
        id_ = len(nodes)
        nodes.append(
            sealed_node(
                id_,
                primitive.name,
                value,
                parents,
                vjp is not None,
                vjp,
                author_line(depth),
                self._scope,
                keywords or None,
                cut,
            )
        )
        return sealed_variable(self, id_)

    def _used(self, primitive: Primitive, operands: tuple[Any, ...]) -> list[Node]:
        """Find the operands' nodes, and record a constant for each that is no variable."""
        return [
            self._nodes[each.id]
            if type(each) is Variable and each.tape is self
            else self._constant(each, primitive, operands)
            for each in operands
        ]

    def _settled(self, value: Value) -> Value:
        """Make a value read-only, and remember if the tape now holds more than real machine numbers."""
        value = values.settled(value)
        self._plain = self._plain and values.is_plain(value)
        return value

    def _constant(self, operand: Value, primitive: Primitive, operands: tuple[Any, ...]) -> Node:
        """Record an operand that is no variable of this tape, in the element type NumPy would give it."""
        if isinstance(operand, Variable):
            message = (
                f"operands of {primitive.name} must belong to one tape (got variables of two); "
                "record the value as a constant: tape.constant(variable.value)"
            )
            raise ForeignTapeError(message)
        partners = [self._nodes[other.id].value for other in operands if type(other) is Variable]
        try:
            value = values.weak_constant(operand, partners)
        except OperandError as error:
            message = f"operand of {primitive.name}: {error}"
            raise OperandError(message) from error
        return self._root("constant", value, "", False)

    def _root(self, op: str, value: Value, name: str, requires_grad: bool) -> Node:  # noqa: FBT001 -- positional, inside the engine only
        """Append a node without parents."""
        if type(value) is not _FLOAT64 and self._plain:
            self._plain = values.is_plain(value)
        id_ = len(self._nodes)
        node = sealed_node(id_, op, value, (), requires_grad, None, author_line(3), self._scope, None, "")
        if name:
            node = replace(node, name=str(name))
        self._nodes.append(node)
        return node


def apply(name: str, /, *operands: Operand, **keywords: Any) -> Variable:  # noqa: ANN401 -- keywords differ by primitive
    """Record a primitive on the tape of its operands.

    Args:
        name: The primitive's name in THE table.
        operands: At least one variable; numbers and arrays become constants.
        keywords: Keyword arguments of the primitive.

    Raises:
        OperandError: No operand is a variable, or the primitive cannot take them.
    """
    for operand in operands:
        if type(operand) is Variable:
            return operand.tape.run(PRIMITIVES[name], operands, keywords)
    kinds = ", ".join(type(operand).__name__ for operand in operands)
    message = (
        f"operands of {name} must include a variable (got {kinds}); "
        "record the value first: tape.leaf(value) or tape.constant(value)"
    )
    raise OperandError(message)


def unary(name: str, x: Operand) -> Variable:
    """As `apply`, for one operand and no keywords; to be called by the public functions only.

    The author's code cannot begin before their caller, so recording need not look at their own frames.
    """
    return x.tape.run(PRIMITIVES[name], (x,), depth=4) if type(x) is Variable else apply(name, x)


_REFUSALS = (TypeError, ValueError, IndexError, AttributeError, ArithmeticError)
"""What a forward function raises if its operands do not suit it."""


def _refuse(
    primitive: Primitive, inputs: tuple[Value, ...], keywords: Mapping[str, Any], error: Exception
) -> NoReturn:
    """Say which operands a primitive refused, and why, unless the error says so itself."""
    if isinstance(error, OperandError):
        raise error
    shown = ", ".join(f"{np.asarray(value).dtype}{list(np.shape(value))}" for value in inputs)
    given = "".join(f", {key}={value!r}" for key, value in keywords.items())
    message = f"operands of {primitive.name} must fit together (got {shown}{given}); NumPy says: {error}"
    raise OperandError(message) from error
