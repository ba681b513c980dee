"""Least total length: the network simplex method, used for rows and for places within rows.

Layer `render`, a step of `ranking.py` and `straightening.py`. Follows Gansner, Koutsofios, North and
Vo (1993), sections 2.3 and 4.2, in a plain form: a cut value is the sum of node balances over a
subtree, so all of them are found anew in one walk at every pivot. It starts from a valid solution and
can be stopped at any time, since every intermediate solution is a valid one.
Read next: `ranking.py`, `straightening.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

Edge = tuple[int, int, int, int]
"""Tail, head, weight, least length."""


@dataclass(slots=True)
class _Problem:
    """The graph and its spanning tree of edges without slack."""

    places: list[int]
    edges: Sequence[Edge]
    balance: list[int]
    """Per node the weight of the edges that leave it minus that of the edges that arrive."""
    around: list[list[int]]
    """Per node all of its edges."""
    links: list[list[int]] = field(default_factory=list)
    """Per node its edges of the tree."""

    def slack(self, index: int) -> int:
        """How much longer than needed an edge is."""
        tail, head, _, length = self.edges[index]
        return self.places[head] - self.places[tail] - length

    def across(self, index: int, node: int) -> int:
        """Return the other end of an edge."""
        tail, head, _, _ = self.edges[index]
        return tail + head - node

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
    balance = [0] * len(places)
    around: list[list[int]] = [[] for _ in places]
    for index, (tail, head, weight, _) in enumerate(edges):
        balance[tail] += weight
        balance[head] -= weight
        around[tail].append(index)
        around[head].append(index)
    problem = _Problem(places, edges, balance, around, [[] for _ in places])
    if not places or not _grow_tree(problem):
        return
    for _ in range(pivots):
        node, leaving = _worst_cut(problem)
        if leaving < 0:
            break
        _exchange(problem, node, leaving)


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
                other = problem.across(index, node)
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


def _worst_cut(problem: _Problem) -> tuple[int, int]:
    """Find the tree edge that gains most from being longer, and its end away from node 0; or -1, -1."""
    upward = [-1] * len(problem.places)
    order = [0]
    for node in order:
        for index in problem.links[node]:
            if index != upward[node]:
                other = problem.across(index, node)
                upward[other] = index
                order.append(other)
    sums = problem.balance.copy()
    least, worst = 0, (-1, -1)
    for node in order[:0:-1]:
        index = upward[node]
        tail, head, _, _ = problem.edges[index]
        sums[tail + head - node] += sums[node]
        cut = sums[node] if node == tail else -sums[node]
        if cut < least:
            least, worst = cut, (node, index)
    return worst


def _exchange(problem: _Problem, node: int, leaving: int) -> None:
    """Take an edge out of the tree and the shortest one that leads back across the gap into it.

    Args:
        problem: What is solved.
        node: The end of the edge away from node 0.
        leaving: The edge.
    """
    tail, head, _, _ = problem.edges[leaving]
    problem.links[tail].remove(leaving)
    problem.links[head].remove(leaving)
    side = _side(problem, node)
    holds_tail = node == tail
    if 2 * len(side) > len(problem.places):
        side = _side(problem, problem.across(leaving, node))
        holds_tail = not holds_tail
    inside = set(side)
    # Deterministic although `inside` is a set: it is only asked, never walked.
    back = [
        index
        for member in side
        for index in problem.around[member]
        if problem.edges[index][holds_tail] == member and problem.across(index, member) not in inside
    ]
    entering = min(back, key=lambda index: (problem.slack(index), index))
    problem.shift(side, -problem.slack(entering) if holds_tail else problem.slack(entering))
    for end in problem.edges[entering][:2]:
        problem.links[end].append(entering)


def _side(problem: _Problem, node: int) -> list[int]:
    """List what hangs together with a node in the tree."""
    side = [node]
    came = {node: -1}
    for member in side:
        for index in problem.links[member]:
            if index != came[member]:
                other = problem.across(index, member)
                came[other] = index
                side.append(other)
    return side
