"""One box of the drawing: what is written in it, where, and how large that makes it.

Layer `render`. Reads a row of the report, makes text runs with positions in tenths of a pixel from the
box's upper left corner. No writer measures text again.
Read next: `graph.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from sphinx_tape.render.characters import clip, ems
from sphinx_tape.render.escape import clean
from sphinx_tape.render.messages import _
from sphinx_tape.render.numbers import format_number, mark_of
from sphinx_tape.render.states import local_name

if TYPE_CHECKING:
    from sphinx_tape.render.layout import Point
    from sphinx_tape.render.looks import NodeKind, NodeState
    from sphinx_tape.report.model import ArrayPreview, GradientRow, NodeRow

Role = Literal["name", "title", "op", "id", "value", "alarm", "grad", "gradient"]

Form = Literal["tall", "low", "flat"]
"""A line for each fact; two lines; one line."""

FONT_SIZES: Final[dict[Role, int]] = {
    "name": 125,
    "title": 120,
    "op": 110,
    "id": 95,
    "value": 120,
    "alarm": 115,
    "grad": 110,
    "gradient": 115,
}
"""Tenths of a pixel. `title` is the op of a node without a name, `grad` the word before its gradient,
`alarm` what nobody should overlook."""

PAD_X: Final = 90
PAD_Y: Final = 40
LINE: Final = 150
ASCENT: Final = 110
"""From the top of a line to its baseline."""
GAP: Final = 70
BADGE: Final = 130
"""Width of the badge's place, at the right end of the first line."""
MIN_WIDTH: Final = 480
SHEETS: Final = 60
"""How far the sheets behind a box of many nodes reach out."""
ARRIVAL: Final = 75
"""Room on a side for each arrowhead that may arrive there."""
MOST_ARRIVALS: Final = 30
"""Beyond this arrowheads overlap rather than making the box a tower."""

_NAME_LIMIT: Final = 20
_OP_LIMIT: Final = 18
_VALUE_LIMIT: Final = 22

_new = tuple.__new__
"""Makes a named tuple of all its fields, without its constructor; for what there are hundreds of."""


class Run(NamedTuple):
    """Some words in one style."""

    role: Role
    text: str
    x: int
    baseline: int
    width: int
    """By the rule of `characters`."""


class Box(NamedTuple):
    """A drawn node."""

    node: int
    kind: NodeKind
    state: NodeState
    scope: tuple[str, ...]
    runs: tuple[Run, ...]
    size: Point
    title: str
    """More than the box says, in words; empty if there is no more."""
    badge: bool = False
    """Whether the sign of the state is drawn."""
    twin: tuple[Run, ...] = ()
    """What the gradient twin says in a mirrored drawing; empty if it has none."""
    twin_state: NodeState = "plain"
    """What the twin shows."""
    hidden_parents: int = 0
    hidden_consumers: int = 0
    folded: tuple[int, ...] = ()
    """The nodes that the box stands for, if it is not one alone."""
    told: tuple[NodeState, ...] = ()
    """The states that it counts by their letters."""

    @property
    def sheets(self) -> int:
        """How far the sheets behind the box reach out to the right and downwards."""
        return SHEETS if self.folded else 0

    @property
    def badge_at(self) -> Point:
        """Centre of the badge."""
        first = min([run.baseline for run in (*self.runs, *self.twin)], default=ASCENT)
        return self.size[0] - self.sheets - PAD_X - BADGE // 2 + 15, first - ASCENT + LINE // 2 - 5


_KEPT: Final[dict[Form, int]] = {"tall": 99, "low": 1, "flat": 0}
"""How many lines of a form stay lines of their own."""

Piece = tuple[Role, str]
_BREAK: Final[Piece] = ("op", "")


class Line(NamedTuple):
    """Words side by side."""

    pieces: tuple[Piece, ...]
    widths: tuple[int, ...]
    """Of every piece."""
    reserve: int
    """Room that is kept at the right."""
    width: int
    """Of words, gaps and reserve; every form of a box asks for it."""


def measured(pieces: tuple[Piece, ...], reserve: int = 0) -> Line:
    """Put words side by side."""
    widths = tuple([_width(role, text) for role, text in pieces])
    return _new(Line, (pieces, widths, reserve, sum(widths) + GAP * (len(widths) - 1) + reserve))


class Facts(NamedTuple):
    """What a box is made of."""

    row: NodeRow
    gradient: GradientRow | None
    """None if the drawing does not show any."""
    kind: NodeKind
    state: NodeState
    precision: int
    """Significant digits of numbers."""
    title: Callable[[], str]
    """Tells everything about the node, for boxes that must clip."""
    telling: bool = False
    """Whether the title says more in any case."""
    badge: bool = False
    mirror: NodeState = "plain"
    """Not plain: the gradient stands in a twin box of this state."""
    hidden_parents: int = 0
    hidden_consumers: int = 0
    arrivals: int = 0
    """How many arrows arrive."""
    words: Words | None = None
    """What the box says, if that is not what the row says."""
    folded: tuple[int, ...] = ()
    told: tuple[NodeState, ...] = ()


class Words(NamedTuple):
    """The lines of a box and of its twin, a line for each fact; written once, whatever form the box gets."""

    lines: tuple[Line, ...]
    twin: tuple[Line, ...]

    def shaped(self, form: Form) -> Words:
        """Join lines as a form wants it."""
        if form == "tall":
            return self
        kept = _KEPT[form]
        return Words(_joined(self.lines, kept), _joined(self.twin, kept))

    def extent(self, form: Form) -> Point:
        """Width of the widest line of box and twin in a form, and how many lines it has; joins nothing."""
        kept = _KEPT[form]
        width, count = _joined_extent(self.lines, kept)
        if not self.twin:
            return width, count
        twin_width, twin_count = _joined_extent(self.twin, kept)
        return max(width, twin_width), max(count, twin_count)


def write_words(facts: Facts) -> Words:
    """Write what a box says."""
    if facts.words is not None:
        return facts.words
    lines, twin = _lines(facts)
    return Words(tuple(lines), tuple(twin))


def box_size(facts: Facts, extent: Point) -> Point:
    """Measure a box.

    Args:
        facts: What is told.
        extent: Width and number of its lines.
    """
    return _size(facts.arrivals, *extent, SHEETS if facts.folded else 0)


def make_box(facts: Facts, form: Form = "tall", words: Words | None = None) -> Box:
    """Write and measure the box of one node.

    Args:
        facts: What is to be told.
        form: How many lines to use.
        words: Its lines, if they are written already.

    Returns:
        The box; in a mirrored drawing, large enough for its twin's words too.
    """
    words = words or write_words(facts)
    extent = words.extent(form)
    height = _needed(facts.arrivals, *extent)[1]
    words = words.shaped(form)
    runs = _place(words.lines, height)
    return Box(
        node=facts.row.id,
        kind=facts.kind,
        state=facts.state,
        scope=facts.row.scope,
        runs=runs,
        size=box_size(facts, extent),
        title=facts.title() if facts.telling or "…" in {run.text[-1] for run in runs} else "",
        badge=facts.badge,
        twin=_place(words.twin, height) if words.twin else (),
        twin_state=facts.mirror,
        hidden_parents=facts.hidden_parents,
        hidden_consumers=facts.hidden_consumers,
        folded=facts.folded,
        told=facts.told,
    )


@lru_cache(maxsize=4096)
def _needed(arrivals: int, width: int, lines: int) -> Point:
    """Width and height that the words and the arrowheads of a box need."""
    room = ARRIVAL * min(arrivals + 1, MOST_ARRIVALS)
    return max(MIN_WIDTH, room, 2 * PAD_X + width), max(room, 2 * PAD_Y + LINE * lines)


@lru_cache(maxsize=4096)
def _size(arrivals: int, width: int, lines: int, sheets: int) -> Point:
    """Whole pixels on either side of the centre: crisp outlines, short numbers."""
    width, height = _needed(arrivals, width, lines)
    return -(-width // 20) * 20 + sheets, -(-height // 20) * 20 + sheets


def value_text(value: ArrayPreview, precision: int) -> str:
    """Write a scalar as its number, `?` if nobody knows it, and an array as its shape, as NumPy would."""
    if value.shape:
        return clip(shape_text(value.shape), _VALUE_LIMIT)
    if value.kind == "unknown":
        return "?"
    return clip(clean(format_number(value.elements[0], value.dtype, precision)), _VALUE_LIMIT)


def not_finite(value: ArrayPreview) -> str:
    """Name the worst that a value holds: `NaN`, `inf`, or nothing if it is finite everywhere."""
    marks = set(map(mark_of, value.elements))
    facts = value.statistics
    if "nan" in marks or (facts and facts.nans):
        return "NaN"
    return "inf" if "inf" in marks or (facts and facts.infinities) else ""


def shape_text(shape: tuple[int, ...]) -> str:
    """Write a shape: `(32, 128)`, `(3,)`."""
    return f"({', '.join(map(str, shape))}{',' if len(shape) == 1 else ''})"


def gradient_words(row: GradientRow, precision: int) -> tuple[str, str]:
    """Write what is known of a gradient.

    Args:
        row: The gradient.
        precision: Significant digits.

    Returns:
        What is told (`grad`, or `|grad|` for the length of an array) and its value; both empty where no
        gradient was asked for.
    """
    value = row.gradient
    if value is None or row.state == "not_asked":
        return (_("grad"), _("none")) if row.state == "missing" else ("", "")
    if not value.shape:
        return _("grad"), value_text(value, precision)
    if row.state == "zero":
        return _("grad"), "0"
    return _array_words(value, precision)


def _array_words(value: ArrayPreview, precision: int) -> tuple[str, str]:
    """Tell an array's length: the shape is the value's own, and a length shows what vanishes or explodes."""
    alarm = not_finite(value)
    facts = value.statistics
    if alarm or facts is None or facts.l2 is None:
        return _("grad"), alarm or shape_text(value.shape)
    return _("|grad|"), format_number(facts.l2, value.dtype, precision)


def _lines(facts: Facts) -> tuple[list[Line], list[Line]]:
    """Write the lines of a box and of its twin."""
    row, mirrored = facts.row, facts.mirror != "plain"
    lines = _forward_lines(row, facts.kind, facts.precision, reserve=facts.badge)
    grad = _gradient_line(row, facts.gradient, facts.precision, mirrored=mirrored) if facts.gradient else None
    if grad and mirrored:
        return lines, [measured(_heading(row, facts.kind)[:2], GAP + BADGE), grad]
    return [*lines, grad] if grad else lines, []


def _forward_lines(row: NodeRow, kind: NodeKind, precision: int, *, reserve: bool) -> list[Line]:
    room = GAP + BADGE if reserve else 0
    value: tuple[Piece, ...] = (("value", value_text(row.value, precision)),)
    alarm = not_finite(row.value)
    if alarm:
        value = (*value, ("alarm", alarm)) if row.value.shape else (("alarm", value[0][1]),)
    if kind == "constant" and not row.name:
        # Nobody needs to read "constant" beside a bare number; its sharp corners say it.
        return [measured((_identity(row), *value), room)]
    return [measured(_heading(row, kind), room), measured(value)]


def _gradient_line(row: NodeRow, gradient: GradientRow, precision: int, *, mirrored: bool) -> Line | None:
    word, value = gradient_words(gradient, precision)
    if not word and mirrored and row.cut:
        word, value = _("grad"), _("cut here")
    return measured((("grad", word), ("gradient", value))) if word else None


def _joined(lines: tuple[Line, ...], kept: int) -> tuple[Line, ...]:
    """Keep some lines and join the others to one; an empty piece between them doubles the gap."""
    rest = lines[kept:]
    pieces = [piece for line in rest for piece in (_BREAK, *line.pieces)][1:]
    return (*lines[:kept], measured(tuple(pieces), rest[0].reserve)) if rest else lines


def _joined_extent(lines: tuple[Line, ...], kept: int) -> Point:
    """Measure what `_joined` would make: width and number of lines."""
    if len(lines) <= kept + 1:
        return max([line.width for line in lines]), len(lines)
    rest = lines[kept:]
    joined = sum([line.width - line.reserve for line in rest]) + 2 * GAP * (len(rest) - 1) + rest[0].reserve
    return max([joined, *[line.width for line in lines[:kept]]]), kept + 1


def _heading(row: NodeRow, kind: NodeKind) -> tuple[Piece, ...]:
    op = clip(clean(row.op), _OP_LIMIT)
    if not row.name:
        return (_identity(row), ("title", op))
    name: Piece = ("name", clip(clean(local_name(row)), _NAME_LIMIT))
    return (_identity(row), name, ("op", op)) if kind == "op" else (_identity(row), name)


def _identity(row: NodeRow) -> Piece:
    return ("id", f"{row.id}:")


@lru_cache(maxsize=4096)
def _width(role: Role, text: str) -> int:
    return -(-ems(text) * FONT_SIZES[role] // 1000)


def _place(lines: tuple[Line, ...], height: int) -> tuple[Run, ...]:
    """Set the lines one below the other, all of them in the middle of the box."""
    top = (height - LINE * len(lines)) // 2
    runs = []
    baseline = top + ASCENT
    for pieces, widths, _reserve, _whole in lines:
        x = PAD_X
        for (role, text), width in zip(pieces, widths, strict=True):
            if text:
                runs.append(_new(Run, (role, text, x, baseline, width)))
            x += width + GAP
        baseline += LINE
    return tuple(runs)
