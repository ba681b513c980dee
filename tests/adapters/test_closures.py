"""Backward functions: what they hold, what they want, and running them."""

import functools

import pytest

from sphinx_tape.adapters.closures import Run, held, rebound, takes_gradient
from sphinx_tape.errors import AdapterError


class Thing:
    """Something with a gradient."""

    def __init__(self, grad=0.0) -> None:
        self.grad = grad

    def method(self):
        """Send the gradient on."""
        self.other.grad += self.grad


def kinds(self, other):
    """Return backward functions of all kinds that hold two things."""

    def closure():
        return other, self

    def listed(pair=(self, other)):
        return pair

    def keyword(*, a=self, b=other):
        return a, b

    owner = Thing()
    owner.first, owner.second, owner.again = self, other, self
    return [
        closure,
        listed,
        keyword,
        functools.partial(closure),
        functools.partial(print, self, other),
        owner.method,
    ]


@pytest.mark.parametrize("place", range(6))
def test_held(place):
    """Both are found, `self` first, each once unless it is used twice."""
    self, other = Thing(), Thing()
    found = [each for each in held(kinds(self, other)[place]) if each in (self, other)]
    assert found == [self, other]


def test_an_object_that_can_be_called():
    """Its fields count."""
    thing = Thing()
    thing.inner = [Thing()]
    assert held(thing) == [0.0, thing.inner[0]]


def test_a_variable_without_a_value_yet():
    """A closure may name what has not been set."""

    def outer():
        def inner():
            return late

        found = held(inner)
        late = 3
        return found

    assert outer() == []


@pytest.mark.parametrize(
    ("function", "takes"),
    [
        (lambda: None, False),
        (lambda g: g, True),
        (lambda g=1: g, False),
        (lambda g, out=None: (g, out), True),
        (lambda *args, **kw: (args, kw), False),
        (functools.partial(lambda a, g: (a, g), 1), True),
        (Thing().method, False),
    ],
)
def test_takes_gradient(function, takes):
    """Parameters with defaults do not count."""
    assert takes_gradient(function) is takes


def test_more_parameters_are_refused():
    """There is nothing else to give."""
    with pytest.raises(AdapterError, match=r"got 2 parameters"):
        takes_gradient(lambda g, h: (g, h))


@pytest.mark.parametrize("place", range(5))
def test_rebound(place):
    """A function that holds other things instead, of every kind."""
    self, other, one, two = (Thing() for _ in range(4))
    function = rebound(kinds(self, other)[place], {self: one, other: two}.get)
    if place == 4:
        assert function.args == (one, two)
    else:
        assert set(function()) == {one, two}


def test_rebound_method_and_what_cannot_be():
    """A method gets another owner; of other objects nothing is known."""
    owner, other = Thing(), Thing()
    owner.other = owner
    function = rebound(owner.method, lambda content: other if content is owner else content)
    assert function.__self__ is other
    assert rebound(Thing(), lambda content: content) is None


def test_everything_is_put_back_even_after_a_fault():
    """The engine's gradients survive a backward function that raises."""
    a, out = Thing(5.0), Thing(7.0)

    def broken():
        a.grad += out.grad
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        Run(out, broken, [a], "grad", [0.0], ordered=True)(1.0)
    assert (a.grad, out.grad) == (5.0, 7.0)


def test_what_is_returned_must_fit():
    """One gradient per operand, and an order to tell them apart."""
    a, b, out = Thing(), Thing(), Thing()
    with pytest.raises(AdapterError, match=r"one gradient per operand, 2 \(got 3\)"):
        Run(out, lambda g: (g, g, g), [a, b], "grad", [0.0, 0.0], ordered=True)(1.0)
    with pytest.raises(AdapterError, match="in a set"):
        Run(out, lambda g: (g, g), [a, b], "grad", [0.0, 0.0], ordered=False)(1.0)
    assert Run(out, lambda g: 3 * g, [a], "grad", [0.0], ordered=True)(2.0) == [6.0]
