"""Positions without an engine: boxes on a grid, so that tests of writers depend on no layout."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sphinx_tape.render.graph import DrawnGraph, draw
from sphinx_tape.render.layout import LayoutResult, Point
from sphinx_tape.render.options import DisplayOptions

if TYPE_CHECKING:
    from sphinx_tape.report.model import TapeReport

STEP = 1500


def options(view="grads", **more) -> DisplayOptions:
    """Display options of one figure."""
    return DisplayOptions(view=view, show=("graph",), open=("graph",), **more)


def drawing(report: TapeReport, view="grads", **more) -> DrawnGraph:
    """Draw a report."""
    return draw(report, options(view, **more))


def grid(drawn: DrawnGraph, columns: int = 1) -> LayoutResult:
    """Place the boxes row by row, twins to the right of all; edges run from box to box."""
    count = len(drawn.boxes)
    places = [((i % columns) * 3000 + 1500, (i // columns) * STEP + 500) for i in range(count)]
    width, height = columns * 3000, (count // columns + 1) * STEP
    routes = [_route(drawn, places, edge.source, edge.target) for edge in drawn.edges]
    if drawn.mirror:
        places += [(x + width, y) for x, y in places]
        routes += [_route(drawn, places[count:], edge.target, edge.source) for edge in drawn.edges]
        width *= 2
    return LayoutResult(centres=tuple(places), routes=tuple(routes), size=(width, height), engine="grid 1")


def _route(drawn: DrawnGraph, places: list[Point], start: int, end: int) -> tuple[Point, ...]:
    (ax, ay), (bx, by) = places[start], places[end]
    half = drawn.boxes[end].size[1] // 2
    tip = (bx, by - half if ay < by else by + half)
    return ((ax, ay), ((2 * ax + tip[0]) // 3, ay), (tip[0], (ay + 2 * tip[1]) // 3), tip)
