"""Adapters that other distributions bring along, found by the package of what a builder returned.

Layer `adapters`. Only the entry points whose name is one of the asked packages are loaded; what goes wrong in
one is said with its name.
Read next: `read.py`, which asks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from sphinx_tape.adapters.protocol import GROUP
from sphinx_tape.adapters.reading import Reading
from sphinx_tape.errors import AdapterError

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

    Reader = Callable[[object], Reading | None]


def installed_readers(packages: Iterable[str]) -> Iterator[Reader]:
    """Give the functions that installed adapters offer for some top-level packages, in their order.

    Raises:
        AdapterError: Two distributions offer one for the same package, or one cannot be loaded.
    """
    from importlib.metadata import entry_points  # noqa: PLC0415 -- takes long to load, and our own tapes need none

    offered = entry_points(group=GROUP)
    for package in packages:
        # A distribution that lies on the path twice offers the same twice.
        found = {(point.value, _home(point)): point for point in offered if point.name == package}
        if len(found) > 1:
            homes = " and ".join(sorted(f"{value} of {home}" for value, home in found))
            message = f"package {package!r} must have one adapter (got {homes}); uninstall all but one"
            raise AdapterError(message)
        for point in found.values():
            yield _guarded(point, _function(point))


def _home(point: EntryPoint) -> str:
    return point.dist.name if point.dist else "an unknown distribution"


def _called(point: EntryPoint) -> str:
    return f"adapter {point.value} of {_home(point)}"


def _function(point: EntryPoint) -> Callable[..., Any]:
    """Return the function that an entry point leads to."""
    try:
        adapter = point.load()
        adapter = adapter() if isinstance(adapter, type) else adapter
    except Exception as error:
        message = (
            f"{_called(point)} must be importable (got {type(error).__name__}: {error}); "
            "mend its installation or uninstall it"
        )
        raise AdapterError(message) from error
    function = getattr(adapter, "read", adapter)
    if not callable(function):
        message = (
            f"{_called(point)} must be a function or have a function `read` "
            f"(got {type(adapter).__name__}); mend its entry point"
        )
        raise AdapterError(message)
    return function  # type: ignore[no-any-return]  # whether it takes an object shows when it is called


def _guarded(point: EntryPoint, function: Callable[..., Any]) -> Reader:
    return lambda result: checked_reading(_called(point), lambda: function(result))


def checked_reading(who: str, function: Callable[[], Any]) -> Reading | None:
    """Call code of another author's that reads a graph.

    Args:
        who: Whose fault it is if that fails.
        function: What to call.

    Raises:
        AdapterError: It raised, or returned something else than a reading or None.
    """
    try:
        reading = function()
    except Exception as error:
        message = f"{who} must read what the builder returned (got {type(error).__name__}: {error}); mend it"
        raise AdapterError(message) from error
    if reading is None or isinstance(reading, Reading):
        return reading
    message = (
        f"{who} must return a Reading or None (got {type(reading).__name__}); "
        "return what ForeignTape.reading makes"
    )
    raise AdapterError(message)
