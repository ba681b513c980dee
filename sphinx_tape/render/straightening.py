"""Take out bends and length that the placement has left.

Layer `render`, a step of `builtin.py`. Items that already stand in one line are moved together to
where their other segments are shortest (the weighted median of those), as far as their neighbours in
the rows allow. Positions between two equal pulls are kept, so what is symmetric stays symmetric.
Read next: `routing.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from sphinx_tape.render.placement import SIDE, SPINE, TRUNK, Grades, Separation
from sphinx_tape.render.shortening import NEVER, Edge, shorten

if TYPE_CHECKING:
    from sphinx_tape.render.layering import Layers

WEIGHTS = {TRUNK: 12, SPINE: 10, SIDE: 3}
"""How much a segment of each grade resists leaning over; no sum of side edges equals a spine edge, or the
spine would bend where nothing is gained."""
PASSES = 4
MAX_SHORTENED = 3000
"""Items and segments up to which the total length is minimised."""
PIVOTS = 200
ENOUGH = 1
"""What gains no more than this by a unit may stay: moving it is dear and hardly seen."""

Apart = list[tuple[int, int, int]]
"""Every two neighbours in a row, and their least distance."""
Pulls = list[list[tuple[int, int]]]
"""Per item the far ends of its segments and their weights."""


def straighten(layers: Layers, grades: Grades, x: list[int], distance: Separation) -> None:
    """Move items sideways, in place."""
    apart = [(left, right, distance(left, right)) for row in layers.rows for left, right in pairwise(row)]
    surroundings = _Surroundings(layers, grades, apart)
    if len(x) + sum(map(len, layers.above)) <= MAX_SHORTENED:
        _minimise(layers, grades, x, apart)
    else:
        _settle(layers, x, surroundings, passes=PASSES)
    _settle(layers, x, surroundings, passes=1, centre=True)


def _minimise(layers: Layers, grades: Grades, x: list[int], apart: Apart) -> None:
    """Make the weighted sum of sideways distances as small as the order in the rows allows."""
    edges: list[Edge] = []
    for item, (uppers, own) in enumerate(zip(layers.above, grades, strict=True)):
        for upper, grade in zip(uppers, own, strict=True):
            weight = WEIGHTS[grade]
            edges.append((upper, item, 0, weight, weight))
    edges += [(left, right, least, 0, NEVER) for left, right, least in apart]
    shorten(x, edges, PIVOTS, ENOUGH)


def _settle(
    layers: Layers, x: list[int], surroundings: _Surroundings, *, passes: int, centre: bool = False
) -> None:
    """Move lines of items to where they are pulled, one after the other, until nothing moves."""
    for index in range(passes):
        blocks = _blocks(layers, x, surroundings.lines)
        if centre:
            # Half-way between its ends, a waypoint would bend its edge twice.
            blocks = [block for block in blocks if min(block) < layers.nodes]
        moved = False
        for block in reversed(blocks) if index % 2 else blocks:
            moved = _move(block, x, surroundings, centre=centre) or moved
        if not moved:
            break


class _Surroundings:
    """What pulls at items, and what keeps them apart."""

    def __init__(self, layers: Layers, grades: Grades, apart: Apart) -> None:
        count = len(layers.ranks)
        self.lefts: list[tuple[int, int]] = [(-1, 0)] * count
        """Per item its left neighbour, or -1, and the least distance."""
        self.rights = self.lefts[:]
        for left, right, least in apart:
            self.lefts[right] = left, least
            self.rights[left] = right, least
        self.pulls: Pulls = [[] for _ in range(count)]
        self.lines = _lines(layers, grades)
        pulls = self.pulls
        for item, (uppers, own) in enumerate(zip(layers.above, grades, strict=True)):
            for upper, grade in zip(uppers, own, strict=True):
                weight = WEIGHTS[grade]
                pulls[item].append((upper, weight))
                pulls[upper].append((item, weight))


def _lines(layers: Layers, grades: Grades) -> list[int]:
    """Return per item the upper end it may form a line with, or -1."""
    lines = [-1] * len(layers.ranks)
    forks = [0] * len(lines)
    for item, (uppers, own) in enumerate(zip(layers.above, grades, strict=True)):
        # Where a line forks or joins, its branches move apart, so that they can lie symmetrically.
        if len(own) - own.count(SIDE) == 1:
            lines[item] = upper = uppers[own.index(max(own))]
            forks[upper] += 1
    return [-1 if upper >= 0 and forks[upper] > 1 else upper for upper in lines]


def _blocks(layers: Layers, x: Sequence[int], lines: Sequence[int]) -> list[list[int]]:
    """Group the items that stand in one line, from the top down."""
    blocks: list[list[int]] = []
    block_of: list[list[int]] = [[]] * len(x)
    for row in layers.rows:
        for item in row:
            upper = lines[item]
            if upper >= 0 and x[upper] == x[item]:
                block_of[item] = block = block_of[upper]
                block.append(item)
            else:
                block_of[item] = block = [item]
                blocks.append(block)
    return blocks


def _move(block: Sequence[int], x: list[int], surroundings: _Surroundings, *, centre: bool) -> bool:
    """Move one block to the nearest (or the middle) best place within reach; tell whether it moved."""
    here = x[block[0]]
    inside = set(block) if len(block) > 1 else block
    pulls = surroundings.pulls
    left = right = still = 0
    for item in block:
        for end, weight in pulls[item]:
            place = x[end]
            if place < here:
                left += weight
            elif place > here:
                right += weight
            elif end not in inside:
                still += weight
    if abs(left - right) < still or not left + right:
        # Most blocks stand at their only best place already.
        return False
    low, high = _median_interval(
        sorted([(x[end], weight) for item in block for end, weight in pulls[item] if end not in inside])
    )
    goal = (low + high) // 2 if centre else min(max(here, low), high)
    goal = _within_reach(block, x, goal, surroundings)
    for item in block:
        x[item] = goal
    return goal != here


def _within_reach(block: Sequence[int], x: Sequence[int], goal: int, surroundings: _Surroundings) -> int:
    """Return the place nearest to a goal that the neighbours of a block leave free."""
    here = x[block[0]]
    if goal < here:
        for item in block:
            left, least = surroundings.lefts[item]
            if left >= 0:
                goal = max(goal, x[left] + least)
    elif goal > here:
        for item in block:
            right, least = surroundings.rights[item]
            if right >= 0:
                goal = min(goal, x[right] - least)
    return goal


def _median_interval(wishes: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """Return the interval in which the weighted sum of distances to the wishes is least."""
    half = sum(weight for _, weight in wishes) / 2
    reached = 0
    for index, (wish, weight) in enumerate(wishes):
        reached += weight
        if reached == half:
            return wish, wishes[index + 1][0]
        if reached > half:
            return wish, wish
    return wishes[-1][0], wishes[-1][0]
