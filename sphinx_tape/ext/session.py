"""Connects one application with its builds: the handlers of Sphinx's events, in the order they fire.

Layer `ext`. The work is done by the modules it names.
Read next: `build.py`, `freshness.py`.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from weakref import finalize

from sphinx_tape.ext import messages
from sphinx_tape.ext.ahead import Ahead
from sphinx_tape.ext.build import TapeBuild, option_troubles
from sphinx_tape.ext.collect import figures_of
from sphinx_tape.ext.config import TapeConfig, read_settings
from sphinx_tape.ext.failures import Trouble
from sphinx_tape.ext.figure import tape_figure
from sphinx_tape.ext.freshness import WrittenPages, digest_of
from sphinx_tape.ext.transforms import CONTENT_EVENT

if TYPE_CHECKING:
    from collections.abc import Iterable

    from docutils import nodes
    from sphinx.application import Sphinx
    from sphinx.config import Config
    from sphinx.environment import BuildEnvironment

    from sphinx_tape.ext.collect import FiguresByPage
    from sphinx_tape.ext.content import FigureContent
    from sphinx_tape.ext.figure import TapeFigure

SHOW_NOTHING = frozenset({"changes", "coverage", "doctest", "gettext", "linkcheck"})
"""Builders in whose output no figure appears: nothing is run for them."""


class TapeSession:
    """What one application keeps while it builds; it may build many times."""

    def __init__(self, ahead: Ahead) -> None:
        self._ahead = ahead
        """Processes that have been started ahead, until a build uses them."""
        # Not every application builds something.
        finalize(self, ahead.close)
        self._config = TapeConfig()
        self._build: TapeBuild | None = None
        self._written: WrittenPages | None = None
        self._digests: dict[str, str] = {}
        self._resolved: set[str] = set()
        self._broken: set[str] = set()
        self._pages: FiguresByPage = {}
        self._said: set[TapeFigure] = set()
        self._waits = False
        """Whether pages are being written while their figures are run."""

    def read_config(self, _app: Sphinx, config: Config) -> None:
        """Validate the settings (`config-inited`)."""
        self._config = read_settings(config)

    def begin(self, app: Sphinx, env: BuildEnvironment, docnames: list[str]) -> None:
        """Begin a build (`env-before-read-docs`, also if there is nothing to read).

        The process that runs builders is started ahead only if figures are known or everything is new.
        """
        if self._build is not None:
            self._close()
        if app.builder.name not in SHOW_NOTHING:
            self._build = TapeBuild(app, self._config, self._ahead)
            self._ahead = Ahead()
            if docnames and (figures_of(env) or not env.all_docs):
                self._build.start_ahead()

    def order(self, app: Sphinx, doctree: nodes.document) -> None:
        """Begin to run the figures of a page that has been read (`doctree-read`)."""
        if self._build is not None:
            figures = [node.figure for node in doctree.findall(tape_figure)]
            self._build.order(figure for figure in figures if _shows(app, figure))

    def order_merged(
        self, app: Sphinx, _env: BuildEnvironment, docnames: list[str], other: BuildEnvironment
    ) -> None:
        """Begin to run the figures of pages that another process has read (`env-merge-info`)."""
        if self._build is not None:
            theirs = figures_of(other)
            figures = [figure for page in docnames for figure in theirs.get(page, ())]
            self._build.order(figure for figure in figures if _shows(app, figure))

    def run(self, app: Sphinx, env: BuildEnvironment) -> list[str]:
        """Run everything and return the pages to rewrite (`env-updated`, also if nothing was read).

        Where all pages are written anyway, each waits for its own figures when it is.
        """
        self._pages, build = figures_of(env), self._build
        self._said, self._resolved, self._broken = set(), set(), set()
        if build is None:
            for figure in self._figures():
                _say(app, figure, option_troubles(figure))
            return []
        self._written = WrittenPages(Path(app.doctreedir) / "tape", app.builder.name, Path(app.outdir))
        shown = self._shown(app)
        self._waits = self._written.vouches_for_nothing and build.runs_all(shown)
        if self._waits:
            return sorted(self._pages)
        self._finish_runs(app, build)
        outdated = self._written.outdated(self._digests)
        build.drawings.draw_missing(
            figure for page in outdated for figure in self._pages[page] if figure in shown
        )
        return outdated

    def look(self, *_event: object) -> None:
        """Take what has been run by now, so that it is drawn while Sphinx does something else."""
        if self._waits and self._build is not None:
            self._build.runs.look()

    def content(self, app: Sphinx, figure: TapeFigure) -> FigureContent | None:
        """Return what a figure shows (`tape-content`); its page is about to be written.

        Figures for other formats get nothing: Sphinx removes them with the `only` directive around them.
        """
        build = self._build
        if build is None:
            return None
        self._resolved.add(figure.docname)
        if not _shows(app, figure):
            return None
        self.look()
        build.drawings.look()
        build.runs.wait(figure)
        self._say_troubles(app, build, figure)
        content = build.content(figure, partial(self._settle, app, build))
        if app.builder.format != "html":
            # HTML waits as late as possible, in the process that writes it.
            content.settle(content)
        return content

    def let_go(self, _app: Sphinx) -> Iterable[tuple[str, dict[str, object], str]]:
        """Let the process that draws end while Sphinx writes what is left (`html-collect-pages`)."""
        if self._build is not None:
            self._build.drawings.let_go()
        return ()

    def finish(self, app: Sphinx, exception: Exception | None) -> None:
        """Remember what the output folder holds now (`build-finished`)."""
        try:
            if exception is None and self._build is not None and self._written is not None:
                if self._waits:
                    self._finish_runs(app, self._build)
                # A page with a fault of ours is written again, and the fault said again, in the next build.
                self._written.remember(self._digests, self._resolved - self._faulty(app, self._build))
        finally:
            self._close()

    def _finish_runs(self, app: Sphinx, build: TapeBuild) -> None:
        """Run what has not been run, say what is wrong with any figure, and work out what all pages show."""
        figures = self._figures()
        build.finish(self._shown(app))
        self._digests = {page: digest_of(map(build.digest, shown)) for page, shown in self._pages.items()}
        for figure in figures:
            self._say_troubles(app, build, figure)
        build.tidy(len(figures))

    def _figures(self) -> list[TapeFigure]:
        """Return the figures of all pages, in the order of the pages' names."""
        return [figure for page in sorted(self._pages) for figure in self._pages[page]]

    def _shown(self, app: Sphinx) -> dict[TapeFigure, None]:
        """Return the figures that this builder shows, equal ones once."""
        return dict.fromkeys(figure for figure in self._figures() if _shows(app, figure))

    def _say_troubles(self, app: Sphinx, build: TapeBuild, figure: TapeFigure) -> None:
        """Say what is wrong with a figure, once in a build."""
        if figure not in self._said:
            self._said.add(figure)
            _say(app, figure, build.troubles(figure) if _shows(app, figure) else option_troubles(figure))

    def _settle(self, app: Sphinx, build: TapeBuild, content: FigureContent) -> None:
        """Wait for a drawing, and say if our own code broke over it."""
        build.settle(content)
        if content.complaints:
            self._broken.add(content.figure.docname)
            _say(app, content.figure, [Trouble(messages.Subtype.LAYOUT, content.complaints[0])])

    def _faulty(self, app: Sphinx, build: TapeBuild) -> set[str]:
        """Return pages with faults of ours, which are not kept; other processes may have met them."""
        if app.parallel <= 1:
            return self._broken
        figures = (figure for page in self._resolved for figure in self._pages.get(page, ()))
        return self._broken | {each.docname for each in figures if not build.drawings.is_kept(each)}

    def _close(self) -> None:
        """End a build, however it went."""
        self._ahead.close()
        self._ahead = Ahead()
        if self._build is not None:
            self._build.close()
        self._build = self._written = None
        self._waits = False


def _shows(app: Sphinx, figure: TapeFigure) -> bool:
    """Tell whether this builder shows a figure: the `only` directives around it may say that it does not."""
    try:
        return all(map(app.tags.eval_condition, figure.only))
    except Exception:  # noqa: BLE001 -- whatever Jinja makes of a malformed condition; Sphinx shows the content then
        return True


def _say(app: Sphinx, figure: TapeFigure, troubles: Iterable[Trouble]) -> None:
    """Warn of every trouble, at the directive: in each build, read or not, until it is mended."""
    location: str | tuple[str, int] = (figure.docname, figure.line)
    if figure.source:
        location = f"{Path(app.srcdir) / figure.source}:{figure.line}"
    for trouble in troubles:
        messages.warn(trouble.subtype, trouble.as_warning(), location)


def setup_session(app: Sphinx, ahead: Ahead) -> None:
    """Connect one session with an application.

    Args:
        app: The application.
        ahead: Processes that have been started ahead.
    """
    session = TapeSession(ahead)
    app.connect("config-inited", session.read_config)
    app.connect("env-before-read-docs", session.begin)
    app.connect("doctree-read", session.order)
    app.connect("env-merge-info", session.order_merged)
    app.connect("env-updated", session.run)
    for event in ("env-check-consistency", "write-started", "doctree-resolved", "html-page-context"):
        app.connect(event, session.look)
    app.connect(CONTENT_EVENT, session.content)
    app.connect("html-collect-pages", session.let_go)
    app.connect("build-finished", session.finish)
