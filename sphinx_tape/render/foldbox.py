"""The box that stands for repeated blocks, and the words that say so.

Layer `render`. The box says which nodes it stands for, how many blocks they are, and what became of their
gradients, a letter and a count for each state.
Read next: `boxes.py`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Final

from sphinx_tape.render.boxes import BADGE, GAP, Facts, Piece, Words, measured
from sphinx_tape.render.characters import clip
from sphinx_tape.render.escape import clean
from sphinx_tape.render.looks import badge_letter
from sphinx_tape.render.messages import _

if TYPE_CHECKING:
    from sphinx_tape.render.folding import Fold
    from sphinx_tape.render.looks import NodeState
    from sphinx_tape.report.model import NodeRow, TapeReport

URGENCY: Final[tuple[NodeState, ...]] = ("failed", "missing", "zero", "output", "gradient", "not_asked")
"""Of several states a box shows the first of these."""
_LISTED: Final = 8
"""Ids of leaves that are told; nobody reads more."""
_TO: Final = "\N{EN DASH}"
_TIMES: Final = "\N{MULTIPLICATION SIGN}"
_OPS_LIMIT: Final = 30
_NAME_LIMIT: Final = 12


def fold_facts(report: TapeReport, fold: Fold, facts_of: Callable[[NodeRow], Facts]) -> Facts:
    """Gather what the box of a fold is made of.

    Args:
        report: The executed tape.
        fold: What it stands for.
        facts_of: What the box of one node would be made of.
    """
    rows = [report.nodes[node] for node in fold.nodes]
    every = [facts_of(row) for row in rows]
    one = every[rows.index(report.nodes[fold.inside.start])]
    counts = Counter(facts.mirror if facts.mirror != "plain" else facts.state for facts in every)
    told = tuple(state for state in URGENCY if counts[state])
    state: NodeState = told[0] if told else "plain"
    mirrored = one.mirror != "plain"
    scopes = {row.scope for row in rows}
    return one._replace(
        row=one.row._replace(scope=one.row.scope if len(scopes) == 1 else (), cut=""),
        gradient=None,
        kind="op",
        state="plain" if mirrored else state,
        mirror=state if mirrored else "plain",
        badge=one.badge,
        title=partial(fold_words, fold),
        telling=True,
        words=_words(report, fold, counts, badge=one.badge, mirrored=mirrored),
        folded=fold.nodes,
        told=told if one.badge or mirrored else (),
    )


def fold_words(fold: Fold) -> str:
    """Say in a sentence what a box stands for."""
    told = _("One box stands for nodes {first} to {last}: {count} more times {block}.").format(
        first=fold.inside.start,
        last=fold.inside.stop - 1,
        block=_("node {number}").format(number=fold.first.start)
        if len(fold.first) == 1
        else _("nodes {first} to {last}").format(first=fold.first.start, last=fold.first.stop - 1),
        count=fold.repeats,
    )
    leaves = [str(node) for node in fold.nodes if node not in fold.inside]
    if not leaves:
        return told
    listed = ", ".join(leaves[:_LISTED])
    if len(leaves) > _LISTED:
        listed = _("{names} and {more} more").format(names=listed, more=len(leaves) - _LISTED)
    more = _("Leaves and constants that only they use are in it, too: {nodes}.").format(nodes=listed)
    return f"{told} {more}"


def _words(
    report: TapeReport, fold: Fold, counts: Mapping[NodeState, int], *, badge: bool, mirrored: bool
) -> Words:
    inside = fold.inside
    ids: Piece = ("id", f"{inside.start}{_TO}{inside.stop - 1}:")
    heading: list[Piece] = [ids, ("name", f"{_TIMES} {fold.repeats}")]
    ops = dict.fromkeys(clean(report.nodes[node].op) for node in fold.first if report.nodes[node].parents)
    lines = [
        measured((*heading, *_names(report, fold)), GAP + BADGE if badge else 0),
        measured((("op", clip(", ".join(ops), _OPS_LIMIT)),)),
    ]
    told = [f"{badge_letter(state)} {counts[state]}" for state in URGENCY if counts[state]]
    grad = [measured((("grad", "  ".join(told)),))] if told and (badge or mirrored) else []
    if mirrored:
        return Words(tuple(lines), (measured(tuple(heading), GAP + BADGE), *grad) if grad else ())
    return Words((*lines, *grad), ())


def _names(report: TapeReport, fold: Fold) -> Sequence[Piece]:
    """Name the result of the first and of the last block, if the author named it."""
    named = [node for node in fold.first if report.nodes[node].parents and report.nodes[node].name]
    if not named:
        return ()
    place = named[-1] - fold.first.start
    ends = (fold.inside.start + place, fold.inside.stop - len(fold.first) + place)
    first, last = (clip(clean(report.nodes[node].name), _NAME_LIMIT) for node in ends)
    return (("title", first if first == last else f"{first} … {last}"),)
