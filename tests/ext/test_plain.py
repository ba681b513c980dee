"""`ext.plain`, `tables`, `steps`, `inlines`: figures as docutils nodes, for formats without HTML."""

from __future__ import annotations

import pytest
from docutils import nodes

from sphinx_tape.execution.request import FigureRequest
from sphinx_tape.ext.content import FigureContent
from sphinx_tape.ext.figure import TapeFigure
from sphinx_tape.ext.inlines import LONGEST_PART, LONGEST_WORD, line_nodes, literal, longest_part, message
from sphinx_tape.ext.plain import figure_nodes, section_nodes
from sphinx_tape.ext.tables import BETWEEN, PAGE, print_widths, table_nodes
from sphinx_tape.render.content import Column, Inline, Listing, Paragraph, Section, Table, TableRow
from sphinx_tape.render.formulas import Formula
from sphinx_tape.render.options import PARTS_OF, DisplayOptions
from tests.render.sample_reports import SAMPLES, failing, layers, neuron


def content(report, view="trace", show=None, **display):
    """A figure that shows a report."""
    shown = show or PARTS_OF[view]
    given = {"show": shown, **display} if show else display
    figure = TapeFigure(
        view=view,
        request=FigureRequest(reference="a:b"),
        docname="p",
        line=1,
        source="",
        number=1,
        display=tuple(given.items()),
    )
    return FigureContent(
        figure=figure,
        display=DisplayOptions(view=view, show=shown, open=()),
        identity="",
        store=None,
        load_report=lambda: report,
        load_drawing=lambda _: None,
    )


def words(made):
    """All text of some nodes."""
    return "\n".join(node.astext() for node in made)


@pytest.mark.parametrize("rich", [False, True])
@pytest.mark.parametrize("sample", SAMPLES)
@pytest.mark.parametrize("view", ["view", "grads", "trace"])
def test_every_sample_becomes_nodes_without_a_table_in_a_table(view, sample, rich):
    """Text and man cannot print nested tables; figures never nest."""
    made = figure_nodes(content(SAMPLES[sample](), view), SAMPLES[sample](), rich=rich)
    for node in made:
        for table in node.findall(nodes.table):
            assert list(table.findall(nodes.table)) == [table]
        assert not list(node.findall(nodes.figure))
        # Whatever is pickled or printed as XML must be made of text.
        assert "<object" not in node.pformat()


@pytest.mark.parametrize("rich", [False, True])
def test_the_neuron_is_told_completely(rich):
    """Every gradient of the neuron, worked out by hand, is in the steps and in the table."""
    text = words(figure_nodes(content(neuron()), neuron(), rich=rich))
    for gradient in ("-18", "-12", "-6"):
        assert text.count(gradient) >= 2


def test_a_reverse_step_is_one_line_and_its_contributions_are_a_list():
    """Short enough to print."""
    made = figure_nodes(content(neuron(), show=("steps",)), neuron(), rich=False)
    reverse = [node for node in made if isinstance(node, nodes.enumerated_list)][-1]
    first = reverse[0]
    assert isinstance(first[0], nodes.paragraph)
    assert first[0].astext() == "7: loss square (has an upstream gradient): grad(loss) = 1"
    (sent,) = first[1]
    assert len(sent) == 1
    assert sent.astext().startswith("6: ")
    assert sent.astext().endswith(" = 2 v6 · grad(loss) = 2 · (-3) · 1 = -6")


def test_math_is_math_in_print_and_words_elsewhere():
    """Text builders would print TeX source."""
    line = (Inline(text="v squared", formula=Formula("v^2", "v squared")),)
    assert isinstance(line_nodes(line, rich=True)[0], nodes.math)
    assert line_nodes(line, rich=False)[0].astext() == "v squared"


def test_roles_are_markup_in_print_only():
    """Stars and quotes around names help nobody in a terminal."""
    line = (
        Inline(text="mul", role="code"),
        Inline(text="loss", role="strong"),
        Inline(text="7", role="number"),
    )
    kinds = [type(node) for node in line_nodes(line, rich=True)]
    assert kinds == [nodes.literal, nodes.strong, nodes.inline]
    assert [type(node) for node in line_nodes(line, rich=False)] == [nodes.Text] * 3


def test_long_words_may_be_broken_in_print_and_stay_the_same_text():
    """Numbers of many digits and ops with keywords are wider than a column."""
    word = "cross_entropy(axis=-1,reduction=mean)"
    (node,) = line_nodes((Inline(text=f"a {word}", role="code"),), rich=True)
    pieces = [child for child in node if isinstance(child, nodes.Text)]
    assert "".join(pieces) == f"a {word}"
    assert max(map(len, pieces)) <= LONGEST_WORD
    assert [child.astext() for child in node if isinstance(child, nodes.raw)] == [r"\allowbreak{}"] * (
        len(pieces) - 3
    )


@pytest.mark.parametrize("number", ["0.69314718056", "-0.95892427466", "2.8366218546e-21", "1.5E+10"])
def test_numbers_stay_whole_in_print(number):
    """Not even a sign is parted from its number."""
    for text in (f"[[{number},{number}]]", f"parameter={number}"):
        assert number in [piece.strip("[],") for piece in message(text, rich=True).findall(nodes.Text)]
    assert longest_part(f"[[{number}, 0]]") >= len(number)


def test_words_without_a_good_place_are_broken_anywhere():
    """A path or a repeated letter must not stick out of its box."""
    made = message("a " + "x" * 100, rich=True)
    pieces = [child for child in made if isinstance(child, nodes.Text)]
    assert "".join(pieces) == "a " + "x" * 100
    assert max(map(len, pieces)) == LONGEST_PART
    assert not list(message("x" * 100, rich=False).findall(nodes.raw))


def test_words_of_listings_are_broken_in_print():
    """A traceback quotes lines of any length, which LaTeX breaks at spaces only; elsewhere they stay."""
    text = "  a " + "x" * 150 + " b\n" + "y" * 60
    assert literal(text, rich=False).astext() == text
    printed = literal(text, rich=True).astext()
    assert printed.split("\n") == ["  a " + "x" * 60, "x" * 60, "x" * 30 + " b", "y" * 60]


def test_an_array_is_shown_with_its_elements_and_statistics():
    """Badges, aligned elements, what is hidden, statistics."""
    made = figure_nodes(content(layers(), "view", show=("values",)), layers(), rich=False)
    text = words(made)
    assert any(isinstance(node, nodes.literal_block) for node in made)
    for word in ("shape", "rank", "size", "min", "max", "mean", "L2"):
        assert word in text


def test_the_title_of_an_array_stays_with_it_in_print():
    """Not at the foot of a page, with the elements on the next."""
    made = figure_nodes(content(layers(), "view", show=("values",)), layers(), rich=True)
    at = next(index for index, node in enumerate(made) if node.astext().startswith("Value of"))
    assert r"\needspace" in made[at - 1].astext()


def test_a_failed_reverse_pass_is_a_box_and_the_tape_stays():
    """What worked is shown."""
    made = figure_nodes(content(failing()), failing(), rich=False)
    box = made[0]
    assert isinstance(box, nodes.admonition)
    assert "tape-failure" in box["classes"]
    assert any(isinstance(node, nodes.table) for node in made)


def test_dot_text_only_for_those_who_ask():
    """It is folded away in HTML, and here nothing folds."""
    assert "digraph" not in words(figure_nodes(content(neuron()), neuron(), rich=True))
    asked = content(neuron(), show=("dot", "nodes"))
    assert "digraph" in words(figure_nodes(asked, neuron(), rich=True))


def test_a_drawing_alone_is_replaced_by_the_node_table():
    """Where nothing can be drawn, the table says the same; in print there is the drawing."""
    alone = content(neuron(), show=("graph",))
    assert any(isinstance(node, nodes.table) for node in figure_nodes(alone, neuron(), rich=False))
    assert figure_nodes(alone, neuron(), rich=True) == []


def test_headings_are_not_said_twice():
    """A table, list or box with a title needs no heading of its section."""
    table = Table("Rows", (Column("a"),), (TableRow(((Inline(text="1"),),)),))
    sections = (
        Section("nodes", "Nodes", folds=True, open=True, blocks=(table,)),
        Section("coverage", "Coverage", folds=False, open=True, blocks=(Paragraph((Inline(text="All."),)),)),
        Section("source", "Source", folds=True, open=True, blocks=(Listing("x = 1", "python"),)),
        Section("values", "Arrays", folds=True, open=True),
    )
    made = section_nodes(sections, rich=False)
    assert [type(node).__name__ for node in made] == [
        "paragraph",
        "table",
        "paragraph",
        "paragraph",
        "paragraph",
        "literal_block",
    ]
    assert [node.astext() for node in made if isinstance(node, nodes.paragraph)] == [
        "Rows",
        "Coverage",
        "All.",
        "Source",
    ]
    assert made[-1]["language"] == "python"


def test_a_table_keeps_rows_columns_and_notes():
    """Head, body and the notes below; no title inside, which `numfig` would number."""
    row = TableRow(((Inline(text="1"),), (Inline(text="x" * 60),)))
    table = Table("Rows", (Column("a"), Column("b")), (row, row), ((Inline(text="A note."),),))
    title, made, note = table_nodes(table, rich=False)
    assert (title.astext(), note.astext()) == ("Rows", "A note.")
    assert not list(made.findall(nodes.title))
    assert [spec["colwidth"] for spec in made.findall(nodes.colspec)] == [2, 40]
    assert len(list(made.findall(nodes.row))) == 3


def test_a_printed_table_takes_no_number():
    """LaTeX counts `longtable`s; the raw lines around ours undo it."""
    table = Table("", (Column("a"),), (TableRow(((Inline(text="1"),),)),))
    before, made, after = table_nodes(table, rich=True)
    assert "longtable" in made["classes"]
    assert r"\begingroup" in before.astext()
    assert r"\addtocounter{table}{-1}\endgroup" in after.astext()


def test_an_empty_table_is_its_title_and_notes():
    """LaTeX has no tables without rows."""
    table = Table("Rows", (Column("a"),), (), ((Inline(text="None."),),))
    keep, *made = table_nodes(table, rich=True)
    assert r"\needspace" in keep.astext()
    assert [node.astext() for node in made] == ["Rows", "None."]
    assert [node.astext() for node in table_nodes(table, rich=False)] == ["Rows", "None."]


def printed(*columns):
    """Widths of a table given by its titles, each with the texts of its cells."""
    titles = tuple(Column(title) for title, *_ in columns)
    texts = zip(*(cells for _, *cells in columns), strict=True)
    rows = tuple(TableRow(tuple((Inline(text=text),) for text in row)) for row in texts)
    return print_widths(Table("", titles, rows))


def test_short_columns_get_what_they_need_in_print():
    """The long one gets the rest."""
    widths = printed(("id", "0"), ("shape", "()"), ("value", "1 " * 40))
    assert widths == [2 + BETWEEN, 5 + BETWEEN, PAGE - 7 - 2 * BETWEEN]


def test_long_columns_share_evenly_what_is_left_in_print():
    """None vanishes beside one that is much longer."""
    first, second, third = printed(("id", "0"), ("op", "ab " * 20), ("value", "cd " * 60))
    assert first == 2 + BETWEEN
    assert first + second + third == PAGE
    assert min(second, third) > PAGE // 3


def test_numbers_are_not_broken_for_titles():
    """A title of several words goes on two lines before a number does."""
    others = [(f"title {n}", "x" * 7) for n in range(6)]
    *_, last = printed(*others, ("forward value", "-0.95892427466+2.8366218546e-21j"))
    assert last >= len("+2.8366218546e-21j") + BETWEEN


def test_titles_are_whole_where_there_is_room():
    """A table of small numbers has a head of one line."""
    assert printed(("requires grad", "no"), ("why there is none", "-")) == [13 + BETWEEN, 17 + BETWEEN]
