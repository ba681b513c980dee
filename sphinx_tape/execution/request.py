"""What to run and what came of it: the two records that cross the process boundary.

Layer `execution`; plain data, importable in the Sphinx process (no NumPy).
Read next: `reference.py`, `worker.py`, `pool.py`, `store.py`.
"""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

if TYPE_CHECKING:
    from sphinx_tape.report.model import TapeReport

FailureKind = Literal[
    "reference",
    "arguments",
    "builder",
    "timeout",
    "crash",
    "memory",
    "output",
    "backward",
    "result",
    "execution",
]
"""Subtypes of the warning `tape` that a run can end in (documented in the reference)."""

GOOD, BAD = b"+", b"-"
"""First byte of an answer on its way to the server: report or failure."""


class FigureRequest(NamedTuple):
    """What one figure asks to be run. Requests with equal keys run once."""

    reference: str
    """`package.module:function`."""
    arguments: str = ""
    """Keyword form, Python literals: `x=3.0, w=2.0`."""
    output: str = ""
    """Name or id of the output node; empty: the builder's own choice."""
    seed: str = ""
    """Literal, scalar or (nested list) array; empty: 1 for a scalar output."""
    check: bool = False
    """Whether the gradients are checked by differences."""
    timeout: float | None = None
    """Seconds for this figure; None: the project's setting. Not part of the identity."""

    @property
    def key(self) -> str:
        """Identity: SHA-256 of the canonical JSON of what is run."""
        check = ("check",) if self.check else ()
        return _key((self.reference, self.arguments, self.output, self.seed, *check))


@lru_cache(maxsize=16_384)
def _key(identity: tuple[str, ...]) -> str:
    """Kept: a build asks for it a dozen times a figure."""
    return hashlib.sha256(json.dumps(identity).encode()).hexdigest()


class Failure(NamedTuple):
    """Why a figure could not be made."""

    kind: FailureKind
    message: str
    """One or two sentences, "subject must be rule (got value); remedy"; no absolute path."""
    traceback: tuple[str, ...] = ()
    """Trimmed traceback lines of the author's code, no absolute paths."""
    file: str = ""
    """The author's file in which it happened, relative; empty if unknown."""
    line: int = 0
    output: str = ""
    """What the builder printed, clipped."""


def read_failure(data: dict[str, Any]) -> Failure:
    """Read a failure back from JSON data."""
    return Failure(**{**data, "traceback": tuple(data["traceback"])})


def failure_in(line: bytes) -> Failure:
    """Read the failure in an answer that begins with `BAD`."""
    return read_failure(json.loads(line[1:].partition(b"\t")[0])["failure"])


class FigureResult(NamedTuple):
    """What came of one request: a report or a failure."""

    key: str
    """Key of the request."""
    report: TapeReport | None
    failure: Failure | None
    digest: str
    """SHA-256 of the result's content: equal results have equal digests."""
