"""Progress of running and drawing, in Sphinx's own style.

Layer `ext`. Makes callables that the lower layers call once for every piece of work done.
Read next: `session.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sphinx.util.display import status_iterator

Step = Callable[[str], None]
"""Called with the name of what has just been done."""


@contextmanager
def progress_bar(summary: str, total: int) -> Iterator[Step]:
    """Show a bar of up to `total` steps while the block runs; nothing at all if no step is made.

    Sphinx's bar is a generator that takes its items from another one; ours are known only when a worker
    has finished, so the bar is fed from a list to which each step adds.
    """
    done: list[str] = []
    bar = status_iterator(_fed(done), summary, "brown", total)

    def step(name: str) -> None:
        done.append(name)
        next(bar)

    yield step
    if done:
        next(bar, None)


def _fed(done: list[str]) -> Iterator[str]:
    """Yield what was added; end when asked for more than that."""
    position = 0
    while position < len(done):
        yield done[position]
        position += 1
