"""Lets the processes that Sphinx forks for reading and writing end with the build.

Layer `ext`. Each of them holds both ends of the pipe that it answers through (Sphinx 7.4 to 9.0), so one that
has lost its build waits for good once the pipe is full: with the memory of a project, and with a copy of
everything that the build had open.
Read next: `session.py`.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment


class BuildProcess:
    """The process that builds, as the ones that it forks know it."""

    def __init__(self) -> None:
        self._pid = os.getpid()

    def remember(self, app: Sphinx, _env: BuildEnvironment, docnames: list[str]) -> None:
        """Take down which process builds (`env-before-read-docs`, never emitted elsewhere)."""
        self._pid = os.getpid()
        if app.parallel > 1 and docnames:
            # Once, before processes are forked: each of them would load it for itself.
            from sphinx_tape.execution import limits  # noqa: F401, PLC0415 -- most builds fork nothing

    def stay_with_it(self, *_event: object) -> None:
        """Let this process end with the one that builds, if it is another."""
        if os.getpid() != self._pid:
            from sphinx_tape.execution.limits import die_with_parent  # noqa: PLC0415 -- most builds fork nothing

            die_with_parent(self._pid)


def setup_orphans(app: Sphinx) -> None:
    """Connect the events that forked processes emit before they answer."""
    process = BuildProcess()
    app.connect("env-before-read-docs", process.remember)
    app.connect("doctree-read", process.stay_with_it)
    app.connect("html-page-context", process.stay_with_it)
