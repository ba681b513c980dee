"""Random tests judge results, not the load of the machine: no deadline for single examples."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")
