"""Compare one claimed slope with differences, as finely as float64 allows, and recognise kinks.

Layer `tape`. Reads a function of one number and what a rule claims of its slope at 0, makes a `Judgement`.
A disagreement at one step size proves nothing: the step may be too long for the function, too short for its
rounding, or reach over a kink. So several steps are taken, each with the rounding error it must have.
Sources: Squire and Trapp 1998 (complex step); Press et al., Numerical Recipes, section 5.7 (step sizes).
Read next: `leaf_checks.py`, `blame.py`, which probe tapes and single nodes.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from sphinx_tape.tape.differences import CENTRAL_STEP

_FACTORS = (100.0, 10.0, 1.0, 0.1, 0.01, 0.001)
_ROUNDING = 4 * 2.0**-53
"""Relative rounding error of a difference of two losses."""
_FLOOR = 0.1
"""Share of the terms that a derivative is the sum of, below which it counts as cancelled."""
_USABLE = 1e-2
"""Largest rounding error, relative to the derivative, of a step that is listened to."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Probe:
    """A real function of one number t, near 0, and what a reverse pass says of its slope there."""

    loss: Callable[[complex], Any]
    """t -> value; complex for imaginary t, if it is analytic."""
    claimed: float
    """The slope according to the rules."""
    reach: float
    """Size of what is moved: the step is at most relative to it, or to 1."""
    spread: float = 1.0
    """What the step is divided by where many elements are moved at once."""
    magnitude: float = 1.0
    """Size of the numbers that the loss is computed from: what its rounding error is relative to."""
    terms: Callable[[float], float] = lambda _step: 0.0
    """Step -> size of the terms that the slope is the sum of, which may cancel."""

    @property
    def step(self) -> float:
        """The step that suits most functions."""
        return CENTRAL_STEP * max(1.0, self.reach) / self.spread


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What the differences say of a claim."""

    verdict: Literal["right", "kink", "outside", "wrong", "unresolved"]
    """`kink`: there is no derivative, and the claim lies between the slopes on both sides, or one side has
    none. `outside`: there is none, and it does not. `unresolved`: no step says anything."""
    expected: float
    step: float


@dataclass(frozen=True, slots=True)
class _Sides:
    """The slopes on both sides at one step size."""

    step: float
    left: float
    right: float
    noise: float
    """Rounding error of each."""

    @property
    def central(self) -> float:
        return (self.left + self.right) / 2

    @property
    def gap(self) -> float:
        return abs(self.right - self.left)


def judge(probe: Probe, scale: float, tolerance: float) -> Judgement:
    """Decide between a right claim, a wrong one, a kink and rounding.

    Args:
        probe: The function and the claim.
        scale: Size of the derivative, all elements considered: errors are relative to it.
        tolerance: Largest relative error accepted.
    """
    middle = _real(probe.loss(0.0))
    sides = [_sides(probe, middle, step) for step in _steps(probe)]
    shortest = sides[-1]
    if not math.isfinite(middle) or not any(math.isfinite(side.central) for side in sides):
        one_sided = math.isfinite(middle) and math.isfinite(shortest.left) != math.isfinite(shortest.right)
        return Judgement(
            verdict="kink" if one_sided else "unresolved", expected=shortest.central, step=shortest.step
        )
    scale = max(scale, _FLOOR * _finite(probe.terms(probe.step)))
    usable = [side for side in sides if side.noise <= _USABLE * scale and not math.isnan(side.central)]
    if not usable:
        best = _best(sides)
        zero = probe.claimed == 0 == best.central
        return Judgement(verdict="right" if zero else "unresolved", expected=best.central, step=best.step)
    broken = _kink(probe, usable, tolerance * scale)
    if broken is not None:
        return broken
    # Longer steps than usual are for rough functions only: they reach far, and could hit a wrong claim.
    fine = [side for side in usable if side.step <= probe.step] or usable
    closest = min(fine, key=lambda side: abs(probe.claimed - side.central) - 4 * side.noise)
    error = abs(probe.claimed - closest.central)
    if error <= tolerance * scale + 4 * closest.noise:
        return Judgement(verdict="right", expected=closest.central, step=closest.step)
    best = _best(usable)
    return Judgement(verdict="wrong", expected=best.central, step=best.step)


def _kink(probe: Probe, usable: list[_Sides], accepted: float) -> Judgement | None:
    """Recognise a kink or a jump: the slopes on both sides stay apart, however short the step."""
    edge = usable[-1]
    if math.isfinite(edge.left) != math.isfinite(edge.right):
        return Judgement(verdict="kink", expected=edge.central, step=edge.step)
    short = [side for side in usable if side.step <= probe.step and math.isfinite(side.gap)]
    if len(short) < 2:
        return None
    wide, narrow = short[-2], short[-1]
    low, high = sorted((narrow.left, narrow.right))
    jump = abs(narrow.central) > 3 * abs(wide.central) + 10 * accepted + 8 * narrow.noise
    least = 10 * accepted + 1e-3 * max(abs(low), abs(high)) + 8 * narrow.noise
    if not jump and (narrow.gap <= least or narrow.gap < 0.3 * wide.gap):
        return None
    slack = accepted + 8 * narrow.noise + narrow.gap * 1e-3
    between = low - slack <= probe.claimed <= high + slack
    # Slopes that grow as the step shrinks have no bound, so nothing lies outside of them.
    settled = not jump and abs(narrow.gap / wide.gap - 1) < 0.03
    verdict: Literal["kink", "outside"] = "outside" if settled and not between else "kink"
    return Judgement(verdict=verdict, expected=narrow.central, step=narrow.step)


def _steps(probe: Probe) -> list[float]:
    """Return step sizes, longest first; also such as suit a number that is much smaller than 1."""
    steps = {probe.step * factor for factor in _FACTORS}
    if 0 < probe.reach < 0.1:
        steps |= {CENTRAL_STEP * probe.reach / probe.spread * factor for factor in (10.0, 1.0)}
    return sorted(steps, reverse=True)


def _sides(probe: Probe, middle: float, step: float) -> _Sides:
    above, below = _real(probe.loss(step)), _real(probe.loss(-step))
    noise = _ROUNDING * max(probe.magnitude, abs(middle)) / step
    return _Sides(step, (middle - below) / step, (above - middle) / step, noise)


def _best(sides: list[_Sides]) -> _Sides:
    """Return the sides whose step is nearest to the usual one, on a logarithmic scale."""
    finite = [side for side in sides if math.isfinite(side.central)] or sides
    # The usual step is the third of six; steps made for small numbers are shorter than all of them.
    return finite[min(2, len(finite) - 1)]


def _real(value: complex) -> float:
    return float(value.real)


def _finite(number: float) -> float:
    return number if math.isfinite(number) else 0.0
