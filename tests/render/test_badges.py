"""Claims about `sphinx_tape.render.badges` and its HTML."""

from xml.etree import ElementTree as ET

import pytest

from sphinx_tape.render.badges import badge
from sphinx_tape.render.content import Badge, plain
from sphinx_tape.render.html_badges import badge_details_html, badge_html
from sphinx_tape.render.html_lines import Page
from sphinx_tape.render.options import DEFAULT_OPEN, DEFAULT_PARTS, DisplayOptions
from sphinx_tape.render.sections import sections
from sphinx_tape.report.model import CheckFault, CheckReport, LeafCheck
from tests.render.sample_reports import neuron

PAGE = Page(prefix="T1", convert=str, linked=frozenset(range(20)))
RIGHT = LeafCheck(
    leaves=(0,), verdict="right", method="complex step", compared=4, step=1e-40, error=3.2e-16,
    tolerance=1e-7, element=(0, 1), gradient=-18.0, expected=-18.000000000000004,
)  # fmt: skip
VERDICTS = ("right", "kink", "unresolved", "unchecked", "wrong")


def made(verdict="right", leaves=(RIGHT,), **facts):
    check = CheckReport(verdict=verdict, leaves=leaves, **facts)
    return badge(neuron(), check, 4)


def test_the_sentence_gives_the_largest_error_and_its_place():
    """Of all leaves."""
    worse = RIGHT._replace(leaves=(1,), error=2e-9, element=())
    assert plain(made().line).endswith("largest relative error 3.2e-16 (w[0, 1]).")
    assert plain(made(leaves=(RIGHT, worse)).line).endswith("largest relative error 2e-9 (x).")


def test_every_verdict_has_a_sign_and_a_sentence_of_its_own():
    """Told apart without colour."""
    badges = [made(verdict) for verdict in VERDICTS]
    assert len({each.sign for each in badges}) == len({plain(each.line) for each in badges}) == 5


def test_the_table_has_every_leaf():
    """Gradient, independent number, error, element, how; several leaves moved together are one row."""
    together = RIGHT._replace(leaves=(0, 1, 2), directions=8, compared=8, element=())
    rows = made(leaves=(RIGHT, together)).table.rows
    texts = [[plain(cell) for cell in row.cells] for row in rows]
    assert texts[0] == [
        "w",
        "\u2713 agrees",
        "3.2e-16",
        "[0, 1]",
        "-18",
        "-18",
        "complex step 1e-40, 4 elements",
    ]
    assert texts[1][0] == "3 leaves together"
    assert texts[1][-1] == "complex step 1e-40, 8 random directions"


def test_kinks_are_counted():
    """In the column that says how."""
    kink = RIGHT._replace(verdict="kink", method="central differences", kinks=2, step=6e-6)
    (row,) = made("kink", leaves=(kink,)).table.rows
    assert plain(row.cells[-1]) == "central differences, step 6e-6, 4 elements, at kinks: 2"


def test_what_could_not_be_checked_is_said():
    """With links to the operations in the way."""
    blocked = LeafCheck(leaves=(0,), verdict="unchecked", method="", blockers=(4,))
    symbolic = LeafCheck(leaves=(1,), verdict="unchecked", method="")
    found = made("unchecked", leaves=(blocked, symbolic), unreplayed=(4,), alone=3)
    assert [plain(row.cells[-1]) for row in found.table.rows] == ["cannot be run again: 4: a", "symbols"]
    assert found.table.rows[0].cells[-1][-1].node == 4
    assert [plain(note) for note in found.notes] == [
        "These operations could not be run again, so that nothing is known of their rules: 4: a",
        "Operations whose local rule was checked on its own: 3.",
    ]


@pytest.mark.parametrize(
    ("kind", "operand", "words"),
    [
        ("rule", 0, "To blame: the local rule of 4: a ({op}), operand 0 at [1]: 2, not 3."),
        (
            "value",
            None,
            "To blame: the value of 4: a ({op}), which its operands do not give at [1]: 2, not 3.",
        ),
        ("sum", None, "To blame: the gradient of 4: a ({op}), not the sum of what arrived at [1]: 2, not 3."),
    ],
)
def test_who_is_to_blame_is_named_and_linked(kind, operand, words):
    """One sentence per fault."""
    fault = CheckFault(node=4, kind=kind, operand=operand, element=(1,), found=2.0, expected=3.0)
    (line,) = made("wrong", faults=(fault,)).faults
    row = neuron().nodes[4]
    op = f"{row.op}, {row.source.file}:{row.source.line}" if row.source else row.op
    assert plain(line) == words.format(op=op)
    assert any(part.node == 4 for part in line)


def test_html_has_the_sign_hidden_from_screen_readers():
    """The sentence says it; state classes give the colour; all of it is well-formed."""
    for verdict in VERDICTS:
        found = made(verdict)
        summary = badge_html(found, PAGE)
        ET.fromstring(f"<x>{summary}{badge_details_html(found, PAGE)}</x>")  # noqa: S314 -- our own
        assert f'<b aria-hidden="true">{found.sign}</b>' in summary
        assert 'class="tape-state-' in summary


def options(view, **given):
    return DisplayOptions(**{"view": view, "show": DEFAULT_PARTS[view], "open": DEFAULT_OPEN[view], **given})


def test_the_badge_stands_behind_the_coverage():
    """Or behind the drawing; a view, which shows no gradients, has none; without a check there is none."""
    report = neuron()._replace(check=CheckReport(verdict="right", leaves=(RIGHT,)))
    assert [s.part for s in sections(report, options("grads"))][:3] == ["graph", "coverage", "check"]
    assert [s.part for s in sections(report, options("trace", show=("steps", "graph")))] == [
        "steps",
        "graph",
        "check",
    ]
    assert next(s.part for s in sections(report, options("grads", show=("gradients",)))) == "check"
    assert "check" not in [s.part for s in sections(report, options("view"))]
    assert "check" not in [s.part for s in sections(neuron(), options("grads"))]


def test_a_failed_check_starts_unfolded():
    """What is wrong must be seen; what is right may fold."""
    for verdict in VERDICTS:
        report = neuron()._replace(check=CheckReport(verdict=verdict, leaves=(RIGHT,)))
        (section,) = [s for s in sections(report, options("grads")) if s.part == "check"]
        assert isinstance(section.blocks[0], Badge)
        assert section.open == (verdict == "wrong")
