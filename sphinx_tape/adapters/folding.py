"""Parts of a tape drawn as one node each: modules instead of what happens inside them.

Layer `adapters`. Reads a tape and its scopes, makes a smaller tape. The local VJP of a folded part is the
reverse pass through the nodes inside it, so that what its operands receive is the same as before.
Read next: `torch_record.py`, which uses this.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sphinx_tape.tape import Node, Tape

if TYPE_CHECKING:
    from sphinx_tape.tape.node import LocalVjp

Scope = tuple[str, ...]


def folded(tape: Tape, outputs: Iterable[int], depth: int) -> tuple[Tape, dict[int, int]]:
    """Fold all that lies in scopes below a depth.

    Args:
        tape: What was recorded.
        outputs: Nodes that must stay.
        depth: How many scopes stay open: 1 makes one node of each outermost scope's call.

    Returns:
        The smaller tape, and the new id of each node that stayed.
    """
    nodes = list(tape.nodes)
    parts = {node.id: node.scope[:depth] for node in nodes if len(node.scope) >= depth and _is_inner(node)}
    kept = {*outputs, *_seen_outside(nodes, parts)}
    small, ids = Tape(), dict[int, int]()
    for node in nodes:
        if node.id not in parts:
            made = replace(node, id=len(small), parents=tuple(ids[parent] for parent in node.parents))
        elif node.id in kept:
            made = _part(nodes, node, parts, ids, len(small))
        else:
            continue
        ids[node.id] = len(small)
        small.append(replace(made, scope=made.scope[:depth]))
    return small, ids


def _is_inner(node: Node) -> bool:
    """Tell whether a node can vanish in a part: leaves, and constants with a name, are worth seeing."""
    return bool(node.parents) or (node.op == "constant" and not node.name)


def _seen_outside(nodes: Sequence[Node], parts: Mapping[int, Scope]) -> set[int]:
    """Find the nodes inside parts that are used outside of them."""
    return {
        parent
        for node in nodes
        for parent in node.parents
        if parent in parts and parts[parent] != parts.get(node.id)
    }


def _part(
    nodes: Sequence[Node], output: Node, parts: Mapping[int, Scope], ids: Mapping[int, int], id_: int
) -> Node:
    """Make one node of all that an output of a part is made of, inside that part."""
    inside, operands = _inside(nodes, output, parts)
    if len(inside) == 1:
        return replace(output, id=id_, parents=tuple(ids[parent] for parent in output.parents))
    wanted = output.requires_grad
    cut = not wanted and any(nodes[each].requires_grad for each in operands)
    return replace(
        output,
        id=id_,
        op=f"{parts[output.id][-1]}()",
        parents=tuple(ids[each] for each in operands),
        vjp=_rule(nodes, inside, operands) if wanted else None,
        cut=next((nodes[each].cut for each in reversed(inside) if nodes[each].cut), "") if cut else "",
        keywords={"operations": len(inside)},
        note="",
        tex="",
        formulas=(),
    )


def _inside(nodes: Sequence[Node], output: Node, parts: Mapping[int, Scope]) -> tuple[list[int], list[int]]:
    """Find what an output is made of inside its part, and what that is used on; both in ascending order."""
    inside, operands, stack = set[int](), set[int](), [output.id]
    while stack:
        id_ = stack.pop()
        if parts.get(id_) != parts[output.id]:
            operands.add(id_)
        elif id_ not in inside:
            inside.add(id_)
            stack += nodes[id_].parents
    return sorted(inside), sorted(operands)


def _rule(nodes: Sequence[Node], inside: Sequence[int], operands: Sequence[int]) -> LocalVjp:
    """Return the reverse pass through a part."""

    def rule(g: Any) -> list[Any]:  # noqa: ANN401 -- a cotangent
        sums: dict[int, Any] = {inside[-1]: g}
        for id_ in reversed(inside):
            vjp, cotangent = nodes[id_].vjp, sums.pop(id_, None)
            if vjp is None or cotangent is None:
                continue
            for parent, sent in zip(nodes[id_].parents, vjp(cotangent), strict=True):
                if sent is not None and nodes[parent].requires_grad:
                    sums[parent] = sums[parent] + sent if parent in sums else sent
        return [sums.get(operand) for operand in operands]

    return rule
