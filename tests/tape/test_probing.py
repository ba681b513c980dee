"""Claims about `sphinx_tape.tape.probing`."""

import math

import pytest

from sphinx_tape.tape.probing import Probe, judge


def probe(loss, claimed, **facts):
    return Probe(loss=loss, claimed=claimed, **{"reach": 1.0, **facts})


def verdict(loss, claimed, tolerance=1e-7, **facts):
    scale = abs(claimed) if math.isfinite(claimed) else 0.0
    return judge(probe(loss, claimed, **facts), scale or 1.0, tolerance).verdict


def test_right_and_wrong_claims():
    """The slope of exp(2t) at 0 is 2, and not 2.00001."""
    assert verdict(lambda t: math.exp(2 * t), 2.0) == "right"
    assert verdict(lambda t: math.exp(2 * t), 2.00001) == "wrong"
    assert verdict(lambda t: math.exp(2 * t), math.nan) == "wrong"


def test_the_judgement_says_what_the_slope_is():
    """With the step at which it was seen."""
    found = judge(probe(math.sin, 3.0), 1.0, 1e-7)
    assert found.expected == pytest.approx(1.0, rel=1e-8)
    assert found.step == pytest.approx(6e-6)


@pytest.mark.parametrize("claimed", [-1.0, -0.3, 0.0, 1.0])
def test_claims_between_the_slopes_of_a_kink(claimed):
    """Any number from -1 to 1 is a subgradient of |t| at 0; there is no derivative."""
    assert verdict(abs, claimed) == "kink"


def test_claims_outside_of_the_slopes_of_a_kink():
    """2 is none."""
    assert verdict(abs, 2.0) == "outside"


@pytest.mark.parametrize(
    "loss",
    [
        lambda t: float(t > 0),
        lambda t: math.copysign(1.0, t) if t else 0.0,
        lambda t: math.sqrt(t) if t >= 0 else math.nan,
        lambda t: math.sqrt(abs(t)),
    ],
    ids=["jump", "jump on both sides", "edge of the domain", "infinite slope"],
)
@pytest.mark.parametrize("claimed", [0.0, 5.0])
def test_jumps_and_edges_have_no_derivative(loss, claimed):
    """Slopes without a bound on either side: nothing can be held against a claim."""
    assert verdict(loss, claimed) == "kink"


def test_a_kink_within_the_usual_step_is_not_at_the_point():
    """|t + 1e-7| has slope 1 at 0; shorter steps see it."""
    assert verdict(lambda t: abs(t + 1e-7), 1.0) == "right"
    assert verdict(lambda t: abs(t + 1e-7), -1.0) == "wrong"


def test_steps_suit_small_numbers():
    """The logarithm at 1e-7 changes more in the usual step than differences can bear."""
    assert verdict(lambda t: math.log(1e-7 + t) if t > -1e-7 else math.nan, 1e7, reach=1e-7) == "right"


def test_rounding_proves_nothing():
    """A slope that vanishes in the rounding of what it is computed from is neither right nor wrong."""
    huge = {"magnitude": 1e14}
    assert verdict(lambda t: (t + 1e14) - 1e14, 1.0, **huge) == "unresolved"
    assert verdict(lambda _t: 0.0, 0.0, magnitude=1e12, terms=lambda _step: 1.0) == "right"


def test_what_is_not_finite_proves_nothing():
    """No step can say anything of it."""
    assert verdict(lambda _t: math.nan, 1.0) == "unresolved"
    assert verdict(lambda _t: math.inf, 1.0) == "unresolved"


def test_terms_that_cancel_set_the_scale():
    """Of terms of size 1 that cancel, a slope of 1e-9 is rounding; of others it is not."""
    loss = lambda t: t * 1e-9  # noqa: E731 -- one line
    assert judge(probe(loss, 0.0), 1e-9, 1e-7).verdict == "wrong"
    assert judge(probe(loss, 0.0, terms=lambda _step: 1.0), 1e-9, 1e-7).verdict == "right"
