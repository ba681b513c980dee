"""Which positions a drawing has, and whether they are known.

Layer `ext`. Names positions by everything they depend on, keeps them in the store; `drawing.py`, which makes
them, is loaded only when something is drawn.
Read next: `drawing.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sphinx_tape.ext.faults import fault_of_ours
from sphinx_tape.ext.freshness import digest_of, render_fingerprint

if TYPE_CHECKING:
    from sphinx_tape.execution.store import Store
    from sphinx_tape.ext.drawing import Placed
    from sphinx_tape.render.options import DisplayOptions
    from sphinx_tape.report.model import TapeReport


class Placer:
    """Places drawings and remembers where."""

    def __init__(self, store: Store, page_width: int, program: str, *, html: bool) -> None:
        """Make a placer.

        Args:
            store: Where positions are kept.
            page_width: Pixels that a drawing should fit into.
            program: The Graphviz program.
            html: Whether drawings become part of HTML, which is kept whole: positions of our own engine are
                then not kept besides, as a file costs more than they do.
        """
        self._store = store
        self._html = html
        self._page_width = page_width
        self._program = program
        self._asks_dot = False
        self._looks: dict[DisplayOptions, str] = {}

    def key(self, digest: str, display: DisplayOptions) -> str:
        """Return a name for everything that positions depend on; no report is loaded for it.

        Args:
            digest: Digest of the report.
            display: How it is to look.
        """
        return digest_of([digest, self._look(display)])

    def _look(self, display: DisplayOptions) -> str:
        """Return a digest of all that positions depend on, but for the report; most figures look alike."""
        if display not in self._looks:
            look = display._replace(show=(), open=())
            parts = [render_fingerprint(), look, self._engine(look), self._page_width]
            self._looks[display] = digest_of(parts)
        return self._looks[display]

    def place(self, key: str, display: DisplayOptions, report: TapeReport) -> tuple[Placed, str]:
        """Return a drawing with its positions, and why another engine than the one asked for was used."""
        from sphinx_tape.ext.drawing import Placed, Workshop, from_kept, to_kept  # noqa: PLC0415 -- a build that writes no figure needs no code that writes figures
        from sphinx_tape.render.graph import draw  # noqa: PLC0415 -- as above

        graph = draw(report, display)
        keeps = not self._html or display.layout != "builtin"
        kept = from_kept(self._store.get_positions(key), graph) if keeps else None
        if kept is None:
            self._asks_dot = display.layout != "builtin"
            workshop = Workshop(page_width=self._page_width, program=self._program)
            kept = workshop.lay_out(graph, display.layout)
            if keeps:
                self._store.put_positions(key, to_kept(*kept))
        return Placed(graph, kept[0]), kept[1]

    def close(self) -> None:
        """End the Graphviz program if it runs."""
        if self._asks_dot:
            from sphinx_tape.render.engines import close  # noqa: PLC0415 -- loaded by now

            close()

    def complaint(self, key: str) -> str | None:
        """Return what was said about a drawing when it was placed; None if it was not."""
        kept = self._store.get_positions(key)
        return kept[1] if isinstance(kept, list) and len(kept) == 2 and isinstance(kept[1], str) else None

    def _engine(self, display: DisplayOptions) -> str:
        """Return a name for the engine; our own is part of the fingerprint."""
        if display.layout == "builtin":
            return ""
        from sphinx_tape.render.engines import engine_id  # noqa: PLC0415 -- starts `dot` to ask its version

        return f"{engine_id(display.layout)} {self._program}"


def place_or_complain(
    placer: Placer, key: str, display: DisplayOptions, complaints: list[str], report: TapeReport | None
) -> Placed | None:
    """Return a drawing with its positions; a fault of ours costs the drawing, not the build.

    Args:
        placer: Who places it.
        key: Names its positions; empty: nothing is drawn.
        display: How it is to look.
        complaints: A fault is added here, once.
        report: What is drawn; None: nothing.
    """
    if not key or report is None:
        return None
    try:
        return placer.place(key, display, report)[0]
    except Exception as error:  # noqa: BLE001 -- whatever it is, the tables can still be shown
        message = fault_of_ours("drawing", error)
        complaints.extend([] if message in complaints else [message])
        return None
