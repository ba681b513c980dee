"""Runs what the pages ask for, and remembers what came of it until the build ends.

Layer `ext`. Hands requests to `execution.pool`, reads reports back from the store one at a time.
Read next: `session.py`.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sphinx_tape.execution.pool import Results, run_requests
from sphinx_tape.execution.request import Failure, FigureRequest
from sphinx_tape.execution.settings import ExecutionSettings
from sphinx_tape.execution.store import Store
from sphinx_tape.ext import messages
from sphinx_tape.ext.failures import Trouble
from sphinx_tape.ext.progress import ProgressBar
from sphinx_tape.report.model import ReverseFailure, TapeReport

if TYPE_CHECKING:
    from sphinx.application import Sphinx

    from sphinx_tape.ext.config import TapeConfig
    from sphinx_tape.render.options import View


def open_store(app: Sphinx, config: TapeConfig) -> Store:
    """Return the store of a project."""
    folder = Path(app.srcdir) / config.store if config.store else Path(app.doctreedir) / "tape" / "store"

    def complain(message: str) -> None:
        messages.warn(messages.Subtype.EXECUTION, message)

    return Store(folder, Path(app.srcdir), complain)


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


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is kept of a result while the build goes on; the report itself stays in the store."""

    digest: str
    failure: Failure | None = None
    reverse_failure: ReverseFailure | None = None
    has_report: bool = False


class Runs:
    """What came of the requests of a project."""

    def __init__(self, store: Store, settings: ExecutionSettings) -> None:
        self._store = store
        self._settings = settings
        self._results = Results()
        self._outcomes: dict[str, Outcome] = {}

    def run(self, requests: Collection[FigureRequest]) -> None:
        """Run every request that the store cannot answer; equal ones once."""
        bar = ProgressBar("running tape builders... ", len({request.key for request in requests}))

        def tell(request: FigureRequest, executed: bool) -> None:  # noqa: FBT001 -- the pool's interface
            if executed:
                bar.step(request.reference)
            else:
                bar.skip()

        self._results = run_requests(requests, self._settings, self._store, tell)
        bar.end()
        self._outcomes = {key: self._outcome(key) for key in self._results}

    def outcome(self, request: FigureRequest) -> Outcome | None:
        """Return what came of a request; None if it was left out on purpose."""
        return self._outcomes.get(request.key)

    def load(self, request: FigureRequest) -> TapeReport | None:
        """Return a report, read anew each time: hundreds of them would fill the memory."""
        return self._results[request.key].report if request.key in self._outcomes else None

    def _outcome(self, key: str) -> Outcome:
        digest, failure = self._results.digest(key), self._results.failure(key)
        if failure is not None:
            return Outcome(digest, failure)
        known = self._store.get_positions(_reverse_key(digest))
        if isinstance(known, list):
            return Outcome(digest, None, _reverse_failure(known) if known else None, has_report=True)
        result = self._results[key]
        if result.report is None:
            return Outcome(digest, result.failure)
        reverse = result.report.failure
        # Kept beside the report: it is said at every build, and reading reports takes long.
        fields = [reverse.subtype, reverse.message, reverse.node, reverse.traceback] if reverse else []
        self._store.put_positions(_reverse_key(digest), fields)
        return Outcome(digest, None, reverse, has_report=True)


def _reverse_failure(fields: list[Any]) -> ReverseFailure:
    subtype, message, node, traceback = fields
    return ReverseFailure(subtype=subtype, message=message, node=node, traceback=tuple(traceback))


def _reverse_key(digest: str) -> str:
    return f"reverse failure of {digest}"


def troubles_of(outcome: Outcome, view: View) -> list[Trouble]:
    """Return what is wrong with a result, as far as a view shows it."""
    failure, reverse = outcome.failure, outcome.reverse_failure
    if failure is not None:
        subtype = messages.subtype_of(failure.kind)
        return [Trouble(subtype, failure.message, failure.traceback, failure.output)]
    if reverse is not None and view != "view":
        return [Trouble(messages.subtype_of(reverse.subtype), reverse.message, reverse.traceback)]
    return []
