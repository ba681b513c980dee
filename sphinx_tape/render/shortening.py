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
    around: list[list[tuple[int, int, bool]]]
    """Per node all of its edges: index, the other end, and whether the node is the head."""
    far: list[bool]
    """Per edge outside of the tree whether it costs what being too long does, not being too short."""
    parents: list[int]
    """Per node the next one towards node 0, or -1."""
    children: list[list[int]]
    """Per node those that hang at it."""
    upward: list[int]
    """Per node the tree edge to its parent, or -1."""
    carried: list[int]
    """Per node the slope that its tree edge must have to balance all others."""
    gains: list[int]
    """Per node what one unit off the length of its tree edge gains; 0 for node 0."""

    def shift(self, nodes: Iterable[int], by: int) -> None:
        """Move nodes together."""
        places = self.places
        for node in nodes:
            places[node] += by

    def hang(self, node: int, parent: int, edge: int) -> None:
        """Hang a node up by an edge."""
        self.parents[node] = parent
        self.upward[node] = edge
        self.children[parent].append(node)

    def slope(self, index: int) -> int:
        """Return what one unit more of an edge outside of the tree costs now."""
        _, _, _, farther, nearer = self.edges[index]
        return farther if self.far[index] else -nearer

    def carry(self, node: int, slope: int) -> None:
        """Note what the tree edge of a node carries."""
        _, _, _, farther, nearer = self.edges[self.upward[node]]
        self.carried[node] = slope
        self.gains[node] = slope - farther if slope > 0 else -nearer - slope


def shorten(places: list[int], edges: Sequence[Edge], pivots: int, enough: int = 0) -> None:
    """Improve a valid solution in place; of a graph that is not connected, nothing is improved.

    Args:
        places: Place of every node.
        edges: What is to be near or must be far.
        pivots: How many exchanges of tree edges are affordable.
        enough: The result is good enough where no side of the tree gains more than this by a unit.
    """
    if not places:
        return
    around: list[list[tuple[int, int, bool]]] = [[] for _ in places]
    for index, (tail, head, _, _, _) in enumerate(edges):
        around[tail].append((index, head, False))
        around[head].append((index, tail, True))
    nowhere, nothing = [-1] * len(places), [0] * len(places)
    children: list[list[int]] = [[] for _ in places]
    far = [True] * len(edges)
    problem = _Problem(places, edges, around, far, nowhere, children, nowhere[:], nothing, nothing[:])
    members = _grow_tree(problem)
    if len(members) < len(places):
        return
    _balance(problem, members)
    gains = problem.gains
    for _ in range(pivots):
        most = max(gains)
        if most <= enough:
            break
        _pivot(problem, gains.index(most))


def _grow_tree(problem: _Problem) -> list[int]:
    """Span the graph, moving what has been reached so far where no edge of just its length leads on.

    Returns:
        The nodes reached, each after its parent.
    """
    places, edges = problem.places, problem.edges
    reached = [False] * len(places)
    members: list[int] = []
    border: list[int] = []
    start = 0
    while True:
        border += _reach(problem, start, members, reached)
        slacks = [
            (abs(places[head] - places[tail] - length), index)
            for index in border
            for tail, head, length, _, _ in (edges[index],)
            if reached[tail] != reached[head]
        ]
        if not slacks:
            return members
        # With the least of all slacks taken up, no edge changes its sign.
        _, nearest = min(slacks)
        tail, head, length, _, _ = edges[nearest]
        slack = places[head] - places[tail] - length
        border = [index for _, index in slacks]
        start, parent, by = (head, tail, slack) if reached[tail] else (tail, head, -slack)
        problem.shift(members, by)
        problem.hang(start, parent, nearest)


def _reach(problem: _Problem, start: int, members: list[int], reached: list[bool]) -> list[int]:
    """Follow the edges of just their length; return those that are longer, or shorter."""
    places, edges, around = problem.places, problem.edges, problem.around
    parents, upward, children = problem.parents, problem.upward, problem.children
    others: list[int] = []
    reached[start] = True
    stack = [start]
    while stack:
        node = stack.pop()
        members.append(node)
        place = places[node]
        for index, other, is_head in around[node]:
            if not reached[other]:
                distance = place - places[other] if is_head else places[other] - place
                if distance == edges[index][2]:
                    reached[other] = True
                    parents[other], upward[other] = node, index
                    children[node].append(other)
                    stack.append(other)
                else:
                    others.append(index)
    return others


def _balance(problem: _Problem, order: Sequence[int]) -> None:
    """Find from below what the edges of the tree carry."""
    places, edges, far = problem.places, problem.edges, problem.far
    parents, upward = problem.parents, problem.upward
    in_tree = set(upward)
    sums = [0] * len(order)
    for index, (tail, head, length, farther, nearer) in enumerate(edges):
        if index not in in_tree:
            far[index] = is_far = places[head] - places[tail] >= length
            slope = farther if is_far else -nearer
            sums[head] += slope
            sums[tail] -= slope
    for node in order[:0:-1]:
        problem.carry(node, -sums[node] if edges[upward[node]][1] == node else sums[node])
        sums[parents[node]] += sums[node]


def _pivot(problem: _Problem, node: int) -> None:
    """Move what hangs at a node until that gains no more; the edge that ends the move replaces the node's."""
    leaving = problem.upward[node]
    is_farther = problem.carried[node] > 0
    rises = (problem.edges[leaving][0] == node) != is_farther
    side = _subtree(problem, node)
    below = set(side)
    if 2 * len(side) > len(problem.places):
        # The other side is smaller; only distances between the sides matter, so it may move instead.
        side = [other for other in range(len(problem.places)) if other not in below]
        rises = not rises
    problem.far[leaving] = is_farther
    *passed, (distance, entering) = _stops(problem, side, below, problem.gains[node], rises=rises)
    problem.shift(side, distance if rises else -distance)
    for _, index in passed:
        _, _, _, farther, nearer = problem.edges[index]
        was_far = problem.far[index]
        problem.far[index] = not was_far
        _turn(problem, index, -farther - nearer if was_far else farther + nearer)
    _enter(problem, node, entering, below)


def _stops(
    problem: _Problem, side: Sequence[int], below: set[int], gain: int, *, rises: bool
) -> list[tuple[int, int]]:
    """Return at which distances which edges change their sign when a side moves, as long as that gains."""
    places, edges, around, far = problem.places, problem.edges, problem.around, problem.far
    moves = side[0] in below
    stops: list[tuple[int, int]] = []
    for node in side:
        for index, other, is_head in around[node]:
            # What gets longer changes its sign if it is too short now, and the other way round.
            if far[index] != (is_head == rises) and (other in below) != moves:
                tail, head, length, _, _ = edges[index]
                stops.append((abs(places[head] - places[tail] - length), index))
    stops.sort()
    for count, (_, index) in enumerate(stops, start=1):
        gain -= edges[index][3] + edges[index][4]
        if gain <= 0:
            return stops[:count]
    return stops


def _subtree(problem: _Problem, node: int) -> list[int]:
    """List a node and what hangs below it."""
    children = problem.children
    members = [node]
    for member in members:
        members += children[member]
    return members


def _turn(problem: _Problem, index: int, amount: int) -> None:
    """Let the tree edges between the ends of another balance a change of its slope."""
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
        node: Where it hung; that edge already counts as one outside of the tree.
        entering: The edge that replaces it.
        below: All nodes concerned.
    """
    leaving = problem.upward[node]
    tail, head = problem.edges[entering][:2]
    excess = problem.carried[node] - problem.slope(leaving)
    same = (head in below) == (problem.edges[leaving][1] == node)
    slope = problem.slope(entering) + (excess if same else -excess)
    _turn(problem, entering, excess if same else -excess)
    member, parent = (head, tail) if head in below else (tail, head)
    upward = entering
    while True:
        above, edge, carried = problem.parents[member], problem.upward[member], problem.carried[member]
        problem.children[above].remove(member)
        problem.hang(member, parent, upward)
        problem.carry(member, slope)
        if member == node:
            break
        parent, member, upward, slope = member, above, edge, carried
