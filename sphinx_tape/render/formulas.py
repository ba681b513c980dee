r"""The primitives' TeX templates with symbols or numbers put in.

Layer `render`. A template has marks: `@g` the cotangent, `@y` the result, `@0`, `@1` ... the operands and
`@{axis}` a keyword. Filled with symbols it is the rule (`\bar{a} \cdot x`), filled with values it is the sum
a student does by hand (`-6 \cdot 3`); arrays keep their symbol and show their shape.
Read next: `steps.py` (who asks), `plaintex.py` (the same without TeX).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from sphinx_tape.render.boxes import shape_text
from sphinx_tape.render.escape import clean
from sphinx_tape.render.expressions import expression_tex
from sphinx_tape.render.numbers import format_number, number_tex
from sphinx_tape.render.plaintex import plain_template
from sphinx_tape.render.symbols import Symbol, text_tex

if TYPE_CHECKING:
    from collections.abc import Callable

    from sphinx_tape.report.model import ArrayPreview, NodeRow

_MARK: Final = re.compile(r"@(?:(g|y)|(\d+)|\{(\w+)\})")
_BARE_NUMBER: Final = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_SIDE_BY_SIDE: Final = re.compile(r"(?<=[0-9)])(?:\s|\\,)+(?=[0-9(])|(?<=\})\s*\\,\s*(?=[0-9])")
_FRACTION_BEFORE: Final = re.compile(r"(\\tfrac\{\w+\}\{\w+\})\s*(?:\\,)?\s*(?=[0-9(])")
_ACCENTED: Final = ("\\bar", "\\overline", "\\underset")
_BRACED_MARK: Final = re.compile(r"\{(@\w)\}(?=[\^_])")
_WORD: Final = re.compile(r"[A-Za-z]+")


class Formula(NamedTuple):
    """Math in two forms that say the same."""

    tex: str
    """For math mode; accepted by LaTeX and by docutils' MathML converter."""
    text: str
    """Readable without TeX."""


class Filling(NamedTuple):
    """What stands behind the marks of a template at one node."""

    row: NodeRow
    symbols: Sequence[Symbol]
    nodes: Sequence[NodeRow]
    cotangent: ArrayPreview | None = None
    precision: int = 4


def rule_formula(template: str, filling: Filling) -> Formula:
    """Put symbols in: the local rule as written on a blackboard."""
    return Formula(
        _fill(template, lambda mark: _symbol(mark, filling, tex=True)),
        _fill(plain_template(template), lambda mark: _symbol(mark, filling, tex=False)),
    )


def numbers_formula(template: str, filling: Filling) -> Formula:
    """Put values in: numbers for scalars, symbol and shape for arrays."""
    tex = _fill(template, lambda mark: _number(mark, filling, tex=True))
    text = _fill(plain_template(template), lambda mark: _number(mark, filling, tex=False))
    # Two letters side by side are a product, two numbers side by side are another number.
    tex = _FRACTION_BEFORE.sub(r"\1 \\cdot ", tex)
    tex = _SIDE_BY_SIDE.sub(r" \\cdot ", tex).replace(r" \, \underset", r" \; \; \underset")
    return Formula(tex, _SIDE_BY_SIDE.sub(" · ", text))


def value_formula(value: ArrayPreview, precision: int) -> Formula:
    """Write a scalar standing alone, without parentheses."""
    text = format_number(value.elements[0], value.dtype, precision)
    return Formula(expression_tex(text)[0] if value.kind == "exact" else number_tex(text), clean(text))


Mark = tuple[str, int | None, str]
"""A letter (`g`, `y`), an operand position, or a keyword; the other two are empty or None."""


def _fill(template: str, put: Callable[[Mark], tuple[str, bool]]) -> str:
    """Replace every mark in one pass, so that a name which looks like a mark stays a name."""
    # docutils takes this switch only at the head of a group; inline math is in that style anyway.
    template = _BRACED_MARK.sub(r"\1", template.replace(r"\textstyle", "").strip())

    def replaced(match: re.Match[str]) -> str:
        letter, operand, keyword = match.groups()
        text, loose = put((letter or "", None if operand is None else int(operand), keyword or ""))
        tight_after = template[match.end() : match.end() + 1] in {"^", "_"}
        if loose and (match.start() > 0 or tight_after or not text.startswith("-")):
            return f"({text})" if match.end() - match.start() < len(template) else text
        # docutils sets scripts of accented and underset letters below and above; on an empty group they stay
        # at the side.
        return f"{text}{{}}" if text.startswith(_ACCENTED) and tight_after else text

    return _MARK.sub(replaced, template)


def _symbol(mark: Mark, filling: Filling, *, tex: bool) -> tuple[str, bool]:
    letter, operand, keyword = mark
    if keyword:
        return _keyword(keyword, filling, tex=tex), False
    node = filling.row.id if operand is None else _operand(operand, filling)
    if node is None:
        return r"\ldots" if tex else "...", False
    symbol = filling.symbols[node]
    if letter == "g":
        return symbol.cotangent if tex else symbol.cotangent_text, False
    return symbol.tex if tex else symbol.text, False


def _number(mark: Mark, filling: Filling, *, tex: bool) -> tuple[str, bool]:
    letter, operand, keyword = mark
    node = filling.row.id if operand is None else _operand(operand, filling)
    if keyword or node is None:
        return _symbol(mark, filling, tex=tex)
    value = filling.cotangent if letter == "g" else filling.nodes[node].value
    if value is None or not (value.shape or value.known):
        return _symbol(mark, filling, tex=tex)
    if value.shape:
        symbol, _loose = _symbol(mark, filling, tex=tex)
        return _with_shape(symbol, value.shape, tex=tex), False
    return _scalar(value, filling.precision, tex=tex)


def _operand(operand: int, filling: Filling) -> int | None:
    parents = filling.row.parents
    return parents[operand] if operand < len(parents) else None


def _with_shape(symbol: str, shape: tuple[int, ...], *, tex: bool) -> str:
    if tex:
        lengths = r" \times ".join(map(str, shape))
        return rf"\underset{{{lengths}}}{{{symbol}}}"
    return f"{symbol}[{shape_text(shape)}]"


def _scalar(value: ArrayPreview, precision: int, *, tex: bool) -> tuple[str, bool]:
    """Write a scalar as an operand, and say whether it needs parentheses among others."""
    text = format_number(value.elements[0], value.dtype, precision)
    if value.kind == "exact":
        exact, loose = expression_tex(text)
        return exact if tex else clean(text), loose and _BARE_NUMBER.fullmatch(text) is None
    return number_tex(text) if tex else text, _BARE_NUMBER.fullmatch(text) is None and text != "NaN"


def _keyword(keyword: str, filling: Filling, *, tex: bool) -> str:
    text = dict(filling.row.keywords).get(keyword, keyword)
    if not tex:
        return clean(text)
    return text if _WORD.fullmatch(text) or _BARE_NUMBER.fullmatch(text) else text_tex(text)
