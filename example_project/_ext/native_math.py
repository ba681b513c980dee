"""Write the math of the prose as MathML, which browsers set by themselves: no script, no network.

docutils ships the converter; Sphinx has a hook for math renderers. That is nearly all this needs.
"""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING, Any

from docutils import nodes
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.math import get_node_equation_number

if TYPE_CHECKING:
    from sphinx.application import Sphinx

# docutils 0.20 asks whether the formula is inline, later releases whether it is a block.
_ASKS_FOR_BLOCK = "as_block" in inspect.signature(tex2mathml).parameters

# docutils writes a named entity, which XML (and so EPUB) does not know, and browsers set no gap there.
_APPLY = re.compile(r"<mo>(?:&ApplyFunction;|\u2061)</mo>(\s*<[^>]*>[^<]?)")
# EPUB's schema of MathML has no style on fractions; in running text they are small anyway.
_STYLED_FRACTION = re.compile(r"<mfrac[^>]*>")
_CLOSING = re.compile(r"[.,;:!?)\]-]+")


def to_mathml(tex: str, *, block: bool) -> str:
    """Return one formula as a `math` element."""
    if block and "\\\\" in tex and "\\begin" not in tex:
        tex = f"\\begin{{align*}}{tex}\\end{{align*}}"
    mathml = str(tex2mathml(tex, block if _ASKS_FOR_BLOCK else not block))
    return _STYLED_FRACTION.sub("<mfrac>", _APPLY.sub(_apply, mathml))


def _apply(match: re.Match[str]) -> str:
    """Return the invisible operator after a function, with a gap where no bracket follows."""
    return "<mo>&#x2061;</mo>" + (
        match[1] if "(" in match[1] else f'<mspace width="0.17em"></mspace>{match[1]}'
    )


class KeepPunctuation(SphinxPostTransform):
    """Ties a formula to the punctuation behind it: browsers may break lines next to a `math` element."""

    default_priority = 700
    formats = ("html",)

    def run(self, **_kwargs: object) -> None:
        """Put formula and punctuation into one inline element."""
        for node in list(self.document.findall(nodes.math)):
            after = node.next_node(descend=False, siblings=True)
            found = _CLOSING.match(after.astext()) if isinstance(after, nodes.Text) else None
            if found is None or after is None:
                continue
            parent, place = node.parent, node.parent.index(node)
            tied = nodes.inline("", "", classes=["tied"])
            parent[place + 1] = nodes.Text(after.astext()[found.end() :])
            parent[place] = tied
            tied += [node, nodes.Text(found[0])]


def visit_inline(translator: Any, node: nodes.math) -> None:  # noqa: ANN401 -- Sphinx's HTML translator
    """Write a formula in running text."""
    translator.body.append(to_mathml(node.astext(), block=False))
    raise nodes.SkipNode


def visit_block(translator: Any, node: nodes.math_block) -> None:  # noqa: ANN401 -- Sphinx's HTML translator
    """Write a displayed formula, with its number if it has one."""
    translator.body.append(translator.starttag(node, "div", CLASS="math native-math"))
    if node.get("number"):
        number = get_node_equation_number(translator, node)
        translator.body.append(f'<span class="eqno">({number})')
        translator.add_permalink_ref(node, "Link to this equation")
        translator.body.append("</span>")
    translator.body.append(to_mathml(node.astext(), block=True) + "</div>\n")
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the renderer and make it the one that is used."""
    app.add_html_math_renderer("native", (visit_inline, None), (visit_block, None))
    app.add_post_transform(KeepPunctuation)
    app.config.html_math_renderer = "native"  # type: ignore[attr-defined]
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
