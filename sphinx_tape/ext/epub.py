"""EPUB: say in the package file which pages hold drawings and formulas.

EPUB 3 demands that the manifest names the pages with inline SVG or MathML (EPUB 3.3, 5.6 "Manifest
properties"); Sphinx 9 does not write those properties, so books with our figures would be invalid.
Layer `ext`. Read next: `html.py`.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from sphinx.builders.epub3 import Epub3Builder

if TYPE_CHECKING:
    from sphinx.application import Sphinx

_ITEM = re.compile(r'(<item [^>]*href="([^"]+\.xhtml)"[^>]*?) ?/>')
_MARKS = {"mathml": "<math", "svg": "<svg"}


class TapeEpubBuilder(Epub3Builder):
    """Sphinx's own EPUB builder, with manifest properties."""

    def build_content(self) -> None:
        """Write the package file, then name the pages with drawings and formulas in it."""
        super().build_content()
        package = Path(self.outdir, "content.opf")
        declared = declare(package.read_text(encoding="utf-8"), Path(self.outdir))
        package.write_text(declared, encoding="utf-8")


def declare(package: str, folder: Path) -> str:
    """Return the package file with `properties` at every page in `folder` that needs them."""

    def item(match: re.Match[str]) -> str:
        needed = _needed(folder / unquote(match[2]))
        if not needed or "properties=" in match[1]:
            return match[0]
        return f'{match[1]} properties="{" ".join(needed)}" />'

    return _ITEM.sub(item, package)


def _needed(page: Path) -> list[str]:
    """Return the properties that a page needs."""
    text = page.read_text(encoding="utf-8") if page.is_file() else ""
    return [name for name, mark in _MARKS.items() if mark in text]


def setup_epub(app: Sphinx) -> None:
    """Put our builder in the place of Sphinx's, unless another extension has done so before."""
    if app.registry.builders.get("epub") is Epub3Builder:
        app.add_builder(TapeEpubBuilder, override=True)
