"""The same course notes in several flavours, for `docs_build.py`.

20 pages of 10 figures; each figure is a scalar graph of 8 to 60 nodes written out as straight-line code
that our tape and micrograd's `Value` both run, so every flavour shows the same: a graph, and a table with the
value and the gradient of every node. `ours_two_tables` adds our table of nodes, which says more of each.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path

PAGES = 20
FIGURES = 10
WORDS = (
    "the", "gradient", "of", "every", "value", "flows", "back", "along", "each", "edge",
    "its", "tape", "and", "adds", "up", "where", "paths", "meet",
)  # fmt: skip


@dataclass(frozen=True)
class Flavour:
    """How one tool writes the notes down."""

    name: str
    extensions: tuple[str, ...]
    """Sphinx extensions; the flavour is left out if one is not installed."""
    suffix: str
    settings: str = ""
    """More lines of conf.py."""


FLAVOURS = (
    Flavour("prose", (), ".rst"),
    Flavour("graphviz_table", ("sphinx.ext.graphviz",), ".rst", "graphviz_output_format = 'svg'\n"),
    Flavour("myst_nb_force", ("myst_nb",), ".md", "nb_execution_mode = 'force'\n"),
    Flavour("myst_nb_cache", ("myst_nb",), ".md", "nb_execution_mode = 'cache'\n"),
    Flavour("jupyter_sphinx", ("jupyter_sphinx",), ".rst"),
    Flavour("ours", ("sphinx_tape",), ".rst"),
    Flavour("ours_two_tables", ("sphinx_tape",), ".rst"),
)


def program(page: int, figure: int) -> tuple[int, list[tuple[str, int, int]]]:
    """Return the number of leaves and the operations (op, operand, operand) of one figure."""
    draw = random.Random(f"{page}-{figure}")  # noqa: S311 -- a reproducible graph, no secret
    leaves = draw.randint(2, 6)
    size = draw.randint(8, 60)
    steps = []
    for node in range(leaves, size):
        op = draw.choice(["+", "*"] * 5 + ["relu"])
        left = node - 1 if node > leaves else 0
        steps.append((op, left, draw.randrange(max(0, node - 8), node)))
    return leaves, steps


def values(page: int, figure: int) -> list[float]:
    """Return the leaves' values of one figure."""
    draw = random.Random(f"values-{page}-{figure}")  # noqa: S311 -- reproducible
    return [round(draw.uniform(-1.0, 1.0), 3) for _ in range(program(page, figure)[0])]


def body(page: int, figure: int) -> list[str]:
    """Return the straight-line code shared by all engines; the leaves are n0, n1 ..."""
    leaves, steps = program(page, figure)
    lines = []
    for offset, (op, left, right) in enumerate(steps):
        call = f"n{left}.relu()" if op == "relu" else f"n{left} {op} n{right}"
        lines.append(f"    n{leaves + offset} = {call}")
    return [*lines, f"    return n{leaves + len(steps) - 1}"]


def our_module(page: int) -> str:
    """Return the module of tape builders of one page."""
    lines = ["from sphinx_tape import Tape", ""]
    for figure in range(FIGURES):
        lines += ["", f"def figure_{figure}():", "    tape = Tape()"]
        lines += [
            f"    n{i} = tape.leaf({value}, name='x{i}')" for i, value in enumerate(values(page, figure))
        ]
        lines += body(page, figure)
    return "\n".join(lines) + "\n"


def micrograd_module(page: int) -> str:
    """Return the same for micrograd, with the usual drawing function of its notebooks in `drawing`."""
    lines = ["from micrograd.engine import Value", ""]
    for figure in range(FIGURES):
        lines += ["", f"def figure_{figure}():"]
        lines += [f"    n{i} = Value({value})" for i, value in enumerate(values(page, figure))]
        lines += body(page, figure)
    return "\n".join(lines) + "\n"


DRAWING = '''
from graphviz import Digraph


def nodes_of(root):
    """Every value below the root, each once, in a fixed order."""
    seen, order, stack = set(), [], [root]
    while stack:
        value = stack.pop()
        if id(value) not in seen:
            seen.add(id(value))
            order.append(value)
            stack.extend(value._prev)
    return order


def draw(root):
    """The graph of a value, boxes with data and gradient."""
    root.backward()
    dot = Digraph(format="svg", graph_attr={"rankdir": "LR"})
    for value in nodes_of(root):
        dot.node(str(id(value)), f"{value._op} data {value.data:.4f} grad {value.grad:.4f}", shape="box")
        for child in value._prev:
            dot.edge(str(id(child)), str(id(value)))
    return dot


def table(root):
    """Every value with its gradient."""
    row = "<tr><td>{}</td><td>{:.4f}</td><td>{:.4f}</td></tr>"
    return "".join(["<table>", *(row.format(v._op, v.data, v.grad) for v in nodes_of(root)), "</table>"])
'''


def prose(seed: str) -> str:
    """Return a paragraph of about 60 words."""
    draw = random.Random(seed)  # noqa: S311 -- reproducible
    return " ".join(draw.choice(WORDS) for _ in range(60)) + "."


def static_figure(page: int, figure: int) -> str:
    """Return a pre-written graph and its table, for the flavour that executes nothing."""
    leaves, steps = program(page, figure)
    dot = ["   digraph {", "      rankdir=LR; node [shape=box]"]
    rows = []
    for i in range(leaves + len(steps)):
        dot.append(f'      n{i} [label="n{i} data {i * 0.1234:.4f} grad {i * 0.4321:.4f}"]')
        rows += [
            f"   * - {i}",
            "     - op",
            f"     - n{i}",
            f"     - {i * 0.1234:.4f}",
            f"     - {i * 0.4321:.4f}",
        ]
    for i, (op, left, right) in enumerate(steps):
        dot.append(f"      n{left} -> n{leaves + i}")
        if op != "relu":
            dot.append(f"      n{right} -> n{leaves + i}")
    head = ["", ".. list-table::", "   :header-rows: 1", "", "   * - id", "     - op", "     - name"]
    head += ["     - value", "     - gradient"]
    return "\n".join([".. graphviz::", "", *dot, "   }", *head, *rows]) + "\n"


def figure_text(flavour: Flavour, page: int, figure: int) -> str:
    """Return the source of one figure in one flavour."""
    call = f"lesson_{page:02d}.figure_{figure}()"
    lines = [
        f"import lesson_{page:02d}",
        "from drawing import draw, table",
        "from IPython.display import HTML, display",
    ]
    lines += [f"root = {call}", "display(draw(root))", "HTML(table(root))"]
    if flavour.name.startswith("ours"):
        show = "graph gradients nodes" if flavour.name == "ours_two_tables" else "graph gradients"
        return f".. tape-grads:: lesson_{page:02d}:figure_{figure}\n   :show: {show}\n"
    if flavour.name == "graphviz_table":
        return static_figure(page, figure)
    if flavour.name.startswith("myst_nb"):
        return "```{code-cell} ipython3\n:tags: [remove-input]\n" + "\n".join(lines) + "\n```\n"
    if flavour.name == "jupyter_sphinx":
        return ".. jupyter-execute::\n   :hide-code:\n\n" + "".join(f"   {line}\n" for line in lines)
    return ""


NOTEBOOK = "---\nfile_format: mystnb\nkernelspec:\n  name: python3\n  display_name: Python 3\n---\n\n"


def page_text(flavour: Flavour, page: int) -> str:
    """Return one page in one flavour."""
    title = f"Lesson {page}"
    parts = [f"# {title}"] if flavour.suffix == ".md" else [title, "=" * len(title)]
    for figure in range(FIGURES):
        parts += ["", prose(f"{page}-{figure}"), "", figure_text(flavour, page, figure)]
    return (NOTEBOOK if flavour.suffix == ".md" else "") + "\n".join(parts) + "\n"


def write_notes(flavour: Flavour, folder: Path) -> None:
    """Write the whole project of one flavour into a new folder."""
    folder.mkdir(parents=True)
    conf = f"import sys\nsys.path.insert(0, {str(folder)!r})\n" if not flavour.name.startswith("ours") else ""
    conf += f"extensions = {list(flavour.extensions)!r}\nexclude_patterns = ['_build']\n{flavour.settings}"
    (folder / "conf.py").write_text(conf)
    names = "\n".join(f"   lesson_{page:02d}" for page in range(PAGES))
    (folder / "index.rst").write_text(f"Notes\n=====\n\n.. toctree::\n\n{names}\n")
    (folder / "drawing.py").write_text(DRAWING)
    for page in range(PAGES):
        module = our_module(page) if flavour.name.startswith("ours") else micrograd_module(page)
        (folder / f"lesson_{page:02d}.py").write_text(module)
        (folder / f"lesson_{page:02d}{flavour.suffix}").write_text(page_text(flavour, page))
