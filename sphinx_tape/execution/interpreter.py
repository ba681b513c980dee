"""How the interpreters that run builders are started.

Layer `execution`, standard library only.
Read next: `pool.py`, `fresh.py`.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

THREADS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS",
)
"""Variables that keep numeric libraries to one thread: cores are shared out between processes."""


WRITE_NO_BYTECODE = {"PYTHONDONTWRITEBYTECODE": "1"}
"""Keeps folders of bytecode from the folders of the project."""


def worker_environment() -> dict[str, str]:
    """Return the environment of workers: one numeric thread, the same order of sets in every build."""
    return {**server_environment(), **WRITE_NO_BYTECODE}


def server_environment() -> dict[str, str]:
    """Return the environment of servers, which load this package: from bytecode, if they may keep it."""
    ours = {**dict.fromkeys(THREADS, "1"), "PYTHONHASHSEED": "0"}
    return {**os.environ, **ours, "PYTHONIOENCODING": "utf-8:backslashreplace"}


def write_no_more_bytecode() -> None:
    """Load what is still to be loaded without keeping its bytecode: it is the project's."""
    sys.dont_write_bytecode = True
    os.environ.update(WRITE_NO_BYTECODE)


def interpreter_command(python: str, call: str, *numbers: int) -> list[str]:
    """Return the command that calls `module:function` of this package in a fresh interpreter.

    Args:
        python: The interpreter.
        call: What to call.
        numbers: What it is given.
    """
    module, _, function = call.partition(":")
    home = str(Path(__file__).resolve().parent.parent.parent)
    # Appended: an installed package is found first, one that is not installed is found at all.
    code = f"import sys; sys.path.append({home!r}); from {module} import {function}; {function}{numbers}"
    return [python, "-P", "-X", "faulthandler", "-c", code]
