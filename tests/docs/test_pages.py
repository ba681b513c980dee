"""Hand-written lists of the documentation, against what they list."""

import re
from pathlib import Path

import pytest

from sphinx_tape.ext.config import describe_settings
from sphinx_tape.ext.messages import Subtype
from sphinx_tape.ext.options import parse_options
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


FENCE = re.compile(r"```\{tape-(view|grads|trace)\} \S+\n((?:.*\n)*?)```")
INDENTED = re.compile(r"\.\. tape-(view|grads|trace):: \S+\n((?: +:[\w-]+:.*\n)*)")


def shown_figures():
    """Return (page, view, options) of every directive in the documentation, live or quoted."""
    found = []
    for page in sorted([*DOCS.rglob("*.md"), *DOCS.rglob("*.rst")]):
        text = page.read_text(encoding="utf-8")
        for view, block in [*FENCE.findall(text), *INDENTED.findall(text)]:
            pairs = re.findall(r"^ *:?([\w-]+): ?(.*)$", block.replace("---\n", ""), re.MULTILINE)
            found.append((page.name, view, {name: value.strip('"') for name, value in pairs}))
    return found


FIGURES = shown_figures()


def test_figures_are_found():
    """The patterns see fences, YAML blocks and reST; else the next test would pass by seeing nothing."""
    assert len(FIGURES) > 30
    assert ("myst.md", "grads", {"seed": "[[0, 0], [0, 0], [1, 0]]"}) in FIGURES
    assert {"trace.rst", "trace.md", "directives.md"} <= {page for page, *_ in FIGURES}


@pytest.mark.parametrize(("page", "view", "options"), FIGURES)
def test_quoted_directives_are_right(page, view, options):
    """Every directive that a page shows would be accepted as it stands."""
    assert parse_options(view, options).faults == ()


def test_a_wrong_directive_would_be_noticed():
    """The check above can fail."""
    assert parse_options("view", {"captoin": "x"}).faults


def test_quoted_settings_exist():
    """Every `tape_...` in the documentation is a setting."""
    known = {setting.name for setting in describe_settings()}
    for page in DOCS.rglob("*.md"):
        quoted = set(re.findall(r"\btape_[a-z_]+\b", page.read_text(encoding="utf-8")))
        assert quoted <= known, (page, quoted - known)
