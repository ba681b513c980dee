"""Starts the process that runs builders as soon as Sphinx loads the extension, if it is sure to be needed.

Layer `ext`. Sphinx has done half of its own start by then; that process, which loads NumPy, takes as long.
Read next: `config.py`, `session.py` (who uses it).
"""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from sphinx.application import ENV_PICKLE_FILENAME

from sphinx_tape.execution.server_process import ServerProcess
from sphinx_tape.execution.store import Store
from sphinx_tape.ext.config import read_settings, store_folder

if TYPE_CHECKING:
    from sphinx.application import Sphinx


def start_ahead(app: Sphinx) -> ServerProcess | None:
    """Start it if every page will be read and no result is kept.

    Args:
        app: An application that knows the settings.

    Returns:
        The process, which ends with the application if nobody uses it; None if it may not be needed.
    """
    config = read_settings(app.config, silent=True)
    is_new = not Path(app.doctreedir, ENV_PICKLE_FILENAME).exists()
    if is_new and config.execute and Store(store_folder(app, config), Path(app.srcdir)).is_empty():
        with contextlib.suppress(OSError):
            return ServerProcess(sys.executable)
    return None
