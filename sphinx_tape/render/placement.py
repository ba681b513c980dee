"""How far right every item stands.

Layer `render`, a step of `builtin.py`. Brandes and Koepf, "Fast and simple horizontal coordinate
assignment" (2001): items are lined up with a median neighbour in four ways, each is packed, and every
item takes the average of its two middle positions. Corrections to the paper: real widths; packing by
longest paths over the graph of lined-up blocks in place of the class shifts that the 2020 erratum of
Brandes, Walter and Zink found wrong; which segments deserve to be straight is graded (see `Lines`).
Read next: `straightening.py`.
"""

from __future__ import annotations

import itertools
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from sphinx_tape.render.pooling import pool

if TYPE_CHECKING:
    from sphinx_tape.render.layering import Layers

Separation = Callable[[int, int], int]
"""Least distance between the centres of two items that are neighbours in a row."""

Grades = list[list[int]]
"""Per item the grades of its arriving segments."""

TRUNK, SPINE, SIDE = 3, 2, 1
"""Grades: inside a trunk; on the longest path through both ends; anything else."""


class Lines(NamedTuple):
    """The segments that may be lined up: per item its candidates in the row above and below."""

    above: list[list[int]]
    below: list[list[int]]


def separation(layers: Layers, widths: Sequence[int], gap: int) -> Separation:
    """Return the distance rule: boxes keep the gap, waypoints may come closer."""
    count = layers.nodes
    halves = [-(-width // 2) for width in widths] + [0] * (len(layers.ranks) - count)
    near = gap * 2 // 3
    close = gap // 2

    def distance(left: int, right: int) -> int:
        if left < count and right < count:
            return halves[left] + halves[right] + gap
        if left < count or right < count:
            return halves[left] + halves[right] + near
        return close

    return distance


def place_rows(layers: Layers, grades: Grades, distance: Separation) -> list[int]:
    """Return the horizontal centre of every item."""
    lines = find_lines(layers, grades)
    rows = layers.rows
    mirrored = [row[::-1] for row in rows]
    left_to_right = distance

    def right_to_left(left: int, right: int) -> int:
        return distance(right, left)

    variants = [
        _place(rows, lines.above, left_to_right),
        _place(rows[::-1], lines.below, left_to_right),
        [-x for x in _place(mirrored, lines.above, right_to_left)],
        [-x for x in _place(mirrored[::-1], lines.below, right_to_left)],
    ]
    return _balance(variants)


def hang_rows(layers: Layers, grades: Grades, distance: Separation) -> list[int]:
    """Go down the rows and put every item as near below its best upper ends as its neighbours let it.

    What hangs from nothing stands beside its left neighbour.
    """
    x = [0] * len(layers.ranks)
    above = layers.above
    for row in layers.rows:
        offsets: list[int] = []
        wishes: list[int] = []
        offset = wish = left = 0
        for item in row:
            if offsets:
                offset += distance(left, item)
            ends = _best_ends(above[item], grades[item])
            if len(ends) == 1:
                wish = x[ends[0]] - offset
            elif ends:
                wish = sum([x[end] for end in ends]) // len(ends) - offset
            offsets.append(offset)
            wishes.append(wish)
            left = item
        for item, place, offset in zip(row, pool(wishes), offsets, strict=True):
            x[item] = place + offset
    return x


def _best_ends(uppers: list[int], grades: list[int]) -> list[int]:
    """Of the upper ends of an item, those with the best grade."""
    if len(uppers) < 2:
        return uppers
    best = max(grades)
    return [upper for upper, grade in zip(uppers, grades, strict=True) if grade == best]


def grade_segments(layers: Layers) -> Grades:
    """Grade every arriving segment, in the order of `layers.above`.

    The spine of the drawing is where both ends agree: the lower end has no deeper box above it, the
    upper end feeds no path that goes on longer, and the edge passes no other row.
    """
    nodes, above = layers.nodes, layers.above
    depths, heights = _depths(layers), _heights(layers)
    grades: Grades = []
    for item, uppers in enumerate(above[:nodes]):
        deepest, height = depths[item] - 1, heights[item]
        # A leaf beside the trunk of another is no more the spine than that is.
        near = deepest > 1 or max(uppers, default=0) < nodes
        grades.append(
            [
                SPINE
                if near and upper < nodes and depths[upper] == deepest and heights[upper] == height + 1
                else SIDE
                for upper in uppers
            ]
        )
    grades += [[TRUNK if upper >= nodes else SIDE for upper in uppers] for uppers in above[nodes:]]
    return grades


def _depths(layers: Layers) -> list[int]:
    """Boxes on the longest path that ends at each item; waypoints count as the box they come from."""
    nodes, above = layers.nodes, layers.above
    depths = [0] * len(layers.ranks)
    for row in layers.rows:
        for item in row:
            ends = above[item]
            deepest = depths[ends[0]] if len(ends) == 1 else max([depths[end] for end in ends], default=0)
            depths[item] = deepest + 1 if item < nodes else deepest
    return depths


def _heights(layers: Layers) -> list[int]:
    """Boxes on the longest path that starts at each item, itself included."""
    nodes, below = layers.nodes, layers.below
    heights = [0] * len(layers.ranks)
    for row in reversed(layers.rows):
        for item in row:
            ends = below[item]
            tallest = (
                heights[ends[0][0]] if len(ends) == 1 else max([heights[end] for end, _ in ends], default=0)
            )
            heights[item] = tallest + 1 if item < nodes else tallest
    return heights


def find_lines(layers: Layers, grades: Grades) -> Lines:
    """Choose the segments that may be lined up: no two of different grades cross."""
    lines = Lines([[] for _ in layers.ranks], [[] for _ in layers.ranks])
    for upper_row, row in zip(layers.rows, layers.rows[1:], strict=False):
        place = {item: index for index, item in enumerate(upper_row)}
        for upper, lower in _uncrossed(layers, row, place, grades):
            lines.above[lower].append(upper)
            lines.below[upper].append(lower)
    return lines


def _uncrossed(
    layers: Layers, row: Sequence[int], place: dict[int, int], grades: Grades
) -> list[tuple[int, int]]:
    """Candidates between two rows, from left to right at their lower ends."""
    by_grade: dict[int, list[tuple[int, int]]] = {TRUNK: [], SPINE: [], SIDE: []}
    for index, item in enumerate(row):
        best = max(grades[item], default=0)
        ends = dict.fromkeys(
            place[up] for up, grade in zip(layers.above[item], grades[item], strict=True) if grade == best
        )
        by_grade[best or SIDE].extend((end, index) for end in sorted(ends))
    accepted: list[tuple[int, int]] = []
    for grade in (TRUNK, SPINE, SIDE):
        barrier = _Barrier(accepted)
        accepted = sorted(
            accepted + [pair for pair in by_grade[grade] if barrier.lets_pass(pair)], key=_lower_first
        )
    upper_row = list(place)
    return [(upper_row[end], row[index]) for end, index in accepted]


def _lower_first(pair: tuple[int, int]) -> tuple[int, int]:
    """Sort key of a segment: its lower end, then its upper end."""
    return pair[1], pair[0]


class _Barrier:
    """Segments (upper place, lower place) of a higher grade, which others must not cross.

    The barrier itself may hold crossings (of one grade); then its outline is what counts.
    """

    def __init__(self, segments: Sequence[tuple[int, int]]) -> None:
        self._lowers = [lower for _, lower in segments]
        self._left: list[int] = []
        """Farthest right upper end of the first i segments."""
        reach = -1
        for upper, _ in segments:
            reach = max(reach, upper)
            self._left.append(reach)
        self._right: list[int] = []
        """Farthest left upper end of the segments from i on."""
        for upper, _ in reversed(segments):
            self._right.append(min(upper, self._right[-1] if self._right else upper))
        self._right.reverse()

    def lets_pass(self, pair: tuple[int, int]) -> bool:
        """Tell whether the segment crosses none of the barrier."""
        upper, lower = pair
        before, after = bisect_left(self._lowers, lower), bisect_right(self._lowers, lower)
        left_is_free = before == 0 or self._left[before - 1] <= upper
        return left_is_free and (after == len(self._lowers) or self._right[after] >= upper)


def _place(
    rows: Sequence[Sequence[int]], candidates: Sequence[Sequence[int]], distance: Separation
) -> list[int]:
    """Line up with the row before, preferring the left, and pack."""
    roots = _line_up(rows, candidates)
    return _pack(rows, roots, distance)


def _line_up(rows: Sequence[Sequence[int]], candidates: Sequence[Sequence[int]]) -> list[int]:
    """Join items into vertical blocks; return the root of every item's block."""
    roots = list(range(len(candidates)))
    place: dict[int, int] = {}
    previous: Sequence[int] = ()
    for row in rows:
        reached = -1
        for item in row:
            ends = sorted([place[end] for end in candidates[item]])
            for middle in ends[(len(ends) - 1) // 2 : len(ends) // 2 + 1]:
                if middle > reached:
                    reached = middle
                    roots[item] = roots[previous[middle]]
                    break
        place = {item: index for index, item in enumerate(row)}
        previous = row
    return roots


def _pack(rows: Sequence[Sequence[int]], roots: Sequence[int], distance: Separation) -> list[int]:
    """Put every block as far left as it goes, then as far right as its right neighbours allow.

    The second pass gathers what the first has left behind at the far left.
    """
    after: dict[int, list[tuple[int, int]]] = {}
    waiting = dict.fromkeys(roots, 0)
    for row in rows:
        for left, right in itertools.pairwise(row):
            after.setdefault(roots[left], []).append((roots[right], distance(left, right)))
            waiting[roots[right]] += 1
    order = [root for root, blockers in waiting.items() if not blockers]
    x = dict.fromkeys(waiting, 0)
    for root in order:
        for other, apart in after.get(root, ()):
            x[other] = max(x[other], x[root] + apart)
            waiting[other] -= 1
            if not waiting[other]:
                order.append(other)
    for root in reversed(order):
        if root in after:
            x[root] = min(x[other] - apart for other, apart in after[root])
    return [x[root] for root in roots]


def _balance(variants: Sequence[list[int]]) -> list[int]:
    """Average the two middle positions after lining the four drawings up with the narrowest."""
    spans = [(min(xs), max(xs)) for xs in variants]
    low, high = min(spans, key=lambda span: (span[1] - span[0], span))
    shifts = [low - spans[0][0], low - spans[1][0], high - spans[2][1], high - spans[3][1]]
    result: list[int] = []
    for four in zip(*variants, strict=True):
        middle = sorted([x + shift for x, shift in zip(four, shifts, strict=True)])
        result.append((middle[1] + middle[2]) // 2)
    return result
