"""A whole figure as sections: what is shown, in which order, for every output format alike.

Layer `render`. Reads a report and display options, makes `content.Section`s.
Read next: `html.py`, `text.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from sphinx_tape.render.badges import badge
from sphinx_tape.render.clipping import choose_nodes
from sphinx_tape.render.content import (
    ArrayBlock,
    Block,
    FailureBox,
    ForwardSteps,
    Inline,
    Listing,
    Paragraph,
    ReverseSteps,
    Section,
)
from sphinx_tape.render.messages import _
from sphinx_tape.render.reasons import node_link
from sphinx_tape.render.steps import forward_steps, reverse_steps, wording
from sphinx_tape.render.tables import (
    coverage_lines,
    gradient_table,
    hidden_line,
    node_table,
    nonfinite_lines,
    text,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sphinx_tape.render.options import DisplayOptions, Part
    from sphinx_tape.report.model import TapeReport

_NEVER_FOLD: frozenset[Part] = frozenset({"graph", "coverage"})
_NEEDS_REVERSE: frozenset[Part] = frozenset({"coverage", "gradients", "steps"})


def sections(report: TapeReport, options: DisplayOptions, dot: str = "") -> tuple[Section, ...]:
    """Decide what a figure says.

    Args:
        report: The executed tape.
        options: Parts, their order, digits, how many nodes at most.
        dot: The graph as DOT text, for the part `dot`.

    Returns:
        The shown parts in order, without those that would be empty; a failure comes first, and then the
        tape's own table is shown whether asked for or not, so that nothing of the forward part is lost. It
        is shown also where nothing else would be.
    """
    shown = choose_nodes(report, options).listed
    made = [
        _section(part, _blocks(part, report, options, shown, dot), options)
        for part in _parts(report, options)
    ]
    kept = [section for section in made if section.blocks or section.part == "graph"]
    if not kept:  # arrays asked for where all values are numbers: their table has them
        kept = [_section("nodes", _node_blocks(report, options, shown), options)._replace(open=True)]
    return (*_failure(report), *_with_check(kept, report, options))


def part_title(part: Part) -> str:
    """Name a part for readers."""
    titles: dict[Part, str] = {
        "graph": _("Graph"),
        "coverage": _("Coverage"),
        "steps": _("Reverse pass, step by step"),
        "gradients": _("Gradients"),
        "nodes": _("Nodes"),
        "values": _("Arrays"),
        "dot": _("DOT source"),
        "source": _("Source of the builder"),
    }
    return titles[part]


def _parts(report: TapeReport, options: DisplayOptions) -> tuple[Part, ...]:
    if report.failure is None or "nodes" in options.show:
        return options.show
    return (*options.show, "nodes")


def _section(part: Part, blocks: tuple[Block, ...], options: DisplayOptions) -> Section:
    folds = part not in _NEVER_FOLD
    return Section(part, part_title(part), folds, not folds or part in options.open, blocks)


def _blocks(
    part: Part, report: TapeReport, options: DisplayOptions, shown: Sequence[int], dot: str
) -> tuple[Block, ...]:
    if part in _NEEDS_REVERSE:
        return _reverse_blocks(part, report, options, shown)
    if part == "nodes":
        return _node_blocks(report, options, shown)
    if part == "values":
        return _arrays(report, options, shown, "value")
    if part == "dot":
        return (Listing(dot, "dot"),) if dot else ()
    if part == "source" and report.builder_source is not None:
        source = report.builder_source
        return (Listing("\n".join(source.lines), "python", source.first, source.file),)
    return ()


def _with_check(kept: list[Section], report: TapeReport, options: DisplayOptions) -> list[Section]:
    """Put the badge behind the coverage, or else behind the drawing, or first."""
    if report.check is None or options.view == "view":
        return kept
    made = badge(report, report.check, options.precision)
    wrong = report.check.verdict == "wrong"
    section = Section("check", _("Check of the gradients"), folds=True, open=wrong, blocks=(made,))
    parts = [each.part for each in kept]
    place = next((parts.index(part) + 1 for part in ("coverage", "graph") if part in parts), 0)
    return [*kept[:place], section, *kept[place:]]


def _node_blocks(report: TapeReport, options: DisplayOptions, shown: Sequence[int]) -> tuple[Block, ...]:
    if not report.nodes:
        return (Paragraph(text(_("The tape has no nodes."))),)
    warned = () if report.reverse and "coverage" in options.show else nonfinite_lines(report)
    return (node_table(report, shown, options.precision), *warned)


def _reverse_blocks(
    part: Part, report: TapeReport, options: DisplayOptions, shown: Sequence[int]
) -> tuple[Block, ...]:
    reverse = report.reverse
    if reverse is None:
        return ()
    if part == "coverage":
        return coverage_lines(report, reverse)
    if part == "gradients":
        table = gradient_table(report, reverse, shown, options.precision)
        return (table, *_arrays(report, options, shown, "gradient"))
    return _step_blocks(report, options, shown)


def _step_blocks(report: TapeReport, options: DisplayOptions, shown: Sequence[int]) -> tuple[Block, ...]:
    words = wording(report, options.precision, overwriting=options.overwriting)
    unnamed = any(not report.nodes[node].name for node in shown)
    intro = _("A bar marks a cotangent: the derivative of the output with respect to that value.")
    if unnamed:
        intro += " " + _("A node without a name is written v with its id.")
    if any("^{(" in words.symbols[node].scripts for node in shown):
        intro += " " + _("A name that occurs more than once carries the node's id.")
    note = hidden_line(report, shown)
    return (
        Paragraph(text(intro), "note"),
        *((Paragraph(note, "note"),) if note else ()),
        ForwardSteps(_("Forward"), forward_steps(words, shown)),
        ReverseSteps(_("Reverse"), reverse_steps(words, shown)),
    )


def _arrays(
    report: TapeReport, options: DisplayOptions, shown: Sequence[int], what: Literal["value", "gradient"]
) -> tuple[Block, ...]:
    """Show the arrays themselves; scalars are in the table already."""
    blocks = []
    for node in shown:
        row = report.nodes[node]
        gradient = report.reverse.gradients[node].gradient if report.reverse else None
        array = row.value if what == "value" else gradient
        if array is not None and array.shape and array.known:
            before = Inline(text=_("Gradient of ") if what == "gradient" else _("Value of "))
            block = ArrayBlock(
                title=(before, node_link(row)),
                array=array,
                precision=options.precision,
                node=node,
                what=what,
            )
            blocks.append(block)
    return tuple(blocks)


def _failure(report: TapeReport) -> tuple[Section, ...]:
    failure = report.failure
    if failure is None:
        return ()
    title = _("The reverse pass failed") if failure.subtype == "backward" else _("There is no reverse pass")
    box = FailureBox(title, failure.message, failure.traceback, failure.node)
    return (Section("failure", title, folds=False, open=True, blocks=(box,)),)
