"""The drawing as DOT text, for people who want to take it to Graphviz or elsewhere.

Layer `render`. Quoting is left to the graphviz package; clipped by whole nodes, so it always parses. This
text never places our own drawings.
Read next: `html.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from graphviz import Digraph, escape, nohtml

from sphinx_tape.render.looks import look_of
from sphinx_tape.render.messages import _
from sphinx_tape.render.palette import LIGHT
from sphinx_tape.render.styles import role_of

if TYPE_CHECKING:
    from sphinx_tape.render.boxes import Box, Run
    from sphinx_tape.render.graph import DrawnGraph, Edge
    from sphinx_tape.render.layout import Direction

_STYLES: Final = {"leaf": "rounded,filled", "constant": "filled", "op": "filled"}
_DASHED: Final = frozenset({"missing", "not_asked"})


def to_dot(drawn: DrawnGraph, direction: Direction = "LR") -> str:
    """Write a drawing as DOT text.

    Args:
        drawn: The drawing; its hidden nodes are only counted.
        direction: Left to right, as is customary, or top down.

    Returns:
        A complete digraph: a node `n<id>` per box, an edge per arrow, a note on what is hidden.
    """
    graph = Digraph(
        "tape", graph_attr={"rankdir": direction}, node_attr={"shape": "box", "fontname": "monospace"}
    )
    for box in drawn.boxes:
        graph.node(f"n{box.node}", label=_label(box), **_attributes(box))
    for edge in drawn.edges:
        ends = (f"n{drawn.boxes[place].node}" for place in (edge.source, edge.target))
        graph.edge(*ends, **_edge_attributes(edge))
    if drawn.hidden:
        words = _("nodes not drawn: {hidden}").format(hidden=drawn.hidden)
        graph.node("hidden", label=_escaped(words), shape="plaintext")
    return str(graph.source)


def _attributes(box: Box) -> dict[str, str]:
    look = look_of(box.kind, box.state)
    style = _STYLES[box.kind] + (",dashed" if look in _DASHED else "")
    more = {"peripheries": "2"} if box.state == "output" else {}
    if box.folded:
        more = {"shape": "box3d"}
    return {
        "style": style,
        "fillcolor": LIGHT[role_of("look-fill", look)],
        "color": LIGHT[role_of("look-line", look)],
        "fontcolor": LIGHT["ink"],
    } | more


def _edge_attributes(edge: Edge) -> dict[str, str]:
    if not edge.cut:
        return {}
    return {"style": "dashed", "color": LIGHT["missing-line"], "label": _escaped(edge.cut)}


def _label(box: Box) -> str:
    """Join the lines of a box with DOT's own line break, after escaping what is not ours."""
    lines = dict.fromkeys(run.baseline for run in (*box.runs, *box.twin[-2:]))
    texts = [_line(box.runs, baseline) for baseline in lines]
    label: str = nohtml(r"\n".join(text for text in texts if text))
    return label


def _line(runs: tuple[Run, ...], baseline: int) -> str:
    return _escaped(" ".join(run.text for run in runs if run.baseline == baseline))


def _escaped(text: str) -> str:
    r"""Make every character stand for itself: `\n` and `&lt;` in a name are no line break and no bracket."""
    # `escape` returns a string of its own class, which is never taken for an HTML label: keep that class.
    escaped: str = escape(text.replace("&", "&amp;"))
    return escaped
