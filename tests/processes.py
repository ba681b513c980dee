"""Processes of a test, found by a mark in their environment, which children inherit (Linux)."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

import pytest

MARK = "SPHINX_TAPE_TEST_MARK"
forks = pytest.mark.skipif(not hasattr(os, "fork"), reason="figures are shared out by forking, on POSIX only")

needs_proc = pytest.mark.skipif(sys.platform != "linux", reason="looks processes up under /proc (Linux)")


def marked_environment(mark: str) -> dict[str, str]:
    """Return an environment that marks a process and all it starts; nothing of them is measured."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    return {**kept, MARK: mark, "PYTHONHASHSEED": "0"}


def marked(mark: str) -> dict[int, str]:
    """Return the running processes that carry `mark`: id and command."""
    found = {}
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and mark.encode() in (entry / "environ").read_bytes():
                command = (entry / "cmdline").read_bytes().replace(b"\0", b" ")
                found[int(entry.name)] = command.decode(errors="replace")
        except OSError:
            continue
    return found


def wait_until_gone(mark: str, seconds: float = 60.0, program: str = "") -> dict[int, str]:
    """Wait until no marked process runs; return those that still do.

    Args:
        mark: What they carry.
        seconds: How long to wait; long, because a busy machine may take its time.
        program: A word of the commands that matter.
    """
    deadline = time.monotonic() + seconds
    while (left := _matching(mark, program)) and time.monotonic() < deadline:
        time.sleep(0.05)
    return left


def _matching(mark: str, program: str) -> dict[int, str]:
    # Looked at twice: for a moment, a process that is just beginning has no environment.
    found = marked(mark) | marked(mark)
    return {pid: command for pid, command in found.items() if program in command}


def kill_marked(mark: str) -> None:
    """Kill what a test has left."""
    while pids := marked(mark):
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        time.sleep(0.05)
