"""Places and writes new figures on all cores, before Sphinx writes the pages one after the other.

Layer `ext`. Reads figure contents, leaves positions and HTML in the store, where the writers find them.
Whatever is not found there (the store cannot be written, the platform cannot fork) is made by the writer.
Read next: `html.py`.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from sphinx.errors import SphinxParallelError
from sphinx.util.parallel import ParallelTasks, parallel_available

# Loaded here, so that every process has it from the start.
from sphinx_tape.ext import bodies  # noqa: F401 -- used by `html` in the processes
from sphinx_tape.ext.html import figure_body
from sphinx_tape.ext.progress import ProgressBar
from sphinx_tape.render.engines import close

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sphinx.builders import Builder

    from sphinx_tape.ext.content import FigureContent

FEWEST = 8
"""Figures from which on starting processes pays."""
CHUNKS_PER_WORKER = 4
"""So that a worker with large drawings does not keep the others waiting."""


def prepare(contents: Sequence[FigureContent], builder: Builder, workers: int) -> None:
    """Make what the writers of a builder will ask for."""
    drawn = [content for content in contents if content.has_report]
    pays = len(drawn) >= FEWEST and workers > 1 and builder.format in {"html", "latex"}
    if pays and parallel_available:
        size = -(-len(drawn) // (CHUNKS_PER_WORKER * workers))
        _run([drawn[start : start + size] for start in range(0, len(drawn), size)], builder, workers)


def _run(chunks: Sequence[Sequence[FigureContent]], builder: Builder, workers: int) -> None:
    """Let every chunk be made by a process of its own, some at a time."""
    bar = ProgressBar("drawing tape figures... ", len(chunks))
    tasks = ParallelTasks(workers)
    try:
        for chunk in chunks:
            tasks.add_task(partial(_make, builder=builder), chunk, partial(_step, bar))
        tasks.join()
    except (SphinxParallelError, EOFError, OSError):
        # A process that died takes its figures' share of time with it, nothing else.
        tasks.terminate()
    bar.end()


def _step(bar: ProgressBar, chunk: Sequence[FigureContent], _result: None) -> None:
    bar.step(chunk[-1].figure.docname)


def _make(contents: Sequence[FigureContent], builder: Builder) -> None:
    """Do the work of one process."""
    for content in contents:
        if builder.format == "html":
            figure_body(content, builder)
        else:
            report = content.load_report()
            if report is not None:
                content.load_drawing(report)
    close()
