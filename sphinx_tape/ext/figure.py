"""What is known of a figure after reading: a placeholder in the doctree, plain data to pickle.

Layer `ext`. Made by `directives.py`, gathered by `collect.py`, run by `run.py`, replaced by
`transforms.py`.
Read next: `directives.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from docutils import nodes
from sphinx import addnodes

from sphinx_tape.render.options import DEFAULT_OPEN, DEFAULT_PARTS, DisplayOptions, View

if TYPE_CHECKING:
    from sphinx_tape.execution.request import FigureRequest
    from sphinx_tape.ext.config import TapeConfig


class TapeFigure(NamedTuple):
    """One directive of one page. Strings and numbers only: it is pickled with the page."""

    view: View
    request: FigureRequest
    docname: str
    line: int
    source: str
    """The file of the directive relative to the source directory, if it is not the page's own."""
    number: int
    """1, 2, ... in the page."""
    alt: str = ""
    width: str = ""
    display: tuple[tuple[str, Any], ...] = ()
    """The display options that the author gave; the others come from the settings."""
    anchor: str = ""
    """The id of the figure, if the author has named it: what its other ids begin with."""
    check: bool | None = None
    """Whether gradients are checked; None: as the setting says."""
    requires: tuple[str, ...] = ()
    """Packages without which it is not run, and a box says so."""
    only: tuple[str, ...] = ()
    """The conditions of the `only` directives around it."""
    fault: str = ""
    """What is wrong with the directive itself; such a figure is not run."""


def needs_reverse(figure: TapeFigure) -> bool:
    """Tell whether a failing reverse pass spoils a figure; `tape-view` cares only if it names an output."""
    return figure.view != "view" or bool(figure.request.output)


def request_of(figure: TapeFigure, *, check: bool) -> FigureRequest:
    """Return what a figure asks to be run.

    Args:
        figure: The figure.
        check: Whether gradients are checked where the author does not say; `tape-view` shows none.
    """
    asked = figure.view != "view" and (check if figure.check is None else figure.check)
    return figure.request._replace(check=True) if asked else figure.request


class tape_figure(nodes.General, nodes.Element, addnodes.translatable):  # noqa: N801 -- docutils names nodes in lower case
    """Stands for the body of a figure until a post-transform knows the output format.

    Its alternative text is translated with the document; the caption is an ordinary node beside it.
    """

    @property
    def figure(self) -> TapeFigure:
        """The data of the figure."""
        figure: TapeFigure = self["figure"]
        return figure

    def preserve_original_messages(self) -> None:
        """Keep what is to be translated: the record stays what the author wrote until then."""

    def extract_original_messages(self) -> list[str]:
        """Return what is to be translated."""
        return [self.figure.alt] if self.figure.alt else []

    def apply_translated_message(self, original_message: str, translated_message: str) -> None:
        """Take over a translation."""
        if self.figure.alt == original_message:
            self["figure"] = self.figure._replace(alt=translated_message)


def display_options(figure: TapeFigure, config: TapeConfig) -> DisplayOptions:
    """Return how a figure is to look: the author's options over the settings over the view's defaults."""
    given = dict(figure.display)
    shown = given.get("show") or getattr(config.show, figure.view) or DEFAULT_PARTS[figure.view]
    unfolded = given.get("open", DEFAULT_OPEN[figure.view])
    return DisplayOptions(
        view=figure.view,
        show=shown,
        open=tuple(part for part in unfolded if part in shown),
        precision=given.get("precision", config.precision),
        direction=given.get("direction", config.direction),
        fold=given.get("fold", config.fold),
        max_nodes=given.get("max_nodes", config.max_nodes),
        mirror=given.get("mirror", False),
        layout=given.get("layout", config.layout),
        overwriting=given.get("overwriting", False),
    )
