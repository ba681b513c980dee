"""What the signs of a drawing mean: one entry for each sign that is really in it.

Layer `render`. Pages, print and text show the same entries.
Read next: `svg.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, get_args

from sphinx_tape.render.looks import (
    CUT_LETTERS,
    Look,
    NodeKind,
    NodeState,
    badge_letter,
    cut_words,
    kind_words,
    look_words,
)
from sphinx_tape.render.messages import _

if TYPE_CHECKING:
    from sphinx_tape.render.graph import DrawnGraph


class Entry(NamedTuple):
    """One sign and its meaning."""

    sign: Look | str
    """A look of a box, `cut` or `text`."""
    letter: str
    """The sign's letter or text; empty for kinds, which are told by the form of the box."""
    words: str


def legend(drawn: DrawnGraph) -> tuple[Entry, ...]:
    """List the signs of a drawing.

    Args:
        drawn: The drawing.

    Returns:
        Kinds of boxes where they are shown, states, cuts, abbreviations; each only if it occurs.
    """
    return (*_kinds(drawn), *_states(drawn), *_cuts(drawn), *_lengths(drawn))


def legend_text(drawn: DrawnGraph) -> str:
    """Write the legend as one line: `G has a gradient; M missing`."""
    return "; ".join(f"{entry.letter} {entry.words}".strip() for entry in legend(drawn))


def _kinds(drawn: DrawnGraph) -> list[Entry]:
    present = {box.kind for box in drawn.boxes if box.state == "plain"}
    return [Entry(kind, "", kind_words(kind)) for kind in get_args(NodeKind) if kind in present]


def _states(drawn: DrawnGraph) -> list[Entry]:
    present = {box.state for box in drawn.boxes} | {box.twin_state for box in drawn.boxes if box.twin}
    present.update(state for box in drawn.boxes for state in box.told)
    lettered = any(box.badge or box.twin for box in drawn.boxes)
    return [
        Entry(state, badge_letter(state) if lettered else "", look_words(state))
        for state in get_args(NodeState)
        if state in present and state != "plain"
    ]


def _cuts(drawn: DrawnGraph) -> list[Entry]:
    present = {edge.cut for edge in drawn.edges if edge.cut}
    known = [cut for cut in CUT_LETTERS if cut in present]
    return [Entry("cut", CUT_LETTERS[cut], cut_words(cut)) for cut in known]


def _lengths(drawn: DrawnGraph) -> list[Entry]:
    word = _("|grad|")
    present = word in {run.text for box in drawn.boxes for run in (*box.runs, *box.twin)}
    return [Entry("text", word, _("length (L2 norm) of an array's gradient"))] if present else []
