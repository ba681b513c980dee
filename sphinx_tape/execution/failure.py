"""Exceptions -> failures that a reader of the page can act on.

Layer `execution`, worker side. Keeps the author's frames, names their files as they are named in the
project, and leaves out everything that differs between machines.
Read next: `worker.py`.
"""

from __future__ import annotations

import importlib
import linecache
import os
import re
import traceback
from collections.abc import Iterator, Sequence
from types import TracebackType

from sphinx_tape.execution.places import PACKAGE, clip, display_path, is_foreign, is_inside, scrub
from sphinx_tape.execution.request import Failure, FailureKind

LONGEST_MESSAGE = 2_000
"""Characters kept of one exception's text."""
FIRST_FRAMES, LAST_FRAMES = 8, 16
"""Frames kept at either end of a long traceback."""
_OURS = (PACKAGE, os.path.realpath(importlib.__path__[0]))
"""Frames from here are how we got to the author's code."""
LONGEST_CHAIN = 5
"""Exceptions shown of a chain of causes."""


def from_exception(
    error: BaseException, kind: FailureKind, roots: Sequence[str], subject: str, rule: str
) -> Failure:
    """Describe an exception that came out of the author's code.

    Args:
        error: What was raised.
        kind: Subtype of the warning.
        roots: Import folders, absolute.
        subject: Whose fault it is (`builder a.b:f`).
        rule: What the subject must do.
    """
    if isinstance(error, MemoryError):
        kind, rule = "memory", "stay within `tape_memory_limit`"
    file, line = _place(error, roots)
    place = f", {file}:{line}" if file else ""
    text = describe(error, roots)
    first = text.partition("\n")[0]
    message = f"{subject} must {rule} (got {first}{place}); see its traceback"
    return Failure(kind=kind, message=message, traceback=tuple(trimmed(error, roots)), file=file, line=line)


def plain_failure(kind: FailureKind, message: str, roots: Sequence[str] = ()) -> Failure:
    """Describe a fault that needs no traceback."""
    return Failure(kind=kind, message=clip(scrub(message, roots), LONGEST_MESSAGE))


def with_output(failure: Failure, output: str, roots: Sequence[str]) -> Failure:
    """Add what the builder printed."""
    return failure._replace(output=scrub(output, roots))


def describe(error: BaseException, roots: Sequence[str]) -> str:
    """Return `Type: text` of an exception, also of one whose text cannot be made."""
    try:
        text = (
            "".join(traceback.format_exception_only(error)) if isinstance(error, SyntaxError) else str(error)
        )
    except Exception:  # noqa: BLE001 -- exceptions and sources of the author's may do anything
        text = "its text could not be made"
    if isinstance(error, SyntaxError):
        text = error.msg
    name = type(error).__name__
    return clip(scrub(f"{name}: {text}" if text else name, roots), LONGEST_MESSAGE)


def trimmed(error: BaseException, roots: Sequence[str]) -> Iterator[str]:
    """Give the lines of a traceback: causes first, without our frames, without absolute paths."""
    for position, link in enumerate(_chain(error)):
        if position:
            yield "which led to:"
        yield from _frames(link.__traceback__, roots)
        if isinstance(link, SyntaxError) and link.filename:
            yield f'File "{display_path(link.filename, roots)}", line {link.lineno}'
            yield f"    {scrub((link.text or '').strip(), roots)}"
        yield describe(link, roots)


def _chain(error: BaseException) -> list[BaseException]:
    """Return an exception after its causes, the first cause first."""
    links: list[BaseException] = []
    link: BaseException | None = error
    while link is not None and link not in links and len(links) < LONGEST_CHAIN:
        links.append(link)
        link = link.__cause__ or (None if link.__suppress_context__ else link.__context__)
    return links[::-1]


def _frames(start: TracebackType | None, roots: Sequence[str]) -> list[str]:
    frames = [frame for frame in _author_frames(start) if not _is_ours(frame.filename)]
    lines = [_frame(frame, roots) for frame in frames]
    if len(lines) > FIRST_FRAMES + LAST_FRAMES:
        left_out = f"... {len(lines) - FIRST_FRAMES - LAST_FRAMES} frames left out ..."
        lines = [*lines[:FIRST_FRAMES], left_out, *lines[-LAST_FRAMES:]]
    return [line for text in lines for line in text.split("\n")]


def _author_frames(start: TracebackType | None) -> list[traceback.FrameSummary]:
    try:
        return list(traceback.extract_tb(start))
    except Exception:  # noqa: BLE001 -- exceptions and sources of the author's may do anything
        return []


def _frame(frame: traceback.FrameSummary, roots: Sequence[str]) -> str:
    head = f'File "{display_path(frame.filename, roots)}", line {frame.lineno}, in {frame.name}'
    return f"{head}\n    {scrub(frame.line.strip(), roots)}" if frame.line else head


def _is_ours(file: str) -> bool:
    # `<string>` is the command that starts our interpreters.
    return file.startswith(("<frozen importlib", "<string>")) or is_inside(os.path.realpath(file), _OURS)


def _place(error: BaseException, roots: Sequence[str]) -> tuple[str, int]:
    """Return the author's file and line at which it happened."""
    if isinstance(error, SyntaxError) and error.filename:
        return display_path(error.filename, roots), error.lineno or 0
    for frame in reversed(_author_frames(error.__traceback__)):
        if not is_foreign(frame.filename):
            return display_path(frame.filename, roots), frame.lineno or 0
    return "", 0


def from_dump(dump: str, kind: FailureKind, roots: Sequence[str], subject: str, rest: str) -> Failure:
    """Describe a death that Python could not catch, from what `faulthandler` wrote about it.

    Args:
        dump: Its text; may be empty or hold anything.
        kind: Subtype of the warning.
        roots: Import folders, absolute.
        subject: Whose fault it is.
        rest: The rest of the message, without the place: what it must do, what came, what helps.
    """
    frames = [match.groups() for match in _DUMPED.finditer(_current_thread(dump))][::-1]
    shown = [frame for frame in frames if not _is_ours(frame[0])]
    lines = [
        line
        for file, number, name in shown[-LAST_FRAMES:]
        for line in _dumped_frame(file, int(number), name, roots)
    ]
    own = [(file, int(number)) for file, number, _ in shown if not is_foreign(file)]
    file, line = own[-1] if own else ("", 0)
    file = display_path(file, roots) if file else ""
    place = f" at {file}:{line}" if file else ""
    message = clip(scrub(f"{subject}{rest.replace('@', place)}", roots), LONGEST_MESSAGE)
    return Failure(kind=kind, message=message, traceback=tuple(lines), file=file, line=line)


_DUMPED = re.compile(r'^  File "([^"\n]+)", line (\d+) in (\S+)$', re.MULTILINE)


def _current_thread(dump: str) -> str:
    """Return the part of a dump that is about the thread in which it happened."""
    start = dump.find("Current thread")
    if start < 0:
        return dump
    end = dump.find("\nThread ", start)
    return dump[start:] if end < 0 else dump[start:end]


def _dumped_frame(file: str, line: int, name: str, roots: Sequence[str]) -> list[str]:
    text = linecache.getline(file, line).strip()
    head = f'File "{display_path(file, roots)}", line {line}, in {name}'
    return [head, f"    {scrub(text, roots)}"] if text else [head]
