"""Directive options: text in, checked values out, the same in reST and in MyST.

Layer `ext`, but nothing here knows Sphinx. docutils and MyST disagree about what happens to an option
that its converter refuses (reST drops the directive, MyST drops the option), so the converters
accept everything and the checks are here.
Read next: `directives.py`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any, NamedTuple

from docutils import nodes

from sphinx_tape.render.options import PARTS_OF, View, parts_named

Reader = Callable[[View, str], Any]
"""Returns the value, or raises `ValueError` with what is allowed."""

_LENGTH = re.compile(r"(\d+(\.\d+)?|\.\d+)\s*(em|ex|px|in|cm|mm|pt|pc|%)?")
_LONGEST = {"in": 100, "cm": 250, "mm": 2500, "em": 500, "pc": 500, "%": 1000}
"""About 2.5 m in each unit, 7000 for the others: TeX cannot count much further and stops for good."""


class Option(NamedTuple):
    """One option: how it is read, what it is for, and which views take it."""

    reader: Reader
    help: str
    views: tuple[View, ...] = ("view", "grads", "trace")


def _free_text(_view: View, text: str) -> str:
    return text


def _given_text(_view: View, text: str) -> str:
    if not text:
        message = "text that is not empty"
        raise ValueError(message)
    return text


def _classes(_view: View, text: str) -> tuple[str, ...]:
    names = tuple(nodes.make_id(word) for word in text.split())
    if not names or not all(names):
        message = "class names with at least one letter"
        raise ValueError(message)
    return names


def _align(_view: View, text: str) -> str:
    return _one_of(text, ("left", "center", "right"))


def _direction(_view: View, text: str) -> str:
    return _one_of(text, ("auto", "LR", "TB"))


def _fold(_view: View, text: str) -> str:
    return _one_of(text, ("auto", "always", "never"))


def _layout(_view: View, text: str) -> str:
    return _one_of(text, ("builtin", "dot", "auto"))


def _one_of(text: str, allowed: tuple[str, ...]) -> str:
    if text not in allowed:
        raise ValueError("one of " + ", ".join(allowed))
    return text


def _width(_view: View, text: str) -> str:
    match = _LENGTH.fullmatch(text)
    if match is None or float(match[1]) == 0:
        message = "a length such as 300px, 8cm or 60%"
        raise ValueError(message)
    longest = _LONGEST.get(match[3], 7000)
    if float(match[1]) > longest:
        message = f"at most {longest}{match[3] or 'px'}"
        raise ValueError(message)
    return match[1] + (match[3] or "px")


def _parts(view: View, text: str) -> tuple[str, ...]:
    return parts_named(view, text)


def _packages(_view: View, text: str) -> tuple[str, ...]:
    names = tuple(text.replace(",", " ").split())
    if not names or not all(name.isidentifier() for name in names):
        message = "names of packages as they are imported, without dots"
        raise ValueError(message)
    return names


def _open_parts(view: View, text: str) -> tuple[str, ...]:
    return () if text == "none" else _parts(view, text)


def _whole(_view: View, text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", text) or int(text) < 1:
        message = "a whole number, at least 1"
        raise ValueError(message)
    return int(text)


def _precision(_view: View, text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,2}", text) or not 1 <= int(text) <= 17:
        message = "a whole number from 1 to 17"
        raise ValueError(message)
    return int(text)


def _seconds(_view: View, text: str) -> float:
    if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?|\.[0-9]{1,9}", text) or float(text) == 0:
        message = "a number of seconds above 0"
        raise ValueError(message)
    return float(text)


def _flag(_view: View, text: str) -> bool:
    if text:
        message = "left empty"
        raise ValueError(message)
    return True


def _switch(_view: View, text: str) -> bool:
    if text not in {"", "on", "off"}:
        message = "on, off, or left empty for on"
        raise ValueError(message)
    return text != "off"


OPTIONS: Mapping[str, Option] = {
    "arguments": Option(
        _free_text, "Keyword arguments for the builder, Python literals only: `x=3.0, w=[1, 2]`."
    ),
    "output": Option(_given_text, "Name or id of the node the reverse pass starts from."),
    "seed": Option(
        _given_text,
        "Cotangent given to the output: a number, or nested lists of its shape; 1 for a scalar output.",
        ("grads", "trace"),
    ),
    "caption": Option(_given_text, "Caption, with inline markup and math."),
    "name": Option(_given_text, "Target for `ref` and `numref`."),
    "alt": Option(_given_text, "Text alternative of the drawing; a description is made if not given."),
    "class": Option(_classes, "Class names for the figure."),
    "align": Option(_align, "`left`, `center` or `right`."),
    "width": Option(_width, "Width of the figure: a length or a percentage."),
    "show": Option(_parts, "Which parts are shown, in this order; the setting `tape_show` if not given."),
    "open": Option(_open_parts, "Which of the shown parts start unfolded; `none` for none."),
    "precision": Option(_precision, "Significant digits of numbers."),
    "direction": Option(_direction, "`LR`, `TB` or `auto`."),
    "fold": Option(
        _fold,
        "Whether repeated blocks are drawn once: `auto` (from 61 nodes on), `always` or `never`.",
    ),
    "max-nodes": Option(_whole, "Larger tapes are clipped to this many nodes."),
    "timeout": Option(_seconds, "Seconds that the builder may run."),
    "requires": Option(
        _packages,
        "Packages that the builder imports and that may be absent: where one is, a box says so, "
        "and there is no warning.",
    ),
    "check": Option(
        _switch,
        "Check the gradients by differences while the page is built, and show a badge: `on` (also if left "
        "empty) or `off`; the setting `tape_check` if not given.",
        ("grads", "trace"),
    ),
    "layout": Option(_layout, "What places the drawing: `builtin`, `dot` or `auto`."),
    "mirror": Option(_flag, "Draw the reverse pass beside the forward one.", ("grads", "trace")),
    "overwriting": Option(
        _flag,
        "In the steps, also say what an engine that overwrites instead of adding would give.",
        ("trace",),
    ),
}


class AnyOption(Mapping[str, Callable[[str | None], str]]):
    """An option specification that takes every option name and hands the text through.

    It lists the known names, for tools that ask, and answers for unknown ones too: a misspelt option
    is then ours to explain instead of docutils' to refuse.
    """

    def __getitem__(self, name: str) -> Callable[[str | None], str]:
        return _pass_through

    def __iter__(self) -> Iterator[str]:
        return iter(OPTIONS)

    def __len__(self) -> int:
        return len(OPTIONS)


def _pass_through(text: str | None) -> str:
    """Return an option's text on one line; MyST and reST fold long values differently."""
    return " ".join(line.strip() for line in (text or "").splitlines()).strip()


class ParsedOptions(NamedTuple):
    """The options of one directive that are right, and what is wrong with the others."""

    values: Mapping[str, Any]
    faults: tuple[str, ...]


def options_of(view: View) -> tuple[str, ...]:
    """Return the names of the options that a view takes."""
    return tuple(name for name, option in OPTIONS.items() if view in option.views)


def parse_options(view: View, given: Mapping[str, str]) -> ParsedOptions:
    """Check all options of a directive.

    Args:
        view: The directive's view.
        given: Option texts by name, known or not.

    Returns:
        Values by name, and one message per option that was refused, in the order given.
    """
    values: dict[str, Any] = {}
    faults: list[str] = []
    for name, text in given.items():
        try:
            values[name] = _read(view, name, text)
        except ValueError as fault:
            faults.append(str(fault))
    faults.extend(_contradictions(view, values))
    return ParsedOptions(values, tuple(faults))


def _read(view: View, name: str, text: str) -> object:
    """Return one checked value; a `ValueError` carries the whole message."""
    allowed = options_of(view)
    if name not in allowed:
        raise ValueError(_unknown(view, name, text, allowed))
    try:
        return OPTIONS[name].reader(view, text)
    except ValueError as fault:
        message = f'option "{name}" of tape-{view} must be {fault} (got "{_clip(text)}")'
        raise ValueError(message) from None


def _unknown(view: View, name: str, text: str, allowed: tuple[str, ...]) -> str:
    """Return the message for an option that a view does not take."""
    if name in OPTIONS:
        takers = " and ".join(f"tape-{taker}" for taker in OPTIONS[name].views)
        verb = "takes" if len(OPTIONS[name].views) == 1 else "take"
        return f'option "{name}" must be left out of tape-{view} (got "{_clip(text)}"); {takers} {verb} it'
    close = get_close_matches(name, allowed, n=1)
    remedy = f'did you mean "{close[0]}"?' if close else "remove it"
    listed = ", ".join(allowed)
    return f'option "{_clip(name)}" of tape-{view} must be one of {listed} (got "{_clip(text)}"); {remedy}'


def _contradictions(view: View, values: Mapping[str, Any]) -> Iterator[str]:
    """Yield messages for options that are right alone and wrong together."""
    shown = values.get("show", PARTS_OF[view])
    hidden = [part for part in values.get("open", ()) if part not in shown]
    if hidden:
        listed = ", ".join(shown)
        yield f'option "open" of tape-{view} must name shown parts: {listed} (got "{" ".join(hidden)}")'


def check_reference(view: View, arguments: list[str]) -> str:
    """Return the builder reference of a directive.

    Raises:
        ValueError: There is none, or it is more than one word.
    """
    text = arguments[0] if arguments else ""
    if len(text.split()) != 1:
        message = f'argument of tape-{view} must be a builder, package.module:function (got "{_clip(text)}")'
        raise ValueError(message)
    return text.split()[0]


def _clip(text: str, most: int = 120) -> str:
    """Return a text that is short enough for a message."""
    return text if len(text) <= most else text[: most - 3] + "..."
