"""LaTeX: a node for the drawing; everything else of a figure are ordinary nodes.

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
    """Register the node."""
    app.add_node(tape_picture, latex=(visit_picture, depart_picture))
