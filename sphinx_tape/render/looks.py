"""How a node may look: its kinds, its states and their signs, so that colour is never the only one.

Layer `render`; plain data. Every state has a word, a letter and a shape besides its colour in `palette.py`.
Read next: `boxes.py`.
"""

from __future__ import annotations

from typing import Final, Literal

from sphinx_tape.render.messages import _
from sphinx_tape.render.states import state_letter, state_word

NodeKind = Literal["leaf", "constant", "op"]
NodeState = Literal["plain", "output", "gradient", "zero", "missing", "not_asked", "failed"]
"""`plain`: nothing is said about gradients. `failed`: the local rule raised here."""
Look = Literal["leaf", "constant", "op", "output", "gradient", "zero", "missing", "not_asked", "failed"]
"""What decides colour and line: the state, or the kind where the state is plain."""
BadgeShape = Literal["ring", "disc", "diamond", "triangle", "square", "octagon"]

LOOKS: Final[tuple[Look, ...]] = (
    "leaf",
    "constant",
    "op",
    "output",
    "gradient",
    "zero",
    "missing",
    "not_asked",
    "failed",
)


BADGES: Final[dict[NodeState, BadgeShape]] = {
    "output": "ring",
    "gradient": "disc",
    "zero": "diamond",
    "missing": "triangle",
    "not_asked": "square",
    "failed": "octagon",
}
"""Shape of the sign that a state has."""

CUT_LETTERS: Final[dict[str, str]] = {
    "detach": "D",
    "no_grad": "B",
    "not_differentiable": "X",
    "integer": "I",
    "unreadable": "U",
}
"""Letter beside the scissors, per kind of cut."""


def look_of(kind: NodeKind, state: NodeState) -> Look:
    """Decide between kind and state."""
    return kind if state == "plain" else state


def badge_letter(state: NodeState) -> str:
    """Give the letter in a state's badge; empty for `plain`."""
    if state == "plain":
        return ""
    return "F" if state == "failed" else state_letter(state)


def look_words(state: NodeState) -> str:
    """Say a state in the reader's language; empty for `plain`."""
    if state == "plain":
        return ""
    return _("local rule failed") if state == "failed" else state_word(state)


def kind_words(kind: NodeKind) -> str:
    """Say a kind in the reader's language."""
    return {"leaf": _("leaf"), "constant": _("constant"), "op": _("operation")}[kind]


def cut_words(cut: str) -> str:
    """Say why gradients end at a node; an unknown cut is its own word."""
    return {
        "detach": _("gradient cut by detach"),
        "no_grad": _("gradient cut by no_grad"),
        "not_differentiable": _("gradient ends: not differentiable"),
        "integer": _("gradient ends: integer values"),
        "unreadable": _("gradient cannot be followed here"),
    }.get(cut, cut)
