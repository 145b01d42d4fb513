"""Step: stop a flow (spec/flows.md 6.2)."""

from __future__ import annotations

import pytest

from tests.scenarios.world import World

ANA, BEN = "ana@example.com", "ben@example.com"


def series(name: str, first: str = "delay: 5 days", settings: str = "{re_entry: true}") -> str:
    return f"""
flow: {name}
audience: Customers
triggers:
  - tag_added: {name}
steps:
  - {first}
  - send_email: {{email: "{name} offer", subject: Offer, html: "<p>An offer.</p>"}}
settings: {settings}
"""


def stop(which: str, more: str = "  - add_tag: stopped\n") -> str:
    return f"""
flow: Order
audience: Customers
triggers:
  - event_api: bought
steps:
  - stop_flow: {which}
{more}"""


def test_the_run_there_ends_and_this_one_goes_on(world: World) -> None:
    welcome, other = world.flow(series("welcome")), world.flow(series("other"))
    order = world.flow(stop("welcome"))
    world.person(ANA, tags=["welcome", "other"])
    world.later(hours=1)
    world.event(ANA, "bought")
    world.settle()
    assert world.path(order, ANA) == ["E00", "B11", "B11", "X00"]
    assert world.path(welcome, ANA) == ["E00", "W01", "X16"]
    assert world.at(other, ANA) == "delay"
    world.later(days=6)
    assert len(world.mails_to(ANA)) == 1, "the other flow's"


def test_all_others_end(world: World) -> None:
    flows = [world.flow(series(name)) for name in ("welcome", "other")]
    order = world.flow(stop("all others"))
    world.person(ANA, tags=["welcome", "other"])
    world.person(BEN, tags=["welcome"])
    world.later(hours=1)
    world.event(ANA, "bought")
    world.settle()
    assert world.path(order, ANA) == ["E00", "B11", "B11", "X00"]
    assert [world.path(flow, ANA)[-1] for flow in flows] == ["X16", "X16"]
    assert world.at(flows[0], BEN) == "delay", "nobody else is touched"


def test_a_paused_flow_lets_go_at_once_too(world: World) -> None:
    welcome = world.flow(series("welcome"))
    world.flow(stop("welcome"))
    world.person(ANA, tags=["welcome"])
    world.later(hours=1)
    world.pause(welcome)
    world.event(ANA, "bought")
    world.settle()
    assert world.path(welcome, ANA) == ["E00", "W01", "X16"]


def test_it_blocks_nobody_from_coming_again(world: World) -> None:
    welcome = world.flow(series("welcome"))
    world.flow(stop("welcome"))
    world.person(ANA, tags=["welcome"])
    world.later(hours=1)
    world.event(ANA, "bought")
    world.later(hours=1)
    world.tag(ANA, remove=["welcome"])
    world.tag(ANA, "welcome")
    world.settle()
    assert world.path(welcome, ANA) == ["E00", "W01", "X16", "E00", "W01"]


def test_who_is_not_there_is_nothing_to_do(world: World) -> None:
    welcome = world.flow(series("welcome"))
    order = world.flow(stop("welcome"))
    world.person(ANA)
    world.event(ANA, "bought")
    world.settle()
    assert world.path(order, ANA) == ["E00", "B12", "B11", "X00"]
    assert world.path(welcome, ANA) == []


def test_with_no_others_there_is_nothing_to_do(world: World) -> None:
    order = world.flow(stop("all others"))
    world.person(ANA)
    world.event(ANA, "bought")
    world.settle()
    assert world.path(order, ANA) == ["E00", "B12", "B11", "X00"]


def test_this_one_ends_where_it_says_so(world: World) -> None:
    order = world.flow(stop("this", more=""))
    world.person(ANA)
    world.event(ANA, "bought")
    world.settle()
    assert world.path(order, ANA) == ["E00", "X16"]
    assert world.figure(order, "X16") == 1


@pytest.mark.parametrize(
    ("which", "code"),
    [("this", "V08"), ("Nowhere", "V06"), ("{which: named}", "V09"), ("{flow: welcome, which: others}", "V09")],
)
def test_what_stops_nothing_is_refused(world: World, which: str, code: str) -> None:
    world.flow(series("welcome"), on=False)
    assert code in world.problems(stop(which))


def test_it_is_written_back_as_it_was_read(world: World) -> None:
    world.flow(series("welcome"))
    for written in ("welcome", "all others"):
        assert world.rewritten(stop(written))["steps"][0] == {"stop_flow": written}
    assert world.rewritten(stop("this", more=""))["steps"] == [{"stop_flow": "this"}]
