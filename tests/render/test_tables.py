"""`render.tables`: what the tables say, whatever prints them."""

from __future__ import annotations

from hypothesis import given, settings

from sphinx_tape.render.clipping import shown_nodes
from sphinx_tape.render.content import plain
from sphinx_tape.render.numbers import format_number
from sphinx_tape.render.tables import coverage_lines, gradient_table, hidden_line, node_table, nonfinite_lines
from tests.render.random_reports import reports
from tests.render.sample_reports import Sketch, detached, disconnected, failing, layers, neuron


def cells(table):
    """The table as text."""
    return [[plain(cell) for cell in row.cells] for row in table.rows]


def everything(report):
    """All ids."""
    return range(len(report.nodes))


def test_a_node_says_what_the_reference_says():
    """Id, op, name, shape, element type, whether a gradient is required, parents, value."""
    report = neuron()
    table = node_table(report, everything(report), 4)
    titles = [column.title for column in table.columns]
    assert titles == ["id", "op", "name", "shape", "dtype", "requires grad", "parents", "forward value"]
    assert cells(table)[0] == ["0", "leaf", "w", "()", "float64", "yes", "", "2"]
    assert cells(table)[5] == ["5", "constant", "", "()", "float64", "no", "", "10"]
    assert cells(table)[6] == ["6", "subtract", "", "()", "float64", "yes", "4, 5", "-3"]


def test_scopes_keywords_cuts_and_notes_are_told():
    """What a column cannot hold stands with the name, with the op or below the table."""
    sketch = Sketch()
    x = sketch.leaf("x", 1.0, scope=("net", "one"), note="read as float64")
    sketch.node("sum", 1.0, (x,), (None,), keywords=(("axis", "0"), ("keepdims", "True")), cut="detach")
    sketch.leaf("", 1.0, scope=("net", "one"))
    report = sketch.report(None)
    table = node_table(report, everything(report), 4)
    assert cells(table)[0][2] == "net/one/x"
    assert cells(table)[1][1] == "sum(axis=0, keepdims=True)"
    assert [row[2] for row in cells(table)[1:]] == ["", "(net/one)"]
    assert [plain(note) for note in table.notes] == [
        "0: x: read as float64",
        "1: sum: gradient cut by detach",
    ]


def test_gradients_come_in_id_order_with_state_and_reason():
    """Every node has its row: value, zero with its cause, or the reason why there is none."""
    report = detached()
    made = cells(gradient_table(report, report.reverse, everything(report), 4))
    assert [row[0] for row in made] == [str(i) for i in everything(report)]
    assert made[0][1:] == ["w", "2", "G has a gradient", "12"]
    assert made[2][3:] == ["M missing", "cut by detach at 5: detach (course/notes.py:15: v = detach(...))"]
    assert made[3][3] == "Z exactly zero"
    assert made[3][4].startswith(
        "0 \u2013 present, but exactly zero: it is multiplied by zero at 8: multiply"
    )
    assert made[5][3:] == ["N not asked for", "no gradient was asked for"]
    assert made[9][3:] == ["O output", "1"]


def test_shapes_of_arrays_have_a_column():
    """It is there if one of the listed nodes is an array, and only then."""
    report = layers()
    table = gradient_table(report, report.reverse, everything(report), 4)
    at = [column.title for column in table.columns].index("shape")
    assert cells(table)[1][at] == "(10, 3)"
    scalars = [row.id for row in report.nodes if not row.value.shape]
    table = gradient_table(report, report.reverse, scalars, 4)
    assert "shape" not in [column.title for column in table.columns]
    assert {len(row.cells) for row in table.rows} == {len(table.columns)}


@settings(max_examples=60, deadline=None)
@given(reports())
def test_every_scalar_gradient_is_printed(report):
    """The gradient column is the report's gradient, node by node."""
    if report.reverse is None:
        return
    table = gradient_table(report, report.reverse, everything(report), 6)
    for row, gradient in zip(table.rows, report.reverse.gradients, strict=True):
        if gradient.gradient is not None:
            number = gradient.gradient.elements[0]
            assert row.cells[4][0].text == format_number(number, "float64", 6)
        else:
            assert plain(row.cells[4])


def test_coverage_counts_and_names():
    """Numbers, missing ids, missing leaves and where to look."""
    report = detached()
    lines = [plain(paragraph.line) for paragraph in coverage_lines(report, report.reverse)]
    assert lines == [
        "Output 9: loss. Gradients required: 9; present: 7; missing: 2.",
        "Missing: 2: v, 10: k",
        "Missing leaves: 2: v, 10: k",
        "Every row says where its path is cut; lift that cut if the gradient is wanted.",
    ]


def test_full_coverage_is_one_line():
    """Nothing missing, nothing to hint at."""
    report = neuron()
    assert len(coverage_lines(report, report.reverse)) == 1


def test_hints_differ_by_what_went_wrong():
    """A disconnected part, an unreadable tape and a stopped pass ask for different cures."""
    sketch = Sketch()
    x, y = sketch.leaf("x", 1.0), sketch.leaf("y", 1.0)
    sketch.reason(y, "unreadable")
    made = (disconnected(), failing(), sketch.report(x))
    hints = [plain(coverage_lines(report, report.reverse)[-1].line) for report in made]
    assert [hint.split(" ", 3)[:3] for hint in hints] == [
        ["These", "nodes", "are"],
        ["The", "reverse", "pass"],
        ["The", "framework", "hides"],
    ]


def test_long_lists_of_missing_nodes_are_counted():
    """Thirty are named, the others counted."""
    sketch = Sketch()
    for i in range(40):
        sketch.leaf(f"x{i}", 1.0)
    report = sketch.report(39)
    line = plain(coverage_lines(report, report.reverse)[1].line)
    assert line.endswith("29: x29 and 9 more")


def test_the_first_node_that_is_not_finite_is_named():
    """Forward in tape order, backward in the order of the pass."""
    sketch = Sketch()
    x = sketch.leaf("x", 0.0)
    y = sketch.scalar("log", "-inf", (x,), (float("inf"),), name="y")
    report = sketch.report(sketch.scalar("scale", "-inf", (y,), (2.0,), name="loss"))
    lines = [plain(paragraph.line) for paragraph in nonfinite_lines(report)]
    assert lines == [
        "First forward value that is not finite: 1: y",
        "First cotangent that is not finite, in the order of the reverse pass: 0: x",
    ]
    assert nonfinite_lines(neuron()) == ()


def test_clipping_is_by_nodes_and_is_said():
    """Tables show what the drawing shows."""
    report = layers()
    shown = shown_nodes(report, 3)
    table = node_table(report, shown, 4)
    assert [row.node for row in table.rows] == list(shown)
    assert plain(table.notes[0]) == "Not shown: 4 of 7 nodes (max-nodes)."
    assert plain(gradient_table(report, report.reverse, shown, 4).notes[0]) == plain(table.notes[0])
    assert hidden_line(report, everything(report)) == ()
