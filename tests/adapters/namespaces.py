"""One way to compute, read and differentiate per framework, for `test_frameworks.py`.

A `Peer` runs a model of `shared_models.py` in its framework: as a reading of ours, and with the framework's
own reverse pass, which is the oracle.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import partial
from types import SimpleNamespace

import numpy as np

from sphinx_tape import Tape, from_autograd, from_jax, from_torch
from sphinx_tape import functions as F  # noqa: N812 -- the customary short name
from sphinx_tape.adapters.read import to_tape
from tests.support import require_module

LETTERS = "abcdefgh"
"""Names of the leaves, in order."""

COMMON = (
    "concatenate",
    "exp",
    "log",
    "max",
    "maximum",
    "mean",
    "reshape",
    "sin",
    "sqrt",
    "stack",
    "sum",
    "tanh",
    "where",
)
"""Functions that a model may use; most frameworks call them and their arguments as NumPy does."""


def _names_of(module):
    """Make a namespace out of functions that are called as in NumPy; `relu` is left to whoever has one."""
    common = {name: getattr(module, name) for name in COMMON}
    return SimpleNamespace(**common, array=lambda values: values, rows=lambda x, index: x[index])


class Peer(ABC):
    """A framework as the tests see it."""

    tolerance = 1e-10
    """Largest relative difference between its numbers and ours."""

    @abstractmethod
    def reading(self, model):
        """Read a model with the adapter."""

    @abstractmethod
    def own(self, model):
        """Return the framework's value and its gradients of the leaves."""


class Ours(Peer):
    """Our own tape."""

    xp = _names_of(F)
    xp.relu = F.relu

    def reading(self, model):
        tape = Tape()
        leaves = [tape.leaf(value, name) for value, name in zip(model.leaves, LETTERS, strict=False)]
        return to_tape(model.run(self.xp, *leaves))

    def own(self, model):
        raise NotImplementedError


class Autograd(Peer):
    """HIPS autograd."""

    def __init__(self) -> None:
        self.core, names = require_module("autograd"), require_module("autograd.numpy")
        self.xp = _names_of(names)
        self.xp.relu = lambda x: names.where(x > 0, x, 0.0)

    def reading(self, model):
        return from_autograd(
            lambda *x: model.run(self.xp, *x), *model.leaves, names=LETTERS[: len(model.leaves)]
        )

    def own(self, model):
        def run(*x):
            return model.run(self.xp, *x)

        places = range(len(model.leaves))
        return run(*model.leaves), [self.core.grad(run, place)(*model.leaves) for place in places]


class Micrograd(Peer):
    """micrograd: single numbers, sums, products, powers and relu."""

    xp = SimpleNamespace(relu=lambda x: x.relu())

    def _run(self, model):
        engine = require_module("micrograd.engine")
        leaves = [engine.Value(value) for value in model.leaves]
        for leaf, name in zip(leaves, LETTERS, strict=False):
            leaf.label = name
        return model.run(self.xp, *leaves), leaves

    def reading(self, model):
        return to_tape(self._run(model)[0])

    def own(self, model):
        output, leaves = self._run(model)
        output.backward()
        return output.data, [leaf.grad for leaf in leaves]


class Jax(Peer):
    """JAX, in single precision as it comes."""

    tolerance = 2e-5

    def __init__(self) -> None:
        self.jax, names = require_module("jax"), require_module("jax.numpy")
        self.xp = _names_of(names)
        self.xp.array = names.array
        self.xp.rows = lambda x, index: x[np.array(index)]
        self.xp.relu = self.jax.nn.relu

    def reading(self, model):
        return from_jax(partial(model.run, self.xp), *_single(model), names=LETTERS[: len(model.leaves)])

    def own(self, model):
        run, leaves = partial(model.run, self.xp), _single(model)
        # Compiled at once, which takes a fraction of compiling operation by operation.
        return self.jax.jit(self.jax.value_and_grad(run, tuple(range(len(leaves)))))(*leaves)


class Torch(Peer):
    """PyTorch, in double precision as the leaves are."""

    def __init__(self) -> None:
        self.torch = torch = require_module("torch")
        torch.set_num_threads(1)  # the arrays are small, and waiting threads take most of the time
        self.xp = _names_of(torch)
        self.xp.array, self.xp.concatenate, self.xp.max = torch.tensor, torch.cat, torch.amax
        self.xp.relu = torch.relu

    def _leaves(self, model):
        return [
            self.torch.tensor(leaf, dtype=self.torch.float64, requires_grad=True) for leaf in model.leaves
        ]

    def reading(self, model):
        return from_torch(
            _with_parameters(partial(model.run, self.xp), len(model.leaves)), *self._leaves(model)
        )

    def own(self, model):
        leaves = self._leaves(model)
        output = model.run(self.xp, *leaves)
        output.backward()
        return output.detach().numpy(), [leaf.grad.numpy() for leaf in leaves]


def _with_parameters(run, count):
    """Make a function whose parameters are called like the leaves."""
    names = ", ".join(LETTERS[:count])
    return eval(f"lambda {names}: run({names})", {"run": run})  # noqa: S307 -- names are ours


def _single(model):
    return [np.float32(leaf) for leaf in model.leaves]


PEERS = {"autograd": Autograd, "jax": Jax, "micrograd": Micrograd, "ours": Ours, "torch": Torch}


def close(mine, other, tolerance):
    """Tell whether two arrays agree; None counts as zeros."""
    mine = np.zeros_like(other) if mine is None else np.asarray(mine)
    scale = max(1.0, np.max(np.abs(other), initial=0))
    return mine.shape == np.shape(other) and bool(
        np.max(np.abs(mine - other), initial=0) <= tolerance * scale
    )
