"""An array as a small picture: one square an element, colours symmetric about zero.

Layer `render`. Makes inline SVG without scripts, colours or files: hue by class (`tape-heat-positive`,
`tape-heat-negative`), strength by opacity, crosses for NaN and infinity, nothing at all for exact zero.
Read next: `html_arrays.py`.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from sphinx_tape.render.escape import clean, html
from sphinx_tape.render.messages import _
from sphinx_tape.render.numbers import format_number

if TYPE_CHECKING:
    from sphinx_tape.report.model import ArrayPreview, Number

_LEVELS: Final = 8
"""Shades of each colour; one outline per shade keeps the picture small."""
_CELL: Final = 10
_LEAST: Final = 4
"""Fewer elements are read faster than looked at."""


def heatmap(preview: ArrayPreview, precision: int) -> str:
    """Draw the kept elements.

    Args:
        preview: An array of real numbers.
        precision: Digits of the scale in the text alternative.

    Returns:
        An `svg` element; empty for scalars, for few elements and for what has no sign (complex, exact).
    """
    numbers = [_real(x) for x in preview.elements]
    if preview.kind not in {"float", "int"} or len(numbers) < _LEAST:
        return ""
    columns, stacked = preview.kept[-1], len(numbers) // preview.kept[-1]
    finite = [abs(x) for x in numbers if math.isfinite(x)]
    scale = max(finite, default=0.0)
    outlines = _outlines(numbers, columns, scale)
    width, height = columns * _CELL, stacked * _CELL
    words = html(_words(preview, scale, precision))
    frame = f'<path class="tape-heat-frame" d="M0 0H{width}V{height}H0Z"/>'
    size = f'width="{width}" height="{height}" viewBox="-1 -1 {width + 2} {height + 2}"'
    head = f'<svg class="tape-heat" role="img" xmlns="http://www.w3.org/2000/svg" {size}>'
    return f"{head}<title>{words}</title>{''.join(outlines)}{frame}</svg>"


def _outlines(numbers: list[float], columns: int, scale: float) -> list[str]:
    """Draw all squares of one shade as one path, shades in ascending order."""
    places: dict[int, list[int]] = {}
    crosses = []
    for place, number in enumerate(numbers):
        if not math.isfinite(number):
            crosses.append(place)
        elif number:
            places.setdefault(_level(number, scale), []).append(place)
    parts = []
    for level in sorted(places):
        squares = "".join(f"M{_corner(place, columns)}h{_CELL}v{_CELL}h-{_CELL}z" for place in places[level])
        sign = "positive" if level > 0 else "negative"
        opacity = f"{abs(level) / _LEVELS:.3g}"
        parts.append(f'<path class="tape-heat-{sign}" fill-opacity="{opacity}" d="{squares}"/>')
    if crosses:
        lines = "".join(
            f"M{_corner(place, columns)}l{_CELL} {_CELL}m-{_CELL} 0l{_CELL} -{_CELL}" for place in crosses
        )
        parts.append(f'<path class="tape-heat-cross" d="{lines}"/>')
    return parts


def _level(number: float, scale: float) -> int:
    """Give the shade: 1 to the number of levels, negative for negative numbers."""
    level = max(1, math.ceil(abs(number) / scale * _LEVELS))
    return level if number > 0 else -level


def _corner(place: int, columns: int) -> str:
    row, column = divmod(place, columns)
    return f"{column * _CELL} {row * _CELL}"


def _real(number: Number) -> float:
    try:
        return float(number)  # type: ignore[arg-type]  # what is no real number is caught below
    except (TypeError, ValueError, OverflowError):
        return math.nan


def _words(preview: ArrayPreview, scale: float, precision: int) -> str:
    most = clean(format_number(scale, preview.dtype, precision))
    return _("Heatmap, colours from -{scale} to {scale}, symmetric about zero").format(scale=most)
