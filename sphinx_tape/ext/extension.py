"""The table of contents of the Sphinx layer: what is registered, in the order a build meets it.

Layer `ext`. Read next: `config.py`, `directives.py`, `collect.py`, `session.py`, `transforms.py`, `html.py`.
"""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

from sphinx_tape import __version__
from sphinx_tape.ext.anchors import setup_anchors
from sphinx_tape.ext.assets import setup_assets
from sphinx_tape.ext.collect import FigureCollector
from sphinx_tape.ext.directives import setup_directives
from sphinx_tape.ext.epub import setup_epub
from sphinx_tape.ext.html import setup_html
from sphinx_tape.ext.latex import setup_latex
from sphinx_tape.ext.orphans import setup_orphans
from sphinx_tape.ext.session import setup_session
from sphinx_tape.ext.transforms import setup_transforms
from sphinx_tape.ext.translation import setup_translation

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.util.typing import ExtensionMetadata

    from sphinx_tape.ext.ahead import Ahead

ENV_VERSION = 5
"""To be raised with every change of what is pickled: `TapeFigure`, `tape_figure`, `env.tape_figures`."""


def setup_extension(app: Sphinx, ahead: Ahead) -> ExtensionMetadata:
    """Register everything but the settings, which are registered already.

    Args:
        app: The application.
        ahead: Processes that have been started ahead.
    """
    setup_directives(app)
    setup_anchors(app)
    app.add_env_collector(FigureCollector)
    setup_transforms(app)
    setup_session(app, ahead)
    setup_orphans(app)
    setup_html(app)
    setup_latex(app)
    setup_epub(app)
    setup_assets(app)
    setup_translation(app)
    keep_what_is_loaded()
    return {
        "version": __version__,
        "env_version": ENV_VERSION,
        "parallel_read_safe": True,
        "parallel_write_safe": True,
    }


def keep_what_is_loaded() -> None:
    """Let Python's garbage collector leave alone what is loaded by now; once in a process.

    Nearly all of it are modules and classes, which stay until the end. To visit them whenever something may
    have become rubbish, and once more at the end, is every tenth second of a build; and the processes that
    Sphinx forks would copy their pages by it.
    """
    if not gc.get_freeze_count():
        gc.freeze()
