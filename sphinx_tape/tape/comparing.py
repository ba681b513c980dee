"""Compare a whole gradient with differences: element by element, or in random directions where it is large.

Layer `tape`. Reads a `Point` (arrays that can be moved, a loss, the gradient claimed), makes a `Finding`.
Directions are the same in every run: they are drawn from a generator with a fixed seed.
Read next: `leaf_checks.py`, `blame.py`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from sphinx_tape.tape.differences import COMPLEX_STEP, Method
from sphinx_tape.tape.node import Array
from sphinx_tape.tape.probing import Judgement, Probe, judge

Arrays = Sequence[Array]

_SUSPICIOUS_GAP = 1e-2
"""Difference of the slopes on both sides, relative to the derivative, from which a kink is looked for."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Point:
    """Arrays that can be moved together, what they give, and the gradient that the rules claim."""

    values: Arrays
    """Where they stand, in double precision."""
    claims: Arrays
    """The gradient claimed, of the same shapes; dL/dRe + i dL/dIm for complex ones."""
    loss: Callable[[Arrays], Any]
    """Function of such arrays; its real part counts."""
    analytic: bool
    """Whether complex steps see all of the loss."""
    magnitude: float
    """As in `Probe`."""
    terms: Callable[[Arrays, float], float] = lambda _direction, _step: 0.0
    """Direction, step -> as in `Probe`."""

    @cached_property
    def size(self) -> int:
        """How many elements there are in all."""
        return sum(value.size for value in self.values)

    @cached_property
    def two_parts(self) -> bool:
        """Whether elements have two parts."""
        return any(np.iscomplexobj(value) for value in self.values)

    @cached_property
    def middle(self) -> float:
        """The loss where nothing is moved."""
        return float(np.real(self.loss(self.values)))

    def unit(self, flat: int, part: complex = 1.0) -> Arrays:
        """Return the direction of one element, counted through all arrays."""
        arrays = [np.zeros(value.shape, value.dtype) for value in self.values]
        for array in arrays:
            if flat < array.size:
                array.reshape(-1)[flat] = part
                break
            flat -= array.size
        return arrays

    def probe(self, direction: Arrays) -> Probe:
        """Return the loss along a direction."""
        moved = sum(int(np.count_nonzero(array)) for array in direction)
        touched = [np.abs(v[d != 0]) for v, d in zip(self.values, direction, strict=True)]
        # Exact zeros in a direction keep infinite and missing claims of other elements out of the sum.
        claimed = sum(
            float(np.sum(np.real(np.conjugate(c[d != 0]) * d[d != 0])))
            for c, d in zip(self.claims, direction, strict=True)
        )
        return Probe(
            loss=lambda t: self.loss([v + t * d for v, d in zip(self.values, direction, strict=True)]),
            claimed=claimed,
            reach=max((float(each.max()) for each in touched if each.size), default=0.0),
            spread=max(1, moved) ** 0.25,
            magnitude=self.magnitude,
            terms=lambda step: self.terms(direction, step),
        )


@dataclass(slots=True, kw_only=True)
class Finding:
    """What comparing one gradient brought to light."""

    method: Method
    directions: int = 0
    compared: int = 0
    kinks: int = 0
    """Elements or directions without a derivative."""
    outside: int = 0
    """Of these, how many whose claim lies outside of the slopes on both sides."""
    wrong: int = 0
    """How many disagree, and no kink was found."""
    unresolved: int = 0
    """How many of which no step says anything: values that are not finite, or all rounding."""
    step: float = 0.0
    error: float = 0.0
    element: int = 0
    """Counted through all arrays."""
    gradient: complex = 0.0
    expected: complex = 0.0
    tolerance: float = 0.0

    @property
    def ok(self) -> bool:
        """Whether everything agreed."""
        return not (self.kinks or self.wrong or self.unresolved)


def compare(point: Point, tolerance: float, picked: Iterable[int]) -> Finding:
    """Compare single elements.

    Args:
        point: Where, and what is claimed.
        tolerance: Largest error accepted, relative to the largest derivative found.
        picked: The elements, counted through all arrays.
    """
    elements = list(picked)
    parts: tuple[complex, ...] = (1.0, 1.0j) if point.two_parts else (1.0,)
    slopes = [_Slope(point, point.unit(flat, part), flat, part) for flat in elements for part in parts]
    found = _judged(point, slopes, tolerance)
    found.compared = len(elements)
    return found


def compare_directions(point: Point, tolerance: float, count: int, key: int) -> Finding:
    """Compare in random directions, and look for the element to blame if one disagrees.

    Args:
        point: Where, and what is claimed.
        tolerance: Largest error accepted, relative to the largest slope found.
        count: How many directions.
        key: Seed of the directions.
    """
    draw = np.random.default_rng(key)
    slopes = [_Slope(point, _signs(point, draw), -1, 1.0) for _ in range(count)]
    found = _judged(point, slopes, tolerance)
    if not found.ok:
        worst = max(slopes, key=lambda slope: _ranked(abs(slope.claimed - slope.expected)))
        single = compare(point, tolerance, [_bisect(point, worst.direction)])
        if not single.ok:
            found = single
    found.compared = found.directions = count
    return found


@dataclass(slots=True, eq=False)
class _Slope:
    """One slope, claimed and found."""

    point: Point
    direction: Arrays
    flat: int
    part: complex
    claimed: float = field(init=False)
    expected: float = field(init=False)
    step: float = field(init=False)
    method: Method = field(init=False, default="central differences")
    gap: float = field(init=False, default=0.0)
    probe: Probe = field(init=False)

    def __post_init__(self) -> None:
        self.probe = self.point.probe(self.direction)
        self.claimed = self.probe.claimed
        if self.point.analytic:
            self.step, self.method = COMPLEX_STEP, "complex step"
            self.expected = float(np.imag(self.probe.loss(1j * COMPLEX_STEP))) / COMPLEX_STEP
            return
        self.step = step = self.probe.step
        above, below = (float(np.real(self.probe.loss(t))) for t in (step, -step))
        self.expected = (above - below) / (2 * step)
        self.gap = abs(above - 2 * self.point.middle + below) / step

    def suspicious(self, scale: float, tolerance: float) -> bool:
        """Whether it is worth a closer look."""
        return (
            not abs(self.claimed - self.expected) <= tolerance * scale or self.gap > _SUSPICIOUS_GAP * scale
        )

    def settle(self, judgement: Judgement) -> None:
        """Take over what a closer look has found."""
        self.expected, self.step = judgement.expected, judgement.step
        self.method = "central differences"


def _judged(point: Point, slopes: list[_Slope], tolerance: float) -> Finding:
    """Look closer where a slope disagrees, and find the worst."""
    found = Finding(method="complex step" if point.analytic else "central differences", tolerance=tolerance)
    scale = max((size for slope in slopes for size in _sizes(slope)), default=0.0)
    smooth = []
    for slope in slopes:
        verdict = "right"
        if slope.suspicious(scale, tolerance):
            judgement = judge(slope.probe, scale, tolerance)
            slope.settle(judgement)
            verdict = judgement.verdict
        found.kinks += verdict in {"kink", "outside"}
        found.outside += verdict == "outside"
        found.wrong += verdict == "wrong"
        found.unresolved += verdict == "unresolved"
        if verdict not in {"kink", "outside"}:
            smooth.append(slope)
    worst = max(
        smooth or slopes, key=lambda slope: _ranked(abs(slope.claimed - slope.expected)), default=None
    )
    if worst is not None:
        _enter(found, worst, slopes, scale)
    return found


def _enter(found: Finding, worst: _Slope, slopes: list[_Slope], scale: float) -> None:
    """Enter the worst slope; of a complex element both parts."""
    twins = [slope for slope in slopes if slope.flat == worst.flat] if worst.flat >= 0 else [worst]
    found.step, found.method, found.element = worst.step, worst.method, max(worst.flat, 0)
    found.gradient = sum(slope.claimed * slope.part for slope in twins)
    found.expected = sum(slope.expected * slope.part for slope in twins)
    difference = abs(found.gradient - found.expected)
    found.error = difference / scale if scale else difference


def _sizes(slope: _Slope) -> list[float]:
    return [abs(size) for size in (slope.claimed, slope.expected) if math.isfinite(size)]


def _ranked(error: float) -> float:
    """Order errors with nan as the worst."""
    return math.inf if math.isnan(error) else error


def _signs(point: Point, draw: np.random.Generator) -> Arrays:
    """Draw a direction: every element moves by one, up or down."""
    made = []
    for value in point.values:
        signs = 2.0 * draw.integers(0, 2, value.shape) - 1
        if np.iscomplexobj(value):
            signs = signs + 1j * (2.0 * draw.integers(0, 2, value.shape) - 1)
        made.append(np.asarray(signs))
    return made


def _bisect(point: Point, direction: Arrays) -> int:
    """Find an element that is to blame for the disagreement along a direction."""
    low, high = 0, point.size
    while high - low > 1:
        middle = (low + high) // 2
        halves = [
            _Slope(point, _masked(direction, *ends), -1, 1.0) for ends in ((low, middle), (middle, high))
        ]
        errors = [_ranked(abs(half.claimed - half.expected)) for half in halves]
        low, high = (low, middle) if errors[0] >= errors[1] else (middle, high)
    return low


def _masked(direction: Arrays, low: int, high: int) -> Arrays:
    """Return a direction that moves only some elements, counted through all arrays."""
    made, start = [], 0
    for array in direction:
        kept = np.zeros_like(array)
        first, last = max(low - start, 0), min(high - start, array.size)
        if first < last:
            kept.reshape(-1)[first:last] = array.reshape(-1)[first:last]
        made.append(kept)
        start += array.size
    return made
