"""Layers to order, and their crossings counted in ways that need no cleverness."""

from __future__ import annotations

from itertools import combinations

from hypothesis import strategies as st

from sphinx_tape.render.layering import build_layers
from sphinx_tape.render.ordering import count_crossings
from sphinx_tape.render.ranking import rank_nodes


def layers_of(request, *, free=False):
    edges = sorted([(edge.target, edge.operand, edge.source) for edge in request.edges])
    pairs = [(source, target) for target, _, source in edges]
    return build_layers(
        rank_nodes(len(request.sizes), pairs), pairs, free=range(len(request.sizes)) if free else ()
    )


def brute_force(layers):
    """Count crossings pair by pair."""
    found = 0
    for upper, lower in zip(layers.rows, layers.rows[1:], strict=False):
        ends = [
            (upper.index(end), at, slot)
            for at, item in enumerate(lower)
            for slot, end in enumerate(layers.above[item])
        ]
        ends = [(end, at, 0 if layers.free[lower[at]] else slot) for end, at, slot in ends]
        found += sum(
            (a[0] - b[0]) * ((a[1:] > b[1:]) - (a[1:] < b[1:])) < 0 for a, b in combinations(ends, 2)
        )
    return found


def crossings_of(layers, rows):
    """Count crossings of a given order."""
    layers.rows = rows
    return count_crossings(layers)


@st.composite
def three_rows(draw):
    """Three rows with any edges between neighbours, some of them arriving where they like."""
    upper = draw(st.lists(st.tuples(st.integers(0, 3), st.integers(4, 7)), max_size=12))
    lower = draw(st.lists(st.tuples(st.integers(4, 7), st.integers(8, 10)), max_size=8))
    free = draw(st.sets(st.integers(4, 10)))
    return build_layers([0] * 4 + [1] * 4 + [2] * 3, sorted(upper) + sorted(lower), free=free)
