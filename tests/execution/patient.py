"""A server for which every import is quick, however busy the machine is, and that notes its imports."""

import os
from pathlib import Path

from sphinx_tape.execution import module_process, server

IMPORTS = "SPHINX_TAPE_TEST_IMPORTS"
"""Environment variable: a file that gets a line per process that a module is imported in."""


class Noting(server.Server):
    """A server that notes which modules it imports."""

    def _import(self, name: str, now: float) -> None:
        with Path(os.environ[IMPORTS]).open("a") as file:
            file.write(f"{name}\n")
        super()._import(name, now)


def main(client: int) -> None:
    """Serve, as `server.main` does."""
    module_process.QUICK = 60.0
    server.Server = Noting
    server.main(client)
