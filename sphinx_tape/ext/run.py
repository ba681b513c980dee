"""Runs what the pages ask for, and remembers what came of it until the build ends.

Layer `ext`. Hands requests to `execution.pool`, reads reports back from the store one at a time.
Read next: `session.py`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from sphinx_tape.execution.pool import Runner
from sphinx_tape.execution.request import Failure, FigureRequest
from sphinx_tape.execution.settings import ExecutionSettings
from sphinx_tape.execution.store import Store
from sphinx_tape.ext import messages
from sphinx_tape.ext.config import store_folder
from sphinx_tape.ext.failures import Trouble
from sphinx_tape.ext.figure import request_of
from sphinx_tape.ext.progress import ProgressBar
from sphinx_tape.ext.requirements import missing_packages

if TYPE_CHECKING:
    from sphinx.application import Sphinx

    from sphinx_tape.execution.server_process import ServerProcess
    from sphinx_tape.ext.config import TapeConfig
    from sphinx_tape.ext.figure import TapeFigure
    from sphinx_tape.report.model import (
        ReverseFailure,
        TapeReport,
    )


Listener = Callable[[FigureRequest], None]

BAR = "running tape builders... "


def open_store(app: Sphinx, config: TapeConfig) -> Store:
    """Return the store of a project."""

    def complain(message: str) -> None:
        messages.warn(messages.Subtype.EXECUTION, message)

    return Store(store_folder(app, config), Path(app.srcdir), complain)


def execution_settings(app: Sphinx, config: TapeConfig) -> ExecutionSettings:
    """Return how builders are to be run."""
    return ExecutionSettings(
        source_dir=Path(app.srcdir),
        paths=config.path,
        modules=config.builder_modules,
        execute=config.execute,
        timeout=config.timeout,
        memory_limit=config.memory_limit,
        report_limit=config.report_limit,
        jobs=config.jobs,
    )


class Outcome(NamedTuple):
    """What is kept of a result while the build goes on; the report itself stays in the store."""

    digest: str
    failure: Failure | None = None
    reverse_failure: ReverseFailure | None = None
    check: str = ""
    """What is wrong with its gradients."""

    @property
    def has_report(self) -> bool:
        """Whether the store holds a report."""
        return self.failure is None


class Runs:
    """What came of the requests of a project. They may be ordered ahead, while pages are still being read."""

    def __init__(
        self,
        store: Store,
        settings: ExecutionSettings,
        listener: Listener,
        server: ServerProcess | None = None,
        *,
        check: bool = False,
    ) -> None:
        """Prepare to run.

        Args:
            store: Results of earlier builds.
            settings: How builders are to be run.
            listener: Told of every request whose report has been made and kept.
            server: A process that has been started ahead to run builders.
            check: Whether gradients are checked where the author does not say.
        """
        self._check = check
        self._listener = listener
        self._runner = Runner(settings, store, server, self._hear)
        self._roots = settings.roots
        self._results = self._runner.results()
        self._outcomes: dict[str, Outcome] = {}
        self._bar: ProgressBar | None = None
        # Readers are forked; only the process that made the runner may talk to its server.
        self._owner = os.getpid()
        self.executed = False
        """Whether anything was run, not only found."""

    @property
    def server(self) -> ServerProcess | None:
        """The process that runs builders, as long as there is one."""
        return self._runner.server

    def start(self) -> None:
        """Start the process that runs builders, when it is certain that there will be work for it."""
        self._runner.start()

    def order(self, figures: Iterable[TapeFigure]) -> int:
        """Begin to run figures; return at once how many there are by now. A parallel reader runs none."""
        if os.getpid() != self._owner:
            return 0
        self._runner.order(self._requests(figures))
        return self._runner.ordered

    def look(self) -> None:
        """Take what has been run by now."""
        if os.getpid() == self._owner:
            self._runner.look()

    def runs_all(self, figures: Iterable[TapeFigure]) -> bool:
        """Order everything that has not been ordered yet; return whether each can be waited for alone."""
        requests = self._requests(figures)
        self._runner.order(requests, last=True)
        self._runner.look()
        if not self._runner.runs_all(requests):
            return False
        different = {request.key for request in requests}
        self._bar = ProgressBar(BAR, sum(key not in self._results for key in different))
        return True

    def wait(self, figure: TapeFigure) -> None:
        """Wait until a figure is run that `runs_all` has been asked about."""
        if os.getpid() == self._owner:
            self._runner.wait(self.request(figure).key)

    def finish(self, figures: Iterable[TapeFigure]) -> None:
        """Run every figure that the store cannot answer; equal requests once."""
        requests = self._requests(figures)
        if self._bar is not None:
            self._finish_waiting(requests, self._bar)
            return
        bar = ProgressBar(BAR, len({request.key for request in requests}))

        def tell(request: FigureRequest, executed: bool) -> None:  # noqa: FBT001 -- the pool's interface
            if executed:
                bar.step(request.reference)
            else:
                bar.skip()

        self._results = self._runner.finish(requests, tell)
        bar.end()
        # Some may have been run again, for longer.
        self._outcomes.clear()

    def _finish_waiting(self, requests: Iterable[FigureRequest], bar: ProgressBar) -> None:
        """Wait for all that `runs_all` has been asked about."""
        for request in requests:
            self._runner.wait(request.key)
        self._runner.close()
        bar.end()

    def missing(self, figure: TapeFigure) -> tuple[str, ...]:
        """Return the packages that a figure requires and nobody has installed; it is then not run."""
        return missing_packages(figure.requires, self._roots) if figure.requires else ()

    def _requests(self, figures: Iterable[TapeFigure]) -> list[FigureRequest]:
        wanted = (figure for figure in figures if not figure.fault and not self.missing(figure))
        return [self.request(figure) for figure in wanted]

    def close(self) -> None:
        """End everything that runs; `finish` has done so already."""
        self._runner.close()

    def request(self, figure: TapeFigure) -> FigureRequest:
        """Return what a figure asks to be run, under the setting."""
        return request_of(figure, check=self._check)

    def outcome(self, figure: TapeFigure) -> Outcome | None:
        """Return what came of a figure's request; None if it was left out on purpose."""
        key = self.request(figure).key
        if key not in self._outcomes and key in self._results:
            self._outcomes[key] = self._outcome(key)
        return self._outcomes.get(key)

    def load(self, figure: TapeFigure) -> TapeReport | None:
        """Return a report, read anew each time: hundreds of them would fill the memory."""
        key = self.request(figure).key
        return self._results[key].report if key in self._results else None

    def _hear(self, request: FigureRequest, kept: bool) -> None:  # noqa: FBT001 -- the pool's interface
        """Note that a request has been run."""
        self.executed = True
        if self._bar is not None:
            self._bar.step(request.reference)
        if kept:
            self._listener(request)

    def _outcome(self, key: str) -> Outcome:
        results = self._results
        return Outcome(
            results.digest(key), results.failure(key), results.reverse_failure(key), results.check(key)
        )


def troubles_of(outcome: Outcome, *, reverse: bool) -> list[Trouble]:
    """Return what is wrong with a result.

    Args:
        outcome: The result.
        reverse: Whether a failing reverse pass matters.
    """
    failure, stopped = outcome.failure, outcome.reverse_failure
    if failure is not None:
        subtype = messages.subtype_of(failure.kind)
        return [Trouble(subtype, failure.message, failure.traceback, failure.output)]
    if stopped is not None and reverse:
        return [Trouble(messages.subtype_of(stopped.subtype), stopped.message, stopped.traceback)]
    return [Trouble(messages.Subtype.CHECK, outcome.check)] if outcome.check else []
