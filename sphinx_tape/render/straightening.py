"""Take out bends and length that the placement has left.

Layer `render`, a step of `builtin.py`. Items that already stand in one line are moved together to
where their other segments are shortest (the weighted median of those), as far as their neighbours in
the rows allow. Positions between two equal pulls are kept, so what is symmetric stays symmetric.
Read next: `routing.py`.
"""

from __future__ import annotations

import itertools
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

Neighbours = tuple[dict[int, tuple[int, int]], dict[int, tuple[int, int]]]
"""Per item its left and its right neighbour, each with the least distance."""
Pulls = list[list[tuple[int, int]]]
"""Per item the far ends of its segments and their weights."""


def straighten(layers: Layers, grades: Grades, x: list[int], distance: Separation) -> None:
    """Move items sideways, in place."""
    pulls, lines = _pulls(layers, grades)
    neighbours = _neighbours(layers.rows, distance)
    if len(x) + sum(map(len, layers.above)) <= MAX_SHORTENED:
        _minimise(layers, grades, x, distance)
    else:
        _settle(layers, x, (pulls, lines, neighbours), passes=PASSES)
    _settle(layers, x, (pulls, lines, neighbours), passes=2, centre=True)


def _minimise(layers: Layers, grades: Grades, x: list[int], distance: Separation) -> None:
    """Make the weighted sum of sideways distances as small as the order in the rows allows."""
    edges: list[Edge] = []
    for item, (uppers, own) in enumerate(zip(layers.above, grades, strict=True)):
        for upper, grade in zip(uppers, own, strict=True):
            edges.append((upper, item, 0, WEIGHTS[grade], WEIGHTS[grade]))
    for row in layers.rows:
        edges += [(left, right, distance(left, right), 0, NEVER) for left, right in pairwise(row)]
    shorten(x, edges, PIVOTS)


def _settle(
    layers: Layers,
    x: list[int],
    surroundings: tuple[Pulls, list[list[int]], Neighbours],
    *,
    passes: int,
    centre: bool = False,
) -> None:
    """Move lines of items to where they are pulled, one after the other, until nothing moves."""
    pulls, lines, neighbours = surroundings
    for index in range(passes):
        blocks = _blocks(layers, x, lines)
        moved = False
        for block in reversed(blocks) if index % 2 else blocks:
            moved = _move(block, x, pulls, neighbours, centre=centre) or moved
        if not moved:
            break


def _pulls(layers: Layers, grades: Grades) -> tuple[Pulls, list[list[int]]]:
    """Return the pulls on every item and, per item, the upper ends it may form a line with."""
    pulls: Pulls = [[] for _ in layers.ranks]
    lines: list[list[int]] = [[] for _ in layers.ranks]
    forks = [0] * len(lines)
    for item, (uppers, own) in enumerate(zip(layers.above, grades, strict=True)):
        for upper, grade in zip(uppers, own, strict=True):
            weight = WEIGHTS[grade]
            pulls[item].append((upper, weight))
            pulls[upper].append((item, weight))
        strong = [upper for upper, grade in zip(uppers, own, strict=True) if grade > SIDE]
        # Where a line forks or joins, its branches move apart, so that they can lie symmetrically.
        if len(strong) == 1:
            lines[item] = strong
            forks[strong[0]] += 1
    for item, strong in enumerate(lines):
        if strong and forks[strong[0]] > 1:
            lines[item] = []
    return pulls, lines


def _neighbours(rows: Sequence[Sequence[int]], distance: Separation) -> Neighbours:
    """Find the neighbours of every item."""
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
    neighbours: Neighbours,
    *,
    centre: bool,
) -> bool:
    """Move one block to the nearest (or the middle) best place within reach; tell whether it moved."""
    here = x[block[0]]
    inside = set(block) if len(block) > 1 else block
    wishes = sorted([(x[end], weight) for item in block for end, weight in pulls[item] if end not in inside])
    if not wishes:
        return False
    low, high = _median_interval(wishes)
    goal = (low + high) // 2 if centre else min(max(here, low), high)
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
