"""The words and letters for what became of a node, shared by drawing, tables, legend and text.

Layer `render`. A state is never told by colour alone: it has a letter and a word.
Read next: `reasons.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, get_args

from sphinx_tape.render.characters import clip
from sphinx_tape.render.escape import clean
from sphinx_tape.render.messages import _
from sphinx_tape.report.model import GradientState

if TYPE_CHECKING:
    from sphinx_tape.report.model import NodeRow, StepStatus

STATES: Final[tuple[GradientState, ...]] = get_args(GradientState)
"""Every state, in the order of a legend."""
_NAME_LIMIT: Final = 60

_LETTERS: Final[dict[GradientState, str]] = {
    "output": "O",
    "gradient": "G",
    "zero": "Z",
    "missing": "M",
    "not_asked": "N",
}


def state_letter(state: GradientState) -> str:
    """Give the letter that stands for a state in a box or a narrow column."""
    return _LETTERS[state]


def state_word(state: GradientState) -> str:
    """Name a state in one or two words."""
    words: dict[GradientState, str] = {
        "output": _("output"),
        "gradient": _("has a gradient"),
        "zero": _("exactly zero"),
        "missing": _("missing"),
        "not_asked": _("not asked for"),
    }
    return words[state]


def status_word(status: StepStatus) -> str:
    """Say in a few words what happened at a node during the reverse pass."""
    words: dict[StepStatus, str] = {
        "propagates": _("has an upstream gradient"),
        "no_upstream": _("no upstream gradient, although required"),
        "not_asked": _("requires no gradient"),
        "failed": _("local rule failed"),
    }
    return words[status]


def display_name(row: NodeRow) -> str:
    """Name a node for readers: the author's name, else the op's; what is very long is clipped."""
    return author_name(row) or clip(clean(row.op), _NAME_LIMIT)


def author_name(row: NodeRow) -> str:
    """Give the author's name as it can be printed, of a length that a line holds; empty if there is none."""
    return clip(clean(row.name), _NAME_LIMIT).strip()


def local_name(row: NodeRow) -> str:
    """Give the author's name without the scopes that it begins with, where these are shown beside it.

    Scopes may say more after a space, as in `0 Linear`.
    """
    prefix = "".join(f"{scope.partition(' ')[0]}." for scope in row.scope)
    return row.name.removeprefix(prefix) or row.name


def display_label(row: NodeRow) -> str:
    """Name a node so that it is the only one: `3: loss`."""
    return f"{row.id}: {display_name(row)}"
