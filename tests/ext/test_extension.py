"""`ext.extension`: what loading costs, and what Sphinx is told."""

from __future__ import annotations

import subprocess
import sys

import pytest

from sphinx_tape import __version__

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
