"""What a builder prints: kept from the worker's own channels, clipped, and shown on failure.

Layer `execution`. Works on file descriptors, so that native code and bytes are caught, too.
Read next: `worker.py`.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys

from sphinx_tape.execution.native import flush_native_streams

HEAD = TAIL = 4_000
"""Bytes kept at either end of a long output."""


class Printed:
    """The beginning and the end of an output; of one that is endless, the beginning."""

    def __init__(self, most: int) -> None:
        """Keep nothing yet.

        Args:
            most: Bytes from which on the output counts as endless.
        """
        self._most = most
        self._head = bytearray()
        self._tail = bytearray()
        self.size = 0

    def add(self, chunk: bytes) -> None:
        """Take the next bytes."""
        self.size += len(chunk)
        room = HEAD - len(self._head)
        self._head += chunk[:room] if room > 0 else b""
        self._tail += chunk[max(room, 0) :]
        del self._tail[:-TAIL]

    @property
    def is_endless(self) -> bool:
        """Whether more has come than may."""
        return self.size > self._most

    def text(self) -> str:
        """Return what is kept, as text."""
        if self.is_endless:
            # How far it came before it was stopped differs from build to build.
            return _decode(self._head) + "\n... and so on ...\n"
        left_out = self.size - len(self._head) - len(self._tail)
        gap = f"\n... {left_out} bytes left out ...\n" if left_out else ""
        return _decode(self._head) + gap + _decode(self._tail)


def _decode(data: bytes | bytearray) -> str:
    return data.decode("utf-8", errors="backslashreplace")


def send_output_to(descriptor: int) -> None:
    """Let everything this process prints go to a descriptor, and give it nothing to read."""
    with open(os.devnull, "rb") as nothing:  # noqa: PTH123 -- a descriptor, not a file
        os.dup2(nothing.fileno(), 0)
    redirect_output(descriptor)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 -- lives as long as the process
    sys.stdout = _text_stream(1)
    sys.stderr = _text_stream(2)


def redirect_output(descriptor: int) -> None:
    """Let what this process prints go to another descriptor; its streams stay as they are."""
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)


def _text_stream(descriptor: int) -> io.TextIOWrapper:
    raw = open(descriptor, "wb", buffering=0, closefd=False)  # noqa: SIM115 -- lives as long as the process
    return io.TextIOWrapper(
        io.BufferedWriter(raw), encoding="utf-8", errors="backslashreplace", line_buffering=True
    )


def flush() -> None:
    """Send on what Python and the C library still hold; the author may have replaced or closed streams."""
    for stream in (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__):
        with contextlib.suppress(Exception):
            stream.flush()  # type: ignore[union-attr]  # None is caught as well
    flush_native_streams()
