"""A drawing as SVG: inline for pages, or an image of its own.

Layer `render`. Colours come from style sheets only and nothing is scripted, so that a strict
content-security policy holds; the same drawing has the same bytes on every machine.
Read next: `path_data.py`, `pdf.py`.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING, Final, get_args

from sphinx_tape.render.boxes import GAP
from sphinx_tape.render.characters import clip
from sphinx_tape.render.escape import html
from sphinx_tape.render.foldbox import fold_words
from sphinx_tape.render.groups import placed
from sphinx_tape.render.keys import arrange_with_legend, key_scene
from sphinx_tape.render.legend import legend
from sphinx_tape.render.looks import Look, NodeKind, NodeState
from sphinx_tape.render.messages import _
from sphinx_tape.render.path_data import head_data, path_data, px
from sphinx_tape.render.scene import arrange, sign_of
from sphinx_tape.render.shapes import Circle, Rect
from sphinx_tape.render.styles import LIT_ONLY, image_css

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sphinx_tape.render.boxes import Run
    from sphinx_tape.render.graph import DrawnGraph
    from sphinx_tape.render.groups import EdgeGroup, Label, NodeGroup, Scene, Shape
    from sphinx_tape.render.layout import LayoutResult, Point
    from sphinx_tape.render.legend import Entry

COMMON_LOOKS: Final[tuple[Look, ...]] = ("op", "leaf", "constant", "gradient", "zero")
"""What can be said of all nodes at once, because it is easily taken back for one."""
SHARED_SIGNS: Final[tuple[NodeState, ...]] = ("gradient", "zero")
"""Signs that many nodes have and that their texts say, too."""
TERSE_HEADS: Final = {("id", "title"), ("id", "name"), ("id", "name", "op")}
TERSE_LINES: Final = {("value", "grad", "gradient"), ("grad", "gradient"), ("value",)}
"""Roles of the texts in the lines of a box that `styles.py` tells apart by their order."""
BARE: Final = {"title", "value"}
"""Roles in such lines that need no element."""
KINDS: Final = frozenset(get_args(NodeKind))
_MERGED: Final = frozenset({"line", "arrow", "cut-line"})
"""Parts of edges that need no element of their own."""

_NAMESPACE = 'xmlns="http://www.w3.org/2000/svg"'
_ALT_LIMIT = 2000


def to_svg(drawn: DrawnGraph, layout: LayoutResult, prefix: str, *, description: str = "") -> str:
    """Write a drawing for a page.

    Args:
        drawn: The drawing.
        layout: Positions for it.
        prefix: Makes every id unique on its page.
        description: The author's own alternative text; empty: the generated one.

    Returns:
        An `svg` element whose nodes link to the rows `#<prefix>-row-<node>`.
    """
    scene = arrange(drawn, layout, frozenset() if drawn.stepped else frozenset(SHARED_SIGNS))
    body = "".join(
        (*_head(drawn, prefix, description), *_groups(scene, prefix, linked=True, stepped=drawn.stepped))
    )
    return f"{_open_tag(scene, prefix)}{body}</svg>"


def to_image(drawn: DrawnGraph, layout: LayoutResult, prefix: str = "tape", *, description: str = "") -> str:
    """Write a drawing as a file of its own, with its legend and its own style sheet.

    Args:
        drawn: The drawing.
        layout: Positions for it.
        prefix: Begins every id.
        description: The author's own alternative text; empty: the generated one.

    Returns:
        A complete SVG document without links.
    """
    scene = arrange_with_legend(drawn, layout)
    width, height = scene.size
    parts = [
        '<?xml version="1.0" encoding="UTF-8"?>\n',
        _open_tag(scene, prefix),
        *_head(drawn, prefix, description),
        f"<style>{image_css()}</style>",
        f'<path class="tape-halo" d="M0 0H{px(width)}V{px(height)}H0Z"/>',
        *_groups(scene, prefix, linked=False),
        "</svg>\n",
    ]
    return "".join(parts)


def drawing_html(drawn: DrawnGraph, layout: LayoutResult, prefix: str, *, description: str = "") -> str:
    """Write the drawing, in a frame that scrolls, and its legend.

    Args:
        drawn: The drawing.
        layout: Positions for it.
        prefix: Makes every id unique on its page.
        description: The author's own alternative text; empty: the generated one.

    Returns:
        HTML; only what was hidden is said where the tape is empty or clipped.
    """
    parts = []
    if drawn.boxes:
        svg = to_svg(drawn, layout, prefix, description=description)
        parts += [f'<div class="tape-drawing">{svg}</div>', legend_html(drawn)]
    notes = [hidden_words(drawn), *map(fold_words, drawn.folds)]
    parts += [f'<p class="tape-note">{html(note)}</p>' for note in notes if note]
    return "\n".join(parts)


def hidden_words(drawn: DrawnGraph) -> str:
    """Say how many nodes are not drawn, or that there are none; empty if all are."""
    if not drawn.boxes:
        return _("The tape has no nodes.")
    if not drawn.hidden:
        return ""
    words = _("{shown} of {all} nodes are drawn; dotted ends lead to the others.")
    return words.format(shown=len(drawn.boxes), all=len(drawn.boxes) + drawn.hidden)


def legend_html(drawn: DrawnGraph) -> str:
    """Write the legend as a list; signs are pictures without a name, the words say it."""
    items = "".join(map(_entry_html, legend(drawn)))
    return f'<ul class="tape-legend">{items}</ul>' if items else ""


@lru_cache(maxsize=256)
def _entry_html(entry: Entry) -> str:
    """Write one entry; all drawings of a project have the same few."""
    scene = key_scene(entry)
    width, height = map(px, scene.size)
    key = "".join(_groups(scene, "", linked=False))
    size = f'width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
    facts = f'class="tape-graph tape-key" aria-hidden="true" direction="ltr" {_NAMESPACE} {size}'
    return f"<li><svg {facts}>{key}</svg> {html(entry.words)}</li>"


def _open_tag(scene: Scene, prefix: str) -> str:
    width, height = map(px, scene.size)
    name = html(prefix)
    # Without a style sheet the outlines stay readable; every property here is overridden by one.
    # The direction of text stands here because EPUB forbids it in style sheets.
    return (
        f'<svg class="tape-graph" id="{name}-graph" {_NAMESPACE} role="group" '
        f'aria-labelledby="{name}-title {name}-desc" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" fill="none" stroke="currentColor" '
        'font-family="monospace" font-size="11" direction="ltr">'
    )


def _head(drawn: DrawnGraph, prefix: str, description: str) -> list[str]:
    name = html(prefix)
    told = clip(description or drawn.description, _ALT_LIMIT)
    return [
        f'<title id="{name}-title">{html(drawn.title)}</title>',
        f'<desc id="{name}-desc">{html(told)}</desc>',
    ]


def _groups(scene: Scene, prefix: str, *, linked: bool, stepped: bool = True) -> list[str]:
    """Write everything in the order in which it is painted.

    Args:
        scene: What is drawn.
        prefix: Makes every id unique on its page; empty: there are no ids.
        linked: Whether there is a page around the drawing.
        stepped: Whether a script may light single edges and hide single texts; each has a name then.
    """
    parts = []
    if scene.scopes:
        inside = "".join(_shape(shape) for group in scene.scopes for shape in group.shapes)
        parts.append(f'<g class="tape-scopes" aria-hidden="true">{inside}</g>')
    if scene.edges:
        single = (_edge(group, linked=linked) for group in scene.edges)
        inside = "".join(single if stepped else _together(scene.edges))
        parts.append(f'<g class="tape-edges" aria-hidden="true">{inside}</g>')
    if scene.scopes:
        # Above the edges, so that no arrow strikes a name through.
        inside = "".join(_text(group.label) for group in scene.scopes)
        parts.append(f'<g class="tape-scopes" aria-hidden="true">{inside}</g>')
    if scene.nodes:
        parts.append(_nodes(scene.nodes, prefix, linked=linked, stepped=stepped))
    if scene.key:
        parts.append(f'<g class="tape-keys">{"".join(map(_text, scene.key))}</g>')
    return parts


def _nodes(groups: Sequence[NodeGroup], prefix: str, *, linked: bool, stepped: bool) -> str:
    """Write all nodes; what most of them look like is said once."""
    common = max(COMMON_LOOKS, key=[group.look for group in groups].count)
    terse = "" if stepped else " tape-terse"
    used = {group.state for group in groups if group.sign}
    shared = "".join([_sign(state, prefix) for state in SHARED_SIGNS if state in used])
    inside = "".join(_node(g, prefix, common, linked=linked, stepped=stepped) for g in groups)
    defined = f"<defs>{shared}</defs>" if shared else ""
    return f'{defined}<g class="tape-nodes {_look_class(common)}{terse}">{inside}</g>'


def _sign(state: NodeState, prefix: str) -> str:
    """Write the sign of a state, to be used at many places."""
    shapes, labels = sign_of(state, (0, 0))
    # What is used elsewhere is painted by rules that find their way from here, as if nothing were around it.
    inside = "".join((*map(_shape, shapes), *map(_text, labels)))
    return f'<g id="{_sign_id(state, prefix)}" class="tape-graph tape-nodes">{inside}</g>'


def _sign_id(state: NodeState, prefix: str) -> str:
    return f"{html(prefix)}-s{SHARED_SIGNS.index(state)}"


def _node(group: NodeGroup, prefix: str, common: Look, *, linked: bool, stepped: bool) -> str:
    box = group.box
    names = [_look_class(group.look)] if group.look != common else []
    names += ["tape-twin"] if group.twin else []
    classes = f' class="{" ".join(names)}"' if names else ""
    inside = _inside(group, prefix, stepped=stepped)
    if not prefix:
        return f"<g{classes}>{inside}</g>"
    letter = "g" if group.twin else "n"
    title = f"<title>{html(box.title)}</title>" if box.title else ""
    # Rows of folded nodes lead here, too.
    targets = [other for other in box.folded if other != box.node]
    inside += "".join(f'<g id="{html(prefix)}-{letter}{other}"/>' for other in targets if linked)
    nodes = " ".join(map(str, box.folded or (box.node,)))
    facts = f' id="{html(prefix)}-{letter}{box.node}"{classes}' + (f' data-node="{nodes}"' if stepped else "")
    if linked:
        return f'<a{facts} href="#{html(prefix)}-row-{box.node}">{title}{inside}</a>'
    return f"<g{facts}>{title}{inside}</g>"


def _inside(group: NodeGroup, prefix: str, *, stepped: bool) -> str:
    """Write shapes and texts of a node; a sign that many nodes have is used, not drawn again."""
    used = ""
    if group.sign:
        x, y = group.sign
        used = f'<use href="#{_sign_id(group.state, prefix)}" x="{px(x)}" y="{px(y)}"/>'
    lines = (_lines if stepped else _terse_lines)(group.runs, group.corner)
    return "".join((*map(_shape, group.shapes), *lines, *map(_text, group.letters), used))


def _look_class(look: Look) -> str:
    return f"tape-{'kind' if look in KINDS else 'state'}-{_class(look)}"


def _edge(group: EdgeGroup, *, linked: bool) -> str:
    kind = "" if group.kind == "data" else f" tape-edge-{group.kind}"
    classes = f"tape-edge{kind}{' tape-twin' if group.twin else ''}"
    data = f' data-edge="{group.edge.key}"' if group.edge else ""
    # Nothing lights the edges of a picture that has no page around it.
    shapes = [shape for shape in group.shapes if linked or shape.part not in LIT_ONLY]
    return f'<g class="{classes}"{data}>{"".join((*map(_shape, shapes), *map(_text, group.labels)))}</g>'


def _together(groups: Sequence[EdgeGroup]) -> Iterator[str]:
    """Write edges that nothing lights: those of one kind as one line and one set of arrowheads."""
    kinds = dict.fromkeys(group.kind for group in groups)
    for kind in kinds:
        same = [group for group in groups if group.kind == kind]
        paths: dict[str, list[str]] = {}
        others = []
        for shape in chain.from_iterable([group.shapes for group in same]):
            if shape.part in _MERGED and not isinstance(shape.outline, Rect | Circle):
                write = head_data if shape.part == "arrow" else path_data
                paths.setdefault(shape.part, []).append(write(shape.outline))
            elif shape.part not in LIT_ONLY:
                others.append(_shape(shape))
        merged = (f'<path class="tape-{part}" d="{"".join(pieces)}"/>' for part, pieces in paths.items())
        labels = (_text(label) for group in same for label in group.labels)
        name = "" if kind == "data" else f' class="tape-edge-{kind}"'
        yield f"<g{name}>{''.join((*merged, *others, *labels))}</g>"


def _shape(shape: Shape) -> str:
    outline = shape.outline
    name = "" if shape.part == "box" else f' class="tape-{shape.part}"'
    if isinstance(outline, Rect):
        corner = f' rx="{px(outline.corner)}"' if outline.corner else ""
        place = f'x="{px(outline.left)}" y="{px(outline.top)}"'
        return f'<rect{name} {place} width="{px(outline.width)}" height="{px(outline.height)}"{corner}/>'
    if isinstance(outline, Circle):
        return f'<circle{name} cx="{px(outline.x)}" cy="{px(outline.y)}" r="{px(outline.radius)}"/>'
    hidden = ' display="none"' if shape.part in LIT_ONLY else ""
    return f'<path{name}{hidden} d="{path_data(outline)}"/>'


def _lines(runs: Sequence[Run], corner: Point) -> Iterator[str]:
    """Write words, those of one line together: in a monospaced font their places follow from blanks."""
    for line in _by_line(runs):
        if len(line) > 1 and all(run.text.isascii() for run in line):
            yield _line(line, corner)
        else:
            yield from map(_text, placed(line, corner))


def _terse_lines(runs: Sequence[Run], corner: Point) -> Iterator[str]:
    """Write words, those of a usual line without the classes that the style sheet can do without."""
    for number, line in enumerate(_by_line(runs)):
        # Hot: every word of every drawing passes here, in lines of a few kinds.
        at = _usual(tuple([run.role for run in line]), head=not number)
        if at is None or not "".join([run.text for run in line]).isascii():
            yield from map(_text, placed(line, corner))
            continue
        if at:
            yield _line(line[:at], corner, terse=True)
        if at < len(line):
            yield _line(line[at:], corner, terse=True)


@lru_cache(maxsize=256)
def _usual(roles: tuple[str, ...], *, head: bool) -> int | None:
    """Tell where in a line a head ends and values begin; None if it is not a usual one."""
    ends = [len(roles), *range(1, len(roles))] if head else [0]
    for end in ends:
        if (roles[:end] in TERSE_HEADS or not end) and (roles[end:] in TERSE_LINES or end == len(roles)):
            return end
    return None


def _by_line(runs: Sequence[Run]) -> list[list[Run]]:
    lines: list[list[Run]] = []
    before: int | None = None
    for run in runs:
        if run.baseline == before:
            lines[-1].append(run)
        else:
            lines.append([run])
            before = run.baseline
    return lines


def _line(runs: Sequence[Run], corner: Point, *, terse: bool = False) -> str:
    end = runs[0].x
    parts = [f'<text x="{px(corner[0] + end)}" y="{px(corner[1] + runs[0].baseline)}">']
    for role, text, x, _baseline, width in runs:
        if x > end:
            parts.append(" " * round((x - end) / GAP))
        word = html(text)
        if not terse:
            word = f'<tspan class="tape-text-{role}">{word}</tspan>'
        elif role not in BARE:
            word = f"<tspan>{word}</tspan>"
        parts.append(word)
        end = x + width
    parts.append("</text>")
    return "".join(parts)


def _text(label: Label) -> str:
    # Scripts whose fonts are no multiples of the rule's widths are fitted by the browser.
    fit = "" if label.text.isascii() else f' textLength="{px(label.width)}" lengthAdjust="spacingAndGlyphs"'
    place = f'x="{px(label.x)}" y="{px(label.baseline)}"'
    return f'<text class="tape-text-{label.role}" {place}{fit}>{html(label.text)}</text>'


def _class(name: str) -> str:
    return name.replace("_", "-")
