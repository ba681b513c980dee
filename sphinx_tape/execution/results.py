"""What came of the requests of a build, as far as it is known.

Layer `execution`, in the Sphinx process. Made by `pool.py`; reports are read when somebody asks for them.
Read next: `store.py`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from sphinx_tape.errors import ReportError
from sphinx_tape.execution.request import Failure, FigureResult
from sphinx_tape.execution.store import StoredReport

if TYPE_CHECKING:
    from sphinx_tape.report.model import ReverseFailure

Result = StoredReport | Failure


def _read_nothing(_key: str) -> str:
    """Stand for a store that keeps nothing."""
    return ""


class Results(Mapping[str, FigureResult]):
    """Results by request key, as they are known by now; reports stay in the store until they are asked for.

    A request that was not run (`execute` is off and the store does not hold it) is not in here.
    """

    def __init__(self, results: Mapping[str, Result], read: Callable[[str], str] = _read_nothing) -> None:
        """Take over results.

        Args:
            results: What is known; it may grow.
            read: Returns the text of a report that is not among them, by the key of its request.
        """
        self._results = results
        self._read = read

    def __getitem__(self, key: str) -> FigureResult:
        known = self._results[key]
        if isinstance(known, Failure):
            return FigureResult(key=key, report=None, failure=known, digest=self.digest(key))
        from sphinx_tape.report.serial import loads  # noqa: PLC0415 -- most builds need no code of reports

        try:
            report = loads(known.text or self._read(key))
        except ReportError as error:
            failure = Failure(kind="result", message=str(error))
            return FigureResult(key=key, report=None, failure=failure, digest=known.digest)
        return FigureResult(key=key, report=report, failure=None, digest=known.digest)

    def __contains__(self, key: object) -> bool:
        # Not as `Mapping` does it, which would read the report.
        return key in self._results

    def __iter__(self) -> Iterator[str]:
        return iter(self._results)

    def __len__(self) -> int:
        return len(self._results)

    def digest(self, key: str) -> str:
        """Return the digest of a result without reading its report."""
        known = self._results[key]
        if isinstance(known, Failure):
            return hashlib.sha256(repr(known._asdict()).encode()).hexdigest()
        return known.digest

    def failure(self, key: str) -> Failure | None:
        """Return the failure of a request, None if there is a report."""
        known = self._results.get(key)
        return known if isinstance(known, Failure) else None

    def reverse_failure(self, key: str) -> ReverseFailure | None:
        """Return why the reverse pass of a report failed, without reading the report."""
        known = self._results.get(key)
        return known.reverse if isinstance(known, StoredReport) else None

    def check(self, key: str) -> str:
        """Return what is wrong with the gradients of a report, without reading the report."""
        known = self._results.get(key)
        return known.check if isinstance(known, StoredReport) else ""
