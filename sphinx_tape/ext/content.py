"""What one figure shows, as the transforms and writers of Sphinx get it.

Layer `ext`. A page's reports are in memory only while that page is written, also in the processes of a
parallel build.
Read next: `html.py`, `latex.py`, `plain.py`.
"""

from __future__ import annotations

from dataclasses import dataclass

from sphinx_tape.ext.drawable import Drawable
from sphinx_tape.ext.failures import Trouble
from sphinx_tape.ext.figure import TapeFigure


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureContent(Drawable):
    """One figure, ready to be written in any format."""

    figure: TapeFigure
    troubles: tuple[Trouble, ...] = ()
    has_report: bool = False
    """Whether `load_report` will return something; known without loading it."""
    note: str = ""
    """Why nothing was run, where that was on purpose."""
