"""A copy of a module's process that runs closed builders, one after the other.

Layer `execution`, worker side, Linux. Nothing is reported from here but what went well: after a failure of
any kind, or a sign that something outside of the builder has changed, the figure is run again alone.
Read next: `closed.py` (which builders), `shared.py` (the server's end).
"""

from __future__ import annotations

import json
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

from sphinx_tape.execution.request import BAD, FigureRequest
from sphinx_tape.tape.binding import asking
from sphinx_tape.tape.dependencies import declared_files

if TYPE_CHECKING:
    import socket

    from sphinx_tape.execution.worker import Answer, FigureWorker


def run_figures(control: socket.socket, module: ModuleType, worker: FigureWorker) -> None:
    """Run the figures that come through a socket, until it closes or something is not as it was.

    Args:
        control: Requests come here, a line of JSON each; answers go back.
        module: The author's module.
        worker: Runs its figures.
    """
    names, loaded = _Names(module), len(sys.modules)
    with control.makefile("rb") as requests:
        for line in requests:
            answer = worker.run_figure(FigureRequest(**json.loads(line)))
            if not (_is_good(answer) and names.are_as_before() and asking.get() and not declared_files()):
                control.sendall(BAD + b"\n")
                return
            control.sendall(answer.to_line())
            # Of our own or NumPy's: the next figure would be taken to depend on it.
            if len(sys.modules) != loaded:
                return


def _is_good(answer: Answer) -> bool:
    """Whether an answer may be passed on: a report that may be kept."""
    return answer.failure is None and answer.keep


class _Names:
    """What the author's module calls what."""

    def __init__(self, module: ModuleType) -> None:
        self._space = vars(module)
        self._kept = self._now()

    def are_as_before(self) -> bool:
        """Whether every name still stands for the same object."""
        now = self._now()
        return now.keys() == self._kept.keys() and all(now[name] is self._kept[name] for name in now)

    def _now(self) -> dict[str, Any]:
        # Python notes there which warnings of the module it has said; a closed builder cannot read it.
        return {name: value for name, value in self._space.items() if name != "__warningregistry__"}
