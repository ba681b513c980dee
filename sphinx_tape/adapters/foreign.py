"""Build the tape of another engine: what every adapter does, in the shortest form.

Layer `adapters`. An adapter walks over its engine's graph, operands first, and tells each value once; what
comes out is a `Reading`. Operations bear the names of THE table only where they do the same, so an adapter
cannot make a figure explain something wrong.
Read next: `protocol.py` (how an adapter is found), `structural.py` (one that uses this).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sphinx_tape.adapters.reading import Reading
from sphinx_tape.adapters.recognition import is_operation
from sphinx_tape.errors import AdapterError
from sphinx_tape.tape import Node, Tape
from sphinx_tape.tape.primitives import PRIMITIVES
from sphinx_tape.tape.values import constant, differentiable, has_gradient

if TYPE_CHECKING:
    from sphinx_tape.tape.node import Cut, LocalVjp, Source, Value


class ForeignTape:
    """A tape that is filled from another engine's graph; every method returns the new node's id.

    Args:
        framework: The engine's name, as readers shall see it.
    """

    __slots__ = ("_framework", "_tape")

    def __init__(self, framework: str) -> None:
        self._framework = framework
        self._tape = Tape()

    def __len__(self) -> int:
        return len(self._tape)

    def leaf(
        self,
        value: Value,
        name: str = "",
        *,
        requires_grad: bool = True,
        scope: Sequence[str] = (),
        source: Source | None = None,
    ) -> int:
        """Add a value that the engine computes a gradient for.

        Args:
            value: Number or array of any shape.
            name: The author's label.
            requires_grad: False: the engine could, but was not asked to.
            scope: Names of the parts of a model that it belongs to, outermost first.
            source: The author's line.
        """
        kept = differentiable(value) if requires_grad else constant(value)
        return self._append("leaf", kept, name=name, requires_grad=requires_grad, scope=scope, source=source)

    def constant(
        self, value: Value, name: str = "", *, scope: Sequence[str] = (), source: Source | None = None
    ) -> int:
        """Add a value without a gradient; see `leaf`."""
        return self._append(
            "constant", constant(value), name=name, requires_grad=False, scope=scope, source=source
        )

    def add(  # noqa: PLR0913 -- everything that a node can tell
        self,
        op: str,
        value: Value,
        parents: Sequence[int],
        vjp: LocalVjp | None = None,
        *,
        own: str = "",
        name: str = "",
        keywords: Mapping[str, Any] | None = None,
        cut: Cut = "",
        note: str = "",
        tex: str = "",
        formulas: Sequence[str] = (),
        known: bool = True,
        scope: Sequence[str] = (),
        source: Source | None = None,
    ) -> int:
        """Add the result of an operation.

        Args:
            op: Its name in the table of operations, where it is explained with formulas, or any other.
            value: The result: number or array of any shape.
            parents: Ids of the operands, in their order, one that is used twice twice.
            vjp: `vjp(g)` returns one contribution per operand (None: nothing), each of the operand's shape,
                for a cotangent `g` of the shape of `value`; None: the operation hands nothing back.
            own: What the engine calls it, if that is not `op`; shown if the table's operation `op` turns out
                to do something else with these operands.
            name: The author's label.
            keywords: Keyword arguments that readers should see (axis, stride ...), by the table's names.
            cut: Why nothing is handed back, if `vjp` is None although an operand requires a gradient; empty:
                the operation is not differentiable.
            note: What could not be read here, in plain words.
            tex: The operation as a TeX template, if the table does not have it: `@0`, `@1` ... are the
                operands, `@y` the result, `@{name}` a keyword argument.
            formulas: Per operand what it is sent, as such templates, in which `@g` is the cotangent.
            known: False if the engine has not kept the value: of `value` only shape and element type count.
            scope: Names of the parts of a model that it belongs to, outermost first.
            source: The author's line.

        Raises:
            AdapterError: A parent is not a node that was added before.
        """
        used = [self._node(parent, op) for parent in parents]
        kept = constant(value)
        wanted = [node.requires_grad for node in used]
        asked = any(wanted)
        if asked and not cut and (vjp is None or not has_gradient(kept)):
            cut = "not_differentiable" if has_gradient(kept) else "integer"
        rule = vjp if asked and not cut else None
        operands = [node.value for node in used]
        known_all = known and all(node.known for node in used)
        if not known_all or not is_operation(op, operands, wanted, kept, rule, keywords or {}):
            op = own or op
            # A name of the table would be explained with the table's formulas.
            op = f"{self._framework}.{op}" if op in PRIMITIVES else op
        return self._append(
            op,
            kept,
            name=name,
            parents=tuple(parents),
            requires_grad=rule is not None,
            vjp=rule,
            keywords=keywords or None,
            cut=cut if asked else "",
            note=note,
            tex=tex,
            formulas=tuple(formulas),
            known=known,
            scope=scope,
            source=source,
        )

    def value(self, node: int) -> Value:
        """Return the value of a node that was added."""
        return self._tape.nodes[node].value

    def requires_grad(self, node: int) -> bool:
        """Tell whether the reverse pass propagates into a node that was added."""
        return self._tape.nodes[node].requires_grad

    def reading(self, output: int | None) -> Reading:
        """Finish.

        Args:
            output: Id of the node that the reverse pass starts from; None: there is none.
        """
        return Reading(self._tape, output, self._framework)

    def _node(self, parent: int, op: str) -> Node:
        if not isinstance(parent, int) or not 0 <= parent < len(self._tape):
            message = (
                f"parents of a node ({op}) must be ids of nodes added before (got {parent!r}); "
                "add operands before what is made of them"
            )
            raise AdapterError(message)
        return self._tape.nodes[parent]

    def _append(self, op: str, value: Value, *, scope: Sequence[str], **fields: Any) -> int:  # noqa: ANN401 -- fields of `Node`
        node = Node(id=len(self._tape), op=op, value=value, scope=tuple(scope), **fields)
        self._tape.append(node)
        return node.id
