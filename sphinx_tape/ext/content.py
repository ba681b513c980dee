"""What one figure shows, as the transforms and writers of Sphinx get it.

Layer `ext`. A page's reports are in memory only while that page is written, also in the processes of a
parallel build.
Read next: `html.py`, `latex.py`, `plain.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sphinx_tape.ext.drawable import Drawable
from sphinx_tape.ext.failures import Trouble
from sphinx_tape.ext.figure import TapeFigure


def _do_nothing(_content: FigureContent) -> None:
    """Stand for a build that needs no waiting."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureContent(Drawable):
    """One figure, ready to be written in any format."""

    figure: TapeFigure
    troubles: tuple[Trouble, ...] = ()
    has_report: bool = False
    """Whether `load_report` will return something; known without loading it."""
    note: str = ""
    """Why nothing was run, where that was on purpose."""
    settle: Callable[[FigureContent], None] = _do_nothing
    """Waits until it is drawn and says what went wrong; HTML asks for it in the process that writes."""
