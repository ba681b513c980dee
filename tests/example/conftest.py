"""What the tests of the course share: its folder on the module search path, gradients by name."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sphinx_tape import Variable, backward

COURSE = Path(__file__).parent.parent.parent / "example_project"
sys.path.insert(0, str(COURSE))


@dataclass(frozen=True)
class Worked:
    """Values and gradients of one tape, by the names that the page shows."""

    values: dict[str, Any]
    gradients: dict[str, Any]
    contributions: dict[str, list[Any]]
    steps: int


@pytest.fixture(scope="session")
def course() -> Path:
    """The folder of the course."""
    return COURSE


@pytest.fixture(scope="session")
def work() -> Callable[..., Worked]:
    """Run the reverse pass of a builder's result and look things up by name."""

    def run(output: Variable, seed: Any = None) -> Worked:  # noqa: ANN401 -- as `backward`
        nodes = output.tape.nodes
        passed = backward(output, seed=seed)
        names = {node.id: node.name or str(node.id) for node in nodes}
        sent: dict[str, list[Any]] = {}
        for step in passed.steps:
            for item in step.contributions:
                sent.setdefault(names[item.parent], []).append(np.asarray(item.value).tolist())
        return Worked(
            {names[node.id]: node.value for node in nodes},
            {names[node.id]: passed.cotangents[node.id] for node in nodes},
            sent,
            sum(bool(step.contributions) for step in passed.steps),
        )

    return run
