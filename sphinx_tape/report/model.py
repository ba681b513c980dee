"""The report: what one executed tape looks like, as plain immutable data.

Layer `report`, but importing nothing of ours and no NumPy, so that every process may read it. Made by
`build.py` inside the worker, written and read by `serial.py`, printed by `render`.
Everything here pickles, compares by value and survives JSON unchanged. Named tuples, because a report has
hundreds of them, and because they take a fourth of the time of data classes to load.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

SCHEMA = 3
"""Version of this data; part of every store key."""

Number = int | float | bool | str | tuple[float, float]
"""One element. Floats are the shortest decimal that reads back in the element type; non-finite ones
are the strings `nan`, `inf`, `-inf`; complex ones are (real, imaginary) with the same strings allowed
inside as floats are written out by `json`; exact and symbolic elements are their own text."""

Kind = Literal["float", "complex", "int", "bool", "exact", "unknown"]
"""`unknown`: only shape and element type are known, because a framework did not keep the value."""

ReasonKind = Literal[
    "not_reached",
    "detach",
    "no_grad",
    "not_differentiable",
    "integer",
    "not_asked",
    "unreadable",
]
"""Why a node has no gradient: the closed set."""

GradientState = Literal["output", "gradient", "zero", "missing", "not_asked"]
"""`zero`: reached, and every element is exactly zero. `missing`: required, but none arrived."""

CheckVerdict = Literal["right", "kink", "unresolved", "unchecked", "wrong"]
"""`unresolved`: differences disagree, but every rule, value and sum is right when checked alone, so it is
rounding. `unchecked`: it could not be run again."""

CheckMethod = Literal["", "central differences", "complex step"]

StepStatus = Literal["propagates", "no_upstream", "not_asked", "failed"]


class Statistics(NamedTuple):
    """Facts over *all* elements of an array, also those that the preview leaves out.

    `minimum`, `maximum`, `mean`, norms are over the finite elements; None where there is none or the
    element type has no order (complex: magnitudes are used for the norms and `largest`).
    """

    minimum: Number | None
    maximum: Number | None
    mean: Number | None
    l1: Number | None
    l2: Number | None
    largest: Number | None
    """Largest absolute value."""
    zeros: int
    """Elements that are exactly zero."""
    nans: int
    infinities: int


class ArrayPreview(NamedTuple):
    """The first elements of an array along every axis, and statistics over all of it."""

    shape: tuple[int, ...]
    dtype: str
    kind: Kind
    kept: tuple[int, ...]
    """How many entries are kept along each axis (at most the shape's)."""
    elements: tuple[Number, ...]
    """The kept block in row-major order: product of `kept` elements, one for a scalar; none if unknown."""
    statistics: Statistics | None
    """None for scalars and for element types without arithmetic."""

    @property
    def known(self) -> bool:
        """Whether there is any element to show."""
        return self.kind != "unknown"

    @property
    def clipped(self) -> bool:
        """Whether elements were left out."""
        return self.kept != self.shape


class SourceLine(NamedTuple):
    """A line of the author's code, with a path that does not depend on the machine."""

    file: str
    """Path relative to the folder the module was imported from, with forward slashes."""
    line: int
    text: str = ""
    """The line itself, stripped; empty if it could not be read."""


class SourceText(NamedTuple):
    """The builder's own source, for display beside the graph."""

    file: str
    first: int
    """Number of the first line."""
    lines: tuple[str, ...]


class NodeRow(NamedTuple):
    """One node of the tape."""

    id: int
    op: str
    name: str
    scope: tuple[str, ...]
    parents: tuple[int, ...]
    """Operand order, repeats kept."""
    requires_grad: bool
    value: ArrayPreview
    keywords: tuple[tuple[str, str], ...]
    """Keyword arguments of the primitive, as text, in recorded order."""
    tex: str
    """Forward formula as a template (marks as in `tape.primitive.Primitive`); empty if unknown."""
    cut: str
    """Why gradients end here although an operand requires one (`tape.node.Cut`); empty if not."""
    note: str
    """What could not be read at this node, in plain words; or the convention at kinks."""
    source: SourceLine | None


class Reason(NamedTuple):
    """Why a node has no gradient."""

    kind: ReasonKind
    blocker: int | None = None
    """The node at which the gradient is cut, where there is one."""


class GradientRow(NamedTuple):
    """What the reverse pass left at one node."""

    node: int
    state: GradientState
    gradient: ArrayPreview | None
    """None exactly if `state` is `missing` or `not_asked`, or for a node that nothing reached."""
    reason: Reason | None
    """Given exactly if `state` is `missing` or `not_asked`."""


class ContributionRow(NamedTuple):
    """What one operand position sends to its parent in one step."""

    operand: int
    parent: int
    value: ArrayPreview
    running: ArrayPreview | None
    """The parent's sum so far, this contribution included; None if the parent gets only one."""
    part: int
    """1 for the parent's first contribution, 2 for its second ..."""
    parts: int
    """How many contributions the parent gets in all."""
    formula: str
    """The local rule as a TeX template; empty if unknown."""
    summed_axes: tuple[int, ...]
    """Axes of the node's value over which the contribution was summed to undo broadcasting."""


class StepRow(NamedTuple):
    """The visit of one node in the reverse pass."""

    node: int
    status: StepStatus
    cotangent: ArrayPreview | None
    """The accumulated cotangent with which the node was visited."""
    contributions: tuple[ContributionRow, ...] = ()
    failure: str = ""
    """Message of a local rule that failed here."""


class Coverage(NamedTuple):
    """Of the nodes that require a gradient: how many were reached, and which were not."""

    required: int
    reached: int
    missing: tuple[int, ...]
    missing_leaves: tuple[int, ...]


class ReverseReport(NamedTuple):
    """The reverse pass from one output."""

    output: int
    seed: ArrayPreview
    gradients: tuple[GradientRow, ...]
    """One row per node of the tape, in id order."""
    steps: tuple[StepRow, ...]
    """One row per node from the output's id down to 0, in the order of the visits (descending id)."""
    coverage: Coverage


class ReverseFailure(NamedTuple):
    """Why there is no reverse pass, or where it stopped."""

    subtype: Literal["output", "backward"]
    message: str
    node: int | None = None
    traceback: tuple[str, ...] = ()
    """Trimmed traceback lines without absolute paths."""


class LeafCheck(NamedTuple):
    """The gradient of one leaf, or of several that were moved together, against differences."""

    leaves: tuple[int, ...]
    verdict: CheckVerdict
    method: CheckMethod
    directions: int = 0
    """Random directions in which the leaves were moved; 0: one element at a time."""
    compared: int = 0
    """Elements, or directions, that were compared."""
    kinks: int = 0
    """Of these, at how many a kink was found, so that there is no derivative to compare with."""
    step: Number = 0.0
    error: Number = 0.0
    """Largest error, relative to the largest derivative of the leaf."""
    tolerance: Number = 0.0
    """Largest error accepted."""
    element: tuple[int, ...] = ()
    """Where the largest error was found; empty for scalars and for directions."""
    gradient: Number = 0.0
    """What the reverse pass says there."""
    expected: Number = 0.0
    """What the differences say there."""
    blockers: tuple[int, ...] = ()
    """Nodes between leaf and output that could not be run again."""


class CheckFault(NamedTuple):
    """A node that is to blame for a wrong gradient, found by checking one at a time."""

    node: int
    kind: Literal["rule", "sum", "value"]
    """`rule`: its local rule disagrees with differences of its own forward. `sum`: its gradient is not the
    sum of its contributions. `value`: its value is not what its operands give."""
    operand: int | None = None
    """For `rule`, the position that receives the wrong contribution."""
    element: tuple[int, ...] = ()
    found: Number = 0.0
    expected: Number = 0.0


class CheckReport(NamedTuple):
    """Whether the gradients agree with derivatives that no rule took part in."""

    verdict: CheckVerdict
    """The worst of the leaves' verdicts; `wrong` too if a node was found to be."""
    leaves: tuple[LeafCheck, ...]
    faults: tuple[CheckFault, ...] = ()
    """In the order of the reverse pass."""
    alone: int = 0
    """Nodes whose local rule was checked on its own; 0 where that was not needed."""
    unreplayed: tuple[int, ...] = ()
    """Nodes that could not be run again, so that nothing is known of their rules."""


class TapeReport(NamedTuple):
    """The immutable, array-free description of one executed tape."""

    nodes: tuple[NodeRow, ...]
    """`nodes[i].id == i`."""
    output: int | None
    """The node the reverse pass starts from; None if the tape names none."""
    reverse: ReverseReport | None
    """Also given, as far as it got, if a local rule failed in mid-pass."""
    failure: ReverseFailure | None
    """Given if the reverse pass could not start or stopped."""
    builder_source: SourceText | None = None
    framework: str = "sphinx_tape"
    """Where the tape was read from."""
    check: CheckReport | None = None
    """Only if it was asked for."""
    schema: int = SCHEMA
