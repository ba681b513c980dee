"""How an adapter for another engine looks, for those who write one.

Layer `adapters`. An adapter is a function (or a module or object with a function `read`) from what a builder
returned to a `Reading`; it is found through an entry point of the group `sphinx_tape.adapters` whose name
is the top-level package of the engine's classes. An engine of one's own can do without: a method
`__sphinx_tape__` on its objects is enough.
Read next: `foreign.py` (how a reading is made), `installed.py` (how adapters are found).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from sphinx_tape.adapters.reading import Reading
    from sphinx_tape.tape import Tape, Variable

GROUP = "sphinx_tape.adapters"
"""Group of entry points; the name of one is the top-level package of the objects that it reads."""


class Adapter(Protocol):
    """What an entry point leads to: a module or an object with this function, or the function itself."""

    def read(self, result: object, /) -> Reading | None:
        """Read the graph behind what a builder returned.

        Args:
            result: An object whose class, or a base class of it, lives in the adapter's package.

        Returns:
            What was read; None if it is an object that holds no graph.
        """


@runtime_checkable
class HasTape(Protocol):
    """An object that knows how to show itself, without any adapter."""

    def __sphinx_tape__(self) -> Reading | Tape | Variable:
        """Return the tape of which this object is the output."""
