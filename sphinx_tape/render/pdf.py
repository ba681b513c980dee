"""A drawing as a one-page PDF of outlines, and the texts that LaTeX sets over it.

Layer `render`. No text is written here: LaTeX knows the fonts and embeds them, so every script works.
Written after ISO 32000-1 (7.3 objects, 7.5.4 cross-reference table, 8.5 path operators); no clock, no
random id and no compression, so that equal drawings have equal bytes on every machine.
Read next: `dottext.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Literal

from sphinx_tape.render.keys import arrange_with_legend
from sphinx_tape.render.palette import PRINT, rgb
from sphinx_tape.render.shapes import path_of
from sphinx_tape.render.styles import BOX_DASHES, BOX_WIDTHS, LIT_ONLY, PAINTS, TEXT_ROLES, role_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sphinx_tape.render.graph import DrawnGraph
    from sphinx_tape.render.groups import EdgeGroup, Label, NodeGroup, Scene, Shape
    from sphinx_tape.render.layout import LayoutResult, Point
    from sphinx_tape.render.looks import Look
    from sphinx_tape.render.shapes import Path

POINTS: Final = 0.075
"""PDF points in a tenth of a pixel: 96 pixels and 72 points to the inch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintLabel:
    """A text to set over the outlines. Lengths in points, origin at the lower left corner, y upwards."""

    text: str
    x: float
    y: float
    """Baseline."""
    width: float
    """Room it has; a wider one must be shrunk."""
    size: float
    anchor: Literal["start", "middle"]
    bold: bool
    colour: str
    """`#rrggbb`."""


def to_pdf(drawn: DrawnGraph, layout: LayoutResult) -> bytes:
    """Write the outlines of a drawing and its legend.

    Args:
        drawn: The drawing.
        layout: Positions for it.

    Returns:
        A PDF of one page without fonts and images.
    """
    scene = _print_scene(drawn, layout)
    width, height = print_size(drawn, layout)
    content = "\n".join(_content(scene)).encode("ascii")
    page = f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {_number(width)} {_number(height)}] /Resources << >>"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        f"{page} /Contents 4 0 R >>".encode("ascii"),
        b"<< /Length %d >>\nstream\n%b\nendstream" % (len(content), content),
    ]
    return _file(objects)


def print_size(drawn: DrawnGraph, layout: LayoutResult) -> tuple[float, float]:
    """Width and height of the page in points."""
    width, height = _print_scene(drawn, layout).size
    return width * POINTS, height * POINTS


def labels(drawn: DrawnGraph, layout: LayoutResult) -> tuple[PrintLabel, ...]:
    """List the texts of a drawing with their places on the PDF's page.

    Args:
        drawn: The drawing.
        layout: The positions given to `to_pdf`.

    Returns:
        Every text of the drawing and its legend, in painting order.
    """
    scene = _print_scene(drawn, layout)
    height = scene.size[1]
    found = [_label(group.label, "op", height) for group in scene.scopes]
    found += [_label(label, "op", height) for group in scene.edges for label in group.labels]
    found += [_label(label, group.look, height) for group in scene.nodes for label in group.labels]
    found += [_label(label, "op", height) for label in scene.key]
    return tuple(found)


@lru_cache(maxsize=2)
def _print_scene(drawn: DrawnGraph, layout: LayoutResult) -> Scene:
    return arrange_with_legend(drawn, layout)


def _label(label: Label, look: Look, height: int) -> PrintLabel:
    return PrintLabel(
        text=label.text,
        x=round(label.x * POINTS, 3),
        y=round((height - label.baseline) * POINTS, 3),
        width=round(label.width * POINTS, 3),
        size=round(label.size * POINTS, 3),
        anchor=label.anchor,
        bold=label.bold,
        colour=PRINT[role_of(TEXT_ROLES[label.role], look)],
    )


def _content(scene: Scene) -> Iterable[str]:
    """Describe the page: lengths and the y axis become PDF's, then all groups in painting order."""
    yield f"{POINTS} 0 0 -{POINTS} 0 {_number(scene.size[1] * POINTS)} cm 1 J 1 j"
    for scope in scene.scopes:
        for shape in scope.shapes:
            yield from _paint(shape, "op", "")
    for edge in scene.edges:
        yield from _edge(edge)
    for node in scene.nodes:
        yield from _node(node)


def _edge(group: EdgeGroup) -> Iterable[str]:
    for shape in group.shapes:
        if shape.part not in LIT_ONLY:
            yield from _paint(shape, "op", group.kind)


def _node(group: NodeGroup) -> Iterable[str]:
    for shape in group.shapes:
        yield from _paint(shape, group.look, "")


def _paint(shape: Shape, look: Look, edge: str) -> Iterable[str]:
    """Write one outline: colours, line, path, operator."""
    paint = PAINTS[shape.part]
    box = shape.part == "box"
    if paint.fill:
        yield f"{_colour(paint.fill, look, edge)} rg"
    if paint.line:
        dash = BOX_DASHES.get(look, ()) if box else paint.dash
        width = BOX_WIDTHS.get(look, paint.width) if box else paint.width
        yield f"{_colour(paint.line, look, edge)} RG {width} w [{' '.join(map(str, dash))}] 0 d"
    yield _path(path_of(shape.outline))
    yield {(True, True): "B", (True, False): "f", (False, True): "S"}[bool(paint.fill), bool(paint.line)]


def _colour(role: str, look: Look, edge: str) -> str:
    return " ".join(f"{part / 255:.3f}" for part in rgb(PRINT[role_of(role, look, edge)]))


def _path(path: Path) -> str:
    operators = {"M": "m", "L": "l", "C": "c", "Z": "h"}
    return " ".join(f"{_points(points)}{operators[letter]}" for letter, points in path)


def _points(points: tuple[Point, ...]) -> str:
    return "".join(f"{x} {y} " for x, y in points)


def _number(value: float) -> str:
    return f"{value:.3f}"


def _file(objects: list[bytes]) -> bytes:
    """Join numbered objects with the table of their offsets."""
    # The comment's bytes above 127 tell transfer programs that the file is binary (7.5.2).
    parts = [b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"]
    offsets, at = [], len(parts[0])
    for number, body in enumerate(objects, 1):
        offsets.append(at)
        parts.append(b"%d 0 obj\n%b\nendobj\n" % (number, body))
        at += len(parts[-1])
    entries = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    parts.append(b"xref\n0 %d\n0000000000 65535 f \n%b" % (len(objects) + 1, entries))
    parts.append(b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, at))
    return b"".join(parts)
