"""The course, built by Sphinx."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from lxml import html

from tests.support import require_module

COURSE = Path(__file__).parent.parent.parent / "example_project"
PAGES = sorted({path.stem for path in COURSE.iterdir() if path.suffix in {".md", ".rst"}} - {"README"})


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """The course as HTML, built once, every warning an error."""
    require_module("sympy")
    folder = tmp_path_factory.mktemp("course")
    command = [sys.executable, "-m", "sphinx", "-n", "-W", "-q", "-b", "html", "-d", folder / "doctrees"]
    done = subprocess.run([*command, COURSE, folder / "html"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return folder / "html"


ABSENT = """
from importlib.machinery import PathFinder

found = PathFinder.find_spec
names = {"autograd", "jax", "micrograd", "torch"}
PathFinder.find_spec = staticmethod(
    lambda name, *rest: None if name.partition(".")[0] in names else found(name, *rest)
)
"""
"""Makes an interpreter in which the frameworks are not installed."""


def test_the_course_builds_without_frameworks(tmp_path):
    """Where none is installed, each of their figures is a box that says so, and nothing is a warning."""
    (tmp_path / "sitecustomize.py").write_text(ABSENT)
    command = [sys.executable, "-m", "sphinx", "-n", "-W", "-q", "-b", "html", COURSE, tmp_path / "html"]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": str(tmp_path)}
    )
    assert (done.returncode, done.stderr) == (0, "")
    for page in ("autograd", "jax", "micrograd"):
        source = (COURSE / f"{page}.md").read_text(encoding="utf-8")
        built = (tmp_path / "html" / f"{page}.html").read_text(encoding="utf-8")
        assert built.count("Not installed where this page was built") == source.count("```{tape-")
        assert "<svg" not in built


def text(site, page):
    """Return the words of a page, a blank between any two elements."""
    tree = html.fromstring((site / f"{page}.html").read_text(encoding="utf-8"))
    return " ".join(" ".join(tree.xpath("//div[@role='main']")[0].itertext()).split())


@pytest.mark.parametrize(
    ("page", "numbers"),
    [
        ("worked_example", ["0.6931", "-0.9589", "10.69", "11.65", "-0.2837", "1.716", "5.5"]),
        ("neuron", ["0.731", "-0.197", "0.393", "-0.393", "-0.59", "-0.534"]),
        ("fanout", ["36", "136.7", "2.06"]),
        ("tangled", ["138.83382", "645.57726"]),
        ("cuts", ["-5.4", "1.89", "detach", "not differentiable"]),
        ("softmax", ["0.0154", "0.631", "0.353", "1.04"]),
        ("shared_weights", ["0.125", "0.0625", "32"]),
        ("exact", ["29/10", "-7/4", "577/408", "13/36"]),
        ("micrograd", ["24.704082", "138.83382", "645.57726"]),
        ("autograd", ["2.77", "0.909", "-0.832", "2.5", "not differentiable", "2.464"]),
        ("symbolic", ["x2 + 1/x1", "x1 - cos(x2)", "y + cos(x)"]),
    ],
)
def test_numbers_reach_the_page(site, page, numbers):
    """What the other tests find by the engine is what the reader sees."""
    if page in {"autograd", "micrograd"}:
        require_module(page)
    said = text(site, page)
    # Formulas may be MathML, with invisible operators and gaps of their own.
    tight = said.replace("\u2061", "").replace(" ", "")
    assert [number for number in numbers if number not in said and number.replace(" ", "") not in tight] == []


@pytest.mark.parametrize("page", PAGES)
def test_nothing_of_the_machine_is_on_the_page(site, page):
    """No path of the build machine and no address of memory."""
    source = (site / f"{page}.html").read_text(encoding="utf-8")
    assert str(COURSE.parent) not in source
    assert re.search(r"0x[0-9a-f]{6,}", source) is None


@pytest.mark.parametrize("page", PAGES)
def test_nothing_is_fetched(site, page):
    """Pages load style sheets, scripts and pictures from the site only."""
    tree = html.fromstring((site / f"{page}.html").read_text(encoding="utf-8"))
    loaded = tree.xpath("//script/@src | //link[@rel='stylesheet']/@href | //img/@src")
    assert loaded
    assert [address for address in loaded if "://" in address] == []


def test_formulas_are_mathml(site):
    """Prose formulas need no script; a full stop is glued to the formula before it."""
    source = (site / "fanout.html").read_text(encoding="utf-8")
    assert source.count("<math") > 20
    assert "ApplyFunction" not in source
    assert "<mfrac>" in source
    assert re.search(r"<span class='tied'><math.*?</math>[.]</span>".replace("'", '"'), source, re.DOTALL)


def test_answers_are_folded(site):
    """Each exercise has an answer that starts closed."""
    tree = html.fromstring((site / "worked_example.html").read_text(encoding="utf-8"))
    (answer,) = tree.xpath("//details[contains(@class, 'answer')]")
    assert answer.get("open") is None
    assert answer.findtext("summary") == "Answer"


def test_prose_fractions_suit_epub(site):
    """EPUBCheck refuses attributes of style on fractions; prose has none (tfrac of the exact chapter)."""
    tree = html.fromstring((site / "exact.html").read_text(encoding="utf-8"))
    fractions = tree.xpath("//p//mfrac[not(ancestor::figure)]")
    assert len(fractions) >= 6
    assert [fraction.attrib for fraction in fractions if fraction.attrib] == []
