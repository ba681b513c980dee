"""The legend drawn: a small picture for each sign, and a row of them below a drawing.

Layer `render`. Pages set the words as a list beside the pictures; images and print get the row.
Read next: `svg.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from sphinx_tape.render.boxes import Box
from sphinx_tape.render.groups import EdgeGroup, Label, NodeGroup, Scene, text_label
from sphinx_tape.render.hulls import Frame
from sphinx_tape.render.legend import Entry, legend
from sphinx_tape.render.looks import Look, NodeKind, NodeState, look_of
from sphinx_tape.render.scene import MARGIN, arrange, cut_mark, plain_outline, sign_of

if TYPE_CHECKING:
    from sphinx_tape.render.graph import DrawnGraph
    from sphinx_tape.render.layout import LayoutResult, Point

KEY_HEIGHT: Final = 180
KEY_WIDTH: Final = 260
_ROW: Final = 220
_GAP: Final = 60
_BETWEEN: Final = 220
_LEAST_WIDTH: Final = 3600


def key_scene(entry: Entry, shift: Point = (0, 0)) -> Scene:
    """Draw the sign of one entry."""
    nodes: tuple[NodeGroup, ...] = ()
    edges: tuple[EdgeGroup, ...] = ()
    frame = Frame(shift[0] + 12, shift[1] + 22, KEY_WIDTH - 24, KEY_HEIGHT - 44)
    if entry.sign == "text":
        label = text_label("key", entry.letter, shift[0], frame.middle[1] + 40)
        return Scene(size=(label.width, KEY_HEIGHT), scopes=(), edges=(), nodes=(), key=(label,))
    if entry.sign == "cut":
        shapes, labels = cut_mark(entry.letter, frame.middle)
        edges = (EdgeGroup(edge=None, kind="cut", shapes=shapes, labels=labels),)
    else:
        nodes = (_key_node(entry, frame),)
    return Scene(size=(KEY_WIDTH, KEY_HEIGHT), scopes=(), edges=edges, nodes=nodes)


def legend_below(scene: Scene, drawn: DrawnGraph) -> Scene:
    """Add the legend below a drawing, in as many rows as its width needs."""
    width, room = scene.size[0], max(scene.size[0], _LEAST_WIDTH)
    x, y = MARGIN, scene.size[1]
    words: list[Label] = []
    for entry in legend(drawn):
        label = text_label("key", entry.words, 0, 0)
        needed = key_scene(entry).size[0] + _GAP + label.width
        if x > MARGIN and x + needed > room - MARGIN:
            x, y = MARGIN, y + _ROW
        key = key_scene(entry, (x, y))
        words += [*key.key, label._replace(x=x + needed - label.width, baseline=y + KEY_HEIGHT // 2 + 40)]
        scene = scene._replace(edges=(*scene.edges, *key.edges), nodes=(*scene.nodes, *key.nodes))
        width = max(width, x + needed + MARGIN)
        x += needed + _BETWEEN
    if not words:
        return scene
    return scene._replace(size=(width, y + _ROW + MARGIN), key=tuple(words))


def arrange_with_legend(drawn: DrawnGraph, layout: LayoutResult) -> Scene:
    """Put everything into its place, the legend below, and a drawing that is narrower above its middle."""
    alone = arrange(drawn, layout)
    scene = legend_below(alone, drawn)
    spare = scene.size[0] - alone.size[0]
    if spare == 0:
        return scene
    return legend_below(arrange(drawn, _centred(layout, spare)), drawn)


def _centred(layout: LayoutResult, spare: int) -> LayoutResult:
    """Add half of the spare width on either side."""
    left = spare // 20 * 10  # whole pixels
    return layout._replace(
        centres=tuple((x + left, y) for x, y in layout.centres),
        routes=tuple(tuple((x + left, y) for x, y in route) for route in layout.routes),
        size=(layout.size[0] + spare, layout.size[1]),
    )


def _key_node(entry: Entry, frame: Frame) -> NodeGroup:
    kind = cast("NodeKind", entry.sign if entry.sign in {"leaf", "constant"} else "op")
    state = cast("NodeState", "plain" if entry.sign in {"leaf", "constant", "op"} else entry.sign)
    box = Box(
        node=-1,
        kind=kind,
        state=state,
        scope=(),
        runs=(),
        size=(frame.width, frame.height),
        title=entry.words,
    )
    look: Look = look_of(kind, state)
    if entry.letter:
        shapes, letters = sign_of(state, frame.middle)
    else:
        shapes, letters = plain_outline(kind, frame, state), ()
    corner = frame.left, frame.top
    return NodeGroup(box, look, state, twin=False, corner=corner, shapes=shapes, letters=letters)
