"""Tuples, lists and dictionaries of values: the values inside with their labels, and back again.

Layer `adapters`. Models keep their parameters in such containers; a tape has one leaf per array.
Read next: `hips.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

Tree = Any
"""A value, or a tuple, list or dictionary of trees."""


def leaves(tree: Tree, label: str = "") -> Iterator[tuple[str, Any]]:
    """Give the values inside of a tree, from left to right, each with a label like `params.w[0]`."""
    if not isinstance(tree, dict | list | tuple):
        yield label, tree
    for key, item in _items(tree):
        is_name = isinstance(key, str) and key.isidentifier()
        yield from leaves(item, f"{label}.{key}" if is_name else f"{label}[{key!r}]")


def mapped(function: Callable[[Any], Any], tree: Tree) -> Tree:
    """Make the tree in which every value is what a function makes of it, called from left to right."""
    if isinstance(tree, dict):
        return {key: mapped(function, item) for key, item in tree.items()}
    if isinstance(tree, list | tuple):
        items = [mapped(function, item) for item in tree]
        return type(tree)(*items) if hasattr(tree, "_fields") else type(tree)(items)
    return function(tree)


def _items(tree: Tree) -> Iterator[tuple[object, Tree]]:
    if isinstance(tree, dict):
        yield from tree.items()
    elif hasattr(tree, "_fields"):
        yield from zip(tree._fields, tree, strict=True)
    elif isinstance(tree, list | tuple):
        yield from enumerate(tree)
