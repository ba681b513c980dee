"""What figures cost while documents build: ours and its peers on the same notes, in one run.

    python tests/benchmarks/docs_build.py [--rounds 3] [--flavours prose,ours]

Every flavour is built in turn within a round, so that a busy moment of the machine hits all of them;
the table gives medians and ratios to the prose floor of the same round. A peer that is not installed
is named and left out.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from notes import FLAVOURS, Flavour, write_notes

RUNNER = """
import json, resource, sys, time
from sphinx.cmd.build import main
status = main(sys.argv[2:])
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
open(sys.argv[1], "w").write(json.dumps({"status": status, "peak": peak}))
"""

SITUATIONS = ("cold -j1", "cold -j auto", "no change", "prose edit", "builder edit", "fresh env, kept store")


class Project:
    """The notes of one flavour in a folder of their own."""

    def __init__(self, flavour: Flavour, folder: Path) -> None:
        self.flavour = flavour
        self.source = folder / flavour.name
        write_notes(flavour, self.source)
        self.times_begun = 0
        self.peak = 0

    @property
    def build_folder(self) -> Path:
        """Where everything goes that is built, stores included."""
        return self.source / "_build" / str(self.times_begun)

    def build(self, *options: str) -> float:
        """Build to HTML and return the seconds it took."""
        facts = self.source / "facts.json"
        html = self.build_folder / "html"
        doctrees = self.build_folder / "doctrees"
        command = [
            sys.executable,
            "-c",
            RUNNER,
            str(facts),
            "-q",
            "-b",
            "html",
            "-d",
            str(doctrees),
            *options,
        ]
        environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": ""}
        # Nobody is to wait for what others have left to be written.
        os.sync()
        start = time.perf_counter()
        done = subprocess.run(
            [*command, str(self.source), str(html)],
            capture_output=True,
            text=True,
            env=environment,
            check=False,
        )
        seconds = time.perf_counter() - start
        if done.returncode or json.loads(facts.read_text())["status"]:
            message = f"{self.flavour.name} {options}: {done.stderr[-2000:]}"
            raise RuntimeError(message)
        self.peak = json.loads(facts.read_text())["peak"]
        return seconds

    def begin_anew(self) -> None:
        """Build into a new folder from now on.

        Not into an emptied one: where hundreds of files have just been deleted, ext4 takes up to fifty times
        as long to create one, so that flavours would pay for what others have deleted.
        """
        self.times_begun += 1

    def edit_prose(self, round_number: int) -> None:
        """Change one sentence of one page."""
        page = self.source / f"lesson_03{self.flavour.suffix}"
        page.write_text(page.read_text() + f"\nOne more sentence, number {round_number}.\n")

    def edit_builder(self, round_number: int) -> str:
        """Change one leaf of one builder; return the value that the page must show."""
        module = self.source / "lesson_05.py"
        value = f"{0.4321 + round_number / 1000:.4f}"
        lines = module.read_text().splitlines()
        first = next(i for i, line in enumerate(lines) if line.lstrip().startswith("n0 ="))
        leaf = f"tape.leaf({value}, name='x0')" if self.flavour.name.startswith("ours") else f"Value({value})"
        lines[first] = f"    n0 = {leaf}"
        module.write_text("\n".join(lines) + "\n")
        return value

    def shows(self, value: str) -> bool:
        """Tell whether the page of the edited builder shows the value."""
        return value in (self.build_folder / "html" / "lesson_05.html").read_text()

    def output_bytes(self) -> int:
        """Return the size of the HTML output."""
        return sum(file.stat().st_size for file in (self.build_folder / "html").rglob("*") if file.is_file())


def one_round(project: Project, number: int) -> dict[str, float | bool]:
    """Build one flavour in all situations."""
    facts: dict[str, float | bool] = {}
    # Not counted: what a flavour loads may have left the memory while others were built.
    project.begin_anew()
    project.build("-j", "1")
    project.begin_anew()
    try:
        facts["cold -j auto"] = project.build("-j", "auto")
    except RuntimeError as fault:  # two of the peers crash now and then when pages are read in parallel
        print(f"{project.flavour.name} crashed under -j auto: {str(fault)[-200:]}")
        facts["cold -j auto"] = float("nan")
    project.begin_anew()
    facts["cold -j1"] = project.build("-j", "1")
    facts["peak MB"] = project.peak / 1024
    facts["output MB"] = project.output_bytes() / 1e6
    facts["no change"] = project.build()
    project.edit_prose(number)
    facts["prose edit"] = project.build()
    value = project.edit_builder(number)
    facts["builder edit"] = project.build()
    facts["right after edit"] = project.shows(value)
    facts["fresh env, kept store"] = project.build("-E", "-a")
    return facts


def installed(flavour: Flavour) -> bool:
    """Tell whether a flavour's extensions can be imported."""
    return all(importlib.util.find_spec(name.split(".", maxsplit=1)[0]) for name in flavour.extensions)


def table(results: dict[str, list[dict[str, float | bool]]]) -> str:
    """Return the medians, and the ratios to prose, as Markdown."""
    columns = [*SITUATIONS, "peak MB", "output MB"]
    lines = [
        "| flavour | " + " | ".join(columns) + " | right after edit |",
        "|---" * (len(columns) + 2) + "|",
    ]
    for name, rounds in results.items():
        cells = []
        for column in columns:
            median = statistics.median(float(facts[column]) for facts in rounds)
            ratio = statistics.median(
                float(facts[column]) / float(floor[column])
                for facts, floor in zip(rounds, results["prose"], strict=False)
            )
            cells.append(f"{median:.2f} ({ratio:.2f}x)")
        right = (
            "-"
            if name in ("prose", "graphviz_table")
            else str(all(facts["right after edit"] for facts in rounds))
        )
        lines.append(f"| {name} | " + " | ".join(cells) + f" | {right} |")
    return "\n".join(lines)


def main() -> None:
    """Build the notes in every flavour and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--flavours", default=",".join(flavour.name for flavour in FLAVOURS))
    options = parser.parse_args()
    wanted = {"prose", *options.flavours.split(",")}
    chosen = [flavour for flavour in FLAVOURS if flavour.name in wanted]
    for flavour in chosen:
        if not installed(flavour):
            print(f"{flavour.name}: left out, {', '.join(flavour.extensions)} not installed")
    with tempfile.TemporaryDirectory() as folder:
        projects = [Project(flavour, Path(folder)) for flavour in chosen if installed(flavour)]
        results: dict[str, list[dict[str, float | bool]]] = {p.flavour.name: [] for p in projects}
        for number in range(options.rounds):
            for project in projects:
                try:
                    results[project.flavour.name].append(one_round(project, number))
                except RuntimeError as fault:
                    print(f"round {number}: {str(fault)[:300]}")
        print(table({name: rounds for name, rounds in results.items() if rounds}))


if __name__ == "__main__":
    main()
