"""What the pages of the course say, against what the builders are."""

import ast
import importlib
import inspect
import re
from pathlib import Path

import pytest
from course_tapes import survey

from tests.support import require_module

COURSE = Path(__file__).parent.parent.parent / "example_project"
PAGES = sorted(path for path in COURSE.iterdir() if path.suffix in {".md", ".rst"} and path.stem != "README")
FIGURE = re.compile(r"(?:\.\. |```\{)tape-(view|grads|trace)(?:::|\}) (\S+)\n((?:[ ]*:[\w-]+:.*\n)*)")


def figures():
    """Return (page, view, reference, options) of every figure of the course."""
    found = []
    for page in PAGES:
        for view, reference, block in FIGURE.findall(page.read_text(encoding="utf-8")):
            options = dict(re.findall(r":([\w-]+): ?(.*)", block))
            found.append((page.name, view, reference, options))
    return found


FIGURES = figures()


def test_pages_are_found():
    """The pattern sees both syntaxes; else the tests below would pass by seeing nothing."""
    assert {Path(page).suffix for page, *_ in FIGURES} == {".md", ".rst"}
    assert len(FIGURES) >= 30


def require_packages(module):
    """Skip where a package that the figures of a module require is missing."""
    if module.endswith("symbolic"):
        require_module("sympy")
    for _, _, reference, options in FIGURES:
        if reference.startswith(f"{module}:"):
            for package in options.get("requires", "").replace(",", " ").split():
                require_module(package)


@pytest.mark.parametrize("reference", sorted({reference for _, _, reference, _ in FIGURES}))
def test_every_reference_is_a_builder(reference):
    """It names a public function defined in a module of the course."""
    module, name = reference.split(":")
    require_packages(module)
    function = getattr(importlib.import_module(module), name)
    assert inspect.isfunction(function)
    assert function.__module__ == module


@pytest.mark.parametrize(
    ("reference", "arguments"),
    sorted(
        {(reference, options["arguments"]) for _, _, reference, options in FIGURES if "arguments" in options}
    ),
)
def test_every_argument_fits(reference, arguments):
    """The literals bind to the builder's parameters."""
    module, name = reference.split(":")
    require_packages(module)
    function = getattr(importlib.import_module(module), name)
    call = ast.parse(f"f({arguments})", mode="eval").body
    inspect.signature(function).bind(**{item.arg: ast.literal_eval(item.value) for item in call.keywords})


def test_all_views_and_most_options_are_used():
    """The course shows what the directives can do."""
    used = {option for *_, options in FIGURES for option in options}
    assert {view for _, view, *_ in FIGURES} == {"view", "grads", "trace"}
    basic = {
        "arguments",
        "seed",
        "caption",
        "name",
        "show",
        "open",
        "precision",
        "direction",
        "mirror",
        "output",
        "alt",
    }
    assert basic <= used


def test_names_are_unique():
    """No two figures have the same target."""
    names = [options["name"] for *_, options in FIGURES if "name" in options]
    assert len(names) == len(set(names))


def test_every_figure_has_a_caption():
    """A figure without a caption has no number."""
    assert [page for page, _, _, options in FIGURES if not options.get("caption")] == []


def test_survey_s_table_on_the_page(work):
    """The last column of the page's own table of adjoints is what the engine finds."""
    text = (COURSE / "worked_example.rst").read_text(encoding="utf-8")
    rows = re.findall(r"\* - :math:`\\bar\{(\w+)\}`\n +- .*\n +- (\S+)\n", text)
    assert len(rows) == 7
    found = work(survey.worked_example()).gradients
    for name, printed in rows:
        assert found["y" if name == "v_5" else name] == pytest.approx(float(printed), abs=5e-4)


def test_every_source_is_cited():
    """Each entry of the bibliography is referred to from some page, and each reference has an entry."""
    texts = {page.name: page.read_text(encoding="utf-8") for page in PAGES}
    entries = set(re.findall(r"^\.\. _(bib-\w+):", texts.pop("bibliography.rst"), re.MULTILINE))
    cited = {label for text in texts.values() for label in re.findall(r"<(bib-\w+)>", text)}
    assert entries == cited
