"""Least total length: the network simplex method, used for rows and for places within rows.

Layer `render`, a step of `ranking.py` and `straightening.py`. Follows Gansner, Koutsofios, North and
Vo (1993), sections 2.3 and 4.2. A cut value is the sum of node balances over a subtree; a pivot changes
those on one cycle of the tree. The method starts from a valid solution and can be stopped at any time,
since every intermediate solution is a valid one.
Read next: `ranking.py`, `straightening.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

Edge = tuple[int, int, int, int]
"""Tail, head, weight, least length."""


@dataclass(slots=True)
class _Problem:
    """The graph and its spanning tree of edges without slack, hung up at node 0."""

    places: list[int]
    edges: Sequence[Edge]
    ends: list[int]
    """Per edge the sum of its two ends: less one of them, it is the other."""
    around: list[list[int]]
    """Per node all of its edges."""
    links: list[list[int]]
    """Per node its edges of the tree."""
    parents: list[int]
    """Per node the next one towards node 0, or -1."""
    upward: list[int]
    """Per node the tree edge to its parent, or -1."""
    cuts: list[int]
    """Per node the cut value of that edge: what one unit of its length costs; 0 for node 0."""

    def slack(self, index: int) -> int:
        """How much longer than needed an edge is."""
        tail, head, _, length = self.edges[index]
        return self.places[head] - self.places[tail] - length

    def shift(self, nodes: Iterable[int], by: int) -> None:
        """Move nodes together."""
        for node in nodes:
            self.places[node] += by


def shorten(places: list[int], edges: Sequence[Edge], pivots: int) -> None:
    """Improve a valid solution in place; of a graph that is not connected, nothing is improved.

    Args:
        places: Place of every node; no edge may be shorter than its least length.
        edges: Each is to be short as strongly as it weighs.
        pivots: How many exchanges of tree edges are affordable.
    """
    count = len(places)
    around: list[list[int]] = [[] for _ in places]
    for index, (tail, head, _, _) in enumerate(edges):
        around[tail].append(index)
        around[head].append(index)
    links: list[list[int]] = [[] for _ in places]
    ends = [tail + head for tail, head, _, _ in edges]
    problem = _Problem(places, edges, ends, around, links, [-1] * count, [-1] * count, [0] * count)
    if not places or not _grow_tree(problem):
        return
    _find_cuts(problem)
    for _ in range(pivots):
        worst = min(problem.cuts)
        if worst >= 0:
            break
        _pivot(problem, problem.cuts.index(worst))


def _grow_tree(problem: _Problem) -> bool:
    """Span the graph, moving what has been reached so far where no edge without slack leads on."""
    count = len(problem.places)
    reached = [False] * count
    stack = [0]
    members: list[int] = []
    while stack:
        reached[stack[0]] = True
        while stack:
            node = stack.pop()
            members.append(node)
            for index in problem.around[node]:
                other = problem.ends[index] - node
                if not reached[other] and not problem.slack(index):
                    reached[other] = True
                    problem.links[node].append(index)
                    problem.links[other].append(index)
                    stack.append(other)
        border = [i for i, edge in enumerate(problem.edges) if reached[edge[0]] != reached[edge[1]]]
        if border:
            nearest = min(border, key=problem.slack)
            tail, head, _, _ = problem.edges[nearest]
            problem.shift(members, problem.slack(nearest) if reached[tail] else -problem.slack(nearest))
            problem.links[tail].append(nearest)
            problem.links[head].append(nearest)
            stack = [head if reached[tail] else tail]
    return len(members) == count


def _find_cuts(problem: _Problem) -> None:
    """Hang the tree up at node 0 and find all cut values from below."""
    order = [0]
    for node in order:
        for index in problem.links[node]:
            if index != problem.upward[node]:
                other = problem.ends[index] - node
                problem.parents[other], problem.upward[other] = node, index
                order.append(other)
    sums = [0] * len(order)
    for tail, head, weight, _ in problem.edges:
        sums[tail] += weight
        sums[head] -= weight
    for node in order[:0:-1]:
        problem.cuts[node] = sums[node] if problem.edges[problem.upward[node]][0] == node else -sums[node]
        sums[problem.parents[node]] += sums[node]


def _pivot(problem: _Problem, node: int) -> None:
    """Take the edge above a node out of the tree, and the shortest one that leads back across the gap in."""
    leaving, parent, cut = problem.upward[node], problem.parents[node], problem.cuts[node]
    below = _subtree(problem, node)
    inside = set(below)
    holds_tail = problem.edges[leaving][0] == node
    side, enters_at = below, 1 if holds_tail else 0
    if 2 * len(below) > len(problem.places):
        # The other side is smaller; only distances between the sides matter, so it may move instead.
        side, enters_at = (
            [other for other in range(len(problem.places)) if other not in inside],
            1 - enters_at,
        )
    entering = _shortest_back(problem, side, inside, enters_at)
    by = problem.slack(entering)
    problem.shift(side, -by if enters_at else by)
    tail, head, _, _ = problem.edges[entering]
    within, outside = (tail, head) if tail in inside else (head, tail)
    push = -cut if holds_tail else cut
    _push(problem, within, node, push)
    _push(problem, parent, 0, push)
    _push(problem, outside, 0, -push)
    _replace(problem, node, entering, (within, outside))
    problem.cuts[within] = -cut


def _subtree(problem: _Problem, node: int) -> list[int]:
    """List a node and what hangs below it."""
    ends, links = problem.ends, problem.links
    members = [node]
    for member in members:
        upward = problem.upward[member]
        members += [ends[index] - member for index in links[member] if index != upward]
    return members


def _shortest_back(problem: _Problem, side: Sequence[int], inside: set[int], end: int) -> int:
    """Find the edge with the least slack that has this end (0: tail, 1: head) alone on this side."""
    edges = problem.edges
    is_inside = side[0] in inside
    back = [
        index
        for member in side
        for index in problem.around[member]
        if edges[index][end] == member and (edges[index][1 - end] in inside) != is_inside
    ]
    return min(back, key=lambda index: (problem.slack(index), index))


def _push(problem: _Problem, node: int, top: int, amount: int) -> None:
    """Push an amount from a node up to another: what flows with an edge raises its cut value.

    Cut values are the flow on the tree that meets all balances, and a pivot pushes what the leaving
    edge carries round the cycle that the entering one closes. Pushing both ends of the gap up to
    node 0, with opposite signs, cancels where the cycle does not run.
    """
    while node != top:
        problem.cuts[node] += amount if problem.edges[problem.upward[node]][0] == node else -amount
        node = problem.parents[node]


def _replace(problem: _Problem, node: int, entering: int, ends: tuple[int, int]) -> None:
    """Hang the subtree of a node up at another of its nodes, by the entering edge.

    Args:
        problem: What is solved.
        node: Where the subtree hung.
        entering: The edge to hang it up by.
        ends: Its end within the subtree and its end outside.
    """
    leaving, above = problem.upward[node], problem.parents[node]
    problem.links[node].remove(leaving)
    problem.links[above].remove(leaving)
    member, parent = ends
    upward, cut = entering, 0
    while True:
        following, old = problem.parents[member], (problem.upward[member], problem.cuts[member])
        problem.parents[member], problem.upward[member], problem.cuts[member] = parent, upward, cut
        if member == node:
            break
        parent, member, (upward, cut) = member, following, old
    for end in ends:
        problem.links[end].append(entering)
