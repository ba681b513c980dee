"""`render.html_arrays`: tables and arrays as HTML."""

from __future__ import annotations

from sphinx_tape.render.content import Amount, Column, Inline, Table, TableRow
from sphinx_tape.render.html_arrays import amount_html, array_html, table_html
from sphinx_tape.render.html_lines import Page
from sphinx_tape.render.preview import amount
from tests.render.figures import by_class, figure, mathml, parsed, words
from tests.render.sample_reports import layers, preview

PAGE = Page(prefix="p", convert=mathml, linked=frozenset({1}), drawn=True)


def test_tables_are_semantic():
    """Caption, column heads and row heads; cells stand as their column says."""
    table = Table(
        "Numbers",
        (Column("id", "right"), Column("value"), Column("why")),
        (TableRow(((Inline(text="1"),), (Inline(text="-2", role="number"),), (Inline(text="a<b"),)), 1),),
        ((Inline(text="a note"),),),
    )
    root = parsed(table_html(table, PAGE, anchored=True))
    assert words(root.find(".//caption")) == "Numbers"
    # Headers by the rule of HTML itself (4.9.12.2): a row of nothing but `th`, a column of nothing but `th`.
    rows = [[cell.tag for cell in row] for row in root.iter("tr")]
    assert rows == [["th", "th", "th"], ["th", "td", "td"]]
    assert root.find(".//table").get("class") == "tape-table"
    assert root.find(".//tbody/tr").get("id") == "p-row-1"
    assert root.find(".//tbody/tr/th/a").get("href") == "#p-n1"
    assert words(by_class(root, "tape-note")[0]) == "a note"
    assert "id=" not in table_html(table, PAGE, anchored=False)


def test_numbers_in_the_last_column_stand_at_its_end():
    """Said once a table; special numbers are still marked."""
    row = TableRow(((Inline(text="1"),), (Inline(text="0", role="number", mark="zero"),)))
    source = table_html(
        Table("T", (Column("id", "right"), Column("value", "right")), (row,)), PAGE, anchored=True
    )
    assert 'class="tape-table tape-ends"' in source
    assert '<td><span class="tape-zero">0</span></td>' in source


def test_a_row_about_no_node_has_no_link():
    """Only nodes are linked."""
    table = Table("T", (Column("x"),), (TableRow(((Inline(text="1"),),)),))
    assert "<a" not in table_html(table, PAGE, anchored=True)


def test_special_elements_are_marked_where_they_stand():
    """NaN, infinity and exact zero are set off without moving a column."""
    source = array_html(preview([float("nan"), 0.0, 1.0, -2.0], (2, 2)), 4)
    listing = by_class(parsed(source), "tape-grid")[0]
    assert "".join(listing.itertext()).splitlines() == ["NaN   0", "  1  -2"]
    assert [(b.get("class"), b.text) for b in listing] == [("tape-nan", "NaN"), ("tape-zero", "0")]


def test_an_ellipsis_row_has_no_marks():
    """The line that stands for hidden rows is plain."""
    source = array_html(preview([0.0] * 14, (7, 2)), 4)
    listing = by_class(parsed(source), "tape-grid")[0]
    assert len(listing) == 12
    assert "".join(listing.itertext()).splitlines()[-1] == "…  …"


def test_higher_ranks_have_a_title_each():
    """Slices are named by their leading indices."""
    listings = by_class(parsed(array_html(preview([1.0] * 8, (2, 2, 2)), 4)), "tape-grid")
    assert [next(iter(e.itertext())).splitlines()[0] for e in listings] == ["[0, :, :]", "[1, :, :]"]


def test_wide_listings_can_be_scrolled_by_keyboard():
    """Only what may be wider than a page becomes a stop of the tab key."""
    assert "tabindex" not in array_html(preview([1.0] * 4, (4,)), 4)
    wide = preview([-1.2345678e-200] * 6, (6,))
    assert 'tabindex="0"' in array_html(wide, 8)


def test_small_arrays_need_no_folding():
    """A line that says all is not followed by the same again."""
    assert "details" not in amount_html(amount(preview([1.0, 2.0], (2,)), 4), PAGE)
    assert "details" in amount_html(amount(preview([1.0] * 9, (9,)), 4), PAGE)
    assert amount_html(Amount(line=(Inline(text="x"),)), PAGE) == "x"


def test_array_cards_say_all_that_is_known():
    """Title, badges, elements, statistics over everything, what is hidden."""
    root = parsed(figure(layers(), "view"))
    card = root.find(".//*[@id='fig-1-value-1']")
    text = words(card)
    assert text.startswith("Value of 1: W1 shape (10, 3) rank 2 size 30 float64")
    assert "min -0.95 · max 0.5 · mean -0.225" in text
    assert text.endswith("axis 0: first 6 of 10 shown")
