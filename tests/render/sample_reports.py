"""Small reports made by hand for the tests of `render`, whose layer must not run the engine.

A `Sketch` notes nodes with their values and, per operand, how a cotangent is handed on; `report()` replays
that in reverse. Every array is a shape and a flat tuple in row-major order.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import product

from sphinx_tape.report.model import (
    ArrayPreview,
    ContributionRow,
    Coverage,
    GradientRow,
    GradientState,
    Kind,
    NodeRow,
    Number,
    Reason,
    ReasonKind,
    ReverseFailure,
    ReverseReport,
    SourceLine,
    SourceText,
    Statistics,
    StepRow,
    TapeReport,
)

Flat = tuple[float, ...]
Pullback = Callable[[Flat], Flat]
LIMIT = 6


def statistics(elements: Sequence[float]) -> Statistics:
    """Facts over all elements, as the report states them."""
    finite = [x for x in elements if math.isfinite(x)]
    return Statistics(
        minimum=min(finite, default=None),
        maximum=max(finite, default=None),
        mean=sum(finite) / len(finite) if finite else None,
        l1=sum(map(abs, finite)) if finite else None,
        l2=math.hypot(*finite) if finite else None,
        largest=max(map(abs, finite), default=None),
        zeros=sum(x == 0 for x in elements),
        nans=sum(math.isnan(x) for x in elements),
        infinities=sum(math.isinf(x) for x in elements),
    )


def preview(
    value: Number | Sequence[float],
    shape: tuple[int, ...] = (),
    *,
    dtype: str = "float64",
    kind: Kind = "float",
) -> ArrayPreview:
    """A scalar (`shape` empty) or an array clipped to its first entries along every axis."""
    if not shape:
        one: tuple[Number, ...] = (value,)  # type: ignore[assignment]
        return ArrayPreview(shape=(), dtype=dtype, kind=kind, kept=(), elements=one, statistics=None)
    flat = tuple(value)  # type: ignore[arg-type]
    kept = tuple(min(length, LIMIT) for length in shape)
    strides = [math.prod(shape[axis + 1 :]) for axis in range(len(shape))]
    places = product(*(range(length) for length in kept))
    elements = tuple(flat[sum(i * s for i, s in zip(place, strides, strict=True))] for place in places)
    return ArrayPreview(
        shape=shape, dtype=dtype, kind=kind, kept=kept, elements=elements, statistics=statistics(flat)
    )


def times(*factors: float) -> Pullback:
    """The rule of an elementwise operation: multiply by its derivative."""
    return lambda g: tuple(a * f for a, f in zip(g, factors, strict=True))


class Sketch:
    """A tape noted by hand."""

    def __init__(self) -> None:
        self.rows: list[NodeRow] = []
        self.flats: list[Flat] = []
        self.rules: list[tuple[Pullback | None, ...]] = []
        self.formulas: list[tuple[str, ...]] = []
        self.reasons: dict[int, Reason] = {}

    def node(
        self,
        op: str,
        value: Number | Sequence[float],
        parents: tuple[int, ...] = (),
        rules: tuple[Pullback | None, ...] = (),
        *,
        name: str = "",
        shape: tuple[int, ...] = (),
        scope: tuple[str, ...] = (),
        requires_grad: bool = True,
        cut: str = "",
        dtype: str = "float64",
        kind: Kind = "float",
        tex: str = "",
        formulas: tuple[str, ...] = (),
        keywords: tuple[tuple[str, str], ...] = (),
        note: str = "",
    ) -> int:
        """Append one node and return its id."""
        identity = len(self.rows)
        source = SourceLine("course/notes.py", 10 + identity, f"{name or 'v'} = {op}(...)")
        row = NodeRow(
            id=identity,
            op=op,
            name=name,
            scope=scope,
            parents=parents,
            requires_grad=requires_grad,
            value=preview(value, shape, dtype=dtype, kind=kind),
            keywords=keywords,
            tex=tex,
            cut=cut,
            note=note,
            source=source,
        )
        self.rows.append(row)
        self.flats.append(tuple(value) if shape else (value,))  # type: ignore[arg-type]
        self.rules.append(rules)
        self.formulas.append(formulas or ("",) * len(parents))
        return identity

    def leaf(
        self, name: str, value: Number | Sequence[float], shape: tuple[int, ...] = (), **more: object
    ) -> int:
        """Append a leaf."""
        return self.node("leaf", value, name=name, shape=shape, **more)  # type: ignore[arg-type]

    def constant(self, value: Number | Sequence[float], name: str = "", shape: tuple[int, ...] = ()) -> int:
        """Append a constant."""
        return self.node("constant", value, name=name, shape=shape, requires_grad=False)

    def scalar(self, op: str, value: float, parents: tuple[int, ...], partials: Flat, **more: object) -> int:
        """Append a scalar operation with its partial derivatives."""
        return self.node(op, value, parents, tuple(times(p) for p in partials), **more)  # type: ignore[arg-type]

    def reason(self, node: int, kind: ReasonKind, blocker: int | None = None) -> None:
        """Say why a node will have no gradient."""
        self.reasons[node] = Reason(kind, blocker)

    def report(
        self, output: int | None, seed: float = 1.0, failure: ReverseFailure | None = None
    ) -> TapeReport:
        """Replay the rules in reverse; a `failure` stops at its node."""
        reverse = None if output is None else _Reverse(self, output, seed, failure).report()
        return TapeReport(
            nodes=tuple(self.rows),
            output=output,
            reverse=reverse,
            failure=failure,
            builder_source=SourceText("course/notes.py", 8, ("def notes():", "    ...")),
        )


class _Reverse:
    def __init__(self, sketch: Sketch, output: int, seed: float, failure: ReverseFailure | None) -> None:
        self.sketch = sketch
        self.output = output
        self.seed = tuple(seed for _ in sketch.flats[output])
        self.failure = failure
        self.sums: list[Flat | None] = [None] * len(sketch.rows)
        self.got: list[int] = [0] * len(sketch.rows)
        self.sums[output] = self.seed

    def preview(self, node: int, flat: Flat) -> ArrayPreview:
        value = self.sketch.rows[node].value
        return preview(flat if value.shape else flat[0], value.shape, dtype=value.dtype, kind=value.kind)

    def report(self) -> ReverseReport:
        counts = self._contribution_counts()
        steps = tuple(self._step(node, counts) for node in range(self.output, -1, -1))
        gradients = tuple(self._gradient(row) for row in self.sketch.rows)
        required = [row.id for row in self.sketch.rows if row.requires_grad]
        missing = tuple(i for i in required if gradients[i].state == "missing")
        leaves = tuple(i for i in missing if self.sketch.rows[i].op == "leaf")
        coverage = Coverage(
            required=len(required),
            reached=len(required) - len(missing),
            missing=missing,
            missing_leaves=leaves,
        )
        return ReverseReport(
            output=self.output,
            seed=self.preview(self.output, self.seed),
            gradients=gradients,
            steps=steps,
            coverage=coverage,
        )

    def _contribution_counts(self) -> list[int]:
        counts = [0] * len(self.sketch.rows)
        reached = {self.output}
        for node in range(self.output, -1, -1):
            row = self.sketch.rows[node]
            if node not in reached or not row.requires_grad or row.cut:
                continue
            for parent, rule in zip(row.parents, self.sketch.rules[node], strict=True):
                if rule is not None and self.sketch.rows[parent].requires_grad:
                    counts[parent] += 1
                    reached.add(parent)
        return counts

    def _step(self, node: int, counts: list[int]) -> StepRow:
        row = self.sketch.rows[node]
        cotangent = self.sums[node]
        if not row.requires_grad:
            return StepRow(node, "not_asked", None)
        if self.failure is not None and self.failure.node is not None and node <= self.failure.node:
            if node == self.failure.node and cotangent is not None:
                return StepRow(node, "failed", self.preview(node, cotangent), (), self.failure.message)
            return StepRow(node, "no_upstream", None)
        if cotangent is None:
            return StepRow(node, "no_upstream", None)
        rules = () if row.cut else self.sketch.rules[node]
        contributions = tuple(
            self._contribute(node, operand, rule(cotangent), counts)
            for operand, rule in enumerate(rules)
            if rule is not None and self.sketch.rows[row.parents[operand]].requires_grad
        )
        return StepRow(node, "propagates", self.preview(node, cotangent), contributions)

    def _contribute(self, node: int, operand: int, value: Flat, counts: list[int]) -> ContributionRow:
        parent = self.sketch.rows[node].parents[operand]
        before = self.sums[parent]
        total = value if before is None else tuple(a + b for a, b in zip(before, value, strict=True))
        self.sums[parent] = total
        self.got[parent] += 1
        return ContributionRow(
            operand=operand,
            parent=parent,
            value=self.preview(parent, value),
            running=self.preview(parent, total) if counts[parent] > 1 else None,
            part=self.got[parent],
            parts=counts[parent],
            formula=self.sketch.formulas[node][operand],
            summed_axes=(),
        )

    def _gradient(self, row: NodeRow) -> GradientRow:
        total = self.sums[row.id]
        if not row.requires_grad:
            return GradientRow(row.id, "not_asked", None, Reason("not_asked"))
        if total is None:
            return GradientRow(
                row.id, "missing", None, self.sketch.reasons.get(row.id, Reason("not_reached"))
            )
        state: GradientState = "gradient" if any(total) else "zero"
        return GradientRow(
            row.id, "output" if row.id == self.output else state, self.preview(row.id, total), None
        )


def empty() -> TapeReport:
    """A tape without nodes."""
    return TapeReport(nodes=(), output=None, reverse=None, failure=None)


def one_node() -> TapeReport:
    """A leaf that is its own output."""
    sketch = Sketch()
    return sketch.report(sketch.leaf("x", 3.0))


def square() -> TapeReport:
    """`x * x` at 3: one value used twice by the same node; the gradient is 3 + 3."""
    sketch = Sketch()
    x = sketch.leaf("x", 3.0)
    formulas = (r"@g \cdot @1", r"@g \cdot @0")
    return sketch.report(
        sketch.scalar("multiply", 9.0, (x, x), (3.0, 3.0), name="y", tex=r"@0 \cdot @1", formulas=formulas)
    )


def neuron() -> TapeReport:
    """`((w x + b) - 10)²` at w = 2, x = 3, b = 1: loss 9, gradients w -18, x -12, b -6, a -6."""
    sketch = Sketch()
    w, x, b = sketch.leaf("w", 2.0), sketch.leaf("x", 3.0), sketch.leaf("b", 1.0)
    product_formulas = (r"@g \cdot @1", r"@g \cdot @0")
    p = sketch.scalar("multiply", 6.0, (w, x), (3.0, 2.0), tex=r"@0 \cdot @1", formulas=product_formulas)
    a = sketch.scalar("add", 7.0, (p, b), (1.0, 1.0), name="a", tex="@0 + @1", formulas=("@g", "@g"))
    ten = sketch.constant(10.0)
    d = sketch.scalar("subtract", -3.0, (a, ten), (1.0, -1.0), tex="@0 - @1", formulas=("@g", "-@g"))
    loss = sketch.scalar("square", 9.0, (d,), (-6.0,), name="loss", tex="@0^2", formulas=(r"2 @0 \cdot @g",))
    return sketch.report(loss)


def diamond() -> TapeReport:
    """`a = 2x; b = x²; c = a b` at 3: one value on two paths; x gets 18 + 36 = 54 = d(2x³)/dx."""
    sketch = Sketch()
    x, two = sketch.leaf("x", 3.0), sketch.constant(2.0)
    a = sketch.scalar(
        "multiply", 6.0, (x, two), (2.0, 3.0), name="a", formulas=(r"@g \cdot @1", r"@g \cdot @0")
    )
    b = sketch.scalar("square", 9.0, (x,), (6.0,), name="b", formulas=(r"2 @0 \cdot @g",))
    c = sketch.scalar(
        "multiply", 54.0, (a, b), (9.0, 6.0), name="c", formulas=(r"@g \cdot @1", r"@g \cdot @0")
    )
    return sketch.report(c)


def layers(batch: int = 8, inputs: int = 10, hidden: int = 3) -> TapeReport:
    """One hidden layer on arrays, in two scopes; more elements than a preview keeps; half a relu is off."""
    sketch = Sketch()
    x = sketch.node("constant", [0.1] * batch * inputs, name="x", shape=(batch, inputs), requires_grad=False)
    w1 = sketch.leaf(
        "W1", [0.5 - i / 20 for i in range(inputs * hidden)], (inputs, hidden), scope=("layer1",)
    )
    b1 = sketch.leaf("b1", [0.0] * hidden, (hidden,), scope=("layer1",))
    cells = batch * hidden
    spread: Pullback = lambda g: tuple(0.1 * sum(g[j::hidden]) for _ in range(inputs) for j in range(hidden))  # noqa: E731 -- one rule
    m = sketch.node(
        "matmul", [0.2] * cells, (x, w1), (None, spread), shape=(batch, hidden), scope=("layer1",)
    )
    keep: Pullback = lambda g: g  # noqa: E731 -- one rule
    down: Pullback = lambda g: tuple(sum(g[j::hidden]) for j in range(hidden))  # noqa: E731 -- one rule
    z = sketch.node(
        "add", [0.2] * cells, (m, b1), (keep, down), name="z", shape=(batch, hidden), scope=("layer1",)
    )
    gate = times(*(float(i % 2) for i in range(cells)))
    h = sketch.node("relu", [0.2, 0.0] * (cells // 2), (z,), (gate,), name="h", shape=(batch, hidden))
    mean: Pullback = lambda g: (g[0] / cells,) * cells  # noqa: E731 -- one rule
    loss = sketch.node("mean", 0.1, (h,), (mean,), name="loss")
    return sketch.report(loss)


def detached() -> TapeReport:
    """`loss = (w x) detach(v) + 0 u`: v is cut off at node 5, u gets exactly zero, k is never used."""
    sketch = Sketch()
    w, x, v, u = (sketch.leaf(n, f) for n, f in (("w", 2.0), ("x", 3.0), ("v", 4.0), ("u", 5.0)))
    p = sketch.scalar("multiply", 6.0, (w, x), (3.0, 2.0))
    stopped = sketch.node("detach", 4.0, (v,), (None,), requires_grad=False, cut="detach")
    q = sketch.scalar("multiply", 24.0, (p, stopped), (4.0, 6.0))
    zero = sketch.constant(0.0)
    r = sketch.scalar("multiply", 0.0, (u, zero), (0.0, 5.0))
    loss = sketch.scalar("add", 24.0, (q, r), (1.0, 1.0), name="loss")
    k = sketch.leaf("k", 7.0)
    sketch.reason(v, "detach", stopped)
    sketch.reason(k, "not_reached")
    return sketch.report(loss)


def disconnected() -> TapeReport:
    """A second, unused expression on the same tape: everything of it is missing."""
    sketch = Sketch()
    x, y = sketch.leaf("x", 2.0), sketch.leaf("y", 5.0)
    unused = sketch.scalar("exp", 148.4131591025766, (y,), (148.4131591025766,), name="unused")
    loss = sketch.scalar("square", 4.0, (x,), (4.0,), name="loss")
    sketch.reason(y, "not_reached")
    sketch.reason(unused, "not_reached")
    return sketch.report(loss)


HOSTILE = (
    "<b>&amp;</b>",
    'say "\\n" \\',
    "]]><script>alert(1)</script>",
    "<<table>>",
    "naïve λ∂ 変数",
    "line\nbreak\ttab\x00\x1b[31m",
    "\u202egnp.exe",
    "&lt; &unknown; %s {x} $\\frac{a}{b}$",
    "a" * 80,
    "",
)
"""Names that break careless writers."""


def hostile() -> TapeReport:
    """Leaves with hostile names, all added up by an op with a hostile name."""
    sketch = Sketch()
    leaves = tuple(sketch.leaf(name, float(i)) for i, name in enumerate(HOSTILE))
    total = sketch.scalar(
        'add "<n>"\\', 45.0, leaves, (1.0,) * len(leaves), name="<sum>", scope=("<s>", "a&b")
    )
    return sketch.report(total)


def failing() -> TapeReport:
    """A local rule raises at node 3 of `loss = (exp x)²`-like tape: nodes below it are never visited."""
    sketch = Sketch()
    x, y = sketch.leaf("x", 1.0), sketch.leaf("y", 2.0)
    p = sketch.scalar("multiply", 2.0, (x, y), (2.0, 1.0), name="p")
    bad = sketch.scalar("broken", 4.0, (p,), (4.0,), name="bad")
    loss = sketch.scalar("square", 16.0, (bad,), (8.0,), name="loss")
    failure = ReverseFailure(
        subtype="backward", message="rule of node 3 (broken) failed (got ZeroDivisionError)", node=bad
    )
    for node in (x, y, p):
        sketch.reason(node, "not_reached")
    return sketch.report(loss, failure=failure)


def no_reverse() -> TapeReport:
    """A reverse pass that could not start: the output is an array and there is no seed."""
    sketch = Sketch()
    x = sketch.leaf("x", [1.0, 2.0, 3.0], (3,))
    y = sketch.node("exp", [2.7, 7.4, 20.1], (x,), (times(2.7, 7.4, 20.1),), name="y", shape=(3,))
    report = sketch.report(None)
    failure = ReverseFailure(
        subtype="output", message="output must be a scalar if there is no seed (got shape (3,)); give a seed"
    )
    return TapeReport(nodes=report.nodes, output=y, reverse=None, failure=failure)


def exact() -> TapeReport:
    """Fractions, complex numbers, NaN, infinity, an integer: one leaf each, none connected."""
    sketch = Sketch()
    sketch.leaf("half", "1/2", dtype="object", kind="exact")
    sketch.leaf("c", (1.0, -2.5), dtype="complex128", kind="complex")
    sketch.leaf("n", "nan")
    sketch.leaf("i", "-inf", dtype="float32")
    sketch.node("constant", 7, name="k", requires_grad=False, dtype="int64", kind="int")
    return sketch.report(None)


def unkept() -> TapeReport:
    """A framework kept neither the array e nor the scalar s: their shapes are known, and all gradients."""
    sketch = Sketch()
    x = sketch.leaf("x", [1.0, 2.0], (2,))
    e = sketch.node("exp", [2.7, 7.4], (x,), (times(2.7, 7.4),), name="e", shape=(2,), formulas=("@g @y",))
    s = sketch.node("sum", 10.1, (e,), (lambda g: g * 2,), name="s", formulas=("@g",), note="Not kept.")
    loss = sketch.scalar("square", 102.0, (s,), (20.2,), name="loss", formulas=("2 @0 @g",))
    report = sketch.report(loss)
    rows = [row._replace(value=unknown(row.value)) if row.name in {"e", "s"} else row for row in report.nodes]
    return report._replace(nodes=tuple(rows))


def unknown(value: ArrayPreview) -> ArrayPreview:
    """Forget the elements of a value."""
    kept = (0,) * len(value.shape)
    return ArrayPreview(
        shape=value.shape, dtype=value.dtype, kind="unknown", kept=kept, elements=(), statistics=None
    )


SAMPLES: dict[str, Callable[[], TapeReport]] = {
    "empty": empty,
    "one_node": one_node,
    "square": square,
    "neuron": neuron,
    "diamond": diamond,
    "layers": layers,
    "detached": detached,
    "disconnected": disconnected,
    "hostile": hostile,
    "failing": failing,
    "no_reverse": no_reverse,
    "exact": exact,
    "unkept": unkept,
}
