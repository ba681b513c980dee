"""Positions of drawings: taken from the store, or made.

Layer `ext`. Reads reports and display options, asks `render.engines` for positions and `execution.store` to
keep them.
Read next: `content.py`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sphinx_tape.errors import LayoutError
from sphinx_tape.ext.freshness import digest_of, render_fingerprint
from sphinx_tape.render.dot import DotEngine
from sphinx_tape.render.engines import engine_id, place
from sphinx_tape.render.fitting import lay_out_fitting
from sphinx_tape.render.graph import PAGE_HEIGHT, DrawnGraph, draw
from sphinx_tape.render.layout import LayoutRequest, LayoutResult
from sphinx_tape.render.messages import _
from sphinx_tape.render.positions import decode, encode
from sphinx_tape.render.worker import DotWorker

if TYPE_CHECKING:
    from sphinx_tape.execution.store import Store
    from sphinx_tape.render.engines import Fallback, LayoutChoice
    from sphinx_tape.render.options import DisplayOptions
    from sphinx_tape.report.model import TapeReport

DEFAULT_PROGRAM = "dot"


@dataclass(frozen=True, slots=True)
class Placed:
    """A drawing with positions."""

    graph: DrawnGraph
    layout: LayoutResult


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of a placing."""

    layout: LayoutResult | None
    """None if there are no usable positions."""
    complaint: str = ""
    """Why there are none, or why another engine than the one asked for was used."""


class Placer:
    """Places drawings and remembers where."""

    def __init__(self, store: Store, page_width: int, program: str) -> None:
        """Make a placer.

        Args:
            store: Where positions are kept.
            page_width: Pixels that a drawing should fit into.
            program: The Graphviz program.
        """
        self._store = store
        self._page = (10 * page_width, PAGE_HEIGHT)
        self._program = program
        # The engine that `place` would take by itself lives as long as the process; another program
        # is a matter of this project.
        self._dot = None if program == DEFAULT_PROGRAM else DotEngine(DotWorker(program))

    def key(self, digest: str, display: DisplayOptions) -> str:
        """Return a name for everything that positions depend on; no report is loaded for it.

        Args:
            digest: Digest of the report.
            display: How it is to look.
        """
        look = replace(display, show=(), open=())
        engine = engine_id(look.layout)
        return digest_of([render_fingerprint(), digest, look, engine, self._program, self._page])

    def place(self, key: str, display: DisplayOptions, report: TapeReport) -> tuple[Placed | None, str]:
        """Return a drawing with its positions, and a complaint.

        What a damaged store holds may not fit the drawing, so it is checked before anything is written.
        """
        try:
            graph = draw(report, display)
            kept = self._known(key, graph)
            if kept is None:
                kept = self._new(graph, display.layout)
                text = encode(kept.layout) if kept.layout else ""
                self._store.put_positions(key, [text, kept.complaint])
        except Exception as error:  # noqa: BLE001 -- a fault of ours must cost one drawing, not the build
            message = _("drawing must be placeable (got {error}); please report it")
            return None, message.format(error=f"{type(error).__name__}: {error}")
        return (Placed(graph, kept.layout) if kept.layout else None), kept.complaint

    def complaint(self, key: str) -> str | None:
        """Return what was said about a drawing when it was placed; None if that is not known."""
        kept = _read(self._store.get_positions(key))
        return kept.complaint if kept else None

    def _known(self, key: str, graph: DrawnGraph) -> Kept | None:
        """Return what an earlier build, or another process of this one, has kept."""
        kept = _read(self._store.get_positions(key))
        return kept if kept and (kept.layout is None or _fits(graph, kept.layout)) else None

    def _new(self, graph: DrawnGraph, choice: LayoutChoice) -> Kept:
        """Place a graph."""
        complaints: list[str] = []

        def complain(fallback: Fallback) -> None:
            complaints.append(fallback.message)

        def lay_out(request: LayoutRequest) -> LayoutResult:
            (result,) = place([request], choice, on_fallback=complain, dot=self._dot)
            return result

        layout = lay_out_fitting(graph, self._page, lay_out)
        return Kept(layout, complaints[0] if complaints else "")


def _read(data: object) -> Kept | None:
    """Read what was kept; anything else is a miss."""
    if not isinstance(data, list) or len(data) != 2 or not all(isinstance(item, str) for item in data):
        return None
    try:
        return Kept(decode(data[0]) if data[0] else None, data[1])
    except LayoutError:
        return None


def _fits(graph: DrawnGraph, layout: LayoutResult) -> bool:
    """Tell whether positions are for a graph of this size."""
    factor = 2 if graph.mirror else 1
    return (len(layout.centres), len(layout.routes)) == (factor * len(graph.boxes), factor * len(graph.edges))
