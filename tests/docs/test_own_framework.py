"""The page on adapters: its engine, its adapter, and the distribution, really installed."""

import importlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from lxml import html

from sphinx_tape import backward
from sphinx_tape.adapters.read import to_tape

FOLDER = Path(__file__).parent.parent.parent / "docs" / "snippets" / "own_framework"


@pytest.fixture
def modules(monkeypatch):
    """The page's modules, imported from where the page shows them."""
    monkeypatch.syspath_prepend(FOLDER)
    names = ("slopes", "slopes_tape", "waves")
    yield {name: importlib.import_module(name) for name in names}
    for name in names:
        del sys.modules[name]


def test_the_adapter_is_short():
    """The promise: forty lines."""
    assert len((FOLDER / "slopes_tape.py").read_text().splitlines()) <= 40


def test_gradients_are_those_of_the_engine(modules):
    """By hand: x sin(x x) has the slope sin(x x) + 2 x x cos(x x); at every node it is the engine's own."""
    engine = modules["slopes"]
    x = engine.Number(2.0, name="x")
    output = x * engine.sine(x * x)
    reading = modules["slopes_tape"].read(output)
    found = backward(reading.tape, reading.output)
    assert float(found.cotangents[0]) == pytest.approx(np.sin(4.0) + 8.0 * np.cos(4.0))
    expected = engine.gradients(output)
    assert [float(each) for each in found.cotangents] == pytest.approx(
        [expected[x], expected[output.slopes[1][0].slopes[0][0]], expected[output.slopes[1][0]], 1.0]
    )
    assert [node.op for node in reading.tape.nodes] == ["leaf", "mul", "sin", "mul"]
    assert modules["slopes_tape"].read("something else") is None


def test_a_builder_may_return_the_reading(modules):
    """What the page's figure shows."""
    assert to_tape(modules["waves"].wave()).framework == "slopes"


def test_a_method_on_the_class(modules, monkeypatch):
    """The page's first way to be found."""
    read = modules["slopes_tape"].read
    monkeypatch.setattr(modules["slopes"].Number, "__sphinx_tape__", read, raising=False)
    assert to_tape(modules["slopes"].Number(2.0)).framework == "slopes"


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The distribution of the page, installed into a folder of its own."""
    source = tmp_path_factory.mktemp("source") / "slopes"
    shutil.copytree(FOLDER, source, ignore=shutil.ignore_patterns("__pycache__"))
    target = tmp_path_factory.mktemp("site")
    command = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "-q",
        "--no-deps",
        "--no-index",
        "--no-build-isolation",
    ]
    done = subprocess.run([*command, "--target", target, source], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return target


def build(folder, installed, adapter=None):
    """Build a page whose builder returns the engine's own object; optionally with another adapter."""
    folder.mkdir()
    (folder / "conf.py").write_text('extensions = ["sphinx_tape"]\n')
    (folder / "index.rst").write_text("Waves\n=====\n\n.. tape-trace:: plain_waves:wave\n")
    (folder / "plain_waves.py").write_text(
        "from slopes import Number, sine\n\n\n"
        "def wave(x=2.0):\n    x = Number(x, name='x')\n    return x * sine(x * x)\n"
    )
    site = folder.parent / f"{folder.name}-site"
    shutil.copytree(installed, site)
    if adapter is not None:
        (site / "slopes_tape.py").write_text(adapter)
    command = [sys.executable, "-m", "sphinx", "-n", "-q", "-b", "html", folder, folder / "html"]
    return subprocess.run(
        command, capture_output=True, text=True, check=True, env={**os.environ, "PYTHONPATH": str(site)}
    )


def test_the_installed_adapter_is_used(installed, tmp_path):
    """With the distribution installed, a builder returns the engine's own object."""
    done = build(tmp_path / "good", installed)
    assert done.stderr == ""
    tree = html.fromstring((tmp_path / "good" / "html" / "index.html").read_text("utf-8"))
    assert "-5.986" in " ".join(tree.text_content().split())  # sin 4 + 8 cos 4
    assert tree.xpath("//figure//svg")


def test_a_broken_adapter_is_named_at_the_figure(installed, tmp_path):
    """The warning has the place of the directive, the adapter, its distribution, and the line that failed."""
    done = build(tmp_path / "bad", installed, "def read(result):\n    return result.tape\n")
    assert (
        "index.rst:4: WARNING: adapter slopes_tape:read of slopes must read what the builder" in done.stderr
    )
    assert "AttributeError: 'Number' object has no attribute 'tape'" in done.stderr
    assert "return result.tape" in done.stderr
    assert "[tape.result]" in done.stderr
