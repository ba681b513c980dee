"""Optional tools of the tests: skipped with a reason, or a failure where CI demands everything."""

from __future__ import annotations

import importlib
import os
import shutil
from types import ModuleType
from typing import NoReturn

import pytest


def _absent(what: str) -> NoReturn:
    """Skip the running test, or fail it if `SPHINX_TAPE_REQUIRE=all`."""
    message = f"{what} is not installed; CI installs it"
    if os.environ.get("SPHINX_TAPE_REQUIRE") == "all":
        pytest.fail(message, pytrace=False)
    pytest.skip(message)


def require_module(name: str) -> ModuleType:
    """Return the module `name`, or skip (fail in CI)."""
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError:
        _absent(f"the Python module {name}")


def require_program(name: str) -> str:
    """Return the path of the program `name`, or skip (fail in CI)."""
    path = shutil.which(name)
    if path is None:
        _absent(f"the program {name}")
    return path
