"""Reports to JSON text and back, by the types of their fields.

Layer `report`, no NumPy. Every record is a JSON list of its fields in order: short, and quick to read,
because a build reads hundreds of reports. Previews are kept once each in a table at the front and named by
position, since a number appears as value, cotangent and contribution alike; a scalar of type float64, which
is what most of them are, is its number alone.
Reading is strict: whatever has another type or length raises `ReportError`. The functions that read and write
are compiled once from the field types, as `dataclasses` itself does with its constructors.
Read next: `sphinx_tape/execution/store.py`.
"""

from __future__ import annotations

import json
import math
import types
import typing
from collections.abc import Callable
from functools import cache
from typing import Any, Literal, NoReturn, Union

from sphinx_tape.errors import ReportError
from sphinx_tape.report.model import SCHEMA, ArrayPreview, Number, TapeReport

Json = Any
"""What JSON can hold."""

Value = Any
"""A field of a report."""

Hint = Any
"""A type, as annotations give it."""

Place = Callable[[ArrayPreview], int]
"""Enters a preview into the table, if it is new, and returns its place."""

Writer = Callable[[Any, Place], Json]
"""A record -> JSON data."""

Reader = Callable[[Json, list[ArrayPreview]], Any]
"""JSON data and the table of previews -> the record."""

_NOT_FINITE = frozenset({"nan", "inf", "-inf"})


def dumps(report: TapeReport) -> str:
    """Return a report as one line of ASCII JSON; equal reports give equal text."""
    table = _PreviewTable()
    body = _ENCODER.encode(_writer(TapeReport)(report, table.place))
    return f'{{"schema":{SCHEMA},"previews":{_ENCODER.encode(table.rows)},"report":{body}}}'


def loads(text: str) -> TapeReport:
    """Read a report back.

    Raises:
        ReportError: The text is no report, or one of another schema.
    """
    try:
        data = json.loads(text, parse_constant=_refuse)
        if data["schema"] != SCHEMA:
            _refuse(f"schema {data['schema']}")
        previews = list(map(_preview, data["previews"]))
        report: TapeReport = _reader(TapeReport)(data["report"], previews)
    except (ValueError, TypeError, LookupError, RecursionError) as error:
        message = f"report must be JSON of schema {SCHEMA} (got {error}); delete it and build again"
        raise ReportError(message) from None
    return report


def _refuse(got: str) -> NoReturn:
    raise ValueError(got)


def _preview(item: Json) -> ArrayPreview:
    if type(item) is float or (type(item) is str and item in _NOT_FINITE):
        return ArrayPreview((), "float64", "float", (), (item,), None)
    preview: ArrayPreview = _reader(ArrayPreview)(item, [])
    size = math.prod(preview.kept) if preview.known else 0
    if size != len(preview.elements) or len(preview.kept) != len(preview.shape):
        _refuse("a preview with a wrong number of elements")
    return preview


def prepare() -> None:
    """Do once what the first reading would do; a process that is copied then need not do it in each copy."""
    for record in (ArrayPreview, TapeReport):
        _reader(record)


# Writing

_ENCODER = json.JSONEncoder(separators=(",", ":"), allow_nan=False, check_circular=False)


class _PreviewTable:
    """The different previews of a report, in the order in which they are met."""

    def __init__(self) -> None:
        self.rows: list[Json] = []
        self._by_object: dict[int, int] = {}
        self._by_text: dict[str, int] = {}

    def place(self, preview: ArrayPreview) -> int:
        """Return the place of a preview, entering it if it is new."""
        known = self._by_object.get(id(preview))
        if known is None:
            row = preview.elements[0] if _is_plain(preview) else preview
            # By text: equal numbers of different types or signs are different previews.
            known = self._by_text.setdefault(repr(row), len(self.rows))
            if known == len(self.rows):
                self.rows.append(row)
            self._by_object[id(preview)] = known
        return known


def _is_plain(preview: ArrayPreview) -> bool:
    """Whether a preview is written as a number alone: whether reading that gives the very same preview."""
    shape, dtype, kind, kept, elements, statistics = preview
    return (
        dtype == "float64"
        and not shape
        and kind == "float"
        and not kept
        and statistics is None
        and len(elements) == 1
        and (type(elements[0]) is float or elements[0] in _NOT_FINITE)
    )


@cache
def _writer(record: Hint) -> Writer:
    """Compile the function that turns a record into what JSON can hold, where it is not that itself."""
    hints, names = typing.get_type_hints(record), _names(record)
    scope: dict[str, Any] = {}
    written = [_expression(name, hints[name], scope) for name in names]
    if written == list(names):
        return _as_it_is
    lines = ["def write(record, place):", f" {', '.join(names)}, = record"]
    lines.append(f" return ({', '.join(written)},)")
    exec("\n".join(lines), scope)  # noqa: S102 -- our own field names and types, no data
    writer: Writer = scope["write"]
    return writer


def _expression(name: str, hint: Hint, scope: dict[str, Any]) -> str:
    """Return what stands for the variable `name` in JSON; itself, unless there is a preview in it."""
    origin, inner = _origin(hint), typing.get_args(hint)
    if hint is ArrayPreview:
        return f"place({name})"
    if origin is types.UnionType and inner[1:] == (type(None),):
        written = _expression(name, inner[0], scope)
        return written if written == name else f"None if {name} is None else {written}"
    item = inner[0] if origin is tuple else hint
    write = _writer(item) if _is_row(item) else _as_it_is
    if write is _as_it_is:
        return name
    scope[f"write_{name}"] = write
    return (
        f"write_{name}({name}, place)" if item is hint else f"[write_{name}(item, place) for item in {name}]"
    )


def _origin(hint: Hint) -> Hint:
    """Return what a type is made from; for unions always the same, however they were written."""
    origin: Hint = typing.get_origin(hint)
    return types.UnionType if origin is Union else origin


def _as_it_is(record: Value, _place: Place) -> Json:
    return record


def _names(record: Hint) -> tuple[str, ...]:
    """Return the names of a record's fields."""
    names: tuple[str, ...] = record._fields
    return names


def _is_row(hint: Hint) -> bool:
    """Whether a type is one of the records, which are named tuples."""
    return isinstance(hint, type) and issubclass(hint, tuple)


# Reading


@cache
def _reader(record: Hint) -> Reader:
    """Compile the function that reads one kind of record."""
    hints = typing.get_type_hints(record)
    names = _names(record)
    scope: dict[str, Any] = {"record": record, "refuse": _refuse, "numbers": _numbers, "number": _number}
    scope["new"] = tuple.__new__
    lines = ["def read(data, previews):", " if type(data) is not list: refuse('a record that is no list')"]
    lines.append(f" {', '.join(names)}, = data")
    for name in names:
        lines += [f" {line}" for line in _statements(name, hints[name], scope)]
    # As the constructor does; it would be called hundreds of times a report.
    lines.append(f" return new(record, ({', '.join(names)}))")
    exec("\n".join(lines), scope)  # noqa: S102 -- our own field names and types, no data
    reader: Reader = scope["read"]
    return reader


def _statements(name: str, hint: Hint, scope: dict[str, Any]) -> list[str]:  # noqa: PLR0911 -- one return per kind of type reads best
    """Return the statements that check the variable `name` and replace it by the value of its type."""
    if hint == Number:
        return [f"{name} = number({name})"]
    if hint == tuple[Number, ...]:
        return [f"{name} = numbers({name})"]
    if hint in (int, str, bool):
        return [f"if type({name}) is not {hint.__name__}: refuse('{name} of a wrong type')"]
    origin = _origin(hint)
    inner = typing.get_args(hint)
    if origin is Literal:
        scope[f"{name}_values"] = frozenset(inner)
        return [f"if {name} not in {name}_values: refuse('{name} out of range')"]
    if origin is types.UnionType:
        present = [item for item in inner if item is not type(None)]
        wanted = Number if len(present) > 1 else present[0]
        return [f"if {name} is not None:", *(f" {line}" for line in _statements(name, wanted, scope))]
    if origin is tuple:
        return _tuple_statements(name, inner, scope)
    if hint is ArrayPreview:
        return [
            f"if type({name}) is not int or {name} < 0: refuse('{name} of a wrong type')",
            f"{name} = previews[{name}]",
        ]
    scope[f"read_{name}"] = _reader(hint)
    return [f"{name} = read_{name}({name}, previews)"]


def _tuple_statements(name: str, inner: tuple[Any, ...], scope: dict[str, Any]) -> list[str]:
    """Return the statements for `tuple[item, ...]`, or a tuple of several plain items."""
    lines = [f"if type({name}) is not list: refuse('{name} of a wrong type')"]
    item = inner[0]
    if item in (int, str):
        scope[f"{name}_types"] = {item}
        lines.append(f"if not {name}_types.issuperset(map(type, {name})): refuse('{name} of a wrong type')")
        if inner[-1] is not Ellipsis:
            lines.append(f"if len({name}) != {len(inner)}: refuse('{name} of a wrong length')")
        lines.append(f"{name} = tuple({name})")
        return lines
    scope[f"read_{name}"] = _item_reader(item)
    lines.append(f"{name} = tuple([read_{name}(item, previews) for item in {name}])")
    return lines


def _item_reader(hint: Hint) -> Reader:
    if _is_row(hint):
        return _reader(hint)
    scope: dict[str, Any] = {"refuse": _refuse}
    body = [f" {line}" for line in _statements("item", hint, scope)]
    exec("\n".join(["def read(item, previews):", *body, " return item"]), scope)  # noqa: S102 -- our own field names and types, no data
    reader: Reader = scope["read"]
    return reader


_PLAIN_NUMBERS = {int, float, bool, str}


def _numbers(data: Json) -> tuple[Number, ...]:
    if type(data) is not list:
        _refuse("elements that are no list")
    if _PLAIN_NUMBERS.issuperset(map(type, data)):
        return tuple(data)
    return tuple(map(_number, data))


def _number(item: Json) -> Number:
    if type(item) in _PLAIN_NUMBERS:
        return typing.cast(Number, item)
    if type(item) is not list or len(item) != 2 or not {float, str}.issuperset(map(type, item)):
        _refuse("an element that is no number")
    return typing.cast(Number, tuple(item))
