"""The course in every output format, and the same gradients in all of them."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from lxml import html

from tests.support import require_module, require_program

COURSE = Path(__file__).parents[2] / "example_project"
SHARED = (
    "html",
    "dirhtml",
    "singlehtml",
    "latex",
    "text",
    "man",
    "texinfo",
    "xml",
    "pseudoxml",
    "linkcheck",
    "dummy",
)
"""Builders that may read each other's doctrees."""
ALONE = ("epub", "gettext")
"""Builders that need a doctree folder of their own."""

GRADIENTS = "//table[starts-with(normalize-space(caption), 'Gradients of')]"


def sphinx(builder: str, folder: Path, doctrees: Path, *options: str) -> Path:
    """Build the course, every warning an error; return the output folder."""
    require_module("sympy")
    target = folder / builder
    command = [sys.executable, "-m", "sphinx", "-n", "-W", "-q", "-b", builder, "-d", str(doctrees), *options]
    # The links of the course are looked at by people: a test must not depend on the network.
    command += ["-D", "linkcheck_ignore=https?://.*"]
    done = subprocess.run([*command, str(COURSE), str(target)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return target


@pytest.fixture(scope="module")
def outputs(tmp_path_factory):
    """Every builder's output of the course, built one after the other."""
    folder = tmp_path_factory.mktemp("outputs")
    built = {name: sphinx(name, folder, folder / "doctrees") for name in SHARED}
    return built | {name: sphinx(name, folder, folder / f"doctrees-{name}") for name in ALONE}


def plain(text: str) -> str:
    """Return a text with one kind of minus and without table rules."""
    return re.sub(r"[|+=]|-{3,}", " ", text.replace("\N{MINUS SIGN}", "-"))


def printed_gradients(folder: Path) -> list[tuple[str, str]]:
    """Return (node id, number) of every scalar gradient in the HTML pages."""
    found = []
    for file in sorted(folder.glob("*.html")):
        for row in html.parse(str(file)).xpath(f"{GRADIENTS}/tbody/tr"):
            number = " ".join(row.xpath("string(*[last()])").split())
            if re.fullmatch(r"-?[\d./e+-]+|-?inf|nan", number):
                found.append((row.xpath("string(*[1])").strip(), plain(number)))
    return found


def missing_rows(gradients: list[tuple[str, str]], text: str) -> list[tuple[str, str]]:
    """Return the gradients that have no line of their own in `text`: id first, number last."""
    lines = [line.split() for line in plain(text).splitlines() if line.strip()]
    rows = {(words[0], words[-1]) for words in lines}
    return [pair for pair in gradients if pair not in rows]


@pytest.mark.parametrize("builder", [*SHARED, *ALONE])
def test_the_course_builds_without_a_warning(outputs, builder):
    """`sphinx-build -n -W` passes, and what writes has written."""
    assert builder == "dummy" or any(outputs[builder].iterdir())


def test_every_gradient_is_in_the_text(outputs):
    """Each scalar gradient that HTML prints has its row in the text output."""
    gradients = printed_gradients(outputs["html"])
    assert len(gradients) > 80
    text = "\n".join(file.read_text(encoding="utf-8") for file in sorted(outputs["text"].glob("*.txt")))
    assert missing_rows(gradients, text) == []


def test_every_gradient_is_in_the_manual_page(outputs):
    """Each scalar gradient that HTML prints stands in the man page."""
    page = next(outputs["man"].rglob("*.[0-9]")).read_text(encoding="utf-8")
    words = set(plain(page.replace("\\-", "-")).split())
    assert [pair for pair in printed_gradients(outputs["html"]) if pair[1] not in words] == []


def test_a_gradient_that_is_not_printed_is_seen():
    """The check above can fail: another number, or the number at another node, is no match."""
    text = "| 0 | x_1 | () | G has a gradient | 5.5 |"
    assert missing_rows([("0", "5.5")], text) == []
    assert missing_rows([("0", "5.4"), ("1", "5.5")], text) == [("0", "5.4"), ("1", "5.5")]


@pytest.fixture(scope="module", params=["pdflatex", "xelatex"])
def pdf(request, tmp_path_factory):
    """The course as PDF, by LaTeX engine."""
    require_program("latexmk")
    require_program(request.param)
    folder = tmp_path_factory.mktemp(request.param)
    target = sphinx("latex", folder, folder / "doctrees", "-D", f"latex_engine={request.param}")
    command = ["make", "-C", str(target), "all-pdf", "LATEXMKOPTS=-interaction=nonstopmode -halt-on-error"]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    assert done.returncode == 0, done.stdout[-3000:]
    return next(file for file in target.glob("*.pdf") if not file.name.startswith("tape-"))


def test_every_gradient_is_in_the_pdf(outputs, pdf):
    """Each scalar gradient that HTML prints has its row in the PDF."""
    program = require_program("pdftotext")
    done = subprocess.run([program, "-layout", str(pdf), "-"], capture_output=True, text=True, check=True)
    assert missing_rows(printed_gradients(outputs["html"]), done.stdout) == []


def test_every_font_of_the_pdf_is_embedded(pdf):
    """The labels of the drawings, too, are set in embedded fonts."""
    program = require_program("pdffonts")
    done = subprocess.run([program, str(pdf)], capture_output=True, text=True, check=True)
    rows = [line.split() for line in done.stdout.splitlines()[2:]]
    assert rows
    # Columns from the right: object, id, unicode map, subset, embedded.
    assert [row[0] for row in rows if row[-5] != "yes"] == []


def test_no_line_of_the_pdf_runs_out_of_the_page(pdf):
    """No box is wider than its column by more than the margin forgives."""
    log = pdf.with_suffix(".log").read_text(encoding="utf-8", errors="replace")
    widths = [float(points) for points in re.findall(r"Overfull \\hbox \(([\d.]+)pt too wide", log)]
    assert [points for points in widths if points > 40] == []


def test_the_epub_is_valid(outputs):
    """EPUBCheck finds no error."""
    checker = Path(require_module("epubcheck").__file__).parent / "epubcheck.jar"
    command = [require_program("java"), "-jar", str(checker)]
    (book,) = outputs["epub"].glob("*.epub")
    done = subprocess.run([*command, str(book)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]
