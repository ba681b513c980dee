"""The store: results of earlier builds, kept as long as nothing they depend on has changed.

Layer `execution`, standard library only. One file per request: a line of JSON about the result, then the
report's own JSON. The name of the file is the hash of all that is asked (package and Python version,
our own code, reference, arguments, output, seed); what the answer depends on is recorded inside and compared
by content. Entries are replaced atomically; whatever cannot be read is a miss; failures are not kept.
Beside the reports lies what is drawn from them: positions and HTML, under keys that name all they depend on.
Read next: `fingerprint.py`, `pool.py`.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sys
import time
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NamedTuple

from sphinx_tape.execution.fingerprint import Dependencies, Fingerprints, Json, code_fingerprint, content_hash
from sphinx_tape.version import VERSION

if TYPE_CHECKING:
    from sphinx_tape.execution.request import FigureRequest
    from sphinx_tape.report.model import ReverseFailure

STALE_SECONDS = 3600
"""Age at which a temporary file cannot belong to a build that still runs."""


class StoredReport(NamedTuple):
    """A report as text, with what it depends on."""

    digest: str
    """SHA-256 of the text."""
    dependencies: Dependencies
    reverse: ReverseFailure | None
    """Why its reverse pass failed, to be said in every build without reading the report."""
    text: str
    check: str = ""
    """What is wrong with its gradients; said in every build, too."""


class Store:
    """A folder of results; or none, which forgets everything.

    A folder that cannot be written is said once, through `warn`, and the build goes on without it.
    """

    def __init__(
        self, folder: Path | None, source_dir: Path, warn: Callable[[str], None] | None = None
    ) -> None:
        self._folder = folder
        self._source_dir = source_dir
        self._warn = warn
        self._broken = False
        self._fingerprints = Fingerprints(source_dir)

    def is_empty(self) -> bool:
        """Whether nothing at all is kept, so that every request will have to be run."""
        return self._folder is None or not (self._folder / "reports").is_dir()

    def get(self, request: FigureRequest) -> StoredReport | None:
        """Return the result of an earlier build, if nothing it depends on has changed."""
        entry = self._read(report_key(request))
        if entry is None or not self._fingerprints.unchanged(entry.dependencies):
            return None
        return entry

    def put(self, request: FigureRequest, entry: StoredReport) -> None:
        """Keep a result."""
        key = report_key(request)
        header = json.dumps(
            {
                "key": key,
                "digest": entry.digest,
                "dependencies": entry.dependencies.to_json(),
                "reverse": entry.reverse and entry.reverse._asdict(),
                "check": entry.check,
            }
        )
        self._write("reports", key, f"{header}\n{entry.text}".encode())

    def report_text(self, key: str) -> str:
        """Return a report of this build by its `report_key`, empty if it is not there."""
        entry = self._read(key)
        return entry.text if entry else ""

    def text_of(self, request_key: str) -> str:
        """Return a report of this build by the key of its request, empty if it is not there."""
        return self.report_text(_report_key(request_key))

    @property
    def keeps(self) -> bool:
        """Whether what is put can be got again, as far as is known."""
        return self._folder is not None and not self._broken

    def get_positions(self, key: str) -> Json | None:
        """Return the positions kept under a key, or None."""
        body = self._body(key)
        return None if body is None else json.loads(body)

    def get_text(self, key: str) -> str:
        """Return the text kept under a key; empty if there is none."""
        return (self._body(key) or b"").decode(errors="surrogatepass")

    def has_drawn(self, key: str) -> bool:
        """Whether anything is kept under a key; it may turn out to be damaged when it is read."""
        path = self._path("drawn", _drawn_name(key))
        return self._folder is not None and os.path.isfile(path)  # noqa: PTH113 -- hot: hundreds per build

    def put_positions(self, key: str, positions: Json) -> None:
        """Keep positions under a key that names all they depend on."""
        self._put_body(key, json.dumps(positions, separators=(",", ":")).encode())

    def put_text(self, key: str, text: str) -> None:
        """Keep a text, likewise; as it is, because it is long and read whenever its page is written."""
        self._put_body(key, text.encode(errors="surrogatepass"))

    def _body(self, key: str) -> bytes | None:
        name = _drawn_name(key)
        digest, _, body = self._bytes("drawn", name).partition(b"\n")
        return body if digest and _sealed(name, body) == digest else None

    def _put_body(self, key: str, body: bytes) -> None:
        name = _drawn_name(key)
        self._write("drawn", name, b"%s\n%s" % (_sealed(name, body), body))

    def prune(self, keep: int = 5000) -> int:
        """Delete what killed builds left behind and all but the newest entries; return how many."""
        files = [] if self._folder is None else _files(self._folder)
        doomed = [p for p in files if p.suffix == ".tmp" and _age(p) > STALE_SECONDS]
        entries = [p for p in files if p.suffix == ".json"]
        if len(entries) > keep:
            doomed += sorted(entries, key=_age)[keep:]
        for path in doomed:
            with contextlib.suppress(OSError):
                path.unlink()
        return len(doomed)

    def _path(self, kind: str, name: str) -> str:
        # Not in many small folders: making one takes some disks longer than writing an entry. And no `Path`:
        # there are hundreds in a build.
        return f"{self._folder}/{kind}/{name}.json"

    def _bytes(self, kind: str, name: str) -> bytes:
        """Read a file; empty if there is none."""
        if self._folder is None:
            return b""
        try:
            with open(self._path(kind, name), "rb") as file:  # noqa: PTH123 -- as above
                return file.read()
        except OSError:
            return b""

    def _read(self, key: str) -> StoredReport | None:
        line, _, body = self._bytes("reports", key).partition(b"\n")
        try:
            header = json.loads(line)
            dependencies = Dependencies.from_json(header["dependencies"])
            reverse = read_reverse_failure(header["reverse"])
            check = str(header["check"])
            # A whole entry under another's name is no answer either.
            if header["key"] != key or header["digest"] != content_hash(body):
                return None
            text = body.decode()
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return None
        return StoredReport(header["digest"], dependencies, reverse, text, check)

    def _write(self, kind: str, name: str, entry: bytes) -> None:
        if self._folder is None:
            return
        path = self._path(kind, name)
        temporary = f"{path}.{os.getpid()}.{os.urandom(4).hex()}.tmp"
        try:
            with _created(temporary) as file:
                file.write(entry)
            os.replace(temporary, path)  # noqa: PTH105 -- hot: hundreds per build
        except OSError as error:
            with contextlib.suppress(OSError):
                os.unlink(temporary)  # noqa: PTH108 -- the name is a string
            self._complain(error)

    def _complain(self, error: OSError) -> None:
        if self._warn is not None:
            self._warn(f"result store must be writable (got {error.strerror}); results are not kept")
        self._warn = None
        self._broken = True


def read_reverse_failure(data: Json) -> ReverseFailure | None:
    """Read the failure of a reverse pass back.

    Raises:
        TypeError: The data is something else.
    """
    if not data:
        return None
    from sphinx_tape.report.model import ReverseFailure  # noqa: PLC0415 -- most builds need no code of reports

    return ReverseFailure(**{**data, "traceback": tuple(data["traceback"])})


def report_key(request: FigureRequest) -> str:
    """Return the name under which the report of a request is kept."""
    return _report_key(request.key)


def _report_key(request_key: str) -> str:
    return _report_name(VERSION, code_fingerprint(), request_key)


@lru_cache(maxsize=4096)
def _report_name(version: str, code: str, request_key: str) -> str:
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    return _hash(["report", version, code, python, request_key])


def _hash(parts: list[Any]) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _drawn_name(key: str) -> str:
    return _hash(["drawn", VERSION, key])


def _sealed(name: str, body: bytes) -> bytes:
    """Return the digest of an entry together with its name."""
    return content_hash(b"%s\n%s" % (name.encode(), body)).encode()


def _created(path: str) -> IO[bytes]:
    """Create a file, with the folders above it if they are not there."""
    try:
        return open(path, "xb")  # noqa: PTH123 -- hot: hundreds per build
    except FileNotFoundError:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        return Path(path).open("xb")


def _files(folder: Path) -> list[Path]:
    return [Path(place, name) for place, _, names in os.walk(folder) for name in names]


def _age(path: Path) -> float:
    try:
        return time.time() - path.stat().st_mtime
    except OSError:
        return 0.0
