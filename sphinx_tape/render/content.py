"""What a figure says, before any output format: lines, tables, arrays, steps, in sections.

Layer `render`; plain data. Made by `sections.py` from a report, written out by `html.py`, by `text.py` and,
as docutils nodes, by `ext`. Whoever adds a kind of block adds it to all three.
Read next: `sections.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from sphinx_tape.render.formulas import Formula
    from sphinx_tape.render.numbers import Mark
    from sphinx_tape.render.options import Part
    from sphinx_tape.report.model import ArrayPreview, CheckVerdict, GradientState, SourceLine, StepStatus

Role = Literal["text", "number", "code", "strong", "state"]


class Inline(NamedTuple):
    """A run of text of one kind."""

    text: str
    role: Role = "text"
    node: int | None = None
    """The node whose row it links to."""
    formula: Formula | None = None
    """Math, instead of the text; the text is then the formula's plain twin."""
    state: GradientState | None = None
    """For the role `state`: which one."""
    mark: Mark = ""
    """For the role `number`: zero, NaN, infinity."""


Line = tuple[Inline, ...]


class Column(NamedTuple):
    """A column and how its cells stand."""

    title: str
    align: Literal["left", "right", "center"] = "left"
    code: bool = False
    """Whether most cells are code: writers may say that of the column, once, instead of each cell."""


class TableRow(NamedTuple):
    """One line of cells; the first cell is the row's head."""

    cells: tuple[Line, ...]
    node: int | None = None
    """The node that the row is about."""
    state: GradientState | None = None


class Table(NamedTuple):
    """A table with a caption and, below it, what is not in it."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[TableRow, ...]
    notes: tuple[Line, ...] = ()


class Paragraph(NamedTuple):
    """A sentence or two."""

    line: Line
    kind: Literal["plain", "note", "hint"] = "plain"


class ArrayBlock(NamedTuple):
    """An array with everything that is known of it."""

    title: Line
    array: ArrayPreview
    precision: int
    node: int
    what: Literal["value", "gradient"]


class Amount(NamedTuple):
    """A value in a step: one line always, the array itself if it is one."""

    line: Line
    array: ArrayPreview | None = None


class ContributionView(NamedTuple):
    """What one operand position sends to its parent, worked out."""

    parent: int
    operand: int
    target: Line
    """Where it goes: the parent, linked, with the operand's position."""
    left: Formula
    """The parent's cotangent."""
    adds: bool
    """Whether it is added to other contributions, so that `+=` is written."""
    rule: Formula | None
    """The local rule in symbols; None if it is not known."""
    numbers: Formula | None
    """The rule with values put in; None if it is not known or says nothing new."""
    result: Amount
    notes: tuple[str, ...] = ()
    """Axes summed to undo broadcasting, and the like."""
    total: Amount | None = None
    """Running sum at a node with several contributions."""
    total_words: str = ""
    """`sum after 1 of 2`, or that this is the gradient."""
    complete: bool = False
    """Whether the parent's gradient is complete after this contribution."""


class ForwardStep(NamedTuple):
    """One node of the forward computation, in id order."""

    number: int
    node: int
    heading: Line
    left: Formula
    rule: Formula | None
    numbers: Formula | None
    result: Amount
    edges: tuple[str, ...] = ()
    """Names of the drawn edges into the node."""
    source: SourceLine | None = None


class ReverseStepView(NamedTuple):
    """The visit of one node in the reverse pass."""

    number: int
    node: int
    status: StepStatus
    heading: Line
    status_words: str
    left: Formula
    cotangent: Amount | None
    contributions: tuple[ContributionView, ...] = ()
    notes: tuple[Line, ...] = ()
    failure: str = ""
    edges: tuple[str, ...] = ()
    """Names of the drawn edges along which contributions go."""
    done: tuple[int, ...] = ()
    """Nodes whose gradient is complete after this step and was not before."""
    source: SourceLine | None = None


class ForwardSteps(NamedTuple):
    """The forward computation, step by step."""

    title: str
    steps: tuple[ForwardStep, ...]


class ReverseSteps(NamedTuple):
    """The reverse pass, step by step."""

    title: str
    steps: tuple[ReverseStepView, ...]


class Listing(NamedTuple):
    """Program text: DOT, or the builder's own source."""

    text: str
    language: Literal["dot", "python"]
    first_line: int = 1
    file: str = ""


class FailureBox(NamedTuple):
    """Something that did not work, said where its result would stand."""

    title: str
    message: str
    details: tuple[str, ...] = ()
    """Lines of a traceback."""
    node: int | None = None


class Badge(NamedTuple):
    """What came of the check of the gradients: one sentence, and the numbers behind it."""

    verdict: CheckVerdict
    sign: str
    """A mark of its own shape for each verdict."""
    line: Line
    faults: tuple[Line, ...] = ()
    """Who is to blame."""
    notes: tuple[Line, ...] = ()
    """What could not be checked, and what else was."""
    table: Table | None = None
    """Every leaf; formats that cannot fold leave it out."""


Block = Badge | Paragraph | Table | ArrayBlock | ForwardSteps | ReverseSteps | Listing | FailureBox


class Section(NamedTuple):
    """One part of a figure. The part `graph` has no blocks: every format draws it in its own way."""

    part: Part | Literal["check", "failure"]
    title: str
    folds: bool
    """Whether HTML may fold it."""
    open: bool
    """Whether it starts unfolded."""
    blocks: tuple[Block, ...] = ()


def plain(line: Line) -> str:
    """Read a line as plain text."""
    return "".join(part.text for part in line)
