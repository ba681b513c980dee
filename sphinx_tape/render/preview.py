"""Arrays for readers: one line, the elements, what is hidden, statistics.

Layer `render`. Reads an `ArrayPreview`; every piece is plain text, so that HTML, PDF and text say the same.
Read next: `heatmap.py` (the same array as a picture).
"""

from __future__ import annotations

import math
from itertools import product
from typing import TYPE_CHECKING, Final, NamedTuple

from sphinx_tape.render.boxes import shape_text
from sphinx_tape.render.content import Amount, Inline, Line
from sphinx_tape.render.escape import clean
from sphinx_tape.render.messages import _
from sphinx_tape.render.numbers import Mark, format_number, mark_of

if TYPE_CHECKING:
    from sphinx_tape.report.model import ArrayPreview, Number

_INLINE: Final = 6
"""Elements that fit into a line of a table."""


class Grid(NamedTuple):
    """A two-dimensional slice of the elements that are kept."""

    title: str
    """`[0, :, :]`; empty if the array is no more than a matrix."""
    rows: tuple[tuple[str, ...], ...]
    marks: tuple[tuple[Mark, ...], ...]
    more_rows: bool
    more_columns: bool


def amount(preview: ArrayPreview, precision: int) -> Amount:
    """Say a value in a line and keep the array for those who want all of it."""
    array = preview if preview.shape and preview.known else None
    return Amount(line=value_line(preview, precision), array=array)


def value_line(preview: ArrayPreview, precision: int, *, shaped: bool = True) -> Line:
    """Say a value in one line: a scalar or a few elements in full, else shape and range.

    Args:
        preview: The value.
        precision: Significant digits.
        shaped: Whether to name the shape; a table has a column for that.

    Returns:
        The line; never empty.
    """
    if preview.kind == "unknown":
        return (Inline(text=_("not known")),)
    if preview.shape:
        return (Inline(text=_array_text(preview, precision, shaped=shaped), role="number"),)
    element = preview.elements[0]
    text = clean(format_number(element, preview.dtype, precision))
    return (Inline(text, "number", None, None, None, mark_of(element)),)


def badges(preview: ArrayPreview) -> tuple[str, ...]:
    """Give shape, rank, size and element type."""
    return (
        _("shape {shape}").format(shape=shape_text(preview.shape)),
        _("rank {rank}").format(rank=len(preview.shape)),
        _("size {size}").format(size=math.prod(preview.shape)),
        clean(preview.dtype),
    )


def grids(preview: ArrayPreview, precision: int) -> tuple[Grid, ...]:
    """Cut the kept elements into matrices, last two axes each; a vector is one row."""
    kept = preview.kept or (1,)
    rows, columns = (1, kept[0]) if len(kept) == 1 else (kept[-2], kept[-1])
    more_rows = len(kept) > 1 and rows < preview.shape[-2]
    more_columns = bool(preview.shape) and columns < preview.shape[-1]
    found = []
    for place, index in enumerate(product(*map(range, kept[:-2]))):
        start = place * rows * columns
        lines = [preview.elements[start + i * columns : start + (i + 1) * columns] for i in range(rows)]
        texts = tuple(
            tuple(clean(format_number(x, preview.dtype, precision)) for x in line) for line in lines
        )
        marks = tuple(tuple(map(mark_of, line)) for line in lines)
        title = f"[{', '.join(map(str, index))}, :, :]" if index else ""
        found.append(Grid(title, texts, marks, more_rows, more_columns))
    return tuple(found)


def grid_lines(grid: Grid) -> tuple[str, ...]:
    """Write a grid as lines of equal columns, with an ellipsis where rows or columns are left out."""
    rows = [[*row, "…"] if grid.more_columns else list(row) for row in grid.rows]
    if grid.more_rows and rows:
        rows.append(["…"] * len(rows[0]))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return tuple(
        "  ".join(text.rjust(width) for text, width in zip(row, widths, strict=True)) for row in rows
    )


def hidden(preview: ArrayPreview) -> tuple[str, ...]:
    """Say for every clipped axis how much of it is shown."""
    sentence = _("axis {axis}: first {kept} of {length} shown")
    return tuple(
        sentence.format(axis=axis, kept=kept, length=length)
        for axis, (kept, length) in enumerate(zip(preview.kept, preview.shape, strict=True))
        if kept < length
    )


def statistics(preview: ArrayPreview, precision: int) -> tuple[tuple[str, str], ...]:
    """Name and write the statistics that exist; they are over all elements, also the hidden ones."""
    facts = preview.statistics
    if facts is None:
        return ()
    named: tuple[tuple[str, Number | None], ...] = (
        (_("min"), facts.minimum),
        (_("max"), facts.maximum),
        (_("mean"), facts.mean),
        ("L1", facts.l1),
        ("L2", facts.l2),
        (_("largest absolute"), facts.largest),
    )
    return tuple(
        (name, clean(format_number(number, preview.dtype, precision)))
        for name, number in named
        if number is not None
    )


def counted_marks(preview: ArrayPreview) -> tuple[tuple[Mark, str], ...]:
    """Count NaN, infinite and exactly zero elements, leaving out what does not occur."""
    facts = preview.statistics
    if facts is None:
        return ()
    counts: tuple[tuple[Mark, int, str], ...] = (
        ("nan", facts.nans, _("{count} NaN")),
        ("inf", facts.infinities, _("{count} infinite")),
        ("zero", facts.zeros, _("{count} exactly zero")),
    )
    return tuple((mark, words.format(count=count)) for mark, count, words in counts if count)


def is_zero(preview: ArrayPreview) -> bool:
    """Tell whether every element is known to be exactly zero."""
    if not preview.shape:
        return preview.kind != "unknown" and mark_of(preview.elements[0]) == "zero"
    if preview.statistics is not None:
        return preview.statistics.zeros == math.prod(preview.shape)
    return preview.known and not preview.clipped and all(mark_of(x) == "zero" for x in preview.elements)


def is_finite(preview: ArrayPreview) -> bool:
    """Tell whether no element is known to be NaN or infinite."""
    if preview.statistics is not None:
        return not preview.statistics.nans and not preview.statistics.infinities
    return all(mark_of(x) not in {"nan", "inf"} for x in preview.elements)


def fits_a_line(preview: ArrayPreview) -> bool:
    """Tell whether the one line says every element."""
    return not preview.clipped and math.prod(preview.shape) <= _INLINE and len(preview.shape) <= 2


def _array_text(preview: ArrayPreview, precision: int, *, shaped: bool) -> str:
    if fits_a_line(preview):
        rows = [f"[{', '.join(row)}]" for grid in grids(preview, precision) for row in grid.rows]
        return rows[0] if len(preview.shape) == 1 else f"[{', '.join(rows)}]"
    shape, summary = shape_text(preview.shape), _range_text(preview, precision)
    if not summary:
        return shape
    return f"{shape}, {summary}" if shaped else summary


def _range_text(preview: ArrayPreview, precision: int) -> str:
    """Say between which numbers the elements lie; empty if that is not known."""
    facts = preview.statistics
    if math.prod(preview.shape) and is_zero(preview):
        return _("all zero")
    if facts is None or facts.minimum is None or facts.maximum is None:
        return ""
    least, most = (format_number(x, preview.dtype, precision) for x in (facts.minimum, facts.maximum))
    return _("{least} to {most}").format(least=least, most=most)
