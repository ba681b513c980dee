"""Watch a forward computation in PyTorch and keep all of it: `from_torch`.

Layer `adapters`. Every operation is seen below PyTorch's recording, in the order in which it runs, with all
values. What PyTorch records of it is read right afterwards, from the `grad_fn` of its results, so that each
local rule is PyTorch's own.
Read next: `torch_scopes.py`, `torch_graph.py`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sphinx_tape.adapters.folding import folded
from sphinx_tape.adapters.reading import Reading
from sphinx_tape.adapters.torch_graph import FRAMEWORK, Graph, Operands, Place, edges_of
from sphinx_tape.adapters.torch_names import base_of_operator, described
from sphinx_tape.adapters.torch_scopes import (
    Scopes,
    argument_names,
    author_frame,
    captured,
    codes_of,
    forward_of,
    variable_names,
    watching_names,
)
from sphinx_tape.adapters.torch_values import Function, Held, Tensor, held, loaded
from sphinx_tape.adapters.torch_watch import (
    CONSTANTS,
    SCALARS,
    Call,
    Operator,
    is_tensor,
    named_arguments,
    tensors_of,
    watching,
)
from sphinx_tape.errors import AdapterError
from sphinx_tape.tape import Node, Tape

if TYPE_CHECKING:
    from sphinx_tape.tape.node import Cut

IN_PLACE = "Changes its operand in place."
REPLACED = "Its value was changed in place under no_grad: this is the value from then on."


def from_torch(
    function: Callable[..., Any],
    /,
    *inputs: Any,  # noqa: ANN401 -- whatever the function takes
    loss: Callable[..., Any] | None = None,
    depth: int | None = None,
    **keywords: Any,  # noqa: ANN401 -- whatever the function takes
) -> Reading:
    """Run a PyTorch module or function once and keep all of its forward computation.

    Args:
        function: A module, or a function that computes with tensors.
        inputs: What it is called with.
        loss: Function of its result; what it returns is the output then.
        depth: How many levels of modules are shown open: with 1, each module inside the model is one node.
        keywords: Further arguments of `function`.

    Returns:
        A reading for a builder to return. The computation may return one tensor, or a dictionary of tensors
        by name, of which the first is the output.

    Raises:
        AdapterError: It returned something else, or has used up its graph with `backward()`.
    """
    torch = sys.modules.get("torch")
    if torch is None:
        message = "from_torch must be called where torch is imported (got a process without it); import torch"
        raise AdapterError(message)
    recorder = Recorder(sys._getframe(1).f_locals)  # noqa: SLF001 -- the author's own variable names
    return recorder.run(function, inputs, keywords, loss, depth)


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """What is known of a tensor; it is kept alive, so that its id stays its own."""

    tensor: Tensor
    version: int
    function: Function
    node: int
    place: Place


class Recorder:
    """One watched computation."""

    def __init__(self, variables: Mapping[str, Any]) -> None:
        """Begin.

        Args:
            variables: The variables of the caller, for names.
        """
        self._graph = Graph()
        self._scopes = Scopes()
        self._variables = dict(variables)
        self._known: dict[int, Known] = {}
        self._waiting: Call | None = None
        self._modules: list[Any] = []

    def run(
        self,
        function: Callable[..., Any],
        inputs: tuple[Any, ...],
        keywords: dict[str, Any],
        loss: Callable[..., Any] | None,
        depth: int | None = None,
    ) -> Reading:
        """Run a computation and read it; see `from_torch`."""
        functions = [each for each in (function, loss) if each is not None]
        self._learn_names(functions, argument_names(function, inputs, keywords))
        called: dict[int, tuple[str, Tensor]] = {}
        parts = [part for module in self._modules for part in module.modules()]
        naming = watching_names(codes_of(functions), codes_of(parts), called)
        with self._scopes.watching(), naming, watching(self.watch):
            result = function(*inputs, **keywords)
            result = result if loss is None else loss(result)
        self._finish()
        outputs = self._outputs(result, "loss" if loss is not None else "")
        self._add_unused()
        for name, tensor in called.values():
            self._name(tensor, name)
        tape, ids = self._pruned(outputs)
        found = [ids[output] for output in outputs]
        if depth is not None:
            tape, ids = folded(tape, found, max(depth, 1))
            found = [ids[output] for output in found]
        return Reading(tape, found[0], FRAMEWORK)

    def _learn_names(self, functions: list[Callable[..., Any]], arguments: dict[str, Any]) -> None:
        """Learn what the author calls tensors and modules."""
        module = loaded().nn.Module
        outside = {
            name: each for function in functions for name, each in captured(forward_of(function)).items()
        }
        named = {**outside, **arguments}
        found = {name: each for name, each in named.items() if isinstance(each, module)}
        if isinstance(functions[0], module):
            found[""] = functions[0]
        self._modules = list(found.values())
        for name, each in found.items():
            self._scopes.meet(each, name if len(found) > 1 else "")
        # The names that the function uses count most; those of parameters, which may be PyTorch's, least.
        names = {**variable_names(arguments), **variable_names(self._variables), **variable_names(outside)}
        self._graph.names = {**names, **self._scopes.names}

    # While it runs

    def watch(self, operator: Operator, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:  # noqa: ANN401 -- whatever the operation takes and gives
        """Run one operation and take down what it was used on."""
        self._finish()
        base = base_of_operator(operator.name().partition(".")[0])
        place = Place(author_frame(), self._scopes.now)
        given: list[Tensor] = []
        operands: list[int] = []
        settings: dict[str, Any] = {}
        for name, each in named_arguments(operator, arguments, keywords):
            if is_tensor(each):
                given.append(each)
                operands.append(self._node_of(each, place))
            elif name in SCALARS.get(base.rstrip("_"), ()) and not (name == "exponent" and each == 2):
                operands.append(self._scalar(each, given, place))
            elif isinstance(each, bool | int | float | str | list | tuple):
                settings[name] = each
        result = operator(*arguments, **keywords)
        asking = loaded().is_grad_enabled()
        results = list(tensors_of(result))
        self._waiting = Call(base, operands, settings, given, results, asking, place)
        return result

    def _scalar(self, value: complex, given: list[Tensor], place: Place) -> int:
        """Record a bare number; it takes the type of the tensor beside it, as in PyTorch."""
        like = given[0].dtype if given and (given[0].is_floating_point() or given[0].is_complex()) else None
        return self._graph.add_root(loaded().tensor(value, dtype=like), place)

    def _node_of(self, tensor: Tensor, place: Place) -> int:
        """Find the node of a tensor as it is now."""
        known = self._known.get(id(tensor))
        if known is not None and known.version == _version(tensor) and known.function is tensor.grad_fn:
            return known.node
        if tensor.grad_fn is not None:
            # What made it was not seen as one operation; if its value was, that place is the nearest.
            node = self._graph.add(tensor, known.place if known is not None else place)
        else:
            node = self._root(tensor, place, REPLACED if known is not None else "")
        return self._keep(tensor, node, place)

    def _root(self, tensor: Tensor, place: Place, note: str = "") -> int:
        """Record a tensor that came from outside: a parameter belongs to the module that uses it first."""
        inside = place.scope if id(tensor) in self._scopes.names else ()
        return self._graph.add_root(tensor, Place(None, inside), note)

    def _keep(self, tensor: Tensor, node: int, place: Place) -> int:
        self._known[id(tensor)] = Known(tensor, _version(tensor), tensor.grad_fn, node, place)
        return node

    def _finish(self) -> None:
        """Take down the results of the last operation, now that PyTorch has recorded it."""
        call, self._waiting = self._waiting, None
        if call is None:
            return
        for index, tensor in enumerate(call.results):
            known = self._known.get(id(tensor))
            unchanged = known is not None and known.version == _version(tensor)
            if not (unchanged and any(tensor is each for each in call.given)):
                self._keep(tensor, self._result(call, index, tensor), call.place)

    def _result(self, call: Call, index: int, tensor: Tensor) -> int:
        """Make the node of one result."""
        if tensor.grad_fn is None:
            return self._unrecorded(call, index, tensor)
        graph, key = self._graph, (tensor.grad_fn, tensor.output_nr)
        if key in graph.ids:
            return graph.ids[key]
        changed = any(tensor is each for each in call.given)
        if changed and tensor._is_view():  # noqa: SLF001 -- PyTorch has no public way to ask
            self._base_of(call, tensor)
        graph.prepare(key)
        graph.values[key] = tensor
        note = IN_PLACE if changed else ""
        return graph.append(key, self._operands(call, tensor.grad_fn), call.place, note)

    def _base_of(self, call: Call, view: Tensor) -> None:
        """Make the node of a tensor that has changed because a view of it was changed in place."""
        base = view._base  # noqa: SLF001 -- the tensor that this one is a view of
        key = (base.grad_fn, base.output_nr)
        if base.grad_fn is None or key in self._graph.ids:
            return
        self._graph.prepare(key)
        self._graph.values[key] = base
        before = self._graph.find(edges_of(base.grad_fn)[0])
        others = replace(call, operands=[*([] if before is None else [before]), *call.operands[1:]])
        operands = replace(self._operands(others, base.grad_fn), base="", settings={})
        note = f"A view of this tensor was changed in place by {call.base}."
        self._keep(base, self._graph.append(key, operands, call.place, note), call.place)

    def _operands(self, call: Call, function: Function) -> Operands:
        """Find to which operand each edge leads; if that fails, the edges are all that is known."""
        places: list[int | None] = []
        if not call.asking:  # A function of the author's has made this result, not the operation inside it.
            return self._edges(function)
        for edge in function.next_functions:
            found = None if edge[0] is None else self._graph.find(edge)
            free = (at for at, each in enumerate(call.operands) if each == found and at not in places)
            place = next(free, None)
            if found is not None and place is None:
                return self._edges(function)
            places.append(place)
        return Operands(call.operands, places, [], call.base, call.settings)

    def _edges(self, function: Function) -> Operands:
        """Take what a node's edges lead to for its operands."""
        ids = [self._graph.find(each) for each in edges_of(function)]
        slots = iter(range(len(ids)))
        places = [None if each is None else next(slots) for each, _ in function.next_functions]
        return Operands([each for each in ids if each is not None], places)

    def _unrecorded(self, call: Call, index: int, tensor: Tensor) -> int:
        """Make the node of a result that PyTorch recorded nothing for, and say why, where that matters."""
        graph = self._graph
        if tensor.requires_grad:
            return self._root(tensor, call.place, REPLACED)
        nodes = [graph.tape.nodes[each] for each in call.operands]
        constant = call.base in CONSTANTS or not nodes
        shown = described(call.base, call.settings, nodes)
        value = held(tensor)
        several = {"output": index} if len(call.results) > 1 else {}
        node = Node(
            id=len(graph.tape),
            op="constant" if constant else shown.op,
            name=graph.names.get(id(tensor), ""),
            value=value.value,
            parents=() if constant else tuple(call.operands),
            requires_grad=False,
            source=call.place.source,
            scope=call.place.scope,
            keywords={**shown.keywords, **several} or None,
            cut=_cut(call, value) if not constant and any(each.requires_grad for each in nodes) else "",
            note=value.note,
            tex=shown.tex,
            known=value.known,
        )
        graph.tape.append(node)
        return node.id

    # Afterwards

    def _outputs(self, result: Any, name: str) -> list[int]:  # noqa: ANN401 -- whatever the author returns
        """Find and name the nodes of what was returned; the first is the output."""
        named = result if isinstance(result, Mapping) else {name: result}
        if not named or not all(isinstance(each, loaded().Tensor) for each in named.values()):
            got = f"a tuple of {len(result)}" if isinstance(result, tuple) else type(result).__name__
            message = (
                f"watched computation must return a tensor or a dictionary of tensors (got {got}); "
                "pick one with loss=lambda result: ..."
            )
            raise AdapterError(message)
        for each, tensor in named.items():
            self._node_of(tensor, Place())
            self._name(tensor, str(each))
        return [self._known[id(tensor)].node for tensor in named.values()]

    def _name(self, tensor: Tensor, name: str) -> None:
        known = self._known.get(id(tensor))
        if known is not None and name and not self._graph.tape.nodes[known.node].name:
            self._graph.tape.rename(known.node, name)

    def _add_unused(self) -> None:
        """Record parameters that nothing has used: that they get no gradient is worth seeing."""
        for module in self._modules:
            for parameter in module.parameters():
                if id(parameter) not in self._known and parameter.requires_grad:
                    self._node_of(parameter, Place())

    def _pruned(self, outputs: list[int]) -> tuple[Tape, dict[int, int]]:
        """Leave out what no output depends on, and mark what PyTorch cannot go back through any more."""
        old = self._graph.tape.nodes
        wanted = {*outputs, *(node.id for node in old if node.op == "leaf" and node.requires_grad)}
        for node in reversed(old):
            if node.id in wanted:
                wanted.update(node.parents)
        broken = self._graph.broken()
        tape, ids = Tape(), dict[int, int]()
        for node in old:
            if node.id in wanted:
                ids[node.id] = len(tape)
                parents = tuple(ids[parent] for parent in node.parents)
                moved = replace(node, id=len(tape), parents=parents)
                tape.append(replace(moved, **broken[node.id]) if node.id in broken else moved)
        return tape, ids


def _cut(call: Call, value: Held) -> Cut:
    """Say why PyTorch recorded nothing although an operand requires a gradient."""
    if call.base == "detach":
        return "detach"
    if not call.asking:
        return "no_grad"
    return "integer" if value.value.dtype.kind in "iu" else "not_differentiable"


def _version(tensor: Tensor) -> int:
    return -1 if tensor.is_inference() else int(tensor._version)  # noqa: SLF001 -- PyTorch has no public way to ask
