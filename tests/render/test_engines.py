"""Which engine places a drawing, and what is said when another one must."""

from __future__ import annotations

import pytest

from sphinx_tape.errors import LayoutError
from sphinx_tape.render import engines
from sphinx_tape.render.builtin import layout
from sphinx_tape.render.dot import MAX_COST
from sphinx_tape.render.engines import FallbackReason, engine_id, place
from tests.benchmarks import families
from tests.support import require_program

REQUEST = families.mlp(12)


class FakeDot:
    """An engine that does as told."""

    name = "dot"

    def __init__(self, answer=None, version="9.9-1") -> None:
        self.answer, self.version, self.budgets = answer, version, []

    def layout_many(self, requests, budget):
        self.budgets.append(budget)
        return [self.answer(request) if self.answer else None for request in requests]


def broken(request):
    """Place all boxes at one spot."""
    good = layout(request)
    return good._replace(centres=(good.centres[0],) * len(good.centres))


def refuse(request):
    """Fail as an unreadable answer does."""
    message = "the answer must be readable"
    raise LayoutError(message)


def asked(choice, dot, request=REQUEST):
    """Place one request; return the result and what was said."""
    said = []
    (result,) = place([request], choice, dot=dot, on_fallback=said.append)
    return result, said


def test_builtin_is_the_default():
    """Without a word about engines, nothing outside is asked."""
    assert place([REQUEST]) == [layout(REQUEST)]


@pytest.mark.parametrize("choice", ["dot", "auto"])
def test_dot_is_taken_where_it_answers(choice):
    """A usable answer is passed on and nothing is said."""
    dot = FakeDot(lambda request: layout(request)._replace(engine="dot 9.9-1"))
    result, said = asked(choice, dot)
    assert (result.engine, said) == ("dot 9.9-1", [])
    assert dot.budgets == [engines.BUDGET]


@pytest.mark.parametrize(
    ("dot", "request_", "reason", "is_news_to_auto"),
    [
        (FakeDot(version=""), REQUEST, FallbackReason.ABSENT, False),
        (FakeDot(), families.chain(MAX_COST + 1), FallbackReason.TOO_LARGE, False),
        (FakeDot(), REQUEST, FallbackReason.NO_ANSWER, True),
        (FakeDot(broken), REQUEST, FallbackReason.UNUSABLE, True),
        (FakeDot(refuse), REQUEST, FallbackReason.UNUSABLE, True),
    ],
)
def test_every_failure_falls_back_and_is_said(dot, request_, reason, is_news_to_auto):
    """The built-in engine takes over; `dot` is told always, `auto` only what is unexpected."""
    result, said = asked("dot", dot, request_)
    assert result == layout(request_)
    assert [(fallback.index, fallback.reason) for fallback in said] == [(0, reason)]
    assert said[0].message.endswith("; the built-in layout was used")
    assert " must " in said[0].message
    assert bool(asked("auto", dot, request_)[1]) is is_news_to_auto


def test_one_failure_costs_one_drawing():
    """Others still come from `dot`, and the index says which did not."""
    middle = families.chain(9)
    dot = FakeDot(lambda request: None if request == middle else layout(request)._replace(engine="dot"))
    said = []
    found = place([REQUEST, middle, REQUEST], "dot", dot=dot, on_fallback=said.append)
    assert [result.engine.split()[0] for result in found] == ["dot", "builtin", "dot"]
    assert [fallback.index for fallback in said] == [1]


def test_nobody_needs_to_listen():
    """Falling back works without a listener."""
    assert place([REQUEST], "dot", dot=FakeDot()) == [layout(REQUEST)]


def test_engine_names_differ_by_choice():
    """Positions of one choice are never found under another; an absent program is part of the name."""
    assert len({engine_id("builtin"), engine_id("dot"), engine_id("auto")}) == 3
    assert engine_id("builtin") == f"builtin {engines.BuiltinEngine.version}"


def test_installed_dot_is_used_and_can_be_closed():
    """With the real program, the result names it; closing it ends nothing but its process."""
    require_program("dot")
    said = []
    (first,) = place([REQUEST], "dot", on_fallback=said.append)
    engines.close()
    (second,) = place([REQUEST], "dot", on_fallback=said.append)
    engines.close()
    assert said == []
    assert first == second
    assert first.engine.startswith("dot ")


def test_closing_unused_engines_is_allowed():
    """Nothing is started in order to be closed."""
    engines._installed_dot.cache_clear()
    engines.close()
    assert engines._installed_dot.cache_info().currsize == 0
