"""Take out bends and length that the placement has left.

Layer `render`, a step of `builtin.py`. Items that already stand in one line are moved together to
where their other segments are shortest (the weighted median of those), as far as their neighbours in
the rows allow. Positions between two equal pulls are kept, so what is symmetric stays symmetric.
Read next: `routing.py`.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sphinx_tape.render.placement import SIDE, SPINE, TRUNK, Separation, grade_segments

if TYPE_CHECKING:
    from sphinx_tape.render.layering import Layers

WEIGHTS = {TRUNK: 8, SPINE: 4, SIDE: 1}
"""How much a segment of each grade resists leaning over."""
PASSES = 6

Pulls = list[list[tuple[int, int]]]
"""Per item the far ends of its segments and their weights."""


def straighten(layers: Layers, x: list[int], distance: Separation) -> None:
    """Move lines of items sideways, in place, until nothing is gained."""
    pulls, lines = _pulls(layers)
    lefts, rights = _neighbours(layers.rows, distance)
    for index in range(PASSES):
        blocks = _blocks(layers, x, lines)
        moved = False
        for block in reversed(blocks) if index % 2 else blocks:
            moved = _move(block, x, pulls, (lefts, rights)) or moved
        if not moved:
            break


def _pulls(layers: Layers) -> tuple[Pulls, list[list[int]]]:
    """Return the pulls on every item and, per item, the upper ends it may form a line with."""
    pulls: Pulls = [[] for _ in layers.ranks]
    lines: list[list[int]] = [[] for _ in layers.ranks]
    for item, (uppers, grades) in enumerate(zip(layers.above, grade_segments(layers), strict=True)):
        for upper, grade in zip(uppers, grades, strict=True):
            weight = WEIGHTS[grade]
            pulls[item].append((upper, weight))
            pulls[upper].append((item, weight))
            if grade > SIDE:
                lines[item].append(upper)
    return pulls, lines


def _neighbours(
    rows: Sequence[Sequence[int]], distance: Separation
) -> tuple[dict[int, tuple[int, int]], dict[int, tuple[int, int]]]:
    """Per item its left and its right neighbour, each with the least distance."""
    lefts: dict[int, tuple[int, int]] = {}
    rights: dict[int, tuple[int, int]] = {}
    for row in rows:
        for left, right in itertools.pairwise(row):
            apart = distance(left, right)
            lefts[right] = left, apart
            rights[left] = right, apart
    return lefts, rights


def _blocks(layers: Layers, x: Sequence[int], lines: Sequence[Sequence[int]]) -> list[list[int]]:
    """Group the items that stand in one line, from the top down."""
    block_of: dict[int, list[int]] = {}
    blocks: list[list[int]] = []
    for row in layers.rows:
        for item in row:
            upper = next((end for end in lines[item] if x[end] == x[item]), None)
            if upper is None:
                block: list[int] = []
                blocks.append(block)
            else:
                block = block_of[upper]
            block.append(item)
            block_of[item] = block
    return blocks


def _move(
    block: Sequence[int],
    x: list[int],
    pulls: Pulls,
    neighbours: tuple[dict[int, tuple[int, int]], dict[int, tuple[int, int]]],
) -> bool:
    """Move one block to the nearest best place within reach; tell whether it moved."""
    here = x[block[0]]
    inside = set(block) if len(block) > 1 else block
    wishes = sorted([(x[end], weight) for item in block for end, weight in pulls[item] if end not in inside])
    if not wishes:
        return False
    low, high = _median_interval(wishes)
    goal = min(max(here, low), high)
    if goal == here:
        return False
    lefts, rights = neighbours
    if goal < here:
        bounds = [x[lefts[item][0]] + lefts[item][1] for item in block if item in lefts]
        goal = max(goal, max(bounds, default=goal))
    else:
        bounds = [x[rights[item][0]] - rights[item][1] for item in block if item in rights]
        goal = min(goal, min(bounds, default=goal))
    for item in block:
        x[item] = goal
    return goal != here


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
