"""The reference pages, against the declarations they are made from."""

import sys
from pathlib import Path

import pytest
from docutils import nodes

DOCS = Path(__file__).parent.parent.parent / "docs"
sys.path.insert(0, str(DOCS / "_ext"))

import declared_tables as tables  # noqa: E402 -- its folder is known only now

from sphinx_tape.ext.config import describe_settings  # noqa: E402 -- as above
from sphinx_tape.ext.messages import Subtype  # noqa: E402 -- as above
from sphinx_tape.ext.options import OPTIONS  # noqa: E402 -- as above
from sphinx_tape.render.palette import DARK, LIGHT  # noqa: E402 -- as above
from sphinx_tape.tape.primitives import PRIMITIVES  # noqa: E402 -- as above


def run(directive):
    """Call a directive's run without a document; none of them looks at one."""
    return nodes.section("", *directive.run(object()))


def test_every_setting_is_listed():
    """One term per setting, with its default."""
    terms = [term.astext() for term in run(tables.Settings).findall(nodes.term)]
    assert terms == [f"{item.name} = {item.default!r}" for item in describe_settings()]


def test_every_option_is_listed():
    """One row per option, and a word about who takes it."""
    rows = run(tables.Options).next_node(nodes.tbody).children
    assert [row[0].astext() for row in rows] == list(OPTIONS)
    takers = {row[0].astext(): row[2].astext() for row in rows}
    assert takers["caption"] == "all"
    assert takers["seed"] == "tape-grads, tape-trace"


def test_every_warning_has_its_sentence():
    """One row per subtype, none without an explanation."""
    rows = run(tables.Warnings).next_node(nodes.tbody).children
    assert [row[0].astext() for row in rows] == [f"tape.{item.value}" for item in Subtype]
    assert all(len(row[1].astext()) > 20 for row in rows)


def test_every_operation_is_listed():
    """One row per primitive, whatever its family."""
    bodies = run(tables.Operations).findall(nodes.tbody)
    assert [row[0].astext() for body in bodies for row in body] == list(PRIMITIVES)


def test_every_colour_is_listed():
    """One row per role of the palette, light and dark."""
    rows = run(tables.Colours).next_node(nodes.tbody).children
    assert [row[0].astext() for row in rows] == [f"--tape-{role}" for role in LIGHT]
    codes = [[cell.next_node(nodes.literal).astext() for cell in row[1:]] for row in rows]
    assert codes == [[LIGHT[role], DARK[role]] for role in LIGHT]


def test_operands_of_an_operation():
    """The product sends to each operand the other one times the cotangent."""
    row = tables.operation_row(PRIMITIVES["mul"])
    formulas = [node.astext() for node in row[2] if isinstance(node, nodes.math)]
    assert formulas == [r"\bar{a} = g \cdot b", r"\bar{b} = g \cdot a"]


def test_notes_are_said_once():
    """Comparisons share one note; its line names them all."""
    (line,) = tables.notes_of([PRIMITIVES["less"], PRIMITIVES["greater"]])
    assert line.astext() == f"less, greater: {PRIMITIVES['less'].note}"
    assert tables.notes_of([PRIMITIVES["add"]]) == []


def test_operand_without_a_rule():
    """A comparison hands nothing back, and the table says so."""
    said = "".join(node.astext() for node in tables.operation_row(PRIMITIVES["greater"])[2])
    assert said == "a is not differentiable, b is not differentiable"


@pytest.mark.parametrize(
    ("template", "tex"),
    [
        (r"@g \cdot @1", r"g \cdot b"),
        (r"@{low_limit} + {@0}^2", r"\mathrm{low\_limit} + {a}^2"),
        (r"@y \textstyle\sum @0", r"y \sum a"),
    ],
)
def test_symbols(template, tex):
    """Marks of a template become letters; keywords keep their names."""
    assert tables.symbols(template) == tex


@pytest.mark.parametrize("primitive", PRIMITIVES.values(), ids=list(PRIMITIVES))
def test_every_formula_can_be_set(primitive):
    """The converter of docutils takes each formula of the table; no mark is left over."""
    from docutils.utils.math.latex2mathml import tex2mathml

    for template in (primitive.tex, *filter(None, primitive.formulas)):
        tex = tables.symbols(template)
        assert "@" not in tex
        tex2mathml(tex)


def test_a_formula_that_cannot_be_set_is_noticed():
    """The check above can fail."""
    from docutils.utils.math import MathError
    from docutils.utils.math.latex2mathml import tex2mathml

    with pytest.raises(MathError):
        tex2mathml(r"a \textstyle b")
