"""Graphs shaped like tapes, for the layout benchmark and the tests of the layout engines.

Every family takes a rough number of nodes and returns a `LayoutRequest` with fixed box sizes; the ones
with chance in them take it from a fixed seed.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

from sphinx_tape.render.layout import EdgeKind, LayoutEdge, LayoutRequest

HEIGHT = 340
SMALL, MEDIUM, LARGE = 560, 900, 1500
Family = Callable[[int], LayoutRequest]


class Sketch:
    """A tape being written down without values."""

    def __init__(self) -> None:
        self.sizes: list[tuple[int, int]] = []
        self.edges: list[LayoutEdge] = []
        self.leaves: set[int] = set()

    def add(self, *parents: int, width: int = MEDIUM) -> int:
        """Add a box that uses the given boxes in this order."""
        node = len(self.sizes)
        self.sizes.append((width, HEIGHT))
        for operand, parent in enumerate(parents):
            kind: EdgeKind = "leaf" if parent in self.leaves else "data"
            self.edges.append(LayoutEdge(parent, node, operand, kind))
        if not parents:
            self.leaves.add(node)
        return node

    def request(self) -> LayoutRequest:
        """Return what was written down."""
        return LayoutRequest(sizes=tuple(self.sizes), edges=tuple(self.edges))


def mlp(nodes: int) -> LayoutRequest:
    """Layers of product, bias and nonlinearity; every weight is used once."""
    sketch = Sketch()
    hidden = sketch.add()
    while len(sketch.sizes) < nodes:
        product = sketch.add(hidden, sketch.add(), width=LARGE)
        hidden = sketch.add(sketch.add(product, sketch.add(), width=LARGE))
    return sketch.request()


def chain(nodes: int) -> LayoutRequest:
    """One operation after another."""
    sketch = Sketch()
    last = sketch.add()
    for _ in range(nodes - 1):
        last = sketch.add(last)
    return sketch.request()


def fan(nodes: int) -> LayoutRequest:
    """One leaf, many branches, one sum."""
    sketch = Sketch()
    leaf = sketch.add()
    sketch.add(*(sketch.add(leaf, width=SMALL) for _ in range(nodes - 2)))
    return sketch.request()


def diamond(nodes: int) -> LayoutRequest:
    """Fork and join, again and again."""
    sketch = Sketch()
    last = sketch.add()
    while len(sketch.sizes) < nodes:
        last = sketch.add(sketch.add(last), sketch.add(last))
    return sketch.request()


def resnet(nodes: int) -> LayoutRequest:
    """Blocks of product, nonlinearity, product, with the block's input added."""
    sketch = Sketch()
    hidden = sketch.add()
    while len(sketch.sizes) < nodes:
        inner = sketch.add(sketch.add(hidden, sketch.add(), width=LARGE))
        hidden = sketch.add(hidden, sketch.add(inner, sketch.add(), width=LARGE))
    return sketch.request()


def scalar(nodes: int, seed: int = 1) -> LayoutRequest:
    """Scalar arithmetic on recent values, as micrograd records it."""
    chance = random.Random(seed)  # noqa: S311 -- reproducible shapes, no secrets
    sketch = Sketch()
    for _ in range(4):
        sketch.add(width=SMALL)
    while len(sketch.sizes) < nodes:
        recent = range(max(0, len(sketch.sizes) - 8), len(sketch.sizes))
        kind = chance.random()
        parents = [] if kind < 0.2 else [_unused_or_any(chance, sketch, recent)]
        if kind > 0.4:
            parents.append(chance.choice(recent))
        sketch.add(*parents, width=SMALL)
    return sketch.request()


def _unused_or_any(chance: random.Random, sketch: Sketch, recent: range) -> int:
    """Choose a value nobody has used yet, as people do, or else any."""
    used = {edge.source for edge in sketch.edges[-24:]}
    return chance.choice([node for node in recent if node not in used] or recent)


def rnn(nodes: int) -> LayoutRequest:
    """A recurrent network whose four leaves are used at every step."""
    sketch = Sketch()
    w_input, w_hidden, bias, hidden = (sketch.add() for _ in range(4))
    while len(sketch.sizes) < nodes:
        product = sketch.add(sketch.add(), w_input)
        total = sketch.add(product, sketch.add(hidden, w_hidden))
        hidden = sketch.add(sketch.add(total, bias))
    return sketch.request()


def attention(nodes: int) -> LayoutRequest:
    """Heads of queries, keys and values that read one input; their outputs are joined."""
    sketch = Sketch()
    tokens = sketch.add()
    heads = []
    while len(sketch.sizes) < nodes:
        query, key, value = (sketch.add(tokens, sketch.add(width=SMALL)) for _ in range(3))
        scores = sketch.add(sketch.add(query, sketch.add(key, width=SMALL)), width=SMALL)
        heads.append(sketch.add(sketch.add(scores), value))
    joined = sketch.add(*heads, width=LARGE)
    sketch.add(tokens, sketch.add(joined, sketch.add()))
    return sketch.request()


def random_dag(nodes: int, seed: int = 1) -> LayoutRequest:
    """Nodes with up to four parents anywhere before them."""
    chance = random.Random(seed)  # noqa: S311 -- reproducible shapes, no secrets
    sketch = Sketch()
    for node in range(nodes):
        count = 0 if node < nodes // 10 + 1 else chance.choice((1, 2, 2, 3))
        sketch.add(*(chance.randrange(node) for _ in range(count)), width=SMALL)
    return sketch.request()


def dense(nodes: int) -> LayoutRequest:
    """Every node uses all before it."""
    sketch = Sketch()
    for node in range(nodes):
        sketch.add(*range(node))
    return sketch.request()


def disconnected(nodes: int) -> LayoutRequest:
    """A network, a small expression that nothing joins to it, and an unused leaf."""
    main = mlp(max(nodes - 4, 1))
    sketch = Sketch()
    sketch.sizes, sketch.edges = list(main.sizes), list(main.edges)
    sketch.add(sketch.add(), sketch.add())
    sketch.add()
    return sketch.request()


def freed(request: LayoutRequest) -> LayoutRequest:
    """The same where every operation lets its operands change places, as sums and products do."""
    return request._replace(edges=tuple(edge._replace(operand=0) for edge in request.edges))


def forward_backward(nodes: int) -> LayoutRequest:
    """A network with its reverse pass mirrored beside it; `nodes` counts both halves."""
    return mlp(nodes // 2)._replace(mirror=True)


def raw_forward_backward(nodes: int) -> LayoutRequest:
    """The same as one graph, as a plain drawing program would get it: gradients, and saved values."""
    forward = mlp(nodes // 2)
    count = len(forward.sizes)
    edges = list(forward.edges)
    for edge in reversed(forward.edges):
        twin_source, twin_target = 2 * count - 1 - edge.target, 2 * count - 1 - edge.source
        edges.append(LayoutEdge(twin_source, twin_target, len(edges), "gradient"))
        edges.append(LayoutEdge(edge.source, twin_target, len(edges), "saved"))
    return forward._replace(sizes=forward.sizes + forward.sizes[::-1], edges=tuple(edges))


FAMILIES: dict[str, Family] = {
    "mlp": mlp,
    "chain": chain,
    "fan": fan,
    "diamond": diamond,
    "resnet": resnet,
    "scalar": scalar,
    "rnn": rnn,
    "attention": attention,
    "random": random_dag,
    "dense": dense,
    "disconnected": disconnected,
    "forward+backward": forward_backward,
}


def small_graphs(count: int = 100) -> list[LayoutRequest]:
    """Graphs of 5 to 30 nodes from all families but the dense one."""
    chance = random.Random(7)  # noqa: S311 -- reproducible shapes, no secrets
    families: Sequence[Family] = [family for name, family in FAMILIES.items() if name != "dense"]
    return [families[index % len(families)](chance.randint(5, 30)) for index in range(count)]
