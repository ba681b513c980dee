"""How builders may be run: the settings of a whole build, as plain data.

Layer `execution`; made by `ext` from the project's configuration, read by the pool and, as JSON, by the
processes that run builders.
Read next: `pool.py`.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any, Literal, NamedTuple

MEGABYTE = 1_000_000

Isolation = Literal["fork", "fresh"]
"""`fork`: one interpreter that has imported NumPy is copied for each module, and that copy for each
figure. `fresh`: a new interpreter for each figure; slower, for platforms on which forking is not safe."""


DEFAULT_ISOLATION: Isolation = "fork" if sys.platform == "linux" else "fresh"
"""Linux is the one platform on which copying a process with NumPy in it is known to be sound."""


class ExecutionSettings(NamedTuple):
    """Everything that decides how, and whether, builders are run."""

    source_dir: Path
    """The project's source folder: first import folder, and what stored paths are relative to."""
    paths: tuple[str, ...] = ()
    """Further import folders, relative to the source folder or absolute."""
    modules: tuple[str, ...] = ()
    """Patterns of module names that may be run (`course_tapes.*`); empty: any."""
    execute: bool = True
    """False: nothing is run; only what the store already holds is shown."""
    timeout: float = 30.0
    """Seconds for importing a builder's module, and for each figure."""
    memory_limit: int = 4096
    """Megabytes that a builder may allocate; 0: no limit. Only where the platform can."""
    report_limit: int = 8
    """Megabytes of one report."""
    output_limit: int = 16
    """Megabytes that a builder may print."""
    jobs: int = 0
    """Processes that run at once; 0: as many as there are cores."""
    python: str = sys.executable
    """The interpreter that runs builders: same minor version and libraries as the one that builds."""
    isolation: Isolation = DEFAULT_ISOLATION

    @property
    def roots(self) -> tuple[str, ...]:
        """The import folders, absolute, in search order."""
        folders = [self.source_dir, *(self.source_dir / path for path in self.paths)]
        return tuple(dict.fromkeys(os.path.realpath(folder) for folder in folders))

    @property
    def workers(self) -> int:
        """How many processes run at once."""
        if self.jobs > 0:
            return self.jobs
        if hasattr(os, "sched_getaffinity"):
            return max(1, len(os.sched_getaffinity(0)))
        return max(1, os.cpu_count() or 1)

    def to_json(self) -> dict[str, Any]:
        """Return the settings as JSON data."""
        return {**self._asdict(), "source_dir": str(self.source_dir)}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> ExecutionSettings:
        """Rebuild the settings in another process."""
        changed = {
            "source_dir": Path(data["source_dir"]),
            "paths": tuple(data["paths"]),
            "modules": tuple(data["modules"]),
        }
        return cls(**{**data, **changed})
