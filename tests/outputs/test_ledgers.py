"""The ledger as printed in text and in LaTeX: replayed from there, it gives the gradients printed below.

The nodes of random figures go through Sphinx's own writers, without a project around them. HTML has the same
test in `tests/render/test_html_steps.py`.
"""

# ruff: noqa: N812, S311 -- F is the name the documentation uses; the draws are no secrets

from __future__ import annotations

import io
import random
import re

import pytest
from docutils.utils import new_document
from sphinx.testing.util import SphinxTestApp

from sphinx_tape import Tape
from sphinx_tape import functions as F
from sphinx_tape.ext.plain import section_nodes
from sphinx_tape.render.options import DisplayOptions
from sphinx_tape.render.sections import sections
from sphinx_tape.report.build import build_report
from tests.render.sample_reports import diamond, neuron

NAMES = ["", "", "w", "x", "loss", "alpha_1", "hidden state"]
"""Names that hold none of the marks by which the lines are taken apart here."""

LATEX_SIGNS = {
    r"\sphinxhyphen{}": "-",
    r"\allowbreak{}": "",
    r"\sphinxstylestrong": "",
    r"\sphinxAtStartPar": "",
}


@pytest.fixture(scope="module")
def writers(tmp_path_factory):
    """Return a function that writes nodes as text or as LaTeX."""
    folder = tmp_path_factory.mktemp("ledgers")
    (folder / "conf.py").write_text('extensions = ["sphinx_tape"]\n')
    (folder / "index.rst").write_text("Notes\n=====\n")
    apps = {}
    for builder in ("text", "latex"):
        (folder / builder).mkdir()
        streams = {"status": io.StringIO(), "warning": io.StringIO()}
        apps[builder] = SphinxTestApp(builder, srcdir=folder, builddir=folder / builder, **streams)
        apps[builder].builder.init()

    def write(builder, report, precision):
        display = DisplayOptions(view="trace", show=("steps", "gradients"), open=(), precision=precision)
        document = new_document("notes")
        document.settings.env = apps[builder].env
        document.extend(section_nodes(sections(report, display), rich=builder == "latex"))
        return written(apps[builder].builder, document)

    yield write
    for app in apps.values():
        app.cleanup()


def written(builder, document):
    """Write a document as its builder does."""
    if builder.name == "text":
        visitor = builder.create_translator(document, builder)
        document.walkabout(visitor)
        return visitor.body
    facts = {"author": "", "title": "", "contentsname": "", "docname": "index", "docclass": "manual"}
    for name, value in facts.items():
        setattr(document.settings, name, value)
    visitor = builder.create_translator(document, builder, builder.themes.get("manual"))
    document.walkabout(visitor)
    return "".join(visitor.body)


def text_ledger(text):
    """Return seed line, contributions and printed gradients of a text page."""
    reverse, _, table = text.partition("**Reverse**")[2].partition("**Gradients of")
    joined = re.sub(r"\n +(?=\S)(?!\* )", " ", reverse)
    seeds = re.findall(r"^1\. \d+: [^=]* = ([^\s;]+)", joined, re.MULTILINE)
    sent = re.findall(r"^ +\* (\d+): (.*)$", joined, re.MULTILINE)
    rows = re.findall(r"^\| (\d+) +\|.*\| (?:G|O|Z) [^|]*\| (\S+)", table, re.MULTILINE)
    return seeds, sent, rows


def latex_ledger(code):
    """Return the same of LaTeX code."""
    for sign, meaning in LATEX_SIGNS.items():
        code = code.replace(sign, meaning)
    reverse, _, table = code.partition("{Reverse}")[2].partition("{Gradients of")
    lists = re.split(r"\\(?:begin|end)\{itemize\}", reverse)
    seeds = re.findall(r"= ([^\s;]+)", lists[0])[:1]
    sent = [found for inner in lists[1::2] for found in re.findall(r"\\item \{\} *\n+(\d+): (.*)", inner)]
    cells = re.findall(r"\\begin\{varwidth\}.*\n\s*(.*)", table)
    rows = [
        (cells[at - 3], cells[at + 1].split()[0])
        for at, cell in enumerate(cells)
        if re.match(r"G has|O output|Z exactly", cell)
    ]
    return seeds, sent, rows


def added_up(seeds, output, sent):
    """Add the printed contributions; per node the sum, and the sum of the magnitudes."""
    sums = {output: float(seeds[0])}
    sizes = {output: abs(float(seeds[0]))}
    for node, line in sent:
        number = float(line.partition("; ")[0].rpartition("= ")[2])
        sums[int(node)] = sums.get(int(node), 0.0) + number
        sizes[int(node)] = sizes.get(int(node), 0.0) + abs(number)
    return sums, sizes


UNARY = [F.sin, F.tanh, F.exp, F.square, F.relu, lambda x: -x, lambda x: x.detach(), lambda x: x * 0.0]
BINARY = [F.add, F.subtract, F.multiply, F.maximum, lambda a, b: a / (b * b + 2.0)]


def recorded(draw):
    """The report of a random tape of numbers, which uses most values more than once."""
    tape = Tape()
    values = [tape.leaf(draw.uniform(-2, 2), name=draw.choice(NAMES)) for _ in range(draw.randint(1, 3))]
    for _ in range(draw.randint(2, 10)):
        first, second = draw.choice(values[-4:]), draw.choice(values)
        made = draw.choice(BINARY)(first, second) if draw.random() < 0.6 else draw.choice(UNARY)(first)
        values.append(made.named(draw.choice(NAMES)))
    return build_report(tape, (F.tanh(values[-1]) + values[-2] * values[0]).id)


LEDGERS = {"text": text_ledger, "latex": latex_ledger}


@pytest.mark.parametrize("builder", LEDGERS)
def test_the_parts_of_a_ledger_are_found(writers, builder):
    """By hand for 2x times x^2 at 3: 36 + 18 = 54."""
    seeds, sent, rows = LEDGERS[builder](writers(builder, diamond(), 4))
    assert seeds == ["1"]
    assert [node for node, _ in sent] == ["2", "3", "0", "0"]
    assert rows == [("0", "54"), ("2", "9"), ("3", "6"), ("4", "1")]
    assert added_up(seeds, 4, sent)[0] == {4: 1.0, 2: 9.0, 3: 6.0, 0: 54.0}
    assert ("0", "-18") in LEDGERS[builder](writers(builder, neuron(), 4))[2]


@pytest.mark.parametrize("builder", LEDGERS)
def test_the_printed_ledger_adds_up(writers, builder):
    """On 200 random tapes every printed gradient is the sum of the printed contributions."""
    for number in range(200):
        report = recorded(random.Random(number))
        seeds, sent, rows = LEDGERS[builder](writers(builder, report, 6))
        assert len(sent) == sum(len(step.contributions) for step in report.reverse.steps)
        known = {str(row.node) for row in report.reverse.gradients if row.gradient is not None}
        assert {node for node, _ in rows} == known
        sums, sizes = added_up(seeds, report.reverse.output, sent)
        for node, printed in rows:
            size = sizes[int(node)] + abs(float(printed))
            assert float(printed) == pytest.approx(sums[int(node)], abs=1e-5 * size), f"tape {number}"
