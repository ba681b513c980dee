"""Texts and paths that read the same on every machine."""

import os

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import sphinx_tape
from sphinx_tape.execution.places import clean, clip, display_path, is_foreign, is_inside, is_library, scrub

ROOTS = (os.path.realpath("/home/me/notes"),)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("no such file: '/home/me/notes/data/a.csv'", "no such file: 'data/a.csv'"),
        ("/home/me/notes", "."),
        ("File /home/other/secret/a.csv.", "File .../a.csv."),
        ("/usr/lib/x/y.so: bad", ".../y.so: bad"),
        ("see https://example.org/a/b/c.html", "see https://example.org/a/b/c.html"),
        ("a/b/c and 1/2/3", "a/b/c and 1/2/3"),
        (r"C:\Users\me\a.csv", ".../a.csv"),
        ("<object at 0x7f00deadbeef>", "<object at 0x...>"),
        ("colour 0x1f", "colour 0x1f"),
        ("/single", "/single"),
        ("in /home/me/notes: and /home/me/notes2/a.csv", "in .: and .../a.csv"),
        ("file:///home/me/a.csv, sqlite:////home/me/a.db", "file:.../a.csv, sqlite:.../a.db"),
        ("PATH=/usr/bin:/home/me/bin", "PATH=.../bin:.../bin"),
        ("no '/home/John Doe/my files/a b.csv'", "no '.../a b.csv'"),
        ("//home//me/a.csv, a//b//c", ".../a.csv, a//b//c"),
        (repr(r"C:\Users\me\a.csv"), "'.../a.csv'"),
    ],
)
def test_scrub(text, shown):
    """Machine paths and addresses go, everything else stays."""
    assert scrub(text, ROOTS) == shown


@given(st.text())
def test_cleaned_text_can_be_in_any_document(text):
    """What comes out encodes, has no control characters but newline and tab, and stays put."""
    cleaned = clean(text)
    cleaned.encode("utf-8")
    assert not any(ord(c) < 32 and c not in "\n\t" for c in cleaned)
    assert clean(cleaned) == cleaned


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x00b", r"a\x00b"),
        ("\x1b[31m", r"\x1b[31m"),
        ("\udc80", r"\udc80"),
        ("a\r\nb\rc", "a\nb\\rc"),
        ("\x85\ufffe", r"\x85\ufffe"),
        ("ä 漢 \U0001f600\n\t", "ä 漢 \U0001f600\n\t"),
    ],
)
def test_clean(text, shown):
    """Controls and lone surrogates become escapes; other characters stay."""
    assert clean(text) == shown


def test_display_path(tmp_path):
    """Relative to the import folder, to the libraries, or the bare name."""
    root = os.path.realpath(tmp_path)
    assert display_path(f"{root}/a/b.py", (root,)) == "a/b.py"
    assert display_path(np.__file__, (root,)) == "numpy/__init__.py"
    assert display_path(os.__file__, (root,)) == "os.py"
    assert display_path("/elsewhere/x.py", (root,)) == "x.py"
    assert display_path("<string>", (root,)) == "<string>"


def test_whose_file_it_is(tmp_path):
    """Libraries, the standard library, this package and nameless code are not the author's."""
    foreign = [np.__file__, os.__file__, sphinx_tape.__file__, "<frozen importlib._bootstrap>"]
    assert all(map(is_foreign, foreign))
    assert not is_foreign(str(tmp_path / "a.py"))
    assert is_library(np.__file__)
    assert not is_library(os.__file__)


def test_is_inside():
    """A folder whose name begins alike is another folder."""
    assert is_inside("/a/b", ("/a",))
    assert is_inside("/a", ("/a",))
    assert not is_inside("/ab", ("/a",))


def test_clip():
    """Long texts end in dots."""
    assert clip("abcdef", 6) == "abcdef"
    assert clip("abcdefg", 6) == "abc..."
