"""The version, for every layer: importing the package root would drag the Sphinx layer in."""

from __future__ import annotations

VERSION = "0.1.0"
