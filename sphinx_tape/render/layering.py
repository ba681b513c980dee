"""Boxes in rows, with a chain of waypoints for every edge that passes other rows.

Layer `render`, a step of `builtin.py`. Makes from rows and edges the structure that the later steps
order and place. All edges of one source share one chain, its trunk: a weight used at a thousand
steps costs as many waypoints as there are rows, not half a million.
Read next: `ordering.py`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

MAX_WAYPOINTS = 50_000
"""More waypoints than this are not affordable; the longest trunks then share one bus."""


@dataclass(slots=True)
class Layers:
    """A graph whose segments join neighbouring rows only.

    Items are the boxes, 0 to `nodes` - 1, followed by the waypoints.
    """

    nodes: int
    ranks: list[int]
    """Row of every item."""
    above: list[list[int]]
    """Per item the upper ends of its incoming segments, in the order of arrival, repeats kept."""
    below: list[list[tuple[int, int]]]
    """Per item its outgoing segments: lower end, and index in its `above` (0 where order is free)."""
    free: list[bool]
    """Whether the segments to an item may arrive in any order."""
    trunks: list[list[int]]
    """Per box its waypoints downwards, from the row below the box."""
    rows: list[list[int]]
    """The items of every row from left to right."""

    def is_inner(self, upper: int, lower: int) -> bool:
        """Tell whether the segment joins two waypoints."""
        return upper >= self.nodes and lower >= self.nodes


def build_layers(
    ranks: Sequence[int],
    edges: Sequence[tuple[int, int]],
    limit: int = MAX_WAYPOINTS,
    free: Collection[int] = (),
) -> Layers:
    """Insert the waypoints and connect neighbouring rows.

    Args:
        ranks: Row of every box.
        edges: Pairs (parent, consumer) in the order in which they arrive at each consumer.
        limit: How many waypoints are affordable.
        free: Boxes at which edges may arrive in any order.
    """
    count = len(ranks)
    layers = Layers(
        nodes=count,
        ranks=list(ranks),
        above=[[] for _ in range(count)],
        below=[[] for _ in range(count)],
        free=[box in free for box in range(count)],
        trunks=[[] for _ in range(count)],
        rows=[[] for _ in range(max(ranks, default=-1) + 1)],
    )
    _add_trunks(layers, edges, limit)
    for source, target in edges:
        trunk = layers.trunks[source]
        passed = ranks[target] - ranks[source] - 1
        _connect(layers, trunk[passed - 1] if passed else source, target)
    for item, rank in enumerate(layers.ranks):
        layers.rows[rank].append(item)
    return layers


def _add_trunks(layers: Layers, edges: Sequence[tuple[int, int]], limit: int = MAX_WAYPOINTS) -> None:
    """Give every source a trunk as long as its farthest consumer needs."""
    ranks = layers.ranks
    lengths = [0] * layers.nodes
    for source, target in edges:
        lengths[source] = max(lengths[source], ranks[target] - ranks[source] - 1)
    on_bus = _sources_on_bus(lengths, limit)
    bus = _add_bus(layers, [(ranks[s] + 1, ranks[s] + lengths[s]) for s in on_bus])
    for source, length in enumerate(lengths):
        if source in on_bus:
            start = ranks[source] + 1
            layers.trunks[source] = [bus[row] for row in range(start, start + length)]
            _connect(layers, source, bus[start])
        elif length:
            layers.trunks[source] = _add_chain(layers, source, length)


def _sources_on_bus(lengths: Sequence[int], limit: int = MAX_WAYPOINTS) -> frozenset[int]:
    """Choose the longest trunks until the others are affordable."""
    total = sum(lengths)
    chosen: list[int] = []
    for source in sorted(range(len(lengths)), key=lambda source: (-lengths[source], source)):
        if total <= limit:
            break
        total -= lengths[source]
        chosen.append(source)
    return frozenset(chosen)


def _add_bus(layers: Layers, spans: Sequence[tuple[int, int]]) -> dict[int, int]:
    """Add one chain through all rows that the given spans (first row, last row) need."""
    if not spans:
        return {}
    first, last = min(span[0] for span in spans), max(span[1] for span in spans)
    bus: dict[int, int] = {}
    for row in range(first, last + 1):
        bus[row] = _add_item(layers, row)
        if row > first:
            _connect(layers, bus[row - 1], bus[row])
    return bus


def _add_chain(layers: Layers, source: int, length: int) -> list[int]:
    """Add a chain of waypoints below a box."""
    chain: list[int] = []
    for step in range(1, length + 1):
        item = _add_item(layers, layers.ranks[source] + step)
        _connect(layers, chain[-1] if chain else source, item)
        chain.append(item)
    return chain


def _add_item(layers: Layers, rank: int) -> int:
    """Add one waypoint and return its number."""
    layers.ranks.append(rank)
    layers.above.append([])
    layers.below.append([])
    layers.free.append(False)
    return len(layers.ranks) - 1


def _connect(layers: Layers, upper: int, lower: int) -> None:
    """Add a segment; it arrives after those already there."""
    layers.below[upper].append((lower, 0 if layers.free[lower] else len(layers.above[lower])))
    layers.above[lower].append(upper)


def sort_arrivals(layers: Layers, edges: Sequence[tuple[int, int]]) -> list[int]:
    """Let edges arrive from left to right where their order is free; to be called when rows are ordered.

    Args:
        layers: The ordered graph.
        edges: What it was built from.

    Returns:
        The indices of the edges in the order in which they arrive now.
    """
    place = {item: index for row in layers.rows for index, item in enumerate(row)}
    arriving: list[list[int]] = [[] for _ in range(layers.nodes)]
    for index, (_, target) in enumerate(edges):
        arriving[target].append(index)
    for box, indices in enumerate(arriving):
        if layers.free[box]:
            ends = layers.above[box]
            places = [place[end] for end in ends]
            if places != sorted(places):
                slots = sorted(range(len(ends)), key=places.__getitem__)
                layers.above[box] = [ends[slot] for slot in slots]
                arriving[box] = [indices[slot] for slot in slots]
    return [index for indices in arriving for index in indices]
