"""A drawing as SVG: inline for pages, or an image of its own.

Layer `render`. Colours come from style sheets only and nothing is scripted, so that a strict
content-security policy holds; the same drawing has the same bytes on every machine.
Read next: `pdf.py`.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING

from sphinx_tape.render.boxes import GAP
from sphinx_tape.render.characters import clip
from sphinx_tape.render.escape import html
from sphinx_tape.render.foldbox import fold_words
from sphinx_tape.render.keys import arrange_with_legend, key_scene
from sphinx_tape.render.legend import legend
from sphinx_tape.render.messages import _
from sphinx_tape.render.scene import arrange
from sphinx_tape.render.shapes import Circle, Rect
from sphinx_tape.render.styles import LIT_ONLY, image_css

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sphinx_tape.render.graph import DrawnGraph
    from sphinx_tape.render.groups import EdgeGroup, Label, NodeGroup, Scene, Shape
    from sphinx_tape.render.layout import LayoutResult, Point
    from sphinx_tape.render.shapes import Path

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
    scene = arrange(drawn, layout)
    body = "".join((*_head(drawn, prefix, description), *_groups(scene, prefix, linked=True)))
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
        f'<path class="tape-halo" d="M0 0H{_px(width)}V{_px(height)}H0Z"/>',
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
    items = []
    for entry in legend(drawn):
        scene = key_scene(entry)
        width, height = map(_px, scene.size)
        key = "".join(_groups(scene, "", linked=False))
        size = f'width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
        facts = f'class="tape-graph tape-key" aria-hidden="true" direction="ltr" {_NAMESPACE} {size}'
        sign = f"<svg {facts}>{key}</svg>"
        items.append(f"<li>{sign} {html(entry.words)}</li>")
    return f'<ul class="tape-legend">{"".join(items)}</ul>' if items else ""


def _open_tag(scene: Scene, prefix: str) -> str:
    width, height = map(_px, scene.size)
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


def _groups(scene: Scene, prefix: str, *, linked: bool) -> list[str]:
    parts = []
    if scene.scopes:
        inside = "".join(_shape(shape) for group in scene.scopes for shape in group.shapes)
        parts.append(f'<g class="tape-scopes" aria-hidden="true">{inside}</g>')
    if scene.edges:
        inside = "".join(_edge(group, linked=linked) for group in scene.edges)
        parts.append(f'<g class="tape-edges" aria-hidden="true">{inside}</g>')
    if scene.scopes:
        # Above the edges, so that no arrow strikes a name through.
        inside = "".join(_text(group.label) for group in scene.scopes)
        parts.append(f'<g class="tape-scopes" aria-hidden="true">{inside}</g>')
    nodes = "".join(_node(group, prefix, linked=linked) for group in scene.nodes)
    if nodes:
        parts.append(f'<g class="tape-nodes">{nodes}</g>')
    if scene.key:
        parts.append(f'<g class="tape-keys">{"".join(map(_text, scene.key))}</g>')
    return parts


def _node(group: NodeGroup, prefix: str, *, linked: bool) -> str:
    box = group.box
    classes = f"tape-node tape-kind-{box.kind} tape-state-{_class(group.state)}"
    inside = "".join((*map(_shape, group.shapes), *_lines(group.labels)))
    if not prefix:
        return f'<g class="{classes}">{inside}</g>'
    letter = "g" if group.twin else "n"
    classes += " tape-twin" if group.twin else ""
    title = f"<title>{html(box.title)}</title>" if box.title else ""
    # Rows of folded nodes lead here, too.
    targets = [other for other in box.folded if other != box.node]
    inside += "".join(f'<g id="{html(prefix)}-{letter}{other}"/>' for other in targets if linked)
    nodes = " ".join(map(str, box.folded or (box.node,)))
    node = f'<g id="{html(prefix)}-{letter}{box.node}" class="{classes}" data-node="{nodes}">'
    if linked:
        return f'<a href="#{html(prefix)}-row-{box.node}">{title}{node}{inside}</g></a>'
    return f"{node}{title}{inside}</g>"


def _edge(group: EdgeGroup, *, linked: bool) -> str:
    kind = "" if group.kind == "data" else f" tape-edge-{group.kind}"
    classes = f"tape-edge{kind}{' tape-twin' if group.twin else ''}"
    data = f' data-edge="{group.edge.key}"' if group.edge else ""
    # Nothing lights the edges of a picture that has no page around it.
    shapes = [shape for shape in group.shapes if linked or shape.part not in LIT_ONLY]
    return f'<g class="{classes}"{data}>{"".join((*map(_shape, shapes), *map(_text, group.labels)))}</g>'


def _shape(shape: Shape) -> str:
    name, outline = f'class="tape-{shape.part}"', shape.outline
    if isinstance(outline, Rect):
        corner = f' rx="{_px(outline.corner)}"' if outline.corner else ""
        place = f'x="{_px(outline.left)}" y="{_px(outline.top)}"'
        return f'<rect {name} {place} width="{_px(outline.width)}" height="{_px(outline.height)}"{corner}/>'
    if isinstance(outline, Circle):
        return f'<circle {name} cx="{_px(outline.x)}" cy="{_px(outline.y)}" r="{_px(outline.radius)}"/>'
    hidden = ' display="none"' if shape.part in LIT_ONLY else ""
    return f'<path {name}{hidden} d="{path_data(outline)}"/>'


def _lines(labels: Sequence[Label]) -> Iterator[str]:
    """Write labels, those of one line together: in a monospaced font their places follow from blanks."""
    for _place, line in groupby(labels, key=lambda label: (label.baseline, label.anchor)):
        together = list(line)
        if len(together) > 1 and all(label.text.isascii() for label in together):
            yield _line(together)
        else:
            yield from map(_text, together)


def _line(labels: list[Label]) -> str:
    parts = []
    for before, label in zip([None, *labels], labels, strict=False):
        gap = label.x - before.x - before.width if before else 0
        parts.append(" " * round(gap / GAP))
        parts.append(f'<tspan class="tape-text-{label.role}">{html(label.text)}</tspan>')
    return f'<text x="{_px(labels[0].x)}" y="{_px(labels[0].baseline)}">{"".join(parts)}</text>'


def _text(label: Label) -> str:
    # Scripts whose fonts are no multiples of the rule's widths are fitted by the browser.
    fit = "" if label.text.isascii() else f' textLength="{_px(label.width)}" lengthAdjust="spacingAndGlyphs"'
    place = f'x="{_px(label.x)}" y="{_px(label.baseline)}"'
    return f'<text class="tape-text-{label.role}" {place}{fit}>{html(label.text)}</text>'


def path_data(path: Path) -> str:
    """Write an outline as SVG path data: relative after its start, nothing said that can be left out."""
    parts: list[str] = []
    x, y, last = 0, 0, ""
    for letter, points in path:
        if letter == "M":
            parts.append(f"M{_px(points[0][0])} {_px(points[0][1])}")
        else:
            name, numbers = _relative(letter.lower(), points, x, y)
            parts.append(numbers if name == last else name + numbers.removeprefix(" "))
            last = name
        if points:
            x, y = points[-1]
    return "".join(parts)


def _relative(name: str, points: Sequence[Point], x: int, y: int) -> tuple[str, str]:
    """Write a segment from (x, y) on; shorter if it runs straight along an axis, as many curves do."""
    if not points:
        return name, ""
    last_x, last_y = points[-1]
    if last_y == y and all(point[1] == y for point in points):
        return "h", _spaced(last_x - x)
    if last_x == x and all(point[0] == x for point in points):
        return "v", _spaced(last_y - y)
    return name, "".join([_spaced(px - x) + _spaced(py - y) for px, py in points])


@lru_cache(maxsize=8192)
def _spaced(tenths: int) -> str:
    """Write a number after another one: a minus sign separates by itself."""
    return _px(tenths) if tenths < 0 else f" {_px(tenths)}"


def _class(name: str) -> str:
    return name.replace("_", "-")


@lru_cache(maxsize=8192)
def _px(tenths: int) -> str:
    """Write tenths of a pixel without needless digits."""
    whole, rest = divmod(abs(tenths), 10)
    sign = "-" if tenths < 0 else ""
    return f"{sign}{whole}.{rest}" if rest else f"{sign}{whole}"
