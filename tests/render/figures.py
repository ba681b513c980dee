"""Figures of sample reports, and parsers that take nothing on trust, for the tests of HTML."""

from __future__ import annotations

import re
from functools import cache
from html import unescape
from typing import TYPE_CHECKING

from docutils.utils.math.latex2mathml import tex2mathml

from sphinx_tape.render.builtin import BuiltinEngine
from sphinx_tape.render.graph import choose, draw
from sphinx_tape.render.html import Place, figure_html
from sphinx_tape.render.options import DEFAULT_OPEN, PARTS_OF, DisplayOptions, View
from sphinx_tape.render.svg import drawing_html
from tests.support import require_module

if TYPE_CHECKING:
    from sphinx_tape.report.model import TapeReport

PREFIX = "fig-1"


@cache
def mathml(tex: str) -> str:
    """Convert as the extension does, but fail where it would fall back."""
    return str(tex2mathml(tex))


def options(view: View = "trace", **more) -> DisplayOptions:
    """Show all parts of a view."""
    return DisplayOptions(view=view, **({"show": PARTS_OF[view], "open": DEFAULT_OPEN[view]} | more))


def figure(
    report: TapeReport, view: View = "trace", *, prefix: str = PREFIX, drawn: bool = False, **more
) -> str:
    """Write a figure as HTML, with its drawing only where a test looks at it."""
    chosen = options(view, **more)
    drawing = _drawing(report, chosen, prefix) if drawn else ""
    place = Place(prefix=prefix, convert=mathml, drawing=drawing, dot="digraph { n0 }")
    return figure_html(report, chosen, place)


def _drawing(report: TapeReport, chosen: DisplayOptions, prefix: str) -> str:
    graph = draw(report, chosen)
    requests = [graph.request(direction) for direction in graph.directions]
    results = dict(zip(graph.directions, BuiltinEngine().layout_many(requests, 10.0), strict=True))
    placed = {direction: result for direction, result in results.items() if result is not None}
    return drawing_html(graph, placed[choose(placed)], prefix)


def parsed(source):
    """Parse as XML: every tag closed, every name and attribute legal."""
    etree = require_module("lxml.etree")
    return etree.fromstring(f"<html>{source}</html>")


def words(element):
    """Read an element's text as a reader does: blocks apart, single spaces."""
    etree = require_module("lxml.etree")
    source = etree.tostring(element, encoding="unicode", with_tail=False)
    apart = re.sub(r"</?(?:div|p|pre|ul|ol|li|table|caption|t[rdh]|summary|details)\b[^>]*>", " ", source)
    return " ".join(unescape(re.sub(r"<[^>]+>", "", apart)).split())


def by_class(root, name):
    """Find elements by one of their classes, in document order."""
    return [e for e in root.iter() if name in (e.get("class") or "").split()]
