"""The kinds of graph that a drawing must serve, as reports of real tapes: for the gallery and slow checks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from sphinx_tape import Tape
from sphinx_tape import functions as F  # noqa: N812 -- the customary short name
from sphinx_tape.report.build import build_report
from sphinx_tape.report.model import TapeReport

Make = Callable[[], TapeReport]


def _report(output: Any) -> TapeReport:  # noqa: ANN401 -- a variable
    return build_report(output.tape, output.node.id)


def mlp() -> TapeReport:
    """Three layers on arrays with a loss."""
    tape, random = Tape(), np.random.default_rng(1)
    h = tape.constant(random.normal(size=(32, 4)), name="x")
    for layer, (i, o) in enumerate([(4, 16), (16, 16), (16, 1)], 1):
        with tape.scope(f"layer{layer}"):
            weight = tape.leaf(random.normal(size=(i, o)) / 4, name=f"W{layer}")
            bias = tape.leaf(np.zeros(o), name=f"b{layer}")
            h = h @ weight + bias
            if layer < 3:
                h = h.relu().named(f"h{layer}")
    y = tape.constant(random.normal(size=(32, 1)), name="y")
    return _report(((h - y) ** 2).mean().named("loss"))


def rnn() -> TapeReport:
    """Five steps with shared weights."""
    tape, random = Tape(), np.random.default_rng(2)
    w, u = tape.leaf(random.normal(size=(3, 3)), name="W"), tape.leaf(random.normal(size=(2, 3)), name="U")
    b = tape.leaf(np.zeros(3), name="b")
    h = tape.constant(np.zeros((1, 3)), name="h0")
    for step in range(1, 6):
        x = tape.constant(random.normal(size=(1, 2)), name=f"x{step}")
        h = (h @ w + x @ u + b).tanh().named(f"h{step}")
    return _report(h.square().sum().named("loss"))


def residual() -> TapeReport:
    """Skip connections."""
    tape, random = Tape(), np.random.default_rng(3)
    h = tape.leaf(random.normal(size=(8, 4)), name="x")
    for block in range(1, 4):
        w = tape.leaf(random.normal(size=(4, 4)) / 3, name=f"W{block}")
        h = (h + (h @ w).relu()).named(f"h{block}")
    return _report(h.mean().named("loss"))


def attention() -> TapeReport:
    """One attention head."""
    tape, random = Tape(), np.random.default_rng(4)
    x = tape.leaf(random.normal(size=(6, 8)), name="X")
    q, k, v = (x @ tape.leaf(random.normal(size=(8, 4)) / 3, name=f"W{n}") for n in "qkv")
    scores = (q.named("Q") @ k.named("K").T) * 0.5
    weights = F.softmax(scores, axis=-1).named("A")
    out = (weights @ v.named("V")).named("out")
    return _report(out.square().mean().named("loss"))


def soup() -> TapeReport:
    """Scalars in the manner of micrograd's README."""
    tape = Tape()
    a, b = tape.leaf(-4.0, name="a"), tape.leaf(2.0, name="b")
    c = a + b
    d = a * b + b**3
    c = c + (c + 1)
    c = c + (1 + c + (-a))
    d = d + (d * 2 + (b + a).relu())
    d = d + (3 * d + (b - a).relu())
    e = (c - d).named("e")
    f = (e**2).named("f")
    g = f / 2.0
    g = g + 10.0 / f
    return _report(g.named("g"))


def fan_out() -> TapeReport:
    """One value used ten times."""
    tape = Tape()
    x = tape.leaf(0.5, name="x")
    total = x * 1.0
    for power in range(2, 10):
        total = total + x * float(power)
    return _report(total.named("y"))


def wide() -> TapeReport:
    """Many leaves in one op."""
    tape = Tape()
    leaves = [tape.leaf(float(i), name=f"x{i}") for i in range(9)]
    return _report(F.stack(leaves).sum().named("s"))


def chain() -> TapeReport:
    """One op after the other."""
    tape = Tape()
    x = tape.leaf(0.3, name="x")
    y = x.exp().tanh().square().sigmoid().log().exp().tanh().square()
    return _report(y.named("y"))


def diamond() -> TapeReport:
    """One value on two paths, and x * x."""
    tape = Tape()
    x = tape.leaf(3.0, name="x")
    a, b = (x * x).named("a"), (x * 2.0).named("b")
    return _report((a - b).named("c"))


def disconnected() -> TapeReport:
    """A part that the output does not depend on, and one cut off."""
    tape = Tape()
    w, x, v = tape.leaf(2.0, name="w"), tape.leaf(3.0, name="x"), tape.leaf(4.0, name="v")
    (v * v).exp().named("unused")
    stopped = (v * x).detach()
    p = (w * x).relu().named("p")
    dead = (tape.leaf(-1.0, name="u").relu() * x).named("dead")
    return _report((p * stopped + dead).named("loss"))


def one_node() -> TapeReport:
    """A leaf alone."""
    tape = Tape()
    return _report(tape.leaf(3.0, name="x"))


def empty() -> TapeReport:
    """Nothing."""
    return build_report(Tape(), None)


def survey() -> TapeReport:
    """The survey's worked example: ln x1 + x1 x2 - sin x2 at (2, 5)."""
    tape = Tape()
    x1, x2 = tape.leaf(2.0, name="x1"), tape.leaf(5.0, name="x2")
    return _report((x1.log() + x1 * x2 - F.sin(x2)).named("y"))


def long_names() -> TapeReport:
    """Names of many scripts and lengths."""
    tape = Tape()
    a = tape.leaf(1.0, name="the_very_long_name_of_a_weight")
    b = tape.leaf(2.0, name="重み変数")
    c = tape.leaf(3.0, name="λ∂")
    d = tape.leaf(4.0, name="משקל")
    return _report((a * b + c * d).named("Σ"))


def clipped() -> TapeReport:
    """A long chain with weights, of which only the end is drawn."""
    tape = Tape()
    h = tape.leaf(0.1, name="x")
    for i in range(40):
        h = (h * tape.leaf(1.0, name=f"w{i}")).tanh()
    return _report(h.named("y"))


KINDS: dict[str, tuple[Make, dict[str, Any]]] = {
    "mlp": (mlp, {}),
    "rnn": (rnn, {}),
    "residual": (residual, {}),
    "attention": (attention, {}),
    "soup": (soup, {}),
    "fan_out": (fan_out, {}),
    "wide": (wide, {}),
    "chain": (chain, {}),
    "diamond": (diamond, {}),
    "disconnected": (disconnected, {}),
    "one_node": (one_node, {}),
    "empty": (empty, {}),
    "survey": (survey, {}),
    "mirrored": (survey, {"mirror": True}),
    "mirrored_cut": (disconnected, {"mirror": True, "direction": "TB"}),
    "long_names": (long_names, {}),
    "clipped": (clipped, {"max_nodes": 15}),
}
"""Name -> how to make it, and display options beside the usual ones."""
