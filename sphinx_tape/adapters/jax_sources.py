"""Where an equation of a JAX program comes from: the author's line and the scopes around it.

Layer `adapters`; nothing here imports JAX.
Read next: `jax_walk.py`.
"""

from __future__ import annotations

import os
import sys
import sysconfig
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from sphinx_tape.adapters.jax_plan import Jax, Place
from sphinx_tape.tape.node import Source

_INSTALLED = frozenset({"site-packages", "dist-packages"})
"""Folders that hold installed libraries, whichever interpreter they belong to."""
_PACKAGE = str(Path(__file__).resolve().parent.parent) + os.sep


@cache
def _standard_folders() -> tuple[str, ...]:
    return tuple(os.path.realpath(sysconfig.get_path(name)) + os.sep for name in ("stdlib", "platstdlib"))


@cache
def is_authors(file: str) -> bool:
    """Whether a file is the author's: not a library's and not ours."""
    real = os.path.realpath(file)
    if not _INSTALLED.isdisjoint(Path(real).parts):
        return False
    return not file.startswith("<") and not real.startswith((*_standard_folders(), _PACKAGE))


def place_of(equation: Jax, outer: Place, *, own: bool) -> Place:
    """Return an equation's place, inside that of the program around it.

    Args:
        equation: The equation.
        outer: Place of the nested program it stands in.
        own: Whether its line counts: JAX keeps a library's programs, with the line of their first use.
    """
    info = equation.source_info
    names = tuple(each.name for each in info.name_stack.stack if type(each).__name__ == "Scope")
    return Place((own and _line(info.traceback)) or outer.source, (*outer.scope, *names))


def _line(traceback: Jax) -> Source | None:
    """Return the innermost line of the author's in a traceback."""
    for frame in traceback.frames if traceback is not None else ():
        if is_authors(frame.file_name):
            return Source(frame.file_name, frame.line_num, frame.function_name)
    return None


def _inner(params: Mapping[str, Any]) -> Jax:
    """Return the program that an equation holds, under the name that this version of JAX gives it."""
    held = [params[name] for name in ("call_jaxpr", "jaxpr", "fun_jaxpr") if name in params]
    return getattr(held[0], "jaxpr", held[0]) if held else None


def program_file(params: Mapping[str, Any]) -> str:
    """Return the file of the function that a nested program was made of; empty if JAX does not tell."""
    inner = _inner(params)
    info = getattr(inner, "debug_info", None)
    # "name at file:line"; an attribute of its own in newer versions
    return str(getattr(info, "func_src_info", "") or "").partition(" at ")[2].rpartition(":")[0]


def program_name(params: Mapping[str, Any], default: str) -> str:
    """Return the name of the function that a nested program was made of."""
    if "name" in params:
        return _word(str(params["name"]))
    jaxpr = _inner(params)
    info = getattr(jaxpr, "debug_info", None)
    name = str(getattr(info, "func_src_info", "") or "").partition(" at ")[0]
    if not name and jaxpr is not None and len(jaxpr.eqns) == 1:
        name = str(jaxpr.eqns[0].params.get("name", ""))
    return _word(name) or default


def _word(name: str) -> str:
    """Return a function's name as a reader would say it."""
    return name.strip("_").replace("<lambda>", "lambda")


def is_library(params: Mapping[str, Any]) -> bool:
    """Whether a nested program is JAX's own."""
    home = Path(getattr(sys.modules.get("jax"), "__file__", None) or ".").resolve().parent
    file = program_file(params)
    return bool(file) and Path(file).resolve().is_relative_to(home)
