"""Native helpers: called where they exist, and nowhere else."""

import pytest

from sphinx_tape.execution import native


def test_other_platforms(monkeypatch):
    """Where the C library has no such function, nothing happens."""
    monkeypatch.setattr(native, "_PRCTL", None)
    monkeypatch.setattr(native, "_FFLUSH", None)
    native.control_process(1, 9)
    native.flush_native_streams()


@pytest.mark.parametrize("name", ["_PRCTL", "_FFLUSH"])
def test_errors_do_no_harm(monkeypatch, name):
    """A refusal of the system is no fault of the figure."""
    calls = []

    def refuse(*arguments):
        calls.append(arguments)
        raise OSError

    monkeypatch.setattr(native, name, refuse)
    if name == "_PRCTL":
        native.control_process(1, 9)
    else:
        native.flush_native_streams()
    assert calls == [(1, 9, 0, 0, 0)] if name == "_PRCTL" else [(None,)]
