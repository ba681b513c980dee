"""Reference tables made from the declarations they document, so that they cannot differ from them.

Directives: `declared-settings`, `declared-options`, `declared-warnings`, `declared-operations`,
`declared-colours`.
Each reads one table of the package and makes docutils nodes; the texts in them may use inline markup of
the page they are printed on.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx.pycode import ModuleAnalyzer
from sphinx.util.docutils import SphinxDirective

from sphinx_tape.ext.config import describe_settings
from sphinx_tape.ext.messages import WARNING_TYPE, Subtype
from sphinx_tape.ext.options import OPTIONS
from sphinx_tape.render.palette import DARK, LIGHT
from sphinx_tape.tape.primitives import FAMILIES

if TYPE_CHECKING:
    from sphinx.application import Sphinx

    from sphinx_tape.tape.primitive import Primitive

Cell = list[nodes.Node]

SYMBOLS = "abcdefh"
"""Letters for the operands 0, 1, 2 ... in formulas; g is taken by the cotangent."""


def make_table(head: Sequence[str], rows: Iterable[Sequence[Cell]], widths: Sequence[int]) -> nodes.table:
    """Return a table whose cells hold inline nodes."""
    group = nodes.tgroup(cols=len(head))
    group += [nodes.colspec(colwidth=width) for width in widths]
    titles = nodes.row("", *(nodes.entry("", nodes.paragraph("", title)) for title in head))
    group += nodes.thead("", titles)
    lines = [
        nodes.row("", *(nodes.entry("", nodes.paragraph("", "", *cell)) for cell in row)) for row in rows
    ]
    group += nodes.tbody("", *lines)
    return nodes.table("", group, classes=["declared", "colwidths-given"])


def _entry(cell: Cell) -> nodes.entry:
    return nodes.entry("", nodes.paragraph("", "", *cell))


def literal(text: str) -> nodes.literal:
    """Return inline code."""
    return nodes.literal(text, text)


def code_spans(text: str) -> Cell:
    """Return a help text as nodes; single backquotes mean code in the declarations."""
    parts = re.split(r"`([^`]+)`", text)
    return [literal(part) if index % 2 else nodes.Text(part) for index, part in enumerate(parts) if part]


def symbols(template: str) -> str:
    """Put letters into a TeX template: `@g` the cotangent, `@y` the result, `@0` the first operand."""
    # docutils' converter takes a declaration of style at the start of a group only; inline, it says nothing.
    template = template.replace(r"\textstyle", "")
    named = re.sub(r"@\{(\w+)\}", lambda mark: rf"\mathrm{{{mark[1]}}}".replace("_", r"\_"), template)
    return re.sub(r"@(\d)", lambda mark: SYMBOLS[int(mark[1])], named).replace("@g", "g").replace("@y", "y")


class Settings(SphinxDirective):
    """All `tape_*` settings."""

    def run(self) -> list[nodes.Node]:
        """Return one entry per setting, each a target for links."""
        made: list[nodes.Node] = []
        for setting in describe_settings():
            text = f"{setting.name} = {setting.default!r}"
            title = nodes.term("", "", literal(text))
            title["ids"].append(nodes.make_id(f"setting-{setting.name}"))
            body = nodes.definition("", nodes.paragraph("", "", *code_spans(setting.help)))
            made.append(nodes.definition_list_item("", title, body))
        return [nodes.definition_list("", *made)]


class Options(SphinxDirective):
    """All options, with the directives that take them."""

    def run(self) -> list[nodes.Node]:
        """Return the table."""
        rows = [
            [[literal(name)], code_spans(option.help), takers(option.views)]
            for name, option in OPTIONS.items()
        ]
        return [make_table(("Option", "Meaning", "Taken by"), rows, (16, 60, 24))]


def takers(views: Sequence[str]) -> Cell:
    """Return the names of directives, or `all` for all three."""
    if len(views) == 3:
        return [nodes.Text("all")]
    named = [[literal(f"tape-{view}"), nodes.Text(", ")] for view in views]
    return [node for pair in named for node in pair][:-1]


class Warnings(SphinxDirective):
    """All warning subtypes, with the sentences that stand beside them in the source."""

    def run(self) -> list[nodes.Node]:
        """Return the table."""
        notes = ModuleAnalyzer.for_module(Subtype.__module__).find_attr_docs()
        rows = [
            [
                [literal(f"{WARNING_TYPE}.{member.value}")],
                code_spans(" ".join(notes[Subtype.__name__, member.name]).strip()),
            ]
            for member in Subtype
        ]
        return [make_table(("Name", "Meaning"), rows, (25, 75))]


class Operations(SphinxDirective):
    """All operations, a section for each family."""

    def run(self) -> list[nodes.Node]:
        """Return the sections."""
        return [family_section(title, family) for title, family in FAMILIES.items()]


def family_section(title: str, family: Iterable[Primitive]) -> nodes.section:
    """Return one family with its operations."""
    section = nodes.section(ids=[nodes.make_id(f"operations-{title}")])
    section += nodes.title("", title[:1].upper() + title[1:])
    section += make_table(
        ("Operation", "Value", "What the operands receive"), map(operation_row, family), (18, 32, 50)
    )
    said = notes_of(family)
    if said:
        section += nodes.bullet_list("", *said)
    return section


def notes_of(family: Iterable[Primitive]) -> list[nodes.list_item]:
    """Return each note once, behind the names of the operations that share it."""
    names: dict[str, list[str]] = {}
    for item in family:
        if item.note:
            names.setdefault(item.note, []).append(item.name)
    made = []
    for note, sharing in names.items():
        listed = [node for name in sharing for node in (literal(name), nodes.Text(", "))][:-1]
        made.append(
            nodes.list_item("", nodes.paragraph("", "", *listed, nodes.Text(": "), *code_spans(note)))
        )
    return made


def operation_row(item: Primitive) -> list[Cell]:
    """Return name, forward formula and one contribution per operand."""
    sent: Cell = []
    for position, (rule, formula) in enumerate(zip(item.vjps, item.formulas, strict=True)):
        operand = SYMBOLS[position]
        if rule:
            sent.append(formula_node(rf"\bar{{{operand}}} = {symbols(formula)}"))
        else:
            sent += [formula_node(operand), nodes.Text(" is not differentiable")]
        sent.append(nodes.Text(", "))
    name: Cell = [literal(item.name)]
    return [name, [formula_node(symbols(item.tex))], sent[:-1]]


class Colours(SphinxDirective):
    """All custom properties of the style sheet, with their values in light and dark pages."""

    def run(self) -> list[nodes.Node]:
        """Return the table."""
        rows = [[[literal(f"--tape-{role}")], swatch(LIGHT[role]), swatch(DARK[role])] for role in LIGHT]
        return [make_table(("Property", "Light", "Dark"), rows, (40, 30, 30))]


def swatch(colour: str) -> Cell:
    """Return a colour as its code, in HTML beside a patch of it."""
    patch = f'<span class="swatch" style="background: {colour}"></span>'
    return [nodes.raw("", patch, format="html"), literal(colour)]


def formula_node(tex: str) -> nodes.math:
    """Return an inline formula."""
    return nodes.math(tex, tex)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directives."""
    app.add_directive("declared-settings", Settings)
    app.add_directive("declared-options", Options)
    app.add_directive("declared-warnings", Warnings)
    app.add_directive("declared-operations", Operations)
    app.add_directive("declared-colours", Colours)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
