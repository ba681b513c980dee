"""Limits that the operating system keeps for us, each only where it can.

Layer `execution`, worker side.
Read next: `forking.py`.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading

from sphinx_tape.execution.native import control_process
from sphinx_tape.execution.settings import MEGABYTE

_PR_SET_PDEATHSIG = 1
_SIGKILL = 9
_PR_SET_CHILD_SUBREAPER = 36

STACK = 1 << 20
"""Bytes of the stack of each further thread."""


def limit_memory(megabytes: int) -> None:
    """Bound what this process may allocate from now on; 0 is no bound.

    Linux counts data only; elsewhere the whole address space is counted, so what is mapped already
    (libraries) is not known and only the bound itself applies.
    """
    # Stacks count as data: hundreds of threads are no hundreds of megabytes of anybody's data.
    threading.stack_size(STACK)
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource  # noqa: PLC0415 -- not on every platform

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if megabytes:
            kind = resource.RLIMIT_DATA if sys.platform == "linux" else resource.RLIMIT_AS
            hard = resource.getrlimit(kind)[1]
            wanted = megabytes * MEGABYTE
            bound = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
            resource.setrlimit(kind, (bound, bound))


def die_with_parent(parent: int) -> None:
    """Be killed when the process that started this one dies, at once if it is dead already (Linux).

    Args:
        parent: Its process id.
    """
    control_process(_PR_SET_PDEATHSIG, _SIGKILL)
    # It may have died before this one could ask.
    if sys.platform == "linux" and os.getppid() != parent:
        os._exit(1)


def adopt_orphans() -> None:
    """Become the parent of descendants that lose theirs, so that they can be found (Linux)."""
    control_process(_PR_SET_CHILD_SUBREAPER, 1)


def thread_count() -> int:
    """Return how many threads this process has, native ones included where that can be known."""
    try:
        return len(os.listdir("/proc/self/task"))  # noqa: PTH208 -- only their number
    except OSError:
        return threading.active_count()


def kill_group(pid: int) -> None:
    """Kill a process and everything that stayed in its session's first group."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, signal.SIGKILL)


def kill_children() -> None:
    """Kill and reap every child of this process, adopted ones included, until none is left (Linux)."""
    children = f"/proc/self/task/{os.getpid()}/children"
    for _ in range(100):
        try:
            with open(children) as handle:  # noqa: PTH123 -- not a file in any folder of ours
                pids = [int(pid) for pid in handle.read().split()]
        except OSError:
            return
        if not pids:
            return
        for pid in pids:
            kill_group(pid)
        with contextlib.suppress(ChildProcessError):
            for pid in pids:
                os.waitpid(pid, 0)
