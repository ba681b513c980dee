"""The tape: an append-only record of executed primitives, and the one function that records.

Layer `tape`. Reads THE table, makes `Node`s. Index order is topological order, because a node can only
use nodes that exist already.
Read next: `local.py` (what a node keeps for the reverse pass), then `backward.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from typing import TYPE_CHECKING, Any, overload

import numpy as np

from sphinx_tape.errors import ForeignTapeError, OperandError, RecordError
from sphinx_tape.tape import values
from sphinx_tape.tape.exact import is_exact, unwrap, wrap
from sphinx_tape.tape.local import ComplexVjp, ExactVjp, LocalRules, VariadicRules
from sphinx_tape.tape.node import Cut, LocalVjp, Node, Value
from sphinx_tape.tape.primitives import PRIMITIVES
from sphinx_tape.tape.sealing import sealed_node, sealed_variable
from sphinx_tape.tape.source import author_line
from sphinx_tape.tape.variable import Operand, Variable

if TYPE_CHECKING:
    from sphinx_tape.tape.primitive import Primitive

_asking: ContextVar[bool] = ContextVar("asking", default=True)
"""Whether recorded nodes may require a gradient."""

_NO_KEYWORDS: dict[str, Any] = {}
_FLOAT64 = np.float64
_ARRAY = np.ndarray
_FLOATING = "dfe"
"""Characters of the real floating element types."""
_READ_ONLY: Any = False
"""`array.setflags(False)`: by position, twice as fast as `write=False`, which is all that stubs know."""


@contextmanager
def no_grad() -> Iterator[None]:
    """Record values without gradients: nodes made inside do not require any."""
    token = _asking.set(False)
    try:
        yield
    finally:
        _asking.reset(token)


class Nodes(Sequence[Node]):
    """The nodes of a tape, to look at but not to change."""

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
        return self._root("leaf", kept, name, requires_grad)

    def constant(self, value: Value, name: str = "") -> Variable:
        """Record a value that no gradient is asked for.

        Args:
            value: Number or array of any shape and element type.
            name: The author's label.
        """
        return self._root("constant", values.constant(value), name, False)

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
    def no_grad() -> Value:
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

    def run(
        self,
        primitive: Primitive,
        operands: tuple[Any, ...],
        keywords: dict[str, Any] = _NO_KEYWORDS,
    ) -> Variable:
        """As `record`, for a primitive that need not be in THE table."""
        nodes = self._nodes
        found: list[Any] = []
        parents: list[int] = []
        wanted: list[bool] = []
        for operand in operands:
            if type(operand) is Variable and operand.tape is self:
                node = nodes[operand.id]
            else:
                node = self._constant(primitive.name, operand, operands)
            found.append(node.value)
            parents.append(node.id)
            wanted.append(node.requires_grad)
        inputs = tuple(found)
        if keywords:
            keywords = values.kept_keywords(keywords)
        value = self._forward(primitive, inputs, keywords)
        vjp: LocalVjp | None = None
        cut: Cut = ""
        if True in wanted:
            vjp, cut = self._local(primitive, wanted, inputs, value, keywords)
        id_ = len(nodes)
        source = author_line(2)
        nodes.append(
            sealed_node(
                id_,
                primitive.name,
                value,
                tuple(parents),
                vjp is not None,
                vjp,
                source,
                self._scope,
                keywords or None,
                cut,
            )
        )
        return sealed_variable(self, id_)

    def _forward(self, primitive: Primitive, inputs: tuple[Value, ...], keywords: dict[str, Any]) -> Value:
        """Compute a value and make it read-only."""
        try:
            if self._plain:
                value = primitive.forward(*inputs, **keywords)
            else:
                value = unwrap(primitive.forward(*map(wrap, inputs), **keywords))
        except OperandError:
            raise
        except (TypeError, ValueError, IndexError, np.linalg.LinAlgError) as error:
            raise OperandError(_refusal(primitive.name, inputs, keywords, error)) from error
        kind = type(value)
        if kind is _FLOAT64:
            return value
        if kind is _ARRAY and value.ndim and value.dtype.char in _FLOATING:
            value.setflags(_READ_ONLY)
            return value
        value = values.settled(value)
        self._plain = self._plain and values.is_plain(value)
        return value

    def _local(
        self,
        primitive: Primitive,
        wanted: list[bool],
        inputs: tuple[Value, ...],
        value: Value,
        keywords: dict[str, Any],
    ) -> tuple[LocalVjp | None, Cut]:
        """Bind the rules that are needed, or say why there are none."""
        rules = primitive.vjps
        if len(rules) != len(inputs):
            # The last rule of a variadic primitive serves all further operands.
            rules = (*rules, *(rules[-1:] * (len(inputs) - len(rules))))[: len(inputs)]
        if False in wanted:
            rules = tuple([rule if want else None for rule, want in zip(rules, wanted, strict=True)])
        if not any(rules):
            return None, "detach" if primitive.name == "detach" else "not_differentiable"
        if type(value) is not _FLOAT64 and not values.has_gradient(value):
            return None, "integer"
        if not _asking.get():
            return None, "no_grad"
        if self._plain and not primitive.variadic:
            return LocalRules(rules, inputs, value, keywords), ""
        bound = (VariadicRules if primitive.variadic else LocalRules)(rules, inputs, value, keywords)
        if any(map(is_exact, (value, *inputs))):
            return ExactVjp(bound), ""
        return (ComplexVjp(bound) if any(map(np.iscomplexobj, (value, *inputs))) else bound), ""

    def _constant(self, name: str, operand: Value, operands: tuple[Any, ...]) -> Node:
        """Record an operand that is no variable of this tape, in the element type NumPy would give it."""
        if isinstance(operand, Variable):
            message = (
                f"operands of {name} must belong to one tape (got variables of two); "
                "record the value as a constant: tape.constant(variable.value)"
            )
            raise ForeignTapeError(message)
        partners = [self._nodes[other.id].value for other in operands if type(other) is Variable]
        try:
            value = values.weak_constant(operand, partners)
        except OperandError as error:
            message = f"{error} (operand {operands.index(operand)} of {name})"
            raise OperandError(message) from error
        return self._root("constant", value, "", False).node

    def _root(self, op: str, value: Value, name: str, requires_grad: bool) -> Variable:  # noqa: FBT001 -- positional, inside the engine only
        """Append a node without parents."""
        if self._plain and not values.is_plain(value):
            self._plain = False
        asked = requires_grad and _asking.get()
        node = sealed_node(
            len(self._nodes), op, value, (), asked, None, author_line(2), self._scope, None, ""
        )
        if name:
            node = replace(node, name=str(name))
        self._nodes.append(node)
        return sealed_variable(self, node.id)


def apply(name: str, /, *operands: Operand, **keywords: Any) -> Variable:  # noqa: ANN401 -- any signature, as in NumPy's protocol
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
            return operand.tape.record(name, operands, keywords)
    kinds = ", ".join(type(operand).__name__ for operand in operands)
    message = (
        f"operands of {name} must include a variable (got {kinds}); "
        "record the value first: tape.leaf(value) or tape.constant(value)"
    )
    raise OperandError(message)


def _refusal(name: str, inputs: tuple[Value, ...], keywords: Mapping[str, Any], error: Exception) -> str:
    """Say which operands a primitive refused, and why."""
    shown = ", ".join(f"{np.asarray(value).dtype}{list(np.shape(value))}" for value in inputs)
    given = "".join(f", {key}={value!r}" for key, value in keywords.items())
    return f"operands of {name} must fit together (got {shown}{given}); NumPy says: {error}"
