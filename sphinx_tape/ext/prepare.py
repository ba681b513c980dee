"""Places and writes new figures on all cores, before Sphinx writes the pages one after the other.

Layer `ext`. Reads figure contents, leaves positions and HTML in the store, where the writers find them.
Whatever is not found there (the store cannot be written, the platform cannot fork) is made by the writer.
Read next: `html.py`.
"""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING

from sphinx.errors import SphinxParallelError
from sphinx.util.parallel import ParallelTasks, parallel_available

# Loaded here, so that every process has it from the start.
from sphinx_tape.execution.limits import die_with_parent
from sphinx_tape.ext import bodies  # noqa: F401 -- used by `html` in the processes
from sphinx_tape.ext.figure import TapeFigure
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


Complaints = dict[TapeFigure, str]
"""What went wrong with which figure, through a fault of ours."""


def prepare(contents: Sequence[FigureContent], builder: Builder, workers: int) -> Complaints:
    """Make what the writers of a builder will ask for; return what went wrong."""
    drawn = [content for content in contents if content.has_report]
    if builder.format not in {"html", "latex"}:
        return {}
    if len(drawn) < FEWEST or workers < 2 or not parallel_available:
        return dict(_make(drawn, builder))
    size = -(-len(drawn) // (CHUNKS_PER_WORKER * workers))
    return _make_all([drawn[start : start + size] for start in range(0, len(drawn), size)], builder, workers)


def _make_all(chunks: Sequence[Sequence[FigureContent]], builder: Builder, workers: int) -> Complaints:
    """Let every chunk be made by a process of its own, some at a time."""
    bar = ProgressBar("drawing tape figures... ", len(chunks))
    tasks = ParallelTasks(workers)
    complaints: Complaints = {}

    def done(chunk: Sequence[FigureContent], result: list[tuple[TapeFigure, str]]) -> None:
        bar.step(chunk[-1].figure.docname)
        complaints.update(result)

    try:
        for chunk in chunks:
            tasks.add_task(partial(_make_apart, builder=builder, parent=os.getpid()), chunk, done)
        tasks.join()
    except (SphinxParallelError, EOFError, OSError):
        # A process that died takes its figures' share of time with it, nothing else.
        tasks.terminate()
    bar.end()
    return complaints


def _make_apart(
    contents: Sequence[FigureContent], builder: Builder, parent: int
) -> list[tuple[TapeFigure, str]]:
    """Do the work of one process, which has no use without the one that waits for it."""
    die_with_parent(parent)
    return _make(contents, builder)


def _make(contents: Sequence[FigureContent], builder: Builder) -> list[tuple[TapeFigure, str]]:
    """Make what is shown of some figures; return what went wrong with which."""
    for content in contents:
        if builder.format == "html":
            figure_body(content, builder)
        elif (report := content.load_report()) is not None:
            content.load_drawing(report)
    close()
    return [(content.figure, complaint) for content in contents for complaint in content.complaints[:1]]
