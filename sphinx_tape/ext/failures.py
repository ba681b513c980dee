"""The box that stands in the page where a figure could not be made, for formats that print docutils nodes.

Layer `ext`. Reads what went wrong, makes nodes; in HTML `html.py` writes the box.
Read next: `transforms.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from docutils import nodes

from sphinx_tape.ext.inlines import heading, literal, message
from sphinx_tape.render.messages import _

if TYPE_CHECKING:
    from sphinx_tape.ext.messages import Subtype

_LONGEST = 2000
"""Characters of a message that the page prints; the warning has all of it."""
_WIDEST = 500
"""Characters of a line of a traceback or of an output; longer ones go on in the next line."""


class Trouble(NamedTuple):
    """What went wrong with one figure, whatever the layer it comes from."""

    subtype: Subtype
    message: str
    traceback: tuple[str, ...] = ()
    output: str = ""
    """What the builder printed."""

    def as_warning(self) -> str:
        """Return the text for the build log: everything; all lines but the first are indented."""
        return "\n    ".join("\n".join([self.message, *self.details()]).splitlines())

    def title(self) -> str:
        """Return the title of the box."""
        return _("This figure could not be made ({kind})").format(kind=self.subtype.value)

    def shown_message(self) -> str:
        """Return the message, as long as a page can bear."""
        return self.message if len(self.message) <= _LONGEST else self.message[:_LONGEST] + " ..."

    def details(self) -> tuple[str, ...]:
        """Return the traceback and what the builder printed, line by line."""
        printed = (_("Output of the builder:"), *self.output.splitlines()) if self.output else ()
        return (*self.traceback, *printed)


def trouble_box(trouble: Trouble, *, rich: bool = False) -> nodes.admonition:
    """Return the box of a figure that could not be made: title, message, traceback and output."""
    classes = ["error", "tape-failure", f"tape-failure-{trouble.subtype.value}"]
    box = _box(trouble.title(), message(trouble.shown_message(), rich=rich), classes)
    if trouble.details():
        text = "\n".join(_folded(trouble.details()))
        # In a container: plain text glues paragraphs that stand directly in an admonition to each other.
        listing = literal(text, rich=rich)
        box += nodes.container("", *heading(_("Traceback"), rich=False), listing)
    return box


def _folded(lines: tuple[str, ...]) -> Iterator[str]:
    """Break very long lines: a word of thousands of characters makes XeTeX crash."""
    for line in lines:
        yield from (line[start : start + _WIDEST] for start in range(0, len(line) or 1, _WIDEST))


def note_box(note: str) -> nodes.admonition:
    """Return the box of a figure that was left out on purpose."""
    return _box(_("This figure has not been run"), message(note, rich=False), ["tape-not-run"])


def _box(title: str, said: nodes.paragraph, classes: list[str]) -> nodes.admonition:
    """Return an admonition with a title of its own."""
    return nodes.admonition("", nodes.title("", title), said, classes=classes)
