"""Positions of drawings: taken from the store, or made for all new drawings in one batch.

Layer `ext`. Reads reports and display options, asks `render.engines` for positions and `execution.store` to
keep them.
Read next: `session.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sphinx_tape.errors import LayoutError
from sphinx_tape.ext.freshness import digest_of
from sphinx_tape.render.dot import DotEngine
from sphinx_tape.render.engines import Fallback, LayoutChoice, engine_id, place
from sphinx_tape.render.graph import PAGE_HEIGHT, DrawnGraph, choose, draw
from sphinx_tape.render.layout import Direction, LayoutResult
from sphinx_tape.render.options import DisplayOptions
from sphinx_tape.render.positions import decode, encode
from sphinx_tape.render.worker import DotWorker
from sphinx_tape.report.model import TapeReport

if TYPE_CHECKING:
    from sphinx_tape.execution.store import Store

DEFAULT_PROGRAM = "dot"


@dataclass(frozen=True, slots=True)
class Drawing:
    """A drawing that is wanted."""

    digest: str
    """Digest of the report."""
    display: DisplayOptions
    load: Callable[[], TapeReport | None]


@dataclass(frozen=True, slots=True)
class Placed:
    """A drawing with positions."""

    graph: DrawnGraph
    layout: LayoutResult


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of a placing."""

    layout: LayoutResult
    complaint: str = ""
    """Why another engine than the one asked for was used."""


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
        self._kept: dict[str, Kept] = {}

    def key(self, drawing: Drawing) -> str:
        """Return a name for everything that the positions depend on; no report is loaded for it."""
        look = replace(drawing.display, show=(), open=())
        return digest_of([drawing.digest, look, engine_id(look.layout), self._program, self._page])

    def place(self, drawings: Iterable[Drawing]) -> None:
        """Place every drawing that the store does not know, all in one batch."""
        wanted = {self.key(drawing): drawing for drawing in drawings}
        new = {key: drawing for key, drawing in wanted.items() if self._known(key) is None}
        graphs = {key: draw(report, d.display) for key, d in new.items() if (report := d.load())}
        for choice in sorted({new[key].display.layout for key in graphs}):
            self._place_with(
                choice, {key: g for key, g in graphs.items() if new[key].display.layout == choice}
            )

    def complaint(self, drawing: Drawing) -> str:
        """Return why a drawing did not get the engine it asked for; empty if it did.

        Said at every build, so it is looked up even if nothing is written; only for drawings that ask for
        something else than the built-in engine.
        """
        kept = self._known(self.key(drawing)) if drawing.display.layout != "builtin" else None
        return kept.complaint if kept else ""

    def find(self, drawing: Drawing, report: TapeReport) -> Placed | None:
        """Return a drawing with its positions; None if it could not be placed.

        What a damaged store holds may not fit the drawing, so it is checked before anything is written.
        """
        key, graph = self.key(drawing), draw(report, drawing.display)
        kept = self._known(key)
        if kept is None or not _fits(graph, kept.layout):
            self._place_with(drawing.display.layout, {key: graph})
            kept = self._kept.get(key)
        return Placed(graph, kept.layout) if kept else None

    def _place_with(self, choice: LayoutChoice, graphs: dict[str, DrawnGraph]) -> None:
        """Place graphs with one engine, both directions where the author leaves it open."""
        asked = [(key, direction) for key, graph in graphs.items() for direction in graph.directions]
        requests = [graphs[key].request(direction) for key, direction in asked]
        complaints: dict[str, str] = {}

        def complain(fallback: Fallback) -> None:
            complaints[asked[fallback.index][0]] = fallback.message

        answers = place(requests, choice, on_fallback=complain, dot=self._dot)
        found: dict[str, dict[Direction, LayoutResult]] = {}
        for (key, direction), result in zip(asked, answers, strict=True):
            found.setdefault(key, {})[direction] = result
        for key, results in found.items():
            self._keep(key, Kept(results[choose(results, self._page)], complaints.get(key, "")))

    def _keep(self, key: str, kept: Kept) -> None:
        self._kept[key] = kept
        self._store.put_positions(key, [encode(kept.layout), kept.complaint])

    def _known(self, key: str) -> Kept | None:
        """Return positions made in this build or an earlier one."""
        if key not in self._kept:
            kept = _read(self._store.get_positions(key))
            if kept is None:
                return None
            self._kept[key] = kept
        return self._kept[key]


def _read(data: object) -> Kept | None:
    """Read what was kept; anything else is a miss."""
    if not isinstance(data, list) or len(data) != 2 or not all(isinstance(item, str) for item in data):
        return None
    try:
        return Kept(decode(data[0]), data[1])
    except LayoutError:
        return None


def _fits(graph: DrawnGraph, layout: LayoutResult) -> bool:
    """Tell whether positions are for a graph of this size."""
    factor = 2 if graph.mirror else 1
    return (len(layout.centres), len(layout.routes)) == (factor * len(graph.boxes), factor * len(graph.edges))
