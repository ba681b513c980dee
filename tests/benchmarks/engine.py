"""Forward and reverse passes side by side: ours, HIPS autograd, micrograd, PyTorch eager, by hand.

Run `python tests/benchmarks/engine.py [rounds]`. All engines run in one process on one core, in turn, round
after round; each cell is the median over the rounds of the processor time used, so that waiting for others
who share the machine does not count. Ratios mean more than times: what others do to the caches does count.
Every engine's gradients are compared with ours before anything is timed.
"""

# ruff: noqa: ANN401, C901, PLR0915 -- values of five engines; the engines of one graph stand side by side

from __future__ import annotations

import gc
import itertools
import math
import os
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

# One core for everybody, said before NumPy starts its threads.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

from sphinx_tape import Tape, gradients
from sphinx_tape import functions as F  # noqa: N812 -- the name the documentation uses

Run = Callable[[], "list[Any]"]
"""One forward and one reverse pass; returns the gradients asked for."""


@dataclass(frozen=True, slots=True)
class Case:
    """One graph and the engines that can run it."""

    title: str
    runs: dict[str, Run]
    targets: dict[str, float]
    """Engine -> largest accepted ratio of our time to its time."""


# (a) scalar MLP


def scalar_mlp(sizes: tuple[int, ...], seed: int = 7) -> Case:
    """A multi-layer perceptron of single numbers, tanh neurons, squared output."""
    generator = np.random.default_rng(seed)
    layers = [
        [(generator.uniform(-1, 1, wide).tolist(), 0.1) for _ in range(high)]
        for wide, high in itertools.pairwise(sizes)
    ]
    start = generator.uniform(-1, 1, sizes[0]).tolist()

    def forward(
        make: Callable[[float], Any], tanh: Callable[[Any], Any], values: list[Any] | None = None
    ) -> tuple[Any, list[Any]]:
        leaves = values = values or [make(each) for each in start]
        leaves = list(leaves)
        for layer in layers:
            following = []
            for weights, bias in layer:
                made = [make(weight) for weight in weights]
                leaves += made
                total = make(bias)
                for weight, value in zip(made, values, strict=True):
                    total = total + weight * value
                following.append(tanh(total))
            values = following
        return values[0] * values[0], leaves

    def ours() -> list[Any]:
        tape = Tape()
        output, leaves = forward(tape.leaf, F.tanh)
        found = gradients(output)
        return [found[leaf.id] for leaf in leaves]

    def micrograd() -> list[Any]:
        from micrograd.engine import Value

        def tanh(value: Value) -> Value:
            # micrograd 0.1 has no tanh: one node with its own rule, as its lecture adds it.
            result = math.tanh(value.data)
            out = Value(result, (value,), "tanh")

            def reverse() -> None:
                value.grad += (1 - result * result) * out.grad

            out._backward = reverse
            return out

        output, leaves = forward(Value, tanh)
        output.backward()
        return [leaf.grad for leaf in leaves]

    def torch_() -> list[Any]:
        import torch

        output, leaves = forward(
            lambda value: torch.tensor(value, dtype=torch.float64, requires_grad=True), torch.tanh
        )
        output.backward()
        return [leaf.grad for leaf in leaves]

    def hips() -> list[Any]:
        import autograd
        import autograd.numpy as anp

        # In respect of the inputs only: HIPS takes a gradient by a list of n numbers in n^2 steps.
        def loss(values: list[float]) -> Any:
            return forward(lambda number: number, anp.tanh, values)[0]

        return list(autograd.grad(loss)(start))

    count = len(forward_nodes(forward))
    return Case(
        f"(a) scalar MLP, {count} nodes",
        {"sphinx_tape": ours, "micrograd": micrograd, "torch": torch_, "HIPS": hips},
        {"micrograd": 1.0},
    )


def forward_nodes(forward: Callable[..., Any]) -> Any:
    """Record a scalar MLP once to count its nodes."""
    tape = Tape()
    forward(tape.leaf, F.tanh)
    return tape.nodes


# (b) array MLP


def array_mlp(batch: int = 64, sizes: tuple[int, ...] = (784, 256, 128, 10)) -> Case:
    """A classifier of images: linear layers, ReLU, mean cross-entropy."""
    generator = np.random.default_rng(11)
    weights = [
        generator.normal(0, math.sqrt(2 / wide), (high, wide)) for wide, high in itertools.pairwise(sizes)
    ]
    biases = [np.full(high, 0.01) for high in sizes[1:]]
    images = generator.normal(size=(batch, sizes[0]))
    labels = generator.integers(0, sizes[-1], batch)
    for array in (*weights, *biases, images, labels):
        # What nobody can change is taken over without a copy, as PyTorch takes its parameters.
        array.setflags(write=False)

    def ours() -> list[Any]:
        tape = Tape()
        ws, bs = [tape.leaf(w) for w in weights], [tape.leaf(b) for b in biases]
        value = tape.constant(images)
        for w, b in zip(ws[:-1], bs[:-1], strict=True):
            value = F.relu(F.linear(value, w, b))
        loss = F.cross_entropy(F.linear(value, ws[-1], bs[-1]), labels)
        found = gradients(loss)
        return [found[leaf.id] for leaf in (*ws, *bs)]

    def by_hand() -> list[Any]:
        values = [images]
        for w, b in zip(weights[:-1], biases[:-1], strict=True):
            values.append(np.maximum(values[-1] @ w.T + b, 0))
        logits = values[-1] @ weights[-1].T + biases[-1]
        shifted = logits - logits.max(axis=1, keepdims=True)
        powers = np.exp(shifted)
        totals = powers.sum(axis=1, keepdims=True)
        rows = np.arange(batch)
        _loss = -(shifted[rows, labels] - np.log(totals[:, 0])).mean()
        g = powers / totals
        g[rows, labels] -= 1
        g /= batch
        to_weights, to_biases = [], []
        for layer in range(len(weights) - 1, -1, -1):
            to_weights.insert(0, g.T @ values[layer])
            to_biases.insert(0, g.sum(axis=0))
            if layer:
                g = (g @ weights[layer]) * (values[layer] > 0)
        return [*to_weights, *to_biases]

    def torch_() -> list[Any]:
        import torch

        linear = torch.nn.functional.linear
        made = _torch_parameters(weights, biases)
        value = torch.tensor(images) if not _shared else _shared["images"]
        _shared.setdefault("images", value)
        for w, b in zip(made[: len(weights) - 1], made[len(weights) : -1], strict=True):
            value = torch.relu(linear(value, w, b))
        logits = linear(value, made[len(weights) - 1], made[-1])
        torch.nn.functional.cross_entropy(logits, torch.tensor(labels)).backward()
        return [each.grad for each in made]

    _shared: dict[str, Any] = {}

    def hips() -> list[Any]:
        import autograd
        import autograd.numpy as anp

        def loss(given: list[Any]) -> Any:
            ws, bs = given[: len(weights)], given[len(weights) :]
            value = images
            for w, b in zip(ws[:-1], bs[:-1], strict=True):
                value = anp.maximum(anp.dot(value, w.T) + b, 0)
            logits = anp.dot(value, ws[-1].T) + bs[-1]
            shifted = logits - anp.max(logits, axis=1, keepdims=True)
            chosen = shifted[anp.arange(batch), labels]
            return -anp.mean(chosen - anp.log(anp.sum(anp.exp(shifted), axis=1)))

        return list(autograd.grad(loss)([*weights, *biases]))

    return Case(
        f"(b) array MLP {batch}x{list(sizes)}, cross-entropy",
        {"sphinx_tape": ours, "by hand": by_hand, "torch": torch_, "HIPS": hips},
        {"by hand": 1.15},
    )


def _torch_parameters(weights: list[Any], biases: list[Any]) -> list[Any]:
    """Fresh parameters over shared memory, so that gradients start empty."""
    import warnings

    import torch

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PyTorch warns that the arrays are read-only
        return [torch.from_numpy(each).requires_grad_() for each in (*weights, *biases)]


# (c) chain


def chain(length: int = 10_000, size: int = 8) -> Case:
    """Elementwise operations one after the other: multiply, add, tanh, sine."""
    generator = np.random.default_rng(3)
    start, factor, offset = (generator.uniform(0.5, 1.5, size) for _ in range(3))

    def forward(x: Any, w: Any, b: Any, tanh: Callable[[Any], Any], sin: Callable[[Any], Any]) -> Any:
        for _ in range(length // 4):
            x = sin(tanh(x * w + b))
        return x

    def ours() -> list[Any]:
        tape = Tape()
        leaves = tape.leaf(start), tape.leaf(factor), tape.leaf(offset)
        found = gradients(forward(*leaves, F.tanh, F.sin).sum())
        return [found[leaf.id] for leaf in leaves]

    def by_hand() -> list[Any]:
        x, kept = start, []
        for _ in range(length // 4):
            product = x * factor
            total = product + offset
            bounded = np.tanh(total)
            kept.append((x, bounded))
            x = np.sin(bounded)
        g, to_factor, to_offset = np.ones(size), np.zeros(size), np.zeros(size)
        for before, bounded in reversed(kept):
            g = g * np.cos(bounded)
            g = g * (1 - bounded * bounded)
            to_offset += g
            to_factor += g * before
            g = g * factor
        return [g, to_factor, to_offset]

    def torch_() -> list[Any]:
        import torch

        leaves = [torch.tensor(each, requires_grad=True) for each in (start, factor, offset)]
        forward(*leaves, torch.tanh, torch.sin).sum().backward()
        return [leaf.grad for leaf in leaves]

    def hips() -> list[Any]:
        import autograd
        import autograd.numpy as anp

        def loss(given: list[Any]) -> Any:
            return anp.sum(forward(*given, anp.tanh, anp.sin))

        return list(autograd.grad(loss)([start, factor, offset]))

    return Case(
        f"(c) chain of {length} elementwise ops on {size} numbers",
        {"sphinx_tape": ours, "by hand": by_hand, "torch": torch_, "HIPS": hips},
        {"torch": 1.0, "HIPS": 1 / 3},
    )


# (d) fan-out


def fan_out(width: int = 5_000, size: int = 8) -> Case:
    """One value used by many operations whose results are added up one by one."""
    generator = np.random.default_rng(5)
    start = generator.uniform(0.5, 1.5, size)

    def forward(x: Any, sin: Callable[[Any], Any]) -> Any:
        total = x
        for _ in range(width):
            total = total + sin(x)
        return total

    def ours() -> list[Any]:
        x = Tape().leaf(start)
        return [gradients(forward(x, F.sin).sum())[0]]

    def by_hand() -> list[Any]:
        forward(start, np.sin)
        g = np.ones(size)
        found = g.copy()
        for _ in range(width):
            found += g * np.cos(start)
        return [found]

    def torch_() -> list[Any]:
        import torch

        x = torch.tensor(start, requires_grad=True)
        forward(x, torch.sin).sum().backward()
        return [x.grad]

    def hips() -> list[Any]:
        import autograd
        import autograd.numpy as anp

        return [autograd.grad(lambda x: anp.sum(forward(x, anp.sin)))(start)]

    return Case(
        f"(d) fan-out of one value to {width} users on {size} numbers",
        {"sphinx_tape": ours, "by hand": by_hand, "torch": torch_, "HIPS": hips},
        {"torch": 1.0, "HIPS": 1 / 3},
    )


# Timing


def available(case: Case) -> dict[str, Run]:
    """Leave out the engines that are not installed; compare the others with ours, element by element."""
    expected = [np.asarray(each) for each in case.runs["sphinx_tape"]()]
    kept = {}
    for engine, run in case.runs.items():
        try:
            found = run()
        except ModuleNotFoundError as error:
            print(f"{case.title}: {engine} skipped ({error})")
            continue
        for ours, theirs in zip(expected, found, strict=False):
            np.testing.assert_allclose(ours, np.asarray(theirs), rtol=1e-8, atol=1e-10)
        kept[engine] = run
    return kept


BLOCK = 0.2
"""Seconds for which one engine runs in a row, four times at least: it pays for collecting its own garbage and
warms its own caches, and does neither for anybody else."""


def block(run: Run) -> float:
    """Run one engine for a while; return the milliseconds of one run."""
    gc.collect()
    count, taken = 0, 0.0
    begin = time.process_time()
    while count < 4 or taken < BLOCK:
        run()
        count += 1
        taken = time.process_time() - begin
    return 1000 * taken / count


def medians(runs: dict[str, Run], rounds: int) -> dict[str, float]:
    """Let the engines take turns, a block of runs each, and take each one's median, in milliseconds.

    The collector runs as it does in any program, except that it starts each block with nothing to do.
    """
    times: dict[str, list[float]] = {engine: [] for engine in runs}
    gc.collect()
    gc.freeze()  # what the engines' modules brought along is walked for nobody
    for _ in range(rounds):
        for engine, run in runs.items():
            times[engine].append(block(run))
    return {engine: statistics.median(each) for engine, each in times.items()}


def report(case: Case, rounds: int) -> list[str]:
    """Time one case and print its rows; return the targets that were missed."""
    found = medians(available(case), rounds)
    print(f"\n{case.title}")
    missed = []
    for engine, taken in found.items():
        ratio = found["sphinx_tape"] / taken
        bound = case.targets.get(engine)
        verdict = ""
        if bound is not None:
            verdict = f"   target <= {bound:.2f}: {'reached' if ratio <= bound else 'MISSED'}"
            if ratio > bound:
                missed.append(f"{case.title}: {ratio:.2f} x {engine}, target {bound:.2f}")
        print(f"  {engine:12} {taken:9.2f} ms   ours / this {ratio:6.2f}{verdict}")
    return missed


def main(rounds: int) -> int:
    """Run all cases; return how many targets were missed."""
    try:
        import torch

        torch.set_num_threads(1)
    except ModuleNotFoundError:
        pass
    missed = [line for case in all_cases() for line in report(case, rounds)]
    print("\n" + ("\n".join(missed) or "all targets reached"))
    return len(missed)


def all_cases() -> list[Case]:
    """The four graphs at full size."""
    return [scalar_mlp((10, 50, 50, 20, 1)), array_mlp(), chain(), fan_out()]


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 9)
