r"""A TeX template as plain text: `\frac{@g}{@1}` becomes `@g / @1`.

Layer `render`. Knows the few commands that the operations' formulas use; an unknown one becomes its own name,
so that nothing is lost.
Read next: `formulas.py`.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from sphinx_tape.render.symbols import GREEK

_TOKEN: Final = re.compile(r"@\{\w+\}|@\w|\\[A-Za-z]+|\\.|[{}^_]|\s+|[A-Za-z]+|[0-9.]+|.", re.DOTALL)
_ATOM: Final = re.compile(r"@\{\w+\}|@\w|\w+|[^\W\d]|\[.*\]|\(.*\)|\*")

_COMMANDS: Final = {
    r"\cdot": " · ",
    r"\times": " \u00d7 ",
    r"\odot": " ⊙ ",
    r"\oslash": " ⊘ ",
    r"\ast": " * ",
    r"\star": " * ",
    r"\pm": " ± ",
    r"\to": " -> ",
    r"\leftarrow": " <- ",
    r"\top": "T",
    r"\sum": "sum ",
    r"\prod": "product ",
    r"\infty": "inf",
    r"\ldots": "...",
    r"\dots": "...",
    r"\cdots": "...",
    r"\partial": "∂",
    r"\varphi": "φ",
    r"\varepsilon": "ε",
    r"\le": " <= ",
    r"\leq": " <= ",
    r"\ge": " >= ",
    r"\geq": " >= ",
    r"\ne": " != ",
    r"\neq": " != ",
    r"\in": " in ",
    r"\lnot": "not ",
    r"\quad": "  ",
    r"\lvert": "|",
    r"\rvert": "|",
    r"\lVert": "||",
    r"\rVert": "||",
    r"\|": "||",
    r"\{": "{",
    r"\}": "}",
    r"\_": "_",
    r"\%": "%",
    r"\,": " ",
    r"\;": " ",
    r"\:": " ",
    r"\ ": " ",
    r"\!": "",
} | {f"\\{word}": letter for letter, word in GREEK.items()}
_SILENT: Final = frozenset(
    {r"\left", r"\right", r"\textstyle", r"\displaystyle", r"\bigl", r"\bigr", r"\big"}
)
_WRAPPERS: Final = frozenset({r"\operatorname", r"\mathrm", r"\mathbf", r"\text", r"\mathit", r"\mathbb"})
_SCRIPTS: Final = frozenset({"^", "_"})
_ROOT: Final = r"\sqrt"
_ACCENTS: Final = frozenset({r"\overline", r"\bar", r"\hat", r"\tilde"})
_WITH_ARGUMENT: Final = _WRAPPERS | _SCRIPTS | _ACCENTS | {_ROOT}
_SMALL_FRACTION: Final = r"\tfrac"
_FRACTIONS: Final = frozenset({r"\frac", _SMALL_FRACTION, r"\dfrac"})


@lru_cache(maxsize=1024)
def plain_template(template: str) -> str:
    """Turn a template into plain text with the same marks.

    Args:
        template: TeX with marks, as the table of operations holds it.

    Returns:
        One line of text; exponents as `^`, fractions as `/`, with parentheses where they are needed.
    """
    tokens = _TOKEN.findall(template)
    parts, _end = _sequence(tokens, 0)
    return re.sub(r"\s+(?=[_^])|(?<=\s)\s+", "", "".join(parts)).strip()


def _sequence(tokens: list[str], start: int) -> tuple[list[str], int]:
    """Read up to the end of a group; nesting is as deep as the template's braces."""
    parts: list[str] = []
    at = start
    while at < len(tokens) and tokens[at] != "}":
        text, at = _item(tokens, at)
        parts.append(text)
    return parts, at + 1


def _item(tokens: list[str], at: int) -> tuple[str, int]:
    head = tokens[at]
    if head == "{":
        parts, after = _sequence(tokens, at + 1)
        return "".join(parts), after
    if head in _FRACTIONS:
        above, middle = _argument(tokens, at + 1)
        below, after = _argument(tokens, middle)
        small = head == _SMALL_FRACTION  # A factor in front of something, so it must hold together.
        return (f"({above}/{below})" if small else f"{_grouped(above)} / {_grouped(below)}"), after
    if head in _WITH_ARGUMENT:
        argument, after = _argument(tokens, at + 1)
        return _apply(head, argument), after
    return _command(head), at + 1


def _apply(head: str, argument: str) -> str:
    if head == _ROOT:
        return f"sqrt({argument})"
    if head in _ACCENTS:
        return f"{head[1:]}({argument})"
    if head in _SCRIPTS:
        return head * (not argument.startswith("[")) + _grouped(argument)
    return argument


def _argument(tokens: list[str], at: int) -> tuple[str, int]:
    """Read what a command applies to: a group or one token."""
    while at < len(tokens) and tokens[at].isspace():
        at += 1
    return _item(tokens, at) if at < len(tokens) else ("", at)


def _command(head: str) -> str:
    if not head.startswith("\\"):
        return head
    return "" if head in _SILENT else _COMMANDS.get(head, f"{head[1:]} ")


def _grouped(text: str) -> str:
    text = text.strip()
    return text if _ATOM.fullmatch(text) else f"({text})"
