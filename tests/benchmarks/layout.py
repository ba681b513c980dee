"""Measure the layout engines side by side with plain `dot` on graphs shaped like tapes.

Run as `python tests/benchmarks/layout.py`. Read the ratios; single times depend on the machine.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from sphinx_tape.render import builtin, dot, engines  # noqa: E402 -- the script runs from anywhere
from sphinx_tape.render.dottext import to_dot  # noqa: E402 -- as above
from sphinx_tape.render.graph import DrawnGraph, draw  # noqa: E402 -- as above
from sphinx_tape.render.layout import LayoutRequest, LayoutResult  # noqa: E402, TC001 -- as above
from sphinx_tape.render.options import DisplayOptions  # noqa: E402 -- as above
from sphinx_tape.render.svg import to_svg  # noqa: E402 -- as above
from tests.benchmarks import families  # noqa: E402 -- as above
from tests.render import layout_quality  # noqa: E402 -- as above
from tests.render.sample_reports import Sketch  # noqa: E402 -- as above

INCH = 720
LIMIT = 60.0
"""Seconds after which a `dot` process is stopped."""

QUALITY_CASES = [
    ("mlp", 35),
    ("diamond", 30),
    ("resnet", 35),
    ("fan", 30),
    ("scalar", 30),
    ("scalar", 100),
    ("scalar", 300),
    ("random", 30),
    ("random", 100),
    ("rnn", 29),
    ("rnn", 99),
    ("attention", 86),
    ("dense", 20),
]
SEED_CASES = [("scalar", 30), ("scalar", 100), ("scalar", 300), ("random", 30), ("random", 100)]
SEEDS = range(1, 13)
SIZE_CASES = ["mlp", "chain", "fan", "resnet", "scalar", "rnn", "random"]


def best(call: Callable[[], object], repeats: int = 3) -> float:
    """Return the least time of several runs, in seconds."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return min(times)


def plain_source(request: LayoutRequest) -> str:
    """Write a request as anybody would, without any preparation."""
    nodes = "".join(
        f'n{i}[shape=box,fixedsize=true,label="",width={w / INCH:.4f},height={h / INCH:.4f}];\n'
        for i, (w, h) in enumerate(request.sizes)
    )
    edges = "".join(f"n{edge.source}->n{edge.target}[arrowhead=none];\n" for edge in request.edges)
    gaps = f"nodesep={request.node_gap / INCH:.4f};ranksep={request.rank_gap / INCH:.4f};\n"
    return "digraph{" + gaps + nodes + edges + "}\n"


def run_dot(source: str, output: str = "plain") -> str:
    """Run one `dot` process; an empty answer means that it was stopped."""
    try:
        return subprocess.run(
            ["dot", f"-T{output}"], input=source, capture_output=True, text=True, timeout=LIMIT, check=True
        ).stdout
    except subprocess.TimeoutExpired:
        return ""


def plain_drawing(request: LayoutRequest, answer: str) -> layout_quality.Drawing:
    """Read what `dot` drew, with its own curves."""
    centres: dict[int, tuple[float, float]] = {}
    curves, ends = [], []
    for line in answer.splitlines():
        kind, *fields = line.split()
        if kind == "node":
            centres[int(fields[0][1:])] = float(fields[1]) * INCH, -float(fields[2]) * INCH
        elif kind == "edge":
            numbers = [float(field) * INCH for field in fields[3 : 3 + 2 * int(fields[2])]]
            curves.append([(x, -y) for x, y in zip(numbers[::2], numbers[1::2], strict=True)])
            ends.append((int(fields[0][1:]), int(fields[1][1:])))
    return layout_quality.drawing_of(request.sizes, [centres[i] for i in range(len(centres))], curves, ends)


def drawn_graph(request: LayoutRequest) -> DrawnGraph:
    """Dress a request as the drawing of a tape of scalars."""
    sketch = Sketch()
    parents: list[list[int]] = [[] for _ in request.sizes]
    for edge in sorted(request.edges, key=lambda edge: edge.operand):
        parents[edge.target].append(edge.source)
    for node, above in enumerate(parents):
        if above:
            sketch.scalar("add", 0.5, tuple(above), (1.0,) * len(above))
        else:
            sketch.leaf(f"w{node}", 0.5)
    return draw(sketch.report(None), DisplayOptions(view="view", show=("graph",), open=("graph",)))


def ordered_dot(request: LayoutRequest) -> LayoutResult:
    """Let `dot` draw under the same rule as ours: edges arrive in operand order."""
    return dot.from_answer(request, run_dot(dot.to_question(request)).splitlines(), "dot")


def result_drawing(request: LayoutRequest, result: LayoutResult) -> layout_quality.Drawing:
    """Turn one of our results into what can be seen."""
    ends = [(edge.source, edge.target) for edge in request.edges]
    twins = len(request.sizes)
    if request.mirror:
        ends += [(target + twins, source + twins) for source, target in ends]
    return layout_quality.drawing_of(request.sizes, result.centres, result.routes, ends)


def compare_quality() -> None:
    """Print crossings, faults, width and edge length beside those of `dot`.

    `dot` knows no operand order. So crossings are counted twice: with operands that may change places (sums
    and products) in both drawings, and with edges that arrive in operand order in both.
    """
    print("\nquality: ours | dot | ratio (over = edges over boxes, lap = overlapping boxes)")
    print(
        f"{'graph':16}{'crossings, ordered':>22}{'crossings, free':>22}{'over':>6}{'lap':>5}{'width':>18}"
        f"{'edge length':>26}{'ms':>7}"
    )
    for name, nodes in QUALITY_CASES:
        request = families.FAMILIES[name](nodes)
        seconds = best(lambda request=request: builtin.layout(request))
        ours = layout_quality.measure(result_drawing(request, builtin.layout(request)))
        theirs = layout_quality.measure(plain_drawing(request, run_dot(plain_source(request))))
        ordered = layout_quality.measure(result_drawing(request, ordered_dot(request))).crossings
        free = families.freed(request)
        freely = layout_quality.measure(result_drawing(free, builtin.layout(free))).crossings
        print(
            f"{name + ' ' + str(len(request.sizes)):16}"
            f"{ours.crossings:8} | {ordered:4} | {_ratio(ours.crossings, ordered):4}"
            f"{freely:8} | {theirs.crossings:4} | {_ratio(freely, theirs.crossings):4}"
            f"{ours.over_boxes:6}{ours.overlaps:5}"
            f"{ours.width / 10:8.0f} |{theirs.width / 10:8.0f}"
            f"{ours.length / 10:10.0f} |{theirs.length / 10:8.0f} | {_ratio(ours.length, theirs.length)}"
            f"{seconds * 1000:7.1f}"
        )


def _ratio(ours: float, theirs: float) -> str:
    return f"{ours / theirs:4.2f}" if theirs else ("  = " if not ours else " inf")


def compare_seeds() -> None:
    """Print how many crossings the graphs with chance in them have over some seeds, beside those of `dot`."""
    print(f"\ncrossings of {len(SEEDS)} graphs each: ours | dot | ratio")
    print(f"{'graphs':16}{'ordered':>24}{'free':>24}")
    for name, nodes in SEED_CASES:
        counts = [0, 0, 0, 0]
        for seed in SEEDS:
            request = families.FAMILIES[name](nodes, seed)
            free = families.freed(request)
            drawings = [
                result_drawing(request, builtin.layout(request)),
                result_drawing(request, ordered_dot(request)),
                result_drawing(free, builtin.layout(free)),
                plain_drawing(request, run_dot(plain_source(request))),
            ]
            found = [layout_quality.measure(drawing).crossings for drawing in drawings]
            counts = [total + count for total, count in zip(counts, found, strict=True)]
        print(
            f"{name + ' ' + str(nodes):16}"
            + "".join(
                f"{ours:9} |{theirs:6} | {_ratio(ours, theirs):4}"
                for ours, theirs in (counts[:2], counts[2:])
            )
        )


def compare_speed() -> None:
    """Print times beside those of `dot`."""
    print("\n100 small graphs")
    small = families.small_graphs()
    drawn = [drawn_graph(request) for request in small]
    ours = best(lambda: [builtin.layout(graph.request("TB")) for graph in drawn])
    written = best(lambda: [to_svg(graph, builtin.layout(graph.request("TB")), "p") for graph in drawn])
    each = best(lambda: [run_dot(to_dot(graph), "svg") for graph in drawn], 1)
    bare = best(lambda: [run_dot(plain_source(request)) for request in small], 1)
    engines.place(small[:1], "dot")
    worker = best(lambda: engines.place(small, "dot"))
    engines.close()
    print(f"  one dot -Tsvg each: {each * 1000:.0f} ms; without labels, -Tplain: {bare * 1000:.0f} ms")
    print(f"  builtin, layout and SVG: {written * 1000:.0f} ms, {each / written:.1f} x faster")
    print(f"  builtin, layout alone: {ours * 1000:.0f} ms, {each / ours:.1f} x faster")
    print(f"  one dot worker, checked positions: {worker * 1000:.0f} ms, {each / worker:.1f} x faster")
    print("300 nodes forward and backward")
    request = families.forward_backward(300)
    ours = best(lambda: builtin.layout(request))
    raw = families.raw_forward_backward(300)
    theirs = best(lambda: run_dot(plain_source(raw)), 1)
    print(
        f"  builtin {ours * 1000:.1f} ms, raw dot {theirs:.1f} s (limit {LIMIT:.0f}): {theirs / ours:.0f} x"
    )


def growth() -> None:
    """Print how time grows with size."""
    print(f"\nseconds {'1,000':>10}{'5,000':>10}{'10,000':>10}{'10,000 : 1,000':>18}")
    for name in SIZE_CASES:
        requests = [families.FAMILIES[name](nodes) for nodes in (1000, 5000, 10000)]
        times = [best(lambda request=request: builtin.layout(request), 1) for request in requests]
        print(f"{name:8}" + "".join(f"{seconds:10.3f}" for seconds in times) + f"{times[2] / times[0]:18.1f}")


def mirrored_quality() -> None:
    """Show that mirroring adds no fault."""
    request = families.rnn(60)._replace(mirror=True)
    found = layout_quality.measure(result_drawing(request, builtin.layout(request)))
    print(f"\nmirrored rnn: {found.over_boxes} edges over boxes, {found.overlaps} overlaps")


if __name__ == "__main__":
    if shutil.which("dot"):
        compare_quality()
        if "--quick" not in sys.argv:
            compare_seeds()
            compare_speed()
    else:
        print("dot is not installed: only our own times follow")
    if "--quick" not in sys.argv:
        mirrored_quality()
        growth()
