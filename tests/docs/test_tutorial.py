"""The tutorial's files, built as a reader would build them."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).parent.parent.parent / "docs"
SNIPPETS = DOCS / "snippets" / "first_figure"


def sphinx(source, *options):
    """Run Sphinx's text builder; return the finished process."""
    command = [
        sys.executable,
        "-m",
        "sphinx",
        "-q",
        "-b",
        "text",
        *options,
        str(source),
        str(source / "_build"),
    ]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture
def notes(tmp_path):
    """The reader's folder after step 3."""
    for name in ("conf.py", "my_tapes.py"):
        shutil.copy(SNIPPETS / name, tmp_path)
    return tmp_path


def page(notes):
    """Return the page that was built."""
    return (notes / "_build" / "index.txt").read_text(encoding="utf-8")


def test_first_page(notes):
    """Step 4: the page builds without warnings and shows the values of the forward pass."""
    shutil.copy(SNIPPETS / "index.md", notes)
    done = sphinx(notes, "-n", "-W")
    assert (done.returncode, done.stderr) == (0, "")
    for value in ("loss", "9", "-3", "7"):
        assert value in page(notes)


@pytest.mark.parametrize("suffix", [".md", ".rst"])
def test_second_page(notes, suffix):
    """Step 5: -6, -18 and -12 by hand, and 6, 18 and 24 with w = 4; the same from both syntaxes."""
    shutil.copy(SNIPPETS / f"trace{suffix}", notes / f"index{suffix}")
    done = sphinx(notes, "-n", "-W")
    assert (done.returncode, done.stderr) == (0, "")
    words = page(notes).replace("|", " ").replace(",", " ").split()
    assert {"-6", "-18", "-12", "6", "18", "24"} <= set(words)


def test_both_syntaxes_give_the_same_page(notes, tmp_path_factory):
    """Step 5: the reST page and the Markdown page are one page."""
    other = tmp_path_factory.mktemp("other")
    shutil.copytree(notes, other, dirs_exist_ok=True)
    shutil.copy(SNIPPETS / "trace.md", notes / "index.md")
    shutil.copy(SNIPPETS / "trace.rst", other / "index.rst")
    assert sphinx(notes).returncode == sphinx(other).returncode == 0
    assert page(notes) == page(other)


def test_mistake(notes):
    """Step 6: the warning that the page quotes is the one that is printed, and the build goes on."""
    text = (SNIPPETS / "index.md").read_text(encoding="utf-8").replace("one_neuron", "one_nuron")
    (notes / "index.md").write_text(text, encoding="utf-8")
    done = sphinx(notes)
    assert done.returncode == 0
    said = done.stderr.replace(str(notes) + "/", "notes/")
    quoted = (SNIPPETS / "mistake.txt").read_text(encoding="utf-8")
    assert " ".join(said.split()) == " ".join(quoted.split())
    assert sphinx(notes, "-W").returncode == 1


def test_change_of_the_builder(notes):
    """Step 7: the page is right after an edit of the builder alone."""
    shutil.copy(SNIPPETS / "index.md", notes)
    assert sphinx(notes).returncode == 0
    builder = notes / "my_tapes.py"
    builder.write_text(builder.read_text(encoding="utf-8").replace("10.0", "12.0"), encoding="utf-8")
    assert sphinx(notes).returncode == 0
    assert "25" in page(notes)
    assert "-5" in page(notes)


def test_prose_of_the_tutorial():
    """The numbers of steps 3 and 5: loss 9, and -6, -18, -12 on the way back."""
    text = (DOCS / "tutorial" / "first_figure.md").read_text(encoding="utf-8")
    for said in ("9.0", "2 \\cdot (-3) \\cdot 1 = -6", "-6 \\cdot x = -18", "-6 \\cdot w = -12"):
        assert said in text


@pytest.mark.parametrize(("language", "word"), [("de", "Rückwärts"), ("fr", "arrière")])
def test_other_languages(notes, language, word):
    """The how-to on languages: headings inside of figures follow the document."""
    shutil.copy(SNIPPETS / "trace.md", notes / "index.md")
    assert sphinx(notes, "-D", f"language={language}").returncode == 0
    assert word in page(notes)
