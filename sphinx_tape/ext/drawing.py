"""Drawings with their positions: kept ones if they fit, new ones from an engine.

Layer `ext`. Reads reports and display options, asks `render.engines` for positions.
Read next: `content.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from sphinx_tape.errors import LayoutError
from sphinx_tape.render.dot import DotEngine
from sphinx_tape.render.engines import place
from sphinx_tape.render.fitting import lay_out_fitting
from sphinx_tape.render.graph import PAGE_HEIGHT, DrawnGraph
from sphinx_tape.render.positions import decode, encode
from sphinx_tape.render.worker import DotWorker

if TYPE_CHECKING:
    from sphinx_tape.render.engines import Fallback, LayoutChoice
    from sphinx_tape.render.layout import LayoutRequest, LayoutResult

DEFAULT_PROGRAM = "dot"


class Placed(NamedTuple):
    """A drawing with positions."""

    graph: DrawnGraph
    layout: LayoutResult


@dataclass(frozen=True, slots=True, kw_only=True)
class Workshop:
    """What every drawing of a project has in common."""

    page_width: int
    """Pixels that a drawing should fit into."""
    program: str
    """The Graphviz program."""

    def lay_out(self, graph: DrawnGraph, choice: LayoutChoice) -> tuple[LayoutResult, str]:
        """Return new positions, and why another engine than the one asked for was used."""
        complaints: list[str] = []
        # The engine that `place` takes by itself lives as long as the process; another program is a
        # matter of this project.
        dot = None if self.program == DEFAULT_PROGRAM else DotEngine(DotWorker(self.program))

        def complain(fallback: Fallback) -> None:
            complaints.append(fallback.message)

        def lay_out(request: LayoutRequest) -> LayoutResult:
            (result,) = place([request], choice, on_fallback=complain, dot=dot)
            return result

        layout = lay_out_fitting(graph, (10 * self.page_width, PAGE_HEIGHT), lay_out)
        if dot is not None:
            dot.close()
        return layout, complaints[0] if complaints else ""


def to_kept(layout: LayoutResult, complaint: str) -> list[str]:
    """Return what the store keeps of a placing."""
    return [encode(layout), complaint]


def from_kept(data: object, graph: DrawnGraph) -> tuple[LayoutResult, str] | None:
    """Read what the store kept; None if it is something else or not for this graph."""
    if not isinstance(data, list) or len(data) != 2 or not all(isinstance(item, str) for item in data):
        return None
    try:
        layout = decode(data[0])
    except LayoutError:
        return None
    factor = 2 if graph.mirror else 1
    sizes = (factor * len(graph.boxes), factor * len(graph.edges))
    return (layout, data[1]) if (len(layout.centres), len(layout.routes)) == sizes else None
