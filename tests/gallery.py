"""Draw the twelve kinds of graph into one page, to be looked at: `python -m tests.gallery page.html`.

Not a test. `--samples` draws the hand-made reports of the tests instead.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from sphinx_tape.render.builtin import BuiltinEngine  # noqa: E402 -- the script runs from anywhere
from sphinx_tape.render.graph import DrawnGraph, choose, draw  # noqa: E402 -- as above
from sphinx_tape.render.options import DisplayOptions  # noqa: E402 -- as above
from sphinx_tape.render.svg import drawing_html  # noqa: E402 -- as above
from tests.render.sample_reports import SAMPLES  # noqa: E402 -- as above

if TYPE_CHECKING:
    from sphinx_tape.render.layout import LayoutResult
    from sphinx_tape.report.model import TapeReport

PAGE = """<!doctype html>
<html lang="en" data-theme="{theme}"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>Gallery</title>
<link rel="stylesheet" href="{css}">
<style>body {{ max-width: 46em; margin: 1em auto; padding: 0 1em; font: 16px/1.5 sans-serif;
background: var(--tape-paper); color: var(--tape-ink); }}</style>
<body>{body}
"""


def place(drawn: DrawnGraph) -> LayoutResult:
    """Lay out in every direction worth trying and take the better one."""
    requests = [drawn.request(direction) for direction in drawn.directions]
    results = dict(zip(drawn.directions, BuiltinEngine().layout_many(requests, 10.0), strict=True))
    placed = {direction: result for direction, result in results.items() if result is not None}
    return placed[choose(placed)]


def figure(name: str, report: TapeReport, options: DisplayOptions) -> str:
    """Draw one report."""
    drawn = draw(report, options)
    return drawing_html(drawn, place(drawn), f"fig-{name}-{options.view}")


def kinds(*, samples: bool) -> dict[str, tuple[Callable[[], TapeReport], dict[str, Any]]]:
    """Name every report to draw, with display options beside the usual ones."""
    if samples:
        return {name: (make, {}) for name, make in SAMPLES.items()}
    from tests.render.graph_kinds import KINDS

    return KINDS


def main() -> None:
    """Write the page."""
    parser = argparse.ArgumentParser()
    parser.add_argument("target", type=Path)
    parser.add_argument("--dark", action="store_true")
    parser.add_argument("--samples", action="store_true")
    parser.add_argument("--view", default="grads")
    parser.add_argument("--only", default="")
    arguments = parser.parse_args()
    parts = []
    for name, (make, more) in kinds(samples=arguments.samples).items():
        if arguments.only in name:
            options = DisplayOptions(view=arguments.view, show=("graph",), open=("graph",), **more)
            parts.append(f"<h2>{name}</h2>{figure(name, make(), options)}")
    css = (ROOT / "sphinx_tape" / "static" / "tape.css").as_uri()
    theme = "dark" if arguments.dark else "light"
    arguments.target.write_text(PAGE.format(theme=theme, css=css, body="\n".join(parts)), encoding="utf-8")


if __name__ == "__main__":
    main()
