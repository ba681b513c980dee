"""Measure figures of PyTorch models beside torchviz, torchview and TorchLens.

Run as `python tests/benchmarks/frameworks.py`; tools that are not installed are named and left out. Each
measurement has a process of its own, so that what one tool loads costs no other. Times are processor time,
that of programs started included. Ours include the reverse pass and the report; importing is not counted.
Read the ratios; single times depend on the machine.
"""

# ruff: noqa: ANN401 -- models and tensors of a framework that may be absent

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

Measured = dict[str, Any]
"""`nodes`, `edges`, seconds `dot` and `svg`, `bytes` of the SVG."""

LIMIT = 300
"""Seconds after which a measurement is given up."""

SHOWN = {
    "ours, loss": "saved values, contributions, gradients, bytes kept",
    "ours, repeats": "the same, repeated blocks once, as by default",
    "ours, watched": "all values, names, modules, cuts, contributions, gradients, bytes kept",
    "ours, depth=1": "the same, one node per module",
    "torchviz": "names of backward nodes, parameters with names and shapes",
    "torchview": "modules and functions with shapes of inputs and outputs",
    "torchlens": "operations with shapes, sizes and parameters",
}


def used() -> float:
    """Return the processor time of this process and of those that it has waited for."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


# Models: a module, its input, and the loss


def deep(torch: Any) -> tuple[Any, Any, Any]:
    """Layers until the loss has about 2,000 backward nodes."""
    layers = [part for _ in range(667) for part in (torch.nn.Linear(8, 8), torch.nn.Tanh())]
    return torch.nn.Sequential(*layers), torch.randn(4, 8), lambda y: y.square().mean()


def chain(torch: Any) -> tuple[Any, Any, Any]:
    """One value, 2,000 operations long."""

    class Chain(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.w = torch.nn.Parameter(torch.tensor(0.5))

        def forward(self, x: Any) -> Any:
            for _ in range(1000):
                x = (x * self.w).sin()
            return x

    return Chain(), torch.ones(2), lambda y: y.sum()


def transformer(torch: Any) -> tuple[Any, Any, Any]:
    """Two of PyTorch's encoder layers."""
    layer = torch.nn.TransformerEncoderLayer(8, 2, 16, dropout=0.0, batch_first=True)
    model = torch.nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
    return model, torch.randn(2, 5, 8), lambda y: y.square().mean()


def resnet(torch: Any) -> tuple[Any, Any, Any]:
    """The small residual network of the tests."""
    from tests.adapters.torch_models import residual_network

    model, (images,), loss = residual_network(torch)
    return model, images, loss


MODELS: dict[str, Callable[[Any], tuple[Any, Any, Any]]] = {
    "transformer": transformer,
    "resnet": resnet,
    "deep": deep,
    "chain": chain,
}


# Tools


def ours(read: Callable[[], Any], fold: Literal["auto", "never"] = "never") -> Measured:
    """Read, run the reverse pass, describe, lay out, write: everything that a figure costs."""
    from sphinx_tape.render.builtin import BuiltinEngine
    from sphinx_tape.render.dottext import to_dot
    from sphinx_tape.render.graph import choose, draw
    from sphinx_tape.render.options import DisplayOptions
    from sphinx_tape.render.svg import drawing_html
    from sphinx_tape.report.build import build_report
    from sphinx_tape.report.serial import dumps

    start = used()
    reading = read()
    report = build_report(reading.tape, reading.output)
    dumps(report)
    options = DisplayOptions(view="grads", show=("graph",), open=(), max_nodes=100_000, fold=fold)
    graph = draw(report, options)
    to_dot(graph)
    dot = used() - start
    requests = [graph.request(direction) for direction in graph.directions]
    laid = BuiltinEngine().layout_many(requests, 60.0)
    placed = {way: each for way, each in zip(graph.directions, laid, strict=True) if each is not None}
    svg = drawing_html(graph, placed[choose(placed)], "b")
    return {
        "nodes": len(graph.boxes),
        "edges": len(graph.edges),
        "dot": dot,
        "svg": used() - start,
        "bytes": len(svg),
    }


def ours_loss(model: Any, x: Any, loss: Any) -> Measured:
    from sphinx_tape.adapters.read import to_tape

    made = loss(model(x))
    return ours(lambda: to_tape(made))


def ours_default(model: Any, x: Any, loss: Any) -> Measured:
    from sphinx_tape.adapters.read import to_tape

    made = loss(model(x))
    return ours(lambda: to_tape(made), "auto")


def ours_watched(model: Any, x: Any, loss: Any) -> Measured:
    from sphinx_tape import from_torch

    return ours(lambda: from_torch(model, x, loss=loss))


def ours_folded(model: Any, x: Any, loss: Any) -> Measured:
    from sphinx_tape import from_torch

    return ours(lambda: from_torch(model, x, loss=loss, depth=1))


def through_graphviz(make: Callable[[], Any]) -> Measured:
    """Make a graph of the graphviz package, then an SVG with the program `dot`."""
    start = used()
    graph = make()
    source = graph.source
    dot = used() - start
    svg = graph.pipe(format="svg")
    lines = source.splitlines()
    edges = sum("->" in line for line in lines)
    nodes = sum("[label=" in line and "->" not in line for line in lines)
    return {
        "nodes": nodes,
        "edges": edges,
        "dot": dot,
        "svg": used() - start,
        "bytes": len(svg),
    }


def torchviz(model: Any, x: Any, loss: Any) -> Measured:
    from torchviz import make_dot

    made = loss(model(x))
    return through_graphviz(lambda: make_dot(made, dict(model.named_parameters())))


def torchview(model: Any, x: Any, loss: Any) -> Measured:
    from torchview import draw_graph

    return through_graphviz(lambda: draw_graph(model, input_data=x, depth=10).visual_graph)


def torchlens(model: Any, x: Any, loss: Any) -> Measured:
    import torchlens as lens

    with tempfile.TemporaryDirectory() as folder:
        start = used()
        trace = lens.trace(model, x)
        read = used() - start
        trace.draw(vis_save_only=True, vis_fileformat="svg", vis_outpath=f"{folder}/graph")
        svg = used() - start
        size = sum(path.stat().st_size for path in Path(folder).glob("*.svg"))
    return {"nodes": len(trace), "edges": None, "dot": read, "svg": svg, "bytes": size}


TOOLS: dict[str, tuple[str, Callable[[Any, Any, Any], Measured]]] = {
    "ours, loss": ("sphinx_tape", ours_loss),
    "ours, repeats": ("sphinx_tape", ours_default),
    "ours, watched": ("sphinx_tape", ours_watched),
    "ours, depth=1": ("sphinx_tape", ours_folded),
    "torchviz": ("torchviz", torchviz),
    "torchview": ("torchview", torchview),
    "torchlens": ("torchlens", torchlens),
}


def measure(tool: str, name: str) -> Measured:
    """Measure one tool on one model; the first run, which loads and warms up, does not count."""
    import torch

    torch.set_num_threads(1)
    torch.manual_seed(0)
    small = torch.nn.Linear(2, 2)
    _, run = TOOLS[tool]
    run(small, torch.randn(1, 2), lambda y: y.sum())
    return run(*MODELS[name](torch))


def measured(tool: str, name: str) -> Measured | str:
    """Measure in a process of its own; a text says why there is no result."""
    command = [sys.executable, "-W", "ignore", __file__, tool, name]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=LIMIT)
    except subprocess.TimeoutExpired:
        return f"more than {LIMIT} s"
    if done.returncode:
        return (
            done.stderr.strip().splitlines()[-1][:90] if done.stderr.strip() else f"status {done.returncode}"
        )
    result: Measured = json.loads(done.stdout.splitlines()[-1])
    return result


def table() -> None:
    """Print one line per tool and model, then what each tool shows."""
    print(f"{'model':<12}{'tool':<15}{'nodes':>7}{'edges':>7}{'DOT s':>9}{'SVG s':>9}{'kB':>8}")
    for name in MODELS:
        for tool in TOOLS:
            found = measured(tool, name)
            if isinstance(found, str):
                print(f"{name:<12}{tool:<15} {found}", flush=True)
                continue
            print(
                f"{name:<12}{tool:<15}{found['nodes']:>7}{found['edges'] or '-':>7}"
                f"{found['dot']:>9.3f}{found['svg']:>9.2f}{found['bytes'] / 1000:>8.0f}",
                flush=True,
            )
    print()
    for tool, words in SHOWN.items():
        print(f"{tool:<15}{words}")
    if shutil.which("dot") is None:
        print("The program dot is not there: other tools cannot make an SVG.")


if __name__ == "__main__":
    if len(sys.argv) == 3:
        print(json.dumps(measure(sys.argv[1], sys.argv[2])))
    else:
        table()
