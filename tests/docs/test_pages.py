"""Hand-written lists of the documentation, against what they list."""

import re
from pathlib import Path

from sphinx_tape.ext.messages import Subtype
from sphinx_tape.render.options import PARTS, PARTS_OF

DOCS = Path(__file__).parent.parent.parent / "docs"


def test_every_part_is_explained():
    """The table of parts names each part once, and the directives that can show it."""
    text = (DOCS / "howto" / "show.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `([a-z]+)` \| .* \| (.*) \|$", text, re.MULTILINE))
    assert set(rows) == set(PARTS)
    for part, takers in rows.items():
        expected = [f"`tape-{view}`" for view, parts in PARTS_OF.items() if part in parts]
        assert takers == ("all" if len(expected) == 3 else ", ".join(expected))


def test_every_warning_has_advice():
    """The page on failures has an entry for each subtype and for nothing else."""
    text = (DOCS / "howto" / "troubleshooting.md").read_text(encoding="utf-8")
    heads = re.findall(r"^((?:`tape\.[a-z]+`(?:, )?)+)\n: ", text, re.MULTILINE)
    named = [name for head in heads for name in re.findall(r"`tape\.([a-z]+)`", head)]
    assert sorted(named) == sorted(item.value for item in Subtype)


def test_glossary_keeps_to_one_word():
    """Words that the glossary replaces are not used for the thing it names."""
    for page in DOCS.rglob("*.md"):
        text = page.read_text(encoding="utf-8")
        assert "computational graph" not in text, page
        assert "upstream grad " not in text, page


def test_no_page_is_orphaned():
    """Every page is in some table of contents."""
    listed = set()
    for page in DOCS.rglob("*.md"):
        if "snippets" in page.parts:
            continue
        for block in re.findall(r"```\{toctree\}\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL):
            names = [line for line in block.split("\n") if line and not line.startswith(":")]
            listed |= {(page.parent / name).relative_to(DOCS).as_posix() for name in names}
    pages = {path.relative_to(DOCS).with_suffix("").as_posix() for path in DOCS.rglob("*.[mr][ds]*")}
    pages = {name for name in pages if not name.startswith(("snippets/", "_build/", "_ext/", "_static/"))}
    assert pages - {"index"} == listed
