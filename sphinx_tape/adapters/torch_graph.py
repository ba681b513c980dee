"""PyTorch's graph of a tensor -> Tape, from nothing but the tensor.

Layer `adapters`. The graph is walked from `grad_fn` without recursion; one node of the tape per output of a
node of PyTorch's. Values are known where PyTorch has saved them: in leaves, in the output, and in what the
local rules need. Nothing is run, and nothing in the author's objects is changed.
Read next: `torch_record.py` (all values, by watching the forward computation).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sphinx_tape.adapters.reading import Reading
from sphinx_tape.adapters.torch_names import OPERANDS, Described, base_of_function, described
from sphinx_tape.adapters.torch_rules import (
    is_custom,
    kept_words,
    local_vjp,
    refusal,
    saved_tensors,
    settings,
)
from sphinx_tape.adapters.torch_values import Function, Held, Tensor, held, loaded, unknown
from sphinx_tape.errors import AdapterError
from sphinx_tape.tape import Node, Tape
from sphinx_tape.tape.node import Source

if TYPE_CHECKING:
    from sphinx_tape.tape.node import LocalVjp

FRAMEWORK = "torch"

Key = tuple[Function, int]
"""A value of PyTorch's graph: the node that made it, and which of its outputs it is."""

UNSEEN = (
    "Read from grad_fn alone: values that PyTorch did not save are not known, and what was detached or "
    "computed under no_grad is not seen. sphinx_tape.from_torch sees all of it."
)
HOOKED = "A hook is registered here. It is not run for this figure, which shows the gradient before it."
CUSTOM = "The author's own autograd.Function: its backward makes the contributions."


def read(result: Tensor) -> Reading | None:
    """Read the graph of a tensor; None for other objects of PyTorch.

    Raises:
        AdapterError: Nothing was recorded for the tensor, or `backward()` has used it up.
    """
    torch = loaded()
    if isinstance(result, torch.nn.Module):
        message = (
            f"builder must return a tensor (got the module {type(result).__name__}); "
            "return sphinx_tape.from_torch(module, inputs, loss=...)"
        )
        raise AdapterError(message)
    if not isinstance(result, torch.Tensor):
        return None
    if not result.requires_grad:
        message = (
            "returned tensor must require a gradient (got one without grad_fn: no operand requires one, or "
            "it was detached or made under no_grad); return the loss itself, or record it with "
            "sphinx_tape.from_torch"
        )
        raise AdapterError(message)
    graph = Graph()
    output = graph.add(result, note=UNSEEN if result.grad_fn is not None else "")
    return Reading(graph.tape, output, FRAMEWORK)


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the author's program a value was made."""

    source: Source | None = None
    scope: tuple[str, ...] = ()


@dataclass(slots=True, eq=False)
class Graph:
    """A tape that grows by parts of PyTorch's graph."""

    tape: Tape = field(default_factory=Tape)
    ids: dict[Key, int] = field(default_factory=dict)
    """The node of each value. The keys keep PyTorch's nodes alive, so that they stay the same objects."""
    names: dict[int, str] = field(default_factory=dict)
    """By the id of a tensor, what its author calls it."""
    values: dict[Key, Tensor] = field(default_factory=dict)
    leaves: dict[int, int] = field(default_factory=dict)
    """By the id of a leaf its node; a leaf that was changed in place has a new one."""
    saved: dict[Function, list[tuple[str, Tensor]] | str] = field(default_factory=dict)
    """What each node keeps, or why PyTorch does not hand it out."""

    def add(self, tensor: Tensor, place: Place | None = None, note: str = "") -> int:
        """Add a tensor, and all that its gradient depends on; return its node."""
        if tensor.grad_fn is None:
            return self.add_root(tensor, place, note)
        key = (tensor.grad_fn, tensor.output_nr)
        self.values[key] = tensor
        self.add_value(key, place, note)
        return self.ids[key]

    def add_root(self, tensor: Tensor, place: Place | None = None, note: str = "") -> int:
        """Add a tensor that nothing was recorded for: a leaf, or a constant."""
        value = held(tensor)
        place = place or Place()
        wanted = bool(tensor.requires_grad)
        notes = [note, value.note, HOOKED if wanted and hooked(tensor) else ""]
        is_parameter = isinstance(tensor, loaded().nn.Parameter)
        node = Node(
            id=len(self.tape),
            op="leaf" if wanted or is_parameter else "constant",
            name=self.names.get(id(tensor), ""),
            value=value.value,
            requires_grad=wanted,
            scope=place.scope,
            note=" ".join(filter(None, notes)),
            known=value.known,
        )
        self.tape.append(node)
        self.leaves[id(tensor)] = node.id
        return node.id

    def find(self, edge: Key) -> int | None:
        """Return the node of a value; None if it is not there yet."""
        return self.leaves.get(id(edge[0].variable)) if is_leaf(edge[0]) else self.ids.get(edge)

    def prepare(self, key: Key) -> None:
        """Add everything that a value depends on."""
        self._look_into(key[0])
        for edge in edges_of(key[0]):
            if self.find(edge) is None:
                self.add_value(edge)

    def add_value(self, output: Key, place: Place | None = None, note: str = "") -> None:
        """Add a value after everything that it depends on, operands first, without recursion."""
        missing = self._missing(output)
        for function in dict.fromkeys(function for function, _ in missing):
            self._look_into(function)
        stack = [(output, False)]
        while stack:
            key, ready = stack.pop()
            if self.find(key) is not None:
                continue
            if ready or is_leaf(key[0]):
                own = key == output
                self.ids[key] = self._append(key, place, note if own else "")
            else:
                # Leaves come last, right before the operation that uses them.
                waiting = sorted(edges_of(key[0]), key=lambda edge: is_leaf(edge[0]))
                stack += [(key, True), *((edge, False) for edge in waiting[::-1] if self.find(edge) is None)]

    def _missing(self, output: Key) -> list[Key]:
        """Find the values that are not on the tape yet."""
        found: dict[Key, None] = {}
        stack = [output]
        while stack:
            key = stack.pop()
            if key not in found and self.find(key) is None:
                found[key] = None
                stack += edges_of(key[0])
        return list(found)

    def _look_into(self, function: Function) -> None:
        """Take down what a node of PyTorch's has saved: among it are values of other nodes."""
        if function in self.saved or is_leaf(function):
            return
        try:
            kept = list(saved_tensors(function))
        except RuntimeError as error:
            self.saved[function] = refusal(error)
            return
        self.saved[function] = kept
        for _, tensor in kept:
            if tensor.grad_fn is not None:
                self.values.setdefault((tensor.grad_fn, tensor.output_nr), tensor)

    def _append(self, key: Key, place: Place | None, note: str) -> int:
        function, _ = key
        if is_leaf(function):
            return self.add_root(function.variable, place)
        operands, places, unseen = self._operands(function)
        return self.append(key, Operands(operands, places, unseen), place, note)

    def _operands(self, function: Function) -> tuple[list[int], list[int | None], list[int]]:
        """Find the operands of a node: along its edges, and among what it saved.

        Returns:
            Nodes; per edge the operand that it leads to; positions of operands that nobody kept.
        """
        edges = function.next_functions
        names = OPERANDS.get(base_of_function(function.name()), ())
        if is_custom(function) or sum(not name.startswith("!") for name in names) != len(edges):
            names = ("",) * len(edges)
        saved = self.saved.get(function, [])
        kept = {} if isinstance(saved, str) else dict(saved)
        operands: list[int] = []
        places: list[int | None] = []
        unseen: list[int] = []
        waiting = iter(edges)
        for position, name in enumerate(names):
            edge = (None, 0) if name.startswith("!") else next(waiting)
            tensor = kept.get(name.lstrip("!"))
            found = self.find(edge) if edge[0] is not None else None
            if found is None and tensor is not None:
                found = self.add_root(tensor)
            if not name.startswith("!"):
                places.append(None if edge[0] is None else len(operands))
            if found is not None:
                operands.append(found)
            elif not _is_absent(function, name):
                unseen.append(position)
        exponent = settings(function).get("exponent", 2) if len(edges) == 1 else 2
        if isinstance(exponent, int | float) and exponent != 2:
            operands.append(self.add_root(loaded().tensor(exponent)))
        return operands, places, unseen

    def append(self, key: Key, operands: Operands, place: Place | None = None, note: str = "") -> int:
        """Append the node of a value whose operands are there already."""
        function, output = key
        place = place or Place()
        value = self._value(key)
        shown = self._described(key, operands)
        notes = [note, value.note, operands.note, *self._notes(key)]
        broken = isinstance(self.saved.get(function), str)
        node = Node(
            id=len(self.tape),
            op=shown.op,
            name=self._name(key),
            value=value.value,
            parents=tuple(operands.ids),
            requires_grad=not broken,
            vjp=None if broken else self._rule(key, operands),
            source=place.source,
            scope=place.scope,
            keywords=shown.keywords or None,
            cut="unreadable" if broken else "",
            note=" ".join(filter(None, notes)),
            tex=shown.tex,
            formulas=shown.formulas,
            known=value.known,
        )
        self.tape.append(node)
        self.ids[function, output] = node.id
        return node.id

    def broken(self) -> dict[int, dict[str, Any]]:
        """Return what has become of nodes that PyTorch cannot go back through any more.

        Raises:
            AdapterError: `backward()` has used up the graph.
        """
        found = {}
        for (function, _), node in self.ids.items():
            if is_leaf(function) or isinstance(self.saved.get(function), str):
                continue
            try:
                list(saved_tensors(function))
            except RuntimeError as error:
                note = refusal(error)
                found[node] = {"requires_grad": False, "vjp": None, "cut": "unreadable", "note": note}
        return found

    def _rule(self, key: Key, operands: Operands) -> LocalVjp:
        return local_vjp(key[0], key[1], operands.places, len(operands.ids))

    def _described(self, key: Key, operands: Operands) -> Described:
        function, output = key
        several = {"output": output} if len(function._input_metadata) > 1 else {}  # noqa: SLF001 -- see `torch_rules`
        if is_custom(function):
            return Described(type(function).__name__.removesuffix("Backward"), several)
        base, given = base_of_function(function.name()), settings(function)
        if operands.base:
            base, given = operands.base, operands.settings
        nodes = [self.tape.nodes[each] for each in operands.ids]
        shown = described(base, given, nodes, incomplete=bool(operands.unseen))
        # PyTorch's name of the node, which authors know from printed tensors, if ours does not fit.
        op = function.name() if shown.op.startswith("aten.") and not operands.base else shown.op
        return Described(op, {**shown.keywords, **several}, shown.tex, shown.formulas)

    def _name(self, key: Key) -> str:
        tensor = self.values.get(key)
        return self.names.get(id(tensor), "") if tensor is not None else ""

    def _value(self, key: Key) -> Held:
        tensor = self.values.get(key)
        if tensor is not None:
            return held(tensor)
        facts = key[0]._input_metadata[key[1]]  # noqa: SLF001 -- see `torch_rules`
        return unknown(tuple(map(int, facts.shape)), facts.dtype)

    def _notes(self, key: Key) -> list[str]:
        function, _ = key
        tensor, kept = self.values.get(key), self.saved.get(function, [])
        return [
            CUSTOM if is_custom(function) else "",
            kept if isinstance(kept, str) else kept_words(kept),
            HOOKED if tensor is not None and hooked(tensor) else "",
        ]


@dataclass(frozen=True, slots=True)
class Operands:
    """What an operation was used on."""

    ids: list[int]
    places: list[int | None]
    """Per edge of PyTorch's node the operand that it leads to; None: nowhere."""
    unseen: list[int] = field(default_factory=list)
    """Positions of operands that nobody kept."""
    base: str = ""
    """PyTorch's base name, where the operation was watched."""
    settings: dict[str, Any] = field(default_factory=dict)

    @property
    def note(self) -> str:
        """What is said of operands that are not shown."""
        if not self.unseen:
            return ""
        listed = ", ".join(map(str, self.unseen))
        return f"Not shown: operand {listed}, which requires no gradient and was not kept by PyTorch."


def edges_of(function: Function) -> list[Key]:
    """Return the values that a node sends contributions to."""
    return [(each, output) for each, output in function.next_functions if each is not None]


def is_leaf(function: Function) -> bool:
    """Tell whether a function accumulates into a leaf."""
    return hasattr(function, "variable")


def hooked(tensor: Tensor) -> bool:
    """Tell whether the author has registered a hook on a tensor."""
    after = getattr(tensor, "_post_accumulate_grad_hooks", None)
    return bool(tensor._backward_hooks or after)  # noqa: SLF001 -- PyTorch has no public way to ask


def _is_absent(function: Function, name: str) -> bool:
    """Tell whether an operand was not given at all: a convolution without bias."""
    return tuple(getattr(function, f"_saved_{name}_sym_sizes_opt", ()) or ()) == (0,)
