"""`ext.extension`: what loading costs, and what Sphinx is told."""

from __future__ import annotations

import subprocess
import sys

import pytest

from sphinx_tape import __version__
from sphinx_tape.execution.request import FigureRequest
from sphinx_tape.ext.extension import ENV_VERSION
from sphinx_tape.ext.figure import TapeFigure

HEAVY = ["numpy", "graphviz", "sphinx_tape.render.svg", "sphinx_tape.render.html", "sphinx_tape.ext.plain"]


def loaded(module):
    """Names of the modules in an interpreter that has imported one."""
    program = f"import sys, {module}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_a_build_that_draws_nothing_loads_no_drawing_code():
    """Most builds change nothing; importing costs more than all else they do."""
    assert not loaded("sphinx_tape.ext.extension") & set(HEAVY)


@pytest.mark.parametrize("module", ["sphinx_tape.ext.plain", "sphinx_tape.ext.bodies"])
def test_the_check_above_can_fail(module):
    """What is looked for is found where it is loaded."""
    assert loaded(module) & set(HEAVY)


def test_sphinx_is_told_version_and_safety(project):
    """Parallel reading and writing stay on for the whole project."""
    project.write("index.rst", "Notes\n=====\n")
    app = project.app("dummy")
    extension = app.extensions["sphinx_tape"]
    assert extension.version == __version__
    assert extension.parallel_read_safe is True
    assert extension.parallel_write_safe is True
    assert app.registry.get_envversion(app)["sphinx_tape"] >= 1
    app.cleanup()


PICKLED = {
    5: "view request docname line source number alt width display anchor check requires only fault; "
    "reference arguments output seed check timeout",
}
"""What environments of each version hold of a figure."""


def test_what_is_pickled_changes_only_with_the_version():
    """An environment of an older version must be read anew: its figures are not what ours are."""
    held = "; ".join(" ".join(kind._fields) for kind in (TapeFigure, FigureRequest))
    assert {ENV_VERSION: held} == PICKLED, "raise ENV_VERSION, and say here what it holds now"
