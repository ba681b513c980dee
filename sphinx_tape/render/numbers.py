"""One element of an array as text, the same in every output format.

Layer `render`. Reads a `report.model.Number`, makes plain ASCII text (or TeX), so that a number copied from a
page can be pasted into Python.
Read next: `preview.py` (arrays of them).
"""

from __future__ import annotations

import sys
from decimal import Decimal
from functools import lru_cache
from math import copysign, isfinite
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from sphinx_tape.report.model import Number

Mark = Literal["", "zero", "nan", "inf"]
"""What a reader should notice about a number; empty for an ordinary one."""

_MARKS: Final[dict[str, Mark]] = {"nan": "nan", "inf": "inf", "-inf": "inf"}
_WORDS: Final = {"nan": "NaN", "inf": "inf", "-inf": "-inf"}

# Decimals that tell any two values of the type apart: ceil(1 + p log10 2) for p bits of significand.
_TYPE_DIGITS: Final = {
    "float16": 5,
    "bfloat16": 4,
    "float32": 9,
    "complex64": 9,
    "float64": 17,
    "complex128": 17,
}

_FIXED_FROM: Final = -4
_FIXED_BELOW: Final = 6
_ORDINARY: Final = (10.0**_FIXED_FROM, 10.0**_FIXED_BELOW - 1)
"""Sizes that are in fixed notation, however they are rounded."""


def format_number(number: Number, dtype: str, precision: int) -> str:
    """Write one element with at most `precision` significant digits.

    Whole parts below a million are written in full, also where they have more digits than asked for: a
    rounded-off `12350` would read as exact. Nothing is ever padded, and no digit is shown that the
    element type does not hold.

    Args:
        number: The element as the report holds it.
        dtype: Name of its element type; decides how many digits are real.
        precision: Significant digits wanted, 1 or more.

    Returns:
        Plain text: `-0.3679`, `1.5e-7`, `1-2j`, `NaN`, `inf`, `0` or `-0` exactly if it is zero.
    """
    # Equal to 0.0, so it must not be looked for among the known ones; what divides by it sees the sign.
    if number == 0 and isinstance(number, float):
        return "0" if copysign(1.0, number) > 0 else "-0"
    return _formatted(number, dtype, precision)


@lru_cache(maxsize=8192, typed=True)
def _formatted(number: Number, dtype: str, precision: int) -> str:
    """Do the same for what is no float zero."""
    if isinstance(number, bool | int):
        return str(number)
    if isinstance(number, str):
        return number if dtype == "object" else _WORDS.get(number, number)
    digits = max(1, min(precision, _TYPE_DIGITS.get(dtype, 17)))
    if isinstance(number, tuple):
        return _complex_text(_real_text(_float(number[0]), digits), _real_text(_float(number[1]), digits))
    return _real_text(float(number), digits)


def mark_of(number: Number) -> Mark:
    """Tell zero, NaN and infinity apart from ordinary numbers.

    Args:
        number: The element as the report holds it.

    Returns:
        The mark; a complex element is NaN or infinite if one of its parts is, zero if both are.
    """
    if isinstance(number, str):
        return "zero" if number == "0" else _MARKS.get(number, "")
    if isinstance(number, tuple):
        return _mark_of_parts({mark_of(part) for part in number})
    if number == 0:
        return "zero"
    return "" if isfinite(number) else _MARKS[repr(number)]


def _mark_of_parts(marks: set[Mark]) -> Mark:
    loud: tuple[Mark, Mark] = ("nan", "inf")
    for mark in loud:
        if mark in marks:
            return mark
    return "zero" if marks == {"zero"} else ""


def number_tex(text: str) -> str:
    r"""Turn the text of a formatted float, complex or integer into TeX.

    Args:
        text: What `format_number` made of a number that is not exact or symbolic.

    Returns:
        TeX for math mode: `1.5 \times 10^{-7}`, `-\infty`, `1-2\mathrm{j}`.
    """
    if text in {"NaN", "True", "False"}:
        return rf"\mathrm{{{text}}}"
    if text.endswith("j"):
        split = _imaginary_at(text)
        return f"{number_tex(text[:split])}{text[split]}{number_tex(text[split + 1 : -1])}\\mathrm{{j}}"
    if text.endswith("inf"):
        return text.removesuffix("inf") + r"\infty"
    mantissa, exponent_mark, exponent = text.partition("e")
    return rf"{mantissa} \times 10^{{{exponent}}}" if exponent_mark else mantissa


def _float(part: float | str) -> float:
    return float(part)


def _real_text(number: float, digits: int) -> str:
    """Write a float in fixed or scientific notation, shortest form first."""
    if digits <= sys.float_info.dig and _ORDINARY[0] <= abs(number) < _ORDINARY[1]:
        # What most numbers are; at so few digits, rounding finds those of the shortest text.
        text = f"{number:.{digits}g}"
        if "e" not in text:
            return text
    text = repr(number)
    if text in _WORDS:
        return _WORDS[text]
    if number == 0:
        return "0"
    mantissa, exponent = _scientific(number, digits)
    if not _FIXED_FROM <= exponent < _FIXED_BELOW:
        return f"{mantissa}e{exponent}"
    if exponent >= digits:
        # More whole digits than asked for: all of them, and none after the point.
        mantissa, exponent = _scientific(number, exponent + 1)
    return f"{Decimal(f'{mantissa}e{exponent}'):f}"


def _scientific(number: float, digits: int) -> tuple[str, int]:
    """Round to `digits` significant digits, never more than the shortest text that reads back has."""
    shortest = Decimal(repr(number))
    # Not always `format`: rounding the binary value to as many digits as `repr` can end in another digit.
    enough = len(shortest.as_tuple().digits) <= digits
    text = f"{shortest:e}" if enough else f"{number:.{digits - 1}e}"
    mantissa, _, exponent = text.partition("e")
    if "." in mantissa:
        mantissa = mantissa.rstrip("0").rstrip(".")
    return mantissa, int(exponent)


def _complex_text(real: str, imaginary: str) -> str:
    sign = "" if imaginary.startswith("-") else "+"
    return f"{real}{sign}{imaginary}j"


def _imaginary_at(text: str) -> int:
    """Find the sign between the parts of a complex number, which is not the sign of an exponent."""
    return max(i for i, mark in enumerate(text) if mark in "+-" and (i == 0 or text[i - 1] != "e"))
