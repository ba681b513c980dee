"""The directive `answer`: folded in HTML, an ordinary box in every other format."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

if TYPE_CHECKING:
    from sphinx.application import Sphinx


class answer(nodes.admonition):  # noqa: N801 -- docutils names its nodes in lower case
    """The answer to an exercise; builders that do not know it print an admonition."""


class answer_title(nodes.title):  # noqa: N801 -- docutils names its nodes in lower case
    """The line that stays visible."""


class Answer(SphinxDirective):
    """An answer that the reader opens after thinking."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        """Return the box with its title and content."""
        made = answer("", answer_title("", "Answer"), classes=["answer"])
        made += self.parse_content_to_nodes()
        self.set_source_info(made)
        return [made]


def visit_answer(translator: Any, node: answer) -> None:  # noqa: ANN401 -- Sphinx's HTML translator
    """Open the folded part."""
    translator.body.append(translator.starttag(node, "details"))


def depart_answer(translator: Any, _node: answer) -> None:  # noqa: ANN401 -- Sphinx's HTML translator
    """Close the folded part."""
    translator.body.append("</details>\n")


def visit_title(translator: Any, node: answer_title) -> None:  # noqa: ANN401 -- Sphinx's HTML translator
    """Write the visible line."""
    translator.body.append(f"<summary>{translator.encode(node.astext())}</summary>\n")
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directive."""
    app.add_node(answer, html=(visit_answer, depart_answer))
    app.add_node(answer_title, html=(visit_title, None))
    app.add_directive("answer", Answer)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
