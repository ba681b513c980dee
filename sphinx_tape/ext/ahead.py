"""Starts the processes that run and draw as soon as Sphinx loads the extension, if it is sure to need them.

Layer `ext`. Sphinx has done half of its own start by then; these processes, one of which loads NumPy, take as
long.
Read next: `config.py`, `session.py` (who uses them).
"""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from sphinx.application import ENV_PICKLE_FILENAME

from sphinx_tape.execution.server_process import ServerProcess
from sphinx_tape.execution.settings import ExecutionSettings
from sphinx_tape.execution.store import Store
from sphinx_tape.ext.config import read_settings, store_folder
from sphinx_tape.ext.drawing_client import IdleDrawer

if TYPE_CHECKING:
    from sphinx.application import Sphinx


class Ahead(NamedTuple):
    """Processes that wait for the first build of an application; None: it starts what it needs."""

    runs: ServerProcess | None = None
    """Will run builders."""
    draws: IdleDrawer | None = None
    """Will draw."""

    def close(self) -> None:
        """End what nobody has used."""
        for process in (self.runs, self.draws):
            if process is not None:
                process.close()


def start_ahead(app: Sphinx) -> Ahead:
    """Start them if every page will be read and no result is kept.

    Args:
        app: An application that knows the settings. Which builder it will use is not known yet.
    """
    config = read_settings(app.config, silent=True)
    source = Path(app.srcdir)
    is_new = not Path(app.doctreedir, ENV_PICKLE_FILENAME).exists()
    if is_new and config.execute and Store(store_folder(app, config), source).is_empty():
        several = ExecutionSettings(source_dir=source, jobs=config.jobs).workers > 1
        with contextlib.suppress(OSError):
            return Ahead(ServerProcess(sys.executable), IdleDrawer.start() if several else None)
    return Ahead()
