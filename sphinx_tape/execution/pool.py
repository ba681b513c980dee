"""Run all requests of a build: from the store where it still holds, on all cores where not.

Layer `execution`, in the Sphinx process: no NumPy, no threads, nothing of the author's. Starts one server,
reads its answers, keeps the good ones.
Read next: `server_process.py`, `store.py`.
"""

from __future__ import annotations

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
        """Enter a result."""
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
    results = Results()
    waiting: list[FigureRequest] = []
    for request in _different(requests):
        known = _refused(request, settings) or store.get(request)
        if known is None:
            waiting.append(request)
        else:
            results.add(request.key, known)
            _tell(progress, request, executed=False)
    if waiting and settings.execute:

        def take(request: FigureRequest, result: StoredReport | Failure, keep: bool) -> None:  # noqa: FBT001 -- from one place, in order
            results.add(request.key, result)
            if keep and isinstance(result, StoredReport):
                store.put(request, result)
            _tell(progress, request, executed=True)

        _execute(waiting, settings, take, server)
    elif server is not None:
        server.close()
    return results


def _different(requests: Iterable[FigureRequest]) -> Iterable[FigureRequest]:
    """Return one request per key, with the longest time that any of its figures allows."""
    different: dict[str, FigureRequest] = {}
    for request in requests:
        known = different.setdefault(request.key, request)
        if (request.timeout or 0) > (known.timeout or 0):
            different[request.key] = request
    return different.values()


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


def _execute(
    requests: list[FigureRequest], settings: ExecutionSettings, take: Take, server: ServerProcess | None
) -> None:
    """Let a server run the requests, and hand on each result as it comes."""
    left = {request.key: request for request in requests}
    end, complaint = "it ended early", ""
    try:
        server = server or ServerProcess(settings)
    except OSError as error:
        end = f"it could not be started: {error.strerror}"
    else:
        with server:
            for line in server.answers(settings, requests):
                key, result, keep = _read_answer(line)
                take(left.pop(key), result, keep)
        complaint = server.complaint
    message = f"process that runs builders must answer (got nothing, {end}); see its output and build again"
    for request in left.values():
        take(request, Failure(kind="execution", message=message, output=complaint), False)


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
