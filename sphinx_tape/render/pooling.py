"""The numbers nearest to given ones that never fall.

Layer `render`, used by `placement.py` and `routing.py` to keep points in order: less its least distance from
the first, the place of a point may not be smaller than that of the one before.
Read next: `placement.py`, `routing.py`.
"""

from __future__ import annotations

from collections.abc import Sequence


def pool(numbers: Sequence[int]) -> Sequence[int]:
    """Do isotonic regression: what stands in the wrong order shares its mean (Barlow et al. 1972)."""
    if numbers == sorted(numbers):
        return numbers
    pools: list[tuple[int, int]] = []
    for number in numbers:
        total, size = number, 1
        while pools and pools[-1][0] * size >= total * pools[-1][1]:
            more, count = pools.pop()
            total, size = total + more, size + count
        pools.append((total, size))
    return [total // size for total, size in pools for _ in range(size)]
