"""How one figure is to look. Display only: nothing here changes what is run.

Layer `render`; plain data. Made by `ext.directives`, read by every writer.
Read next: `graph.py`, `tables.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple, get_args

if TYPE_CHECKING:
    from sphinx_tape.render.folding import FoldChoice

View = Literal["view", "grads", "trace"]
Part = Literal["graph", "coverage", "steps", "gradients", "nodes", "values", "dot", "source"]
DirectionChoice = Literal["auto", "LR", "TB"]

PARTS: tuple[Part, ...] = get_args(Part)

PARTS_OF: dict[View, tuple[Part, ...]] = {
    "view": ("graph", "nodes", "values", "dot", "source"),
    "grads": ("graph", "coverage", "gradients", "nodes", "values", "dot", "source"),
    "trace": ("graph", "coverage", "steps", "gradients", "nodes", "values", "dot", "source"),
}
"""Which parts a view can show."""

DEFAULT_PARTS: dict[View, tuple[Part, ...]] = {
    "view": ("graph", "nodes", "values", "dot"),
    "grads": ("graph", "coverage", "gradients", "nodes", "dot"),
    "trace": ("graph", "steps", "coverage", "nodes", "dot"),
}
"""What a view shows, in this order, if the author does not say."""

DEFAULT_OPEN: dict[View, tuple[Part, ...]] = {
    "view": ("graph", "nodes"),
    "grads": ("graph", "coverage", "gradients"),
    "trace": ("graph", "steps"),
}
"""Which of the shown parts start unfolded; `graph` and `coverage` never fold."""


def parts_named(view: View, text: str) -> tuple[Part, ...]:
    """Return the parts that a text names, in its order.

    Raises:
        ValueError: It names none, one twice, or one that the view cannot show; says what is allowed.
    """
    allowed = PARTS_OF[view]
    words = text.replace(",", " ").split()
    parts = tuple(part for word in words for part in allowed if part == word)
    if not words or len(set(parts)) < len(words):
        raise ValueError("one or more of " + ", ".join(allowed) + ", each once")
    return parts


class DisplayOptions(NamedTuple):
    """The display options of one figure, validated."""

    view: View
    show: tuple[Part, ...]
    open: tuple[Part, ...]
    precision: int = 4
    """Significant digits of numbers."""
    direction: DirectionChoice = "auto"
    fold: FoldChoice = "auto"
    """Whether repeated blocks are drawn once."""
    max_nodes: int = 200
    """More nodes than this are clipped from the drawing and the tables, by nodes, and it is said."""
    mirror: bool = False
    """Draw the reverse pass beside the forward one."""
    layout: Literal["builtin", "dot", "auto"] = "builtin"
    overwriting: bool = False
    """In the steps, also say what an engine that overwrites instead of adding would give."""
