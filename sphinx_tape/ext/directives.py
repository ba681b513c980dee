"""The three directives. They describe a figure; nothing is run or drawn while a page is read.

Layer `ext`. Reads options, makes a docutils figure that holds a `tape_figure` placeholder.
Read next: `collect.py`, then `run.py`.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, cast

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from sphinx_tape.execution.request import FigureRequest
from sphinx_tape.ext.anchors import anchor_of
from sphinx_tape.ext.figure import TapeFigure, tape_figure
from sphinx_tape.ext.options import AnyOption, ParsedOptions, check_reference, parse_options

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sphinx.application import Sphinx

    from sphinx_tape.render.options import View

DISPLAY_OPTIONS = (
    "show",
    "open",
    "precision",
    "direction",
    "fold",
    "max-nodes",
    "mirror",
    "layout",
    "overwriting",
)


class TapeDirective(SphinxDirective):
    """What the three directives have in common; they differ in their view only."""

    view: ClassVar[View]

    # None is "required" for docutils, whose message would not be ours and would differ between
    # reST and MyST; `check_reference` requires it.
    required_arguments = 0
    optional_arguments = 1
    final_argument_whitespace = True
    has_content = True
    option_spec = cast("dict[str, Callable[[str], Any]]", AnyOption())

    def run(self) -> list[nodes.Node]:
        """Return the figure."""
        parsed = parse_options(self.view, self.options)
        self.options = {name: self.options[name] for name in ("name",) if parsed.values.get(name)}
        shell = nodes.figure(classes=["tape-figure", *parsed.values.get("class", ())])
        self.set_source_info(shell)
        placeholder = self.placeholder(parsed)
        shell += placeholder
        shell += self.caption_and_legend(parsed.values.get("caption", ""))
        for name in ("align", "width"):
            if name in parsed.values:
                shell[name] = parsed.values[name]
        self.add_name(shell)
        if parsed.values.get("name"):
            anchor = anchor_of(shell, parsed.values["name"])
            placeholder["figure"] = placeholder.figure._replace(anchor=anchor)
        return [shell]

    def placeholder(self, parsed: ParsedOptions) -> tape_figure:
        """Return the node that stands for the figure's body."""
        faults = list(parsed.faults)
        reference = ""
        try:
            reference = check_reference(self.view, self.arguments)
        except ValueError as fault:
            faults.insert(0, str(fault))
        source, line = self.get_source_info()
        figure = TapeFigure(
            view=self.view,
            request=_request(reference, parsed.values),
            docname=self.env.docname,
            line=line,
            source=self.foreign_source(source),
            number=self.env.new_serialno("tape") + 1,
            alt=parsed.values.get("alt", ""),
            width=parsed.values.get("width", ""),
            check=parsed.values.get("check"),
            requires=parsed.values.get("requires", ()),
            display=_given_display(parsed.values),
            fault="; ".join(faults),
        )
        node = tape_figure("", figure=figure)
        self.set_source_info(node)
        return node

    def foreign_source(self, source: str) -> str:
        """Return the path of an included file relative to the source directory; empty for the page itself."""
        page = os.fspath(self.env.doc2path(self.env.docname))
        if source == page or Path(source) == Path(page):
            return ""
        try:
            return Path(os.path.relpath(source, self.env.srcdir)).as_posix()
        except ValueError:  # another drive, on Windows
            return Path(source).as_posix()

    def caption_and_legend(self, caption: str) -> list[nodes.Node]:
        """Return caption and legend.

        The body of the directive is the legend; without a `caption` option its first paragraph is the
        caption, as in docutils' own figure.
        """
        body = self.parse_content_to_nodes() if self.content else []
        made: list[nodes.Node] = []
        if caption:
            inline, notices = self.parse_inline(caption, lineno=self.lineno)
            made.append(nodes.caption(caption, "", *inline))
            body = [*notices, *body]
        elif body and isinstance(body[0], nodes.paragraph):
            first = body.pop(0)
            made.append(nodes.caption(first.astext(), "", *first.children))
        for node in made:
            self.set_source_info(node)
        return [*made, nodes.legend("", *body)] if body else made


class TapeView(TapeDirective):
    """`tape-view`: what was recorded."""

    view = "view"


class TapeGrads(TapeDirective):
    """`tape-grads`: what the reverse pass left at each node."""

    view = "grads"


class TapeTrace(TapeDirective):
    """`tape-trace`: the reverse pass, step by step."""

    view = "trace"


def setup_directives(app: Sphinx) -> None:
    """Register the directives."""
    for directive in (TapeView, TapeGrads, TapeTrace):
        app.add_directive(f"tape-{directive.view}", directive)


def _request(reference: str, values: Mapping[str, Any]) -> FigureRequest:
    """Return what the figure asks to be run."""
    texts = {name: values.get(name, "") for name in ("arguments", "output", "seed")}
    return FigureRequest(reference=reference, timeout=values.get("timeout"), **texts)


def _given_display(values: Mapping[str, Any]) -> tuple[tuple[str, Any], ...]:
    """Return the display options that the author gave, under their field names."""
    return tuple((name.replace("-", "_"), values[name]) for name in DISPLAY_OPTIONS if name in values)
