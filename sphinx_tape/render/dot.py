"""Coordinates from Graphviz, through one long-lived `dot` process.

Layer `render`. Writes boxes of fixed size without labels, so nothing needs quoting and no font is
loaded; reads `-Tplain`; gives positions in our own form. One process answers graph after graph, which
is some twenty times faster than a process each. It is never shared with a fork.
Read next: `worker.py`, `engines.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from sphinx_tape.errors import LayoutError
from sphinx_tape.render.checking import check_layout
from sphinx_tape.render.layout import LayoutEdge, LayoutRequest, LayoutResult, Point
from sphinx_tape.render.mirroring import mirror, turn
from sphinx_tape.render.ranking import rank_nodes
from sphinx_tape.render.routing import arrivals
from sphinx_tape.render.worker import DotWorker

NAME = "dot"
FORMAT_VERSION = "2"
"""To be raised with every change of what is asked of `dot` or made of its answer."""
UNITS_PER_INCH = 720
"""Ours are tenths of a pixel, 72 to the inch in Graphviz."""
MAX_COST = 1500
"""Boxes plus rows passed by edges that `dot` places in a fraction of a second; far above, it may not end."""
SHARED = 3
"""A leaf used more often than this pulls nothing towards itself."""
SNAP = 5
"""Rows this close are one row; `-Tplain` has five significant digits."""

Path = tuple[Point, ...]


class DotEngine:
    """Asks the `dot` program for coordinates."""

    name = NAME

    def __init__(self, worker: DotWorker | None = None) -> None:
        self._worker = worker or DotWorker()
        found = self._worker.version
        self.version = f"{found}-{FORMAT_VERSION}" if found else ""
        """Version of the program and of our use of it; empty if the program cannot be used."""

    def layout_many(self, requests: Sequence[LayoutRequest], budget: float) -> list[LayoutResult | None]:
        """Place every request; None where `dot` is too slow, too heavily loaded or not there."""
        return [self._layout(request, budget) for request in requests]

    def close(self) -> None:
        """End the process; the next request starts another."""
        self._worker.close()

    def _layout(self, request: LayoutRequest, budget: float) -> LayoutResult | None:
        """Ask for edges that leave and arrive anywhere; if these graze boxes, for upright ones."""
        if cost(request) > MAX_COST:
            return None
        result = None
        for upright in (False, True):
            answer = self._worker.ask(to_question(request, upright=upright), budget)
            result = None if answer is None else from_answer(request, answer, f"{NAME} {self.version}")
            if result is None or not check_layout(request, result):
                break
        return result


def cost(request: LayoutRequest) -> int:
    """Estimate the work of `dot`: its time grows with boxes plus rows passed by edges."""
    edges = [(edge.source, edge.target) for edge in request.edges]
    ranks = rank_nodes(len(request.sizes), edges)
    return len(ranks) + sum(ranks[target] - ranks[source] - 1 for source, target in edges)


def to_question(request: LayoutRequest, *, upright: bool = False) -> str:
    """Write a request as DOT, always from the top down.

    Args:
        request: What is asked.
        upright: Whether edges must leave downwards and arrive from above, which costs bends.
    """
    ports = ",tailport=s,headport=n" if upright else ""
    uses = [0] * len(request.sizes)
    for edge in request.edges:
        uses[edge.source] += 1
    lines = [
        "digraph{",
        f"nodesep={_inches(request.node_gap)};ranksep={_inches(request.rank_gap)};",
        f'node[shape=box,fixedsize=true,label=""];edge[arrowhead=none{ports}];',
    ]
    for node, size in enumerate(request.sizes):
        width, height = turn(size) if request.direction == "LR" else size
        lines.append(f"n{node}[width={_inches(width)},height={_inches(height)}];")
    lines += [f"n{edge.source}->n{edge.target}[weight={_weight(edge, uses)}];" for edge in request.edges]
    lines.append("}\n")
    return "\n".join(lines)


def _weight(edge: LayoutEdge, uses: Sequence[int]) -> int:
    """Data edges are to be straight; a leaf used everywhere is to pull nowhere."""
    if edge.kind != "leaf":
        return 3
    return 0 if uses[edge.source] > SHARED else 1


def _inches(length: int) -> str:
    return f"{length / UNITS_PER_INCH:.4f}"


class _Plain(NamedTuple):
    """One graph in Graphviz' plain format, in our units and with y downwards."""

    centres: Mapping[int, Point]
    paths: Mapping[tuple[int, int], list[Path]]


def from_answer(request: LayoutRequest, answer: Sequence[str], engine: str) -> LayoutResult:
    """Turn the lines of `-Tplain` into a result.

    Raises:
        LayoutError: If the answer does not belong to the request.
    """
    try:
        plain = _parse(answer)
        centres = _snap([plain.centres[node] for node in range(len(request.sizes))])
        routes = _routes(request, centres, plain)
    except (LookupError, ValueError) as error:
        message = "the answer of dot must hold every box and edge in the plain format; update Graphviz"
        raise LayoutError(message) from error
    return _finish(request, centres, routes, engine)


def _parse(answer: Sequence[str]) -> _Plain:
    """Read the lines of one graph."""
    centres: dict[int, Point] = {}
    paths: dict[tuple[int, int], list[Path]] = {}
    for line in answer:
        kind, *fields = line.split()
        if kind == "node":
            centres[int(fields[0][1:])] = _point(fields[1], fields[2])
        elif kind == "edge":
            ends = int(fields[0][1:]), int(fields[1][1:])
            numbers = fields[3 : 3 + 2 * int(fields[2])]
            paths.setdefault(ends, []).append(tuple(map(_point, numbers[::2], numbers[1::2])))
    return _Plain(centres, paths)


def _point(x: str, y: str) -> Point:
    return round(float(x) * UNITS_PER_INCH), -round(float(y) * UNITS_PER_INCH)


def _snap(centres: Sequence[Point]) -> list[Point]:
    """Put boxes that differ in height by rounding only into one row."""
    heights = sorted({y for _, y in centres})
    row_of = dict(zip(heights[:1], heights[:1], strict=True))
    for upper, lower in pairwise(heights):
        row_of[lower] = row_of[upper] if lower - upper <= SNAP else lower
    return [(x, row_of[y]) for x, y in centres]


def _routes(request: LayoutRequest, centres: Sequence[Point], plain: _Plain) -> list[Path]:
    """Give every edge its path, ending on the target's upper border in operand order."""
    sizes = [turn(size) if request.direction == "LR" else size for size in request.sizes]
    routes: dict[int, Path] = {}
    for target, indices in _arriving(request):
        matched = dict(zip(indices, _matching(request, indices, plain), strict=True))
        # What has one position arrives in any order, so from left to right.
        keys = {
            index: (request.edges[index].operand, *(x for x, _ in reversed(path)))
            for index, path in matched.items()
        }
        order = sorted(indices, key=keys.__getitem__)
        sources = [request.edges[index].source for index in order]
        wishes = [matched[index][-1][0] for index in order]
        ports = arrivals(sources, wishes, centres[target][0], sizes[target][0])
        top = centres[target][1] - sizes[target][1] // 2
        for index, port in zip(order, ports, strict=True):
            routes[index] = _arriving_at(matched[index], (port, top))
    return [routes[index] for index in range(len(request.edges))]


def _arriving(request: LayoutRequest) -> Iterator[tuple[int, list[int]]]:
    """Yield every target with its edges in operand order."""
    groups: dict[int, list[int]] = {}
    for index, edge in enumerate(request.edges):
        groups.setdefault(edge.target, []).append(index)
    for target, indices in groups.items():
        yield target, sorted(indices, key=lambda index: (request.edges[index].operand, index))


def _matching(request: LayoutRequest, indices: Sequence[int], plain: _Plain) -> list[Path]:
    """Pair edges with paths; of parallel ones, earlier operands take the paths further left."""
    waiting: dict[int, list[Path]] = {}
    paths: list[Path] = []
    for index in indices:
        edge = request.edges[index]
        if edge.source not in waiting:
            waiting[edge.source] = sorted(plain.paths[edge.source, edge.target], key=_middle)
        paths.append(waiting[edge.source].pop(0))
    return paths


def _middle(path: Path) -> int:
    return path[len(path) // 2][0]


def _arriving_at(path: Path, end: Point) -> Path:
    """Move the end of a path, with its control point."""
    control = path[-2][0] + end[0] - path[-1][0], path[-2][1] + end[1] - path[-1][1]
    return (*path[:-2], control, end)


def _finish(
    request: LayoutRequest, centres: Sequence[Point], routes: Sequence[Path], engine: str
) -> LayoutResult:
    """Move the drawing to the origin, turn it over if it runs from left to right, add the twins."""
    turned = request.direction == "LR"
    sizes = [turn(size) if turned else size for size in request.sizes]
    corners = [
        (x + sign * -(-width // 2), y + sign * -(-height // 2))
        for (x, y), (width, height) in zip(centres, sizes, strict=True)
        for sign in (-1, 1)
    ]
    points = corners + [point for path in routes for point in path]
    left, top = min((x for x, _ in points), default=0), min((y for _, y in points), default=0)
    right, bottom = max((x for x, _ in points), default=0), max((y for _, y in points), default=0)

    def moved(point: Point) -> Point:
        x, y = point[0] - left, point[1] - top
        return (y, x) if turned else (x, y)

    result = LayoutResult(
        centres=tuple(map(moved, centres)),
        routes=tuple(tuple(map(moved, path)) for path in routes),
        size=moved((right, bottom)),
        engine=engine,
    )
    return mirror(result, request.direction, 2 * request.node_gap) if request.mirror else result
