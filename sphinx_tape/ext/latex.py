"""LaTeX: nodes for the drawing and its place; everything else of a figure are ordinary nodes.

Layer `ext`.
Read next: `picture.py`.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from docutils import nodes

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.writers.latex import LaTeXTranslator


class tape_picture(nodes.General, nodes.Element):  # noqa: N801 -- docutils names nodes in lower case
    """A drawing in LaTeX."""


class tape_standing(nodes.General, nodes.Element):  # noqa: N801 -- docutils names nodes in lower case
    """A figure that keeps its place before its tables.

    LaTeX would carry a float to the top of some page, away from the tables that explain it, and the tables,
    which may break over pages, then run over the foot of that page: `longtable` forgets what floats take.
    """


LONGEST_MEASURED = 1000
"""Characters of a caption that LaTeX may set in one line, to see whether it fits; 5.75 m are too much."""
UNMEASURED_CAPTION = (
    "\n\\begingroup\\makeatletter\\long\\def\\@makecaption#1#2"
    "{\\vskip\\abovecaptionskip #1: #2\\par\\vskip\\belowcaptionskip}\\makeatother\n"
)


def visit_standing(self: LaTeXTranslator, node: tape_standing) -> None:
    """Let no figure float, as Sphinx itself does where floats are impossible."""
    self.no_latex_floats += 1
    self.body.append(UNMEASURED_CAPTION if has_long_caption(node) else "")


def depart_standing(self: LaTeXTranslator, node: tape_standing) -> None:
    """Let figures float again."""
    self.no_latex_floats -= 1
    self.body.append("\\endgroup\n" if has_long_caption(node) else "")


def has_long_caption(node: tape_standing) -> bool:
    """Whether a caption cannot be set in one line, not even to be measured."""
    return any(len(caption.astext()) > LONGEST_MEASURED for caption in node.findall(nodes.caption))


def visit_picture(self: LaTeXTranslator, node: tape_picture) -> None:
    """Write the picture file beside the document, and the code that shows it."""
    from sphinx_tape.ext.picture import picture_code  # noqa: PLC0415 -- a build that writes no figure needs no code that writes figures
    from sphinx_tape.ext.spelling import spell  # noqa: PLC0415 -- as above

    wanted = self.latex_image_length(node["width"]) if node["width"] else None
    encode = partial(spell, engine=self.config.latex_engine, escape=self.encode)
    self.body.append(picture_code(node["placed"], Path(self.builder.outdir), wanted, encode))


def depart_picture(_self: LaTeXTranslator, _node: tape_picture) -> None:
    """Do nothing: the node is empty."""


def setup_latex(app: Sphinx) -> None:
    """Register the nodes."""
    app.add_node(tape_standing, latex=(visit_standing, depart_standing))
    app.add_node(tape_picture, latex=(visit_picture, depart_picture))
