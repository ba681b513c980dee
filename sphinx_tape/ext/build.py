"""Everything that one build knows about its figures: results, positions, what to say and what to show.

Layer `ext`. Made by `session.py` when all pages are read; asked by it and by the transforms.
Read next: `run.py`, `placing.py`, `content.py`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING

from sphinx_tape.execution.lines import CAN_SELECT_PIPES
from sphinx_tape.execution.server_process import wait_for_any
from sphinx_tape.execution.store import report_key
from sphinx_tape.ext import messages
from sphinx_tape.ext.anchors import prefix_of
from sphinx_tape.ext.config import store_folder
from sphinx_tape.ext.content import FigureContent
from sphinx_tape.ext.drawing_client import DrawingClient
from sphinx_tape.ext.drawing_order import DrawingOrder, DrawingSettings
from sphinx_tape.ext.drawings import FEWEST, Drawings
from sphinx_tape.ext.failures import Trouble
from sphinx_tape.ext.figure import TapeFigure, display_options, needs_reverse
from sphinx_tape.ext.freshness import digest_of, render_fingerprint
from sphinx_tape.ext.html import figure_body
from sphinx_tape.ext.placing import Placer, place_or_complain
from sphinx_tape.ext.run import Outcome, Runs, execution_settings, open_store, troubles_of
from sphinx_tape.ext.translation import translations, translations_digest
from sphinx_tape.render.messages import _

if TYPE_CHECKING:
    from sphinx.application import Sphinx

    from sphinx_tape.execution.request import FigureRequest
    from sphinx_tape.ext.ahead import Ahead
    from sphinx_tape.ext.config import TapeConfig
    from sphinx_tape.render.options import DisplayOptions
    from sphinx_tape.report.model import TapeReport


DRAWN_FORMATS = frozenset({"html", "latex"})
LEAST_KEPT = 5000
"""Entries of the store that are kept in any case."""
KEPT_PER_FIGURE = 20
"""Several formats, and some earlier versions of each."""


class TapeBuild:
    """The figures of one build, from the moment at which the first page is read."""

    def __init__(self, app: Sphinx, config: TapeConfig, ahead: Ahead) -> None:
        """Prepare to run figures.

        Args:
            app: The application.
            config: The settings.
            ahead: Processes that have been started ahead.
        """
        self._store = open_store(app, config)
        self._config = config
        self._builder = app.builder
        html = app.builder.format == "html"
        self._terse = html and getattr(app.builder, "out_suffix", "") != ".xhtml"
        self._words = [app.config.language, translations_digest()]
        settings = execution_settings(app, config)
        self.runs = Runs(self._store, settings, self._draw, ahead.runs, check=config.check)
        self._placer = Placer(self._store, config.page_width, config.dot, html=html)
        drawing = DrawingSettings(
            store=str(store_folder(app, config)),
            page_width=config.page_width,
            program=config.dot,
            workers=settings.workers,
            html=html,
            words=translations(),
        )
        client = DrawingClient(drawing, ahead.draws)
        self.drawings = Drawings(client, self._store, self._drawing_order)
        self._digests: dict[tuple[TapeFigure, Outcome | None], str] = {}
        self._displays: dict[TapeFigure, DisplayOptions] = {}
        self._places: dict[tuple[str, DisplayOptions], str] = {}
        self._read: defaultdict[str, list[TapeFigure]] = defaultdict(list)

    def start_ahead(self) -> None:
        """Start the processes that run and draw, if nothing is kept, so that they will surely be needed."""
        if self._config.execute and self._store.is_empty():
            self.runs.start()
            self._expect_drawings(FEWEST)

    def order(self, figures: Iterable[TapeFigure]) -> None:
        """Begin to run figures that have been read, and to draw what has been run by now."""
        known = list(figures)
        for figure in known:
            self._read[self.runs.request(figure).key].append(figure)
        self._expect_drawings(self.runs.order(known))
        self.runs.look()

    def finish(self, figures: Iterable[TapeFigure]) -> None:
        """Run every figure; those that are run now are drawn as soon as they are."""
        known = list(figures)
        self._read.clear()
        self.order(known)
        self.runs.finish(known)
        self.drawings.announce()

    def runs_all(self, figures: Iterable[TapeFigure]) -> bool:
        """Order every figure; return whether each can be waited for when its page is written.

        Only HTML is written page by page, each page when it is asked for.
        """
        if self._builder.format != "html" or not CAN_SELECT_PIPES:
            return False
        known = list(figures)
        self._read.clear()
        self.order(known)
        if not self.runs.runs_all(known):
            return False
        self.drawings.draw_missing(known)
        self.drawings.announce(sum(self._outcome(figure) is None for figure in known))
        return True

    def close(self) -> None:
        """End everything that runs."""
        self.runs.close()
        self.drawings.close()
        self._placer.close()

    def settle(self, content: FigureContent) -> None:
        """Wait until a figure is drawn, or draw it; the faults that were met are among its complaints."""
        self._wait_for_drawing(content.figure)
        if self._builder.format == "html":
            figure_body(content, self._builder)
        elif self.drawings.is_missing(content.figure) and (report := content.load_report()) is not None:
            content.load_drawing(report)

    def _wait_for_drawing(self, figure: TapeFigure) -> None:
        """Wait until a figure is drawn, if it has been ordered; what is run meanwhile is ordered, too."""
        while self.drawings.is_awaited(figure):
            server = self.drawings.server
            if server is None:
                self.drawings.glance()
                continue
            wait_for_any([server, self.runs.server] if self.runs.server else [server])
            self.drawings.look()
            self.runs.look()

    def tidy(self, figures: int) -> None:
        """Delete what the store of so many figures has kept for too long, if this build has added to it."""
        if self.runs.executed:
            self._store.prune(max(LEAST_KEPT, KEPT_PER_FIGURE * figures))

    def digest(self, figure: TapeFigure) -> str:
        """Return a digest of everything that a figure shows, without loading its report."""
        key = (figure, self._outcome(figure))
        if key not in self._digests:
            self._digests[key] = self._digest(*key)
        return self._digests[key]

    def _digest(self, figure: TapeFigure, outcome: Outcome | None) -> str:
        missing = self.runs.missing(figure)
        shown = [figure.alt, figure.width, figure.fault, self._display(figure), self._placing_key(figure)]
        return digest_of([render_fingerprint(), self._words, self._terse, *shown, missing, outcome])

    def troubles(self, figure: TapeFigure) -> list[Trouble]:
        """Return what is wrong with a figure, the worst first."""
        outcome = self._outcome(figure)
        if figure.fault or outcome is None:
            return option_troubles(figure)
        complaint = self._complaint(figure)
        layout = [Trouble(messages.Subtype.LAYOUT, complaint)] if complaint else []
        return troubles_of(outcome, reverse=needs_reverse(figure)) + layout

    def content(self, figure: TapeFigure, settle: Callable[[FigureContent], None]) -> FigureContent:
        """Return what a figure shows.

        Args:
            figure: The figure.
            settle: To be called before it is written.
        """
        outcome = self._outcome(figure)
        complaints: list[str] = []
        return FigureContent(
            figure=figure,
            alt=figure.alt,
            terse=self._terse,
            display=self._display(figure),
            identity=self.digest(figure),
            store=self._store,
            load_report=partial(self._load, figure),
            load_drawing=partial(
                place_or_complain,
                self._placer,
                self._placing_key(figure),
                self._display(figure),
                complaints,
            ),
            troubles=tuple(self.troubles(figure)),
            has_report=outcome is not None and outcome.has_report,
            note="" if outcome or figure.fault else self._why_not_run(figure),
            complaints=complaints,
            settle=settle,
        )

    def _expect_drawings(self, figures: int) -> None:
        if self._builder.format in DRAWN_FORMATS:
            self.drawings.expect(figures)

    def _draw(self, request: FigureRequest) -> None:
        """Draw the figures of a request that has just been run."""
        self.drawings.draw(self._read[request.key])

    def _drawing_order(self, figure: TapeFigure) -> DrawingOrder | None:
        """Return what other processes can make of a figure; None if that is nothing."""
        outcome, html = self._outcome(figure), self._builder.format == "html"
        positions = self._placing_key(figure)
        if outcome is None or not outcome.has_report or not (html or positions):
            return None
        if self._builder.format not in DRAWN_FORMATS:
            return None
        return DrawingOrder(
            report=report_key(self.runs.request(figure)),
            reverse=needs_reverse(figure),
            positions=positions,
            display=self._display(figure),
            identity=self.digest(figure),
            alt=figure.alt,
            terse=self._terse,
            prefix=prefix_of(figure, self._builder) if html else "",
            page=figure.docname,
            number=figure.number,
        )

    def _display(self, figure: TapeFigure) -> DisplayOptions:
        if figure not in self._displays:
            self._displays[figure] = display_options(figure, self._config)
        return self._displays[figure]

    def _outcome(self, figure: TapeFigure) -> Outcome | None:
        """Return what came of a figure's request; None if it was not run."""
        # An equal request of another figure, which requires nothing, may have been run.
        return None if figure.fault or self.runs.missing(figure) else self.runs.outcome(figure)

    def _why_not_run(self, figure: TapeFigure) -> str:
        """Return what the box of a figure says that was left out on purpose."""
        missing = self.runs.missing(figure)
        if missing:
            message = _("Not installed where this page was built: {packages}.")
            return message.format(packages=", ".join(missing))
        return _("The setting tape_execute is off, and no earlier result is kept.")

    def _placing_key(self, figure: TapeFigure) -> str:
        """Return the name of a figure's positions; empty if nothing is drawn."""
        outcome, display = self._outcome(figure), self._display(figure)
        drawn = outcome is not None and outcome.has_report and "graph" in display.show
        if not drawn or outcome is None:
            return ""
        shown = (outcome.digest, display)
        if shown not in self._places:
            self._places[shown] = self._placer.key(*shown)
        return self._places[shown]

    def _complaint(self, figure: TapeFigure) -> str:
        """Return why a drawing did not get the engine it asked for. Only `dot` can be absent or give up.

        It is said at every build, so it is looked up even if nothing is written.
        """
        if self._display(figure).layout == "builtin" or not (key := self._placing_key(figure)):
            return ""
        self._wait_for_drawing(figure)
        known = self._placer.complaint(key)
        if known is None:
            place_or_complain(self._placer, key, self._display(figure), [], self._load(figure))
            known = self._placer.complaint(key)
        return known or ""

    def _load(self, figure: TapeFigure) -> TapeReport | None:
        """Load a report, without the failure of a reverse pass that the figure does not need."""
        report = self.runs.load(figure)
        return report if report is None or needs_reverse(figure) else report._replace(failure=None)


def option_troubles(figure: TapeFigure) -> list[Trouble]:
    """Return what is wrong with the directive itself; known without running anything."""
    return [Trouble(messages.Subtype.OPTION, figure.fault)] if figure.fault else []
