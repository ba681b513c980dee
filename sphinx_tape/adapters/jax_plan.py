"""What is going to be on the tape of a JAX program, before any number is known.

Layer `adapters`; nothing here imports JAX. The walker enters what it meets; values and local rules are
computed afterwards, all in one compiled program, because compiling them one by one takes ten times as long.
Read next: `jax_walk.py` (who fills it), `jax_run.py` (who computes).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from sphinx_tape.tape.node import Cut, Source

Jax = Any
"""Something of JAX's own: an array or what stands for one while a program is traced, its shape and element
type (`aval`), an equation, a program."""


def kind(aval: Jax) -> str:
    """Return the kind of element in NumPy's letters; `V`: floating types that NumPy lacks, `k`: keys."""
    found = str(getattr(aval.dtype, "kind", "k"))
    return "i" if found == "V" and "int" in aval.dtype.name else found


Run = Callable[..., Sequence[Any]]
"""Values of operands -> values of outputs."""

Scope = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """Where something comes from."""

    source: Source | None = None
    scope: Scope = ()


@dataclass(frozen=True, slots=True, eq=False)
class Fixed:
    """A number that depends on no argument: a literal, or what is computed of literals."""

    value: Jax
    aval: Jax
    """JAX's description of it: shape and element type."""


@dataclass(frozen=True, slots=True)
class Known:
    """A node of the plan."""

    id: int


Kind = Literal["same", "broadcast", "index"]
"""Why an equation may be left to the one that uses its result: it changes no number; it only repeats
elements as NumPy's broadcasting does; it is integer arithmetic of JAX's own behind an author's index."""


@dataclass(frozen=True, slots=True, eq=False)
class Folded:
    """The result of a step that gets no node of its own if its consumer can take it in."""

    step: Step
    kind: Kind
    wanted: bool
    depth: int = 0
    """How many such steps lie behind it."""

    @property
    def aval(self) -> Jax:
        """JAX's description of the result."""
        return self.step.outputs[0]


Operand = Fixed | Known | Folded
Outputs = list[Operand | None]
"""None for an output that nothing uses."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Step:
    """One or a few equations that give one node per output."""

    primitive: str
    """JAX's name of the primitive."""
    run: Run
    operands: tuple[Operand, ...]
    outputs: tuple[Any, ...]
    """JAX's description of each output."""
    place: Place
    params: Mapping[str, Any] = field(default_factory=dict)
    call: str = ""
    """Name of the author's or the library's function that is called as a whole."""
    note: str = ""
    keepdims: bool = False
    """Whether a reduction keeps its axes: the equation that puts them back belongs to it."""
    squeezed: tuple[int, ...] = ()
    """Axes that are taken out after slicing, as an integer index does."""
    used: tuple[bool, ...] | None = None
    """Which outputs anything uses; None: all."""
    always: bool = False
    """Whether the derivative is the author's own, which is not looked into."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Planned:
    """A node to be."""

    op: str
    roots: tuple[int, ...] = ()
    """Nodes used as operands, in operand order."""
    run: Callable[..., Jax] | None = None
    """Values of the roots -> value; None for leaves and constants."""
    aval: Jax
    value: Jax = None
    wanted: bool = False
    """Whether it requires a gradient."""
    cut: Cut = ""
    note: str = ""
    keywords: Mapping[str, Any] | None = None
    place: Place = Place()


class Plan:
    """The nodes to be, in order, and their names."""

    def __init__(self) -> None:
        self.nodes: list[Planned] = []
        self.names: dict[int, str] = {}
        self.values: dict[int, Jax] = {}
        self._opened: set[Scope] = set()
        self._taken: Counter[Scope] = Counter()

    def add(self, node: Planned) -> Known:
        """Append a node."""
        self.nodes.append(node)
        return Known(len(self.nodes) - 1)

    def constant(self, fixed: Fixed, place: Place) -> Known:
        """Append a constant."""
        return self.add(Planned(op="constant", value=fixed.value, aval=fixed.aval, place=place))

    def wanted(self, operand: Operand) -> bool:
        """Whether an operand requires a gradient."""
        if isinstance(operand, Known):
            return self.nodes[operand.id].wanted
        return isinstance(operand, Folded) and operand.wanted

    def aval(self, operand: Operand) -> Jax:
        """Return JAX's description of an operand."""
        return self.nodes[operand.id].aval if isinstance(operand, Known) else operand.aval

    def enter(self, outer: Scope, name: str) -> Scope:
        """Open a scope for a nested program; a second one of the name is numbered."""
        self._taken[(*outer, name)] += 1
        count = self._taken[(*outer, name)]
        scope = (*outer, name if count == 1 else f"{name} ({count})")
        self._opened.add(scope)
        return scope

    def scopes(self) -> list[Scope]:
        """Return each node's scope; a nested program of one node, or around all of them, needs no frame."""
        made = [node.place.scope if node.roots else () for node in self.nodes]
        size: Counter[Scope] = Counter(scope[:depth] for scope in made for depth in range(1, len(scope) + 1))
        every = sum(bool(node.roots) for node in self.nodes)
        bare = {scope for scope in self._opened if size[scope] < 2 or size[scope] == every}
        return [
            tuple(
                name for depth, name in enumerate(node.place.scope, 1) if node.place.scope[:depth] not in bare
            )
            for node in self.nodes
        ]
