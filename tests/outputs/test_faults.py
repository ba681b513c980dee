"""Every fault that a figure can have, in whole builds: twice in html and text, with `-j 1` and `-j 4`; a PDF.

One project holds all of them as figures of their own, each beside a figure that must not suffer.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import html5lib
import pytest
from lxml import html

from tests.execution import catalog
from tests.processes import marked_environment, wait_until_gone
from tests.support import require_program

FAULTY = Path(catalog.__file__).with_name("faulty.py")
CONF = """
extensions = ["sphinx_tape"]
project = "Faults"
numfig = True
exclude_patterns = ["_*"]
html_theme = "basic"
html_copy_source = False
# The engine for any script: the one that is the default knows Latin letters only.
latex_engine = "xelatex"
show_warning_types = True
tape_memory_limit = 900
tape_report_limit = 1
tape_jobs = 4
# No limit is tight but those of the figures that never end: a busy machine is no fault.
tape_timeout = 120
"""
PER_PAGE = 8
HOSTILE = "\"'<script>alert(1)</script></svg>]]>\\\\ % $ # & {x} ~ ^ _ ä 漢 \U0001f600"


@dataclass(frozen=True)
class Case:
    """One figure of the project."""

    reference: str
    kind: str = ""
    """Subtype of its warning; empty: it has none."""
    words: str = ""
    """What the warning says."""
    options: dict[str, str] = field(default_factory=dict)


def cases() -> Iterator[Case]:
    """Give the catalogue as figures."""
    for reference, (kind, words, _) in catalog.FAULTS.items():
        # An import has the limit of the project, which is long here; what may be printed is no setting.
        if reference not in {"import_hangs:figure", "import_floods:figure", "faulty:endless_output"}:
            options = {"timeout": "2"} if kind == "timeout" else {}
            yield Case(reference, kind, words, options)
    yield Case("faulty:endless_output", "builder", "print at most 16 MB")
    yield Case("import_floods:figure", "builder", "print at most 16 MB")
    for reference, (kind, words) in catalog.REVERSE_FAULTS.items():
        yield Case(reference, kind, words)
    for request, kind, words in catalog.ASKED.values():
        asked = {"arguments": request.arguments, "output": request.output, "seed": request.seed}
        options = {name: text for name, text in asked.items() if text and text.isprintable()}
        if options:
            yield Case(request.reference, kind, words, options)
    for reference in catalog.SURVIVORS:
        yield Case(reference)
    yield Case(
        "faulty:square", options={"caption": HOSTILE, "alt": HOSTILE, "name": HOSTILE.replace(":", "")}
    )
    yield Case("faulty:square", options={"caption": "long " * 2000, "alt": "x" * 10_000})
    yield Case("faulty:square", "option", "precision", {"precision": "many"})


CASES = list(cases())


@dataclass(frozen=True)
class Built:
    """What one build has left."""

    folder: Path
    said: tuple[str, ...]
    files: dict[str, bytes]
    left: dict[int, str]

    def text(self, name: str) -> str:
        """Return one of the files as text."""
        return self.files[name].decode()

    def warnings(self) -> dict[int, str]:
        """Return the warning of each case, by its number."""
        found = {}
        for warning in self.said:
            place = re.match(r".*page(\d+)\.rst:(\d+): (?:WARNING|ERROR): ", warning)
            assert place, warning
            number = int(place[1]) * PER_PAGE + LINES.index(int(place[2]) // 100 * 100)
            assert number not in found, warning
            found[number] = warning
        return found


LINES = [100 * number for number in range(1, PER_PAGE + 1)]
"""Each figure of a page begins in a hundred of its own, so that a line says which it is."""


def write_page(number: int, shown: list[Case]) -> str:
    """Return a page of figures, a good one after each of them."""
    lines = [f"Page {number}", "=" * 10]
    for line, case in zip(LINES, shown, strict=False):
        lines += [""] * (line - len(lines) - 1)
        lines.append(f".. tape-grads:: {case.reference}")
        lines += [f"   :{name}: {text}" for name, text in case.options.items()]
        lines += ["", "Between.", "", ".. tape-view:: faulty:square", f"   :arguments: x={number}.5", ""]
        lines += ["And on.", ""]
    return "\n".join(lines)


def write_project(folder: Path) -> Path:
    """Write every case, and modules that cannot even be imported."""
    folder.mkdir()
    shutil.copy(FAULTY, folder)
    for name, text in catalog.MODULES.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    (folder.parent / "outside.py").write_text("raise RuntimeError('must not run')\n")
    (folder / "linked.py").symlink_to(folder.parent / "outside.py")
    (folder / "conf.py").write_text(CONF)
    pages = range(-(-len(CASES) // PER_PAGE))
    names = "".join(f"   page{number}\n" for number in pages)
    (folder / "index.rst").write_text(f"Faults\n======\n\n.. toctree::\n\n{names}")
    for number in pages:
        page = write_page(number, CASES[number * PER_PAGE : (number + 1) * PER_PAGE])
        (folder / f"page{number}.rst").write_text(page, "utf-8")
    return folder


def build(folder: Path, builder: str, jobs: str) -> Built:
    """Build as CI does, and wait until all is quiet."""
    mark = uuid.uuid4().hex
    command = [sys.executable, "-m", "sphinx", "-q", "-j", jobs, "-b", builder, ".", "_out"]
    done = subprocess.run(
        command, cwd=folder, env=marked_environment(mark), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    plain = re.sub(r"\x1b\[[0-9;]*m", "", done.stderr)
    said = tuple(part for part in re.split(r"\n(?! )", plain) if part.strip())
    output = folder / "_out"
    files = {
        path.relative_to(output).as_posix(): path.read_bytes()
        for path in sorted(output.rglob("*"))
        if path.suffix in {".html", ".txt", ".tex"}
    }
    return Built(output, said, files, wait_until_gone(mark) if sys.platform == "linux" else {})


@pytest.fixture(scope="module", params=["html", "text"])
def builds(request, tmp_path_factory):
    """Build twice with one process and twice with four, each from nothing."""
    made = {}
    for jobs in ("1", "4"):
        folder = write_project(tmp_path_factory.mktemp(f"{request.param}{jobs}") / "notes")
        made[jobs] = (build(folder, request.param, jobs), build(folder, request.param, jobs))
    return made


EACH = [(jobs, time) for jobs in ("1", "4") for time in (0, 1)]


@pytest.mark.parametrize(("jobs", "time"), EACH)
def test_each_fault_is_said_once_at_its_line(builds, jobs, time):
    """With its subtype and the words that help; and nothing is said of the others."""
    found = builds[jobs][time].warnings()
    for number, case in enumerate(CASES):
        if case.reference == "deletes_itself:figure" and time == 1:
            assert "[tape.reference]" in found.pop(number), "its module is gone"
        elif case.kind:
            warning = found.pop(number)
            assert warning.endswith(f"[tape.{case.kind}]"), (case, warning)
            assert case.words in warning, (case, warning)
    assert found == {}


@pytest.mark.parametrize(("jobs", "time"), EACH)
def test_no_process_is_left_and_nothing_of_ours_breaks(builds, jobs, time):
    """Children, threads and daemons of builders are gone; no trace of our own code is shown anywhere."""
    built = builds[jobs][time]
    assert built.left == {}
    shown = "\n".join(built.said).encode() + b"".join(built.files.values())
    assert b"sphinx_tape/" not in shown
    assert b"please report" not in shown


@pytest.mark.parametrize(("jobs", "time"), EACH)
def test_each_fault_is_shown_where_it_happened_and_harms_nothing_else(builds, jobs, time):
    """A box for each faulty figure, of its kind; the good figure and the words beside it stand."""
    check_boxes(figure_texts(words(builds[jobs][time])), second=time == 1)


@pytest.mark.parametrize(("jobs", "time"), EACH)
def test_nothing_shown_tells_the_machine(builds, jobs, time):
    """No absolute path and no address in any page: they would differ between machines."""
    built = builds[jobs][time]
    for name, content in built.files.items():
        assert str(built.folder.parent.parent).encode() not in content, name
        assert not re.search(rb"\b0x[0-9a-f]{6,}", content), name


def test_later_builds_and_parallel_ones_give_the_same_pages(builds):
    """To the last byte, but for the figure whose module has deleted itself."""
    first, second = (builds["1"][time].files for time in (0, 1))
    changed = [name for name in first if first[name] != second[name]]
    assert changed == [name for name in first if b"deletes_itself" in second[name]]
    for time in (0, 1):
        assert builds["1"][time].files == builds["4"][time].files


def test_hostile_text_stays_text(builds):
    """A parser that does as browsers do reads it as words."""
    built = builds["4"][1]
    assert words(built).count("<script>alert(1)</script></svg>") >= 5
    for name in [name for name in built.files if name.endswith(".html")]:
        tree = html5lib.parse(built.text(name), namespaceHTMLElements=False)
        assert not ["alert" for script in tree.iter("script") if "alert" in "".join(script.itertext())], name


def test_a_pdf_can_be_made_of_every_fault(tmp_path):
    """Here the parser is TeX."""
    latexmk = require_program("latexmk")
    built = build(write_project(tmp_path / "notes"), "latex", "2")
    check_boxes(figure_texts(built.text("faults.tex")))
    command = [latexmk, "-xelatex", "-interaction=nonstopmode", "-halt-on-error", "faults.tex"]
    done = subprocess.run(command, cwd=built.folder, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:]


@pytest.mark.parametrize(("builder", "jobs"), [("html", "1"), ("text", "4")])
def test_an_import_that_never_ends_costs_its_figures_only(tmp_path, builder, jobs):
    """Its limit is that of the project."""
    folder = tmp_path / "notes"
    folder.mkdir()
    shutil.copy(FAULTY, folder)
    (folder / "import_hangs.py").write_text(catalog.MODULES["import_hangs.py"])
    (folder / "conf.py").write_text(CONF.replace("tape_timeout = 120", "tape_timeout = 6"))
    shown = [Case("import_hangs:figure", "timeout"), Case("faulty:square")]
    (folder / "index.rst").write_text(write_page(0, shown))
    built = build(folder, builder, jobs)
    (warning,) = built.said
    assert "index.rst:100: WARNING: import of module 'import_hangs' must finish within 6 s" in warning
    assert "import_hangs.py:2" in warning
    assert built.left == {}
    page = built.text("index.html" if builder == "html" else "index.txt")
    assert page.count("could not be made (timeout)") == 1
    assert page.count("0.25") >= 2


@pytest.mark.parametrize(
    "spoil",
    [
        lambda faulty, good: (faulty.replace("could not be made", ""), good),
        lambda faulty, good: (faulty, good.replace("0.25", "")),
        lambda faulty, good: (faulty, good + "could not be made"),
    ],
)
def test_the_check_of_boxes_can_fail(builds, spoil):
    """A missing box, a missing number and a box too many are found."""
    parts = figure_texts(words(builds["1"][0]))
    with pytest.raises(AssertionError):
        check_boxes([spoil(*parts[0]), *parts[1:]])


def words(built: Built) -> str:
    """Return the text of all pages, in the order of their numbers."""
    pages = sorted(
        (name for name in built.files if "page" in name), key=lambda name: re.findall(r"\d+", name)
    )
    texts = (built.text(name) for name in pages)
    if pages[0].endswith(".txt"):
        return "".join(texts)
    return "".join("".join(html.fromstring(text.encode()).find(".//section").itertext()) for text in texts)


def figure_texts(text: str) -> list[tuple[str, str]]:
    """Return the text of each case's figure, and that of the good figure after it."""
    parts = re.split(r"Between\.|And on\.", text)
    return list(zip(parts[0:-1:2], parts[1::2], strict=True))


def check_boxes(parts: list[tuple[str, str]], *, second: bool = False) -> None:
    """Demand a box for every faulty figure, and none for a good one."""
    assert len(parts) == len(CASES)
    for number, (case, (faulty, good)) in enumerate(zip(CASES, parts, strict=True)):
        kind = "reference" if second and case.reference == "deletes_itself:figure" else case.kind
        if kind in {"output", "backward"}:
            # Only the reverse pass failed: the tape is there all the same.
            assert re.search("There is no reverse pass|The reverse pass failed", faulty), case
            assert "leaf" in faulty, case
        else:
            boxes = re.findall(r"This figure could not be made \((\w+)\)", faulty)
            assert boxes == [kind] * bool(kind), case
        assert "could not be made" not in good, case
        x = number // PER_PAGE + 0.5
        assert f"{x * x:.4g}" in good, (case, good)
