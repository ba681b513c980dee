"""How many lines a box gets: tapes that are deep and narrow fit a page better in lower boxes.

Layer `render`. Guesses sizes from ranks alone, before any layout; a wrong guess costs a little room and
nothing else.
Read next: `graph.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sphinx_tape.render.boxes import Form
    from sphinx_tape.render.layout import Direction, Point

PAGE_WIDTH: Final = 7200
"""Tenths of a pixel that a drawing has across in the common themes."""
PAGE_HEIGHT: Final = 5600
"""What a laptop shows at once below the head of the page."""
SAFE_WIDTH: Final = 5600
"""Ranks of lower boxes may be guessed this wide; the rest is for trunks and for what stands askew."""

# Gaps between boxes and between ranks, by the number of nodes from which on they hold.
_GAPS: Final = ((40, 150, 240), (12, 180, 270), (0, 240, 330))
_FLAT_GAP: Final = 240
# More room between ranks from left to right, where curves are shorter than they are high.
_SIDEWAYS: Final = 60

Pairs = Sequence[tuple[int, int]]


def gaps(count: int, direction: Direction, form: Form) -> tuple[int, int]:
    """Choose the distances of boxes: the more there are, the closer they stand.

    Args:
        count: How many boxes there are.
        direction: Where edges lead.
        form: How many lines the boxes have.

    Returns:
        Between neighbours, between ranks.
    """
    node_gap, rank_gap = next((gap, rank) for least, gap, rank in _GAPS if count >= least)
    if direction == "LR":
        return node_gap, rank_gap + _SIDEWAYS
    return node_gap, min(rank_gap, _FLAT_GAP) if form == "flat" else rank_gap


def choose_form(
    sizes_of: Callable[[Form], Sequence[Point]], pairs: Pairs, directions: Sequence[Direction]
) -> Form:
    """Choose the tallest boxes that fit the page, or else the lowest that fit its width.

    Args:
        sizes_of: Width and height of every box in a form.
        pairs: Parent and consumer of every edge, parents having the smaller index.
        directions: The directions that may be used.

    Returns:
        `tall`, unless lower boxes from the top down leave less to scroll.
    """
    tall = sizes_of("tall")
    ranks = low_ranks(len(tall), pairs)
    if "TB" not in directions or any(_fits(tall, ranks, direction) for direction in directions):
        return "tall"
    narrow: Form = "tall"
    forms: tuple[Form, Form] = ("low", "flat")
    for form in forms:
        width, height = _guess(sizes_of(form), ranks, "TB", form)
        if width <= SAFE_WIDTH:
            narrow = form
            if height <= PAGE_HEIGHT:
                break
    return narrow


def guess_size(sizes: Sequence[Point], ranks: Sequence[int], node_gap: int, rank_gap: int) -> Point:
    """Guess the size of a drawing from the top down.

    Args:
        sizes: Width and height of every box.
        ranks: In which row each stands.
        node_gap: Distance of neighbours.
        rank_gap: Distance of ranks.

    Returns:
        Width of the widest rank and height of all ranks; trunks of long edges are not counted.
    """
    widths: dict[int, int] = {}
    heights: dict[int, int] = {}
    for rank, (width, height) in zip(ranks, sizes, strict=True):
        widths[rank] = widths.get(rank, -node_gap) + width + node_gap
        heights[rank] = max(heights.get(rank, 0), height)
    return max(widths.values(), default=0), sum(heights.values()) + rank_gap * max(0, len(heights) - 1)


def _fits(sizes: Sequence[Point], ranks: Sequence[int], direction: Direction) -> bool:
    width, height = _guess(sizes, ranks, direction, "tall")
    return width <= PAGE_WIDTH and height <= PAGE_HEIGHT


def _guess(sizes: Sequence[Point], ranks: Sequence[int], direction: Direction, form: Form) -> Point:
    node_gap, rank_gap = gaps(len(sizes), direction, form)
    if direction == "TB":
        return guess_size(sizes, ranks, node_gap, rank_gap)
    height, width = guess_size([size[::-1] for size in sizes], ranks, node_gap, rank_gap)
    return width, height


def low_ranks(count: int, pairs: Pairs) -> list[int]:
    """Rank every node as low as its consumers allow, counted from the bottom."""
    ranks = [0] * count
    for source, target in sorted(pairs, key=lambda pair: -pair[1]):
        ranks[source] = max(ranks[source], ranks[target] + 1)
    return ranks
