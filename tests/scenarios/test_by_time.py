"""Conditions that time alone makes true (spec/flows.md 5.6 and 6.1): they take people out, and let them go on, at the
instant itself, although nothing happens. The stories begin on Monday 4 May 2026 at 11:00 in Paris, where the shop is.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.cast import ANA, BEN
from tests.scenarios.test_send_window import paris
from tests.scenarios.world import World

MINUTE = timedelta(minutes=1)
GONE_QUIET = "{not: {event: visited, within: 3 days}}"
"""Days count today: a visit of the 4th is out of it at the dawn of the 7th."""
MAIL = 'send_email: {email: Hello, subject: Hello, html: "<p>Hello.</p>", skip_if_late: 2 hours}'


def trial(step: str, settings: str = "") -> str:
    return f"""
flow: Trial
audience: Customers
triggers:
  - tag_added: {{tag: trial}}
steps:
  - {step}
  - add_tag: still here
settings: {{re_entry: false{settings}}}
"""


def quiet(step: str = "delay: 30 days") -> str:
    return trial(step, f", exit_condition: {GONE_QUIET}")


def enter(world: World, text: str, **draft: object) -> int:
    world.field("RENEWS", "date")
    flow = world.flow(text)
    world.person(ANA, **draft)
    world.event(ANA, "visited")
    world.tag(ANA, "trial")
    world.settle()
    return flow


def renews(until: str = "up_to: 60 days", days: int = 8) -> str:
    wait = f"""wait_for_trigger:
      until: {{field: RENEWS, within_next: {days}}}
      {until}
      met: [{{add_tag: soon}}]
      timed_out: [{{add_tag: missed}}]"""
    return trial(wait)


@pytest.mark.parametrize(
    "step",
    [
        "delay: 30 days",
        "wait_until: {date: 2026-08-01}",
        "wait_for_trigger: {event_api: {name: paid}, up_to: 60 days}",
        "wait_for_trigger: {event_api: {name: paid}}",
    ],
)
def test_an_exit_condition_takes_out_when_its_instant_has_come(world: World, step: str) -> None:
    flow = enter(world, quiet(step))
    world.until(paris(7, 0) - MINUTE)
    assert world.at(flow, ANA) is not None
    world.until(paris(7, 0))
    assert world.path(flow, ANA)[-1] == "X01"
    assert "still here" not in world.tags_of(ANA)


def test_what_happens_meanwhile_moves_the_instant(world: World) -> None:
    flow = enter(world, quiet())
    world.until(paris(6, 12))
    world.event(ANA, "visited")
    world.settle()
    world.until(paris(9, 0) - MINUTE)
    assert world.path(flow, ANA) == ["E00", "W01"], "looked at anew, and told nothing"
    world.until(paris(9, 0))
    assert world.path(flow, ANA) == ["E00", "W01", "X01"]


def test_only_they_leave_for_whom_it_is_true(world: World) -> None:
    flow = enter(world, quiet())
    world.until(paris(5, 12))
    world.person(BEN)
    world.event(BEN, "visited")
    world.tag(BEN, "trial")
    world.settle()
    world.until(paris(7, 0))
    assert (world.at(flow, ANA), world.at(flow, BEN)) == (None, "delay")
    world.until(paris(8, 0))
    assert world.at(flow, BEN) is None


def test_a_wait_for_an_event_hears_it_also_after_it_was_looked_at(world: World) -> None:
    """Between the instant of the exit condition and the look, due times lie in the past."""
    flow = enter(world, quiet("wait_for_trigger: {event_api: {name: paid}, up_to: 60 days}"))
    world.until(paris(6, 12))
    world.event(ANA, "visited")
    world.judge()  # whoever waits is to be looked at
    world.clock.advance(MINUTE)
    world.event(ANA, "paid")
    world.judge()
    world.settle()
    assert world.path(flow, ANA) == ["E00", "W06", "B04", "B11", "X00"]


def test_a_wait_that_is_looked_at_between_still_times_out_when_it_should(world: World) -> None:
    flow = enter(world, quiet("wait_for_trigger: {event_api: {name: paid}, up_to: 5 days}"))
    for day in (6, 8):
        world.until(paris(day, 12))
        world.event(ANA, "visited")
        world.settle()
    world.until(paris(9, 11) - MINUTE)
    assert world.path(flow, ANA) == ["E00", "W06"]
    world.until(paris(9, 11) + MINUTE)
    assert world.path(flow, ANA) == ["E00", "W06", "B05", "B11", "X00"]


def test_a_wait_is_met_when_a_date_comes_near(world: World) -> None:
    """Eight days, today counted, before 24 May: the 17th."""
    flow = enter(world, renews(), fields={"RENEWS": "2026-05-24"})
    world.until(paris(17, 0) - MINUTE)
    assert world.path(flow, ANA) == ["E00", "W06"]
    world.until(paris(17, 0))
    assert world.path(flow, ANA) == ["E00", "W06", "B04", "B11", "B11", "X00"]
    assert {"soon", "still here"} <= world.tags_of(ANA)


def test_a_date_that_is_brought_forward_is_met_earlier(world: World) -> None:
    flow = enter(world, renews(), fields={"RENEWS": "2026-05-24"})
    world.until(paris(5, 0))
    world.person(ANA, fields={"RENEWS": "2026-05-14"})
    world.settle()
    world.until(paris(7, 0) - MINUTE)
    assert world.path(flow, ANA) == ["E00", "W06"]
    world.until(paris(7, 0))
    assert "soon" in world.tags_of(ANA)


def test_a_date_that_comes_too_late_is_not_waited_for(world: World) -> None:
    flow = enter(world, renews("up_to: 10 days"), fields={"RENEWS": "2026-05-24"})
    world.until(paris(14, 11) + MINUTE)
    assert world.path(flow, ANA) == ["E00", "W06", "B05", "B11", "B11", "X00"]
    assert "missed" in world.tags_of(ANA)


def test_in_a_pause_nobody_goes_on_and_who_is_to_leave_does_at_the_resume(world: World) -> None:
    flow = enter(world, quiet("delay: 1 days"))
    world.until(paris(4, 12))
    world.pause(flow)
    world.until(paris(7, 12))
    assert world.path(flow, ANA) == ["E00", "W01", "W04"]
    world.resume(flow)
    world.settle()
    assert world.path(flow, ANA) == ["E00", "W01", "W04", "X01"]


def test_a_wait_that_becomes_true_in_a_pause_goes_on_at_the_resume(world: World) -> None:
    flow = enter(world, renews(), fields={"RENEWS": "2026-05-24"})
    world.pause(flow)
    world.until(paris(18, 0))
    world.resume(flow)
    world.settle()
    assert "soon" in world.tags_of(ANA)


def test_an_exit_condition_that_is_published_later_holds_for_people_inside(world: World) -> None:
    flow = enter(world, trial("delay: 30 days"))
    world.until(paris(5, 0))
    world.flow(quiet(), on=False)
    world.publish(flow)
    world.settle()
    world.until(paris(7, 0))
    assert world.path(flow, ANA) == ["E00", "W01", "X01"]


def test_nobody_is_late_since_they_were_looked_at(world: World) -> None:
    """They were to be looked at on the 7th, and could leave on the 8th at 11: at 12 they are an hour late."""
    text = quiet("delay: 4 days").replace("add_tag: still here", MAIL)
    flow = enter(world, text)
    world.until(paris(6, 12))
    world.event(ANA, "visited")
    world.down(days=2)
    world.settle()
    assert world.path(flow, ANA) == ["E00", "W01", "W10", "S00", "X00"]
