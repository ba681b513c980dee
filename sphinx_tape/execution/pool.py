"""Run all requests of a build: from the store where it still holds, on all cores where not.

Layer `execution`, in the Sphinx process: no NumPy, no threads, nothing of the author's. Starts one server,
reads its answers, keeps the good ones.
Read next: `server_process.py`, `store.py`.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING

from sphinx_tape.errors import ArgumentFault, ReferenceFault, ReportError
from sphinx_tape.execution.arguments import parse_arguments, parse_literal
from sphinx_tape.execution.fingerprint import Dependencies, content_hash
from sphinx_tape.execution.reference import check_allowed, parse_reference
from sphinx_tape.execution.request import Failure, FigureRequest, FigureResult
from sphinx_tape.execution.server_process import ServerProcess
from sphinx_tape.execution.store import Store, StoredReport, read_reverse_failure
from sphinx_tape.report.serial import loads

if TYPE_CHECKING:
    from sphinx_tape.execution.settings import ExecutionSettings
    from sphinx_tape.report.model import ReverseFailure

Progress = Callable[[FigureRequest, bool], None]
"""Called once per different request, when its result is known; the flag says whether it was executed."""

Take = Callable[[FigureRequest, StoredReport | Failure, bool], None]
"""Called with request, result and whether to keep it."""


class Results(Mapping[str, FigureResult]):
    """Results by request key; reports stay text until they are asked for.

    A request that was not run (`execute` is off and the store does not hold it) is not in here.
    """

    def __init__(self) -> None:
        self._reports: dict[str, StoredReport] = {}
        self._failures: dict[str, Failure] = {}

    def __getitem__(self, key: str) -> FigureResult:
        failure = self._failures.get(key)
        if failure is None:
            try:
                report = loads(self._reports[key].text)
            except ReportError as error:
                failure = Failure(kind="result", message=str(error))
            else:
                return FigureResult(key=key, report=report, failure=None, digest=self.digest(key))
        return FigureResult(key=key, report=None, failure=failure, digest=self.digest(key))

    def __iter__(self) -> Iterator[str]:
        yield from self._reports
        yield from self._failures

    def __len__(self) -> int:
        return len(self._reports) + len(self._failures)

    def digest(self, key: str) -> str:
        """Return the digest of a result without reading its report."""
        if key in self._failures:
            return hashlib.sha256(repr(asdict(self._failures[key])).encode()).hexdigest()
        return self._reports[key].digest

    def failure(self, key: str) -> Failure | None:
        """Return the failure of a request, None if there is a report."""
        return self._failures.get(key)

    def reverse_failure(self, key: str) -> ReverseFailure | None:
        """Return why the reverse pass of a report failed, without reading the report."""
        return self._reports[key].reverse if key in self._reports else None

    def add(self, key: str, result: StoredReport | Failure) -> None:
        """Enter a result, in place of an earlier one."""
        self._reports.pop(key, None)
        self._failures.pop(key, None)
        if isinstance(result, Failure):
            self._failures[key] = result
        else:
            self._reports[key] = result


def run_requests(
    requests: Iterable[FigureRequest],
    settings: ExecutionSettings,
    store: Store,
    progress: Progress | None = None,
    server: ServerProcess | None = None,
) -> Results:
    """Find or make the result of every request.

    Equal requests run once. Nothing is left running when this returns or raises.

    Args:
        requests: What the figures ask for.
        settings: How builders may be run.
        store: Results of earlier builds; make one per build.
        progress: Called for each different request when it is done.
        server: One that has been started ahead; it is used up, whether it was needed or not.
    """
    return Runner(settings, store, server).finish(requests, progress)


class Runner:
    """Runs the requests of one build, some of them perhaps ahead, while the rest is still being read."""

    def __init__(
        self, settings: ExecutionSettings, store: Store, server: ServerProcess | None = None
    ) -> None:
        self._settings = settings
        self._store = store
        self._known: dict[str, StoredReport | Failure] = {}
        self._ordered: dict[str, FigureRequest] = {}
        self._server = server

    def start(self) -> None:
        """Start the server, when it is certain that it will be needed; without it, it starts when it is."""
        if self._server is None and self._settings.execute:
            with contextlib.suppress(OSError):
                self._server = ServerProcess(self._settings)

    def order(self, requests: Iterable[FigureRequest]) -> None:
        """Begin to run requests that the store cannot answer; returns at once."""
        new = [request for request in self._different(requests) if self._is_new(request)]
        if new and self._settings.execute:
            self.start()
            if self._server is not None:
                self._ordered.update((request.key, request) for request in new)
                self._server.order(new, last=False)

    def finish(self, requests: Iterable[FigureRequest], progress: Progress | None = None) -> Results:
        """Run what has not been ordered yet, and return the results of all that is asked for here."""
        wanted = {request.key: request for request in self._different(requests)}
        results = Results()

        def take(request: FigureRequest, result: StoredReport | Failure, keep: bool) -> None:  # noqa: FBT001 -- from one place, in order
            if keep and isinstance(result, StoredReport):
                self._store.put(request, result)
            if request.key in wanted:
                results.add(request.key, result)
                _tell(progress, request, executed=True)

        try:
            new = [request for request in wanted.values() if self._is_new(request)]
            for key, request in wanted.items():
                if key in self._known:
                    results.add(key, self._known[key])
                    _tell(progress, request, executed=False)
            if self._settings.execute and (new or self._ordered):
                self._execute(new, take)
                self._run_longer(wanted, results, take)
        finally:
            self.close()
        return results

    def close(self) -> None:
        """End everything that runs; `finish` has done so already."""
        if self._server is not None:
            self._server.close()
        self._server = None

    def _different(self, requests: Iterable[FigureRequest]) -> Iterable[FigureRequest]:
        """Return one request per key, with the longest time that any of its figures allows."""
        different: dict[str, FigureRequest] = {}
        for request in requests:
            known = different.setdefault(request.key, request)
            if self._seconds(request) > self._seconds(known):
                different[request.key] = request
        return different.values()

    def _seconds(self, request: FigureRequest) -> float:
        return request.timeout or self._settings.timeout

    def _is_new(self, request: FigureRequest) -> bool:
        """Whether a request is neither ordered nor answered; answers are looked for here."""
        if request.key in self._ordered or request.key in self._known:
            return False
        known = _refused(request, self._settings) or self._store.get(request)
        if known is not None:
            self._known[request.key] = known
        return known is None

    def _execute(self, new: list[FigureRequest], take: Take) -> None:
        """Let the server run what is new, and hand on each result as it comes."""
        left = self._ordered | {request.key: request for request in new}
        end, complaint = "it ended early", ""
        try:
            server = self._server = self._server or ServerProcess(self._settings)
        except OSError as error:
            end = f"it could not be started: {error.strerror}"
        else:
            server.order(new, last=True)
            for line in server.answers():
                key, result, keep = _read_answer(line)
                if key in left:
                    take(left.pop(key), result, keep)
            self.close()
            complaint = server.complaint
        message = (
            f"process that runs builders must answer (got nothing, {end}); see its output and build again"
        )
        for request in left.values():
            take(request, Failure(kind="execution", message=message, output=complaint), False)

    def _run_longer(self, wanted: Mapping[str, FigureRequest], results: Results, take: Take) -> None:
        """Run again what was stopped ahead, before a figure was read that allows it more time."""
        longer = [
            wanted[key]
            for key, ordered in self._ordered.items()
            if key in wanted
            and self._seconds(wanted[key]) > self._seconds(ordered)
            and _is_stopped(results.failure(key))
        ]
        self._ordered = {}
        if longer:
            self._execute(longer, take)


def _is_stopped(failure: Failure | None) -> bool:
    return failure is not None and failure.kind == "timeout"


def _refused(request: FigureRequest, settings: ExecutionSettings) -> Failure | None:
    """Return why a request cannot be run at all; said before any process starts."""
    try:
        check_allowed(parse_reference(request.reference), settings.modules)
        parse_arguments(request.arguments)
        if request.seed.strip():
            parse_literal(request.seed, "seed")
    except ReferenceFault as fault:
        return Failure(kind="reference", message=str(fault))
    except ArgumentFault as fault:
        return Failure(kind="arguments", message=str(fault))
    return None


def _tell(progress: Progress | None, request: FigureRequest, *, executed: bool) -> None:
    if progress is not None:
        progress(request, executed)


def _read_answer(line: bytes) -> tuple[str, StoredReport | Failure, bool]:
    """Read a line that a server has written."""
    data = json.loads(line)
    answer = data["answer"]
    if answer["failure"]:
        failure = Failure(**{**answer["failure"], "traceback": tuple(answer["failure"]["traceback"])})
        return data["key"], failure, False
    text = answer["report"]
    stored = StoredReport(
        content_hash(text.encode()),
        Dependencies.from_json(answer["dependencies"]),
        read_reverse_failure(answer["reverse"]),
        text,
    )
    return data["key"], stored, answer["keep"]
