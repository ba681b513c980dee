"""Least total length: the network simplex method, used for rows and for places within rows.

Layer `render`, a step of `ranking.py` and `straightening.py`. Follows Gansner, Koutsofios, North and
Vo (1993), sections 2.3 and 4.2, with one change: an edge may also cost something where it is shorter than
its length, so that a sideways distance is one edge, not an auxiliary node with two. What an edge of the tree
carries is the slope that balances all others; where that is outside of what the edge itself can cost, moving
the two sides of the tree apart, or together, gains. A move goes on past edges that change their sign, as long
as it gains. Every solution met is a valid one, so the method can be stopped at any time.
Read next: `ranking.py`, `straightening.py`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

Edge = tuple[int, int, int, int, int]
"""Tail, head, length, and the cost of a unit by which head is farther from tail than that, or nearer."""
NEVER = 1 << 40
"""The cost of a unit that must not be."""


@dataclass(slots=True)
class _Problem:
    """The graph and its spanning tree of edges of just their length, hung up at node 0."""

    places: list[int]
    edges: Sequence[Edge]
    ends: list[int]
    """Per edge the sum of its two ends: less one of them, it is the other."""
    around: list[list[int]]
    """Per node all of its edges."""
    slopes: list[int]
    """Per edge outside of the tree what one unit farther costs now."""
    links: list[list[int]]
    """Per node its edges of the tree."""
    parents: list[int]
    """Per node the next one towards node 0, or -1."""
    upward: list[int]
    """Per node the tree edge to its parent, or -1."""
    carried: list[int]
    """Per node the slope that its tree edge must have to balance all others."""
    gains: list[int]
    """Per node what one unit off the length of its tree edge gains; 0 for node 0."""

    def slack(self, index: int) -> int:
        """How much longer than its length an edge is."""
        tail, head, length, _, _ = self.edges[index]
        return self.places[head] - self.places[tail] - length

    def shift(self, nodes: Iterable[int], by: int) -> None:
        """Move nodes together."""
        places = self.places
        for node in nodes:
            places[node] += by

    def carry(self, node: int, slope: int) -> None:
        """Note what the tree edge of a node carries."""
        _, _, _, farther, nearer = self.edges[self.upward[node]]
        self.carried[node] = slope
        self.gains[node] = slope - farther if slope > 0 else -nearer - slope


def shorten(places: list[int], edges: Sequence[Edge], pivots: int) -> None:
    """Improve a valid solution in place; of a graph that is not connected, nothing is improved.

    Args:
        places: Place of every node.
        edges: What is to be near or must be far.
        pivots: How many exchanges of tree edges are affordable.
    """
    count = len(places)
    around: list[list[int]] = [[] for _ in places]
    links: list[list[int]] = [[] for _ in places]
    ends: list[int] = []
    for index, edge in enumerate(edges):
        tail, head = edge[0], edge[1]
        around[tail].append(index)
        around[head].append(index)
        ends.append(tail + head)
    nowhere, nothing = [-1] * count, [0] * count
    problem = _Problem(
        places, edges, ends, around, [0] * len(edges), links, nowhere, nowhere[:], nothing, nothing[:]
    )
    if not places or not _grow_tree(problem):
        return
    _balance(problem)
    gains = problem.gains
    for _ in range(pivots):
        most = max(gains)
        if most <= 0:
            break
        _pivot(problem, gains.index(most))


def _grow_tree(problem: _Problem) -> bool:
    """Span the graph, moving what has been reached so far where no edge of just its length leads on."""
    edges, links = problem.edges, problem.links
    reached = [False] * len(problem.places)
    members: list[int] = []
    border: list[int] = []
    start = 0
    while True:
        border += _reach(problem, start, members, reached)
        border = [index for index in border if reached[edges[index][0]] != reached[edges[index][1]]]
        if not border:
            return len(members) == len(reached)
        # With the least of all slacks taken up, no edge changes its sign.
        nearest = min(border, key=lambda index: (abs(problem.slack(index)), index))
        tail, head = edges[nearest][:2]
        slack = problem.slack(nearest)
        problem.shift(members, slack if reached[tail] else -slack)
        links[tail].append(nearest)
        links[head].append(nearest)
        start = head if reached[tail] else tail


def _reach(problem: _Problem, start: int, members: list[int], reached: list[bool]) -> list[int]:
    """Follow the edges of just their length; return those that are longer, or shorter."""
    places, edges, ends, links = problem.places, problem.edges, problem.ends, problem.links
    others: list[int] = []
    reached[start] = True
    stack = [start]
    while stack:
        node = stack.pop()
        members.append(node)
        for index in problem.around[node]:
            other = ends[index] - node
            if not reached[other]:
                tail, head, length, _, _ = edges[index]
                if places[head] - places[tail] == length:
                    reached[other] = True
                    links[node].append(index)
                    links[other].append(index)
                    stack.append(other)
                else:
                    others.append(index)
    return others


def _balance(problem: _Problem) -> None:
    """Hang the tree up at node 0 and find from below what its edges carry."""
    order = [0]
    parents, upward, edges = problem.parents, problem.upward, problem.edges
    for node in order:
        for index in problem.links[node]:
            if index != upward[node]:
                other = problem.ends[index] - node
                parents[other], upward[other] = node, index
                order.append(other)
    in_tree = set(upward)
    sums = [0] * len(order)
    for index, (tail, head, length, farther, nearer) in enumerate(edges):
        if index not in in_tree:
            is_near = problem.places[head] - problem.places[tail] < length
            problem.slopes[index] = slope = -nearer if is_near else farther
            sums[head] += slope
            sums[tail] -= slope
    for node in order[:0:-1]:
        problem.carry(node, -sums[node] if edges[upward[node]][1] == node else sums[node])
        sums[parents[node]] += sums[node]


def _pivot(problem: _Problem, node: int) -> None:
    """Move what hangs at a node until that gains no more; the edge that ends the move replaces the node's."""
    leaving = problem.upward[node]
    tail, _, _, farther, nearer = problem.edges[leaving]
    is_farther = problem.carried[node] > 0
    side = _subtree(problem, node)
    below = set(side)
    direction = 1 if (tail == node) != is_farther else -1
    if 2 * len(side) > len(problem.places):
        # The other side is smaller; only distances between the sides matter, so it may move instead.
        side = [other for other in range(len(problem.places)) if other not in below]
        direction = -direction
    *passed, (distance, entering) = _stops(problem, side, direction, leaving, problem.gains[node])
    problem.shift(side, direction * distance)
    for _, index in passed:
        much, little = problem.edges[index][3:]
        _turn(problem, index, -much - little if problem.slopes[index] == much else much + little)
    problem.slopes[leaving] = farther if is_farther else -nearer
    _enter(problem, node, entering, below)


def _stops(
    problem: _Problem, side: Sequence[int], direction: int, leaving: int, gain: int
) -> list[tuple[int, int]]:
    """Return at which distances which edges change their sign when a side moves, as long as that gains."""
    places, edges, ends, slopes = problem.places, problem.edges, problem.ends, problem.slopes
    members = set(side)
    stops: list[tuple[int, int]] = []
    for node in side:
        for index in problem.around[node]:
            if ends[index] - node not in members:
                tail, head, length, farther, _ = edges[index]
                grows = direction > 0 if head == node else direction < 0
                if (slopes[index] == farther) != grows and index != leaving:
                    stops.append((abs(places[head] - places[tail] - length), index))
    stops.sort()
    for count, (_, index) in enumerate(stops, start=1):
        gain -= edges[index][3] + edges[index][4]
        if gain <= 0:
            return stops[:count]
    return stops


def _subtree(problem: _Problem, node: int) -> list[int]:
    """List a node and what hangs below it."""
    ends, links, upwards = problem.ends, problem.links, problem.upward
    members = [node]
    for member in members:
        upward = upwards[member]
        members += [ends[index] - member for index in links[member] if index != upward]
    return members


def _turn(problem: _Problem, index: int, amount: int) -> None:
    """Change the slope of an edge outside of the tree; the tree edges between its ends balance that."""
    problem.slopes[index] += amount
    parents = problem.parents
    tail, head = problem.edges[index][:2]
    above: set[int] = set()
    node = tail
    while node >= 0:
        above.add(node)
        node = parents[node]
    meeting = _push(problem, head, above, amount)
    _push(problem, tail, (meeting,), -amount)


def _push(problem: _Problem, node: int, stops: Collection[int], amount: int) -> int:
    """Hand a slope down the tree to where it stops; return that node."""
    carried, gains, parents, upward = problem.carried, problem.gains, problem.parents, problem.upward
    edges = problem.edges
    while node not in stops:
        _, head, _, farther, nearer = edges[upward[node]]
        slope = carried[node] - amount if head == node else carried[node] + amount
        carried[node] = slope
        gains[node] = slope - farther if slope > 0 else -nearer - slope
        node = parents[node]
    return node


def _enter(problem: _Problem, node: int, entering: int, below: set[int]) -> None:
    """Hang what is below a node up by another edge.

    Args:
        problem: What is solved.
        node: Where it hung; the slope of that edge is already what it has outside of the tree.
        entering: The edge that replaces it.
        below: All nodes concerned.
    """
    leaving, above = problem.upward[node], problem.parents[node]
    tail, head = problem.edges[entering][:2]
    excess = problem.carried[node] - problem.slopes[leaving]
    same = (head in below) == (problem.edges[leaving][1] == node)
    _turn(problem, entering, excess if same else -excess)
    problem.links[node].remove(leaving)
    problem.links[above].remove(leaving)
    problem.links[tail].append(entering)
    problem.links[head].append(entering)
    member, parent = (head, tail) if head in below else (tail, head)
    upward, slope = entering, problem.slopes[entering]
    while True:
        following = problem.parents[member], problem.upward[member], problem.carried[member]
        problem.parents[member], problem.upward[member] = parent, upward
        problem.carry(member, slope)
        if member == node:
            break
        parent, (member, upward, slope) = member, following
