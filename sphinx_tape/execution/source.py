"""The source of a function.

Layer `execution`, worker side, standard library only. `inspect` reads a function token by token to find its
end, which takes a quarter of the time of a small figure; where the shape of the text leaves no doubt, lines
are enough.
Read next: `worker.py`.
"""

from __future__ import annotations

import inspect
import linecache
from collections.abc import Sequence
from operator import itemgetter
from types import CodeType, FunctionType

_END_LINE = itemgetter(1)
"""Of a position in code; None where code comes from no line."""


def source_lines(function: FunctionType) -> tuple[list[str], int] | None:
    """Return the lines of a function with the number of the first one; None if nobody has them.

    Args:
        function: What was compiled, not what wraps it.
    """
    code = function.__code__
    linecache.checkcache(code.co_filename)
    first = code.co_firstlineno
    lines = linecache.getlines(code.co_filename, function.__globals__)
    block = _block(lines[first - 1 :], _last_line(code) - first + 1)
    try:
        return (block, first) if block else inspect.getsourcelines(function)
    except (OSError, TypeError, SyntaxError, IndexError):
        return None


def _block(lines: Sequence[str], least: int) -> list[str]:
    """Return the lines of the function that begins in the first one; none if its end is doubtful.

    Args:
        lines: The rest of the file.
        least: How many lines its code comes from, so that a text or a bracket that is continued at the margin
            is not taken for the end.
    """
    if not lines or not lines[0].startswith("def "):
        return []
    end = next((at for at, line in enumerate(lines) if at and line[0] not in " \t\n"), len(lines))
    while lines[end - 1].isspace():
        end -= 1
    doubtful = least < 1 or end < least or lines[end - 1].lstrip().startswith("#")
    return [] if doubtful else list(lines[:end])


def _last_line(code: CodeType) -> int:
    """Return the last line that code comes from, functions inside of it included; 0 if it is not known."""
    last, todo = 0, [code]
    while todo:
        each = todo.pop()
        # What is only documented has no code for it.
        text = each.co_consts[0] if each.co_consts and type(each.co_consts[0]) is str else ""
        documented = each.co_firstlineno + text.count("\n") + 1 if "\n" in text else 0
        last = max(last, documented, *filter(None, set(map(_END_LINE, each.co_positions()))))
        todo.extend(constant for constant in each.co_consts if type(constant) is CodeType)
    return last
