"""Graphs of small teaching engines, recognised by their fields and not by their names.

Layer `adapters`. Many courses have their own copy of a scalar engine after Andrej Karpathy's micrograd:
objects with a value, a gradient, their operands (often as a set) and a backward function. The copies
differ in names and habits; what counts is that all four are there. The author's own gradients stay as
they are.
Read next: `closures.py` (running backward functions), `foreign.py`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sphinx_tape.adapters.closures import Run, held
from sphinx_tape.adapters.foreign import ForeignTape
from sphinx_tape.adapters.order import operands_first
from sphinx_tape.adapters.recognition import is_operation

if TYPE_CHECKING:
    from sphinx_tape.adapters.reading import Reading
    from sphinx_tape.tape.node import LocalVjp, Value

FRAMEWORK = "micrograd-like"

OPS = {
    "+": "add",
    "*": "mul",
    "-": "sub",
    "/": "div",
    "@": "matmul",
    "**2": "square",
    "**2.0": "square",
    "**-1": "reciprocal",
    "**-1.0": "reciprocal",
    "**0.5": "sqrt",
    "dot": "matmul",
    "divide": "div",
    "inv": "reciprocal",
    "multiply": "mul",
    "negate": "neg",
    "negative": "neg",
    "pow": "power",
    "subtract": "sub",
    "t": "transpose",
    "truediv": "div",
}
"""What such engines call our operations, in lower case; whether it is the same is found out by computing."""

_POWER = re.compile(r"\*\* ?(\d+(?:\.\d+)?)")
"""Powers with a positive exponent; the reciprocal is an operation of the table."""

_DATA = ("data", "value", "val")
_GRADIENT = ("grad", "gradient", "adjoint")
_OPERANDS = ("_prev", "prev", "_parents", "parents", "_children", "children", "_inputs", "inputs")
_BACKWARD = ("_backward", "_backward_fn", "backward_fn", "_grad_fn", "grad_fn", "_bwd")
_OP = ("_op", "op", "_operation", "operation")
_LABEL = ("label", "_label", "name")

_ORDERED = frozenset({"sub", "div", "matmul", "power"})
"""Operations of two operands that may not change places."""

Foreign = Any
"""An object of such an engine."""


@dataclass(frozen=True, slots=True)
class Fields:
    """How an engine calls its fields."""

    data: str
    gradient: str
    operands: str
    backward: str


def read(result: object) -> Reading | None:
    """Read a graph from its output; None if the object is something else."""
    fields = _fields(result)
    return None if fields is None else _Engine(fields).reading(result)


def _fields(value: object) -> Fields | None:
    """Find out how an engine calls its fields; None unless all are there and fit."""
    names = [_first(value, candidates) for candidates in (_DATA, _GRADIENT, _OPERANDS, _BACKWARD)]
    if None in names or isinstance(value, type):
        return None
    fields = Fields(*map(str, names))
    collection, backward = getattr(value, fields.operands), getattr(value, fields.backward)
    fits = isinstance(collection, list | tuple | set | frozenset | None) and (
        callable(backward) or (backward is None and not collection)
    )
    return fields if fits and _is_number(getattr(value, fields.data)) else None


def _first(value: object, candidates: Sequence[str]) -> str | None:
    return next((name for name in candidates if hasattr(value, name)), None)


def _is_number(data: object) -> bool:
    if isinstance(data, float | int):
        return True
    try:
        return np.asarray(data).dtype.kind in "fciubO" and not isinstance(data, str | dict | set | None)
    except ValueError:
        return False


class _Engine:
    """One graph of one engine."""

    def __init__(self, fields: Fields) -> None:
        self._fields = fields
        self._tape = ForeignTape(FRAMEWORK)

    def reading(self, output: Foreign) -> Reading:
        ids: dict[int, int] = {}
        for value, operands in operands_first(output, self._operands):
            ids[id(value)] = self._add(value, operands, ids) if operands else self._leaf(value)
        return self._tape.reading(ids[id(output)])

    def _is_value(self, thing: object) -> bool:
        fields = self._fields
        return (
            hasattr(thing, fields.data)
            and hasattr(thing, fields.gradient)
            and hasattr(thing, fields.operands)
        )

    def _operands(self, value: Foreign) -> Sequence[Foreign]:
        """Return the operands in the order in which they were used.

        A set has lost the order and the repeats; the backward function may still hold both.
        """
        collection = getattr(value, self._fields.operands) or ()
        listed = [each for each in collection if self._is_value(each)]
        if not isinstance(collection, set | frozenset) or not listed:
            return listed
        wanted = {id(each) for each in listed}
        kept = [each for each in held(getattr(value, self._fields.backward)) if id(each) in wanted]
        if {id(each) for each in kept} == wanted:
            return kept
        # Nothing tells the order: by value, which at least is the same in every build.
        return sorted(listed, key=lambda each: (repr(getattr(each, self._fields.data)), _text(each, _LABEL)))

    def _leaf(self, value: Foreign) -> int:
        wanted = getattr(value, "requires_grad", True) is not False
        return self._tape.leaf(self._number(value), _text(value, _LABEL), requires_grad=wanted)

    def _number(self, value: Foreign) -> Value:
        array = np.asarray(getattr(value, self._fields.data))
        return array.astype(np.float64) if array.dtype.kind in "iub" else array

    def _add(self, value: Foreign, operands: Sequence[Foreign], ids: Mapping[int, int]) -> int:
        number = self._number(value)
        rule, note = self._rule(value, operands, number)
        called = _text(value, _OP).strip() or "operation"
        op = OPS.get(called.lower(), called.lower())
        operands, rule = self._reordered(value, operands, op, number, rule)
        tex, formulas = self._power(called, operands, number, rule)
        return self._tape.add(
            op,
            number,
            [ids[id(operand)] for operand in operands],
            rule,
            own=called,
            name=_text(value, _LABEL),
            cut="unreadable" if note else "",
            note=note,
            tex=tex,
            formulas=formulas,
        )

    def _power(
        self, called: str, operands: Sequence[Foreign], number: Value, rule: LocalVjp | None
    ) -> tuple[str, tuple[str, ...]]:
        """Return the formulas of a power whose fixed exponent is part of its name, as in `**3`."""
        found = _POWER.fullmatch(called)
        if found is None or rule is None or len(operands) != 1:
            return "", ()
        exponent, base = float(found[1]), self._number(operands[0])

        def to_base(g: Value) -> Sequence[Value]:
            return [*rule(g), None]

        if not is_operation("power", (base, np.float64(exponent)), (True, False), number, to_base, {}):
            return "", ()
        return f"{{@0}}^{{{exponent:g}}}", (rf"@g \cdot {exponent:g} \cdot {{@0}}^{{{exponent - 1:g}}}",)

    def _rule(
        self, value: Foreign, operands: Sequence[Foreign], number: Value
    ) -> tuple[LocalVjp | None, str]:
        """Return the local VJP, or why there is none."""
        function = getattr(value, self._fields.backward, None)
        if function is None:
            return None, "It has operands but no backward function, so its local rule cannot be read."
        try:
            zeros = [*map(self._zero, operands)]
            collection = getattr(value, self._fields.operands)
            ordered = len(collection) < 2 or not isinstance(collection, set | frozenset)
            run = Run(value, function, operands, self._fields.gradient, zeros, ordered=ordered)
            sent = run(np.ones_like(number))
            if any(np.shape(part) != np.shape(zero) for part, zero in zip(sent, run.zeros, strict=True)):
                return None, "Its backward function returns other shapes than those of its operands."
        except Exception as error:  # noqa: BLE001 -- the engine's own code may raise anything
            return None, f"Its backward function could not be run for itself ({type(error).__name__})."
        return run, ""

    def _zero(self, operand: Foreign) -> Value:
        array = self._number(operand)
        return array * 0 if array.dtype.kind == "O" else np.zeros_like(array)

    def _reordered(
        self, value: Foreign, operands: Sequence[Foreign], op: str, number: Value, rule: LocalVjp | None
    ) -> tuple[Sequence[Foreign], LocalVjp | None]:
        """Swap two operands out of a set if only then the operation is what it is called.

        A closure keeps its variables by their names, so `left - right` and `x - a` come out differently.
        """
        collection = getattr(value, self._fields.operands)
        if rule is None or op not in _ORDERED or not isinstance(collection, set | frozenset):
            return operands, rule
        if len(operands) != 2:
            return operands, rule
        numbers = [self._number(operand) for operand in operands]
        if is_operation(op, numbers, (True, True), number, rule, {}):
            return operands, rule
        swapped = operands[::-1]

        def swapped_rule(g: Value) -> Sequence[Value]:
            return rule(g)[::-1]

        if is_operation(op, numbers[::-1], (True, True), number, swapped_rule, {}):
            return swapped, swapped_rule
        return operands, rule


def _text(value: Foreign, candidates: Sequence[str]) -> str:
    """Return the first field of these that holds text."""
    texts = (getattr(value, name, None) for name in candidates)
    return next((text for text in texts if isinstance(text, str)), "")
