"""The engine's benchmark runs at toy size, and its engines agree."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest


@pytest.fixture(scope="module")
def engine():
    """The benchmark script as a module."""
    spec = importlib.util.spec_from_file_location("engine_benchmark", Path(__file__).with_name("engine.py"))
    module = importlib.util.module_from_spec(spec)
    import sys

    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


def cases(engine):
    """Every graph, small."""
    return [
        engine.scalar_mlp((2, 3, 1)),
        engine.array_mlp(batch=3, sizes=(5, 4, 3)),
        engine.chain(length=8, size=2),
        engine.fan_out(width=4, size=2),
    ]


def test_every_case_prints_its_rows(engine, capsys):
    """One row per engine, with a ratio, and a verdict where there is a target."""
    for case in cases(engine):
        missed = engine.report(case, rounds=1)
        printed = capsys.readouterr().out
        assert "sphinx_tape" in printed
        assert "ours / this" in printed
        assert len(missed) <= len(case.targets)


def test_engines_that_disagree_are_found(engine):
    """The comparison before the timing fails if an engine computes something else."""
    case = engine.chain(length=4, size=2)
    runs = {**case.runs, "by hand": lambda: [np.zeros(2)] * 3}
    with pytest.raises(AssertionError):
        engine.available(engine.Case(case.title, runs, {}))


def test_missing_engine_is_skipped_with_its_reason(engine, capsys):
    """A peer that is not installed costs a line, not the benchmark."""

    def absent():
        message = "No module named 'peer'"
        raise ModuleNotFoundError(message)

    case = engine.fan_out(width=2, size=2)
    kept = engine.available(
        engine.Case(case.title, {"sphinx_tape": case.runs["sphinx_tape"], "peer": absent}, {})
    )
    assert list(kept) == ["sphinx_tape"]
    assert "peer skipped (No module named 'peer')" in capsys.readouterr().out
