"""Small Sphinx projects that tests write, build and look at."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from sphinx.testing.util import SphinxTestApp

CONF = """
extensions = ["sphinx_tape", "myst_parser"]
project = "Notes"
author = copyright = "the tests"
version = release = "1"
numfig = True
exclude_patterns = ["_build"]
myst_enable_extensions = ["dollarmath", "colon_fence"]
html_theme = "basic"
html_copy_source = False
show_warning_types = True
# Said so that Sphinx 7.4 does not warn that these defaults will change.
linkcheck_allow_unauthorized = True
linkcheck_report_timeouts_as_broken = False
"""

BUILDERS = '''
"""Tapes of the tests."""
from pathlib import Path

from sphinx_tape import Tape


def neuron(x=3.0, w=2.0, b=1.0):
    """(w x + b - 10)^2, by hand: dw = -18, dx = -12, db = -6."""
    with Path(__file__).with_name("runs.log").open("a") as log:
        log.write("neuron\\n")
    tape = Tape()
    w, x, b = tape.leaf(w, name="w"), tape.leaf(x, name="x"), tape.leaf(b, name="b")
    return ((w * x + b).named("a") - 10.0).square().named("loss")


def vector():
    """No scalar: a reverse pass needs a seed."""
    tape = Tape()
    x = tape.leaf([1.0, 2.0, 4.0], name="x")
    return (x * x).named("y")


def raises():
    """Fail."""
    print("printed by the builder")
    raise ValueError("broken on purpose")
'''


@dataclass
class Built:
    """What one build left."""

    folder: Path
    warnings: list[str]
    status: str
    app: SphinxTestApp

    def text(self, name):
        """Return a written file."""
        return (self.folder / name).read_text("utf-8")

    @property
    def read(self):
        """How many pages were read."""
        found = re.search(r"(\d+) added, (\d+) changed", self.status)
        return int(found[1]) + int(found[2])

    @property
    def written(self):
        """Which pages were written, but for the one with the `toctree`, which Sphinx adds to any others."""
        return sorted(set(re.findall(r"writing output\.\.\. \[.*?\] (\S+)", self.status)) - {"index"})


class Project:
    """A project in a folder of its own."""

    def __init__(self, folder) -> None:
        self.folder = folder
        self.write("conf.py", CONF)
        self.write("tapes.py", BUILDERS)

    def write(self, name, text):
        """Write a source file."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        return path

    def build(self, builder="html", *, parallel=0, build_dir="_build", **settings):
        """Build once, in a fresh application, and clean up after it."""
        app = self.app(builder, parallel=parallel, build_dir=build_dir, **settings)
        try:
            app.build()
        finally:
            app.cleanup()
        return built(app)

    def app(self, builder="html", *, parallel=0, build_dir="_build", **settings):
        """Return an application; who asks for it cleans up."""
        place = self.folder / build_dir
        place.mkdir(parents=True, exist_ok=True)
        return SphinxTestApp(
            builder,
            srcdir=self.folder,
            builddir=place,
            confoverrides=settings,
            status=io.StringIO(),
            warning=io.StringIO(),
            parallel=parallel,
        )

    @property
    def runs(self):
        """How often a builder was executed."""
        log = self.folder / "runs.log"
        return len(log.read_text().splitlines()) if log.exists() else 0


def built(app):
    """Take down what an application said since it was last asked."""
    status, warnings = app.status.getvalue(), app.warning.getvalue()
    for stream in (app.status, app.warning):
        stream.seek(0)
        stream.truncate()
    plain = re.sub(r"\x1b\[[0-9;]*[mK]", "", warnings)
    # A warning of several lines is one warning: the lines that follow are indented.
    said = [part.strip() for part in re.split(r"\n(?! )", plain) if part.strip()]
    return Built(Path(app.outdir), said, re.sub(r"\x1b\[[0-9;]*[mK]", "", status), app)


@pytest.fixture
def project(tmp_path):
    """Return an empty project."""
    folder = tmp_path / "notes"
    folder.mkdir()
    return Project(folder)
