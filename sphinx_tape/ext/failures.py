"""The box that stands in the page where a figure, or a part of one, could not be made.

Layer `ext`. Reads what went wrong, makes docutils nodes that every output format can print.
Read next: `transforms.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from docutils import nodes

from sphinx_tape.ext.messages import Subtype
from sphinx_tape.render.messages import _

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.writers.html5 import HTML5Translator

_LONGEST = 2000
"""Characters of a message that the page prints; the warning has all of it."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """What went wrong with one figure, whatever the layer it comes from."""

    subtype: Subtype
    message: str
    traceback: tuple[str, ...] = ()
    output: str = ""
    """What the builder printed."""

    def as_warning(self) -> str:
        """Return the text for the build log: everything, the traceback indented below."""
        printed = ("output of the builder:", *self.output.splitlines()) if self.output else ()
        return "\n    ".join([self.message, *self.traceback, *printed])


class tape_fold(nodes.container):  # noqa: N801 -- docutils names nodes in lower case
    """A part that can be folded where the format can fold; elsewhere an ordinary container."""


def trouble_box(trouble: Trouble) -> nodes.admonition:
    """Return the box of a figure that could not be made: title, message, folded traceback and output."""
    title = _("This figure could not be made ({kind})").format(kind=trouble.subtype.value)
    box = _box(title, trouble.message, ["error", "tape-failure", f"tape-failure-{trouble.subtype.value}"])
    box += _fold(_("Traceback"), "\n".join(trouble.traceback))
    box += _fold(_("Output of the builder"), trouble.output.rstrip())
    return box


def note_box(message: str) -> nodes.admonition:
    """Return the box of a figure that was left out on purpose."""
    return _box(_("This figure has not been run"), message, ["tape-note"])


def _box(title: str, message: str, classes: list[str]) -> nodes.admonition:
    """Return an admonition with a title of its own."""
    clipped = message if len(message) <= _LONGEST else message[:_LONGEST] + " ..."
    return nodes.admonition("", nodes.title("", title), nodes.paragraph("", clipped), classes=classes)


def _fold(title: str, text: str) -> list[nodes.Node]:
    """Return a folded literal block, or nothing if there is no text."""
    if not text:
        return []
    block = nodes.literal_block(text, text, language="none", classes=["tape-traceback"])
    return [tape_fold("", nodes.paragraph("", "", nodes.strong("", title)), block, title=title)]


def visit_fold(self: HTML5Translator, node: tape_fold) -> None:
    """Open a `details` element; the paragraph with the title becomes its summary."""
    node.pop(0)
    self.body.append('<details class="tape-fold"><summary>' + self.encode(node["title"]) + "</summary>\n")


def depart_fold(self: HTML5Translator, _node: tape_fold) -> None:
    """Close the `details` element."""
    self.body.append("</details>\n")


def setup_failures(app: Sphinx) -> None:
    """Register the node; builders without a visitor print it as a container."""
    app.add_node(tape_fold, html=(visit_fold, depart_fold))
