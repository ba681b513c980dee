"""Live reverse-mode autodiff figures for Sphinx and MyST documents.

The package root is the public list: the tape for builders, `setup` for Sphinx. Nothing is imported
until it is asked for, so that a Sphinx process never loads NumPy only because the extension is on.
Read next: `sphinx_tape/tape/node.py`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from sphinx_tape.version import VERSION

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.util.typing import ExtensionMetadata

    from sphinx_tape.adapters.foreign import ForeignTape
    from sphinx_tape.adapters.hips import from_autograd
    from sphinx_tape.adapters.jax_program import from_jax
    from sphinx_tape.adapters.order import operands_first
    from sphinx_tape.adapters.reading import Reading
    from sphinx_tape.adapters.torch_record import from_torch
    from sphinx_tape.tape import (
        ReversePass,
        Tape,
        Variable,
        backward,
        functions,
        gradients,
        no_grad,
    )
    from sphinx_tape.tape.dependencies import depends_on

__version__ = VERSION

__all__ = [
    "ForeignTape",
    "Reading",
    "ReversePass",
    "Tape",
    "Variable",
    "__version__",
    "backward",
    "depends_on",
    "from_autograd",
    "from_jax",
    "from_torch",
    "functions",
    "gradients",
    "no_grad",
    "operands_first",
    "setup",
]

_HOMES = {
    "ForeignTape": "sphinx_tape.adapters.foreign",
    "Reading": "sphinx_tape.adapters.reading",
    "ReversePass": "sphinx_tape.tape",
    "Tape": "sphinx_tape.tape",
    "Variable": "sphinx_tape.tape",
    "backward": "sphinx_tape.tape",
    "depends_on": "sphinx_tape.tape.dependencies",
    "from_autograd": "sphinx_tape.adapters.hips",
    "from_jax": "sphinx_tape.adapters.jax_program",
    "from_torch": "sphinx_tape.adapters.torch_record",
    "gradients": "sphinx_tape.tape",
    "no_grad": "sphinx_tape.tape",
    "operands_first": "sphinx_tape.adapters.order",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401 -- the module protocol for late names (PEP 562)
    if name == "functions":
        return import_module("sphinx_tape.tape.functions")
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    message = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(message)


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register the extension with Sphinx."""
    from sphinx_tape.ext.ahead import start_ahead  # noqa: PLC0415 -- Sphinx only when asked
    from sphinx_tape.ext.config import register_settings  # noqa: PLC0415 -- as above

    register_settings(app)
    # Before the rest is loaded, which takes a while.
    ahead = start_ahead(app)
    from sphinx_tape.ext.extension import setup_extension  # noqa: PLC0415 -- as above

    return setup_extension(app, ahead)
