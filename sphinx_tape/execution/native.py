"""The few functions of the C library that Python does not offer.

Layer `execution`, worker side. Looked up once, before processes are copied: each copy would pay again.
Read next: `limits.py`, `capture.py`.
"""

from __future__ import annotations

import contextlib
import ctypes
import sys

_SYMBOLS = None if sys.platform == "win32" else ctypes.CDLL(None)
_PRCTL = getattr(_SYMBOLS, "prctl", None)
_FFLUSH = getattr(_SYMBOLS, "fflush", None)


def control_process(option: int, value: int) -> None:
    """Call `prctl` (Linux); do nothing where it does not exist."""
    if _PRCTL is not None:
        with contextlib.suppress(OSError):
            _PRCTL(option, value, 0, 0, 0)


def flush_native_streams() -> None:
    """Send on what the C library still holds of the author's native output."""
    if _FFLUSH is not None:
        with contextlib.suppress(OSError):
            _FFLUSH(None)
