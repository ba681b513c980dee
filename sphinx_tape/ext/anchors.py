"""What the ids of a figure begin with: the author's name for it, so that addresses of steps can be written.

Layer `ext`. Reads the ids of a page that has been read, makes `TapeFigure.anchor`; no two elements of a page
may share an id, and where one of ours would, the figure's number is used instead.
Read next: `html.py`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final

from docutils import nodes
from sphinx.transforms import SphinxTransform

from sphinx_tape.ext.collect import figures_of
from sphinx_tape.ext.figure import TapeFigure, tape_figure

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.builders import Builder
    from sphinx.environment import BuildEnvironment

_OURS: Final = re.compile(
    r"-(graph|title|desc|source|forward|reverse|[a-z][0-9]+|(row|step|forward|value|gradient)-[0-9]+)"
)
"""What we put behind an anchor."""


class AnchorTransform(SphinxTransform):
    """Takes the anchor from figures whose ids would meet others of the page."""

    # When all ids of the page are known, before the page is handed on as read.
    default_priority = 900

    def apply(self, **_kwargs: Any) -> None:  # noqa: ANN401 -- docutils' interface
        """Look at every figure of the page."""
        for node in self.document.findall(tape_figure):
            if clashes(node.figure.anchor, self.document.ids):
                node["figure"] = node.figure._replace(anchor="")


def anchor_of(shell: nodes.Element, name: str) -> str:
    """Return the id that docutils has made of a figure's name; empty if it had to make one up."""
    wanted = nodes.make_id(name)
    return wanted if wanted in shell["ids"] else ""


def clashes(anchor: str, ids: Iterable[str]) -> bool:
    """Tell whether an id on the page looks like one of a figure's."""
    return bool(anchor) and any(
        id_.startswith(anchor) and _OURS.fullmatch(id_, len(anchor)) is not None for id_ in ids
    )


def prefix_of(figure: TapeFigure, builder: Builder) -> str:
    """Return what all ids of a figure begin with.

    The name that the author gave it; else a number, whose capital keeps it apart from every id that docutils
    makes. Where all pages become one, a name must be the only one, and the page is part of a number.
    """
    single = builder.name == "singlehtml"
    if figure.anchor and not (single and _is_taken(figure.anchor, builder.env)):
        return figure.anchor
    page = hashlib.sha256(figure.docname.encode()).hexdigest()[:6] + "-" if single else ""
    return f"T{page}{figure.number}"


def _is_taken(anchor: str, env: BuildEnvironment) -> bool:
    """Tell whether several figures of a project have an anchor, or any heading an id like theirs."""
    figures = (figure for page in figures_of(env).values() for figure in page)
    return sum(figure.anchor == anchor for figure in figures) > 1 or clashes(anchor, _headings(env))


def _headings(env: BuildEnvironment) -> Iterator[str]:
    for toc in env.tocs.values():
        for link in toc.findall(nodes.reference):
            yield link.get("anchorname", "").removeprefix("#")


def setup_anchors(app: Sphinx) -> None:
    """Register the transform."""
    app.add_transform(AnchorTransform)
