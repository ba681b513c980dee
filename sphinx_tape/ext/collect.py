"""Keeps the figures of every page in the environment, so that they can be run without the doctrees.

Layer `ext`. Reads the placeholders of a page, makes `env.tape_figures`.
Read next: `run.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from sphinx import addnodes
from sphinx.environment.collectors import EnvironmentCollector

from sphinx_tape.ext.figure import TapeFigure, tape_figure

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from docutils import nodes
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

FiguresByPage = dict[str, tuple[TapeFigure, ...]]


def figures_of(env: BuildEnvironment) -> FiguresByPage:
    """Return the figures of every page that has some. The dictionary is the environment's own."""
    if not hasattr(env, "tape_figures"):
        env.tape_figures = {}  # type: ignore[attr-defined]
    return cast("FiguresByPage", env.tape_figures)  # type: ignore[attr-defined]


class FigureCollector(EnvironmentCollector):
    """Collects the figures of a page when it has been read."""

    def clear_doc(self, app: Sphinx, env: BuildEnvironment, docname: str) -> None:
        """Forget a page."""
        del app  # part of the interface
        figures_of(env).pop(docname, None)

    def merge_other(
        self, app: Sphinx, env: BuildEnvironment, docnames: AbstractSet[str], other: BuildEnvironment
    ) -> None:
        """Take over what a parallel reader collected."""
        del app  # part of the interface
        theirs = figures_of(other)
        figures_of(env).update({docname: theirs[docname] for docname in docnames if docname in theirs})

    def process_doc(self, app: Sphinx, doctree: nodes.document) -> None:
        """Collect a page."""
        placeholders = list(doctree.findall(tape_figure))
        for node in placeholders:
            node["figure"] = node.figure._replace(only=_conditions(node))
        if placeholders:
            figures = tuple(node.figure for node in placeholders)
            figures_of(app.env)[figures[0].docname] = figures


def _conditions(node: nodes.Node | None) -> tuple[str, ...]:
    """Return the conditions under which a node is shown at all; a directive cannot see what is around it."""
    found = []
    while node is not None:
        if isinstance(node, addnodes.only):
            found.append(str(node["expr"]))
        node = node.parent
    return tuple(found)
