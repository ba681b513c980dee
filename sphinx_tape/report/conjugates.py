r"""Conjugates in the rules of analytic operations, where complex values take part.

Layer `report`. The table writes rules as for real values, and the engine conjugates around them
(`tape.local`): a rule F(g, x, y) acts as conj(F(conj(g), x, y)), which for an analytic operation is
F(g, conj(x), conj(y)). Readers are shown this, a star for every conjugate; else `(1+0j) \cdot (1+2j)` would
stand before `1-2j`.
Read next: `build.py`, which asks.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import numpy as np

from sphinx_tape.tape.primitives import PRIMITIVES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sphinx_tape.tape import Node

_NAMED: Final = re.compile(r"\\text\{other operands\}|\\sigma\b|\\hat\{x\}|(?<=\\frac\{1\}\{)r(?=\})")
"""Forward quantities that a rule has a word or a letter of its own for."""
_MARK: Final = re.compile(r"(?P<brace>\{)?@(?P<mark>\d+|y)(?(brace)\}(?=[_^]))(?P<script>(?=[_^]))?")


def with_conjugates(template: str, node: Node, parents: Sequence[Node], operand: int) -> str:
    """Write the conjugates into what an operand of a node receives.

    Args:
        template: The rule as the table has it.
        node: The node whose rule it is.
        parents: Its operands, in order.
        operand: The position that receives.

    Returns:
        The template with a star at each complex operand and result of an analytic operation, and with the
        real part taken where a real operand meets a complex result; unchanged where nothing is complex.
    """
    if not template or not any(map(is_complex, (node, *parents))):
        return template

    def starred(match: re.Match[str]) -> str:
        mark = match["mark"]
        held = [node] if mark == "y" else parents[int(mark) :][:1]  # Foreign graphs may lack an operand.
        if not any(map(is_complex, held)):
            return match[0]
        star = f"@{mark}^{{*}}"
        return f"({star})" if match["brace"] or match["script"] is not None else star

    if node.op in PRIMITIVES and PRIMITIVES[node.op].analytic:
        template = _NAMED.sub(r"\g<0>^{*}", _MARK.sub(starred, template))
    if is_complex(node) and not is_complex(parents[operand]):
        return rf"\operatorname{{Re}}\left({template}\right)"
    return template


def is_complex(node: Node) -> bool:
    """Whether a node's value has complex elements."""
    return type(node.value) is not np.float64 and bool(np.iscomplexobj(node.value))
