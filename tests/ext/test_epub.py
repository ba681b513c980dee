"""The manifest of an EPUB names the pages with drawings and formulas."""

from sphinx_tape.ext.epub import declare

ITEM = '<item id="epub-0" href="{}" media-type="application/xhtml+xml" />'


def test_pages_are_declared_by_what_they_hold(tmp_path):
    """Drawing, formula, both or nothing: each page gets just the properties it needs."""
    (tmp_path / "both of them.xhtml").write_text("<p><math></math><svg></svg></p>")
    (tmp_path / "drawing.xhtml").write_text("<svg></svg>")
    (tmp_path / "prose.xhtml").write_text("<p>x</p>")
    package = "\n".join(
        map(ITEM.format, ["both%20of%20them.xhtml", "drawing.xhtml", "prose.xhtml", "gone.xhtml"])
    )
    both, drawing, prose, gone = declare(package, tmp_path).splitlines()
    assert both.endswith('media-type="application/xhtml+xml" properties="mathml svg" />')
    assert drawing.endswith('properties="svg" />')
    assert prose == ITEM.format("prose.xhtml")
    assert gone == ITEM.format("gone.xhtml")


def test_properties_that_are_there_stay(tmp_path):
    """What another builder declared is not declared twice."""
    (tmp_path / "nav.xhtml").write_text("<svg></svg>")
    item = '<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>'
    assert declare(item, tmp_path) == item
