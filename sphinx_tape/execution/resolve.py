"""From a builder reference to the function, in the worker.

Layer `execution`, worker side: the only place that imports an author's module. Raises `ReferenceFault` for
what may not be run; whatever the module itself raises goes through.
Read next: `loader.py`, `worker.py`.
"""

from __future__ import annotations

import inspect
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING

from sphinx_tape.errors import ReferenceFault
from sphinx_tape.execution.places import is_inside, library_folders

if TYPE_CHECKING:
    from importlib.machinery import ModuleSpec

    from sphinx_tape.execution.reference import Reference


def import_builder_module(name: str, roots: Sequence[str], *, named: bool = False) -> ModuleType:
    """Import a module, looking at each file before its code runs.

    Args:
        name: Dotted name.
        roots: Import folders, absolute.
        named: Whether the settings of the project name the module, so that it may be an installed library.

    Raises:
        ReferenceFault: There is no such module, its file lies outside of every import folder, or it is an
            installed library that nobody has named.
    """
    folders = (*roots, *(os.path.realpath(path) for path in sys.path if path))
    segments = name.split(".")
    module = None
    for count in range(1, len(segments) + 1):
        prefix = ".".join(segments[:count])
        spec = _find(prefix, name)
        _check_spec(spec, prefix, folders)
        if not named:
            _check_owner(spec, prefix, roots)
        module = import_module(prefix)
    return module  # type: ignore[return-value]  # a dotted name has at least one segment


def _find(prefix: str, name: str) -> ModuleSpec:
    try:
        spec = find_spec(prefix)
    except (ModuleNotFoundError, ValueError):
        spec = None
    if spec is None:
        message = (
            f"module {name!r} must be importable (got no module named {prefix!r}); "
            "put it beside the notes or add its folder to `tape_path`"
        )
        raise ReferenceFault(message)
    return spec


def _check_spec(spec: ModuleSpec, name: str, folders: Sequence[str]) -> None:
    places = _places(spec)
    if not places:
        message = f"module {name!r} must be a file (got a built-in module); name a module of your own"
        raise ReferenceFault(message)
    # Links are followed first: a link out of the folders would run a file that nobody listed.
    if not all(is_inside(os.path.realpath(place), folders) for place in places):
        message = (
            f"module {name!r} must lie in an import folder (got a link that leads out of them); "
            "add the folder it leads to to `tape_path`"
        )
        raise ReferenceFault(message)


def _check_owner(spec: ModuleSpec, name: str, roots: Sequence[str]) -> None:
    """Refuse a library: whoever writes a page could call any function of any of them, `pip:main` for one."""
    libraries = library_folders()
    for place in map(os.path.realpath, _places(spec)):
        # The innermost folder counts: an environment may lie in the project, or the project in one.
        owners = [folder for folder in (*roots, *libraries) if is_inside(place, (folder,))]
        if max(owners, key=len, default="") in set(libraries) - set(roots):
            message = (
                f"module {name!r} must be one of the project's (got an installed library); "
                "name it in `tape_builder_modules`, or call it from a module of your own"
            )
            raise ReferenceFault(message)


def _places(spec: ModuleSpec) -> list[str]:
    places = list(spec.submodule_search_locations or ())
    return [*places, spec.origin] if spec.has_location and spec.origin else places


def find_builder(module: ModuleType, reference: Reference) -> FunctionType:
    """Return the function that a reference names.

    Raises:
        ReferenceFault: It is missing, no plain function, or defined elsewhere.
    """
    if reference.function not in vars(module):
        message = (
            f"builder {reference} must exist (got a module without {reference.function!r}); "
            f"it has: {_functions(module)}"
        )
        raise ReferenceFault(message)
    function = vars(module)[reference.function]
    kind = _kind(function)
    if kind:
        message = f"builder {reference} must be a plain function (got {kind}); wrap it in one"
        raise ReferenceFault(message)
    home = getattr(function, "__module__", None)
    if home != reference.module:
        message = (
            f"builder {reference} must be defined in the module it is named in (got one of {home!r}); "
            "name that module, or define a function here"
        )
        raise ReferenceFault(message)
    return function  # type: ignore[no-any-return]  # `_kind` has checked it


def _kind(function: object) -> str:
    """Return what keeps an object from being a plain function, in words; empty if it is one."""
    if isinstance(function, type):
        return "a class"
    if not isinstance(function, FunctionType):
        return f"an object of type {type(function).__name__!r}"
    if inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
        return "an async function"
    return "a generator function" if inspect.isgeneratorfunction(function) else ""


def _functions(module: ModuleType) -> str:
    names = [
        name
        for name, value in vars(module).items()
        if isinstance(value, FunctionType)
        and value.__module__ == module.__name__
        and not name.startswith("_")
    ]
    return ", ".join(names[:10]) or "no function"
