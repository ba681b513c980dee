r"""Exact and symbolic elements, which a report holds as text, as TeX.

Layer `render`. Reads what `str` gives for fractions and SymPy expressions (Python syntax, never evaluated),
makes TeX; what is no such expression is printed letter by letter.
Read next: `formulas.py`.
"""

from __future__ import annotations

import ast
from functools import lru_cache
from typing import Final

from sphinx_tape.render.symbols import symbol_of, text_tex

_LONGEST: Final = 400
_FUNCTIONS: Final = frozenset(
    {"sin", "cos", "tan", "cot", "sec", "csc", "sinh", "cosh", "tanh", "coth"}
    | {"arcsin", "arccos", "arctan", "exp", "ln", "log", "max", "min", "det"}
)
_ALIASES: Final = {"asin": "arcsin", "acos": "arccos", "atan": "arctan", "Max": "max", "Min": "min"}
_CONSTANTS: Final = {"pi": r"\pi", "E": "e", "I": r"\mathrm{i}", "oo": r"\infty", "zoo": r"\tilde{\infty}"}

_SUM, _PRODUCT, _SIGN, _POWER, _ATOM = range(5)
"""How tightly an expression binds; an operand that binds less tightly gets parentheses."""


@lru_cache(maxsize=2048)
def expression_tex(text: str) -> tuple[str, bool]:
    """Write an exact element as TeX.

    Args:
        text: The element as `str` gives it.

    Returns:
        The TeX, and whether it must be parenthesised to be used as an operand.
    """
    if len(text) <= _LONGEST:
        try:
            tex, binding = _tex(ast.parse(text.strip(), mode="eval").body)
        except (SyntaxError, ValueError, TypeError, RecursionError, MemoryError):
            pass  # Not an expression: fall through to plain letters.
        else:
            return tex, binding < _ATOM
    return text_tex(text), True


def _tex(node: ast.expr) -> tuple[str, int]:
    """Translate one expression; its depth is bounded by the length that `expression_tex` accepts."""
    match node:
        case ast.Constant(value=bool() | int() | float() as number):
            return str(number), _ATOM
        case ast.Name(id=name):
            return _CONSTANTS.get(name) or symbol_of(name).tex, _ATOM
        case ast.UnaryOp(op=ast.USub() | ast.UAdd() as sign, operand=operand):
            return ("-" if isinstance(sign, ast.USub) else "+") + _operand(operand, _POWER), _SIGN
        case ast.BinOp(left=left, op=operator, right=right):
            return _binary(left, operator, right)
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
            return _call(name, arguments), _ATOM
    message = f"expression must be built from numbers, names, operators and calls (got {type(node).__name__})"
    raise ValueError(message)


def _operand(node: ast.expr, at_least: int) -> str:
    tex, binding = _tex(node)
    return tex if binding >= at_least else _parenthesised(tex)


def _parenthesised(tex: str) -> str:
    """Parentheses of the height that is needed; tall ones around a letter would stand off."""
    return rf"\left({tex}\right)" if "\\frac" in tex or "^" in tex else f"({tex})"


def _binary(left: ast.expr, operator: ast.operator, right: ast.expr) -> tuple[str, int]:
    match operator:
        case ast.Add():
            return f"{_operand(left, _SUM)} + {_operand(right, _PRODUCT)}", _SUM
        case ast.Sub():
            return f"{_operand(left, _SUM)} - {_operand(right, _PRODUCT)}", _SUM
        case ast.Mult():
            # `2 x` but `2 \cdot 3`: two numbers side by side would read as one.
            dot = r"\," if isinstance(right, ast.Name | ast.Call) else r"\cdot"
            return f"{_operand(left, _PRODUCT)} {dot} {_operand(right, _POWER)}", _PRODUCT
        case ast.Div():
            sign, above = _split_sign(left)
            return rf"{sign}\frac{{{_tex(above)[0]}}}{{{_tex(right)[0]}}}", _SIGN if sign else _PRODUCT
        case ast.Pow():
            return f"{{{_operand(left, _ATOM)}}}^{{{_tex(right)[0]}}}", _POWER
    message = f"operator must be one of + - * / ** (got {type(operator).__name__})"
    raise ValueError(message)


def _split_sign(node: ast.expr) -> tuple[str, ast.expr]:
    """Take a minus out of a numerator, so that -1/3 is a negative fraction."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return "-", node.operand
    return "", node


def _call(name: str, arguments: list[ast.expr]) -> str:
    inner = ", ".join(_tex(argument)[0] for argument in arguments)
    if name == "sqrt":
        return rf"\sqrt{{{inner}}}"
    known = _ALIASES.get(name, name)
    function = f"\\{known}" if known in _FUNCTIONS else symbol_of(name).tex
    return f"{function}{_parenthesised(inner)}"
