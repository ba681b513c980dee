"""What every test needs: an environment that holds no surprise."""

from __future__ import annotations

import hypothesis
import pytest

# A busy machine is no fault of the code: no property test has a time limit of its own.
hypothesis.settings.register_profile("patient", deadline=None)
hypothesis.settings.load_profile("patient")

SURPRISES = ("NO_COLOR", "FORCE_COLOR", "PYTHONHASHSEED", "PYTHONPATH", "SOURCE_DATE_EPOCH", "SPHINXOPTS")
"""Variables of a developer's shell that change what Sphinx, Python or we print."""


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch):
    """Take away what would make a test pass on one machine only."""
    for name in SURPRISES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NO_COLOR", "1")
