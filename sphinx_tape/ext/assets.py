"""Style sheet and script, linked by the pages that have figures and by no other.

Layer `ext`. Reads the written page, adds links.
Read next: `html.py`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from sphinx_tape.ext.html import tape_html

if TYPE_CHECKING:
    from docutils import nodes
    from sphinx.application import Sphinx
    from sphinx.builders import Builder

STATIC = Path(__file__).parent.parent / "static"
STYLE = "tape.css"
SCRIPT = "tape-stepper.js"


def add_static_folder(app: Sphinx, builder: Builder) -> None:
    """Let Sphinx copy our static files, if the builder writes HTML (`write-started`).

    So late, because the environment has been saved by now: a path of this machine in the saved
    configuration would make Sphinx report a changed setting at every build.
    """
    folders = app.config.html_static_path
    if builder.format == "html" and str(STATIC) not in folders:
        # In front, so that a project can replace a file by one of the same name.
        app.config.html_static_path = [str(STATIC), *folders]


def link_assets(
    app: Sphinx, _page: str, _template: str, _context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Link style sheet and script on a page with figures (`html-page-context`).

    Sphinx resets its list of files for every page.
    """
    if doctree is None or next(iter(doctree.findall(tape_html)), None) is None:
        return
    app.add_css_file(STYLE)
    if app.builder.name != "epub":
        app.add_js_file(SCRIPT, loading_method="defer")


def setup_assets(app: Sphinx) -> None:
    """Connect the two steps."""
    app.connect("write-started", add_static_folder)
    app.connect("html-page-context", link_assets)
