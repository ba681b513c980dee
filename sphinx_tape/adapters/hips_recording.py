"""What autograd's tracer sees of one run of a function -> a tape.

Layer `adapters`. autograd's tracer constructs a node for every call
of a primitive that takes part; here it gets a node class of ours, which passes the call on to the recording.
Contributions come from autograd's own rules (`primitive_vjps`). What autograd does not follow (comparisons,
shapes, integers) is a constant here, too.
Read next: `hips_arguments.py`, `foreign.py`.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from itertools import count
from typing import TYPE_CHECKING, Any

import numpy as np

from sphinx_tape.adapters.containers import leaves, mapped
from sphinx_tape.adapters.foreign import ForeignTape
from sphinx_tape.adapters.hips_arguments import take_apart
from sphinx_tape.adapters.sources import author_line
from sphinx_tape.errors import AdapterError
from sphinx_tape.tape.values import weak_constant

if TYPE_CHECKING:
    from sphinx_tape.adapters.reading import Reading
    from sphinx_tape.tape.node import Cut, LocalVjp, Value

FRAMEWORK = "autograd"

_STEPS = ("floor", "ceil", "round", "rint", "around", "fix", "trunc", "sign", "floor_divide")
"""Functions that autograd does not follow although their result is a floating number: shown as cuts."""

Content = Any
"""What a node of autograd's stands for: the id of a node of the tape, or, for its boxed containers, a tuple,
list or dictionary of contents."""

Foreign = Any
"""An object of autograd's, which has no types."""


def _autograd() -> Foreign:
    """Return autograd, which the author has imported."""
    import autograd.numpy  # noqa: PLC0415 -- only where the author has called us with a function for it

    return autograd


class Recording:
    """One run of a function under autograd's tracer."""

    def __init__(self, args: Sequence[Any], labels: Sequence[str]) -> None:
        self._tape = ForeignTape(FRAMEWORK)
        self._args = list(args)
        self._values: list[Any] = []
        ids = []
        self._kept: dict[int, tuple[Any, str, int | None]] = {}
        for label, value in leaves(self._args, ""):
            name = _label(label, labels)
            if _is_floating(value):
                self._values.append(value)
                ids.append(self._tape.leaf(value, name))
            elif isinstance(value, np.ndarray):
                self._kept[id(value)] = (value, name, None)
        self._root: Content = tuple(ids)
        if not ids:
            kinds = ", ".join(type(value).__name__ for value in args) or "none"
            message = (
                f"arguments of from_autograd must hold a floating number or array (got {kinds}); "
                "write 3.0 instead of 3"
            )
            raise AdapterError(message)

    def run(self, function: Callable[..., Any], *, follow_steps: bool) -> Reading:
        """Run the function with boxes in the places of its floating arguments.

        Args:
            function: The author's function.
            follow_steps: Whether step functions give boxes, too, so that the figure can show the cut.
        """

        def on_boxes(box: Foreign) -> Foreign:
            boxes = iter([box[position] for position in range(len(self._values))])
            return function(*mapped(lambda value: next(boxes) if _is_floating(value) else value, self._args))

        root = _node_class(follow_steps).new_root(self, self._root)
        with warnings.catch_warnings():
            # The figure says it itself, with the reason.
            warnings.filterwarnings("ignore", "Output seems independent of input")
            value, node = _autograd().tracer.trace(root, on_boxes, tuple(self._values))
        return self._tape.reading(self._output(value, node))

    def _output(self, value: Value, node: Foreign) -> int:
        if node is not None and isinstance(node.content, int):
            return node.content
        if node is None and (_is_floating(value) or isinstance(value, int)):
            return self._constant(value, ())
        message = (
            "function read by from_autograd must return one number or array "
            f"(got {type(value).__name__}); return the value that the reverse pass starts from"
        )
        raise AdapterError(message)

    def call(
        self,
        value: Value,
        primitive: Foreign,
        args: Sequence[Any],
        kwargs: Mapping[str, Any],
        boxed: Mapping[int, Content],
    ) -> Content:
        """Put one call on the tape.

        Args:
            value: What it returned.
            primitive: autograd's wrapper of the function.
            args: Its arguments, without boxes.
            kwargs: Its keyword arguments.
            boxed: Position of an argument that autograd follows -> its content.

        Returns:
            The content of the result.
        """
        inside = self._regrouped(primitive, args, boxed)
        if inside is not None:
            return inside
        value = _dense(value)
        call = take_apart(primitive.fun, args, kwargs, [*boxed])
        partners = [np.asarray(args[position]) for position in boxed if _is_floating(args[position])]
        groups = {
            position: [node for _, node in leaves(boxed[position])]
            if position in boxed
            else [self._constant(operand, partners)]
            for position, operand in call.operands
        }
        pull, cut, note = self._pull(value, primitive, args, kwargs, groups, boxed)
        outputs = [item for _, item in leaves(value)]
        ids = iter(
            [
                self._tape.add(
                    call.op,
                    item,
                    [parent for group in groups.values() for parent in group],
                    pull and _single(pull, value, place),
                    own=call.own,
                    keywords=call.keywords if len(outputs) == 1 else {"output": place, **call.keywords},
                    cut=cut,
                    note=note,
                    source=author_line("autograd", "numpy"),
                )
                for place, item in enumerate(outputs)
            ]
        )
        return mapped(lambda _: next(ids), value)

    def _regrouped(self, primitive: Foreign, args: Sequence[Any], boxed: Mapping[int, Content]) -> Content:
        """Return the content of a call that only packs values into containers or takes them out."""
        contents = [boxed.get(place, arg) for place, arg in enumerate(args)]
        builtins = _autograd().builtins
        if primitive is builtins.container_take:
            return contents[0][args[1]]
        if primitive is builtins.make_sequence:
            return args[0](self._contents(args, boxed)[1:])
        if primitive is builtins.sequence_extend_right:
            first, *further = self._contents(args, boxed)
            return first + type(first)(further)
        if primitive is builtins.sequence_extend_left:
            first, *further = self._contents(args, boxed)
            return type(first)(further) + first
        if primitive is builtins._make_dict:  # noqa: SLF001 -- autograd has no other name for it
            return dict(zip(args[0], contents[1], strict=True))
        return None

    def _contents(self, args: Sequence[Any], boxed: Mapping[int, Content]) -> list[Content]:
        """Return what goes into a container; values that autograd does not follow become constants."""
        return [
            boxed[place]
            if place in boxed
            else (arg if isinstance(arg, type) else mapped(lambda item: self._constant(item, ()), arg))
            for place, arg in enumerate(args)
        ]

    def _constant(self, operand: Value, partners: Sequence[Value]) -> int:
        """Return the node of a value that autograd does not follow; an argument has one for all its uses."""
        value, name, node = self._kept.get(id(operand), (operand, "", None))
        if node is None:
            kept = _dense(value)
            node = self._tape.constant(weak_constant(kept, list(partners)) if partners else kept, name)
            if name:
                self._kept[id(operand)] = (value, name, node)
        return node

    def _pull(  # noqa: PLR0913, PLR0917 -- all that is known of a call
        self,
        value: Value,
        primitive: Foreign,
        args: Sequence[Any],
        kwargs: Mapping[str, Any],
        groups: Mapping[int, Sequence[int]],
        boxed: Mapping[int, Content],
    ) -> tuple[LocalVjp | None, Cut, str]:
        """Return autograd's rule for a call: cotangent of all of the result -> contributions per parent."""
        wanted = [at for at in boxed if any(map(self._tape.requires_grad, groups[at]))]
        if not wanted:
            return None, "", ""
        core = _autograd().core
        if primitive in _autograd().tracer.notrace_primitives[core.VJPNode]:
            return None, "not_differentiable", ""
        try:
            rule = core.primitive_vjps[primitive](tuple(wanted), value, tuple(args), dict(kwargs))
        except (KeyError, NotImplementedError):
            return None, "unreadable", "HIPS autograd has no derivative rule for this call."
        bend = np.conjugate if _any_complex(value, args) else _same

        def pull(g: Value) -> list[Value]:
            # autograd's cotangents of complex values are the conjugates of ours.
            sent = dict(zip(wanted, rule(mapped(bend, g)), strict=True))
            return [
                part
                for place, group in groups.items()
                for part in (
                    [bend(item) for _, item in leaves(_dense(sent[place]))]
                    if place in sent
                    else [None] * len(group)
                )
            ]

        return pull, "", ""


@cache
def _node_class(follow_steps: bool) -> Foreign:  # noqa: FBT001 -- cached by its value
    """Make a class of nodes for autograd's tracer; which calls it skips hangs on the class."""
    core, tracer, numpy = _autograd().core, _autograd().tracer, _autograd().numpy
    base: Any = tracer.Node

    class TapeNode(base):  # type: ignore[misc]  # autograd has no types
        """Passes each call on to the recording that is under way."""

        __slots__ = ("content", "recording")

        def __init__(  # noqa: PLR0913, PLR0917 -- autograd's signature
            self,
            value: Value,
            fun: Foreign,
            args: Sequence[Any],
            kwargs: Mapping[str, Any],
            parent_argnums: Sequence[int],
            parents: Sequence[Foreign],
        ) -> None:
            self.recording: Recording = parents[0].recording
            contents = [parent.content for parent in parents]
            boxed = dict(zip(parent_argnums, contents, strict=True))
            self.content = self.recording.call(value, fun, args, kwargs, boxed)

        def initialize_root(self, recording: Recording, content: Content) -> None:
            self.recording = recording
            self.content = content

    followed = {getattr(numpy, name, None) for name in _STEPS} if follow_steps else set()
    for function in tracer.notrace_primitives[core.VJPNode] - followed:
        tracer.register_notrace(TapeNode, function)
    return TapeNode


def _label(path: str, labels: Sequence[str]) -> str:
    """Turn the place among all arguments into a label: `[1]['w']` -> `params['w']`."""
    first, _, rest = path[1:].partition("]")
    return labels[int(first)] + rest


def _is_floating(value: object) -> bool:
    if isinstance(value, np.ndarray | np.generic):
        return value.dtype.kind in "fc"
    return isinstance(value, float | complex)


def _any_complex(value: Value, args: Sequence[Any]) -> bool:
    return any(np.iscomplexobj(item) for _, item in leaves([value, *args]) if _is_floating(item))


def _same(value: Value) -> Value:
    return value


def _dense(value: Value) -> Value:
    """Fill in the zeros that autograd leaves out of the cotangents of an indexed array."""
    if isinstance(value, _autograd().core.SparseObject):
        return value.mut_add(value.vs.zeros())
    return value


def _single(pull: LocalVjp, value: Value, place: int) -> LocalVjp:
    """Return the rule of one of a call's results: the cotangents of the others are zero there."""
    if not isinstance(value, list | tuple | dict):
        return pull

    def rule(g: Value) -> Sequence[Value]:
        places = count()
        return pull(mapped(lambda item: g if next(places) == place else np.zeros_like(item), value))

    return rule
