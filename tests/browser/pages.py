"""Build a project in a theme and open its pages in headless Chromium, for the tests of this folder."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.support import require_module, require_program

ROOT = Path(__file__).parents[2]
THEMES = {
    "alabaster": "alabaster",
    "furo": "furo",
    "pydata_sphinx_theme": "pydata_sphinx_theme",
    "sphinx_book_theme": "sphinx_book_theme",
    "sphinx_rtd_theme": "sphinx_rtd_theme",
}
"""Theme -> the module that must be there."""

DARK_THEMES = {"furo", "pydata_sphinx_theme", "sphinx_book_theme"}
"""Themes that have a dark side of their own."""

FOLLOW = "scheme => [document.documentElement, document.body].forEach(e => { e.dataset.theme = scheme })"

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


def build(source: Path, target: Path, theme: str) -> None:
    """Build a copy of `source` to HTML in `theme`, every warning an error."""
    require_module(THEMES[theme])
    copy = target.with_name(f"{target.name}-source")
    shutil.copytree(source, copy, ignore=shutil.ignore_patterns("_build", "__pycache__"))
    with (copy / "conf.py").open("a", encoding="utf-8") as conf:
        conf.write(f"\nhtml_theme = {theme!r}\nhtml_theme_options = {{}}\nhtml_sidebars = {{}}\n")
    command = [sys.executable, "-m", "sphinx", "-q", "-n", "-W", "-b", "html", str(copy), str(target)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@dataclass(frozen=True)
class Look:
    """One way to look at a page."""

    scheme: str = "light"
    width: int = 1280
    height: int = 900
    scripts: bool = True


@contextlib.contextmanager
def chromium():
    """Start the system's Chromium, headless."""
    playwright = require_module("playwright.sync_api")
    program = require_program("chromium")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=list(ARGUMENTS))
        yield browser
        browser.close()


@contextlib.contextmanager
def opened(browser, file: Path, look: Look, fragment: str = ""):
    """Open a built page in a fresh context with the given look."""
    context = browser.new_context(
        viewport={"width": look.width, "height": look.height},
        color_scheme=look.scheme,
        java_script_enabled=look.scripts,
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.goto(f"{file.as_uri()}{fragment}")
    if look.scripts:
        # Themes with a switch of their own follow it rather than the system.
        page.evaluate(FOLLOW, look.scheme)
    yield page
    context.close()
