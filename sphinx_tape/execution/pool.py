"""Run all requests of a build: from the store where it still holds, on all cores where not.

Layer `execution`, in the Sphinx process: no NumPy, no threads, nothing of the author's. Starts one server,
reads its answers, keeps the good ones.
Read next: `server_process.py`, `store.py`.
"""

from __future__ import annotations

import contextlib
import json
from collections import ChainMap
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from sphinx_tape.errors import ArgumentFault, ReferenceFault
from sphinx_tape.execution.arguments import parse_arguments, parse_literal
from sphinx_tape.execution.fingerprint import Dependencies, content_hash
from sphinx_tape.execution.reference import check_allowed, parse_reference
from sphinx_tape.execution.request import Failure, FigureRequest, read_failure
from sphinx_tape.execution.results import Result, Results
from sphinx_tape.execution.server_process import ServerProcess
from sphinx_tape.execution.store import Store, StoredReport, read_reverse_failure

if TYPE_CHECKING:
    from sphinx_tape.execution.settings import ExecutionSettings

Progress = Callable[[FigureRequest, bool], None]
"""Called once per different request, when its result is known; the flag says whether it was executed."""

Listener = Callable[[FigureRequest, bool], None]
"""Called with a request that has been run; the flag says whether the store holds its report from now on."""


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
        self,
        settings: ExecutionSettings,
        store: Store,
        server: ServerProcess | None = None,
        listener: Listener | None = None,
    ) -> None:
        """Remember how to run.

        Args:
            settings: How builders may be run.
            store: Results of earlier builds.
            server: One that has been started ahead.
            listener: Told of every request that has been run, as soon as its answer is there.
        """
        self._settings = settings
        self._store = store
        self._known: dict[str, Result] = {}
        self._ordered: dict[str, FigureRequest] = {}
        self._answered: dict[str, Result] = {}
        self._server = server
        self._listener = listener

    def start(self) -> None:
        """Start the server, when it is certain that it will be needed; without it, it starts when it is."""
        if self._server is None and self._settings.execute:
            with contextlib.suppress(OSError):
                self._server = ServerProcess(self._settings.python)

    def order(self, requests: Iterable[FigureRequest], *, last: bool = False) -> None:
        """Begin to run requests that the store cannot answer; returns at once.

        Args:
            requests: What is to be run; equal requests run once.
            last: Whether nothing else will be ordered, so that the server may end when it is done.
        """
        new = [request for request in self._different(requests) if self._is_new(request)]
        if new and self._settings.execute:
            self.start()
            if self._server is not None:
                self._ordered.update((request.key, request) for request in new)
        if self._server is not None and (new or last):
            self._send(self._server, new, last=last)

    @property
    def ordered(self) -> int:
        """How many requests the server has been given so far."""
        return len(self._ordered)

    @property
    def server(self) -> ServerProcess | None:
        """The server, as long as there is one."""
        return self._server

    def results(self) -> Results:
        """Return what is known by now; further results appear in it by themselves."""
        return Results(ChainMap(self._known, self._answered), self._store.text_of)

    def runs_all(self, requests: Iterable[FigureRequest]) -> bool:
        """Whether all of some requests are known or being run, with all the time that they are allowed."""
        return all(
            request.key in self._known
            or (
                request.key in self._ordered
                and self._seconds(request) <= self._seconds(self._ordered[request.key])
            )
            for request in self._different(requests)
        )

    def look(self) -> None:
        """Take the answers that are there already."""
        if self._server is not None:
            for line in self._server.arrived():
                self._take(line)
            if self._server.exhausted:
                self._give_up()

    def wait(self, key: str) -> None:
        """Wait until a request is answered that has been ordered."""
        if self._is_awaited(key) and self._server is not None:
            for line in self._server.answers():
                self._take(line)
                if not self._is_awaited(key):
                    return
            self._give_up()

    def finish(self, requests: Iterable[FigureRequest], progress: Progress | None = None) -> Results:
        """Run what has not been ordered yet, and return the results of all that is asked for here."""
        wanted = {request.key: request for request in self._different(requests)}

        def tell(key: str) -> None:
            if key in wanted and progress is not None:
                progress(wanted[key], key in self._answered)

        try:
            new = [request for request in wanted.values() if self._is_new(request)]
            for key in (*self._known, *self._answered):
                tell(key)
            if self._settings.execute and (new or any(map(self._is_awaited, self._ordered))):
                self._execute(new, tell)
            self._run_longer(wanted, tell)
        finally:
            self.close()
        found = self._known | self._answered
        return Results({key: found[key] for key in wanted if key in found}, self._store.text_of)

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
            self._known[request.key] = _without_text(known)
        return known is None

    def _send(self, server: ServerProcess, requests: Iterable[FigureRequest], *, last: bool) -> None:
        """Hand over requests; `last` says that the server may end when it is done."""
        items = [request._asdict() for request in requests]
        server.send({"settings": self._settings.to_json(), "requests": items, "last": last})

    def _is_awaited(self, key: str) -> bool:
        return key in self._ordered and key not in self._answered

    def _execute(self, new: list[FigureRequest], tell: Callable[[str], None]) -> None:
        """Let the server run what is new, and wait for all that it has been given."""
        self._ordered.update((request.key, request) for request in new)
        end = "it ended early"
        try:
            server = self._server = self._server or ServerProcess(self._settings.python)
        except OSError as error:
            end = f"it could not be started: {error.strerror}"
        else:
            self._send(server, new, last=True)
            for line in server.answers():
                tell(self._take(line))
        for key in self._give_up(end):
            tell(key)

    def _give_up(self, end: str = "it ended early") -> list[str]:
        """Note that a server that has no more to say has left requests unanswered, if it has."""
        server = self._server
        self.close()
        message = (
            f"process that runs builders must answer (got nothing, {end}); see its output and build again"
        )
        failure = Failure(kind="execution", message=message, output=server.complaint if server else "")
        left = list(filter(self._is_awaited, self._ordered))
        self._answered.update(dict.fromkeys(left, failure))
        return left

    def _take(self, line: bytes) -> str:
        """Take an answer in; return its key."""
        key, result, keep = _read_answer(line)
        request = self._ordered.get(key)
        if request is not None and key not in self._answered:
            self._answered[key] = result
            kept = keep and isinstance(result, StoredReport)
            if kept and isinstance(result, StoredReport):
                self._store.put(request, result)
                if self._store.keeps:
                    self._answered[key] = _without_text(result)
            if self._listener is not None:
                self._listener(request, kept)
        return key

    def _run_longer(self, wanted: Mapping[str, FigureRequest], tell: Callable[[str], None]) -> None:
        """Run again what was stopped ahead, before a figure was read that allows it more time."""
        longer = [
            request
            for key, request in wanted.items()
            if key in self._ordered
            and self._seconds(request) > self._seconds(self._ordered[key])
            and _is_stopped(self._answered[key])
        ]
        if longer:
            for request in longer:
                del self._answered[request.key]
            self._execute(longer, tell)


def _without_text(result: Result) -> Result:
    """Leave a report in the store: hundreds of them would fill the memory."""
    return result._replace(text="") if isinstance(result, StoredReport) else result


def _is_stopped(result: Result) -> bool:
    return isinstance(result, Failure) and result.kind == "timeout"


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


def _read_answer(line: bytes) -> tuple[str, Result, bool]:
    """Read a line that a server has written."""
    name, data, report = line.split(b"\t", 2)
    key, answer = name.decode(), json.loads(data)
    if answer["failure"]:
        return key, read_failure(answer["failure"]), False
    stored = StoredReport(
        content_hash(report),
        Dependencies.from_json(answer["dependencies"]),
        read_reverse_failure(answer["reverse"]),
        report.decode(),
        answer["check"],
    )
    return key, stored, answer["keep"]
