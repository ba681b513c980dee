"""One build, from the requests that were read to what the writers ask for.

Layer `ext`. Connects configuration, execution, placing and freshness with Sphinx's events; the work is
done in the modules that it names.
Read next: `run.py`, `placing.py`, `freshness.py`.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from sphinx_tape import __version__
from sphinx_tape.ext import messages
from sphinx_tape.ext.collect import figures_of
from sphinx_tape.ext.config import TapeConfig, read_settings
from sphinx_tape.ext.content import FigureContent
from sphinx_tape.ext.failures import Trouble
from sphinx_tape.ext.figure import TapeFigure, display_options
from sphinx_tape.ext.freshness import WrittenPages, digest_of
from sphinx_tape.ext.placing import Drawing, Placed, Placer
from sphinx_tape.ext.run import Outcome, Runs, execution_settings, open_store, troubles_of
from sphinx_tape.ext.transforms import CONTENT_EVENT
from sphinx_tape.render.messages import _

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.config import Config
    from sphinx.environment import BuildEnvironment

    from sphinx_tape.report.model import TapeReport

SHOW_NOTHING = frozenset({"changes", "coverage", "doctest", "gettext", "linkcheck"})
"""Builders in whose output no figure appears: nothing is run for them."""


class TapeSession:
    """What one application knows about figures. Handlers of Sphinx's events, in the order they fire."""

    def __init__(self) -> None:
        self._config = TapeConfig()
        self._runs: Runs | None = None
        self._placer: Placer | None = None
        self._written: WrittenPages | None = None
        self._digests: dict[str, str] = {}
        self._resolved: set[str] = set()

    def read_config(self, _app: Sphinx, config: Config) -> None:
        """Validate the settings (`config-inited`)."""
        self._config = read_settings(config)

    def run(self, app: Sphinx, env: BuildEnvironment) -> list[str]:
        """Run, place, and return the pages to rewrite (`env-updated`)."""
        pages = figures_of(env)
        figures = [figure for page in sorted(pages) for figure in pages[page]]
        self._runs, self._resolved = None, set()
        if app.builder.name not in SHOW_NOTHING:
            store = open_store(app, self._config)
            self._runs = Runs(store, execution_settings(app, self._config))
            self._placer = Placer(store, self._config.page_width, self._config.dot)
            self._runs.run([figure.request for figure in figures if not figure.fault])
        for figure in figures:
            self._say(app, figure)
        return self._outdated(app, pages) if self._runs else []

    def content(self, _app: Sphinx, figure: TapeFigure) -> FigureContent | None:
        """Return what a figure shows (`tape-content`)."""
        runs, placer = self._runs, self._placer
        if runs is None or placer is None:
            return None
        self._resolved.add(figure.docname)
        display = display_options(figure, self._config)

        def load_drawing(report: TapeReport) -> Placed | None:
            return placer.find(self._drawing(figure), report) if "graph" in display.show else None

        return FigureContent(
            figure=figure,
            display=display,
            load_report=partial(self._load, figure),
            load_drawing=load_drawing,
            troubles=tuple(self._troubles(figure)),
            has_report=self._has_report(figure),
            note=self._note(figure),
        )

    def finish(self, _app: Sphinx, exception: Exception | None) -> None:
        """Remember what the output folder holds now (`build-finished`)."""
        if exception is None and self._written is not None:
            self._written.remember(self._digests, self._resolved)
        self._runs = self._placer = self._written = None

    def _outdated(self, app: Sphinx, pages: dict[str, tuple[TapeFigure, ...]]) -> list[str]:
        """Return the pages that differ from what the output folder holds, and place their drawings."""
        self._digests = {page: digest_of(map(self._digest, figures)) for page, figures in pages.items()}
        self._written = WrittenPages(Path(app.doctreedir) / "tape", app.builder.name, Path(app.outdir))
        outdated = self._written.outdated(self._digests)
        if self._placer is not None:
            self._placer.place(
                self._drawing(figure) for page in outdated for figure in pages[page] if self._is_drawn(figure)
            )
        return outdated

    def _digest(self, figure: TapeFigure) -> str:
        """Return a digest of everything a figure shows."""
        shown = display_options(figure, self._config)
        placed = self._placer.key(self._drawing(figure)) if self._placer and self._is_drawn(figure) else ""
        return digest_of([__version__, figure, shown, placed, self._outcome(figure)])

    def _outcome(self, figure: TapeFigure) -> Outcome | None:
        """Return what came of a figure's request; None if it was not run."""
        return None if figure.fault or self._runs is None else self._runs.outcome(figure.request)

    def _has_report(self, figure: TapeFigure) -> bool:
        outcome = self._outcome(figure)
        return outcome is not None and outcome.has_report

    def _is_drawn(self, figure: TapeFigure) -> bool:
        return self._has_report(figure) and "graph" in display_options(figure, self._config).show

    def _drawing(self, figure: TapeFigure) -> Drawing:
        outcome = self._outcome(figure)
        return Drawing(
            outcome.digest if outcome else "",
            display_options(figure, self._config),
            partial(self._load, figure),
        )

    def _load(self, figure: TapeFigure) -> TapeReport | None:
        """Load a report; `tape-view` does not care whether there is a reverse pass."""
        report = self._runs.load(figure.request) if self._runs else None
        if report is not None and figure.view == "view":
            return replace(report, failure=None)
        return report

    def _troubles(self, figure: TapeFigure) -> list[Trouble]:
        """Return what is wrong with a figure, most important first."""
        if figure.fault:
            return [Trouble(messages.Subtype.OPTION, figure.fault)]
        outcome = self._outcome(figure)
        return troubles_of(outcome, figure.view) if outcome else []

    def _note(self, figure: TapeFigure) -> str:
        if figure.fault or self._outcome(figure) is not None:
            return ""
        return _("The setting tape_execute is off, and no result of an earlier run is kept.")

    def _say(self, app: Sphinx, figure: TapeFigure) -> None:
        """Warn of every trouble, at the directive. Said in each build, read or not, until it is mended."""
        location: str | tuple[str, int] = (figure.docname, figure.line)
        if figure.source:
            location = f"{Path(app.srcdir) / figure.source}:{figure.line}"
        for trouble in self._troubles(figure):
            messages.warn(trouble.subtype, trouble.as_warning(), location)


def setup_session(app: Sphinx) -> None:
    """Connect one session with an application."""
    session = TapeSession()
    app.connect("config-inited", session.read_config)
    app.connect("env-updated", session.run)
    app.connect(CONTENT_EVENT, session.content)
    app.connect("build-finished", session.finish)
